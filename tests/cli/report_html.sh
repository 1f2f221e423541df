# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# One page of results of several kinds; what is torn, of another version or of
# another kind is told with the file; what was edited is text, and nothing but
# text.
# shellcheck source=/dev/null
. "$SRC/tests/cli/common.bash"

gen=gen:imix,rate=200Mbps,frames=400
try compare -q -m xge-strict --replicates 2 --capacity-frames 0 \
	--tx ndis6-sg,ndis6-copy --rx common-copy --format json -o cmp.json $gen
try breakeven -q -m xge-strict --frames 100 --capture-frames 200 \
	--sizes 64B,512B --format json -o be.json $gen
try ndr -q -m xge-strict --frames 200 --tx ndis6-sg --rx common-copy \
	--format json -o ndr.json $gen
try report -q --pdf -o page cmp.json be.json ndr.json ndr.json
cd page || exit 1
ls ./*.json ./*.html ./*.pdf
head -c 5 plots.pdf
echo
grep -o '<li>[^<]*</li>' index.html | sed 's/[0-9][0-9.]*[KMG]\{0,1\}/N/g'
grep -o '<h[123][^>]*>[^<]*' index.html | sed 's/.*>//'
echo "figures and pictures: $(grep -c '<figure>' index.html)" \
	"$(find . -name '*.svg' | wc -l)"
grep -c 'https\{0,1\}:' index.html
cd ..
try report -q -o page cmp.json
try report -q -o again cmp.json
try report -q -o again --force cmp.json
try report --ascii --pdf cmp.json

head -c 3000 be.json >torn.json
try report torn.json
jq '.breakeven_schema = 7' be.json >other.json
try report other.json
jq '.machines = 3' be.json >shape.json
try report shape.json
echo '{"magic_schema": 1, "tool": {"name": "dmasim"}}' >kind.json
try report kind.json
try report cmp.json torn.json

# Every text of the results replaced, one hostile text at a time.
jq -r '.[]' >texts <<'END'
["</svg></table><script>alert(1)</script><img src=x onerror=y>",
 "'; system 'touch evil'; `touch evil` \" $(touch evil)",
 "%s%n{/=90 x}_^@a\\n"]
END
while read -r text; do
	for name in cmp be ndr; do
		jq --arg t "$text" '(.. | select(type == "string")) |= . + $t |
			.tool.name = "dmasim"' $name.json >evil-$name.json
	done
	try report -q --force -o evil evil-cmp.json evil-be.json evil-ndr.json
	echo "scripts: $(grep -c '<script' evil/index.html)," \
		"images: $(grep -c '<img' evil/index.html)"
done <texts
# Every number replaced: an answer or an error, and never anything else.
for number in -1 1e308 9223372036854775807 '"x"' '{}'; do
	for name in be ndr; do
		jq --argjson n "$number" '.breakeven_schema as $b |
			.ndr_schema as $d | (.. | numbers) |= $n |
			if $b then .breakeven_schema = $b
			else .ndr_schema = $d end' $name.json >odd.json
		status=0
		"$DMASIM" report -q --force -o odd odd.json 2>said || status=$?
		[ $status = 0 ] || [ $status = 2 ] || {
			echo "$name with $number: status $status"
			cat said
		}
	done
done
find . -name evil -type f
