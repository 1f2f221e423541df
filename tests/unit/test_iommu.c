/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Modes of the IOMMU as the CPU and the device see them: prices by hand,
 * batches and timers of deferred flushes, exposure, logical addresses, the
 * lock, and whole machines in every mode.
 */
#include "tests/unit/machine_fixture.h"

#include <stdio.h>

#include "models/component.h"
#include "models/host/iommu.h"
#include "models/machine.h"
#include "traces/params.h"

#define CORES	 2
#define MAPPINGS 2048
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NS(n)	 ((sim_time)(n)*PS_PER_NS)
#define US(n)	 ((sim_time)(n)*PS_PER_US)

struct bench;

/* One mapping's life: mapped at @at, unmapped @after later if > 0. */
struct life {
	struct cpu_job job;
	struct bench *bench;
	struct iommu_mapping mapping;
	struct stage_clock clock;
	unsigned core;
	uint32_t pages;
	sim_time after, mapped_at, unmap_began, unmapped_at;
	bool unmapping;
};

/* Cores of 1 GHz: 1,000 ps a cycle; fresh addresses for nothing. */
struct bench {
	struct kernel kernel;
	struct arena arena;
	struct stats stats;
	struct pool segments;
	struct core core[CORES];
	struct ledger ledger;
	struct iommu iommu;
	struct life life[MAPPINGS];
	size_t lives;
};

static void bench_init(struct bench *bench, const char *pairs)
{
	struct config *cfg = fix_config(
		NULL, "iommu.map=100 iommu.map_page=10 iommu.unmap=50 "
		      "iommu.unmap_page=5 iommu.invalidate=600 "
		      "iommu.iova_fresh=0 iommu.iova_depot=0");
	struct err err = ERR_INIT;
	unsigned i;

	memset(bench, 0, sizeof(*bench));
	fix_set(cfg, pairs);
	assert_int_equal(kernel_init(&bench->kernel, false, &err), 0);
	assert_int_equal(
		pool_init(&bench->segments, cpu_segment_size(), 64, &err), 0);
	arena_init(&bench->arena);
	stats_init(&bench->stats, 0);
	for (i = 0; i < CORES; i++)
		core_init(&bench->core[i], &bench->kernel, i, COMP_CORE + i,
			  1000000000, &bench->segments);
	ledger_init(&bench->ledger, &bench->stats, cfg);
	assert_int_equal(iommu_init(&bench->iommu, &bench->kernel,
				    &bench->ledger, &bench->stats,
				    &bench->arena, cfg, &bench->core[0], 1, 0,
				    &err),
			 0);
	config_free(cfg);
}

static void bench_clear(struct bench *bench)
{
	iommu_clear(&bench->iommu);
	stats_clear(&bench->stats);
	pool_clear(&bench->segments);
	arena_clear(&bench->arena);
	kernel_clear(&bench->kernel);
}

static void submit(struct life *life);

static void unmap_later(void *ctx, uint64_t arg)
{
	struct life *life = ctx;

	(void)arg;
	life->unmapping = true;
	submit(life);
}

static void mapped(struct core *core, void *ctx, uint64_t arg)
{
	struct life *life = ctx;

	(void)arg;
	life->mapped_at = core->kernel->now;
	if (life->after)
		kernel_at(core->kernel, core->kernel->now + life->after,
			  event_key(EV_TEST, 2,
				    (uint64_t)(life - life->bench->life)),
			  unmap_later, life, 0);
}

static void unmapped(struct core *core, void *ctx, uint64_t arg)
{
	struct life *life = ctx;

	(void)arg;
	life->unmapped_at = core->kernel->now;
}

static void job_start(struct core *core, struct cpu_job *job)
{
	struct life *life = (struct life *)job;
	struct charge charge = { .direction = DIR_TX,
				 .clock = &life->clock,
				 .stage = TX_UNMAP };

	if (!life->unmapping) {
		iommu_map(&life->bench->iommu, core, &life->mapping, &charge,
			  life->pages);
		cpu_then(core, mapped, life, 0);
		return;
	}
	life->unmap_began = core->kernel->now;
	iommu_unmap(&life->bench->iommu, core, &life->mapping, &charge);
	cpu_then(core, unmapped, life, 0);
}

