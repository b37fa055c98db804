#!/usr/bin/env bash
# Packs all charts into .charts, each with the charts that it depends on. Needs no network. Leaves charts/<name>/charts behind, so
# that charts can also be rendered from their folders.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/.bin:$PATH"
out=$PWD/.charts
mkdir -p "$out"
rm -f "$out"/*.tgz
# Those of the platform come after those that they need.
for chart in gateway component-library workflow dataflow storage python-runner trial platform; do
  helm dependency build --skip-refresh "charts/$chart" >/dev/null 2>&1 || helm dependency update --skip-refresh "charts/$chart" >/dev/null
  helm package --destination "$out" "charts/$chart" >/dev/null
done
[ ! -f charts/monitoring/Chart.yaml ] || helm package --destination "$out" charts/monitoring >/dev/null
ls "$out"
