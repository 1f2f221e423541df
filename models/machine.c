/* SPDX-License-Identifier: Apache-2.0 */
#include "models/machine.h"

#include <stdlib.h>
#include <string.h>

#include "models/machine_state.h"
#include "models/ndis/receives.h"
#include "models/ndis/sends.h"
#include "models/nic/moderation.h"
#include "models/nic/nic_rx.h"
#include "models/nic/prefetch.h"
#include "models/outcome.h"
#include "models/watch.h"

/* First width of a series cell: 4,096 of them cover 4 ms, then it doubles. */
#define SERIES_STEP	 (1 * PS_PER_US)
#define PAYLOAD_MAX	 66000u
#define HEADER_SLOT	 256u
#define CONTIGUOUS_SLOTS 64u

static uint32_t ring_mask(uint32_t size)
{
	uint32_t mask = 1;

	while (mask < size)
		mask <<= 1;
	return mask - 1;
}

static void read_law(struct rng_lognormal *law, const struct config *cfg,
		     const char *median, const char *p99)
{
	if (config_u64(cfg, median))
		rng_lognormal_init(law, config_u64(cfg, median),
				   config_u64(cfg, p99));
}

static void read_limits(struct machine *m, const struct config *cfg)
{
	m->queue_limit = (uint32_t)config_u64(cfg, "tx.queue_limit");
	read_law(&m->dpc_law, cfg, "host.dpc_median", "host.dpc_p99");
	m->hold_share_ppm = config_u64(cfg, "rx.hold_share");
	read_law(&m->hold_law, cfg, "rx.hold_median", "rx.hold_p99");
	m->indicate_max = (uint32_t)config_u64(cfg, "rx.indicate_max");
	m->dpc_budget = (uint32_t)config_u64(cfg, "rx.dpc_budget");
	m->requeue_delay = (sim_time)config_u64(cfg, "rx.requeue_delay");
	m->throttle = config_u64(cfg, "rx.throttle");
	m->throttle_delay = (sim_time)config_u64(cfg, "rx.throttle_delay");
	m->return_batch = (uint32_t)config_u64(cfg, "rx.return_batch");
	m->return_wait = (sim_time)config_u64(cfg, "rx.return_wait");
	m->rx_until = SIM_TIME_MAX;
	m->tx_source = (enum tx_source)config_choice(cfg, "layout.tx_source");
	if (m->tx_ops->interface == TX_NDIS6)
		m->tx_submit = (enum tx_submit)config_choice(cfg, "tx.submit");
	/* Map all of a call before any of it is sent. */
	if (m->tx_ops->interface == TX_NDIS6 &&
	    m->inject.kinds & INJECT_BIT(HAZARD_BATCH_MAP))
		m->tx_submit = SUBMIT_CALL;
	m->mdl_layout = (enum layout_mdl)config_choice(cfg, "layout.mdl");
	m->fragment_bytes = (uint32_t)config_u64(cfg, "layout.fragment");
	m->backfill = (uint32_t)config_u64(cfg, "layout.backfill");
	m->warm_up = (sim_time)config_u64(cfg, "run.warmup");
}

static int check_tails(const struct config *cfg, struct err *err)
{
	if (config_u64(cfg, "host.dpc_p99") <
	    config_u64(cfg, "host.dpc_median"))
		return err_set(err, ERR_USAGE,
			       "host.dpc_p99 is below host.dpc_median");
	if (config_u64(cfg, "rx.hold_p99") < config_u64(cfg, "rx.hold_median"))
		return err_set(err, ERR_USAGE,
			       "rx.hold_p99 is below rx.hold_median");
	if (!config_u64(cfg, "rx.hold_median") &&
	    config_u64(cfg, "rx.hold_share"))
		return err_set(err, ERR_USAGE,
			       "rx.hold_median is 0: set rx.hold_share=0 for "
			       "a protocol that keeps nothing");
	return 0;
}

