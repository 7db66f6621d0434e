#!/usr/bin/env bash
# A Kafka 4.3.0 on the loopback for tests: `broker.sh start DIR PORT [NODE NODES]`, `broker.sh stop DIR`.
# Takes PORT for clients and PORT+1 for its controller; node N of several the two ports 2(N-1) further on,
# with PORT the same for all. Several wait for each other, so they are started at once; they keep every
# record on all of them and need all but one. A second start goes on with the log. Needs java and mvn.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
jars=${XDG_CACHE_HOME:-$HOME/.cache}/tidemark/kafka-4.3.0

jars_are_whole() {
  [ -d "$jars" ] && (cd "$jars" && sha256sum --check --quiet --strict "$here/kafka-4.3.0.sha256") 2>/dev/null
}

# Into a folder of its own first, so that two that start at once, or one that was cut off, do no harm.
fetch() {
  jars_are_whole && return 0
  local try new
  mkdir -p "$(dirname "$jars")"
  for try in 1 2 3; do
    new=$(mktemp -d "$jars.XXXXXX")
    if mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$new" &&
      (cd "$new" && sha256sum --check --quiet --strict "$here/kafka-4.3.0.sha256"); then
      rm -rf "$jars"
      mv -T "$new" "$jars" 2>/dev/null || rm -rf "$new"
      jars_are_whole && return 0
    fi
    rm -rf "$new"
    sleep $((try * 2))
  done
  echo "broker.sh: could not fetch Kafka 4.3.0 whole (see tests/kafka/kafka-4.3.0.sha256)" >&2
  return 1
}

# KAFKA_NODE_ID=1 of broker.env is node.id=1 here.
write_config() {
  local dir=$1 base=$2 node=$3 nodes=$4 port=$(($2 + 2 * $3 - 2)) voters= i
  for ((i = 1; i <= nodes; i++)); do
    voters+=,$i@127.0.0.1:$((base + 2 * i - 1))
  done
  sed -n 's/^KAFKA_//p' "$here/broker.env" | while IFS='=' read -r name value; do
    name=${name//_/.}
    echo "${name,,}=$value"
  done >"$dir/server.properties"
  cat >>"$dir/server.properties" <<END
node.id=$node
controller.quorum.voters=${voters#,}
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$((port + 1))
advertised.listeners=PLAINTEXT://127.0.0.1:$port
log.dirs=$dir/data
END
  ((nodes == 1)) || cat >>"$dir/server.properties" <<END
default.replication.factor=$nodes
min.insync.replicas=$((nodes - 1))
offsets.topic.replication.factor=$nodes
transaction.state.log.replication.factor=$nodes
transaction.state.log.min.isr=$((nodes - 1))
END
}

start() {
  local dir=$1 node=${3:-1} nodes=${4:-1} port pid i
  port=$(($2 + 2 * node - 2))
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  fetch
  write_config "$dir" "$2" "$node" "$nodes"
  java -Xmx384m -cp "$jars/*" kafka.tools.StorageTool format --ignore-formatted \
    -t dGlkZW1hcmstdGVzdC0wMQ -c "$dir/server.properties" >"$dir/format.log" 2>&1 ||
    { cat "$dir/format.log" >&2; return 1; }
  setsid java -Xmx384m -Xms128m -XX:+UseSerialGC -cp "$jars/*" kafka.Kafka "$dir/server.properties" \
    >"$dir/broker.log" 2>&1 </dev/null &
  pid=$!
  echo "$pid" >"$dir/pid"
  for ((i = 0; i < 600; i++)); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      return 0
    fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  tail -20 "$dir/broker.log" >&2
  stop "$dir"
  return 1
}

# Only the process whose command line names this folder's configuration: pids are used again.
stop() {
  local dir pid i
  dir=$(cd "$1" && pwd)
  [ -f "$dir/pid" ] || return 0
  pid=$(<"$dir/pid")
  if tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | grep -qxF "$dir/server.properties"; then
    kill "$pid" 2>/dev/null || true
    for ((i = 0; i < 100; i++)); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -9 "$pid" 2>/dev/null || true
  fi
  rm -f "$dir/pid"
}

case ${1:-} in
start) start "${@:2}" ;;
stop) stop "$2" ;;
*) echo "usage: broker.sh start DIR PORT [NODE NODES] | stop DIR" >&2; exit 64 ;;
esac
