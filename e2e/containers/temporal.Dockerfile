# Stand-ins for temporalio/server, temporalio/admin-tools and temporalio/ui, one target each. Like the real ones they
# run as `temporal` (uid 1000) on a busybox userland and are configured by the environment alone.
FROM scratch AS base
COPY busybox /bin/busybox
RUN ["/bin/busybox", "mkdir", "-p", "/usr/bin", "/usr/sbin", "/sbin", "/etc", "/tmp", "/home/temporal", "/usr/local/bin"]
RUN ["/bin/busybox", "--install", "-s"]
RUN chmod 1777 /tmp \
 && echo 'root:x:0:0:root:/root:/bin/sh' >/etc/passwd \
 && echo 'temporal:x:1000:1000::/home/temporal:/bin/sh' >>/etc/passwd \
 && printf 'root:x:0:\ntemporal:x:1000:\n' >/etc/group \
 && chown 1000:1000 /home/temporal
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

FROM base AS server
COPY temporal-server /usr/local/bin/
COPY temporal-server-entrypoint.sh /etc/temporal/entrypoint.sh
WORKDIR /etc/temporal
USER temporal
CMD ["/etc/temporal/entrypoint.sh"]

FROM base AS admin-tools
COPY temporal temporal-sql-tool /usr/local/bin/
COPY schema /etc/temporal/schema
USER temporal
CMD ["sh", "-c", "trap exit INT HUP TERM; sleep infinity"]

FROM base AS ui
COPY ui-server /home/ui-server/ui-server
COPY ui-config/docker.yaml /home/ui-server/config/docker.yaml
WORKDIR /home/ui-server
USER temporal
EXPOSE 8080
ENTRYPOINT ["./ui-server", "--env", "docker", "start"]
