# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# calibrate: a table with known prices is fitted, what it writes is read by the
# other commands; tables and options that are wrong. No times: what this machine
# takes is not checked, only that the result is whole.
# shellcheck source=/dev/null
. "$SRC/tests/cli/common.bash"

# call 2 ns, fence 20 ns, 12 fills, share 25 %.
awk 'BEGIN {
	split("2 1 0.5 14 2 1.5 96 6 4", price)
	split("64 128 256 512 1024 1514 2048 4096 8192 16384", size)
	print "residency,serialised,bytes,ns_median"
	for (alone = 0; alone < 2; alone++)
		for (i = 1; i <= 10; i++) {
			curve("l2", 0, 0)
			curve("l3", 1, 1)
			curve("dram", 2, 2)
			curve("src_dram_dst_l2", 2, 0)
		}
}
function curve(name, from, to) {
	printf "%s,%d,%d,%.6f\n", name, alone, size[i],
		2 + 20 * alone + side(from) + side(to) / 4
}
function side(level,	lines, near, far, streamed, from, latency, line, fetch, ramp, late) {
	lines = int((size[i] + 63) / 64)
	for (near = 1; near < lines && near < 8; near *= 2)
		;
	from = alone ? 64 : 32
	far = lines > from ? from - 8 : lines > 8 ? lines - 8 : 0
	streamed = lines > from ? lines - from : 0
	latency = price[3 * level + 1]
	line = price[3 * level + 2]
	ramp = int(12 * latency / line + 0.5)
	late = streamed ? int(streamed * ramp / (streamed + ramp)) : 0
	far += late
	streamed = (streamed - late) * price[3 * level + 3]
	if (!alone)
		return latency / 12 + (near - 1) * price[3 * level + 3] + far * line + streamed
	fetch = latency / 12 > line ? latency / 12 : line
	return latency + (near - 1) * fetch + far * line + streamed
}' >copies.csv

try calibrate --from copies.csv --clock 4GHz -o host.ini |
	grep -vE '(alone|row) +(128|256|1024|1514|2048|8192) '
cat host.ini
try params -c host.ini host.copy_dram
try run -c host.ini gen:constant,frames=10 -q | sed -n '1,2p'
try calibrate --from copies.csv -o host.ini
try calibrate --from copies.csv --clock 2GHz -o host.ini --force | tail -n 1
"$DMASIM" calibrate --from copies.csv --format csv >again.csv
"$DMASIM" calibrate --from again.csv --format csv | cmp - again.csv && echo "same"
"$DMASIM" calibrate --from copies.csv --format json | jq -c '.parameters[0], .copies[0]'

echo "bad input:"
bad() {
	printf '%b' "$1" >bad.csv
	try calibrate --from bad.csv
}
bad 'size,time\n1,2\n'
bad 'residency,serialised,bytes,ns_median\nl2,0,64,fast\n'
bad 'residency,serialised,bytes,ns_median\nl2,0,64,2\nram,0,64,2\n'
bad 'residency,serialised,bytes,ns_median\nl2,1,64,2\n'
try calibrate --from none.csv
try calibrate --time 10
try calibrate --time 1us
try calibrate --clock 1THz
try calibrate --cpu 100000000
try calibrate --l1 64KiB --l2 96KiB --llc 1MiB
try calibrate copies.csv

echo "measured:"
try calibrate --time 200ms --l1 32KiB --l2 256KiB --llc 4MiB --dram 16MiB \
	--clock 3GHz -o here.ini --format csv >here.csv
awk -F, 'END { print NR - 1, "copies" }' here.csv
grep -E '^(clock|l2|llc) ' here.ini
"$DMASIM" run -c here.ini gen:constant,frames=10 -q >run.txt
echo "status $?"
