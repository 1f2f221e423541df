/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contention is real: what shares a resource slows, what a parameter cannot
 * reach stays as it is, and capacity is the inverse of demand.
 */
#include "tests/unit/machine_fixture.h"

#include "models/machine.h"
#include "traces/params.h"

#define US(x)	 ((sim_time)(x)*PS_PER_US)
#define COUNT(x) (sizeof(x) / sizeof((x)[0]))

/* @tx frames and @rx frames as one stream in order; to be freed. */
static struct frame *merge(const struct frame *tx, size_t tx_count,
			   const struct frame *rx, size_t rx_count)
{
	struct frame *all = calloc(tx_count + rx_count, sizeof(*all));
	size_t i = 0, j = 0, n = 0;

	assert_non_null(all);
	while (i < tx_count || j < rx_count) {
		if (j == rx_count || (i < tx_count && tx[i].at <= rx[j].at))
			all[n] = tx[i++];
		else
			all[n] = rx[j++];
		all[n].number = n + 1;
		n++;
	}
	return all;
}

/*
 * The same sends alone and among received frames: the shared core and link
 * make them later, and their map registers are held longer.
 */
static void received_load_slows_sends(void **state)
{
	static const struct {
		const char *preset, *tx;
		sim_time tx_gap, rx_gap;
		bool registers;
	} cases[] = {
		{ "gbe-32bit", "ndis6-sg", US(60), US(3), true },
		{ "xge-64bit", "ndis6-sg", US(10), 1300000, false },
		{ "xge-64bit", "ndis6-copy", US(10), 1300000, false },
		{ "xge-strict", "ndis6-sg", US(10), 1300000, false },
	};
	enum { SENDS = 1500, RECEIVES = 15000 };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct frame *tx = fix_traffic(&(struct fix_traffic){
			.count = SENDS,
			.seed = 5,
			.tx_ppm = 1000000,
			.gap = cases[i].tx_gap,
			.poisson = true,
			.min = 60,
			.max = 1514,
			.flows = 4,
		});
		struct frame *rx = fix_traffic(&(struct fix_traffic){
			.count = RECEIVES,
			.seed = 6,
			.gap = cases[i].rx_gap,
			.poisson = true,
			.min = 60,
			.max = 300,
			.flows = 4,
		});
		struct frame *both = merge(tx, SENDS, rx, RECEIVES);
		struct config *cfg =
			fix_config(cases[i].preset, "host.cores=1");
		struct machine *alone =
			fix_run(cfg, cases[i].tx, "common-copy", tx, SENDS);
		struct machine *among = fix_run(cfg, cases[i].tx, "common-copy",
						both, SENDS + RECEIVES);
		const struct stats *a = &alone->stats, *b = &among->stats;

		assert_true(alone->memory_digest == among->memory_digest);
		assert_true(hist_quantile(&b->tx.latency_wire_ps, 990000) >
			    hist_quantile(&a->tx.latency_wire_ps, 990000) * 11 /
				    10);
		assert_true(b->tx.latency_wire_ps.sum >
			    a->tx.latency_wire_ps.sum);
		assert_true(b->tx_stage[TX_CPU_WAIT].sum >
			    a->tx_stage[TX_CPU_WAIT].sum);
		if (cases[i].registers)
			assert_true(fix_mean(&b->hal.map_register_hold_ps) >
				    fix_mean(&a->hal.map_register_hold_ps));
		machine_free(alone);
		machine_free(among);
		config_free(cfg);
		free(tx);
		free(rx);
		free(both);
	}
}

/* --- capacity --- */

enum { LOAD = 12000 };

/* Frames lost at a gap of @gap ps; cycles per delivered frame to *@demand. */
static uint64_t lost_at(const struct config *cfg, struct frame *frames,
			sim_time gap, double *demand)
{
	const struct ratio *cycles;
	struct machine *m;
	uint64_t lost;
	size_t i;

	for (i = 0; i < LOAD; i++)
		frames[i].at = (sim_time)i * gap;
	m = fix_run_with(cfg, (struct machine_options){ .no_series = true },
			 "null", "common-copy", frames, LOAD);
	cycles = &m->stats.cpu.total_cycles_per_frame;
	*demand = (double)cycles->num / (double)cycles->den;
	lost = m->stats.rx.dropped_fifo_frames;
	machine_free(m);
	return lost;
}

