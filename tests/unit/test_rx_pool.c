/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pool of receive buffers: how it grows and shrinks, who holds buffers,
 * how they come back, and what is lost without them.
 */
#include "tests/unit/machine_fixture.h"

#include "models/ndis/receives.h"
#include "traces/params.h"

#define FRAMES 600
/* Buffers are posted this many at a time: nic.rx_tail_batch. */
#define TAIL_BATCH 16
#define MS(n)	   ((n)*PS_PER_MS)
#define US(n)	   ((n)*PS_PER_US)

/* Received only, no interrupt moderation, one queue, fixed holds. */
#define HELD                                                                   \
	"nic.moderation=0 nic.queues=1 rx.hold_share=100% rx.hold_median=1ms " \
	"rx.hold_p99=1ms nic.rx_fifo=16KiB "
#define NOT_HELD "nic.moderation=0 nic.queues=1 rx.hold_share=0% "

static struct frame *received(size_t count, sim_time gap, uint32_t bytes)
{
	return fix_traffic(&(struct fix_traffic){ .count = count,
						  .seed = 7,
						  .gap = gap,
						  .min = bytes,
						  .max = bytes });
}

static struct machine *run(const char *pairs, const char *more, const char *rx,
			   const struct frame *frames, size_t count)
{
	struct config *cfg = fix_config("xge-64bit", pairs);
	struct machine *m;

	fix_set(cfg, more);
	m = fix_run(cfg, "null", rx, frames, count);
	config_free(cfg);
	return m;
}

static uint64_t calls_of(const struct machine *m, enum routine routine)
{
	return m->ledger.row[routine].calls - m->ledger.row[routine].setups;
}

/* --- growth --- */

static const struct {
	const char *rx;
	enum routine ask, done;
} growing[] = {
	{ "sg", ROUTINE_NONE, R_LIST_ALLOC },
	{ "sg-premapped", R_SHARED_ASYNC_EX, R_SHARED_ASYNC_EX_DONE },
	{ "ndis5-shared", R_SHARED_ASYNC, R_SHARED_ASYNC_DONE },
	{ "wdf-sg", ROUTINE_NONE, R_LIST_ALLOC },
};

#define GROWING "rx.buffers=16 rx.buffers_max=120 hal.worker_delay=20us "

static void a_pool_grows_when_few_are_posted(void **state)
{
	struct frame *frames = received(FRAMES, US(5), 800);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(growing) / sizeof(growing[0]); i++) {
		const char *rx = growing[i].rx;
		struct machine *fixed =
			run(HELD, "rx.buffers=16", rx, frames, FRAMES);
		struct machine *m = run(HELD GROWING, "", rx, frames, FRAMES);
		const struct rx_stats *s = &m->stats.rx;

		assert_int_equal(fixed->stats.rx.growths, 0);
		assert_int_equal(fixed->stats.rx.buffers_in_pool.max, 16);
		assert_true(s->growths > 20);
		assert_true(s->buffers_in_pool.max > 16);
		assert_true(s->buffers_in_pool.max <= 120);
		assert_int_equal(s->buffers_in_pool.level, 16 + s->growths);
		assert_true(s->resources_frames <
			    fixed->stats.rx.resources_frames);
		if (growing[i].ask)
			assert_int_equal(calls_of(m, growing[i].ask),
					 s->growths);
		assert_int_equal(calls_of(m, growing[i].done), s->growths);
		/* One at a time, each a PASSIVE round trip. */
		assert_true(s->growths * 20 <=
			    (uint64_t)(m->last_at / PS_PER_US) + 20);
		assert_int_equal(m->ledger.hazards.of[HAZARD_WRONG_IRQL].count,
				 0);
		machine_free(fixed);
		machine_free(m);
	}
	free(frames);
}

