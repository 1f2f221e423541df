# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# One frame's way: text, JSON, side by side, and the same as frames.csv.
# shellcheck source=/dev/null
. "$SRC/tests/cli/common.bash"

capture=$SRC/examples/office.pcap.xz
try explain --frame 1209 -m gbe-32bit --tx ndis6-sg,ndis6-copy "$capture"
try explain --frame 1 --rx sg "$capture"
try explain --frame 12 --rx slave --limit 20 "$capture"

echo "as frames.csv:"
"$DMASIM" run -q --limit 2000 --frames frames.csv "$capture" >out
for frame in 1 2 77 500 1209 1999; do
	"$DMASIM" explain --frame $frame --format json "$capture" | jq -r '
		.ways[0].parts[] | [.bytes, .verdict, .at_ps, .delivered_ps,
		.latency_ps, ([.steps[].took_ps] | add)] | @csv' |
		tr -d '"' >explained
	awk -F, -v frame=$frame '$1 == frame {
		print $4 "," $5 "," $7 "," $8 "," $9 "," $9 }' frames.csv |
		cmp - explained && echo "frame $frame"
done

echo "a cut super-frame has parts, a frame without room a reason:"
"$DMASIM" trace gen -q gen:constant,rate=1Gbps,size=6000,frames=40,tx=50% \
	-s traffic.mtu=9000B -o super.pcap
"$DMASIM" explain -q --frame 3 --format json super.pcap \
	-s traffic.superframes=cut | jq -c '.ways[0].parts[] |
		[.part, .direction, .bytes, .verdict]'
"$DMASIM" explain -q --frame 3 --format json super.pcap -s tx.queue_limit=1 \
	-s traffic.tx_times=asap -s traffic.superframes=cut | jq -c '
		.ways[0].parts[] | [.part, .verdict, .why]'

try explain --frame 3 --filter 'greater 1000' "$capture"
try explain --frame 3 --limit 2 --set traffic.skip=3 "$capture"
try explain --frame 99999999 "$capture"
try explain "$capture"
try explain --frame 0 "$capture"
try explain --frame 3 --replicates 3 "$capture"
try explain --frame 3 --format csv "$capture"
