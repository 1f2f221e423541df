/* SPDX-License-Identifier: Apache-2.0 */
#include "models/ndis/receives.h"

#include "models/machine_state.h"
#include "models/ndis/interrupts.h"
#include "models/nic/moderation.h"
#include "models/nic/nic_rx.h"

/* A buffer on its way back from the protocol, outside the indicate call. */
struct rx_return {
	struct cpu_job job;
	struct rx_buffer *buffer;
};

size_t rx_return_size(void)
{
	return sizeof(struct rx_return);
}

static struct machine *machine_of(const struct rx_frame *frame)
{
	return frame->queue->adapter->m;
}

static void charge(struct core *core, struct rx_frame *frame,
		   enum routine routine, enum rx_stage stage, uint64_t units,
		   uint64_t cycles)
{
	struct machine *m = machine_of(frame);

	routine_call(&m->ledger, core, routine,
		     &(struct charge){ .direction = DIR_RX,
				       .clock = &frame->clock,
				       .stage = stage,
				       .units = units,
				       .cycles = cycles });
}

/* --- the end of a frame's way --- */

static void release(struct rx_frame *frame)
{
	struct machine *m = machine_of(frame);
	sim_time now = m->kernel.now;
	uint64_t total = (uint64_t)(now - frame->arrived_at);
	bool counted = !m->light && frame->arrived_at >= m->warm_up;

	m->end_at = now;
	m->rx_counted += counted;
	m->books.rx_released++;
	m->books.rx_residence += total;
	level_add(&m->books.rx_level, now, -1);
	gauge_add(&m->stats.rx.in_system, now, -1);
	if (stage_book(&frame->clock, ~frame->seq, total,
		       counted ? m->stats.rx_stage : NULL, &m->fingerprint))
		m->books.stage_errors++;
	pool_give(&m->rx_frames, frame);
	lifecycle_left(m);
}

/* --- arrival --- */

static struct rx_queue *queue_of(struct machine *m, uint32_t hash)
{
	struct adapter *adapter = &m->adapters[0];

	return &adapter->rx[rss_queue(&adapter->rss, hash)];
}

static void count_drop(struct machine *m, struct rx_queue *queue,
		       uint64_t *counter)
{
	if (!*counter)
		m->stats.rx.dropped_first_ps = (uint64_t)m->kernel.now;
	++*counter;
	m->books.rx_dropped++;
	if (++queue->drop_run > m->stats.rx.dropped_longest_run)
		m->stats.rx.dropped_longest_run = queue->drop_run;
}

/* The null strategy: delivered at its last bit. */
static void deliver_at_once(struct machine *m, struct rx_frame *frame)
{
	m->stats.rx.delivered_frames++;
	m->stats.rx.delivered_bytes += frame->bytes;
	hist_record(&m->stats.rx.latency_ps, 0);
	hist_record(&m->stats.rx.latency_less_moderation_ps, 0);
	release(frame);
}

void rx_arrive(struct machine *m, const struct frame *record, uint64_t burst)
{
	struct rx_queue *queue = queue_of(m, record->rss);
	struct rx_frame *frame = pool_take(&m->rx_frames);
	sim_time now = m->kernel.now;

	stage_start(&frame->clock, now);
	frame->queue = queue;
	frame->buffer = NULL;
	frame->seq = m->rx_seq++;
	frame->number = record->number;
	frame->arrived_at = now;
	frame->burst = burst;
	frame->bytes = record->bytes;
	frame->flow = record->flow;
	frame->resources = false;
	m->books.rx_offered++;
	m->stats.rx.offered_frames++;
	m->stats.rx.offered_bytes += record->bytes;
	level_add(&m->books.rx_level, now, 1);
	gauge_add(&m->stats.rx.in_system, now, 1);
	if (m->rx_ops->bypass) {
		deliver_at_once(m, frame);
		return;
	}
	if (!lifecycle_receives(m))
		count_drop(m, queue, &m->stats.rx.dropped_stopped_frames);
	else if (record->bytes > queue->pool.bytes)
		count_drop(m, queue, &m->stats.rx.dropped_oversize_frames);
	else if (!nic_rx_arrive(queue, frame)) {
		count_drop(m, queue, &m->stats.rx.dropped_fifo_frames);
		m->books.rx_dropped_load++;
	} else {
		queue->drop_run = 0;
		return;
	}
	level_add(&m->books.rx_level, now, -1);
	gauge_add(&m->stats.rx.in_system, now, -1);
	pool_give(&m->rx_frames, frame);
}

