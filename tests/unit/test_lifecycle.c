/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pause, cancel, reset and hang: the status of every send, what waits for what,
 * and that nothing is lost on the way.
 */
#include "models/inject.h"
#include "tests/unit/machine_fixture.h"
#include "traces/params.h"

#define FRAMES 1200
#define GAP    (8 * PS_PER_US)
/* Registers for a few frames only: most of them wait. */
#define SHORT "hal.pool=22 hal.pool_cap=22 "

static struct frame *traffic(uint64_t tx_ppm)
{
	return fix_traffic(&(struct fix_traffic){ .count = FRAMES,
						  .seed = 3,
						  .tx_ppm = tx_ppm,
						  .gap = GAP,
						  .poisson = true,
						  .min = 60,
						  .max = 1514,
						  .flows = 4 });
}

static void books_balance(const struct machine *m)
{
	const struct run_result *r = machine_result(m);
	size_t i;

	for (i = 0; i < r->check_count; i++)
		if (!r->checks[i].ok)
			fail_msg("%s/%s: %s: %s", r->tx, r->rx,
				 r->checks[i].name, r->checks[i].detail);
	for (i = 0; i < r->hazard_count; i++)
		if (r->hazards[i].count && strcmp(r->tx, "mdl-walk"))
			fail_msg("%s/%s: %s", r->tx, r->rx, r->hazards[i].name);
}

static struct machine *run_as(const char *tx, const char *rx,
			      const char *settings, const char *inject,
			      uint64_t tx_ppm, bool naive)
{
	struct config *cfg = fix_config("gbe-32bit", settings);
	struct frame *frames = traffic(tx_ppm);
	struct err err = ERR_INIT;
	struct machine *m;

	fix_suit(cfg, tx_ops_find(tx));
	assert_int_equal(config_set(cfg, "run.inject", inject, "test", &err),
			 0);
	m = fix_machine(cfg, (struct machine_options){ .naive = naive }, tx,
			rx);
	machine_feed(m, frames, FRAMES);
	machine_finish(m);
	books_balance(m);
	free(frames);
	config_free(cfg);
	return m;
}

static struct machine *run(const char *tx, const char *settings,
			   const char *inject)
{
	return run_as(tx, "sg", settings, inject, 600000, false);
}

/* Nothing left: frames, registers, descriptors, sends in the driver. */
static void nothing_is_left(const struct machine *m)
{
	const struct books *b = &m->books;

	if (strcmp(m->result.status, "deadlock") == 0)
		fail_msg("%s: %s", m->result.tx, m->result.deadlock);
	assert_int_equal(b->tx_level.now, 0);
	assert_int_equal(b->rx_level.now, 0);
	assert_int_equal(m->life.inside, 0);
	assert_int_equal(m->life.state, LIFE_RUNNING);
	assert_int_equal(m->hal.leaked, 0);
	assert_int_equal(b->descriptors_posted, b->descriptors_freed);
	assert_int_equal(b->tx_offered,
			 b->tx_completed + b->tx_failed + b->tx_dropped);
}

static uint64_t status_of(const struct machine *m, enum tx_status status)
{
	return m->books.tx_status[status];
}

/*
 * A pause lasts until all is back, then as long as it is asked to; what is sent
 * meanwhile is refused, what is sent before and after is not.
 */
static void a_pause_refuses_and_waits(void **state)
{
	struct machine *m = run("ndis6-sg", "", "pause@2ms:for=2ms");
	const struct machine *calm = run("ndis6-sg", "", "");
	uint64_t refused = status_of(m, TX_PAUSED);
	uint64_t due = (2 * PS_PER_MS + m->stats.life.pause_ps) / GAP * 6 / 10;

	(void)state;
	nothing_is_left(m);
	assert_int_equal(m->stats.life.pauses, 1);
	assert_true(m->stats.life.pause_ps > 0);
	assert_int_equal(status_of(m, TX_SUCCESS) + refused,
			 status_of(calm, TX_SUCCESS));
	assert_true(refused > due * 3 / 4 && refused < due * 5 / 4);
	assert_true(m->stats.rx.dropped_stopped_frames > due / 3);
	assert_int_equal(m->stats.tx.status_paused_frames, refused);
	machine_free(m);
	machine_free((struct machine *)(uintptr_t)calm);
}

/* Buffers that the protocol holds keep a pause waiting. */
static void a_pause_waits_for_returns(void **state)
{
	const char *holds = "rx.hold_share=100% rx.hold_median=3ms "
			    "rx.hold_p99=3ms";
	struct machine *m =
		run_as("ndis6-sg", "sg", holds, "pause@4ms", 300000, false);
	struct machine *copies = run_as("ndis6-sg", "common-copy", holds,
					"pause@4ms", 300000, false);

	(void)state;
	nothing_is_left(m);
	assert_true(m->stats.life.pause_ps > 2 * PS_PER_MS);
	assert_true(copies->stats.life.pause_ps < PS_PER_MS);
	machine_free(m);
	machine_free(copies);
}

