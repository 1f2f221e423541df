# SPDX-License-Identifier: Apache-2.0
# SIGUSR1: how far a run is, on stderr; not a byte of the result changes.
gen=gen:imix,rate=1Gbps,frames=200000
ask() {
	local pid
	"$DMASIM" "$@" --format json "$gen" >asked.json 2>err.txt &
	pid=$!
	# Signal 10 is caught: before that it would end the process.
	until grep -qs '^SigCgt:.*[2367abef]..$' /proc/$pid/status; do
		sleep 0.01
	done
	while kill -USR1 $pid 2>/dev/null && ! grep -q 'tx p50.*rx p50' err.txt
	do
		sleep 0.05
	done
	wait $pid
	echo "status $?"
	"$DMASIM" "$@" --format json "$gen" >alone.json 2>/dev/null
	cmp asked.json alone.json && echo same
	sed -n '/tx p50.*rx p50/{s/[0-9.]\{1,\}[a-z]*/N/g;p}' err.txt | sort -u
}
ask run -q -j1
ask run -q -j2
ask run -q -j2 --replicates 2
ask sweep -q -j2 --axis seed=1
