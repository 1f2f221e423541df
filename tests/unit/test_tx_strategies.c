/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transmit strategies by what they call: the structural comparison of the ways
 * that Windows has had, frame by frame, and what sets each of them apart.
 */
#include <stdio.h>

#include "tests/unit/machine_fixture.h"

#include "models/ndis/sends.h"
#include "traces/params.h"

#define FRAMES 300

/* One core, no delay drawn, every send call in a DPC. */
#define PLAIN                                                    \
	"host.dpc_median=2us host.dpc_p99=2us nic.moderation=0 " \
	"nic.tx_write_back=1 traffic.dpc_sends=100% host.cores=1"

static uint64_t calls(const struct machine *m, enum routine routine)
{
	return m->result.routines[routine - 1].calls;
}

/* @burst frames at every stamp, of one flow or of one each. */
static struct frame *bursts(uint32_t bytes, unsigned burst, sim_time gap,
			    bool one_flow)
{
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 5,
		.tx_ppm = 1000000,
		.gap = gap,
		.min = bytes,
		.max = bytes,
	});
	size_t i;

	for (i = 0; i < FRAMES; i++) {
		frames[i].at = (sim_time)(i / burst) * gap;
		if (!one_flow)
			frames[i].flow = frames[i].rss = (uint32_t)i;
	}
	return frames;
}

static struct machine *run_tx(const char *preset, const char *pairs,
			      const char *more, const char *tx,
			      const struct frame *frames)
{
	struct config *cfg = fix_config(preset, pairs);
	struct machine *m;

	fix_set(cfg, more);
	m = fix_run(cfg, tx, "null", frames, FRAMES);
	config_free(cfg);
	return m;
}

/* --- the happy path --- */

struct happy {
	const char *tx;
	unsigned raises;     /* of the IRQL, from a DPC */
	unsigned raises_low; /* from PASSIVE */
	unsigned lists;	     /* allocated */
	unsigned locks;	     /* global, where registers are needed */
	unsigned copies;
	unsigned callbacks;
	enum routine callback;
};

/* Per frame, in memory that the card reaches. */
static const struct happy happy[] = {
	{ "ndis5-mapreg", 0, 0, 0, 0, 0, 0, R_PROCESS_SG },
	{ "ndis5-sg", 1, 1, 1, 2, 0, 1, R_LIST_CONTROL },
	{ "ndis6-sg", 0, 1, 0, 2, 0, 1, R_PROCESS_SG },
	{ "ndis6-copy", 0, 0, 0, 0, 1, 0, R_PROCESS_SG },
	{ "ndis6-headers", 0, 1, 0, 2, 1, 1, R_PROCESS_SG },
	{ "wdm-sg", 0, 1, 0, 2, 0, 1, R_LIST_CONTROL },
	{ "wdf-sg", 0, 1, 0, 2, 0, 1, R_WDF_PROGRAM },
	{ "wdf-packet", 0, 1, 0, 2, 0, 1, R_WDF_PROGRAM },
	{ "netadaptercx", 1, 1, 0, 2, 0, 1, R_CX_MAP },
	{ "premapped", 0, 0, 0, 0, 0, 0, R_PROCESS_SG },
	{ "mdl-walk", 0, 0, 0, 0, 0, 0, R_PROCESS_SG },
};

