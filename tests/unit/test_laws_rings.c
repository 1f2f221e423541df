/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws of rings, each with its conditions: where fetches end, in which order
 * descriptors come, what a super-frame takes, how far one DPC goes, and that
 * every buffer comes back.
 */
#include "tests/unit/machine_fixture.h"

#include "models/ndis/receives.h"
#include "models/nic/prefetch.h"
#include "models/rx/rx.h"
#include "traces/params.h"

#define US(x) ((sim_time)(x)*PS_PER_US)

/* No delay is drawn, every interrupt at once. */
#define PLAIN                                                                 \
	"host.cores=1 host.dpc_median=2us host.dpc_p99=2us nic.moderation=0 " \
	"nic.tx_write_back=1 "

static void ignore(void *ctx, uint64_t arg)
{
	(void)ctx;
	(void)arg;
}

/* --- descriptors --- */

/* A machine whose first transmit ring nobody else uses. */
static struct machine *idle_machine(const char *pairs)
{
	struct config *cfg = fix_config(NULL, PLAIN);
	struct machine *m;

	fix_set(cfg, pairs);
	m = fix_machine(cfg, (struct machine_options){ 0 }, "ndis6-copy",
			"null");
	config_free(cfg);
	return m;
}

/* Everything before @first was used, @count more are posted. */
static struct prefetch *posted(struct machine *m, uint64_t first,
			       uint64_t count)
{
	struct prefetch *prefetch = &m->adapters[0].tx[0].prefetch;

	prefetch->taken = prefetch->fetched = prefetch->requested = first;
	prefetch->tail = first + count;
	return prefetch;
}

/* Six descriptors, the last two of a ring and its first four: two fetches. */
static void a_fetch_ends_with_the_ring(void **state)
{
	struct machine *m = idle_machine("nic.tx_ring=64 nic.fetches=4 "
					 "nic.fetch_max=16 nic.desc_cache=64 "
					 "nic.prefetch=32 "
					 "nic.host_threshold=1");
	struct adapter *adapter = &m->adapters[0];
	struct prefetch *prefetch = posted(m, 62, 6);

	(void)state;
	assert_int_equal(prefetch_begin(prefetch, adapter, true, ignore, NULL),
			 2);
	assert_int_equal(prefetch->requested, 68);
	machine_finish(m);
	assert_int_equal(m->stats.pcie.read_payload_bytes,
			 6 * DESCRIPTOR_BYTES);
	prefetch_end(prefetch, adapter, 0);
	assert_int_equal(prefetch->fetched, 64);
	prefetch_end(prefetch, adapter, 1);
	assert_int_equal(prefetch->fetched, 68);
	machine_free(m);
}

/* Three fetches that end last, first, second: on chip are 0, 4, 12. */
static void descriptors_come_in_order(void **state)
{
	struct machine *m = idle_machine("nic.tx_ring=64 nic.fetches=4 "
					 "nic.fetch_max=4 nic.desc_cache=64 "
					 "nic.prefetch=32 "
					 "nic.host_threshold=1");
	struct adapter *adapter = &m->adapters[0];
	struct prefetch *prefetch = posted(m, 0, 12);

	(void)state;
	assert_int_equal(prefetch_begin(prefetch, adapter, true, ignore, NULL),
			 3);
	prefetch_end(prefetch, adapter, 2);
	assert_int_equal(prefetch->fetched, 0);
	prefetch_end(prefetch, adapter, 0);
	assert_int_equal(prefetch->fetched, 4);
	prefetch_end(prefetch, adapter, 1);
	assert_int_equal(prefetch->fetched, 12);
	assert_int_equal(prefetch->active, 0);
	machine_finish(m);
	machine_free(m);
}

/*
 * A descriptor for each element of the list; where the card segments, one more
 * that says how.
 */
static void a_super_frame_takes_a_descriptor_more(void **state)
{
	enum { FRAMES = 40 };
	static const uint32_t bytes[] = { 1514, 20000 };
	size_t i, n;

	(void)state;
	for (n = 0; n < 2; n++) {
		struct frame *frames = fix_traffic(&(struct fix_traffic){
			.count = FRAMES,
			.seed = 5,
			.tx_ppm = 1000000,
			.gap = US(200),
			.min = bytes[n],
			.max = bytes[n],
		});
		struct config *cfg = fix_config(
			NULL, PLAIN "nic.lso=yes hal.max_mapping=64KiB");
		const struct tx_stats *tx;
		struct machine *m;

		for (i = 0; n && i < FRAMES; i++)
			frames[i].flags |= FRAME_SUPER;
		m = fix_run(cfg, "ndis6-sg", "null", frames, FRAMES);
		tx = &m->stats.tx;
		assert_int_equal(tx->sent_wire_frames, FRAMES * (n ? 14 : 1));
		assert_int_equal(tx->descriptors,
				 tx->sg_elements + (n ? FRAMES : 0));
		machine_free(m);
		config_free(cfg);
		free(frames);
	}
}

