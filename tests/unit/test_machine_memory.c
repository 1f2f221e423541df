/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where frames lie and what follows from it: strategies that degenerate to one
 * another, bounced registers and bytes against page lists walked here, and a
 * machine's own memory.
 */
#include "tests/unit/machine_fixture.h"

#if HAVE_JEMALLOC
#include <jemalloc/jemalloc.h>
#endif

#include "models/machine.h"
#include "traces/params.h"

/* --- strategies that are others --- */

/* Set-up differs: the hybrid always has copy buffers. */
#define SETUP_METRICS \
	"memory.common_buffers memory.common_buffer_bytes memory.pinned_bytes"

static const char *const presets[] = { "gbe-32bit", "xge-64bit", "xge-strict" };
static const char *const layouts[] = { "layout.mdl=split", "layout.mdl=linear",
				       "layout.mdl=fragments" };

static void assert_equal_strategies(const char *hybrid, const char *other)
{
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = 1200,
		.seed = 3,
		.tx_ppm = 600000,
		.gap = 9 * PS_PER_US,
		.poisson = true,
		.min = 60,
		.max = 1514,
		.flows = 5,
	});
	size_t preset, layout;

	for (preset = 0; preset < 3; preset++)
		for (layout = 0; layout < 3; layout++) {
			struct config *cfg = fix_config(presets[preset], "");
			struct machine *a, *b;

			fix_set(cfg, layouts[layout]);
			fix_set(cfg, hybrid);
			a = fix_run(cfg, "ndis6-hybrid", "copybreak", frames,
				    1200);
			b = fix_run(cfg, other, "copybreak", frames, 1200);
			fix_assert_same(a, b, SETUP_METRICS);
			assert_true(a->result.fingerprint ==
				    b->result.fingerprint);
			assert_int_equal(a->stats.tx.completed_frames,
					 a->stats.tx.offered_frames);
			machine_free(a);
			machine_free(b);
			config_free(cfg);
		}
	free(frames);
}

static void hybrid_without_copies_is_sg(void **state)
{
	(void)state;
	assert_equal_strategies("tx.copy_threshold=0B tx.max_elements=256",
				"ndis6-sg");
}

static void hybrid_that_copies_all_is_copy(void **state)
{
	(void)state;
	assert_equal_strategies("tx.copy_threshold=64KiB tx.max_elements=256",
				"ndis6-copy");
}

/* And in between it is neither. */
static void hybrid_in_between_differs(void **state)
{
	struct config *cfg = fix_config("gbe-32bit", "");
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = 200,
		.seed = 3,
		.tx_ppm = 1000000,
		.gap = 20 * PS_PER_US,
		.min = 60,
		.max = 1514,
	});
	struct machine *m = fix_run(cfg, "ndis6-hybrid", "null", frames, 200);
	uint64_t below = 0;
	size_t i;

	(void)state;
	for (i = 0; i < 200; i++)
		below += frames[i].bytes <= 256;
	assert_int_equal(m->stats.tx.copied_frames, below);
	assert_int_equal(m->stats.tx.mapped_frames, 200 - below);
	machine_free(m);
	config_free(cfg);
	free(frames);
}

/* --- where the card reads --- */

/* A file is in DRAM; what NDIS has copied of it is in a cache. */
static void a_copy_for_want_of_elements_is_read_warm(void **state)
{
	struct config *cfg = fix_config("xge-64bit", "");
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = 200,
		.seed = 3,
		.tx_ppm = 1000000,
		.gap = 20 * PS_PER_US,
		.min = 60,
		.max = 1514,
	});
	struct machine *m;

	(void)state;
	fix_set(cfg, "layout.tx_source=file layout.mdl=fragments");
	fix_set(cfg, "nic.sg_elements=4");
	m = fix_run(cfg, "ndis6-sg", "null", frames, 200);
	assert_in_range(m->stats.tx.fallback_frames, 1, 199);
	assert_int_equal(m->stats.memory.reads_warm,
			 m->stats.tx.fallback_frames);
	assert_int_equal(m->stats.memory.reads_cold,
			 200 - m->stats.tx.fallback_frames);
	machine_free(m);
	config_free(cfg);
	free(frames);
}

/* --- an oracle of bounced pages --- */

struct bounced {
	uint64_t pages, pages_out, bytes, bytes_out;
};