static void assert_happy(const struct happy *want, const struct machine *m,
			 unsigned raises, unsigned locks)
{
	const struct {
		const char *name;
		enum routine routine;
		unsigned count;
	} rows[] = {
		{ "raises", R_RAISE_IRQL, raises },
		{ "lists", R_LIST_ALLOC, want->lists },
		{ "locks", R_HAL_LOCK, locks },
		{ "copies", R_COPY, want->copies },
		{ "callbacks", want->callback, want->callbacks },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (calls(m, rows[i].routine) !=
		    (uint64_t)rows[i].count * FRAMES)
			fail_msg("%s: %llu %s in %u frames, %u each expected",
				 want->tx,
				 (unsigned long long)calls(m, rows[i].routine),
				 rows[i].name, FRAMES, rows[i].count);
}

static void the_happy_path_by_counts(void **state)
{
	struct frame *frames = bursts(900, 1, 100 * PS_PER_US, false);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(happy) / sizeof(happy[0]); i++) {
		const char *tx = happy[i].tx;
		/* The packet profile needs registers whatever the reach. */
		bool packet = !strcmp(tx, "wdf-packet");
		struct machine *m;

		m = run_tx("gbe-32bit", PLAIN, "host.ram=2GiB hal.pool=64", tx,
			   frames);
		assert_happy(&happy[i], m, happy[i].raises, happy[i].locks);
		machine_free(m);
		m = run_tx("xge-64bit", PLAIN, "traffic.dpc_sends=0%", tx,
			   frames);
		assert_happy(&happy[i], m, happy[i].raises_low, packet ? 2 : 0);
		machine_free(m);
	}
	free(frames);
}

/* --- NDIS 5 and its five penalties --- */

#define NO_PENALTY                                          \
	"tx.ndis5_always_map=no tx.ndis5_list_alloc=no "    \
	"tx.ndis5_raise_irql=no tx.ndis5_one_at_a_time=no " \
	"tx.ndis5_map_first=no"

static void ndis5_without_penalties_is_ndis6(void **state)
{
	static const char *const presets[] = { "gbe-32bit", "xge-64bit" };
	struct frame *frames = bursts(900, 1, 20 * PS_PER_US, false);
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct machine *five = run_tx(presets[i], PLAIN, NO_PENALTY,
					      "ndis5-sg", frames);
		struct machine *six =
			run_tx(presets[i], PLAIN, "", "ndis6-sg", frames);

		fix_assert_same(five, six, "memory.");
		machine_free(five);
		machine_free(six);
	}
	free(frames);
}

/* Without interrupts, whose number changes with when frames are done. */
static uint64_t cycles_in_calls(const struct machine *m)
{
	static const enum routine interrupts[] = { R_ISR, R_ISR_READ, R_DPC,
						   R_UNMASK, R_REAP };
	uint64_t cycles = ledger_cycles(&m->ledger);
	size_t i;

	for (i = 0; i < sizeof(interrupts) / sizeof(interrupts[0]); i++)
		cycles -= m->ledger.row[interrupts[i]].cycles;
	return cycles;
}

static void every_penalty_of_ndis5_costs_cycles(void **state)
{
	static const char *const penalties[] = { "tx.ndis5_always_map=yes",
						 "tx.ndis5_list_alloc=yes",
						 "tx.ndis5_raise_irql=yes",
						 "tx.ndis5_one_at_a_time=yes",
						 "tx.ndis5_map_first=yes" };
	struct frame *frames = bursts(200, 6, 100 * PS_PER_US, false);
	uint64_t least, all;
	struct machine *m;
	char pairs[512];
	size_t i;

	(void)state;
	for (i = 0; i < FRAMES; i += 2)
		frames[i].bytes = 1200; /* the others are copied */
	m = run_tx("gbe-32bit", PLAIN,
		   NO_PENALTY " tx.ndis5_copy_threshold=256B tx.ndis5_edit=14B",
		   "ndis5-sg", frames);
	least = cycles_in_calls(m);
	machine_free(m);
	m = run_tx("gbe-32bit", PLAIN,
		   "tx.ndis5_copy_threshold=256B tx.ndis5_edit=14B", "ndis5-sg",
		   frames);
	all = cycles_in_calls(m);
	machine_free(m);
	for (i = 0; i < 5; i++) {
		snprintf(pairs, sizeof(pairs), "%s %s",
			 NO_PENALTY
			 " tx.ndis5_copy_threshold=256B tx.ndis5_edit=14B",
			 penalties[i]);
		m = run_tx("gbe-32bit", PLAIN, pairs, "ndis5-sg", frames);
		if (cycles_in_calls(m) <= least)
			fail_msg("%s costs nothing", penalties[i]);
		assert_true(cycles_in_calls(m) < all);
		machine_free(m);
	}
	free(frames);
}

