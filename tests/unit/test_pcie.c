/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PCIe link against closed forms: bandwidth, one read's latency, tags by
 * Little's law, requests cut at MRRS and 4 KiB, a doorbell behind a read.
 */
#include "tests/unit/machine_fixture.h"

#include <stdio.h>

#include "models/bus/pcie.h"
#include "models/component.h"
#include "models/machine.h"
#include "traces/params.h"

#define CALIBRATION "../shared/reference/calibration/model_link_bw.csv"
#define DONES	    32768

struct bench {
	struct kernel kernel;
	struct stats stats;
	struct pcie pcie;
	uint64_t bps;
	sim_time done[DONES];
	uint64_t dones;
};

static void bench_init(struct bench *bench, const char *pairs)
{
	struct config *cfg = fix_config(NULL, pairs);
	struct err err = ERR_INIT;

	memset(bench, 0, sizeof(*bench));
	assert_int_equal(kernel_init(&bench->kernel, false, &err), 0);
	stats_init(&bench->stats, 0);
	assert_int_equal(pcie_init(&bench->pcie, &bench->kernel, &bench->stats,
				   COMP_ADAPTER, cfg, &err),
			 0);
	bench->bps = bench->pcie.down_clock.bps;
	config_free(cfg);
}

static void bench_clear(struct bench *bench)
{
	assert_int_equal(bench->pcie.tags_free, bench->pcie.tags);
	assert_int_equal(pool_live(&bench->pcie.ops), 0);
	assert_int_equal(pool_live(&bench->pcie.requests), 0);
	pcie_clear(&bench->pcie);
	stats_clear(&bench->stats);
	kernel_clear(&bench->kernel);
}

static void done(void *ctx, uint64_t arg)
{
	struct bench *bench = ctx;

	assert_true(arg < DONES);
	bench->done[arg] = bench->kernel.now;
	bench->dones++;
}

static void read_one(struct bench *bench, const struct sg_element *element,
		     sim_time latency, uint64_t arg)
{
	pcie_read(&bench->pcie, &(struct pcie_read_args){ .elements = element,
							  .count = 1,
							  .latency = latency,
							  .done = done,
							  .ctx = bench,
							  .arg = arg });
}

static void run(struct bench *bench)
{
	kernel_run(&bench->kernel, SIM_TIME_NEVER);
}

/* Exact time of @bytes on the link, ps. */
static double link_ps(const struct bench *bench, double bytes)
{
	return bytes * 8e12 / (double)bench->bps;
}

static void assert_ps(sim_time got, double expected, double slack)
{
	double off = (double)got - expected;

	if (off > slack || off < -slack)
		fail_msg("%lld ps, expected %.3f", (long long)got, expected);
}

/* raw x (1 - 16 / AckLimit - 4 / 1538), by the worked values. */
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
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double exact = cases[i].raw_gbps * 1e9 *
			       (1 - 16.0 / cases[i].limit - 4.0 / 1538);
		uint64_t bps = pcie_tlp_bps(cases[i].generation, cases[i].lanes,
					    cases[i].mps);

		if (!fix_near((double)bps, exact, 0.1))
			fail_msg("gen%u x%u mps %u: %llu bps, expected %.0f",
				 cases[i].generation, cases[i].lanes,
				 cases[i].mps, (unsigned long long)bps, exact);
	}
	assert_true(fix_near((double)pcie_tlp_bps(3, 8, 256), 57.885e9, 10));
}