/*
 * The rate of loss by bisection.  One core, small buffers: beyond 3.3 GHz over
 * the cycles of a frame it must lose, so ten times the stack's cycles move the
 * point as the inverse of the demand.
 */
static void the_loss_point_is_the_inverse_of_demand(void **state)
{
	static const char *const stacks[] = { "host.stack_rx=2000",
					      "host.stack_rx=20000" };
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = LOAD,
		.seed = 5,
		.gap = US(1),
		.min = 60,
		.max = 60,
		.flows = 4,
	});
	double point[2], demand[2];
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct config *cfg = fix_config(
			"xge-64bit", "host.cores=1 nic.moderation=0 "
				     "nic.rx_ring=64 nic.rx_fifo=4KiB "
				     "host.dpc_median=1us host.dpc_p99=1us");
		sim_time loses = 100000, carries = US(40);

		fix_set(cfg, stacks[i]);
		assert_true(lost_at(cfg, frames, loses, &demand[i]) > 0);
		assert_int_equal(lost_at(cfg, frames, carries, &demand[i]), 0);
		while (carries - loses > loses / 500) {
			sim_time middle = (loses + carries) / 2;

			if (lost_at(cfg, frames, middle, &demand[i]))
				loses = middle;
			else
				carries = middle;
		}
		lost_at(cfg, frames, carries, &demand[i]);
		point[i] = (double)carries;
		/* Gap at loss = cycles per frame at 3.3 GHz. */
		if (!fix_near(point[i], demand[i] / 3.3e9 * 1e12, 40000))
			fail_msg("%s: loses at a gap of %.0f ps, %.1f cycles "
				 "a frame",
				 stacks[i], point[i], demand[i]);
		config_free(cfg);
	}
	assert_true(
		fix_near(point[1] / point[0], demand[1] / demand[0], 40000));
	assert_true(demand[1] / demand[0] > 5);
	free(frames);
}

/* --- what a parameter moves, and what it cannot --- */

