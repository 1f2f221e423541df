# SPDX-License-Identifier: Apache-2.0
# Capacity does not move with --speed, is never above the wire, and of bursty
# traffic is what does run without loss; the frames it was found on are named.
office="$SRC/examples/office.pcap.xz --limit 12000"
args="-q -m gbe-32bit --tx ndis6-sg --rx sg --replicates 2 --format json"
compare() {
	# shellcheck disable=SC2086
	"$DMASIM" compare $args -o out.json --force "$@" || echo "status $?"
	jq -c '.runs[0].capacity | [.rate_bps, .limiter, .confirmed]' out.json
	jq -r '.summary.notes[].text' out.json
}
# shellcheck disable=SC2086
compare $office
speed=$(jq -r '.runs[0].capacity.headroom * 1000 | floor / 1000' out.json)
for times in "$speed" "$(jq -n "$speed * 1500 | floor / 1000")"; do
	# shellcheck disable=SC2086
	"$DMASIM" run $args --speed "${times}x" $office |
		jq -c '[.runs[] | .status]'
done
# shellcheck disable=SC2086
compare --speed 2x $office
compare gen:constant,size=1514,rate=1200Mbps,tx=0,frames=5000
compare --capacity-frames 4000 \
	gen:constant,size=1514,rate=800Mbps,tx=0,frames=5000
