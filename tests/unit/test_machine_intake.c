/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From frame records to sends: grouping into calls and lists, super-frames,
 * the closed loop, the driver queue, the wire of arrivals, the warm-up.
 */
#include "tests/unit/machine_fixture.h"

#include <stdio.h>

#include "models/machine.h"
#include "traces/params.h"

#define NS(x) ((sim_time)(x)*PS_PER_NS)
#define US(x) ((sim_time)(x)*PS_PER_US)

struct stamp {
	sim_time at;
	char what; /* 't': sent, 'r': received */
	uint32_t flow;
};

static size_t make(const struct stamp *stamps, size_t count, uint32_t bytes,
		   struct frame *out)
{
	size_t i;

	for (i = 0; i < count; i++)
		out[i] = (struct frame){
			.at = stamps[i].at,
			.number = i + 1,
			.bytes = bytes,
			.header_bytes = 54,
			.flow = stamps[i].flow,
			.direction =
				stamps[i].what == 't' ? FRAME_TX : FRAME_RX,
		};
	return count;
}

/* --- send calls --- */

/* 1514 bytes at 10 Gb/s: 1230.4 ns on the wire, 1353.44 with a tenth. */
#define JOINS 1353440
#define GAP   1353441

static const struct {
	const char *name, *pairs;
	bool wire;
	struct stamp stamp[8]; /* what 0 ends */
	uint64_t calls, lists, longest;
} call_cases[] = {
	{ "equal stamps are a call",
	  "",
	  false,
	  { { 0, 't', 1 },
	    { 0, 't', 1 },
	    { 1, 't', 1 },
	    { 1, 't', 1 },
	    { 1, 't', 1 } },
	  2,
	  2,
	  3 },
	{ "neighbours of a flow are a list",
	  "",
	  false,
	  { { 0, 't', 1 }, { 0, 't', 1 }, { 0, 't', 2 }, { 0, 't', 1 } },
	  1,
	  3,
	  4 },
	{ "a run of departures is a call",
	  "traffic.tx_times=burst",
	  false,
	  { { 0, 't', 1 }, { JOINS, 't', 1 }, { 2 * JOINS, 't', 1 } },
	  1,
	  1,
	  3 },
	{ "a longer gap ends it",
	  "traffic.tx_times=burst",
	  false,
	  { { 0, 't', 1 }, { GAP, 't', 1 }, { GAP + JOINS, 't', 1 } },
	  2,
	  2,
	  2 },
	{ "wire captures: auto is burst",
	  "",
	  true,
	  { { 0, 't', 1 }, { JOINS, 't', 1 }, { JOINS + GAP, 't', 1 } },
	  2,
	  2,
	  2 },
	{ "host captures: auto is stamp",
	  "",
	  false,
	  { { 0, 't', 1 }, { JOINS, 't', 1 } },
	  2,
	  2,
	  1 },
	{ "received frames do not end a run",
	  "traffic.tx_times=burst",
	  false,
	  { { 0, 't', 1 }, { 5, 'r', 1 }, { JOINS, 't', 1 } },
	  1,
	  1,
	  2 },
	{ "at most so many frames",
	  "traffic.send_batch_max=2",
	  false,
	  { { 0, 't', 1 },
	    { 0, 't', 1 },
	    { 0, 't', 1 },
	    { 0, 't', 1 },
	    { 0, 't', 1 } },
	  3,
	  3,
	  2 },
	{ "asap: all up to the next arrival",
	  "traffic.tx_times=asap",
	  false,
	  { { 0, 'r', 1 },
	    { US(50), 't', 1 },
	    { US(90), 't', 1 },
	    { US(100), 'r', 1 },
	    { US(150), 't', 1 } },
	  2,
	  2,
	  2 },
};

