# SPDX-License-Identifier: Apache-2.0
# --check: the first frames on both kernels.
. "$SRC/tests/cli/common.bash"
gen=gen:imix,rate=1Gbps,frames=3000
try run --check --replicates 2 -o run.txt "$gen"
try run -q --check=500 -o quiet.txt "$gen"
try compare --check=500 -m gbe-32bit --capacity-frames 0 -o compare.txt "$gen"
try run --check -
try run --check=0 "$gen"
try ndr --check "$gen"
