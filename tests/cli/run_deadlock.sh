# SPDX-License-Identifier: Apache-2.0
# A circular wait: a warning, exit 1, and who holds what whom makes wait; the
# same array one packet at a time is carried.
for tx in ndis5-sg ndis5-mapall; do
	"$DMASIM" run gen:onoff,rate=2Gbps,size=1514,frames=2000,tx=100% \
		-m gbe-32bit --tx $tx -s traffic.tx_times=burst \
		-s hal.pool=24 -s hal.pool_cap=24 >out
	echo "status $?"
	grep -E '^transmit |^deadlock: |^tx.(completed|unsent)_frames' out |
		sed -E 's/from [0-9]+ ps/from N ps/; s/ +/ /g'
done
rm -f out
