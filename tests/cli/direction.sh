# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Saved directions and samples of conversations.
# shellcheck source=/dev/null
. "$SRC/tests/cli/common.bash"

office=$SRC/examples/office.pcap.xz
"$DMASIM" trace stat --save-direction office.local "$office" >stat.txt
cat office.local
echo "one side of a conversation, decided by itself and by the file:"
"$DMASIM" trace convert -q --limit 200 \
	--filter 'ether src 02:00:0a:14:00:01 and host 10.20.0.14' \
	"$office" -o one.pcap
for how in "" "--direction-file office.local"; do
	# shellcheck disable=SC2086 # words
	try trace stat $how one.pcap | grep -A1 '^direction'
done
printf '10.20.0.0/30, 02:00:0a:14:00:01  # two\n\n# none\nfe80::/10\n' >my.local
try trace stat --direction-file my.local --local 10.20.0.1 \
	--save-direction again.local one.pcap | grep -A1 '^direction'
cat again.local
try trace stat --save-direction again.local one.pcap
printf '10.20.0.1\nnowhere\n' >bad.local
try trace stat --direction-file bad.local one.pcap
printf '# 10.20.0.1\n' >none.local
try trace stat --direction-file none.local one.pcap
try trace stat --direction-file absent.local one.pcap
try trace stat --direction-file my.local --direction rx one.pcap
try trace stat --direction rx --save-direction x.local one.pcap
try trace stat --save-direction x.local gen:constant

echo "conversations:"
for share in 1/4 1/4:1 2/4 4/4; do
	try trace stat --sample-flows $share "$office" |
		grep -E -A1 '^(frames|sample)' | grep -v '^bytes'
done
echo "a larger share holds a smaller one, and it is the same wherever it is taken:"
for share in 1/3 2/3; do
	"$DMASIM" trace convert -q --sample-flows $share "$office" -o part.pcap --force
	"$DMASIM" trace stat part.pcap --format json | jq .frames
done
"$DMASIM" trace stat --sample-flows 1/3 "$office" --format json |
	jq -c '[.frames, .sample]'
"$DMASIM" run --sample-flows 1/8 --limit 1000 --format json "$office" |
	jq -c '.traces[0] | [.frames, .sample.share, .sample.of]'
for share in 1/0 0/1 3/2 1/8x 1/8: 8; do
	try trace stat --sample-flows $share "$office"
done
try trace stat --sample-flows 1/1000000:5 one.pcap
try trace stat --sample-flows 1/2 gen:constant
