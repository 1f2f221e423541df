# SPDX-License-Identifier: Apache-2.0
# Rows: each with the first of the other side; the product with --cross; two
# captures one after the other, or merged.
gen=gen:constant,rate=20kpps,size=300,frames=200
rows=".runs[] | [.trace, .tx, .rx]"
compare() {
	"$DMASIM" compare -q -m xge-64bit --tx ndis6-sg,ndis6-copy \
		--rx sg,common-copy,null --replicates 1 --capacity-frames 0 \
		--format json "$@" >out.json || echo "status $?"
	jq -c "$rows" out.json
	jq '.traces | length' out.json
}
compare "$gen"
compare --cross "$gen"
compare "$gen" "$gen,seed=2" | tail -2
"$DMASIM" trace gen -o a.pcap "${gen#gen:}"
"$DMASIM" trace gen -o b.pcap "${gen#gen:},seed=2"
compare --merge a.pcap b.pcap | tail -2
