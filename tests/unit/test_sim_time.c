/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/rng.h"
#include "core/sim_time.h"
#include "tests/unit/aborts.h"

#define CALLS	   1000000
#define STEP_BYTES 24

static uint64_t exact_ps(__uint128_t bytes, uint64_t bps)
{
	return (uint64_t)(bytes * UINT64_C(8000000000000) / bps);
}

/* The sum so far is the exact quotient, rounded down, after every call. */
static void carry_loses_nothing(void **state)
{
	static const uint64_t rates[] = { 1000,
					  1001,
					  56000,
					  9999999,
					  UINT64_C(1) << 30,
					  10000000,
					  1000000000,
					  2500000000,
					  3200000000,
					  9953280000,
					  10000000000,
					  15753846153,
					  25781250000,
					  99999999977,
					  103125000000,
					  400000000000,
					  9999999999999,
					  10000000000000 };
	struct rng_stream stream;

	(void)state;
	rng_stream_init(&stream, 1, 2, 3);
	for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++) {
		uint64_t calls = i % 6 ? 50000 : CALLS;
		struct byte_clock clock;
		struct byte_step step;
		uint64_t sum = 0, bytes = 0;

		byte_clock_init(&clock, rates[i]);
		byte_step_init(&step, &clock, STEP_BYTES);
		for (uint64_t n = 0; n < calls; n++) {
			uint64_t r = rng_draw(&stream, n);
			uint64_t take = rng_below(r, r & 64 ? 1 << 20 : 1600);

			/* 1 kb/s outgrows the clock: smaller bites */
			take = rates[i] < 100000 ? take & 63 : take;
			if (n % 3) {
				sum += (uint64_t)byte_clock_take(&clock, take);
				bytes += take;
			} else {
				sum += (uint64_t)byte_clock_step(&clock, &step);
				bytes += STEP_BYTES;
			}
			if (sum != exact_ps(bytes, rates[i]))
				fail_msg("%lu b/s, call %lu: %lu ps, not %lu",
					 rates[i], n, sum,
					 exact_ps(bytes, rates[i]));
			assert_true(clock.carry < clock.bps);
		}
	}
}

static void largest_bite_does_not_overflow(void **state)
{
	static const uint64_t rates[] = { 1000, 9999999999999, 7777777777777 };

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++) {
		struct byte_clock clock;
		uint64_t sum = 0;

		byte_clock_init(&clock, rates[i]);
		for (int n = 1; n <= 100; n++) {
			sum += (uint64_t)byte_clock_take(&clock, 1 << 20);
			assert_int_equal(
				sum, exact_ps((__uint128_t)n << 20, rates[i]));
		}
	}
}

static void known_times(void **state)
{
	struct byte_clock clock;

	(void)state;
	byte_clock_init(&clock, 10000000000);
	assert_int_equal(byte_clock_take(&clock, 1538), 1230400);
	assert_int_equal(byte_clock_take(&clock, 0), 0);
	byte_clock_init(&clock, 3000000000000);
	assert_int_equal(byte_clock_take(&clock, 1), 2);
	assert_int_equal(byte_clock_take(&clock, 1), 3);
	assert_int_equal(byte_clock_take(&clock, 1), 3);

	assert_int_equal(bytes_to_ps(0, 1000), 0);
	assert_int_equal(bytes_to_ps(1, 3000000000000), 3);
	assert_int_equal(bytes_to_ps(3, 3000000000000), 8);
	assert_int_equal(bytes_to_ps(1538, 10000000000), 1230400);
	/* 2^32 bytes need 128 bits on the way */
	assert_int_equal(bytes_to_ps(UINT64_C(1) << 32, 1000000000),
			 INT64_C(34359738368000));

	assert_int_equal(cycles_to_ps(0, 3300000000), 0);
	assert_int_equal(cycles_to_ps(33, 3300000000), 10000);
	assert_int_equal(cycles_to_ps(1, 3000000000), 333);
	assert_int_equal(cycles_to_ps(2, 3000000000), 667);
	assert_int_equal(cycles_to_ps(1, 2000000000000), 1); /* a half is up */
	assert_int_equal(cycles_to_ps(UINT64_C(1) << 50, 4000000000),
			 INT64_C(281474976710656000));

	assert_int_equal(mul_div_u64(7, 10, 3), 23);
	assert_int_equal(mul_div_u64(UINT64_MAX, UINT64_MAX, UINT64_MAX),
			 UINT64_MAX);
	assert_int_equal(mul_div_u64(UINT64_MAX, 3, 4),
			 UINT64_C(13835058055282163711));
}

static void init_zero(void)
{
	struct byte_clock clock;

	byte_clock_init(&clock, 0);
}

static void init_too_fast(void)
{
	struct byte_clock clock;

	byte_clock_init(&clock, UINT64_C(10000000000001));
}

static void divide_by_zero(void)
{
	mul_div_u64(1, 1, 0);
}

static void quotient_too_large(void)
{
	mul_div_u64(UINT64_MAX, 2, 1);
}

static void bytes_too_long(void)
{
	bytes_to_ps(UINT64_MAX, 1);
}

static void cycles_too_long(void)
{
	cycles_to_ps(UINT64_MAX, 1);
}

static void misuse_is_a_bug(void **state)
{
	(void)state;
	assert_true(aborts(init_zero));
	assert_true(aborts(init_too_fast));
	assert_true(aborts(divide_by_zero));
	assert_true(aborts(quotient_too_large));
	assert_true(aborts(bytes_too_long));
	assert_true(aborts(cycles_too_long));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(carry_loses_nothing),
		cmocka_unit_test(largest_bite_does_not_overflow),
		cmocka_unit_test(known_times),
		cmocka_unit_test(misuse_is_a_bug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
