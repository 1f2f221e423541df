# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The command that a page says makes the same results makes them.
dmasim() { "$DMASIM" "$@"; }

again() {
	local command
	dmasim "$@" -q --format json -o first.json || return
	dmasim report -q -o page first.json || return
	command=$(grep -o 'dmasim \(run\|compare\) -[^<]*' page/index.html |
		head -1 | sed "s/&#39;/'/g; s/&lt;/</g; s/&amp;/\&/g")
	echo "$command"
	eval "$command -q --format json -o second.json"
	cmp <(jq '.runs[] | [.id, .fingerprint]' first.json) \
		<(jq '.runs[] | [.id, .fingerprint]' second.json) && echo same
	rm -rf page first.json second.json
}
dmasim trace convert -q --limit 300 "$SRC/examples/office.pcap.xz" -o few.pcap
gen=gen:imix,rate=200Mbps,frames=300
again run $gen
again run -m gbe-32bit --tx ndis6-sg --limit 200 --speed 1.5x --loop 2 \
	--filter 'udp or tcp' -s nic.moderation=20us -s tx.copy_threshold=300B \
	-s traffic.dpc_sends=30% --window 64KiB --seed 7 --replicates 2 few.pcap
again compare -m xge-64bit --cross --tx ndis6-copy,ndis6-sg \
	--rx sg,copybreak --capacity-frames 0 --replicates 2 --rate 500Mbps $gen
again compare -m xge-64bit --tx ndis6-copy,ndis6-sg --rx sg \
	--capacity-frames 100 --replicates 2 $gen
