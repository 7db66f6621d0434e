#!/usr/bin/env bash
# Runs one test program against a broker of its own: run.sh PROGRAM [ARGUMENT...]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d "${TMPDIR:-/tmp}/tidemark-kafka.XXXXXX")
cleanup() {
  "$here/broker.sh" stop "$dir" || true
  rm -rf "$dir"
}
trap cleanup EXIT
is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
port=
for _ in {1..50}; do
  port=$((20000 + RANDOM % 10000))
  is_free "$port" && is_free $((port + 1)) && break
done
"$here/broker.sh" start "$dir" "$port"
TIDE_KAFKA=127.0.0.1:$port "$@"
