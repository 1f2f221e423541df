/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What shares the PCIe link: order, credits, register accesses, queueing; and
 * the fast kernel against the naive one.
 */
#include "tests/unit/pcie_fixture.h"

#include <stdio.h>

#include "models/bus/pcie.h"
#include "traces/params.h"

static void ring(void *ctx, uint64_t arg)
{
	struct bench *bench = ctx;

	pcie_mmio_write(&bench->pcie, event_key(EV_BUS, 1, arg), done, bench,
			arg);
}

/*
 * 64 KiB in 16 requests of 4 KiB.  The first data is ready after one request's
 * time and 500 ns and keeps the link for 16 x (4096 + 32 x 20) bytes; the
 * others are ready long before their turn.  A doorbell at 2 us waits for one
 * TLP of it, and delays the rest; one at 400 ns goes first.
 */
static void a_doorbell_takes_its_turn(void **state)
{
	const struct sg_element element = { 0, 65536 };
	const double burst = 16 * (4096 + 32 * 20.0);
	struct bench bench;
	double bell, turn, start, end;

	(void)state;
	bench_init(&bench, "pcie.mrrs=4096B pcie.tags=64 "
			   "host.dma_read_warm=500ns host.mmio_write=250ns");
	bell = link_ps(&bench, 28);
	turn = link_ps(&bench, 128 + 20);
	start = link_ps(&bench, 24) + 500000;
	end = start + link_ps(&bench, burst);
	read_one(&bench, &element, 0);
	kernel_at(&bench.kernel, 400 * PS_PER_NS, event_key(EV_TEST, 0, 1),
		  ring, &bench, 1);
	kernel_at(&bench.kernel, 2 * PS_PER_US, event_key(EV_TEST, 0, 2), ring,
		  &bench, 2);
	run(&bench);
	assert_int_equal(bench.dones, 3);
	assert_ps(bench.done[1], 400000 + bell + 250000, 2);
	assert_ps(bench.done[2], 2000000 + turn + bell + 250000, 4);
	assert_ps(bench.done[0], end, 4);
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
			   "host.dma_read_warm=500ns host.mmio_write=250ns");
	bell = link_ps(&bench, 28);
	read_one(&bench, &element, 0);
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
	bench_init(&bench, "pcie.mps=256B");
	for (i = 0; i < 100; i++)
		write_one(&bench, 0, i % 2 ? 1514 : 16, i);
	pcie_message(&bench.pcie, done, &bench, 100);
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

/* A chain of two is one write: the descriptor becomes visible with the data */
static void a_chain_is_visible_at_once(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, "pcie.mps=256B");
	pcie_write(&bench.pcie,
		   &(struct pcie_write_args){
			   .elements = { { 0x1000, 300 }, { 0x9000, 16 } },
			   .count = 2,
			   .done = done,
			   .ctx = &bench,
		   });
	run(&bench);
	assert_ps(bench.done[0], link_ps(&bench, 316 + 3 * 24) + 220000, 2);
	assert_int_equal(bench.stats.pcie.writes, 3);
	bench_clear(&bench);
}

static void left(void *ctx, uint64_t arg)
{
	struct bench *bench = ctx;

	bench->done[1000 + arg] = bench->kernel.now;
}

/*
 * Writes that merge read DRAM first; what was posted behind them does not
 * become visible before.  The device is rid of each when its last byte left.
 */
