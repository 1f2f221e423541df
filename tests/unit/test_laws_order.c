/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames of a queue enter the ring, leave and complete in the order in which
 * the driver was called, whatever each of them had to wait for.
 *
 * Conditions: one queue, one core, every frame is sent: none fails, and none
 * waits for ever, as they may where all of a list must be mapped.
 */
#include "tests/unit/machine_fixture.h"

#include "models/machine.h"
#include "models/ndis/sends.h"
#include "traces/params.h"

#define FRAMES 600

/* What the strategy under test was called for, frame by frame. */
static struct {
	const struct tx_ops *ops;
	uint64_t sent[FRAMES], completed[FRAMES];
	size_t sends, completions;
} calls;

static void send(struct core *core, struct tx_frame *frame)
{
	calls.sent[calls.sends++] = frame->seq;
	calls.ops->send(core, frame);
}

static void complete(struct core *core, struct tx_frame *frame)
{
	calls.completed[calls.completions++] = frame->seq;
	calls.ops->complete(core, frame);
}

/* Bursts in one call each: short frames behind long ones. */
static struct frame *bursts(void)
{
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 9,
		.tx_ppm = 1000000,
		.gap = 1,
		.min = 60,
		.max = 1514,
		.flows = 3,
	});
	size_t i;

	for (i = 0; i < FRAMES; i++) {
		frames[i].at = (sim_time)(i / 12) * 400 * PS_PER_US;
		if (i % 3 == 2)
			frames[i].bytes = 50; /* nothing but headers */
	}
	return frames;
}

/* True when no frame failed or waits for ever; then the order must be right. */
static bool keeps_order(const char *name, const char *pairs, uint64_t *waits)
{
	struct frame *frames = bursts();
	struct config *cfg = fix_config(
		"gbe-32bit", "host.cores=1 tx.queue_limit=1000 nic.queues=1 "
			     "nic.moderation=0 layout.mdl=linear "
			     "hal.force_bounce=yes hal.background=0");
	struct err err = ERR_INIT;
	struct tx_ops ops;
	struct machine *m;
	bool all;

	memset(&calls, 0, sizeof(calls));
	calls.ops = tx_ops_find(name);
	ops = *calls.ops;
	ops.send = send;
	ops.complete = complete;
	fix_suit(cfg, &ops);
	fix_set(cfg, pairs);
	m = machine_new(cfg,
			&(struct machine_options){ .tx = &ops,
						   .rx = rx_ops_find("null"),
						   .seed = 1 },
			&err);
	if (!m)
		fail_msg("%s: %s", name, err.text);
	machine_feed(m, frames, FRAMES);
	machine_finish(m);
	fix_check(m);
	all = m->stats.tx.completed_frames == FRAMES;
	if (all && memcmp(calls.sent, calls.completed, sizeof(calls.sent)) != 0)
		fail_msg("%s: frames overtake each other", name);
	assert_int_equal(calls.sends, FRAMES);
	*waits += m->stats.hal.map_register_waits;
	machine_free(m);
	config_free(cfg);
	free(frames);
	return all;
}

/*
 * A pool of a few registers; a common buffer of a few pages; a few base
 * registers and frames that need two of them or one.
 */
static void sends_keep_the_order_of_the_calls(void **state)
{
	static const char *const shortages[] = {
		"hal.pool=6 hal.pool_cap=6 tx.copy_pages=64",
		"hal.pool=64 hal.pool_cap=64 tx.copy_pages=3",
		("hal.pool=64 hal.pool_cap=64 layout.mdl=split "
		 "tx.base_registers=3"),
	};
	size_t i, n;

	(void)state;
	for (n = 0; n < 3; n++) {
		unsigned obeyed = 0;
		uint64_t waits = 0;

		for (i = 0; tx_registry[i]; i++)
			if (!tx_registry[i]->bypass)
				obeyed +=
					keeps_order(tx_ops_name(tx_registry[i]),
						    shortages[n], &waits);
		assert_true(obeyed >= 12);
		if (!n)
			assert_true(waits > 100);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sends_keep_the_order_of_the_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