static const struct {
	const char *preset, *tx, *rx, *pair;
	unsigned tx_percent;
	const char *same;  /* metrics that stay; "": all others */
	const char *moves; /* a metric that must move; NULL: none does */
} causes[] = {
#define RECEIVE_PRICE(pair)                                                 \
	{                                                                   \
		"xge-64bit", "ndis6-sg", "common-copy", pair, 100, "", NULL \
	}
	RECEIVE_PRICE("cost.indicate=5000"),
	RECEIVE_PRICE("cost.indicate_list=5000"),
	RECEIVE_PRICE("cost.rx_frame=5000"),
	RECEIVE_PRICE("cost.repost=5000"),
	RECEIVE_PRICE("cost.return=5000"),
	RECEIVE_PRICE("host.stack_rx=90000"),
	RECEIVE_PRICE("rx.hold_median=2ms"),
	RECEIVE_PRICE("rx.dpc_budget=1"),
	RECEIVE_PRICE("nic.rx_fifo=64KiB"),
	RECEIVE_PRICE("nic.rx_write_back=4"),
	{ "xge-64bit", "ndis6-sg", "common-copy", "nic.rx_ring=64", 100,
	  "tx. cpu. hal. pcie. iommu. dma. run.", "memory.pinned" },
#define SEND_PRICE(pair)                                                  \
	{                                                                 \
		"xge-64bit", "ndis6-sg", "common-copy", pair, 0, "", NULL \
	}
	SEND_PRICE("host.stack_tx=90000"),
	SEND_PRICE("cost.send=5000"),
	SEND_PRICE("cost.sg_build=5000"),
	SEND_PRICE("cost.post=5000"),
	SEND_PRICE("cost.send_complete=5000"),
	SEND_PRICE("tx.queue_limit=1"),
	SEND_PRICE("nic.tx_write_back=1"),
	SEND_PRICE("nic.tx_fifo=16KiB"),
	SEND_PRICE("layout.merge=100%"),
	{ "xge-64bit", "ndis6-sg", "common-copy", "nic.tx_ring=64", 0,
	  "rx. cpu. hal. pcie. iommu. dma. run.", "memory.pinned" },

	/* Isolated frames: what comes later does not reach back. */
	{ "xge-64bit", "ndis6-sg", "null", "cost.send_complete=9000", 100,
	  "tx.latency_wire pcie.read", "tx.latency_complete" },
	{ "xge-64bit", "ndis6-sg", "null", "cost.sg_put=9000", 100,
	  "tx.latency_wire pcie.read", "tx.driver_cycles" },
	{ "xge-64bit", "ndis6-sg", "null", "cost.dpc=9000", 100,
	  "tx.latency_wire pcie.read", "tx.latency_complete" },
	{ "xge-64bit", "ndis6-sg", "null", "host.dma_write=5us", 100,
	  "tx.latency_wire cpu.driver", "tx.latency_complete" },
	{ "xge-strict", "ndis6-sg", "null", "iommu.invalidate=9000", 100,
	  "tx.latency_wire pcie.read", "tx.latency_complete" },
	{ "xge-strict", "premapped", "null", "iommu.invalidate=9000", 100, "",
	  NULL },
	{ "xge-strict", "ndis6-copy", "null", "iommu.map=9000", 100, "", NULL },
	{ "gbe-32bit", "ndis6-copy", "null", "cost.hal_lock=9000", 100, "",
	  NULL },
	{ "gbe-32bit", "premapped", "null", "host.ram=64GiB", 100,
	  "tx.latency hal.bounced_bytes cpu.bounce", NULL },
	{ "gbe-32bit", "ndis6-sg", "null", "host.ram=64GiB", 100,
	  "tx.offered hal.mapped", "hal.bounced_bytes" },
	{ "xge-64bit", "null", "common-copy", "host.stack_rx=9000", 0,
	  "rx.latency rx.driver pcie.write pcie.read", "rx.stack_cycles" },
	{ "xge-64bit", "null", "sg", "rx.hold_median=200us", 0,
	  "rx.latency rx.driver cpu.driver", "rx.hold_ps" },
	{ "xge-64bit", "null", "sg", "cost.return=9000", 0,
	  "rx.latency rx.hold_ps", "rx.driver_cycles" },
	{ "xge-64bit", "ndis6-sg", "sg", "nic.wire=5Gbps", 100,
	  "cpu.driver cpu.copied hal.mapped pcie.read_payload "
	  "tx.descriptors",
	  "tx.latency_wire" },
};

static void a_cause_moves_only_what_follows(void **state)
{
	enum { FRAMES = 120 };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(causes); i++) {
		struct frame *frames = fix_traffic(&(struct fix_traffic){
			.count = FRAMES,
			.seed = 3,
			.tx_ppm = causes[i].tx_percent * 10000,
			.gap = 2 * PS_PER_MS,
			.min = 60,
			.max = 1514,
			.flows = 4,
		});
		struct config *cfg =
			fix_config(causes[i].preset, "nic.moderation=0");
		struct machine *a, *b;
		const char *moved;

		a = fix_run(cfg, causes[i].tx, causes[i].rx, frames, FRAMES);
		fix_set(cfg, causes[i].pair);
		b = fix_run(cfg, causes[i].tx, causes[i].rx, frames, FRAMES);
		moved = *causes[i].same
				? fix_difference_in(a, b, causes[i].same)
				: fix_difference(a, b, "");
		if (moved)
			fail_msg("%s: %s moves %s", causes[i].preset,
				 causes[i].pair, moved);
		if (causes[i].moves &&
		    !fix_difference_in(a, b, causes[i].moves))
			fail_msg("%s: %s does not move %s", causes[i].preset,
				 causes[i].pair, causes[i].moves);
		machine_free(a);
		machine_free(b);
		config_free(cfg);
		free(frames);
	}
}

