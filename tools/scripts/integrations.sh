#!/usr/bin/env bash
# Tests the API against its own OpenAPI document with schemathesis, which comes from PyPI into a virtual environment of ours.
set -euo pipefail
cd "$(dirname "$0")/../.."
venv=$PWD/.cache/integrations
wanted=$(sha256sum tools/integrations/requirements.txt | cut -d' ' -f1)
if [ "$(cat "$venv/wanted" 2>/dev/null)" != "$wanted" ]; then
  echo 'making the virtual environment'
  rm -rf "$venv"
  if ! python3 -m venv "$venv" >/dev/null 2>&1; then
    rm -rf "$venv"
    [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null || { echo 'missing: venv for python3, for example: sudo apt-get install python3-venv' >&2; exit 1; }
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
    python3 -m venv "$venv"
  fi
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r tools/integrations/requirements.txt
  echo "$wanted" >"$venv/wanted"
fi
# The certificate is that of the installation, whatever this machine trusts.
unset REQUESTS_CA_BUNDLE CURL_CA_BUNDLE
AQTRA_BIN=${AQTRA_BIN:-$PWD/.bin} PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python" -u tools/integrations/run.py
