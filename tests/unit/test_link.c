/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The link's arithmetic: tables of the specification, worked cuts, and a
 * thousand random links walked byte by byte.
 */
#include "tests/unit/machine_fixture.h"

#include "models/bus/link.h"
#include "tests/unit/aborts.h"
#include "traces/params.h"

#define LINKS 1000

static const struct link plain = {
	.generation = 3,
	.lanes = 8,
	.mps = 256,
	.mrrs = 512,
	.rcb = 64,
	.wide = true,
};

/* --- rates --- */

static const unsigned widths[] = { 1, 2, 4, 8, 12, 16 };
static const uint32_t sizes[] = { 128, 256, 512, 1024, 2048, 4096 };

/* PCIe: ACK latency limits at 2.5 GT/s, a row per MPS, a column per width. */
static const unsigned limits[][6] = {
	{ 237, 128, 73, 67, 58, 48 },	    { 416, 217, 118, 107, 90, 72 },
	{ 559, 289, 154, 86, 109, 86 },	    { 1071, 545, 282, 150, 194, 150 },
	{ 2095, 1057, 538, 278, 365, 278 }, { 4143, 2081, 1050, 534, 706, 534 },
};

/* Of a lane: transfers, less the coding. */
static double lane_bps(unsigned generation)
{
	static const double bps[] = {
		0, 2e9, 4e9, 8e9 * 128 / 130, 16e9 * 128 / 130, 32e9 * 128 / 130
	};

	return bps[generation];
}

static unsigned limit_of(unsigned generation, unsigned mps, unsigned width)
{
	static const unsigned more[] = { 0, 0, 51, 96, 96, 96 };

	return limits[mps][width] + more[generation];
}

static void rates_of(unsigned generation, unsigned mps, unsigned width)
{
	struct link link = plain;
	unsigned limit = limit_of(generation, mps, width);
	double raw = lane_bps(generation) * widths[width];
	double tlp = raw * (1 - 8.0 / limit - 8.0 / limit - 4.0 / 1538);

	link.generation = generation;
	link.lanes = widths[width];
	link.mps = sizes[mps];
	assert_int_equal(link_ack_limit(&link), limit);
	assert_int_equal(link_fc_interval(&link), limit);
	assert_int_equal(link_raw_bps(&link), (uint64_t)raw);
	assert_true(tlp - (double)link_tlp_bps(&link) < 2);
	assert_true((double)link_tlp_bps(&link) - tlp < 0.01);
}

static void rates(void **state)
{
	unsigned generation, mps, width;

	(void)state;
	for (generation = 1; generation <= 5; generation++)
		for (mps = 0; mps < 6; mps++)
			for (width = 0; width < 6; width++)
				rates_of(generation, mps, width);
}

static void unknown_generation(void)
{
	struct link link = plain;

	link.generation = 6;
	link_tlp_bps(&link);
}

static void no_lanes(void)
{
	struct link link = plain;

	link.lanes = 0;
	link_ack_limit(&link);
}

static void misuse(void **state)
{
	(void)state;
	assert_true(aborts(unknown_generation));
	assert_true(aborts(no_lanes));
}

/* --- sizes on the wire --- */

