# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The directory of a study stands for its results; plots that cannot show all
# of an axis say so.
# shellcheck source=/dev/null
. "$SRC/tests/cli/common.bash"

gen=gen:constant,rate=100kpps,size=300,frames=20
try sweep --axis nic.tx_ring=64,128 --axis nic.rx_ring=64..512/n13 \
	-o study $gen
try report study
grep -h '^set title' report/axis_cycles_*.gp
try report --ascii -q study >plots
grep -c ' over ' plots
try report -o one study/points
mkdir empty
try report empty
