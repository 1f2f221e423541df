/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupt moderation against timelines made by hand.  The machine costs
 * nothing: what is left of a frame's wait is moderation.
 */
#include "tests/unit/machine_fixture.h"

#include "models/machine.h"
#include "models/nic/moderation.h"
#include "traces/params.h"

#define BASE (1000 * PS_PER_US) /* the timeline begins here */

static struct config *free_machine(const char *pairs)
{
	struct config *cfg = fix_config(
		NULL, "host.dpc_median=0 host.dpc_p99=0 host.dma_write=0 "
		      "host.mmio_write=0 pcie.generation=5 pcie.lanes=16");
	struct err err = ERR_INIT;
	const struct param *row;

	for (row = machine_params; row->key; row++)
		if (row->qty == QTY_CYCLES &&
		    config_set(cfg, row->key, "0", "test", &err) < 0)
			fail_msg("%s", err.text);
	fix_set(cfg, pairs);
	return cfg;
}

struct timeline {
	const char *name, *pairs;
	enum frame_direction direction;
	unsigned at_us[8]; /* 0 ends, but as the first */
	uint64_t interrupts, wait_ns;
};

static const struct timeline timelines[] = {
	{ "none",
	  "nic.moderation_mode=none",
	  FRAME_RX,
	  { 0, 5, 12, 30 },
	  4,
	  0 },
	{ "fixed: 0, 15 + 8, 10",
	  "nic.moderation=20us",
	  FRAME_RX,
	  { 0, 5, 12, 30 },
	  3,
	  33000 },
	{ "fixed, sends: likewise",
	  "nic.moderation=20us",
	  FRAME_TX,
	  { 0, 5, 12, 30 },
	  3,
	  33000 },
	{ "fixed, three frames at once: 0, 10 + 5 + 0, 95",
	  "nic.moderation=100us nic.moderation_frames=3",
	  FRAME_RX,
	  { 0, 5, 10, 15, 20 },
	  3,
	  110000 },
	{ "timers: the absolute one ends 20 + 15 + 10 + 5 + 2, then 8",
	  "nic.moderation_mode=timers nic.rx_delay=8us nic.rx_abs_delay=20us",
	  FRAME_RX,
	  { 0, 5, 10, 15, 18, 60 },
	  2,
	  60000 },
	{ "timers: without it the packet timer ends 18 + 13 + 8",
	  "nic.moderation_mode=timers nic.rx_delay=8us nic.rx_abs_delay=0",
	  FRAME_RX,
	  { 0, 5, 10 },
	  1,
	  39000 },
	{ "timers: no delay, no wait",
	  "nic.moderation_mode=timers",
	  FRAME_RX,
	  { 0, 5, 12, 30 },
	  4,
	  0 },
	{ "timers: sends wait 13.192 + 8.192",
	  "nic.moderation_mode=timers",
	  FRAME_TX,
	  { 0, 5 },
	  1,
	  21384 },
	{ "adaptive: small frames apart are not held back",
	  "nic.moderation_mode=adaptive",
	  FRAME_RX,
	  { 0, 60, 120, 180 },
	  4,
	  0 },
	{ "adaptive: the frame before made it lowest, 10 us: 0, 5, 8",
	  "nic.moderation_mode=adaptive",
	  FRAME_RX,
	  { 0, 5, 12 },
	  3,
	  13000 },
};

static void by_hand(void **state)
{
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(timelines) / sizeof(timelines[0]); i++) {
		const struct timeline *t = &timelines[i];
		struct config *cfg = free_machine(t->pairs);
		struct frame frames[9] = { { 0 } };
		const struct hist *wait;
		struct machine *m;
		uint64_t off;

		fix_set(cfg, "run.warmup=500us");
		for (n = 0; n < 8 && (!n || t->at_us[n]); n++)
			frames[n + 1].at = BASE + t->at_us[n] * PS_PER_US;
		for (off = 0; off <= n; off++) {
			frames[off].number = off + 1;
			frames[off].bytes = 60;
			frames[off].header_bytes = 54;
			frames[off].direction = (uint8_t)t->direction;
		}
		m = fix_run(cfg, "ndis6-sg", "common-copy", frames, n + 1);
		wait = t->direction == FRAME_RX
			       ? &m->stats.rx_stage[RX_MODERATION]
			       : &m->stats.tx_stage[TX_MODERATION];
		off = (uint64_t)wait->sum / 1000;
		off = off > t->wait_ns ? off - t->wait_ns : t->wait_ns - off;
		if (off > 60 || m->stats.cpu.interrupts != t->interrupts)
			fail_msg("%s: %llu interrupts, waits of %llu ns",
				 t->name,
				 (unsigned long long)m->stats.cpu.interrupts,
				 (unsigned long long)wait->sum / 1000);
		machine_free(m);
		config_free(cfg);
	}
}

