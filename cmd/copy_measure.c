/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "cmd/copy_measure.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "core/rng.h"
#include "core/units.h"

#define BATCHES	       41
#define COPIES_MIN     16
#define COPIES_MAX     4096
#define HUGE_PAGE      (UINT64_C(2) << 20)
#define DRAM_MIN_BYTES (UINT64_C(64) << 20)
#define DRAM_MAX_BYTES (UINT64_C(1) << 30)

static const uint64_t sizes[] = { 64,	128,  256,  512,  1024,
				  1514, 2048, 4096, 8192, 16384 };
#define SIZES  (sizeof(sizes) / sizeof(sizes[0]))
#define POINTS (SIZES * 10) /* five pairs, alone and in a row */

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* --- the machine --- */

static void find_cache(uint64_t *bytes, int name)
{
	long value = *bytes ? 0 : sysconf(name);

	if (value > 0)
		*bytes = (uint64_t)value;
}

/* A chain of additions runs at one a cycle: the best of several. */
static uint64_t find_clock(void)
{
	enum { ADDITIONS = 200000, UNROLLED = 8, TRIES = 25 };
	double best = HUGE_VAL;
	uint64_t sum = 1, step = 3;
	int try, i, j;

	for (try = 0; try < TRIES; try++) {
		double start = now_ns(), ns;

		for (i = 0; i < ADDITIONS / UNROLLED; i++)
			for (j = 0; j < UNROLLED; j++) {
				sum += step;
				__asm__ volatile("" : "+r"(sum), "+r"(step));
			}
		ns = now_ns() - start;
		best = fmin(best, ns);
	}
	return (uint64_t)(ADDITIONS / best * 100 + .5) * UINT64_C(10000000);
}