/*
 * What is mapped and to be copied does not wait for pages: those behind it may
 * hold them, and be held back by it in the order of the ring.
 */
static void ndis5_copies_when_it_can(void **state)
{
	struct frame *frames = bursts(200, 6, PS_PER_MS, true);
	struct machine *m;
	size_t i;

	(void)state;
	for (i = 0; i < FRAMES; i += 3)
		frames[i].bytes = 1400;
	m = run_tx("gbe-32bit", PLAIN,
		   "tx.ndis5_one_at_a_time=no tx.ndis5_copy_threshold=1500B "
		   "tx.copy_pages=2 hal.queue=bypass hal.background=0 "
		   "hal.pool=32 hal.pool_cap=32 hal.neighbour_rate=100kpps "
		   "hal.neighbour_registers=9 hal.neighbour_hold=30us",
		   "ndis5-sg", frames);
	assert_string_equal(m->result.deadlock, "");
	assert_int_equal(m->stats.tx.completed_frames, FRAMES);
	assert_true(m->stats.tx.deferred_callbacks > 0);
	assert_true(m->stats.tx.copied_frames > 0);
	assert_true(m->stats.tx.copied_frames < FRAMES);
	machine_free(m);
	free(frames);
}

/* NDIS copies what has too many fragments, and the HAL copies that again. */
static void excessive_fragments_are_copied_twice(void **state)
{
	static const char *const strategies[] = { "ndis5-sg", "ndis6-sg" };
	struct frame *frames = bursts(1400, 1, 100 * PS_PER_US, false);
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct machine *m = run_tx("gbe-32bit", PLAIN,
					   "nic.sg_elements=4 hal.pool=64 "
					   "layout.mdl=fragments",
					   strategies[i], frames);
		uint64_t twice = m->stats.hal.bounced_bytes / 1400;

		assert_int_equal(m->stats.tx.fallback_frames, FRAMES);
		assert_int_equal(m->stats.cpu.copied_bytes, 1400ull * FRAMES);
		/* 5 GiB of 8 are out of reach. */
		assert_true(twice > FRAMES * 45 / 100);
		assert_true(twice < FRAMES * 80 / 100);
		assert_int_equal(m->stats.tx.descriptors, FRAMES);
		machine_free(m);
	}
	free(frames);
}

/* --- the array and the circular wait --- */

#define SHORT_POOL                                                     \
	"hal.pool=24 hal.pool_cap=24 hal.background=0 host.ram=64GiB " \
	"traffic.send_batch_max=64"

static void an_array_at_a_time_deadlocks(void **state)
{
	struct frame *frames = bursts(1400, 30, 5000 * PS_PER_US, false);
	struct machine *m;

	(void)state;
	m = run_tx("gbe-32bit", PLAIN, SHORT_POOL, "ndis5-mapall", frames);
	assert_string_equal(m->result.status, "deadlock");
	assert_non_null(strstr(m->result.deadlock, "circular wait from "));
	assert_non_null(strstr(m->result.deadlock, "frame 1 first"));
	assert_int_equal(m->stats.tx.unsent_frames, FRAMES);
	assert_int_equal(m->books.tx_level.now, FRAMES);
	machine_free(m);
	/* One at a time, the same frames in the same pool. */
	m = run_tx("gbe-32bit", PLAIN, SHORT_POOL, "ndis5-sg", frames);
	assert_string_not_equal(m->result.status, "deadlock");
	assert_int_equal(m->stats.tx.completed_frames, FRAMES);
	machine_free(m);
	/* The array in a pool that holds it. */
	m = run_tx("gbe-32bit", PLAIN,
		   "hal.pool=256 hal.pool_cap=256 "
		   "host.ram=64GiB",
		   "ndis5-mapall", frames);
	assert_int_equal(m->stats.tx.completed_frames, FRAMES);
	machine_free(m);
	free(frames);
}

