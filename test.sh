#!/usr/bin/env bash
# Installs what the tests need (Debian 12), builds with sanitizers, runs every test and says which were
# skipped. With CI=true a skipped test is a failure.
set -euo pipefail
cd "$(dirname "$0")"
. ./packages.sh
install_packages "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cmake --preset dev >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
cmake --build --preset dev
ctest --preset dev | tee "$log"
skipped=$(sed -nE 's/^[[:space:]]*[0-9]+ - (.*) \((Skipped|Disabled|Not Run)\).*/\1/p' "$log")
if [ -n "$skipped" ]; then
  echo "SKIPPED:" $skipped
  [ "${CI:-}" != true ] || exit 1
fi
