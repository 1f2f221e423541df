/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device's translations: timelines by hand, order, slots, page structures,
 * balance, both kernels.
 */
#include "tests/unit/machine_fixture.h"

#include <stdio.h>

#include "models/component.h"
#include "models/host/walker.h"
#include "traces/params.h"

#define REQUESTS 4096
#define NOT_YET	 (-1)
#define PAGE(n)	 ((uint64_t)(n)*4096)
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define NS(n) ((sim_time)(n)*PS_PER_NS)

struct rig;

struct request {
	struct walker_request walk; /* first */
	struct rig *rig;
	sim_time at, hold; /* a read is released this long after */
	sim_time translated_at;
	bool at_once;
};

struct rig {
	struct kernel kernel;
	struct arena arena;
	struct stats stats;
	struct walker walker;
	struct request request[REQUESTS];
	size_t count;
	size_t order[2][REQUESTS], done[2]; /* by kind */
	__uint128_t slot_ps;		    /* held, as seen from outside */
};

/* Without further words: 2 slots, 100 ns, page structures for nothing. */
static void rig_init(struct rig *rig, const char *pairs, bool naive)
{
	struct config *cfg = fix_config(
		NULL, "iommu.walks=2 iommu.walk=100ns iommu.walk_level=0");
	struct err err = ERR_INIT;

	memset(rig, 0, sizeof(*rig));
	fix_set(cfg, pairs);
	assert_int_equal(kernel_init(&rig->kernel, naive, &err), 0);
	arena_init(&rig->arena);
	stats_init(&rig->stats, 0);
	walker_init(&rig->walker, &rig->kernel, &rig->stats, &rig->arena, cfg,
		    1, 0);
	config_free(cfg);
}

static void rig_clear(struct rig *rig)
{
	stats_clear(&rig->stats);
	arena_clear(&rig->arena);
	kernel_clear(&rig->kernel);
}

static void released(void *ctx, uint64_t arg)
{
	struct request *request = ctx;

	(void)arg;
	walker_release(&request->rig->walker, &request->walk);
}

static void translated(struct request *request)
{
	struct rig *rig = request->rig;
	bool write = request->walk.write;
	size_t number = (size_t)(request - rig->request);

	assert_int_equal(request->translated_at, NOT_YET);
	request->translated_at = rig->kernel.now;
	rig->order[write][rig->done[write]++] = number;
	if (!write)
		kernel_at(&rig->kernel, rig->kernel.now + request->hold,
			  event_key(EV_TEST, 2, number), released, request, 0);
}

static void walk_done(struct walker_request *walk)
{
	translated((struct request *)walk);
}

static void arrived(void *ctx, uint64_t arg)
{
	struct request *request = ctx;

	(void)arg;
	if (!walker_translate(&request->rig->walker, &request->walk))
		return;
	request->at_once = true;
	translated(request);
}

static struct request *add(struct rig *rig, sim_time at, bool write,
			   uint64_t address, sim_time hold)
{
	struct request *request = &rig->request[rig->count];

	*request = (struct request){
		.rig = rig,
		.at = at,
		.hold = hold,
		.translated_at = NOT_YET,
		.walk = { .address = address,
			  .write = write,
			  .key = event_key(EV_BUS, 1, rig->count),
			  .done = walk_done },
	};
	kernel_at(&rig->kernel, at, event_key(EV_TEST, 1, rig->count), arrived,
		  request, 0);
	rig->count++;
	return request;
}

static struct request *add_read(struct rig *rig, sim_time at, uint64_t address,
				sim_time hold)
{
	return add(rig, at, false, address, hold);
}

static struct request *add_write(struct rig *rig, sim_time at, uint64_t address)
{
	return add(rig, at, true, address, 0);
}

static void run(struct rig *rig)
{
	size_t i;

	kernel_run(&rig->kernel, SIM_TIME_NEVER);
	stats_close(&rig->stats, rig->kernel.now);
	for (i = 0; i < rig->count; i++)
		assert_true(rig->request[i].translated_at >=
			    rig->request[i].at);
	assert_int_equal(rig->walker.slots_free, rig->walker.slots);
	assert_null(rig->walker.waiting.head);
	assert_null(rig->walker.order[0].head);
	assert_null(rig->walker.order[1].head);
}