static void a_list_at_a_time_deadlocks_too(void **state)
{
	struct frame *frames = bursts(1400, 30, 5000 * PS_PER_US, true);
	struct machine *m;

	(void)state;
	m = run_tx("gbe-32bit", PLAIN, SHORT_POOL, "ndis6-sg", frames);
	assert_int_equal(m->stats.tx.completed_frames, FRAMES);
	assert_int_equal(m->stats.tx.sends, FRAMES / 30);
	machine_free(m);
	m = run_tx("gbe-32bit", PLAIN, SHORT_POOL " tx.submit=nbl", "ndis6-sg",
		   frames);
	assert_string_equal(m->result.status, "deadlock");
	machine_free(m);
	free(frames);
}

/* --- without registers --- */

static void what_does_not_wait_copies_or_keeps(void **state)
{
	struct frame *frames = bursts(1400, 30, 5000 * PS_PER_US, false);
	struct machine *m;

	(void)state;
	m = run_tx("gbe-32bit", PLAIN, SHORT_POOL, "wdm-sg", frames);
	assert_int_equal(m->stats.hal.map_register_waits, 0);
	assert_true(m->stats.tx.copied_frames > 0);
	assert_int_equal(m->stats.tx.completed_frames, FRAMES);
	machine_free(m);
	m = run_tx("gbe-32bit", PLAIN, SHORT_POOL " tx.wdm_shortage=queue",
		   "wdm-sg", frames);
	assert_int_equal(m->stats.tx.copied_frames, 0);
	assert_int_equal(m->stats.tx.completed_frames, FRAMES);
	assert_true(m->stats.tx_stage[TX_MAP_WAIT].sum > 0);
	assert_int_equal(m->result.routines[R_BUILD_LIST_EX - 1].wait_ps,
			 m->stats.tx_stage[TX_MAP_WAIT].sum);
	machine_free(m);
	m = run_tx("gbe-32bit", PLAIN, SHORT_POOL " tx.wdm_shortage=cancel",
		   "wdm-sg", frames);
	assert_true(calls(m, R_CANCEL_CHANNEL) > 0);
	assert_int_equal(calls(m, R_CANCEL_CHANNEL), m->stats.tx.copied_frames);
	assert_int_equal(m->stats.tx.completed_frames, FRAMES);
	machine_free(m);
	free(frames);
}

static void larger_pools_never_raise_waits(void **state)
{
	static const char *const strategies[] = { "ndis5-sg", "ndis6-sg",
						  "wdf-sg", "wdf-packet" };
	static const char *const pools[] = { "hal.pool=20 hal.pool_cap=20",
					     "hal.pool=32 hal.pool_cap=32",
					     "hal.pool=48 hal.pool_cap=48",
					     "hal.pool=96 hal.pool_cap=96" };
	struct frame *frames = bursts(1400, 30, 5000 * PS_PER_US, false);
	size_t i, pool;

	(void)state;
	for (i = 0; i < 4; i++) {
		uint64_t last = UINT64_MAX, first = 0;

		for (pool = 0; pool < 4; pool++) {
			struct machine *m =
				run_tx("gbe-32bit",
				       PLAIN " hal.background=0 "
					     "host.ram=64GiB",
				       pools[pool], strategies[i], frames);
			uint64_t waits =
				(uint64_t)m->stats.hal.map_register_wait_ps.sum;

			if (waits > last)
				fail_msg("%s: %s waits longer", strategies[i],
					 pools[pool]);
			last = waits;
			first = pool ? first : waits;
			machine_free(m);
		}
		/* One transaction at a time needs few registers. */
		if (strcmp(strategies[i], "wdf-packet") != 0)
			assert_true(first > last);
	}
	free(frames);
}

/* --- one each --- */

