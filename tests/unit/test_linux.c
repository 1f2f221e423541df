/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Linux strategies: what they call by hand, the limits at which they are
 * one of Windows', and what a failed mapping does.
 */
#include "tests/unit/machine_fixture.h"

#include <stdio.h>

#include "models/nic/nic_rx.h"
#include "traces/params.h"

#define FRAMES 400
#define HELD                                                     \
	"nic.rx_ring=32 rx.hold_share=100% rx.hold_median=10ms " \
	"rx.hold_p99=10ms rx.linux_pages="

static struct machine *run(const char *preset, const char *pairs,
			   const char *tx, const char *rx, uint64_t tx_ppm,
			   uint32_t bytes, sim_time gap)
{
	struct config *cfg = fix_config(preset, pairs);
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 1,
		.tx_ppm = tx_ppm,
		.gap = gap,
		.min = bytes,
		.max = bytes,
		.flows = 4,
	});
	struct machine *m = fix_run(cfg, tx, rx, frames, FRAMES);

	free(frames);
	config_free(cfg);
	return m;
}

static struct machine *send_frames(const char *preset, const char *pairs,
				   const char *tx)
{
	return run(preset, pairs, tx, "null", 1000000, 1000, 20 * PS_PER_US);
}

static struct machine *receive_frames(const char *preset, const char *pairs,
				      const char *rx, uint32_t bytes)
{
	return run(preset, pairs, "null", rx, 0, bytes, 20 * PS_PER_US);
}

static uint64_t calls_of(const struct machine *m, enum routine routine)
{
	return m->result.routines[routine - 1].calls;
}

/* Headers and payload: two fragments, two calls each way, nothing else. */
static void a_fragment_is_a_call(void **state)
{
	struct machine *m = send_frames("xge-64bit", "", "linux-map");

	(void)state;
	assert_int_equal(calls_of(m, R_DMA_MAP), 2 * FRAMES);
	assert_int_equal(calls_of(m, R_DMA_UNMAP), 2 * FRAMES);
	assert_int_equal(calls_of(m, R_XMIT), FRAMES);
	assert_int_equal(calls_of(m, R_CONSUME), FRAMES);
	assert_int_equal(calls_of(m, R_HAL_LOCK), 0);
	assert_int_equal(calls_of(m, R_LIST_ALLOC), 0);
	assert_int_equal(calls_of(m, R_RAISE_IRQL), 0);
	assert_int_equal(calls_of(m, R_DMA_SET_MASK), 1);
	assert_int_equal(calls_of(m, R_DMA_FREE), calls_of(m, R_DMA_ALLOC));
	machine_free(m);

	m = send_frames("xge-64bit", "layout.mdl=linear", "linux-map");
	assert_int_equal(calls_of(m, R_DMA_MAP), FRAMES);
	machine_free(m);
}

/* Behind an IOMMU each fragment is a range and an invalidation of its own. */
static void a_fragment_is_a_range(void **state)
{
	struct machine *m = send_frames("xge-strict", "", "linux-map");
	struct machine *whole = send_frames("xge-strict", "", "ndis6-sg");

	(void)state;
	assert_int_equal(m->stats.iommu.maps, 2 * FRAMES);
	assert_int_equal(m->stats.iommu.unmaps, 2 * FRAMES);
	assert_int_equal(m->stats.iommu.invalidations, 2 * FRAMES);
	assert_int_equal(m->stats.iommu.mapped_pages.level,
			 whole->stats.iommu.mapped_pages.level);
	assert_int_equal(m->stats.iommu.pages_mapped,
			 whole->stats.iommu.pages_mapped);
	assert_int_equal(whole->stats.iommu.maps, FRAMES);
	assert_int_equal(calls_of(m, R_IOMMU_FLUSH), 2 * FRAMES);
	/* The card looks up each page of its range, once. */
	assert_int_equal(m->stats.iommu.iotlb_misses,
			 whole->stats.iommu.iotlb_misses);
	assert_int_equal(m->stats.iommu.iotlb_hits,
			 whole->stats.iommu.iotlb_hits);
	machine_free(m);
	machine_free(whole);
}

/*
 * In one piece and at the prices of a list it is what NDIS 6 does, but for the
 * callback, and the completion that is once a list there.
 */