/* Walk @bytes from @offset of the slot's pages, byte ranges page by page. */
static void walk(struct bounced *sum, const uint64_t *pfn, uint64_t offset,
		 uint64_t bytes, uint64_t reach)
{
	while (bytes) {
		uint64_t in_page = 4096 - offset % 4096;
		uint64_t take = bytes < in_page ? bytes : in_page;
		uint64_t address = pfn[offset / 4096] * 4096 + offset % 4096;
		bool out = address + take - 1 >= reach;

		sum->pages++;
		sum->pages_out += out;
		sum->bytes += take;
		sum->bytes_out += out ? take : 0;
		offset += take;
		bytes -= take;
	}
}

static const struct memory_case {
	const char *width, *ram;
	unsigned bits;
	double share; /* of pages out of reach */
} memory_cases[] = {
	{ "nic.dma_width=32", "host.ram=8GiB", 32, 0.625 },
	{ "nic.dma_width=32", "host.ram=4GiB", 32, 0.25 },
	{ "nic.dma_width=32", "host.ram=3GiB", 32, 0 },
	{ "nic.dma_width=32", "host.ram=64GiB", 32, 61.0 / 64 },
	{ "nic.dma_width=30", "host.ram=8GiB", 30, 7.0 / 8 },
	{ "nic.dma_width=33", "host.ram=8GiB", 33, 1.0 / 8 },
	{ "nic.dma_width=36", "host.ram=64GiB", 36, 1.0 / 64 },
	{ "nic.dma_width=40", "host.ram=64GiB", 40, 0 },
	{ "nic.dma_width=64", "host.ram=64GiB", 64, 0 },
};

#define ROOMY "hal.pool=16384 hal.pool_cap=16384 hal.background=0 "
#define SENDS 2000

static struct frame *sparse(uint64_t tx_ppm, size_t count)
{
	return fix_traffic(&(struct fix_traffic){
		.count = count,
		.seed = 8,
		.tx_ppm = tx_ppm,
		.gap = 200 * PS_PER_US,
		.min = 60,
		.max = 1514,
		.flows = 4,
	});
}

static struct config *memory_config(const struct memory_case *c,
				    const char *more)
{
	struct config *cfg = fix_config("gbe-32bit", more);

	fix_set(cfg, c->width);
	fix_set(cfg, c->ram);
	return cfg;
}

/* Sends: the n-th frame lies in the n-th header and payload slot. */
static void sent_pages_bounce_as_listed(void **state)
{
	struct frame *frames = sparse(1000000, SENDS);
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(memory_cases) / sizeof(memory_cases[0]); i++) {
		const struct memory_case *c = &memory_cases[i];
		struct config *cfg = memory_config(c, ROOMY);
		struct machine *m =
			fix_run(cfg, "ndis6-sg", "null", frames, SENDS);
		uint64_t reach =
			c->bits == 64 ? UINT64_MAX : UINT64_C(1) << c->bits;
		struct bounced sum = { 0 };
		double share;

		for (n = 0; n < SENDS; n++) {
			uint64_t h = n % m->headers.slots;
			uint64_t p = n % m->payloads.slots;

			walk(&sum,
			     m->headers.pfn + h * m->headers.pages_per_slot,
			     m->headers.offset[h], 54, reach);
			walk(&sum,
			     m->payloads.pfn + p * m->payloads.pages_per_slot,
			     m->payloads.offset[p], frames[n].bytes - 54,
			     reach);
		}
		assert_int_equal(m->stats.hal.map_registers_bounced,
				 sum.pages_out);
		assert_int_equal(m->stats.hal.bounced_bytes, sum.bytes_out);
		assert_int_equal(m->stats.cpu.bounce_copied_bytes,
				 sum.bytes_out);
		assert_int_equal(m->stats.hal.mapped_bytes, sum.bytes);
		assert_int_equal(m->stats.hal.map_registers_granted,
				 c->bits == 64 ? 0 : sum.pages);
		share = (double)sum.pages_out / (double)sum.pages;
		if (share < c->share - 0.06 || share > c->share + 0.06)
			fail_msg("%s %s: share %.3f, expected %.3f", c->width,
				 c->ram, share, c->share);
		machine_free(m);
		config_free(cfg);
	}
	free(frames);
}

