#!/usr/bin/env bash
# Installs what the program needs (Debian 12), builds it, runs the demo. A config may be named: it is watched instead.
# A second run installs and compiles nothing.
set -euo pipefail
root=$(cd "$(dirname "$0")" && pwd)
cd "$root"
. ./packages.sh
install_packages "${BUILD_PACKAGES[@]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() { "$@" >"$log" 2>&1 || { cat "$log" >&2; echo "failed: $*" >&2; exit 1; }; }
program=build/release/tidemark
[ -x "$program" ] || echo "building $program"
quietly cmake --preset release
quietly cmake --build --preset release --target tidemark
"$program" demo "$@"
echo "program: $program, in $root"