/* --- posting --- */

/* The buffer is in the ring: the frame that went up in it has ended. */
void rx_end_of_frame(struct rx_buffer *buffer)
{
	struct rx_frame *frame = buffer->frame;

	buffer->frame = NULL;
	if (!frame || frame->buffer != buffer)
		return; /* it was copied out */
	stage_close(&frame->clock, RX_REPOST,
		    buffer->queue->adapter->m->kernel.now);
	frame->buffer = NULL;
	release(frame);
}

static void posted(struct core *core, void *ctx, uint64_t writes)
{
	struct rx_buffer *buffer = ctx;
	struct rx_queue *queue = buffer->queue;

	queue->adapter->m->stats.rx.reposted_buffers++;
	nic_rx_post(queue, buffer);
	/* Suppressed, it may have run dry meanwhile: then it is told. */
	if (writes || (!nic_rx_will_look(queue) &&
		       queue->posted - queue->rung >= queue->tail_batch))
		nic_rx_doorbell(queue);
	else if (nic_rx_will_look(queue))
		nic_rx_notice(queue);
	rx_end_of_frame(buffer);
	cpu_unlock(core, &queue->lock);
}

static void repost_locked(struct core *core, void *ctx, uint64_t arg)
{
	struct rx_buffer *buffer = ctx;
	struct rx_queue *queue = buffer->queue;
	struct machine *m = queue->adapter->m;
	bool ring = queue->posted + 1 - queue->rung >= queue->tail_batch;
	uint32_t writes = ring && !nic_rx_will_look(queue), i;

	(void)arg;
	routine_call(&m->ledger, core, R_REPOST,
		     &(struct charge){ .direction = DIR_RX });
	if (queue->adapter->device_descriptors)
		writes = element_writes(queue->adapter, 1);
	for (i = 0; i < writes; i++)
		routine_call(&m->ledger, core, R_DOORBELL,
			     &(struct charge){ .direction = DIR_RX });
	cpu_then(core, posted, buffer, writes);
}

void rx_repost(struct core *core, struct rx_buffer *buffer)
{
	cpu_lock_then(core, &buffer->queue->lock, NULL, 0, repost_locked,
		      buffer, 0);
}

/*
 * Copy the frame into a buffer of the pool, whose lists are last in, first
 * out: about as long unwritten as the last one that was.  Returns the cycles.
 */
static uint64_t copy_to_pool(struct rx_frame *frame)
{
	struct machine *m = machine_of(frame);
	bool common = frame->queue->common;
	struct memory_stamp *pool = &frame->queue->copied;
	uint64_t cycles =
		copy_cycles(&m->copy, memory_residency(&m->memory, frame->data),
			    memory_residency(&m->memory, *pool), frame->bytes);

	if (common)
		cycles += coherence_read_common(&m->coherence, frame->bytes);
	frame->data = *pool = memory_cpu_wrote(&m->memory, frame->bytes);
	return cycles;
}

/* --- flush before the CPU reads --- */

static void flush_release(struct core *core, void *ctx, uint64_t arg)
{
	struct rx_frame *frame = ctx;
	struct rx_buffer *buffer = frame->buffer;
	struct machine *m = machine_of(frame);

	(void)arg;
	cpu_unlock(core, hal_lock(&m->hal, core, &buffer->map));
	hal_unmap(&m->hal, core, &buffer->map);
}

