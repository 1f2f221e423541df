#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Static analysis of the program: gcc -fanalyzer, clang-tidy, cppcheck.
#
#	tests/analyze.sh BUILD [TOOL...]	(gcc tidy cppcheck)
#
# Prints what is found and tests/analyze.txt does not know, with the whole
# reports in BUILD/analyze/, and exits 1 when there is anything.  FILES: the
# files to look at, all by default.  JOBS: how many at a time.
# Tools are called by name, what each() runs has its own parameters:
# shellcheck disable=SC2317,SC2016
set -euo pipefail
export LC_ALL=C

mkdir -p "$1"
build=$(realpath "$1")
shift
cd "$(dirname "$0")/.."
out=$build/analyze
known=tests/analyze.txt
export flags="-std=gnu11 -I. -pthread -DHAVE_JEMALLOC=1"

files() {
	printf '%s\n' "${FILES:-$(git ls-files -- core traces models reports \
		cmd | grep '\.c$')}" | tr ' ' '\n'
}

# Look at every file with a command, each with a report of its own.
each() {
	files | xargs -P "${JOBS:-$(nproc)}" -I{} bash -c '
		$1 "$2" >"$3/${2//\//-}.txt" 2>&1' _ "$1" {} "$out/$2"
}
# core/err.c defines what the header tells of.
told_of() {
	[ "$1" = core/err.c ] || echo "-include tests/analyze.h"
}
# shellcheck disable=SC2046,SC2086 # lists of options
look_gcc() {
	gcc $flags $(told_of "$1") -O1 -fanalyzer -c -o /dev/null "$1"
}
# shellcheck disable=SC2046,SC2086
look_tidy() {
	clang-tidy --quiet "$1" -- $flags $(told_of "$1")
}
export -f told_of look_gcc look_tidy
run_gcc() {
	each look_gcc gcc
}
run_tidy() {
	each look_tidy tidy
}
run_cppcheck() {
	files | xargs cppcheck -q -j "${JOBS:-$(nproc)}" --std=c11 \
		--enable=warning,portability,performance --inline-suppr \
		--suppress=missingIncludeSystem \
		--suppressions-list=tests/cppcheck.txt \
		--include=/usr/include/jansson.h -I. -DHAVE_JEMALLOC=1 \
		>"$out/cppcheck/all.txt" 2>&1
}

# "file:line:column: warning: text [check]" in reports, as "check file function".
findings() {
	sed -nE "s,^($PWD/|\./)?([a-z0-9_/]+\.[ch]):([0-9]+):[0-9]+: (fatal )?(warning|error|style|performance|portability): .*,\2 \3 &,p" \
		"$1"/*.txt | sort -u | while read -r file line text; do
		printf '%s %s %s\t%s\n' "$(check_of "$text")" "$file" \
			"$(function_at "$file" "$line")" "$text"
	done
}
check_of() {
	sed -E 's/.*\[(-W)?([^],]*)[^]]*\]$/\2/; t; s/.*/error/' <<<"$1"
}
# The last line up to @2 that begins a function, in the kernel's style.
function_at() {
	sed -n "1,$2p" "$1" |
		sed -nE 's/^([a-z][^(;=]* )?__attribute__\(\([a-z]+\)\) /\1/
			s/^[a-z][^(;=]*[ *]([a-z_0-9]+)\(.*/\1/p' | tail -1
}

[ $# -gt 0 ] || set -- gcc tidy cppcheck
status=0
for tool; do
	rm -rf "${out:?}/$tool"
	mkdir -p "$out/$tool"
	"run_$tool" || { echo "$tool failed: see $out/$tool"; status=1; }
	findings "$out/$tool" >"$out/$tool.tsv"
	new=$(awk -F'\t' 'FILENAME == ARGV[1] { known[$0]; next }
		!($1 in known) { print "  " $2 }' "$known" "$out/$tool.tsv")
	echo "$tool: $(wc -l <"$out/$tool.tsv") findings in $(files | wc -l)" \
		"files, $(printf '%s' "$new" | grep -c '' || true) not known"
	[ -z "$new" ] && continue
	printf '%s\n' "$new"
	status=1
done
exit $status
