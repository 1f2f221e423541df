#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Has anything become slower?  Instructions a frame of three fixed runs, counted
# by callgrind, against those in bench/gate.tsv.
#
#	bench/gate.sh DMASIM TOOLCHAIN		(TOOLCHAIN: compiler and flags)
#	bench/gate.sh --record DMASIM TOOLCHAIN	(take the counts of now)
#
# Instructions do not depend on what else the machine does, but on what made
# them: with another toolchain than the recorded one, or without valgrind, this
# says so and passes.  Fails at 3 % more than recorded; at 3 % less it asks to
# record.  What a run takes to start is left out, by the difference of two.
set -euo pipefail
export LC_ALL=C

record=
if [ "$1" = --record ]; then
	record=1
	shift
fi
dmasim=$1
table=$(dirname "$0")/gate.tsv
first=70000 second=90000 # frames; behind those that tell the direction
limit=3			 # per cent
libc=$(ldd --version | sed -n '1s/.* //p')
toolchain="$2, libc $libc, $(uname -m)"

if ! command -v valgrind >/dev/null; then
	echo "gate: valgrind is not installed; nothing was compared"
	exit 0
fi
recorded=$(sed -n 's/^# toolchain: //p' "$table" 2>/dev/null || true)
if [ ! "$record" ] && [ "$recorded" != "$toolchain" ]; then
	echo "gate: recorded with $recorded"
	echo "gate: this is       $toolchain; nothing was compared"
	exit 0
fi

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# A capture of FRAMES.
capture() {
	echo "$dir/$1.pcap"
	[ -e "$dir/$1.pcap" ] || "$dmasim" trace gen -q --snaplen 128B \
		"poisson,size=imix,rate=500kpps,flows=64,proto=tcp,frames=$1" \
		-o "$dir/$1.pcap"
}

# Instructions of a run over FRAMES with OPTIONS.
instructions() {
	local frames=$1 file out
	shift
	file=$(capture "$frames")
	out=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null \
		"$dmasim" run -q -j 1 "$@" "$file" 2>&1 >/dev/null)
	sed -n 's/.*Collected : *//p' <<<"$out"
}

per_frame() {
	local more less
	capture "$first" >/dev/null
	capture "$second" >/dev/null
	more=$(instructions "$second" "$@")
	less=$(instructions "$first" "$@")
	echo $(((more - less) / (second - first)))
}

runs() {
	echo "hybrid	-m xge-64bit --tx ndis6-hybrid --rx copybreak"
	echo "bounce	-m gbe-32bit --rate 100kpps --tx ndis6-sg --rx common-copy"
	echo "iommu	-m xge-strict --tx ndis6-sg --rx sg"
}

status=0
results=$dir/results
while IFS=$'\t' read -r name options; do
	# shellcheck disable=SC2086
	now=$(per_frame $options)
	printf '%s\t%s\t%s\n' "$name" "$now" "$options" >>"$results"
	then=$(awk -F '\t' -v n="$name" '$1 == n { print $2 }' "$table" \
		2>/dev/null || true)
	if [ "$record" ]; then
		verdict=recorded
	elif [ -z "$then" ]; then
		verdict="not in $table" status=1
	elif ((now * 100 > then * (100 + limit))); then
		verdict="SLOWER than the $then recorded" status=1
	elif ((now * 100 < then * (100 - limit))); then
		verdict="faster than the $then recorded: make gate RECORD=1"
	else
		verdict="as recorded ($then)"
	fi
	printf 'gate: %-7s %6d instructions a frame, %s\n' "$name" "$now" \
		"$verdict"
done < <(runs)

if [ "$record" ]; then
	{
		echo "# SPDX-License-Identifier: Apache-2.0"
		echo "# Instructions a frame; see bench/gate.sh."
		echo "# toolchain: $toolchain"
		cat "$results"
	} >"$table"
fi
exit $status