static void tlp_sizes(void **state)
{
	static const struct {
		bool wide, ecrc;
		unsigned write, request, completion, message;
	} cases[] = {
		{ false, false, 20, 20, 20, 24 },
		{ true, false, 24, 24, 20, 28 },
		{ false, true, 24, 24, 24, 28 },
		{ true, true, 28, 28, 24, 32 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct link link = plain;

		link.wide = cases[i].wide;
		link.ecrc = cases[i].ecrc;
		assert_int_equal(link_write_header(&link), cases[i].write);
		assert_int_equal(link_request_header(&link), cases[i].request);
		assert_int_equal(link_completion_header(&link),
				 cases[i].completion);
		assert_int_equal(link_message(&link).up, cases[i].message);
		assert_int_equal(link_message(&link).down, 0);
		assert_int_equal(link_register_write(&link, 4).down,
				 cases[i].write + 4);
		assert_int_equal(link_register_write(&link, 4).up, 0);
		assert_int_equal(link_register_read(&link, 4).down,
				 cases[i].request);
		assert_int_equal(link_register_read(&link, 4).up,
				 cases[i].completion + 4);
	}
}

/* MPS 256, MRRS 512, RCB 64; completions of 256 bytes. */
static void cuts(void **state)
{
	static const struct {
		uint64_t address;
		uint32_t bytes, tlps, requests, completions;
	} cases[] = {
		{ 0, 0, 0, 0, 0 },
		{ 0, 1, 1, 1, 1 },
		{ 0, 256, 1, 1, 1 },
		{ 0, 257, 2, 1, 2 },
		{ 0, 512, 2, 1, 2 },
		{ 0, 513, 3, 2, 3 },
		{ 1, 64, 1, 1, 2 },	/* 63, 1 */
		{ 63, 1, 1, 1, 1 },	/* up to the boundary */
		{ 64, 512, 2, 1, 2 },	/* at an RCB: none is short */
		{ 32, 512, 2, 1, 3 },	/* 32, 256, 224 */
		{ 4095, 2, 2, 2, 2 },	/* a page each */
		{ 4000, 256, 2, 2, 3 }, /* 96 (32 + 64), 160 */
		{ 0, 4097, 17, 9, 17 },
		{ 4000, 8384, 34, 18, 35 }, /* 96, two pages, 96 */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t address = cases[i].address + (UINT64_C(7) << 40);
		uint32_t bytes = cases[i].bytes;

		assert_int_equal(link_write_tlps(&plain, address, bytes),
				 cases[i].tlps);
		assert_int_equal(link_read_requests(&plain, address, bytes),
				 cases[i].requests);
		assert_int_equal(
			link_read_completions(&plain, address, bytes, 256),
			cases[i].completions);
	}
}

/* Completions are at most MPS, and whole RCBs but for the ends. */
static void completion_sizes(void **state)
{
	struct link link = plain;

	(void)state;
	assert_int_equal(link_completion_bytes(&link, 0, 512, 4096), 256);
	assert_int_equal(link_completion_bytes(&link, 0, 512, 150), 128);
	assert_int_equal(link_completion_bytes(&link, 0, 512, 1), 64);
	assert_int_equal(link_completion_bytes(&link, 100, 512, 256), 28);
	assert_int_equal(link_completion_bytes(&link, 100, 20, 256), 20);
	link.rcb = 128;
	assert_int_equal(link_completion_bytes(&link, 0, 512, 64), 128);
	assert_int_equal(link_completions(&link, 64, 512, 64), 5);
}

static void from_a_configuration(void **state)
{
	struct config *cfg =
		fix_config(NULL, "pcie.generation=4 pcie.lanes=2 pcie.mps=512B "
				 "pcie.mrrs=4096B pcie.rcb=128B pcie.ecrc=yes "
				 "nic.dma_width=33");
	struct link link;

	(void)state;
	link_init(&link, cfg);
	config_free(cfg);
	assert_int_equal(link.generation, 4);
	assert_int_equal(link.lanes, 2);
	assert_int_equal(link.mps, 512);
	assert_int_equal(link.mrrs, 4096);
	assert_int_equal(link.rcb, 128);
	assert_true(link.ecrc);
	assert_true(link.wide);
	cfg = fix_config(NULL, "nic.dma_width=32");
	link_init(&link, cfg);
	config_free(cfg);
	assert_int_equal(link.rcb, 64);
	assert_false(link.ecrc);
	assert_false(link.wide);
}

/* --- random links, byte by byte --- */

struct walk {
	double tlps, requests, completions;
	double write_up, read_up, read_down;
};

/* Start bytes of the wire: token, sequence, LCRC, doublewords, digest. */
static double on_the_wire(const struct link *link, int doublewords)
{
	double bytes = 1 + 2 + 4 + 1;

	while (doublewords--)
		bytes += 4;
	return link->ecrc ? bytes + 4 : bytes;
}

static void walk(struct walk *w, const struct link *link, uint64_t address,
		 uint32_t bytes, uint32_t size)
{
	uint32_t in_tlp = 0, in_request = 0, in_completion = 0;
	int with_address = link->wide ? 4 : 3;
	bool ragged = false; /* the completion began off an RCB */
	uint64_t at;

	*w = (struct walk){ 0 };
	for (at = address; at < address + bytes; at++) {
		bool page = (at & 4095) == 0;

		if (at == address || page || in_tlp == link->mps) {
			w->tlps++;
			w->write_up += on_the_wire(link, with_address);
			in_tlp = 0;
		}
		if (at == address || page || in_request == link->mrrs) {
			w->requests++;
			w->read_up += on_the_wire(link, with_address);
			in_request = in_completion = 0;
		}
		if (!in_request || in_completion == size ||
		    (ragged && (at & (link->rcb - 1)) == 0)) {
			w->completions++;
			w->read_down += on_the_wire(link, 3);
			in_completion = 0;
			ragged = (at & (link->rcb - 1)) != 0;
		}
		w->write_up++;
		w->read_down++;
		in_tlp++;
		in_request++;
		in_completion++;
	}
}

/* Numbers that never repeat from one use to the next. */
static uint64_t draw(uint64_t *r, uint64_t n)
{
	*r = rng_again(*r);
	return rng_below(*r, n);
}

static void random_link(struct link *link, uint64_t *r)
{
	link->generation = 1 + (unsigned)draw(r, 5);
	link->lanes = widths[draw(r, 6)];
	link->mps = sizes[draw(r, 6)];
	link->mrrs = sizes[draw(r, 6)];
	link->rcb = draw(r, 2) ? 128 : 64;
	link->wide = draw(r, 2);
	link->ecrc = draw(r, 2);
}

static void random_links(void **state)
{
	uint64_t r = 1;
	int i;

	(void)state;
	for (i = 0; i < LINKS; i++) {
		struct link link;
		struct link_bytes read, write;
		struct walk w;
		uint64_t address;
		uint32_t bytes, size;

		random_link(&link, &r);
		address = draw(&r, UINT64_C(1) << (link.wide ? 48 : 31));
		address &= draw(&r, 3) ? ~UINT64_C(0) : ~UINT64_C(63);
		bytes = (uint32_t)draw(&r, draw(&r, 2) ? 20000 : 600);
		size = link.rcb << draw(&r, 4);
		if (size > link.mps)
			size = link.mps;
		walk(&w, &link, address, bytes, size);
		read = link_read(&link, address, bytes, size);
		write = link_write(&link, address, bytes);
		if ((double)write.up != w.write_up || write.down ||
		    (double)read.up != w.read_up ||
		    (double)read.down != w.read_down)
			fail_msg("link %d: mps %u mrrs %u rcb %u wide %d ecrc "
				 "%d, %u bytes at %llx in %u: %llu up; %llu "
				 "up, %llu down; expected %.0f; %.0f, %.0f",
				 i, link.mps, link.mrrs, link.rcb, link.wide,
				 link.ecrc, bytes, (unsigned long long)address,
				 size, (unsigned long long)write.up,
				 (unsigned long long)read.up,
				 (unsigned long long)read.down, w.write_up,
				 w.read_up, w.read_down);
		assert_int_equal(link_write_tlps(&link, address, bytes),
				 (uint64_t)w.tlps);
		assert_int_equal(link_read_requests(&link, address, bytes),
				 (uint64_t)w.requests);
		assert_int_equal(
			link_read_completions(&link, address, bytes, size),
			(uint64_t)w.completions);
	}
}

/* Requests and completions taken one by one are those counted. */
static void piece_by_piece(void **state)
{
	uint64_t r = 2;
	int i;

	(void)state;
	for (i = 0; i < LINKS; i++) {
		struct link link;
		uint64_t address, requests = 0, completions = 0, at;
		uint32_t bytes, left, size;

		random_link(&link, &r);
		at = address = draw(&r, 1 << 20);
		left = bytes = (uint32_t)draw(&r, 10000);
		size = (uint32_t)draw(&r, 5000);
		while (left) {
			uint32_t request = link_request_bytes(&link, at, left);
			uint32_t end = left - request;

			assert_in_range(request, 1, link.mrrs);
			assert_int_equal(at >> 12, (at + request - 1) >> 12);
			requests++;
			while (left > end) {
				uint32_t piece = link_completion_bytes(
					&link, at, left - end, size);

				assert_in_range(piece, 1, link.mps);
				assert_true(piece == left - end ||
					    (at + piece) % link.rcb == 0);
				completions++;
				at += piece;
				left -= piece;
			}
			assert_int_equal(left, end);
		}
		assert_int_equal(requests,
				 link_read_requests(&link, address, bytes));
		assert_int_equal(
			completions,
			link_read_completions(&link, address, bytes, size));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates),
		cmocka_unit_test(misuse),
		cmocka_unit_test(tlp_sizes),
		cmocka_unit_test(cuts),
		cmocka_unit_test(completion_sizes),
		cmocka_unit_test(from_a_configuration),
		cmocka_unit_test(random_links),
		cmocka_unit_test(piece_by_piece),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
