/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Probes against what can be worked out by hand: latencies as sums, rates at
 * their bounds, shares of lines found in caches, Little's law.
 */
#include "tests/unit/machine_fixture.h"

#include "models/bus/pcie.h"
#include "models/probe.h"
#include "traces/params.h"

/* A third-generation link without anything random. */
#define PLAIN                                                              \
	"pcie.generation=3 host.read_jitter=0 host.dram_refresh=0 "        \
	"nic.dma_issue=0 nic.dma_chunk_time=0 nic.write_gap=0 "            \
	"nic.dma_latency=0 nic.dma_store=0 iommu.mode=off host.llc=15MiB " \
	"host.ddio=10%"
#define KIB UINT64_C(1024)
#define MIB (UINT64_C(1024) * 1024)

static struct config *config_of(const char *pairs)
{
	struct config *cfg = fix_config(NULL, PLAIN);

	fix_set(cfg, pairs);
	return cfg;
}

static struct probe_result run(const char *pairs, struct probe_spec spec)
{
	struct config *cfg = config_of(pairs);
	struct probe_result result;
	struct err err = ERR_INIT;

	if (!spec.window)
		spec.window = 64 * KIB;
	if (!spec.outstanding)
		spec.outstanding = 1;
	if (!spec.count)
		spec.count = 5000;
	if (probe_run(cfg, &spec, &result, &err) < 0)
		fail_msg("%s", err.text);
	config_free(cfg);
	assert_int_equal(result.transfers, spec.count);
	assert_int_equal(result.latency_ps.count, spec.count);
	return result;
}

static void assert_near(double got, double expected, double slack)
{
	if (got < expected - slack || got > expected + slack)
		fail_msg("%f, expected %f +- %f", got, expected, slack);
}

/* Mean latency of one transfer at a time, ps. */
static double mean_of(const char *pairs, struct probe_spec spec)
{
	struct probe_result result = run(pairs, spec);
	double mean = hist_mean(&result.latency_ps);

	probe_result_clear(&result);
	return mean;
}

static double hit_share(struct probe_spec spec)
{
	struct probe_result result = run("", spec);
	double share = (double)result.cache_hits / (double)result.cache_lookups;

	assert_true(result.cache_lookups > 0);
	probe_result_clear(&result);
	return share;
}

/* Of the link that PLAIN describes: TLP rate, and headers in bytes. */
struct wire {
	double bps, request, completion, write;
};

static struct wire wire_of(void)
{
	struct config *cfg = config_of("");
	struct link link;
	struct wire wire;

	link_init(&link, cfg);
	wire = (struct wire){ .bps = (double)pcie_bps(&link, cfg),
			      .request = link_request_header(&link),
			      .completion = link_completion_header(&link),
			      .write = link_write_header(&link) };
	config_free(cfg);
	return wire;
}

static double link_ps(const struct wire *wire, double bytes)
{
	return bytes * 8e12 / wire->bps;
}

/* --- one transfer at a time --- */

/* Request, memory, completion at its least interval, the engine's share. */
static void read_latency(void **state)
{
	struct wire wire = wire_of();
	double request = link_ps(&wire, wire.request);

	(void)state;
	assert_true(link_ps(&wire, 64 + wire.completion) > 11000 / 2.0);
	assert_near(mean_of("host.dma_read_warm=400ns "
			    "pcie.completion_interval=0",
			    (struct probe_spec){ .size = 64 }),
		    request + 400000 + link_ps(&wire, 64 + wire.completion), 1);
	assert_near(mean_of("host.dma_read_warm=400ns "
			    "pcie.completion_interval=100ns",
			    (struct probe_spec){ .size = 129 }),
		    request + 400000 + 3 * 100000, 1);
	assert_near(mean_of("host.dma_read_warm=400ns nic.dma_latency=44ns "
			    "nic.dma_store=64Gbps pcie.completion_interval=0",
			    (struct probe_spec){ .size = 64 }),
		    request + 400000 + link_ps(&wire, 64 + wire.completion) +
			    44000 + 8000,
		    1);
}

static void cold_read_latency(void **state)
{
	const char *prices = "host.dma_read_warm=400ns host.dma_read_cold="
			     "470ns host.numa_delta=60ns";
	double warm = mean_of(prices, (struct probe_spec){ .size = 64 });
	double cold = mean_of(
		prices, (struct probe_spec){ .size = 64, .cache = PROBE_COLD });
	double remote =
		mean_of("host.dma_read_warm=400ns host.dma_read_cold="
			"470ns host.numa_delta=60ns host.numa=remote",
			(struct probe_spec){ .size = 64, .cache = PROBE_COLD });

	(void)state;
	assert_near(cold - warm, 70000, 1);
	assert_near(remote - cold, 60000, 1);
}

