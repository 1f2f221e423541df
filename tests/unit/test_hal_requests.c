/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What requests may ask of the HAL, what the personalities make of it, and
 * what is counted when a driver does wrong.
 */
#include <stdio.h>

#include "models/host/hal_common.h"
#include "tests/unit/test_hal_fixture.h"
#include "traces/params.h"

enum { A, B, C, D, E };

#define EIGHT "hal.pool=8 hal.pool_cap=8 "

static void hazards_are(const struct bench *bench, enum hazard only,
			uint64_t count)
{
	unsigned i;

	for (i = 0; i < HAZARDS; i++) {
		uint64_t got = bench->ledger.hazards.of[i].count;

		if (got != (i == only ? count : 0))
			fail_msg("%s: %llu", hazard_defs[i].name,
				 (unsigned long long)got);
	}
}

#define NO_HAZARD HAZARDS

/* --- flags --- */

/* Now or not at all: it neither waits nor overtakes. */
static void synchronous_requests_do_not_wait(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, EIGHT);
	PLAY(&bench, { 1, A, 6, 0 }, { 2, B, 4, HAL_SYNC },
	     { 3, C, 2, HAL_SYNC }, { 4, D, 1, 0 }, { 5, C, 0, 0 },
	     { 6, E, 1, HAL_SYNC });
	until(&bench, 4);
	assert_int_equal(bench.request[B].granted_at, 2);
	assert_int_equal(bench.request[B].status, HAL_NO_RESOURCES);
	assert_int_equal(bench.request[C].status, HAL_GRANTED);
	assert_int_equal(bench.request[D].granted_at, NOT_YET);
	assert_int_equal(bench.stats.hal.map_register_waits, 1);
	until(&bench, 6);
	assert_int_equal(bench.request[D].granted_at, 5);
	assert_int_equal(bench.request[E].status, HAL_GRANTED);
	assert_int_equal(bench.hal.free, 0);
	hazards_are(&bench, NO_HAZARD, 0);
	bench_clear(&bench);
}

/* Example 14: 12 registers in a pool of 5 are 3 transfers: 5, 5 and 2. */
static void a_prefix_makes_three_transfers_of_twelve(void **state)
{
	const uint32_t want[] = { 5, 5, 2 };
	uint32_t left = 12, i;
	struct bench bench;

	(void)state;
	bench_init(&bench, "hal.pool=8 hal.pool_cap=8 hal.background=3");
	for (i = 0; i < 3; i++) {
		struct hal_request *req = &bench.request[A].req;

		PLAY(&bench,
		     { 10 * i, A, left, HAL_SYNC | HAL_MAY_BE_PARTIAL });
		until(&bench, 10 * i);
		assert_int_equal(req->granted, want[i]);
		assert_int_equal(bench.request[A].status,
				 i < 2 ? HAL_PARTIAL : HAL_GRANTED);
		left -= req->granted;
		PLAY(&bench, { 10 * i + 5, A, 0, 0 });
		until(&bench, 10 * i + 5);
	}
	assert_int_equal(left, 0);
	assert_int_equal(bench.hal.free, 5);
	assert_int_equal(bench.stats.hal.partial_grants, 2);
	hazards_are(&bench, NO_HAZARD, 0);
	bench_clear(&bench);
}

/* hal.exhausted=partial: whoever can do with less gets it, at least one. */
static void a_prefix_is_at_least_one(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, EIGHT "hal.exhausted=partial");
	PLAY(&bench, { 1, A, 5, 0 }, { 2, B, 6, HAL_MAY_BE_PARTIAL },
	     { 3, C, 6, HAL_MAY_BE_PARTIAL }, { 4, D, 2, 0 }, { 9, A, 0, 0 });
	until(&bench, 8);
	assert_int_equal(bench.request[B].req.granted, 3);
	assert_int_equal(bench.request[B].status, HAL_PARTIAL);
	assert_int_equal(bench.request[C].granted_at, NOT_YET);
	until(&bench, 9);
	assert_int_equal(bench.request[C].req.granted, 5);
	assert_int_equal(bench.request[D].granted_at, NOT_YET);
	bench_clear(&bench);
}

