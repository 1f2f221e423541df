# SPDX-License-Identifier: Apache-2.0
# Raw DMA: rows, columns, formats; closed forms.
. "$SRC/tests/cli/common.bash"

try probe -m hsw-3g3 --count 2000
try probe -m hsw-3g3 --count 2000 --op rd,wr,rdwr,wrrd --size 64B,500B \
	--outstanding 88
try probe -m hsw-3g3 --count 2000 --iommu off,on --pages 4KiB,2MiB \
	--window 8KiB..8MiB/x1024
try probe -m hsw-3g3 --count 2000 --window 64KiB --cache warm,cold,devwarm \
	--numa local,remote --offset 0,40B
echo "the columns of CSV, and the same figures:"
try probe -m hsw-3g3 --count 2000 --size 64B --axis pcie.tags=4,32 \
	--axis seed=1,2 --outstanding 32 --format csv
try probe -m hsw-3g3 --count 2000 --format json -o one.json
jq -c '.config = (.config | length > 100)' one.json
"$DMASIM" probe -m hsw-3g3 --count 500 --size 64B..1KiB/x2 --format csv >a
"$DMASIM" probe -m hsw-3g3 --count 500 --size 64B..1KiB/x2 --format csv -j 1 >b
cmp a b && echo "repeatable"
printf '[host]\ndma_read_warm = 1us\n[pcie]\ngeneration = 3\n' >slow.ini
try probe -m slow.ini --count 2000
try params -m slow.ini host.dma_read_warm

echo "closed forms:"
try probe -m hsw-3g3 --analytic -s pcie.generation=3 --size 64B,512B,1KiB \
	--axis pcie.completion=64B,256B
try probe -m hsw-3g3 --analytic -s pcie.generation=3 -s pcie.completion=256B \
	--nic simple --eth 40Gbps --size 64B,1518B
try probe -m hsw-3g3 --analytic -s pcie.generation=3 --nic niantic-pmd \
	--as-published --size 64B,1518B --format csv
