/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PCIe link against closed forms and timelines by hand: bandwidth, one
 * read's latency, how transfers are cut, tags, streams.
 */
#include "tests/unit/pcie_fixture.h"

#include <stdio.h>

#include "models/bus/pcie.h"
#include "traces/params.h"

#define CALIBRATION "../shared/reference/calibration/model_link_bw.csv"

/* pcie.overhead: of the published formula, and as bytes over all lanes. */
static void link_bandwidth(void **state)
{
	static const struct {
		unsigned generation, lanes;
		uint32_t mps;
		double raw_gbps;
		unsigned limit;
	} cases[] = {
		{ 1, 1, 128, 2, 237 },
		{ 2, 8, 512, 32, 137 },
		{ 2, 8, 256, 32, 158 },
		{ 3, 8, 256, 8.0 * 8 * 128 / 130, 203 },
		{ 3, 16, 1024, 8.0 * 16 * 128 / 130, 246 },
		{ 4, 8, 512, 16.0 * 8 * 128 / 130, 182 },
		{ 5, 16, 512, 32.0 * 16 * 128 / 130, 182 },
	};
	struct bench bench;
	char pairs[128];
	size_t i;
	int formula;

	(void)state;
	for (i = 0; i < 2 * COUNT(cases); i++) {
		size_t n = i / 2;
		double dllps = 16.0 / cases[n].limit, exact;

		formula = i % 2;
		if (!formula)
			dllps /= cases[n].lanes;
		exact = cases[n].raw_gbps * 1e9 * (1 - dllps - 4.0 / 1538);
		snprintf(pairs, sizeof(pairs),
			 "pcie.generation=%u pcie.lanes=%u pcie.mps=%uB "
			 "pcie.overhead=%s",
			 cases[n].generation, cases[n].lanes, cases[n].mps,
			 formula ? "formula" : "striped");
		bench_init(&bench, pairs);
		if (!fix_near((double)bench.bps, exact, 0.1))
			fail_msg("%s: %llu bps, expected %.0f", pairs,
				 (unsigned long long)bench.bps, exact);
		assert_int_equal(bench.pcie.up_clock.bps, bench.bps);
		bench_clear(&bench);
	}
}

/* Every row of the published table, where it is at hand. */
static void link_bandwidth_of_the_table(void **state)
{
	FILE *file = fopen(CALIBRATION, "r");
	struct config *cfg = fix_config(NULL, "pcie.overhead=formula");
	char line[256];
	unsigned rows = 0;

	(void)state;
	if (!file) {
		config_free(cfg);
		print_message("%s is absent: not compared\n", CALIBRATION);
		skip();
	}
	assert_non_null(fgets(line, sizeof(line), file)); /* heading */
	while (fgets(line, sizeof(line), file)) {
		struct link link = { .rcb = 64 };
		double raw, tlp;

		assert_int_equal(sscanf(line, "gen%u,x%u,%u,%lf,%lf",
					&link.generation, &link.lanes,
					&link.mps, &raw, &tlp),
				 5);
		rows++;
		tlp -= (double)pcie_bps(&link, cfg) / 1e9;
		if (tlp > 0.00006 || tlp < -0.00006) /* 4 digits */
			fail_msg("%s: %llu bps", line,
				 (unsigned long long)pcie_bps(&link, cfg));
	}
	fclose(file);
	config_free(cfg);
	assert_true(rows >= 50);
}

