/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The IOTLB as a real cache: which patterns of reuse hit, against closed forms
 * where there are any and against a list that remembers everything.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/host/iotlb.h"

#define ACCESSES 200000u
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct rig {
	struct arena arena;
	struct iotlb iotlb;
	struct rng_stream pages;
	uint64_t hits, accesses;
};

static void rig_init(struct rig *rig, struct iotlb_spec spec)
{
	*rig = (struct rig){ 0 };
	arena_init(&rig->arena);
	rng_stream_init(&spec.draws, 7, 1, 0);
	rng_stream_init(&rig->pages, 7, 2, 0);
	iotlb_init(&rig->iotlb, &rig->arena, &spec);
}

static void rig_clear(struct rig *rig)
{
	arena_clear(&rig->arena);
}

static bool touch(struct rig *rig, uint64_t page)
{
	bool hit = iotlb_find(&rig->iotlb, page);

	if (!hit)
		iotlb_insert(&rig->iotlb, page);
	rig->hits += hit;
	rig->accesses++;
	return hit;
}

static uint64_t hit_ppm(const struct rig *rig)
{
	return rig->hits * 1000000 / rig->accesses;
}

/* --- patterns --- */

static void random_reuse(struct rig *rig, uint64_t pages)
{
	uint64_t i;

	for (i = 0; i < ACCESSES; i++) {
		if (i == ACCESSES / 10)
			rig->hits = rig->accesses = 0;
		touch(rig, rng_below(rng_draw(&rig->pages, i), pages));
	}
}

static void cyclic_reuse(struct rig *rig, uint64_t pages)
{
	uint64_t i;

	for (i = 0; i < ACCESSES; i++)
		touch(rig, i % pages);
}

/* Up and down again: the page left last comes first. */
static void lifo_reuse(struct rig *rig, uint64_t pages)
{
	uint64_t i;

	for (i = 0; i < ACCESSES; i++) {
		uint64_t at = i % (2 * pages);

		touch(rig, at < pages ? at : 2 * pages - 1 - at);
	}
}

/* --- tests --- */

/* PB-data's reading: hits = N / pages for random reuse of more pages. */
static void random_reuse_hits_in_proportion(void **state)
{
	static const struct iotlb_spec specs[] = {
		{ .entries = 128, .reserved = 5, .ways = 8 },
		{ .entries = 128,
		  .reserved = 5,
		  .ways = 4,
		  .replacement = IOTLB_RANDOM },
		{ .entries = 128, .reserved = 5, .ways = 128 },
		{ .entries = 64, .ways = 4 },
	};
	static const uint64_t windows[] = { 256, 384, 1024, 16384 };
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT(specs); i++)
		for (j = 0; j < COUNT(windows); j++) {
			uint64_t usable = specs[i].entries - specs[i].reserved;
			uint64_t expected = usable * 1000000 / windows[j];
			struct rig rig;

			rig_init(&rig, specs[i]);
			random_reuse(&rig, windows[j]);
			/* sqrt(p / n) is 0.12 %; the sets add a little */
			assert_true(llabs((long long)hit_ppm(&rig) -
					  (long long)expected) < 5000);
			assert_int_equal(rig.iotlb.count, usable);
			rig_clear(&rig);
		}
}

static void neighbouring_pages_all_fit(void **state)
{
	static const uint32_t ways[] = { 1, 4, 8, 128 };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(ways); i++) {
		struct rig rig;

		rig_init(&rig, (struct iotlb_spec){ .entries = 128,
						    .ways = ways[i] });
		cyclic_reuse(&rig, 128);
		assert_int_equal(rig.hits, ACCESSES - 128);
		rig_clear(&rig);
	}
}

/*
 * Equal footprint of 192 pages, 128 entries: LRU keeps nothing of a cycle,
 * all it can of a stack; random replacement lies between.
 */
