#!/usr/bin/env bash
# What docker-compose.yml does, on the broker of $TIDE_KAFKA: live.sh TIDEMARK SOURCE_DIR
# Topics are made, the year is loaded, tidemark runs, and the alerts are those of the files' replay.
set -euo pipefail
tidemark=$1 folder=$2/examples/bikes
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null || true; rm -rf "$work"' EXIT
export TIDEMARK_BROKERS=$TIDE_KAFKA
"$tidemark" replay "$folder/bikes.yaml" --alerts "$work/wanted" >/dev/null
# the last window stays open: its resolution is not among them
last=$(grep -o '"window_start":[0-9]*' "$work/wanted" | sort -t: -k2 -n | tail -1)
grep -v "$last" "$work/wanted" | sort >"$work/expected"
[ -s "$work/expected" ]
"$tidemark" check --create-topics --partitions 1 "$folder/kafka.yaml" >/dev/null
"$folder/load.py"
"$tidemark" run "$folder/kafka.yaml" >"$work/out" 2>"$work/log" &
pid=$!
for ((i = 0; i < 240; i++)); do
  kcat -C -q -e -b "$TIDE_KAFKA" -t bike.alerts -o beginning -X isolation.level=read_committed | sort >"$work/got"
  [ "$(wc -l <"$work/got")" -lt "$(wc -l <"$work/expected")" ] || break
  kill -0 "$pid" || { cat "$work/log" >&2; exit 1; }
  sleep 0.5
done
diff "$work/expected" "$work/got"
kill "$pid"
code=0
wait "$pid" || code=$?
pid=
[ "$code" = 130 ] || { cat "$work/log" >&2; echo "exit $code" >&2; exit 1; }
echo "$(wc -l <"$work/got") alerts as in the replay"
