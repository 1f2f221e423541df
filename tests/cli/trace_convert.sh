# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A capture that is written and read again holds the same frames.
# shellcheck source=/dev/null
. "$SRC/tests/cli/common.bash"

digest() {
	"$DMASIM" trace stat --format json "$@" | grep -E '"(digest|frames|duration_ps)"' |
		head -3 | tr -d '\n'
	echo
}
try trace gen poisson,rate=2Mpps,size=60/1514,frames=5000 -o a.pcap
digest a.pcap
digest gen:poisson,rate=2Mpps,size=60/1514,frames=5000
try trace convert a.pcap -o copy.pcap
cmp a.pcap copy.pcap && echo "same bytes"
try trace convert --snaplen 64B a.pcap -o short.pcap
digest short.pcap
xz -k short.pcap
digest short.pcap.xz
try trace convert --filter 'less 100' --limit 1000 a.pcap -o small.pcap
digest small.pcap
try trace convert --speed 2x a.pcap -o fast.pcap
digest fast.pcap
try trace convert --microseconds a.pcap -o us.pcap
"$DMASIM" trace stat us.pcap | grep resolution
try trace convert small.pcap fast.pcap -o both.pcap
digest both.pcap
try trace convert --loop 2 a.pcap -o loop.pcap
