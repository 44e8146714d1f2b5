#!/bin/sh
# What the real image's entrypoint decides, without getent: bind on the container's address unless told, and when told
# to bind everywhere, tell the other roles that address.
set -eu
address=$(hostname -i | awk '{print $1}')
export BIND_ON_IP="${BIND_ON_IP:-$address}"
case $BIND_ON_IP in
  0.0.0.0 | ::0) export TEMPORAL_BROADCAST_ADDRESS="${TEMPORAL_BROADCAST_ADDRESS:-$address}" ;;
esac
exec temporal-server start
