/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an operation costs in kind: one frame, in memory placed by hand, and
 * the locks, allocations, copied bytes, flushes, page-table writes and
 * invalidations that it took, counted before the card has it and after.  The
 * rows are those of the reference's table of cost vectors and of its
 * comparison of the four generations.
 */
#include "tests/unit/machine_fixture.h"

#include "models/ndis/receives.h"
#include "models/ndis/sends.h"
#include "traces/params.h"

#define BYTES 900u
/* Two pages that are not neighbours, if RAM goes so far above 4 GiB. */
#define HIGH   (UINT64_C(1) << 20)
#define LOW    (UINT64_C(1) << 12) /* at 16 MiB */
#define OFFSET 3500u
#define LINES  15u /* of 64 bytes: 3,456 to 4,416 */

/* One core, nothing drawn, every interrupt at once. */
#define PLAIN                                                                 \
	"host.cores=1 host.dpc_median=2us host.dpc_p99=2us nic.moderation=0 " \
	"nic.tx_write_back=1 traffic.dpc_sends=100% rx.hold_share=0% "        \
	"rx.low_watermark=0% hal.background=0 nic.rx_ring=8 "

struct cost {
	uint64_t locks, allocations, copied, lines, table_writes, invalidations;
};

static uint64_t calls(const struct machine *m, enum routine routine)
{
	return m->ledger.row[routine].calls;
}

static struct cost cost_now(const struct machine *m)
{
	const struct memory_stats *memory = &m->stats.memory;

	return (struct cost){
		.locks = calls(m, R_HAL_LOCK) + m->iommu.lock.takes,
		.allocations =
			calls(m, R_LIST_ALLOC) + calls(m, R_NDIS_FALLBACK) +
			calls(m, R_SHARED_ASYNC) + calls(m, R_SHARED_ASYNC_EX),
		.copied = m->stats.cpu.copied_bytes +
			  m->stats.cpu.bounce_copied_bytes,
		.lines = memory->lines_written_back + memory->lines_invalidated,
		.table_writes = m->stats.iommu.pages_mapped,
		.invalidations = m->stats.iommu.invalidations,
	};
}

static struct cost cost_less(struct cost a, struct cost b)
{
	return (struct cost){
		.locks = a.locks - b.locks,
		.allocations = a.allocations - b.allocations,
		.copied = a.copied - b.copied,
		.lines = a.lines - b.lines,
		.table_writes = a.table_writes - b.table_writes,
		.invalidations = a.invalidations - b.invalidations,
	};
}

/* --- a strategy that is watched --- */

struct watch {
	struct tx_ops tx;
	struct rx_ops rx;
	const struct tx_ops *real_tx;
	const struct rx_ops *real_rx;
	struct cost start, middle;
};

static struct watch watch;

static void complete(struct core *core, struct tx_frame *frame)
{
	watch.middle = cost_now(frame->queue->adapter->m);
	watch.real_tx->complete(core, frame);
}

static void repost(struct core *core, struct rx_buffer *buffer)
{
	watch.middle = cost_now(buffer->queue->adapter->m);
	watch.real_rx->repost(core, buffer);
}

static struct machine *watched(const struct config *cfg, const char *tx,
			       const char *rx)
{
	struct err err = ERR_INIT;
	struct machine *m;

	watch.real_tx = tx_ops_find(tx);
	watch.real_rx = rx_ops_find(rx);
	assert_non_null(watch.real_tx);
	assert_non_null(watch.real_rx);
	watch.tx = *watch.real_tx;
	watch.rx = *watch.real_rx;
	watch.tx.complete = complete;
	watch.rx.repost = repost;
	m = machine_new(cfg,
			&(struct machine_options){
				.tx = &watch.tx, .rx = &watch.rx, .seed = 1 },
			&err);
	if (!m)
		fail_msg("%s", err.text);
	return m;
}

/* Slot 0, the first frame's. */
static void place(struct buffer_pool *pool, uint64_t pfn, uint16_t offset)
{
	if (!pool->slots)
		return;
	pool->pfn[0] = pfn;
	if (pool->pages_per_slot > 1)
		pool->pfn[1] = pfn + 2;
	pool->offset[0] = offset;
}

