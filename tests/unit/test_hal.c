/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Map registers as a queueing resource: order of grants, growth to the
 * picosecond, refusals, the background, conservation.
 */
#include "models/host/hal.h"
#include "tests/unit/test_hal_fixture.h"
#include "traces/params.h"

enum { A, B, C, D, E };

/* Example 11: C would fit and waits behind B all the same. */
static void grants_are_first_in_first_out(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, "hal.pool=8 hal.pool_cap=8");
	PLAY(&bench, { 10, A, 6, 0 }, { 20, B, 4, 0 }, { 30, C, 2, 0 },
	     { 500, A, 0, 0 });
	until(&bench, 499);
	assert_int_equal(bench.request[A].granted_at, 10);
	assert_int_equal(bench.request[B].granted_at, NOT_YET);
	assert_int_equal(bench.request[C].granted_at, NOT_YET);
	assert_int_equal(bench.hal.free, 2);
	assert_int_equal(bench.hal.waiting, 2);
	until(&bench, 500);
	assert_int_equal(bench.request[B].granted_at, 500);
	assert_int_equal(bench.request[C].granted_at, 500);
	assert_int_equal(bench.order[1], B);
	assert_int_equal(bench.order[2], C);
	assert_int_equal(bench.hal.free, 2);
	assert_int_equal(bench.hal.waiting, 0);
	assert_int_equal(bench.stats.hal.map_register_waits, 2);
	assert_int_equal(bench.stats.hal.map_register_wait_ps.sum, 480 + 470);
	assert_int_equal(bench.stats.hal.map_registers_exhausted_ps, 480);
	gauge_close(&bench.stats.hal.map_registers_in_use, 500);
	assert_int_equal(bench.stats.hal.map_registers_in_use.max, 6);
	bench_clear(&bench);
}

/* What is freed goes to the head only; the rest waits on. */
static void the_head_blocks_the_line(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, "hal.pool=8 hal.pool_cap=8");
	PLAY(&bench, { 1, A, 4, 0 }, { 2, B, 4, 0 }, { 3, C, 6, 0 },
	     { 4, D, 1, 0 }, { 5, E, 1, 0 }, { 100, A, 0, 0 }, { 200, B, 0, 0 },
	     { 300, C, 0, 0 });
	until(&bench, 100);
	assert_int_equal(bench.hal.free, 4); /* D and E would fit */
	assert_int_equal(bench.grants, 2);
	until(&bench, 200);
	assert_int_equal(bench.request[C].granted_at, 200);
	assert_int_equal(bench.request[D].granted_at, 200);
	assert_int_equal(bench.request[E].granted_at, 200);
	assert_int_equal(bench.hal.free, 0);
	until(&bench, 300);
	assert_int_equal(bench.hal.free, 6);
	bench_clear(&bench);
}

/* A newcomer that fits does not overtake the queue. */
static void nobody_overtakes(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, "hal.pool=8 hal.pool_cap=8");
	PLAY(&bench, { 1, A, 5, 0 }, { 2, B, 5, 0 }, { 3, C, 3, 0 },
	     { 50, A, 0, 0 }, { 60, D, 1, 0 });
	until(&bench, 49);
	assert_int_equal(bench.grants, 1);
	until(&bench, 60);
	assert_int_equal(bench.order[1], B);
	assert_int_equal(bench.order[2], C);
	assert_int_equal(bench.request[C].granted_at, 50);
	assert_int_equal(bench.request[D].granted_at, NOT_YET);
	bench_clear(&bench);
}

/*
 * Shortage at 5 us, the worker 100 us later, 20,000 cycles of 1 ns: the
 * grant comes at 125 us, not a picosecond before.
 */
static void growth_comes_after_delay_and_work(void **state)
{
	const sim_time due = 125 * PS_PER_US;
	struct bench bench;

	(void)state;
	bench_init(&bench, "hal.pool=16 hal.pool_cap=40 hal.pool_growth=16 "
			   "hal.worker_delay=100us cost.pool_growth=20000");
	PLAY(&bench, { 0, A, 16, 0 }, { 5 * PS_PER_US, B, 10, 0 },
	     { 6 * PS_PER_US, C, 10, 0 });
	until(&bench, due - 1);
	assert_int_equal(bench.hal.pool, 16);
	assert_int_equal(bench.request[B].granted_at, NOT_YET);
	until(&bench, due);
	assert_int_equal(bench.hal.pool, 32);
	assert_int_equal(bench.request[B].granted_at, due);
	assert_int_equal(bench.request[C].granted_at, NOT_YET);
	/* C still waits: the worker runs again, and stops at the cap. */
	until(&bench, 2 * due - 5 * PS_PER_US - 1);
	assert_int_equal(bench.hal.pool, 32);
	until(&bench, 2 * due - 5 * PS_PER_US);
	assert_int_equal(bench.hal.pool, 40);
	assert_int_equal(bench.request[C].granted_at, 245 * PS_PER_US);
	assert_int_equal(bench.stats.hal.map_register_growths, 2);
	bench_clear(&bench);
}

static void long_callback(struct core *core, struct hal_request *req,
			  enum hal_status status)
{
	answered(core, req, status);
	cpu_charge(core, NULL, 0, 50000);
}

/* The next growth does not begin while the callbacks of the last one run. */
static void growth_waits_for_its_callbacks(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, "hal.pool=16 hal.pool_cap=64 hal.pool_growth=16 "
			   "hal.worker_delay=1us cost.pool_growth=1000");
	PLAY(&bench, { 0, A, 16, 0 }, { 0, B, 16, 0 }, { 0, C, 16, 0 });
	until(&bench, 1); /* C comes back for more before B's work is done */
	bench.request[B].req.done = long_callback;
	kernel_run(&bench.kernel, SIM_TIME_NEVER);
	assert_int_equal(bench.request[B].granted_at, 2 * PS_PER_US);
	assert_int_equal(bench.request[C].granted_at,
			 (2 + 50 + 1 + 1) * PS_PER_US);
	assert_int_equal(bench.stats.hal.map_register_growths, 2);
	bench_clear(&bench);
}

