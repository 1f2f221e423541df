#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Command line tests: exact output.
#
#	tests/cli.sh BUILD NAME...		(TAP on stdout)
#	tests/cli.sh --record BUILD [NAME...]	(write what they print now)
#
# tests/cli/NAME.sh is run by bash in an empty directory with $DMASIM, the
# program, and $SRC, the project's root, set and no input.  Its stdout and
# stderr together, then "exit: STATUS", must equal tests/cli/NAME.out, in which
# the two directories read SRC and TMP.
set -euo pipefail
export LC_ALL=C TZ=UTC

record=no
if [ "$1" = --record ]; then
	record=yes
	shift
fi
build=$(realpath "$1")
shift
export DMASIM=$build/dmasim
SRC=$(cd "$(dirname "$0")/.." && pwd)
export SRC
unset COLUMNS ARGP_HELP_FMT

run_case() {
	local status=0 tmp=$1 name=$2
	mkdir "$tmp/cwd"
	(cd "$tmp/cwd" && timeout "${DEADLINE:-120}" bash "$SRC/tests/cli/$name.sh") \
		>"$tmp/raw" 2>&1 </dev/null || status=$?
	echo "exit: $status" >>"$tmp/raw"
	sed "s|$tmp/cwd|TMP|g; s|$DMASIM|dmasim|g; s|$SRC|SRC|g" "$tmp/raw"
}

failed=0
number=0
names=("$@")
if [ ${#names[@]} = 0 ]; then
	for path in "$SRC"/tests/cli/*.sh; do
		names+=("$(basename "$path" .sh)")
	done
fi
for name in "${names[@]}"; do
	[ -f "$SRC/tests/cli/$name.sh" ] || continue
	number=$((number + 1))
	# TSan keeps a signal back until the thread calls into the system.
	if grep -q '^# Not under TSan' "$SRC/tests/cli/$name.sh" &&
		grep -qa __tsan_init "$DMASIM"; then
		echo "ok $number - $name # SKIP signals under TSan"
		continue
	fi
	tmp=$(mktemp -d)
	expected=$SRC/tests/cli/$name.out
	run_case "$tmp" "$name" >"$tmp/got"
	if [ $record = yes ]; then
		cmp -s "$tmp/got" "$expected" || echo "recorded $expected"
		cp "$tmp/got" "$expected"
	elif diff -u --label expected --label got "$expected" "$tmp/got" \
		>"$tmp/diff" 2>&1; then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		head -60 "$tmp/diff" | sed 's/^/# /'
		failed=1
	fi
	rm -rf "$tmp"
done
exit $failed
