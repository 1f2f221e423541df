/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receive buffers: where they lie, how many there are at start.
 */
#include "models/ndis/receives_steps.h"
#include "models/nic/nic_rx.h"

void rx_mdl_chain(const struct rx_buffer *buffer, uint32_t bytes,
		  struct mdl_chain *chain)
{
	const struct buffer_pool *pool = buffer->pool;
	uint32_t at = pool->offset[buffer->slot] + buffer->queue->data_offset;

	mdl_chain_init(chain);
	mdl_add(chain, buffer_pages(pool, buffer->slot) + at / HOST_PAGE,
		at % HOST_PAGE, bytes);
}

/* The page list of a whole buffer: it is mapped before its frame is known. */
static void summarise(struct rx_buffer *buffer, bool common)
{
	struct rx_queue *queue = buffer->queue;
	struct sg_target target = queue->adapter->target;
	const struct buffer_pool *pool = buffer->pool;
	struct mdl_chain chain;
	struct sg_element element;

	mdl_chain_init(&chain);
	mdl_add(&chain, buffer_pages(pool, buffer->slot),
		pool->offset[buffer->slot], pool->bytes);
	if (common)
		target.bounce_all = false;
	sg_build(&chain, &target, &element, 1, &buffer->sg);
	buffer->address = element.address + queue->data_offset;
	buffer->room = pool->bytes;
	buffer->map.adapter = queue->object;
	buffer->map.flags = HAL_WAIT; /* a refill tries until it can */
	if (!common)
		buffer->map.registers =
			hal_registers(&queue->m->hal, &target, &buffer->sg);
	buffer->registers = buffer->map.registers;
}

/* A common buffer behind an IOMMU: its pages follow one another. */
static int map_common(struct rx_queue *queue, struct buffer_pool *pool,
		      struct err *err)
{
	struct machine *m = queue->m;
	uint64_t base;

	if (!pool->slots || !iommu_translates(&m->iommu))
		return 0;
	if (iommu_map_at_setup(&m->iommu, buffer_pool_pages(pool) * HOST_PAGE,
			       &base, err) < 0)
		return -1;
	buffer_pool_map(pool, &m->arena, base);
	return 0;
}

static void place_common(struct rx_buffer *buffer)
{
	const struct buffer_pool *pool = buffer->pool;

	if (pool->logical)
		buffer->address = pool->logical[(uint64_t)buffer->slot *
						pool->pages_per_slot] *
					  HOST_PAGE +
				  pool->offset[buffer->slot] +
				  buffer->queue->data_offset;
}

static void count_memory(struct rx_queue *queue, uint32_t bytes, bool common)
{
	struct machine *m = queue->m;
	uint64_t pages = buffer_pool_pages(&queue->pool);

	m->stats.memory.pinned_bytes += pages * HOST_PAGE;
	m->stats.memory.page_waste_bytes +=
		pages * HOST_PAGE - (uint64_t)queue->pool.slots * bytes;
	if (common) {
		routine_setup(&m->ledger, m->rx_ops->wdf ? R_WDF_COMMON_BUFFER
							 : R_SHARED_MEMORY);
		m->stats.memory.common_buffer_bytes += pages * HOST_PAGE;
	}
}

static void name_buffers(struct rx_queue *queue, bool common)
{
	uint32_t i, first = queue->pool.slots;

	for (i = 0; i < queue->buffer_count; i++) {
		struct rx_buffer *buffer = &queue->buffers[i];

		buffer->queue = queue;
		buffer->may_leave = i >= first;
		buffer->pool = i < first ? &queue->pool : &queue->grown;
		buffer->slot = i < first ? i : i - first;
		summarise(buffer, common);
		if (common)
			place_common(buffer);
	}
}

/* Buffers of @spec now, and as many more as the pool may grow by. */
static int make(struct rx_queue *queue, struct buffer_spec *spec, bool common,
		struct err *err)
{
	struct machine *m = queue->m;
	uint32_t most = (uint32_t)config_u64(m->cfg, "rx.buffers_max");
	bool grows = most > spec->slots && !m->rx_ops->own_spares;
	uint32_t more = grows ? most - spec->slots : 0;

