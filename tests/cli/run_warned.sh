# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What was done to stamps and frames of a capture is said, but for -q.
# shellcheck source=/dev/null
. "$SRC/tests/cli/common.bash"

le32() {
	local hex
	hex=$(printf %08x "$1")
	printf '%b' "\x${hex:6:2}\x${hex:4:2}\x${hex:2:2}\x${hex:0:2}"
}

header() {
	printf '\xd4\xc3\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00'
	le32 65535
	le32 1
}

# SECONDS MICROSECONDS FROM TO: a frame of 60 bytes between two stations
record() {
	le32 "$1"
	le32 "$2"
	le32 60
	le32 60
	printf '%b' "\x02\x00\x00\x00\x00\x0$4\x02\x00\x00\x00\x00\x0$3\x88\xb5"
	head -c 46 /dev/zero
}

{
	header
	for i in {1..9}; do
		record 1000 $((i * 1000)) 1 2
		record 1000 $((i * 1000 + 500)) $((2 + i % 2)) 1
		[ "$i" -gt 3 ] || record 1000 $((i * 1000 + 600)) 4 5
	done
	record 200000 0 1 2
} >hole.pcap
{
	header
	for i in {1..5}; do
		record 0 0 1 2
		record 0 0 2 1
	done
} >untimed.pcap
{
	header
	for i in {1..40}; do
		record 1000 $((i * 10000)) 1 2
		record 1000 $((i * 10000)) 2 1
		[ $((i % 3)) != 0 ] || record 1000 $((i * 10000)) 2 1
	done
} >coarse.pcap
{
	header
	for i in {1..450}; do
		record 1000 $((i * 100)) 1 2
		[ "$i" -gt 3 ] || record 1000 $((i * 100 - 10)) 2 1
	done
} >ordered.pcap

try run -o /dev/null --force hole.pcap
try run -q -o /dev/null --force hole.pcap
try run -o /dev/null --force untimed.pcap
try run -o /dev/null --force coarse.pcap
try run -v --limit 99 -o /dev/null --force ordered.pcap
try run --limit 99 -o /dev/null --force ordered.pcap
try run -o /dev/null --force ordered.pcap
try compare -m xge-64bit --capacity-frames 0 -o /dev/null --force hole.pcap
echo "a study reads twice and says it once:"
try sweep --axis nic.tx_ring=64,128 -o study untimed.pcap
try sweep --axis nic.tx_ring=64,128 hole.pcap -o holes
