/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Buffers on their way back: returned by the protocol, recycled, posted.
 */
#include "models/ndis/checks.h"
#include "models/ndis/misuse.h"
#include "models/ndis/receives_steps.h"
#include "models/nic/moderation.h"
#include "models/nic/nic_rx.h"

/* Frames that the protocol returns in one call, outside the indicate call. */
struct rx_return {
	struct cpu_job job;
	struct rx_queue *queue;
	struct rx_chain chain;
};

size_t rx_return_size(void)
{
	return sizeof(struct rx_return);
}

/* --- to the ring --- */

void rx_end_of_frame(struct rx_buffer *buffer)
{
	struct rx_frame *frame = buffer->frame;

	buffer->frame = NULL;
	if (!frame || frame->buffer != buffer)
		return; /* it was copied out */
	stage_close(&frame->clock, RX_REPOST, buffer->queue->m->kernel.now);
	frame->buffer = NULL;
	rx_release(frame);
}

static void posted(struct core *core, void *ctx, uint64_t writes)
{
	struct rx_buffer *buffer = ctx;
	struct rx_queue *queue = buffer->queue;

	queue->on_way -= buffer->on_way;
	buffer->on_way = false;
	queue->m->stats.rx.reposted_buffers++;
	misuse_post(buffer);
	nic_rx_post(queue, buffer);
	rx_end_of_frame(buffer); /* before it takes another frame */
	/* Suppressed, it may have run dry meanwhile: then it is told. */
	if (queue->feed)
		nic_rx_notice(queue);
	else if (writes || (!nic_rx_will_look(queue) &&
			    queue->posted - queue->rung >= queue->tail_batch))
		nic_rx_doorbell(queue);
	else if (nic_rx_will_look(queue))
		nic_rx_notice(queue);
	cpu_unlock(core, &queue->lock);
}

/* Register writes that tell the card of one buffer more. */
static uint32_t writes_of_post(const struct rx_queue *queue)
{
	if (queue->feed)
		return 0;
	if (queue->adapter->device_descriptors)
		return element_writes(queue->adapter, 1);
	return queue->posted + 1 - queue->rung >= queue->tail_batch &&
	       !nic_rx_will_look(queue);
}

static void repost_locked(struct core *core, void *ctx, uint64_t arg)
{
	struct rx_buffer *buffer = ctx;
	struct rx_queue *queue = buffer->queue;
	struct machine *m = queue->m;
	uint32_t writes = writes_of_post(queue), left;

	(void)arg;
	routine_call(&m->ledger, core, R_REPOST,
		     &(struct charge){ .direction = DIR_RX });
	for (left = writes; left; left--)
		routine_call(&m->ledger, core, R_DOORBELL,
			     &(struct charge){ .direction = DIR_RX });
	cpu_then(core, posted, buffer, writes);
}

void rx_repost(struct core *core, struct rx_buffer *buffer)
{
	cpu_lock_then(core, &buffer->queue->lock, NULL, 0, repost_locked,
		      buffer, 0);
}

static void send_off(struct core *core, struct rx_buffer *buffer)
{
	buffer->on_way = true;
	buffer->queue->on_way++;
	buffer->queue->m->rx_ops->repost(core, buffer);
}

/* --- spare buffers --- */

static void note_spare(struct rx_queue *queue, int delta)
{
	struct machine *m = queue->m;

	gauge_add(&m->stats.rx.buffers_spare, m->kernel.now, delta);
}

void rx_spare(struct rx_buffer *buffer)
{
	struct rx_queue *queue = buffer->queue;

	buffer->next = queue->spare;
	queue->spare = buffer;
	note_spare(queue, 1);
}

static void set_aside(struct core *core, void *ctx, uint64_t arg)
{
	(void)core;
	(void)arg;
	rx_spare(ctx);
	rx_end_of_frame(ctx);
}

static void recycle(struct core *core, void *ctx, uint64_t arg)
{
	(void)arg;
	rx_recycle(core, ctx);
}