/* Every row of the published table, where it is at hand. */
static void link_bandwidth_of_the_table(void **state)
{
	FILE *file = fopen(CALIBRATION, "r");
	char line[256];
	unsigned rows = 0;

	(void)state;
	if (!file) {
		print_message("%s is absent: not compared\n", CALIBRATION);
		skip();
	}
	assert_non_null(fgets(line, sizeof(line), file)); /* heading */
	while (fgets(line, sizeof(line), file)) {
		unsigned generation, lanes, mps;
		double raw, tlp;

		assert_int_equal(sscanf(line, "gen%u,x%u,%u,%lf,%lf",
					&generation, &lanes, &mps, &raw, &tlp),
				 5);
		rows++;
		tlp -= (double)pcie_tlp_bps(generation, lanes, mps) / 1e9;
		if (tlp > 0.00006 || tlp < -0.00006) /* 4 digits */
			fail_msg("%s: %llu bps", line,
				 (unsigned long long)pcie_tlp_bps(generation,
								  lanes, mps));
	}
	fclose(file);
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
		  1 },
		{ "nic.dma_width=32 pcie.generation=1 pcie.lanes=1 "
		  "pcie.mps=128B",
		  0, 256, 20, 2 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sg_element element = { cases[i].address,
					      cases[i].bytes };
		struct bench bench;

		bench_init(&bench, cases[i].pairs);
		read_one(&bench, &element, 532 * PS_PER_NS, 0);
		run(&bench);
		assert_int_equal(bench.dones, 1);
		assert_int_equal(bench.stats.pcie.read_requests, 1);
		assert_ps(bench.done[0],
			  link_ps(&bench, cases[i].header) + 532000 +
				  link_ps(&bench,
					  cases[i].bytes +
						  20.0 * cases[i].completions),
			  2);
		bench_clear(&bench);
	}
}