/* --- receive buffers --- */

static struct frame *received(size_t count, sim_time gap)
{
	return fix_traffic(&(struct fix_traffic){
		.count = count,
		.seed = 5,
		.gap = gap,
		.min = 60,
		.max = 1514,
	});
}

/*
 * More than a DPC's budget is waiting: it takes that many and queues itself
 * again.
 */
static void a_dpc_receives_its_budget(void **state)
{
	static const char *const budgets[] = { "rx.dpc_budget=1",
					       "rx.dpc_budget=7",
					       "rx.dpc_budget=65536" };
	static const uint64_t most[] = { 1, 7, 65536 };
	enum { FRAMES = 400 };
	struct frame *frames = received(FRAMES, US(2));
	uint64_t longest = 0;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct config *cfg =
			fix_config("xge-64bit", PLAIN "host.stack_rx=20000 "
						      "rx.hold_share=0%");
		struct machine *m;

		fix_set(cfg, budgets[i]);
		m = fix_run(cfg, "null", "common-copy", frames, FRAMES);
		longest = m->stats.cpu.frames_per_dpc.max;
		assert_in_range(longest, 1, most[i]);
		if (i < 2)
			assert_int_equal(longest, most[i]);
		assert_int_equal(m->stats.rx.delivered_frames, FRAMES);
		machine_free(m);
		config_free(cfg);
	}
	assert_true(longest > 7); /* there was more to take */
	free(frames);
}

/*
 * Frames come faster than they are taken: the card is masked from an interrupt
 * to the end of the DPC it asked for, so each has one of its own.
 */
static void every_interrupt_has_its_dpc(void **state)
{
	enum { FRAMES = 400 };
	struct frame *frames = received(FRAMES, US(3));
	struct config *cfg = fix_config("xge-64bit", PLAIN
					"host.stack_rx=8000 rx.hold_share=0% "
					"rx.dpc_budget=3");
	struct machine *m = fix_run(cfg, "null", "common-copy", frames, FRAMES);
	const struct cpu_stats *cpu = &m->stats.cpu;

	(void)state;
	assert_in_range(cpu->interrupts, 2, FRAMES);
	assert_true(cpu->dpc_requeues > 0);
	assert_int_equal(cpu->dpcs, cpu->interrupts + cpu->dpc_requeues);
	assert_int_equal(cpu->frames_per_dpc.count, cpu->dpcs);
	assert_int_equal(cpu->frames_per_dpc.sum, FRAMES);
	machine_free(m);
	config_free(cfg);
	free(frames);
}

/* Receive throttle: no DPC hands up more lists than NDIS lets it. */
static void a_throttled_dpc_stops(void **state)
{
	enum { FRAMES = 400 };
	struct frame *frames = received(FRAMES, US(2));
	struct config *cfg = fix_config("xge-64bit", PLAIN
					"host.stack_rx=20000 rx.hold_share=0% "
					"rx.throttle=5 rx.throttle_delay=10us");
	struct machine *m = fix_run(cfg, "null", "common-copy", frames, FRAMES);

	(void)state;
	assert_int_equal(m->stats.cpu.frames_per_dpc.max, 5);
	assert_true(m->stats.rx.throttled_dpcs > 0);
	assert_int_equal(m->stats.rx.delivered_frames, FRAMES);
	machine_free(m);
	config_free(cfg);
	free(frames);
}

/* What is seen of a receive strategy: frames that must begin a call. */
static struct {
	const struct rx_ops *ops;
	bool resources;
	uint64_t received, changes, calls;
} seen;

static void receive(struct core *core, struct rx_frame *frame)
{
	bool first = !frame->queue->batch_count, changes;

	seen.ops->receive(core, frame);
	changes = seen.received++ && frame->resources != seen.resources;
	seen.changes += !first && changes;
	seen.calls += first || changes;
	seen.resources = frame->resources;
}

/*
 * RESOURCES is a flag of the call: lists with and without it are indicated
 * apart.  A frame begins a call when none waits to go up, or another kind.
 */
static void calls_are_of_one_kind(void **state)
{
	enum { FRAMES = 2000 };
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 5,
		.gap = US(2),
		.poisson = true,
		.min = 60,
		.max = 300,
	});
	struct config *cfg = fix_config("xge-64bit", PLAIN
					"nic.rx_ring=64 rx.low_watermark=95% "
					"host.stack_rx=3000 rx.hold_share=0%");
	struct err err = ERR_INIT;
	struct rx_ops ops;
	struct machine *m;

	(void)state;
	memset(&seen, 0, sizeof(seen));
	seen.ops = rx_ops_find("sg");
	ops = *seen.ops;
	ops.receive = receive;
	m = machine_new(cfg,
			&(struct machine_options){ .tx = tx_ops_find("null"),
						   .rx = &ops,
						   .seed = 1 },
			&err);
	assert_non_null(m);
	machine_feed(m, frames, FRAMES);
	machine_finish(m);
	fix_check(m);
	assert_true(seen.changes > 10);
	assert_int_equal(m->stats.rx.indications, seen.calls);
	assert_true(seen.calls < seen.received / 2);
	machine_free(m);
	config_free(cfg);
	free(frames);
}

