#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `dmasim compare` on captures nobody here shaped, malformed ones included.
#
#	tests/captures.sh BUILD		(TAP on stdout)
#
# Takes every file below $DMASIM_CAPTURES, or ../shared/captures beside the
# project, 3,000 frames of each; without the folder it says so and skips.  A
# capture must end with balanced books (exit 0, every check ok) or as bad input
# with a message (exit 2), -j1 and -j2 must give the same bytes, and no strategy
# compared by default commits a hazard.
set -euo pipefail
export LC_ALL=C

dmasim=$(realpath "$1")/dmasim
cd "$(dirname "$0")/.."
captures=${DMASIM_CAPTURES:-../shared/captures}
if ! [ -d "$captures" ]; then
	echo "ok 1 - captures # SKIP no folder '$captures'"
	exit 0
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

compare() {
	timeout "${DEADLINE:-300}" "$dmasim" compare -q -m gbe-32bit,xge-strict \
		--limit 3000 --replicates 1 --capacity-frames 0 --cross \
		--format json "$@" </dev/null
}

# What is wrong with the outcome on one capture, nothing if all is well.
trouble() {
	local one=0 two=0
	compare -j1 "$1" >"$scratch/1" 2>"$scratch/err" || one=$?
	compare -j2 "$1" >"$scratch/2" 2>/dev/null || two=$?
	if [ $one != $two ]; then
		echo "exit status $one with -j1, $two with -j2"
	elif [ $one = 2 ]; then
		[ -s "$scratch/err" ] || echo "exit status 2 without a word"
		[ ! -s "$scratch/1" ] || echo "exit status 2 with a result"
	elif [ $one != 0 ]; then
		echo "exit status $one: $(head -1 "$scratch/err")"
	elif ! cmp -s "$scratch/1" "$scratch/2"; then
		echo "-j1 and -j2 differ"
	else
		jq -r '.runs[] | select(.checks) | .tx + "/" + .rx + ": " +
			((.checks[] | select(.ok | not) | .name + ": " + .detail),
			(.hazards | to_entries[] | select(.value > 0) |
			"hazard " + .key))
			' "$scratch/1"
	fi
}

number=0 failed=0
while read -r file; do
	number=$((number + 1))
	what=$(trouble "$file")
	if [ -z "$what" ]; then
		echo "ok $number - compare ${file#"$captures"/}"
	else
		echo "not ok $number - compare ${file#"$captures"/}"
		printf '%s\n' "$what" | sed 's/^/# /'
		failed=1
	fi
done < <(find "$captures" -type f ! -name '*.md' | sort)
echo "1..$number"
exit $failed