/* What the driver forgot before it handed the frame up. */
static bool flushes_late(struct core *core, struct rx_buffer *buffer)
{
	struct rx_frame *frame = buffer->frame;

	if (!frame || frame->buffer != buffer || !frame->late_flush)
		return false;
	frame->late_flush = false;
	frame->misuse = 0;
	rx_flush(core, frame);
	cpu_then(core, recycle, buffer, 0);
	return true;
}

void rx_recycle(struct core *core, struct rx_buffer *buffer)
{
	struct rx_queue *queue = buffer->queue;
	const struct rx_ops *ops = queue->m->rx_ops;

	if (flushes_late(core, buffer))
		return;
	if (queue->growth && rx_shrink(core, buffer))
		return;
	if (ops->own_spares)
		ops->repost(core, buffer);
	else if (rx_has_room(queue) && rx_within_budget(buffer))
		send_off(core, buffer);
	else
		cpu_then(core, set_aside, buffer, 0);
}

static void refill_next(struct core *core, void *ctx, uint64_t arg)
{
	(void)arg;
	rx_refill(core, ctx);
}

void rx_refill(struct core *core, struct rx_queue *queue)
{
	struct rx_buffer *buffer = queue->spare;

	if (!buffer || !rx_has_room(queue) || !rx_within_budget(buffer))
		return;
	queue->spare = buffer->next;
	note_spare(queue, -1);
	send_off(core, buffer);
	cpu_then(core, refill_next, queue, 0);
}

/* --- poll mode --- */

static void keep_until_poll(struct core *core, void *ctx, uint64_t arg)
{
	struct rx_buffer *buffer = ctx;
	struct rx_queue *queue = buffer->queue;

	(void)core;
	(void)arg;
	buffer->next = NULL;
	if (queue->returned)
		queue->returned_tail->next = buffer;
	else
		queue->returned = buffer;
	queue->returned_tail = buffer;
	vector_raise(queue->vector, CAUSE_RX);
}

static void take_next(struct core *core, void *ctx, uint64_t arg)
{
	(void)arg;
	rx_take_back(core, ctx);
}

void rx_take_back(struct core *core, struct rx_queue *queue)
{
	struct rx_buffer *buffer = queue->returned;

	if (!buffer)
		return;
	queue->returned = buffer->next;
	rx_recycle(core, buffer);
	cpu_then(core, take_next, queue, 0);
}

/* --- returns --- */

static void append(struct rx_chain *chain, struct rx_frame *frame)
{
	frame->next = NULL;
	if (chain->tail)
		chain->tail->next = frame;
	else
		chain->head = frame;
	chain->tail = frame;
	chain->count++;
}

static void return_next(struct core *core, void *ctx, uint64_t arg)
{
	struct rx_frame *frame = ctx, *next;
	struct rx_buffer *buffer;

	(void)arg;
	if (!frame)
		return;
	next = frame->next;
	buffer = frame->buffer;
	rx_machine(frame)->stats.rx.returned_frames++;
	if (frame->queue->vector->poll)
		cpu_then(core, keep_until_poll, buffer, 0);
	else
		rx_recycle(core, buffer);
	if (next)
		cpu_then(core, return_next, next, 0);
}

/* The return handler: one list, or several in a chain. */
static void return_call(struct core *core, const struct rx_chain *chain)
{
	struct rx_frame *frame = chain->head;
	struct machine *m = rx_machine(frame);

	m->stats.rx.return_calls++;
	rx_charge(core, frame, m->rx_ops->packets ? R_RETURN5 : R_RETURN,
		  RX_REPOST, chain->count, 0);
	return_next(core, frame, 0);
}

static uint32_t batch_of(const struct machine *m)
{
	return m->rx_ops->packets ? 1 : m->return_batch;
}

