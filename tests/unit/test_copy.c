/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The price of a copy: lines by hand, prices by hand, what must be dearer, and
 * where a simulated copy finds its destination.
 */
#include "tests/unit/machine_fixture.h"

#include "models/host/copy.h"
#include "traces/params.h"

static void lines_by_hand(void **state)
{
	static const struct {
		uint64_t bytes;
		struct copy_lines alone, half;
	} cases[] = {
		{ 1, { 0, 0, 0 }, { 0, 0, 0 } },
		{ 64, { 0, 0, 0 }, { 0, 0, 0 } },
		{ 65, { 1, 0, 0 }, { 1, 0, 0 } },
		{ 129, { 3, 0, 0 }, { 3, 0, 0 } },
		{ 256, { 3, 0, 0 }, { 3, 0, 0 } },
		{ 257, { 7, 0, 0 }, { 7, 0, 0 } },
		{ 512, { 7, 0, 0 }, { 7, 0, 0 } },
		{ 513, { 7, 1, 0 }, { 7, 1, 0 } },
		{ 1514, { 7, 16, 0 }, { 7, 16, 0 } },
		{ 2048, { 7, 24, 0 }, { 7, 24, 0 } },
		{ 2049, { 7, 25, 0 }, { 7, 24, 1 } },
		{ 4096, { 7, 56, 0 }, { 7, 24, 32 } },
		{ 4097, { 7, 56, 1 }, { 7, 24, 33 } },
		{ 65536, { 7, 56, 960 }, { 7, 24, 992 } },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct copy_lines got =
			copy_lines(cases[i].bytes, COPY_STREAM_LINES, 0);

		assert_memory_equal(&got, &cases[i].alone, sizeof(got));
		got = copy_lines(cases[i].bytes, COPY_STREAM_LINES / 2, 0);
		assert_memory_equal(&got, &cases[i].half, sizeof(got));
	}
}

static struct copy make(const char *pairs)
{
	struct config *cfg = fix_config(NULL, pairs);
	struct copy copy;

	copy_init(&copy, cfg);
	config_free(cfg);
	return copy;
}

static void prices_by_hand(void **state)
{
	struct copy copy =
		make("host.copy_call=7 host.copy_fills=10 host.copy_write=25% "
		     "host.touch_l2=4 host.copy_l2=32 host.stream_l2=16 "
		     "host.touch_dram=200 host.copy_dram=160 "
		     "host.stream_dram=80");

	(void)state;
	/*
	 * L2: two cycles a line, latency / fills is less; streams at one, with
	 * a ramp of 12 x 4 / 2 lines: of 64 beyond the page 64 x 24 / 88 = 17
	 * are late.
	 */
	assert_int_equal(copy_read_cycles(&copy, IN_L2, 64), 4);
	assert_int_equal(copy_read_cycles(&copy, IN_L2, 512), 4 + 7 * 2);
	assert_int_equal(copy_read_cycles(&copy, IN_L2, 4096), 4 + 63 * 2);
	assert_int_equal(copy_read_cycles(&copy, IN_L2, 8192),
			 4 + 63 * 2 + 17 * 2 + 47);
	/*
	 * DRAM: 20 cycles a line side by side, then 10, then 5; of 64 lines
	 * 64 x 240 / 304 = 50 are late.
	 */
	assert_int_equal(copy_read_cycles(&copy, IN_DRAM, 512), 200 + 7 * 20);
	assert_int_equal(copy_read_cycles(&copy, IN_DRAM, 1514),
			 200 + 7 * 20 + 16 * 10);
	assert_int_equal(copy_read_cycles(&copy, IN_DRAM, 8192),
			 200 + 7 * 20 + 56 * 10 + 50 * 10 + 14 * 5);
	/* A quarter of what reading the destination would cost. */
	assert_int_equal(copy_cycles(&copy, IN_L2, IN_DRAM, 512),
			 7 + 18 + 340 / 4);
	assert_int_equal(copy_cycles(&copy, IN_DRAM, IN_L2, 512),
			 7 + 340 + 18 / 4);
	assert_int_equal(copy_cycles(&copy, IN_DRAM, IN_DRAM, 0), 0);
	assert_int_equal(copy_read_cycles(&copy, IN_DRAM, 0), 0);
}