static int check_sizes(const struct config *cfg, struct err *err)
{
	uint64_t mtu = config_u64(cfg, "traffic.mtu");
	uint64_t buffer = config_u64(cfg, "rx.buffer");
	uint64_t offset = config_u64(cfg, "rx.data_offset");

	if (buffer < mtu + 22 + offset)
		return err_set(err, ERR_USAGE,
			       "rx.buffer (%llu bytes) is too small for "
			       "traffic.mtu (%llu): a frame with VLAN tags "
			       "needs %llu",
			       (unsigned long long)buffer,
			       (unsigned long long)mtu,
			       (unsigned long long)(mtu + 22 + offset));
	if (config_u64(cfg, "nic.tx_fifo") < mtu + 22 ||
	    config_u64(cfg, "nic.rx_fifo") < buffer)
		return err_set(err, ERR_USAGE,
			       "nic.tx_fifo and nic.rx_fifo must hold a frame");
	if (config_u64(cfg, "nic.tx_ring") <=
	    config_u64(cfg, "nic.sg_elements"))
		return err_set(err, ERR_USAGE,
			       "nic.tx_ring must exceed nic.sg_elements: else "
			       "a frame may never fit");
	if (config_u64(cfg, "nic.desc_cache") <=
	    config_u64(cfg, "nic.sg_elements"))
		return err_set(err, ERR_USAGE,
			       "nic.desc_cache must exceed nic.sg_elements");
	return 0;
}

/* What no single row's range can say. */
static int check_config(const struct config *cfg, struct err *err)
{
	if (check_tails(cfg, err) < 0 || hal_rules_check(cfg, err) < 0 ||
	    link_check(cfg, err) < 0)
		return -1;
	return check_sizes(cfg, err);
}

/* --- assembling --- */

static int init_pools(struct machine *m, uint32_t sg_room, struct err *err)
{
	size_t tx_size =
		sizeof(struct tx_frame) +
		(sg_room + 1) * sizeof(struct sg_element); /* one cut in two */

	if (pool_init(&m->segments, cpu_segment_size(), 256, err) < 0 ||
	    pool_init(&m->tx_frames, tx_size, 256, err) < 0 ||
	    pool_init(&m->rx_frames, sizeof(struct rx_frame), 256, err) < 0 ||
	    pool_init(&m->nbls, sizeof(struct nbl), 256, err) < 0 ||
	    pool_init(&m->pieces, (sg_room + 1) * sizeof(struct iommu_mapping),
		      64, err) < 0 ||
	    pool_init(&m->groups, sizeof(struct tx_group), 64, err) < 0 ||
	    pool_init(&m->calls, sizeof(struct send_call), 64, err) < 0 ||
	    pool_init(&m->returns, rx_return_size(), 64, err) < 0)
		return -1;
	return pool_init(&m->late_frames, intake_late_size(), 64, err);
}

static int init_host(struct machine *m, const struct config *cfg,
		     struct err *err)
{
	unsigned i;

	m->core_count = (unsigned)config_u64(cfg, "host.cores");
	m->cores =
		arena_take_array(&m->arena, m->core_count, sizeof(*m->cores));
	for (i = 0; i < m->core_count; i++)
		core_init(&m->cores[i], &m->kernel, i, COMP_CORE + i,
			  config_u64(cfg, "host.clock"), &m->segments);
	memory_init(&m->memory, cfg);
	copy_init(&m->copy, cfg);
	if (coherence_init(&m->coherence, &m->stats, cfg, err) < 0)
		return -1;
	ledger_init(&m->ledger, &m->stats, cfg);
	hal_init(&m->hal, &m->kernel, &m->arena, &m->ledger, &m->stats,
		 &m->cores[0], cfg);
	hal_common_init(&m->common, &m->hal, cfg, m->seed, m->replicate);
	rng_stream_init(&m->dpc_delay, m->seed, DRAW_DPC_DELAY, m->replicate);
	rng_stream_init(&m->hold, m->seed, DRAW_HOLD, m->replicate);
	if (hal_neighbour_init(&m->neighbour, &m->hal, cfg, m->seed,
			       m->replicate, err) < 0)
		return -1;
	return iommu_init(&m->iommu, &m->kernel, &m->ledger, &m->stats,
			  &m->arena, cfg, &m->cores[0], m->seed, m->replicate,
			  err);
}

/* The memory of senders: the same for every strategy. */
static void init_layout(struct machine *m, const struct config *cfg)
{
	struct buffer_spec headers = {
		.component = DRAW_TX_HEADERS,
		.slots = (uint32_t)config_u64(cfg, "layout.tx_headers"),
		.bytes = HEADER_SLOT,
		.per_page = HOST_PAGE / HEADER_SLOT,
	};
	struct buffer_spec payloads = {
		.component = DRAW_TX_PAYLOAD,
		.slots = (uint32_t)config_u64(cfg, "layout.tx_buffers"),
		.bytes = 2 * PAYLOAD_MAX,
		.merge_ppm = config_u64(cfg, "layout.merge"),
		.offset = -1,
		.offset_align = 1,
	};
	struct buffer_spec contiguous = {
		.component = DRAW_CONTIGUOUS,
		.slots = CONTIGUOUS_SLOTS,
		.bytes = PAYLOAD_MAX,
		.merge_ppm = 1000000,
	};

	buffer_layout_init(&m->layout, cfg);
	buffer_pool_init(&m->headers, &m->arena, &m->layout, &headers, m->seed,
			 m->replicate);
	buffer_pool_init(&m->payloads, &m->arena, &m->layout, &payloads,
			 m->seed, m->replicate);
	buffer_pool_init(&m->contiguous, &m->arena, &m->layout, &contiguous,
			 m->seed, m->replicate);
}

