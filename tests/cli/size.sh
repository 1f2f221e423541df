# SPDX-License-Identifier: Apache-2.0
# dmasim size: three formats, the same for any number of threads; a step tighter
# fails, by a run of its own; targets that nothing meets; what it refuses.
. "$SRC/tests/cli/common.bash"

traffic=gen:onoff,rate=800Mbps,on=2ms,off=1ms,size=600,frames=1500
args="-q -m gbe-32bit --tx ndis6-sg,ndis6-copy --rx sg --replicates 1"
for format in text json csv; do
	for jobs in 1 2; do
		# shellcheck disable=SC2086
		"$DMASIM" size $args -j$jobs --format $format $traffic \
			>$jobs.$format || echo "status $?"
	done
	cmp 1.$format 2.$format && echo "$format: the same"
done
head -1 1.csv
cut -d, -f5 1.csv | sort -u
echo "what a step tighter does, alone and together:"
jq -c '.rows[] | [.tx, .rx, ([.resources[] | select(.state == "found") |
	.tighter_trial.meets] | unique), ([.resources[] |
	select(.tighter_together) | .tighter_together.meets] | unique)]' 1.json

echo "the text says what becomes of the latency with all of them:"
grep -A2 '^gbe-32bit' 1.text

echo "a run of the answer and of a step tighter:"
lost() {
	"$DMASIM" run -q -m gbe-32bit --tx ndis6-copy --rx sg -s "$1" \
		--format json $traffic | jq '.runs[0].metrics |
		.["rx.dropped_fifo_frames"] + .["tx.dropped_queue_frames"]'
}
of() {
	jq -r ".rows[] | select(.tx == \"ndis6-copy\").resources[] |
		select(.parameter == \"rx.buffers\").$1" 1.json
}
[ "$(lost "rx.buffers=$(of alone)")" = 0 ] && echo "none lost"
[ "$(lost "rx.buffers=$(of tighter)")" != 0 ] && echo "some lost"

echo "a bound costs descriptors or time:"
moderation() {
	"$DMASIM" size -q -m xge-64bit --tx ndis6-copy --rx common-copy "$@" \
		--replicates 1 --format json $traffic | jq '.rows[0].resources[] |
		select(.parameter == "nic.moderation").alone'
}
jq -n --argjson a "$(moderation --slo rx.p99=60us)" \
	--argjson b "$(moderation --slo rx.p99=200us)" '$a < $b'
try size -m xge-64bit --tx ndis6-copy --rx common-copy --slo p99=1us $traffic
try size --loss 2 $traffic
try size --slo p99=0 $traffic
try size --frames 1 $traffic
try size
