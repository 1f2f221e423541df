/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws a machine obeys, each with the conditions under which it is true:
 * zero-cost limits, D/D/1 and M/D/1 at the wire, scaling and shift of time,
 * monotone prices.
 */
#include "tests/unit/machine_fixture.h"

#include "models/machine.h"
#include "traces/params.h"

#define US(x) ((sim_time)(x)*PS_PER_US)

/* No delay is drawn: one value each. */
#define FIXED                                                       \
	"host.dpc_median=2us host.dpc_p99=2us rx.hold_median=20us " \
	"rx.hold_p99=20us rx.hold_share=100% nic.moderation=0 "     \
	"nic.tx_write_back=1 traffic.dpc_sends=0% host.cores=1 "

static struct frame *traffic(size_t count, uint64_t tx_ppm, sim_time gap)
{
	return fix_traffic(&(struct fix_traffic){
		.count = count,
		.seed = 11,
		.tx_ppm = tx_ppm,
		.gap = gap,
		.poisson = true,
		.min = 60,
		.max = 1514,
		.flows = 5,
	});
}

/* Time of a frame on the wire at 10 Gb/s: 800 ps a byte. */
static uint64_t wire_ps(const struct frame *frame)
{
	return (frame->bytes < 60 ? 84ull : frame->bytes + 24ull) * 800;
}

/* --- the null strategies --- */

/* D/D/1 below capacity: the latency is the wire time, each frame's. */
static void null_sends_take_their_wire_time(void **state)
{
	enum { FRAMES = 500 };
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 2,
		.tx_ppm = 1000000,
		.gap = 1538 * 800,
		.min = 20,
		.max = 1514,
	});
	struct config *cfg = fix_config("xge-64bit", "");
	struct machine *m = fix_run(cfg, "null", "null", frames, FRAMES);
	uint64_t sum = 0;
	size_t i;

	(void)state;
	for (i = 0; i < FRAMES; i++)
		sum += wire_ps(&frames[i]);
	assert_int_equal(m->stats.tx.latency_wire_ps.sum, sum);
	assert_int_equal(m->stats.tx.latency_complete_ps.sum, sum);
	assert_int_equal(m->stats.tx.latency_wire_ps.min, 84 * 800);
	assert_int_equal(m->stats.tx_stage[TX_WIRE].sum, sum);
	machine_free(m);
	config_free(cfg);
	free(frames);
}

/* Lindley's recursion, frame by frame, on Poisson arrivals of mixed sizes. */
static void null_sends_queue_as_lindley_says(void **state)
{
	enum { FRAMES = 3000 };
	struct frame *frames = traffic(FRAMES, 1000000, 900000);
	struct config *cfg = fix_config("xge-64bit", "");
	struct machine *m = fix_run(cfg, "null", "null", frames, FRAMES);
	uint64_t sum = 0, longest = 0;
	sim_time free_at = 0;
	size_t i;

	(void)state;
	for (i = 0; i < FRAMES; i++) {
		sim_time start =
			frames[i].at > free_at ? frames[i].at : free_at;
		uint64_t latency;

		free_at = start + (sim_time)wire_ps(&frames[i]);
		latency = (uint64_t)(free_at - frames[i].at);
		sum += latency;
		if (latency > longest)
			longest = latency;
	}
	assert_int_equal(m->stats.tx.latency_wire_ps.sum, sum);
	assert_int_equal(m->stats.tx.latency_wire_ps.max, longest);
	assert_int_equal(m->stats.run.end_ps, free_at);
	machine_free(m);
	config_free(cfg);
	free(frames);
}

