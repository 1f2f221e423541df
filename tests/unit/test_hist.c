/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/hist.h"
#include "core/rng.h"
#include "tests/unit/aborts.h"

static const unsigned widths[] = { 1, HIST_BITS_COARSE, HIST_BITS_FINE, 16 };
#define WIDTHS (sizeof(widths) / sizeof(*widths))

static uint64_t any_magnitude(const struct rng_stream *stream, uint64_t n)
{
	uint64_t r = rng_draw(stream, n);

	return rng_again(r) >> (r & 63);
}

static void holds_its_value(const struct hist *hist, uint64_t value)
{
	uint32_t index = (uint32_t)hist_index(hist->bits, value);
	uint64_t low = hist_low(hist, index);
	uint64_t past = hist_low(hist, index + 1); /* 0: past 64 bits */

	assert_true(low <= value);
	assert_true(past == 0 || value < past);
	/* width <= low / 2^bits, width 1 while buckets are single values */
	if (past - low > 1)
		assert_true(past - low <= low >> hist->bits);
}

static void buckets_tile_the_range(void **state)
{
	struct rng_stream stream;

	(void)state;
	rng_stream_init(&stream, 4, 0, 0);
	for (size_t w = 0; w < WIDTHS; w++) {
		struct hist hist;
		uint32_t last;

		hist_init(&hist, widths[w]);
		for (unsigned shift = 0; shift < 64; shift++) {
			uint64_t edge = UINT64_C(1) << shift;

			holds_its_value(&hist, edge - 1);
			holds_its_value(&hist, edge);
			holds_its_value(&hist, edge + 1);
		}
		holds_its_value(&hist, UINT64_MAX);
		for (uint64_t n = 0; n < 100000; n++)
			holds_its_value(&hist, any_magnitude(&stream, n));
		last = (uint32_t)hist_index(hist.bits, UINT64_MAX);
		for (uint32_t i = 0; i <= last; i++)
			assert_int_equal(
				hist_index(hist.bits, hist_low(&hist, i)), i);
	}
}

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

#define SAMPLES 20011

static void check_quantiles(const struct hist *hist, const uint64_t *sorted)
{
	static const uint32_t ppms[] = { 0,	 1,	 1000,	 10000,
					 250000, 500000, 900000, 990000,
					 999000, 999999, 1000000 };

	for (size_t i = 0; i < sizeof(ppms) / sizeof(*ppms); i++) {
		uint64_t got = hist_quantile(hist, ppms[i]);
		uint64_t rank =
			((uint64_t)SAMPLES * ppms[i] + 999999) / 1000000;
		uint64_t want = sorted[rank ? rank - 1 : 0];
		uint64_t off = got > want ? got - want : want - got;

		/* the middle of a bucket: half of 2^-bits, and rounding */
		if (off > (want >> hist->bits) / 2 + 1)
			fail_msg("bits %u, %u ppm: %lu, not %lu", hist->bits,
				 ppms[i], got, want);
	}
}

static void quantiles_within_the_bound(void **state)
{
	uint64_t *sorted = malloc(SAMPLES * sizeof(*sorted));
	struct rng_stream stream;

	(void)state;
	assert_non_null(sorted);
	for (size_t w = 0; w < WIDTHS; w++) {
		struct hist hist;
		__uint128_t sum = 0;

		rng_stream_init(&stream, 5, 0, (uint32_t)w);
		hist_init(&hist, widths[w]);
		for (uint64_t n = 0; n < SAMPLES; n++) {
			sorted[n] = any_magnitude(&stream, n);
			hist_record(&hist, sorted[n]);
			sum += sorted[n];
		}
		qsort(sorted, SAMPLES, sizeof(*sorted), compare_u64);
		assert_int_equal(hist.count, SAMPLES);
		assert_true(hist.sum == sum);
		assert_int_equal(hist.min, sorted[0]);
		assert_int_equal(hist.max, sorted[SAMPLES - 1]);
		assert_int_equal(hist_quantile(&hist, 0), sorted[0]);
		assert_int_equal(hist_quantile(&hist, 1000000),
				 sorted[SAMPLES - 1]);
		check_quantiles(&hist, sorted);
		hist_clear(&hist);
	}
	free(sorted);
}

/* Small values have a bucket each: quantiles are exact. */
static void small_values_are_exact(void **state)
{
	struct hist hist;

	(void)state;
	hist_init(&hist, HIST_BITS_COARSE);
	for (uint64_t v = 0; v < 256; v++)
		hist_record_n(&hist, v, 1000);
	assert_int_equal(hist_quantile(&hist, 500000), 127);
	assert_int_equal(hist_quantile(&hist, 500001), 128);
	assert_int_equal(hist_quantile(&hist, 990000), 253);
	assert_true(hist_mean(&hist) == 127.5);
	hist_clear(&hist);
}

/* Nearest rank; never outside of what was recorded. */
static void ranks_and_clamps(void **state)
{
	struct hist hist;

	(void)state;
	hist_init(&hist, HIST_BITS_COARSE);
	hist_record(&hist, 1);
	hist_record(&hist, 100);
	hist_record(&hist, 200);
	hist_record(&hist, 250);
	assert_int_equal(hist_quantile(&hist, 250000), 1);
	assert_int_equal(hist_quantile(&hist, 250001), 100);
	assert_int_equal(hist_quantile(&hist, 500000), 100);
	assert_int_equal(hist_quantile(&hist, 750000), 200);
	assert_int_equal(hist_quantile(&hist, 750001), 250);
	hist_clear(&hist);
	hist_record_n(&hist, 1 << 20, 3); /* the first of its bucket */
	assert_int_equal(hist_quantile(&hist, 500000), 1 << 20);
	hist_clear(&hist);
	hist_record_n(&hist, (1 << 20) - 1, 3); /* the last of its bucket */
	assert_int_equal(hist_quantile(&hist, 500000), (1 << 20) - 1);
	hist_clear(&hist);
}

