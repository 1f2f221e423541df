/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every hazard is found when a driver commits it, and no other; none is found
 * when nobody does.
 */
#include <stdio.h>

#include "models/inject.h"
#include "tests/unit/machine_fixture.h"
#include "traces/params.h"

#define FRAMES 600
#define SEND   "ndis6-sg"
#define RECV   "common-copy"
#define SMALL  "hal.pool=20 hal.pool_cap=20 "

/* One kind, and where it can go wrong. */
struct example {
	enum hazard kind;
	const char *preset, *tx, *rx, *settings;
	uint64_t every;	 /* 0: from the first frame on, once */
	enum hazard too; /* follows from it; the same: nothing does */
	bool stops;	 /* the machine may come to a deadlock */
};

#define ONLY(kind_)	  .kind = HAZARD_##kind_, .too = HAZARD_##kind_
#define BOTH(kind_, too_) .kind = HAZARD_##kind_, .too = HAZARD_##too_
#define GBE		  .preset = "gbe-32bit", .tx = SEND, .rx = RECV, .settings = ""

#define OWN \
	.preset = "gbe-32bit", .tx = "ndis5-mapreg", .rx = RECV, .settings = ""

static const struct example examples[] = {
	{ ONLY(CONTIG_EXHAUSTED), .preset = "gbe-32bit", .tx = SEND, .rx = RECV,
	  .settings = "nic.scatter_gather=no hal.adapter_max=64", .every = 5 },
	{ ONLY(DOUBLE_FREE), GBE, .every = 5 },
	{ ONLY(LEAK_ON_RELEASE), GBE, .every = 100 },
	{ ONLY(MULTI_CHANNEL), GBE, .every = 5 },
	{ ONLY(TOO_MANY_REGISTERS), GBE, .every = 5 },
	{ ONLY(NOT_FLUSHED), GBE, .every = 5 },
	{ ONLY(PAGEABLE_BUFFER), GBE, .every = 5 },
	{ ONLY(OVERRUN), .preset = "gbe-32bit", .tx = SEND, .rx = "sg",
	  .settings = "", .every = 5 },
	{ ONLY(FREED_WHILE_MAPPED), GBE, .every = 5 },
	{ ONLY(WRONG_IRQL), GBE, .every = 5 },
	{ ONLY(FLUSH_UNMAPPED), GBE, .every = 5 },
	{ ONLY(USE_AFTER_RELEASE), GBE, .every = 5 },
	{ ONLY(BAD_BUFFER), GBE, .every = 5 },
	{ ONLY(DOUBLE_MAP), GBE, .every = 5 },
	{ ONLY(FLUSH_ACTIVE), GBE, .every = 5 },
	{ ONLY(SHORT_LIST_BUFFER), GBE, .every = 5 },
	{ ONLY(IOMMU_FAULT), .preset = "xge-strict", .tx = SEND, .rx = RECV,
	  .settings = "", .every = 5 },
	{ ONLY(OOB_DMA), GBE, .every = 5 },
	{ ONLY(LIST_FREED_EARLY), GBE, .every = 5 },
	{ BOTH(LIST_FREED_EARLY, IOMMU_FAULT), .preset = "xge-strict",
	  .tx = SEND, .rx = RECV, .settings = "", .every = 5 },
	{ ONLY(USE_BEFORE_CALLBACK), .preset = "gbe-32bit", .tx = SEND,
	  .rx = RECV, .settings = SMALL, .every = 1 },
	{ ONLY(READ_BEFORE_FLUSH), .preset = "gbe-32bit", .tx = SEND,
	  .rx = "sg", .settings = "", .every = 5 },
	{ ONLY(EDIT_AFTER_MAP), .preset = "gbe-32bit", .tx = "ndis5-sg",
	  .rx = RECV, .settings = "", .every = 5 },
	{ ONLY(BATCH_MAP), .preset = "gbe-32bit", .tx = SEND, .rx = RECV,
	  .settings = SMALL "traffic.tx_times=asap", .every = 1,
	  .stops = true },
	{ ONLY(HEADER_ROOM_NOT_SKIPPED), .preset = "gbe-32bit", .tx = SEND,
	  .rx = RECV, .settings = "layout.backfill=64B", .every = 5 },
	{ ONLY(LINE_TEARING), .preset = "gbe-32bit", .tx = SEND, .rx = "sg",
	  .settings = "host.coherent=no", .every = 5 },
	{ ONLY(RESOURCES_KEPT), .preset = "gbe-32bit", .tx = SEND, .rx = "sg",
	  .settings = "", .every = 50 },
	{ ONLY(TOO_MANY_FRAGMENTS), .preset = "xge-64bit", .tx = SEND,
	  .rx = RECV, .settings = "layout.mdl=fragments layout.fragment=32B",
	  .every = 5 },
	{ ONLY(LOCK_HELD_ACROSS_MAP), GBE, .every = 5 },
	{ ONLY(REGISTER_COUNT_MISMATCH), GBE, .every = 100 },
	{ ONLY(ASYNC_WITHOUT_REGISTRATION), GBE, .every = 5 },
	/* Nor less when the driver owns its registers. */
	{ ONLY(DOUBLE_FREE), OWN, .every = 5 },
	{ ONLY(NOT_FLUSHED), OWN, .every = 5 },
	{ ONLY(FREED_WHILE_MAPPED), OWN, .every = 5 },
	{ ONLY(LIST_FREED_EARLY), OWN, .every = 5 },
	{ ONLY(DOUBLE_MAP), OWN, .every = 5 },
};

