# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A layout sidecar: what is made up and fed back gives the same result; in both
# forms, compressed, of some frames; what is refused.
# shellcheck source=/dev/null
. "$SRC/tests/cli/common.bash"

office=$SRC/examples/office.pcap.xz
cut="--limit 4000 -q"

# All but the sidecar's own figures, and what names the file.
figures() {
	jq '.runs[] | del(.config_digest, .id, .config)
		| del(.metrics["layout.sidecar_frames"])
		| del(.metrics["layout.synthetic_frames"])'
}

echo "made up, and fed back:"
for how in "-m xge-64bit" "-m xge-strict --set layout.mdl=linear" \
	"-m gbe-32bit --set layout.mdl=fragments --set layout.backfill=32B" \
	"--set traffic.tx_times=burst --set rx.hold_share=100%"; do
	# shellcheck disable=SC2086 # words
	"$DMASIM" trace layout $cut $how "$office" -o all.csv --force
	for tx in ndis6-sg ndis6-headers premapped; do
		# shellcheck disable=SC2086
		run() {
			"$DMASIM" run $cut $how --tx $tx --rx sg \
				--format json "$@" "$office"
		}
		run >without.json
		run --layout all.csv >with.json
		cmp <(figures <without.json) <(figures <with.json) &&
			echo "the same: $how --tx $tx"
	done
done

echo "counted:"
# shellcheck disable=SC2086
jq -c '.runs[0].metrics | [.["layout.sidecar_frames"],
	.["layout.synthetic_frames"], .["layout.misfit_frames"]]' \
	without.json with.json
jq -c '.traces[0].layout | .digest = (.digest | length)' with.json

echo "as JSON lines, compressed:"
# shellcheck disable=SC2016
awk -F, 'NR > 1 {
	printf "{\"number\": %s", $1
	if ($2 != "") printf ", \"part\": %s", $2
	if ($3 != "") {
		gsub(/\+/, ", ", $3); gsub(/\+/, ", ", $4)
		printf ", \"mdls\": [%s], \"offsets\": [%s]", $3, $4
		printf ", \"buffer\": %s, \"batch\": %s, \"nbl\": %s", $6, $7, $8
	}
	if ($9 != "") printf ", \"hold_ns\": %s", $9
	print "}" }' all.csv | xz >all.jsonl.xz
run --layout all.jsonl.xz | jq '.runs' >json.json
jq '.runs' with.json >csv.json
cmp <(jq '.[] | del(.config_digest, .id)' json.json) \
	<(jq '.[] | del(.config_digest, .id)' csv.json) && echo "the same"

echo "any -j, and compare's short runs too:"
for j in 1 3; do
	# shellcheck disable=SC2086
	"$DMASIM" compare $cut -m xge-64bit --layout all.csv -j $j \
		--format json "$office" >j$j.json
done
cmp j1.json j3.json && echo "the same"

echo "the worked example:"
DMASIM=$DMASIM "$SRC/examples/layout/number.sh" "$office" \
	"$SRC/examples/layout/send.log" --limit 400 |
	cmp - "$SRC/examples/layout/office.layout.csv" && echo "the same"
"$DMASIM" run --limit 400 -q --layout "$SRC/examples/layout/office.layout.csv" \
	--format json "$office" |
	jq -c '.runs[0].metrics | [.["layout.sidecar_frames"],
		.["layout.synthetic_frames"], .["layout.misfit_frames"]]'

"$DMASIM" run --limit 400 -q --layout "$SRC/examples/layout/office.layout.csv" \
	"$office" | sed -n 2p
echo "a record that names no frame, a sweep, a window:"
printf 'number,mdls\n3,100\n900,100\n1000,100\n2000,100\n' >far.csv
"$DMASIM" run --layout far.csv --filter 'udp port 53' --limit 600 "$office" \
	2>&1 >out.txt | grep layout
windowed() {
	"$DMASIM" sweep -q -m gbe-32bit --tx ndis6-sg --rx sg --limit 400 \
		--axis nic.tx_ring=64 --format json "$@" \
		--layout "$SRC/examples/layout/office.layout.csv" "$office"
}
windowed | jq -c '.runs[0].metrics["layout.sidecar_frames"]'
windowed --window 0..100us | jq -r '.runs[0] | .status, .reason'

echo "one batch is one call, twice the pages are twice the registers:"
cat >four.csv <<'END'
number,mdls,offsets,batch
1,100,0,1
2,50+50,4090+4090,1
3,100,,1
4,100,,2
END
for layout in "" "--layout four.csv"; do
	# shellcheck disable=SC2086
	"$DMASIM" run -q -m gbe-32bit --tx ndis6-sg $layout --format json \
		gen:constant,frames=4,size=100,tx=100%,rate=1kpps |
		jq -c '.runs[0].metrics | [.["tx.calls"],
			.["hal.map_registers_granted"]]'
done

echo "facts that cannot be:"
cat >misfit.csv <<'END'
number,mdls,hold_ns
1,99,
2,100,5
END
"$DMASIM" run -q --layout misfit.csv --format json \
	gen:constant,frames=4,size=100,tx=100% |
	jq -c '.runs[0].metrics["layout.misfit_frames"]'

refused() {
	printf '%s\n' "$@" >bad.csv
	"$DMASIM" run -q --layout bad.csv gen:constant,frames=100
	echo "status $?"
}
echo "refused:"
refused number,mdls 5,100 4,100
refused number,mdls 5,100 5,100
refused number,mdl 5,100
refused number,number 5,5
refused number,mdls 5
refused number,mdls 5,100,6
refused number,mdls 5,1+
refused number,mdls 5,70000
refused number,mdls 0,100
refused number,mdls -1,100
refused number,mdls,offsets 5,100,4096
refused number,mdls,offsets 5,50+50,0
refused number,offsets 5,0
refused number,mdls,skip 5,100,100
refused number,contiguous 5,yes
refused number,hold_ns 5,10us
refused number,hold_ns 5,99999999999999
refused number,buffer 5,0x1ffffffffffffffff
refused '{"number": 5, "mdls": [5,'
refused '{"number": 5, "mdls": "5,6"}'
refused '{"number": 5, "mdls": [-5]}'
refused '{"mdls": [5]}'
refused '{"number": 5}' '[5]'
refused "number,mdls" "5,$(printf '1+%.0s' {1..64})1"
refused "$(printf '%05000d' 1)"
"$DMASIM" run -q --layout absent.csv gen:constant,frames=10
"$DMASIM" run -q --layout "$office" gen:constant,frames=10
