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
 *
 * What a gauge and its series tell is up to date after gauge_close(): while
 * levels change, the time at low ones and the peak of the open cell are kept
 * apart.  Times given to one gauge never go back (BUG).  A level that lasted
 * no time counts in the maximum and in the series, not in the histogram; so
 * the maximum of the series is the gauge's.
 */
#ifndef CORE_SERIES_H
#define CORE_SERIES_H

#include <stdint.h>

#include "core/err.h"
#include "core/hist.h"
#include "core/sim_time.h"

#define SERIES_CELLS 4096

struct observers;

struct series {
	sim_time start_ps, step_ps;
	uint32_t used;	  /* cells up to the last that was marked */
	uint64_t *values; /* NULL: absent */
	/* Told of every mark, if any; known to them as @track. */
	const struct observers *observers;
	unsigned track;
};

/* @step > 0. Cells never marked hold 0. */
void series_init(struct series *series, sim_time start, sim_time step);
void series_clear(struct series *series);
/* The level was @value from @from to @to (inclusive of both cells). */
void series_mark(struct series *series, sim_time from, sim_time to,
		 uint64_t value);

#define GAUGE_LOW 256 /* levels below are low */

struct gauge {
	sim_time since; /* of the current level */
	sim_time start;
	sim_time cell_to; /* end of the open cell; NEVER: no series */
	uint64_t level;
	uint64_t peak;	      /* in the open cell */
	uint64_t max;	      /* before it */
	struct hist by_time;  /* ps spent at each level; sum: level x ps */
	struct series series; /* step 0: absent */
	uint64_t low_ps[GAUGE_LOW]; /* of by_time, not yet in it */
};

/* The level is 0 at @start. */
void gauge_init(struct gauge *gauge, sim_time start, sim_time series_step);
void gauge_clear(struct gauge *gauge);
/* Tell @observers of every change from now on; it has a series. */
void gauge_watch(struct gauge *gauge, const struct observers *observers,
		 unsigned track);
/* Bring integral, maximum, histogram and series up to @end; the level stays. */
void gauge_close(struct gauge *gauge, sim_time end);
/* Time-weighted mean up to the last close; 0 over an empty span. */
double gauge_mean(const struct gauge *gauge);

/* The level lasts until @now, past the open cell. */
void gauge_cross(struct gauge *gauge, sim_time now);

/* It lasted until @now, in the open cell. */
static inline void gauge_spend(struct gauge *gauge, sim_time now)
{
	sim_time span = now - gauge->since;
	uint64_t level = gauge->level;

	BUG_ON(span < 0);
	gauge->since = now;
	if (__builtin_expect(level < GAUGE_LOW, 1))
		gauge->low_ps[level] += (uint64_t)span;
	else if (span)
		hist_record_bits(&gauge->by_time, HIST_BITS_COARSE, level,
				 (uint64_t)span);
}

static inline void gauge_set(struct gauge *gauge, sim_time now, uint64_t level)
{
	if (level == gauge->level)
		return;
	if (__builtin_expect(now >= gauge->cell_to, 0))
		gauge_cross(gauge, now);
	gauge_spend(gauge, now);
	gauge->level = level;
	if (level > gauge->peak)
		gauge->peak = level;
}

static inline void gauge_add(struct gauge *gauge, sim_time now, int64_t delta)
{
	gauge_set(gauge, now, (uint64_t)((int64_t)gauge->level + delta));
}

#endif
