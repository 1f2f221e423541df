/* SPDX-License-Identifier: Apache-2.0 */
#include "models/nic/nic_tx.h"

#include "models/machine_state.h"
#include "models/ndis/sends.h"
#include "models/nic/moderation.h"
#include "models/nic/prefetch.h"

#define DESCRIPTOR_BYTES 16u

static void try_fetch(struct tx_queue *queue);
static void try_read(struct tx_queue *queue);
static void try_wire(struct tx_queue *queue);
static void write_back(struct tx_queue *queue);

static struct tx_frame *at(const struct tx_queue *queue, uint64_t total)
{
	return queue->slot[total & queue->slot_mask];
}

static struct tx_stats *stats_of(const struct tx_queue *queue)
{
	return &queue->adapter->m->stats.tx;
}

static sim_time now_of(const struct tx_queue *queue)
{
	return queue->adapter->m->kernel.now;
}

static void doorbell(void *ctx, uint64_t tail)
{
	struct tx_queue *queue = ctx;

	queue->prefetch.tail = tail;
	try_fetch(queue);
}

void nic_tx_post(struct tx_queue *queue, struct tx_frame *frame)
{
	queue->slot[queue->posted & queue->slot_mask] = frame;
	queue->posted++;
	queue->desc_posted += frame->descriptors;
	frame->desc_end = queue->desc_posted;
	queue->ring_used += frame->descriptors;
	BUG_ON(queue->ring_used > queue->ring_size); /* invariant 2 */
	gauge_add(&stats_of(queue)->ring_used, now_of(queue),
		  frame->descriptors);
	stats_of(queue)->descriptors += frame->descriptors;
	queue->adapter->m->books.descriptors_posted += frame->descriptors;
}

void nic_tx_doorbell(struct tx_queue *queue)
{
	struct adapter *adapter = queue->adapter;

	queue->rung = queue->posted;
	stats_of(queue)->doorbells++;
	pcie_mmio_write(
		&adapter->pcie,
		event_key(EV_BUS,
			  adapter->component + COMP_TX_DOORBELL + queue->index,
			  queue->posted),
		doorbell, queue, queue->desc_posted);
}

/* --- descriptors --- */

static void fetched(void *ctx, uint64_t arg)
{
	struct tx_queue *queue = ctx;
	sim_time now = now_of(queue);

	(void)arg;
	prefetch_end(&queue->prefetch);
	while (queue->fetched < queue->posted &&
	       at(queue, queue->fetched)->desc_end <= queue->prefetch.fetched) {
		stage_close(&at(queue, queue->fetched)->clock, TX_FETCH, now);
		queue->fetched++;
	}
	try_read(queue);
	try_fetch(queue);
}

static void try_fetch(struct tx_queue *queue)
{
	/* A frame that is only partly on chip cannot wait for more to come. */
	bool starved = queue->fetched == queue->reading;

	if (prefetch_begin(&queue->prefetch, queue->adapter, starved, fetched,
			   queue))
		stats_of(queue)->descriptor_fetches++;
}

/* --- payload --- */

/* What a frame takes of the FIFO; a super-frame passes through in pieces. */
static uint64_t fifo_share(const struct tx_queue *queue,
			   const struct tx_frame *frame)
{
	uint64_t size = queue->adapter->tx_fifo_size;

	return frame->bytes < size ? frame->bytes : size;
}

static void fifo_change(struct tx_queue *queue, int64_t delta)
{
	queue->fifo_used = (uint64_t)((int64_t)queue->fifo_used + delta);
	BUG_ON(queue->fifo_used > queue->adapter->tx_fifo_size); /* 3 */
	gauge_add(&stats_of(queue)->fifo_bytes, now_of(queue), delta);
}

static void payload_read(void *ctx, uint64_t arg)
{
	struct tx_frame *frame = ctx;
	struct tx_queue *queue = frame->queue;
	struct machine *m = queue->adapter->m;

	(void)arg;
	frame->fetched_data = true;
	m->stats.dma.moved_bytes += frame->bytes;
	m->books.moved_bytes += frame->bytes;
	stage_close(&frame->clock, TX_DATA, now_of(queue));
	queue->reads_active--;
	try_wire(queue);
	try_read(queue);
}

