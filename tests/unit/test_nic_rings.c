/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors, completions, and when a frame leaves the NIC.
 */
#include "tests/unit/machine_fixture.h"

#include "models/machine.h"
#include "traces/params.h"

/* A link of 1.7 Gb/s: slower than a 10 GbE wire, faster than a gigabit one. */
#define SLOW_LINK                                                        \
	"pcie.generation=1 pcie.lanes=1 pcie.mps=128B nic.moderation=0 " \
	"host.read_jitter=0 host.dram_refresh=0 "

static struct machine *send_all(const char *pairs, const char *tx,
				uint32_t bytes, size_t count, sim_time gap)
{
	struct config *cfg = fix_config(NULL, SLOW_LINK);
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = count,
		.seed = 5,
		.tx_ppm = 1000000,
		.gap = gap,
		.min = bytes,
		.max = bytes,
	});
	struct machine *m;
	size_t i;

	fix_set(cfg, pairs);
	for (i = 0; bytes > 1514 && i < count; i++)
		frames[i].flags |= FRAME_SUPER;
	m = fix_run(cfg, tx, "null", frames, count);
	free(frames);
	config_free(cfg);
	return m;
}

static uint64_t stage(const struct machine *m, enum tx_stage which)
{
	return fix_mean(&m->stats.tx_stage[which]);
}

/* --- cut-through --- */

/* What is not waited for is won, where the link is faster than the wire. */
static void cut_through_saves_the_rest(void **state)
{
	struct machine *whole = send_all("nic.wire=1Gbps", "ndis6-copy", 1514,
					 50, 100 * PS_PER_US);
	struct machine *early =
		send_all("nic.wire=1Gbps nic.tx_cut_through=256B", "ndis6-copy",
			 1514, 50, 100 * PS_PER_US);
	uint64_t saved = stage(whole, TX_DATA) - stage(early, TX_DATA);

	(void)state;
	assert_int_equal(early->stats.tx.underruns, 0);
	assert_int_equal(stage(early, TX_WIRE), stage(whole, TX_WIRE));
	/* 1258 bytes at 1.7 Gb/s with their headers. */
	assert_in_range(saved, 5500000, 7500000);
	assert_int_equal(fix_mean(&whole->stats.tx.latency_wire_ps) -
				 fix_mean(&early->stats.tx.latency_wire_ps),
			 saved);
	assert_int_equal(whole->stats.dma.moved_bytes,
			 early->stats.dma.moved_bytes);
	machine_free(whole);
	machine_free(early);
}

/*
 * 700 bytes take 5.6 us to be stored and the 60 behind them half of one: the
 * frame is not read when those are there, and nothing of it comes later.
 */
static void a_short_rest_is_not_the_frame(void **state)
{
	struct machine *m =
		send_all("nic.wire=10Gbps nic.dma_store=1Gbps "
			 "nic.tx_cut_through=700B host.dpc_median=0",
			 "ndis6-copy", 760, 400, 2 * PS_PER_US);

	(void)state;
	assert_string_equal(m->result.status, "complete");
	assert_int_equal(m->stats.tx.completed_frames, 400);
	assert_true(m->stats.tx_stage[TX_DATA].min >= 5600000);
	machine_free(m);
}

/* Where the wire is faster every frame runs dry, and is sent again. */
static void underruns_are_counted(void **state)
{
	struct machine *m = send_all("nic.wire=10Gbps nic.tx_cut_through=256B",
				     "ndis6-copy", 1514, 50, 100 * PS_PER_US);
	struct machine *short_ones =
		send_all("nic.wire=10Gbps nic.tx_cut_through=256B",
			 "ndis6-copy", 256, 50, 100 * PS_PER_US);

	(void)state;
	assert_int_equal(m->stats.tx.underruns, 50);
	assert_int_equal(m->stats.tx.completed_frames, 50);
	assert_true(m->adapters[0].wire_tx.busy_ps >=
		    2 * 50 * 1230 * (uint64_t)PS_PER_NS);
	assert_int_equal(short_ones->stats.tx.underruns, 0);
	machine_free(m);
	machine_free(short_ones);
}

/*
 * A frame from slow memory is cut off at 21 us and sent again at 27 us; the
 * one behind it was read long before, and must not pass.
 */
