/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hold model on our kernel: bench/peers/hold.cc does the same on ns-3's.
 *
 *	kernel PENDING SECONDS
 *
 * PENDING events wait; the handler of each schedules one at its time plus a
 * random increment.  Everything a simulation pays is in it: take, dispatch,
 * insert.  Prints one line, NAME PENDING EVENTS CPU-SECONDS DIGEST, where
 * DIGEST covers the times of the first 10,000 events.
 */
#include "core/kernel.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/rng.h"

#define DIGESTED 10000
#define CHUNK	 1000
#define STEPS	 1024
#define MEAN_PS	 1000000

struct hold {
	struct kernel kernel;
	uint64_t table[STEPS]; /* quantiles of an exponential increment */
	uint64_t state, number, events, digest;
};

static sim_time next_increment(struct hold *hold)
{
	uint64_t x = mix64(hold->state += UINT64_C(0x9e3779b97f4a7c15));

	return (sim_time)(hold->table[x >> 54] + (x & 1023) + 1);
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

static void fill(struct hold *hold, uint64_t pending)
{
	for (int i = 0; i < STEPS; i++)
		hold->table[i] = (uint64_t)(-log((i + 0.5) / STEPS) * MEAN_PS);
	hold->state = 1;
	for (uint64_t i = 0; i < pending; i++)
		kernel_at(&hold->kernel, next_increment(hold),
			  event_key(EV_TEST, 0, hold->number++), fire, hold, 0);
}

int main(int argc, char **argv)
{
	static struct hold hold;
	struct err err = ERR_INIT;
	uint64_t pending, before;
	double limit, start, seconds;
	sim_time chunk;

	pending = argc == 3 ? strtoull(argv[1], NULL, 10) : 0;
	if (!pending) {
		fprintf(stderr, "usage: kernel PENDING SECONDS\n");
		return 64;
	}
	limit = strtod(argv[2], NULL);
	if (kernel_init(&hold.kernel, false, &err) < 0) {
		fprintf(stderr, "kernel: %s\n", err.text);
		return 3;
	}
	fill(&hold, pending);
	/* The time in which about CHUNK events run. */
	chunk = 1 + CHUNK * (sim_time)MEAN_PS / (sim_time)pending;
	while (hold.events < DIGESTED)
		kernel_run(&hold.kernel, hold.kernel.now + chunk);
	before = hold.events;
	start = cpu_seconds();
	do {
		kernel_run(&hold.kernel, hold.kernel.now + chunk);
		seconds = cpu_seconds() - start;
	} while (seconds < limit);
	printf("dmasim %" PRIu64 " %" PRIu64 " %.6f %016" PRIx64 "\n", pending,
	       hold.events - before, seconds, hold.digest);
	kernel_clear(&hold.kernel);
	return 0;
}
