/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers and elements by hand: worked examples of the counting rule
 * 11.2, by their numbers, and cases beside them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/rng.h"
#include "models/host/buffers.h"
#include "models/ndis/mdl.h"

#define HIGH  (UINT64_C(1) << 20) /* page frame at 4 GiB */
#define REACH (UINT64_C(1) << 32)
#define ROOM  64

struct piece {
	uint64_t pfn[18];
	uint32_t offset, bytes;
};

struct expected {
	uint32_t pages, elements, bounced_pages, bounced_bytes;
	struct sg_element list[4];
};

struct example {
	const char *name;
	struct piece piece[2]; /* bytes 0: none */
	uint32_t skip;
	uint64_t reach;
	bool translated, contiguous, bounce_all;
	struct expected expected;
};

#define AT(page, offset) ((page)*UINT64_C(4096) + (offset))

static const struct example examples[] = {
	{ "1: 1514 bytes at 0", .piece = { { { 7 }, 0, 1514 } },
	  .expected = { 1, 1, 0, 0, { { AT(7, 0), 1514 } } } },
	{ "2: 1514 bytes at 2816, pages adjacent",
	  .piece = { { { 7, 8 }, 2816, 1514 } },
	  .expected = { 2, 1, 0, 0, { { AT(7, 2816), 1514 } } } },
	{ "2: pages apart", .piece = { { { 7, 9 }, 2816, 1514 } },
	  .expected = { 2,
			2,
			0,
			0,
			{ { AT(7, 2816), 1280 }, { AT(9, 0), 234 } } } },
	{ "2: descending pages do not merge",
	  .piece = { { { 7, 6 }, 2816, 1514 } },
	  .expected = { 2,
			2,
			0,
			0,
			{ { AT(7, 2816), 1280 }, { AT(6, 0), 234 } } } },
	{ "3: header 54 at 3840, payload 1460 at 3072",
	  .piece = { { { 5 }, 3840, 54 }, { { 9, 20 }, 3072, 1460 } },
	  .expected = { 3,
			3,
			0,
			0,
			{ { AT(5, 3840), 54 },
			  { AT(9, 3072), 1024 },
			  { AT(20, 0), 436 } } } },
	{ "3: payload pages adjacent",
	  .piece = { { { 5 }, 3840, 54 }, { { 9, 10 }, 3072, 1460 } },
	  .expected = { 3,
			2,
			0,
			0,
			{ { AT(5, 3840), 54 }, { AT(9, 3072), 1460 } } } },
	{ "3: never merged across MDLs",
	  .piece = { { { 8 }, 4042, 54 }, { { 9, 10 }, 0, 1460 } },
	  .expected = { 2,
			2,
			0,
			0,
			{ { AT(8, 4042), 54 }, { AT(9, 0), 1460 } } } },
	{ "never merged across 4 GiB",
	  .piece = { { { HIGH - 1, HIGH }, 2816, 1514 } },
	  .expected = { 2,
			2,
			0,
			0,
			{ { AT(HIGH - 1, 2816), 1280 },
			  { AT(HIGH, 0), 234 } } } },
	{ "6: second payload page above 4 GB",
	  .piece = { { { 5 }, 3840, 54 }, { { 9, HIGH + 3 }, 3072, 1460 } },
	  .reach = REACH,
	  .expected = { 3,
			3,
			1,
			436,
			{ { AT(5, 3840), 54 },
			  { AT(9, 3072), 1024 },
			  { AT(100, 0), 436 } } } },
	{ "6: adjacent pages out of reach bounce apart",
	  .piece = { { { HIGH + 3, HIGH + 4 }, 2816, 1514 } }, .reach = REACH,
	  .expected = { 2,
			2,
			2,
			1514,
			{ { AT(100, 2816), 1280 }, { AT(101, 0), 234 } } } },
	{ "6: the page that ends at 4 GiB is in reach",
	  .piece = { { { HIGH - 1 }, 2582, 1514 } }, .reach = REACH,
	  .expected = { 1, 1, 0, 0, { { AT(HIGH - 1, 2582), 1514 } } } },
	{ "8: no scatter/gather, all of it is copied into one element",
	  .piece = { { { 5 }, 3840, 54 }, { { 9, 20 }, 3072, 1460 } },
	  .contiguous = true,
	  .expected = { 3, 1, 3, 1514, { { AT(100, 3840), 1514 } } } },
	{ "8: one run in reach needs no copy",
	  .piece = { { { 7, 8 }, 2816, 1514 } }, .reach = REACH,
	  .contiguous = true,
	  .expected = { 2, 1, 0, 0, { { AT(7, 2816), 1514 } } } },
	{ "8: one run out of reach does",
	  .piece = { { { HIGH + 7, HIGH + 8 }, 2816, 1514 } }, .reach = REACH,
	  .contiguous = true,
	  .expected = { 2, 1, 2, 1514, { { AT(100, 2816), 1514 } } } },
	{ "8: header room is copied and left out of the element",
	  .piece = { { { 5 }, 0, 94 }, { { 9 }, 0, 1460 } }, .skip = 40,
	  .contiguous = true,
	  .expected = { 2, 1, 2, 1554, { { AT(100, 40), 1514 } } } },
	{ "a confidential VM: pages in reach bounce too",
	  .piece = { { { 7, 8 }, 2816, 1514 } }, .bounce_all = true,
	  .expected = { 2,
			2,
			2,
			1514,
			{ { AT(100, 2816), 1280 }, { AT(101, 0), 234 } } } },
	{ "13: 40 bytes of header room, 1514 sent",
	  .piece = { { { 7 }, 0, 1554 } }, .skip = 40,
	  .expected = { 1, 1, 0, 0, { { AT(7, 40), 1514 } } } },
	{ "13: the skip swallows a whole MDL",
	  .piece = { { { 7 }, 0, 40 }, { { 9 }, 0, 1514 } }, .skip = 40,
	  .expected = { 2, 1, 0, 0, { { AT(9, 0), 1514 } } } },
	{ "behind an IOMMU: one element per MDL, each from a page of its own",
	  .piece = { { { 5 }, 3840, 54 }, { { 9, HIGH + 3 }, 3072, 1460 } },
	  .translated = true,
	  .expected = { 3,
			2,
			0,
			0,
			{ { AT(0, 3840), 54 }, { AT(1, 3072), 1460 } } } },
};