#define EXAMPLES (sizeof(examples) / sizeof(examples[0]))

static struct frame *traffic(void)
{
	return fix_traffic(&(struct fix_traffic){ .count = FRAMES,
						  .seed = 7,
						  .tx_ppm = 500000,
						  .gap = 12 * PS_PER_US,
						  .poisson = true,
						  .min = 60,
						  .max = 1514,
						  .flows = 4 });
}

static struct machine *run(const struct example *example, const char *inject,
			   bool naive)
{
	struct config *cfg = fix_config(example->preset, example->settings);
	struct frame *frames = traffic();
	struct err err = ERR_INIT;
	struct machine *m;

	assert_int_equal(config_set(cfg, "run.inject", inject, "test", &err),
			 0);
	m = fix_machine(cfg, (struct machine_options){ .naive = naive },
			example->tx, example->rx);
	machine_feed(m, frames, FRAMES);
	machine_finish(m);
	free(frames);
	config_free(cfg);
	return m;
}

static uint64_t count_of(const struct machine *m, enum hazard hazard)
{
	return m->ledger.hazards.of[hazard].count;
}

static void books_balance(const struct machine *m)
{
	const struct run_result *r = machine_result(m);
	size_t i;

	for (i = 0; i < r->check_count; i++)
		if (!r->checks[i].ok)
			fail_msg("%s/%s: %s: %s", r->tx, r->rx,
				 r->checks[i].name, r->checks[i].detail);
}

static void each_is_found_and_no_other(void **state)
{
	char inject[96];
	unsigned hazard;
	size_t i;

	(void)state;
	for (i = 0; i < EXAMPLES; i++) {
		const struct example *one = &examples[i];
		const char *name = hazard_defs[one->kind].name;
		struct machine *m;

		snprintf(inject, sizeof(inject), "%s:every=%llu", name,
			 (unsigned long long)one->every);
		m = run(one, inject, false);
		for (hazard = 0; hazard < HAZARDS; hazard++) {
			bool wanted = hazard == one->kind || hazard == one->too;

			if (!count_of(m, hazard) == wanted)
				fail_msg("%s: %s is %s", inject,
					 hazard_defs[hazard].name,
					 wanted ? "not found" : "found too");
		}
		books_balance(m);
		if (strcmp(m->result.status, "deadlock") == 0 && !one->stops)
			fail_msg("%s: %s", inject, m->result.deadlock);
		machine_free(m);
	}
}

/* The same machines, and nobody does wrong. */
static void none_is_found_without(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < EXAMPLES; i++) {
		struct machine *m;
		unsigned hazard;

		if (examples[i].kind == HAZARD_LINE_TEARING)
			continue; /* packed buffers tear by themselves */
		m = run(&examples[i], "", false);
		for (hazard = 0; hazard < HAZARDS; hazard++)
			if (count_of(m, hazard))
				fail_msg("example %zu: %s", i,
					 hazard_defs[hazard].name);
		books_balance(m);
		machine_free(m);
	}
}

static void every_kind_has_an_example(void **state)
{
	const char *kind, *help;
	size_t i, j;

	(void)state;
	for (i = 0; (kind = inject_kind(i, &help)); i++) {
		for (j = 0; j < EXAMPLES; j++)
			if (!strcmp(hazard_defs[examples[j].kind].name, kind))
				break;
		if (j == EXAMPLES && strcmp(kind, "pause") &&
		    strcmp(kind, "cancel") && strcmp(kind, "reset") &&
		    strcmp(kind, "hang"))
			fail_msg("%s: no example", kind);
		assert_true(strlen(help) > 0);
	}
}

