#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Put the demo's present figures into README.md, after a change of a model:
#
#	make demo && docs/refresh.sh build
#
# The table of transmit strategies of one machine, up to its latencies, between
# the markers, and the picture beside it.
set -euo pipefail
export LC_ALL=C.UTF-8

build=$(realpath "$1")
cd "$(dirname "$0")/.."
machine=xge-strict
table=$(mktemp)
trap 'rm -f "$table"' EXIT

"$build/dmasim" compare examples/office.pcap.xz -q -m "$machine" |
	awk '/^transmit strategies/ { on = 1; next } on && /^$/ { exit } on' |
	{
		mapfile -t lines
		header=${lines[2]}
		cut=${header%%p99*}
		for line in "${lines[@]}"; do
			line=${line:0:$((${#cut} + 4))}
			[[ ${line} =~ [^[:space:]] ]] && echo "${line%"${line##*[![:space:]]}"}"
		done
	} >"$table"
awk -v table="$table" '
/^<!-- end -->/ { on = 0 }
!on { print }
/^<!-- table -->/ {
	on = 1
	print "```"
	while ((getline line < table) > 0)
		print line
	print "```"
}' README.md >README.md.new
mv README.md.new README.md
mkdir -p docs/img
cp "$build/demo/cycles_tx_$machine.png" docs/img/