/* A write is over when it left; with a read after it, when both are. */
static void write_latency(void **state)
{
	const char *prices = "host.dma_write=200ns nic.dma_issue=21ns "
			     "nic.dma_chunk=128B nic.dma_chunk_time=17ns";
	struct wire wire = wire_of();
	double read = mean_of(prices, (struct probe_spec){ .size = 200 });
	double write = mean_of(
		prices, (struct probe_spec){ .size = 200, .op = PROBE_WR });
	double both = mean_of(
		prices, (struct probe_spec){ .size = 200, .op = PROBE_WRRD });

	(void)state;
	assert_near(write, 21000 + 17000 + link_ps(&wire, 200 + wire.write), 1);
	assert_near(both, write + 200000 + read, 2);
}

/* Part of a line that no cache has is read before it is written. */
static void partial_write(void **state)
{
	const char *prices = "host.dma_read_warm=400ns "
			     "host.dma_read_cold=470ns";
	struct probe_spec spec = { .op = PROBE_WRRD,
				   .size = 64,
				   .window = 256 * MIB,
				   .count = 300,
				   .cache = PROBE_COLD };
	double whole = mean_of(prices, spec), part;

	(void)state;
	spec.size = 63;
	part = mean_of(prices, spec);
	assert_true(part > whole + 66000 && part < whole + 70000);
	spec.cache = PROBE_WARM;
	spec.window = 64 * KIB;
	assert_true(mean_of(prices, spec) < whole);
}

/* Sizes on one side or the other of where completions become longer. */
static void longer_takes_longer(void **state)
{
	static const uint32_t sizes[] = { 8,   16,   64,   65,	 128, 256,
					  512, 1024, 1500, 2048, 4096 };
	enum probe_op op;

	(void)state;
	for (op = PROBE_RD; op <= PROBE_WRRD; op++) {
		double before = 0;
		size_t i;

		for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			double mean = mean_of(
				"", (struct probe_spec){ .op = op,
							 .count = 200,
							 .size = sizes[i] });

			if (mean < before)
				fail_msg("%u: %u bytes take %f", op, sizes[i],
					 mean);
			before = mean;
		}
	}
}

/* --- many at a time --- */

/* Little's law: outstanding = rate x latency, tags in use = rate x hold. */
static void little(void **state)
{
	static const uint32_t outstanding[] = { 1, 16, 32, 88 };
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		uint32_t n = outstanding[i], tags = n < 32 ? n : 32;
		struct probe_result result =
			run("host.read_jitter=8ns",
			    (struct probe_spec){ .size = 64,
						 .outstanding = n,
						 .count = 100000 });
		double rate = (double)result.transfers / (double)result.span_ps;

		assert_near(rate * hist_mean(&result.latency_ps), n, 0.01 * n);
		assert_near((double)result.tags_mean_ppm / 1e6, tags,
			    0.001 * tags);
		probe_result_clear(&result);
	}
}

/* Four tags, each held as long as a read takes by itself. */
static void tags_bound_reads(void **state)
{
	struct probe_spec spec = { .size = 64 };
	double hold = mean_of("", spec), rate;
	struct probe_result result;

	(void)state;
	spec.outstanding = 88;
	spec.count = 50000;
	result = run("pcie.tags=4", spec);
	rate = (double)result.transfers / (double)result.span_ps;
	assert_near(rate * hold, 4, 0.1);
	assert_true(rate * hold <= 4.0001);
	probe_result_clear(&result);
}

static void link_bounds(void **state)
{
	struct wire wire = wire_of();
	struct probe_spec spec = {
		.op = PROBE_WR, .size = 1024, .outstanding = 64, .count = 50000
	};
	struct probe_result result = run("host.write_credits=65536", spec);
	double share = 1024 / (1024 + 4 * wire.write);

	(void)state;
	assert_near((double)result.payload_bps, wire.bps * share,
		    wire.bps * 0.001);
	assert_true(result.up_busy_ppm > 999000 &&
		    result.up_busy_ppm <= 1000001);
	probe_result_clear(&result);

	spec.op = PROBE_RD;
	result = run("pcie.tags=256 host.read_credits=65536 "
		     "pcie.completion_interval=0 pcie.completion=256B",
		     spec);
	share = 1024 / (1024 + 4 * wire.completion);
	assert_near((double)result.payload_bps, wire.bps * share,
		    wire.bps * 0.001);
	assert_true(result.down_busy_ppm > 999000);
	probe_result_clear(&result);
}