/* M/D/1: mean wait = load x service / (2 (1 - load)), within 3 %. */
static void poisson_sends_are_m_d_1(void **state)
{
	static const unsigned loads[] = { 30, 50, 70 }; /* percent */
	enum { FRAMES = 300000 };
	const double service = 538 * 800;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		struct frame *frames = fix_traffic(&(struct fix_traffic){
			.count = FRAMES,
			.seed = 21 + i,
			.tx_ppm = 1000000,
			.gap = 538 * 800 * 100 / loads[i],
			.poisson = true,
			.min = 514,
			.max = 514,
		});
		struct config *cfg = fix_config("xge-64bit", "");
		struct machine *m = fix_run_with(
			cfg, (struct machine_options){ .no_series = true },
			"null", "null", frames, FRAMES);
		double load = loads[i] / 100.0;
		double wait = load * service / (2 * (1 - load));
		double got = (double)m->stats.tx.latency_wire_ps.sum / FRAMES -
			     service;

		if (!fix_near(got, wait, 30000))
			fail_msg("load %u %%: mean wait %.0f ps, M/D/1 %.0f",
				 loads[i], got, wait);
		assert_int_equal(m->stats.tx.latency_wire_ps.min, service);
		machine_free(m);
		config_free(cfg);
		free(frames);
	}
}

static void null_receives_take_no_time(void **state)
{
	struct frame *frames = traffic(500, 0, 2000000);
	struct config *cfg = fix_config("xge-64bit", "");
	struct machine *m = fix_run(cfg, "null", "null", frames, 500);

	(void)state;
	assert_int_equal(m->stats.rx.delivered_frames, 500);
	assert_int_equal(m->stats.rx.latency_ps.max, 0);
	assert_int_equal(m->stats.cpu.interrupts, 0);
	assert_int_equal(m->stats.pcie.up_bytes, 0);
	machine_free(m);
	config_free(cfg);
	free(frames);
}

/* --- zero-cost limits --- */

/* Every price and every time of the machine, with its unit. */
static void all_prices_to_zero(struct config *cfg)
{
	const struct param *row;

	for (row = machine_params; row->key; row++)
		if (row->type == PARAM_QUANTITY &&
		    (row->qty == QTY_CYCLES || row->qty == QTY_TIME) &&
		    !row->min && strcmp(row->key, "rx.hold_median") != 0 &&
		    strcmp(row->key, "rx.hold_p99") != 0) {
			struct err err = ERR_INIT;

			if (config_set(cfg, row->key, "0", "test", &err) < 0)
				fail_msg("%s", err.text);
		}
}

/* A link that takes no time. */
static void free_link(struct machine *m)
{
	const struct byte_clock none = { .bps = 1 };

	pcie_set_clock(&m->adapters[0].pcie, &none);
}

/* All prices, latencies and link times 0: what is left is the wire. */
static void without_costs_only_the_wire_is_left(void **state)
{
	enum { FRAMES = 200 };
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 2,
		.tx_ppm = 500000,
		.gap = US(10),
		.min = 60,
		.max = 1514,
		.flows = 3,
	});
	uint64_t sum = 0;
	size_t i, tx, rx;

	(void)state;
	for (i = 0; i < FRAMES; i++)
		if (frames[i].direction == FRAME_TX)
			sum += wire_ps(&frames[i]);
	for (tx = 0; tx_registry[tx]; tx++)
		for (rx = 0; rx_registry[rx]; rx++) {
			struct config *cfg =
				fix_config("xge-64bit", "rx.hold_share=0% "
							"nic.tx_write_back=1");
			struct machine *m;

			if (!fix_applies(cfg, tx_registry[tx],
					 rx_registry[rx])) {
				config_free(cfg);
				continue;
			}
			all_prices_to_zero(cfg);
			m = fix_machine(cfg, (struct machine_options){ 0 },
					tx_ops_name(tx_registry[tx]),
					rx_ops_name(rx_registry[rx]));
			free_link(m);
			machine_feed(m, frames, FRAMES);
			machine_finish(m);
			fix_check(m);
			assert_int_equal(m->stats.tx.latency_wire_ps.sum, sum);
			assert_int_equal(m->stats.tx.latency_complete_ps.sum,
					 sum);
			assert_int_equal(m->stats.rx.latency_ps.sum, 0);
			assert_true(m->stats.rx.latency_ps.count > 0);
			assert_int_equal(m->stats.tx.driver_cycles, 0);
			assert_int_equal(m->stats.rx.driver_cycles, 0);
			machine_free(m);
			config_free(cfg);
		}
	free(frames);
}

