# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What goes wrong: hazards by name, count, time and frame; events by status; and
# nothing at all where nobody does wrong, whatever the strategy.
# shellcheck source=/dev/null
. "$SRC/tests/cli/common.bash"

gen=gen:poisson,rate=40kpps,size=700,frames=2000,tx=60%
hazards() {
	local status=0
	echo "\$ dmasim run $*"
	"$DMASIM" run -q -m gbe-32bit "$@" "$gen" >out || status=$?
	grep -E '^(hazard|deadlock)' out || true
	[ "$status" = 0 ] || echo "[status $status]"
}
statuses() {
	echo "\$ dmasim run $*"
	"$DMASIM" run -q -m gbe-32bit --format json "$@" "$gen" | jq -r '
		.runs[0].metrics | to_entries[] |
		select(.key | test("^tx.status_|^life|dropped_stopped")) |
		select(.value > 0 and (.key | test("_ps$") | not)) |
		"\(.key) \(.value)"'
}

hazards --tx ndis6-sg
hazards --tx ndis6-sg --inject double_free@5ms
hazards --tx ndis6-sg --inject oob_dma:every=10 --inject wrong_irql@1ms
hazards --tx ndis5-sg --inject edit_after_map:every=100
hazards --tx ndis6-sg --inject batch_map -s traffic.tx_times=asap \
	-s hal.pool=20 -s hal.pool_cap=20
statuses --tx ndis6-sg --inject pause@5ms:for=5ms
statuses --tx ndis6-sg --inject reset@5ms,hang@20ms
try run --inject double_fre "$gen"
try run --inject double_free@soon "$gen"
try run --inject reset:every=2 "$gen"

echo "every strategy, no hazard:"
for machine in gbe-32bit xge-64bit xge-strict; do
	"$DMASIM" compare -q -m $machine --tx all --rx all --limit 1500 \
		--replicates 1 --capacity-frames 0 --format json \
		"$SRC/examples/office.pcap.xz" | jq -r '
		.runs[] | select(.hazards) | . as $run | .hazards |
		to_entries[] | select(.value > 0) |
		"\($run.machine) \($run.tx) \($run.rx): \(.key)"' | sort -u
done