static void job_done(struct core *core, struct cpu_job *job)
{
	(void)core;
	(void)job;
}

static void submit(struct life *life)
{
	life->job.irql = IRQL_DISPATCH;
	life->job.start = job_start;
	life->job.done = job_done;
	cpu_submit(&life->bench->core[life->core], &life->job);
}

static void begin(void *ctx, uint64_t arg)
{
	struct life *life = ctx;

	(void)arg;
	stage_start(&life->clock, life->bench->kernel.now);
	submit(life);
}

static struct life *add(struct bench *bench, unsigned core, sim_time at,
			uint32_t pages, sim_time after)
{
	struct life *life = &bench->life[bench->lives];

	assert_true(bench->lives < MAPPINGS);
	life->bench = bench;
	life->core = core;
	life->pages = pages;
	life->after = after;
	kernel_at(&bench->kernel, at, event_key(EV_TEST, 1, bench->lives),
		  begin, life, 0);
	bench->lives++;
	return life;
}

static void run(struct bench *bench)
{
	kernel_run(&bench->kernel, SIM_TIME_NEVER);
	stats_close(&bench->stats, bench->kernel.now);
	iommu_close(&bench->iommu);
}

/* --- prices --- */

static void strict_unmaps_wait_for_their_invalidation(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct life *a, *b;

	(void)state;
	assert_non_null(bench);
	bench_init(bench, "iommu.mode=strict");
	a = add(bench, 0, 0, 2, US(1));
	b = add(bench, 1, 0, 2, US(1));
	run(bench);
	assert_int_equal(a->mapped_at, NS(120));
	/* 60 ns of writes, then the queue serves one after the other. */
	assert_in_range(a->unmapped_at, NS(1120 + 60 + 600),
			NS(1120 + 60 + 601));
	assert_in_range(b->unmapped_at, NS(1120 + 60 + 1200),
			NS(1120 + 60 + 1201));
	assert_int_equal(bench->stats.iommu.exposure_ps.sum,
			 NS(600) + NS(1200));
	assert_int_equal(bench->stats.iommu.exposed_pages.max, 4);
	assert_int_equal(bench->stats.iommu.mapped_pages.max, 4);
	assert_int_equal(bench->stats.iommu.invalidations, 2);
	assert_int_equal(bench->stats.iommu.domain_invalidations, 0);
	bench_clear(bench);
	free(bench);
}

static void long_ranges_cost_by_the_page_until_the_domain_goes(void **state)
{
	static const struct {
		uint32_t pages;
		uint64_t ns, domains;
	} cases[] = { { 1, 607, 0 }, { 8, 656, 0 }, { 9, 600, 1 } };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct bench *bench = calloc(1, sizeof(*bench));

		assert_non_null(bench);
		bench_init(bench, "iommu.mode=strict iommu.invalidate_page=7 "
				  "iommu.selective_max=8");
		add(bench, 0, 0, cases[i].pages, US(1));
		run(bench);
		assert_int_equal(bench->stats.iommu.exposure_ps.sum,
				 NS(cases[i].ns));
		assert_int_equal(bench->stats.iommu.domain_invalidations,
				 cases[i].domains);
		bench_clear(bench);
		free(bench);
	}
}

static void off_and_passthrough_cost_nothing(void **state)
{
	static const char *const modes[] = { "iommu.mode=off",
					     "iommu.mode=passthrough" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(modes); i++) {
		struct bench *bench = calloc(1, sizeof(*bench));
		struct err err = ERR_INIT;
		uint64_t address = 1;
		struct life *life;

		assert_non_null(bench);
		bench_init(bench, modes[i]);
		assert_null(iommu_walker(&bench->iommu));
		assert_int_equal(
			iommu_map_at_setup(&bench->iommu, 4096, &address, &err),
			0);
		assert_int_equal(address, 0);
		life = add(bench, 0, NS(5), 2, US(1));
		run(bench);
		assert_int_equal(life->mapped_at, NS(5));
		assert_int_equal(life->unmapped_at, NS(5) + US(1));
		assert_int_equal(life->mapping.address, 0);
		assert_int_equal(bench->core[0].busy_ps, 0);
		assert_int_equal(bench->stats.iommu.maps, 0);
		assert_int_equal(bench->stats.iommu.unmaps, 0);
		bench_clear(bench);
		free(bench);
	}
}

