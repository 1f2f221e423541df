#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Time and memory of `dmasim run` against a bare libpcap read loop.
#
#	bench/replay.sh DMASIM BENCH-DIR [FRAMES] [ROUNDS] [PPS]
#
# BENCH-DIR holds imix, measure and readloop, and the captures they make:
# FRAMES (10,000,000) and a tenth of them, at PPS (200,000) frames/s.  Runs
# alternate on a warm page cache; CPU times are medians over the rounds (3).
set -euo pipefail
export LC_ALL=C

dmasim=$1 dir=$2 frames=${3:-10000000} rounds=${4:-3} pps=${5:-200000}
machines='gbe-32bit xge-64bit xge-strict'

capture() {
	local file=$dir/imix-$1-$pps.pcap
	if ! [ -e "$file" ]; then
		"$dir/imix" "$1" "$pps" "$file.part"
		mv "$file.part" "$file"
	fi
	echo "$file"
}

# NAME FRAMES WALL CPU KIB, one line a run.
measure() {
	local name=$1 count=$2
	shift 2
	echo "$name $count $("$dir/measure" "$@")"
}

rounds() {
	local round count file machine
	for count in $((frames / 10)) "$frames"; do
		file=$(capture "$count")
		cat "$file" >/dev/null
		for ((round = 1; round <= rounds; round++)); do
			measure read-loop "$count" "$dir/readloop" "$file"
			for machine in $machines; do
				measure "$machine" "$count" "$dmasim" run -q \
					-m "$machine" "$file"
			done
		done
	done
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
		key = $2 " " $1
		if (!(key in count))
			order[++keys] = key
		count[key]++
		wall[key] = wall[key] " " $3
		cpu[key] = cpu[key] " " $4
		kib[key] = kib[key] " " $5
	}
	END {
		print "| frames | what | wall s | CPU s | ns/frame |" \
			" of the read loop | peak KiB |"
		print "|---:|---|---:|---:|---:|---:|---:|"
		for (i = 1; i <= keys; i++) {
			key = order[i]
			split(key, part, " ")
			c = median(cpu[key], count[key])
			if (part[2] == "read-loop")
				base = c
			printf "| %d | %s | %.2f | %.2f | %.0f | %.2fx |" \
				" %d |\n", part[1], part[2],
				median(wall[key], count[key]), c,
				c / part[1] * 1e9, c / base,
				median(kib[key], count[key])
		}
	}'
}

rounds | summarise