/* One read of 64 bytes: request up, memory, completion down. */
static void latency_of_one_read(void **state)
{
	static const struct {
		const char *pairs;
		uint64_t address;
		uint32_t bytes;
		unsigned header, completions;
	} cases[] = {
		{ "nic.dma_width=64", 0, 64, 24, 1 },
		{ "nic.dma_width=32", 0, 64, 20, 1 },
		{ "nic.dma_width=64", 0x10000, 512, 24, 4 },
		{ "nic.dma_width=64", 0x10001, 512, 24, 5 },
		{ "nic.dma_width=64 pcie.completion=64B", 0, 512, 24, 8 },
		{ "nic.dma_width=64 pcie.generation=5 pcie.lanes=16", 1, 64, 24,
		  2 },
		{ "nic.dma_width=32 pcie.generation=1 pcie.lanes=1 "
		  "pcie.mps=128B",
		  0, 256, 20, 2 },
		{ "pcie.ecrc=yes", 0, 64, 28, 1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct sg_element element = { cases[i].address,
					      cases[i].bytes };
		struct bench bench;

		bench_init(&bench, cases[i].pairs);
		read_one(&bench, &element, 0);
		run(&bench);
		assert_int_equal(bench.dones, 1);
		assert_int_equal(bench.stats.pcie.read_requests, 1);
		assert_int_equal(bench.stats.pcie.completions,
				 cases[i].completions);
		assert_ps(
			bench.done[0],
			link_ps(&bench, cases[i].header) + 532000 +
				link_ps(&bench,
					cases[i].bytes +
						(bench.pcie.link.ecrc ? 24.0
								      : 20.0) *
							cases[i].completions),
			2);
		bench_clear(&bench);
	}
}

/*
 * Requests end at MRRS and at 4 KiB; a completion
 * that begins off a multiple of RCB ends at the next.
 */
static void requests_are_cut(void **state)
{
	static const struct {
		uint32_t mrrs;
		uint64_t address;
		uint32_t bytes;
		unsigned requests, completions; /* of 128 bytes */
	} cases[] = {
		{ 512, 0, 1514, 3, 4 + 4 + 4 },
		{ 512, 0, 512, 1, 4 },
		{ 512, 0, 513, 2, 4 + 1 },
		{ 512, 4000, 1514, 4, 2 + 4 + 4 + 4 }, /* 32, 64 */
		{ 512, 64, 512, 1, 4 },
		{ 512, 65, 512, 1, 5 },
		{ 4096, 0, 4096, 1, 32 },
		{ 4096, 1, 4096, 2, 1 + 32 + 1 }, /* 63, 4032, 1 */
		{ 4096, 0xfffffff0, 64, 2, 1 + 1 },
		{ 4096, 0, 65536, 16, 512 },
		{ 128, 0, 65536, 512, 512 },
		{ 128, 100, 60, 1, 2 },
	};
	char pairs[64];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct sg_element element = { cases[i].address,
					      cases[i].bytes };
		struct bench bench;

		snprintf(pairs, sizeof(pairs), "pcie.mrrs=%uB", cases[i].mrrs);
		bench_init(&bench, pairs);
		read_one(&bench, &element, 0);
		run(&bench);
		assert_int_equal(bench.dones, 1);
		assert_int_equal(bench.stats.pcie.read_payload_bytes,
				 cases[i].bytes);
		if (bench.stats.pcie.read_requests != cases[i].requests ||
		    bench.stats.pcie.completions != cases[i].completions)
			fail_msg("case %zu: %llu requests, %llu completions", i,
				 (unsigned long long)
					 bench.stats.pcie.read_requests,
				 (unsigned long long)
					 bench.stats.pcie.completions);
		assert_int_equal(bench.stats.pcie.up_bytes,
				 24 * cases[i].requests);
		assert_int_equal(bench.stats.pcie.down_bytes,
				 cases[i].bytes + 20 * cases[i].completions);
		bench_clear(&bench);
	}
}

/* 32 tags, held for an unloaded read each: 32 / hold reads a second. */
static void tags_bound_small_reads(void **state)
{
#define FAST "pcie.generation=5 pcie.lanes=16 pcie.tags="
	static const struct {
		const char *tags;
		unsigned count;
	} cases[] = { { FAST "1", 1 }, { FAST "8", 8 }, { FAST "32", 32 } };
	enum { READS = 20000 };
	static struct sg_element element[READS];
	size_t i, n;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct bench bench;
		double hold;

		bench_init(&bench, cases[i].tags);
		hold = link_ps(&bench, 24) + 532000 + link_ps(&bench, 84);
		for (n = 0; n < READS; n++) {
			element[n] = (struct sg_element){ n * 64, 64 };
			read_one(&bench, &element[n], n);
		}
		run(&bench);
		assert_int_equal(bench.dones, READS);
		assert_int_equal(bench.stats.pcie.tags_used.max,
				 cases[i].count);
		if (!fix_near((double)bench.kernel.now,
			      READS * hold / cases[i].count, 2000))
			fail_msg("%s: %lld ps for all, expected %.0f",
				 cases[i].tags, (long long)bench.kernel.now,
				 READS * hold / cases[i].count);
		/* Little: busy tags are the sum of the holds. */
		assert_true(bench.stats.pcie.tags_used.by_time.sum ==
			    bench.stats.pcie.read_ps.sum);
		bench_clear(&bench);
	}
}