/* --- deferred --- */

static void a_full_batch_is_flushed_together(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	size_t i;

	(void)state;
	assert_non_null(bench);
	bench_init(bench, "iommu.mode=deferred iommu.flush_batch=4");
	for (i = 0; i < 8; i++)
		add(bench, 0, US(10 * i), 1, US(1));
	run(bench);
	/* The fourth and the eighth wait, the others do not. */
	for (i = 0; i < 8; i++) {
		const struct life *life = &bench->life[i];
		sim_time took = life->unmapped_at - life->unmap_began;

		if (i % 4 == 3)
			assert_in_range(took, NS(655), NS(656));
		else
			assert_int_equal(took, NS(55));
	}
	assert_int_equal(bench->stats.iommu.invalidations, 2);
	assert_int_equal(bench->stats.iommu.domain_invalidations, 2);
	assert_int_equal(bench->stats.iommu.exposed_pages.max, 4);
	assert_int_equal(bench->stats.iommu.exposure_ps.count, 8);
	/* 30, 20, 10 and 0 us, and the flush. */
	assert_int_equal(bench->stats.iommu.exposure_ps.sum,
			 2 * (US(60) + 4 * NS(600)));
	assert_int_equal(bench->stats.iommu.exposure_ps.max, US(30) + NS(600));
	bench_clear(bench);
	free(bench);
}

static void the_timer_flushes_what_no_batch_did(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	(void)state;
	assert_non_null(bench);
	bench_init(bench, "iommu.mode=deferred iommu.flush_timer=50us");
	add(bench, 1, 0, 3, US(1));
	add(bench, 1, US(20), 1, US(1));
	add(bench, 1, US(200), 1, US(1));
	run(bench);
	assert_int_equal(bench->stats.iommu.invalidations, 2);
	assert_int_equal(bench->stats.iommu.exposure_ps.count, 3);
	assert_int_equal(bench->stats.iommu.exposure_ps.max, US(50) + NS(600));
	assert_int_equal(bench->stats.iommu.exposed_pages.max, 4);
	assert_int_equal(bench->stats.iommu.exposed_pages.level, 0);
	/* The worker's core did it, for both directions. */
	assert_in_range(bench->core[0].busy_ps, NS(1200), NS(1202));
	assert_in_range(bench->iommu.shared_cycles, 1200, 1202);
	bench_clear(bench);
	free(bench);
}

/* The first batch's timer is no business of the third unmap. */
static void a_timer_of_a_flushed_batch_is_stale(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	(void)state;
	assert_non_null(bench);
	bench_init(bench, "iommu.mode=deferred iommu.flush_timer=50us "
			  "iommu.flush_batch=2");
	add(bench, 1, 0, 1, US(1));
	add(bench, 1, US(10), 1, US(1));
	add(bench, 1, US(20), 1, US(1));
	run(bench);
	assert_int_equal(bench->stats.iommu.invalidations, 2);
	assert_int_equal(bench->stats.iommu.exposure_ps.max, US(50) + NS(600));
	bench_clear(bench);
	free(bench);
}

/* --- what the device still knows --- */

struct look {
	struct walker_request walk; /* first */
	struct life *life;
	bool hit;
};

static void looked(struct walker_request *walk)
{
	walk->address = 0;
}

static void look(void *ctx, uint64_t arg)
{
	struct look *look = ctx;

	(void)arg;
	look->walk.address = look->life->mapping.address;
	look->walk.write = true;
	look->walk.done = looked;
	look->hit =
		walker_translate(&look->life->bench->iommu.walker, &look->walk);
}

