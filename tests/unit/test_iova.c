/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logical addresses: live ranges never overlap, what comes back is used again,
 * nobody runs out who need not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/rng.h"
#include "models/host/iova.h"

/* A core takes what it gave back last, by size. */
static void the_last_given_back_is_the_first_taken(void **state)
{
	uint64_t one[3], two, again;
	struct err err = ERR_INIT;
	enum iova_from from;
	struct arena arena;
	struct iova iova;
	size_t i;

	(void)state;
	arena_init(&arena);
	assert_int_equal(iova_init(&iova, &arena, 2, 32, &err), 0);
	for (i = 0; i < 3; i++)
		one[i] = iova_take(&iova, 0, 1, &from);
	two = iova_take(&iova, 0, 2, &from);
	assert_int_equal(one[0], (UINT64_C(1) << 32) - 4096);
	assert_int_equal(one[1], one[0] - 4096);
	iova_give(&iova, 0, one[1], 1);
	iova_give(&iova, 0, two, 2);
	iova_give(&iova, 0, one[2], 1);
	again = iova_take(&iova, 1, 1, &from); /* nothing of the other core */
	assert_int_equal(from, IOVA_FRESH);
	assert_true(again < two);
	assert_int_equal(iova_take(&iova, 0, 1, &from), one[2]);
	assert_int_equal(from, IOVA_CORE);
	assert_int_equal(iova_take(&iova, 0, 1, &from), one[1]);
	assert_int_equal(iova_take(&iova, 0, 2, &from), two);
	iova_clear(&iova);
	arena_clear(&arena);
}

/* Live ranges never overlap; full magazines travel through the depot. */
static void ranges_never_overlap(void **state)
{
	enum { LIVE = 3000, STEPS = 60000 };
	struct range {
		uint64_t address;
		uint32_t pages;
	} *live = calloc(LIVE, sizeof(*live));
	uint64_t from_depot = 0, fresh = 0, i, j;
	struct rng_stream stream;
	struct arena arena;
	struct iova iova;
	struct err err = ERR_INIT;
	uint8_t *used = calloc(1 << 20, 1); /* by page below 4 GiB */
	size_t count = 0;

	(void)state;
	assert_true(live && used);
	arena_init(&arena);
	assert_int_equal(iova_init(&iova, &arena, 2, 64, &err), 0);
	rng_stream_init(&stream, 4, 4, 0);
	for (i = 0; i < STEPS; i++) {
		uint64_t r = rng_draw(&stream, i);
		bool take =
			count < 10 || (count < LIVE && rng_chance(r, 500000));
		struct range *range =
			&live[take ? count : rng_below(rng_again(r), count)];
		enum iova_from from;

		if (take) {
			range->pages = 1 + (uint32_t)rng_below(rng_again(r), 9);
			range->address =
				iova_take(&iova, 0, range->pages, &from);
			from_depot += from == IOVA_DEPOT;
			fresh += from == IOVA_FRESH;
			assert_true(range->address < UINT64_C(1) << 32);
			/* Aligned to the next power of two. */
			for (j = 4096; j < range->pages * 4096ull; j *= 2)
				;
			assert_int_equal(range->address % j, 0);
		}
		for (j = 0; j < range->pages; j++) {
			uint8_t *page = &used[range->address / 4096 + j];

			assert_int_equal(*page, !take);
			*page = take;
		}
		if (take) {
			count++;
			continue;
		}
		/* Always given back on the other core. */
		iova_give(&iova, 1, range->address, range->pages);
		*range = live[--count];
	}
	assert_true(from_depot > 0);
	assert_true(fresh < STEPS / 8);
	assert_int_equal(iova.taken - iova.given, count);
	iova_clear(&iova);
	arena_clear(&arena);
	free(live);
	free(used);
}

/* Below 4 GiB first; then above, if the device reaches that. */
static void a_wide_device_never_runs_out(void **state)
{
	struct err err = ERR_INIT;
	uint64_t i, above = 0;
	struct arena arena;
	struct iova iova;

	(void)state;
	arena_init(&arena);
	assert_int_equal(iova_init(&iova, &arena, 1, 64, &err), 0);
	for (i = 0; i < 1500; i++) { /* of 4 MiB: 3 GiB hold 768 */
		enum iova_from from;
		uint64_t address = iova_take(&iova, 0, 1024, &from);

		assert_int_equal(address % (4 << 20), 0);
		above += address >= UINT64_C(1) << 32;
	}
	assert_in_range(above, 1500 - 768, 1500 - 766);
	iova_clear(&iova);
	arena_clear(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_given_back_is_the_first_taken),
		cmocka_unit_test(ranges_never_overlap),
		cmocka_unit_test(a_wide_device_never_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