/* The policy speaks for requests that say nothing themselves. */
static void the_policy_decides_for_the_rest(void **state)
{
	static const char *const policies[] = { "fail", "copy" };
	struct bench bench;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		char text[64];

		snprintf(text, sizeof(text), EIGHT "hal.exhausted=%s",
			 policies[i]);
		bench_init(&bench, text);
		PLAY(&bench, { 1, A, 8, 0 }, { 2, B, 1, 0 },
		     { 3, C, 1, HAL_WAIT }, { 7, A, 0, 0 });
		until(&bench, 7);
		assert_int_equal(bench.request[B].granted_at, 2);
		assert_int_equal(bench.request[B].status, HAL_NO_RESOURCES);
		assert_int_equal(bench.request[C].granted_at, 7);
		assert_int_equal(bench.request[C].status, HAL_GRANTED);
		assert_int_equal(bench.stats.hal.map_failures, 1);
		bench_clear(&bench);
	}
}

/* hal.queue=bypass: what fits does not wait behind what does not. */
static void bypass_lets_what_fits_overtake(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, EIGHT "hal.queue=bypass");
	PLAY(&bench, { 10, A, 6, 0 }, { 20, B, 4, 0 }, { 30, C, 2, 0 },
	     { 40, D, 3, 0 }, { 50, E, 1, 0 }, { 60, C, 0, 0 },
	     { 500, A, 0, 0 });
	until(&bench, 499);
	assert_int_equal(bench.request[C].granted_at, 30);
	assert_int_equal(bench.request[E].granted_at, 60);
	assert_int_equal(bench.request[B].granted_at, NOT_YET);
	assert_int_equal(bench.request[D].granted_at, NOT_YET);
	until(&bench, 500);
	assert_int_equal(bench.request[B].granted_at, 500);
	assert_int_equal(bench.request[D].granted_at, 500);
	assert_int_equal(bench.hal.free, 0);
	bench_clear(&bench);
}

/* Cancelled while queued: its callback never runs, those behind move up. */
static void a_cancelled_request_leaves_the_queue(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, EIGHT);
	PLAY(&bench, { 1, A, 6, 0 }, { 2, B, 4, 0 }, { 3, C, 2, 0 },
	     { 50, B, 0, CANCEL }, { 60, A, 0, CANCEL }, { 70, C, 0, 0 },
	     { 80, A, 0, 0 });
	until(&bench, 50);
	assert_int_equal(bench.cancelled, 1);
	assert_int_equal(bench.request[B].granted_at, NOT_YET);
	assert_int_equal(bench.request[C].granted_at, 50);
	until(&bench, 100);
	assert_int_equal(bench.cancelled, 1); /* too late for A */
	assert_int_equal(bench.request[B].granted_at, NOT_YET);
	assert_int_equal(bench.hal.free, 8);
	assert_int_equal(bench.hal.waiting, 0);
	assert_int_equal(bench.stats.hal.adapter_queue.level, 0);
	assert_int_equal(bench.stats.hal.map_registers_exhausted_ps, 48);
	hazards_are(&bench, NO_HAZARD, 0);
	bench_clear(&bench);
}

/* Cancelled before it is made: it is answered so, and only once. */
static void a_request_may_be_cancelled_in_advance(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, EIGHT);
	PLAY(&bench, { 1, A, 0, CANCEL }, { 2, A, 4, 0 });
	until(&bench, 2);
	assert_int_equal(bench.cancelled, 1);
	assert_int_equal(bench.request[A].status, HAL_CANCELLED);
	assert_int_equal(bench.hal.free, 8);
	PLAY(&bench, { 3, A, 4, 0 });
	until(&bench, 3);
	assert_int_equal(bench.request[A].status, HAL_GRANTED);
	bench_clear(&bench);
}

/* --- the adapter object --- */

/*
 * AllocateAdapterChannel: C waits at the adapter for B, which waits for
 * registers; D, a list routine's, stands in the common queue before C.
 */
static void channel_requests_wait_one_behind_another(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, EIGHT);
	PLAY(&bench, { 1, A, 6, HAL_CHANNEL }, { 2, B, 4, HAL_CHANNEL },
	     { 3, C, 1, HAL_CHANNEL }, { 4, D, 1, 0 }, { 90, A, 0, 0 });
	until(&bench, 89);
	assert_int_equal(bench.request[A].granted_at, 1);
	assert_int_equal(bench.hal.waiting, 2); /* B and D */
	assert_int_equal(bench.request[C].req.state, HAL_QUEUED_AT_ADAPTER);
	until(&bench, 90);
	assert_int_equal(bench.request[B].granted_at, 90);
	assert_int_equal(bench.request[C].granted_at, 90);
	assert_int_equal(bench.request[D].granted_at, 90);
	assert_int_equal(bench.hal.free, 2);
	assert_false(bench.hal.own.channel_busy);
	hazards_are(&bench, NO_HAZARD, 0);
	bench_clear(&bench);
}

