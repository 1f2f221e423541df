#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Fingerprints: a run's every milestone and transition, in 64 bits.
#
#	tests/golden.sh BUILD [TABLE...]		(TAP on stdout)
#	tests/golden.sh --record BUILD [TABLE...]	(rewrite the tables)
#
# A row of tests/golden/TABLE.tsv is machine, tx, rx, trace (a capture below
# the project's root or a generator "gen:..."), seed, further options or "-",
# and the expected fingerprint.  A change of a model shows as a diff of these
# tables: record it again only when every changed row was meant to change.
set -euo pipefail
export LC_ALL=C

record=no
if [ "$1" = --record ]; then
	record=yes
	shift
fi
dmasim=$(realpath "$1")/dmasim
shift
cd "$(dirname "$0")/.."

fingerprint() {
	local machine=$1 tx=$2 rx=$3 trace=$4 seed=$5 options=$6 words=()
	[ "$options" = - ] || read -ra words <<<"$options"
	timeout "${DEADLINE:-300}" "$dmasim" run "$trace" -q -m "$machine" \
		--tx "$tx" --rx "$rx" --seed "$seed" "${words[@]}" \
		--format json </dev/null 2>&1 |
		jq -r '[.runs[].fingerprint] | join(",")' 2>&1 || true
}

check_table() {
	local table=$1 line machine tx rx trace seed options expected got number=0
	while IFS= read -r line; do
		case $line in
		'#'* | '')
			[ $record = no ] || printf '%s\n' "$line" >&3
			continue
			;;
		esac
		IFS=$'\t' read -r machine tx rx trace seed options expected \
			<<<"$line"
		number=$((number + 1))
		got=$(fingerprint "$machine" "$tx" "$rx" "$trace" "$seed" \
			"$options")
		if [ $record = yes ]; then
			printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$machine" "$tx" \
				"$rx" "$trace" "$seed" "$options" "$got" >&3
		elif [ "$got" = "$expected" ]; then
			echo "ok $number - $machine $tx $rx $trace $options"
		else
			echo "not ok $number - $machine $tx $rx $trace $options"
			echo "# expected $expected, got $got"
			failed=1
		fi
	done <"$table"
}

failed=0
names=("$@")
if [ ${#names[@]} = 0 ]; then
	for path in tests/golden/*.tsv; do
		names+=("$(basename "$path" .tsv)")
	done
fi
for name in "${names[@]}"; do
	table=tests/golden/$name.tsv
	[ -f "$table" ] || continue
	new=$(mktemp)
	check_table "$table" 3>"$new"
	if [ $record = yes ] && ! cmp -s "$new" "$table"; then
		cp "$new" "$table"
		echo "recorded $table"
	fi
	rm -f "$new"
done
exit $failed