/* A page stays in the IOTLB from its first use to its invalidation. */
static void an_exposed_page_can_still_be_reached(void **state)
{
	static const struct {
		const char *pairs;
		size_t looks;
		bool hit[4]; /* mapped, mapped, unmapped, flushed */
	} cases[] = {
		{ "iommu.mode=strict", 3, { false, true, false } },
		{ "iommu.mode=strict iommu.selective_max=0",
		  3,
		  { false, true, false } },
		{ "iommu.mode=deferred iommu.flush_timer=60us",
		  4,
		  { false, true, true, false } },
	};
	static const sim_time at[] = { US(10), US(20), US(60), US(150) };
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct bench *bench = calloc(1, sizeof(*bench));
		struct look looks[4] = { 0 };
		struct life *life;

		assert_non_null(bench);
		bench_init(bench, cases[i].pairs);
		life = add(bench, 0, 0, 1, US(50));
		for (j = 0; j < cases[i].looks; j++) {
			looks[j].life = life;
			looks[j].walk.key = event_key(EV_BUS, 1, j);
			kernel_at(&bench->kernel, at[j],
				  event_key(EV_TEST, 3, j), look, &looks[j], 0);
		}
		run(bench);
		for (j = 0; j < cases[i].looks; j++)
			assert_int_equal(looks[j].hit, cases[i].hit[j]);
		bench_clear(bench);
		free(bench);
	}
}

/* Random lives on two cores: nothing is exposed for longer than it may be. */
static void exposure_is_bounded(void **state)
{
	static const char *const modes[] = {
		"iommu.mode=deferred iommu.flush_timer=40us",
		"iommu.mode=deferred iommu.flush_timer=40us "
		"iommu.flush_batch=16",
		"iommu.mode=deferred iommu.flush_timer=1ns "
		"iommu.contention=yes",
		"iommu.mode=strict",
	};
	static const sim_time timer[] = { US(40), US(40), NS(1), 0 };
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT(modes); i++) {
		struct bench *bench = calloc(1, sizeof(*bench));
		const struct iommu_stats *stats = &bench->stats.iommu;
		struct rng_stream stream;
		sim_time at = 0;
		uint64_t pages = 0;

		assert_non_null(bench);
		bench_init(bench, modes[i]);
		rng_stream_init(&stream, i, 8, 0);
		for (j = 0; j < 1500; j++) {
			uint64_t r = rng_draw(&stream, j);
			uint32_t n = 1 + (uint32_t)rng_below(r, 5);

			r = rng_again(r);
			at += (sim_time)rng_exponential(r, 2500000);
			add(bench, rng_chance(r, 500000), at, n,
			    1 + (sim_time)rng_exponential(rng_again(r),
							  9000000));
			pages += n;
		}
		run(bench);
		assert_int_equal(stats->maps, 1500);
		assert_int_equal(stats->unmaps, 1500);
		assert_int_equal(stats->exposure_ps.count, 1500);
		assert_int_equal(stats->exposed_pages.level, 0);
		assert_int_equal(stats->mapped_pages.level, 0);
		assert_int_equal(stats->pages_mapped, pages);
		assert_int_equal(bench->iommu.iova.taken,
				 bench->iommu.iova.given);
		assert_int_equal(pool_live(&bench->iommu.exposed_pool), 0);
		/* A flush, one ahead of it in the queue, and its core. */
		assert_true(stats->exposure_ps.max <=
			    (uint64_t)timer[i] + (uint64_t)US(5));
		bench_clear(bench);
		free(bench);
	}
}

/* --- addresses --- */

