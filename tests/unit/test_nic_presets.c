/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every machine runs every pair of strategies that fits it, and the books
 * balance; what a family of cards is known for shows in the counts.
 */
#include "tests/unit/machine_fixture.h"

#include "models/machine.h"
#include "traces/params.h"

#define FRAMES 400

static struct frame *traffic(const char *preset)
{
	const struct config *cfg = fix_config(preset, "");
	/* About a tenth of the wire. */
	sim_time gap = bytes_to_ps(800 * 10, config_u64(cfg, "nic.wire"));
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 4,
		.tx_ppm = 500000,
		.gap = gap,
		.poisson = true,
		.min = 54,
		.max = 1514,
		.flows = 12,
	});
	size_t i;

	for (i = 20; i < FRAMES; i += 50)
		if (frames[i].direction == FRAME_TX) {
			frames[i].bytes = 20000;
			frames[i].flags |= FRAME_SUPER;
		}
	config_free((struct config *)cfg);
	return frames;
}

/* Hazards are the strategies' own: an unsound one has them everywhere. */
static void balanced(const struct machine *m)
{
	const struct run_result *r = machine_result(m);
	size_t i;

	for (i = 0; i < r->check_count; i++)
		if (!r->checks[i].ok)
			fail_msg("%s/%s: %s: %s", r->tx, r->rx,
				 r->checks[i].name, r->checks[i].detail);
}

static bool stays(const char *preset, const struct tx_ops *tx,
		  const struct rx_ops *rx, const struct frame *frames)
{
	struct config *cfg = fix_config(preset, "");
	struct err err = ERR_INIT;
	struct machine *m = machine_new(
		cfg, &(struct machine_options){ .tx = tx, .rx = rx, .seed = 1 },
		&err);

	config_free(cfg);
	if (!m)
		return false; /* the pair does not run on it */
	machine_feed(m, frames, FRAMES);
	machine_finish(m);
	balanced(m);
	if (strcmp(m->result.status, "deadlock") == 0)
		assert_true(m->hal.waiting > 0);
	machine_free(m);
	return true;
}

static void books_balance(void **state)
{
	const struct preset *const *preset;
	size_t tx, rx, ran;

	(void)state;
	for (preset = preset_registry; *preset; preset++) {
		const char *name = (*preset)->name;
		struct frame *frames = traffic(name);

		ran = 0;
		for (tx = 0; tx_registry[tx]; tx++)
			for (rx = 0; rx_registry[rx]; rx++)
				ran += stays(name, tx_registry[tx],
					     rx_registry[rx], frames);
		/* At least null and copying run anywhere. */
		if (ran < 4)
			fail_msg("%s: %zu pairs ran", name, ran);
		free(frames);
	}
}

static void every_value_has_a_source(void **state)
{
	const struct preset *const *preset;
	const struct preset_value *value;

	(void)state;
	for (preset = preset_registry; *preset; preset++)
		for (value = (*preset)->values; value->key; value++)
			if (!value->source || !*value->source)
				fail_msg("%s: %s", (*preset)->name, value->key);
}

/* --- families --- */

static struct machine *run(const char *preset, const char *pairs,
			   const char *tx)
{
	struct config *cfg = fix_config(preset, pairs);
	struct frame *frames = traffic(preset);
	struct machine *m = fix_run(cfg, tx, "common-copy", frames, FRAMES);

	free(frames);
	config_free(cfg);
	return m;
}

static void poll_mode_interrupts_never(void **state)
{
	struct machine *m = run("xge-82599-pmd", "", "ndis6-copy");

	(void)state;
	assert_int_equal(m->stats.cpu.interrupts, 0);
	assert_int_equal(m->stats.pcie.messages, 0);
	assert_int_equal(m->stats.pcie.mmio_reads, 0);
	assert_true(m->stats.cpu.dpcs > 0);
	machine_free(m);
}

static void kernel_driver_reads_heads(void **state)
{
	struct machine *m = run("xge-82599", "", "ndis6-copy");
	uint64_t sent = m->stats.tx.completed_frames;
	uint64_t received = m->stats.rx.delivered_frames;

	(void)state;
	assert_int_equal(m->stats.pcie.mmio_reads, sent + (received + 7) / 8);
	assert_int_equal(m->stats.tx.doorbells, sent);
	machine_free(m);
}

static void head_is_four_bytes(void **state)
{
	struct machine *head =
		run("xlge-40", "nic.tx_write_back=1", "ndis6-copy");
	struct machine *whole = run("xlge-40",
				    "nic.tx_write_back=1 "
				    "nic.completion=descriptor",
				    "ndis6-copy");

	(void)state;
	assert_int_equal(head->stats.tx.write_backs,
			 head->stats.tx.completed_frames);
	assert_int_equal(whole->stats.pcie.write_payload_bytes -
				 head->stats.pcie.write_payload_bytes,
			 12 * head->stats.tx.completed_frames);
	machine_free(head);
	machine_free(whole);
}

static void simple_card_has_no_ring(void **state)
{
	struct machine *m = run("simple-fifo", "", "ndis6-sg");
	const struct tx_stats *tx = &m->stats.tx;
	const struct rx_stats *rx = &m->stats.rx;

	(void)state;
	assert_int_equal(tx->descriptor_fetches, 0);
	assert_int_equal(rx->descriptor_fetches, 0);
	assert_int_equal(tx->write_backs, 0);
	assert_int_equal(rx->write_backs, 0);
	assert_true(tx->descriptors > tx->completed_frames);
	/* Two writes an element, two a buffer, one to unmask. */
	assert_int_equal(m->stats.pcie.mmio_writes,
			 2 * tx->descriptors + 2 * rx->reposted_buffers);
	/* One frame at a time: its descriptors, and no more. */
	assert_true(tx->ring_used.max <= 16);
	machine_free(m);
}

/* One buffer a frame: the others are copied, into reach. */
static void out_of_reach_beyond_1_gib(void **state)
{
	struct machine *split = run("bcm-30bit", "", "ndis6-sg");
	struct machine *linear = run(
		"bcm-30bit", "layout.mdl=linear nic.sg_elements=8", "ndis6-sg");
	const struct hal_stats *hal = &linear->stats.hal;

	(void)state;
	assert_true(split->stats.tx.fallback_frames >
		    split->stats.tx.completed_frames / 2);
	assert_int_equal(linear->stats.tx.fallback_frames, 0);
	/* 1 of 8 GiB can be reached. */
	assert_true(hal->bounced_bytes * 100 > hal->mapped_bytes * 80);
	assert_true(hal->bounced_bytes * 100 < hal->mapped_bytes * 95);
	machine_free(split);
	machine_free(linear);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(books_balance),
		cmocka_unit_test(every_value_has_a_source),
		cmocka_unit_test(poll_mode_interrupts_never),
		cmocka_unit_test(kernel_driver_reads_heads),
		cmocka_unit_test(head_is_four_bytes),
		cmocka_unit_test(simple_card_has_no_ring),
		cmocka_unit_test(out_of_reach_beyond_1_gib),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
