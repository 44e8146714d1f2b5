#!/bin/sh
# Runs docker/compose.yaml as it is, from nothing to nothing, and checks what it promises. Needs an engine and either
# an image registry or the stand-ins of prepare.sh. Its own project name and ports: a fleet that runs is not touched.
#   KEEP=1 leaves it running.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
compose() { docker compose -p temporal-fleet-smoke -f "$root/docker/compose.yaml" "$@"; }
say() { echo "== $(date +%T) $1"; }
fail() { echo "FAILED: $1" >&2; compose ps -a >&2; compose logs --tail 30 >&2; exit 1; }
get() { curl -fsS -m 5 "http://127.0.0.1:$1"; }
running() { compose ps -q --status running "$1" | wc -l; }

say 'without FLEET_API_TOKEN compose refuses and says why'
if message=$(env -u FLEET_API_TOKEN docker compose --env-file /dev/null -f "$root/docker/compose.yaml" config -q 2>&1); then
  fail 'it did not refuse'
fi
echo "$message" | grep -q 'FLEET_API_TOKEN must be set' || fail "unclear: $message"

export FLEET_API_TOKEN="${FLEET_API_TOKEN:-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')}"
export FLEET_GATEWAY_PORT="${SMOKE_GATEWAY_PORT:-18080}" FLEET_TEMPORAL_UI_PORT="${SMOKE_UI_PORT:-18233}"
[ "${KEEP:-}" = 1 ] || trap 'compose down -v --timeout 5 >/dev/null 2>&1' EXIT

say 'build'
compose build --quiet

say 'up, until everything is healthy'
compose up -d --wait --wait-timeout 300 || fail 'not everything became healthy'

say 'the gateway answers, the UI answers, neither beyond loopback'
get "$FLEET_GATEWAY_PORT/healthz" >/dev/null || fail 'gateway /healthz'
get "$FLEET_TEMPORAL_UI_PORT/healthz" >/dev/null || fail 'UI /healthz'
for service in gateway:8080 temporal-ui:8080; do
  compose port "${service%:*}" "${service#*:}" | grep -q '^127\.0\.0\.1:' || fail "$service is published beyond loopback"
done

say 'the server reads the dynamic configuration'
compose exec -T temporal cat /fleet/temporal-dynamic-config.yaml | grep -q enableCancelWorkerPollsOnShutdown || fail 'no file'
compose logs temporal 2>&1 | grep -iE 'dynamic config.*(unregistered|invalid|error)|unable to (read|load).*dynamic' && fail 'a dynamic row is not known'

say 'a second up changes nothing, and the one-shot jobs pass again'
compose up -d --wait --wait-timeout 120 >/dev/null 2>&1 || fail 'the second up'

say 'scale: two workers of the high queue, then one'
compose up -d --no-recreate --wait --wait-timeout 120 --scale worker-high=2 >/dev/null 2>&1 || fail 'scale up'
[ "$(running worker-high)" = 2 ] || fail "$(running worker-high) of 2 workers"
compose up -d --no-recreate --scale worker-high=1 >/dev/null 2>&1
[ "$(running worker-high)" = 1 ] || fail 'scale down'

say 'SIGTERM: an app stops by itself, with code 0'
compose stop worker-standard gateway >/dev/null 2>&1
for service in worker-standard gateway; do
  code=$(docker inspect --format '{{.State.ExitCode}}' "$(compose ps -aq "$service")")
  [ "$code" = 0 ] || fail "$service stopped with $code (137 = it had to be killed)"
done
compose start worker-standard gateway >/dev/null 2>&1

say 'a server restart: everything is healthy again'
compose restart temporal >/dev/null 2>&1
compose up -d --wait --wait-timeout 120 >/dev/null 2>&1 || fail 'after the restart'

say passed
[ "${KEEP:-}" != 1 ] || echo "left running: http://127.0.0.1:$FLEET_GATEWAY_PORT with FLEET_API_TOKEN=$FLEET_API_TOKEN"