static void a_request_brings_so_many(void **state)
{
	struct frame *frames = received(FRAMES, US(5), 800);
	struct machine *m = run(HELD GROWING, "rx.grow_by=8", "sg-premapped",
				frames, FRAMES);

	(void)state;
	assert_int_equal(m->stats.rx.buffers_in_pool.level,
			 16 + 8 * m->stats.rx.growths);
	machine_free(m);
	m = run(HELD GROWING, "rx.grow_by=100", "sg-premapped", frames, FRAMES);
	assert_int_equal(m->stats.rx.growths, 2); /* 100 and what is left: 4 */
	assert_int_equal(m->stats.rx.buffers_in_pool.level, 120);
	machine_free(m);
	free(frames);
}

/* More than a page in one piece, and there is none: no address. */
static void growth_may_bring_no_memory(void **state)
{
	struct frame *frames = received(FRAMES, US(5), 800);
	struct machine *m = run(HELD GROWING,
				"rx.buffer=8KiB hal.common_contiguous=0% "
				"nic.rx_ring=256 nic.tx_ring=256",
				"sg-premapped", frames, FRAMES);

	(void)state;
	assert_true(m->stats.rx.growths > 20);
	assert_int_equal(m->stats.rx.growth_failures, m->stats.rx.growths);
	assert_int_equal(m->stats.rx.buffers_in_pool.max, 16);
	machine_free(m);
	free(frames);
}

/* A rush, then a frame now and then. */
static void a_quiet_pool_shrinks(void **state)
{
	enum { RUSH = 300, LATER = 100 };
	struct frame *frames = received(RUSH + LATER, US(5), 800);
	size_t i, n;

	(void)state;
	for (i = RUSH; i < RUSH + LATER; i++)
		frames[i].at = frames[i - 1].at + MS(1);
	for (n = 0; n < sizeof(growing) / sizeof(growing[0]); n++) {
		struct machine *m = run(
			HELD GROWING, "rx.hang_interval=1ms rx.shrink_after=5",
			growing[n].rx, frames, RUSH + LATER);
		struct machine *kept = run(HELD GROWING, "rx.shrink_after=0",
					   growing[n].rx, frames, RUSH + LATER);
		const struct rx_stats *s = &m->stats.rx;

		assert_true(s->growths > 20);
		assert_true(s->shrunk_buffers > s->growths / 2);
		assert_int_equal(s->buffers_in_pool.level,
				 16 + s->growths - s->shrunk_buffers);
		if (growing[n].ask)
			assert_int_equal(calls_of(m, R_FREE_SHARED),
					 s->shrunk_buffers);
		assert_int_equal(kept->stats.rx.shrunk_buffers, 0);
		assert_int_equal(kept->stats.rx.buffers_in_pool.level,
				 16 + kept->stats.rx.growths);
		machine_free(m);
		machine_free(kept);
	}
	free(frames);
}

/* Registers of memory that is freed are free again. */
static void a_pool_that_shrank_gives_registers_back(void **state)
{
	enum { RUSH = 300, LATER = 100 };
	struct frame *frames = received(RUSH + LATER, US(5), 800);
	struct machine *m, *kept;
	size_t i;

	(void)state;
	for (i = RUSH; i < RUSH + LATER; i++)
		frames[i].at = frames[i - 1].at + MS(1);
	m = run(HELD GROWING "hal.common_counts=yes hal.pool_cap=4096 ",
		"rx.hang_interval=1ms rx.shrink_after=5", "sg-premapped",
		frames, RUSH + LATER);
	kept = run(HELD GROWING "hal.common_counts=yes hal.pool_cap=4096 ",
		   "rx.shrink_after=0", "sg-premapped", frames, RUSH + LATER);
	assert_true(m->stats.rx.shrunk_buffers > 10);
	assert_true(m->stats.hal.map_registers_in_use.level +
			    m->stats.rx.shrunk_buffers <=
		    kept->stats.hal.map_registers_in_use.max);
	assert_int_equal(m->stats.hal.map_registers_in_use.level,
			 m->hal.reserved);
	machine_free(m);
	machine_free(kept);
	free(frames);
}