static void underruns_keep_the_order(void **state)
{
	struct config *cfg = fix_config(
		NULL, SLOW_LINK "nic.wire=10Gbps nic.tx_cut_through=64B "
				"host.dma_read_cold=20us layout.tx_source=file "
				"layout.mdl=linear tx.copy_threshold=256B");
	const struct frame frames[] = {
		{ .number = 1, .bytes = 1514, .header_bytes = 54 },
		{ .number = 2, .bytes = 60, .header_bytes = 54 },
	};
	struct machine *m = fix_run(cfg, "ndis6-hybrid", "null", frames, 2);

	(void)state;
	assert_int_equal(m->stats.tx.underruns, 1);
	assert_true(m->stats.tx.latency_wire_ps.min > 25 * (uint64_t)PS_PER_US);
	machine_free(m);
	config_free(cfg);
}

/* --- large sends --- */

#define LSO "nic.lso=yes hal.max_mapping=64KiB "

/* 20000 bytes: 54 of headers, 1460 a segment, 14 segments. */
static void first_segment_leaves_first(void **state)
{
	const uint64_t wire_ps = (20000 + 24 + 13 * (54 + 24)) * UINT64_C(8000);
	struct machine *m = send_all(LSO "nic.wire=1Gbps", "ndis6-sg", 20000,
				     20, 1000 * PS_PER_US);
	struct machine *frame = send_all("nic.wire=1Gbps", "ndis6-sg", 1514, 20,
					 1000 * PS_PER_US);

	(void)state;
	assert_int_equal(m->stats.tx.sent_wire_frames, 20 * 14);
	assert_int_equal(stage(m, TX_WIRE), wire_ps);
	/* A frame of the same size is read as fast, within a few TLPs. */
	assert_in_range(stage(m, TX_DATA), stage(frame, TX_DATA) * 9 / 10,
			stage(frame, TX_DATA) * 12 / 10);
	machine_free(m);
	machine_free(frame);
}

/* The link is slower: the last segment follows the last byte. */
static void large_send_pauses(void **state)
{
	struct machine *m = send_all(LSO "nic.wire=10Gbps", "ndis6-sg", 20000,
				     20, 1000 * PS_PER_US);
	uint64_t read = stage(m, TX_DATA) + stage(m, TX_WIRE);

	(void)state;
	assert_int_equal(m->stats.tx.underruns, 0);
	/* 20000 bytes at 1.7 Gb/s less headers, and a segment of 1.2 us. */
	assert_in_range(read, 95000000, 125000000);
	machine_free(m);
}

/* --- descriptors --- */

static struct machine *receive_one(const char *pairs)
{
	const struct frame frame = { .number = 1,
				     .bytes = 60,
				     .header_bytes = 54,
				     .direction = FRAME_RX };
	struct config *cfg = fix_config(NULL, pairs);
	struct machine *m = fix_run(cfg, "null", "common-copy", &frame, 1);

	config_free(cfg);
	return m;
}

static void first_frame_finds_a_descriptor(void **state)
{
	struct machine *m = receive_one("host.dma_read_warm=90us");

	(void)state;
	assert_int_equal(m->stats.rx_stage[RX_FIFO].max, 0);
	machine_free(m);
}

/* One descriptor a fetch: several under way take less time than one. */
static void fetches_overlap(void **state)
{
	static const char fetches[][4] = { "1", "4", "16" };
	uint64_t before = UINT64_MAX;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		char pairs[80] = "nic.fetch_max=1 nic.fetches=";
		struct machine *m;

		memcpy(pairs + strlen(pairs), fetches[i], 3);
		m = send_all(pairs, "ndis6-copy", 60, 200, PS_PER_NS);
		assert_int_equal(m->stats.tx.descriptor_fetches, 200);
		assert_true(m->stats.pcie.tags_used.max > i);
		assert_true(stage(m, TX_FETCH) < before);
		before = stage(m, TX_FETCH);
		machine_free(m);
	}
}

static void nothing_is_written_for_a_register(void **state)
{
	struct machine *m =
		send_all("nic.completion=register nic.tx_head_read=4",
			 "ndis6-copy", 60, 200, PS_PER_US);

	(void)state;
	assert_int_equal(m->stats.tx.write_backs, 0);
	assert_int_equal(m->stats.pcie.write_payload_bytes, 0);
	assert_int_equal(m->stats.pcie.mmio_reads, 50);
	assert_int_equal(m->stats.tx_stage[TX_WRITE_BACK].max, 0);
	machine_free(m);
}