/* A lone frame meets the interval at any phase: half of it on average. */
static void lone_frame(void **state)
{
	struct config *cfg = free_machine("nic.moderation=20us");
	const struct frame frame = { .number = 1,
				     .bytes = 60,
				     .header_bytes = 54,
				     .direction = FRAME_RX };
	const unsigned runs = 400;
	uint64_t sum = 0, max = 0;
	unsigned i;

	(void)state;
	for (i = 0; i < runs; i++) {
		struct machine *m = fix_run_with(
			cfg,
			(struct machine_options){ .seed = 1, .replicate = i },
			"ndis6-sg", "common-copy", &frame, 1);
		uint64_t wait = (uint64_t)m->stats.rx_stage[RX_MODERATION].sum;

		sum += wait;
		if (wait > max)
			max = wait;
		machine_free(m);
	}
	assert_true(max <= 20 * (uint64_t)PS_PER_US);
	assert_true(max >= 19 * (uint64_t)PS_PER_US);
	/* Three standard errors of 20 us / sqrt(12 x 400). */
	assert_in_range(sum / runs, 10000000 - 900000, 10000000 + 900000);
	config_free(cfg);
}

/* --- a constant rate --- */

static struct machine *constant_rate(const char *pairs, sim_time gap,
				     uint32_t bytes, size_t count)
{
	struct config *cfg = free_machine(pairs);
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = count,
		.seed = 3,
		.gap = gap,
		.min = bytes,
		.max = bytes,
	});
	struct machine *m =
		fix_run(cfg, "ndis6-sg", "common-copy", frames, count);

	free(frames);
	config_free(cfg);
	return m;
}