/* A slave keeps the adapter until it frees; the next comes then. */
static void a_slave_keeps_its_adapter(void **state)
{
	const uint8_t slave = HAL_CHANNEL | HAL_KEEP_CHANNEL;
	struct bench bench;

	(void)state;
	bench_init(&bench, EIGHT);
	PLAY(&bench, { 1, A, 2, slave }, { 2, B, 2, slave }, { 3, C, 2, slave },
	     { 4, B, 0, CANCEL }, { 40, A, 0, 0 });
	until(&bench, 39);
	assert_int_equal(bench.request[B].granted_at, NOT_YET);
	assert_int_equal(bench.hal.free, 6);
	until(&bench, 40);
	assert_int_equal(bench.cancelled, 1);
	assert_int_equal(bench.request[B].granted_at, NOT_YET);
	assert_int_equal(bench.request[C].granted_at, 40);
	assert_int_equal(bench.stats.hal.map_register_wait_ps.sum, 37);
	gauge_close(&bench.stats.hal.adapter_queue, 50);
	assert_int_equal(bench.stats.hal.adapter_queue.max, 2);
	assert_int_equal(bench.stats.hal.adapter_queue.level, 0);
	assert_int_equal(bench.stats.hal.adapter_queue.by_time.sum, 2 + 37);
	assert_int_equal(bench.hal.waiting, 0);
	bench_clear(&bench);
}

static struct bench *nested;

static void asks_again(struct core *core, struct hal_request *req,
		       enum hal_status status)
{
	answered(core, req, status);
	nested->request[B].req.registers = 1;
	nested->request[B].req.flags = HAL_CHANNEL;
	nested->request[B].req.done = answered;
	hal_map(&nested->hal, core, &nested->request[B].req);
}

/* --- runs --- */

/* Example 12 in time: 6 are free, D wants 4 in one run and waits for B. */
static void a_run_waits_for_its_neighbours(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, EIGHT "nic.scatter_gather=no");
	PLAY(&bench, { 1, A, 3, 0 }, { 2, B, 2, 0 }, { 3, C, 3, 0 },
	     { 10, A, 0, 0 }, { 20, C, 0, 0 }, { 30, D, 4, 0 }, { 40, E, 1, 0 },
	     { 50, B, 0, 0 });
	until(&bench, 49);
	assert_int_equal(bench.hal.free, 6);
	assert_int_equal(hal_longest_run(&bench.hal), 3);
	assert_int_equal(bench.request[D].granted_at, NOT_YET);
	assert_int_equal(bench.request[E].granted_at, NOT_YET);
	until(&bench, 50);
	assert_int_equal(bench.request[D].granted_at, 50);
	assert_int_equal(bench.request[D].req.first, 0);
	assert_int_equal(bench.request[E].req.first, 4);
	gauge_close(&bench.stats.hal.longest_free_run, 60);
	assert_int_equal(bench.stats.hal.longest_free_run.max, 8);
	hazards_are(&bench, NO_HAZARD, 0);
	bench_clear(&bench);
}

/* The pool grows by a piece that holds the run which is waited for. */
static void a_pool_grows_for_the_run_it_lacks(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, "hal.pool=4 hal.pool_cap=64 hal.pool_growth=2 "
			   "nic.scatter_gather=no hal.worker_delay=1us "
			   "cost.pool_growth=0");
	PLAY(&bench, { 0, A, 2, 0 }, { 1, B, 12, 0 });
	kernel_run(&bench.kernel, SIM_TIME_NEVER);
	assert_int_equal(bench.request[B].granted_at, PS_PER_US + 1);
	assert_int_equal(bench.request[B].req.first, 5); /* behind a guard */
	assert_int_equal(bench.stats.hal.map_register_growths, 1);
	assert_int_equal(bench.hal.pool, 16);
	bench_clear(&bench);
}