/* --- laws --- */

/*
 * To a batch: which buffers the last tail write of a burst still told of
 * depends on their number, so one pool may lose a few frames that another,
 * slightly smaller, had its batch in time for.
 */
static void larger_pools_never_drop_more(void **state)
{
	static const char *const rxs[] = { "sg",	   "sg-premapped",
					   "copybreak",	   "ndis5-mapreg",
					   "ndis5-shared", "wdf-sg" };
	static const char *const sizes[] = {
		"rx.buffers=4",	 "rx.buffers=8",  "rx.buffers=16",
		"rx.buffers=32", "rx.buffers=64", "rx.buffers=400"
	};
	struct frame *frames = received(FRAMES, US(2), 1000);
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(rxs) / sizeof(rxs[0]); i++) {
		uint64_t before = UINT64_MAX, most = 0;

		for (n = 0; n < sizeof(sizes) / sizeof(sizes[0]); n++) {
			struct machine *m =
				run(HELD, sizes[n], rxs[i], frames, FRAMES);
			uint64_t lost = m->stats.rx.dropped_fifo_frames;

			if (before != UINT64_MAX && lost > before + TAIL_BATCH)
				fail_msg("%s, %s: %llu lost, %llu before",
					 rxs[i], sizes[n],
					 (unsigned long long)lost,
					 (unsigned long long)before);
			before = lost;
			most = lost > most ? lost : most;
			machine_free(m);
		}
		assert_true(most > 0);
		assert_true(before < most);
	}
	free(frames);
}

/* No path, whatever returns, maps a page at run time. */
static void premapped_buffers_are_never_mapped(void **state)
{
	static const char *const machines[] = { "gbe-32bit", "xge-64bit",
						"xge-strict", "xge-cvm" };
	struct frame *frames = received(FRAMES, US(9), 1400);
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct config *cfg = fix_config(
			machines[i], "rx.buffers=20 rx.buffers_max=90");
		struct machine *m =
			fix_run(cfg, "null", "sg-premapped", frames, FRAMES);

		assert_int_equal(m->stats.hal.maps, 0);
		assert_int_equal(m->stats.iommu.maps, 0);
		assert_int_equal(m->stats.iommu.unmaps, 0);
		assert_int_equal(m->stats.hal.bounced_bytes, 0);
		assert_int_equal(calls_of(m, R_SG_BUILD), 0);
		assert_true(m->stats.rx.delivered_frames > 0);
		machine_free(m);
		config_free(cfg);
	}
	free(frames);
}

/* --- RESOURCES --- */

static void resources_copies_are_the_frames_flagged(void **state)
{
	static const char *const rxs[] = { "sg", "sg-premapped", "ndis5-mapreg",
					   "ndis5-shared", "wdf-sg" };
	static const char *const marks[] = { "rx.low_watermark=100%",
					     "rx.low_watermark=50%" };
	struct frame *frames = received(FRAMES, US(4), 1000);
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(rxs) / sizeof(rxs[0]); i++)
		for (n = 0; n < 2; n++) {
			struct machine *m = run(HELD "rx.buffers=24 ", marks[n],
						rxs[i], frames, FRAMES);
			const struct rx_stats *s = &m->stats.rx;

			assert_true(s->resources_frames > 0);
			assert_int_equal(calls_of(m, R_INDICATE_COPY),
					 s->resources_frames);
			assert_int_equal(m->stats.cpu.copied_bytes,
					 s->resources_frames * 1000);
			/* The return handler is not called for them. */
			assert_int_equal(s->returned_frames,
					 s->delivered_frames -
						 s->resources_frames);
			assert_int_equal(s->hold_ps.count, s->returned_frames);
			if (!n) { /* the flag is there for a posted one less */
				assert_int_equal(s->returned_frames, 0);
				assert_int_equal(s->dropped_fifo_frames, 0);
			}
			machine_free(m);
		}
	free(frames);
}