static void nothing_overtakes_a_write_that_merges(void **state)
{
	enum { WRITES = 60 };
	struct bench bench;
	double sum = 0, before = 0, at;
	unsigned i;

	(void)state;
	bench_init(&bench, "host.dma_read_warm=500ns host.dma_read_cold=600ns");
	for (i = 0; i < WRITES; i++) {
		struct pcie_write_args args = {
			.elements = { { i * 64, 64 } },
			.count = 1,
			.merge = i % 5 == 1,
			.left = i % 3 ? NULL : left,
			.done = done,
			.ctx = &bench,
			.arg = i,
		};

		pcie_write(&bench.pcie, &args);
	}
	run(&bench);
	for (i = 0; i < WRITES; i++) {
		sum += 64 + 24;
		at = link_ps(&bench, sum) + 220000 + (i % 5 == 1 ? 100000 : 0);
		if (at < before)
			at = before;
		before = at;
		assert_ps(bench.done[i], at, 2);
		if (i % 3 == 0)
			assert_ps(bench.done[1000 + i], link_ps(&bench, sum),
				  2);
	}
	bench_clear(&bench);
}

/* --- credits --- */

/*
 * 92 lines held for 300 ns each (HN24): batches of that many, one after the
 * other, and never more than 92 x 64 B / 300 ns = 19.6 GB/s.
 */
static void write_credits_bound_throughput(void **state)
{
	static const struct {
		unsigned credits;
		uint64_t address;
		uint32_t bytes, lines;
	} cases[] = {
		{ 92, 0, 64, 1 },   { 1, 0, 64, 1 },	 { 92, 0, 256, 4 },
		{ 92, 32, 64, 2 },  { 92, 0, 1, 1 },	 { 7, 0, 128, 2 },
		{ 4, 0, 1024, 16 }, { 92, 1, 1024, 17 },
	};
	enum { WRITES = 9200 };
	char pairs[160];
	size_t i;
	uint64_t n;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		unsigned batch = cases[i].credits / cases[i].lines;
		unsigned parts = 1;
		double one, cycle, limit, rate;
		struct bench bench;

		if (!batch) { /* larger than all: goes in parts */
			batch = 1;
			parts = cases[i].lines / cases[i].credits;
		}
		snprintf(pairs, sizeof(pairs),
			 WIDE "pcie.mps=1KiB host.dma_write=300ns "
			      "host.write_credits=%u",
			 cases[i].credits);
		bench_init(&bench, pairs);
		for (n = 0; n < WRITES; n++)
			write_one(&bench, n * 4096 + cases[i].address,
				  cases[i].bytes, n);
		assert_int_equal(bench.pcie.write_credits,
				 cases[i].credits < cases[i].lines
					 ? 0
					 : cases[i].credits % cases[i].lines);
		run(&bench);
		one = link_ps(&bench, cases[i].bytes + 24);
		cycle = one + 300000 * parts;
		for (n = 0; n < WRITES; n += 97)
			assert_ps(bench.done[n],
				  (double)(n / batch) * cycle +
					  (double)(n % batch) * one + cycle,
				  (double)n * parts + 2 + parts);
		rate = 1e12 * WRITES * cases[i].bytes /
		       (double)bench.kernel.now;
		limit = cases[i].credits * 64 / 300e-9;
		assert_true(rate < limit);
		if (!i) /* and near it */
			assert_true(rate > 0.99 * 19.6e9);
		assert_int_equal(bench.stats.pcie.credit_waits,
				 WRITES * parts - batch);
		bench_clear(&bench);
	}
}

/* A read behind a write that waits goes after it; messages stay behind too. */
static void nothing_passes_a_write_that_waits(void **state)
{
	const struct sg_element element = { 0, 64 };
	struct bench bench;
	double one, second;

	(void)state;
	bench_init(&bench, "host.write_credits=1 host.dma_write=300ns");
	one = link_ps(&bench, 88);
	write_one(&bench, 0, 64, 0);
	write_one(&bench, 64, 64, 1);
	read_one(&bench, &element, 2);
	pcie_message(&bench.pcie, done, &bench, 3);
	assert_int_equal(bench.stats.pcie.read_requests, 0);
	run(&bench);
	second = one + 300000; /* the credit is back */
	assert_ps(bench.done[0], second, 2);
	assert_ps(bench.done[1], 2 * second, 2);
	/* The message waits for the second's credit and the read for it. */
	assert_ps(bench.done[3], 2 * second + link_ps(&bench, 28) + 300000, 3);
	assert_ps(bench.done[2],
		  2 * second + link_ps(&bench, 28 + 24) + 532000 +
			  link_ps(&bench, 84),
		  4);
	bench_clear(&bench);
}