static uint64_t dram_bytes(uint64_t llc_bytes)
{
	uint64_t free_bytes = (uint64_t)sysconf(_SC_AVPHYS_PAGES) *
			      (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t bytes = 4 * llc_bytes;

	if (bytes < DRAM_MIN_BYTES)
		bytes = DRAM_MIN_BYTES;
	return smaller(smaller(bytes, DRAM_MAX_BYTES), free_bytes / 4);
}

static int pin(int *processor, struct err *err)
{
	cpu_set_t set;

	if (*processor < 0)
		*processor = sched_getcpu();
	if (*processor < 0)
		*processor = 0;
	if (*processor >= CPU_SETSIZE)
		return err_set(
			err, ERR_USAGE,
			"processor %d is beyond the %d that can be named",
			*processor, CPU_SETSIZE);
	CPU_ZERO(&set);
	CPU_SET((size_t)*processor, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		return err_set(err, ERR_USAGE,
			       "cannot run on processor %d: %s; choose another "
			       "with --cpu",
			       *processor, strerror(errno));
	return 0;
}

int copy_measure_find(struct copy_measure *measure, struct err *err)
{
	find_cache(&measure->l1_bytes, _SC_LEVEL1_DCACHE_SIZE);
	find_cache(&measure->l2_bytes, _SC_LEVEL2_CACHE_SIZE);
	find_cache(&measure->llc_bytes, _SC_LEVEL3_CACHE_SIZE);
	if (!measure->l1_bytes || !measure->l2_bytes || !measure->llc_bytes)
		return err_set(err, ERR_INPUT,
			       "the system does not tell the size of its %s "
			       "cache; give it with --%s",
			       measure->l1_bytes
				       ? measure->l2_bytes ? "last-level" : "L2"
				       : "L1",
			       measure->l1_bytes
				       ? measure->l2_bytes ? "llc" : "l2"
				       : "l1");
	if (measure->l2_bytes < 2 * measure->l1_bytes ||
	    measure->llc_bytes < 2 * measure->l2_bytes)
		return err_set(err, ERR_INPUT,
			       "caches must each be at least twice the one "
			       "before; set --l1, --l2 and --llc");
	if (!measure->dram_bytes)
		measure->dram_bytes = dram_bytes(measure->llc_bytes);
	if (measure->dram_bytes < HUGE_PAGE)
		return err_set(err, ERR_INPUT,
			       "working sets in DRAM must have 2 MiB or more; "
			       "set --dram");
	if (pin(&measure->processor, err) < 0)
		return -1;
	if (!measure->clock_hz)
		measure->clock_hz = find_clock();
	return 0;
}

/* --- memory --- */

struct copy_memory {
	char *map, *source, *target; /* side by side, in huge pages */
	size_t map_bytes;
	uint64_t *from, *to; /* [COPIES_MAX]: offsets of a batch */
};

/* Below a hypervisor a page may be late even after it was written. */
static void touch(const volatile char *memory, uint64_t bytes)
{
	uint64_t at;

	for (at = 0; at < bytes; at += 4096)
		(void)memory[at];
}

static int memory_get(struct copy_memory *memory, uint64_t bytes,
		      struct err *err)
{
	uint64_t side = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;

	memory->map_bytes = 2 * side + HUGE_PAGE;
	memory->from = calloc(COPIES_MAX, sizeof(*memory->from));
	memory->to = calloc(COPIES_MAX, sizeof(*memory->to));
	memory->map = mmap(NULL, memory->map_bytes, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory->map == MAP_FAILED)
		memory->map = NULL;
	if (!memory->from || !memory->to || !memory->map)
		return err_nomem(err, "working sets; make --dram smaller");
	memory->source =
		memory->map + HUGE_PAGE - (uintptr_t)memory->map % HUGE_PAGE;
	memory->target = memory->source + side;
	/* Without huge pages the page walks are in the measurement. */
	(void)madvise(memory->source, 2 * side, MADV_HUGEPAGE);
	memset(memory->source, 1, 2 * side);
	touch(memory->source, 2 * side);
	return 0;
}

static void memory_put(struct copy_memory *memory)
{
	if (memory->map)
		munmap(memory->map, memory->map_bytes);
	free(memory->from);
	free(memory->to);
}

/* --- batches --- */

struct point {
	const struct copy_pair *pair;
	bool alone;
	uint64_t bytes;
	uint64_t source_bytes, target_bytes; /* working sets */
	size_t copies;			     /* of a batch */
};

static uint64_t set_bytes(const struct copy_measure *measure,
			  enum copy_place place)
{
	switch (place) {
	case COPY_L1:
		return measure->l1_bytes / 4;
	case COPY_L2:
		return measure->l2_bytes / 4;
	case COPY_LLC:
		/* Of a large one other machines may have most. */
		return smaller(4 * measure->l2_bytes, measure->llc_bytes / 4);
	default:
		return measure->dram_bytes;
	}
}

/* Everything before is done before anything after begins. */
static inline void full_fence(void)
{
	__sync_synchronize();
#ifdef __x86_64__
	__builtin_ia32_mfence();
	__builtin_ia32_lfence();
#endif
}

static double batch_ns(const struct copy_memory *memory,
		       const struct point *point)
{
	void *(*volatile copy)(void *, const void *, size_t) = memcpy;
	double start = now_ns();
	size_t i;

	for (i = 0; i < point->copies; i++) {
		copy(memory->target + memory->to[i],
		     memory->source + memory->from[i], point->bytes);
		if (point->alone)
			full_fence();
	}
	return (now_ns() - start) / (double)point->copies;
}

/* Other places for the next batch. */
static void draw(const struct copy_memory *memory, const struct point *point,
		 struct rng_stream *stream, uint64_t batch)
{
	uint64_t from_lines = (point->source_bytes - point->bytes) / 64 + 1;
	uint64_t to_lines = (point->target_bytes - point->bytes) / 64 + 1;
	size_t i;

	for (i = 0; i < COPIES_MAX; i++) {
		uint64_t r = rng_draw(stream, batch * COPIES_MAX + i);

		memory->from[i] = r % from_lines * 64;
		memory->to[i] = rng_again(r) % to_lines * 64;
	}
}

/* Bring a set where it fits, reading or writing every line. */
static void warm(const struct copy_memory *memory, const struct point *point)
{
	if (point->pair->from != COPY_DRAM)
		memset(memory->source, 1, point->source_bytes);
	if (point->pair->to != COPY_DRAM)
		memset(memory->target, 1, point->target_bytes);
}

static int compare_ns(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static struct copy_sample measure_point(const struct copy_memory *memory,
					struct point *point, double budget_ns)
{
	struct rng_stream stream;
	double ns[BATCHES], first;
	/* Ranks that hold the median with 95 %: n/2 -+ 1.96 sqrt(n)/2. */
	size_t half = (size_t)ceil(.98 * sqrt(BATCHES));
	uint64_t batch;

	rng_stream_init(&stream, point->bytes, point->alone, 0);
	warm(memory, point);
	draw(memory, point, &stream, BATCHES);
	point->copies = COPIES_MIN;
	first = batch_ns(memory, point);
	point->copies = (size_t)fmin(
		fmax(budget_ns / (BATCHES + 1) / first, COPIES_MIN),
		COPIES_MAX);
	batch_ns(memory, point);
	for (batch = 0; batch < BATCHES; batch++) {
		draw(memory, point, &stream, batch);
		ns[batch] = batch_ns(memory, point);
	}
	qsort(ns, BATCHES, sizeof(*ns), compare_ns);
	return (struct copy_sample){ .pair = point->pair,
				     .alone = point->alone,
				     .bytes = point->bytes,
				     .ns = ns[BATCHES / 2],
				     .low = ns[BATCHES / 2 - half],
				     .high = ns[BATCHES / 2 + half] };
}

static int measure_pair(const struct copy_measure *measure,
			const struct copy_memory *memory,
			const struct copy_pair *pair, bool alone,
			struct copy_samples *samples, struct err *err)
{
	double budget_ns = (double)measure->time_ps / 1000 / POINTS;
	size_t i;

	for (i = 0; i < SIZES; i++) {
		struct point point = {
			.pair = pair,
			.alone = alone,
			.bytes = sizes[i],
			.source_bytes = set_bytes(measure, pair->from),
			.target_bytes = set_bytes(measure, pair->to),
		};
		struct copy_sample sample;

		if (cmd_interrupted)
			return err_set(err, ERR_INTERRUPTED, "interrupted");
		if (point.bytes > point.source_bytes ||
		    point.bytes > point.target_bytes)
			continue;
		sample = measure_point(memory, &point, budget_ns);
		if (copy_samples_add(samples, &sample, err) < 0)
			return -1;
	}
	return 0;
}

int copy_measure_run(const struct copy_measure *measure,
		     struct copy_samples *samples, struct err *err)
{
	struct copy_memory memory = { .map = NULL };
	const struct copy_pair *pair;
	int alone, result;
	uint64_t most = measure->dram_bytes;

	if (most < measure->llc_bytes / 4)
		most = measure->llc_bytes / 4;
	result = memory_get(&memory, most, err);
	for (pair = copy_pairs; result == 0 && pair->name; pair++)
		for (alone = 0; result == 0 && alone < 2; alone++)
			result = measure_pair(measure, &memory, pair, alone,
					      samples, err);
	memory_put(&memory);
	return result;
}
