# SPDX-License-Identifier: Apache-2.0
# Not under TSan.
# Commands with one long answer are interrupted: what was done is written, says
# that it is partial, and the exit status is 130.
. "$SRC/tests/cli/common.bash"

interrupt() {
	local status=0 pid
	"$DMASIM" "$@" -q -j1 --format json \
		gen:imix,rate=1Gbps,frames=60000 >out.json &
	pid=$!
	sleep 1
	kill -INT $pid
	wait $pid || status=$?
	echo "$1: status $status, $(jq -r .status out.json)"
}
interrupt ndr --resolution 0.1% --replicates 20
interrupt breakeven --frames 20000 --replicates 50
interrupt size --replicates 10
interrupt sensitivity --frames 20000 --replicates 10

# A capture is written whole or not at all.
timeout --preserve-status -s INT 1 "$DMASIM" trace gen -q \
	imix,rate=1Gbps,frames=2000000000 -o part.pcap
echo "trace gen: status $?, $(find . -name 'part*' | wc -l) files"
# The second signal does not wait for what is under way.
"$DMASIM" probe -q --op rd --size 64B --count 1000000000 >out.txt &
pid=$!
sleep 1
kill -INT $pid
sleep 0.2
kill -INT $pid
wait $pid
echo "probe, twice: status $?"