/* Gb/s of one stream on gen3 x8 with MPS 256: the published table. */
static void streams(void **state)
{
	static const struct {
		uint32_t bytes;
		double write, read, read_64; /* read_64: completions of 64 */
	} cases[] = {
		{ 64, 42.10, 44.10, 44.10 },   { 128, 48.75, 50.06, 44.10 },
		{ 256, 52.92, 53.69, 44.10 },  { 512, 52.92, 53.69, 44.10 },
		{ 1024, 52.92, 53.69, 44.10 }, { 1514, 52.86, 53.63, 43.95 },
	};
	enum { TRANSFERS = 4000 };
#define GEN3                                                      \
	"pcie.generation=3 pcie.tags=1024 pcie.overhead=formula " \
	"host.dma_read_warm=0 "                                   \
	"pcie.completion="
	static const char *const setting[3] = { GEN3 "256B", GEN3 "256B",
						GEN3 "64B" };
	static struct sg_element element[TRANSFERS];
	unsigned kind;
	size_t i, n;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		const double expected[3] = { cases[i].write, cases[i].read,
					     cases[i].read_64 };

		for (kind = 0; kind < 3; kind++) {
			struct bench bench;
			double gbps;

			bench_init(&bench, setting[kind]);
			for (n = 0; n < TRANSFERS; n++) {
				element[n] =
					(struct sg_element){ n * 4096,
							     cases[i].bytes };
				if (kind)
					read_one(&bench, &element[n], n);
				else
					write_one(&bench, n * 4096,
						  cases[i].bytes, n);
			}
			run(&bench);
			gbps = 8e3 * TRANSFERS * cases[i].bytes /
			       (double)(kind ? bench.pcie.down.busy_ps
					     : bench.pcie.up.busy_ps);
			if (!fix_near(gbps, expected[kind], 200))
				fail_msg("%u bytes, kind %u: %.3f Gb/s",
					 cases[i].bytes, kind, gbps);
			/* And the link is what was busy, all the time. */
			assert_true(
				fix_near((double)(kind ? bench.pcie.down.busy_ps
						       : bench.pcie.up.busy_ps),
					 (double)bench.kernel.now, 10000));
			bench_clear(&bench);
		}
	}
}