static void calls_are_grouped_by_stamps(void **state)
{
	struct frame frames[8];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(call_cases) / sizeof(call_cases[0]); i++) {
		struct config *cfg =
			fix_config("xge-64bit", call_cases[i].pairs);
		struct machine *m;
		const struct tx_stats *tx;

		for (n = 0; n < 8 && call_cases[i].stamp[n].what; n++)
			;
		make(call_cases[i].stamp, n, 1514, frames);
		m = fix_run_with(cfg,
				 (struct machine_options){
					 .wire_capture = call_cases[i].wire },
				 "ndis6-sg", "common-copy", frames, n);
		tx = &m->stats.tx;
		if (tx->calls != call_cases[i].calls ||
		    tx->sends != call_cases[i].lists ||
		    tx->call_frames.max != call_cases[i].longest)
			fail_msg("%s: %llu calls, %llu lists, longest %llu",
				 call_cases[i].name,
				 (unsigned long long)tx->calls,
				 (unsigned long long)tx->sends,
				 (unsigned long long)tx->call_frames.max);
		machine_free(m);
		config_free(cfg);
	}
}

/* asap: the call is made when the frame before it came in. */
static void asap_sends_at_the_arrival(void **state)
{
	static const struct stamp stamps[] = { { 0, 'r', 1 },
					       { US(20), 'r', 1 },
					       { US(90), 't', 1 } };
	struct config *cfg = fix_config("xge-64bit", "traffic.tx_times=asap");
	struct frame frames[3];
	struct machine *m;

	(void)state;
	make(stamps, 3, 1514, frames);
	m = fix_run(cfg, "null", "null", frames, 3);
	/* Off the wire 1230.4 ns after 20 us, not after 90. */
	assert_int_equal(m->stats.run.end_ps, US(20) + 1230400);
	machine_free(m);
	config_free(cfg);
}

/* --- super-frames --- */

#define SUPER(bytes_, flags_)                                        \
	{                                                            \
		.number = 1, .bytes = bytes_, .header_bytes = 66,    \
		.direction = FRAME_TX, .flags = FRAME_SUPER | flags_ \
	}

static const struct {
	const char *name, *pairs;
	struct frame frame;
	uint64_t offered, offered_bytes, failed, sent, wire_frames, wire_bytes;
} super_cases[] = {
	/* 9,934 bytes of payload, 1,448 in a segment: 6 full and 1,246. */
	{ "cut at the MTU", "nic.lso=no", SUPER(10000, FRAME_TCP), 7,
	  9934 + 7 * 66, 0, 7, 7, 9934 + 7 * (66 + 24) },
	{ "cut though the NIC could", "nic.lso=yes traffic.superframes=cut",
	  SUPER(10000, FRAME_TCP), 7, 9934 + 7 * 66, 0, 7, 7,
	  9934 + 7 * (66 + 24) },
	{ "LSO: one send, the same bytes on the wire", "nic.lso=yes",
	  SUPER(10000, FRAME_TCP), 1, 10000, 0, 1, 7, 9934 + 7 * (66 + 24) },
	{ "LSO of what fits exactly", "nic.lso=yes",
	  SUPER(66 + 4 * 1448, FRAME_TCP), 1, 66 + 4 * 1448, 0, 1, 4,
	  4 * (1514 + 24) },
	{ "LSO asked for", "nic.lso=yes traffic.superframes=lso",
	  SUPER(20000, FRAME_TCP), 1, 20000, 0, 1, 14,
	  20000 + 24 + 13 * (66 + 24) },
	{ "not TCP: cut", "nic.lso=yes", SUPER(10000, 0), 7, 9934 + 7 * 66, 0,
	  7, 7, 9934 + 7 * (66 + 24) },
	{ "jumbo MTU", "nic.lso=no traffic.mtu=9000B rx.buffer=16KiB",
	  SUPER(10000, FRAME_TCP), 2, 9934 + 2 * 66, 0, 2, 2,
	  9934 + 2 * (66 + 24) },
	{ "refused", "traffic.superframes=refuse", SUPER(10000, FRAME_TCP), 1,
	  10000, 1, 0, 0, 0 },
};

