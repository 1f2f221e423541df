/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copying into preallocated common-buffer pages, when some are free.
 */
#include "models/ndis/sends_steps.h"
#include "models/watch.h"

static void copied(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_frame *frame = ctx;
	struct machine *m = tx_machine(frame);

	(void)arg;
	m->stats.tx.copied_frames++;
	tx_ready(core, frame);
}

static uint32_t next_turn(const struct tx_queue *queue, uint32_t turn)
{
	return turn + 1 == queue->copy_pages ? 0 : turn + 1;
}

/* Write the frame to the next pages of the common buffer; where they were. */
static enum residency copy_place(struct machine *m, struct tx_frame *frame)
{
	struct tx_queue *queue = frame->queue;
	enum residency place =
		tx_sent_from(m, queue->copy_stamp[queue->copy_turn]);
	struct memory_stamp stamp = memory_cpu_wrote(&m->memory, frame->bytes);
	uint32_t page;

	for (page = 0; page < frame->copy_pages; page++) {
		queue->copy_stamp[queue->copy_turn] = stamp;
		queue->copy_turn = next_turn(queue, queue->copy_turn);
	}
	return place;
}

/* @bytes in the page of the common buffer whose turn it is. */
static struct sg_element in_page(const struct tx_queue *queue, uint32_t turn,
				 uint32_t bytes)
{
	return (struct sg_element){
		queue->copy_base + (uint64_t)turn * HOST_PAGE, bytes
	};
}

/* A page an element; or a buffer in one piece, which does not turn. */
static void list_copy(struct tx_frame *frame)
{
	const struct tx_queue *queue = frame->queue;
	uint32_t page, left = frame->bytes, turn = queue->copy_turn;

	if (queue->copy_whole) {
		if (turn + frame->copy_pages > queue->copy_pages)
			turn = 0;
		frame->sg.elements = frame->element_count = 1;
		frame->elements[0] = in_page(queue, turn, left);
		return;
	}
	frame->sg.elements = frame->element_count = frame->copy_pages;
	for (page = 0; page < frame->copy_pages; page++) {
		uint32_t bytes = left < HOST_PAGE ? left : HOST_PAGE;

		frame->elements[page] = in_page(queue, turn, bytes);
		left -= bytes;
		turn = next_turn(queue, turn);
	}
}

static void start_copy(struct core *core, struct tx_frame *frame)
{
	struct machine *m = tx_machine(frame);
	enum residency from = tx_source_of(frame), to;

	list_copy(frame);
	m->stats.cpu.copied_bytes += frame->bytes;
	tx_note_copy(m, from);
	to = copy_place(m, frame);
	if (m->tx_source == SOURCE_ZERO_COPY)
		tx_charge(core, frame, R_SYSTEM_VA, TX_COPY, frame->copy_pages,
			  0);
	tx_charge(core, frame, R_COPY, TX_COPY, 0,
		  copy_cycles(&m->copy, from, to, frame->bytes));
	cpu_then(core, copied, frame, 0);
}

static void copy_resumed(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_frame *frame = ctx;

	(void)arg;
	stage_close(&frame->clock, TX_RING_WAIT, core->kernel->now);
	start_copy(core, frame);
}

static void take_pages(struct core *core, struct tx_frame *frame)
{
	frame->copy_pages = pages_spanned(0, frame->bytes);
	frame->queue->copy_pages_free -= frame->copy_pages;
	gauge_add(&tx_machine(frame)->stats.tx.copy_pages_used,
		  core->kernel->now, frame->copy_pages);
}

bool tx_can_copy(const struct tx_frame *frame)
{
	const struct tx_queue *queue = frame->queue;
	uint32_t pages = pages_spanned(0, frame->bytes);

	return (queue->copy_whole || pages <= queue->adapter->sg_room) &&
	       pages <= queue->copy_pages;
}

static bool pages_are_free(const struct tx_frame *frame)
{
	const struct tx_queue *queue = frame->queue;

	return !queue->copy_head &&
	       queue->copy_pages_free >= pages_spanned(0, frame->bytes);
}

bool tx_can_copy_now(const struct tx_frame *frame)
{
	return tx_can_copy(frame) && pages_are_free(frame);
}

void tx_copy(struct core *core, struct tx_frame *frame)
{
	struct tx_queue *queue = frame->queue;

	tx_take_place(frame);
	if (!tx_can_copy(frame)) {
		tx_fail(core, frame); /* no free pages would ever do */
		return;
	}
	if (pages_are_free(frame)) {
		take_pages(core, frame);
		start_copy(core, frame);
		return;
	}
	if (unlikely(frame->clock.watch))
		watch_copy_wait(frame, pages_spanned(0, frame->bytes));
	frame->copy_next = NULL;
	if (queue->copy_tail)
		queue->copy_tail->copy_next = frame;
	else
		queue->copy_head = frame;
	queue->copy_tail = frame;
}

void tx_resume_copies(struct core *core, struct tx_queue *queue)
{
	while (queue->copy_head &&
	       queue->copy_pages_free >=
		       pages_spanned(0, queue->copy_head->bytes)) {
		struct tx_frame *frame = queue->copy_head;

		queue->copy_head = frame->copy_next;
		if (!queue->copy_head)
			queue->copy_tail = NULL;
		take_pages(core, frame);
		cpu_then(core, copy_resumed, frame, 0);
	}
}

void tx_end_copies(struct core *core, struct tx_queue *queue,
		   enum tx_status status)
{
	struct tx_frame *frame = queue->copy_head, *next;

	queue->copy_head = queue->copy_tail = NULL;
	for (; frame; frame = next) {
		next = frame->copy_next;
		tx_end(core, frame, status);
	}
}
