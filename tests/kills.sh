#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A study that is killed again and again ends in the bytes of one that was not.
#
#	tests/kills.sh DMASIM [KILLS [POINTS]]	(TAP on stdout)
#
# Runs POINTS (a multiple of 4; 60) with -j1, with -j2, in three shards that
# are merged, and with KILLS (8) kill -9 at random moments, each followed by a
# resumption; all directories must be equal.  SEED picks the moments.
set -euo pipefail
export LC_ALL=C

dmasim=$(realpath "$1")
kills=${2:-8}
points=${3:-60}
RANDOM=${SEED:-$$}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
number=0

# shellcheck disable=SC2054 # commas are the sweep's
study=(sweep -q --axis "nic.tx_ring=64..$((16 * points))/64"
	--axis traffic.speed=1,2 --axis tx=ndis6-sg,ndis6-copy
	gen:poisson,rate=200kpps,size=300,frames=300)
sweep() { "$dmasim" "${study[@]}" "$@"; }

check() {
	number=$((number + 1))
	if diff -r whole "$1" >differs 2>&1; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
		head -5 differs | sed 's/^/# /'
	fi
	! grep -q . differs
}

millis() { echo $(($(date +%s%N) / 1000000)); }

start=$(millis)
sweep -j 1 -o whole
length=$(($(millis) - start))
status=0
[ "$(find whole/points -name '*.json' | wc -l)" = "$points" ] || {
	echo "not ok 99 - $points points"
	status=1
}

sweep -j 2 -o two
check two "-j2: the bytes of -j1, $points points" || status=1
for k in 1 2 3; do
	sweep -j 2 --shard $k/3 -o part$k
done
"$dmasim" merge part1 part2 part3 -o joined
check joined "three shards, merged" || status=1

# A kill within the time that all would take; once all points are there, from
# the start.
killed=0
while [ $killed -lt "$kills" ]; do
	"$dmasim" "${study[@]}" -j 2 -o killed &
	pid=$!
	sleep "$(printf '0.%03d' $((RANDOM % (length < 999 ? length : 999))))"
	if kill -9 $pid 2>/dev/null; then
		killed=$((killed + 1))
	fi
	wait $pid 2>/dev/null || :
	if [ -e killed/results.csv ]; then
		sweep -j 2 -o killed
		check killed "done after $killed kills" || status=1
		rm -rf killed
	fi
done
sweep -j 2 -o killed
check killed "$kills kills -9, then resumed" || status=1
echo "1..$number"
exit $status
