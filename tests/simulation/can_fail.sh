#!/bin/sh
# can_fail.sh SIMULATION: whatever promise the broker breaks, the simulation notices within 1,000
# seeds.
for promise in positions-first letters-first frontier input watermark read-offset \
	low-water no-rewind drop; do
	said=$("$1" --break "$promise" --seeds 1000 2>/dev/null) && {
		echo "$promise was broken, and nobody noticed"
		exit 1
	}
	echo "$promise: $(echo "$said" | grep '^seed' | cut -c1-90)"
	echo "$said" | grep -q '^seed' || exit 1
done
