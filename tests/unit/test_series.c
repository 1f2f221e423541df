/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/rng.h"
#include "core/series.h"
#include "tests/unit/aborts.h"

#define STEPS	60000
#define BUCKETS 4096 /* of levels below 2^31 */

struct step {
	sim_time at;
	uint64_t level;
};

/* A level that changes STEPS times; some changes share an instant. */
static struct step *make_steps(uint64_t seed, uint64_t gap, uint64_t levels)
{
	struct step *steps = malloc(STEPS * sizeof(*steps));
	struct rng_stream stream;
	sim_time now = 1000;

	assert_non_null(steps);
	rng_stream_init(&stream, seed, 1, 0);
	for (uint64_t i = 0; i < STEPS; i++) {
		uint64_t r = rng_draw(&stream, i);

		if (rng_chance(r, 900000))
			now += (sim_time)rng_exponential(rng_again(r), gap);
		steps[i].at = now;
		steps[i].level = rng_below(rng_again(~r), levels);
	}
	return steps;
}

/* Cell by cell, straight from the definition. */
static void expected_cells(const struct step *steps, sim_time end,
			   sim_time start, sim_time step, uint64_t *cells)
{
	for (size_t i = 0; i < STEPS; i++) {
		sim_time till = i + 1 < STEPS ? steps[i + 1].at : end;
		sim_time last = (till - start) / step;

		for (sim_time c = (steps[i].at - start) / step; c <= last; c++)
			if (steps[i].level > cells[c])
				cells[c] = steps[i].level;
	}
}

static void check_walk(uint64_t seed, uint64_t gap, uint64_t levels,
		       sim_time first_step)
{
	struct step *steps = make_steps(seed, gap, levels);
	sim_time end = steps[STEPS - 1].at + 777;
	uint64_t *cells = calloc(SERIES_CELLS, sizeof(*cells));
	uint64_t by_bucket[BUCKETS] = { 0 }, peak = 0;
	__uint128_t integral = 0;
	struct gauge gauge;

	assert_non_null(cells);
	gauge_init(&gauge, 1000, first_step);
	for (size_t i = 0; i < STEPS; i++) {
		sim_time till = i + 1 < STEPS ? steps[i + 1].at : end;
		uint64_t span = (uint64_t)(till - steps[i].at);

		gauge_set(&gauge, steps[i].at, steps[i].level);
		integral += (__uint128_t)steps[i].level * span;
		by_bucket[hist_index(HIST_BITS_COARSE, steps[i].level)] += span;
		if (steps[i].level > peak)
			peak = steps[i].level;
	}
	gauge_close(&gauge, end);
	gauge_close(&gauge, end); /* twice is once */
	by_bucket[0] += (uint64_t)(steps[0].at - 1000);

	assert_true(gauge.by_time.sum == integral);
	assert_int_equal(gauge.by_time.count, end - 1000);
	assert_int_equal(gauge.max, peak);
	for (uint32_t b = 0; b < gauge.by_time.bucket_count; b++)
		assert_int_equal(gauge.by_time.buckets[b], by_bucket[b]);
	assert_true(gauge_mean(&gauge) > 0);

	assert_int_equal(gauge.series.step_ps % first_step, 0);
	assert_true((end - 1000) / gauge.series.step_ps < SERIES_CELLS);
	assert_int_equal(gauge.series.used,
			 (end - 1000) / gauge.series.step_ps + 1);
	expected_cells(steps, end, 1000, gauge.series.step_ps, cells);
	for (size_t c = 0; c < SERIES_CELLS; c++)
		assert_int_equal(gauge.series.values[c], cells[c]);
	gauge_clear(&gauge);
	free(cells);
	free(steps);
}

static void gauges_follow_their_definition(void **state)
{
	(void)state;
	check_walk(1, 50, 200, 1000);	  /* many changes a cell, doubles */
	check_walk(2, 1000, 16, 1000000); /* never doubles */
	check_walk(3, 100000, 250, 7);	  /* spans of many cells, odd step */
	check_walk(4, 1000000000, 3, 1);  /* doubles from the first mark */
	check_walk(5, 50, 100000, 1000);  /* levels that share buckets */
}

