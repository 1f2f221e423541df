/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server of the kernel against the closed forms of queueing theory, and the
 * order of its events.
 *
 * Means are held to five standard errors, got from batch means; what theory
 * says exactly (Little's law, deterministic queues) is held exactly.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/digest.h"
#include "core/hist.h"
#include "core/kernel.h"
#include "core/rng.h"
#include "core/series.h"
#include "core/server.h"

#define CUSTOMERS 1500000
#define BATCHES	  50
#define SERVICE	  UINT64_C(1000000) /* mean, ps */
#define TRANSIT	  4321		    /* ps between service and completion */

enum law { FIXED, EXPONENTIAL, LOGNORMAL };

struct queue {
	struct kernel kernel;
	struct server server;
	struct rng_stream arrivals, services;
	enum law arrival_law, service_law;
	uint64_t arrival_mean; /* ps */
	uint64_t burst;	       /* customers that come together */
	uint64_t customers, offered, left;
	uint64_t batch_wait[BATCHES];
	uint64_t unhindered; /* found the server free */
	double service_sum, service_squares;
	uint64_t wait_sum, sojourn_sum;
	struct hist sojourn;
	struct gauge inside; /* waiting, served or in transit */
};

static uint64_t draw(enum law law, const struct rng_stream *stream, uint64_t n,
		     uint64_t mean)
{
	uint64_t r = rng_draw(stream, n);

	if (law == EXPONENTIAL)
		return rng_exponential(r, mean);
	return law == LOGNORMAL ? rng_lognormal(r, mean, 4 * mean) : mean;
}

static void leave(void *ctx, uint64_t arg)
{
	struct queue *queue = ctx;

	(void)arg;
	queue->left++;
	gauge_add(&queue->inside, queue->kernel.now, -1);
}

static void serve(struct queue *queue)
{
	uint64_t n = queue->offered++;
	uint64_t service =
		draw(queue->service_law, &queue->services, n, SERVICE);
	sim_time end = server_serve(&queue->server, (sim_time)service, TRANSIT,
				    event_key(EV_TEST, 1, n), leave, queue, n);
	uint64_t sojourn = (uint64_t)(end - queue->kernel.now);
	uint64_t wait = sojourn - service;

	gauge_add(&queue->inside, queue->kernel.now, 1);
	hist_record(&queue->sojourn, sojourn);
	queue->unhindered += wait == 0;
	queue->wait_sum += wait;
	queue->sojourn_sum += sojourn + TRANSIT;
	queue->batch_wait[n * BATCHES / queue->customers] += wait;
	queue->service_sum += (double)service;
	queue->service_squares += (double)service * (double)service;
}

static void arrive(void *ctx, uint64_t arg)
{
	struct queue *queue = ctx;
	struct kernel *kernel = &queue->kernel;

	for (uint64_t i = 0; i < queue->burst; i++)
		serve(queue);
	if (queue->offered < queue->customers)
		kernel_at(kernel,
			  kernel->now + (sim_time)draw(queue->arrival_law,
						       &queue->arrivals, arg,
						       queue->arrival_mean),
			  event_key(EV_ARRIVAL, 1, arg), arrive, queue,
			  arg + 1);
}

/* Runs @queue to its end; the laws of every queue are checked here. */
static void run(struct queue *queue, bool naive)
{
	struct err err = ERR_INIT;
	sim_time end;

	assert_int_equal(kernel_init(&queue->kernel, naive, &err), 0);
	server_init(&queue->server, &queue->kernel, 1);
	rng_stream_init(&queue->arrivals, 1, 100, 0);
	rng_stream_init(&queue->services, 1, 101, 0);
	hist_init(&queue->sojourn, HIST_BITS_FINE);
	gauge_init(&queue->inside, 0, 0);
	kernel_at(&queue->kernel, 0, event_key(EV_ARRIVAL, 1, 0), arrive, queue,
		  1);
	kernel_run(&queue->kernel, SIM_TIME_MAX);

	end = queue->kernel.now;
	gauge_close(&queue->inside, end);
	assert_int_equal(queue->offered, queue->customers);
	assert_int_equal(queue->left, queue->customers);
	assert_int_equal(queue->inside.level, 0);
	assert_int_equal(queue->server.served, queue->customers);
	assert_int_equal(queue->server.wait_ps, queue->wait_sum);
	assert_true((double)queue->server.busy_ps == queue->service_sum);
	assert_true(queue->server.busy_ps <= (uint64_t)end);
	/* Little's law over a window that ends empty is an identity. */
	assert_true(queue->inside.by_time.sum == queue->sojourn_sum);
	server_clear(&queue->server);
	kernel_clear(&queue->kernel);
}

static void release(struct queue *queue)
{
	hist_clear(&queue->sojourn);
	gauge_clear(&queue->inside);
}

/* Within five standard errors, and those below 4 % of the mean. */
static void check_mean_wait(const struct queue *queue, double want)
{
	double size = (double)queue->customers / BATCHES;
	double mean = (double)queue->wait_sum / (double)queue->customers;
	double variance = 0, off = mean - want;

	for (int b = 0; b < BATCHES; b++) {
		double d = (double)queue->batch_wait[b] / size - mean;

		variance += d * d;
	}
	variance /= BATCHES * (BATCHES - 1.0);
	if (off * off > 25 * variance)
		fail_msg("mean wait %.1f ps, not %.1f ps (variance %.3g)", mean,
			 want, variance);
	assert_true(variance < 0.04 * want * 0.04 * want);
}

static void check_share(uint64_t part, uint64_t whole, double want,
			double tolerance)
{
	double off = (double)part / (double)whole - want;

	if (off * off > tolerance * tolerance)
		fail_msg("share %.5f, not %.5f +- %.5f",
			 (double)part / (double)whole, want, tolerance);
}

static const unsigned loads[] = { 20, 50, 80, 90 }; /* % */
#define LOADS (sizeof(loads) / sizeof(*loads))

static void mm1(void **state)
{
	(void)state;
	for (size_t i = 0; i < LOADS; i++) {
		double load = loads[i] / 100.0;
		double sojourn = (double)SERVICE / (1 - load);
		struct queue queue = { .arrival_law = EXPONENTIAL,
				       .service_law = EXPONENTIAL,
				       .arrival_mean = SERVICE * 100 / loads[i],
				       .burst = 1,
				       .customers = CUSTOMERS };

		run(&queue, false);
		check_mean_wait(&queue, load * sojourn);
		check_share(queue.unhindered, CUSTOMERS, 1 - load, 0.006);
		check_share(queue.server.busy_ps,
			    (uint64_t)queue.server.free_at, load, 0.005);
		/* The sojourn is exponential: its quantiles are -ln(1 - q). */
		check_share(hist_quantile(&queue.sojourn, 500000),
			    (uint64_t)sojourn, 0.693147, 0.04);
		check_share(hist_quantile(&queue.sojourn, 990000),
			    (uint64_t)sojourn, 4.605170, 0.3);
		release(&queue);
	}
}

static void md1(void **state)
{
	(void)state;
	for (size_t i = 0; i < LOADS; i++) {
		double load = loads[i] / 100.0;
		struct queue queue = { .arrival_law = EXPONENTIAL,
				       .service_law = FIXED,
				       .arrival_mean = SERVICE * 100 / loads[i],
				       .burst = 1,
				       .customers = CUSTOMERS };

		run(&queue, false);
		check_mean_wait(&queue,
				load * (double)SERVICE / (2 * (1 - load)));
		check_share(queue.unhindered, CUSTOMERS, 1 - load, 0.006);
		release(&queue);
	}
}

/* Pollaczek-Khinchine with the moments of the services that were drawn. */
static void mg1(void **state)
{
	struct queue queue = { .arrival_law = EXPONENTIAL,
			       .service_law = LOGNORMAL,
			       .arrival_mean = 2 * SERVICE,
			       .burst = 1,
			       .customers = CUSTOMERS };
	double rate = 1 / (2.0 * (double)SERVICE), load;

	(void)state;
	run(&queue, false);
	load = rate * queue.service_sum / CUSTOMERS;
	check_mean_wait(&queue, rate * queue.service_squares / CUSTOMERS /
					(2 * (1 - load)));
	release(&queue);
}

/* No wait up to full load; beyond it the n-th waits n (service - gap). */
static void dd1(void **state)
{
	static const uint64_t gaps[] = { 2 * SERVICE, SERVICE + 1, SERVICE,
					 SERVICE - 1, SERVICE / 3 };
	const uint64_t n = 10000;

	(void)state;
	for (size_t i = 0; i < sizeof(gaps) / sizeof(*gaps); i++) {
		uint64_t excess = gaps[i] < SERVICE ? SERVICE - gaps[i] : 0;
		struct queue queue = { .arrival_mean = gaps[i],
				       .burst = 1,
				       .customers = n };

		run(&queue, false);
		assert_int_equal(queue.wait_sum, n * (n - 1) / 2 * excess);
		assert_int_equal(queue.sojourn.max, (n - 1) * excess + SERVICE);
		release(&queue);
	}
}

/* Bursts of b that drain before the next: b (b - 1) / 2 services each. */
static void dd1_in_bursts(void **state)
{
	struct queue queue = { .arrival_mean = 32 * SERVICE,
			       .burst = 25,
			       .customers = 25 * 400 };

	(void)state;
	run(&queue, false);
	assert_int_equal(queue.wait_sum, 400 * (25 * 24 / 2) * SERVICE);
	assert_int_equal(queue.unhindered, 400);
	assert_int_equal(queue.inside.max, 25);
	release(&queue);
}

/* The reserving server and the queueing one are the same server. */
static void naive_kernel_agrees(void **state)
{
	static const enum law laws[][2] = { { EXPONENTIAL, EXPONENTIAL },
					    { EXPONENTIAL, FIXED },
					    { EXPONENTIAL, LOGNORMAL },
					    { FIXED, EXPONENTIAL } };

	(void)state;
	for (size_t i = 0; i < sizeof(laws) / sizeof(*laws); i++) {
		struct queue fast = { .arrival_law = laws[i][0],
				      .service_law = laws[i][1],
				      .arrival_mean = SERVICE * 10 / 8,
				      .burst = i == 2 ? 3 : 1,
				      .customers = 60000 };
		struct queue naive = fast;

		run(&fast, false);
		run(&naive, true);
		assert_int_equal(fast.server.fingerprint,
				 naive.server.fingerprint);
		assert_int_equal(fast.wait_sum, naive.wait_sum);
		assert_int_equal(fast.kernel.now, naive.kernel.now);
		assert_true(fast.inside.by_time.sum ==
			    naive.inside.by_time.sum);
		release(&fast);
		release(&naive);
	}
}

/* --- the order of events, whatever their number --- */

struct hold {
	struct kernel kernel;
	struct rng_stream stream;
	sim_time last_at;
	uint64_t last_key, number, events, digest;
};

/* Increments from nothing to far beyond the others', many of them equal. */
static sim_time hold_time(const struct hold *hold, uint64_t number)
{
	uint64_t r = rng_draw(&hold->stream, number);

	return (sim_time)(rng_below(rng_again(r), 32) << (r % 20));
}

static uint64_t hold_key(uint64_t number)
{
	/* Later numbers do not come later: keys decide, not insertion. */
	return event_key(EV_TEST, (unsigned)(mix64(number) % 100), number);
}

static void hold_fire(void *ctx, uint64_t number)
{
	struct hold *hold = ctx;
	struct kernel *kernel = &hold->kernel;
	uint64_t key = hold_key(number), next = hold->number++;
	sim_time at = kernel->now + hold_time(hold, next) + 1;

	assert_true(kernel->now > hold->last_at ||
		    (kernel->now == hold->last_at && key > hold->last_key));
	hold->last_at = kernel->now;
	hold->last_key = key;
	hold->events++;
	hold->digest = digest_add(digest_add(hold->digest, key),
				  (uint64_t)kernel->now);
	kernel_at(kernel, at, hold_key(next), hold_fire, hold, next);
}

static uint64_t hold_digest(uint64_t pending, uint64_t events, bool naive)
{
	struct hold hold = { .last_at = -1 };
	struct err err = ERR_INIT;

	assert_int_equal(kernel_init(&hold.kernel, naive, &err), 0);
	rng_stream_init(&hold.stream, pending, 0, 0);
	for (; hold.number < pending; hold.number++)
		kernel_at(&hold.kernel, hold_time(&hold, hold.number),
			  hold_key(hold.number), hold_fire, &hold, hold.number);
	/* Limits that cut the run anywhere. */
	for (sim_time limit = 1; hold.events < events; limit += 997)
		kernel_run(&hold.kernel, limit);
	kernel_clear(&hold.kernel);
	return hold.digest;
}

static void events_run_in_order(void **state)
{
	static const uint64_t pending[] = { 1,	2,  3,	4,   5,	  15,  16,
					    17, 31, 32, 33,  34,  47,  48,
					    63, 64, 65, 100, 255, 257, 1000 };

	(void)state;
	for (size_t i = 0; i < sizeof(pending) / sizeof(*pending); i++) {
		uint64_t events = 4000 + 4 * pending[i];

		assert_int_equal(hold_digest(pending[i], events, false),
				 hold_digest(pending[i], events, true));
	}
	hold_digest(30000, 100000, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_run_in_order),
		cmocka_unit_test(mm1),
		cmocka_unit_test(md1),
		cmocka_unit_test(mg1),
		cmocka_unit_test(dd1),
		cmocka_unit_test(dd1_in_bursts),
		cmocka_unit_test(naive_kernel_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