static struct machine *run_frames(const char *preset, const char *pairs,
				  const char *tx, const char *rx,
				  const struct frame *frames, size_t count)
{
	struct config *cfg = fix_config(preset, PLAIN);
	struct machine *m;
	uint64_t base;

	fix_set(cfg, pairs);
	base = config_u64(cfg, "host.ram") > UINT64_C(1) << 32 ? HIGH : LOW;
	m = watched(cfg, tx, rx);
	place(&m->headers, base + 10, 100);
	place(&m->payloads, base + 20, OFFSET);
	place(&m->contiguous, base + 30, 0);
	watch.start = watch.middle = cost_now(m);
	machine_feed(m, frames, count);
	machine_finish(m);
	fix_check(m);
	config_free(cfg);
	return m;
}

static struct machine *run_one(const char *preset, const char *pairs,
			       const char *tx, const char *rx)
{
	struct frame frame = { .number = 1,
			       .bytes = BYTES,
			       .header_bytes = 54,
			       .flags = FRAME_TCP,
			       .direction = strcmp(tx, "null") ? FRAME_TX
							       : FRAME_RX };

	return run_frames(preset, pairs, tx, rx, &frame, 1);
}

/* --- cost vectors --- */

enum half { BEFORE, AFTER, BOTH };

struct operation {
	const char *name, *preset, *pairs, *tx, *rx;
	enum half half; /* of a receive: before it is posted again */
	struct cost want;
};

#define LINEAR	 "layout.mdl=linear "
#define RAM	 "host.ram=16TiB " /* receive buffers too are out of reach */
#define ARM	 "host.coherent=no "
#define FALLBACK "nic.sg_elements=1 hal.list_elements=16 "

static const struct operation operations[] = {
	{ "SG list build, 64-bit", "xge-64bit", LINEAR, "ndis6-sg", "null",
	  BEFORE, .want = { 0 } },
	{ "the same, more elements than preallocated", "xge-64bit",
	  "hal.list_elements=1", "ndis6-sg", "null", BEFORE,
	  .want = { .allocations = 1 } },
	{ "the same, caches apart", "xge-64bit", LINEAR ARM, "ndis6-sg", "null",
	  BEFORE, .want = { .lines = LINES } },
	{ "SG list build, bounced", "gbe-32bit", LINEAR, "ndis6-sg", "null",
	  BEFORE, .want = { .locks = 1, .copied = BYTES } },
	{ "the same, list allocated", "gbe-32bit", LINEAR, "ndis5-sg", "null",
	  BEFORE, .want = { .locks = 1, .allocations = 1, .copied = BYTES } },
	{ "the same, caches apart", "gbe-32bit", LINEAR ARM, "ndis6-sg", "null",
	  BEFORE, .want = { .locks = 1, .copied = BYTES, .lines = LINES } },
	{ "the same, in reach", "gbe-32bit", LINEAR "nic.dma_width=33",
	  "ndis6-sg", "null", BEFORE, .want = { .locks = 1, .copied = 0 } },
	{ "the same, a 24-bit device", "gbe-32bit",
	  LINEAR "nic.dma_width=24 host.ram=2GiB", "ndis6-sg", "null", BEFORE,
	  .want = { .locks = 1, .copied = BYTES } },
	{ "SG list build, IOMMU", "xge-strict", LINEAR "iommu.contention=yes",
	  "ndis6-sg", "null", BEFORE,
	  .want = { .locks = 1, .table_writes = 2 } },
	{ "SG list put, 64-bit", "xge-64bit", LINEAR, "ndis6-sg", "null", AFTER,
	  .want = { 0 } },
	{ "SG list put, bounced, to the device", "gbe-32bit", LINEAR,
	  "ndis6-sg", "null", AFTER, .want = { .locks = 1 } },
	{ "SG list put, bounced, from the device", "gbe-32bit", RAM, "null",
	  "sg", BEFORE, .want = { .locks = 1, .copied = BYTES } },
	{ "the same, caches apart: the whole buffer", "gbe-32bit", RAM ARM,
	  "null", "sg", BEFORE,
	  .want = { .locks = 1, .copied = BYTES, .lines = 32 } },
	{ "SG list put, IOMMU", "xge-strict", LINEAR "iommu.contention=yes",
	  "ndis6-sg", "null", AFTER,
	  .want = { .locks = 1, .invalidations = 1 } },
	{ "the same, invalidated later", "xge-deferred",
	  LINEAR "iommu.contention=yes iommu.flush_timer=100s", "ndis6-sg",
	  "null", BOTH,
	  .want = { .locks = 2, .table_writes = 2, .invalidations = 1 } },
	{ "NDIS 5 map and complete", "gbe-32bit", "", "ndis5-mapreg", "null",
	  BOTH, .want = { .copied = BYTES } },
	{ "driver copy to shared memory", "gbe-32bit", LINEAR, "ndis6-copy",
	  "null", BOTH, .want = { .copied = BYTES } },
	{ "the same, behind an IOMMU", "xge-strict", LINEAR, "ndis6-copy",
	  "null", BOTH, .want = { .copied = BYTES } },
	{ "NDIS excessive-fragment fallback", "gbe-32bit",
	  FALLBACK "host.ram=2GiB", "ndis6-sg", "null", BEFORE,
	  .want = { .locks = 1, .allocations = 1, .copied = BYTES } },
	{ "the same, the copy out of reach", "gbe-32bit", FALLBACK, "ndis6-sg",
	  "null", BEFORE,
	  .want = { .locks = 1, .allocations = 1, .copied = 2 * BYTES } },
	{ "RX common-buffer copy", "gbe-32bit", RAM, "null", "common-copy",
	  BOTH, .want = { .copied = BYTES } },
	{ "the same, of always mapped buffers: none", "gbe-32bit", RAM, "null",
	  "sg-premapped", BOTH, .want = { 0 } },
	{ "NDIS 5 map and complete, from the device", "gbe-32bit",
	  RAM "hal.pool=64", "null", "ndis5-mapreg", BOTH,
	  .want = { .copied = BYTES } },
	{ "RX RESOURCES indication", "xge-64bit", "rx.low_watermark=100%",
	  "null", "sg", BOTH, .want = { .copied = BYTES } },
	{ "slave DMA", "gbe-32bit", LINEAR "nic.dma_width=24", "ndis4-slave",
	  "null", BOTH, .want = { .locks = 2, .copied = BYTES } },
};

