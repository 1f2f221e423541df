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
 * Times given to one gauge never go back (BUG).  A level that lasted no time
 * counts in the maximum and in the series, not in the histogram; so after
 * gauge_close() the maximum of the series is the gauge's.
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
	/* The cell marked last, [cell_from, cell_to) ps. */
	sim_time cell_from, cell_to;
	uint64_t *cell;
	/* Told of every mark, if any; known to them as @track. */
	const struct observers *observers;
	unsigned track;
};

/* @step > 0. Cells never marked hold 0. */
void series_init(struct series *series, sim_time start, sim_time step);
void series_clear(struct series *series);
void series_watch(struct series *series, const struct observers *observers,
		  unsigned track);
void series_mark_slow(struct series *series, sim_time from, sim_time to,
		      uint64_t value);

/*
 * The level was @value from @from to @to (inclusive of both cells).  Constant
 * time inside the cell marked last, else in proportion to the cells crossed.
 */
static inline void series_mark(struct series *series, sim_time from,
			       sim_time to, uint64_t value)
{
	if (__builtin_expect(from < series->cell_from || to >= series->cell_to,
			     0))
		series_mark_slow(series, from, to, value);
	else if (value > *series->cell)
		*series->cell = value;
}

struct gauge {
	sim_time since; /* of the current level */
	sim_time start;
	uint64_t level, max;
	struct hist by_time;  /* ps spent at each level; sum: level x ps */
	struct series series; /* step 0: absent */
};

/* The level is 0 at @start. */
void gauge_init(struct gauge *gauge, sim_time start, sim_time series_step);
void gauge_clear(struct gauge *gauge);
/* Bring integral, histogram and series up to @end; the level stays. */
void gauge_close(struct gauge *gauge, sim_time end);
/* Time-weighted mean up to the last change or close; 0 over an empty span. */
double gauge_mean(const struct gauge *gauge);

static inline void gauge_set(struct gauge *gauge, sim_time now, uint64_t level)
{
	if (level == gauge->level)
		return;
	if (gauge->series.values)
		series_mark(&gauge->series, gauge->since, now, gauge->level);
	if (now != gauge->since) {
		uint64_t span = (uint64_t)(now - gauge->since);

		BUG_ON(now < gauge->since);
		hist_record_n(&gauge->by_time, gauge->level, span);
		gauge->since = now;
	}
	gauge->level = level;
	if (level > gauge->max)
		gauge->max = level;
}

static inline void gauge_add(struct gauge *gauge, sim_time now, int64_t delta)
{
	gauge_set(gauge, now, (uint64_t)((int64_t)gauge->level + delta));
}

#endif