enum descriptors { DESCRIPTORS_HOST, DESCRIPTORS_DEVICE, DESCRIPTORS_INDIRECT };

static void read_rings(struct adapter *adapter, const struct config *cfg)
{
	unsigned where = config_choice(cfg, "nic.descriptors");

	adapter->device_descriptors = where == DESCRIPTORS_DEVICE;
	adapter->indirect = where == DESCRIPTORS_INDIRECT;
	adapter->suppress = config_bool(cfg, "nic.suppress");
	adapter->completion =
		(enum nic_completion)config_choice(cfg, "nic.completion");
	if (adapter->device_descriptors)
		adapter->completion = COMPLETION_REGISTER;
	adapter->element_writes =
		(uint32_t)config_u64(cfg, "nic.element_writes");
	adapter->fetches = (uint32_t)config_u64(cfg, "nic.fetches");
	adapter->tx_frames = (uint32_t)config_u64(cfg, "nic.tx_frames");
	adapter->tx_doorbell_batch =
		(uint32_t)config_u64(cfg, "nic.tx_doorbell_batch");
	adapter->tx_head_read = (uint32_t)config_u64(cfg, "nic.tx_head_read");
	adapter->rx_head_read = (uint32_t)config_u64(cfg, "nic.rx_head_read");
	adapter->cut_through = (uint32_t)config_u64(cfg, "nic.tx_cut_through");
}

static void read_nic(struct adapter *adapter, const struct config *cfg)
{
	struct machine *m = adapter->m;
	bool translated = iommu_translates(&m->iommu);

	adapter->wire_bps = config_u64(cfg, "nic.wire");
	adapter->sg_room = (uint32_t)config_u64(cfg, "nic.sg_elements");
	adapter->list_elements = (uint32_t)config_u64(cfg, "hal.list_elements");
	if (!adapter->list_elements)
		adapter->list_elements = adapter->sg_room;
	adapter->desc_cache = (uint32_t)config_u64(cfg, "nic.desc_cache");
	adapter->prefetch = (uint32_t)config_u64(cfg, "nic.prefetch");
	adapter->host_threshold =
		(uint32_t)config_u64(cfg, "nic.host_threshold");
	adapter->tx_write_back = (uint32_t)config_u64(cfg, "nic.tx_write_back");
	adapter->rx_write_back = (uint32_t)config_u64(cfg, "nic.rx_write_back");
	adapter->rx_tail_batch = (uint32_t)config_u64(cfg, "nic.rx_tail_batch");
	adapter->tx_fifo_size = config_u64(cfg, "nic.tx_fifo");
	adapter->rx_fifo_size = config_u64(cfg, "nic.rx_fifo");
	adapter->dma_reads = (uint32_t)config_u64(cfg, "nic.dma_reads");
	adapter->isr_reads = (uint32_t)config_u64(cfg, "nic.isr_reads");
	read_rings(adapter, cfg);
	adapter->target = hal_target(&m->hal, translated);
}

/* The descriptors of a ring, in memory of their own. */
static int common_ring(struct machine *m, uint32_t descriptors, struct err *err)
{
	uint64_t bytes = 16ull * descriptors, address;
	uint64_t taken = hal_common_bytes(bytes);

	m->stats.memory.common_buffer_bytes += taken;
	m->stats.memory.pinned_bytes += taken;
	m->stats.memory.page_waste_bytes += taken - bytes;
	return hal_common_alloc(&m->common, bytes, &address, err);
}

