/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receive buffers: where they lie, their mappings at set-up and at repost.
 */
#include "models/ndis/receives.h"

#include "models/machine_state.h"
#include "models/nic/nic_rx.h"

/* --- buffers --- */

/* The page list of a whole buffer: it is mapped before its frame is known. */
static void summarise(struct rx_buffer *buffer, bool common)
{
	struct rx_queue *queue = buffer->queue;
	struct sg_target target = queue->adapter->target;
	const struct buffer_pool *pool = &queue->pool;
	struct mdl_chain chain;
	struct sg_element element;

	mdl_chain_init(&chain);
	mdl_add(&chain, buffer_pages(pool, buffer->slot),
		pool->offset[buffer->slot], pool->bytes);
	if (common)
		target.bounce_all = false;
	sg_build(&chain, &target, &element, 1, &buffer->sg);
	buffer->address = element.address;
	buffer->map.flags = HAL_WAIT; /* a refill tries until it can */
	buffer->map.registers =
		hal_registers(&queue->adapter->m->hal, &target, &buffer->sg);
}

/* A common buffer behind an IOMMU: its pages follow one another. */
static int map_common(struct rx_queue *queue, struct err *err)
{
	struct machine *m = queue->adapter->m;
	struct buffer_pool *pool = &queue->pool;
	uint64_t base;
	uint32_t i;

	if (!iommu_translates(&m->iommu))
		return 0;
	if (iommu_map_at_setup(&m->iommu, buffer_pool_pages(pool) * HOST_PAGE,
			       &base, err) < 0)
		return -1;
	buffer_pool_map(pool, &m->arena, base);
	for (i = 0; i < queue->buffer_count; i++)
		queue->buffers[i].address =
			pool->logical[(uint64_t)i * pool->pages_per_slot] *
				HOST_PAGE +
			pool->offset[i];
	return 0;
}

static void count_memory(struct rx_queue *queue, uint32_t bytes, bool common)
{
	struct machine *m = queue->adapter->m;
	uint64_t pages = buffer_pool_pages(&queue->pool);

	m->stats.memory.pinned_bytes += pages * HOST_PAGE;
	m->stats.memory.page_waste_bytes +=
		pages * HOST_PAGE - (uint64_t)queue->buffer_count * bytes;
	if (common) {
		routine_setup(&m->ledger, R_SHARED_MEMORY);
		m->stats.memory.common_buffer_bytes += pages * HOST_PAGE;
	}
}

int rx_make_buffers(struct rx_queue *queue, uint32_t count, uint32_t bytes,
		    bool common, struct err *err)
{
	struct machine *m = queue->adapter->m;
	uint32_t per_page = bytes < HOST_PAGE ? HOST_PAGE / bytes : 1;
	struct buffer_spec spec = {
		.component = DRAW_RX_BUFFERS + queue->index * 64,
		.slots = count,
		.bytes = bytes,
		.merge_ppm = 900000,
		.limit = common ? queue->adapter->target.reach : 0,
		.per_page = per_page,
	};
	uint32_t i;

	buffer_pool_init(&queue->pool, &m->arena, &m->layout, &spec, m->seed,
			 m->replicate);
	queue->buffers =
		arena_take_array(&m->arena, count, sizeof(*queue->buffers));
	queue->buffer_count = count;
	queue->common = common;
	for (i = 0; i < count; i++) {
		queue->buffers[i].queue = queue;
		queue->buffers[i].slot = i;
		summarise(&queue->buffers[i], common);
	}
	count_memory(queue, bytes, common);
	if (!common)
		return 0;
	if (hal_common_pages(&m->common, buffer_pool_pages(&queue->pool), err) <
	    0)
		return -1;
	return map_common(queue, err);
}

/* Behind an IOMMU it lies where its mapping does. */
static void place_mapped(struct rx_buffer *buffer)
{
	const struct rx_queue *queue = buffer->queue;

	if (buffer->mapping.address)
		buffer->address = buffer->mapping.address +
				  queue->pool.offset[buffer->slot];
}

static void count_mapping(struct machine *m, struct rx_buffer *buffer)
{
	const struct buffer_pool *pool = &buffer->queue->pool;

	buffer->mapped = true;
	hal_set_mapped(&buffer->map, true);
	if (coherence_tears(&m->coherence, pool->offset[buffer->slot],
			    pool->bytes, pool->per_page > 1))
		hal_note_hazard(&m->hal, HAZARD_LINE_TEARING, &buffer->map);
	if (buffer->sg.missed_pages)
		hal_note_hazard(&m->hal, HAZARD_OOB_DMA, &buffer->map);
	m->stats.hal.mapped_bytes += buffer->sg.mapped_bytes;
	m->stats.hal.map_registers_bounced += buffer->sg.bounced_pages;
}

bool rx_map_at_setup(struct rx_buffer *buffer)
{
	struct machine *m = buffer->queue->adapter->m;

	if (!hal_map_at_setup(&m->hal, &buffer->map))
		return false;
	iommu_map_early(&m->iommu, &buffer->mapping, buffer->sg.pages);
	place_mapped(buffer);
	count_mapping(m, buffer);
	return true;
}