/* The device issues a 64-byte write every 21.1 ns, and no faster. */
static void issue_bound(void **state)
{
	struct probe_result result = run("nic.dma_issue=21.1ns",
					 (struct probe_spec){ .op = PROBE_WR,
							      .size = 64,
							      .outstanding = 88,
							      .count = 50000 });

	(void)state;
	assert_near((double)result.span_ps / 50000, 21100, 1);
	assert_near((double)result.payload_bps, 512e12 / 21100, 1e6);
	probe_result_clear(&result);
}

/* Credits for n lines that come back after a write's way to memory. */
static void credits_bound_writes(void **state)
{
	struct probe_result result =
		run("host.write_credits=4 host.dma_write=400ns",
		    (struct probe_spec){ .op = PROBE_WR,
					 .size = 64,
					 .outstanding = 32,
					 .count = 50000 });
	double each = (double)result.span_ps / 50000;

	(void)state;
	assert_true(each >= 400000 / 4.0);
	assert_true(each <= 420000 / 4.0);
	probe_result_clear(&result);
}

static void both_directions(void **state)
{
	struct probe_spec spec = {
		.op = PROBE_RDWR, .size = 512, .outstanding = 64, .count = 40000
	};
	struct probe_result result = run("", spec);

	(void)state;
	/* bytes of half the transfers */
	assert_near((double)result.payload_bps,
		    20000 * 512 * 8e12 / (double)result.span_ps, 1);
	probe_result_clear(&result);
	spec.op = PROBE_WRRD;
	result = run("", spec);
	assert_near((double)result.payload_bps,
		    40000 * 512 * 8e12 / (double)result.span_ps, 1);
	probe_result_clear(&result);
}

/* --- caches --- */

static void small_windows(void **state)
{
	struct probe_spec spec = { .size = 100, .window = 256 * KIB };

	(void)state;
	spec.cache = PROBE_WARM;
	assert_true(hit_share(spec) == 1);
	spec.cache = PROBE_DEVWARM;
	assert_true(hit_share(spec) == 1);
	spec.cache = PROBE_COLD;
	assert_true(hit_share(spec) == 0);
}

/* The LLC less the device's share holds what the CPU wrote last. */
static void windows_beyond_the_llc(void **state)
{
	struct probe_spec spec = { .size = 64, .count = 100000 };

	(void)state;
	spec.window = 30 * MIB;
	assert_near(hit_share(spec), 0.45, 0.01);
	spec.window = 60 * MIB;
	assert_near(hit_share(spec), 0.225, 0.01);
	spec.cache = PROBE_DEVWARM;
	spec.window = 6 * MIB;
	assert_near(hit_share(spec), 0.25, 0.01);
}

/* min(1, C / W) of the lines are in the device's share C, by its own doing. */
static void device_share(void **state)
{
	static const uint64_t windows[] = { MIB / 2, 1 * MIB, 2 * MIB, 3 * MIB,
					    6 * MIB };
	struct probe_spec spec = { .op = PROBE_WR,
				   .cache = PROBE_DEVWARM,
				   .size = 64,
				   .outstanding = 16,
				   .count = 200000 };
	size_t i;

	(void)state;
	for (i = 0; i < 5; i++) {
		double share = 1.5 * (double)MIB / (double)windows[i];

		spec.window = windows[i];
		assert_near(hit_share(spec), share < 1 ? share : 1, 0.01);
	}
}

/* N of the window's pages are in the IOTLB. */
static void translations(void **state)
{
	struct probe_spec spec = { .size = 64, .count = 50000 };
	uint64_t pages;

	(void)state;
	for (pages = 32; pages <= 1024; pages *= 2) {
		struct probe_result result;
		double share = 64.0 / (double)pages;

		spec.window = pages * 4096;
		result = run("iommu.mode=strict iommu.iotlb=64 "
			     "iommu.iotlb_reserved=0 iommu.iotlb_ways=64",
			     spec);
		assert_int_equal(result.iotlb_hits + result.iotlb_misses,
				 50000);
		assert_near((double)result.iotlb_hits / 50000,
			    share < 1 ? share : 1, 0.01);
		probe_result_clear(&result);
		result = run("iommu.mode=strict iommu.page=2MiB", spec);
		assert_int_equal(result.iotlb_misses, 0);
		probe_result_clear(&result);
	}
}

/* --- trust --- */

static const char *const machines[] = {
	"host.read_jitter=8ns host.dram_refresh=230ns",
	"host.read_jitter=8ns nic.dma_issue=21.1ns nic.dma_chunk_time=17ns "
	"nic.write_gap=4.5ns nic.dma_latency=44ns nic.dma_store=55Gbps "
	"host.write_credits=16",
	"host.read_jitter=8ns iommu.mode=strict iommu.iotlb=16",
};

