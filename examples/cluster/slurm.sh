#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One shard of a study: a task of a Slurm job array.
#
#	sbatch --array=1-16 slurm.sh rings.ini results
#	dmasim merge results/part* -o study
#
# The array's size is the number of shards.  A task that was killed, or whose
# node failed, goes on where it was when the same line is submitted again;
# tasks that had ended see so within seconds.  Every task needs the study file,
# its captures and the result directory under the same paths.
#
#SBATCH --job-name=dmasim
#SBATCH --cpus-per-task=2
#SBATCH --requeue
set -euo pipefail

study=$1
results=$2
shard=$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT
part=$results/part$(printf %04d "$SLURM_ARRAY_TASK_ID")

mkdir -p "$results"
exec "${DMASIM:-dmasim}" sweep -q --yes --study "$study" --shard "$shard" \
	-j "${SLURM_CPUS_PER_TASK:-1}" -o "$part"
