/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pool inside a machine: what a neighbour costs, what bounces in a
 * confidential VM, what personalities change, and that none of it touches a
 * device that reaches all of memory.
 */
#include <stdio.h>

#include "models/host/hal.h"
#include "models/machine.h"
#include "tests/unit/machine_fixture.h"
#include "traces/params.h"

#define FRAMES 1500

static struct frame *traffic(uint64_t tx_ppm)
{
	return fix_traffic(&(struct fix_traffic){ .count = FRAMES,
						  .seed = 8,
						  .tx_ppm = tx_ppm,
						  .gap = 15 * PS_PER_US,
						  .poisson = true,
						  .min = 60,
						  .max = 1514,
						  .flows = 4 });
}

static struct machine *run(const char *preset, const char *pairs,
			   const char *tx, const char *rx, uint64_t tx_ppm)
{
	struct config *cfg = fix_config(preset, pairs);
	struct frame *frames = traffic(tx_ppm);
	struct machine *m = fix_run(cfg, tx, rx, frames, FRAMES);

	config_free(cfg);
	free(frames);
	return m;
}

/* Waits of the victim grow with what the neighbour takes. */
static void a_neighbour_makes_the_victim_wait(void **state)
{
	static const char *const rates[] = { "0", "100kpps", "180kpps",
					     "220kpps" };
	__uint128_t before = 0;
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct machine *m;
		char pairs[128];

		snprintf(pairs, sizeof(pairs),
			 "hal.pool=64 hal.neighbour_hold=50us "
			 "hal.neighbour_rate=%s",
			 rates[i]);
		m = run("gbe-32bit", pairs, "ndis6-sg", "null", 1000000);
		if (!i) {
			assert_int_equal(m->stats.hal.neighbour_requests, 0);
			assert_int_equal(m->stats.hal.map_register_waits, 0);
		} else {
			assert_true(m->stats.hal.map_register_wait_ps.sum >
				    before);
			assert_int_equal(m->hal.own.wait_ps,
					 m->stats.hal.map_register_wait_ps.sum);
		}
		assert_int_equal(m->stats.hal.maps, FRAMES);
		assert_int_equal(m->stats.tx.completed_frames, FRAMES);
		before = m->stats.hal.map_register_wait_ps.sum;
		machine_free(m);
	}
}

/* Little: rate x hold x registers are in use, in a pool with room for all. */
static void a_neighbour_holds_what_it_asks_for(void **state)
{
	struct machine *m = run("gbe-32bit",
				"hal.personality=modern hal.background=0 "
				"hal.neighbour_rate=1Mpps "
				"hal.neighbour_registers=3 "
				"hal.neighbour_hold=40us",
				"null", "null", 1000000);
	const struct gauge *in_use = &m->stats.hal.neighbour_registers_in_use;

	(void)state;
	assert_int_equal(m->stats.hal.neighbour_waits, 0);
	assert_true(fix_near(gauge_mean(in_use), 120, 30000));
	assert_true(fix_near((double)m->stats.hal.neighbour_requests,
			     (double)m->last_at / 1e6, 30000));
	machine_free(m);
}

static void nobody_minds_a_neighbour_in_a_large_pool(void **state)
{
	struct machine *a = run("gbe-32bit", "hal.personality=modern",
				"ndis6-sg", "sg", 500000);
	struct machine *b = run("gbe-32bit",
				"hal.personality=modern "
				"hal.neighbour_rate=100kpps",
				"ndis6-sg", "sg", 500000);

	(void)state;
	assert_true(b->stats.hal.neighbour_requests > 1000);
	fix_assert_same(a, b,
			"hal.map_registers hal.map_register_hold "
			"hal.neighbour run.end_ps tx. rx. cpu.busy "
			"hal.map_register_queue pcie. nic.");
	assert_null(fix_difference_in(a, b,
				      "tx.latency rx.latency cpu."
				      "copied hal.map_register_wait"));
	machine_free(a);
	machine_free(b);
}

/* A confidential VM: every byte is copied, in both directions. */
static void everything_bounces_in_a_confidential_vm(void **state)
{
	struct machine *tx = run("xge-cvm", "", "ndis6-sg", "null", 1000000);
	struct machine *rx = run("xge-cvm", "", "null", "sg", 0);
	struct machine *common =
		run("xge-cvm", "", "ndis6-copy", "common-copy", 500000);

	(void)state;
	assert_true(tx->stats.hal.mapped_bytes > 0);
	assert_int_equal(tx->stats.hal.bounced_bytes,
			 tx->stats.hal.mapped_bytes);
	assert_int_equal(tx->stats.cpu.bounce_copied_bytes,
			 tx->stats.tx.sent_bytes);
	/* Out of the slots what came, into them whole buffers before. */
	assert_int_equal(rx->stats.hal.bounced_bytes,
			 rx->stats.rx.delivered_bytes);
	assert_int_equal(rx->stats.cpu.bounce_copied_bytes,
			 rx->stats.rx.delivered_bytes +
				 rx->stats.rx.reposted_buffers * 2048);
	/* Memory that is shared for good does not. */
	assert_int_equal(common->stats.hal.bounced_bytes, 0);
	assert_int_equal(common->stats.cpu.bounce_copied_bytes, 0);
	assert_int_equal(common->adapters[0].rx[0].buffers[0].map.registers, 0);
	machine_free(tx);
	machine_free(rx);
	machine_free(common);
}