/* --- reservations --- */

/* Example 10 and the counts of 2.2. */
static void base_registers_come_to_64_real_ones(void **state)
{
	static const struct {
		uint32_t bytes, pages, most;
	} cases[] = {
		{ 1514, 2, 32 },
		{ 4098, 3, 21 },
		{ 9014, 4, 16 },
		{ 65536, 17, 3 },
	};
	struct hal_request base[40];
	struct bench bench;
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		const uint32_t most = cases[i].most;

		bench_init(&bench, "hal.adapter_max=20");
		memset(base, 0, sizeof(base));
		assert_int_equal(hal_worst_pages(cases[i].bytes),
				 cases[i].pages);
		assert_int_equal(
			hal_reserve(&bench.hal, base, most + 1, cases[i].bytes),
			HAL_NO_RESOURCES);
		assert_int_equal(bench.hal.reserved, 0);
		assert_int_equal(
			hal_reserve(&bench.hal, base, most, cases[i].bytes),
			HAL_GRANTED);
		assert_int_equal(bench.hal.reserved, most * cases[i].pages);
		assert_int_equal(bench.hal.free + bench.hal.reserved,
				 bench.hal.pool);
		hal_unreserve(&bench.hal, NULL, base, most);
		assert_int_equal(bench.hal.free, bench.hal.pool);
		hal_adapter_release(&bench.hal, &bench.hal.own);
		hazards_are(&bench, NO_HAZARD, 0);
		bench_clear(&bench);
	}
}

/* A pool that has no room for all of them keeps none. */
static void a_reservation_is_whole_or_not_at_all(void **state)
{
	struct hal_request base[8] = { { .registers = 0 } };
	struct bench bench;

	(void)state;
	bench_init(&bench, "hal.pool=9 hal.pool_cap=9");
	assert_int_equal(hal_reserve(&bench.hal, base, 5, 1514),
			 HAL_NO_RESOURCES);
	assert_int_equal(bench.hal.free, 9);
	assert_int_equal(bench.hal.reserved, 0);
	assert_int_equal(hal_reserve(&bench.hal, base, 4, 1514), HAL_GRANTED);
	assert_int_equal(bench.hal.free, 1);
	bench_clear(&bench);
}

/* --- what is wrong is counted --- */

static void wrong_counts_are_hazards(void **state)
{
	static const struct {
		uint32_t freed;
		enum hazard hazard;
		uint32_t left, leaked;
	} cases[] = {
		{ 4, NO_HAZARD, 8, 0 },
		{ 3, HAZARD_REGISTER_COUNT_MISMATCH, 7, 1 },
		{ 5, HAZARD_REGISTER_COUNT_MISMATCH, 8, 0 },
	};
	struct bench bench;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct hal_request *req;

		bench_init(&bench, EIGHT);
		req = &bench.request[A].req;
		PLAY(&bench, { 1, A, 4, 0 });
		until(&bench, 1);
		hal_free(&bench.hal, NULL, req, cases[i].freed);
		assert_int_equal(bench.hal.free, cases[i].left);
		assert_int_equal(bench.hal.leaked, cases[i].leaked);
		hazards_are(&bench, cases[i].hazard, 1);
		bench_clear(&bench);
	}
}

static void misuse_is_counted_by_name(void **state)
{
	struct hal_request *a;
	struct bench bench;

	(void)state;
	bench_init(&bench, EIGHT);
	a = &bench.request[A].req;
	PLAY(&bench, { 1, A, 4, 0 });
	until(&bench, 1);
	hal_map(&bench.hal, &bench.core, a); /* held already */
	hazards_are(&bench, HAZARD_DOUBLE_MAP, 1);
	assert_int_equal(bench.hal.free, 4);
	bench_clear(&bench);

	bench_init(&bench, EIGHT);
	a = &bench.request[A].req;
	PLAY(&bench, { 1, A, 4, 0 });
	until(&bench, 1);
	hal_set_mapped(a, true);
	hal_set_active(a, true);
	hal_unmap(&bench.hal, NULL, a);
	hazards_are(&bench, HAZARD_FREED_WHILE_MAPPED, 1);
	assert_int_equal(
		bench.ledger.hazards.of[HAZARD_FREED_WHILE_MAPPED].first_at, 1);
	bench_clear(&bench);

	bench_init(&bench, EIGHT);
	a = &bench.request[A].req;
	PLAY(&bench, { 1, A, 4, 0 });
	until(&bench, 1);
	hal_unmap(&bench.hal, NULL, a);
	hal_unmap(&bench.hal, NULL, a);
	hazards_are(&bench, HAZARD_DOUBLE_FREE, 1);
	assert_int_equal(bench.hal.free, 8);
	bench_clear(&bench);

	bench_init(&bench, EIGHT);
	PLAY(&bench, { 1, A, 4, 0 });
	until(&bench, 1);
	hal_adapter_release(&bench.hal, &bench.hal.own);
	hazards_are(&bench, HAZARD_LEAK_ON_RELEASE, 1);
	bench_clear(&bench);
}