static struct cost of_half(const struct machine *m, enum half half)
{
	const struct cost end = cost_now(m);

	switch (half) {
	case BEFORE:
		return cost_less(watch.middle, watch.start);
	case AFTER:
		return cost_less(end, watch.middle);
	case BOTH:
	default:
		return cost_less(end, watch.start);
	}
}

static void assert_cost(const char *name, const struct cost *got,
			const struct cost *want)
{
	const struct {
		const char *what;
		uint64_t got, want;
	} rows[] = {
		{ "locks", got->locks, want->locks },
		{ "allocations", got->allocations, want->allocations },
		{ "bytes copied", got->copied, want->copied },
		{ "lines", got->lines, want->lines },
		{ "table writes", got->table_writes, want->table_writes },
		{ "invalidations", got->invalidations, want->invalidations },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].got != rows[i].want)
			fail_msg("%s: %llu %s, %llu expected", name,
				 (unsigned long long)rows[i].got, rows[i].what,
				 (unsigned long long)rows[i].want);
}

static void operations_cost_what_the_table_says(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		const struct operation *o = &operations[i];
		struct machine *m = run_one(o->preset, o->pairs, o->tx, o->rx);
		struct cost got = of_half(m, o->half);

		assert_cost(o->name, &got, &o->want);
		machine_free(m);
	}
}

/* --- where an operation may wait --- */

#define BURST 24u

static struct machine *run_burst(const char *preset, const char *pairs,
				 const char *tx, const char *rx)
{
	struct frame frames[BURST];
	unsigned i;

	for (i = 0; i < BURST; i++)
		frames[i] = (struct frame){ .number = i + 1,
					    .bytes = BYTES,
					    .header_bytes = 54,
					    .flags = FRAME_TCP,
					    .flow = i,
					    .rss = i,
					    .direction = strcmp(tx, "null")
								 ? FRAME_TX
								 : FRAME_RX };
	return run_frames(preset, pairs, tx, rx, frames, BURST);
}