/* --- timelines by hand --- */

/* The third read's walk begins when the first read is answered. */
static void a_read_keeps_its_slot_until_answered(void **state)
{
	struct rig rig;
	struct request *a, *b, *c;

	(void)state;
	rig_init(&rig, "", false);
	a = add_read(&rig, 0, PAGE(0), NS(50));
	b = add_read(&rig, NS(10), PAGE(1), NS(50));
	c = add_read(&rig, NS(20), PAGE(2), NS(50));
	run(&rig);
	assert_int_equal(a->translated_at, NS(100));
	assert_int_equal(b->translated_at, NS(110));
	assert_int_equal(c->translated_at, NS(250));
	assert_int_equal(rig.stats.iommu.walks, 3);
	assert_int_equal(rig.stats.iommu.slot_wait_ps.sum, NS(130));
	/* Three walks and three answers. */
	assert_int_equal(rig.stats.iommu.slots_used.by_time.sum, NS(450));
	assert_int_equal(rig.stats.iommu.slots_used.max, 2);
	rig_clear(&rig);
}

/* The third write's walk begins when the first walk ends. */
static void a_write_gives_its_slot_back_after_the_walk(void **state)
{
	struct rig rig;
	struct request *a, *b, *c;

	(void)state;
	rig_init(&rig, "", false);
	a = add_write(&rig, 0, PAGE(0));
	b = add_write(&rig, NS(10), PAGE(1));
	c = add_write(&rig, NS(20), PAGE(2));
	run(&rig);
	assert_int_equal(a->translated_at, NS(100));
	assert_int_equal(b->translated_at, NS(110));
	assert_int_equal(c->translated_at, NS(200));
	rig_clear(&rig);
}

/* A hit waits for the miss before it, of its own kind only. */
static void a_hit_waits_behind_a_miss_of_its_kind(void **state)
{
	struct rig rig;
	struct request *miss, *hit, *write, *late;

	(void)state;
	rig_init(&rig, "", false);
	add_read(&rig, 0, PAGE(7), 0);
	miss = add_read(&rig, NS(1000), PAGE(8), 0);
	hit = add_read(&rig, NS(1010), PAGE(7), 0);
	write = add_write(&rig, NS(1020), PAGE(7));
	late = add_read(&rig, NS(1200), PAGE(8), 0);
	run(&rig);
	assert_int_equal(miss->translated_at, NS(1100));
	assert_int_equal(hit->translated_at, NS(1100));
	assert_true(write->at_once && late->at_once);
	assert_int_equal(rig.stats.iommu.iotlb_hits, 3);
	assert_int_equal(rig.stats.iommu.iotlb_misses, 2);
	assert_int_equal(rig.stats.iommu.translation_ps.count, 3);
	assert_int_equal(rig.stats.iommu.translation_ps.sum, NS(290));
	rig_clear(&rig);
}

/* A short walk behind a long one is over in time and waits all the same. */
static void a_miss_walks_behind_a_miss(void **state)
{
	struct rig rig;
	struct request *far, *near;

	(void)state;
	rig_init(&rig, "iommu.walk_level=50ns", false);
	add_read(&rig, 0, PAGE(0), 0);
	far = add_read(&rig, NS(1000), PAGE(512), 0); /* 2 accesses */
	near = add_read(&rig, NS(1010), PAGE(1), 0);  /* 1 */
	run(&rig);
	assert_int_equal(far->translated_at, NS(1150));
	assert_int_equal(near->translated_at, NS(1150));
	rig_clear(&rig);
}

/* The third is looked up when the first is translated. */
static void nothing_is_looked_up_beyond_the_lookahead(void **state)
{
	struct request *a, *b, *c, *write;
	struct rig rig;

	(void)state;
	rig_init(&rig, "iommu.walks=4 iommu.lookahead=2", false);
	a = add_read(&rig, 0, PAGE(0), 0);
	b = add_read(&rig, NS(10), PAGE(1), 0);
	c = add_read(&rig, NS(20), PAGE(2), 0);
	write = add_write(&rig, NS(30), PAGE(3)); /* looked up apart */
	run(&rig);
	assert_int_equal(a->translated_at, NS(100));
	assert_int_equal(b->translated_at, NS(110));
	assert_int_equal(c->translated_at, NS(200));
	assert_int_equal(write->translated_at, NS(130));
	rig_clear(&rig);
}

