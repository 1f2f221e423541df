/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receive strategies by what they call for a frame, and by what it costs not
 * to call it.
 */
#include "tests/unit/machine_fixture.h"

#include "models/ndis/receives.h"
#include "models/ndis/routines_table.h"
#include "traces/params.h"

#define FRAMES	  200
#define CALLS_MAX 9

/* One frame at a time, everything returned inside the indicate call. */
#define ALONE                                                                 \
	"rx.hold_share=0% rx.low_watermark=0% nic.moderation=0 nic.queues=1 " \
	"nic.lso=no iommu.mode=off "

struct expected {
	enum routine routine;
	unsigned calls; /* of a frame */
};

static const struct {
	const char *rx, *preset, *pairs;
	uint32_t bytes;
	struct expected of[CALLS_MAX];
} rows[] = {
	{ "common-copy",
	  "gbe-32bit",
	  "",
	  1514,
	  { { R_RX_COPY, 1 },
	    { R_REPOST, 1 },
	    { R_INDICATE, 1 },
	    { R_RETURN, 0 },
	    { R_SG_BUILD, 0 },
	    { R_HAL_LOCK, 0 } } },
	/* Registers: a lock to take them and one to give them back. */
	{ "sg",
	  "gbe-32bit",
	  "",
	  1514,
	  { { R_SG_BUILD, 1 },
	    { R_PROCESS_SG, 1 },
	    { R_SG_FREE, 1 },
	    { R_HAL_LOCK, 2 },
	    { R_RETURN, 1 },
	    { R_REPOST, 1 },
	    { R_RX_COPY, 0 } } },
	{ "sg",
	  "xge-64bit",
	  "",
	  60,
	  { { R_SG_BUILD, 1 },
	    { R_SG_FREE, 1 },
	    { R_HAL_LOCK, 0 },
	    { R_BOUNCE, 0 },
	    { R_RETURN, 1 } } },
	{ "sg-premapped",
	  "gbe-32bit",
	  "",
	  1514,
	  { { R_SG_BUILD, 0 },
	    { R_SG_FREE, 0 },
	    { R_HAL_LOCK, 0 },
	    { R_BOUNCE, 0 },
	    { R_RX_COPY, 0 },
	    { R_RETURN, 1 },
	    { R_REPOST, 1 } } },
	{ "copybreak",
	  "xge-64bit",
	  "",
	  256,
	  { { R_RX_COPY, 1 },
	    { R_SG_BUILD, 0 },
	    { R_SG_FREE, 0 },
	    { R_RETURN, 0 },
	    { R_REPOST, 1 } } },
	{ "copybreak",
	  "xge-64bit",
	  "rx.copybreak_mode=remap",
	  256,
	  { { R_RX_COPY, 1 },
	    { R_SG_BUILD, 1 },
	    { R_SG_FREE, 1 },
	    { R_RETURN, 0 },
	    { R_REPOST, 1 } } },
	{ "copybreak",
	  "xge-64bit",
	  "",
	  257,
	  { { R_RX_COPY, 0 },
	    { R_SG_BUILD, 1 },
	    { R_SG_FREE, 1 },
	    { R_RETURN, 1 },
	    { R_REPOST, 1 } } },
	/* Registers owned: no list, no lock. */
	{ "ndis5-mapreg",
	  "gbe-32bit",
	  "",
	  1514,
	  { { R_START_MAPPING, 1 },
	    { R_COMPLETE_MAPPING, 1 },
	    { R_FLUSH_BUFFER, 2 },
	    { R_HAL_LOCK, 0 },
	    { R_SG_BUILD, 0 },
	    { R_INDICATE5, 1 },
	    { R_RETURN5, 1 },
	    { R_RETURN, 0 },
	    { R_REPOST, 1 } } },
	{ "ndis5-shared",
	  "gbe-32bit",
	  "rx.shared_cached=no",
	  1514,
	  { { R_UPDATE_SHARED, 1 },
	    { R_RX_COPY, 0 },
	    { R_START_MAPPING, 0 },
	    { R_INDICATE5, 1 },
	    { R_RETURN5, 1 },
	    { R_REPOST, 1 } } },
	/* Uncached memory may not be indicated. */
	{ "ndis5-shared",
	  "gbe-32bit",
	  "rx.shared_cached=no host.coherent=no",
	  1514,
	  { { R_UPDATE_SHARED, 1 },
	    { R_RX_COPY, 1 },
	    { R_RETURN5, 0 },
	    { R_REPOST, 1 } } },
	{ "ndis5-shared",
	  "gbe-32bit",
	  "host.coherent=no",
	  1514,
	  { { R_UPDATE_SHARED, 1 },
	    { R_FLUSH_IO, 1 },
	    { R_RX_COPY, 0 },
	    { R_RETURN5, 1 } } },
	{ "wdf-sg",
	  "gbe-32bit",
	  "",
	  1514,
	  { { R_WDF_INITIALIZE, 1 },
	    { R_WDF_EXECUTE, 1 },
	    { R_BUILD_LIST, 1 },
	    { R_WDF_PROGRAM, 1 },
	    { R_WDF_COMPLETED, 1 },
	    { R_PUT_LIST, 1 },
	    { R_WDF_RELEASE, 1 },
	    { R_WDF_CREATE, 0 },
	    { R_HAL_LOCK, 2 } } },
	{ "wdf-sg",
	  "gbe-32bit",
	  "rx.wdf_version=3",
	  1514,
	  { { R_BUILD_LIST, 0 }, { R_BUILD_LIST_EX, 1 }, { R_PUT_LIST, 1 } } },
	{ "slave",
	  "gbe-32bit",
	  "nic.dma_width=24 hal.pool=64 rx.slave_mode=auto",
	  1514,
	  { { R_READ_COUNTER, 1 },
	    { R_RX_COPY, 1 },
	    { R_SETUP_TRANSFER, 0 },
	    { R_COMPLETE_TRANSFER, 0 },
	    { R_DOORBELL, 0 },
	    { R_RETURN5, 0 } } },
	{ "slave",
	  "gbe-32bit",
	  "nic.dma_width=24 hal.pool=64 rx.slave_mode=single",
	  1514,
	  { { R_READ_COUNTER, 1 },
	    { R_COMPLETE_TRANSFER, 1 },
	    { R_SETUP_TRANSFER, 1 },
	    { R_BOUNCE, 1 },
	    { R_RX_COPY, 0 },
	    { R_DOORBELL, 0 } } },
};