static uint64_t waits(const struct machine *m, enum routine routine)
{
	return m->ledger.row[routine].waits;
}

#define FEW "host.ram=64GiB hal.pool=8 hal.pool_cap=8 "

/* Column w: each waits where the table has it, and nothing else does. */
static void waits_are_where_the_table_says(void **state)
{
	static const struct {
		const char *name, *preset, *pairs, *tx;
		enum routine routine;
		bool waits;
	} rows[] = {
		{ "SG list build, 64-bit", "xge-64bit", "", "ndis6-sg",
		  R_SG_BUILD, false },
		{ "SG list build, bounced", "gbe-32bit", FEW, "ndis6-sg",
		  R_SG_BUILD, true },
		{ "SG list build, IOMMU", "xge-strict", FEW, "ndis6-sg",
		  R_SG_BUILD, false },
		{ "NDIS 5 map", "gbe-32bit",
		  "hal.pool=64 hal.pool_cap=64 tx.base_registers=4",
		  "ndis5-mapreg", R_START_MAPPING, true },
		{ "NDIS excessive-fragment fallback", "gbe-32bit",
		  FEW "nic.sg_elements=1", "ndis6-sg", R_SG_BUILD, true },
		{ "slave DMA", "gbe-32bit", "nic.dma_width=24", "ndis4-slave",
		  R_SETUP_TRANSFER, true },
	};
	struct machine *m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		m = run_burst(rows[i].preset, rows[i].pairs, rows[i].tx,
			      "null");
		if (rows[i].waits != (waits(m, rows[i].routine) > 0))
			fail_msg("%s: %llu waits", rows[i].name,
				 (unsigned long long)waits(m, rows[i].routine));
		assert_int_equal(m->stats.tx.completed_frames, BURST);
		machine_free(m);
	}
}

/* Shared memory has slots; a copy that finds none waits in the driver. */
static void copies_wait_for_slots(void **state)
{
	static const char *const pages[] = { "tx.copy_pages=2",
					     "tx.copy_pages=64" };
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct machine *m =
			run_burst("gbe-32bit", pages[i], "ndis6-copy", "null");

		assert_int_equal(m->stats.tx.copied_frames, BURST);
		assert_int_equal(m->stats.hal.map_register_waits, 0);
		assert_int_equal(m->stats.tx.copy_pages_used.max,
				 i ? BURST : 2);
		machine_free(m);
	}
}

/* Who neither waits nor copies loses frames, and is not to be ranked by them.
 */
static void frames_that_fail_are_a_load_too_high(void **state)
{
	struct machine *m = run_burst(
		"gbe-32bit", "hal.pool=16 hal.pool_cap=16 hal.background=16",
		"linux-map", "null");

	(void)state;
	assert_int_equal(m->books.tx_status[TX_RESOURCES], BURST);
	assert_string_equal(m->result.status, "saturated");
	machine_free(m);
	m = run_burst("gbe-32bit", "hal.pool=64", "linux-map", "null");
	assert_int_equal(m->books.tx_status[TX_SUCCESS], BURST);
	assert_string_equal(m->result.status, "complete");
	machine_free(m);
}

/* A receive buffer that is not there cannot be waited for. */
static void an_empty_receive_pool_drops(void **state)
{
	struct machine *m = run_burst("xge-64bit",
				      "nic.rx_fifo=2KiB host.dpc_median=1ms "
				      "host.dpc_p99=1ms",
				      "null", "common-copy");

	(void)state;
	assert_true(m->stats.rx.dropped_fifo_frames > 0);
	assert_int_equal(m->stats.rx.dropped_fifo_frames +
				 m->stats.rx.copied_frames,
			 BURST);
	machine_free(m);
}

/* A release serves who waits, in its own context. */
static void a_put_wakes_the_queue(void **state)
{
	struct machine *m = run_burst("gbe-32bit", FEW, "ndis6-sg", "null");

	(void)state;
	assert_true(m->stats.tx.deferred_callbacks > 0);
	assert_int_equal(m->stats.tx.deferred_callbacks,
			 m->stats.hal.map_register_waits);
	machine_free(m);
}