static bool same(const struct probe_result *a, const struct probe_result *b)
{
	return a->fingerprint == b->fingerprint && a->span_ps == b->span_ps &&
	       a->payload_bps == b->payload_bps &&
	       a->cache_hits == b->cache_hits &&
	       a->iotlb_misses == b->iotlb_misses &&
	       a->tags_mean_ppm == b->tags_mean_ppm &&
	       a->up_busy_ppm == b->up_busy_ppm &&
	       a->latency_ps.sum == b->latency_ps.sum;
}

/* Twice the same; the reference kernel agrees; another seed does not. */
static void repeatable(void **state)
{
	size_t i;
	unsigned op;

	(void)state;
	for (i = 0; i < 12; i++) {
		const char *machine = machines[i / 4];
		struct probe_result a, b;
		struct probe_spec spec = { .size = 300,
					   .offset = 40,
					   .window = MIB,
					   .cache = PROBE_COLD,
					   .outstanding = 40,
					   .count = 3000 };

		op = i % 4;
		spec.op = (enum probe_op)op;
		a = run(machine, spec);
		b = run(machine, spec);
		assert_true(same(&a, &b));
		probe_result_clear(&b);
		spec.naive = true;
		b = run(machine, spec);
		assert_true(same(&a, &b));
		probe_result_clear(&b);
		spec.naive = false;
		spec.seed = 7;
		b = run(machine, spec);
		assert_false(same(&a, &b));
		probe_result_clear(&b);
		probe_result_clear(&a);
	}
}

static void refused(void **state)
{
	static const struct {
		struct probe_spec spec;
		const char *pairs, *text;
	} cases[] = {
		{ { .window = 64, .outstanding = 1, .count = 1 }, "", "not 0" },
		{ { .size = 65537,
		    .window = MIB,
		    .outstanding = 1,
		    .count = 1 },
		  "",
		  "1 to 65536" },
		{ { .size = 1,
		    .offset = 4096,
		    .window = MIB,
		    .outstanding = 1,
		    .count = 1 },
		  "",
		  "0 to 4095" },
		{ { .size = 64,
		    .offset = 1,
		    .window = 127,
		    .outstanding = 1,
		    .count = 1 },
		  "",
		  "needs 128" },
		{ { .size = 64,
		    .window = PROBE_WINDOW_MAX + 1,
		    .outstanding = 1,
		    .count = 1 },
		  "",
		  "1073741824" },
		{ { .size = 64, .window = 64, .count = 1 },
		  "",
		  "one outstanding" },
		{ { .size = 64, .window = 64, .outstanding = 1 },
		  "",
		  "needs a transfer" },
		{ { .size = 64, .window = 64, .outstanding = 1, .count = 1 },
		  "pcie.mps=192B",
		  "pcie.mps must be a power of two" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config *cfg = config_of(cases[i].pairs);
		struct probe_result result;
		struct err err = ERR_INIT;

		assert_int_equal(probe_run(cfg, &cases[i].spec, &result, &err),
				 -1);
		assert_int_equal(err.kind, ERR_USAGE);
		if (!strstr(err.text, cases[i].text))
			fail_msg("'%s' without '%s'", err.text, cases[i].text);
		config_free(cfg);
	}
}

/* The smallest there is, and more outstanding than transfers. */
static void extremes(void **state)
{
	struct probe_spec spec = {
		.size = 1, .window = 64, .outstanding = 88, .count = 1
	};
	struct probe_result result;
	unsigned op;

	(void)state;
	for (op = PROBE_RD; op <= PROBE_WRRD; op++) {
		spec.op = (enum probe_op)op;
		result = run("", spec);
		assert_true(result.span_ps > 0);
		probe_result_clear(&result);
	}
	spec.size = PROBE_SIZE_MAX;
	spec.offset = 4095;
	spec.window = 2 * MIB;
	spec.count = 20;
	for (op = PROBE_RD; op <= PROBE_WRRD; op++) {
		spec.op = (enum probe_op)op;
		result = run("iommu.mode=strict", spec);
		assert_true(result.span_ps > 0);
		probe_result_clear(&result);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_latency),
		cmocka_unit_test(cold_read_latency),
		cmocka_unit_test(write_latency),
		cmocka_unit_test(partial_write),
		cmocka_unit_test(longer_takes_longer),
		cmocka_unit_test(little),
		cmocka_unit_test(tags_bound_reads),
		cmocka_unit_test(link_bounds),
		cmocka_unit_test(issue_bound),
		cmocka_unit_test(credits_bound_writes),
		cmocka_unit_test(both_directions),
		cmocka_unit_test(small_windows),
		cmocka_unit_test(windows_beyond_the_llc),
		cmocka_unit_test(device_share),
		cmocka_unit_test(translations),
		cmocka_unit_test(repeatable),
		cmocka_unit_test(refused),
		cmocka_unit_test(extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