/* At the cap nothing grows: the queue waits for a release. */
static void a_full_pool_does_not_grow(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, "hal.pool=8 hal.pool_cap=8 hal.worker_delay=1us");
	PLAY(&bench, { 0, A, 8, 0 }, { 1, B, 1, 0 });
	kernel_run(&bench.kernel, SIM_TIME_NEVER);
	assert_int_equal(bench.request[B].granted_at, NOT_YET);
	assert_int_equal(bench.stats.hal.map_register_growths, 0);
	hal_close(&bench.hal, 1001);
	assert_int_equal(bench.stats.hal.map_registers_exhausted_ps, 1000);
	bench_clear(&bench);
}

/* pages(1514) = 2, and 16 elements: 18 registers, 19 are refused. */
static void requests_beyond_the_limits_fail(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, "hal.pool=64 hal.pool_cap=64 hal.background=50 "
			   "nic.sg_elements=16 hal.max_mapping=1514B");
	assert_int_equal(bench.hal.own.per_request, 18);
	PLAY(&bench, { 0, A, 19, 0 }, { 1, B, 15, 0 }, { 2, C, 14, 0 });
	until(&bench, 2);
	assert_true(bench.request[A].failed); /* more than an adapter may */
	assert_true(bench.request[B].failed); /* more than will ever be free */
	assert_false(bench.request[C].failed);
	assert_int_equal(bench.request[A].granted_at, 0);
	assert_int_equal(bench.request[C].granted_at, 2);
	assert_int_equal(bench.stats.hal.map_failures, 2);
	assert_int_equal(bench.hal.free, 0);
	bench_clear(&bench);
}

static void the_background_holds_its_share(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, "hal.pool=16 hal.pool_cap=16 hal.background=10");
	assert_int_equal(bench.hal.free, 6);
	assert_int_equal(bench.stats.hal.map_registers_in_use.level, 10);
	PLAY(&bench, { 0, A, 6, 0 }, { 1, B, 1, 0 }, { 7, A, 0, 0 });
	until(&bench, 6);
	assert_int_equal(bench.stats.hal.map_registers_in_use.level, 16);
	assert_int_equal(bench.request[B].granted_at, NOT_YET);
	until(&bench, 7);
	assert_int_equal(bench.request[B].granted_at, 7);
	bench_clear(&bench);
}

/* At set-up the pool grows at once, as far as the cap. */
static void set_up_grows_without_waiting(void **state)
{
	struct hal_request req[3] = { { .registers = 10 },
				      { .registers = 10 },
				      { .registers = 10 } };
	struct bench bench;

	(void)state;
	bench_init(&bench, "hal.pool=16 hal.pool_cap=24 hal.pool_growth=4");
	assert_true(hal_map_at_setup(&bench.hal, &req[0]));
	assert_int_equal(bench.hal.pool, 16);
	assert_true(hal_map_at_setup(&bench.hal, &req[1]));
	assert_int_equal(bench.hal.pool, 20);
	assert_false(hal_map_at_setup(&bench.hal, &req[2]));
	assert_int_equal(bench.hal.pool, 24);
	assert_int_equal(bench.hal.free, 4);
	bench_clear(&bench);
}

/* Random asks and releases: conservation and order hold throughout. */
static void books_of_registers_balance(void **state)
{
	struct bench bench;
	struct rng_stream stream;
	uint32_t held;
	unsigned i, j;

	(void)state;
	bench_init(&bench, "hal.pool=20 hal.pool_cap=20 hal.background=3");
	rng_stream_init(&stream, 9, 1, 0);
	for (i = 0; i < REQUESTS; i++)
		PLAY(&bench,
		     { (sim_time)(100 * i), i,
		       1 + (uint32_t)rng_below(rng_draw(&stream, i), 8), 0 });
	for (i = 0; i < 40000; i += 100) {
		until(&bench, i);
		held = 0;
		for (j = 0; j < REQUESTS; j++)
			if (bench.request[j].req.held)
				held += bench.request[j].req.registers;
		assert_int_equal(bench.hal.free + held + 3, 20);
		assert_true(!bench.hal.queue.head ||
			    bench.hal.queue.head->registers > bench.hal.free);
		/* The oldest holder gives back, now and then. */
		for (j = 0; j < REQUESTS && i % 300 == 0; j++) {
			if (!bench.request[j].req.held)
				continue;
			PLAY(&bench, { (sim_time)i + 50, j, 0, 0 });
			break;
		}
	}
	assert_int_equal(bench.grants, REQUESTS);
	for (i = 0; i < REQUESTS; i++)
		assert_int_equal(bench.order[i], i); /* as asked */
	bench_clear(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grants_are_first_in_first_out),
		cmocka_unit_test(the_head_blocks_the_line),
		cmocka_unit_test(nobody_overtakes),
		cmocka_unit_test(growth_comes_after_delay_and_work),
		cmocka_unit_test(growth_waits_for_its_callbacks),
		cmocka_unit_test(a_full_pool_does_not_grow),
		cmocka_unit_test(requests_beyond_the_limits_fail),
		cmocka_unit_test(the_background_holds_its_share),
		cmocka_unit_test(set_up_grows_without_waiting),
		cmocka_unit_test(books_of_registers_balance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