static void limits_are_hazards_where_the_driver_knows_them(void **state)
{
	struct bench bench;

	(void)state;
	/* A list routine has a status for it, a channel request has none. */
	bench_init(&bench, EIGHT "hal.adapter_max=5");
	PLAY(&bench, { 1, A, 6, 0 });
	until(&bench, 1);
	assert_int_equal(bench.request[A].status, HAL_TOO_MANY);
	hazards_are(&bench, NO_HAZARD, 0);
	PLAY(&bench, { 2, B, 6, HAL_CHANNEL });
	until(&bench, 2);
	assert_int_equal(bench.request[B].status, HAL_TOO_MANY);
	hazards_are(&bench, HAZARD_TOO_MANY_REGISTERS, 1);
	bench_clear(&bench);

	bench_init(&bench, "hal.pool=64 hal.pool_cap=64 "
			   "nic.scatter_gather=no hal.adapter_max=64");
	PLAY(&bench, { 1, A, 16, 0 }, { 2, B, 17, 0 });
	until(&bench, 2);
	assert_int_equal(bench.request[A].status, HAL_GRANTED);
	assert_int_equal(bench.request[B].status, HAL_TOO_MANY);
	hazards_are(&bench, HAZARD_CONTIG_EXHAUSTED, 1);
	bench_clear(&bench);

	bench_init(&bench, EIGHT);
	nested = &bench;
	PLAY(&bench, { 1, A, 2, HAL_CHANNEL });
	bench.script[0].done = asks_again;
	until(&bench, 1);
	hazards_are(&bench, HAZARD_MULTI_CHANNEL, 1);
	assert_int_equal(bench.request[B].status, HAL_GRANTED);
	bench_clear(&bench);
}

/* --- personalities --- */

static struct hal_rules rules_of(const char *pairs)
{
	struct config *cfg = fix_config(NULL, "nic.dma_width=32");
	struct hal_rules rules;

	fix_set(cfg, pairs);
	hal_rules_read(&rules, cfg);
	config_free(cfg);
	return rules;
}

