#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Events per second of our kernel and of ns-3's schedulers, side by side.
#
#	bench/kernel.sh KERNEL HOLD [ROUNDS] [SECONDS]
#
# Runs alternate, so that a noisy machine disturbs all alike; the figures are
# medians over the rounds (7), in CPU time, with the range of the rounds.
# The digests of the first 10,000 events must agree: all do the same work.
set -euo pipefail
export LC_ALL=C

kernel=$1 hold=$2 rounds=${3:-7} seconds=${4:-0.3}
peers='list map heap calendar priority-queue simulator-map simulator-heap'

measure() {
	local round pending peer
	for ((round = 1; round <= rounds; round++)); do
		for pending in 16 64 1024 100000; do
			"$kernel" "$pending" "$seconds"
			for peer in $peers; do
				"$hold" "$peer" "$pending" "$seconds"
			done
		done
	done
}

# Per pending count: events/s in millions, the range, ours over theirs.
summarise() {
	awk '
	function median(list, n,   i, j, t, v) {
		split(list, v, " ")
		for (i = 2; i <= n; i++)
			for (j = i; j > 1 && v[j - 1] > v[j]; j--) {
				t = v[j]; v[j] = v[j - 1]; v[j - 1] = t
			}
		low = v[1]; high = v[n]
		return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
	}
	{
		key = $2 " " $1
		if (!(key in count))
			order[++keys] = key
		rate[key] = rate[key] " " $3 / $4 / 1e6
		count[key]++
		if (($2 in digest) && digest[$2] != $5) {
			print "digests differ: " $0 > "/dev/stderr"
			bad = 1
		}
		digest[$2] = $5
	}
	END {
		if (bad)
			exit 1
		print "| pending | kernel | Mevents/s | range | ours is |"
		print "|---:|---|---:|---|---:|"
		for (i = 1; i <= keys; i++) {
			split(order[i], part, " ")
			m = median(rate[order[i]], count[order[i]])
			if (part[2] == "dmasim")
				ours = m
			ratio = sprintf("%.2fx", ours / m)
			if (part[2] == "dmasim")
				ratio = ""
			printf "| %d | %s | %.3g | %.3g-%.3g | %s |\n",
				part[1], part[2], m, low, high, ratio
		}
	}'
}

measure | summarise
