/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slots of map registers: runs, guards and boundaries by hand, and every
 * answer of a random history against a search slot by slot.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/rng.h"
#include "models/host/hal_pool.h"

#define SLOTS 1024
#define HELD  64

static uint32_t take(struct hal_pool *pool, uint32_t count)
{
	uint32_t first;

	assert_true(hal_pool_take(pool, count, true, &first));
	return first;
}

static bool is_full_for(struct hal_pool *pool, uint32_t count, bool contiguous)
{
	uint32_t first;

	return !hal_pool_take(pool, count, contiguous, &first);
}

/* Example 12: 6 are free, 3 of them side by side; D wants 4. */
static void holes_do_not_make_a_run(void **state)
{
	struct arena arena;
	struct hal_pool pool;

	(void)state;
	arena_init(&arena);
	hal_pool_init(&pool, &arena,
		      &(struct hal_pool_spec){ .cap = 8, .tracked = true });
	assert_int_equal(hal_pool_grow(&pool, 8), 8);
	assert_int_equal(take(&pool, 3), 0);
	assert_int_equal(take(&pool, 2), 3);
	assert_int_equal(take(&pool, 3), 5);
	hal_pool_give(&pool, 0, 3);
	hal_pool_give(&pool, 5, 3);
	assert_int_equal(pool.free, 6);
	assert_int_equal(hal_pool_longest(&pool), 3);
	assert_true(is_full_for(&pool, 4, true));
	assert_int_equal(pool.free, 6); /* and nothing was taken */
	hal_pool_give(&pool, 3, 2);
	assert_int_equal(hal_pool_longest(&pool), 8);
	assert_int_equal(take(&pool, 4), 0);
	arena_clear(&arena);
}

/* Scattered registers take the holes, lowest first, and come back whole. */
static void scattered_requests_fill_the_holes(void **state)
{
	struct arena arena;
	struct hal_pool pool;
	uint32_t first;

	(void)state;
	arena_init(&arena);
	hal_pool_init(&pool, &arena,
		      &(struct hal_pool_spec){ .cap = 8, .tracked = true });
	hal_pool_grow(&pool, 8);
	assert_int_equal(take(&pool, 1), 0);
	assert_int_equal(take(&pool, 1), 1);
	assert_int_equal(take(&pool, 3), 2);
	hal_pool_give(&pool, 0, 1);
	assert_true(hal_pool_take(&pool, 3, false, &first));
	assert_int_equal(first, 0);
	assert_int_equal(pool.next[0], 5);
	assert_int_equal(pool.next[5], 6);
	assert_int_equal(pool.next[6], HAL_NO_SLOT);
	assert_int_equal(pool.free, 1);
	hal_pool_give(&pool, first, 3);
	assert_int_equal(pool.free, 4);
	assert_int_equal(hal_pool_longest(&pool), 3); /* 5, 6, 7 */
	arena_clear(&arena);
}

/*
 * ReactOS: 64 slots, pieces of 16 pages, an empty slot between two: 16 + 1 +
 * 16 + 1 + 16 + 1 + 13.
 */
static void guards_eat_into_the_slots(void **state)
{
	const struct hal_pool_spec spec = {
		.cap = 64, .boundary = 16, .guards = true, .tracked = true
	};
	static const uint32_t pieces[] = { 16, 16, 16, 13, 0 };
	struct arena arena;
	struct hal_pool pool;
	size_t i;

	(void)state;
	arena_init(&arena);
	hal_pool_init(&pool, &arena, &spec);
	for (i = 0; i < 5; i++) {
		assert_int_equal(hal_pool_grow(&pool, 16), pieces[i]);
		assert_int_equal(hal_pool_longest(&pool), 16);
	}
	assert_int_equal(pool.slots, 64);
	assert_int_equal(pool.registers, 61);
	assert_true(is_full_for(&pool, 17, true));
	assert_int_equal(take(&pool, 16), 0);
	assert_int_equal(take(&pool, 16), 17);
	assert_int_equal(take(&pool, 16), 34);
	assert_true(is_full_for(&pool, 14, true));
	assert_int_equal(take(&pool, 13), 51);
	assert_int_equal(pool.free, 0);
	arena_clear(&arena);
}

/* A large piece is one in memory and is cut every 64 KiB all the same. */
static void a_large_piece_is_guarded_at_64_kib(void **state)
{
	const struct hal_pool_spec spec = {
		.cap = 1000, .boundary = 16, .guards = true, .tracked = true
	};
	struct arena arena;
	struct hal_pool pool;

	(void)state;
	arena_init(&arena);
	hal_pool_init(&pool, &arena, &spec);
	assert_int_equal(hal_pool_grow(&pool, 40), 40);
	assert_int_equal(pool.slots, 42);
	assert_int_equal(hal_pool_longest(&pool), 16);
	assert_int_equal(take(&pool, 10), 0);
	assert_int_equal(take(&pool, 8), 17);
	assert_int_equal(take(&pool, 8), 25);
	assert_int_equal(take(&pool, 6), 10);
	assert_int_equal(take(&pool, 8), 34);
	arena_clear(&arena);
}

