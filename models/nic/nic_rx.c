/* SPDX-License-Identifier: Apache-2.0 */
#include "models/nic/nic_rx.h"

#include "models/machine_state.h"
#include "models/ndis/checks.h"
#include "models/ndis/receives.h"
#include "models/nic/moderation.h"
#include "models/nic/prefetch.h"
#include "models/watch.h"

static void try_fetch(struct rx_queue *queue);

static struct rx_stats *stats_of(const struct rx_queue *queue)
{
	return &queue->m->stats.rx;
}

static sim_time now_of(const struct rx_queue *queue)
{
	return queue->m->kernel.now;
}

static void note_free(struct rx_queue *queue, int delta)
{
	gauge_add(&stats_of(queue)->ring_free, now_of(queue), delta);
}

static inline void fifo_change(struct rx_queue *queue, int64_t delta)
{
	queue->fifo_used = (uint64_t)((int64_t)queue->fifo_used + delta);
	BUG_ON(queue->fifo_used > queue->adapter->rx_fifo_size); /* 3 */
	gauge_add(&stats_of(queue)->fifo_bytes, now_of(queue), delta);
}

/* --- payload and write-back --- */

static void push(struct rx_frame **head, struct rx_frame **tail,
		 struct rx_frame *frame)
{
	frame->next = NULL;
	if (*tail)
		(*tail)->next = frame;
	else
		*head = frame;
	*tail = frame;
}

/* Descriptors in memory: not of a card that is told, or served. */
static bool has_ring(const struct rx_queue *queue)
{
	return !queue->adapter->device_descriptors && !queue->feed;
}

static bool by_the_frame(const struct rx_queue *queue)
{
	return queue->adapter->rx_write_back <= 1 || !has_ring(queue);
}

static void become_visible(struct rx_frame *frame)
{
	struct rx_queue *queue = frame->queue;

	stage_close(&frame->clock, RX_WRITE_BACK, now_of(queue));
	push(&queue->visible_head, &queue->visible_tail, frame);
	vector_raise(queue->vector, CAUSE_RX);
}

static void write_back(struct rx_queue *queue);

static void payload_written(void *ctx, uint64_t arg)
{
	struct rx_frame *frame = ctx;
	struct rx_queue *queue = frame->queue;
	struct machine *m = queue->m;

	(void)arg;
	stage_close(&frame->clock, RX_DMA_WRITE, now_of(queue));
	fifo_change(queue, -(int64_t)frame->bytes);
	vector_count(queue->vector, CAUSE_RX, frame->bytes, m->kernel.now);
	rx_check_write(frame);
	m->stats.dma.moved_bytes += frame->bytes;
	m->books.moved_bytes += frame->bytes;
	frame->data = frame->buffer->stamp = memory_device_wrote(
		&m->memory, frame->buffer->stamp, frame->bytes);
	frame->buffer->unflushed = frame->buffer->mapped;
	if (by_the_frame(queue)) {
		become_visible(frame);
		return;
	}
	push(&queue->write_head, &queue->write_tail, frame);
	if (!queue->write_count++)
		queue->write_first = frame;
	if (queue->write_count >= queue->adapter->rx_write_back)
		write_back(queue);
	else
		vector_raise(queue->vector, CAUSE_RX);
}

static void written_back(void *ctx, uint64_t count)
{
	struct rx_queue *queue = ctx;

	while (count--) {
		struct rx_frame *frame = queue->write_head;

		queue->write_head = frame->next;
		if (!queue->write_head)
			queue->write_tail = NULL;
		become_visible(frame);
	}
}

static void write_back(struct rx_queue *queue)
{
	struct pcie_write_args args = {
		.done = written_back,
		.ctx = queue,
		.arg = queue->write_count,
	};

	stats_of(queue)->write_backs++;
	args.count = prefetch_place(&queue->prefetch, queue->written,
				    queue->write_count, args.elements);
	queue->written += queue->write_count;
	queue->write_count = 0;
	engine_write(&queue->adapter->engine, &args);
}

void nic_rx_flush(struct rx_queue *queue)
{
	struct rx_frame *frame;
	uint32_t left = queue->write_count;

	if (!left)
		return;
	/* The list also holds frames whose write-back is on its way. */
	for (frame = queue->write_first; left; frame = frame->next, left--)
		vector_stages(queue->vector, &frame->clock, RX_INTERRUPT,
			      RX_MODERATION);
	write_back(queue);
}

