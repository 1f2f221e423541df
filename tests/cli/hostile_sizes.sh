# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sizes that lie: what unpacks without end, records, blocks and options that
# claim what is not there.  None may cost memory or time.
# shellcheck source=/dev/null
. "$SRC/tests/cli/common.bash"
# AddressSanitizer reserves more than any limit: there only time counts.
if { (ulimit -v 600000 && "$DMASIM" --version); } >/dev/null 2>&1; then
	ulimit -v 600000
fi

# Words of libpcap and libarchive are left out: they change.
bounded() {
	local status=0
	timeout -k 1 60 "$DMASIM" trace stat -q "$1" |
		grep -oE '^(frames +[0-9]+|status +[a-z]+)' || status=$?
	[ "$status" = 0 ] || echo "[status $status]"
}

"$DMASIM" trace gen -q constant,frames=3 -o few.pcap 2>/dev/null
echo "zeros without measure after three frames, packed twice:"
{ cat few.pcap; head -c 100000000 /dev/zero; } | gzip | gzip >bomb.pcap
bounded bomb.pcap
echo "a record of 4 GiB after three frames:"
{ cat few.pcap; printf '\0\0\0\1\0\0\0\1\377\377\377\377\377\377\377\377'; } \
	>record.pcap
bounded record.pcap
echo "the same, cut at 2 GiB:"
{ cat few.pcap; printf '\1\0\0\0\1\0\0\0\0\0\0\177\0\0\0\177'; } >half.pcap
bounded half.pcap

# A section and an Ethernet interface whose first option has length $1.
section() {
	printf '\n\r\r\n\34\0\0\0\115\74\53\32\1\0\0\0\377\377\377\377'
	printf '\377\377\377\377\34\0\0\0'
	printf '\1\0\0\0\30\0\0\0\1\0\0\0\0\0\0\0\11\0%b\30\0\0\0' "$1"
}
packet() {
	printf '\6\0\0\0\54\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0%b\74\0\0\0' "$1"
	printf '\1\1\1\1\1\1\1\1\1\1\1\1\54\0\0\0'
}
echo "an option longer than its block:"
{ section '\377\377'; packet '\14\0\0\0'; } >option.pcapng
bounded option.pcapng
echo "a packet longer than its block:"
{ section '\0\0'; packet '\14\0\0\0'; packet '\377\377\377\377'; } >packet.pcapng
bounded packet.pcapng
echo "a block of 4 GiB, of a packet and of no use:"
for type in '\6' '\5'; do
	{
		section '\0\0'
		packet '\14\0\0\0'
		printf '%b\0\0\0\374\377\377\377' "$type"
		head -c 100000 /dev/zero
	} >block.pcapng
	bounded block.pcapng
done