static void build(const struct example *e, struct mdl_chain *chain,
		  struct sg_element *out, uint32_t room, struct sg_summary *sg)
{
	const struct sg_target target = { .reach = e->reach,
					  .bounce = AT(100, 0),
					  .contiguous = e->contiguous,
					  .bounce_all = e->bounce_all,
					  .translated = e->translated };
	unsigned i;

	*chain = (struct mdl_chain){ .skip = e->skip };
	for (i = 0; i < 2 && e->piece[i].bytes; i++)
		mdl_add(chain, e->piece[i].pfn, e->piece[i].offset,
			e->piece[i].bytes);
	sg_build(chain, &target, out, room, sg);
}

static void worked_examples(void **state)
{
	struct sg_element out[ROOM];
	struct mdl_chain chain;
	struct sg_summary sg;
	size_t i;
	uint32_t n;

	(void)state;
	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const struct example *e = &examples[i];
		const struct expected *x = &e->expected;

		build(e, &chain, out, ROOM, &sg);
		if (sg.pages != x->pages || sg.elements != x->elements ||
		    sg.bounced_pages != x->bounced_pages ||
		    sg.bounced_bytes != x->bounced_bytes)
			fail_msg("%s: %u registers, %u elements, %u pages and "
				 "%u bytes bounced",
				 e->name, sg.pages, sg.elements,
				 sg.bounced_pages, sg.bounced_bytes);
		assert_int_equal(mdl_pages(&chain), x->pages);
		assert_int_equal(sg.mapped_bytes, chain.bytes);
		for (n = 0; n < x->elements; n++)
			if (out[n].address != x->list[n].address ||
			    out[n].bytes != x->list[n].bytes)
				fail_msg("%s: element %u is %u bytes at %llx",
					 e->name, n, out[n].bytes,
					 (unsigned long long)out[n].address);
	}
}