static void no_peak_is_lost(void **state)
{
	struct series series;
	uint64_t peak;
	sim_time step = 100;

	(void)state;
	series_init(&series, 0, step);
	series_mark(&series, 12345, 12345, 9); /* one instant */
	for (sim_time at = 20000; at < INT64_C(1) << 40; at *= 2) {
		series_mark(&series, at, at, 1);
		assert_int_equal(series.values[12345 / series.step_ps], 9);
		/* the step is the first one times a power of two */
		for (step = 100; step < series.step_ps; step *= 2)
			;
		assert_int_equal(step, series.step_ps);
	}
	peak = 0;
	for (size_t i = 0; i < SERIES_CELLS; i++)
		peak += series.values[i] == 9;
	assert_int_equal(peak, 1);
	series_clear(&series);
}

/* An odd last cell survives, over several doublings at once. */
static void an_odd_cell_is_kept(void **state)
{
	struct series series;

	(void)state;
	series_init(&series, 0, 1);
	series_mark(&series, 2, 2, 7);
	assert_int_equal(series.used, 3);
	series_mark(&series, 4096 * 4, 4096 * 4, 1);
	assert_int_equal(series.step_ps, 8);
	assert_int_equal(series.values[0], 7);
	assert_int_equal(series.values[2048], 1);
	series_clear(&series);
}

/* 4,096 cells fill exactly before the step doubles. */
static void doubles_when_full(void **state)
{
	struct series series;

	(void)state;
	series_init(&series, 50, 10);
	series_mark(&series, 50, 50 + 40959, 3);
	assert_int_equal(series.step_ps, 10);
	assert_int_equal(series.used, 4096);
	series_mark(&series, 50 + 40960, 50 + 40960, 4);
	assert_int_equal(series.step_ps, 20);
	assert_int_equal(series.used, 2049);
	assert_int_equal(series.values[2047], 3);
	assert_int_equal(series.values[2048], 4);
	assert_int_equal(series.values[2049], 0);
	series_clear(&series);
}

/* A level of no duration counts as a maximum, not in the histogram. */
static void instants_count_as_peaks(void **state)
{
	struct gauge gauge;

	(void)state;
	gauge_init(&gauge, 0, 100);
	gauge_set(&gauge, 500, 7);
	gauge_add(&gauge, 500, -5);
	gauge_add(&gauge, 1500, -2);
	gauge_close(&gauge, 2000);
	assert_int_equal(gauge.max, 7);
	assert_int_equal(gauge.series.values[5], 7);
	assert_int_equal(gauge.by_time.max, 2);
	assert_true(gauge.by_time.sum == 2000);
	assert_true(gauge_mean(&gauge) == 1.0);
	assert_int_equal(hist_quantile(&gauge.by_time, 990000), 2);
	gauge_clear(&gauge);
}

static void without_a_series(void **state)
{
	struct gauge gauge;

	(void)state;
	gauge_init(&gauge, 10, 0);
	assert_true(gauge_mean(&gauge) == 0);
	gauge_set(&gauge, 10, 1000000); /* levels past the linear part */
	gauge_close(&gauge, 20);
	assert_null(gauge.series.values);
	assert_int_equal(hist_quantile(&gauge.by_time, 500000), 1000000);
	assert_true(gauge_mean(&gauge) == 1000000);
	gauge_clear(&gauge);
}

static void set_in_the_past(void)
{
	struct gauge gauge;

	gauge_init(&gauge, 0, 0);
	gauge_set(&gauge, 10, 1);
	gauge_set(&gauge, 9, 2);
}

static void close_in_the_past(void)
{
	struct gauge gauge;

	gauge_init(&gauge, 10, 0);
	gauge_close(&gauge, 9);
}

static void mark_before_the_start(void)
{
	struct series series;

	series_init(&series, 10, 1);
	series_mark(&series, 9, 12, 1);
}

static void no_step(void)
{
	struct series series;

	series_init(&series, 0, 0);
}

static void misuse_is_a_bug(void **state)
{
	(void)state;
	assert_true(aborts(set_in_the_past));
	assert_true(aborts(close_in_the_past));
	assert_true(aborts(mark_before_the_start));
	assert_true(aborts(no_step));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gauges_follow_their_definition),
		cmocka_unit_test(no_peak_is_lost),
		cmocka_unit_test(an_odd_cell_is_kept),
		cmocka_unit_test(doubles_when_full),
		cmocka_unit_test(instants_count_as_peaks),
		cmocka_unit_test(without_a_series),
		cmocka_unit_test(misuse_is_a_bug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