static void flush_locked(struct core *core, void *ctx, uint64_t arg)
{
	(void)arg;
	charge(core, ctx, R_HAL_LOCK, RX_FLUSH, 0, 0);
	cpu_then(core, flush_release, ctx, 0);
}

/* Bytes of the frame that the device put into bounce pages. */
static uint32_t bounced_bytes(const struct rx_frame *frame)
{
	const struct rx_buffer *buffer = frame->buffer;
	const struct buffer_pool *pool = &frame->queue->pool;
	struct mdl_chain chain;
	struct sg_element element;
	struct sg_summary sg;

	if (!buffer->sg.bounced_pages)
		return 0;
	mdl_chain_init(&chain);
	mdl_add(&chain, buffer_pages(pool, buffer->slot),
		pool->offset[buffer->slot], frame->bytes);
	sg_build(&chain, &frame->queue->adapter->target, &element, 1, &sg);
	return sg.bounced_bytes;
}

static void copy_back(struct core *core, struct rx_frame *frame)
{
	struct machine *m = machine_of(frame);
	uint32_t bounced = bounced_bytes(frame);
	struct memory_stamp *filled = &frame->buffer->filled;
	enum residency from = memory_residency(&m->memory, frame->data);

	if (!bounced)
		return;
	m->stats.hal.bounced_bytes += bounced;
	m->stats.cpu.bounce_copied_bytes += bounced;
	charge(core, frame, R_BOUNCE, RX_FLUSH, 0,
	       copy_cycles(&m->copy, from,
			   memory_residency(&m->memory, *filled), bounced));
	frame->data = *filled = memory_cpu_wrote(&m->memory, bounced);
}

/* Before the CPU reads @bytes of the frame's buffer. */
static void invalidate_read(struct core *core, struct rx_frame *frame,
			    uint32_t bytes)
{
	rx_invalidate(core, frame->buffer, bytes,
		      (struct charge){ .direction = DIR_RX,
				       .clock = &frame->clock,
				       .stage = RX_FLUSH });
}

void rx_sync(struct core *core, struct rx_frame *frame)
{
	invalidate_read(core, frame, frame->bytes);
	copy_back(core, frame);
}

void rx_flush(struct core *core, struct rx_frame *frame)
{
	struct machine *m = machine_of(frame);
	struct rx_buffer *buffer = frame->buffer;

	charge(core, frame, buffer->queue->put ? buffer->queue->put : R_SG_FREE,
	       RX_FLUSH, buffer->sg.pages, 0);
	/* It does not know how much of the buffer was written. */
	invalidate_read(core, frame, frame->queue->pool.bytes);
	copy_back(core, frame);
	iommu_unmap(&m->iommu, core, &buffer->mapping,
		    &(struct charge){ .direction = DIR_RX,
				      .clock = &frame->clock,
				      .stage = RX_FLUSH });
	buffer->mapped = false;
	hal_set_mapped(&buffer->map, false);
	if (buffer->map.held)
		cpu_lock_then(core, hal_lock(&m->hal, core, &buffer->map),
			      &frame->clock, RX_FLUSH, flush_locked, frame, 0);
}

/* --- receiving --- */

void rx_mark_resources(struct rx_frame *frame)
{
	frame->resources =
		nic_rx_free(frame->queue) < frame->queue->low_watermark;
}

void rx_copy_out(struct core *core, struct rx_frame *frame)
{
	struct machine *m = machine_of(frame);

	m->stats.rx.copied_frames++;
	m->stats.cpu.copied_bytes += frame->bytes;
	charge(core, frame, R_RX_COPY, RX_COPY, 0, copy_to_pool(frame));
}

void rx_take(struct core *core, struct rx_frame *frame)
{
	struct rx_queue *queue = frame->queue;

	(void)core;
	frame->next = NULL;
	if (queue->batch_tail)
		queue->batch_tail->next = frame;
	else
		queue->batch_head = frame;
	queue->batch_tail = frame;
	queue->batch_count++;
}

