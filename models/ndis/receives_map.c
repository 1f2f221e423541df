/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mapping of receive buffers: to be posted, and back before the CPU reads.
 */
#include "models/ndis/misuse.h"
#include "models/ndis/receives_steps.h"

const struct rx_mapping rx_ndis6_mapping = {
	.build = R_SG_BUILD,
	.callback = R_PROCESS_SG,
	.put = { R_SG_FREE },
};

static struct rx_buffer *buffer_of(struct hal_request *req)
{
	return (struct rx_buffer *)((char *)req -
				    offsetof(struct rx_buffer, map));
}

/* Behind an IOMMU it lies where its mapping does. */
/* Bytes of its own that a careless driver keeps in a buffer's first line. */
#define BOOKKEEPING 16u

static void place_mapped(struct rx_buffer *buffer)
{
	if (buffer->mapping.address)
		buffer->address = buffer->mapping.address +
				  buffer->pool->offset[buffer->slot] +
				  buffer->queue->data_offset;
}

static void count_mapping(struct machine *m, struct rx_buffer *buffer)
{
	const struct buffer_pool *pool = buffer->pool;

	uint32_t own = inject_due(&m->inject, INJECT_MAPS, m->kernel.now)
			       ? BOOKKEEPING
			       : 0;

	buffer->mapped = true;
	hal_set_mapped(&buffer->map, true);
	if (coherence_tears(&m->coherence, pool->offset[buffer->slot] + own,
			    pool->bytes - own, own || pool->per_page > 1))
		hal_note_hazard(&m->hal, HAZARD_LINE_TEARING, &buffer->map);
	if (buffer->sg.missed_pages)
		hal_note_hazard(&m->hal, HAZARD_OOB_DMA, &buffer->map);
	m->stats.hal.mapped_bytes += buffer->sg.mapped_bytes;
	m->stats.hal.map_registers_bounced += buffer->sg.bounced_pages;
}

bool rx_map_at_setup(struct rx_buffer *buffer)
{
	struct rx_queue *queue = buffer->queue;
	struct machine *m = queue->m;

	if (!queue->mapping->owned && !hal_map_at_setup(&m->hal, &buffer->map))
		return false;
	queue->register_budget -= buffer->registers;
	iommu_map_early(&m->iommu, &buffer->mapping, buffer->sg.pages);
	place_mapped(buffer);
	count_mapping(m, buffer);
	return true;
}

/* --- to be posted --- */

static void call(struct core *core, const struct rx_buffer *buffer,
		 enum routine routine, uint64_t units)
{
	if (routine)
		routine_call(&buffer->queue->m->ledger, core, routine,
			     &(struct charge){ .direction = DIR_RX,
					       .units = units });
}

static void post_mapped(struct core *core, void *ctx, uint64_t arg)
{
	(void)arg;
	rx_repost(core, ctx);
}

/* A software IOTLB copies what the device is about to overwrite. */
static void copy_in(struct core *core, struct rx_buffer *buffer)
{
	struct machine *m = buffer->queue->m;
	uint32_t bytes = buffer->sg.bounced_bytes;
	enum residency place;

	if (!m->hal.rules.both_ways || !bytes)
		return;
	place = memory_residency(&m->memory, buffer->filled);
	m->stats.cpu.bounce_copied_bytes += bytes;
	routine_call(&m->ledger, core, R_BOUNCE,
		     &(struct charge){ .direction = DIR_RX,
				       .cycles = copy_cycles(&m->copy, place,
							     place, bytes) });
}

static __attribute__((noinline)) void invalidate_lines(
	struct core *core, struct rx_buffer *buffer, uint32_t bytes,
	struct stage_clock *clock)
{
	struct machine *m = buffer->queue->m;
	uint64_t lines = coherence_lines(
		&m->coherence, buffer->pool->offset[buffer->slot], bytes);

	routine_call(&m->ledger, core, R_FLUSH_IO,
		     &(struct charge){ .direction = DIR_RX,
				       .clock = clock,
				       .stage = clock ? RX_FLUSH : 0,
				       .cycles = coherence_invalidate(
					       &m->coherence, lines) });
}

/* No line of @bytes is dirty or old, at the cost of @clock's frame if any. */
static void invalidate(struct core *core, struct rx_buffer *buffer,
		       uint32_t bytes, struct stage_clock *clock)
{
	if (!buffer->queue->m->coherence.coherent)
		invalidate_lines(core, buffer, bytes, clock);
}

void rx_prepare(struct core *core, struct rx_buffer *buffer, uint32_t bytes)
{
	invalidate(core, buffer, bytes, NULL);
}

static void granted(struct core *core, struct rx_buffer *buffer)
{
	struct machine *m = buffer->queue->m;

	count_mapping(m, buffer);
	copy_in(core, buffer);
	rx_prepare(core, buffer, buffer->pool->bytes);
	iommu_map(&m->iommu, core, &buffer->mapping,
		  &(struct charge){ .direction = DIR_RX }, buffer->sg.pages);
	place_mapped(buffer);
	call(core, buffer, buffer->queue->mapping->callback,
	     buffer->sg.elements);
	cpu_then(core, post_mapped, buffer, 0);
}

static void map_done(struct core *core, struct hal_request *req,
		     enum hal_status status)
{
	struct rx_buffer *buffer = buffer_of(req);