static void one_walk_serves_all_who_ask_for_its_page(void **state)
{
	struct rig rig;
	struct request *a, *b, *c, *d, *e, *f;

	(void)state;
	rig_init(&rig, "iommu.walks=1", false);
	a = add_read(&rig, 0, PAGE(3), NS(40));
	b = add_read(&rig, NS(30), PAGE(3) + 512, NS(40));
	c = add_write(&rig, NS(60), PAGE(3) + 1024);
	d = add_write(&rig, NS(70), PAGE(4)); /* waits for the slot */
	e = add_read(&rig, NS(80), PAGE(4),
		     0); /* so does this: no walk to join */
	f = add_read(&rig, NS(180), PAGE(4), 0); /* joins the first's */
	run(&rig);
	assert_int_equal(a->translated_at, NS(100));
	assert_int_equal(b->translated_at, NS(100));
	assert_int_equal(c->translated_at, NS(100));
	assert_int_equal(d->translated_at, NS(240));
	assert_int_equal(e->translated_at, NS(340));
	assert_int_equal(f->translated_at, NS(340)); /* in order */
	assert_int_equal(rig.stats.iommu.walks, 3);
	assert_int_equal(rig.stats.iommu.walks_joined, 3);
	rig_clear(&rig);
}

/* --- page structures --- */

static void a_walk_reads_what_is_not_cached(void **state)
{
	/* Pages one after another, far apart in time; accesses of each. */
	static const struct {
		uint64_t page;
		uint64_t accesses;
	} walks[] = {
		{ 0, 4 },	  /* nothing known */
		{ 1, 1 },	  /* the same leaf table */
		{ 511, 1 },	  /* its last entry */
		{ 512, 2 },	  /* the next leaf table */
		{ 512 * 512, 3 }, /* the next table of level 2 */
		{ 512 * 512 + 5, 1 },
		{ 512ull * 512 * 512, 4 }, /* the next of level 3 */
		{ 513, 1 },
	};
	uint64_t accesses = 0;
	struct rig rig;
	size_t i;

	(void)state;
	rig_init(&rig, "iommu.walk_level=30ns", false);
	for (i = 0; i < COUNT(walks); i++)
		add_read(&rig, NS(1000 * i), PAGE(walks[i].page), 0);
	run(&rig);
	for (i = 0; i < COUNT(walks); i++) {
		const struct request *r = &rig.request[i];

		accesses += walks[i].accesses;
		assert_int_equal(r->translated_at - r->at,
				 NS(100 + 30 * (walks[i].accesses - 1)));
	}
	assert_int_equal(rig.stats.iommu.memory_accesses, accesses);
	assert_int_equal(rig.stats.iommu.psc_misses, accesses - COUNT(walks));
	rig_clear(&rig);
}

/* Three leaf tables in turn: two entries keep none, three keep all. */
static void structures_are_forgotten_too(void **state)
{
	size_t i, entries;

	(void)state;
	for (entries = 2; entries <= 3; entries++) {
		char pairs[60];
		struct rig rig;

		snprintf(pairs, sizeof(pairs), "iommu.psc=%zu", entries);
		rig_init(&rig, pairs, false);
		for (i = 0; i < 30; i++)
			add_read(&rig, NS(1000 * i), PAGE(i % 3 * 512 + i), 0);
		run(&rig);
		/* 3 levels at first, then the leaf tables. */
		assert_int_equal(rig.stats.iommu.psc_misses,
				 entries == 2 ? 32 : 5);
		rig_clear(&rig);
	}
}

