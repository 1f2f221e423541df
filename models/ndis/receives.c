/* SPDX-License-Identifier: Apache-2.0 */
#include "models/booking.h"
#include "models/ndis/misuse.h"
#include "models/ndis/receives_steps.h"

#include "models/ndis/interrupts.h"
#include "models/nic/moderation.h"
#include "models/nic/nic_rx.h"
#include "models/watch.h"

/* --- the end of a frame's way --- */

void rx_release(struct rx_frame *frame)
{
	struct machine *m = rx_machine(frame);
	sim_time now = m->kernel.now;
	uint64_t total = (uint64_t)(now - frame->arrived_at);
	bool counted = !m->light && frame->counted;

	m->end_at = now;
	m->rx_counted += counted;
	m->books.rx_released++;
	m->books.rx_residence += total;
	level_add(&m->books.rx_level, now, -1);
	gauge_add(&m->stats.rx.in_system, now, -1);
	book_released(m, frame, total, counted);
	if (unlikely(frame->clock.watch))
		watch_end(&frame->clock, now, VERDICT_DELIVERED, "");
	pool_give(&m->rx_frames, frame);
	if (unlikely(lifecycle_waits(&m->life)))
		lifecycle_left(m);
}

/* --- arrival --- */

static struct rx_queue *queue_of(struct machine *m, uint32_t hash)
{
	struct adapter *adapter = &m->adapters[0];

	return &adapter->rx[rss_queue(&adapter->rss, hash)];
}

static void count_drop(struct machine *m, const struct rx_frame *frame,
		       uint64_t *counter)
{
	struct rx_queue *queue = frame->queue;

	m->books.rx_dropped++;
	if (!frame->counted)
		return;
	if (!*counter)
		m->stats.rx.dropped_first_ps = (uint64_t)m->kernel.now;
	++*counter;
	if (++queue->drop_run > m->stats.rx.dropped_longest_run)
		m->stats.rx.dropped_longest_run = queue->drop_run;
}

void rx_count_delivered(struct machine *m, const struct rx_frame *frame,
			uint64_t latency)
{
	m->worked.receives++;
	if (!frame->counted)
		return;
	m->stats.rx.delivered_frames++;
	m->stats.rx.delivered_bytes += frame->bytes;
	book_delivered(m, frame, latency);
}

/* The null strategy: delivered at its last bit. */
static void deliver_at_once(struct machine *m, struct rx_frame *frame)
{
	m->work_end = m->kernel.now;
	if (unlikely(frame->clock.watch))
		watch_delivered(&frame->clock, m->kernel.now);
	rx_count_delivered(m, frame, 0);
	rx_release(frame);
}

void rx_arrive(struct machine *m, const struct frame *record, uint64_t burst)
{
	struct rx_queue *queue = queue_of(m, record->rss);
	struct rx_frame *frame = pool_take(&m->rx_frames);
	sim_time now = m->kernel.now;
	const char *why;

	stage_start(&frame->clock, now);
	frame->queue = queue;
	frame->buffer = NULL;
	frame->seq = m->rx_seq++;
	frame->number = record->number;
	frame->arrived_at = now;
	frame->burst = burst;
	frame->bytes = record->bytes;
	frame->flow = record->flow;
	frame->hold = unlikely(record->layout) ? logged_receive(m, record) : -1;
	frame->resources = frame->late_flush = false;
	frame->misuse = 0;
	/* By its stamp: what the wire delays is still of its window. */
	frame->counted = record->at >= m->warm_up;
	m->books.rx_offered++;
	if (frame->counted) {
		m->stats.rx.offered_frames++;
		m->stats.rx.offered_bytes += record->bytes;
	}
	level_add(&m->books.rx_level, now, 1);
	gauge_add(&m->stats.rx.in_system, now, 1);
	if (unlikely(m->observers))
		watch_rx(m, frame, record->part);
	if (m->rx_ops->bypass) {
		deliver_at_once(m, frame);
		return;
	}
	if (!lifecycle_receives(&m->life)) {
		why = "adapter_stopped";
		count_drop(m, frame, &m->stats.rx.dropped_stopped_frames);
	} else if (record->bytes > queue->frame_max) {
		why = "longer_than_a_buffer";
		count_drop(m, frame, &m->stats.rx.dropped_oversize_frames);
	} else if (!nic_rx_arrive(queue, frame)) {
		why = "fifo_full";
		count_drop(m, frame, &m->stats.rx.dropped_fifo_frames);
		m->books.rx_dropped_load++;
	} else {
		queue->drop_run = 0;
		return;
	}
	level_add(&m->books.rx_level, now, -1);
	gauge_add(&m->stats.rx.in_system, now, -1);
	if (unlikely(frame->clock.watch))
		watch_end(&frame->clock, now, VERDICT_DROPPED, why);
	pool_give(&m->rx_frames, frame);
}

/* --- receiving --- */

uint64_t rx_copy_to_pool(struct rx_frame *frame)
{
	struct machine *m = rx_machine(frame);
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

void rx_mark_resources(struct rx_frame *frame)
{
	frame->resources =
		nic_rx_free(frame->queue) < frame->queue->low_watermark ||
		misuse_has(frame->misuse, HAZARD_RESOURCES_KEPT);
}

void rx_read_early(struct rx_frame *frame)
{
	struct machine *m = rx_machine(frame);

	hazards_note(&m->ledger.hazards, m->kernel.now,
		     HAZARD_READ_BEFORE_FLUSH, frame->number);
	frame->buffer->unflushed = false; /* once a frame */
}

void rx_copy_out(struct core *core, struct rx_frame *frame)
{
	struct machine *m = rx_machine(frame);

	rx_read(frame);
	m->stats.rx.copied_frames++;
	m->stats.cpu.copied_bytes += frame->bytes;
	rx_charge(core, frame, R_RX_COPY, RX_COPY, 0, rx_copy_to_pool(frame));
}

void rx_bounce_out(struct core *core, struct rx_frame *frame)
{
	struct machine *m = rx_machine(frame);

	m->stats.hal.mapped_bytes += frame->bytes;
	m->stats.hal.moved_bytes += frame->bytes;
	m->stats.hal.bounced_bytes += frame->bytes;
	m->stats.cpu.bounce_copied_bytes += frame->bytes;
	rx_charge(core, frame, R_BOUNCE, RX_FLUSH, 0, rx_copy_to_pool(frame));
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

void rx_taken(struct core *core, void *frame, uint64_t arg)
{
	(void)arg;
	rx_take(core, frame);
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
	rx_charge(core, frame, R_RX_FRAME, RX_DRIVER, 0,
		  coherence_read_common(&rx_machine(frame)->coherence,
					COHERENCE_LOAD));
	misuse_receive(frame);
	rx_machine(frame)->rx_ops->receive(core, frame);
	if (nic_rx_free(queue) < queue->low_watermark)
		rx_grow(core, queue);
	return true;
}