/* The head: 4 bytes for a batch, a descriptor each otherwise. */
static void head_is_written_once_a_batch(void **state)
{
	struct machine *head = send_all("nic.completion=head", "ndis6-copy", 60,
					400, PS_PER_NS);
	struct machine *each = send_all("", "ndis6-copy", 60, 400, PS_PER_NS);

	(void)state;
	assert_int_equal(head->stats.pcie.write_payload_bytes,
			 4 * head->stats.tx.write_backs);
	assert_int_equal(each->stats.pcie.write_payload_bytes, 16 * 400);
	machine_free(head);
	machine_free(each);
}

static void doorbells_by_the_batch(void **state)
{
	struct machine *one =
		send_all("nic.tx_doorbell_batch=1", "ndis6-copy", 60, 300, 1);
	struct machine *five =
		send_all("nic.tx_doorbell_batch=5 ", "ndis6-copy", 60, 300, 1);

	(void)state;
	assert_int_equal(one->stats.tx.doorbells, 300);
	assert_true(five->stats.tx.doorbells >= 60);
	assert_true(five->stats.tx.doorbells <= 300);
	machine_free(one);
	machine_free(five);
}

/* One descriptor of the ring a frame, whatever its elements; then the table. */
static void tables_are_read_before_payload(void **state)
{
	struct machine *ring = send_all("layout.mdl=fragments", "ndis6-sg",
					1514, 100, 50 * PS_PER_US);
	struct machine *table =
		send_all("layout.mdl=fragments nic.descriptors=indirect",
			 "ndis6-sg", 1514, 100, 50 * PS_PER_US);
	uint64_t elements = ring->stats.tx.descriptors;

	(void)state;
	assert_true(elements > 1000);
	assert_int_equal(table->stats.tx.descriptors, 100);
	assert_int_equal(table->stats.tx.descriptor_fetches, 200);
	assert_int_equal(table->stats.pcie.read_payload_bytes -
				 ring->stats.pcie.read_payload_bytes,
			 16 * 100);
	assert_true(stage(table, TX_DATA) > stage(ring, TX_DATA));
	machine_free(ring);
	machine_free(table);
}

/* Busy all the time, it is told once; apart, each time. */
static void notifications_are_suppressed(void **state)
{
	struct machine *busy = send_all("nic.suppress=yes", "ndis6-copy", 1514,
					300, PS_PER_US);
	struct machine *idle = send_all("nic.suppress=yes", "ndis6-copy", 1514,
					30, 100 * PS_PER_US);

	(void)state;
	assert_true(busy->stats.tx.doorbells <= 3);
	assert_int_equal(busy->stats.tx.completed_frames, 300);
	assert_int_equal(idle->stats.tx.doorbells, 30);
	machine_free(busy);
	machine_free(idle);
}

/* A write per element more is a price per element more. */
static void elements_are_written_into_the_card(void **state)
{
	struct machine *two =
		send_all("nic.descriptors=device nic.element_writes=2",
			 "ndis6-sg", 1514, 100, 50 * PS_PER_US);
	struct machine *three =
		send_all("nic.descriptors=device nic.element_writes=3",
			 "ndis6-sg", 1514, 100, 50 * PS_PER_US);

	(void)state;
	assert_int_equal(two->stats.tx.descriptor_fetches, 0);
	assert_int_equal(two->stats.tx.write_backs, 0);
	assert_int_equal(three->stats.pcie.mmio_writes -
				 two->stats.pcie.mmio_writes,
			 two->stats.tx.descriptors);
	assert_int_equal(three->stats.tx.driver_cycles -
				 two->stats.tx.driver_cycles,
			 13 * two->stats.tx.descriptors);
	machine_free(two);
	machine_free(three);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_through_saves_the_rest),
		cmocka_unit_test(a_short_rest_is_not_the_frame),
		cmocka_unit_test(underruns_are_counted),
		cmocka_unit_test(underruns_keep_the_order),
		cmocka_unit_test(first_segment_leaves_first),
		cmocka_unit_test(large_send_pauses),
		cmocka_unit_test(first_frame_finds_a_descriptor),
		cmocka_unit_test(fetches_overlap),
		cmocka_unit_test(nothing_is_written_for_a_register),
		cmocka_unit_test(head_is_written_once_a_batch),
		cmocka_unit_test(doorbells_by_the_batch),
		cmocka_unit_test(tables_are_read_before_payload),
		cmocka_unit_test(notifications_are_suppressed),
		cmocka_unit_test(elements_are_written_into_the_card),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