/* swiotlb: 128 slots side by side at most, without empty ones. */
static void runs_end_at_a_boundary(void **state)
{
	const struct hal_pool_spec spec = { .cap = 512,
					    .boundary = 128,
					    .tracked = true };
	struct arena arena;
	struct hal_pool pool;

	(void)state;
	arena_init(&arena);
	hal_pool_init(&pool, &arena, &spec);
	assert_int_equal(hal_pool_grow(&pool, 512), 512);
	assert_int_equal(hal_pool_longest(&pool), 128);
	assert_true(is_full_for(&pool, 129, true));
	assert_int_equal(take(&pool, 100), 0);
	assert_int_equal(take(&pool, 100), 128);
	assert_int_equal(take(&pool, 28), 100);
	assert_int_equal(take(&pool, 29), 256); /* not 228, over 256 */
	assert_int_equal(take(&pool, 128), 384);
	arena_clear(&arena);
}

/* Without places a pool counts, and any hole will do. */
static void a_pool_that_counts_has_no_holes(void **state)
{
	struct arena arena;
	struct hal_pool pool;
	uint32_t first;

	(void)state;
	arena_init(&arena);
	hal_pool_init(&pool, &arena, &(struct hal_pool_spec){ .cap = 20 });
	assert_int_equal(hal_pool_grow(&pool, 16), 16);
	assert_int_equal(hal_pool_grow(&pool, 16), 4);
	assert_true(hal_pool_take(&pool, 19, true, &first));
	assert_int_equal(hal_pool_longest(&pool), 1);
	assert_true(is_full_for(&pool, 2, false));
	hal_pool_give(&pool, first, 19);
	assert_int_equal(pool.free, 20);
	arena_clear(&arena);
}

/* --- against a search slot by slot --- */

struct model {
	bool taken[SLOTS];
	uint32_t slots, boundary;
};

static uint32_t run_at(const struct model *model, uint32_t at)
{
	uint32_t end = at;

	while (end < model->slots && !model->taken[end] &&
	       (end == at || !model->boundary || end % model->boundary))
		end++;
	return end - at;
}

static uint32_t model_longest(const struct model *model)
{
	uint32_t at, longest = 0;

	for (at = 0; at < model->slots; at++)
		if (run_at(model, at) > longest)
			longest = run_at(model, at);
	return longest;
}

static uint32_t model_first(const struct model *model, uint32_t count)
{
	uint32_t at;

	for (at = 0; at < model->slots; at++)
		if (run_at(model, at) >= count)
			return at;
	return HAL_NO_SLOT;
}

static void check_history(uint32_t slots, uint32_t boundary, uint64_t seed)
{
	const struct hal_pool_spec spec = { .cap = slots,
					    .boundary = boundary,
					    .tracked = true };
	struct model model = { .slots = slots, .boundary = boundary };
	struct {
		uint32_t first, count;
	} held[HELD] = { { 0, 0 } };
	struct rng_stream stream;
	struct hal_pool pool;
	struct arena arena;
	uint64_t step;

	arena_init(&arena);
	hal_pool_init(&pool, &arena, &spec);
	hal_pool_grow(&pool, slots);
	rng_stream_init(&stream, seed, 1, 0);
	for (step = 0; step < 4000; step++) {
		uint64_t r = rng_draw(&stream, step);
		uint32_t i = (uint32_t)rng_below(r, HELD);
		uint32_t count, first, slot, want;

		if (held[i].count) {
			hal_pool_give(&pool, held[i].first, held[i].count);
			for (slot = 0; slot < held[i].count; slot++)
				model.taken[held[i].first + slot] = false;
			held[i].count = 0;
		} else {
			count = 1 + (uint32_t)rng_below(rng_again(r),
							slots / 12 + 2);
			want = model_first(&model, count);
			if (want == HAL_NO_SLOT) {
				assert_true(is_full_for(&pool, count, true));
				continue;
			}
			first = take(&pool, count);
			assert_int_equal(first, want);
			for (slot = 0; slot < count; slot++)
				model.taken[first + slot] = true;
			held[i].first = first;
			held[i].count = count;
		}
		assert_int_equal(hal_pool_longest(&pool),
				 model_longest(&model));
	}
	arena_clear(&arena);
}

static void every_run_is_the_first_that_fits(void **state)
{
	static const uint32_t slots[] = { 5, 63, 64, 65, 200, 512, 1000 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		check_history(slots[i], 0, i);
		check_history(slots[i], 64, 100 + i);
		check_history(slots[i], 128, 200 + i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holes_do_not_make_a_run),
		cmocka_unit_test(scattered_requests_fill_the_holes),
		cmocka_unit_test(guards_eat_into_the_slots),
		cmocka_unit_test(a_large_piece_is_guarded_at_64_kib),
		cmocka_unit_test(runs_end_at_a_boundary),
		cmocka_unit_test(a_pool_that_counts_has_no_holes),
		cmocka_unit_test(every_run_is_the_first_that_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