/* What is given wins over the personality, and moves what is not. */
static void a_personality_fills_in_what_is_not_given(void **state)
{
	static const struct {
		const char *pairs;
		uint32_t pool, cap, growth;
	} cases[] = {
		{ "", 16384, 16384, 16 },
		{ "hal.personality=legacy", 16, 64, 16 },
		{ "hal.personality=reactos", 16, 64, 16 },
		{ "hal.personality=swiotlb", 32768, 32768, 16 },
		{ "hal.personality=legacy hal.pool_cap=40", 16, 40, 16 },
		{ "hal.personality=legacy hal.pool_cap=10", 10, 10, 16 },
		{ "hal.personality=legacy hal.pool=100", 100, 100, 16 },
		{ "hal.pool_growth=3 hal.personality=legacy", 16, 64, 3 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hal_rules rules = rules_of(cases[i].pairs);

		assert_int_equal(rules.pool, cases[i].pool);
		assert_int_equal(rules.cap, cases[i].cap);
		assert_int_equal(rules.growth, cases[i].growth);
	}
	assert_int_equal(rules_of("hal.personality=swiotlb").exhausted,
			 HAL_FAIL);
	assert_int_equal(rules_of("hal.exhausted=queue hal.personality=swiotlb")
				 .exhausted,
			 HAL_QUEUE);
}

/* pages(1514) + 16 elements = 18, but 16 for an old Windows. */
static void an_adapter_has_a_maximum(void **state)
{
	(void)state;
	assert_int_equal(rules_of("").per_request, 18);
	assert_int_equal(rules_of("nic.lso=yes").per_request, 17 + 16);
	assert_int_equal(rules_of("hal.personality=legacy").per_request, 16);
	assert_int_equal(rules_of("hal.personality=legacy nic.sg_elements=4")
				 .per_request,
			 6);
	assert_int_equal(rules_of("hal.personality=swiotlb").per_request, 128);
	assert_int_equal(rules_of("hal.adapter_max=7").per_request, 7);
}

/* Registers that a list takes, by personality. */
static void pages_or_slots_are_counted(void **state)
{
	static const struct {
		const char *pairs;
		uint32_t registers;
	} cases[] = {
		{ "", 3 },
		{ "hal.reserve=bounced", 1 },
		{ "hal.personality=swiotlb", 1 },
		{ "hal.personality=swiotlb hal.reserve=pages", 3 },
		{ "hal.personality=swiotlb hal.force_bounce=yes", 3 },
		{ "hal.personality=reactos", 0 },
		{ "nic.dma_width=64", 0 },
		{ "nic.dma_width=64 hal.force_bounce=yes", 3 },
		{ "nic.dma_width=64 nic.scatter_gather=no", 3 },
	};
	/* Example 3 with its second payload page above 4 GiB. */
	const uint64_t header[] = { 5 }, payload[] = { 9, 1 << 20 };
	struct sg_element out[8];
	struct sg_target target;
	struct mdl_chain chain;
	struct sg_summary sg;
	struct bench bench;
	size_t i;

	(void)state;
	mdl_chain_init(&chain);
	mdl_add(&chain, header, 3840, 54);
	mdl_add(&chain, payload, 3072, 1460);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bench_init(&bench, cases[i].pairs);
		target = hal_target(&bench.hal, false);
		sg_build(&chain, &target, out, 8, &sg);
		assert_int_equal(hal_registers(&bench.hal, &target, &sg),
				 cases[i].registers);
		target = hal_target(&bench.hal, true);
		sg_build(&chain, &target, out, 8, &sg);
		assert_int_equal(hal_registers(&bench.hal, &target, &sg), 0);
		bench_clear(&bench);
	}
}

/* 64 MiB in two areas: the core's own first, then the other; then no wait. */
static void a_software_iotlb_fails_when_it_is_full(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, "hal.personality=swiotlb hal.pool=256 "
			   "hal.pool_cap=256 host.cores=2");
	assert_int_equal(bench.hal.rules.areas, 2);
	PLAY(&bench, { 1, A, 100, 0 }, { 2, B, 100, 0 }, { 3, C, 100, 0 },
	     { 4, D, 129, 0 }, { 5, E, 28, 0 });
	until(&bench, 5);
	assert_int_equal(bench.request[A].req.area, 0);
	assert_int_equal(bench.request[B].req.area, 1);
	assert_int_equal(bench.request[C].status, HAL_NO_RESOURCES);
	assert_int_equal(bench.request[D].status, HAL_TOO_MANY);
	assert_int_equal(bench.request[E].req.first, 100);
	assert_ptr_equal(
		hal_lock(&bench.hal, &bench.core, &bench.request[B].req),
		&bench.hal.lock[1]);
	hazards_are(&bench, NO_HAZARD, 0);
	bench_clear(&bench);
}

/* A list of 17 elements is never heard of again. */
static void reactos_forgets_long_lists(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, "hal.personality=reactos");
	bench.request[A].req.elements = 16;
	bench.request[B].req.elements = 17;
	PLAY(&bench, { 1, A, 2, 0 }, { 2, B, 2, 0 });
	kernel_run(&bench.kernel, SIM_TIME_NEVER);
	assert_int_equal(bench.request[A].status, HAL_GRANTED);
	assert_int_equal(bench.request[B].granted_at, NOT_YET);
	assert_int_equal(bench.stats.hal.lost_requests, 1);
	assert_int_equal(bench.hal.waiting, 0);
	bench_clear(&bench);
}

/* --- common buffers --- */

