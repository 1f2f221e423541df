# SPDX-License-Identifier: Apache-2.0
# A load beyond capacity is not ranked, even when the capture is too short to
# overflow a queue; one below it is.
gen=size=1000,frames=600
for rate in 40Gbps 400Mbps; do
	"$DMASIM" compare -q -m gbe-32bit --tx ndis6-copy,ndis6-hybrid \
		--rx common-copy --format json \
		"gen:constant,rate=$rate,$gen" >out.json || echo "status $?"
	jq -c '[.runs[] | [.tx, .status, .capacity.headroom < 1]] | unique[]' \
		out.json
	jq '.summary.best | length > 0' out.json
done
