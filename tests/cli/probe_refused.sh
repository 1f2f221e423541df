# SPDX-License-Identifier: Apache-2.0
# What a probe refuses: every option with a value it does not take.
. "$SRC/tests/cli/common.bash"

echo "values:"
try probe --op read
try probe --size 64
try probe --size 0B
try probe --size 64B..1KiB
try probe --size 128KiB
try probe --size
try probe --window 32B
try probe --window 2GiB
try probe --window 1KiB --size 64B..2KiB/x2
try probe --offset 4KiB
try probe --cache hot
try probe --outstanding 0
try probe --pages 8KiB
try probe --iommu maybe
try probe --numa far
try probe --count 0
try probe --seed x
try probe --seed 9223372036854775808
try probe -j 0
try probe --format xml

echo "axes:"
try probe --size 64B --size 128B
try probe --axis nic.tx_rng=1
try probe --axis tx=null
try probe --axis machine=gbe-32bit
try probe --axis seed=1,2 --seed 3
try probe -s probe.size=1B --size 2B
try probe --size 1B..4000B/1B --outstanding 1..40/1

echo "machines:"
try probe -m hsw-3g4
try probe -m gbe-32bit,xge-64bit
try probe -m absent.ini
try probe -s pcie.mps=192B
try run -s probe.size=1B gen:constant,frames=1

echo "closed forms:"
try probe --nic simple
try probe --analytic --nic simpel
try probe --analytic --nic simple --size 4B
try probe --analytic --nic simple --eth 40
try probe --analytic --nic simple --eth 0
try probe --analytic --window 8KiB
try probe --eth 40Gbps
try probe --as-published

echo "the rest:"
try probe --windw 8KiB
try probe capture.pcap
touch there
try probe -o there
