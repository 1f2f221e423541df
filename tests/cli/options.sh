# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Wrong options: one clear error each, status 64.
# shellcheck source=/dev/null
. "$SRC/tests/cli/common.bash"

try params --mach xge-64bit
try params --machine
try params -s
try params --quiet=yes
try params -qx
try params --format csv
try params --format jsn
try params a b
try params -m xge-64bti
try params -m hsw-3g3
try params -m gbe-32bit,xge-64bit
try params -s nic.tx_ring
try params -s nic.tx_rnig=512
try params -s tx_ring=512
try params -s nic.tx_ring=1000000000
try params -s traffic.mtu=1500
try params -s traffic.mtu=1500b
try params -s traffic.direction=sideways
try trace stat --speed 0 gen:constant
try trace stat --limit many gen:constant
try trace stat --from 5 gen:constant
try trace stat --burst-gap 5 gen:constant
try trace gen --snaplen 0B constant
try run --tx common-copy gen:constant
try run --tx ndis6-hybird gen:constant
try run --rx sgg gen:constant
try run --seed -1 gen:constant
try run --replicates 0 gen:constant
try run -j 1000 gen:constant
