/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pool as a queue: against Erlang's formulas, and laws that hold for every
 * stream of requests.
 *
 * Means are held to five standard errors, got from batch means; what theory
 * says exactly is held exactly.
 */
#include <stdio.h>

#include "models/component.h"
#include "models/host/hal_neighbour.h"
#include "models/machine.h"
#include "tests/unit/machine_fixture.h"
#include "traces/params.h"

#define BATCHES 40
#define HOLD	UINT64_C(1000000) /* mean, ps */

struct source;

struct customer {
	struct hal_request req;
	struct source *source;
	uint64_t number;
};

/* Requests of 1..most registers, with exponential gaps; HAL and all. */
struct source {
	uint32_t pool, most;
	uint64_t customers, gap_ps;
	bool fixed_holds, naive;
	const char *policy;
	struct kernel kernel;
	struct stats stats;
	struct arena arena;
	struct pool segments, customers_pool;
	struct core core;
	struct ledger ledger;
	struct hal hal;
	struct rng_stream draws;
	uint64_t answered, refused, waited;
	uint64_t next_granted; /* in the order asked: FIFO */
	bool fifo;
	__uint128_t wait_ps;
	uint64_t *wait;	       /* of each; NULL: not kept */
	double batch[BATCHES]; /* what is estimated, summed */
};

static void hold_ended(void *ctx, uint64_t arg)
{
	struct customer *customer = ctx;
	struct source *source = customer->source;
	struct hal_request req = customer->req;

	(void)arg;
	pool_give(&source->customers_pool, customer);
	hal_unmap(&source->hal, NULL, &req);
}

static uint64_t draw(const struct source *source, uint64_t number, unsigned k)
{
	uint64_t r = rng_draw(&source->draws, number);

	while (k--)
		r = rng_again(r);
	return r;
}

static void answered(struct core *core, struct hal_request *req,
		     enum hal_status status)
{
	struct customer *customer = (struct customer *)req;
	struct source *source = customer->source;
	struct kernel *kernel = &source->kernel;
	uint64_t number = customer->number, hold = HOLD;
	uint64_t waited = (uint64_t)(kernel->now - req->asked_at);
	uint64_t batch = number * BATCHES / source->customers;

	(void)core;
	source->answered++;
	source->fifo &= number == source->next_granted++;
	if (status != HAL_GRANTED) {
		source->refused++;
		source->batch[batch]++;
		pool_give(&source->customers_pool, customer);
		return;
	}
	source->waited += waited > 0;
	source->wait_ps += waited;
	source->batch[batch] += (double)waited;
	if (source->wait)
		source->wait[number] = waited;
	if (!source->fixed_holds)
		hold = rng_exponential(draw(source, number, 1), HOLD);
	kernel_at(kernel, kernel->now + (sim_time)hold,
		  event_key(EV_HOST, COMP_HAL_NEIGHBOUR, number), hold_ended,
		  customer, 0);
}

static void arrive(void *ctx, uint64_t number)
{
	struct source *source = ctx;
	struct kernel *kernel = &source->kernel;
	struct customer *customer = pool_take(&source->customers_pool);
	uint64_t gap = rng_exponential(draw(source, number, 0), source->gap_ps);

	*customer = (struct customer){ .source = source, .number = number };
	customer->req.registers =
		1 + (uint32_t)rng_below(draw(source, number, 2), source->most);
	customer->req.done = answered;
	if (number + 1 < source->customers)
		kernel_at(kernel, kernel->now + (sim_time)gap,
			  event_key(EV_ARRIVAL, 1, number), arrive, source,
			  number + 1);
	hal_map(&source->hal, NULL, &customer->req);
}

static void check_books(struct source *source)
{
	struct hal_stats *stats = &source->stats.hal;
	sim_time end = source->kernel.now;
	unsigned i;

	stats_close(&source->stats, end);
	assert_int_equal(source->answered, source->customers);
	assert_int_equal(source->hal.free, source->pool);
	assert_int_equal(source->hal.waiting, 0);
	/* Little's law over a window that ends empty is an identity. */
	assert_true(stats->map_registers_in_use.by_time.sum ==
		    source->hal.register_hold);
	assert_true(stats->map_register_queue.by_time.sum == source->wait_ps);
	assert_true(stats->adapter_queue.by_time.sum == source->wait_ps);
	assert_true(stats->map_register_wait_ps.sum == source->wait_ps);
	for (i = 0; i < HAZARDS; i++)
		assert_int_equal(source->hal.ledger->hazards.of[i].count, 0);
}

static void run(struct source *source)
{
	struct config *cfg = fix_config(NULL, "nic.dma_width=32");
	struct err err = ERR_INIT;
	char text[128];

	snprintf(text, sizeof(text),
		 "hal.pool=%u hal.pool_cap=%u hal.exhausted=%s "
		 "hal.adapter_max=%u",
		 source->pool, source->pool, source->policy, source->pool);
	fix_set(cfg, text);
	assert_int_equal(kernel_init(&source->kernel, source->naive, &err), 0);
	assert_int_equal(
		pool_init(&source->segments, cpu_segment_size(), 64, &err), 0);
	assert_int_equal(pool_init(&source->customers_pool,
				   sizeof(struct customer), 64, &err),
			 0);
	arena_init(&source->arena);
	stats_init(&source->stats, 0);
	core_init(&source->core, &source->kernel, 0, COMP_CORE, 1000000000,
		  &source->segments);
	ledger_init(&source->ledger, &source->stats, cfg);
	hal_init(&source->hal, &source->kernel, &source->arena, &source->ledger,
		 &source->stats, &source->core, cfg);
	rng_stream_init(&source->draws, 5, 77, 0);
	source->fifo = true;
	kernel_at(&source->kernel, 0, event_key(EV_ARRIVAL, 1, 0), arrive,
		  source, 0);
	kernel_run(&source->kernel, SIM_TIME_NEVER);
	check_books(source);
	config_free(cfg);
}