static void batch_is_rate_times_interval(void **state)
{
	static const struct {
		const char *pairs;
		sim_time gap;
		uint64_t batch_milli;
	} cases[] = {
		{ "nic.moderation=20us", PS_PER_US, 20000 },
		{ "nic.moderation=50us", 400 * PS_PER_NS, 125000 },
		{ "nic.moderation=10us nic.moderation_frames=4", PS_PER_US,
		  4000 },
		{ "nic.moderation_mode=timers nic.rx_delay=8us "
		  "nic.rx_abs_delay=15500ns",
		  PS_PER_US, 16000 },
		{ "nic.poll=25us", 500 * PS_PER_NS, 50000 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct machine *m =
			constant_rate(cases[i].pairs, cases[i].gap, 60, 10000);
		const struct hist *batch = &m->stats.cpu.frames_per_dpc;
		uint64_t milli = (uint64_t)(batch->sum * 1000 / batch->count);

		if (milli < cases[i].batch_milli * 98 / 100 ||
		    milli > cases[i].batch_milli * 102 / 100)
			fail_msg("%s: batches of %llu / 1000", cases[i].pairs,
				 (unsigned long long)milli);
		machine_free(m);
	}
}

static void polls_are_no_interrupts(void **state)
{
	struct machine *m = constant_rate("nic.poll=25us", PS_PER_US, 60, 5000);
	const struct hist *wait = &m->stats.rx_stage[RX_MODERATION];

	(void)state;
	assert_int_equal(m->stats.cpu.interrupts, 0);
	assert_int_equal(m->stats.pcie.messages, 0);
	assert_in_range(m->stats.cpu.dpcs, 199, 202);
	assert_true(wait->max <= 25 * (uint64_t)PS_PER_US);
	assert_in_range(fix_mean(wait), 11500000, 13000000);
	machine_free(m);
}

/* --- adaptive --- */

static const struct {
	enum adaptive_rule rule;
	enum vector_class before;
	uint64_t frames, bytes;
	enum vector_class after;
} class_cases[] = {
	/* 10 and 20 bytes/us over 10, 50 and 100 us. */
	{ ADAPTIVE_RATE, CLASS_LOWEST, 1, 99, CLASS_LOWEST },
	{ ADAPTIVE_RATE, CLASS_LOWEST, 1, 100, CLASS_LOW },
	{ ADAPTIVE_RATE, CLASS_LOWEST, 9, 99999, CLASS_LOW },
	{ ADAPTIVE_RATE, CLASS_LOW, 5, 499, CLASS_LOWEST },
	{ ADAPTIVE_RATE, CLASS_LOW, 5, 500, CLASS_LOW },
	{ ADAPTIVE_RATE, CLASS_LOW, 5, 999, CLASS_LOW },
	{ ADAPTIVE_RATE, CLASS_LOW, 5, 1000, CLASS_BULK },
	{ ADAPTIVE_RATE, CLASS_BULK, 20, 2000, CLASS_BULK },
	{ ADAPTIVE_RATE, CLASS_BULK, 20, 1999, CLASS_LOW },
	{ ADAPTIVE_RATE, CLASS_BULK, 0, 0, CLASS_BULK },
	{ ADAPTIVE_MIX, CLASS_LOWEST, 1, 9000, CLASS_BULK },
	{ ADAPTIVE_MIX, CLASS_LOWEST, 4, 600, CLASS_LOW },
	{ ADAPTIVE_MIX, CLASS_LOWEST, 5, 600, CLASS_LOWEST },
	{ ADAPTIVE_MIX, CLASS_LOW, 9, 10800, CLASS_BULK },
	{ ADAPTIVE_MIX, CLASS_LOW, 40, 60000, CLASS_BULK },
	{ ADAPTIVE_MIX, CLASS_LOW, 40, 12000, CLASS_LOWEST },
	{ ADAPTIVE_MIX, CLASS_LOW, 20, 12000, CLASS_LOW },
	{ ADAPTIVE_MIX, CLASS_LOW, 2, 128, CLASS_LOWEST },
	{ ADAPTIVE_MIX, CLASS_LOW, 2, 3028, CLASS_LOW },
	{ ADAPTIVE_MIX, CLASS_BULK, 50, 30000, CLASS_LOW },
	{ ADAPTIVE_MIX, CLASS_BULK, 20, 30000, CLASS_BULK },
	{ ADAPTIVE_MIX, CLASS_BULK, 4, 5999, CLASS_LOW },
	{ ADAPTIVE_MIX, CLASS_BULK, 4, 6000, CLASS_BULK },
};

static void classes(void **state)
{
	struct adaptive adaptive = {
		.interval = { 10 * PS_PER_US, 50 * PS_PER_US, 100 * PS_PER_US },
		.low_bps = 80000000,
		.bulk_bps = 160000000,
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(class_cases) / sizeof(class_cases[0]); i++) {
		adaptive.rule = class_cases[i].rule;
		if (adaptive_class(&adaptive, class_cases[i].before,
				   class_cases[i].frames,
				   class_cases[i].bytes) !=
		    class_cases[i].after)
			fail_msg("case %zu", i);
	}
}

/* Bulk: 12,000 interrupts a second; a trickle: as many as frames. */
static void adaptive_rates(void **state)
{
	struct machine *bulk = constant_rate("nic.moderation_mode=adaptive",
					     2 * PS_PER_US, 1514, 10000);
	struct machine *trickle = constant_rate("nic.moderation_mode=adaptive",
						500 * PS_PER_US, 60, 100);
	const struct hist *interval = &bulk->stats.nic.moderation_interval_ps;

	(void)state;
	assert_in_range(bulk->stats.cpu.interrupts, 235, 250);
	assert_int_equal(interval->max, 83333000);
	assert_int_equal(interval->count, bulk->stats.cpu.interrupts);
	assert_int_equal(trickle->stats.cpu.interrupts, 100);
	assert_int_equal(trickle->stats.nic.moderation_interval_ps.min,
			 10000000);
	machine_free(bulk);
	machine_free(trickle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_hand),
		cmocka_unit_test(lone_frame),
		cmocka_unit_test(batch_is_rate_times_interval),
		cmocka_unit_test(polls_are_no_interrupts),
		cmocka_unit_test(classes),
		cmocka_unit_test(adaptive_rates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
