/* SPDX-License-Identifier: Apache-2.0 */
#include "models/nic/nic_tx.h"

#include <string.h>

#include "models/machine_state.h"
#include "models/ndis/checks.h"
#include "models/ndis/sends.h"
#include "models/nic/moderation.h"
#include "models/nic/prefetch.h"

#define WIRE_OVERHEAD 24u /* FCS, preamble, gap */
#define HEAD_BYTES    4u

static void try_fetch(struct tx_queue *queue);
static void read_frames(struct tx_queue *queue);
static void try_wire(struct tx_queue *queue);
static void write_back(struct tx_queue *queue);
static void leave_late(struct tx_frame *frame);

static struct tx_frame *at(const struct tx_queue *queue, uint64_t total)
{
	return queue->slot[total & queue->slot_mask];
}

static struct tx_stats *stats_of(const struct tx_queue *queue)
{
	return &queue->m->stats.tx;
}

static sim_time now_of(const struct tx_queue *queue)
{
	return queue->m->kernel.now;
}

static inline void try_read(struct tx_queue *queue)
{
	if (queue->reading < queue->fetched)
		read_frames(queue);
}

/* Frames whose descriptors are all on chip. */
static void note_fetched(struct tx_queue *queue)
{
	sim_time now = now_of(queue);

	while (queue->fetched < queue->posted &&
	       at(queue, queue->fetched)->desc_end <= queue->prefetch.fetched) {
		stage_close(&at(queue, queue->fetched)->clock, TX_FETCH, now);
		queue->fetched++;
	}
	try_read(queue);
}

static void doorbell(void *ctx, uint64_t tail)
{
	struct tx_queue *queue = ctx;

	if (queue->stopped)
		return; /* nobody reads the register */
	/* Woken, it sees whatever was posted since. */
	if (queue->adapter->suppress) {
		tail = queue->desc_posted;
		queue->rung = queue->posted;
	}
	queue->prefetch.tail = tail;
	if (!queue->adapter->device_descriptors) {
		try_fetch(queue);
		return;
	}
	queue->prefetch.requested = queue->prefetch.fetched = tail;
	note_fetched(queue);
}