/* What waits for its mapping is aborted, what is mapped goes out. */
static void a_cancel_takes_what_waits(void **state)
{
	struct machine *m =
		run_as("ndis6-sg", "common-copy", SHORT "traffic.tx_times=asap",
		       "cancel@3ms", 1000000, false);
	struct machine *wide = run_as("ndis6-sg", "common-copy", "",
				      "cancel@3ms", 600000, false);
	uint64_t aborted = status_of(m, TX_SEND_ABORTED);

	(void)state;
	nothing_is_left(m);
	assert_int_equal(m->stats.life.cancels, 1);
	assert_true(aborted > FRAMES / 2);
	assert_true(status_of(m, TX_SUCCESS) > 0);
	assert_int_equal(status_of(m, TX_SUCCESS), m->stats.tx.sent_frames);
	/* With registers for all nothing waits in the driver. */
	assert_int_equal(status_of(wide, TX_SEND_ABORTED), 0);
	assert_int_equal(m->hal.free + m->hal.background, m->hal.pool);
	machine_free(m);
	machine_free(wide);
}

/* The card finishes what it reads; the driver completes the rest. */
static void a_reset_completes_everything(void **state)
{
	struct machine *m = run_as("ndis6-sg", "common-copy", SHORT,
				   "reset@3ms:for=2ms", 600000, false);

	(void)state;
	nothing_is_left(m);
	assert_int_equal(m->stats.life.resets, 1);
	assert_true(status_of(m, TX_RESET_IN_PROGRESS) > 100);
	assert_int_equal(status_of(m, TX_SUCCESS), m->stats.tx.sent_frames);
	assert_true(m->stats.life.reset_ps < PS_PER_MS);
	machine_free(m);
}

/* NDIS sees after two seconds that nothing moves. */
static void a_hang_ends_in_a_reset(void **state)
{
	struct machine *m = run("ndis6-sg", "", "hang@3ms");

	(void)state;
	nothing_is_left(m);
	assert_int_equal(m->stats.life.hangs, 1);
	assert_int_equal(m->stats.life.resets, 1);
	assert_true(m->end_at > 2 * PS_PER_SEC);
	assert_true(m->end_at < 2 * PS_PER_SEC + 20 * PS_PER_MS);
	/* All that was sent after it was posted or waited: none is lost. */
	assert_true(status_of(m, TX_RESET_IN_PROGRESS) > FRAMES / 3);
	assert_int_equal(status_of(m, TX_SUCCESS), m->stats.tx.sent_frames);
	machine_free(m);
}

/* Whatever the driver is written to, everything ends and comes back. */
static void every_strategy_survives(void **state)
{
	static const char *const events[] = {
		"pause@2ms",
		"cancel@3ms",
		"reset@3ms",
		"hang@3ms",
		"reset@1ms,pause@2ms,cancel@4ms,hang@6ms",
	};
	size_t i, j;

	(void)state;
	for (i = 0; tx_registry[i]; i++)
		for (j = 0; j < sizeof(events) / sizeof(events[0]); j++) {
			struct machine *a, *b;

			if (tx_registry[i]->bypass ||
			    !strcmp(tx_registry[i]->name, "ndis5-mapall"))
				continue;
			a = run_as(tx_registry[i]->name, "common-copy", "",
				   events[j], 600000, false);
			nothing_is_left(a);
			b = run_as(tx_registry[i]->name, "common-copy", "",
				   events[j], 600000, true);
			if (a->result.fingerprint != b->result.fingerprint)
				fail_msg("%s: %s: the kernels differ",
					 tx_registry[i]->name, events[j]);
			machine_free(a);
			machine_free(b);
		}
}

/* What never ends keeps events waiting, and the run ends all the same. */
static void a_deadlock_outlives_events(void **state)
{
	struct config *cfg =
		fix_config("gbe-32bit", SHORT "traffic.tx_times=asap "
					      "run.inject=pause@2ms,reset@3ms");
	struct frame *frames = traffic(1000000);
	struct machine *m = fix_machine(cfg, (struct machine_options){ 0 },
					"ndis5-mapall", "common-copy");

	(void)state;
	machine_feed(m, frames, FRAMES);
	machine_finish(m);
	assert_string_equal(m->result.status, "deadlock");
	assert_int_equal(m->stats.life.pauses, 0);
	assert_int_equal(m->stats.life.resets, 0);
	assert_int_equal(m->life.state, LIFE_PAUSING);
	machine_free(m);
	config_free(cfg);
	free(frames);
}

/* Every receive strategy lets a pause end. */
static void every_receive_strategy_pauses(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; rx_registry[i]; i++) {
		struct machine *m;

		if (rx_registry[i]->bypass ||
		    !strcmp(rx_registry[i]->name, "slave"))
			continue;
		m = run_as("ndis6-sg", rx_registry[i]->name, "",
			   "pause@2ms,reset@5ms", 500000, false);
		nothing_is_left(m);
		assert_int_equal(m->stats.life.pauses, 1);
		assert_int_equal(m->stats.life.resets, 1);
		machine_free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pause_refuses_and_waits),
		cmocka_unit_test(a_pause_waits_for_returns),
		cmocka_unit_test(a_cancel_takes_what_waits),
		cmocka_unit_test(a_reset_completes_everything),
		cmocka_unit_test(a_hang_ends_in_a_reset),
		cmocka_unit_test(every_strategy_survives),
		cmocka_unit_test(a_deadlock_outlives_events),
		cmocka_unit_test(every_receive_strategy_pauses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