/* A request that waits for a tag is passed by writes. */
static void writes_pass_a_read_without_tag(void **state)
{
	const struct sg_element element[2] = { { 0, 64 }, { 64, 64 } };
	struct bench bench;

	(void)state;
	bench_init(&bench, "pcie.tags=1");
	read_one(&bench, &element[0], 0);
	read_one(&bench, &element[1], 1);
	write_one(&bench, 0, 64, 2);
	run(&bench);
	assert_ps(bench.done[2], link_ps(&bench, 24 + 88) + 220000, 2);
	assert_true(bench.done[2] < bench.done[0]);
	bench_clear(&bench);
}

/* As many requests at a time as their lines have credits. */
static void read_credits_bound_requests(void **state)
{
	static const struct {
		unsigned credits;
		uint64_t address;
		uint32_t bytes;
		unsigned at_once;
	} cases[] = {
		{ 164, 0, 64, 164 }, { 164, 0, 512, 20 }, { 164, 32, 512, 18 },
		{ 8, 0, 512, 1 },    { 5, 0, 512, 1 },	  { 7, 0, 192, 2 },
	};
	enum { READS = 3000 };
	static struct sg_element element[READS];
	char pairs[128];
	size_t i;
	uint64_t n;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct bench bench;

		snprintf(pairs, sizeof(pairs),
			 WIDE "host.read_credits=%u host.dma_read_warm=20us",
			 cases[i].credits);
		bench_init(&bench, pairs);
		for (n = 0; n < READS; n++) {
			element[n] = (struct sg_element){
				n * 4096 + cases[i].address, cases[i].bytes
			};
			read_one(&bench, &element[n], n);
		}
		assert_int_equal(bench.stats.pcie.read_requests,
				 cases[i].at_once);
		run(&bench);
		assert_int_equal(bench.stats.pcie.tags_used.max,
				 cases[i].at_once);
		/* By Little's law no faster than that. */
		assert_true((double)bench.kernel.now >
			    20e6 * (READS / cases[i].at_once));
		bench_clear(&bench);
	}
}

/* --- register reads --- */

/* 24 bytes down, 24 up, and the stall beyond that of an idle link. */
static void a_register_read_stalls_for_a_completion(void **state)
{
	const struct sg_element element = { 0, 4096 };
	struct bench bench;
	double data;

	(void)state;
	bench_init(&bench, "pcie.mrrs=4KiB host.mmio_write=250ns");
	assert_int_equal(pcie_mmio_read(&bench.pcie, event_key(EV_TEST, 1, 1)),
			 0);
	run(&bench);
	assert_int_equal(bench.stats.pcie.mmio_reads, 1);
	assert_int_equal(bench.stats.pcie.down_bytes, 24);
	assert_int_equal(bench.stats.pcie.up_bytes, 4 + 20);
	assert_int_equal(bench.pcie.up.served, 1);
	assert_ps((sim_time)bench.pcie.up.busy_ps, link_ps(&bench, 24), 1);
	bench_clear(&bench);

	/* When the data of a read has just begun to come: for one TLP of it. */
	bench_init(&bench, "pcie.mrrs=4KiB host.mmio_write=250ns");
	data = link_ps(&bench, 128 + 20);
	read_one(&bench, &element, 0);
	kernel_run(&bench.kernel,
		   (sim_time)link_ps(&bench, 24) + 532 * PS_PER_NS + 10);
	assert_ps(pcie_mmio_read(&bench.pcie, event_key(EV_TEST, 1, 1)), data,
		  20);
	run(&bench);
	bench_clear(&bench);
}

/* --- queueing --- */

