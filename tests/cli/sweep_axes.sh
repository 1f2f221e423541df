# SPDX-License-Identifier: Apache-2.0
# Axes: what they expand to, and what is refused.
gen=gen:constant,rate=20kpps,size=300,frames=100
cat >study.ini <<'END'
[axes]
tx = ndis6-sg, ndis6-copy
[nic]
tx_ring = 64..512/x2
END
"$DMASIM" sweep -q --dry-run --study study.ini --axis seed=1,2 --replicates 2 "$gen"
"$DMASIM" sweep -q --dry-run -m gbe-32bit,xge-64bit --rx all \
	--axis cost.sg_build=100..1000/n4 "$gen"
for axis in nic.tx_rng=1 nic.tx_ring nic.tx_ring=64..512 nic.tx_ring=0 \
	tx=ndis9 traffic.local=a; do
	"$DMASIM" sweep -q --dry-run --axis $axis "$gen"
	echo "status $?"
done
"$DMASIM" sweep "$gen"
echo "status $?"
"$DMASIM" sweep --tx ndis6-sg --axis tx=ndis6-copy "$gen"
echo "status $?"

echo "no column stands twice:"
"$DMASIM" sweep -q --axis seed=1,2 --axis tx=ndis6-sg,ndis6-copy \
	--axis nic.tx_ring=64 -o study "$gen" || echo "status $?"
head -1 study/results.csv
"$DMASIM" sweep -q --axis tx=ndis6-sg,ndis6-copy --axis seed=1,2 \
	--format text "$gen" | grep -oE '^seed.* rx |^[12] .* common-copy '
for set in "-s nic.tx_ring=32" "-s nic.tx_rings=32" "--speed 2x" \
	"--seed 7"; do
	# shellcheck disable=SC2086 # several words
	"$DMASIM" sweep -q --dry-run --axis nic.tx_ring=64,128 \
		--axis traffic.speed=1,2 --axis seed=1,2 $set "$gen"
	echo "status $?"
done

echo "standard input is read once:"
"$DMASIM" trace gen -q -o one.pcap "${gen#gen:}"
for more in "" "--axis traffic.speed=1,2" "--dry-run" "--dry-run -q"; do
	# shellcheck disable=SC2086 # several words
	"$DMASIM" sweep --axis nic.tx_ring=64,128 --memory 1KiB $more - \
		<one.pcap
	echo "status $?"
done
"$DMASIM" sweep -q --axis nic.tx_ring=64,128 - <one.pcap |
	grep -c ',tx.sent_frames,'
