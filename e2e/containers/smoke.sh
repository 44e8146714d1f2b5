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
ask() { curl -fsS -m 40 -H "Authorization: Bearer $FLEET_API_TOKEN" -H 'Content-Type: application/json' "http://127.0.0.1:$@"; }
# Healthy is alive; ready is connected and polling. Asked of every container of every app.
ready() {
  for pair in gateway:8080 worker-high:9101 worker-standard:9102 worker-background:9103 worker-scheduled:9104; do
    for container in $(compose ps -q "${pair%:*}"); do
      docker exec "$container" node -e "fetch('http://127.0.0.1:${pair#*:}/readyz').then((r) => process.exit(r.ok ? 0 : 1))" || return 1
    done
  done
}
wait_ready() {
  tries=0
  until ready 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -le 60 ] || fail "not ready within 60 s: $1"
    sleep 1
  done
}
run_job() { # one real job on each queue, to its result
  csv=$(curl -fsS -H "Authorization: Bearer $FLEET_API_TOKEN" -H 'content-type: text/csv' --data-binary @"$root/examples/data/iris.csv" \
    "http://127.0.0.1:$FLEET_GATEWAY_PORT/v1/artifacts?name=iris.csv" | sed -n 's/.*"id":"\([^"]*\)".*/\1/p')
  [ -n "$csv" ] || fail 'store iris.csv'
  for job in '{"workflow":"generateImage","input":{"prompt":"a lighthouse at dusk"}}' \
    "{\"workflow\":\"analyzeData\",\"input\":{\"artifactId\":\"$csv\"}}" \
    '{"workflow":"cleanUpArtifacts","input":{}}' '{"workflow":"dailyMaintenance","input":{}}'; do
    id=$(ask "$FLEET_GATEWAY_PORT/v1/jobs" -d "$job" | sed -n 's/.*"workflow_id":"\([^"]*\)".*/\1/p')
    [ -n "$id" ] || fail "submit $job"
    outcome=$(ask "$FLEET_GATEWAY_PORT/v1/jobs/$id/result?wait=60s") || fail "the result of $job"
    printf %s "$outcome" | grep -q '"status":"completed"' || fail "$job: $outcome"
    printf '   %.200s\n' "$outcome"
  done
}
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

say 'everything is ready, and jobs run to their results; a caller without the token is refused'
wait_ready 'after up'
run_job
code=$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$FLEET_GATEWAY_PORT/v1/jobs")
[ "$code" = 401 ] || fail "without a token: $code"

say 'the dynamic configuration is mounted and the server complains of no row'
compose exec -T temporal cat /fleet/temporal-dynamic-config.yaml | grep -q enableCancelWorkerPollsOnShutdown || fail 'no file'
compose logs temporal 2>&1 | grep -iE 'dynamic config.*(unregistered|invalid|error)|unable to (read|load).*dynamic' && fail 'a dynamic row is not known'

say 'a second up passes the one-shot jobs again and leaves the rest running'
before=$(compose ps -q --status running | sort)
compose up -d --wait --wait-timeout 120 >/dev/null 2>&1 || fail 'the second up'
[ "$before" = "$(compose ps -q --status running | sort)" ] || fail 'the second up made containers anew'

say 'scale: two workers of the high queue, then one'
compose up -d --no-recreate --wait --wait-timeout 120 --scale worker-high=2 >/dev/null 2>&1 || fail 'scale up'
[ "$(running worker-high)" = 2 ] || fail "$(running worker-high) of 2 workers"
wait_ready 'two workers'
tries=0 # a worker tells the server of itself 2 s after it is ready
until ask "$FLEET_GATEWAY_PORT/v1/queues/high" | grep -q '"workers":2'; do
  tries=$((tries + 1))
  [ "$tries" -le 20 ] || fail 'the queue high does not show two workers'
  sleep 0.5
done
compose up -d --no-recreate --scale worker-high=1 >/dev/null 2>&1
[ "$(running worker-high)" = 1 ] || fail 'scale down'

say 'SIGTERM: an app stops by itself, with code 0'
compose stop worker-standard gateway >/dev/null 2>&1
for service in worker-standard gateway; do
  code=$(docker inspect --format '{{.State.ExitCode}}' "$(compose ps -aq "$service")")
  [ "$code" = 0 ] || fail "$service stopped with $code (137 = it had to be killed)"
done
compose start worker-standard gateway >/dev/null 2>&1

say 'a server restart: everything is ready again and jobs run'
compose restart temporal >/dev/null 2>&1
compose up -d --wait --wait-timeout 120 >/dev/null 2>&1 || fail 'after the restart'
wait_ready 'after the restart'
run_job

say passed
[ "${KEEP:-}" != 1 ] || echo "left running: http://127.0.0.1:$FLEET_GATEWAY_PORT with FLEET_API_TOKEN=$FLEET_API_TOKEN"
