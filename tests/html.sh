#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Look at the page of dmasim report with a browser (make check-html).
#
#	tests/html.sh BUILD
#
# Draws reports of a comparison, of a sweep of two axes, of a break-even and of
# highest rates, and of names that are hostile; opens them in chromium without a
# network, light and dark, at several widths, and as print.  Fails when a page
# says anything on its console, refers to anything outside itself, is wider than
# the window, or does not sort.  Pictures are left in BUILD/html.
set -euo pipefail
export LC_ALL=C.UTF-8

build=$(realpath "$1")
root=$(cd "$(dirname "$0")/.." && pwd)
out=$build/html
dmasim=$build/dmasim
rm -rf "$out"
mkdir -p "$out"
cd "$out"
passed=0
failed=0

# say STATUS WHAT
say() {
	if [ "$1" = 0 ]; then
		passed=$((passed + 1))
		echo "ok - $2"
	else
		failed=$((failed + 1))
		echo "not ok - $2"
	fi
}

# No name resolves and every proxy is a closed port: a fetch is an error.
browser() {
	timeout 120 chromium --headless --no-sandbox --disable-gpu \
		--hide-scrollbars --user-data-dir="$out/profile" \
		--proxy-server=127.0.0.1:9 \
		--host-resolver-rules='MAP * ~NOTFOUND' \
		--virtual-time-budget=4000 --enable-logging=stderr "$@" \
		2>"$out/log"
}

# What the page itself said; chromium's own complaints name its sources.
console() {
	grep -E 'CONSOLE|Refused|net::ERR' "$out/log" || true
}

results() {
	local office=$root/examples/office.pcap.xz
	"$dmasim" compare -q --format json -o compare.json "$office"
	"$dmasim" breakeven -q -m xge-strict --frames 1000 \
		--capture-frames 6000 --format json -o breakeven.json "$office"
	"$dmasim" ndr -q -m xge-strict --frames 10000 --slo p99=50us \
		--format json -o ndr.json "$office"
	"$dmasim" size -q -m xge-strict --slo p99=100us --limit 4000 \
		--format json -o size.json "$office"
	"$dmasim" sensitivity -q -m xge-strict --limit 2000 \
		--format json -o sensitivity.json "$office"
	"$dmasim" sweep -q -m xge-strict --limit 3000 --replicates 2 \
		--tx ndis6-sg,ndis6-copy --axis nic.tx_ring=32,64,128 \
		--axis nic.moderation=5us,20us,50us,100us -o study "$office"
	# Every name of a comparison made hostile.
	"$dmasim" compare -q -m xge-strict --limit 500 --replicates 2 \
		--capacity-frames 0 --format json -o plain.json "$office"
	jq '(.runs[] | .tx, .rx, .machine) |=
		. + "\"><img src=http://evil/x onerror=alert(1)></svg>" |
		.traces[].path |= . + "</title><script>alert(2)</script>" |
		.summary.notes[].text |= . + "`touch evil`; system \"id\"\u0007"' \
		plain.json >hostile.json
}

pages() {
	"$dmasim" report -q -o compare compare.json
	"$dmasim" report -q --pdf -o studies breakeven.json ndr.json \
		size.json sensitivity.json
	"$dmasim" report -q -o sweep study
	"$dmasim" report -q -o hostile hostile.json
	"$dmasim" report -q -o all compare.json study breakeven.json ndr.json
}

# One page: console, references, width, sorting.
check_page() {
	local name=$1 page=$out/$1/index.html status width
	browser --dump-dom "file://$page" >"$name.dom"
	status=0
	[ -z "$(console)" ] || { console; status=1; }
	say $status "$name: nothing on the console"

	status=0
	grep -oE '(src|href|action|data)="[^"#]+"' "$page" |
		grep -v '^href="data:,"$' && status=1
	say $status "$name: refers to nothing outside"

	# Heads are made buttons by the script, under the page's own policy.
	status=0
	grep -q '<th[^>]*><button type="button">' "$name.dom" || status=1
	say $status "$name: the script runs"

	# The same with clicks; its policy lets no other script run.
	{
		sed -e '/Content-Security-Policy/d' -e '/<\/body>/,$d' "$page"
		echo '<script>'
		cat "$root/tests/html_probe.js"
		echo '</script></body></html>'
	} >"$name.sort.html"
	for width in 360 800 1280; do
		browser --window-size=$width,900 --dump-dom \
			"file://$out/$name.sort.html" >"$name.dom"
		status=0
		grep -q 'data-sorted="true"' "$name.dom" || status=1
		say $status "$name: sorts both ways, $width wide"
		status=0
		grep -q 'data-wide="false"' "$name.dom" || status=1
		say $status "$name: no wider than $width"
	done
	rm -f "$name.sort.html" "$name.dom"
}

there() {
	local status=0
	[ -s "$out/$1" ] || status=1
	say $status "drawn: $1"
}

picture() {
	local file=$1 page=$2
	shift 2
	browser --screenshot="$out/$file.png" "$@" "file://$out/$page/index.html"
	there "$file.png"
}

results
pages
for name in compare studies sweep hostile all; do
	check_page $name
done
for name in compare studies sweep; do
	picture $name-light $name --window-size=1280,4000
	picture $name-dark $name --window-size=1280,4000 \
		--blink-settings=preferredColorScheme=0
	picture $name-narrow $name --window-size=500,3000
	browser --print-to-pdf="$out/$name-print.pdf" --no-pdf-header-footer \
		"file://$out/$name/index.html"
	there "$name-print.pdf"
done
size=$(stat -c %s compare/index.html)
status=0
[ "$size" -lt 3000000 ] || status=1
say $status "a comparison's page has $size bytes, below 3 MB"
"$dmasim" report -q --pdf -o again breakeven.json ndr.json size.json \
	sensitivity.json
status=0
diff -r studies again || status=1
say $status "drawn again, the same bytes, plots.pdf too"
rm -rf "$out/profile" "$out/log"
echo "$passed passed, $failed failed; pictures are in $out"
[ $failed = 0 ]