static int init_queue(struct adapter *adapter, unsigned index,
		      const struct config *cfg, struct err *err)
{
	struct machine *m = adapter->m;
	struct tx_queue *tx = &adapter->tx[index];
	struct rx_queue *rx = &adapter->rx[index];
	struct vector *vector = &adapter->vectors[index];

	*vector = (struct vector){ .adapter = adapter,
				   .index = index,
				   .core = &m->cores[index % m->core_count],
				   .tx = tx,
				   .rx = rx };
	vector_init(vector, cfg);
	tx->adapter = rx->adapter = adapter;
	tx->m = rx->m = m;
	tx->index = rx->index = index;
	tx->vector = rx->vector = vector;
	tx->ring_size = tx_ring_size(m->tx_ops, cfg);
	tx->prefetch.ring_size = tx->ring_size;
	prefetch_init(&tx->prefetch, adapter, &m->arena);
	tx->prefetch.fetch_max = (uint32_t)config_u64(cfg, "nic.fetch_max");
	tx->slot_mask = ring_mask(tx->ring_size);
	tx->slot = arena_take_array(&m->arena, (size_t)tx->slot_mask + 1,
				    sizeof(struct tx_frame *));
	rx->ring_size = (uint32_t)config_u64(cfg, "nic.rx_ring");
	rx->prefetch.ring_size = rx->ring_size;
	prefetch_init(&rx->prefetch, adapter, &m->arena);
	rx->prefetch.fetch_max = (uint32_t)config_u64(cfg, "nic.rx_fetch_max");
	if (!rx->prefetch.fetch_max)
		rx->prefetch.fetch_max = tx->prefetch.fetch_max;
	rx->slot_mask = ring_mask(rx->ring_size);
	rx->slot = arena_take_array(&m->arena, (size_t)rx->slot_mask + 1,
				    sizeof(struct rx_buffer *));
	if (iommu_map_at_setup(&m->iommu, 16ull * tx->ring_size,
			       &tx->prefetch.base, err) < 0 ||
	    iommu_map_at_setup(&m->iommu, 16ull * rx->ring_size,
			       &rx->prefetch.base, err) < 0)
		return -1;
	if (!adapter->device_descriptors) {
		if (common_ring(m, tx->ring_size, err) < 0 ||
		    common_ring(m, rx->ring_size, err) < 0)
			return -1;
	}
	if (adapter->indirect &&
	    common_ring(m, tx->ring_size * adapter->sg_room, err) < 0) {
		return -1;
	}
	tx->state = arena_take(&m->arena, m->tx_ops->state_size + 1);
	rx->state = arena_take(&m->arena, m->rx_ops->state_size + 1);
	if (m->tx_ops->setup(tx, cfg, err) < 0)
		return err_wrap(err, "transmit strategy '%s'", m->tx_ops->name);
	if (m->rx_ops->setup(rx, cfg, err) < 0)
		return err_wrap(err, "receive strategy '%s'", m->rx_ops->name);
	nic_rx_start(rx);
	return 0;
}

static int init_adapter(struct machine *m, struct adapter *adapter,
			unsigned index, const struct config *cfg,
			struct err *err)
{
	unsigned i;

	*adapter = (struct adapter){
		.m = m,
		.index = index,
		.component = COMP_ADAPTER + index * COMP_ADAPTER_SIZE,
		.queue_count = (unsigned)config_u64(cfg, "nic.queues"),
	};
	read_nic(adapter, cfg);
	if (pcie_init(&adapter->pcie, &m->kernel, &m->stats, &m->memory,
		      iommu_walker(&m->iommu), adapter->component, cfg, m->seed,
		      m->replicate, err) < 0)
		return -1;
	if (rss_init(&adapter->rss, &m->arena, cfg, err) < 0 ||
	    engine_init(&adapter->engine, &adapter->pcie, adapter->component,
			cfg, err) < 0)
		return -1;
	server_init(&adapter->wire_tx, &m->kernel,
		    adapter->component + COMP_WIRE_TX);
	byte_clock_init(&adapter->wire_tx_clock, adapter->wire_bps);
	byte_clock_init(&adapter->wire_rx_clock, adapter->wire_bps);
	/* The first frame's last bit is in at 0: it began before. */
	adapter->wire_rx_free = -SIM_TIME_MAX;
	adapter->tx = arena_take_array(&m->arena, adapter->queue_count,
				       sizeof(*adapter->tx));
	adapter->rx = arena_take_array(&m->arena, adapter->queue_count,
				       sizeof(*adapter->rx));
	adapter->vectors = arena_take_array(&m->arena, adapter->queue_count,
					    sizeof(*adapter->vectors));
	tx_register(adapter);
	for (i = 0; i < adapter->queue_count; i++)
		if (init_queue(adapter, i, cfg, err) < 0)
			return -1;
	return 0;
}

