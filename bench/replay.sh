#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Time and memory of `dmasim run` against a bare libpcap read loop.
#
#	bench/replay.sh DMASIM BENCH-DIR [FRAMES] [ROUNDS]
#
# BENCH-DIR holds measure and readloop, and the captures that are generated:
# FRAMES (10,000,000) and a tenth of them, whole frames and frames cut at 128
# bytes.  Both read the same file, in turn, from a warm page cache; times are
# medians over the rounds (3).
set -euo pipefail
export LC_ALL=C

dmasim=$1 dir=$2 frames=${3:-10000000} rounds=${4:-3}
traffic=poisson,size=imix,rate=500kpps,flows=64,proto=tcp

capture() {
	local count=$1 cut=$2 file=$dir/imix-$1-$2.pcap options=()
	[ "$cut" = whole ] || options=(--snaplen "${cut}B")
	[ -e "$file" ] || "$dmasim" trace gen -q "${options[@]}" \
		"$traffic,frames=$count" -o "$file"
	echo "$file"
}

# WHAT FRAMES CUT WALL CPU KIB, one line a run.
measure() {
	local what=$1 count=$2 cut=$3
	shift 3
	echo "$what $count $cut $("$dir/measure" "$@")"
}

rounds() {
	local count=$1 cut=$2 file round
	file=$(capture "$count" "$cut")
	cat "$file" >/dev/null
	for ((round = 1; round <= rounds; round++)); do
		measure read-loop "$count" "$cut" "$dir/readloop" "$file"
		measure dmasim "$count" "$cut" "$dmasim" run -q -m xge-64bit \
			--tx ndis6-hybrid --rx copybreak "$file"
	done
	[ "$cut" = 128 ] || rm -f "$file"
}

summarise() {
	awk '
	function median(list, n,   i, j, t, v) {
		split(list, v, " ")
		for (i = 2; i <= n; i++)
			for (j = i; j > 1 && v[j - 1] > v[j]; j--) {
				t = v[j]; v[j] = v[j - 1]; v[j - 1] = t
			}
		return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
	}
	{
		key = $2 " " $3 " " $1
		if (!(key in count))
			order[++keys] = key
		count[key]++
		wall[key] = wall[key] " " $4
		cpu[key] = cpu[key] " " $5
		kib[key] = kib[key] " " $6
	}
	END {
		print "| frames | cut at | what | wall s | CPU s | wall," \
			" of the read loop | CPU, of the read loop | peak KiB |"
		print "|---:|---:|---|---:|---:|---:|---:|---:|"
		for (i = 1; i <= keys; i++) {
			key = order[i]
			split(key, part, " ")
			w = median(wall[key], count[key])
			c = median(cpu[key], count[key])
			if (part[3] == "read-loop") {
				wall_base = w
				cpu_base = c
			}
			printf "| %d | %s | %s | %.2f | %.2f | %.1fx | %.1fx" \
				" | %d |\n", part[1], part[2], part[3], w, c,
				w / wall_base, c / cpu_base,
				median(kib[key], count[key])
		}
	}'
}

for cut in whole 128; do
	rounds $((frames / 10)) $cut
	rounds "$frames" $cut
done | summarise