/* --- the price of strict mode --- */

/*
 * Isolated sends with and without IOMMU: the difference is map, unmap and the
 * wait for one invalidation each, by hand.
 */
static void strict_mode_costs_what_it_says(void **state)
{
	enum { FRAMES = 300 };
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 3,
		.tx_ppm = 1000000,
		.gap = US(400),
		.min = 60,
		.max = 1514,
	});
	/* A list has fewer elements behind an IOMMU: priced 0 here. */
	const char *pairs = "cost.sg_element=0 cost.descriptor=0";
	struct config *off = fix_config("xge-64bit", pairs);
	struct config *on = fix_config("xge-strict", pairs);
	struct machine *a = fix_run(off, "ndis6-sg", "null", frames, FRAMES);
	struct machine *b = fix_run(on, "ndis6-sg", "null", frames, FRAMES);
	uint64_t pages = b->stats.iommu.pages_mapped, least;

	(void)state;
	assert_true(pages > 2 * FRAMES && pages < 3 * FRAMES);
	assert_int_equal(b->stats.iommu.invalidations, FRAMES);
	least = a->stats.tx.driver_cycles + FRAMES * (990 + 990 + 2130) +
		pages * (198 + 264) + b->stats.iommu.iova_fresh * 2000;
	assert_in_range(b->stats.iommu.iova_fresh, 1, 3); /* sizes of ranges */
	/* Spinning ends with the cycle that sees the end. */
	assert_in_range(b->stats.tx.driver_cycles, least, least + FRAMES);
	assert_int_equal(
		b->stats.iommu.invalidation_wait_ps.sum,
		FRAMES * (uint64_t)core_cycles_to_ps(&b->cores[0], 2130));
	machine_free(a);
	machine_free(b);
	config_free(off);
	config_free(on);
	free(frames);
}

/* --- register reads --- */

/*
 * The interrupt routine's register read stalls its core for cost.mmio_read, and
 * longer while the completions of other sends keep the link.
 */
static void register_reads_wait_for_the_link(void **state)
{
	static const sim_time gaps[] = { PS_PER_MS, US(13) };
	enum { FRAMES = 1500 };
	uint64_t extra[2], calls[2];
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct frame *frames = fix_traffic(&(struct fix_traffic){
			.count = FRAMES,
			.seed = 5,
			.tx_ppm = 1000000,
			.gap = gaps[i],
			.poisson = i,
			.min = 1514,
			.max = 1514,
		});
		struct config *cfg = fix_config(
			"gbe-32bit", "nic.isr_reads=1 nic.moderation=5us");
		struct machine *m =
			fix_run(cfg, "ndis6-copy", "null", frames, FRAMES);
		uint64_t unit = m->ledger.row[R_ISR_READ].unit;

		calls[i] = m->ledger.row[R_ISR_READ].calls;
		assert_int_equal(calls[i], m->stats.cpu.interrupts);
		assert_int_equal(calls[i], m->stats.pcie.mmio_reads);
		extra[i] = m->ledger.row[R_ISR_READ].cycles - calls[i] * unit;
		machine_free(m);
		config_free(cfg);
		free(frames);
	}
	assert_true(calls[0] >= FRAMES && calls[1] > 100);
	assert_int_equal(extra[0], 0);
	/* 512 bytes are 2.5 us on this link. */
	assert_true(extra[1] / calls[1] > 200);
	assert_true(extra[1] / calls[1] < 20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(received_load_slows_sends),
		cmocka_unit_test(the_loss_point_is_the_inverse_of_demand),
		cmocka_unit_test(a_cause_moves_only_what_follows),
		cmocka_unit_test(strict_mode_costs_what_it_says),
		cmocka_unit_test(register_reads_wait_for_the_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
