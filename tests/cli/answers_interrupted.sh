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