static void super_frames_are_cut_or_segmented(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(super_cases) / sizeof(super_cases[0]); i++) {
		struct config *cfg =
			fix_config("xge-64bit", super_cases[i].pairs);
		struct machine *m = fix_run(cfg, "ndis6-sg", "common-copy",
					    &super_cases[i].frame, 1);
		const struct tx_stats *tx = &m->stats.tx;

		if (tx->offered_frames != super_cases[i].offered ||
		    tx->offered_bytes != super_cases[i].offered_bytes ||
		    tx->failed_frames != super_cases[i].failed ||
		    tx->sent_frames != super_cases[i].sent ||
		    tx->sent_wire_frames != super_cases[i].wire_frames ||
		    m->adapters[0].wire_tx.busy_ps !=
			    super_cases[i].wire_bytes * 800)
			fail_msg("%s: %llu offered, %llu bytes, %llu failed, "
				 "%llu sent as %llu, %llu ps on the wire",
				 super_cases[i].name,
				 (unsigned long long)tx->offered_frames,
				 (unsigned long long)tx->offered_bytes,
				 (unsigned long long)tx->failed_frames,
				 (unsigned long long)tx->sent_frames,
				 (unsigned long long)tx->sent_wire_frames,
				 (unsigned long long)m->adapters[0]
					 .wire_tx.busy_ps);
		machine_free(m);
		config_free(cfg);
	}
}

static void lso_needs_a_nic_that_segments(void **state)
{
	struct config *cfg =
		fix_config("xge-64bit", "nic.lso=no traffic.superframes=lso");
	struct machine_options options = { .tx = tx_ops_find("ndis6-sg"),
					   .rx = rx_ops_find("sg") };
	struct err err = ERR_INIT;

	(void)state;
	assert_null(machine_new(cfg, &options, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.text, "nic.lso=yes"));
	config_free(cfg);
}

/* --- the closed loop --- */

/* More bytes are never out than the window allows: one frame at least. */
static void a_window_bounds_what_is_out(void **state)
{
	static const struct {
		const char *window;
		uint64_t frames; /* of 1,514 bytes that fit */
	} cases[] = {
		{ "traffic.window=1B", 1 },    { "traffic.window=1514B", 1 },
		{ "traffic.window=3027B", 1 }, { "traffic.window=3028B", 2 },
		{ "traffic.window=8000B", 5 }, { "traffic.window=40000B", 26 },
	};
	enum { FRAMES = 3000 };
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 1,
		.tx_ppm = 1000000,
		.gap = 1,
		.min = 1514,
		.max = 1514,
	});
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config *cfg =
			fix_config("xge-64bit", "tx.queue_limit=100000 "
						"layout.mdl=linear "
						"nic.tx_write_back=1");
		const struct tx_stats *tx;
		struct machine *m;
		__uint128_t out;

		fix_set(cfg, cases[i].window);
		m = fix_run(cfg, "ndis6-copy", "common-copy", frames, FRAMES);
		tx = &m->stats.tx;
		assert_int_equal(tx->completed_frames, FRAMES);
		/* A copy holds a page from the driver to the completion. */
		assert_int_equal(tx->copy_pages_used.max, cases[i].frames);
		assert_true(tx->ring_used.max <= cases[i].frames);
		/* Little: out = throughput x latency, the window's wait aside
		 */
		out = tx->latency_complete_ps.sum -
		      m->stats.tx_stage[TX_QUEUE].sum;
		if (!fix_near((double)out / (double)m->stats.run.end_ps,
			      (double)cases[i].frames, 30000))
			fail_msg("%s: %.3f frames out", cases[i].window,
				 (double)out / (double)m->stats.run.end_ps);
		machine_free(m);
		config_free(cfg);
	}
	free(frames);
}

/* Flows have windows of their own. */
static void windows_are_per_flow(void **state)
{
	enum { FRAMES = 2000, FLOWS = 4 };
	struct config *cfg = fix_config(
		"xge-64bit", "tx.queue_limit=100000 layout.mdl=linear"
			     " traffic.window=3028B");
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 1,
		.tx_ppm = 1000000,
		.gap = 1,
		.min = 1514,
		.max = 1514,
		.flows = FLOWS,
	});
	struct machine *m =
		fix_run(cfg, "ndis6-copy", "common-copy", frames, FRAMES);

	(void)state;
	assert_int_equal(m->stats.tx.completed_frames, FRAMES);
	assert_int_equal(m->stats.tx.copy_pages_used.max, 2 * FLOWS);
	machine_free(m);
	config_free(cfg);
	free(frames);
}