/* --- scaling --- */

/* Every stage of @slow took @k times what it took in @fast. */
static void assert_scaled(const struct machine *fast,
			  const struct machine *slow, uint64_t k)
{
	unsigned i;

	for (i = 0; i < TX_STAGES; i++)
		if (slow->stats.tx_stage[i].sum !=
		    fast->stats.tx_stage[i].sum * k)
			fail_msg(
				"%s/%s: tx stage %s: %llu, %llu x %llu",
				fast->result.tx, fast->result.rx,
				tx_stage_names[i],
				(unsigned long long)slow->stats.tx_stage[i].sum,
				(unsigned long long)k,
				(unsigned long long)fast->stats.tx_stage[i]
					.sum);
	for (i = 0; i < RX_STAGES; i++)
		if (slow->stats.rx_stage[i].sum !=
		    fast->stats.rx_stage[i].sum * k)
			fail_msg(
				"%s/%s: rx stage %s: %llu, %llu x %llu",
				fast->result.tx, fast->result.rx,
				rx_stage_names[i],
				(unsigned long long)slow->stats.rx_stage[i].sum,
				(unsigned long long)k,
				(unsigned long long)fast->stats.rx_stage[i]
					.sum);
	assert_int_equal(slow->stats.run.end_ps, fast->stats.run.end_ps * k);
	assert_int_equal(slow->stats.tx.latency_complete_ps.max,
			 fast->stats.tx.latency_complete_ps.max * k);
	assert_int_equal(slow->stats.rx.latency_ps.max,
			 fast->stats.rx.latency_ps.max * k);
	assert_int_equal(slow->stats.tx.driver_cycles,
			 fast->stats.tx.driver_cycles);
	assert_int_equal(slow->stats.cpu.preemptions,
			 fast->stats.cpu.preemptions);
}

/* Values that divide evenly, so that nothing is rounded. */
static struct machine *scaled(const char *preset, const char *pairs,
			      const char *more, uint64_t link_bps,
			      const char *tx, const char *rx,
			      struct frame *frames, size_t count)
{
	struct config *cfg = fix_config(preset, more);
	struct byte_clock link;
	struct machine *m;

	fix_set(cfg, pairs);
	m = fix_machine(cfg, (struct machine_options){ 0 }, tx, rx);
	byte_clock_init(&link, link_bps);
	pcie_set_clock(&m->adapters[0].pcie, &link);
	machine_feed(m, frames, count);
	machine_finish(m);
	fix_check(m);
	config_free(cfg);
	return m;
}

#define TWICE_FAST                                                             \
	"host.clock=4GHz nic.wire=10Gbps host.dma_read_warm=500ns "            \
	"host.dma_read_cold=600ns host.dma_write=200ns host.mmio_write=250ns " \
	"hal.worker_delay=100us host.dpc_median=2us host.dpc_p99=2us "         \
	"rx.hold_median=20us rx.hold_p99=20us host.read_jitter=0 "             \
	"host.dram_refresh=0 nic.dma_latency=40ns "                            \
	"pcie.completion_interval=11ns iommu.walk=228ns "                      \
	"iommu.walk_level=197ns host.read_return=25ns "
#define TWICE_SLOW                                                     \
	"host.clock=2GHz nic.wire=5Gbps host.dma_read_warm=1000ns "    \
	"host.dma_read_cold=1200ns host.dma_write=400ns "              \
	"host.mmio_write=500ns "                                       \
	"hal.worker_delay=200us host.dpc_median=4us host.dpc_p99=4us " \
	"rx.hold_median=40us rx.hold_p99=40us host.read_jitter=0 "     \
	"host.dram_refresh=0 nic.dma_latency=80ns "                    \
	"pcie.completion_interval=22ns iommu.walk=456ns "              \
	"iommu.walk_level=394ns host.read_return=50ns "