static void of_one_piece_it_is_a_list(void **state)
{
	static const char same[] =
		"layout.mdl=linear cost.sg_build=50 cost.sg_page=0 "
		"cost.sg_put=30 cost.sg_put_page=0 cost.process_sg=0 "
		"cost.sg_element=0 cost.raise_irql=0 "
		"hal.personality=modern";
	static const char *const presets[] = { "xge-64bit", "xge-strict",
					       "xge-deferred", "gbe-32bit" };
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct machine *a = send_frames(presets[i], same, "linux-map");
		struct machine *b = send_frames(presets[i], same, "ndis6-sg");

		fix_assert_same(a, b, "");
		machine_free(a);
		machine_free(b);
	}
}

/* Forced, every byte goes through slots; in reach or not. */
static void swiotlb_bounces_all(void **state)
{
	static const char *const personality[] = { "hal.personality=swiotlb",
						   "hal.personality=modern" };
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct machine *m = send_frames("xge-64bit", personality[i],
						"linux-swiotlb");

		assert_int_equal(m->stats.hal.bounced_bytes, 1000 * FRAMES);
		assert_int_equal(m->stats.cpu.bounce_copied_bytes,
				 1000 * FRAMES);
		assert_int_equal(m->stats.tx.failed_frames, 0);
		assert_true(m->stats.hal.map_registers_in_use.max > 0);
		machine_free(m);
	}
}

/* The pool runs dry: frames are dropped, and none waits. */
static void what_fails_is_dropped(void **state)
{
	static const struct {
		const char *preset, *pairs, *tx;
	} rows[] = {
		{ "xge-64bit", "hal.personality=swiotlb", "linux-swiotlb" },
		{ "xge-64bit", "hal.personality=modern", "linux-swiotlb" },
		{ "gbe-32bit", "hal.background=0", "linux-map" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char pairs[120];
		struct machine *m;

		snprintf(pairs, sizeof(pairs),
			 "hal.pool=8 hal.pool_cap=8 host.cores=1 %s",
			 rows[i].pairs);
		m = run(rows[i].preset, pairs, rows[i].tx, "null", 1000000,
			1500, 300 * PS_PER_NS);
		assert_true(m->stats.tx.failed_frames > 0);
		assert_true(m->stats.tx.completed_frames > 0);
		assert_int_equal(m->stats.hal.map_register_waits, 0);
		assert_int_equal(m->stats.tx.completed_frames +
					 m->stats.tx.failed_frames +
					 m->stats.tx.dropped_queue_frames,
				 FRAMES);
		machine_free(m);
	}
}

/* More fragments than the card takes: one copy, mapped as one. */
static void too_many_fragments_are_made_linear(void **state)
{
	struct machine *m = send_frames(
		"xge-64bit",
		"layout.mdl=fragments layout.fragment=64B nic.sg_elements=4",
		"linux-map");

	(void)state;
	assert_int_equal(calls_of(m, R_LINEARIZE), FRAMES);
	assert_int_equal(calls_of(m, R_DMA_UNMAP), FRAMES);
	assert_int_equal(calls_of(m, R_NDIS_FALLBACK), 0);
	assert_int_equal(m->stats.tx.fallback_frames, FRAMES);
	machine_free(m);
}

/* Pages are mapped at set-up, and that is that. */
static void a_page_pool_never_maps(void **state)
{
	struct machine *m =
		receive_frames("xge-strict", "", "linux-page-pool", 1000);

	(void)state;
	assert_int_equal(m->stats.iommu.maps, 0);
	assert_int_equal(m->stats.iommu.unmaps, 0);
	assert_int_equal(calls_of(m, R_DMA_MAP), 0);
	assert_int_equal(calls_of(m, R_DMA_SYNC_CPU), FRAMES);
	assert_int_equal(calls_of(m, R_DMA_SYNC_DEVICE), FRAMES);
	assert_int_equal(calls_of(m, R_PAGE_POOL), FRAMES);
	assert_int_equal(m->stats.rx.copied_frames, 0);
	assert_int_equal(m->stats.rx.resources_frames, 0);
	assert_int_equal(m->stats.rx.handed_up_frames, FRAMES);
	/* 15 cycles a turn, 51 more from another core. */
	assert_int_equal(m->ledger.row[R_PAGE_POOL].cycles, 15 * FRAMES);
	assert_int_equal(m->ledger.row[R_PTR_RING].cycles,
			 51 * calls_of(m, R_PTR_RING));
	machine_free(m);
}

/* Short frames are copied out of buffers that stay mapped, or do not. */
static void copybreak_by_mode(void **state)
{
	struct machine *m;

	(void)state;
	m = receive_frames("xge-strict", "", "linux-copybreak", 256);
	assert_int_equal(m->stats.rx.copied_frames, FRAMES);
	assert_int_equal(m->stats.iommu.maps, 0);
	assert_int_equal(calls_of(m, R_DMA_SYNC_CPU), FRAMES);
	machine_free(m);

	m = receive_frames("xge-strict", "rx.linux_copied=remap",
			   "linux-copybreak", 256);
	assert_int_equal(m->stats.rx.copied_frames, FRAMES);
	assert_int_equal(m->stats.iommu.maps, FRAMES);
	assert_int_equal(m->stats.iommu.unmaps, FRAMES);
	assert_int_equal(calls_of(m, R_DMA_MAP), FRAMES);
	assert_int_equal(calls_of(m, R_DMA_UNMAP), FRAMES);
	assert_int_equal(calls_of(m, R_PAGE_ALLOC), 0);
	machine_free(m);

	m = receive_frames("xge-strict", "", "linux-copybreak", 257);
	assert_int_equal(m->stats.rx.copied_frames, 0);
	assert_int_equal(calls_of(m, R_PAGE_ALLOC), FRAMES);
	assert_int_equal(m->stats.iommu.maps, FRAMES);
	machine_free(m);
}

/* However long the protocol keeps pages, spare ones keep the ring full. */
static void spare_pages_keep_the_ring_full(void **state)
{
	static const char *const rx[] = { "linux-page-pool",
					  "linux-copybreak" };
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct machine *m =
			receive_frames("xge-64bit", HELD "640", rx[i], 1000);

		assert_int_equal(m->stats.rx.delivered_frames, FRAMES);
		assert_true(m->stats.rx.buffers_held.max > 32);
		/* Half of the flows end on the other core. */
		assert_int_equal(calls_of(m, R_PTR_RING) > 0, i == 0);
		machine_free(m);
	}
}