/* With write-back by the frame its descriptor follows right behind. */
static void write_payload(struct rx_queue *queue, struct rx_frame *frame)
{
	struct adapter *adapter = queue->adapter;
	struct pcie_write_args args = {
		.elements = { { frame->buffer->address, frame->bytes } },
		.count = 1,
		.done = payload_written,
		.ctx = frame,
	};

	if (by_the_frame(queue) && has_ring(queue)) {
		stats_of(queue)->write_backs++;
		args.elements[args.count++] =
			prefetch_one(&queue->prefetch, queue->used - 1);
	}
	engine_write(&adapter->engine, &args);
}

/* Frames in the FIFO meet descriptors on chip. */
static void try_write(struct rx_queue *queue)
{
	while (queue->fifo_head && queue->used < queue->prefetch.fetched) {
		struct rx_frame *frame = queue->fifo_head;

		queue->fifo_head = frame->next;
		if (!queue->fifo_head)
			queue->fifo_tail = NULL;
		frame->buffer = queue->slot[queue->used & queue->slot_mask];
		frame->buffer->frame = frame;
		queue->prefetch.taken = ++queue->used;
		queue->m->books.rx_buffers_used++;
		note_free(queue, -1);
		stage_close(&frame->clock, RX_FIFO, now_of(queue));
		if (unlikely(frame->clock.watch))
			watch_rx_memory(frame);
		if (queue->feed)
			queue->feed(queue, frame);
		else
			write_payload(queue, frame);
	}
	try_fetch(queue);
}

void nic_rx_fed(struct rx_frame *frame)
{
	payload_written(frame, 0);
}

bool nic_rx_arrive(struct rx_queue *queue, struct rx_frame *frame)
{
	if (queue->fifo_used + frame->bytes > queue->adapter->rx_fifo_size)
		return false;
	fifo_change(queue, frame->bytes);
	push(&queue->fifo_head, &queue->fifo_tail, frame);
	try_write(queue);
	return true;
}

/* --- descriptors --- */

static void fetched(void *ctx, uint64_t arg)
{
	struct rx_queue *queue = ctx;

	prefetch_end(&queue->prefetch, queue->adapter, arg);
	try_write(queue);
}

static void try_fetch(struct rx_queue *queue)
{
	bool starved = queue->prefetch.fetched == queue->prefetch.taken;

	if (prefetch_is_due(&queue->prefetch, queue->adapter, starved))
		stats_of(queue)->descriptor_fetches +=
			prefetch_begin(&queue->prefetch, queue->adapter,
				       starved, fetched, queue);
}

static void doorbell(void *ctx, uint64_t tail)
{
	struct rx_queue *queue = ctx;

	if (queue->adapter->suppress)
		tail = queue->rung = queue->posted;
	queue->prefetch.tail = tail;
	if (!has_ring(queue))
		queue->prefetch.requested = queue->prefetch.fetched = tail;
	try_write(queue);
}

void nic_rx_doorbell(struct rx_queue *queue)
{
	struct adapter *adapter = queue->adapter;
	uint32_t i;

	queue->rung = queue->posted;
	stats_of(queue)->doorbells++;
	/* A card without a ring is told address and length. */
	for (i = 1; i < element_writes(adapter, 1); i++)
		pcie_mmio_write(&adapter->pcie, 0, NULL, NULL, 0);
	pcie_mmio_write(
		&adapter->pcie,
		event_key(EV_BUS,
			  adapter->component + COMP_RX_DOORBELL + queue->index,
			  queue->posted),
		doorbell, queue, queue->posted);
}

void nic_rx_notice(struct rx_queue *queue)
{
	queue->rung = queue->posted;
	doorbell(queue, queue->posted);
}

void nic_rx_post(struct rx_queue *queue, struct rx_buffer *buffer)
{
	queue->slot[queue->posted & queue->slot_mask] = buffer;
	queue->posted++;
	BUG_ON(queue->posted - queue->used > queue->ring_size); /* 2 */
	queue->m->books.rx_buffers_posted++;
	note_free(queue, 1);
}

void nic_rx_start(struct rx_queue *queue)
{
	queue->rung = queue->prefetch.tail = queue->posted;
	prefetch_fill(&queue->prefetch, queue->adapter);
	if (!has_ring(queue))
		queue->prefetch.requested = queue->prefetch.fetched =
			queue->prefetch.tail;
	queue->buffers_at_start = (uint32_t)queue->posted;
	/* A driver with few buffers must not starve the NIC of them. */
	queue->tail_batch = queue->adapter->rx_tail_batch;
	if (queue->tail_batch > queue->buffers_at_start / 4)
		queue->tail_batch = queue->buffers_at_start / 4;
	if (!queue->tail_batch || !has_ring(queue))
		queue->tail_batch = 1;
}
