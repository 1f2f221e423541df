#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What windows leave out: metrics of merged windows against the unbroken run.
#
#	bench/windows.sh DMASIM CAPTURE...
#
# Cuts each capture into 8 windows of equal length, replays them with overlaps
# from 0 to 100 ms, merges, and prints the relative difference in per cent; and
# that of another replicate in one piece, which is chance.
set -euo pipefail
export LC_ALL=C

dmasim=$(realpath "$1")
shift
windows=8
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

metrics='[.metrics["tx.completed_frames"] + .metrics["rx.delivered_frames"],
	.metrics["cpu.driver_cycles_per_frame"],
	.metrics["tx.latency_complete_ps"].mean,
	.metrics["tx.latency_complete_ps"].p99,
	.metrics["rx.latency_ps"].mean, .metrics["rx.latency_ps"].p99]'

values() { "$dmasim" merge "$@" --format json | jq -c ".runs[0] | $metrics"; }

# What the values on stdin and the whole differ in, under the head $1.
row() {
	jq -r --argjson whole "$whole" --arg head "$1" '
		[., $whole] | transpose | map(
			if .[0] == null or .[1] == null or .[1] == 0 then "-"
			else (.[0] / .[1] - 1) * 10000 | round / 100
			end) |
		"| \($head) | \(map(tostring) | join(" | ")) |"'
}

sweep() {
	"$dmasim" sweep -q -j 1 -m gbe-32bit --tx ndis6-hybrid --rx copybreak \
		"$@" || [ $? = 1 ]
}

printf '| capture | frames | overlap | frames | cycles/frame | tx mean | tx p99 | rx mean | rx p99 |\n'
printf '|---|---|---|---|---|---|---|---|---|\n'
for capture in "$@"; do
	rm -rf "${tmp:?}"/*
	sweep --window 0.. "$capture" -o "$tmp/whole"
	whole=$(values "$tmp/whole")
	sweep --window 0.. --replicates 2 "$capture" -o "$tmp/other"
	read -r length frames < <(jq -r \
		'.traces[0] | "\(.duration_ps) \(.frames)"' \
		"$tmp/whole/results.json")
	"$dmasim" merge "$tmp/other" --format json |
		jq -c ".runs[1] | $metrics" |
		row "$(basename "$capture") | $frames | whole, other replicate"
	for overlap in 0 100us 1ms 10ms 100ms; do
		rm -rf "$tmp"/part*
		for ((k = 0; k < windows; k++)); do
			to=$((length * (k + 1) / windows))ps
			[ $k != $((windows - 1)) ] || to=
			sweep --window $((length * k / windows))ps..$to \
				--overlap $overlap "$capture" -o "$tmp/part$k"
		done
		values "$tmp"/part* |
			row "$(basename "$capture") | $frames | $overlap"
	done
done
