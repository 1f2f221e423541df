# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A process that reads a capture is confined before its first byte.

# Is the process that runs "$@", with the capture a pipe, when it has opened it?
confined() {
	local status
	rm -f capture
	mkfifo capture
	"$DMASIM" "$@" capture >/dev/null 2>&1 &
	exec 3>capture
	status=$(tr -s '\t' ' ' <"/proc/$!/status")
	kill -9 $!
	wait $! 2>/dev/null
	exec 3>&-
	if grep -qaE '__[at]san_init' "$DMASIM" ||
		! grep -q '^Seccomp:' /proc/self/status; then
		echo "$1: cannot be"
	elif grep -q '^NoNewPrivs: 1' <<<"$status" &&
		grep -q '^Seccomp: 2' <<<"$status"; then
		echo "$1: confined"
	else
		echo "$1: free"
	fi
}

unset DMASIM_SANDBOX
all() {
	confined run
	confined compare --report plots
	confined breakeven
	confined ndr
	confined size --slo p99=1ms
	confined explain --frame 1
	confined sensitivity
	confined sweep --axis nic.tx_ring=64,128 --yes
	confined trace stat
	confined trace convert -o out.pcap
	confined trace layout
}
all | sed 's/cannot be/confined/'
DMASIM_SANDBOX=off confined run | sed 's/cannot be/free/'

echo "outputs beneath folders that are not there yet:"
"$DMASIM" compare gen:constant,frames=50 -m gbe-32bit --tx ndis6-copy \
	--rx common-copy --report a/b/c -q >/dev/null
[ -s a/b/c/index.html ] && echo "report"
"$DMASIM" sweep --axis nic.tx_ring=64,128 gen:constant,frames=50 -q \
	-o d >/dev/null
[ -s d/results.json ] && echo "study"
