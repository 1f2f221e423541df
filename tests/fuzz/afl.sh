#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One fuzz target under AFL++, in its persistent mode.
#
#	tests/fuzz/afl.sh BUILD TARGET SECONDS
#
# BUILD holds the program fuzz, and dmasim for the seeds.  Findings are in
# BUILD/afl-TARGET/default/crashes and hangs.  Exits with 1 when there are any.
set -euo pipefail
export LC_ALL=C

build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
seeds=$build/afl-seeds-$2
out=$build/afl-$2
[ -d "$seeds" ] || "$here/seeds.sh" "$build" "$2" "$seeds"
find "$seeds" -size 0 -delete
export AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_AUTORESUME=1
export AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_FAST_CAL=1
dict=()
[ ! -f "$here/$2.dict" ] || dict=(-x "$here/$2.dict")
FUZZ_TARGET=$2 afl-fuzz -i "$seeds" -o "$out" -V "$3" -t 5000 -m none \
	"${dict[@]}" -- "$build/fuzz"
found=$(find "$out"/default/crashes "$out"/default/hangs -name 'id*' | wc -l)
echo "$2: $found crashes and hangs"
[ "$found" = 0 ]
