# SPDX-License-Identifier: Apache-2.0
# dmasim sensitivity: three formats, the same for any number of threads; where
# the order flips, by runs of its own; the tornado; what it refuses.
. "$SRC/tests/cli/common.bash"

traffic=gen:poisson,rate=200Mbps,size=900,tx=100%,frames=400
near="-s cost.sg_build=0 -s cost.sg_put=0 -s host.copy_call=120"
args="-q -m xge-64bit --tx ndis6-sg,ndis6-copy $near --replicates 2"
args="$args --trajectories 3 --param cost.sg_build=0..2000"
args="$args --param cost.dpc --param layout.mdl --param iommu.walk"
for format in text json csv; do
	for jobs in 1 2; do
		# shellcheck disable=SC2086
		"$DMASIM" sensitivity $args -j$jobs --format $format $traffic \
			>$jobs.$format || echo "status $?"
	done
	cmp 1.$format 2.$format && echo "$format: the same"
done
cat 1.text
head -1 1.csv
cut -d, -f3 1.csv | sort -u

echo "on both sides of the value at which the order changes:"
cheaper() {
	# shellcheck disable=SC2086
	"$DMASIM" compare -q -m xge-64bit --tx ndis6-sg,ndis6-copy \
		--rx common-copy $near -s "cost.sg_build=$1" --replicates 2 \
		--format json $traffic | jq -r '[.runs[] |
		{tx, cost: .metrics["cpu.driver_cycles_per_frame"]}] |
		group_by(.tx) | map({tx: .[0].tx, cost: (map(.cost) | add)}) |
		min_by(.cost).tx'
}
at=$(jq -r '.machines[0].parameters[] |
	select(.parameter == "cost.sg_build").flip.value' 1.json)
cheaper $((at * 95 / 100))
cheaper $((at * 105 / 100))
echo "one more cycle of the price is one more of the difference:"
jq '.machines[0].parameters[] | select(.parameter == "cost.sg_build") |
	.swing / 2000 | . > 0.9 and . < 1.1' 1.json

echo "what only counts at capacity is not inert:"
"$DMASIM" sensitivity -q --of capacity -m xge-64bit --replicates 2 \
	--trajectories 1 --tx ndis6-sg,ndis6-copy --param tx.queue_limit=16..64 \
	--format json gen:imix,rate=50kpps,frames=1000 |
	jq '.machines[0].parameters[] | .swing > 0, .inert'

# shellcheck disable=SC2086
"$DMASIM" sensitivity $args --report plots $traffic >/dev/null
ls plots
try sensitivity --of speed $traffic
try sensitivity --param cost.sg_bild $traffic
try sensitivity --param cost.sg_build=9..3 $traffic
try sensitivity --param traffic.mtu $traffic
try sensitivity --tx ndis6-sg $traffic
try sensitivity -q --direction rx $traffic
try sensitivity
