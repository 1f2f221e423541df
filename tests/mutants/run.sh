#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Break the models on purpose, one way at a time, and see which test notices.
#
#	tests/mutants/run.sh [PATTERN...]	(shell patterns over names)
#
# A mutant is a patch in this folder.  Its header says what it breaks, which
# rule forbids that, and where to look first:
#
#	Breaks: what goes wrong
#	Rule: who says so
#	Try: suites of tests/unit/ that run before the others
#
# Only laws, oracles and worked examples may kill one: the suites below, none
# of which compares with figures that the program itself once printed.  A suite
# kills a mutant by a test that fails, an assertion of the program (BUG) or by
# not coming to an end.
#
# Works on copies in a temporary directory, at -O1.  Prints a line per mutant
# and the count; exits 1 when one survived, no longer applies or does not
# compile.  A suite that fails without a mutant is left out.  Settings:
#
#	JOBS=2		mutants side by side
#	DEADLINE=60	processor seconds a suite may take
#	REV=HEAD	take that commit, not the files as they are
#	RECORD=1	write the table of README.md (all mutants only)
set -euo pipefail
export LC_ALL=C
unset MAKEFLAGS MFLAGS MAKELEVEL O

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
export DEADLINE=${DEADLINE:-60} JOBS=${JOBS:-2}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export work here

# Quick ones first: the one that kills ends the search.
suites=(hal hal_requests mdl nic_rings nic_rss link copy cpu coherence
	cost_vectors worked_examples iommu walker iova kernel sim_time hist
	series rng units pool machine_intake pcie engine pcie_order memory_dma
	nic_moderation machine_contention walker_rates hal_pool hal_machine
	tx_strategies iotlb analytic hal_queueing linux queueing machine_laws
	machine_orderings nic_capacity machine_kernels machine_memory)

# Suites that the tree has; laws that belong to no module are found by name.
list_suites() {
	local name
	for name in "${suites[@]}"; do
		[ ! -f "tests/unit/test_$name.c" ] || echo "test_$name"
	done
	find tests/unit -name 'test_laws_*.c' -printf '%f\n' |
		sed 's/\.c$//' | sort
}

copy_tree() {
	mkdir "$work/base"
	cd "$root"
	if [ -n "${REV:-}" ]; then
		git archive "$REV" | tar -xC "$work/base"
	else
		git ls-files -coz --exclude-standard |
			tar --null --ignore-failed-read -cT - | tar -xC "$work/base"
	fi
}

build() {
	make CFLAGS=-O1 "$@"
}
export -f build

# What the first failure of the log in $1 was, of a suite that ended with $2.
verdict() {
	local log=$1 status=$2 name
	name=$(sed -n 's/^\[  FAILED  \] \([a-z_0-9A-Z]*\)$/\1/p' "$log" | head -1)
	[ -n "$name" ] || {
		name=$(sed -n 's/^\[ RUN      \] //p' "$log" | tail -1)
		if grep -q 'BUG at' "$log"; then
			name+=" (BUG)"
		elif [ "$status" = 152 ] || [ "$status" = 137 ]; then
			name+=" (no end)"
		else
			name+=" (exit status $status)"
		fi
	}
	echo "$name"
}
export -f verdict

# Print the suite and the test that fails, if any: exit status 1 then.
run_suites() {
	local suite log=$PWD/log status
	for suite in "$@"; do
		build "build/unit/$suite" >"$log" 2>&1 || {
			echo "does not compile: $(grep -m1 error "$log")"
			return 2
		}
		status=0
		(
			ulimit -c 0 -t "$DEADLINE"
			exec stdbuf -oL "build/unit/$suite"
		) >"$log" 2>&1 </dev/null || status=$?
		[ $status = 0 ] || {
			echo "$suite: $(verdict "$log" $status)"
			return 1
		}
	done
}
export -f run_suites

field() {
	sed -n "/^--- /q; s/^$2: //p" "$here/$1.patch"
}
export -f field

# Leave "name, outcome, killer" of mutant $1; the other arguments: all suites.
try_mutant() {
	local name=$1 dir=$work/$1 status=0 outcome killer suite first=()
	shift
	cp -a "$work/base" "$dir"
	cd "$dir"
	for suite in $(field "$name" Try); do
		[[ " $* " != *" $suite "* ]] || first+=("$suite")
	done
	if ! patch -s -p1 -F2 --no-backup-if-mismatch \
		<"$here/$name.patch" >log 2>&1; then
		outcome=broken killer="does not apply: $(head -1 log)"
	else
		killer=$(run_suites "${first[@]}" "$@") || status=$?
		case $status in
		0) outcome=survived killer=- ;;
		1) outcome=killed ;;
		*) outcome=broken ;;
		esac
	fi
	printf '%s\t%s\t%s\n' "$name" "$outcome" "$killer" >"$work/$name.row"
	printf '%-9s %-30s %s\n' "$outcome" "$name" "$killer"
	cd "$work"
	rm -rf "$dir"
}
export -f try_mutant

choose() {
	local path name pattern
	for path in "$here"/*.patch; do
		name=$(basename "$path" .patch)
		for pattern in "$@"; do
			# shellcheck disable=SC2053 # a pattern is meant
			[[ $name == $pattern ]] && echo "$name" && break
		done
	done
}

# The table of README.md, between its marks.
record() {
	local name outcome killer table=$work/table
	{
		echo '| mutant | breaks | rule | killed by |'
		echo '|---|---|---|---|'
		cat "$work"/*.row | sort |
			while IFS=$'\t' read -r name outcome killer; do
				[ "$outcome" = killed ] || killer=$outcome
				printf '| %s | %s | %s | %s |\n' "$name" \
					"$(field "$name" Breaks)" \
					"$(field "$name" Rule)" "$killer"
			done
	} >"$table"
	sed -i -e "/^<!-- table -->/,/^<!-- end -->/{/^<!-- table -->/r $table
		/^<!--/!d}" "$here/README.md"
}

copy_tree
cd "$work/base"
mapfile -t all < <(list_suites)
build -j"$JOBS" "${all[@]/#/build/unit/}" >make.log 2>&1 || {
	grep -E 'error|Error' make.log
	exit 1
}
# A mutant dies of nothing that fails without it.
sound=()
for suite in "${all[@]}"; do
	if failed=$(run_suites "$suite"); then
		sound+=("$suite")
	else
		echo "left out, for it fails without a mutant: $failed"
	fi
done
all=("${sound[@]}")
rm -rf build/unit

[ $# -gt 0 ] || set -- '*'
mapfile -t names < <(choose "$@")
[ ${#names[@]} -gt 0 ] || {
	echo "no mutant is called $*"
	exit 1
}
cd "$work"
printf '%s\n' "${names[@]}" |
	xargs -P "$JOBS" -I{} bash -euo pipefail -c 'try_mutant "$@"' _ {} \
		"${all[@]}"
[ -z "${RECORD:-}" ] || record
cat "$work"/*.row | awk -F'\t' '
	{ count[$2]++ }
	END {
		printf "%d killed, %d survived, %d broken\n", count["killed"],
			count["survived"], count["broken"]
		exit count["killed"] < NR
	}'