/* No ring in memory: every element is written into the card. */
static void write_elements(struct tx_queue *queue, uint32_t descriptors)
{
	struct adapter *adapter = queue->adapter;
	uint32_t left = element_writes(adapter, descriptors);

	while (--left)
		pcie_mmio_write(&adapter->pcie, 0, NULL, NULL, 0);
	nic_tx_doorbell(queue);
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
	queue->m->books.descriptors_posted += frame->descriptors;
	if (queue->adapter->device_descriptors)
		write_elements(queue, frame->descriptors);
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

void nic_tx_notice(struct tx_queue *queue)
{
	if (queue->done == queue->rung) { /* it has finished meanwhile */
		nic_tx_doorbell(queue);
		return;
	}
	queue->rung = queue->posted;
	/* Asleep, it is woken by a tail write that is on its way. */
	if (at(queue, queue->done)->desc_end <= queue->prefetch.tail)
		doorbell(queue, queue->desc_posted);
}

/* --- descriptors --- */

static void fetched(void *ctx, uint64_t arg)
{
	struct tx_queue *queue = ctx;

	prefetch_end(&queue->prefetch, queue->adapter, arg);
	note_fetched(queue);
	try_fetch(queue);
}

static void try_fetch(struct tx_queue *queue)
{
	/* A frame that is only partly on chip cannot wait for more to come. */
	bool starved = queue->fetched == queue->reading;

	if (!queue->stopped &&
	    prefetch_is_due(&queue->prefetch, queue->adapter, starved))
		stats_of(queue)->descriptor_fetches +=
			prefetch_begin(&queue->prefetch, queue->adapter,
				       starved, fetched, queue);
}

/* --- payload --- */

/* What a frame takes of the FIFO; a super-frame passes through in pieces. */
static uint64_t fifo_share(const struct tx_queue *queue,
			   const struct tx_frame *frame)
{
	uint64_t size = queue->adapter->tx_fifo_size;

	return frame->bytes < size ? frame->bytes : size;
}

static inline void fifo_change(struct tx_queue *queue, int64_t delta)
{
	queue->fifo_used = (uint64_t)((int64_t)queue->fifo_used + delta);
	BUG_ON(queue->fifo_used > queue->adapter->tx_fifo_size); /* 3 */
	gauge_add(&stats_of(queue)->fifo_bytes, now_of(queue), delta);
}

/*
 * Bytes that must be in the FIFO before the first is on the wire: all of a
 * frame but for nic.tx_cut_through, the first segment of a super-frame.
 */
static uint32_t bytes_ahead(const struct tx_frame *frame)
{
	uint32_t least = frame->queue->adapter->cut_through;

	if (frame->wire_frames > 1)
		least = frame->segment_bytes;
	return least && least < frame->bytes ? least : frame->bytes;
}

/* Cut the list after @bytes, an element in two if need be. */
static uint32_t split_elements(struct tx_frame *frame, uint32_t bytes)
{
	struct sg_element *element = frame->elements;

	while (bytes > element->bytes)
		bytes -= element++->bytes;
	if (bytes < element->bytes) {
		size_t left = frame->element_count -
			      (size_t)(element - frame->elements);

		memmove(element + 1, element, left * sizeof(*element));
		element->bytes = bytes;
		element[1].address += bytes;
		element[1].bytes -= bytes;
		frame->element_count++;
	}
	return (uint32_t)(element + 1 - frame->elements);
}

static void may_leave(struct tx_frame *frame)
{
	if (frame->may_leave)
		return;
	frame->may_leave = true;
	stage_close(&frame->clock, TX_DATA, now_of(frame->queue));
	try_wire(frame->queue);
}

static void payload_read(struct tx_frame *frame)
{
	struct tx_queue *queue = frame->queue;
	struct machine *m = queue->m;

	frame->read = true;
	hal_set_active(&frame->map, false);
	m->stats.dma.moved_bytes += frame->bytes;
	m->books.moved_bytes += frame->bytes;
	queue->reads_active--;
	may_leave(frame);
	if (frame->late)
		leave_late(frame);
	try_read(queue);
}

/* A short rest may be stored before what it follows. */
static void part_read(void *ctx, uint64_t arg)
{
	struct tx_frame *frame = ctx;

	(void)arg;
	if (!--frame->parts)
		payload_read(frame);
}

static void first_read(void *ctx, uint64_t arg)
{
	may_leave(ctx);
	part_read(ctx, arg);
}

static void read_payload(struct tx_frame *frame)
{
	struct engine *engine = &frame->queue->adapter->engine;
	uint32_t ahead = bytes_ahead(frame), first = 0;
	struct pcie_read_args args = {
		.elements = frame->elements,
		.from = frame->source,
		.ctx = frame,
	};

	tx_check_read(frame);
	frame->parts = ahead < frame->bytes ? 2 : 1;
	if (ahead < frame->bytes) {
		first = split_elements(frame, ahead);
		args.count = first;
		args.done = first_read;
		engine_read(engine, &args);
	}
	args.elements += first;
	args.count = frame->element_count - first;
	args.done = part_read;
	engine_read(engine, &args);
}

/* --- indirect descriptors --- */

void nic_tx_indirect(struct tx_frame *frame)
{
	/* Where tables are does not matter: the ring's first page is near. */
	frame->table = (struct sg_element){
		frame->queue->prefetch.base,
		frame->descriptors * DESCRIPTOR_BYTES,
	};
	frame->descriptors = 1;
}

static void table_read(void *ctx, uint64_t arg)
{
	(void)arg;
	read_payload(ctx);
}

static void read_table(struct tx_frame *frame)
{
	stats_of(frame->queue)->descriptor_fetches++;
	engine_read(&frame->queue->adapter->engine,
		    &(struct pcie_read_args){ .elements = &frame->table,
					      .count = 1,
					      .from = IN_LLC,
					      .done = table_read,
					      .ctx = frame });
}

void nic_tx_feed(struct tx_queue *queue, struct tx_frame *frame)
{
	queue->slot[queue->posted & queue->slot_mask] = frame;
	queue->rung = ++queue->posted;
	frame->desc_end = queue->desc_posted;
	queue->fetched++;
	queue->reading++;
	queue->reads_active++;
	fifo_change(queue, (int64_t)fifo_share(queue, frame));
}

void nic_tx_fed(struct tx_frame *frame)
{
	payload_read(frame);
}

/* Payload of frames that are fetched, while the FIFO has room for them. */
static void read_frames(struct tx_queue *queue)
{
	struct adapter *adapter = queue->adapter;
	bool took = false;

	while (!queue->stopped && queue->reading < queue->fetched &&
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
		if (adapter->indirect)
			read_table(frame);
		else
			read_payload(frame);
	}
	if (took)
		try_fetch(queue);
}

/* --- wire --- */

static void complete(struct tx_queue *queue)
{
	switch (queue->adapter->completion) {
	case COMPLETION_REGISTER:
		queue->written = queue->visible = queue->done;
		break;
	default:
		if (queue->done - queue->written >=
		    queue->adapter->tx_write_back)
			write_back(queue);
	}
}

static void departed(void *ctx, uint64_t arg)
{
	struct tx_frame *frame = ctx;
	struct tx_queue *queue = frame->queue;

	(void)arg;
	if (!frame->read) {
		frame->late = true; /* and nothing passes it */
		return;
	}
	queue->done++;
	vector_count(queue->vector, CAUSE_TX, frame->bytes, now_of(queue));
	tx_departed(frame);
	fifo_change(queue, -(int64_t)fifo_share(queue, frame));
	complete(queue);
	vector_raise(queue->vector, CAUSE_TX);
	if (frame->ahead) {
		queue->on_wire = false;
		try_wire(queue);
	}
	try_read(queue);
}

static void serve_wire(struct tx_frame *frame, uint32_t bytes,
		       void (*done)(void *, uint64_t))
{
	struct adapter *adapter = frame->queue->adapter;

	server_serve(&adapter->wire_tx,
		     byte_clock_take(&adapter->wire_tx_clock, bytes), 0,
		     event_key(EV_WIRE, adapter->component + COMP_WIRE_TX,
			       frame->seq),
		     done, frame, 0);
}

/*
 * A frame was on the wire before it was read.  A super-frame only paused: its
 * last segment follows now.  Any other was cut off and is sent again.
 */
static void leave_late(struct tx_frame *frame)
{
	uint32_t bytes = frame->wire_bytes;

	frame->late = false;
	if (frame->wire_frames > 1)
		bytes = frame->segment_bytes + WIRE_OVERHEAD;
	else
		stats_of(frame->queue)->underruns++;
	serve_wire(frame, bytes, departed);
}

/* One frame at a time goes to the wire while some may be late. */
static void try_wire(struct tx_queue *queue)
{
	while (queue->wired < queue->reading && !queue->on_wire) {
		struct tx_frame *frame = at(queue, queue->wired);

		if (!frame->may_leave)
			return;
		queue->wired++;
		frame->ahead = queue->on_wire = !frame->read;
		serve_wire(frame, frame->wire_bytes, departed);
	}
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
	serve_wire(frame, frame->wire_bytes, bypassed);
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
	uint32_t frames = (uint32_t)(queue->done - queue->written);
	struct pcie_write_args args = {
		.elements = { { queue->prefetch.base, HEAD_BYTES } },
		.count = 1,
		.done = written_back,
		.ctx = queue,
		.arg = queue->done,
	};

	if (queue->adapter->completion == COMPLETION_DESCRIPTOR)
		args.count = prefetch_place(&queue->prefetch, queue->written,
					    frames, args.elements);
	queue->written = queue->done;
	stats_of(queue)->write_backs++;
	engine_write(&queue->adapter->engine, &args);
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

/* --- a card that stands still --- */

void nic_tx_stop(struct tx_queue *queue)
{
	queue->stopped = true;
}

bool nic_tx_is_quiet(const struct tx_queue *queue)
{
	return queue->done == queue->reading && !queue->prefetch.active;
}

void nic_tx_restart(struct tx_queue *queue)
{
	struct prefetch *prefetch = &queue->prefetch;

	queue->stopped = false;
	queue->fetched = queue->reading = queue->wired = queue->posted;
	queue->done = queue->written = queue->visible = queue->posted;
	queue->rung = queue->posted;
	prefetch->tail = prefetch->requested = queue->desc_posted;
	prefetch->fetched = prefetch->taken = queue->desc_posted;
}
