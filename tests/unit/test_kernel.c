/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event kernel: order, limits, and both kernels running the same storm.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/digest.h"
#include "core/kernel.h"
#include "core/rng.h"

/*
 * A storm: every event notes itself and schedules up to two more, mostly near,
 * some far, some at the same instant, until the budget is spent.
 */
struct storm {
	struct kernel kernel;
	struct rng_stream rng;
	uint64_t budget, scheduled, ran;
	uint64_t digest; /* of (time, number), in the order they ran */
	sim_time last_at;
	uint64_t disorder;
	uint64_t spread; /* ps of the near ones */
};

static void schedule(struct storm *storm, uint64_t delay);

static uint64_t storm_key(uint64_t number)
{
	return event_key(EV_TEST, (unsigned)(number % 7), number);
}

static void ran(void *ctx, uint64_t number)
{
	struct storm *storm = ctx;
	uint64_t draw = rng_draw(&storm->rng, number);
	uint64_t children = rng_below(draw, 3), i;
	sim_time now = storm->kernel.now;

	if (now < storm->last_at)
		storm->disorder++;
	storm->last_at = now;
	storm->ran++;
	storm->digest = digest_add(storm->digest, (uint64_t)now);
	storm->digest = digest_add(storm->digest, number);
	for (i = 0; i < children + (storm->scheduled < 200); i++) {
		draw = rng_again(draw);
		if (rng_chance(draw, 50000))
			schedule(storm, 0);
		else if (rng_chance(rng_again(draw), 200000))
			schedule(storm, rng_below(draw, storm->spread * 100));
		else
			schedule(storm, rng_below(draw, storm->spread));
	}
}

static void schedule(struct storm *storm, uint64_t delay)
{
	uint64_t number = storm->scheduled;

	if (storm->scheduled == storm->budget)
		return;
	storm->scheduled++;
	kernel_at(&storm->kernel, storm->kernel.now + (sim_time)delay,
		  storm_key(number), ran, storm, number);
}

static struct storm rage(bool naive, uint64_t seed, uint64_t budget,
			 uint64_t spread, sim_time step)
{
	struct storm storm = { .budget = budget, .spread = spread };
	struct err err = ERR_INIT;
	sim_time limit;
	uint64_t i;

	rng_stream_init(&storm.rng, seed, 0, 0);
	assert_int_equal(kernel_init(&storm.kernel, naive, &err), 0);
	for (i = 0; i < 100; i++)
		schedule(&storm, rng_below(rng_draw(&storm.rng, ~i), spread));
	for (limit = 0; step && storm.ran < storm.scheduled; limit += step)
		kernel_run(&storm.kernel, limit);
	kernel_run(&storm.kernel, SIM_TIME_NEVER);
	kernel_clear(&storm.kernel);
	return storm;
}

static void test_kernels_agree(void **state)
{
	static const struct {
		uint64_t budget, spread;
		sim_time step;
	} rows[] = { { 200, 10, 0 },	  { 5000, 1000, 0 },
		     { 5000, 3, 0 },	  { 5000, 1000, 17 },
		     { 5000, 100000, 0 }, { 20000, 50, 0 },
		     { 5000, 1, 0 },	  { 20000, 100000, 999 } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct storm fast = rage(false, i, rows[i].budget,
					 rows[i].spread, rows[i].step);
		struct storm naive = rage(true, i, rows[i].budget,
					  rows[i].spread, rows[i].step);

		assert_true(fast.ran > 100);
		assert_int_equal(fast.disorder, 0);
		assert_int_equal(naive.disorder, 0);
		assert_int_equal(fast.ran, fast.scheduled);
		assert_int_equal(fast.ran, naive.ran);
		assert_int_equal(fast.digest, naive.digest);
	}
}

struct order {
	struct kernel *kernel;
	uint64_t seen[128];
	unsigned count;
};

static void note(void *ctx, uint64_t number)
{
	struct order *order = ctx;

	order->seen[order->count++] = number;
}

/*
 * Whatever the order of insertion, and however many are pending: first by
 * time, then by class, component and number.
 */
static void test_order_of_ties(void **state)
{
	struct err err = ERR_INIT;
	unsigned stride, i;

	(void)state;
	for (stride = 1; stride < 100; stride += 2) {
		struct kernel kernel;
		struct order order = { .kernel = &kernel };

		assert_int_equal(kernel_init(&kernel, false, &err), 0);
		for (i = 0; i < 100; i++) {
			unsigned n = i * stride % 101;

			kernel_at(&kernel, 5 + n / 50,
				  event_key(n / 25 % 2 ? EV_HOST : EV_BUS,
					    n % 25 / 5, n),
				  note, &order, n);
		}
		kernel_run(&kernel, 5);
		assert_int_equal(order.count, 0);
		kernel_run(&kernel, 6);
		assert_int_equal(kernel.now, 5);
		assert_int_equal(kernel_next(&kernel), 6);
		kernel_run(&kernel, SIM_TIME_NEVER);
		assert_int_equal(order.count, 100);
		for (i = 1; i < order.count; i++)
			assert_true(order.seen[i - 1] < order.seen[i]);
		kernel_clear(&kernel);
	}
}

/* What is pushed out of the near events may be earlier than what pushed. */
static void test_late_event_into_full_near(void **state)
{
	struct err err = ERR_INIT;
	struct kernel kernel;
	struct order order = { .kernel = &kernel };
	unsigned i;

	(void)state;
	assert_int_equal(kernel_init(&kernel, false, &err), 0);
	for (i = 0; i < KERNEL_NEAR; i++)
		kernel_at(&kernel, 10 + i, event_key(EV_TEST, 0, i), note,
			  &order, i);
	kernel_at(&kernel, 1000, event_key(EV_TEST, 0, i), note, &order, i);
	kernel_run(&kernel, SIM_TIME_NEVER);
	assert_int_equal(order.count, KERNEL_NEAR + 1);
	for (i = 0; i < order.count; i++)
		assert_int_equal(order.seen[i], i);
	kernel_clear(&kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kernels_agree),
		cmocka_unit_test(test_order_of_ties),
		cmocka_unit_test(test_late_event_into_full_near),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
