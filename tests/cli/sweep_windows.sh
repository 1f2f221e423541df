# SPDX-License-Identifier: Apache-2.0
# Windows of a trace, merged: every frame is counted once; what is no window,
# or leaves a gap, is refused.
. "$SRC/tests/cli/common.bash"
gen=gen:constant,rate=10kpps,size=300,frames=2000
window() {
	"$DMASIM" sweep -q --window "$1" -o "$2" "${@:3}" "$gen" ||
		echo "status $?"
}
window 0.. whole
window ..50ms w1
window 50ms..120ms w2
window 120ms.. w3 --overlap 5ms
for part in whole w1 w2 w3; do
	jq -c '.runs[0] | [.metrics["tx.offered_frames"] +
		.metrics["rx.offered_frames"], .window.from_ps,
		.window.to_ps, .window.overlap_ps]' $part/results.json
done
"$DMASIM" merge whole --format json -o whole.json
"$DMASIM" merge w3 w1 w2 --format json -o joined.json
for file in whole joined; do
	jq -c '.runs[0] | .window, [.status, .metrics["tx.offered_frames"],
		.metrics["tx.completed_frames"], .metrics["rx.delivered_frames"],
		.metrics["rx.latency_ps"].count,
		(.metrics["rx.latency_ps"].buckets | map(.[1]) | add),
		.stages.rx.fifo.count,
		([.checks[] | select(.ok | not)] | length)]' $file.json
done
jq -n --slurpfile a whole.json --slurpfile b joined.json '
	["run.duration_ps", "run.end_ps"][] as $name |
	($a[0].runs[0].metrics[$name] / $b[0].runs[0].metrics[$name] - 1) |
	fabs < 0.0001'
jq -n --slurpfile a whole.json --slurpfile b joined.json '
	["tx.latency_complete_ps", "rx.latency_ps"][] as $name |
	($a[0].runs[0].metrics[$name].mean / $b[0].runs[0].metrics[$name].mean
		- 1) | fabs < 0.05'
try merge w1 w3
try merge w1 w2
try merge w2 w3
window 40ms..120ms other
try merge w1 other w3
try merge joined.json
for text in 5..1 5ms..1ms 1s..2s a..b; do
	try sweep -q --window $text "$gen"
done
try sweep -q --axis nic.tx_ring=64 --overlap 1ms "$gen"
try run -q --window 1ms..2ms "$gen"