static void premapped_is_the_floor(void **state)
{
	static const char *const presets[] = { "gbe-32bit", "xge-64bit",
					       "xge-strict" };
	struct frame *frames = bursts(900, 1, 100 * PS_PER_US, false);
	size_t preset, i;

	(void)state;
	for (preset = 0; preset < 3; preset++) {
		struct machine *floor =
			run_tx(presets[preset], PLAIN, "layout.mdl=linear",
			       "premapped", frames);

		for (i = 0; i < sizeof(happy) / sizeof(happy[0]); i++) {
			struct machine *m = run_tx(presets[preset], PLAIN,
						   "layout.mdl=linear",
						   happy[i].tx, frames);

			if (m->stats.tx.driver_cycles <
			    floor->stats.tx.driver_cycles)
				fail_msg("%s, %s: below the floor",
					 presets[preset], happy[i].tx);
			machine_free(m);
		}
		machine_free(floor);
	}
	free(frames);
}

static uint64_t hazard(const struct machine *m, const char *name)
{
	size_t i;

	for (i = 0; i < m->result.hazard_count; i++)
		if (!strcmp(m->result.hazards[i].name, name))
			return m->result.hazards[i].count;
	fail_msg("no hazard %s", name);
	return 0;
}

static void walking_mdls_is_a_hazard(void **state)
{
	struct frame *frames = bursts(900, 1, 100 * PS_PER_US, false);
	struct machine *m;

	(void)state;
	m = run_tx("gbe-32bit", PLAIN, "", "mdl-walk", frames);
	assert_true(hazard(m, "oob_dma") > 0);
	assert_int_equal(hazard(m, "iommu_fault"), 0);
	machine_free(m);
	m = run_tx("gbe-32bit", PLAIN, "host.ram=2GiB", "mdl-walk", frames);
	assert_int_equal(hazard(m, "oob_dma"), 0);
	machine_free(m);
	m = run_tx("xge-strict", PLAIN, "", "mdl-walk", frames);
	assert_int_equal(hazard(m, "oob_dma"), 0);
	assert_int_equal(hazard(m, "iommu_fault"), FRAMES);
	machine_free(m);
	free(frames);
}

static void headers_are_copied_and_the_payload_mapped(void **state)
{
	struct frame *frames = bursts(900, 1, 100 * PS_PER_US, false);
	struct machine *m = run_tx("xge-64bit", PLAIN, "layout.merge=100%",
				   "ndis6-headers", frames);

	(void)state;
	assert_int_equal(m->stats.cpu.copied_bytes, FRAMES * 54);
	assert_int_equal(m->stats.hal.mapped_bytes, FRAMES * (900 - 54));
	assert_int_equal(m->stats.tx.descriptors, 2 * FRAMES);
	machine_free(m);
	free(frames);
}

/* The 64 real registers of a miniport, by the size of the largest buffer. */
static void base_registers_are_few(void **state)
{
	static const struct {
		const char *pairs;
		unsigned registers;
	} rows[] = {
		{ "tx.base_registers=64", 64 },
		{ "tx.base_registers=8", 16 },
		{ "tx.base_registers=64 hal.max_mapping=4098B", 63 },
		{ "tx.base_registers=64 hal.max_mapping=9014B", 64 },
	};
	struct frame *frames = bursts(900, 1, 100 * PS_PER_US, false);
	struct machine *m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		m = run_tx("gbe-32bit", PLAIN " hal.pool=512 hal.pool_cap=512",
			   rows[i].pairs, "ndis5-mapreg", frames);

		assert_int_equal(m->hal.reserved, rows[i].registers);
		machine_free(m);
	}
	/* Two buffers a frame: one register is none, the driver copies. */
	m = run_tx("gbe-32bit", PLAIN, "tx.base_registers=1", "ndis5-mapreg",
		   frames);
	assert_int_equal(m->stats.tx.copied_frames, FRAMES);
	machine_free(m);
	free(frames);
}

static void base_registers_bound_what_is_in_flight(void **state)
{
	struct frame *frames = bursts(900, 30, 5000 * PS_PER_US, false);
	struct machine *m = run_tx("gbe-32bit", PLAIN,
				   "tx.base_registers=8 "
				   "layout.merge=100% host.ram=2GiB",
				   "ndis5-mapreg", frames);

	(void)state;
	/* Two buffers a frame: four frames, a descriptor a buffer. */
	assert_int_equal(m->stats.tx.ring_used.max, 8);
	assert_int_equal(m->stats.hal.map_register_waits, 0);
	assert_true(m->stats.tx_stage[TX_MAP_WAIT].sum > 0);
	machine_free(m);
	free(frames);
}

