/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What bounds a DPC that receives: its budget, NDIS' throttle, the lists of an
 * indicate call; and the poll loop.
 */
#include "tests/unit/machine_fixture.h"

#include "models/ndis/receives.h"
#include "traces/params.h"

#define US(n) ((n)*PS_PER_US)

/* What came while the vector was masked raises it once more, for nothing. */
#define AFTER 1

/* A rush that one DPC finds, 200 us later. */
#define RUSH                                                              \
	"nic.moderation=0 nic.queues=1 rx.hold_share=0% nic.rx_ring=512 " \
	"rx.low_watermark=0% host.dpc_median=200us host.dpc_p99=200us "

static struct machine *rush(const char *pairs, const char *rx, size_t count)
{
	struct config *cfg = fix_config("xge-64bit", RUSH);
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = count, .seed = 7, .gap = 1, .min = 60, .max = 60 });
	struct machine *m;

	fix_set(cfg, pairs);
	m = fix_run(cfg, "null", rx, frames, count);
	assert_int_equal(m->stats.rx.delivered_frames, count);
	config_free(cfg);
	free(frames);
	return m;
}

/* The lists of real drivers: ceil(200 / lists) calls. */
static void indicate_calls_hold_so_many_lists(void **state)
{
	static const struct {
		const char *pairs;
		uint64_t calls;
	} rows[] = {
		{ "rx.indicate_max=1", 200 },  { "rx.indicate_max=20", 10 },
		{ "rx.indicate_max=32", 7 },   { "rx.indicate_max=64", 4 },
		{ "rx.indicate_max=1000", 1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct machine *m = rush(rows[i].pairs, "sg", 200);

		assert_int_equal(m->stats.cpu.dpcs, 1 + AFTER);
		assert_int_equal(m->stats.rx.indications, rows[i].calls);
		machine_free(m);
	}
}

/* Of 100 frames, ceil(100 / 30) turns, the last with the rest. */
static void a_budget_ends_a_turn(void **state)
{
	struct machine *m = rush("rx.dpc_budget=30", "sg", 100);
	struct machine *late =
		rush("rx.dpc_budget=30 rx.requeue_delay=50us", "sg", 100);

	(void)state;
	assert_int_equal(m->stats.cpu.dpcs, 4 + AFTER);
	assert_int_equal(m->stats.cpu.dpc_requeues, 3);
	assert_int_equal(m->stats.cpu.interrupts, 1 + AFTER);
	assert_int_equal(late->stats.cpu.dpcs, 4 + AFTER);
	assert_int_equal(late->stats.rx.latency_ps.max,
			 m->stats.rx.latency_ps.max + (uint64_t)US(150));
	assert_int_equal(late->stats.rx.throttled_dpcs, 0);
	machine_free(m);
	machine_free(late);
}

/* MaxNblsToIndicate: as a budget, but later, and no interrupt meanwhile. */
static void a_throttle_pauses(void **state)
{
	struct machine *m = rush("rx.dpc_budget=30", "sg", 100);
	struct machine *slow = rush("rx.throttle=30", "sg", 100);
	struct machine *slower =
		rush("rx.throttle=30 rx.throttle_delay=1ms", "sg", 100);
	struct machine *never = rush("rx.throttle=100", "sg", 100);

	(void)state;
	assert_int_equal(slow->stats.rx.throttled_dpcs, 3);
	assert_int_equal(slow->stats.cpu.dpcs, 4 + AFTER);
	assert_int_equal(slow->stats.cpu.interrupts, 1 + AFTER);
	assert_int_equal(slow->stats.rx.latency_ps.max,
			 m->stats.rx.latency_ps.max + (uint64_t)US(300));
	assert_int_equal(slower->stats.rx.latency_ps.max,
			 m->stats.rx.latency_ps.max + (uint64_t)US(3000));
	/* The first thirty are not the later for it. */
	assert_int_equal(slow->stats.rx.latency_ps.min,
			 m->stats.rx.latency_ps.min);
	assert_int_equal(never->stats.rx.throttled_dpcs, 0);
	assert_int_equal(never->stats.cpu.dpcs, 1 + AFTER);
	machine_free(m);
	machine_free(slow);
	machine_free(slower);
	machine_free(never);
}

/* --- poll mode --- */

/* Frames 100 us apart, polled every 40 us: consumed in the poll they are in. */
static struct machine *polled(const char *pairs)
{
	enum { COUNT = 50 };
	struct config *cfg = fix_config(
		"xge-64bit", "nic.queues=1 nic.poll=40us rx.low_watermark=0% "
			     "rx.hold_share=0%");
	struct frame *frames =
		fix_traffic(&(struct fix_traffic){ .count = COUNT,
						   .seed = 7,
						   .gap = US(100),
						   .min = 60,
						   .max = 60 });
	struct machine *m;

	fix_set(cfg, pairs);
	m = fix_run(cfg, "null", "sg-premapped", frames, COUNT);
	assert_int_equal(m->stats.rx.delivered_frames, COUNT);
	config_free(cfg);
	free(frames);
	return m;
}

/* Buffers that came back inside one poll are posted by the next one. */
static void returned_buffers_wait_for_the_next_poll(void **state)
{
	struct machine *m = polled("");
	struct machine *interrupts = polled("nic.poll=0 nic.moderation=0");
	const struct hist *repost = &m->stats.rx_stage[RX_REPOST];

	(void)state;
	assert_int_equal(m->stats.cpu.interrupts, 0);
	assert_int_equal(m->stats.rx.reposted_buffers, 50);
	assert_true(repost->min > (uint64_t)US(35));
	assert_true(repost->max < (uint64_t)US(45));
	assert_true(interrupts->stats.rx_stage[RX_REPOST].max <
		    (uint64_t)US(5));
	/* A poll for each frame, one for each buffer. */
	assert_int_equal(m->stats.cpu.dpcs, 100);
	machine_free(m);
	machine_free(interrupts);
}

/* Held ones come back to be polled as well. */
static void held_buffers_wait_for_the_next_poll(void **state)
{
	struct machine *m = polled("rx.hold_share=100% rx.hold_median=65us "
				   "rx.hold_p99=65us");
	const struct hist *repost = &m->stats.rx_stage[RX_REPOST];

	(void)state;
	assert_int_equal(m->stats.rx.hold_ps.count, 50);
	assert_true(repost->min > 0);
	assert_true(repost->max < (uint64_t)US(45));
	assert_true(repost->max > (uint64_t)US(5));
	machine_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(indicate_calls_hold_so_many_lists),
		cmocka_unit_test(a_budget_ends_a_turn),
		cmocka_unit_test(a_throttle_pauses),
		cmocka_unit_test(returned_buffers_wait_for_the_next_poll),
		cmocka_unit_test(held_buffers_wait_for_the_next_poll),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
