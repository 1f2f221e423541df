#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A sidecar from a log of sent frames and the capture that shows the same ones.
#
#	examples/layout/number.sh CAPTURE LOG [OPTION...] >SIDECAR
#
# LOG has lines ns,bytes,mdls,offsets,batch in the order of sending, as
# send_layout.bt writes them.  The lengths of its frames are laid beside those
# of the capture's sent frames as diff(1) does, so that frames which only one of
# them has are passed over.  OPTIONs are those that say whose frames are sent
# (--local ...), or which part of the capture is meant (--limit ...).
set -euo pipefail
export LC_ALL=C

capture=$1
log=$2
shift 2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Of linear frames the one MDL is the length; received ones have none.
"${DMASIM:-dmasim}" trace layout -q --set layout.mdl=linear "$@" "$capture" |
	awk -F, 'NR > 1 && $3 != "" { print $1, $3 }' >"$tmp/sent"
cut -d' ' -f2 "$tmp/sent" >"$tmp/capture.bytes"
cut -d, -f2 "$log" >"$tmp/log.bytes"
diff --minimal --unchanged-line-format='both
' --old-line-format='capture
' --new-line-format='log
' "$tmp/capture.bytes" "$tmp/log.bytes" >"$tmp/steps" || [ $? = 1 ]

echo "number,mdls,offsets,batch"
exec 3<"$tmp/sent" 4<"$log"
while read -r step; do
	[ "$step" = log ] || read -r number _ <&3
	[ "$step" = capture ] || IFS=, read -r _ _ mdls offsets batch <&4
	[ "$step" != both ] || echo "$number,$mdls,$offsets,$batch"
done <"$tmp/steps"
