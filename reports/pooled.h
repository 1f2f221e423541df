/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The histogram of a row over all its replicates.
 */
#ifndef REPORTS_POOLED_H
#define REPORTS_POOLED_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "reports/rows.h"

struct pooled_bucket {
	uint64_t low, count;
};

struct pooled {
	struct pooled_bucket *buckets; /* by low; owned */
	size_t count;
	uint64_t total; /* samples */
	bool failed;	/* an allocation did */
};

/* Nothing in it when the row has no buckets of @metric. */
struct pooled pooled_of(const struct report_row *row, const char *metric);
void pooled_clear(struct pooled *pooled);

struct pooled_range {
	uint64_t low, high; /* low > high: no sample */
};
/* Of the samples of all rows that have buckets. */
struct pooled_range pooled_range(const struct report_block *block,
				 const char *metric);

/* Picoseconds as us for a log axis, which has no zero: 1 ps stands for it. */
double pooled_us(uint64_t ps);
/* "set logscale" and tics of a time axis 'x' or 'y' in us. */
void pooled_axis(FILE *gp, char axis, const struct pooled_range *range);

#endif
