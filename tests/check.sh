#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Run every test of a build and count.
#
#	tests/check.sh BUILD [PATTERN]	(a shell pattern over suite names)
#
# A suite is one cmocka program (unit/test_hist), one command line case
# (cli/params_list), one table of fingerprints (golden/presets), the examples of
# one text (docs/README.md) or of --help (docs/help), every capture in ../shared (captures/all) or every
# figure of docs/validation.tsv (validation/all), a study that is killed
# (kills/all), faults injected into every command (torture/all).
# Suites run side by side; each leaves its TAP in BUILD/check/.  Prints what
# failed, then
# "N passed, N failed"; exits 1 when anything did.  DEADLINE: seconds a suite
# may take (300).
set -euo pipefail
export LC_ALL=C

build=$(realpath "$1")
pattern=${2:-*}
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

suites() {
	local path
	for path in tests/unit/test_*.c; do
		basename "$path" .c | sed 's,^,unit/,'
	done
	for path in tests/cli/*.sh; do
		basename "$path" .sh | sed 's,^,cli/,'
	done
	for path in tests/golden/*.tsv; do
		basename "$path" .tsv | sed 's,^,golden/,'
	done
	tests/docs.sh --list README.md docs/*.md docs/*/*.md examples/*.md \
		examples/*/*.md man/*.in help | sed 's,^,docs/,'
	printf 'docs/%s\n' man/*.conf.5.in
	for path in tests/fuzz/corpus/*; do
		basename "$path" | sed 's,^,fuzz/,'
	done
	echo captures/all
	echo validation/all
	echo kills/all
	echo torture/all
}

# One suite, as TAP; the programs' own chatter stays in the file.
run_suite() {
	local build=$1 suite=$2 tap status=0 verdict=""
	tap=$build/check/${suite//\//-}.tap
	case $suite in
	unit/*)
		CMOCKA_MESSAGE_OUTPUT=TAP DMASIM="$build/dmasim" \
			timeout "${DEADLINE:-300}" "$build/$suite" || status=$?
		;;
	cli/*) tests/cli.sh "$build" "${suite#*/}" || status=$? ;;
	docs/*) tests/docs.sh "$build" "${suite#*/}" || status=$? ;;
	golden/*) tests/golden.sh "$build" "${suite#*/}" || status=$? ;;
	fuzz/*)
		"$build/fuzz-replay" "${suite#*/}" \
			"tests/fuzz/corpus/${suite#*/}" || status=$?
		;;
	captures/*) tests/captures.sh "$build" || status=$? ;;
	validation/*) tests/validation.sh "$build" || status=$? ;;
	kills/*) tests/kills.sh "$build/dmasim" || status=$? ;;
	torture/*) tests/torture.sh "$build" || status=$? ;;
	esac >"$tap" 2>&1 </dev/null
	if ! grep -qE '^(not )?ok ' "$tap"; then
		verdict="ran no test (exit status $status)"
	elif [ $status != 0 ] && ! grep '^not ok ' "$tap" | grep -qv SKIP; then
		verdict="died: exit status $status"
	fi
	[ -z "$verdict" ] || echo "not ok 999 - $verdict" >>"$tap"
}
export -f run_suite

rm -rf "$build/check"
mkdir -p "$build/check"
shopt -s nullglob
list=()
while read -r suite; do
	# shellcheck disable=SC2053 # a pattern is meant
	[[ $suite == $pattern ]] && list+=("$suite")
done < <(suites)
printf '%s\n' "${list[@]}" |
	xargs -P "${JOBS:-$(nproc)}" -I{} bash -c 'run_suite "$@"' _ "$build" {}

cd "$build/check"
for tap in *.tap; do
	awk -v suite="${tap%.tap}" '
	/^(not )?ok .*# SKIP/ { failed = 0; next }
	/^not ok / { failed = 1; print "FAILED " suite ": " $0; next }
	/^ok / { failed = 0; next }
	failed { print "    " $0 }' "$tap"
done
cat -- *.tap | awk '
	/^(not )?ok [0-9]+.*# SKIP/ { skipped++; next }
	/^ok [0-9]/ { passed++ }
	/^not ok [0-9]/ { failed++ }
	END {
		printf "%d passed, %d failed", passed, failed
		if (skipped)
			printf ", %d skipped", skipped
		printf "\n"
		exit failed > 0 || passed == 0
	}'