/* A driver that asks the card how far it is, once for so many frames. */
static void read_head(struct core *core, struct rx_frame *frame)
{
	struct rx_queue *queue = frame->queue;
	uint32_t every = queue->adapter->rx_head_read;

	if (every && queue->received++ % every == 0)
		register_read(core, queue->adapter,
			      &(struct charge){ .direction = DIR_RX,
						.clock = &frame->clock,
						.stage = RX_DRIVER,
						.units = 1 });
}

bool rx_receive_next(struct core *core, struct rx_queue *queue)
{
	struct rx_frame *frame = queue->visible_head;
	struct vector *vector = queue->vector;

	if (!frame)
		return false;
	queue->visible_head = frame->next;
	if (!queue->visible_head)
		queue->visible_tail = NULL;
	vector_stages(vector, &frame->clock, RX_INTERRUPT, RX_MODERATION);
	stage_close(&frame->clock, RX_INTERRUPT, vector->dpc_started);
	stage_close(&frame->clock, RX_DPC_WAIT, core->kernel->now);
	read_head(core, frame);
	charge(core, frame, R_RX_FRAME, RX_DRIVER, 0,
	       coherence_read_common(&machine_of(frame)->coherence,
				     COHERENCE_LOAD));
	machine_of(frame)->rx_ops->receive(core, frame);
	return true;
}

/* --- returns --- */

static void return_start(struct core *core, struct cpu_job *job)
{
	struct rx_return *ret = (struct rx_return *)job;
	struct rx_frame *frame = ret->buffer->frame;
	struct machine *m = machine_of(frame);

	cpu_set_level(core, IRQL_DISPATCH);
	stage_close(&frame->clock, RX_REPOST, core->kernel->now);
	m->stats.rx.returned_frames++;
	charge(core, frame, R_RETURN, RX_REPOST, 0, 0);
	m->rx_ops->repost(core, ret->buffer);
}

static void return_done(struct core *core, struct cpu_job *job)
{
	struct rx_return *ret = (struct rx_return *)job;

	(void)core;
	pool_give(&ret->buffer->queue->adapter->m->returns, ret);
}

/* The protocol lets go: its thread calls the return handler. */
static void hold_ended(void *ctx, uint64_t arg)
{
	struct rx_frame *frame = ctx;
	struct machine *m = machine_of(frame);
	struct rx_return *ret = pool_take(&m->returns);
	sim_time now = m->kernel.now;

	(void)arg;
	stage_close(&frame->clock, RX_HOLD, now);
	hist_record(&m->stats.rx.hold_ps, (uint64_t)(now - frame->held_since));
	gauge_add(&m->stats.rx.buffers_held, now, -1);
	*ret = (struct rx_return){ .buffer = frame->buffer,
				   .job = { .irql = IRQL_PASSIVE,
					    .start = return_start,
					    .done = return_done } };
	cpu_submit(&m->cores[frame->flow % m->core_count], &ret->job);
}

static void hold(struct rx_frame *frame, sim_time length)
{
	struct machine *m = machine_of(frame);
	struct adapter *adapter = frame->queue->adapter;

	frame->held_since = m->kernel.now;
	gauge_add(&m->stats.rx.buffers_held, m->kernel.now, 1);
	kernel_at(
		&m->kernel, m->kernel.now + length,
		event_key(EV_HOST, adapter->component + COMP_HOLD, frame->seq),
		hold_ended, frame, 0);
}

/* --- indication --- */

/* Length of the protocol's hold: by flow and burst; 0: inside the call. */
static sim_time hold_length(const struct machine *m,
			    const struct rx_frame *frame)
{
	uint64_t r = rng_draw(&m->hold, frame->burst);

	if (!rng_chance(r, m->hold_share_ppm))
		return 0;
	return (sim_time)rng_lognormal(rng_again(r), m->hold_median_ps,
				       m->hold_p99_ps);
}

