#!/usr/bin/env bash
# Tests images and charts on a real Kubernetes, and prints what each step took.
#   AQTRA_KUBE_CONTEXT  a kubectl context to use; it also needs AQTRA_KUBE_REGISTRY, a registry and prefix that its nodes pull from
#                       and this machine may push to. Without it a cluster of tools/kube is made, and ended afterwards.
#   AQTRA_KUBE_RUN      only tests that match, as in go test -run
# The previous version, for the upgrade, is the newest tag v*; without one, this source built as version 0.0.9.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
version=$(sed -n 's/^appVersion: *"\?\([^"]*\)"\?$/\1/p' charts/platform/Chart.yaml)
work=$(mktemp -d /tmp/aqtra-k8s.XXXXXX)
kube=$root/tools/kube/kube
ours=
cleanup() {
  if [ -n "$ours" ]; then "$kube" down; fi
  git worktree remove --force "$work/previous" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
export PATH="$root/.bin:$PATH"
started=$EPOCHREALTIME
phase() { awk -v a="$started" -v b="$EPOCHREALTIME" -v n="$1" 'BEGIN { printf "== %-34s %6.1f s\n", n, b - a }'; started=$EPOCHREALTIME; }

if [ -z "${AQTRA_KUBE_CONTEXT:-}" ]; then
  "$kube" tools
  phase 'tools of the cluster'
fi

# build VERSION SOURCE: images to .images or a folder beside it, charts to $work/charts.
build() {
  local out=$root/.images
  if [ "$1" != "$version" ]; then out=$out/$1; fi
  local push=()
  if [ -n "${AQTRA_KUBE_REGISTRY:-}" ]; then push=(--push "$AQTRA_KUBE_REGISTRY/aqtra"); fi
  (cd tools && go run ./images --source "$2" --version "$1" --out "$out" "${push[@]}")
}
previous=0.0.9 source=$root
if tag=$(git describe --tags --abbrev=0 --match 'v*' 2>/dev/null); then
  previous=${tag#v}
  git worktree add --detach "$work/previous" "$tag" >/dev/null
  source=$work/previous
  # The web UI is built, not kept; that of the newer version does for this test.
  cp -r "$root/services/gateway/internal/web/dist/." "$source/services/gateway/internal/web/dist/"
fi
if [ "$previous" = "$version" ]; then echo "test-k8s: version $version is the previous one: raise it in the charts"; exit 1; fi
build "$version" "$root"
phase "images of $version"
build "$previous" "$source"
phase "images of $previous"

tools/scripts/charts.sh >/dev/null
mkdir "$work/charts"
cp .charts/aqtra-"$version".tgz "$work/charts"
if [ "$source" = "$root" ]; then
  # The same chart under the earlier version, its parts included.
  mkdir "$work/unpacked"
  tar -xmzf .charts/aqtra-"$version".tgz -C "$work/unpacked"
  find "$work/unpacked" -name Chart.yaml -exec sed -i "s/^\(appVersion\|version\): .*/\1: \"$previous\"/" {} +
  sed -i "s/version: \"\?$version\"\?/version: \"$previous\"/" "$work/unpacked/aqtra/Chart.yaml"
  rm -f "$work/unpacked/aqtra/Chart.lock"
  helm package --destination "$work/charts" "$work/unpacked/aqtra" >/dev/null
else
  (cd "$source" && tools/scripts/charts.sh >/dev/null && cp .charts/aqtra-"$previous".tgz "$work/charts")
fi
phase 'charts'

(cd tools && go test -c -o "$work/k8s.test" ./k8s && go test -c -o "$work/e2e.test" ./e2e)
phase 'tests compiled'

run=()
if [ -n "${AQTRA_KUBE_CONTEXT:-}" ]; then
  kubectl config view --raw --minify --flatten --context="$AQTRA_KUBE_CONTEXT" >"$work/kubeconfig"
  export KUBECONFIG=$work/kubeconfig
else
  "$kube" status >/dev/null 2>&1 || { ours=yes; "$kube" up; }
  run=("$kube" exec)
  "$kube" load .images/*.oci.tar ".images/$previous"/*.oci.tar >/dev/null
  phase 'cluster up, images loaded'
fi
cd tools/k8s
AQTRA_K8S=1 AQTRA_K8S_VERSION=$version AQTRA_K8S_PREVIOUS=$previous AQTRA_K8S_CHARTS=$work/charts AQTRA_K8S_E2E=$work/e2e.test \
  AQTRA_K8S_REGISTRY=${AQTRA_KUBE_REGISTRY:-} "${run[@]}" "$work/k8s.test" -test.v -test.timeout 20m -test.run "${AQTRA_KUBE_RUN:-.}"
phase 'tests'
ls -l "$root"/.images/*.oci.tar | awk '{ n = split($NF, p, "/"); printf "image %-28s %5.1f MB\n", p[n], $5 / 1e6 }'
