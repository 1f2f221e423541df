#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Frames per second of a replay and of UDP over a point-to-point link in ns-3.
#
#	bench/p2p.sh DMASIM BENCH-DIR [FRAMES] [ROUNDS]
#
# BENCH-DIR holds measure and p2p, and the capture that is generated: as many
# FRAMES (1,000,000) of the same sizes and gaps.  Runs alternate; the figures
# are medians over the rounds (5).  ns-3 is timed from its first event to its
# last, dmasim as a whole process.
set -euo pipefail
export LC_ALL=C

dmasim=$1 dir=$2 frames=${3:-1000000} rounds=${4:-5}
file=$dir/p2p-$frames.pcap
[ -e "$file" ] || "$dmasim" trace gen -q --snaplen 128B \
	"poisson,size=imix,rate=500kpps,flows=64,proto=tcp,frames=$frames" \
	-o "$file"
cat "$file" >/dev/null

# NAME WALL CPU, one line a run.
rounds() {
	local round kind
	for ((round = 1; round <= rounds; round++)); do
		for kind in default bare; do
			"$dir/p2p" "$frames" $kind |
				awk '{ print "ns-3-" $2, $6, $7 }'
		done
		"$dir/measure" "$dmasim" run -q -m xge-64bit \
			--tx ndis6-hybrid --rx copybreak "$file" |
			awk '{ print "dmasim", $1, $2 }'
	done
}

median() {
	sort -g | awk '{ v[NR] = $1 } END {
		print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
	}'
}

runs=$(rounds)
of() {
	awk -v name="$1" -v column="$2" '$1 == name { print $column }' \
		<<<"$runs" | median
}

wall=$(of dmasim 2) cpu=$(of dmasim 3)
echo "| what | frames/s | frames per CPU second | dmasim's, wall | and CPU |"
echo "|---|---:|---:|---:|---:|"
for name in dmasim ns-3-default ns-3-bare; do
	echo "$name $(of $name 2) $(of $name 3)"
done | awk -v frames="$frames" -v wall="$wall" -v cpu="$cpu" '{
	printf "| %s | %.0f | %.0f | %.1fx | %.1fx |\n", $1, frames / $2,
		frames / $3, $2 / wall, $3 / cpu
}'