/* Slots of a send: one or two a page; none of them is left at the end. */
static void sends_take_slots_and_give_them_back(void **state)
{
	struct machine *m = run("xge-cvm", "", "ndis6-sg", "null", 1000000);
	const struct hal_stats *hal = &m->stats.hal;

	(void)state;
	assert_int_equal(m->hal.free, 32768);
	assert_int_equal(m->hal.rules.areas, 2);
	assert_true(hal->map_registers_granted >= hal->map_registers_bounced);
	assert_true(hal->map_registers_granted <=
		    2 * hal->map_registers_bounced);
	assert_int_equal(hal->longest_free_run.max, 128);
	machine_free(m);
}

/* A full software IOTLB fails sends; told to copy instead, it fails none. */
static void what_does_not_fit_fails_or_is_copied(void **state)
{
	static const char small[] = "hal.pool=32 hal.pool_cap=32 "
				    "nic.moderation=400us host.cores=1 ";
	struct machine *fail, *copy;
	char pairs[160];

	(void)state;
	fail = run("xge-cvm", small, "ndis6-sg", "null", 1000000);
	snprintf(pairs, sizeof(pairs), "%shal.exhausted=copy", small);
	copy = run("xge-cvm", pairs, "ndis6-sg", "null", 1000000);
	assert_true(fail->stats.tx.failed_frames > 0);
	assert_int_equal(fail->stats.tx.failed_frames +
				 fail->stats.tx.completed_frames,
			 FRAMES);
	assert_int_equal(copy->stats.tx.failed_frames, 0);
	assert_int_equal(copy->stats.tx.completed_frames, FRAMES);
	assert_true(copy->stats.tx.fallback_frames > 0);
	assert_int_equal(copy->stats.hal.map_register_waits, 0);
	machine_free(fail);
	machine_free(copy);
}

/* Without scatter/gather nearly every frame is one copy and one element. */
static void a_device_that_does_not_gather_gets_copies(void **state)
{
	struct machine *m = run("gbe-32bit", "nic.scatter_gather=no",
				"ndis6-sg", "null", 1000000);

	(void)state;
	assert_int_equal(m->stats.tx.sg_elements, FRAMES);
	assert_int_equal(m->stats.hal.bounced_bytes, m->stats.hal.mapped_bytes);
	machine_free(m);
}

/* ReactOS does not look where pages are; real machines then lose data. */
static void reactos_writes_to_the_wrong_page(void **state)
{
	struct config *cfg = fix_config("gbe-32bit", "hal.personality=reactos");
	struct frame *frames = traffic(1000000);
	struct machine *m = fix_machine(cfg, (struct machine_options){ 0 },
					"ndis6-sg", "null");

	(void)state;
	machine_feed(m, frames, FRAMES);
	machine_finish(m);
	assert_int_equal(m->stats.hal.bounced_bytes, 0);
	assert_int_equal(m->stats.hal.map_registers_granted, 0);
	assert_true(m->ledger.hazards.of[HAZARD_OOB_DMA].count > FRAMES / 3);
	machine_free(m);
	config_free(cfg);
	free(frames);
}

/* 64 bits reach everything: no rule of the HAL changes a single figure. */
static void rules_do_not_touch_a_device_that_reaches_all(void **state)
{
	static const char *const rules[] = {
		"hal.personality=legacy",
		"hal.personality=swiotlb",
		"hal.pool=1 hal.pool_cap=1 hal.exhausted=fail",
		"hal.queue=bypass hal.reserve=bounced hal.adapter_max=1",
	};
	struct machine *plain = run("xge-64bit", "", "ndis6-sg", "sg", 500000);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct machine *m =
			run("xge-64bit", rules[i], "ndis6-sg", "sg", 500000);

		fix_assert_same(plain, m, "hal.longest_free_run");
		assert_true(plain->result.fingerprint == m->result.fingerprint);
		machine_free(m);
	}
	machine_free(plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_neighbour_makes_the_victim_wait),
		cmocka_unit_test(a_neighbour_holds_what_it_asks_for),
		cmocka_unit_test(nobody_minds_a_neighbour_in_a_large_pool),
		cmocka_unit_test(everything_bounces_in_a_confidential_vm),
		cmocka_unit_test(sends_take_slots_and_give_them_back),
		cmocka_unit_test(what_does_not_fit_fails_or_is_copied),
		cmocka_unit_test(a_device_that_does_not_gather_gets_copies),
		cmocka_unit_test(reactos_writes_to_the_wrong_page),
		cmocka_unit_test(rules_do_not_touch_a_device_that_reaches_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
