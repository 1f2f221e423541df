/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#if HAVE_JEMALLOC
#include <jemalloc/jemalloc.h>
#endif

#include "core/kernel.h"
#include "core/pool.h"
#include "core/rng.h"
#include "core/series.h"
#include "tests/unit/aborts.h"

static bool all_zero(const unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i])
			return false;
	return true;
}

/* Aligned, zeroed, disjoint, whatever the sizes. */
static void arena_hands_out_fresh_memory(void **state)
{
	static unsigned char *taken[4000];
	static size_t sizes[4000];
	struct rng_stream stream;
	struct arena arena;

	(void)state;
	rng_stream_init(&stream, 1, 0, 0);
	arena_init(&arena);
	for (uint64_t i = 0; i < 4000; i++) {
		uint64_t r = rng_draw(&stream, i);

		sizes[i] = rng_below(r, i % 50 ? 300 : 300000);
		taken[i] = arena_take(&arena, sizes[i]);
		assert_int_equal((uintptr_t)taken[i] % 64, 0);
		assert_true(all_zero(taken[i], sizes[i]));
		memset(taken[i], (int)(i % 251) + 1, sizes[i]);
	}
	for (uint64_t i = 0; i < 4000; i++)
		for (size_t b = 0; b < sizes[i]; b++)
			assert_int_equal(taken[i][b], i % 251 + 1);
	arena_clear(&arena);
	assert_null(arena.blocks);
	assert_non_null(arena_take_array(&arena, 10, 24)); /* again */
	arena_clear(&arena);
}

static void arena_copies_text(void **state)
{
	char text[] = "map registers";
	struct arena arena;
	char *copy, *empty;

	(void)state;
	arena_init(&arena);
	copy = arena_strdup(&arena, text);
	empty = arena_strdup(&arena, "");
	text[0] = 'X';
	assert_string_equal(copy, "map registers");
	assert_string_equal(empty, "");
	arena_clear(&arena);
}

static void pool_objects_are_distinct(void **state)
{
	enum { COUNT = 1000 };
	static uint64_t *taken[COUNT];
	struct err err = ERR_INIT;
	struct pool pool;

	(void)state;
	assert_int_equal(pool_init(&pool, 40, 16, &err), 0);
	assert_int_equal(pool.object_size, 48);
	for (uint64_t i = 0; i < COUNT; i++) {
		taken[i] = pool_take(&pool);
		assert_int_equal((uintptr_t)taken[i] % 16, 0);
		for (int w = 0; w < 5; w++)
			taken[i][w] = i;
	}
	for (uint64_t i = 0; i < COUNT; i++)
		for (int w = 0; w < 5; w++)
			assert_int_equal(taken[i][w], i);
	assert_int_equal(pool_live(&pool), COUNT);
	assert_int_equal(pool.slab_count, (COUNT + 15) / 16);
	for (int i = 0; i < COUNT; i++)
		pool_give(&pool, taken[i]);
	assert_int_equal(pool_live(&pool), 0);
	pool_clear(&pool);
}

/* What was given comes back, last first, and no slab is added. */
static void pool_is_steady(void **state)
{
	enum { COUNT = 100 };
	void *taken[COUNT];
	struct err err = ERR_INIT;
	struct rng_stream stream;
	struct pool pool;
	size_t slabs;

	(void)state;
	rng_stream_init(&stream, 2, 0, 0);
	assert_int_equal(pool_init(&pool, 1, 7, &err), 0);
	for (int i = 0; i < COUNT; i++)
		taken[i] = pool_take(&pool);
	pool_give(&pool, taken[3]);
	pool_give(&pool, taken[5]);
	assert_ptr_equal(pool_take(&pool), taken[5]);
	assert_ptr_equal(pool_take(&pool), taken[3]);
	slabs = pool.slab_count;
	for (uint64_t i = 0; i < 100000; i++) {
		uint64_t r = rng_below(rng_draw(&stream, i), COUNT);

		pool_give(&pool, taken[r]);
		taken[r] = pool_take(&pool);
	}
	assert_int_equal(pool.slab_count, slabs);
	assert_int_equal(pool_live(&pool), COUNT);
	pool_clear(&pool);
}