/* Receives: buffers go round; registers count per mapping, bytes per frame. */
static void received_pages_bounce_as_listed(void **state)
{
	enum { FRAMES = 700 };
	struct frame *frames = sparse(0, FRAMES);
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(memory_cases) / sizeof(memory_cases[0]); i++) {
		const struct memory_case *c = &memory_cases[i];
		struct config *cfg = memory_config(
			c, ROOMY "nic.rx_ring=256 rx.hold_share=0% "
				 "nic.rx_tail_batch=1");
		struct machine *m = fix_run(cfg, "null", "sg", frames, FRAMES);
		const struct buffer_pool *pool = &m->adapters[0].rx[0].pool;
		uint64_t reach =
			c->bits == 64 ? UINT64_MAX : UINT64_C(1) << c->bits;
		struct bounced mapped = { 0 }, touched = { 0 };

		for (n = 0; n < 256 + FRAMES; n++) {
			size_t slot = n % 256;

			walk(&mapped, pool->pfn + slot * pool->pages_per_slot,
			     pool->offset[slot], 2048, reach);
			if (n < FRAMES)
				walk(&touched,
				     pool->pfn + slot * pool->pages_per_slot,
				     pool->offset[slot], frames[n].bytes,
				     reach);
		}
		assert_int_equal(m->stats.hal.map_registers_bounced,
				 mapped.pages_out);
		assert_int_equal(m->stats.hal.bounced_bytes, touched.bytes_out);
		assert_int_equal(m->stats.hal.mapped_bytes, mapped.bytes);
		machine_free(m);
		config_free(cfg);
	}
	free(frames);
}

/*
 * Example 7: what lies out of reach is copied at the flush, not at the map.
 * The buffer spans two pages, the second above 4 GiB.
 */
static void a_received_page_bounces_at_flush(void **state)
{
	struct config *cfg = fix_config("gbe-32bit", ROOMY
					"rx.buffer=8KiB rx.hold_share=0% "
					"nic.rx_ring=8 rx.low_watermark=0%");
	struct machine *m =
		fix_machine(cfg, (struct machine_options){ 0 }, "null", "sg");
	struct rx_queue *queue = &m->adapters[0].rx[0];
	struct frame frame = { .number = 1,
			       .bytes = 4096 + 436,
			       .header_bytes = 54,
			       .direction = FRAME_RX };
	uint64_t mapped;

	(void)state;
	queue->pool.pfn[0] = 9;
	queue->pool.pfn[1] = (UINT64_C(1) << 20) + 3;
	queue->buffers[0].sg.bounced_pages = 1;
	mapped = m->stats.hal.bounced_bytes;
	assert_int_equal(mapped, 0);
	machine_feed(m, &frame, 1);
	machine_finish(m);
	fix_check(m);
	assert_int_equal(m->stats.hal.bounced_bytes, 436);
	assert_int_equal(m->stats.rx.delivered_bytes, 4096 + 436);
	machine_free(m);
	config_free(cfg);
}

/* On the presets as they are. */
static void presets_bounce_or_do_not(void **state)
{
	struct frame *frames = sparse(500000, SENDS);
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct config *cfg = fix_config(presets[i], "");
		struct machine *m =
			fix_run(cfg, "ndis6-sg", "sg", frames, SENDS);
		const struct hal_stats *hal = &m->stats.hal;

		if (i) {
			assert_int_equal(hal->map_registers_granted, 0);
			assert_int_equal(hal->map_registers_bounced, 0);
			assert_int_equal(hal->bounced_bytes, 0);
		} else {
			assert_true(fix_near(
				(double)hal->map_registers_bounced,
				0.625 * (double)hal->map_registers_granted,
				60000));
			assert_true(hal->bounced_bytes > 0);
		}
		machine_free(m);
		config_free(cfg);
	}
	free(frames);
}

/* --- the machine's own memory --- */

#if HAVE_JEMALLOC
static uint64_t *allocated(void)
{
	uint64_t *bytes;
	size_t size = sizeof(bytes);

	assert_int_equal(mallctl("thread.allocatedp", &bytes, &size, NULL, 0),
			 0);
	return bytes;
}

/*
 * What grows with the extremes of a run and not with its length: buckets of
 * histograms, slabs of pools, room for events.
 */