static void release(struct source *source)
{
	stats_clear(&source->stats);
	pool_clear(&source->segments);
	pool_clear(&source->customers_pool);
	arena_clear(&source->arena);
	kernel_clear(&source->kernel);
	free(source->wait);
}

/* --- Erlang --- */

/* Blocking probability of @c servers offered @a erlangs. */
static double erlang_b(unsigned c, double a)
{
	double b = 1;
	unsigned i;

	for (i = 1; i <= c; i++)
		b = a * b / (i + a * b);
	return b;
}

/* Probability of waiting. */
static double erlang_c(unsigned c, double a)
{
	double b = erlang_b(c, a), load = a / c;

	return b / (1 - load * (1 - b));
}

/* Within five standard errors, and those below 5 % of the value. */
static void check_mean(const struct source *source, double want,
		       const char *what)
{
	double size = (double)source->customers / BATCHES;
	double mean = 0, variance = 0, off;
	int i;

	for (i = 0; i < BATCHES; i++)
		mean += source->batch[i] / size / BATCHES;
	for (i = 0; i < BATCHES; i++) {
		double d = source->batch[i] / size - mean;

		variance += d * d / (BATCHES * (BATCHES - 1.0));
	}
	off = mean - want;
	if (off * off > 25 * variance)
		fail_msg("%s of %u registers: %g, not %g (variance %g)", what,
			 source->pool, mean, want, variance);
	assert_true(variance < 0.05 * want * 0.05 * want);
}

static const struct {
	uint32_t pool;
	unsigned load_percent; /* offered, of the pool */
} loads[] = { { 1, 60 }, { 2, 80 }, { 8, 70 }, { 8, 90 }, { 24, 85 } };

#define LOADS (sizeof(loads) / sizeof(loads[0]))

static struct source erlang_source(size_t i, const char *policy)
{
	return (struct source){
		.pool = loads[i].pool,
		.most = 1,
		.customers = 400000,
		.gap_ps = HOLD * 100 / (loads[i].pool * loads[i].load_percent),
		.policy = policy,
	};
}

/* The real load: gaps are whole picoseconds. */
static double erlangs(const struct source *source)
{
	return (double)HOLD / (double)source->gap_ps;
}

static void refusals_follow_erlang_b(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < LOADS; i++) {
		struct source source = erlang_source(i, "fail");

		run(&source);
		assert_int_equal(source.wait_ps, 0);
		assert_int_equal(source.stats.hal.map_failures, source.refused);
		check_mean(&source, erlang_b(source.pool, erlangs(&source)),
			   "share refused");
		release(&source);
	}
}

static void waits_follow_erlang_c(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < LOADS; i++) {
		struct source source = erlang_source(i, "queue");
		double a, c, share;

		run(&source);
		a = erlangs(&source);
		c = source.pool;
		share = erlang_c(source.pool, a);
		assert_int_equal(source.refused, 0);
		check_mean(&source, share * (double)HOLD / (c - a),
			   "mean wait");
		assert_true(fix_near((double)source.waited /
					     (double)source.customers,
				     share, 40000));
		assert_true(source.fifo);
		release(&source);
	}
}

/* --- laws --- */

/* Requests of many sizes are granted in the order they were made. */
static void grants_keep_the_order_of_any_stream(void **state)
{
	uint32_t most;

	(void)state;
	for (most = 1; most <= 16; most += 3) {
		struct source source = { .pool = 16,
					 .most = most,
					 .customers = 30000,
					 .gap_ps = HOLD * (most + 1) / 26,
					 .policy = "queue" };

		run(&source);
		assert_true(source.fifo);
		assert_true(source.waited > 100);
		release(&source);
	}
}

/* Holds fixed, the same arrivals: no request waits longer in a larger pool. */
static void a_larger_pool_never_makes_anyone_wait(void **state)
{
	const uint64_t n = 8000;
	uint64_t *before = NULL, i;
	uint32_t pool;

	(void)state;
	for (pool = 8; pool <= 40; pool += 4) {
		struct source source = { .pool = pool,
					 .most = 8,
					 .customers = n,
					 .gap_ps = HOLD / 5,
					 .fixed_holds = true,
					 .policy = "queue" };

		source.wait = calloc(n, sizeof(*source.wait));
		assert_non_null(source.wait);
		run(&source);
		for (i = 0; before && i < n; i++)
			assert_true(source.wait[i] <= before[i]);
		free(before);
		before = source.wait;
		source.wait = NULL;
		release(&source);
	}
	free(before);
}

static void both_kernels_agree(void **state)
{
	static const char *const policies[] = { "queue", "fail" };
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct source fast = { .pool = 12,
				       .most = 7,
				       .customers = 20000,
				       .gap_ps = HOLD / 3,
				       .policy = policies[i] };
		struct source naive = fast;

		naive.naive = true;
		run(&fast);
		run(&naive);
		assert_true(fast.hal.fingerprint == naive.hal.fingerprint);
		assert_true(fast.wait_ps == naive.wait_ps);
		assert_int_equal(fast.refused, naive.refused);
		assert_true(fast.kernel.now == naive.kernel.now);
		release(&fast);
		release(&naive);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals_follow_erlang_b),
		cmocka_unit_test(waits_follow_erlang_c),
		cmocka_unit_test(grants_keep_the_order_of_any_stream),
		cmocka_unit_test(a_larger_pool_never_makes_anyone_wait),
		cmocka_unit_test(both_kernels_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
