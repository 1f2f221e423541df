# SPDX-License-Identifier: Apache-2.0
# Study files: what they may say, constraints, zipped axes, what is refused.
gen=gen:constant,rate=20kpps,size=300,frames=100
cat >study.ini <<'END'
[study]
captures = gen:constant,rate=20kpps,size=300,frames=100
machines = gbe-32bit, xge-64bit
tx = ndis6-sg, ndis6-copy
replicates = 2
seed = 7
zip = nic.tx_ring, nic.rx_ring
constraint = nic.tx_ring >= 2 * tx.copy_threshold or tx = "ndis6-sg"
constraint = not (machine = "gbe-32bit" and nic.tx_ring > 256)
[set]
tx.copy_threshold = 128B
[nic]
tx_ring = 64..512 x 2
rx_ring = 128..512 step 128
[axes]
traffic.speed = 1, 2
END
. "$SRC/tests/cli/common.bash"
try sweep -q --dry-run --study study.ini
try sweep -q --dry-run --list --study study.ini | tail -3
try sweep -q --dry-run --study study.ini --replicates 1 -m xge-strict "$gen"
echo "the number of points is that of the results:"
"$DMASIM" sweep -q --study study.ini -o out || echo "status $?"
jq -c '.runs | length, (map(.seed) | unique),
	(map(.axes."nic.rx_ring") | unique)' out/results.json
jq -r '.config."tx.copy_threshold".from' out/results.json

axes="--axis nic.tx_ring=64,128 --axis host.numa_delta=1us,5us"
for constraint in 'nic.tx_ring > 128' 'nic.tx_rng > 1' 'nic.tx_ring > 10us' \
	'host.numa_delta < 2us and nic.tx_ring' '(nic.tx_ring > 1' \
	'nic.tx_ring / 0 = 1' 'tx > "ndis6"' 'tx = ndis6' 'nic.tx_ring > 1 1' \
	'host.numa_delta * host.numa_delta > 0' '1.5 > 1' \
	'-(-9223372036854775808 * (18446744073709551615 + 1)) > 0' \
	'-9223372036854775808 * (18446744073709551615 + 1) / -1 > 0' ''; do
	# shellcheck disable=SC2086 # several words
	try sweep -q --dry-run $axes --constraint "$constraint" "$gen" 2>&1 |
		tail -2
done
# shellcheck disable=SC2086
try sweep -q --dry-run $axes --constraint 'nic.tx_ring > 64' \
	--constraint 'nic.tx_ring < 128' "$gen"
# shellcheck disable=SC2086
try sweep -q --dry-run $axes --constraint 'host.numa_delta < 2us' "$gen"
try sweep -q --axis nic.tx_ring=16..4096/1 --axis seed=1,2,3,4,5 "$gen" \
	</dev/null
try sweep -q --dry-run --axis nic.tx_ring=64,128 --axis nic.rx_ring=64 \
	--zip nic.tx_ring,nic.rx_ring "$gen"
try sweep -q --dry-run --axis nic.tx_ring=64
for line in 'capture = a' 'seed = x' 'replicates = 0' 'machines = a,,b' \
	'merge = maybe'; do
	printf '[study]\n%s\n' "$line" >bad.ini
	try sweep -q --dry-run --study bad.ini "$gen"
done