static uint64_t extremes(const struct machine *m)
{
	const struct pool *pools[] = {
		&m->segments,
		&m->tx_frames,
		&m->rx_frames,
		&m->nbls,
		&m->groups,
		&m->calls,
		&m->returns,
		&m->late_frames,
		&m->iommu.iova.ranges,
		&m->iommu.exposed_pool,
		&m->adapters[0].engine.writes_pool,
	};
	const struct pcie *pcie = &m->adapters[0].pcie;
	uint64_t sum = kernel_bytes(&m->kernel) + m->intake.held_room +
		       pcie->reads_pool.slab_count +
		       pcie->writes_pool.slab_count + pcie->requests.slab_count;
	const struct metric *row;
	size_t i;

	for (i = 0; i < sizeof(pools) / sizeof(pools[0]); i++)
		sum += pools[i]->slab_count;
	for (i = 0; i < TX_STAGES; i++)
		sum += m->stats.tx_stage[i].bucket_count;
	for (i = 0; i < RX_STAGES; i++)
		sum += m->stats.rx_stage[i].bucket_count;
	for (row = machine_metrics; row->name; row++) {
		const void *value = metric_value(row, &m->stats);

		if (row->kind == METRIC_HIST)
			sum += ((const struct hist *)value)->bucket_count;
		else if (row->kind == METRIC_GAUGE)
			sum += ((const struct gauge *)value)
				       ->by_time.bucket_count;
	}
	return sum;
}

enum { STEADY_FRAMES = 3000, PASSES = 10 };

/* Passes over the same load without and with new extremes, into @calm. */
static void feed_passes(struct machine *m, struct frame *frames, unsigned *calm)
{
	const sim_time span = STEADY_FRAMES * 12 * PS_PER_US;
	size_t pass, i;

	for (pass = 0; pass < PASSES; pass++) {
		uint64_t before = *allocated(), grown = extremes(m);

		machine_feed(m, frames, STEADY_FRAMES);
		if (extremes(m) == grown) {
			assert_int_equal(*allocated() - before, 0);
			++*calm;
		}
		for (i = 0; i < STEADY_FRAMES; i++)
			frames[i].at += span;
	}
	for (i = 0; i < STEADY_FRAMES; i++)
		frames[i].at -= PASSES * span;
}
#endif

/* A pass that meets no new extreme allocates nothing at all. */
static void steady_state_allocates_nothing(void **state)
{
#if HAVE_JEMALLOC
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = STEADY_FRAMES,
		.seed = 4,
		.tx_ppm = 500000,
		.gap = 12 * PS_PER_US,
		.min = 60,
		.max = 1514,
		.flows = 6,
	});
	unsigned calm, runs = 0, all = 0;
	size_t preset, tx, rx;

	(void)state;
	for (preset = 0; preset < 3; preset++)
		for (tx = 0; tx_registry[tx]; tx++)
			for (rx = 0; rx_registry[rx]; rx++) {
				struct config *cfg = fix_config(
					presets[preset], "host.dpc_p99=1.53us "
							 "rx.hold_p99=50us");
				struct machine *m;

				if (!fix_applies(cfg, tx_registry[tx],
						 rx_registry[rx])) {
					config_free(cfg);
					continue;
				}
				m = fix_machine(cfg,
						(struct machine_options){ 0 },
						tx_ops_name(tx_registry[tx]),
						rx_ops_name(rx_registry[rx]));
				runs++;
				calm = 0;
				feed_passes(m, frames, &calm);
				machine_finish(m);
				fix_check(m);
				/* What only grows is never calm. */
				if (strcmp(m->result.status, "saturated") != 0)
					assert_true(calm > 0);
				all += calm;
				machine_free(m);
				config_free(cfg);
			}
	assert_true(all > runs * PASSES / 2);
	free(frames);
#else
	(void)state;
	skip();
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hybrid_without_copies_is_sg),
		cmocka_unit_test(hybrid_that_copies_all_is_copy),
		cmocka_unit_test(hybrid_in_between_differs),
		cmocka_unit_test(a_copy_for_want_of_elements_is_read_warm),
		cmocka_unit_test(sent_pages_bounce_as_listed),
		cmocka_unit_test(received_pages_bounce_as_listed),
		cmocka_unit_test(a_received_page_bounces_at_flush),
		cmocka_unit_test(presets_bounce_or_do_not),
		cmocka_unit_test(steady_state_allocates_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
