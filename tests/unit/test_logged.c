/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames laid out, called and held as logged: by hand.
 */
#include "tests/unit/machine_fixture.h"

#include "core/layout.h"
#include "models/machine.h"
#include "traces/params.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Frames @gap apart, each of a flow of its own, with layouts[i]. */
static struct machine *run(const char *pairs, const char *rx,
			   struct frame_layout *layouts, uint32_t bytes,
			   enum frame_direction direction, size_t count,
			   sim_time gap)
{
	const struct frame_layouts table = { layouts, count };
	struct config *cfg = fix_config("xge-64bit", pairs);
	struct frame frames[16];
	struct machine *m;
	size_t i;

	assert_true(count <= COUNT(frames));
	for (i = 0; i < count; i++)
		frames[i] = (struct frame){ .at = (sim_time)i * gap,
					    .number = i + 1,
					    .bytes = bytes,
					    .header_bytes = 54,
					    .flow = (uint32_t)i,
					    .direction = (uint8_t)direction,
					    .layout = (uint32_t)i + 1 };
	m = fix_run_with(cfg, (struct machine_options){ .layouts = &table },
			 "ndis6-sg", rx, frames, count);
	fix_check(m);
	config_free(cfg);
	return m;
}

static const struct {
	const char *name;
	struct frame_layout layout; /* offsets 1 more than they are */
	uint32_t bytes, registers, elements, misfits;
} shapes[] = {
	{ "one page",
	  { .mdl_count = 1, .mdl_bytes = { 1000 }, .mdl_offset = { 1 } },
	  1000,
	  1,
	  1,
	  0 },
	{ "the last byte of a page and the next",
	  { .mdl_count = 1, .mdl_bytes = { 1000 }, .mdl_offset = { 4096 } },
	  1000,
	  2,
	  2,
	  0 },
	{ "neighbours are one element",
	  { .known = LAYOUT_CONTIGUOUS,
	    .mdl_count = 1,
	    .mdl_bytes = { 1000 },
	    .mdl_offset = { 4096 } },
	  1000,
	  2,
	  1,
	  0 },
	{ "an MDL that goes on is an element still",
	  { .known = LAYOUT_CONTIGUOUS,
	    .mdl_count = 2,
	    .mdl_bytes = { 500, 500 },
	    .mdl_offset = { 1, 501 } },
	  1000,
	  2,
	  2,
	  0 },
	{ "what is skipped is mapped, not sent",
	  { .skip = 14,
	    .mdl_count = 2,
	    .mdl_bytes = { 68, 946 },
	    .mdl_offset = { 1, 1 } },
	  1000,
	  2,
	  2,
	  0 },
	{ "padded by the card",
	  { .mdl_count = 1, .mdl_bytes = { 54 }, .mdl_offset = { 1 } },
	  60,
	  1,
	  1,
	  0 },
	/* Made up: headers and payload, a page each. */
	{ "another frame",
	  { .mdl_count = 1, .mdl_bytes = { 999 }, .mdl_offset = { 1 } },
	  1000,
	  0,
	  0,
	  1 },
};

static void test_shapes(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT(shapes); i++) {
		struct frame_layout layout = shapes[i].layout;
		struct machine *m;

		layout.known |= LAYOUT_MDLS;
		for (j = 0; j < layout.mdl_count; j++)
			layout.mdl_offset[j]--;
		/* No two pages happen to be neighbours. */
		m = run("layout.merge=0% nic.dma_width=32 host.ram=2GiB",
			"common-copy", &layout, shapes[i].bytes, FRAME_TX, 1,
			0);
		assert_int_equal(m->stats.layout.sidecar_frames, 1);
		assert_int_equal(m->stats.layout.misfit_frames,
				 shapes[i].misfits);
		if (!shapes[i].misfits &&
		    (m->stats.tx.sg_elements != shapes[i].elements ||
		     m->stats.hal.map_registers_granted != shapes[i].registers))
			fail_msg("%s: %llu elements, %llu registers",
				 shapes[i].name,
				 (unsigned long long)m->stats.tx.sg_elements,
				 (unsigned long long)
					 m->stats.hal.map_registers_granted);
		assert_int_equal(pool_live(&m->logged.chains), 0);
		assert_int_equal(m->logged.free_count, m->logged.kept.room);
		machine_free(m);
	}
}

