#!/usr/bin/env bash
# Generates everything that is committed as generated: Go and OpenAPI from proto, Go from SQL, the web UI's client
# from OpenAPI (where the packages of the web UI are installed: `tools/scripts/web.sh deps`).
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/.bin:$PATH"
(cd proto && buf generate)
tools/scripts/gen-openapi.sh
for config in services/*/internal/store/sqlc.yaml; do
  sqlc generate -f "$config"
done
if [ -d frontend/node_modules ]; then
  (cd frontend && npm run --silent gen)
fi
