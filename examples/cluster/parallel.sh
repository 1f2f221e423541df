#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A study shared out by GNU parallel, on this machine or on several.
#
#	parallel.sh SHARDS STUDY RESULTS [OPTION...]
#
#	parallel.sh 8 rings.ini results
#	parallel.sh 32 rings.ini results --sshloginfile hosts --workdir .
#
# Options are GNU parallel's.  Hosts need dmasim, the study, its captures and
# RESULTS under the same paths.  Calling it again runs what is missing.
set -euo pipefail

shards=$1
study=$2
results=$3
shift 3

mkdir -p "$results"
seq "$shards" | parallel --will-cite --halt soon,fail=1 --retries 3 "$@" \
	"${DMASIM:-dmasim}" sweep -q --yes --study "$study" \
	--shard "{}/$shards" -j 1 -o "$results/part{}"
"${DMASIM:-dmasim}" merge "$results"/part* -o "$results/study"
