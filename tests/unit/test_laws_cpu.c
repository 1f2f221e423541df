/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A core against an oracle: work of three levels, the higher preempts, equals
 * wait in the order they came, what was preempted goes on where it stopped,
 * before those that came later.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/rng.h"
#include "models/component.h"
#include "models/host/cpu.h"

#define JOBS  400
#define CYCLE 1000 /* ps, at 1 GHz */

static const enum irql levels[] = { IRQL_PASSIVE, IRQL_DISPATCH, IRQL_DIRQL };

struct work {
	struct cpu_job job;
	struct core *core;
	sim_time at, left, ended_at, expected;
};

struct bench {
	struct kernel kernel;
	struct pool segments;
	struct core core;
	struct work work[JOBS];
};

static void bench_init(struct bench *bench)
{
	struct err err = ERR_INIT;

	memset(bench, 0, sizeof(*bench));
	assert_int_equal(kernel_init(&bench->kernel, false, &err), 0);
	assert_int_equal(
		pool_init(&bench->segments, cpu_segment_size(), 64, &err), 0);
	core_init(&bench->core, &bench->kernel, 0, COMP_CORE, 1000000000,
		  &bench->segments);
}

static void bench_clear(struct bench *bench)
{
	assert_int_equal(pool_live(&bench->segments), 0);
	pool_clear(&bench->segments);
	kernel_clear(&bench->kernel);
}

static void ended(struct core *core, void *ctx, uint64_t arg)
{
	struct work *work = ctx;

	(void)arg;
	work->ended_at = core->kernel->now;
}

static void started(struct core *core, struct cpu_job *job)
{
	struct work *work = (struct work *)job;

	cpu_charge(core, NULL, 0, (uint64_t)(work->left / CYCLE));
	cpu_then(core, ended, work, 0);
}

static void done(struct core *core, struct cpu_job *job)
{
	(void)core;
	(void)job;
}

static void arrive(void *ctx, uint64_t arg)
{
	struct work *work = ctx;

	(void)arg;
	cpu_submit(work->core, &work->job);
}

/* No two things ever happen at one time: arrivals differ within a cycle. */
static void draw(struct bench *bench, uint64_t seed, uint64_t mean_gap,
		 unsigned highest)
{
	struct rng_stream stream;
	sim_time at = 0;
	size_t i;

	rng_stream_init(&stream, seed, 77, 0);
	for (i = 0; i < JOBS; i++) {
		uint64_t r = rng_draw(&stream, i);
		struct work *work = &bench->work[i];

		at += (sim_time)rng_below(r, 2 * mean_gap) * CYCLE;
		r = rng_again(r);
		*work = (struct work){
			.job = { .irql = levels[rng_below(r, highest + 1)],
				 .start = started,
				 .done = done },
			.core = &bench->core,
			.at = at + (sim_time)i,
			.left = (sim_time)(1 + rng_below(rng_again(r), 200)) *
				CYCLE,
		};
		kernel_at(&bench->kernel, work->at, event_key(EV_TEST, 0, i),
			  arrive, work, 0);
	}
}

/* The first of the highest level that is there and not finished, or NULL. */
static struct work *next_of(struct work *work, const sim_time *left,
			    sim_time now)
{
	struct work *next = NULL;
	size_t i;

	for (i = 0; i < JOBS; i++)
		if (work[i].at <= now && left[i] &&
		    (!next || work[i].job.irql > next->job.irql))
			next = &work[i];
	return next;
}

/* Preemptive priorities with resumption, from one arrival to the next. */
static void expect(struct work *work)
{
	sim_time left[JOBS], now = 0;
	size_t i, arrival = 0;

	for (i = 0; i < JOBS; i++)
		left[i] = work[i].left;
	for (;;) {
		struct work *next = next_of(work, left, now);
		sim_time run;

		while (arrival < JOBS && work[arrival].at <= now)
			arrival++;
		if (!next && arrival == JOBS)
			return;
		if (!next) {
			now = work[arrival].at;
			continue;
		}
		run = left[next - work];
		if (arrival < JOBS && work[arrival].at - now < run)
			run = work[arrival].at - now;
		now += run;
		left[next - work] -= run;
		if (!left[next - work])
			next->expected = now;
	}
}

static void play(uint64_t seed, uint64_t mean_gap, unsigned highest)
{
	struct bench *bench = test_malloc(sizeof(*bench));
	uint64_t all = 0;
	size_t i;

	bench_init(bench);
	draw(bench, seed, mean_gap, highest);
	expect(bench->work);
	kernel_run(&bench->kernel, SIM_TIME_NEVER);
	for (i = 0; i < JOBS; i++) {
		const struct work *work = &bench->work[i];

		if (work->ended_at != work->expected)
			fail_msg("seed %llu, gap %llu: job %zu ends at %lld "
				 "ps, expected %lld",
				 (unsigned long long)seed,
				 (unsigned long long)mean_gap, i,
				 (long long)work->ended_at,
				 (long long)work->expected);
		all += (uint64_t)work->left;
	}
	assert_int_equal(bench->core.busy_ps, all);
	assert_int_equal(bench->core.charged_ps, all);
	if (!highest)
		assert_int_equal(bench->core.preemptions, 0);
	else if (mean_gap >= 100) /* else the highest level hardly ends */
		assert_true(bench->core.preemptions > 0);
	bench_clear(bench);
	test_free(bench);
}

/* Of one level: first in, first out, idle, loaded and in one heap. */
static void equals_wait_their_turn(void **state)
{
	(void)state;
	play(1, 300, 0);
	play(2, 110, 0);
	play(3, 1, 0);
}

static void higher_levels_preempt_and_lower_ones_resume(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= 5; seed++) {
		play(seed, 200, 2);
		play(seed, 100, 2);
		play(seed, 20, 2);
		play(seed, 100, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equals_wait_their_turn),
		cmocka_unit_test(higher_levels_preempt_and_lower_ones_resume),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
