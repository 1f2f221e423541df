#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Commands under valgrind's memcheck.
#
#	tests/valgrind.sh DMASIM	(built without jemalloc)
#
# An error, or memory that nothing points to at the end, fails.  Without the
# sandbox, whose calls valgrind does not know.
set -uo pipefail
export LC_ALL=C DMASIM_SANDBOX=off

dmasim=$(realpath "$1")
cd "$(dirname "$0")/.." || exit 1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0

try() {
	local status=0
	valgrind -q --error-exitcode=99 --leak-check=full \
		--errors-for-leak-kinds=definite --log-file="$tmp/log" \
		"$dmasim" "$@" >"$tmp/out" 2>&1 </dev/null || status=$?
	if [ "$status" = 99 ] || [ "$status" -gt 128 ]; then
		failed=$((failed + 1))
		echo "FAILED: dmasim $*"
		head -30 "$tmp/log"
	else
		passed=$((passed + 1))
	fi
}

office=examples/office.pcap.xz
few="gen:imix,rate=1Gbps,frames=300"
for machine in gbe-32bit xge-strict xge-cvm; do
	try run --limit 300 -m "$machine" "$office"
	try run -m "$machine" --tx ndis6-sg --rx sg --format json "$few"
done
try run --frames "$tmp/f.csv" --timeline "$tmp/t.json" \
	--annotate "$tmp/a.pcapng" --limit 300 "$office"
try compare --limit 300 --format json -o "$tmp/compare.json" "$office"
try report "$tmp/compare.json" --format csv
try sweep --axis nic.tx_ring=64,128 --limit 300 -o "$tmp/study" "$office"
try merge "$tmp/study" --format csv
try diff "$tmp/compare.json" "$tmp/compare.json"
try explain --frame 8 "$office"
try probe --op rd,wr --size 64B,256B
try trace stat "$office"
try trace convert --limit 300 -o "$tmp/part.pcap" "$office"
try trace layout "$few"
for list in params presets strategies metrics routines; do
	try "$list"
	try "$list" --format json
done
for path in ../shared/captures/bad/*; do
	[ -f "$path" ] && try trace stat --limit 2000 "$path"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
