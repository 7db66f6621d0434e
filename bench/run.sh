#!/usr/bin/env bash
# Builds what is installed and measures it: bench/run.sh [files|topics|live] [COUNT COUNT]
# files (the rule): replay of files beside a reader of lines. topics: replay from a broker of its own on
# the loopback beside a consumer that does nothing. live: run beside replay from topics, and a restart.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-files}
shift || true
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{ cmake --preset release && cmake --build --preset release; } >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
case $what in
files) python3 bench/measure.py build/release cpu "$@" ;;
topics) tests/kafka/run.sh python3 bench/measure.py build/release topics "$@" ;;
live) tests/kafka/run.sh python3 bench/live.py build/release "$@" ;;
*) echo "usage: bench/run.sh [files|topics|live] [COUNT COUNT]" >&2; exit 64 ;;
esac
