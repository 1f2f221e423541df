#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Which rule of DMA on Windows is carried by which code and checked by which
# test: docs/coverage/rules.tsv against the tree.
#
#	tests/coverage.sh [--open] BUILD	(prints what is wrong; exits 1)
#	tests/coverage.sh --record BUILD	(writes docs/coverage.md)
#
# A FILE may have its folder before it.  Every row has a rule, code and a test; every file, function, table row and
# test it names exists; rules have numbers of their own; docs/coverage.md is
# what --record writes.  Code is FILE:NAME: a name ctags knows in that file, or
# one that stands there in quotes, as parameters, routines and presets do.
# Tests are FILE:NAME of tests/unit, or cli/NAME.  With --open what is
# "missing" may be.
set -euo pipefail
export LC_ALL=C

mode=strict
case $1 in
--record | --open)
	mode=$1
	shift
	;;
esac
build=$(realpath "$1")
cd "$(dirname "$0")/.."
rules=docs/coverage/rules.tsv
page=docs/coverage.md
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# FILE:NAME of all there is.
names() {
	local f
	git ls-files -co --exclude-standard -- 'core/*.[ch]' 'traces/*.[ch]' \
		'models/*.[ch]' 'reports/*.[ch]' 'cmd/*.[ch]' | sort -u |
		while read -r f; do
			[ ! -f "$f" ] || printf '%s\n' "$f"
		done >"$tmp/files"
	ctags -L "$tmp/files" --langmap=C:.c.h --languages=C --kinds-C=defgsv -f - 2>/dev/null |
		awk -F'\t' '$2 { print $2 ":" $1 }'
	xargs grep -oHE '"[A-Za-z][A-Za-z0-9_.-]*"' <"$tmp/files" | tr -d '"'
}

tests() {
	local f suite
	for f in tests/unit/test_*.c; do
		suite=$(basename "$f" .c)
		tr -d ' \t\n' <"$f" |
			grep -oE 'cmocka_unit_test[a-z_]*\([a-z0-9_]+' |
			sed "s,.*(,$suite:,"
	done
	for f in tests/cli/*.sh; do
		basename "$f" .sh | sed 's,^,cli/,'
	done
}

check() {
	awk -F'\t' -v names="$tmp/names" -v tests="$tmp/tests" '
	function look(id, list, known, what,	item, i, n) {
		n = split(list, item, " ")
		if (!n)
			print id ": no " what
		for (i = 1; i <= n; i++)
			if (!(item[i] in known))
				print id ": " what " " item[i]
	}
	BEGIN {
		while ((getline line < names) > 0) name[line]
		while ((getline line < tests) > 0) test[line]
	}
	/^#/ { next }
	NF != 5 { print $1 ": " NF " fields, 5 expected"; next }
	seen[$1]++ { print $1 ": twice" }
	!$2 { print $1 ": no rule" }
	{
		look($1, $3, name, "code")
		look($1, $4, test, "test")
	}' "$rules"
}

rule_tables() {
	awk -F'\t' '
	function code(list) {
		gsub(/[^ ]+/, "`&`", list)
		gsub(/ /, ", ", list)
		return list
	}
	function remark(text) {
		gsub(/(tx|rx|hal|nic|layout|traffic|host|iommu)\.[a-z0-9_]+(=[a-z]+)?/,
			"`&`", text)
		gsub(/--[rt]x [a-z0-9-]+/, "`&`", text)
		return text
	}
	/^##/ {
		printf "\n## %s. %s\n\n", $2, $3
		print "| rule | says | code | tests | remark |"
		print "|---|---|---|---|---|"
		next
	}
	/^#/ { next }
	{
		printf "| %s | %s | %s | %s | %s |\n", $1, $2, code($3),
			code($4), remark($5)
	}' "$rules" | sed 's/  *|/ |/g'
}

# Every routine of the ledger, with the rules that name it.
routine_table() {
	cat <<-EOT

	## Routines

	| routine | generation | IRQL | completes | locks | allocates | copies | caches | waits | TLB | rules |
	|---|---|---|---|---|---|---|---|---|---|---|
	EOT
	"$build/dmasim" routines --format json | jq -r '.. | objects |
		select(.name? and .generation?) | [.name, .generation,
		(if .irql_lowest == .irql_highest then .irql_lowest else
		.irql_lowest + " to " + .irql_highest end), .completion,
		(.cost | .locks, .allocations, .copies, .caches, .waits, .tlb)] |
		map(. // "") | @tsv' |
		awk -F'\t' -v rules="$rules" '
		BEGIN {
			while ((getline line < rules) > 0)
				if (line !~ /^#/) row[++n] = line
		}
		{
			list = ""
			for (i = 1; i <= n; i++) {
				word = "(^|[^A-Za-z])" $1 "([^A-Za-z]|$)"
				if (row[i] ~ word) {
					split(row[i], field, "\t")
					list = list (list ? ", " : "") field[1]
				}
			}
			printf "| `%s` |", $1
			for (i = 2; i <= 10; i++)
				printf " %s |", $i
			printf " %s |\n", list
		}' | sed 's/  *|/ |/g'
}

write_page() {
	cat <<-EOT
	# DMA on Windows, rule by rule

	What Windows does with a driver's DMA, as documentation and public source have it ([sources.md](sources.md)), with the code that carries each rule and the tests that hold it to it.
	Made by \`tests/coverage.sh --record\` from [coverage/rules.tsv](coverage/rules.tsv) and \`dmasim routines\`; \`make lint\` fails when a name is no longer there.
	EOT
	rule_tables
	routine_table
}

names | awk '{
	print
	sub(/^[^/]*\//, ""); print
	sub(/^[^/]*\//, ""); print
}' | sort -u >"$tmp/names"
tests | sort -u >"$tmp/tests"
[ "$mode" != --open ] || echo missing | tee -a "$tmp/names" >>"$tmp/tests"
if [ "$mode" = --record ]; then
	write_page >"$tmp/page"
	cp "$tmp/page" "$page"
	exit
fi
check >"$tmp/wrong"
write_page | cmp -s - "$page" ||
	echo "$page is out of date: tests/coverage.sh --record" >>"$tmp/wrong"
cat "$tmp/wrong"
[ ! -s "$tmp/wrong" ]