/* Requests end at MRRS and at 4 KiB; completions at multiples of their size */
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
		{ 512, 4000, 1514, 4, 1 + 4 + 4 + 4 },
		{ 512, 64, 512, 1, 5 },
		{ 4096, 0, 4096, 1, 32 },
		{ 4096, 1, 4096, 2, 32 + 1 },
		{ 4096, 0xfffffff0, 64, 2, 1 + 1 },
		{ 4096, 0, 65536, 16, 512 },
		{ 128, 0, 65536, 512, 512 },
		{ 128, 100, 60, 1, 2 },
	};
	char pairs[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sg_element element = { cases[i].address,
					      cases[i].bytes };
		struct bench bench;

		snprintf(pairs, sizeof(pairs), "pcie.mrrs=%uB", cases[i].mrrs);
		bench_init(&bench, pairs);
		read_one(&bench, &element, 500 * PS_PER_NS, 0);
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
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench bench;
		double hold;

		bench_init(&bench, cases[i].tags);
		hold = link_ps(&bench, 24) + 532000 + link_ps(&bench, 84);
		for (n = 0; n < READS; n++) {
			element[n] = (struct sg_element){ n * 64, 64 };
			read_one(&bench, &element[n], 532 * PS_PER_NS, n);
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
	enum { COUNT = 4000 };
#define GEN3 "pcie.generation=3 pcie.tags=1024 pcie.completion="
	static const char *const setting[3] = { GEN3 "256B", GEN3 "256B",
						GEN3 "64B" };
	static struct sg_element element[COUNT];
	unsigned kind;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const double expected[3] = { cases[i].write, cases[i].read,
					     cases[i].read_64 };

		for (kind = 0; kind < 3; kind++) {
			struct bench bench;
			double gbps;

			bench_init(&bench, setting[kind]);
			for (n = 0; n < COUNT; n++) {
				element[n] =
					(struct sg_element){ n * 4096,
							     cases[i].bytes };
				if (kind)
					read_one(&bench, &element[n], 0, n);
				else
					pcie_write(&bench.pcie, cases[i].bytes,
						   event_key(EV_BUS, 1, n),
						   done, &bench, n);
			}
			run(&bench);
			gbps = 8e3 * COUNT * cases[i].bytes /
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

static void ring(void *ctx, uint64_t arg)
{
	struct bench *bench = ctx;

	pcie_mmio_write(&bench->pcie, event_key(EV_BUS, 1, arg), done, bench,
			arg);
}

/*
 * 64 KiB in 16 requests of 4 KiB.  The first data is ready after one request's
 * time and 500 ns and keeps the link for 16 x (4096 + 32 x 20) bytes; the
 * others are ready long before their turn.  A doorbell at 2 us waits for the
 * rest of it; one at 400 ns goes first.
 */
static void a_doorbell_waits_behind_a_read(void **state)
{
	const struct sg_element element = { 0, 65536 };
	const double burst = 16 * (4096 + 32 * 20.0);
	struct bench bench;
	double bell, start, end;

	(void)state;
	bench_init(&bench, "pcie.mrrs=4096B pcie.tags=64 "
			   "host.mmio_write=250ns");
	bell = link_ps(&bench, 28);
	start = link_ps(&bench, 24) + 500000;
	end = start + link_ps(&bench, burst);
	read_one(&bench, &element, 500 * PS_PER_NS, 0);
	kernel_at(&bench.kernel, 400 * PS_PER_NS, event_key(EV_TEST, 0, 1),
		  ring, &bench, 1);
	kernel_at(&bench.kernel, 2 * PS_PER_US, event_key(EV_TEST, 0, 2), ring,
		  &bench, 2);
	run(&bench);
	assert_int_equal(bench.dones, 3);
	assert_ps(bench.done[1], 400000 + bell + 250000, 2);
	assert_ps(bench.done[0], end, 4);
	assert_ps(bench.done[2], end + bell + 250000, 4);
	/* The delay itself, against an idle link. */
	assert_ps(bench.done[2] - (2000000 + 250000), end - 2000000 + bell, 4);
	bench_clear(&bench);
}

/* Nothing is reserved ahead: what asks for the link first goes first. */
static void a_doorbell_before_the_data_goes_first(void **state)
{
	const struct sg_element element = { 0, 65536 };
	struct bench bench;
	double bell;

	(void)state;
	bench_init(&bench, "pcie.mrrs=4096B pcie.tags=64 "
			   "host.mmio_write=250ns");
	bell = link_ps(&bench, 28);
	read_one(&bench, &element, 500 * PS_PER_NS, 0);
	/* The first data is ready a little later and waits for the bell. */
	kernel_at(&bench.kernel, 500 * PS_PER_NS, event_key(EV_TEST, 0, 1),
		  ring, &bench, 1);
	run(&bench);
	assert_ps(bench.done[1], 500000 + bell + 250000, 2);
	assert_ps(bench.done[0],
		  500000 + bell + link_ps(&bench, 16 * (4096 + 32 * 20.0)), 4);
	bench_clear(&bench);
}

/* Posted writes become visible in the order of the calls. */
static void writes_keep_their_order(void **state)
{
	struct bench bench;
	double sum = 0;
	unsigned i;

	(void)state;
	bench_init(&bench, "pcie.mps=256B host.dma_write=220ns");
	for (i = 0; i < 100; i++) {
		uint32_t bytes = i % 2 ? 1514 : 16;

		pcie_write(&bench.pcie, bytes, event_key(EV_BUS, 1, i), done,
			   &bench, i);
	}
	pcie_message(&bench.pcie, event_key(EV_BUS, 1, 100), done, &bench, 100);
	run(&bench);
	for (i = 0; i < 100; i++) {
		sum += i % 2 ? 1514 + 6 * 24 : 16 + 24;
		assert_ps(bench.done[i], link_ps(&bench, sum) + 220000, 2);
	}
	assert_ps(bench.done[100], link_ps(&bench, sum + 28) + 220000, 2);
	assert_int_equal(bench.stats.pcie.writes, 50 * 6 + 50);
	assert_int_equal(bench.stats.pcie.messages, 1);
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
		cmocka_unit_test(a_doorbell_waits_behind_a_read),
		cmocka_unit_test(a_doorbell_before_the_data_goes_first),
		cmocka_unit_test(writes_keep_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