/* Completions of a short request are lines, of a long one larger. */
static void completions_by_length(void **state)
{
	static const struct {
		const char *pairs;
		uint64_t address;
		uint32_t bytes;
		unsigned completions;
	} cases[] = {
#define LINES "pcie.line_request=256B pcie.completion=128B"
		{ LINES, 0, 64, 1 },
		{ LINES, 0, 65, 2 },
		{ LINES, 0, 256, 4 },
		{ LINES, 0, 257, 3 },
		{ LINES, 0, 512, 4 },
		{ LINES, 1, 64, 2 },
		{ LINES, 63, 64, 2 },
		{ LINES, 1, 256, 5 },
		{ LINES, 1, 257, 1 + 2 }, /* 63, 128, 66 */
		{ LINES, 60, 4, 1 },
		{ LINES, 4095, 1, 1 },
		{ LINES " pcie.rcb=128B", 0, 256, 2 },
		{ LINES " pcie.rcb=128B", 64, 256, 3 },
		{ "pcie.line_request=0 pcie.completion=64B", 0, 512, 8 },
		{ "pcie.line_request=0 pcie.completion=192B", 0, 512, 3 },
		{ "pcie.line_request=0 pcie.completion=200B", 0, 512, 3 },
		{ "pcie.line_request=4KiB pcie.completion=256B", 0, 512, 8 },
		{ "pcie.completion=4KiB pcie.mps=128B", 0, 512, 4 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct sg_element element = { cases[i].address,
					      cases[i].bytes };
		struct bench bench;

		bench_init(&bench, cases[i].pairs);
		read_one(&bench, &element, 0);
		run(&bench);
		if (bench.stats.pcie.completions != cases[i].completions)
			fail_msg("case %zu: %llu completions", i,
				 (unsigned long long)
					 bench.stats.pcie.completions);
		bench_clear(&bench);
	}
}

/* Counted by multiplying: against the general functions, which divide. */
static void cutting_agrees_with_the_link(void **state)
{
	static const struct {
		const char *pairs;
		uint32_t size; /* of completions */
	} cases[] = {
		{ "pcie.completion=64B", 64 },
		{ "pcie.completion=192B pcie.line_request=256B", 192 },
		{ "pcie.completion=320B pcie.mps=512B pcie.mrrs=1KiB", 320 },
		{ "pcie.completion=4KiB pcie.mps=4KiB pcie.mrrs=4KiB "
		  "pcie.rcb=128B",
		  4096 },
		{ "pcie.mps=128B pcie.mrrs=128B", 128 },
	};
	enum { TRANSFERS = 2000 };
	struct rng_stream stream;
	size_t i;
	uint64_t n;

	(void)state;
	rng_stream_init(&stream, 7, 7, 0);
	for (i = 0; i < COUNT(cases); i++) {
		static struct sg_element element[TRANSFERS];
		uint64_t requests = 0, completions = 0, tlps = 0, down = 0;
		struct bench bench;
		struct link *link = &bench.pcie.link;

		bench_init(&bench, cases[i].pairs);
		for (n = 0; n < TRANSFERS; n++) {
			uint64_t r = rng_draw(&stream, i * TRANSFERS + n);
			uint64_t address = rng_below(r, 1 << 20), at;
			uint32_t bytes =
				1 + (uint32_t)rng_below(rng_again(r), 65536);
			uint32_t left = bytes;

			element[n] = (struct sg_element){ address, bytes };
			read_one(&bench, &element[n], n);
			write_one(&bench, address, bytes, n);
			tlps += link_write_tlps(link, address, bytes);
			for (at = address; left;) {
				uint32_t part =
					link_request_bytes(link, at, left);
				uint32_t most = part <= bench.pcie.line_request
							? link->rcb
							: cases[i].size;
				uint32_t count =
					link_completions(link, at, part, most);

				requests++;
				completions += count;
				down += part + 20 * count;
				at += part;
				left -= part;
			}
		}
		run(&bench);
		assert_int_equal(bench.stats.pcie.writes, tlps);
		assert_int_equal(bench.stats.pcie.read_requests, requests);
		assert_int_equal(bench.stats.pcie.completions, completions);
		assert_int_equal(bench.stats.pcie.down_bytes, down);
		bench_clear(&bench);
	}
}

/* 11 ns from completion to completion, where the link would be faster. */
static void completions_keep_their_interval(void **state)
{
	enum { READS = 2000 };
	static struct sg_element element[READS];
	struct bench bench;
	unsigned i;

	(void)state;
	bench_init(&bench, WIDE "pcie.completion_interval=11ns");
	for (i = 0; i < READS; i++) {
		element[i] = (struct sg_element){ i * 4096, 512 };
		read_one(&bench, &element[i], i);
	}
	run(&bench);
	assert_ps(bench.done[0], link_ps(&bench, 24) + 532000 + 4 * 11000, 2);
	/* Requests arrive faster than they are answered. */
	assert_ps(bench.done[READS - 1],
		  link_ps(&bench, 24) + 532000 + READS * 4 * 11000.0, 2);
	bench_clear(&bench);

	/* And nothing where the link is slower. */
	bench_init(&bench, "pcie.generation=1 pcie.lanes=1 "
			   "pcie.completion_interval=11ns");
	read_one(&bench, &element[0], 0);
	run(&bench);
	assert_ps(bench.done[0],
		  link_ps(&bench, 24) + 532000 + link_ps(&bench, 512 + 4 * 20),
		  2);
	bench_clear(&bench);
}

/* The device stores: done is late by as much, the tag is not kept longer. */
static void a_device_stores_what_it_read(void **state)
{
	struct sg_element element = { 0, 64 };
	struct bench bench;
	double hold;
	unsigned i;

	(void)state;
	bench_init(&bench, "pcie.tags=1");
	hold = link_ps(&bench, 24) + 532000 + link_ps(&bench, 84);
	for (i = 0; i < 3; i++)
		pcie_read(&bench.pcie,
			  &(struct pcie_read_args){ .elements = &element,
						    .count = 1,
						    .from = IN_LLC,
						    .done = done,
						    .ctx = &bench,
						    .arg = i,
						    .store = 44000 });
	run(&bench);
	for (i = 0; i < 3; i++)
		assert_ps(bench.done[i], (i + 1) * hold + 44000, 6);
	bench_clear(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(link_bandwidth),
		cmocka_unit_test(link_bandwidth_of_the_table),
		cmocka_unit_test(latency_of_one_read),
		cmocka_unit_test(requests_are_cut),
		cmocka_unit_test(tags_bound_small_reads),
		cmocka_unit_test(streams),
		cmocka_unit_test(completions_by_length),
		cmocka_unit_test(cutting_agrees_with_the_link),
		cmocka_unit_test(completions_keep_their_interval),
		cmocka_unit_test(a_device_stores_what_it_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
