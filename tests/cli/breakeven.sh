# SPDX-License-Identifier: Apache-2.0
# dmasim breakeven: three answers in three formats, the same for any number of
# threads; prices from a file; what it refuses.  Figures are the unit tests'.
. "$SRC/tests/cli/common.bash"

office="$SRC/examples/office.pcap.xz"
args="-q -m xge-64bit,gbe-32bit --frames 200 --capture-frames 1000 --replicates 2"
for format in text json csv; do
	for jobs in 1 2; do
		# shellcheck disable=SC2086
		"$DMASIM" breakeven $args -j$jobs --format $format "$office" \
			>$jobs.$format || echo "status $?"
	done
	cmp 1.$format 2.$format && echo "$format: the same"
done
grep -c '^[123]\. ' 1.text
head -1 1.csv
cut -d, -f2 1.csv | sort -u
echo "a machine's answers:"
jq -c '.machines[] | [.machine, (.sizes.points | length >= 11),
	(.prices | length), (.thresholds | keys)]' 1.json
jq -c '[.machines[].prices[] | select(.this_machine) | .axis] | unique' 1.json
echo "mapping costs 1000 cycles more: the difference grows by as much:"
difference() {
	jq '[.machines[0].sizes.points[] | select(.bytes == 512)][0]
		.difference.mean' "$1"
}
# shellcheck disable=SC2086
"$DMASIM" breakeven $args -s cost.sg_build=1860 --format json "$office" >dear.json
jq -n --argjson a "$(difference 1.json)" --argjson b "$(difference dear.json)" \
	'$b - $a | . > 990 and . < 1010'

echo "cheaper from a size on: it is so at that size and not at the one before"
"$DMASIM" breakeven -q -m xge-64bit -s layout.tx_source=zero-copy \
	-s cost.sg_build=350 -s cost.sg_put=170 --replicates 2 --frames 500 \
	--capture-frames 500 "$office" | grep -E 'cheaper from|^ *12[89]B ' |
	awk '/cheaper from/ { print; next } { print $1, $6 < 0 }'

echo "prices that were measured:"
printf 'parameter,value,interval\ncost.sg_build,100ns,10ns\n' >prices.csv
# shellcheck disable=SC2086
"$DMASIM" breakeven $args --price prices.csv --format json "$office" |
	jq -c '.machines[0].config["cost.sg_build"]'
printf 'cost.sg_bild,860\n' >prices.csv
try breakeven --price prices.csv "$office"
printf 'nic.tx_ring,860\n' >prices.csv
try breakeven --price prices.csv "$office"
try breakeven --price missing.csv "$office"

try breakeven --tx ndis6-sg "$office"
try breakeven --replicates 1 "$office"
try breakeven --sizes 64B "$office"
try breakeven --sizes 128B,64B "$office"
try breakeven --frames 1 "$office"
try breakeven -q --direction rx "$office"
try breakeven
