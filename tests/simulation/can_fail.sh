#!/bin/sh
# can_fail.sh SIMULATION [PROMISE]: whatever promise the broker breaks, the simulation notices within
# 1,000 seeds. Without a promise all of them, two at a time; those that take hundreds of seeds only
# where SIMULATION_ALL is set.
promises='positions-first letters-first no-positions no-state read-offset low-water no-rewind
drop fencing generation snapshot-offset'
[ -z "$SIMULATION_ALL" ] || promises="$promises watermark unstable state-short keep-producer"
if [ $# -eq 1 ]; then
	printf '%s\n' $promises | xargs -P 2 -n 1 "$0" "$1"
	exit
fi
said=$("$1" --break "$2" --seeds 1000 2>/dev/null) && {
	echo "$2 was broken, and nobody noticed"
	exit 1
}
echo "$2: $(echo "$said" | grep '^seed' | cut -c1-90)"
echo "$said" | grep -q '^seed'
