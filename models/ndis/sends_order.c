/* SPDX-License-Identifier: Apache-2.0 */
/*
 * To the ring, in the order of the calls: descriptors, doorbells, failures.
 */
#include "models/ndis/checks.h"
#include "models/ndis/misuse.h"
#include "models/ndis/sends_steps.h"
#include "models/nic/nic_tx.h"
#include "models/watch.h"

void tx_enter_order(struct tx_frame *frame)
{
	struct tx_queue *queue = frame->queue;

	frame->placed = true;
	frame->next = NULL;
	if (queue->order_tail)
		queue->order_tail->next = frame;
	else
		queue->order_head = frame;
	queue->order_tail = frame;
}

struct tx_frame *tx_take_head(struct tx_queue *queue)
{
	struct tx_frame *frame = queue->order_head;

	if (!frame)
		return NULL;
	queue->order_head = frame->next;
	if (!queue->order_head)
		queue->order_tail = NULL;
	return frame;
}

static void post_locked(struct core *core, void *ctx, uint64_t arg);

/* What the frames posted so far end with. */
enum ending { END_NOTHING, END_DOORBELL, END_NOTICED };

static void post(struct core *core, void *ctx, uint64_t ring)
{
	struct tx_frame *frame = ctx;
	struct tx_queue *queue = frame->queue;
	struct machine *m = tx_machine(frame);
	bool copied = frame->copy_pages || frame->fallback ||
		      frame->sg.bounced_pages; /* just written */
	enum residency from = copied ? IN_LLC : tx_source_of(frame);

	from = memory_device_sees(&m->memory, from);
	*(from == IN_DRAM ? &m->stats.memory.reads_cold
			  : &m->stats.memory.reads_warm) += 1;
	frame->source = from;
	queue->waiting--;
	if (unlikely(frame->clock.watch))
		watch_tx_memory(frame);
	tx_note_sent(frame);
	tx_check_post(frame);
	hal_set_active(&frame->map, frame->map.mapped);
	nic_tx_post(queue, frame);
	if (ring == END_DOORBELL)
		nic_tx_doorbell(queue);
	else if (ring == END_NOTICED)
		nic_tx_notice(queue);
	if (frame->misuse)
		misuse_posted(frame);
	if (queue->order_head)
		post_locked(core, queue, 0);
	else
		cpu_unlock(core, &queue->lock);
}

/* The next frame of the order could follow @frame at once. */
static bool more_to_post(const struct tx_queue *queue,
			 const struct tx_frame *frame)
{
	const struct tx_frame *next = queue->order_head;

	if (queue->calls_open && !frame->last_of_call)
		return true; /* the rest of its call is on its way */
	return next && next->ready &&
	       frame->descriptors + next->descriptors <= nic_tx_room(queue);
}

static enum ending tell(const struct tx_queue *queue)
{
	return nic_tx_will_look(queue) ? END_NOTICED : END_DOORBELL;
}

/* Does @frame, about to be posted, end the frames of one tail write? */
static enum ending rings(const struct tx_queue *queue,
			 const struct tx_frame *frame)
{
	const struct adapter *adapter = queue->adapter;

	if (adapter->device_descriptors)
		return END_NOTHING;
	if (adapter->tx_doorbell_batch &&
	    queue->posted + 1 - queue->rung >= adapter->tx_doorbell_batch)
		return tell(queue);
	return more_to_post(queue, frame) ? END_NOTHING : tell(queue);
}

static bool is_in_reset(const struct tx_queue *queue)
{
	return queue->adapter->m->life.state >= LIFE_STOPPING;
}

/* Holding the queue's lock: post from the head while there is room. */
static void post_locked(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_queue *queue = ctx;
	struct tx_frame *frame = queue->order_head;
	uint32_t writes;
	enum ending ring;

	(void)arg;
	if (!frame || !frame->ready || is_in_reset(queue)) {
		cpu_unlock(core, &queue->lock);
		return;
	}
	stage_close(&frame->clock,
		    frame->at_head ? TX_RING_WAIT : TX_ORDER_WAIT,
		    core->kernel->now);
	if (frame->descriptors > nic_tx_room(queue)) {
		frame->at_head = true;
		if (unlikely(frame->clock.watch))
			watch_ring_wait(frame);
		if (queue->posted != queue->rung)
			tx_ring_locked(core, queue, 0);
		else
			cpu_unlock(core, &queue->lock);
		return;
	}
	tx_take_head(queue);
	ring = rings(queue, frame);
	tx_charge(core, frame, R_POST, TX_DRIVER, frame->descriptors, 0);
	for (writes = (ring == END_DOORBELL) +
		      element_writes(queue->adapter, frame->descriptors);
	     writes; writes--)
		tx_charge(core, frame, R_DOORBELL, TX_DRIVER, 0, 0);
	cpu_then(core, post, frame, ring);
}