/* --- bounds --- */

static void the_driver_queue_is_bounded(void **state)
{
	enum { FRAMES = 500 };
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 1,
		.tx_ppm = 1000000,
		.gap = 0,
		.min = 1514,
		.max = 1514,
	});
	struct config *cfg =
		fix_config("xge-64bit", "tx.queue_limit=100 "
					"traffic.send_batch_max=500");
	struct machine *m =
		fix_run(cfg, "ndis6-sg", "common-copy", frames, FRAMES);

	(void)state;
	/* One call at one instant: 100 wait, the others are refused. */
	assert_int_equal(m->stats.tx.dropped_queue_frames, FRAMES - 100);
	assert_int_equal(m->stats.tx.completed_frames, 100);
	assert_int_equal(m->stats.tx.dropped_longest_run, FRAMES - 100);
	assert_int_equal(m->stats.tx.dropped_first_ps, 0);
	assert_string_equal(m->result.status, "saturated");
	machine_free(m);
	config_free(cfg);
	free(frames);
}

/* No two arrivals closer than the wire allows; the shift is booked. */
static void arrivals_pass_the_wire(void **state)
{
	static const struct stamp stamps[] = { { 0, 'r', 1 },
					       { NS(1000), 'r', 1 },
					       { NS(2000), 'r', 1 },
					       { NS(9000), 'r', 1 } };
	struct config *cfg = fix_config("xge-64bit", "");
	struct frame frames[4];
	struct machine *m;

	(void)state;
	make(stamps, 4, 1514, frames);
	m = fix_run(cfg, "null", "null", frames, 4);
	assert_int_equal(m->stats.rx.late_wire_frames, 2);
	/* 230.4 and 460.8 ns late. */
	assert_int_equal(m->stats.rx.wire_wait_ps.sum, 230400 + 460800);
	assert_int_equal(m->stats.rx.wire_wait_ps.max, 460800);
	assert_int_equal(m->stats.rx.wire_wait_ps.count, 4);
	assert_int_equal(m->stats.rx.latency_ps.max, 0);
	machine_free(m);
	config_free(cfg);
}

/*
 * Ten times what the wire carries, for long: what waits is bounded, the rest
 * is lost and counted, and memory does not grow with the trace.
 */
static void an_infeasible_load_takes_constant_memory(void **state)
{
	enum { FRAMES = 8000, PASSES = 20 };
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 1,
		.gap = NS(120),
		.min = 1514,
		.max = 1514,
	});
	struct config *cfg = fix_config("xge-64bit", "");
	struct machine *m = fix_machine(cfg, (struct machine_options){ 0 },
					"null", "common-copy");
	uint64_t slabs = 0;
	size_t pass, i;

	(void)state;
	for (pass = 0; pass < PASSES; pass++) {
		machine_feed(m, frames, FRAMES);
		for (i = 0; i < FRAMES; i++)
			frames[i].at += FRAMES * NS(120);
		if (pass == PASSES * 2 / 3)
			slabs = m->late_frames.slab_count;
	}
	assert_int_equal(m->late_frames.slab_count, slabs);
	machine_finish(m);
	fix_check(m);
	assert_string_equal(m->result.status, "saturated");
	assert_int_equal(m->stats.rx.delivered_frames +
				 m->stats.rx.dropped_wire_frames +
				 m->stats.rx.dropped_fifo_frames,
			 FRAMES * PASSES);
	assert_true(m->stats.rx.dropped_wire_frames > FRAMES);
	machine_free(m);
	config_free(cfg);
	free(frames);
}

/* A load at exactly the wire's rate: nothing waits, the wire is busy. */
static void the_wire_carries_its_rate(void **state)
{
	enum { FRAMES = 1000 };
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 1,
		.gap = 1230400,
		.min = 1514,
		.max = 1514,
	});
	struct config *cfg = fix_config("xge-64bit", "");
	struct machine *m = fix_run(cfg, "null", "null", frames, FRAMES);

	(void)state;
	assert_int_equal(m->stats.rx.late_wire_frames, 0);
	assert_int_equal(m->adapters[0].wire_rx_busy_ps, m->stats.run.end_ps);
	assert_int_equal(m->stats.run.end_ps, (FRAMES - 1) * 1230400ull);
	machine_free(m);
	config_free(cfg);
	free(frames);
}