static void transactions_by_profile(void **state)
{
	struct frame *frames = bursts(900, 10, 5000 * PS_PER_US, false);
	struct machine *reuse, *create, *m;

	(void)state;
	m = run_tx("xge-64bit", PLAIN, "", "wdf-packet", frames);
	assert_int_equal(m->stats.tx.ring_used.max, 1);
	assert_int_equal(calls(m, R_ALLOCATE_CHANNEL), FRAMES);
	machine_free(m);
	m = run_tx("xge-64bit", PLAIN, "tx.wdf_version=3 tx.wdf_reserve=yes",
		   "wdf-packet", frames);
	assert_int_equal(calls(m, R_ALLOCATE_CHANNEL), 0);
	assert_int_equal(calls(m, R_WDF_RESERVE), 1);
	assert_int_equal(calls(m, R_HAL_LOCK), 0);
	machine_free(m);
	reuse = run_tx("xge-64bit", PLAIN, "", "wdf-sg", frames);
	create = run_tx("xge-64bit", PLAIN, "tx.wdf_transactions=create",
			"wdf-sg", frames);
	assert_true(reuse->stats.tx.ring_used.max > 2);
	assert_int_equal(create->stats.tx.driver_cycles -
				 reuse->stats.tx.driver_cycles,
			 1500ull * FRAMES);
	assert_int_equal(reuse->adapters[0].tx[0].ring_size, 4096);
	machine_free(reuse);
	machine_free(create);
	free(frames);
}

/* Worked examples of transfers that are cut. */
static void short_registers_make_several_transfers(void **state)
{
	(void)state;
	assert_int_equal(tx_transfers(12 * 4096, 12, 5), 3);
	assert_int_equal(tx_transfers(60000, 16, 16), 1);
	assert_int_equal(tx_transfers(60000, 17, 16), 2); /* by MDLs */
	assert_int_equal(tx_transfers(61440, 16, 16), 1);
	assert_int_equal(tx_transfers(61441, 16, 16), 2);
	assert_int_equal(tx_transfers(64000, 16, 16), 2); /* 61,440 + 2,560 */
	assert_int_equal(tx_transfers(8192, 2, 1), 2);
	assert_int_equal(tx_transfers(65536, 17, UINT32_MAX), 1);
}

static void netadaptercx_bounces_whole_packets(void **state)
{
	struct frame *frames = bursts(900, 4, 200 * PS_PER_US, false);
	struct machine *m =
		run_tx("gbe-32bit", PLAIN, "", "netadaptercx", frames);

	(void)state;
	assert_int_equal(m->stats.hal.bounced_bytes, 0);
	assert_true(m->stats.tx.copied_frames > 0);
	assert_true(m->stats.tx.mapped_frames > 0);
	assert_int_equal(m->stats.tx.copied_frames + m->stats.tx.mapped_frames,
			 FRAMES);
	assert_int_equal(m->stats.cpu.copied_bytes,
			 m->stats.tx.copied_frames * 900);
	assert_int_equal(calls(m, R_CX_BOUNCE), m->stats.tx.copied_frames);
	machine_free(m);
	m = run_tx("xge-64bit", PLAIN, "tx.cx_bounce=always", "netadaptercx",
		   frames);
	assert_int_equal(m->stats.tx.copied_frames, FRAMES);
	machine_free(m);
	free(frames);
	/* Three pages, one fragment. */
	frames = bursts(9014, 4, 200 * PS_PER_US, false);
	m = run_tx("xge-64bit", PLAIN,
		   "tx.cx_bounce=always traffic.mtu=9000B rx.buffer=16KiB "
		   "nic.sg_elements=2 tx.copy_pages=8",
		   "netadaptercx", frames);
	assert_int_equal(m->stats.tx.copied_frames, FRAMES);
	assert_int_equal(m->stats.tx.descriptors, FRAMES);
	machine_free(m);
	free(frames);
}

