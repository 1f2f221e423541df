#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Peak memory of a run that reads its capture from a pipe, by frames.
#
#	bench/memory.sh DMASIM BENCH-DIR [FRAMES...]
#
# FRAMES: 1,000,000, 10,000,000 and 100,000,000.  Fails when one takes more
# than 64 MiB, or more than a fourth above the first.
set -euo pipefail
export LC_ALL=C

dmasim=$1 dir=$2
shift 2
[ $# -gt 0 ] || set -- 1000000 10000000 100000000

for frames in "$@"; do
	echo "$frames $("$dmasim" trace gen -q --snaplen 128B -o - \
		"poisson,size=imix,rate=500kpps,flows=64,proto=tcp,frames=$frames" |
		"$dir/measure" "$dmasim" run -q -m xge-64bit \
			--tx ndis6-hybrid --rx copybreak -)"
done | awk '
BEGIN {
	print "| frames | wall s | CPU s | peak KiB |"
	print "|---:|---:|---:|---:|"
}
{
	printf "| %d | %.1f | %.1f | %d |\n", $1, $2, $3, $4
	if (NR == 1)
		first = $4
	if ($4 > 65536 || $4 > first * 1.25)
		bad = 1
}
END { exit bad }'