/* --- warm-up --- */

/* Isolated frames: the window's sums are the whole less the part before. */
static void a_warm_up_leaves_the_rest(void **state)
{
	enum { FRAMES = 400, BEFORE = 150 };
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 6,
		.tx_ppm = 500000,
		.gap = US(300),
		.min = 60,
		.max = 1514,
		.flows = 3,
	});
	struct config *cfg = fix_config("gbe-32bit", "rx.hold_share=0%");
	struct machine *whole =
		fix_run(cfg, "ndis6-sg", "common-copy", frames, FRAMES);
	struct machine *part =
		fix_run(cfg, "ndis6-sg", "common-copy", frames, BEFORE);
	struct machine *rest;
	const struct stats *w = &whole->stats, *p = &part->stats, *r;

	(void)state;
	fix_set(cfg, "run.warmup=45ms"); /* the stamp of frame 150 */
	assert_int_equal(frames[BEFORE].at, 45 * PS_PER_MS);
	rest = fix_run(cfg, "ndis6-sg", "common-copy", frames, FRAMES);
	r = &rest->stats;
#define SPLITS(field) assert_int_equal(w->field, p->field + r->field)
	SPLITS(tx.offered_frames);
	SPLITS(tx.completed_frames);
	SPLITS(tx.sent_bytes);
	SPLITS(tx.descriptors);
	SPLITS(rx.offered_frames);
	SPLITS(rx.delivered_bytes);
	SPLITS(tx.stack_cycles);
	SPLITS(rx.stack_cycles);
	SPLITS(hal.map_registers_granted);
	SPLITS(hal.bounced_bytes);
	SPLITS(pcie.up_bytes);
	SPLITS(pcie.completions);
	SPLITS(cpu.interrupts);
	SPLITS(cpu.copied_bytes);
	SPLITS(dma.moved_bytes);
	SPLITS(tx.latency_wire_ps.count);
	SPLITS(tx.latency_wire_ps.sum);
	SPLITS(tx.latency_complete_ps.sum);
	SPLITS(rx.latency_ps.count);
	SPLITS(rx.latency_ps.sum);
	SPLITS(hal.map_register_hold_ps.sum);
#undef SPLITS
	/* The pool grew before the window: divided over both directions. */
	assert_int_equal(w->tx.driver_cycles + w->rx.driver_cycles,
			 p->tx.driver_cycles + p->rx.driver_cycles +
				 r->tx.driver_cycles + r->rx.driver_cycles);
	assert_int_equal(r->run.duration_ps,
			 frames[FRAMES - 1].at - frames[BEFORE].at);
	machine_free(whole);
	machine_free(part);
	machine_free(rest);
	config_free(cfg);
	free(frames);
}

/*
 * What the wire delays across the edge, what is offered with an earlier frame
 * and what is still under way then: of the window of its stamp, and only there.
 */
static void frames_are_of_the_window_of_their_stamp(void **state)
{
	enum { FRAMES = 1200 };
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 9,
		.tx_ppm = 300000,
		.gap = US(4), /* 1.2 times what a Gb/s carries, each way */
		.min = 1000,
		.max = 1514,
		.flows = 3,
	});
	const sim_time edge = frames[FRAMES / 2].at;
	struct config *cfg = fix_config("xge-64bit", "nic.wire=1Gbps "
						     "traffic.tx_times=burst");
	struct machine *whole =
		fix_run(cfg, "ndis6-copy", "common-copy", frames, FRAMES);
	struct machine *before =
		fix_run(cfg, "ndis6-copy", "common-copy", frames, FRAMES / 2);
	struct machine *rest;
	const struct stats *w = &whole->stats, *p = &before->stats, *r;
	char warm_up[64];

	(void)state;
	assert_true(w->rx.late_wire_frames > FRAMES / 4);
	snprintf(warm_up, sizeof(warm_up), "run.warmup=%lldps",
		 (long long)edge);
	fix_set(cfg, warm_up);
	rest = fix_run(cfg, "ndis6-copy", "common-copy", frames, FRAMES);
	r = &rest->stats;