/*
 * Rates halved; latencies and gaps doubled: everything takes twice as long, to
 * the picosecond.  Conditions: no drawn delays, rates that divide evenly, no
 * pause near the one that separates bursts of a flow (here every burst holds).
 */
static void halved_rates_double_every_stage(void **state)
{
	enum { FRAMES = 1500 };
	static const char *const presets[] = { "gbe-32bit", "xge-64bit",
					       "xge-strict" };
	/* A core's wait for a register is rounded up to cycles: none here. */
	const char *more =
		"nic.moderation=0 rx.hold_share=100% nic.isr_reads=0 ";
	struct frame *frames = traffic(FRAMES, 500000, US(4));
	struct frame *slow_frames = traffic(FRAMES, 500000, US(4));
	size_t preset, tx, rx, i;

	(void)state;
	for (i = 0; i < FRAMES; i++)
		slow_frames[i].at = 2 * frames[i].at;
	for (preset = 0; preset < 3; preset++) {
		struct config *cfg = fix_config(presets[preset], "");

		for (tx = 0; tx_registry[tx]; tx++)
			for (rx = 0; rx_registry[rx]; rx++) {
				const char *a = tx_ops_name(tx_registry[tx]);
				const char *b = rx_ops_name(rx_registry[rx]);
				struct machine *fast, *slow;

				if (!fix_applies(cfg, tx_registry[tx],
						 rx_registry[rx]))
					continue;
				fast = scaled(presets[preset], TWICE_FAST, more,
					      UINT64_C(8000000000), a, b,
					      frames, FRAMES);
				slow = scaled(presets[preset], TWICE_SLOW, more,
					      UINT64_C(4000000000), a, b,
					      slow_frames, FRAMES);
				assert_scaled(fast, slow, 2);
				machine_free(fast);
				machine_free(slow);
			}
		config_free(cfg);
	}
	free(frames);
	free(slow_frames);
}

/* --- shift --- */

/*
 * The first frame alone, all others later by any time: the same latencies.
 * Condition: no moderation, whose phase is tied to the clock.
 */
static void a_shift_of_time_changes_nothing(void **state)
{
	static const sim_time shifts[] = { 1, 999983, US(12345) };
	enum { FRAMES = 1200 };
	struct frame *frames = traffic(FRAMES, 500000, US(5));
	struct frame *later = traffic(FRAMES, 500000, US(5));
	struct config *cfg =
		fix_config("gbe-32bit", "nic.moderation=0 rx.hold_median=20us "
					"rx.hold_p99=90us");
	struct machine *a, *b;
	size_t i, n;

	(void)state;
	for (i = 1; i < FRAMES; i++)
		frames[i].at += PS_PER_MS;
	a = fix_run(cfg, "ndis6-sg", "copybreak", frames, FRAMES);
	for (n = 0; n < sizeof(shifts) / sizeof(shifts[0]); n++) {
		for (i = 1; i < FRAMES; i++)
			later[i].at = frames[i].at + shifts[n];
		b = fix_run(cfg, "ndis6-sg", "copybreak", later, FRAMES);
		for (i = 0; i < TX_STAGES; i++)
			assert_true(fix_same_hist(&a->stats.tx_stage[i],
						  &b->stats.tx_stage[i]));
		for (i = 0; i < RX_STAGES; i++)
			assert_true(fix_same_hist(&a->stats.rx_stage[i],
						  &b->stats.rx_stage[i]));
		assert_null(fix_difference_in(
			a, b,
			"tx.latency rx.latency cpu.driver cpu.copied "
			"cpu.interrupts pcie.read"));
		assert_int_equal(b->stats.run.end_ps,
				 a->stats.run.end_ps + (uint64_t)shifts[n]);
		machine_free(b);
	}
	machine_free(a);
	config_free(cfg);
	free(frames);
	free(later);
}