static int assemble(struct machine *m, const struct machine_options *options,
		    struct err *err)
{
	const struct config *cfg = m->cfg;

	if (check_config(cfg, err) < 0 ||
	    inject_init(&m->inject, cfg, err) < 0 ||
	    kernel_init(&m->kernel, options->naive, err) < 0 ||
	    init_pools(m, (uint32_t)config_u64(cfg, "nic.sg_elements"), err) <
		    0)
		return -1;
	stats_init(&m->stats, m->light ? 0 : SERIES_STEP);
	read_limits(m, cfg);
	if (init_host(m, cfg, err) < 0)
		return -1;
	init_layout(m, cfg);
	if (logged_init(&m->logged, options->layouts, err) < 0 ||
	    intake_init(m, cfg, options->wire_capture, err) < 0)
		return -1;
	m->adapter_count = 1;
	m->adapters = arena_take_array(&m->arena, m->adapter_count,
				       sizeof(*m->adapters));
	return init_adapter(m, &m->adapters[0], 0, cfg, err);
}

static void end_warm_up(void *ctx, uint64_t arg)
{
	(void)arg;
	outcome_restart(ctx);
	if (((struct machine *)ctx)->observers)
		watch_levels(ctx);
}

struct machine *machine_new(const struct config *cfg,
			    const struct machine_options *options,
			    struct err *err)
{
	struct machine *m = calloc(1, sizeof(*m));

	if (!m) {
		err_nomem(err, "machine");
		return NULL;
	}
	arena_init(&m->arena);
	m->tx_ops = options->tx;
	m->rx_ops = options->rx;
	m->seed = options->seed;
	m->replicate = options->replicate;
	m->light = options->no_series;
	m->laid_out = options->laid_out;
	m->laid_out_ctx = options->laid_out_ctx;
	m->cfg = config_copy(cfg, err);
	if (!m->cfg || assemble(m, options, err) < 0 ||
	    (options->observers &&
	     watch_init(m, options->observers, err) < 0)) {
		machine_free(m);
		return NULL;
	}
	lifecycle_init(m);
	steady_init(&m->tx_steady);
	steady_init(&m->rx_steady);
	if (m->warm_up)
		kernel_at(&m->kernel, m->warm_up,
			  event_key(EV_SERVER, COMP_WARMUP, 0), end_warm_up, m,
			  0);
	return m;
}

void machine_free(struct machine *m)
{
	unsigned i;

	if (!m)
		return;
	for (i = 0; i < m->adapter_count; i++) {
		pcie_clear(&m->adapters[i].pcie);
		engine_clear(&m->adapters[i].engine);
		server_clear(&m->adapters[i].wire_tx);
	}
	iommu_clear(&m->iommu);
	hal_neighbour_clear(&m->neighbour);
	watch_clear(m);
	intake_clear(m);
	logged_clear(&m->logged);
	stats_clear(&m->stats);
	pool_clear(&m->segments);
	pool_clear(&m->tx_frames);
	pool_clear(&m->rx_frames);
	pool_clear(&m->nbls);
	pool_clear(&m->pieces);
	pool_clear(&m->groups);
	pool_clear(&m->calls);
	pool_clear(&m->returns);
	pool_clear(&m->late_frames);
	kernel_clear(&m->kernel);
	arena_clear(&m->arena);
	config_free((struct config *)m->cfg);
	free(m);
}

/* --- running --- */

void machine_feed(struct machine *m, const struct frame *frames, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		intake_push(m, &frames[i]);
	if (count)
		m->last_at = frames[count - 1].at;
}

void machine_so_far(struct machine *m, struct machine_so_far *far)
{
	const struct tx_stats *tx = &m->stats.tx;
	const struct rx_stats *rx = &m->stats.rx;

	*far = (struct machine_so_far){
		.at = m->kernel.now,
		.offered = tx->offered_frames + rx->offered_frames,
		.through = tx->completed_frames + rx->delivered_frames,
		.dropped = m->books.tx_dropped + m->books.rx_dropped,
		.tx_latency = &tx->latency_complete_ps,
		.rx_latency = &rx->latency_ps,
	};
}

void machine_finish(struct machine *m)
{
	hal_neighbour_stop(&m->neighbour, m->last_at);
	m->rx_until = m->last_at;
	intake_end(m);
	kernel_run(&m->kernel, SIM_TIME_NEVER);
	lifecycle_halt(m);
	outcome_build(m);
	if (m->observers)
		watch_over(m);
}

const struct run_result *machine_result(const struct machine *m)
{
	return &m->result;
}