static struct frame *received(uint32_t bytes, sim_time gap)
{
	return fix_traffic(&(struct fix_traffic){ .count = FRAMES,
						  .seed = 7,
						  .gap = gap,
						  .min = bytes,
						  .max = bytes });
}

/* Calls while it ran. */
static uint64_t calls_of(const struct machine *m, enum routine routine)
{
	return m->ledger.row[routine].calls - m->ledger.row[routine].setups;
}

static void a_frame_costs_these_calls(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config *cfg = fix_config(rows[i].preset, ALONE);
		struct frame *frames = received(rows[i].bytes, PS_PER_MS);
		struct machine *m;

		fix_set(cfg, rows[i].pairs);
		m = fix_run(cfg, "ndis6-copy", rows[i].rx, frames, FRAMES);
		assert_int_equal(m->stats.rx.delivered_frames, FRAMES);
		for (j = 0; j < CALLS_MAX && rows[i].of[j].routine; j++)
			if (calls_of(m, rows[i].of[j].routine) !=
			    (uint64_t)rows[i].of[j].calls * FRAMES)
				fail_msg("row %zu, %s: %llu calls of %s, %u "
					 "expected",
					 i, rows[i].rx,
					 (unsigned long long)calls_of(
						 m, rows[i].of[j].routine),
					 routine_defs[rows[i].of[j].routine]
						 .name,
					 rows[i].of[j].calls * FRAMES);
		machine_free(m);
		config_free(cfg);
		free(frames);
	}
}

