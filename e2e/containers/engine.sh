#!/bin/sh
# Gives a Debian machine a container engine: dockerd (started in the background) and `docker compose`.
# Idempotent: what is already there is left as it is. Needs root, apt and Go.
set -eu

compose_version=v2.29.7 # the newest line whose module `go install` accepts: later ones use replace directives

if ! command -v dockerd >/dev/null || ! command -v debootstrap >/dev/null || ! command -v iptables >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends docker.io iptables debootstrap
fi

if ! docker compose version >/dev/null 2>&1; then
  bin=$(mktemp -d)
  GOBIN=$bin nice go install "github.com/docker/compose/v2/cmd@$compose_version"
  mkdir -p ~/.docker/cli-plugins
  mv "$bin/cmd" ~/.docker/cli-plugins/docker-compose
  rmdir "$bin"
fi

if ! docker info >/dev/null 2>&1; then
  log=${DOCKERD_LOG:-/var/log/dockerd.log}
  setsid nohup dockerd >"$log" 2>&1 &
  tries=0
  until docker info >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -le 60 ] || { echo "dockerd did not start within 60 s; its log: $log" >&2; exit 1; }
    sleep 1
  done
fi

echo "engine ready: $(docker version --format 'dockerd {{.Server.Version}}'), compose $compose_version"
