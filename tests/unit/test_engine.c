/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The DMA engine of a NIC before the bus: issue of writes chunk by chunk, the
 * gap of its port, storing what was read; timelines by hand.
 */
#include "tests/unit/pcie_fixture.h"

#include "models/nic/engine.h"
#include "traces/params.h"

#define NFP                                                                \
	"nic.dma_issue=21.1ns nic.dma_chunk=128B nic.dma_chunk_time=17ns " \
	"pcie.generation=5 pcie.lanes=16 pcie.mps=4KiB "

struct rig {
	struct bench bench;
	struct engine engine;
};

static void rig_init_on(struct rig *rig, bool naive, const char *pairs)
{
	struct config *cfg = fix_config(NULL, PLAIN);
	struct err err = ERR_INIT;

	fix_set(cfg, pairs);
	bench_init_on(&rig->bench, naive, PLAIN, pairs);
	assert_int_equal(engine_init(&rig->engine, &rig->bench.pcie,
				     COMP_ADAPTER, cfg, &err),
			 0);
	config_free(cfg);
}

static void rig_init(struct rig *rig, const char *pairs)
{
	rig_init_on(rig, false, pairs);
}

static void rig_clear(struct rig *rig)
{
	assert_int_equal(pool_live(&rig->engine.writes_pool), 0);
	engine_clear(&rig->engine);
	bench_clear(&rig->bench);
}

static void write_by(struct rig *rig, uint32_t bytes, uint64_t arg)
{
	engine_write(&rig->engine,
		     &(struct pcie_write_args){ .elements = { { 0, bytes } },
						.count = 1,
						.done = done,
						.ctx = &rig->bench,
						.arg = arg });
}

static void read_by(struct rig *rig, const struct sg_element *elements,
		    uint32_t count, uint64_t arg)
{
	engine_read(&rig->engine,
		    &(struct pcie_read_args){ .elements = elements,
					      .count = count,
					      .from = IN_LLC,
					      .done = done,
					      .ctx = &rig->bench,
					      .arg = arg });
}

/* One write: 21.1 ns for its first chunk and 17 for every further one. */
static void a_write_is_issued_by_chunks(void **state)
{
	static const struct {
		uint32_t bytes;
		unsigned chunks;
	} cases[] = { { 1, 1 },	  { 64, 1 },  { 128, 1 },  { 129, 2 },
		      { 256, 2 }, { 257, 3 }, { 1024, 8 }, { 1514, 12 } };
	static struct rig rig;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		rig_init(&rig, NFP);
		write_by(&rig, cases[i].bytes, 0);
		run(&rig.bench);
		assert_ps(rig.bench.done[0],
			  21100 + 17000.0 * (cases[i].chunks - 1) +
				  link_ps(&rig.bench, cases[i].bytes + 24) +
				  220000,
			  2);
		rig_clear(&rig);
	}
}

/* One after the other: 47.4 M/s of 64 B, whatever the link could take. */
static void issue_bounds_small_writes(void **state)
{
	enum { WRITES = 20000 };
	static struct rig rig;
	uint64_t i;

	(void)state;
	rig_init(&rig, NFP);
	for (i = 0; i < WRITES; i++)
		write_by(&rig, 64, i);
	run(&rig.bench);
	for (i = 0; i < WRITES; i += 111)
		assert_ps(rig.bench.done[i],
			  (double)(i + 1) * 21100 + link_ps(&rig.bench, 88) +
				  220000,
			  2);
	assert_true(fix_near(WRITES * 1e12 /
				     (double)(rig.bench.kernel.now - 220000),
			     47.4e6, 500));
	assert_int_equal(rig.engine.issue.busy_ps, WRITES * 21100);
	rig_clear(&rig);
}

/* An element of a chain begins a chunk of its own. */
static void a_chain_is_issued_as_one(void **state)
{
	static struct rig rig;

	(void)state;
	rig_init(&rig, NFP);
	engine_write(&rig.engine,
		     &(struct pcie_write_args){
			     .elements = { { 0x1000, 200 }, { 0x9000, 16 } },
			     .count = 2,
			     .done = done,
			     .ctx = &rig.bench });
	run(&rig.bench);
	assert_ps(rig.bench.done[0],
		  21100 + 2 * 17000 + link_ps(&rig.bench, 216 + 48) + 220000,
		  2);
	rig_clear(&rig);
}

/* A message takes its turn behind the writes and no time of its own. */
static void a_message_takes_its_turn(void **state)
{
	static struct rig rig;

	(void)state;
	rig_init(&rig, NFP);
	write_by(&rig, 256, 0);
	engine_message(&rig.engine, done, &rig.bench, 1);
	write_by(&rig, 64, 2);
	run(&rig.bench);
	assert_ps(rig.bench.done[1],
		  38100 + link_ps(&rig.bench, 280 + 28) + 220000, 2);
	assert_ps(rig.bench.done[2],
		  38100 + 21100 + link_ps(&rig.bench, 88) + 220000, 2);
	rig_clear(&rig);
}