/*
 * Frames wait in the FIFO where descriptors are fetched one by one, behind
 * each other; alone, with descriptors on chip, none does.
 */
static void frames_wait_for_descriptors(void **state)
{
	static const struct {
		const char *pairs;
		sim_time gap;
	} cases[] = {
		{ "nic.sg_elements=8 nic.desc_cache=9 nic.prefetch=1 "
		  "nic.fetches=1 nic.rx_fetch_max=1",
		  US(1) / 5 },
		{ "nic.desc_cache=64 nic.prefetch=32", US(100) },
	};
	enum { FRAMES = 100 };
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct frame *frames = fix_traffic(&(struct fix_traffic){
			.count = FRAMES,
			.seed = 5,
			.gap = cases[i].gap,
			.min = 60,
			.max = 60,
		});
		struct config *cfg = fix_config("xge-64bit", PLAIN);
		struct machine *m;

		fix_set(cfg, cases[i].pairs);
		m = fix_run(cfg, "null", "common-copy", frames, FRAMES);
		assert_int_equal(m->stats.rx.delivered_frames, FRAMES);
		if (i)
			assert_int_equal(m->stats.rx_stage[RX_FIFO].sum, 0);
		else
			assert_true(m->stats.rx_stage[RX_FIFO].max > US(5));
		machine_free(m);
		config_free(cfg);
		free(frames);
	}
}

/* --- batches of sends --- */

/* One poll translates tx.cx_batch packets at most. */
static void a_poll_takes_its_batch(void **state)
{
	static const char *const batches[] = { "tx.cx_batch=1", "tx.cx_batch=5",
					       "tx.cx_batch=1024" };
	static const uint64_t least[] = { 200, 40, 1 };
	enum { FRAMES = 200 };
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 5,
		.tx_ppm = 1000000,
		.gap = 1,
		.min = 300,
		.max = 300,
	});
	uint64_t polls = 0;
	size_t i;

	(void)state;
	for (i = 0; i < FRAMES; i++)
		frames[i].at = 0; /* one call */
	for (i = 0; i < 3; i++) {
		struct config *cfg =
			fix_config(NULL, PLAIN "tx.queue_limit=1000 "
					       "traffic.dpc_sends=100%");
		struct machine *m;

		fix_set(cfg, batches[i]);
		m = fix_run(cfg, "netadaptercx", "null", frames, FRAMES);
		polls = m->ledger.row[R_CX_POLL].calls;
		assert_true(polls >= least[i]);
		assert_int_equal(m->stats.tx.completed_frames, FRAMES);
		machine_free(m);
		config_free(cfg);
	}
	assert_true(polls < 200 / 5);
	free(frames);
}

/*
 * rx.low_watermark of the buffers at set-up, no holds: at 0 % no frame goes up
 * with RESOURCES, at 100 % every one; and all buffers are the card's again at
 * the end.
 */
static void buffers_come_back(void **state)
{
	static const char *const marks[] = { "rx.low_watermark=0%",
					     "rx.low_watermark=100%" };
	enum { FRAMES = 300 };
	struct frame *frames = received(FRAMES, US(20));
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct config *cfg = fix_config(
			"xge-64bit", PLAIN "nic.rx_ring=64 rx.hold_share=0%");
		const struct rx_queue *queue;
		struct machine *m;

		fix_set(cfg, marks[i]);
		m = fix_run(cfg, "null", "sg", frames, FRAMES);
		queue = &m->adapters[0].rx[0];
		assert_int_equal(m->stats.rx.delivered_frames, FRAMES);
		assert_int_equal(m->stats.rx.resources_frames, i * FRAMES);
		assert_int_equal(m->stats.rx.reposted_buffers, FRAMES);
		assert_int_equal(queue->posted - queue->used,
				 queue->buffers_at_start);
		machine_free(m);
		config_free(cfg);
	}
	free(frames);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fetch_ends_with_the_ring),
		cmocka_unit_test(descriptors_come_in_order),
		cmocka_unit_test(a_super_frame_takes_a_descriptor_more),
		cmocka_unit_test(a_dpc_receives_its_budget),
		cmocka_unit_test(every_interrupt_has_its_dpc),
		cmocka_unit_test(a_throttled_dpc_stops),
		cmocka_unit_test(calls_are_of_one_kind),
		cmocka_unit_test(frames_wait_for_descriptors),
		cmocka_unit_test(a_poll_takes_its_batch),
		cmocka_unit_test(buffers_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