static void a_range_is_used_again_only_after_its_flush(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct life *a, *b, *c, *d;

	(void)state;
	assert_non_null(bench);
	bench_init(bench, "iommu.mode=deferred iommu.flush_batch=2");
	a = add(bench, 0, 0, 1, US(1));
	b = add(bench, 0, US(10), 1, US(1)); /* a is exposed */
	c = add(bench, 0, US(20), 1, US(1)); /* both are flushed */
	d = add(bench, 1, US(30), 1, 0);     /* another core */
	run(bench);
	assert_int_not_equal(a->mapping.address, b->mapping.address);
	assert_int_equal(c->mapping.address, b->mapping.address); /* LIFO */
	assert_int_not_equal(d->mapping.address, a->mapping.address);
	assert_int_equal(bench->stats.iommu.iova_fresh, 3);
	assert_int_equal(bench->stats.iommu.iova_cached, 1);
	bench_clear(bench);
	free(bench);
}

static void memory_at_setup_has_its_own_addresses(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct err err = ERR_INIT;
	uint64_t ring, window, scattered;
	struct life *life;

	(void)state;
	assert_non_null(bench);
	bench_init(bench, "iommu.mode=strict iommu.page=2MiB");
	assert_int_equal(iommu_map_at_setup(&bench->iommu, 8192, &ring, &err),
			 0);
	assert_int_equal(
		iommu_map_at_setup(&bench->iommu, 64 << 20, &window, &err), 0);
	assert_int_equal(
		iommu_map_scattered(&bench->iommu, 100, &scattered, &err), 0);
	life = add(bench, 0, 0, 1, 0);
	run(bench);
	assert_true(ring != 0);
	assert_int_equal(window % (2 << 20), 0);
	assert_true(ring + 8192 <= window);
	assert_true(bench->iommu.walker.setup_end == window + (64 << 20));
	assert_true(scattered >= UINT64_C(1) << 32);
	assert_int_equal(life->mapping.address, (UINT64_C(1) << 32) - 4096);
	/* 4 GiB less what is below the set-up memory is all there is. */
	assert_int_equal(iommu_map_at_setup(&bench->iommu, UINT64_C(3) << 30,
					    &window, &err),
			 -1);
	bench_clear(bench);
	free(bench);
}

static void a_narrow_device_is_refused(void **state)
{
	struct config *cfg =
		fix_config(NULL, "iommu.mode=strict nic.dma_width=27");
	struct machine_options options = { .seed = 1 };
	struct err err = ERR_INIT;

	(void)state;
	options.tx = tx_ops_find("ndis6-sg");
	options.rx = rx_ops_find("sg");
	assert_null(machine_new(cfg, &options, &err));
	assert_non_null(strstr(err.text, "nic.dma_width of 28"));
	config_free(cfg);
}

/* --- the lock --- */

static void contention_serialises_cores(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	(void)state;
	assert_non_null(bench);
	bench_init(bench, "iommu.mode=strict iommu.contention=yes");
	add(bench, 0, 0, 1, 0);
	add(bench, 1, NS(10), 1, 0);
	run(bench);
	assert_int_equal(bench->life[0].mapped_at, NS(110));
	assert_int_equal(bench->life[1].mapped_at, NS(220));
	assert_int_equal(bench->stats.iommu.lock_takes, 2);
	assert_int_equal(bench->stats.iommu.lock_contended, 1);
	assert_int_equal(bench->stats.iommu.lock_wait_ps, NS(100));
	bench_clear(bench);
	free(bench);
}

/* --- machines --- */

static struct machine *machine_in(const char *pairs, const char *tx,
				  const char *rx)
{
	enum { FRAMES = 2000 };
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 5,
		.tx_ppm = 500000,
		.gap = US(3),
		.poisson = true,
		.min = 60,
		.max = 1514,
		.flows = 4,
	});
	struct config *cfg = fix_config("xge-64bit", pairs);
	struct machine *m = fix_run(cfg, tx, rx, frames, FRAMES);

	config_free(cfg);
	free(frames);
	return m;
}

static void passthrough_is_off(void **state)
{
	struct machine *off = machine_in("", "ndis6-sg", "sg");
	struct machine *pass =
		machine_in("iommu.mode=passthrough", "ndis6-sg", "sg");

	(void)state;
	fix_assert_same(off, pass, "");
	assert_int_equal(off->result.fingerprint, pass->result.fingerprint);
	machine_free(off);
	machine_free(pass);
}