struct poisson {
	struct bench bench;
	struct rng_stream stream;
	uint64_t writes, count, mean_ps;
	uint32_t mean_bytes;
	bool fixed;
	double service, squares;
};

static void arrive(void *ctx, uint64_t n)
{
	struct poisson *p = ctx;
	uint64_t r = rng_draw(&p->stream, n), before = p->bench.pcie.up.busy_ps;
	uint32_t bytes = p->mean_bytes;
	double service;

	if (!p->fixed)
		bytes = 1 + (uint32_t)rng_exponential(rng_again(r), bytes);
	if (bytes > 4096)
		bytes = 4096;
	pcie_write(&p->bench.pcie,
		   &(struct pcie_write_args){ .elements = { { 0, bytes } },
					      .count = 1 });
	service = (double)(p->bench.pcie.up.busy_ps - before);
	p->service += service;
	p->squares += service * service;
	if (n + 1 < p->count)
		kernel_at(&p->bench.kernel,
			  p->bench.kernel.now +
				  (sim_time)rng_exponential(r, p->mean_ps),
			  event_key(EV_TEST, 0, n), arrive, p, n + 1);
}

/*
 * Poisson writes wait for the link as Pollaczek and Khinchine say: of one size
 * (M/D/1), and of exponential sizes with a header each.
 */
static void poisson_writes_wait_as_in_theory(void **state)
{
	static const struct {
		uint64_t percent; /* load */
		bool fixed;
	} cases[] = { { 30, true },
		      { 60, true },
		      { 80, true },
		      { 30, false },
		      { 60, false } };
	static struct poisson p;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		double rate, load, want, got, n;

		memset(&p, 0, sizeof(p));
		bench_init(&p.bench, "pcie.mps=4KiB");
		p.count = 400000;
		p.fixed = cases[i].fixed;
		p.mean_bytes = 256;
		p.mean_ps = (uint64_t)(link_ps(&p.bench, 280) * 100) /
			    cases[i].percent;
		rng_stream_init(&p.stream, 3, (uint32_t)i, 0);
		arrive(&p, 0);
		run(&p.bench);
		n = (double)p.count;
		rate = n / (double)(p.bench.kernel.now - 220000);
		load = rate * p.service / n;
		want = rate * p.squares / n / (2 * (1 - load));
		got = (double)p.bench.pcie.up.wait_ps / n;
		if (!fix_near(got, want, 30000))
			fail_msg("case %zu: waits %.0f ps, %.0f expected", i,
				 got, want);
		assert_true(
			fix_near(load, (double)cases[i].percent / 100, 20000));
		bench_clear(&p.bench);
	}
}

/*
 * Reads that meet jitter: tags busy are the sum of the holds, exactly, and
 * with tags the bottleneck the rate is their number over the mean hold.
 */
static void little_holds_with_jitter(void **state)
{
	enum { READS = 40000 };
	static struct sg_element element[READS];
	struct bench bench;
	double hold, rate;
	uint64_t n;

	(void)state;
	bench_init(&bench, WIDE "pcie.tags=16 host.read_jitter=100ns");
	for (n = 0; n < READS; n++) {
		element[n] = (struct sg_element){ n * 64, 64 };
		read_one(&bench, &element[n], n);
	}
	run(&bench);
	assert_true(bench.stats.pcie.tags_used.by_time.sum ==
		    bench.stats.pcie.read_ps.sum);
	hold = (double)(uint64_t)bench.stats.pcie.read_ps.sum / READS;
	rate = READS / (double)bench.kernel.now;
	assert_true(fix_near(rate, 16 / hold, 1000));
	/* The jitter is part of the mean: the mean hold is the unloaded one. */
	assert_true(fix_near(hold,
			     link_ps(&bench, 24) + 532000 + link_ps(&bench, 84),
			     5000));
	bench_clear(&bench);
}

/* --- both kernels --- */