/* The port's gap is added to each write, not to messages or requests. */
static void the_port_pauses_behind_a_write(void **state)
{
	const struct sg_element element = { 0, 64 };
	static struct rig rig;
	unsigned i;

	(void)state;
	rig_init(&rig, "nic.write_gap=3ns nic.dma_latency=0");
	for (i = 0; i < 100; i++)
		write_by(&rig, 64, i);
	engine_message(&rig.engine, done, &rig.bench, 100);
	read_by(&rig, &element, 1, 101);
	run(&rig.bench);
	for (i = 0; i < 100; i++)
		assert_ps(rig.bench.done[i],
			  (i + 1) * (link_ps(&rig.bench, 88) + 3000) + 220000,
			  2);
	assert_ps(rig.bench.done[100],
		  100 * (link_ps(&rig.bench, 88) + 3000) +
			  link_ps(&rig.bench, 28) + 220000,
		  2);
	assert_ps(rig.bench.done[101],
		  100 * (link_ps(&rig.bench, 88) + 3000) +
			  link_ps(&rig.bench, 28 + 24) + 532000 +
			  link_ps(&rig.bench, 84),
		  4);
	assert_int_equal(rig.engine.issue.served, 0); /* nothing to issue */
	rig_clear(&rig);
}

/* Data is stored whole: a latency, and its bytes at nic.dma_store. */
static void a_read_is_stored(void **state)
{
	static const struct sg_element elements[] = { { 0, 512 },
						      { 8192, 1000 } };
	static const struct {
		const char *pairs;
		sim_time store;
	} cases[] = {
		{ "nic.dma_latency=0", 0 },
		{ "nic.dma_latency=44ns", 44000 },
		/* 1512 bytes at 10 Gb/s */
		{ "nic.dma_latency=44ns nic.dma_store=10Gbps",
		  44000 + 1209600 },
		{ "nic.dma_latency=0 nic.dma_store=10Gbps", 1209600 },
	};
	static struct rig rig;
	sim_time without = 0;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		rig_init(&rig, cases[i].pairs);
		read_by(&rig, elements, 2, 0);
		run(&rig.bench);
		assert_int_equal(rig.bench.dones, 1);
		if (!i)
			without = rig.bench.done[0];
		assert_int_equal(rig.bench.done[0], without + cases[i].store);
		/* Not the bus's: tags are given back before. */
		assert_true(rig.bench.stats.pcie.read_ps.max <=
			    (uint64_t)without);
		rig_clear(&rig);
	}
}

static struct sg_element stirred[30000];

static void stir(void *ctx, uint64_t n)
{
	struct rig *rig = ctx;
	struct rng_stream stream;
	uint64_t r;

	rng_stream_init(&stream, 9, 9, 0);
	r = rng_draw(&stream, n);
	if (r % 8 == 0)
		engine_message(&rig->engine, done, &rig->bench, n);
	else if (r % 8 < 4)
		write_by(rig, 1 + (uint32_t)(r >> 8) % 2000, n);
	else {
		stirred[n] =
			(struct sg_element){ r >> 40,
					     1 + (uint32_t)(r >> 8) % 2000 };
		read_by(rig, &stirred[n], 1, n);
	}
	if (n + 1 < 20000)
		kernel_at(&rig->bench.kernel,
			  rig->bench.kernel.now + (sim_time)rng_exponential(
							  rng_again(r), 300000),
			  event_key(EV_TEST, 0, n), stir, rig, n + 1);
}

static void both_kernels_agree(void **state)
{
	static const char *const pairs[] = {
		"nic.dma_latency=44ns host.read_jitter=50ns",
		NFP "nic.dma_store=50Gbps nic.write_gap=1ns pcie.tags=3",
	};
	static struct rig fast, naive;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(pairs); i++) {
		rig_init_on(&fast, false, pairs[i]);
		rig_init_on(&naive, true, pairs[i]);
		stir(&fast, 0);
		stir(&naive, 0);
		run(&fast.bench);
		run(&naive.bench);
		assert_int_equal(fast.bench.dones, 20000);
		assert_memory_equal(fast.bench.done, naive.bench.done,
				    sizeof(fast.bench.done));
		assert_true(fast.engine.issue.fingerprint ==
			    naive.engine.issue.fingerprint);
		rig_clear(&fast);
		rig_clear(&naive);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_write_is_issued_by_chunks),
		cmocka_unit_test(issue_bounds_small_writes),
		cmocka_unit_test(a_chain_is_issued_as_one),
		cmocka_unit_test(a_message_takes_its_turn),
		cmocka_unit_test(the_port_pauses_behind_a_write),
		cmocka_unit_test(a_read_is_stored),
		cmocka_unit_test(both_kernels_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
