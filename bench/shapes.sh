#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What an event costs, ns of CPU time, by how many are pending and by how their
# times are distributed (see bench/kernel.c).
#
#	bench/shapes.sh KERNEL [ROUNDS] [SECONDS]
#
# The least of the rounds (3): what disturbs only adds.
set -euo pipefail
export LC_ALL=C

kernel=$1 rounds=${2:-3} seconds=${3:-0.2}
shapes='exponential bimodal bursts timers dense'

echo "| pending | ${shapes// / | } |"
echo "|---:|---:|---:|---:|---:|---:|"
for pending in 4 8 16 64 256 1024 4096 16384 65536 262144 1000000; do
	printf '| %d |' "$pending"
	for shape in $shapes; do
		for ((round = 1; round <= rounds; round++)); do
			"$kernel" "$pending" "$seconds" "$shape"
		done | awk '{
			ns = $4 / $3 * 1e9
			least = NR == 1 || ns < least ? ns : least
		} END { printf " %.3g |", least }'
	done
	echo
done