#define SPLITS(field) assert_int_equal(w->field, p->field + r->field)
	SPLITS(tx.offered_frames);
	SPLITS(tx.offered_bytes);
	SPLITS(tx.sent_bytes);
	SPLITS(tx.completed_frames);
	SPLITS(tx.latency_complete_ps.count);
	SPLITS(rx.offered_frames);
	SPLITS(rx.offered_bytes);
	SPLITS(rx.delivered_frames);
	SPLITS(rx.delivered_bytes);
	SPLITS(rx.latency_ps.count);
#undef SPLITS
	machine_free(whole);
	machine_free(before);
	machine_free(rest);
	config_free(cfg);
	free(frames);
}

/* A protocol that keeps a buffer for long does not make the load less. */
static void goodput_is_of_the_time_of_work(void **state)
{
	enum { FRAMES = 300 };
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 4,
		.gap = US(10),
		.min = 500,
		.max = 500,
	});
	struct config *cfg = fix_config("xge-64bit", "rx.hold_share=100% "
						     "rx.hold_median=200ms "
						     "rx.hold_p99=200ms");
	struct machine *m = fix_run(cfg, "ndis6-sg", "sg", frames, FRAMES);
	const struct ratio *goodput = &m->stats.rx.goodput_bps;

	(void)state;
	assert_true(m->stats.run.end_ps > 200 * PS_PER_MS);
	assert_true(goodput->den < FRAMES * US(10) + PS_PER_MS);
	assert_true(goodput->num == (__uint128_t)m->stats.rx.delivered_bytes *
					    8 * (uint64_t)PS_PER_SEC);
	machine_free(m);
	config_free(cfg);
	free(frames);
}

/* What no single range can refuse is refused when a machine is made. */
static void contradictions_are_named(void **state)
{
	static const char *const cases[][2] = {
		{ "hal.pool=64 hal.pool_cap=16", "hal.pool_cap" },
		{ "hal.pool=16 hal.background=17", "hal.background" },
		{ "pcie.mps=300B", "pcie.mps" },
		{ "pcie.lanes=3", "pcie.lanes" },
		{ "host.dpc_median=2us host.dpc_p99=1us", "host.dpc_p99" },
		{ "rx.buffer=512B", "rx.buffer" },
		{ "nic.tx_ring=16 nic.sg_elements=16", "nic.tx_ring" },
		{ "nic.desc_cache=8", "nic.desc_cache" },
		{ "traffic.superframes=lso", "nic.lso" },
	};
	const struct machine_options options = {
		.tx = tx_ops_find("ndis6-sg"),
		.rx = rx_ops_find("common-copy"),
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config *cfg = fix_config("xge-64bit", cases[i][0]);
		struct err err = ERR_INIT;

		assert_null(machine_new(cfg, &options, &err));
		assert_int_equal(err.kind, ERR_USAGE);
		if (!strstr(err.text, cases[i][1]))
			fail_msg("%s: %s", cases[i][0], err.text);
		config_free(cfg);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_are_grouped_by_stamps),
		cmocka_unit_test(asap_sends_at_the_arrival),
		cmocka_unit_test(super_frames_are_cut_or_segmented),
		cmocka_unit_test(lso_needs_a_nic_that_segments),
		cmocka_unit_test(a_window_bounds_what_is_out),
		cmocka_unit_test(windows_are_per_flow),
		cmocka_unit_test(the_driver_queue_is_bounded),
		cmocka_unit_test(arrivals_pass_the_wire),
		cmocka_unit_test(the_wire_carries_its_rate),
		cmocka_unit_test(an_infeasible_load_takes_constant_memory),
		cmocka_unit_test(a_warm_up_leaves_the_rest),
		cmocka_unit_test(frames_are_of_the_window_of_their_stamp),
		cmocka_unit_test(goodput_is_of_the_time_of_work),
		cmocka_unit_test(contradictions_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
