# SPDX-License-Identifier: Apache-2.0
# A pair that cannot run is a row that says why; if none can, it is an error.
gen=gen:constant,rate=5kpps,size=300,frames=200
"$DMASIM" compare -q -m gbe-32bit -s rx.register_share=0 --replicates 1 \
	--tx ndis6-copy --rx common-copy,sg --capacity-frames 0 \
	--format json "$gen" >out.json || echo "status $?"
jq -c '.runs[] | [.tx, .rx, .status, .reason]' out.json
"$DMASIM" compare -q -m gbe-32bit -s rx.hold_p99=1us "$gen"
echo "status $?"
"$DMASIM" run -q -m gbe-32bit -s rx.hold_p99=1us "$gen"
echo "status $?"
