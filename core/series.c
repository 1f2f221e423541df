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
	series->cell = series->values;
	series->cell_from = start;
	series->cell_to = start; /* empty: the first mark is a slow one */
}

void series_clear(struct series *series)
{
	free(series->values);
	*series = (struct series){ 0 };
}

void series_watch(struct series *series, const struct observers *observers,
		  unsigned track)
{
	series->observers = observers;
	series->track = track;
	series->cell_from = SIM_TIME_NEVER; /* every mark is a slow one */
}

static void tell(const struct series *series, sim_time from, sim_time to,
		 uint64_t value)
{
	if (from < to)
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

void series_mark_slow(struct series *series, sim_time from, sim_time to,
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
	series->cell = series->values + last;
	series->cell_from = series->start_ps + last * series->step_ps;
	series->cell_to = series->cell_from + series->step_ps;
	if (series->observers) {
		tell(series, from, to, value);
		series->cell_from = SIM_TIME_NEVER;
	}
}

void gauge_init(struct gauge *gauge, sim_time start, sim_time series_step)
{
	*gauge = (struct gauge){ .since = start, .start = start };
	hist_init(&gauge->by_time, HIST_BITS_COARSE);
	if (series_step)
		series_init(&gauge->series, start, series_step);
}

void gauge_clear(struct gauge *gauge)
{
	hist_clear(&gauge->by_time);
	series_clear(&gauge->series);
	*gauge = (struct gauge){ 0 };
}

void gauge_close(struct gauge *gauge, sim_time end)
{
	uint64_t span = (uint64_t)(end - gauge->since);

	BUG_ON(end < gauge->since);
	if (gauge->series.values)
		series_mark(&gauge->series, gauge->since, end, gauge->level);
	if (!span)
		return;
	hist_record_n(&gauge->by_time, gauge->level, span);
	gauge->since = end;
}

double gauge_mean(const struct gauge *gauge)
{
	return hist_mean(&gauge->by_time);
}
