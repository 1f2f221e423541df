/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/rng.h"
#include "tests/unit/aborts.h"

#define DRAWS 1000000

/* The draw whose r / 2^64 is @u. */
static uint64_t draw_at(double u)
{
	return (uint64_t)(u * 0x1p64);
}

/* The standard normal quantile, by bisection on erfc. */
static double normal_quantile(double u)
{
	double low = -10, high = 10;

	while (high - low > 1e-13) {
		double middle = (low + high) / 2;

		if (erfc(-middle / sqrt(2.0)) / 2 < u)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}

static void assert_near(double got, double want, double tolerance)
{
	if (!(fabs(got - want) <= tolerance))
		fail_msg("%.12g, not %.12g +- %.3g", got, want, tolerance);
}

static void exponential_quantiles(void **state)
{
	static const uint64_t means[] = { 1, 1000, 123456789,
					  (UINT64_C(1) << 48) - 1 };

	(void)state;
	for (size_t m = 0; m < sizeof(means) / sizeof(*means); m++) {
		double mean = (double)means[m];

		for (int i = 1; i < 10000; i++) {
			double u = i / 10000.0;
			uint64_t r = draw_at(u);

			assert_near((double)rng_exponential(r, means[m]),
				    -mean * log1p(-u), 0.5 + mean * 1e-7);
		}
		for (double rest = 1e-4; rest > 1e-15; rest /= 3) {
			uint64_t r = draw_at(1 - rest);
			double want = -mean * log((double)~r * 0x1p-64);

			assert_near((double)rng_exponential(r, means[m]), want,
				    0.5 + want * 1e-3);
		}
	}
	assert_int_equal(rng_exponential(0, 1000000), 0);
	assert_near((double)rng_exponential(UINT64_MAX, 1000000),
		    53 * log(2.0) * 1e6, 1);
	assert_int_equal(rng_exponential(UINT64_MAX, 0), 0);
}

static void exponential_moments(void **state)
{
	struct rng_stream stream;
	double sum = 0, squares = 0, mean;

	(void)state;
	rng_stream_init(&stream, 7, 1, 0);
	for (uint64_t n = 0; n < DRAWS; n++) {
		double x = (double)rng_exponential(rng_draw(&stream, n),
						   UINT64_C(1) << 40) *
			   0x1p-40;

		sum += x;
		squares += x * x;
	}
	mean = sum / DRAWS;
	/* four standard errors: 1 / sqrt(n), sqrt(20) / sqrt(n) */
	assert_near(mean, 1, 4e-3);
	assert_near(squares / DRAWS, 2, 4 * sqrt(20.0) * 1e-3);
}

/*
 * The mean itself, without sampling noise: midpoints of a fine grid.  The
 * midpoint rule is 0.35 / cells short.
 */
static void exponential_mean(void **state)
{
	const uint64_t cells = 1 << 18, mean = 1000000;
	double sum = 0;

	(void)state;
	for (uint64_t i = 0; i < cells; i++)
		sum += (double)rng_exponential((2 * i + 1) << 45, mean);
	assert_near(sum / (double)cells, (double)mean, 10);
}

struct shape {
	uint64_t median, p99;
	double tolerance;
};

static void check_lognormal(const struct shape *shape, double u)
{
	double median = (double)shape->median, p99 = (double)shape->p99;
	uint64_t r = draw_at(u);
	double z = normal_quantile((double)r * 0x1p-64) / normal_quantile(0.99);
	double want = fmin(median * pow(p99 / median, z), 0x1p61);

	assert_near((double)rng_lognormal(r, shape->median, shape->p99), want,
		    0.5 + want * shape->tolerance);
}

static void lognormal_quantiles(void **state)
{
	/* 50 us and 5 ms, in ps, is the hold of received buffers */
	static const struct shape shapes[] = {
		{ 50000000, 5000000000, 3e-5 },
		{ 1000, 1001, 1e-6 },
		{ 777, 777, 1e-9 },
		{ 3000000, 12345678, 1e-5 },
		{ UINT64_C(1) << 40, (UINT64_C(1) << 48) - 1, 3e-5 },
		{ 1, UINT64_C(1) << 26, 1e-4 },
	};

	(void)state;
	for (size_t s = 0; s < sizeof(shapes) / sizeof(*shapes); s++) {
		for (int i = 1; i < 10000; i++)
			check_lognormal(&shapes[s], i / 10000.0);
		for (double tail = 1e-4; tail > 1e-11; tail /= 2)
			check_lognormal(&shapes[s], tail);
		for (double tail = 1e-4; tail > 1e-9; tail /= 2)
			check_lognormal(&shapes[s], 1 - tail);
	}
	assert_int_equal(rng_lognormal(UINT64_C(1) << 63, 12345, 99999), 12345);
}

/* The widest shape of all stays inside its promise and its bound. */
static void lognormal_extremes(void **state)
{
	const struct shape widest = { 1, (UINT64_C(1) << 48) - 1, 5e-3 };

	(void)state;
	for (int i = 1; i < 10000; i++)
		check_lognormal(&widest, i / 10000.0);
	assert_int_equal(rng_lognormal(UINT64_MAX, 1, widest.p99),
			 UINT64_C(1) << 61);
	assert_int_equal(rng_lognormal(0, 1, widest.p99), 0);
	assert_int_equal(rng_lognormal(UINT64_MAX, (UINT64_C(1) << 48) - 1,
				       (UINT64_C(1) << 48) - 1),
			 (UINT64_C(1) << 48) - 1);
}

static void draws_grow_with_r(void **state)
{
	uint64_t last_exponential = 0, last_lognormal = 0;

	(void)state;
	for (uint64_t i = 0; i < 1 << 20; i++) {
		uint64_t r = i << 44;
		uint64_t e = rng_exponential(r, UINT64_C(1) << 47);
		uint64_t l =
			rng_lognormal(r, UINT64_C(1) << 30, UINT64_C(1) << 40);

		assert_true(e >= last_exponential);
		assert_true(l >= last_lognormal);
		last_exponential = e;
		last_lognormal = l;
	}
}

/* Chi-squared of 256 cells over every byte of the draws of nearby streams. */
static void bytes_are_uniform(void **state)
{
	(void)state;
	for (uint32_t component = 0; component < 4; component++) {
		static uint64_t cells[8][256];
		struct rng_stream stream;

		rng_stream_init(&stream, 1, component, 0);
		for (int b = 0; b < 8; b++)
			for (int c = 0; c < 256; c++)
				cells[b][c] = 0;
		for (uint64_t n = 0; n < 256000; n++) {
			uint64_t r = rng_draw(&stream, n);

			for (int b = 0; b < 8; b++)
				cells[b][r >> (8 * b) & 255]++;
		}
		for (int b = 0; b < 8; b++) {
			double chi = 0;

			for (int c = 0; c < 256; c++) {
				double off = (double)cells[b][c] - 1000;

				chi += off * off / 1000;
			}
			/* 255 +- 5 standard deviations of 22.6 */
			assert_true(chi > 142 && chi < 368);
		}
	}
}

static double correlation(const struct rng_stream *a,
			  const struct rng_stream *b, uint64_t lag)
{
	double sum = 0;

	for (uint64_t n = 0; n < 200000; n++) {
		double x = (double)rng_draw(a, n) * 0x1p-64 - 0.5;
		double y = (double)rng_draw(b, n + lag) * 0x1p-64 - 0.5;

		sum += 12 * x * y;
	}
	return sum / 200000;
}

/* Neighbours in any of the keys are unrelated: 5 / sqrt(200000). */
static void streams_are_independent(void **state)
{
	static const uint64_t keys[][3] = { { 0, 0, 0 },	 { 1, 0, 0 },
					    { 0, 1, 0 },	 { 0, 0, 1 },
					    { 1, 1, 0 },	 { 2, 0, 0 },
					    { UINT64_MAX, 0, 0 } };
	enum { KEYS = sizeof(keys) / sizeof(*keys) };
	struct rng_stream streams[KEYS];

	(void)state;
	for (size_t i = 0; i < KEYS; i++)
		rng_stream_init(&streams[i], keys[i][0], (uint32_t)keys[i][1],
				(uint32_t)keys[i][2]);
	for (size_t i = 0; i < KEYS; i++) {
		assert_near(correlation(&streams[i], &streams[i], 1), 0,
			    0.0112);
		for (size_t j = 0; j < i; j++) {
			assert_true(streams[i].base != streams[j].base);
			assert_near(correlation(&streams[i], &streams[j], 0), 0,
				    0.0112);
		}
	}
}

static void chances_and_ranges(void **state)
{
	struct rng_stream stream;
	uint64_t hits = 0, seen[7] = { 0 };

	(void)state;
	rng_stream_init(&stream, 9, 2, 0);
	for (uint64_t n = 0; n < DRAWS; n++) {
		uint64_t r = rng_draw(&stream, n);

		hits += rng_chance(r, 300000);
		seen[rng_below(rng_again(r), 7)]++;
		assert_false(rng_chance(r, 0));
		assert_true(rng_chance(r, 1000000));
	}
	/* five standard deviations: sqrt(n p (1 - p)) */
	assert_near((double)hits, 300000, 5 * 458.3);
	for (int i = 0; i < 7; i++)
		assert_near((double)seen[i], DRAWS / 7.0, 5 * 350);
	assert_int_equal(rng_below(UINT64_MAX, UINT64_MAX), UINT64_MAX - 1);
}

/* A promise to every stored result: these numbers never change. */
static void draws_are_forever(void **state)
{
	struct rng_stream stream;

	(void)state;
	assert_int_equal(mix64(0), 0);
	/* splitmix64 seeded with 0 begins so */
	assert_int_equal(rng_again(0), UINT64_C(0xe220a8397b1dcdaf));
	rng_stream_init(&stream, 1, 2, 3);
	assert_int_equal(rng_draw(&stream, 0), UINT64_C(0x8e04b1d822bccbb9));
	assert_int_equal(rng_draw(&stream, 10000000),
			 UINT64_C(0x167478338c02fa1d));
	assert_int_equal(rng_exponential(rng_draw(&stream, 1), 1000000000),
			 UINT64_C(736177527));
	assert_int_equal(
		rng_lognormal(rng_draw(&stream, 2), 50000000, 5000000000),
		UINT64_C(39286832));
}

static void mean_too_large(void)
{
	rng_exponential(1, UINT64_C(1) << 48);
}

static void no_median(void)
{
	rng_lognormal(1, 0, 1);
}

static void p99_below_median(void)
{
	rng_lognormal(1, 10, 9);
}

static void misuse_is_a_bug(void **state)
{
	(void)state;
	assert_true(aborts(mean_too_large));
	assert_true(aborts(no_median));
	assert_true(aborts(p99_below_median));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exponential_quantiles),
		cmocka_unit_test(exponential_moments),
		cmocka_unit_test(exponential_mean),
		cmocka_unit_test(lognormal_quantiles),
		cmocka_unit_test(lognormal_extremes),
		cmocka_unit_test(draws_grow_with_r),
		cmocka_unit_test(bytes_are_uniform),
		cmocka_unit_test(streams_are_independent),
		cmocka_unit_test(chances_and_ranges),
		cmocka_unit_test(draws_are_forever),
		cmocka_unit_test(misuse_is_a_bug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