static void consumed(struct core *core, void *ctx, uint64_t arg)
{
	struct rx_frame *frame = ctx;
	struct machine *m = machine_of(frame);
	struct rx_buffer *buffer = frame->buffer;
	sim_time length;

	(void)arg;
	if (!buffer) {
		release(frame);
		return;
	}
	length = frame->resources ? 0 : hold_length(m, frame);
	if (length) {
		hold(frame, length);
		return;
	}
	if (!frame->resources) { /* a RESOURCES list is not returned */
		m->stats.rx.returned_frames++;
		charge(core, frame, R_RETURN, RX_REPOST, 0, 0);
	}
	m->rx_ops->repost(core, buffer);
}

/* What it costs the consumer that the buffer it was given is uncached. */
static uint64_t read_uncached(const struct rx_frame *frame)
{
	if (!frame->buffer || !frame->queue->common || frame->resources)
		return 0;
	return coherence_read_common(&machine_of(frame)->coherence,
				     frame->bytes);
}

static void consume_next(struct core *core, void *ctx, uint64_t arg)
{
	struct rx_frame *frame = ctx, *next;
	struct machine *m;

	(void)arg;
	if (!frame)
		return;
	m = machine_of(frame);
	next = frame->next;
	stage_close(&frame->clock, RX_STACK_WAIT, core->kernel->now);
	if (frame->resources) {
		m->stats.cpu.copied_bytes += frame->bytes;
		charge(core, frame, R_INDICATE_COPY, RX_STACK, 0,
		       copy_to_pool(frame));
	}
	charge(core, frame, R_FIRST_TOUCH, RX_STACK, 0,
	       copy_read_cycles(&m->copy,
				memory_residency(&m->memory, frame->data),
				frame->bytes) +
		       read_uncached(frame));
	charge(core, frame, R_STACK_RX, RX_STACK, 0, 0);
	cpu_then(core, consumed, frame, 0);
	cpu_then(core, consume_next, next, 0);
}

static void book_delivery(struct machine *m, struct rx_frame *frame)
{
	sim_time now = m->kernel.now;
	uint64_t latency = (uint64_t)(now - frame->arrived_at);

	stage_close(&frame->clock, RX_INDICATE, now);
	m->work_end = now;
	m->books.delivered_bytes += frame->bytes;
	m->stats.rx.delivered_frames++;
	m->stats.rx.delivered_bytes += frame->bytes;
	if (frame->resources)
		m->stats.rx.resources_frames++;
	else if (frame->buffer)
		m->stats.rx.handed_up_frames++;
	if (frame->buffer && frame->queue->common && !m->coherence.coherent)
		hazards_note(&m->ledger.hazards, now,
			     HAZARD_UNCACHED_INDICATION, frame->number);
	if (frame->arrived_at < m->warm_up)
		return;
	hist_record(&m->stats.rx.latency_ps, latency);
	hist_record(&m->stats.rx.latency_less_moderation_ps,
		    latency -
			    (uint64_t)stage_time(&frame->clock, RX_MODERATION));
}

/* Lists of one indicate call share the RESOURCES flag. */
static uint32_t call_length(const struct rx_queue *queue)
{
	const struct rx_frame *frame = queue->batch_head;
	uint32_t count = 0;

	for (; frame && frame->resources == queue->batch_head->resources;
	     frame = frame->next)
		count++;
	return count;
}

static void indicated(struct core *core, void *ctx, uint64_t count)
{
	struct rx_queue *queue = ctx;
	struct rx_frame *first = queue->batch_head, *last = first;

	queue->batch_count -= (uint32_t)count;
	book_delivery(queue->adapter->m, first);
	while (--count) {
		last = last->next;
		book_delivery(queue->adapter->m, last);
	}
	queue->batch_head = last->next;
	if (!last->next)
		queue->batch_tail = NULL;
	last->next = NULL;
	consume_next(core, first, 0);
}

void rx_indicate(struct core *core, struct rx_queue *queue)
{
	struct machine *m = queue->adapter->m;
	uint32_t count = call_length(queue);

	m->stats.rx.indications++;
	routine_call(&m->ledger, core, R_INDICATE,
		     &(struct charge){ .direction = DIR_RX, .units = count });
	cpu_then(core, indicated, queue, count);
}
