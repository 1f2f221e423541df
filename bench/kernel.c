/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hold model on our kernel: bench/peers/hold.cc does the same on ns-3's.
 *
 *	kernel PENDING SECONDS [exponential|bimodal|bursts|timers|dense]
 *
 * PENDING events wait; the handler of each schedules one at its time plus a
 * random increment.  Everything a simulation pays is in it: take, dispatch,
 * insert.  Prints one line, NAME PENDING EVENTS CPU-SECONDS DIGEST, where
 * DIGEST covers the times of the first 10,000 events.  Increments:
 *
 *	exponential	of mean 1 us, as in the peer
 *	bimodal		one in ten 100 times as long as the others
 *	bursts		1, 2, 3 or 4 us sharp: thousands at one time
 *	timers		one in 128 is 1 s, the others exponential
 *	dense		one in 1,024 is 1 s, the others below 1.3 ns
 */
#include "core/kernel.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/rng.h"

#define DIGESTED 10000
#define CHUNK	 1000
#define STEPS	 1024
#define MEAN_PS	 1000000

struct hold {
	struct kernel kernel;
	uint64_t table[STEPS]; /* quantiles of the increments */
	uint64_t jitter;       /* mask of what is added to them */
	uint64_t state, number, events, digest;
	sim_time step; /* in which few events run, ps */
};

static sim_time next_increment(struct hold *hold)
{
	uint64_t x = mix64(hold->state += UINT64_C(0x9e3779b97f4a7c15));

	return (sim_time)(hold->table[x >> 54] + (x & hold->jitter) + 1);
}

static void fire(void *ctx, uint64_t arg)
{
	struct hold *hold = ctx;
	struct kernel *kernel = &hold->kernel;

	if (hold->events++ < DIGESTED)
		hold->digest = hold->digest * UINT64_C(6364136223846793005) +
			       (uint64_t)kernel->now;
	kernel_at(kernel, kernel->now + next_increment(hold),
		  event_key(EV_TEST, 0, hold->number++), fire, hold, arg);
}

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static uint64_t exponential(int i)
{
	return (uint64_t)(-log((i + 0.5) / STEPS) * MEAN_PS);
}

static uint64_t bimodal(int i)
{
	return i < STEPS / 10 ? 100 * MEAN_PS : MEAN_PS;
}

static uint64_t bursts(int i)
{
	return (uint64_t)(i % 4 + 1) * MEAN_PS - 1;
}

static uint64_t timers(int i)
{
	return i < STEPS / 128 ? PS_PER_SEC : exponential(i);
}

static uint64_t dense(int i)
{
	return i ? (uint64_t)i % 256 : PS_PER_SEC;
}

static const struct shape {
	const char *name;
	uint64_t (*increment)(int i); /* of STEPS, equally likely */
	uint64_t jitter;
} shapes[] = { { "exponential", exponential, 1023 },
	       { "bimodal", bimodal, 1023 },
	       { "bursts", bursts, 0 },
	       { "timers", timers, 1023 },
	       { "dense", dense, 1023 },
	       { NULL, NULL, 0 } };

static const struct shape *shape_find(const char *name)
{
	const struct shape *shape = shapes;

	while (shape->name && strcmp(shape->name, name) != 0)
		shape++;
	return shape->name ? shape : NULL;
}

static void fill(struct hold *hold, const struct shape *shape, uint64_t pending)
{
	for (int i = 0; i < STEPS; i++)
		hold->table[i] = shape->increment(i);
	hold->jitter = shape->jitter;
	hold->state = 1;
	for (uint64_t i = 0; i < pending; i++)
		kernel_at(&hold->kernel, next_increment(hold),
			  event_key(EV_TEST, 0, hold->number++), fire, hold, 0);
}

/* Run about @count events more; exactly how many, time decides. */
static void run_some(struct hold *hold, uint64_t count)
{
	struct kernel *kernel = &hold->kernel;
	uint64_t until = hold->events + count;

	while (hold->events < until)
		kernel_run(kernel, kernel_next(kernel) + hold->step);
}

int main(int argc, char **argv)
{
	static struct hold hold;
	struct err err = ERR_INIT;
	uint64_t pending, before;
	double limit, start, seconds;
	const struct shape *shape;

	pending = argc > 2 ? strtoull(argv[1], NULL, 10) : 0;
	shape = argc == 4 ? shape_find(argv[3]) : argc < 4 ? shapes : NULL;
	if (!pending || !shape) {
		fprintf(stderr, "usage: kernel PENDING SECONDS [exponential|"
				"bimodal|bursts|timers|dense]\n");
		return 64;
	}
	limit = strtod(argv[2], NULL);
	if (kernel_init(&hold.kernel, false, &err) < 0) {
		fprintf(stderr, "kernel: %s\n", err.text);
		return 3;
	}
	fill(&hold, shape, pending);
	hold.step = 1 + CHUNK * (sim_time)MEAN_PS / (sim_time)pending;
	run_some(&hold, DIGESTED);
	before = hold.events;
	start = cpu_seconds();
	do {
		run_some(&hold, CHUNK);
		seconds = cpu_seconds() - start;
	} while (seconds < limit);
	printf("dmasim %" PRIu64 " %" PRIu64 " %.6f %016" PRIx64 "\n", pending,
	       hold.events - before, seconds, hold.digest);
	kernel_clear(&hold.kernel);
	return 0;
}