/* A fresh page misses once at least; what is copied reuses few pages. */
static void every_page_mapped_misses_in_strict_mode(void **state)
{
	struct machine *sg = machine_in("iommu.mode=strict", "ndis6-sg", "sg");
	struct machine *copy =
		machine_in("iommu.mode=strict", "ndis6-copy", "common-copy");
	const struct iommu_stats *s = &sg->stats.iommu;
	const struct iommu_stats *c = &copy->stats.iommu;

	(void)state;
	assert_true(s->walks >= s->pages_mapped);
	/* FS24 counted 1.76 accesses of the table per page, under load. */
	assert_in_range(s->memory_accesses * 100 / s->pages_mapped, 125, 200);
	assert_int_equal(s->walks + s->walks_joined, s->iotlb_misses);
	assert_int_equal(c->maps, 0);
	assert_int_equal(c->invalidations, 0);
	assert_true(c->iotlb_hits > 0);
	machine_free(sg);
	machine_free(copy);
}

/* Deferred: addresses come back, and the IOTLB still knows them between. */
static void deferred_costs_less_and_exposes_more(void **state)
{
	struct machine *strict =
		machine_in("iommu.mode=strict", "ndis6-sg", "sg");
	struct machine *deferred =
		machine_in("iommu.mode=deferred", "ndis6-sg", "sg");
	const struct iommu_stats *s = &strict->stats.iommu;
	const struct iommu_stats *d = &deferred->stats.iommu;

	(void)state;
	assert_int_equal(s->maps, d->maps);
	assert_true(d->invalidations * 50 < s->invalidations);
	assert_true(d->exposed_pages.max > s->exposed_pages.max * 10);
	assert_true(d->exposure_ps.max <= (uint64_t)(10 * PS_PER_MS + US(20)));
	assert_true(deferred->stats.tx.driver_cycles <
		    strict->stats.tx.driver_cycles);
	machine_free(strict);
	machine_free(deferred);
}

/* Common buffers in large pages need few walks; mapped frames do not care. */
static void large_pages_help_what_is_mapped_at_setup(void **state)
{
	static const char small[] = "iommu.mode=strict iommu.iotlb=16";
	static const char large[] =
		"iommu.mode=strict iommu.iotlb=16 iommu.page=2MiB";
	struct machine *a = machine_in(small, "ndis6-copy", "common-copy");
	struct machine *b = machine_in(large, "ndis6-copy", "common-copy");
	struct machine *c = machine_in(large, "ndis6-sg", "null");

	(void)state;
	assert_true(a->stats.iommu.walks > 1000);
	assert_true(b->stats.iommu.walks < 10);
	assert_true(c->stats.iommu.walks >= c->stats.iommu.pages_mapped);
	machine_free(a);
	machine_free(b);
	machine_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strict_unmaps_wait_for_their_invalidation),
		cmocka_unit_test(
			long_ranges_cost_by_the_page_until_the_domain_goes),
		cmocka_unit_test(off_and_passthrough_cost_nothing),
		cmocka_unit_test(a_full_batch_is_flushed_together),
		cmocka_unit_test(the_timer_flushes_what_no_batch_did),
		cmocka_unit_test(a_timer_of_a_flushed_batch_is_stale),
		cmocka_unit_test(an_exposed_page_can_still_be_reached),
		cmocka_unit_test(exposure_is_bounded),
		cmocka_unit_test(a_range_is_used_again_only_after_its_flush),
		cmocka_unit_test(memory_at_setup_has_its_own_addresses),
		cmocka_unit_test(a_narrow_device_is_refused),
		cmocka_unit_test(contention_serialises_cores),
		cmocka_unit_test(passthrough_is_off),
		cmocka_unit_test(every_page_mapped_misses_in_strict_mode),
		cmocka_unit_test(deferred_costs_less_and_exposes_more),
		cmocka_unit_test(large_pages_help_what_is_mapped_at_setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