/* Example 13: what is mapped is more than what is sent. */
static void skipped_room_is_mapped(void **state)
{
	struct sg_element out[ROOM];
	struct mdl_chain chain;
	struct sg_summary sg;
	size_t i;

	(void)state;
	for (i = 0; strncmp(examples[i].name, "13", 2); i++)
		;
	build(&examples[i], &chain, out, ROOM, &sg);
	assert_int_equal(sg.mapped_bytes, 1554);
	assert_int_equal(out[0].bytes, 1514);
}

/* Example 4: an LSO frame, header 66, payload 64,000 at 2048. */
static void a_large_send_takes_18_registers(void **state)
{
	struct example e = { .piece = { { { 5 }, 0, 66 },
					{ { 0 }, 2048, 64000 } } };
	struct sg_element out[ROOM];
	struct mdl_chain chain;
	struct sg_summary sg;
	uint32_t i, sum = 0;

	(void)state;
	for (i = 0; i < 17; i++)
		e.piece[1].pfn[i] = 1000 + 2 * i;
	build(&e, &chain, out, ROOM, &sg);
	assert_int_equal(sg.pages, 18);
	assert_int_equal(sg.elements, 18);
	for (i = 0; i < 18; i++)
		sum += out[i].bytes;
	assert_int_equal(sum, 64066);
	assert_int_equal(out[1].bytes, 2048);
	assert_int_equal(out[17].bytes, 64000 - 2048 - 15 * 4096);
	for (i = 0; i < 17; i++)
		e.piece[1].pfn[i] = 1000 + i;
	build(&e, &chain, out, ROOM, &sg);
	assert_int_equal(sg.pages, 18);
	assert_int_equal(sg.elements, 2);
}

/* Example 5: 16 registers for 65,536 aligned bytes, 17 at any other offset. */
static void worst_case_of_64_kib(void **state)
{
	uint32_t offset;

	(void)state;
	assert_int_equal(pages_spanned(0, 65536), 16);
	for (offset = 1; offset < 4096; offset++)
		assert_int_equal(pages_spanned(offset, 65536), 17);
}

/* A list that does not fit is counted in full and not written past its end. */
static void a_short_list_is_not_overrun(void **state)
{
	struct example e = { .piece = { { { 0 }, 0, 16 * 4096 } } };
	struct sg_element out[ROOM];
	struct mdl_chain chain;
	struct sg_summary sg;
	uint32_t i, room;

	(void)state;
	for (i = 0; i < 16; i++)
		e.piece[0].pfn[i] = 3 * i + 1 + (i & 1);
	for (room = 0; room < 20; room++) {
		memset(out, 0xaa, sizeof(out));
		build(&e, &chain, out, room, &sg);
		assert_int_equal(sg.elements, 16);
		for (i = room < 16 ? room : 16; i < ROOM; i++)
			assert_int_equal(out[i].bytes, 0xaaaaaaaa);
	}
}

/* Slots of 2 KiB: one or two a page; pages of nobody's concern are missed. */
static void slots_and_missed_pages_are_counted(void **state)
{
	static const struct {
		uint32_t bytes, slots;
	} cases[] = { { 1, 1 },	   { 2048, 1 }, { 2049, 2 },
		      { 4096, 2 }, { 4097, 3 }, { 8192, 4 } };
	const uint64_t pfn[] = { HIGH, HIGH + 5 };
	struct sg_target target = { .reach = REACH, .slot_bytes = 2048 };
	struct sg_element out[ROOM];
	struct mdl_chain chain;
	struct sg_summary sg;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		mdl_chain_init(&chain);
		mdl_add(&chain, pfn, 0, cases[i].bytes);
		target.unchecked = false;
		sg_build(&chain, &target, out, ROOM, &sg);
		assert_int_equal(sg.bounced_slots, cases[i].slots);
		assert_int_equal(sg.missed_pages, 0);
		target.unchecked = true;
		sg_build(&chain, &target, out, ROOM, &sg);
		assert_int_equal(sg.bounced_slots, 0);
		assert_int_equal(sg.missed_pages, 1 + (cases[i].bytes > 4096));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(worked_examples),
		cmocka_unit_test(skipped_room_is_mapped),
		cmocka_unit_test(slots_and_missed_pages_are_counted),
		cmocka_unit_test(a_large_send_takes_18_registers),
		cmocka_unit_test(worst_case_of_64_kib),
		cmocka_unit_test(a_short_list_is_not_overrun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
