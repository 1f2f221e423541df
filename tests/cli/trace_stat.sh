# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# trace stat of generated traffic, of files that end too early, of no capture.
# shellcheck source=/dev/null
. "$SRC/tests/cli/common.bash"

try trace gen imix,rate=1Gbps,frames=1200,tx=25%,flows=4,proto=tcp -o imix.pcap
try trace stat imix.pcap
try trace stat --limit 100 --skip 1100 --format json imix.pcap
try trace stat --local 10.1.0.2 imix.pcap | sed -n '1,13p'
try trace stat --local 10.1.0.2 --local 10.1.0.3 imix.pcap |
	grep -E '^(frames|direction|left)'
try trace stat --direction rx imix.pcap | grep -E '^(direction|all)'

head -c 5000 imix.pcap >cut.pcap
try trace stat cut.pcap | grep -E '^(status|frames)'
gzip -c imix.pcap | head -c 3000 >cut.pcap.gz
try trace stat cut.pcap.gz | grep -E '^(status|frames)'
: >empty.pcap
try trace stat empty.pcap
echo "this is no capture, whatever its name" >text.pcap
try trace stat text.pcap
head -c 24 imix.pcap >header.pcap
try trace stat header.pcap
try trace stat absent.pcap
try trace stat .
try trace stat --filter 'tcp prot 80' imix.pcap
try trace stat --filter 'tcp port 81' imix.pcap
try trace stat --local nonsense imix.pcap
try trace stat --local 10.1.0.2 --direction tx imix.pcap
echo "from standard input:"
"$DMASIM" trace stat - <imix.pcap | sed -n '1,4p'
"$DMASIM" trace stat --rate 1Gbps - <imix.pcap
echo "status $?"
echo "what a generator cannot do:"
for option in --filter=tcp --local=10.0.0.1 --direction=tx; do
	try trace stat $option gen:constant
done
