/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Levels over time.
 *
 * A gauge is a level with its exact integral, extremes, and time-weighted
 * histogram: mean, p99 and maximum of "map registers in use" come from it.
 * A series is what a plot needs of the same level: the maximum in each of
 * 4,096 cells of equal width; when the run outgrows them neighbours are
 * merged and the step doubles, so memory is constant and no peak is lost.
 *
 *	gauge_init(&g, 0, step);	(step 0: no series)
 *	gauge_set(&g, now, level);
 *	gauge_close(&g, end);
 */
#ifndef CORE_SERIES_H
#define CORE_SERIES_H

#include <stdint.h>

#include "core/hist.h"
#include "core/sim_time.h"

#define SERIES_CELLS 4096

struct series {
	sim_time start_ps, step_ps;
	uint32_t used; /* cells that hold a value */
	uint64_t *values;
};

void series_init(struct series *series, sim_time start, sim_time step);
void series_clear(struct series *series);
/* The level was @value from @from to @to (inclusive of both cells). */
void series_mark(struct series *series, sim_time from, sim_time to,
		 uint64_t value);

struct gauge {
	sim_time since; /* of the current level */
	sim_time start;
	uint64_t level, max;
	unsigned __int128 integral; /* level x ps */
	struct hist by_time;	    /* ps spent at each level */
	struct series series;	    /* step 0: absent */
};

void gauge_init(struct gauge *gauge, sim_time start, sim_time series_step);
void gauge_clear(struct gauge *gauge);
void gauge_set(struct gauge *gauge, sim_time now, uint64_t level);
/* Bring integral, histogram and series up to @end. */
void gauge_close(struct gauge *gauge, sim_time end);
/* Time-weighted mean; 0 over an empty span. */
double gauge_mean(const struct gauge *gauge);

static inline void gauge_add(struct gauge *gauge, sim_time now, int64_t delta)
{
	gauge_set(gauge, now, (uint64_t)((int64_t)gauge->level + delta));
}

#endif
