# SPDX-License-Identifier: Apache-2.0
# What run does not take: one clear line and 64, or 2 without a capture.
gen=gen:constant,rate=10kpps,size=500,frames=50
for args in "" "-m gbe-32bit,xge-64bit $gen" "--tx ndis6-sg,null $gen" \
	"--rx sgg $gen" "-m gbe $gen" "--set nic.tx_ring=0 $gen" "absent.pcap"; do
	# shellcheck disable=SC2086 # the words are arguments
	"$DMASIM" run $args
	echo "status $?"
done
