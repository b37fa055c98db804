#!/usr/bin/env bash
# Builds the web UI into the folder that the gateway embeds, where it is not fresh. `web.sh deps` only installs its packages.
set -euo pipefail
cd "$(dirname "$0")/../../frontend"
dist=../services/gateway/internal/web/dist
lock=node_modules/.aqtra-package-lock.json

command -v npm >/dev/null 2>&1 || { echo 'the web UI needs Node 20.19 or newer with npm' >&2; exit 1; }
if ! cmp -s package-lock.json "$lock"; then
  echo 'installing the packages of the web UI'
  npm ci --silent --no-audit --no-fund --ignore-scripts
  cp package-lock.json "$lock"
fi
[ "${1:-}" = deps ] && exit 0

# What the build reads, by content: a fresh clone has no times to go by.
sum=$(find package-lock.json index.html vite.config.ts tsconfig.json build public scripts src -type f ! -name '*.test.*' ! -name '*.md' -print0 |
  LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)
stamp=$dist/.vite/source
[ -f "$dist/index.html" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$sum" ] && exit 0
echo 'building the web UI'
log=$(mktemp)
trap 'rm -f "$log"' EXIT
npm run --silent build >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
grep '^first load' "$log"
echo "$sum" >"$stamp"
