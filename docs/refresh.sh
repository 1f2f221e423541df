#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Put the demo's present figures into README.md and draw the pictures of the
# gallery and the tutorial anew, after a change of a model:
#
#	make demo && docs/refresh.sh build
#
# The table of transmit strategies of one machine, up to its latencies, between
# the markers, and the picture beside it; docs/img/gallery_*.svg from
# examples/studies.
set -euo pipefail
export LC_ALL=C.UTF-8

build=$(realpath "$1")
cd "$(dirname "$0")/.."
machine=xge-strict
office=examples/office.pcap.xz
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# STUDY PLOT...: the plots of examples/studies/STUDY.conf that a text shows
gallery() {
	local study=$1 plot
	shift
	"$build/dmasim" sweep -q --yes -o "$tmp/$study" \
		--study "examples/studies/$study.conf"
	"$build/dmasim" report -q -o "$tmp/$study/plots" \
		"$tmp/$study/results.json"
	for plot in "$@"; do
		cp "$tmp/$study/plots/axis_$plot.svg" \
			"docs/img/gallery_${study}_${plot%%_*}.svg"
	done
}

mkdir -p docs/img
"$build/dmasim" compare $office -q -m "$machine" |
	awk '/^transmit strategies/ { on = 1; next } on && /^$/ { exit } on' |
	{
		mapfile -t lines
		header=${lines[2]}
		cut=${header%%p99*}
		for line in "${lines[@]}"; do
			line=${line:0:$((${#cut} + 4))}
			[[ ${line} =~ [^[:space:]] ]] && echo "${line%"${line##*[![:space:]]}"}"
		done
	} >"$tmp/table"
awk -v table="$tmp/table" '
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
cp "$build/demo/cycles_tx_$machine.png" docs/img/

gallery ring-loss loss_rx_nic.rx_ring
gallery threshold cycles_tx.copy_threshold
gallery iommu-modes cycles_iommu.mode
gallery residency cycles_nic.moderation
gallery moderation moderated_rx_nic.moderation cycles_nic.moderation
gallery pool-growth waits_hal.pool
gallery numa wire_tx_host.numa_delta
"$build/dmasim" breakeven -q -m xge-64bit --capture-frames 5000 \
	-s layout.tx_source=zero-copy -s cost.sg_build=350 -s cost.sg_put=170 \
	--report "$tmp/even" $office >/dev/null
cp "$tmp/even/breakeven_cost_xge-64bit.svg" docs/img/tutorial_cost.svg
cp "$tmp/even/breakeven_price_xge-64bit.svg" docs/img/gallery_price.svg
"$build/dmasim" sensitivity -q -m "$machine" --frames 2000 --trajectories 3 \
	--report "$tmp/tornado" $office >/dev/null
cp "$tmp/tornado/sensitivity_$machine.svg" docs/img/tutorial_tornado.svg