static void the_order_of_reuse_matters(void **state)
{
	const struct iotlb_spec lru = { .entries = 128, .ways = 128 };
	struct iotlb_spec random = lru;
	struct rig rig;
	uint64_t cyclic;

	(void)state;
	rig_init(&rig, lru);
	cyclic_reuse(&rig, 192);
	assert_int_equal(rig.hits, 0);
	rig_clear(&rig);

	rig_init(&rig, lru);
	lifo_reuse(&rig, 192);
	assert_in_range(hit_ppm(&rig), 128 * 1000000 / 192 - 2000,
			128 * 1000000 / 192 + 2000);
	rig_clear(&rig);

	random.replacement = IOTLB_RANDOM;
	rig_init(&rig, random);
	cyclic_reuse(&rig, 192);
	cyclic = hit_ppm(&rig);
	assert_in_range(cyclic, 200000, 600000);
	rig_clear(&rig);

	/* Not an artefact of full associativity. */
	rig_init(&rig, (struct iotlb_spec){ .entries = 128, .ways = 8 });
	cyclic_reuse(&rig, 256);
	assert_int_equal(rig.hits, 0);
	rig_clear(&rig);
	rig_init(&rig, (struct iotlb_spec){ .entries = 128, .ways = 8 });
	lifo_reuse(&rig, 256);
	assert_in_range(hit_ppm(&rig), 490000, 510000);
	rig_clear(&rig);
}

static void reserved_entries_are_never_used(void **state)
{
	uint32_t reserved;

	(void)state;
	for (reserved = 0; reserved <= 18; reserved++) {
		struct rig rig;
		uint32_t usable = reserved < 16 ? 16 - reserved : 0;

		rig_init(&rig, (struct iotlb_spec){ .entries = 16,
						    .reserved = reserved,
						    .ways = 4 });
		random_reuse(&rig, 1000);
		assert_int_equal(rig.iotlb.count, usable);
		if (!usable)
			assert_int_equal(rig.hits, 0);
		rig_clear(&rig);
	}
}

static void the_least_recently_used_goes(void **state)
{
	struct rig rig;

	(void)state;
	rig_init(&rig, (struct iotlb_spec){ .entries = 3, .ways = 3 });
	touch(&rig, 10);
	touch(&rig, 20);
	touch(&rig, 30);
	assert_true(touch(&rig, 10));
	touch(&rig, 40); /* in place of 20 */
	assert_true(iotlb_find(&rig.iotlb, 10));
	assert_false(iotlb_find(&rig.iotlb, 20));
	assert_true(iotlb_find(&rig.iotlb, 30));
	assert_true(iotlb_find(&rig.iotlb, 40));
	rig_clear(&rig);
}

/* --- invalidation --- */

/*
 * Random pages come, random ranges go: a hit is a page that was put in and not
 * invalidated since.  With room for all of them the two agree exactly.
 */
static void invalidated_ranges_miss(void **state)
{
	enum { PAGES = 512 };
	struct rng_stream stream;
	bool known[PAGES] = { false };
	struct rig rig;
	uint64_t i, page, held = 0;

	(void)state;
	rng_stream_init(&stream, 3, 3, 0);
	rig_init(&rig, (struct iotlb_spec){ .entries = PAGES, .ways = 4 });
	for (i = 0; i < 20000; i++) {
		uint64_t r = rng_draw(&stream, i);

		page = rng_below(r, PAGES);
		r = rng_again(r);
		if (rng_chance(r, 950000)) {
			assert_int_equal(touch(&rig, page), known[page]);
			held += !known[page];
			known[page] = true;
		} else {
			uint64_t length = 1 + rng_below(rng_again(r), 300);

			iotlb_invalidate(&rig.iotlb, page, length);
			for (; length && page < PAGES; length--, page++) {
				held -= known[page];
				known[page] = false;
			}
		}
		assert_int_equal(rig.iotlb.count, held);
	}
	iotlb_invalidate_all(&rig.iotlb);
	assert_int_equal(rig.iotlb.count, 0);
	for (page = 0; page < PAGES; page++)
		assert_false(iotlb_find(&rig.iotlb, page));
	rig_clear(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_reuse_hits_in_proportion),
		cmocka_unit_test(neighbouring_pages_all_fit),
		cmocka_unit_test(the_order_of_reuse_matters),
		cmocka_unit_test(reserved_entries_are_never_used),
		cmocka_unit_test(the_least_recently_used_goes),
		cmocka_unit_test(invalidated_ranges_miss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