/* Every preset price: longer, and farther on either side, is not cheaper. */
static void longer_and_farther_is_dearer(void **state)
{
	struct copy copy = make("");
	enum residency from, to;
	uint64_t bytes;

	(void)state;
	for (bytes = 1; bytes < 70000; bytes += 61)
		for (from = IN_L2; from < RESIDENCIES; from++)
			for (to = IN_L2; to < RESIDENCIES; to++) {
				uint64_t price =
					copy_cycles(&copy, from, to, bytes);

				assert_true(copy_cycles(&copy, from, to,
							bytes + 61) >= price);
				assert_true(price >= copy_read_cycles(&copy,
								      from,
								      bytes));
				if (from > IN_L2)
					assert_true(price >
						    copy_cycles(&copy, from - 1,
								to, bytes));
				if (to > IN_L2)
					assert_true(price >
						    copy_cycles(&copy, from,
								to - 1, bytes));
			}
}

/* The preset's, as docs/models/copy.md has them. */
static void a_full_frame_into_the_llc(void **state)
{
	struct copy copy = make("");

	(void)state;
	assert_int_equal(copy_cycles(&copy, IN_L2, IN_LLC, 1514), 153);
	assert_int_equal(copy_cycles(&copy, IN_LLC, IN_LLC, 1514), 363);
	assert_int_equal(copy_cycles(&copy, IN_DRAM, IN_LLC, 1514), 691);
}

/* --- in the machine --- */

#define FRAMES 3000

static uint64_t copies_cost(const char *pages)
{
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 5,
		.tx_ppm = 1000000,
		.gap = 50 * PS_PER_US,
		.min = 1514,
		.max = 1514,
		.flows = 1,
	});
	struct config *cfg = fix_config(
		"xge-64bit", "host.l2=16KiB host.llc=256KiB "
			     "layout.tx_buffers=16 layout.tx_headers=16");
	struct machine *m;
	uint64_t cycles = 0, calls = 0;
	size_t i;

	fix_set(cfg, pages);
	m = fix_run(cfg, "ndis6-copy", "common-copy", frames, FRAMES);
	for (i = 0; i < m->result.routine_count; i++)
		if (!strcmp(m->result.routines[i].name, "NdisMoveMemory")) {
			cycles += m->result.routines[i].cycles;
			calls += m->result.routines[i].calls;
		}
	assert_int_equal(calls, FRAMES);
	machine_free(m);
	config_free(cfg);
	free(frames);
	return cycles;
}

/*
 * Common-buffer pages are taken in turn: a few stay in the LLC, many are in
 * DRAM when their turn comes again.
 */
static void a_large_common_buffer_is_cold(void **state)
{
	struct copy copy = make("");
	uint64_t few = copies_cost("tx.copy_pages=16");
	uint64_t many = copies_cost("tx.copy_pages=512");
	uint64_t colder = copy_cycles(&copy, IN_L2, IN_DRAM, 1514) -
			  copy_cycles(&copy, IN_L2, IN_LLC, 1514);

	(void)state;
	/* Before the first turn ends, pages are as old as the run. */
	assert_int_equal((many - few) % colder, 0);
	assert_true((many - few) / colder > FRAMES - 512);
	assert_true((many - few) / colder < FRAMES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_by_hand),
		cmocka_unit_test(prices_by_hand),
		cmocka_unit_test(longer_and_farther_is_dearer),
		cmocka_unit_test(a_full_frame_into_the_llc),
		cmocka_unit_test(a_large_common_buffer_is_cold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