static void test_scattered(void **state)
{
	struct frame_layout layout = { .known = LAYOUT_MDLS | LAYOUT_SCATTERED,
				       .mdl_count = 1,
				       .mdl_bytes = { 1000 },
				       .mdl_offset = { 4000 } };
	struct machine *m = run("layout.merge=100%", "common-copy", &layout,
				1000, FRAME_TX, 1, 0);

	(void)state;
	assert_int_equal(m->stats.tx.sg_elements, 2);
	machine_free(m);
}

static void test_calls(void **state)
{
	static const struct {
		uint64_t batch[4], calls;
		sim_time gap;
	} cases[] = {
		{ { 1, 1, 1, 1 }, 1, 10 * PS_PER_US },
		{ { 1, 1, 2, 2 }, 2, 10 * PS_PER_US },
		{ { 1, 2, 2, 1 }, 3, 10 * PS_PER_US },
		{ { 5, 5, 0, 0 }, 3, 10 * PS_PER_US }, /* 0: not logged */
		{ { 1, 1, 1, 1 }, 1, 10 * PS_PER_MS },
		{ { 1, 1, 1, 1 }, 4, 10 * PS_PER_MS + 1 },
		{ { 1, 2, 3, 4 }, 4, 0 },
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct frame_layout layouts[4] = { { .known = 0 } };
		struct machine *m;

		for (j = 0; j < 4; j++) {
			layouts[j].batch = cases[i].batch[j];
			layouts[j].known = LAYOUT_NBL;
			layouts[j].known |=
				cases[i].batch[j] ? LAYOUT_BATCH : 0;
		}
		m = run("", "common-copy", layouts, 100, FRAME_TX, 4,
			cases[i].gap);
		if (m->stats.tx.calls != cases[i].calls)
			fail_msg("case %zu: %llu calls", i,
				 (unsigned long long)m->stats.tx.calls);
		/* All are of list 0: one a call, though their flows differ. */
		assert_int_equal(m->stats.tx.sends, m->stats.tx.calls);
		machine_free(m);
	}
}

static void test_holds(void **state)
{
	struct frame_layout layouts[4] = {
		{ .known = LAYOUT_HOLD, .hold_ps = 0 },
		{ .known = LAYOUT_HOLD, .hold_ps = 1 },
		{ .known = LAYOUT_HOLD, .hold_ps = 777 * PS_PER_US },
		{ .known = LAYOUT_HOLD | LAYOUT_BATCH,
		  .hold_ps = 3 * PS_PER_MS },
	};
	struct machine *m = run("rx.hold_share=0%", "sg", layouts, 1000,
				FRAME_RX, 4, PS_PER_MS);

	(void)state;
	assert_int_equal(m->stats.rx.hold_ps.count, 3);
	assert_int_equal(m->stats.rx.hold_ps.min, 1);
	assert_int_equal(m->stats.rx.hold_ps.max, 3 * PS_PER_MS);
	assert_int_equal(m->stats.layout.sidecar_frames, 4);
	assert_int_equal(m->stats.layout.misfit_frames, 1);
	assert_int_equal(m->logged.free_count, m->logged.kept.room);
	machine_free(m);
}

/* What was logged is where it lies, which the digest of memory tells. */
static void test_memory_digest(void **state)
{
	static const struct frame_layout layouts[] = {
		{ .known = LAYOUT_MDLS, .mdl_offset = { 0 } },
		{ .known = LAYOUT_MDLS, .mdl_offset = { 77 } },
		{ .known = LAYOUT_MDLS | LAYOUT_CONTIGUOUS,
		  .mdl_offset = { 4000 } },
		{ .known = LAYOUT_MDLS | LAYOUT_SCATTERED,
		  .mdl_offset = { 4000 } },
	};
	uint64_t digests[COUNT(layouts)];
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT(layouts); i++) {
		struct frame_layout layout = layouts[i];
		struct machine *m;

		layout.mdl_count = 1;
		layout.mdl_bytes[0] = 1000;
		m = run("layout.merge=0%", "common-copy", &layout, 1000,
			FRAME_TX, 1, 0);
		digests[i] = m->memory_digest;
		machine_free(m);
		for (j = 0; j < i; j++)
			assert_true(digests[j] != digests[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_memory_digest),
		cmocka_unit_test(test_scattered),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
