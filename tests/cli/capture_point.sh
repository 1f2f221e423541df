# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Where the stamps were taken matters: frames that left a wire back to back
# came from one send call, in every command.
"$DMASIM" trace gen -q onoff,rate=2Gbps,size=1000,frames=400,tx=100%,on=100us,off=400us \
	-o traffic.pcap
set -- -q -m gbe-32bit --direction tx traffic.pcap --format json
calls() { jq -c ".runs[0].metrics | [.[\"tx.calls\"], .[\"tx.sent_frames\"]]"; }
for point in host wire; do
	echo "$point: run $("$DMASIM" run "$@" -s traffic.capture_point=$point | calls)"
	echo "$point: sweep $("$DMASIM" sweep "$@" -s traffic.capture_point=$point \
		--axis nic.tx_ring=256 | calls)"
done