	BUG_ON(status != HAL_GRANTED); /* checked when the pool was made */
	if (req->deferred)
		routine_wait(&buffer->queue->m->ledger,
			     buffer->queue->mapping->build,
			     (uint64_t)(core->kernel->now - req->asked_at));
	granted(core, buffer);
}

static void map_ask(struct core *core, void *ctx, uint64_t arg)
{
	struct rx_buffer *buffer = ctx;
	struct hal *hal = &buffer->queue->m->hal;

	(void)arg;
	cpu_unlock(core, hal_lock(hal, core, &buffer->map));
	hal_map(hal, core, &buffer->map);
}

static void map_locked(struct core *core, void *ctx, uint64_t arg)
{
	(void)arg;
	call(core, ctx, R_HAL_LOCK, 0);
	cpu_then(core, map_ask, ctx, 0);
}

void rx_map_and_post(struct core *core, struct rx_buffer *buffer)
{
	const struct rx_mapping *mapping = buffer->queue->mapping;
	struct hal *hal = &buffer->queue->m->hal;
	unsigned i;

	buffer->queue->register_budget -= buffer->registers;
	for (i = 0; i < RX_BESIDES && mapping->ask[i]; i++)
		call(core, buffer, mapping->ask[i], 0);
	call(core, buffer, mapping->build, buffer->sg.pages);
	buffer->map.done = map_done;
	if (mapping->owned)
		granted(core, buffer);
	else if (buffer->map.registers)
		cpu_lock_then(core, hal_lock(hal, core, &buffer->map), NULL, 0,
			      map_locked, buffer, 0);
	else
		hal_map(hal, core, &buffer->map);
}

/* --- before the CPU reads --- */

static void flush_release(struct core *core, void *ctx, uint64_t arg)
{
	struct rx_frame *frame = ctx;
	struct rx_buffer *buffer = frame->buffer;
	struct machine *m = rx_machine(frame);

	(void)arg;
	cpu_unlock(core, hal_lock(&m->hal, core, &buffer->map));
	hal_unmap(&m->hal, core, &buffer->map);
}

static void flush_locked(struct core *core, void *ctx, uint64_t arg)
{
	(void)arg;
	rx_charge(core, ctx, R_HAL_LOCK, RX_FLUSH, 0, 0);
	cpu_then(core, flush_release, ctx, 0);
}

/* Bytes of the frame that the device put into bounce pages. */
static uint32_t bounced_bytes(const struct rx_frame *frame)
{
	struct mdl_chain chain;
	struct sg_element element;
	struct sg_summary sg;

	rx_mdl_chain(frame->buffer, frame->bytes, &chain);
	sg_build(&chain, &frame->queue->adapter->target, &element, 1, &sg);
	return sg.bounced_bytes;
}

static void copy_bounced(struct core *core, struct rx_frame *frame)
{
	struct machine *m = rx_machine(frame);
	uint32_t bounced = bounced_bytes(frame);
	struct memory_stamp *filled = &frame->buffer->filled;
	enum residency from = memory_residency(&m->memory, frame->data);

	if (!bounced)
		return;
	m->stats.hal.bounced_bytes += bounced;
	m->stats.cpu.bounce_copied_bytes += bounced;
	rx_charge(core, frame, R_BOUNCE, RX_FLUSH, 0,
		  copy_cycles(&m->copy, from,
			      memory_residency(&m->memory, *filled), bounced));
	frame->data = *filled = memory_cpu_wrote(&m->memory, bounced);
}

static void copy_back(struct core *core, struct rx_frame *frame)
{
	frame->buffer->unflushed = false;
	rx_machine(frame)->stats.hal.moved_bytes += frame->bytes;
	if (frame->buffer->sg.bounced_pages)
		copy_bounced(core, frame);
}

void rx_sync(struct core *core, struct rx_frame *frame)
{
	invalidate(core, frame->buffer, frame->bytes, &frame->clock);
	copy_back(core, frame);
}

void rx_flush(struct core *core, struct rx_frame *frame)
{
	struct machine *m = rx_machine(frame);
	struct rx_buffer *buffer = frame->buffer;
	const struct rx_mapping *mapping = frame->queue->mapping;
	unsigned i;

	if (misuse_has(frame->misuse, HAZARD_READ_BEFORE_FLUSH)) {
		frame->late_flush = true;
		return;
	}
	for (i = 0; i < RX_BESIDES && mapping->put[i]; i++)
		rx_charge(core, frame, mapping->put[i], RX_FLUSH,
			  buffer->sg.pages, 0);
	/* It does not know how much of the buffer was written. */
	invalidate(core, buffer, buffer->pool->bytes, &frame->clock);
	copy_back(core, frame);
	iommu_unmap(&m->iommu, core, &buffer->mapping,
		    &(struct charge){ .direction = DIR_RX,
				      .clock = &frame->clock,
				      .stage = RX_FLUSH });
	buffer->mapped = false;
	frame->queue->register_budget += buffer->registers;
	hal_set_mapped(&buffer->map, false);
	if (buffer->map.held)
		cpu_lock_then(core, hal_lock(&m->hal, core, &buffer->map),
			      &frame->clock, RX_FLUSH, flush_locked, frame, 0);
}