	queue->common = common;
	if (!queue->mapping)
		queue->mapping = &rx_ndis6_mapping;
	spec->component = DRAW_RX_BUFFERS + queue->index * 64;
	spec->merge_ppm = 900000;
	spec->limit = common ? queue->adapter->target.reach : 0;
	queue->data_offset = (uint32_t)config_u64(m->cfg, "rx.data_offset");
	queue->frame_max = spec->bytes - queue->data_offset;
	buffer_pool_init(&queue->pool, &m->arena, &m->layout, spec, m->seed,
			 m->replicate);
	queue->buffer_count = spec->slots + more;
	queue->buffers = arena_take_array(&m->arena, queue->buffer_count,
					  sizeof(*queue->buffers));
	if (common &&
	    (hal_common_pages(&m->common, buffer_pool_pages(&queue->pool),
			      err) < 0 ||
	     map_common(queue, &queue->pool, err) < 0))
		return -1;
	if (more) { /* each in pages of its own */
		spec->component++;
		spec->slots = more;
		spec->per_page = 1;
		spec->stride = 0;
		buffer_pool_init(&queue->grown, &m->arena, &m->layout, spec,
				 m->seed, m->replicate);
		if (common && map_common(queue, &queue->grown, err) < 0)
			return -1;
	}
	count_memory(queue, spec->bytes, common);
	name_buffers(queue, common);
	rx_growth_init(queue, common);
	gauge_add(&m->stats.rx.buffers_in_pool, 0, queue->pool.slots);
	return 0;
}

int rx_make_buffers(struct rx_queue *queue, uint32_t count, uint32_t bytes,
		    bool common, struct err *err)
{
	struct buffer_spec spec = {
		.slots = count,
		.bytes = bytes,
		.per_page = bytes < HOST_PAGE ? HOST_PAGE / bytes : 1,
	};

	return make(queue, &spec, common, err);
}

int rx_make_slots(struct rx_queue *queue, uint32_t count, uint32_t bytes,
		  uint32_t stride, struct err *err)
{
	struct buffer_spec spec = { .slots = count, .bytes = bytes };

	if (stride < HOST_PAGE && HOST_PAGE % stride == 0)
		spec.per_page = HOST_PAGE / stride;
	else if (stride % HOST_PAGE)
		spec.stride = stride;
	return make(queue, &spec, true, err);
}

uint32_t rx_buffer_count(const struct rx_queue *queue, const struct config *cfg)
{
	uint32_t count = (uint32_t)config_u64(cfg, "rx.buffers");

	return count ? count : queue->ring_size;
}

static void set_watermark(struct rx_queue *queue)
{
	queue->low_watermark = (uint32_t)mul_div_u64(
		queue->posted, config_u64(queue->m->cfg, "rx.low_watermark"),
		1000000);
}

void rx_post_first(struct rx_queue *queue, uint32_t limit)
{
	uint32_t i;

	for (i = 0; i < queue->pool.slots; i++)
		if (i < limit && i < queue->ring_size)
			nic_rx_post(queue, &queue->buffers[i]);
		else
			rx_spare(&queue->buffers[i]);
	set_watermark(queue);
}

int rx_setup_common(struct rx_queue *queue, const struct config *cfg,
		    struct err *err)
{
	if (rx_make_buffers(queue, rx_buffer_count(queue, cfg),
			    (uint32_t)config_u64(cfg, "rx.buffer"), true,
			    err) < 0)
		return -1;
	rx_post_first(queue, queue->ring_size);
	return 0;
}

/* The share of map registers that the buffers of a queue may hold. */
static uint64_t register_share(const struct rx_queue *queue,
			       const struct config *cfg)
{
	const struct hal *hal = &queue->m->hal;

	return mul_div_u64(hal->cap - hal->background,
			   config_u64(cfg, "rx.register_share"), 1000000) /
	       queue->adapter->queue_count;
}

int rx_setup_mapped(struct rx_queue *queue, const struct config *cfg,
		    struct err *err)
{
	uint32_t i;

	if (rx_make_buffers(queue, rx_buffer_count(queue, cfg),
			    (uint32_t)config_u64(cfg, "rx.buffer"), false,
			    err) < 0)
		return -1;
	queue->register_budget = (int64_t)register_share(queue, cfg);
	for (i = 0; i < queue->pool.slots && i < queue->ring_size; i++) {
		if (!rx_within_budget(&queue->buffers[i]))
			break;
		if (!rx_map_at_setup(&queue->buffers[i])) {
			queue->register_budget = 0; /* that is all there is */
			break;
		}
	}
	if (!i)
		return err_set(err, ERR_USAGE,
			       "no map registers for a single receive buffer: "
			       "raise hal.pool_cap or rx.register_share");
	rx_post_first(queue, i);
	return 0;
}
