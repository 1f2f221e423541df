#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One fuzz target under libFuzzer, or each for a fixed number of executions.
#
#	tests/fuzz/libfuzzer.sh BUILD TARGET SECONDS
#	tests/fuzz/libfuzzer.sh BUILD smoke
#
# BUILD holds the program fuzz, and dmasim for the seeds.  What is found stays
# in BUILD/found; the smoke run takes committed corpora only, so that
# it is the same everywhere.  Exits with 1 when something was found.
set -euo pipefail
export LC_ALL=C

build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")

# Executions of a smoke run: about three seconds each.
runs() {
	case $1 in
	machine | argv) echo 100 ;;
	capture | result | merge | csv | diff) echo 300 ;;
	*) echo 1000 ;;
	esac
}

fuzz() {
	local target=$1 dict=$here/$1.dict
	shift
	# A target may have given up its rights when it finds something.
	mkdir -p "$build/found"
	chmod a+rwx "$build/found"
	FUZZ_TARGET=$target "$build/fuzz" -timeout=25 -rss_limit_mb=2048 \
		-malloc_limit_mb=1024 -detect_leaks=1 -print_final_stats=1 \
		-artifact_prefix="$build/found/$target-" \
		${dict:+$([ ! -f "$dict" ] || echo "-dict=$dict")} "$@"
}

smoke() {
	local target scratch log failed=0
	scratch=$(mktemp -d)
	chmod a+rx "$scratch"
	log=$scratch/log
	while read -r target; do
		mkdir -p "$scratch/$target"
		chmod a+rwx "$scratch/$target"
		if fuzz "$target" -runs="$(runs "$target")" -seed=1 \
			"$scratch/$target" "$here/corpus/$target" \
			>"$log" 2>&1; then
			echo "ok - $target: $(sed -n \
				's/.*number_of_executed_units: *//p' "$log")" \
				"executions"
		else
			echo "not ok - $target"
			tail -40 "$log" | sed 's/^/# /'
			failed=1
		fi
	done < <(sed -n 's/.*const struct fuzz_target fuzz_\([a-z]*\) =.*/\1/p' \
		"$here"/fuzz_*.c | sort)
	rm -rf "$scratch"
	return $failed
}

if [ "$2" = smoke ]; then
	smoke
	exit
fi
work=$build/fuzz-$2
[ -d "$work" ] || "$here/seeds.sh" "$build" "$2" "$work"
chmod a+rwx "$work"
fuzz "$2" -max_total_time="$3" -max_len=262144 "$work"
