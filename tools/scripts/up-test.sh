#!/usr/bin/env bash
# Follows the README's first command as a person would: starts everything, waits for the link, asks, interrupts, starts again.
set -euo pipefail
cd "$(dirname "$0")/../.."
data=$(mktemp -d /tmp/aqtra-up.XXXXXX)
chmod 755 "$data"
log=$data.log
port=${AQTRA_UP_PORT:-18443}
export AQTRA_DATA=$data AQTRA_LISTEN=localhost:$port AQTRA_METRICS_LISTEN=localhost:$((port + 1))
pid=
cleanup() { [ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null || true; rm -rf "$data" "$log"; }
trap cleanup EXIT

# start runs the program that make up runs; make itself would hide the exit code of an interrupt.
start() {
  : >"$log"
  .bin/aqtra >"$log" 2>&1 &
  pid=$!
  for _ in $(seq 1 600); do
    if grep -q '^Aqtra is ready' "$log"; then return 0; fi
    kill -0 "$pid" 2>/dev/null || { cat "$log"; echo 'aqtra ended early'; exit 1; }
    sleep 0.1
  done
  cat "$log"
  echo 'aqtra was not ready within 60 s'
  exit 1
}
stop() {
  kill -INT "$pid"
  wait "$pid" || { cat "$log"; echo 'the stop was not clean'; exit 1; }
  pid=
}
ask() { curl -fsS --tlsv1.3 --cacert "$data/certs/ca.crt" "https://localhost:$port$1"; }

make --no-print-directory build >/dev/null
start
grep -q '#token=' "$log" || { cat "$log"; echo 'no one-time link'; exit 1; }
ask /readyz >/dev/null
document=$(ask /v1/openapi.json)
[[ $document == *'"openapi"'* ]] || { echo 'no OpenAPI document'; exit 1; }
token=$(sed -n 's/.*#token=//p' "$log")
ask_setup() {
  curl -fsS --tlsv1.3 --cacert "$data/certs/ca.crt" -H 'Content-Type: application/json' \
    -d "{\"token\":\"$token\",\"tenantName\":\"Test\",\"email\":\"first@example.com\",\"password\":\"correct horse battery\",\"displayName\":\"First\",\"returnToken\":true}" \
    "https://localhost:$port/v1/setup:complete"
}
session=$(ask_setup)
[[ $session == *'"operator":true'* ]] || { echo "setup answered $session"; exit 1; }
stop
start
if grep -q '#token=' "$log"; then echo 'a second one-time link although there is an administrator'; exit 1; fi
ask /readyz >/dev/null
stop
echo 'make up: starts, sets up, stops cleanly, finds its data again'
