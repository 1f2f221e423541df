# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What a run writes besides its result: a timeline, every frame, the capture
# with comments.  The result does not change; files are whole or not there.
# shellcheck source=/dev/null
. "$SRC/tests/cli/common.bash"

capture=$SRC/examples/office.pcap.xz
pair=(-m gbe-32bit --tx ndis6-sg --rx sg)
"$DMASIM" run -q "${pair[@]}" --limit 3000 --format json "$capture" >plain.json
"$DMASIM" run "${pair[@]}" --limit 3000 --format json --timeline timeline.json \
	--frames frames.csv --annotate annotated.pcapng "$capture" >watched.json
cmp plain.json watched.json && echo "the result is the same"

echo "stages of frames.csv sum to its latency, and all to the result:"
awk -F, 'NR > 1 {
	sum = 0
	for (i = 10; i <= 35; i++)
		sum += $i
	bad += sum != $9
	if ($3 == "tx") { wire += $8; tx += $9 } else rx += $8
} END { printf "%d lines, %d bad\n%.0f\n%.0f\n%.0f\n", NR - 1, bad, wire, tx, rx }' \
	frames.csv >sums
cat sums
jq -r '.runs[0].metrics | ."tx.latency_wire_ps", ."tx.latency_complete_ps",
	."rx.latency_ps" | .mean * .count | round' plain.json >means
paste <(tail -3 sums) means | awk '{
	print ($1 - $2) ^ 2 < ($1 * 1e-8) ^ 2 ? "as the result" : "not " $2 }'

echo "the timeline's frames are ended, and what ran does not overlap:"
jq -r '.traceEvents | map(select(.cat == "frame")) |
	[([.[] | select(.ph == "b")] | length) ==
	 ([.[] | select(.ph == "e")] | length),
	 ([.[] | select(.ph == "s")] | length)] | @csv' timeline.json
jq '[.traceEvents[] | select(.ph == "X" and .pid == 2)] | group_by(.tid) |
	map(sort_by(.ts) | . as $e | [range(1; length)] |
		map(select($e[.].ts + 1e-6 < $e[. - 1].ts + $e[. - 1].dur)) |
		length) | add' timeline.json
jq -r '[.traceEvents[] | select(.ph == "C") | .name] | unique[]' timeline.json
jq -r '[.traceEvents[] | select(.ph == "M" and .name == "process_name") |
	.args.name] | join(", ")' timeline.json

echo "the capture again, as tshark reads it where there is one:"
comments() {
	tshark -r annotated.pcapng -T fields -e frame.comment 2>/dev/null
}
packets() {
	tshark -r "$1" -T fields -e frame.time_epoch -e frame.len \
		-e frame.cap_len -e ip.id -e ip.checksum 2>/dev/null
}
if type -p tshark >/dev/null; then
	xz -dc "$capture" >capture.pcap
	cmp <(packets capture.pcap) <(packets annotated.pcapng)
	comments | sed -n '1p; 2p; 3001p'
	rm capture.pcap
else # what it says
	cat <<-'EOF'
	dmasim: rx delivered, 47.69us to the protocol, 48.65us to the buffer's return
	dmasim: tx sent, 3.719us to the wire, 30.99us to completion
	dmasim: not simulated
	EOF
fi

echo "all or nothing:"
try run -q --limit 9 --frames frames.csv "$capture"
try run -q --limit 9 --frames frames.csv --timeline none/t.json "$capture"
ls
try run --timeline-frames 1..2 "$capture"
try run --timeline t.json --timeline-frames 9..2 "$capture"
try run --timeline t.json --timeline-time 9 "$capture"
try run --annotate a.pcapng "$capture" "$capture"
try run --annotate a.pcapng gen:imix,rate=1Gbps,frames=5
try run --annotate a.pcapng - </dev/null