/* The protocol copies in line, and the driver's return handler is not called.
 */
static void a_resources_indication_is_not_returned(void **state)
{
	struct machine *m =
		run_one("xge-64bit", "rx.low_watermark=100%", "null", "sg");

	(void)state;
	assert_int_equal(m->stats.rx.resources_frames, 1);
	assert_int_equal(calls(m, R_INDICATE_COPY), 1);
	assert_int_equal(calls(m, R_RX_COPY), 0);
	assert_int_equal(calls(m, R_RETURN), 0);
	machine_free(m);
}

/*
 * Shared memory, asynchronously: a request and its completion each, no copy
 * but of the frames flagged meanwhile, and a PASSIVE round trip between them.
 */
static void shared_memory_comes_from_a_worker(void **state)
{
	static const struct {
		const char *rx;
		enum routine ask, done;
	} rows[] = {
		{ "ndis5-shared", R_SHARED_ASYNC, R_SHARED_ASYNC_DONE },
		{ "sg-premapped", R_SHARED_ASYNC_EX, R_SHARED_ASYNC_EX_DONE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct machine *m = run_burst(
			"xge-64bit",
			"rx.buffers=4 rx.buffers_max=12 rx.low_watermark=50% "
			"rx.grow_by=1 hal.worker_delay=100us "
			"rx.hold_share=100% rx.hold_median=1ms rx.hold_p99=1ms",
			"null", rows[i].rx);
		struct cost got = of_half(m, BOTH);
		uint64_t growths = m->stats.rx.growths;

		assert_true(growths > 0);
		assert_int_equal(calls(m, rows[i].ask), growths);
		assert_int_equal(calls(m, rows[i].done), growths);
		assert_int_equal(got.allocations, growths);
		assert_int_equal(got.copied,
				 m->stats.rx.resources_frames * BYTES);
		assert_int_equal(got.locks, 0); /* none of the HAL's */
		assert_true(m->stats.run.end_ps >=
			    growths * 100 * (uint64_t)PS_PER_US);
		machine_free(m);
	}
}

/* --- the four generations, row by row --- */

struct generation {
	const char *tx;
	enum routine walk;	     /* looks at the pages */
	unsigned walks;		     /* of a frame of two MDLs */
	unsigned raises, raises_low; /* from a DPC; from PASSIVE */
	unsigned lists, locks;
	enum routine callback; /* R_NONE: no list is handed over */
	unsigned doorbells;    /* for a burst in one call */
	enum routine waits_in; /* where registers are short */
	enum routine copies;   /* what is out of reach */
};

static const struct generation generations[] = {
	{ "ndis5-mapreg", R_START_MAPPING, 2, 0, 0, 0, 0, ROUTINE_NONE, 1,
	  R_START_MAPPING, R_BOUNCE },
	{ "ndis5-sg", R_GET_LIST, 1, 1, 1, 1, 2, R_LIST_CONTROL, BURST,
	  R_GET_LIST, R_BOUNCE },
	{ "ndis6-sg", R_SG_BUILD, 1, 0, 1, 0, 2, R_PROCESS_SG, 1, R_SG_BUILD,
	  R_BOUNCE },
	{ "netadaptercx", R_BUILD_LIST_EX, 1, 1, 1, 0, 2, R_CX_MAP, 1,
	  ROUTINE_NONE, R_CX_BOUNCE },
};

#define GENERATIONS (sizeof(generations) / sizeof(generations[0]))

static void assert_calls(const struct machine *m, const char *tx,
			 enum routine routine, uint64_t want)
{
	struct routine_info row;

	if (calls(m, routine) == want)
		return;
	routine_row(routine - 1, &row);
	fail_msg("%s: %llu calls of %s, %llu expected", tx,
		 (unsigned long long)calls(m, routine), row.name,
		 (unsigned long long)want);
}

/* In reach, from a DPC; registers are needed and there. */
static void the_happy_path_of_four_generations(void **state)
{
	const enum routine callbacks[] = { R_LIST_CONTROL, R_PROCESS_SG,
					   R_CX_MAP };
	size_t i, j;

	(void)state;
	for (i = 0; i < GENERATIONS; i++) {
		const struct generation *g = &generations[i];
		struct machine *m =
			run_one("gbe-32bit", "nic.dma_width=32 host.ram=2GiB",
				g->tx, "null");

		assert_calls(m, g->tx, R_RAISE_IRQL, g->raises);
		assert_calls(m, g->tx, g->walk, g->walks);
		assert_calls(m, g->tx, R_LIST_ALLOC, g->lists);
		for (j = 0; j < 3; j++)
			assert_calls(m, g->tx, callbacks[j],
				     callbacks[j] == g->callback);
		assert_int_equal(m->stats.tx.deferred_callbacks, 0);
		machine_free(m);
		m = run_one("xge-64bit", "traffic.dpc_sends=0%", g->tx, "null");
		assert_calls(m, g->tx, R_RAISE_IRQL, g->raises_low);
		machine_free(m);
	}
}

/* NDIS bounces page by page, NetAdapterCx a packet into its own pool. */
static void what_is_out_of_reach_is_copied_by(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < GENERATIONS; i++) {
		const struct generation *g = &generations[i];
		bool whole = g->copies == R_CX_BOUNCE;
		struct machine *m = run_one("gbe-32bit", LINEAR, g->tx, "null");

		assert_calls(m, g->tx, R_BOUNCE, !whole);
		assert_calls(m, g->tx, R_CX_BOUNCE, whole);
		assert_calls(m, g->tx, R_HAL_LOCK, whole ? 0 : g->locks);
		assert_int_equal(m->stats.cpu.bounce_copied_bytes,
				 whole ? 0 : BYTES);
		assert_int_equal(m->stats.cpu.copied_bytes, whole ? BYTES : 0);
		assert_int_equal(m->stats.tx.descriptors, whole ? 1 : 2);
		machine_free(m);
	}
}