static void empty_and_single(void **state)
{
	struct hist hist;

	(void)state;
	hist_init(&hist, HIST_BITS_FINE);
	assert_int_equal(hist_quantile(&hist, 500000), 0);
	assert_true(hist_mean(&hist) == 0);
	assert_int_equal(hist.min, UINT64_MAX);
	hist_record(&hist, UINT64_MAX);
	assert_int_equal(hist_quantile(&hist, 500000), UINT64_MAX);
	assert_true(hist_mean(&hist) == 0x1p64);
	hist_record(&hist, UINT64_MAX);
	hist_record(&hist, UINT64_MAX); /* the sum is past 64 bits */
	assert_true(hist_mean(&hist) == 0x1p64);
	hist_clear(&hist);
}

static bool equal(const struct hist *a, const struct hist *b)
{
	uint32_t n = a->bucket_count > b->bucket_count ? a->bucket_count
						       : b->bucket_count;

	for (uint32_t i = 0; i < n; i++) {
		uint64_t x = i < a->bucket_count ? a->buckets[i] : 0;
		uint64_t y = i < b->bucket_count ? b->buckets[i] : 0;

		if (x != y)
			return false;
	}
	return a->count == b->count && a->sum == b->sum && a->min == b->min &&
	       a->max == b->max;
}

/* Merging parts, in any order and grouping, is recording everything. */
static void merge_laws(void **state)
{
	struct hist part[3], all, left, right;
	struct rng_stream stream;

	(void)state;
	rng_stream_init(&stream, 6, 0, 0);
	hist_init(&all, 7);
	for (int i = 0; i < 3; i++) {
		hist_init(&part[i], 7);
		for (uint64_t n = 0; n < 1000; n++) {
			uint64_t v = any_magnitude(&stream, n * 3) >> (20 * i);

			hist_record_n(&part[i], v, n % 4 + 1);
			hist_record_n(&all, v, n % 4 + 1);
		}
	}
	hist_init(&left, 7);  /* ((0 + 1) + 2) */
	hist_init(&right, 7); /* (2 + (1 + 0)) */
	for (int i = 0; i < 3; i++) {
		hist_merge(&left, &part[i]);
		hist_merge(&right, &part[2 - i]);
	}
	assert_true(equal(&left, &all));
	assert_true(equal(&right, &all));
	hist_clear(&right);
	hist_init(&right, 7);
	hist_merge(&left, &right); /* the empty one changes nothing */
	assert_true(equal(&left, &all));
	hist_merge(&right, &left);
	assert_true(equal(&right, &all));
	for (int i = 0; i < 3; i++)
		hist_clear(&part[i]);
	hist_clear(&all);
	hist_clear(&left);
	hist_clear(&right);
}

static void record_n_is_n_records(void **state)
{
	struct hist one, many;

	(void)state;
	hist_init(&one, 10);
	hist_init(&many, 10);
	for (uint64_t v = 1; v < UINT64_C(1) << 60; v *= 3) {
		hist_record_n(&one, v, v % 7 + 1);
		for (uint64_t n = 0; n <= v % 7; n++)
			hist_record(&many, v);
	}
	assert_true(equal(&one, &many));
	hist_clear(&one);
	hist_clear(&many);
}

/* After its largest value a histogram allocates no more. */
static void growth_ends(void **state)
{
	struct hist hist;
	uint64_t *buckets;

	(void)state;
	hist_init(&hist, 10);
	assert_null(hist.buckets);
	hist_record(&hist, UINT64_C(1) << 40);
	buckets = hist.buckets;
	for (uint64_t v = 0; v < UINT64_C(1) << 40; v = v * 2 + 1)
		hist_record(&hist, v);
	assert_ptr_equal(hist.buckets, buckets);
	hist_record(&hist, UINT64_MAX);
	assert_true(hist.bucket_count * sizeof(*buckets) <= 512 * 1024);
	hist_clear(&hist);
	assert_int_equal(hist.count, 0);
}

static void merge_unequal_bits(void)
{
	struct hist a, b;

	hist_init(&a, 7);
	hist_init(&b, 10);
	hist_merge(&a, &b);
}

static void quantile_past_one(void)
{
	struct hist hist;

	hist_init(&hist, 7);
	hist_quantile(&hist, 1000001);
}

static void misuse_is_a_bug(void **state)
{
	(void)state;
	assert_true(aborts(merge_unequal_bits));
	assert_true(aborts(quantile_past_one));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buckets_tile_the_range),
		cmocka_unit_test(quantiles_within_the_bound),
		cmocka_unit_test(small_values_are_exact),
		cmocka_unit_test(ranks_and_clamps),
		cmocka_unit_test(empty_and_single),
		cmocka_unit_test(merge_laws),
		cmocka_unit_test(record_n_is_n_records),
		cmocka_unit_test(growth_ends),
		cmocka_unit_test(misuse_is_a_bug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