static void rung(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_queue *queue = ctx;

	(void)arg;
	if (queue->posted != queue->rung)
		nic_tx_doorbell(queue);
	cpu_unlock(core, &queue->lock);
}

void tx_ring_locked(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_queue *queue = ctx;
	struct machine *m = queue->adapter->m;

	(void)arg;
	if (nic_tx_will_look(queue)) {
		nic_tx_notice(queue);
		cpu_unlock(core, &queue->lock);
		return;
	}
	routine_call(&m->ledger, core, R_DOORBELL,
		     &(struct charge){ .direction = DIR_TX });
	cpu_then(core, rung, queue, 0);
}

void tx_post_waiting(struct core *core, struct tx_queue *queue)
{
	post_locked(core, queue, 0);
}

/* A member of a group is ready, or out of it: the last one places them all. */
static void group_settled(struct tx_group *group)
{
	struct tx_frame *member;

	if (--group->unready)
		return;
	for (member = group->head; member; member = member->group_next)
		tx_take_place(member);
}

/* A frame that failed is none of its group. */
static void leave_group(struct tx_frame *frame)
{
	struct tx_group *group = frame->group;
	struct tx_frame **link = &group->head, *last = NULL;

	for (; *link != frame; link = &(*link)->group_next)
		last = *link;
	*link = frame->group_next;
	if (group->tail == frame)
		group->tail = last;
	group_settled(group);
}

/* Take @frame out of the middle of the order list. */
static void forget(struct tx_queue *queue, struct tx_frame *frame)
{
	struct tx_frame **link = &queue->order_head, *last = NULL;

	for (; *link != frame; link = &(*link)->next)
		last = *link;
	*link = frame->next;
	if (queue->order_tail == frame)
		queue->order_tail = last;
}

static void failed(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_frame *frame = ctx;

	(void)arg;
	stage_close(&frame->clock, TX_DRIVER, core->kernel->now);
	tx_settle(frame);
}

/* It will not be posted. */
static void give_up(struct tx_frame *frame, enum tx_status status)
{
	if (frame->placed)
		forget(frame->queue, frame);
	if (frame->group && !frame->ready)
		leave_group(frame);
	frame->queue->waiting--;
	frame->failed = true;
	frame->status = status;
}

void tx_end(struct core *core, struct tx_frame *frame, enum tx_status status)
{
	struct tx_queue *queue = frame->queue;

	BUG_ON(frame->map.held);
	give_up(frame, status);
	tx_charge_complete(core, frame, TX_DRIVER);
	cpu_then(core, failed, frame, 0);
	/* The frame behind it may have waited only for its turn. */
	cpu_lock_then(core, &queue->lock, NULL, 0, post_locked, queue, 0);
}

void tx_fail(struct core *core, struct tx_frame *frame)
{
	tx_end(core, frame, TX_RESOURCES);
}

/*
 * It was given up while its mapping or its copy was on the way: what it has
 * got goes back as if it had been sent.
 */
static void abort_ready(struct core *core, struct tx_frame *frame)
{
	struct tx_queue *queue = frame->queue;

	tx_note_sent(frame);
	give_up(frame, frame->status);
	tx_machine(frame)->tx_ops->complete(core, frame);
	cpu_lock_then(core, &queue->lock, NULL, 0, post_locked, queue, 0);
}

void tx_end_ready(struct core *core, struct tx_queue *queue,
		  enum tx_status status)
{
	struct tx_frame *frame, *next;

	for (frame = queue->order_head; frame; frame = next) {
		next = frame->next;
		if (!frame->ready)
			continue;
		frame->status = status;
		abort_ready(core, frame);
	}
}

void tx_ready(struct core *core, struct tx_frame *frame)
{
	struct tx_queue *queue = frame->queue;

	frame->status = lifecycle_verdict(frame);
	if (frame->status) {
		abort_ready(core, frame);
		return;
	}
	frame->ready = true;
	frame->descriptors =
		frame->element_count + (frame->wire_frames > 1 ? 1 : 0);
	if (queue->adapter->indirect)
		nic_tx_indirect(frame);
	if (frame->group)
		group_settled(frame->group);
	if (unlikely(frame->clock.watch) && queue->order_head &&
	    queue->order_head != frame)
		watch_order_wait(frame);
	cpu_lock_then(core, &queue->lock, &frame->clock, TX_LOCK_WAIT,
		      post_locked, queue, 0);
}