struct steady {
	struct kernel kernel;
	struct pool pool;
	struct hist hist;
	struct gauge gauge;
	struct rng_stream stream;
	uint64_t number;
};

static void finish_one(void *ctx, uint64_t arg)
{
	struct steady *steady = ctx;

	(void)arg;
	gauge_add(&steady->gauge, steady->kernel.now, -1);
}

/* A frame's worth of work: an object, two events, a value, a level. */
static void start_one(void *ctx, uint64_t arg)
{
	struct steady *steady = ctx;
	struct kernel *kernel = &steady->kernel;
	uint64_t r = rng_draw(&steady->stream, steady->number++);
	uint64_t *object = pool_take(&steady->pool);

	*object = rng_below(r, 50000);
	hist_record(&steady->hist, *object);
	gauge_add(&steady->gauge, kernel->now, 1);
	kernel_at(kernel, kernel->now + (sim_time)*object,
		  event_key(EV_TEST, 1, steady->number), finish_one, steady, 0);
	kernel_at(kernel, kernel->now + 1000,
		  event_key(EV_TEST, 0, steady->number), start_one, steady,
		  arg);
	pool_give(&steady->pool, object);
}

/* Bytes ever allocated by this thread, by jemalloc's count. */
static uint64_t allocated(void)
{
	uint64_t bytes = 0;
#if HAVE_JEMALLOC
	size_t size = sizeof(bytes);

	assert_int_equal(mallctl("thread.allocated", &bytes, &size, NULL, 0),
			 0);
	assert_true(bytes > 0);
#endif
	return bytes;
}

/* Once warm, a million events allocate nothing at all. */
static void steady_state_allocates_nothing(void **state)
{
	struct steady steady = { .number = 0 };
	struct err err = ERR_INIT;
	uint64_t before;

	(void)state;
	if (!HAVE_JEMALLOC)
		skip();
	assert_int_equal(kernel_init(&steady.kernel, false, &err), 0);
	assert_int_equal(pool_init(&steady.pool, 200, 64, &err), 0);
	hist_init(&steady.hist, HIST_BITS_FINE);
	gauge_init(&steady.gauge, 0, 100);
	rng_stream_init(&steady.stream, 3, 0, 0);
	kernel_at(&steady.kernel, 0, event_key(EV_TEST, 0, 0), start_one,
		  &steady, 0);
	kernel_run(&steady.kernel, PS_PER_US * 100);
	before = allocated();
	kernel_run(&steady.kernel, PS_PER_US * 500);
	assert_true(steady.kernel.executed > 900000);
	assert_true(steady.gauge.series.step_ps > 100);
	assert_int_equal(allocated() - before, 0);
	kernel_clear(&steady.kernel);
	pool_clear(&steady.pool);
	hist_clear(&steady.hist);
	gauge_clear(&steady.gauge);
}

/* Sanitizers would end the program where malloc() returns NULL. */
const char *__asan_default_options(void);
const char *__tsan_default_options(void);

const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

const char *__tsan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static void first_slab_too_large(void **state)
{
	struct err err = ERR_INIT;
	struct pool pool;

	(void)state;
	assert_int_equal(pool_init(&pool, 1 << 30, UINT32_MAX, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	assert_non_null(strstr(err.text, "out of memory"));
	assert_null(pool.slabs);
}

static void array_overflows(void)
{
	struct arena arena;

	arena_init(&arena);
	arena_take_array(&arena, SIZE_MAX / 2, 3);
}

static void arena_too_large(void)
{
	struct arena arena;

	arena_init(&arena);
	arena_take(&arena, SIZE_MAX);
}

static void misuse_is_a_bug(void **state)
{
	(void)state;
	assert_true(aborts(array_overflows));
	assert_true(aborts(arena_too_large));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_hands_out_fresh_memory),
		cmocka_unit_test(arena_copies_text),
		cmocka_unit_test(pool_objects_are_distinct),
		cmocka_unit_test(pool_is_steady),
		cmocka_unit_test(steady_state_allocates_nothing),
		cmocka_unit_test(first_slab_too_large),
		cmocka_unit_test(misuse_is_a_bug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
