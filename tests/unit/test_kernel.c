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

/*
 * Distributions of times, each with an interval that a bucket, a window or a
 * heap may find hard.  Every event schedules what takes its place; between
 * runs more are added, or none, so that the number pending rises and falls.
 */
static uint64_t exponential(uint64_t draw)
{
	return rng_exponential(draw, 1000000);
}

static uint64_t bimodal(uint64_t draw)
{
	return rng_chance(draw, 900000) ? rng_below(rng_again(draw), 100)
					: 1000000000 + (draw & 1023);
}

static uint64_t one_time(uint64_t draw)
{
	(void)draw;
	return 1000;
}

static uint64_t grid(uint64_t draw)
{
	return draw % 4 * 1000;
}

static uint64_t every_scale(uint64_t draw)
{
	return rng_again(draw) >> (6 + draw % 58);
}

static uint64_t far_timers(uint64_t draw)
{
	return draw % 16 ? rng_below(rng_again(draw), 3000)
			 : PS_PER_SEC * 100 * (draw >> 4 & 15);
}

/* Many within what one far timer made one bucket. */
static uint64_t dense(uint64_t draw)
{
	return draw % 1000 ? draw >> 10 & 255 : PS_PER_SEC;
}

static uint64_t powers(uint64_t draw)
{
	return UINT64_C(1) << draw % 50;
}

struct churn {
	struct kernel kernel;
	struct rng_stream rng;
	uint64_t (*delay)(uint64_t draw);
	uint64_t number, digest;
	sim_time last_at;
};

static uint64_t churn_key(uint64_t number)
{
	return event_key(EV_TEST, (unsigned)(mix64(number) % 100), number);
}

static void churn(void *ctx, uint64_t number);

static void churn_add(struct churn *c, sim_time from)
{
	uint64_t number = c->number++;

	kernel_at(&c->kernel,
		  from + (sim_time)c->delay(rng_draw(&c->rng, number)),
		  churn_key(number), churn, c, number);
}

static void churn(void *ctx, uint64_t number)
{
	struct churn *c = ctx;
	sim_time now = c->kernel.now;
	uint64_t key = churn_key(number), draw = mix64(number);

	assert_true(now >= c->last_at);
	c->last_at = now;
	c->digest = digest_add(digest_add(c->digest, (uint64_t)now), key);
	if (c->number >= 6000)
		return;
	churn_add(c, now);
	if (draw % 8 == 0 && c->number % 2000 < 1000)
		churn_add(c, now + 1);
}

static struct churn churned(bool naive, uint64_t (*delay)(uint64_t draw),
			    uint64_t pending, uint64_t seed)
{
	struct churn c = { .delay = delay, .last_at = -1 };
	struct err err = ERR_INIT;
	sim_time limit = 1;

	rng_stream_init(&c.rng, seed, 0, 0);
	assert_int_equal(kernel_init(&c.kernel, naive, &err), 0);
	while (c.number < pending)
		churn_add(&c, 0);
	/* Limits that cut anywhere, and what comes in from outside there. */
	while (kernel_next(&c.kernel) != SIM_TIME_NEVER) {
		sim_time next = kernel_next(&c.kernel);

		if (limit <= next)
			limit = next + 1 + (sim_time)(c.digest % 5000);
		kernel_run(&c.kernel, limit);
		assert_true(kernel_next(&c.kernel) >= limit);
		if (c.number < 6000 && c.digest % 3 == 0)
			churn_add(&c, c.kernel.now);
	}
	kernel_clear(&c.kernel);
	return c;
}

static void test_distributions_agree(void **state)
{
	static uint64_t (*const delays[])(
		uint64_t draw) = { exponential, bimodal,    one_time, grid,
				   every_scale, far_timers, dense,    powers };
	static const uint64_t pending[] = { 1, 2, 7, 8, 9, 16, 60, 300, 1500 };
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(delays) / sizeof(*delays); i++)
		for (j = 0; j < sizeof(pending) / sizeof(*pending); j++) {
			struct churn fast =
				churned(false, delays[i], pending[j], j);
			struct churn naive =
				churned(true, delays[i], pending[j], j);

			assert_true(fast.number >= pending[j]);
			assert_int_equal(fast.number, naive.number);
			assert_int_equal(fast.last_at, naive.last_at);
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
		cmocka_unit_test(test_distributions_agree),
		cmocka_unit_test(test_order_of_ties),
		cmocka_unit_test(test_late_event_into_full_near),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