/* Without spare pages it waits for returns, and is full when all are back. */
static void the_ring_waits_for_pages(void **state)
{
	static const struct {
		const char *pairs;
		uint64_t pages;
	} rows[] = { { HELD "32", 32 }, { HELD "40", 40 } };
	static const char *const rx[] = { "linux-page-pool",
					  "linux-copybreak" };
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct machine *m = receive_frames(
			"xge-64bit", rows[i % 2].pairs, rx[i / 2], 1000);

		assert_int_equal(m->stats.rx.buffers_held.max,
				 rows[i % 2].pages);
		assert_int_equal(nic_rx_free(&m->adapters[0].rx[0]), 32);
		machine_free(m);
	}
}

/* A poll takes 64 frames and no more. */
static void napi_has_a_budget(void **state)
{
	static const char *const rx[] = { "linux-page-pool",
					  "linux-copybreak" };
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct machine *m =
			run("xge-64bit",
			    "nic.moderation=100us host.dpc_median=1us "
			    "host.dpc_p99=1us",
			    "null", rx[i], 0, 60, 100 * PS_PER_NS);

		assert_int_equal(m->dpc_budget, 64);
		assert_true(m->stats.cpu.dpc_requeues > 0);
		assert_in_range(m->stats.cpu.frames_per_dpc.max, 1, 64);
		machine_free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fragment_is_a_call),
		cmocka_unit_test(a_fragment_is_a_range),
		cmocka_unit_test(of_one_piece_it_is_a_list),
		cmocka_unit_test(swiotlb_bounces_all),
		cmocka_unit_test(what_fails_is_dropped),
		cmocka_unit_test(too_many_fragments_are_made_linear),
		cmocka_unit_test(a_page_pool_never_maps),
		cmocka_unit_test(copybreak_by_mode),
		cmocka_unit_test(spare_pages_keep_the_ring_full),
		cmocka_unit_test(the_ring_waits_for_pages),
		cmocka_unit_test(napi_has_a_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
