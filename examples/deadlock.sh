#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Two ways to map an array of packets with 24 map registers: one at a time, as
# NDIS 5 does, and all before any is sent, as it must not.
#
#	examples/deadlock.sh [DMASIM]
#
# The second ends in a circular wait: packets that are mapped and not sent hold
# what the next of the array waits for.  dmasim says when, who holds and who
# waits, and exits 1.
set -uo pipefail

dmasim=${1:-build/dmasim}
for tx in ndis5-sg ndis5-mapall; do
	"$dmasim" run gen:onoff,rate=2Gbps,size=1514,frames=2000,tx=100% -q \
		-m gbe-32bit --tx $tx -s traffic.tx_times=burst \
		-s hal.pool=24 -s hal.pool_cap=24 |
		grep -aE '^transmit |^deadlock: |^tx.(completed|unsent)_frames'
	echo "exit status ${PIPESTATUS[0]}"
done
