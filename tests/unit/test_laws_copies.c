/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws of copies: on which side of a transfer the HAL copies, and what a copy
 * costs by where its ends are.  Isolated frames, one direction, no moderation,
 * one core, and memory as fast as its caches: what a copy warms is not won
 * back when the card reads it.
 */
#include "tests/unit/machine_fixture.h"

#include "models/machine.h"
#include "traces/params.h"

#define FRAMES 120
#define BYTES  1400u

#define PLAIN                                                                 \
	"host.cores=1 host.dpc_median=2us host.dpc_p99=2us nic.moderation=0 " \
	"nic.tx_write_back=1 rx.hold_share=0% rx.low_watermark=0% "           \
	"host.dma_read_warm=400ns host.dma_read_cold=400ns "                  \
	"host.dram_refresh=0 host.read_jitter=0 "

static struct frame *isolated(uint64_t tx_ppm)
{
	return fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 7,
		.tx_ppm = tx_ppm,
		.gap = 300 * PS_PER_US,
		.min = BYTES,
		.max = BYTES,
	});
}

static struct machine *run(const char *pairs, const char *tx, const char *rx,
			   bool sends)
{
	struct frame *frames = isolated(sends ? 1000000 : 0);
	struct config *cfg = fix_config("xge-64bit", PLAIN);
	struct machine *m;

	fix_set(cfg, pairs);
	m = fix_run(cfg, tx, rx, frames, FRAMES);
	config_free(cfg);
	free(frames);
	return m;
}

/* Time that @routine took in all, ps. */
static uint64_t spent(const struct machine *m, enum routine routine)
{
	return (uint64_t)core_cycles_to_ps(&m->cores[0],
					   m->ledger.row[routine].cycles);
}

/*
 * A frame that bounces is copied before the card reads it: it leaves later by
 * the copy at least, and that is all of its stage.
 */
static void a_send_is_copied_before_it_is_read(void **state)
{
	struct machine *direct = run("", "ndis6-sg", "null", true);
	struct machine *bounced =
		run("hal.force_bounce=yes", "ndis6-sg", "null", true);
	uint64_t copies = spent(bounced, R_BOUNCE);

	(void)state;
	assert_int_equal(direct->stats.hal.bounced_bytes, 0);
	assert_int_equal(bounced->stats.hal.bounced_bytes, FRAMES * BYTES);
	assert_int_equal(bounced->ledger.row[R_BOUNCE].calls, FRAMES);
	assert_in_range(bounced->stats.tx_stage[TX_BOUNCE].sum, copies - FRAMES,
			copies + FRAMES);
	assert_true(bounced->stats.tx.latency_wire_ps.sum >=
		    direct->stats.tx.latency_wire_ps.sum + copies - FRAMES);
	machine_free(direct);
	machine_free(bounced);
}

/*
 * A frame that the card wrote to bounce pages is copied when the driver
 * flushes: before it is indicated, and not before it came.
 */
static void a_received_frame_is_copied_before_it_goes_up(void **state)
{
	struct machine *direct = run("", "null", "sg", false);
	struct machine *bounced =
		run("hal.force_bounce=yes", "null", "sg", false);
	uint64_t copies = spent(bounced, R_BOUNCE);

	(void)state;
	assert_int_equal(direct->stats.hal.bounced_bytes, 0);
	assert_int_equal(bounced->stats.hal.bounced_bytes, FRAMES * BYTES);
	assert_int_equal(bounced->ledger.row[R_BOUNCE].calls, FRAMES);
	assert_true(bounced->stats.rx_stage[RX_FLUSH].sum >=
		    direct->stats.rx_stage[RX_FLUSH].sum + copies - FRAMES);
	assert_true(bounced->stats.rx.latency_ps.sum >=
		    direct->stats.rx.latency_ps.sum + copies - FRAMES);
	machine_free(direct);
	machine_free(bounced);
}

/*
 * What is unmapped before the CPU reads is paid before the indication: each
 * cycle more of it is a cycle of latency.
 */
static void a_buffer_is_flushed_before_it_goes_up(void **state)
{
	struct machine *cheap =
		run("cost.sg_put=0 cost.sg_put_page=0", "null", "sg", false);
	struct machine *dear =
		run("cost.sg_put=5000 cost.sg_put_page=0", "null", "sg", false);
	uint64_t more = spent(dear, R_SG_FREE);

	(void)state;
	assert_int_equal(dear->ledger.row[R_SG_FREE].calls, FRAMES);
	assert_in_range(dear->stats.rx.latency_ps.sum,
			cheap->stats.rx.latency_ps.sum + more - FRAMES,
			cheap->stats.rx.latency_ps.sum + more + FRAMES);
	machine_free(cheap);
	machine_free(dear);
}

/*
 * Files are sent from DRAM.  The first lap over the common buffer meets pages
 * that no cache has, later ones what the copy before left in the LLC.
 */
static void copies_are_priced_by_both_ends(void **state)
{
	enum { PAGES = 16 };
	struct machine *m = run("layout.tx_source=file tx.copy_pages=16",
				"ndis6-copy", "null", true);
	uint64_t cold = copy_cycles(&m->copy, IN_DRAM, IN_DRAM, BYTES);
	uint64_t warm = copy_cycles(&m->copy, IN_DRAM, IN_LLC, BYTES);

	(void)state;
	assert_true(cold > warm);
	assert_int_equal(m->stats.tx.copied_frames, FRAMES);
	assert_int_equal(m->ledger.row[R_COPY].cycles,
			 PAGES * cold + (FRAMES - PAGES) * warm);
	machine_free(m);
}

/*
 * Up to the threshold is copied, beyond it is not, a byte each side; and what
 * has more fragments than the driver maps.
 */
static void thresholds_are_inclusive(void **state)
{
	const struct frame frames[] = {
		{ .number = 1, .bytes = 299, .header_bytes = 54 },
		{ .number = 2,
		  .at = PS_PER_MS,
		  .bytes = 300,
		  .header_bytes = 54 },
		{ .number = 3,
		  .at = 2 * PS_PER_MS,
		  .bytes = 301,
		  .header_bytes = 54 },
	};
	static const struct {
		const char *pairs;
		uint64_t copied;
	} cases[] = {
		{ "tx.copy_threshold=300B rx.copybreak=300B", 2 },
		{ "tx.copy_threshold=300B tx.max_elements=1", 3 },
		{ "tx.copy_threshold=0B tx.max_elements=256", 0 },
	};
	size_t i, n;

	(void)state;
	for (n = 0; n < 3; n++) {
		struct config *cfg = fix_config("xge-64bit", PLAIN);
		struct frame received[3];
		struct machine *m;

		fix_set(cfg, cases[n].pairs);
		m = fix_run(cfg, "ndis6-hybrid", "null", frames, 3);
		assert_int_equal(m->stats.tx.copied_frames, cases[n].copied);
		assert_int_equal(m->stats.tx.mapped_frames,
				 3 - cases[n].copied);
		machine_free(m);
		memcpy(received, frames, sizeof(received));
		for (i = 0; i < 3; i++)
			received[i].direction = FRAME_RX;
		m = fix_run(cfg, "null", "copybreak", received, 3);
		if (!n)
			assert_int_equal(m->stats.rx.copied_frames, 2);
		machine_free(m);
		config_free(cfg);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_send_is_copied_before_it_is_read),
		cmocka_unit_test(a_received_frame_is_copied_before_it_goes_up),
		cmocka_unit_test(a_buffer_is_flushed_before_it_goes_up),
		cmocka_unit_test(copies_are_priced_by_both_ends),
		cmocka_unit_test(thresholds_are_inclusive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
