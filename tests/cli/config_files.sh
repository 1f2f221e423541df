# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Configuration files: order of application, origins, errors with their place.
# shellcheck source=/dev/null
. "$SRC/tests/cli/common.bash"

mkdir lib
cat >lab.ini <<'INI'
include = lib/base.ini
[nic]
tx_ring = 1024
  rx_ring = 1024
[machine]
preset = gbe-32bit
[strategy ndis6-hybrid]
copy_threshold = 512B
INI
cat >lib/base.ini <<'INI'
[nic]
tx_ring = 64
[traffic]
mtu = 9000B	; jumbo
INI
keys() {
	try params "$@" --format json |
		grep -E '^\$|"(key|value|from)"|status' | tr -s ' ' | paste -sd ' ' |
		sed 's/ "key"/\n&/g'
}
keys -c lab.ini nic.tx_ring
keys -c lab.ini nic.rx_ring
keys -c lab.ini traffic.mtu
keys -c lab.ini tx.copy_threshold
keys -c lab.ini -s nic.tx_ring=32 nic.tx_ring
keys -c lab.ini -m xge-64bit nic.tx_ring
keys -m xge-64bit nic.tx_ring

bad() {
	printf '%b' "$1" >bad.ini
	try params -c bad.ini
}
bad '[nic\n'
bad 'tx_ring = 5\n'
bad '[nic]\ntx_rnig = 5\n'
bad '[nic]\ntx_ring = 5\ntx_ring = 6\n'
bad '[nic]\ntx_ring = 5 # rings\n'
bad '[nik]\n'
bad '[machine]\npreset = gbe-32bti\n'
bad '[strategy ndis6-hybird]\ncopy_threshold = 1B\n'
bad '[strategy ndis6-hybrid]\ncopy_treshold = 1B\n'
bad 'include = bad.ini\n'
bad 'include = nowhere.ini\n'
bad '[nic]\ntx_ring\n'
try params -c lib
