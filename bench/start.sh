#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What it takes to start: help, and a run of a small capture.
#
#	bench/start.sh DMASIM BENCH-DIR [ROUNDS]
#
# Least and median of the rounds (50), ms; /bin/true is what any process takes.
set -euo pipefail
export LC_ALL=C

dmasim=$1 dir=$2 rounds=${3:-50}
capture=$dir/small.pcap

"$dmasim" trace gen -q imix,rate=5Gbps,frames=1000 -o "$capture" --force

row() {
	local what=$1 round
	shift
	for ((round = 1; round <= rounds; round++)); do
		"$dir/measure" "$@"
	done | sort -n | awk -v what="$what" '
	{ wall[NR] = $1; cpu = $2 < cpu || NR == 1 ? $2 : cpu }
	END {
		printf "| %s | %.0f | %.0f | %.0f |\n", what, wall[1] * 1e3,
			wall[int((NR + 1) / 2)] * 1e3, cpu * 1e3
	}'
}

echo '| command | wall, least, ms | wall, median | CPU, least |'
echo '|---|---:|---:|---:|'
row /bin/true /bin/true
row 'dmasim --help' "$dmasim" --help
row 'dmasim run, 1,000 frames' "$dmasim" run -q "$capture"