/* --- returns --- */

static void lists_come_back_in_batches(void **state)
{
	/* Frames far apart, so that batches wait for one another. */
	struct frame *frames = received(FRAMES, US(30), 500);
	struct machine *m = run(HELD, "rx.return_batch=8 rx.return_wait=10ms",
				"sg-premapped", frames, FRAMES);

	(void)state;
	assert_int_equal(m->stats.rx.returned_frames, FRAMES);
	assert_int_equal(m->stats.rx.return_calls, FRAMES / 8);
	assert_int_equal(calls_of(m, R_RETURN), FRAMES / 8);
	/* The first of a batch waits for the eighth. */
	assert_true(m->stats.rx.hold_ps.max > (uint64_t)(MS(1) + US(200)));
	machine_free(m);
	m = run(HELD, "rx.return_batch=8 rx.return_wait=0", "sg-premapped",
		frames, FRAMES);
	assert_int_equal(m->stats.rx.return_calls, FRAMES);
	machine_free(m);
	/* Packets of NDIS 5 come one by one. */
	m = run(HELD, "rx.return_batch=8 rx.return_wait=10ms", "ndis5-shared",
		frames, FRAMES);
	assert_int_equal(m->stats.rx.return_calls, FRAMES);
	machine_free(m);
	free(frames);
}

/* A rush that one interrupt finds, consumed in one call of 32. */
static void lists_returned_in_the_call_are_batched_too(void **state)
{
	enum { COUNT = 64 };
	struct frame *frames = received(COUNT, 1, 500);
	struct machine *m = run(NOT_HELD,
				"host.dpc_median=200us host.dpc_p99=200us "
				"rx.return_batch=5 rx.indicate_max=32",
				"sg-premapped", frames, COUNT);

	(void)state;
	assert_int_equal(m->stats.rx.indications, 2);
	assert_int_equal(m->stats.rx.return_calls, 2 * 7); /* 6 x 5 and 2 */
	machine_free(m);
	free(frames);
}

/* Holds that differ bring them back in another order than they came. */
static void buffers_come_back_in_any_order(void **state)
{
	struct frame *frames =
		fix_traffic(&(struct fix_traffic){ .count = FRAMES,
						   .seed = 7,
						   .gap = US(9),
						   .min = 60,
						   .max = 1514,
						   .flows = 40 });
	struct config *cfg = fix_config(
		"xge-64bit", "nic.queues=1 rx.hold_share=70% nic.rx_ring=64 "
			     "rx.hold_median=100us rx.hold_p99=3ms");
	struct machine *m =
		fix_run(cfg, "null", "sg-premapped", frames, FRAMES);
	const struct rx_queue *queue = &m->adapters[0].rx[0];
	unsigned i, out_of_order = 0;

	(void)state;
	for (i = 1; i < queue->ring_size; i++)
		out_of_order += queue->slot[i]->slot < queue->slot[i - 1]->slot;
	assert_true(out_of_order > 10);
	machine_free(m);
	config_free(cfg);
	free(frames);
}

/* --- spare buffers --- */

/* A register that a flush gives back posts a spare buffer at once. */
static void spare_buffers_fill_the_ring_while_others_are_held(void **state)
{
	struct frame *frames = received(FRAMES, US(5), 800);
	struct config *cfg =
		fix_config("gbe-32bit", HELD "nic.wire=10Gbps rx.buffers=8 "
					     "rx.low_watermark=0%");
	struct machine *few =
		fix_run(cfg, "null", "ndis5-mapreg", frames, FRAMES);
	struct machine *many;

	(void)state;
	fix_set(cfg, "rx.buffers=400");
	many = fix_run(cfg, "null", "ndis5-mapreg", frames, FRAMES);
	assert_true(few->stats.rx.dropped_fifo_frames > FRAMES / 2);
	assert_int_equal(many->stats.rx.dropped_fifo_frames, 0);
	/* Never more posted than there are base registers. */
	assert_int_equal(many->adapters[0].rx[0].buffers_at_start, 16);
	assert_true(many->stats.rx.ring_free.max <= 16);
	assert_true(many->stats.rx.buffers_held.max > 100);
	machine_free(few);
	machine_free(many);
	config_free(cfg);
	free(frames);
}

