# SPDX-License-Identifier: Apache-2.0
# dmasim ndr: throughput of strategies in three formats, the same for any number
# of threads; bounds on latency; virtual speed-ups; what it refuses.
. "$SRC/tests/cli/common.bash"

traffic=gen:poisson,rate=1Gbps,size=600,frames=4000
args="-q -m gbe-32bit,xge-64bit --tx ndis6-copy,null --slo p99=40us"
for format in text json csv; do
	for jobs in 1 2; do
		# shellcheck disable=SC2086
		"$DMASIM" ndr $args -j$jobs --format $format $traffic \
			>$jobs.$format || echo "status $?"
	done
	cmp 1.$format 2.$format && echo "$format: the same"
done
head -1 1.csv
cut -d, -f4 1.csv | sort -u
echo "the rate that failed is within the resolution, a bound costs rate:"
jq -c '.rows[] | [.machine, .tx,
	(.throughput | .failing_bps / .rate_bps <= 1.01),
	(.within_slo == null or .within_slo.rate_bps <= .throughput.rate_bps),
	([.resources[].resource] | index("core 0") != null)]' 1.json
echo "the core is what the copy waits for: a faster clock is worth most"
for jobs in 1 2; do
	"$DMASIM" ndr -q -m xge-64bit --tx ndis6-copy --whatif --resolution 10% \
		-j$jobs --format json $traffic >$jobs.whatif
done
cmp 1.whatif 2.whatif && echo "the same"
jq -c '.rows[0] | .bottleneck, .whatif[0].parameter,
	(.whatif[0].gain | . > 0.05 and . < 0.15)' 1.whatif
echo "the wire alone:"
"$DMASIM" ndr -m xge-64bit --tx null --rx null --format json \
	gen:constant,size=1514,rate=1Gbps,tx=100%,frames=4000 |
	jq -c '.rows[0].throughput | .limiter,
		(.rate_bps / 1e10 * 1538 / 1514 | . > 0.99 and . <= 1.001)'
echo "a speed does not change it:"
at_speed() {
	"$DMASIM" ndr -m xge-64bit --tx ndis6-sg --speed "$1" --format json \
		--resolution 2% $traffic | jq '.rows[0].throughput.rate_bps'
}
jq -n --argjson a "$(at_speed 1x)" --argjson b "$(at_speed 3x)" \
	'$a / $b | . > 0.98 and . < 1.02'

try ndr --slo p98=1us $traffic
try ndr --slo p99=50 $traffic
try ndr --resolution 90% $traffic
try ndr --frames 1 $traffic
try ndr gen:constant,rate=1kpps,frames=1
try ndr
echo "nobody is busier than all the time, nothing received has no latency:"
"$DMASIM" ndr -q -m xge-64bit --tx ndis6-sg --format json --resolution 5% \
	gen:onoff,size=60,rate=1Mpps,tx=100%,on=500us,off=500us,frames=700 \
	>one_way.json
jq -c '.rows[0].resources | map(.utilisation) | max' one_way.json
"$DMASIM" ndr -q -m xge-64bit --tx ndis6-sg --resolution 5% \
	gen:constant,size=60,rate=1Mpps,tx=100%,frames=2000
echo "a lower rate that does not hold is named, and a run at it loses frames:"
office="$SRC/examples/office.pcap.xz"
"$DMASIM" ndr -q -m xge-strict --tx ndis6-hybrid --format json "$office" \
	>ragged.json
lower=$(jq '.rows[0].lower_failing_bps' ragged.json)
jq '.rows[0] | .lower_failing_bps / .throughput.rate_bps * 100 | round' \
	ragged.json
"$DMASIM" run -q -m xge-strict --tx ndis6-hybrid --rate "${lower}bps" \
	--format json "$office" |
	jq '.runs[0].metrics | .["rx.dropped_fifo_frames"] > 0'
