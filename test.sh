#!/usr/bin/env bash
# Installs what the tests need (Debian 12), builds with sanitizers, runs every test.
set -euo pipefail
cd "$(dirname "$0")"
. ./packages.sh
install_packages "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}"
cmake --preset dev >build-dev.log 2>&1 || { cat build-dev.log; exit 1; }
rm -f build-dev.log
cmake --build --preset dev
ctest --preset dev