struct stream {
	struct bench bench;
	struct rng_stream draws;
	struct sg_element element[DONES];
};

static void stir(void *ctx, uint64_t n)
{
	struct stream *s = ctx;
	struct pcie *pcie = &s->bench.pcie;
	uint64_t r = rng_draw(&s->draws, n);
	uint32_t bytes = 1 + (uint32_t)rng_below(rng_again(r), 2000);
	uint64_t address = rng_below(r, 1 << 24);

	s->element[n] = (struct sg_element){ address, bytes };
	switch (r % 8) {
	case 0:
		pcie_message(pcie, done, &s->bench, n);
		break;
	case 1:
		pcie_mmio_write(pcie, event_key(EV_TEST, 2, n), done, &s->bench,
				n);
		break;
	case 2:
		s->bench.done[n] =
			pcie_mmio_read(pcie, event_key(EV_TEST, 2, n));
		s->bench.dones++;
		break;
	case 3:
	case 4:
		pcie_read(pcie, &(struct pcie_read_args){
					.elements = &s->element[n],
					.count = 1,
					.from = r & 64 ? IN_DRAM : IN_LLC,
					.done = done,
					.ctx = &s->bench,
					.arg = n,
					.store = r & 128 ? 44000 : 0 });
		break;
	default:
		pcie_write(pcie, &(struct pcie_write_args){
					 .elements = { s->element[n] },
					 .count = 1,
					 .merge = r & 256,
					 .left = r & 512 ? left : NULL,
					 .done = done,
					 .ctx = &s->bench,
					 .arg = n });
	}
	if (n + 1 < 20000)
		kernel_at(&s->bench.kernel,
			  s->bench.kernel.now +
				  (sim_time)rng_exponential(rng_again(r ^ 1),
							    500000),
			  event_key(EV_TEST, 0, n), stir, s, n + 1);
}

/* Reservations and skipped events change nothing, to the picosecond. */
static void both_kernels_agree(void **state)
{
	static const char *const pairs[] = {
		"", "pcie.tags=2 host.write_credits=8 host.read_credits=9",
		"nic.write_gap=3ns host.dram_load=60%"
	};
	static struct stream fast, naive;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(pairs); i++) {
		bench_init_on(&fast.bench, false, "", pairs[i]);
		bench_init_on(&naive.bench, true, "", pairs[i]);
		rng_stream_init(&fast.draws, 5, 5, (uint32_t)i);
		naive.draws = fast.draws;
		stir(&fast, 0);
		stir(&naive, 0);
		run(&fast.bench);
		run(&naive.bench);
		assert_int_equal(fast.bench.dones, 20000);
		assert_memory_equal(fast.bench.done, naive.bench.done,
				    sizeof(fast.bench.done));
		assert_true(fast.bench.pcie.up.fingerprint ==
			    naive.bench.pcie.up.fingerprint);
		assert_true(fast.bench.pcie.down.fingerprint ==
			    naive.bench.pcie.down.fingerprint);
		assert_true(fast.bench.kernel.executed <
			    naive.bench.kernel.executed);
		bench_clear(&fast.bench);
		bench_clear(&naive.bench);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_doorbell_takes_its_turn),
		cmocka_unit_test(a_doorbell_before_the_data_goes_first),
		cmocka_unit_test(writes_keep_their_order),
		cmocka_unit_test(a_chain_is_visible_at_once),
		cmocka_unit_test(nothing_overtakes_a_write_that_merges),
		cmocka_unit_test(write_credits_bound_throughput),
		cmocka_unit_test(nothing_passes_a_write_that_waits),
		cmocka_unit_test(writes_pass_a_read_without_tag),
		cmocka_unit_test(read_credits_bound_requests),
		cmocka_unit_test(a_register_read_stalls_for_a_completion),
		cmocka_unit_test(poisson_writes_wait_as_in_theory),
		cmocka_unit_test(little_holds_with_jitter),
		cmocka_unit_test(both_kernels_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
