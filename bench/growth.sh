#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How what a frame costs grows with what there is of something.
#
#	bench/growth.sh DMASIM BENCH-DIR [FRAMES] [ROUNDS]
#
# CPU time a frame: the difference of runs of FRAMES (100,000) and a fifth of
# them, each the least of the rounds (3), so without what it takes to start.
# Prints a table with the exponent that fits best, cost ~ size^exponent, and
# leaves growth.tsv and growth.svg in BENCH-DIR.
set -euo pipefail
export LC_ALL=C

dmasim=$1 dir=$2 frames=${3:-100000} rounds=${4:-3}
points=$dir/growth.tsv
arrivals=gen:poisson,flows=64,proto=tcp

# Least CPU seconds of a command.
least() {
	local round
	for ((round = 1; round <= rounds; round++)); do
		"$dir/measure" "$@"
	done | awk 'NR == 1 || $2 < least { least = $2 } END { print least }'
}

# point AXIS SIZE TRAFFIC COMMAND...: one line of the points.
point() {
	local axis=$1 size=$2 traffic=$arrivals,$3 few=$((frames / 5)) long short
	shift 3
	long=$(least "$dmasim" "$@" "$traffic,frames=$frames")
	short=$(least "$dmasim" "$@" "$traffic,frames=$few")
	awk -v axis="$axis" -v size="$size" -v cpu="$long $short" \
		-v n=$((frames - few)) 'BEGIN {
			split(cpu, s, " ")
			printf "%s\t%d\t%.0f\n", axis, size, (s[1] - s[2]) / n * 1e9
		}'
}

measure() {
	local traffic=size=imix,rate=300kpps size fragment names
	local run=(run -q -m xge-64bit --tx ndis6-sg --rx copybreak)
	for size in 64 256 1024 4096 16384; do
		point ring $size $traffic "${run[@]}" \
			-s nic.tx_ring=$size -s nic.rx_ring=$size
	done
	for size in 1 2 4 8 16; do
		point queues $size $traffic "${run[@]}" -s nic.queues=$size
	done
	for fragment in 1024 512 256 128 64; do
		point fragments $((1024 / fragment)) size=1024,rate=300kpps \
			"${run[@]}" -s layout.mdl=fragments \
			-s layout.fragment=${fragment}B
	done
	for size in 64 256 1024 4096 16384; do
		point pool $size size=imix,rate=50kpps run -q -m gbe-32bit \
			--tx ndis6-sg --rx common-copy -s hal.pool=$size
	done
	for size in 16 64 256 1024 4096; do
		point iotlb $size $traffic run -q -m xge-strict --tx ndis6-sg \
			--rx sg -s iommu.iotlb=$size
	done
	names=
	size=0
	for fragment in ndis6-sg ndis6-hybrid ndis6-copy ndis5-sg premapped; do
		names=${names:+$names,}$fragment
		size=$((size + 1))
		point strategies $size $traffic compare -q -j 1 -m xge-64bit \
			--tx "$names" --rx copybreak
	done
}

table() {
	awk -F '\t' '
	!($1 in n) { order[++axes] = $1 }
	{
		i = ++n[$1]
		text[$1] = text[$1] (i > 1 ? ", " : "") $2 ": " $3
		if ($3 <= 0)
			next
		x = log($2); y = log($3)
		c[$1]++; sx[$1] += x; sy[$1] += y
		sxx[$1] += x * x; sxy[$1] += x * y
	}
	END {
		print "| of | size: ns of CPU time a frame | exponent |"
		print "|---|---|---:|"
		for (i = 1; i <= axes; i++) {
			a = order[i]
			d = c[a] * sxx[a] - sx[a] * sx[a]
			slope = d ? (c[a] * sxy[a] - sx[a] * sy[a]) / d : 0
			printf "| %s | %s | %.2f |\n", a, text[a], slope
		}
	}' "$points"
}

plot() {
	gnuplot <<-PLOT
		set terminal svg size 800,500 background "white"
		set output "$dir/growth.svg"
		set datafile separator "\t"
		set logscale xy
		set xlabel "size"
		set ylabel "CPU time a frame, ns"
		set key outside right
		plot for [a in "ring queues fragments pool iotlb strategies"] \
			"$points" using 2:(stringcolumn(1) eq a ? \$3 : NaN) \
			with linespoints title a
	PLOT
}

measure >"$points"
table
plot