int rx_setup_mapped(struct rx_queue *queue, const struct config *cfg,
		    struct err *err)
{
	struct machine *m = queue->adapter->m;
	uint64_t share = config_u64(cfg, "rx.register_share");
	uint64_t budget =
		mul_div_u64(m->hal.cap - m->hal.background, share, 1000000) /
		queue->adapter->queue_count;
	uint32_t count = (uint32_t)config_u64(cfg, "rx.buffers");
	uint32_t i;

	if (!count)
		count = queue->ring_size;
	if (rx_make_buffers(queue, count,
			    (uint32_t)config_u64(cfg, "rx.buffer"), false,
			    err) < 0)
		return -1;
	for (i = 0; i < count && i < queue->ring_size; i++) {
		struct rx_buffer *buffer = &queue->buffers[i];
		uint64_t need;

		need = buffer->map.registers;
		if (need > budget || !rx_map_at_setup(buffer))
			break;
		budget -= need;
		nic_rx_post(queue, buffer);
	}
	if (!i)
		return err_set(err, ERR_USAGE,
			       "no map registers for a single receive buffer: "
			       "raise hal.pool_cap or rx.register_share");
	queue->low_watermark = (uint32_t)mul_div_u64(
		i, config_u64(cfg, "rx.low_watermark"), 1000000);
	return 0;
}

/* --- mapping at repost --- */

static enum routine build_of(const struct rx_queue *queue)
{
	return queue->build ? queue->build : R_SG_BUILD;
}

static void post_mapped(struct core *core, void *ctx, uint64_t arg)
{
	(void)arg;
	rx_repost(core, ctx);
}

/* A software IOTLB copies what the device is about to overwrite. */
static void copy_in(struct core *core, struct rx_buffer *buffer)
{
	struct machine *m = buffer->queue->adapter->m;
	uint32_t bytes = buffer->sg.bounced_bytes;
	enum residency place = memory_residency(&m->memory, buffer->filled);

	if (!m->hal.rules.both_ways || !bytes)
		return;
	m->stats.cpu.bounce_copied_bytes += bytes;
	routine_call(&m->ledger, core, R_BOUNCE,
		     &(struct charge){ .direction = DIR_RX,
				       .cycles = copy_cycles(&m->copy, place,
							     place, bytes) });
}

void rx_invalidate(struct core *core, struct rx_buffer *buffer, uint32_t bytes,
		   struct charge charge)
{
	struct machine *m = buffer->queue->adapter->m;
	uint32_t offset = buffer->queue->pool.offset[buffer->slot];
	uint64_t lines = coherence_lines(&m->coherence, offset, bytes);

	if (m->coherence.coherent)
		return;
	charge.cycles = coherence_invalidate(&m->coherence, lines);
	routine_call(&m->ledger, core, R_FLUSH_IO, &charge);
}

void rx_prepare(struct core *core, struct rx_buffer *buffer, uint32_t bytes)
{
	rx_invalidate(core, buffer, bytes,
		      (struct charge){ .direction = DIR_RX });
}

static void map_done(struct core *core, struct hal_request *req,
		     enum hal_status status)
{
	struct rx_buffer *buffer =
		(struct rx_buffer *)((char *)req -
				     offsetof(struct rx_buffer, map));
	struct machine *m = buffer->queue->adapter->m;

	BUG_ON(status != HAL_GRANTED); /* checked when the pool was made */
	if (req->deferred)
		routine_wait(&m->ledger, build_of(buffer->queue),
			     (uint64_t)(core->kernel->now - req->asked_at));
	count_mapping(m, buffer);
	copy_in(core, buffer);
	rx_prepare(core, buffer, buffer->queue->pool.bytes);
	iommu_map(&m->iommu, core, &buffer->mapping,
		  &(struct charge){ .direction = DIR_RX }, buffer->sg.pages);
	place_mapped(buffer);
	cpu_then(core, post_mapped, buffer, 0);
}

static void map_ask(struct core *core, void *ctx, uint64_t arg)
{
	struct rx_buffer *buffer = ctx;
	struct hal *hal = &buffer->queue->adapter->m->hal;

	(void)arg;
	cpu_unlock(core, hal_lock(hal, core, &buffer->map));
	hal_map(hal, core, &buffer->map);
}

static void map_locked(struct core *core, void *ctx, uint64_t arg)
{
	struct rx_buffer *buffer = ctx;
	struct machine *m = buffer->queue->adapter->m;

	(void)arg;
	routine_call(&m->ledger, core, R_HAL_LOCK,
		     &(struct charge){ .direction = DIR_RX });
	cpu_then(core, map_ask, buffer, 0);
}

void rx_map_and_post(struct core *core, struct rx_buffer *buffer)
{
	struct machine *m = buffer->queue->adapter->m;

	routine_call(&m->ledger, core, build_of(buffer->queue),
		     &(struct charge){ .direction = DIR_RX,
				       .units = buffer->sg.pages });
	buffer->map.done = map_done;
	if (buffer->map.registers)
		cpu_lock_then(core, hal_lock(&m->hal, core, &buffer->map), NULL,
			      0, map_locked, buffer, 0);
	else
		hal_map(&m->hal, core, &buffer->map);
}
