# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Topics of help: each has a page that fits a terminal, and names what exists.
# shellcheck source=/dev/null
. "$SRC/tests/cli/common.bash"

mapfile -t topics < <("$DMASIM" help | awk '
	/^$/ { on = 0 }
	on { print $1 }
	/^Topics:/ { on = 1 }')
for topic in "${topics[@]}"; do
	"$DMASIM" help "$topic" >page || echo "$topic: no page"
	[ "$(wc -l <page)" -ge 5 ] || echo "$topic: a page of $(wc -l <page) lines"
	awk -v topic="$topic" 'length > 74 { print topic ": too wide: " $0 }' page
	grep -oE '\b(hal|nic|tx|rx|traffic|run)\.[a-z_]+' page |
		while read -r key; do
			"$DMASIM" params "$key" >/dev/null
		done
	grep -oE 'dmasim [a-z]+' page | sort -u | while read -r _ command; do
		"$DMASIM" help "$command" >/dev/null
	done
done
echo "${#topics[@]} topics"
try help units
try help unts
try help exit-status