static void common_buffers_are_whole_pages_in_place(void **state)
{
	const uint64_t gib4 = COMMON_MASTER, kib64 = COMMON_SLAVE;

	(void)state;
	assert_int_equal(hal_common_bytes(1), 4096);
	assert_int_equal(hal_common_bytes(4096), 4096);
	assert_int_equal(hal_common_bytes(4097), 8192);
	assert_int_equal(hal_common_place(0, 8192, kib64), 0);
	assert_int_equal(hal_common_place(kib64 - 8192, 8192, kib64),
			 kib64 - 8192);
	assert_int_equal(hal_common_place(kib64 - 4096, 8192, kib64), kib64);
	assert_true(hal_common_place(gib4 - 4096, 8192, gib4) == gib4);
}

static void init_common(struct bench *bench, struct hal_common *common,
			const char *pairs)
{
	struct config *cfg = fix_config(NULL, "nic.dma_width=32");

	fix_set(cfg, pairs);
	bench_init(bench, pairs);
	hal_common_init(common, &bench->hal, cfg, 1, 0);
	config_free(cfg);
}

/* One page is sure, more is not: many pages then come one by one. */
static void contiguous_memory_may_be_short(void **state)
{
	struct hal_common common;
	struct err err = ERR_INIT;
	struct bench bench;
	uint64_t address;

	(void)state;
	init_common(&bench, &common, "hal.common_contiguous=0%");
	assert_int_equal(hal_common_alloc(&common, 4096, &address, &err), 0);
	assert_int_equal(hal_common_alloc(&common, 4097, &address, &err), -1);
	assert_int_equal(hal_common_pages(&common, 5, &err), 0);
	assert_int_equal(bench.stats.memory.common_buffers, 1 + 5);
	assert_int_equal(bench.stats.memory.common_failures, 2);
	bench_clear(&bench);

	init_common(&bench, &common, "hal.common_contiguous=100%");
	assert_int_equal(hal_common_alloc(&common, 1 << 20, &address, &err), 0);
	assert_int_equal(hal_common_pages(&common, 5, &err), 0);
	assert_int_equal(bench.stats.memory.common_buffers, 2);
	/* Beyond the device's reach there is none. */
	assert_int_equal(
		hal_common_alloc(&common, COMMON_MASTER, &address, &err), -1);
	bench_clear(&bench);
}

static void common_buffers_may_take_registers(void **state)
{
	struct hal_common common;
	struct err err = ERR_INIT;
	struct bench bench;
	uint64_t address;

	(void)state;
	init_common(&bench, &common, EIGHT "hal.common_counts=yes");
	assert_int_equal(hal_common_alloc(&common, 9000, &address, &err), 0);
	assert_int_equal(bench.hal.free, 5);
	assert_int_equal(bench.hal.reserved, 3);
	assert_int_equal(hal_common_alloc(&common, 6 * 4096, &address, &err),
			 -1);
	assert_int_equal(bench.hal.free, 5);
	bench_clear(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(synchronous_requests_do_not_wait),
		cmocka_unit_test(a_prefix_makes_three_transfers_of_twelve),
		cmocka_unit_test(a_prefix_is_at_least_one),
		cmocka_unit_test(the_policy_decides_for_the_rest),
		cmocka_unit_test(bypass_lets_what_fits_overtake),
		cmocka_unit_test(a_cancelled_request_leaves_the_queue),
		cmocka_unit_test(a_request_may_be_cancelled_in_advance),
		cmocka_unit_test(channel_requests_wait_one_behind_another),
		cmocka_unit_test(a_slave_keeps_its_adapter),
		cmocka_unit_test(a_run_waits_for_its_neighbours),
		cmocka_unit_test(a_pool_grows_for_the_run_it_lacks),
		cmocka_unit_test(base_registers_come_to_64_real_ones),
		cmocka_unit_test(a_reservation_is_whole_or_not_at_all),
		cmocka_unit_test(wrong_counts_are_hazards),
		cmocka_unit_test(misuse_is_counted_by_name),
		cmocka_unit_test(
			limits_are_hazards_where_the_driver_knows_them),
		cmocka_unit_test(a_personality_fills_in_what_is_not_given),
		cmocka_unit_test(an_adapter_has_a_maximum),
		cmocka_unit_test(pages_or_slots_are_counted),
		cmocka_unit_test(a_software_iotlb_fails_when_it_is_full),
		cmocka_unit_test(reactos_forgets_long_lists),
		cmocka_unit_test(common_buffers_are_whole_pages_in_place),
		cmocka_unit_test(contiguous_memory_may_be_short),
		cmocka_unit_test(common_buffers_may_take_registers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
