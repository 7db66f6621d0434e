#!/usr/bin/env bash
# Installs what the program needs (Debian 12), builds it, runs the demo. Options go to the demo.
# A second run installs and compiles nothing.
set -euo pipefail
root=$(cd "$(dirname "$0")" && pwd)
cd "$root"
. ./packages.sh
install_packages "${BUILD_PACKAGES[@]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() { "$@" >"$log" 2>&1 || { cat "$log" >&2; echo "failed: $*" >&2; exit 1; }; }
quietly cmake --preset release
quietly cmake --build --preset release
program=build/release/tidemark
if [ ! -x "$program" ]; then
  echo "the build made no $program: this checkout has the libraries but not the program yet" >&2
  exit 70
fi
code=0
"$program" demo "$@" || code=$?
if [ "$code" = 0 ]; then
  echo "results and alerts: $root/tidemark-demo/"
fi
exit "$code"