/* One transfer after the other, at the controller's rate. */
static void the_controller_has_a_rate(void **state)
{
	static const char *const modes[] = { "single", "auto" };
	struct frame *frames = received(1000, PS_PER_US);
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct config *cfg = fix_config("gbe-32bit", ALONE
						"nic.dma_width=24 hal.pool=64 "
						"rx.slave_rate=8Mbps "
						"nic.rx_fifo=512KiB");
		struct err err = ERR_INIT;
		struct machine *m;

		assert_int_equal(config_set(cfg, "rx.slave_mode", modes[i],
					    "test", &err),
				 0);
		m = fix_run(cfg, "ndis6-copy", "slave", frames, FRAMES);
		assert_int_equal(m->stats.rx.delivered_frames, FRAMES);
		/* 200,000 bytes at 1 MB/s; single loses time in between. */
		assert_true(m->stats.run.end_ps >= 200 * PS_PER_MS);
		if (i)
			assert_true(m->stats.run.end_ps < 201 * PS_PER_MS);
		else
			assert_true(m->stats.run.end_ps > 201 * PS_PER_MS);
		assert_int_equal(m->stats.rx.write_backs, 0);
		assert_int_equal(m->stats.pcie.write_payload_bytes, 0);
		machine_free(m);
		config_free(cfg);
	}
	free(frames);
}

/* The transmit object's account has nothing of what receives hold. */
static void the_second_object_has_its_own_account(void **state)
{
	struct config *cfg = fix_config("gbe-32bit", ALONE);
	struct frame *frames = received(1514, PS_PER_MS);
	struct machine *m =
		fix_run(cfg, "ndis6-copy", "wdf-sg", frames, FRAMES);
	uint64_t posted = m->adapters[0].rx[0].buffers_at_start;

	(void)state;
	assert_int_equal(m->stats.hal.adapter_registers_in_use.max, 0);
	assert_int_equal(m->stats.hal.maps, 0);
	assert_int_equal(m->stats.rx.registers_in_use.max, posted);
	assert_int_equal(m->stats.rx.maps, posted + FRAMES);
	machine_free(m);
	m = fix_run(cfg, "ndis6-copy", "sg", frames, FRAMES);
	assert_int_equal(m->stats.hal.adapter_registers_in_use.max, posted);
	assert_int_equal(m->stats.rx.registers_in_use.max, 0);
	machine_free(m);
	config_free(cfg);
	free(frames);
}

/* sg with all that is particular to it free of charge is sg-premapped. */
static void free_mapping_is_premapped(void **state)
{
	struct config *cfg = fix_config("xge-64bit", ALONE
					"cost.sg_build=0 cost.sg_page=0 "
					"cost.sg_put=0 cost.sg_put_page=0 "
					"cost.process_sg=0 cost.sg_element=0");
	struct frame *frames = received(900, 3 * PS_PER_US);
	struct machine *a = fix_run(cfg, "null", "sg", frames, FRAMES);
	struct machine *b =
		fix_run(cfg, "null", "sg-premapped", frames, FRAMES);

	(void)state;
	fix_assert_same(a, b,
			"memory. hal.maps hal.mapped hal.moved "
			"hal.bounced");
	machine_free(a);
	machine_free(b);
	config_free(cfg);
	free(frames);
}

/* --- a driver that reads too early --- */

static int unsound_setup(struct rx_queue *queue, const struct config *cfg,
			 struct err *err)
{
	return rx_setup_mapped(queue, cfg, err);
}

static void take_unflushed(struct core *core, struct rx_frame *frame)
{
	rx_take(core, frame);
}

static const struct rx_ops unsound = {
	.name = "unsound",
	.summary = "hands up what was not flushed",
	.params = rx_no_params,
	.setup = unsound_setup,
	.receive = take_unflushed,
	.repost = rx_repost,
};

static void reading_before_the_flush_is_a_hazard(void **state)
{
	struct config *cfg = fix_config("gbe-32bit", ALONE);
	struct frame *frames = received(700, PS_PER_MS);
	struct err err = ERR_INIT;
	struct machine *m = machine_new(
		cfg,
		&(struct machine_options){
			.tx = tx_ops_find("null"), .rx = &unsound, .seed = 1 },
		&err);

	(void)state;
	assert_non_null(m);
	machine_feed(m, frames, FRAMES);
	machine_finish(m);
	assert_int_equal(m->ledger.hazards.of[HAZARD_READ_BEFORE_FLUSH].count,
			 FRAMES);
	assert_int_equal(
		m->ledger.hazards.of[HAZARD_READ_BEFORE_FLUSH].first_frame, 1);
	machine_free(m);
	config_free(cfg);
	free(frames);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_costs_these_calls),
		cmocka_unit_test(the_controller_has_a_rate),
		cmocka_unit_test(the_second_object_has_its_own_account),
		cmocka_unit_test(free_mapping_is_premapped),
		cmocka_unit_test(reading_before_the_flush_is_a_hazard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
