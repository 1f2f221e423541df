#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Studies: points over frames that were read once, on one thread and on two.
#
#	bench/study.sh DMASIM BENCH [FRAMES [ROUNDS]]
#
# Generates a capture and prints a table; each figure is the median of ROUNDS
# (3) runs that alternate.  A further point is held against a simulation alone:
# BENCH/alone, frames from an array.
set -euo pipefail
export LC_ALL=C

dmasim=$(realpath "$1")
bench=$(realpath "$2")
frames=${3:-300000}
rounds=${4:-3}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
"$dmasim" trace gen -q "gen:imix,rate=2Gbps,frames=$frames" -o cap.pcap

# Seconds on the clock and of processors, of a command.
TIMEFORMAT='%R %U'
measure() {
	local name=$1
	shift
	{ time "$@" >/dev/null 2>&1; } 2>>"$name"
}
sweep() {
	rm -rf out
	"$dmasim" sweep -q --yes -j "$1" --axis "nic.tx_ring=$2" -o out cap.pcap
}
median() { sort -g -k"$2" "$1" | awk -v c="$2" '{ v[NR] = $c }
	END { print v[int((NR + 1) / 2)] }'; }

for ((i = 0; i < rounds; i++)); do
	echo "0 $("$bench/alone" cap.pcap)" >>alone
	measure one sweep 1 256
	measure sixteen sweep 1 64..1024/64
	measure sixteen2 sweep 2 64..1024/64
done

awk -v frames="$frames" -v alone="$(median alone 2)" -v one="$(median one 2)" \
	-v all="$(median sixteen 2)" \
	-v all2="$(median sixteen2 2)" -v wall="$(median sixteen 1)" \
	-v wall2="$(median sixteen2 1)" 'BEGIN {
	more = (all - one) / 15
	printf "| what | CPU s | s on the clock | ns/frame and point |\n"
	printf "|---|---|---|---|\n"
	printf "| a simulation alone | %.2f | | %.0f |\n", alone,
		alone / frames * 1e9
	printf "| 1 point | %.2f | | %.0f |\n", one, one / frames * 1e9
	printf "| 16 points, -j1 | %.2f | %.2f | %.0f |\n", all, wall,
		all / frames / 16 * 1e9
	printf "| 16 points, -j2 | %.2f | %.2f | %.0f |\n", all2, wall2,
		all2 / frames / 16 * 1e9
	printf "| a further point | %.2f | | %.0f |\n", more,
		more / frames * 1e9
	printf "\na further point / a simulation alone: %.2f\n", more / alone
	printf "16 points, -j1 / -j2 on the clock: %.2f\n", wall / wall2
}'
