/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim compare, between its two files: compare.c has the command line, the
 * rows and the runs over the whole capture; compare_trials.c the short runs
 * afterwards.
 */
#ifndef CMD_COMPARE_H
#define CMD_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/job.h"
#include "cmd/question.h"
#include "cmd/study.h"

struct pair {
	const struct tx_ops *tx;
	const struct rx_ops *rx;
};

struct compare {
	struct question ask;
	bool cross, merge;
	uint64_t capacity_frames; /* 0: no capacity */

	struct pair *pairs;
	size_t pair_count;
	struct study_point *points; /* [machine][pair][replicate] */
	struct job_row *rows;
	size_t count;
	struct job job;
};

/* Index of a row's first replicate in points and rows. */
static inline size_t compare_first(const struct compare *compare, size_t row)
{
	return row * compare->ask.replicates;
}

/* A bound nobody can choose, such as premapped: shown, never ranked. */
bool compare_is_floor(const struct tx_ops *tx, const struct rx_ops *rx);

/* Capacity of every row, from the sample, into the document. */
int compare_capacities(struct compare *compare, struct err *err);
/* A note for every machine: which assumed price changes the order. */
int compare_flips(struct compare *compare, struct err *err);

#endif
