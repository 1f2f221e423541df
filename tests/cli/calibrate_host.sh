# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# calibrate --from tables of transfers: a made host is recovered from what probe
# measures on it, what is written is read by probe; tables that are wrong.
# shellcheck source=/dev/null
. "$SRC/tests/cli/common.bash"

made=(-m hsw-2620v3 -s host.dma_read_warm=430ns -s host.dma_read_cold=500ns
	-s host.dma_write=150ns -s host.numa_delta=80ns -s host.ddio=20%
	-s iommu.iotlb_reserved=28 -s iommu.walk=300ns -s iommu.walks=4)
measure() {
	"$DMASIM" probe "${made[@]}" --count 3000 --seed 7 --format csv "$@"
}
measure --op rd --size 64B,128B,256B --cache warm,cold >reads.csv
measure --op wrrd --size 64B,256B >writes.csv
measure --op rd --cache devwarm --window 64KiB,4MiB,6MiB,8MiB,16MiB >share.csv
measure --op rd --iommu off,on --window 256KiB,512KiB,1MiB,4MiB,32MiB >knee.csv
measure --op wr --iommu on --window 64MiB --outstanding 88 >rate.csv
measure --op rd --numa remote >remote.csv

try calibrate --from reads.csv writes.csv share.csv knee.csv rate.csv \
	remote.csv -o host.ini
cat host.ini
try probe -m host.ini --op rd --cache cold --count 2000 | tail -n 1 |
	awk '{ print ($3 > 555 && $3 < 580) ? "as made" : $3 }'
try calibrate --from reads.csv -o host.ini
echo "only some of it:"
try calibrate --from rate.csv -s host.ddio=15% | head -n 9

echo "bad input:"
bad() {
	printf '%b' "$1" >bad.csv
	try calibrate --from bad.csv
}
bad 'op,size_B\nrd,64\n'
bad 'op,size_B,gbps\nerase,64,1\n'
bad 'op,size_B,gbps\nrd,many,1\n'
bad 'host,op,size_B,gbps\na,rd,64,32\n'
try calibrate --from bad.csv --host b
try calibrate --from reads.csv missing.csv
try calibrate --from reads.csv bad.csv -m hsw-2620v3,ib-2620v2
try calibrate reads.csv
try calibrate --from reads.csv --format json