/* --- monotone prices --- */

static const struct {
	const char *key;
	const char *value[3]; /* rising */
	bool tx, rx;	      /* directions that must get slower */
} prices[] = {
	{ "host.stack_tx", { "0", "1500", "5000" }, true, false },
	{ "cost.send", { "0", "150", "900" }, true, false },
	{ "cost.sg_build", { "0", "860", "6600" }, true, false },
	{ "cost.hal_lock", { "0", "100", "900" }, true, true },
	{ "cost.process_sg", { "0", "60", "600" }, true, false },
	{ "cost.post", { "0", "40", "400" }, true, false },
	{ "host.mmio_write", { "0", "250ns", "900ns" }, true, false },
	/* Receives: descriptors are on chip before a frame is there. */
	{ "host.dma_read_warm", { "0", "532ns", "900ns" }, true, false },
	{ "host.copy_call", { "0", "20", "900" }, true, true },
	{ "host.dma_write", { "0", "220ns", "900ns" }, false, true },
	{ "cost.isr", { "0", "500", "5000" }, false, true },
	{ "cost.dpc", { "0", "800", "5000" }, false, true },
	{ "cost.rx_frame", { "0", "120", "1200" }, false, true },
	{ "cost.sg_put", { "0", "400", "2000" }, false, true },
	{ "cost.indicate", { "0", "150", "1500" }, false, true },
};

/*
 * One direction, isolated frames, no moderation, fixed holds: a higher price
 * is a higher latency, on the wire or at the indication; and one that lies
 * after that point changes nothing.
 */
static void higher_prices_are_higher_latencies(void **state)
{
	enum { FRAMES = 150 };
	size_t i, n, direction;

	(void)state;
	for (direction = 0; direction < 2; direction++) {
		struct frame *frames = fix_traffic(&(struct fix_traffic){
			.count = FRAMES,
			.seed = 2,
			.tx_ppm = direction ? 0 : 1000000,
			.gap = US(300),
			.min = 60,
			.max = 1514,
			.flows = 3,
		});

		for (i = 0; i < sizeof(prices) / sizeof(prices[0]); i++) {
			uint64_t sum[3];

			for (n = 0; n < 3; n++) {
				struct config *cfg =
					fix_config("gbe-32bit",
						   FIXED "host.dma_read_cold=0 "
							 "nic.isr_reads=0");
				struct err err = ERR_INIT;
				struct machine *m;

				assert_int_equal(config_set(cfg, prices[i].key,
							    prices[i].value[n],
							    "test", &err),
						 0);
				m = fix_run(cfg, "ndis6-sg", "sg", frames,
					    FRAMES);
				sum[n] =
					(uint64_t)(direction
							   ? m->stats.rx
								     .latency_ps
								     .sum
							   : m->stats.tx
								     .latency_wire_ps
								     .sum);
				machine_free(m);
				config_free(cfg);
			}
			if (direction ? prices[i].rx : prices[i].tx) {
				if (sum[0] >= sum[1] || sum[1] >= sum[2])
					fail_msg("%s is not monotone: %llu "
						 "%llu %llu",
						 prices[i].key,
						 (unsigned long long)sum[0],
						 (unsigned long long)sum[1],
						 (unsigned long long)sum[2]);
			} else if (sum[0] != sum[1] || sum[1] != sum[2]) {
				fail_msg("%s moves %s", prices[i].key,
					 direction ? "receives" : "sends");
			}
		}
		free(frames);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(null_sends_take_their_wire_time),
		cmocka_unit_test(null_sends_queue_as_lindley_says),
		cmocka_unit_test(poisson_sends_are_m_d_1),
		cmocka_unit_test(null_receives_take_no_time),
		cmocka_unit_test(without_costs_only_the_wire_is_left),
		cmocka_unit_test(halved_rates_double_every_stage),
		cmocka_unit_test(a_shift_of_time_changes_nothing),
		cmocka_unit_test(higher_prices_are_higher_latencies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