static void larger_pages_need_fewer_levels_and_entries(void **state)
{
	static const struct {
		const char *page;
		uint64_t first_walk_ns, walks;
	} sizes[] = {
		{ "iommu.page=4KiB", 190, 1024 },
		{ "iommu.page=2MiB", 160, 2 },
		{ "iommu.page=1GiB", 130, 1 },
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT(sizes); i++) {
		char pairs[80];
		struct rig rig;

		snprintf(pairs, sizeof(pairs), "iommu.walk_level=30ns %s",
			 sizes[i].page);
		rig_init(&rig, pairs, false);
		rig.walker.setup_end = PAGE(1024);
		for (j = 0; j < 1024; j++)
			add_read(&rig, NS(1000 * j), PAGE(j), 0);
		add_read(&rig, NS(1000 * j), PAGE(1024), 0); /* beyond it */
		run(&rig);
		assert_int_equal(rig.request[0].translated_at,
				 NS(sizes[i].first_walk_ns));
		assert_int_equal(rig.stats.iommu.walks, sizes[i].walks + 1);
		rig_clear(&rig);
	}
}

static void an_invalidated_page_is_walked_for_again(void **state)
{
	static const struct {
		unsigned levels;
		uint64_t accesses;
	} cases[] = { { 0, 1 }, { 1, 2 }, { 2, 3 }, { 3, 4 } };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct request *a, *b, *other;
		struct rig rig;

		rig_init(&rig, "iommu.walk_level=30ns", false);
		add_read(&rig, 0, PAGE(9), 0);
		add_read(&rig, NS(500), PAGE(8), 0);
		kernel_run(&rig.kernel, NS(900));
		walker_invalidate(&rig.walker, PAGE(9), 1, cases[i].levels);
		other = add_read(&rig, NS(1000), PAGE(8), 0);
		a = add_read(&rig, NS(2000), PAGE(9), 0);
		b = add_read(&rig, NS(3000), PAGE(9), 0);
		run(&rig);
		assert_true(other->at_once && b->at_once);
		assert_int_equal(a->translated_at - a->at,
				 NS(100 + 30 * (cases[i].accesses - 1)));
		rig_clear(&rig);
	}
}

/* --- laws --- */

static sim_time random_stream(struct rig *rig, uint64_t seed, size_t count,
			      uint64_t pages, uint64_t gap_ps)
{
	struct rng_stream stream;
	sim_time at = 0;
	size_t i;

	rng_stream_init(&stream, seed, 99, 0);
	for (i = 0; i < count; i++) {
		uint64_t r = rng_draw(&stream, i);
		bool write = rng_chance(r, 400000);
		uint64_t page = rng_below(rng_again(r), pages);
		/* Rounded, so that many things happen at one instant. */
		uint64_t gap =
			rng_exponential(rng_again(rng_again(r)), gap_ps) /
			10000 * 10000;

		at += (sim_time)gap;
		add(rig, at, write, PAGE(page * 77),
		    NS(10 * rng_below(rng_again(r + 1), 20)));
	}
	return at;
}

/* In order, in balance, never more walks than slots, Little's law. */
static void random_streams_obey_the_laws(void **state)
{
	static const char *const pairs[] = {
		"iommu.iotlb=16 iommu.iotlb_reserved=0",
		"iommu.walks=1 iommu.walk_level=70ns iommu.psc=2",
		"iommu.walks=7 iommu.iotlb_replacement=random",
	};
	size_t i, j, kind;

	(void)state;
	for (i = 0; i < COUNT(pairs); i++) {
		const struct iommu_stats *stats;
		__uint128_t reads_held = 0;
		struct rig *rig = calloc(1, sizeof(*rig));

		assert_non_null(rig);
		rig_init(rig, pairs[i], false);
		random_stream(rig, i, REQUESTS, 300, 60000);
		run(rig);
		stats = &rig->stats.iommu;
		for (kind = 0; kind < 2; kind++)
			for (j = 1; j < rig->done[kind]; j++)
				assert_true(rig->order[kind][j - 1] <
					    rig->order[kind][j]);
		assert_int_equal(stats->iotlb_hits + stats->iotlb_misses,
				 REQUESTS);
		assert_int_equal(stats->walks + stats->walks_joined,
				 stats->iotlb_misses);
		assert_true(stats->walks_joined > 0);
		assert_int_equal(stats->walks, stats->walk_ps.count);
		assert_int_equal(stats->memory_accesses,
				 stats->walks + stats->psc_misses);
		assert_true(stats->slots_used.max <= rig->walker.slots);
		/* Slots are held by walks, and by reads until answered. */
		assert_true(stats->slots_used.by_time.sum >=
			    stats->walk_ps.sum);
		for (j = 0; j < REQUESTS; j++)
			reads_held += (uint64_t)rig->request[j].hold +
				      (uint64_t)(rig->request[j].translated_at -
						 rig->request[j].at);
		assert_true(stats->slots_used.by_time.sum <=
			    stats->walk_ps.sum + reads_held);
		rig_clear(rig);
		free(rig);
	}
}

