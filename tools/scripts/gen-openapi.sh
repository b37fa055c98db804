#!/usr/bin/env bash
# Generates the OpenAPI document of the public API from proto.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/.bin:$PATH"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
(cd proto && buf generate --template buf.gen.openapi.yaml --output "$out")
(cd tools && go run ./openapi -in "$out" -out ../services/gateway/internal/edge/openapi.json)
