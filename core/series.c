/* SPDX-License-Identifier: Apache-2.0 */
#include "core/series.h"

#include <stdlib.h>
#include <string.h>

#include "core/observer.h"

void series_init(struct series *series, sim_time start, sim_time step)
{
	BUG_ON(step <= 0);
	*series = (struct series){ .start_ps = start, .step_ps = step };
	series->values = calloc(SERIES_CELLS, sizeof(*series->values));
	if (!series->values)
		out_of_memory("series of %d cells", SERIES_CELLS);
}

void series_clear(struct series *series)
{
	free(series->values);
	*series = (struct series){ 0 };
}

static void tell(const struct series *series, sim_time from, sim_time to,
		 uint64_t value)
{
	if (series->observers && from < to)
		observers_tell(series->observers,
			       &(struct observation){ .kind = SEEN_LEVEL,
						      .from = from,
						      .to = to,
						      .track = series->track,
						      .value = value });
}

static void double_step(struct series *series)
{
	uint64_t *values = series->values;
	uint32_t half = (series->used + 1) / 2;

	/* An odd last cell meets its unmarked neighbour, which is 0. */
	for (uint32_t i = 0; i < half; i++) {
		uint64_t a = values[2 * i], b = values[2 * i + 1];

		values[i] = a > b ? a : b;
	}
	memset(values + half, 0, (SERIES_CELLS - half) * sizeof(*values));
	series->used = half;
	series->step_ps *= 2;
}

void series_mark(struct series *series, sim_time from, sim_time to,
		 uint64_t value)
{
	sim_time first, last, span = to - series->start_ps;

	BUG_ON(from < series->start_ps || to < from || to > SIM_TIME_MAX);
	while (span / series->step_ps >= SERIES_CELLS)
		double_step(series);
	first = (from - series->start_ps) / series->step_ps;
	last = span / series->step_ps;
	for (sim_time i = first; i <= last; i++)
		if (value > series->values[i])
			series->values[i] = value;
	if (last >= series->used)
		series->used = (uint32_t)last + 1;
	tell(series, from, to, value);
}

void gauge_init(struct gauge *gauge, sim_time start, sim_time series_step)
{
	*gauge = (struct gauge){ .since = start,
				 .start = start,
				 .cell_to = SIM_TIME_NEVER };
	hist_init(&gauge->by_time, HIST_BITS_COARSE);
	if (series_step) {
		series_init(&gauge->series, start, series_step);
		gauge->cell_to = start; /* none is open */
	}
}

void gauge_clear(struct gauge *gauge)
{
	hist_clear(&gauge->by_time);
	series_clear(&gauge->series);
	*gauge = (struct gauge){ 0 };
}

void gauge_watch(struct gauge *gauge, const struct observers *observers,
		 unsigned track)
{
	gauge->series.observers = observers;
	gauge->series.track = track;
	gauge->cell_to = gauge->start; /* every change is past it */
}

void gauge_cross(struct gauge *gauge, sim_time now)
{
	struct series *series = &gauge->series;
	uint64_t *open;

	if (gauge->peak > gauge->max)
		gauge->max = gauge->peak;
	if (!series->values)
		return;
	open = &series->values[series->used ? series->used - 1 : 0];
	if (gauge->peak > *open)
		*open = gauge->peak;
	series_mark(series, gauge->since, now, gauge->level);
	gauge->peak = gauge->level;
	if (!series->observers)
		gauge->cell_to =
			series->start_ps + series->used * series->step_ps;
}

void gauge_close(struct gauge *gauge, sim_time end)
{
	uint64_t level;

	gauge_cross(gauge, end);
	gauge_spend(gauge, end);
	for (level = 0; level < GAUGE_LOW; level++) {
		if (gauge->low_ps[level])
			hist_record_n(&gauge->by_time, level,
				      gauge->low_ps[level]);
		gauge->low_ps[level] = 0;
	}
}

double gauge_mean(const struct gauge *gauge)
{
	return hist_mean(&gauge->by_time);
}
