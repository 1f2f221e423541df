# SPDX-License-Identifier: Apache-2.0
# Shards joined are what one machine writes; what does not belong together is
# refused by name.
. "$SRC/tests/cli/common.bash"
gen=gen:poisson,rate=100kpps,size=300,frames=300
study="-q --axis nic.tx_ring=64..512/x2 --axis traffic.speed=1,2
	--axis tx=ndis6-sg,ndis5-sg,null --replicates 2"
# shellcheck disable=SC2086 # several words
sweep() { "$DMASIM" sweep $study "$@" || echo "status $?"; }

sweep -o whole "$gen"
for k in 1 2 3; do
	sweep --shard $k/3 -j $k -o part$k "$gen"
	sweep --shard $k/3 "$gen" >part$k.csv
	sweep --shard $k/3 --format json "$gen" >part$k.json
	jq '.runs | length' part$k.json
done
try merge part3 part1 part2 -o joined
diff -r whole joined && echo "directories: the same"
try merge part3.csv part1.csv part2.csv -o joined.csv
cmp joined.csv whole/results.csv && echo "CSV: the same"
try merge part2.json part1.json part3.json --format json -o joined.json
"$DMASIM" sweep -q --axis nic.rx_ring=64 -o other "$gen"
try merge part1 part2 part3 -o other
try merge part1 part2 part3 -o joined
cmp joined.json whole/results.json && echo "JSON: the same"
"$DMASIM" merge part1 part2 part3 | cmp - whole/results.csv
"$DMASIM" merge part1.csv part1.csv part2.csv part3.csv |
	cmp - whole/results.csv && echo "a part given twice: the same"

echo "gaps:"
try merge part1.csv part3.csv
try merge part1 part2
try merge part1.json part2.json --format json | head -1
echo "forms:"
try merge part1 part2.csv part3
try merge part1.csv part2.csv part3.csv --format json
echo "versions, studies, traces:"
sed 's/,0\.1\.0,/,0.0.9,/' part2.csv >old.csv
try merge part1.csv old.csv part3.csv
sed 's/"version":"[^"]*"/"version":"0.0.9"/' part2.json >old.json
try merge part1.json old.json part3.json
"$DMASIM" sweep -q --axis nic.tx_ring=64..512/x2 --axis traffic.speed=1,2 \
	--axis tx=ndis6-sg,ndis5-sg,null --replicates 2 --shard 2/3 \
	-s cost.sg_build=1000 "$gen" >other.csv
try merge part1.csv other.csv part3.csv
"$DMASIM" trace gen -q gen:constant,rate=1kpps,size=60,frames=9 -o cap.pcap
"$DMASIM" sweep -q --axis nic.tx_ring=64,128 --shard 1/2 cap.pcap >a.csv
"$DMASIM" trace gen -q gen:constant,rate=2kpps,size=60,frames=9 -o cap.pcap \
	--force
"$DMASIM" sweep -q --axis nic.tx_ring=64,128 --shard 2/2 cap.pcap >b.csv
try merge a.csv b.csv
echo "edited, cut off:"
sed '40s/,[0-9.]*,\([a-z]*\)$/,7,\1/' part2.csv >edited.csv
try merge part1.csv edited.csv part3.csv
head -n 40 part2.csv >cut.csv
try merge part1.csv cut.csv part3.csv
head -c 9999 part2.csv >cut.csv
try merge part1.csv cut.csv part3.csv
sed 's/"replicate": 1/"replicate": 0/' part2.json >edited.json
try merge part1.json edited.json part3.json
head -c 9999 part2.json >cut.json
try merge part1.json cut.json part3.json
point=$(find part2/points -name '*.json' | sort | head -1)
cp "$point" keep
echo >>"$point"
try merge part1 part2 part3 -o again 2>&1 | sed 's,points/.*json,points/...,'
cp keep "$point"
rm part3/results.json
try merge part1 part2 part3 -o again --force
echo "no parts:"
: >empty
try merge empty
try merge nothing
try merge "$SRC/README.md"
printf 'result,trace\n' >other.csv
try merge other.csv
try merge
mkdir -- '-o' && try merge -- -o
for shard in 0/3 4/3 a/b 1 1/; do
	try sweep --shard $shard --axis nic.tx_ring=64 "$gen"
done
try sweep -q --shard 3/3 --axis nic.tx_ring=64,128 "$gen"