/* Frames of a call, by how often the driver tells the card. */
static void packets_of_a_call(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < GENERATIONS; i++) {
		const struct generation *g = &generations[i];
		struct machine *m =
			run_burst("xge-64bit", LINEAR "tx.base_registers=32",
				  g->tx, "null");

		assert_int_equal(m->stats.tx.calls, 1);
		if (m->stats.tx.doorbells != g->doorbells)
			fail_msg("%s: %llu doorbells, %u expected", g->tx,
				 (unsigned long long)m->stats.tx.doorbells,
				 g->doorbells);
		machine_free(m);
	}
}

/* The driver's queue, the HAL's, or the next poll. */
static void where_each_generation_waits(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < GENERATIONS; i++) {
		const struct generation *g = &generations[i];
		bool polls = g->waits_in == ROUTINE_NONE;
		struct machine *m = run_burst(
			"gbe-32bit", FEW "tx.base_registers=4 host.ram=2GiB",
			g->tx, "null");

		assert_true(m->stats.tx_stage[TX_MAP_WAIT].sum > 0);
		if (polls)
			assert_true(calls(m, R_CX_POLL) > 1);
		else
			assert_true(waits(m, g->waits_in) > 0);
		if (g->locks == 0 || polls)
			assert_int_equal(m->stats.hal.map_register_waits, 0);
		else
			assert_true(m->stats.hal.map_register_waits > 0);
		machine_free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operations_cost_what_the_table_says),
		cmocka_unit_test(waits_are_where_the_table_says),
		cmocka_unit_test(copies_wait_for_slots),
		cmocka_unit_test(frames_that_fail_are_a_load_too_high),
		cmocka_unit_test(an_empty_receive_pool_drops),
		cmocka_unit_test(a_put_wakes_the_queue),
		cmocka_unit_test(a_resources_indication_is_not_returned),
		cmocka_unit_test(shared_memory_comes_from_a_worker),
		cmocka_unit_test(the_happy_path_of_four_generations),
		cmocka_unit_test(what_is_out_of_reach_is_copied_by),
		cmocka_unit_test(packets_of_a_call),
		cmocka_unit_test(where_each_generation_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