/* The first: when it was, and whose. */
static void the_first_is_named(void **state)
{
	const struct example one = { ONLY(DOUBLE_FREE), GBE };
	const struct hazard_count *count;
	struct machine *m = run(&one, "double_free@2ms", false);

	(void)state;
	count = &m->ledger.hazards.of[HAZARD_DOUBLE_FREE];
	assert_int_equal(count->count, 1);
	assert_true(count->first_at > 2 * PS_PER_MS);
	assert_true(count->first_at < 4 * PS_PER_MS);
	assert_true(count->first_frame > 100);
	assert_true(count->first_frame < 300);
	machine_free(m);
}

static void both_kernels_find_the_same(void **state)
{
	char inject[96];
	size_t i;

	(void)state;
	for (i = 0; i < EXAMPLES; i++) {
		struct machine *a, *b;

		snprintf(inject, sizeof(inject), "%s:every=7",
			 hazard_defs[examples[i].kind].name);
		a = run(&examples[i], inject, false);
		b = run(&examples[i], inject, true);
		assert_memory_equal(&a->ledger.hazards, &b->ledger.hazards,
				    sizeof(a->ledger.hazards));
		assert_int_equal(a->result.fingerprint, b->result.fingerprint);
		machine_free(a);
		machine_free(b);
	}
}

/*
 * A driver that edits every frame in its send handler: NDIS 5 has mapped it by
 * then, and what bounced goes out as it was; NDIS 6 maps what is edited.
 */
static void stale_is_what_bounced_after_ndis5(void **state)
{
	const struct example ndis5 = { ONLY(EDIT_AFTER_MAP),
				       .preset = "gbe-32bit", .tx = "ndis5-sg",
				       .rx = RECV, .settings = "" };
	const struct example ndis6 = { ONLY(EDIT_AFTER_MAP), GBE };
	struct machine *five = run(&ndis5, "edit_after_map", false);
	struct machine *six = run(&ndis6, "edit_after_map", false);

	(void)state;
	assert_true(five->stats.tx.bounced_frames > FRAMES / 8);
	assert_true(five->stats.tx.bounced_frames < five->stats.tx.sent_frames);
	assert_int_equal(five->stats.tx.stale_frames,
			 five->stats.tx.bounced_frames);
	assert_int_equal(count_of(five, HAZARD_EDIT_AFTER_MAP),
			 five->stats.tx.sent_frames);
	assert_true(six->stats.tx.bounced_frames > FRAMES / 8);
	assert_int_equal(six->stats.tx.stale_frames, 0);
	assert_int_equal(count_of(six, HAZARD_EDIT_AFTER_MAP), 0);
	machine_free(five);
	machine_free(six);
}

static void wrong_lists_are_refused(void **state)
{
	static const char *const wrong[] = {
		"double_fre",	       "double_free@10",
		"double_free@",	       "double_free:every=0",
		"double_free:for=1ms", "reset:every=3",
		"pause@1ms:for=x",     "double_free:",
		"uncached_indication",
	};
	struct config *cfg = fix_config("gbe-32bit", "");
	struct err err = ERR_INIT;
	struct inject inject;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(
			config_set(cfg, "run.inject", wrong[i], "test", &err),
			0);
		if (inject_init(&inject, cfg, &err) == 0)
			fail_msg("%s was taken", wrong[i]);
		assert_int_equal(err.kind, ERR_USAGE);
		assert_non_null(strstr(err.text, "run.inject"));
	}
	assert_int_equal(config_set(cfg, "run.inject",
				    "hang@2ms,overrun@1us:every=3", "test",
				    &err),
			 0);
	assert_int_equal(inject_init(&inject, cfg, &err), 0);
	assert_int_equal(inject.count, 2);
	assert_int_equal(inject.rule[1].every, 3);
	assert_int_equal(inject.rule[1].at, PS_PER_US);
	config_free(cfg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_found_and_no_other),
		cmocka_unit_test(none_is_found_without),
		cmocka_unit_test(every_kind_has_an_example),
		cmocka_unit_test(the_first_is_named),
		cmocka_unit_test(both_kernels_find_the_same),
		cmocka_unit_test(stale_is_what_bounced_after_ndis5),
		cmocka_unit_test(wrong_lists_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