static void the_controller_moves_one_frame_at_a_time(void **state)
{
	struct frame *frames = bursts(1000, 10, 20000 * PS_PER_US, false);
	struct machine *m = run_tx("gbe-32bit", PLAIN,
				   "nic.dma_width=24 tx.slave_rate=32Mbps",
				   "ndis4-slave", frames);
	/* 1,000 bytes at 32 Mb/s. */
	const uint64_t transfer = 250 * PS_PER_US;

	(void)state;
	assert_int_equal(calls(m, R_SETUP_TRANSFER), FRAMES);
	assert_int_equal(calls(m, R_COMPLETE_TRANSFER), FRAMES);
	assert_int_equal(calls(m, R_READ_COUNTER), FRAMES);
	assert_int_equal(m->stats.tx.descriptors, 0);
	assert_int_equal(m->stats.hal.bounced_bytes, FRAMES * 1000);
	assert_int_equal(m->stats.tx_stage[TX_DATA].min, transfer);
	assert_int_equal(m->stats.tx_stage[TX_DATA].max, transfer);
	/* The tenth of a burst waits for nine. */
	assert_true(m->stats.tx_stage[TX_MAP_WAIT].max > 9 * transfer);
	assert_int_equal(m->stats.tx.fifo_bytes.max, 1000);
	machine_free(m);
	free(frames);
}

static void cards_that_do_not_fit_are_refused(void **state)
{
	static const struct {
		const char *tx, *pairs, *why;
	} rows[] = {
		{ "ndis4-slave", "", "nic.dma_width=24" },
		{ "ndis4-slave", "nic.dma_width=24 nic.lso=yes", "nic.lso=no" },
		{ "ndis4-slave", "nic.dma_width=24 nic.queues=2",
		  "nic.queues=1" },
		{ "ndis5-sg", "nic.dma_width=24", "nic.dma_width=32" },
		{ "ndis5-mapreg", "nic.dma_width=36", "nic.dma_width=32" },
		{ "wdf-sg", "nic.dma_width=24", "nic.dma_width=64" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config *cfg = fix_config(NULL, rows[i].pairs);
		struct machine_options options = {
			.tx = tx_ops_find(rows[i].tx),
			.rx = rx_ops_find("null"),
		};
		struct err err = ERR_INIT;

		assert_null(machine_new(cfg, &options, &err));
		if (!strstr(err.text, rows[i].why))
			fail_msg("%s: %s", rows[i].tx, err.text);
		config_free(cfg);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_happy_path_by_counts),
		cmocka_unit_test(ndis5_without_penalties_is_ndis6),
		cmocka_unit_test(every_penalty_of_ndis5_costs_cycles),
		cmocka_unit_test(ndis5_copies_when_it_can),
		cmocka_unit_test(excessive_fragments_are_copied_twice),
		cmocka_unit_test(an_array_at_a_time_deadlocks),
		cmocka_unit_test(a_list_at_a_time_deadlocks_too),
		cmocka_unit_test(what_does_not_wait_copies_or_keeps),
		cmocka_unit_test(larger_pools_never_raise_waits),
		cmocka_unit_test(premapped_is_the_floor),
		cmocka_unit_test(walking_mdls_is_a_hazard),
		cmocka_unit_test(headers_are_copied_and_the_payload_mapped),
		cmocka_unit_test(base_registers_are_few),
		cmocka_unit_test(base_registers_bound_what_is_in_flight),
		cmocka_unit_test(transactions_by_profile),
		cmocka_unit_test(short_registers_make_several_transfers),
		cmocka_unit_test(netadaptercx_bounces_whole_packets),
		cmocka_unit_test(the_controller_moves_one_frame_at_a_time),
		cmocka_unit_test(cards_that_do_not_fit_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
