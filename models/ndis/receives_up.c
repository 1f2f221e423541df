/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Indication: the batch goes up, the protocol consumes it, and keeps buffers.
 */
#include "models/booking.h"
#include "models/ndis/receives_steps.h"
#include "models/watch.h"

sim_time rx_draw_hold(const struct machine *m, uint64_t burst)
{
	uint64_t r = rng_draw(&m->hold, burst);

	if (!rng_chance(r, m->hold_share_ppm))
		return 0;
	return (sim_time)rng_lognormal_draw(&m->hold_law, rng_again(r));
}

static sim_time hold_length(const struct machine *m,
			    const struct rx_frame *frame)
{
	if (frame->resources)
		return 0;
	return frame->hold < 0 ? rx_draw_hold(m, frame->burst) : frame->hold;
}

static void consumed(struct core *core, void *ctx, uint64_t arg)
{
	struct rx_frame *frame = ctx;
	sim_time length;

	(void)arg;
	if (!frame->buffer) {
		rx_release(frame);
		return;
	}
	length = hold_length(rx_machine(frame), frame);
	if (length)
		rx_hold(frame, length);
	else
		rx_return_now(core, frame);
}

static void call_over(struct core *core, void *ctx, uint64_t arg)
{
	(void)arg;
	rx_return_rest(core, ctx);
}

/* What it costs the consumer that the buffer it was given is uncached. */
static uint64_t read_uncached(const struct rx_frame *frame)
{
	if (!frame->buffer || !frame->queue->common || frame->resources)
		return 0;
	return coherence_read_common(&rx_machine(frame)->coherence,
				     frame->bytes);
}

static void consume_next(struct core *core, void *ctx, uint64_t arg)
{
	struct rx_frame *frame = ctx, *next = frame->next;
	struct machine *m = rx_machine(frame);
	struct rx_queue *queue = frame->queue;

	(void)arg;
	stage_close(&frame->clock, RX_STACK_WAIT, core->kernel->now);
	rx_read(frame);
	if (frame->resources) {
		m->stats.cpu.copied_bytes += frame->bytes;
		rx_charge(core, frame, R_INDICATE_COPY, RX_STACK, 0,
			  rx_copy_to_pool(frame));
	}
	rx_charge(core, frame, R_FIRST_TOUCH, RX_STACK, 0,
		  copy_read_cycles(&m->copy,
				   memory_residency(&m->memory, frame->data),
				   frame->bytes) +
			  read_uncached(frame));
	rx_charge(core, frame, R_STACK_RX, RX_STACK, 0, 0);
	cpu_then(core, consumed, frame, 0);
	if (next)
		cpu_then(core, consume_next, next, 0);
	else
		cpu_then(core, call_over, queue, 0);
}

static void book_delivery(struct machine *m, struct rx_frame *frame)
{
	sim_time now = m->kernel.now;
	uint64_t latency = (uint64_t)(now - frame->arrived_at);

	stage_close(&frame->clock, RX_INDICATE, now);
	if (unlikely(frame->clock.watch))
		watch_delivered(&frame->clock, now);
	m->work_end = now;
	m->books.delivered_bytes += frame->bytes;
	if (frame->resources)
		m->stats.rx.resources_frames++;
	else if (frame->buffer)
		m->stats.rx.handed_up_frames++;
	if (frame->buffer && frame->queue->common && !m->coherence.coherent)
		hazards_note(&m->ledger.hazards, now,
			     HAZARD_UNCACHED_INDICATION, frame->number);
	rx_count_delivered(m, frame, latency);
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
	book_delivery(queue->m, first);
	while (--count) {
		last = last->next;
		book_delivery(queue->m, last);
	}
	queue->batch_head = last->next;
	if (!last->next)
		queue->batch_tail = NULL;
	last->next = NULL;
	consume_next(core, first, 0);
}

void rx_indicate(struct core *core, struct rx_queue *queue)
{
	struct machine *m = queue->m;
	uint32_t count = call_length(queue);

	m->stats.rx.indications++;
	routine_call(&m->ledger, core,
		     m->rx_ops->packets ? R_INDICATE5 : R_INDICATE,
		     &(struct charge){ .direction = DIR_RX, .units = count });
	cpu_then(core, indicated, queue, count);
}
