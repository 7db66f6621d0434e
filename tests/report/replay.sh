#!/usr/bin/env bash
# Two replays of the example write the same page: replay.sh TIDEMARK SOURCE_DIR. The page goes to stdout.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for i in 1 2; do
  "$1" replay "$2/examples/bikes/bikes.yaml" --report "$work/$i.html" >"$work/out"
done
cmp "$work/1.html" "$work/2.html"
cat "$work/1.html"