/* --- where slots lie --- */

static void slots_take_the_memory_of_their_stride(void **state)
{
	static const struct {
		const char *pairs;
		uint64_t bytes; /* of 256 slots */
	} strides[] = {
		{ "rx.slot_stride=packed nic.rx_ring=256", 256 * 1536 },
		{ "rx.slot_stride=2048 nic.rx_ring=256", 256 * 2048 },
		{ "rx.slot_stride=page nic.rx_ring=256", 256 * 4096 },
		/* 1500 + 22 + 64 in lines of 64. */
		{ "rx.slot_stride=packed nic.rx_ring=256 rx.data_offset=64B",
		  256 * 1600 },
	};
	struct frame *frames = received(FRAMES, US(9), 1514);
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct machine *m = run("nic.queues=1", strides[i].pairs,
					"common-copy", frames, FRAMES);
		const struct rx_queue *queue = &m->adapters[0].rx[0];
		uint32_t offset = queue->data_offset, slot, torn = 0;

		assert_int_equal(buffer_pool_pages(&queue->pool) * HOST_PAGE,
				 strides[i].bytes);
		for (slot = 0; slot < 256; slot++) {
			uint64_t at = queue->buffers[slot].address;

			assert_int_equal(at % 64, offset % 64);
			torn += (at - offset) % HOST_PAGE + queue->pool.bytes >
				HOST_PAGE;
			if (slot && queue->pool.stride)
				assert_int_equal(
					at - queue->buffers[slot - 1].address,
					queue->pool.stride);
		}
		assert_true(queue->pool.stride ? torn > 60 : !torn);
		assert_int_equal(m->stats.rx.delivered_frames, FRAMES);
		machine_free(m);
	}
	free(frames);
}

/* Behind an IOMMU fewer pages are looked up less often in vain. */
static void fewer_pages_miss_less(void **state)
{
	static const char *const strides[] = { "rx.slot_stride=packed",
					       "rx.slot_stride=2048",
					       "rx.slot_stride=page" };
	struct frame *frames = received(FRAMES, US(9), 60);
	uint64_t before = 0;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct config *cfg = fix_config("xge-strict", strides[i]);
		struct machine *m =
			fix_run(cfg, "null", "common-copy", frames, FRAMES);

		assert_true(m->stats.iommu.iotlb_misses > before);
		before = m->stats.iommu.iotlb_misses;
		machine_free(m);
		config_free(cfg);
	}
	free(frames);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pool_grows_when_few_are_posted),
		cmocka_unit_test(a_request_brings_so_many),
		cmocka_unit_test(growth_may_bring_no_memory),
		cmocka_unit_test(a_quiet_pool_shrinks),
		cmocka_unit_test(a_pool_that_shrank_gives_registers_back),
		cmocka_unit_test(larger_pools_never_drop_more),
		cmocka_unit_test(premapped_buffers_are_never_mapped),
		cmocka_unit_test(resources_copies_are_the_frames_flagged),
		cmocka_unit_test(lists_come_back_in_batches),
		cmocka_unit_test(lists_returned_in_the_call_are_batched_too),
		cmocka_unit_test(buffers_come_back_in_any_order),
		cmocka_unit_test(
			spare_buffers_fill_the_ring_while_others_are_held),
		cmocka_unit_test(slots_take_the_memory_of_their_stride),
		cmocka_unit_test(fewer_pages_miss_less),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