/*
 * Misses alone, faster than they can be served: c servers of L each, so n
 * writes take ceil(n / c) L, and the slots are full all the time.
 */
static void walks_are_served_by_c_servers(void **state)
{
	enum { WRITES = 1001 };
	size_t i, slots;

	(void)state;
	for (slots = 1; slots <= 8; slots++) {
		char pairs[40];
		sim_time last = 0;
		struct rig *rig = calloc(1, sizeof(*rig));

		assert_non_null(rig);
		snprintf(pairs, sizeof(pairs), "iommu.walks=%zu", slots);
		rig_init(rig, pairs, false);
		for (i = 0; i < WRITES; i++)
			add_write(rig, (sim_time)i, PAGE(i));
		run(rig);
		last = rig->request[WRITES - 1].translated_at;
		/* The burst takes WRITES ps to arrive. */
		assert_in_range(last, NS((WRITES + slots - 1) / slots * 100),
				NS((WRITES + slots - 1) / slots * 100) +
					WRITES);
		assert_int_equal(rig->stats.iommu.slots_used.by_time.sum,
				 NS(100 * WRITES));
		rig_clear(rig);
		free(rig);
	}
}

static void both_kernels_agree(void **state)
{
	static const char *const pairs[] = {
		"",
		"iommu.walks=1 iommu.walk_level=10ns iommu.psc=1",
		"iommu.walks=3 iommu.iotlb=8 iommu.iotlb_replacement=random",
		"iommu.walk=0",
		"iommu.lookahead=1",
		"iommu.lookahead=3 iommu.walks=3",
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT(pairs); i++) {
		struct rig *fast = calloc(1, sizeof(*fast));
		struct rig *naive = calloc(1, sizeof(*naive));

		assert_true(fast && naive);
		rig_init(fast, pairs[i], false);
		rig_init(naive, pairs[i], true);
		random_stream(fast, 50 + i, 1500, 200, 40000);
		random_stream(naive, 50 + i, 1500, 200, 40000);
		run(fast);
		run(naive);
		for (j = 0; j < fast->count; j++)
			assert_int_equal(fast->request[j].translated_at,
					 naive->request[j].translated_at);
		assert_int_equal(fast->stats.iommu.iotlb_hits,
				 naive->stats.iommu.iotlb_hits);
		rig_clear(fast);
		rig_clear(naive);
		free(fast);
		free(naive);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_read_keeps_its_slot_until_answered),
		cmocka_unit_test(a_write_gives_its_slot_back_after_the_walk),
		cmocka_unit_test(a_hit_waits_behind_a_miss_of_its_kind),
		cmocka_unit_test(a_miss_walks_behind_a_miss),
		cmocka_unit_test(nothing_is_looked_up_beyond_the_lookahead),
		cmocka_unit_test(one_walk_serves_all_who_ask_for_its_page),
		cmocka_unit_test(a_walk_reads_what_is_not_cached),
		cmocka_unit_test(structures_are_forgotten_too),
		cmocka_unit_test(larger_pages_need_fewer_levels_and_entries),
		cmocka_unit_test(an_invalidated_page_is_walked_for_again),
		cmocka_unit_test(random_streams_obey_the_laws),
		cmocka_unit_test(walks_are_served_by_c_servers),
		cmocka_unit_test(both_kernels_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