/* RESOURCES: the lists are the driver's again without a call. */
static void own_again(struct core *core, void *ctx, uint64_t arg)
{
	struct rx_frame *frame = ctx, *next = frame->next;

	(void)arg;
	if (misuse_has(frame->misuse, HAZARD_RESOURCES_KEPT)) {
		rx_check_awaited(frame);
		rx_end_of_frame(frame->buffer);
	} else {
		rx_recycle(core, frame->buffer);
	}
	if (next)
		cpu_then(core, own_again, next, 0);
}

void rx_return_rest(struct core *core, struct rx_queue *queue)
{
	struct rx_chain chain = queue->back;

	if (!chain.count)
		return;
	queue->back = (struct rx_chain){ .head = NULL };
	if (chain.head->resources)
		own_again(core, chain.head, 0);
	else
		return_call(core, &chain);
}

void rx_return_now(struct core *core, struct rx_frame *frame)
{
	struct rx_queue *queue = frame->queue;

	append(&queue->back, frame);
	if (!frame->resources && queue->back.count >= batch_of(queue->m))
		rx_return_rest(core, queue);
}

/* --- returns of what was held --- */

static void return_start(struct core *core, struct cpu_job *job)
{
	struct rx_return *ret = (struct rx_return *)job;
	struct rx_frame *frame;

	cpu_set_level(core, IRQL_DISPATCH);
	for (frame = ret->chain.head; frame; frame = frame->next)
		stage_close(&frame->clock, RX_REPOST, core->kernel->now);
	return_call(core, &ret->chain);
}

static void return_done(struct core *core, struct cpu_job *job)
{
	struct rx_return *ret = (struct rx_return *)job;

	(void)core;
	pool_give(&ret->queue->m->returns, ret);
}

/* The protocol lets go: its thread calls the return handler. */
static void let_go(struct rx_queue *queue)
{
	struct machine *m = queue->m;
	struct rx_return *ret = pool_take(&m->returns);
	sim_time now = m->kernel.now;
	struct rx_frame *frame;

	*ret = (struct rx_return){ .queue = queue,
				   .chain = queue->held_back,
				   .job = { .irql = IRQL_PASSIVE,
					    .start = return_start,
					    .done = return_done } };
	queue->held_back = (struct rx_chain){ .head = NULL };
	queue->back_number++;
	for (frame = ret->chain.head; frame; frame = frame->next) {
		stage_close(&frame->clock, RX_HOLD, now);
		hist_record(&m->stats.rx.hold_ps,
			    (uint64_t)(now - frame->held_since));
		gauge_add(&m->stats.rx.buffers_held, now, -1);
	}
	frame = ret->chain.head;
	cpu_submit(&m->cores[frame->flow % m->core_count], &ret->job);
}

/* @number tells a batch that has gone since. */
static void waited(void *ctx, uint64_t number)
{
	struct rx_queue *queue = ctx;

	if (queue->back_number == number && queue->held_back.count)
		let_go(queue);
}

static void hold_ended(void *ctx, uint64_t arg)
{
	struct rx_frame *frame = ctx;
	struct rx_queue *queue = frame->queue;
	struct adapter *adapter = queue->adapter;
	struct machine *m = adapter->m;

	(void)arg;
	append(&queue->held_back, frame);
	if (queue->held_back.count >= batch_of(m))
		let_go(queue);
	else if (queue->held_back.count == 1)
		kernel_at(&m->kernel, m->kernel.now + m->return_wait,
			  event_key(EV_HOST,
				    adapter->component + COMP_RETURN +
					    queue->index,
				    queue->back_number),
			  waited, queue, queue->back_number);
}

void rx_hold(struct rx_frame *frame, sim_time length)
{
	struct machine *m = rx_machine(frame);
	struct adapter *adapter = frame->queue->adapter;

	frame->held_since = m->kernel.now;
	gauge_add(&m->stats.rx.buffers_held, m->kernel.now, 1);
	kernel_at(
		&m->kernel, m->kernel.now + length,
		event_key(EV_HOST, adapter->component + COMP_HOLD, frame->seq),
		hold_ended, frame, 0);
}
