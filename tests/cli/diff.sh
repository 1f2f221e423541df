# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# diff of results and of frames: what counts, what is said, exit statuses.
# shellcheck source=/dev/null
. "$SRC/tests/cli/common.bash"

load=gen:imix,rate=500Mbps,frames=600,seed=3
for ring in 512 64; do
	"$DMASIM" run -q --replicates 4 --set nic.tx_ring=$ring --format json \
		-o ring$ring.json $load
	"$DMASIM" run -q --set nic.tx_ring=$ring --format json \
		-o one$ring.json $load
done
"$DMASIM" run -q --replicates 4 --set host.stack_tx=2000 --format json \
	-o stack.json $load
"$DMASIM" run -q --tx ndis6-sg --format json -o sg.json $load

try diff ring512.json ring512.json
try diff ring512.json stack.json --metric 'tx.stack_cycles,rx.stack_cycles'
try diff ring512.json stack.json --metric 'cpu.*_cycles_per_frame' --all
try diff ring512.json stack.json --metric tx.stack_cycles --fail-over 50%
try diff ring512.json stack.json --metric tx.stack_cycles --fail-over 20%
try diff one512.json one64.json --metric 'memory.*_bytes'
echo "four replicates, of which one has a partner:"
try diff ring512.json one64.json --metric memory.pinned_bytes --format csv
try diff one512.json one64.json --metric memory.pinned_bytes --format json
echo "nothing in common, or not the same kind:"
try diff one512.json sg.json
try diff one512.json one64.json --metric 'no.such*'
echo "{}" >empty.json
try diff one512.json empty.json
try diff one512.json absent.json
try diff --fail-over 2 one512.json one512.json
try diff one512.json

echo "frames:"
"$DMASIM" run -q --frames simulated.csv $load >run.txt
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	{ print $1 "," $2 "," $at["latency_ps"] }' simulated.csv >three.csv
{
	echo "part,number,latency_ns"
	awk -F, '$1 > 10 { printf "%s,%s,%.3f\n", $2, $1, $3 / 1e3 + 250 }' \
		three.csv | sort -R --random-source=three.csv
	echo "0,601,10"
	echo "0,602,"
} >measured.csv
try diff simulated.csv simulated.csv
try diff simulated.csv measured.csv
try diff --fail-over 90% --format csv simulated.csv measured.csv
"$DMASIM" diff --format json simulated.csv measured.csv |
	jq -c '.worst |= length'
printf 'number,took\n1,10us\n2,20us\n' >took.csv
printf 'number,latency\n1,11us\n2,18us\n' >units.csv
printf 'number,took_us\n1,11\n2,18\n' >named.csv
try diff --column took,latency took.csv units.csv
try diff --column took,took_us --format csv took.csv named.csv | head -3
try diff took.csv units.csv
printf 'number,latency_us\n1,1\n1,2\n' >twice.csv
try diff units.csv twice.csv
printf 'number,latency_us\n1.5,1\n' >half.csv
try diff units.csv half.csv
printf 'number,latency_us\n7,1\n' >seven.csv
try diff units.csv seven.csv
printf 'number,latency_s\n1,1e300\n' >long.csv
try diff long.csv units.csv
printf 'number,latency_us\n1,0\n' >zero.csv
try diff zero.csv units.csv
try diff units.csv one512.json