static void try_read(struct tx_queue *queue)
{
	struct adapter *adapter = queue->adapter;
	bool took = false;

	while (queue->reading < queue->fetched &&
	       queue->reads_active < adapter->dma_reads) {
		struct tx_frame *frame = at(queue, queue->reading);
		uint64_t share = fifo_share(queue, frame);

		if (queue->fifo_used + share > adapter->tx_fifo_size)
			break;
		fifo_change(queue, (int64_t)share);
		queue->reading++;
		queue->reads_active++;
		queue->prefetch.taken = frame->desc_end;
		took = true;
		engine_read(&adapter->engine,
			    &(struct pcie_read_args){
				    .elements = frame->elements,
				    .count = frame->element_count,
				    .from = frame->source,
				    .done = payload_read,
				    .ctx = frame });
	}
	if (took)
		try_fetch(queue);
}

/* --- wire --- */

static void departed(void *ctx, uint64_t arg)
{
	struct tx_frame *frame = ctx;
	struct tx_queue *queue = frame->queue;

	(void)arg;
	queue->done++;
	vector_count(queue->vector, CAUSE_TX, frame->bytes);
	tx_departed(frame);
	fifo_change(queue, -(int64_t)fifo_share(queue, frame));
	if (queue->done - queue->written >= queue->adapter->tx_write_back)
		write_back(queue);
	vector_raise(queue->vector, CAUSE_TX);
	try_read(queue);
}

static void serve_wire(struct tx_frame *frame, void (*done)(void *, uint64_t))
{
	struct adapter *adapter = frame->queue->adapter;

	server_serve(
		&adapter->wire_tx,
		byte_clock_take(&adapter->wire_tx_clock, frame->wire_bytes), 0,
		event_key(EV_WIRE, adapter->component + COMP_WIRE_TX,
			  frame->seq),
		done, frame, 0);
}

static void try_wire(struct tx_queue *queue)
{
	while (queue->wired < queue->reading &&
	       at(queue, queue->wired)->fetched_data)
		serve_wire(at(queue, queue->wired++), departed);
}

static void bypassed(void *ctx, uint64_t arg)
{
	struct tx_frame *frame = ctx;

	(void)arg;
	tx_departed(frame);
	tx_settle(frame);
}

void nic_tx_bypass(struct tx_queue *queue, struct tx_frame *frame)
{
	frame->queue = queue;
	serve_wire(frame, bypassed);
}

/* --- completion --- */

static void written_back(void *ctx, uint64_t upto)
{
	struct tx_queue *queue = ctx;
	sim_time now = now_of(queue);

	for (; queue->visible < upto; queue->visible++)
		stage_close(&at(queue, queue->visible)->clock, TX_WRITE_BACK,
			    now);
	/* No message comes behind the write: the next poll finds it. */
	if (queue->vector->poll)
		vector_raise(queue->vector, CAUSE_TX);
}

static void write_back(struct tx_queue *queue)
{
	struct adapter *adapter = queue->adapter;
	uint64_t frames = queue->done - queue->written;
	uint64_t slot = queue->written % queue->ring_size;

	queue->written = queue->done;
	stats_of(queue)->write_backs++;
	engine_write(&adapter->engine,
		     &(struct pcie_write_args){
			     .elements = { { queue->prefetch.base +
						     slot * DESCRIPTOR_BYTES,
					     (uint32_t)frames *
						     DESCRIPTOR_BYTES } },
			     .count = 1,
			     .done = written_back,
			     .ctx = queue,
			     .arg = queue->written });
}

void nic_tx_flush(struct tx_queue *queue)
{
	uint64_t frame;

	if (queue->done == queue->written)
		return;
	/* They waited for the interrupt, not for the write. */
	for (frame = queue->written; frame < queue->done; frame++)
		vector_stages(queue->vector, &at(queue, frame)->clock,
			      TX_INTERRUPT, TX_MODERATION);
	write_back(queue);
}
