/* SPDX-License-Identifier: Apache-2.0 */
#include "models/ndis/lifecycle.h"
#include "models/ndis/misuse.h"
#include "models/ndis/sends_steps.h"

#include "models/nic/nic_tx.h"

/* --- the interface --- */

struct tx_interface_calls {
	enum routine start, ring; /* at set-up */
	enum routine send, complete;
	bool packets; /* complete one by one */
};

static const struct tx_interface_calls interfaces[TX_INTERFACES] = {
	[TX_NDIS6] = { .start = R_REGISTER_SG,
		       .ring = R_SHARED_MEMORY,
		       .send = R_SEND,
		       .complete = R_SEND_COMPLETE },
	[TX_NDIS5_SG] = { .start = R_INIT_SG5,
			  .ring = R_SHARED_MEMORY,
			  .send = R_SEND_PACKETS,
			  .complete = R_PACKET_COMPLETE,
			  .packets = true },
	[TX_NDIS5_REGISTERS] = { .start = R_QUERY_MAP_REGISTERS,
				 .ring = R_SHARED_MEMORY,
				 .send = R_SEND_PACKETS,
				 .complete = R_PACKET_COMPLETE,
				 .packets = true },
	[TX_NDIS4_CHANNEL] = { .start = R_REGISTER_CHANNEL,
			       .ring = R_SHARED_MEMORY,
			       .send = R_SEND_PACKETS,
			       .complete = R_PACKET_COMPLETE,
			       .packets = true },
	[TX_WDM] = { .start = R_GET_ADAPTER,
		     .ring = R_COMMON_BUFFER,
		     .send = R_SEND,
		     .complete = R_SEND_COMPLETE },
	[TX_WDF] = { .start = R_WDF_ENABLER,
		     .ring = R_WDF_COMMON_BUFFER,
		     .send = R_SEND,
		     .complete = R_SEND_COMPLETE },
	[TX_NETADAPTERCX] = { .start = R_WDF_ENABLER,
			      .ring = R_WDF_COMMON_BUFFER,
			      .send = R_SEND,
			      .complete = R_SEND_COMPLETE },
	[TX_LINUX] = { .start = R_DMA_SET_MASK,
		       .ring = R_DMA_ALLOC,
		       .send = R_XMIT,
		       .complete = R_CONSUME,
		       .packets = true },
};

void tx_register(struct adapter *adapter)
{
	struct machine *m = adapter->m;
	unsigned i;

	m->tx_interface = &interfaces[m->tx_ops->interface];
	routine_setup(&m->ledger, m->tx_interface->start);
	if (!(m->inject.kinds & INJECT_BIT(HAZARD_ASYNC_WITHOUT_REGISTRATION)))
		ledger_register(&m->ledger);
	for (i = 0; i < adapter->queue_count; i++)
		tx_count_memory(adapter);
}

void tx_count_memory(struct adapter *adapter)
{
	struct machine *m = adapter->m;

	routine_setup(&m->ledger, m->tx_interface->ring);
}

void tx_charge_complete(struct core *core, struct tx_frame *frame,
			enum tx_stage stage)
{
	const struct tx_interface_calls *interface =
		tx_machine(frame)->tx_interface;

	if (interface->packets || frame->nbl->pending == 1)
		tx_charge(core, frame, interface->complete, stage, 0, 0);
}

/* --- the send call --- */

static void call_next(struct core *core, void *ctx, uint64_t arg);

void tx_open(struct tx_queue *queue)
{
	queue->calls_open++;
}

void tx_close(struct core *core, struct tx_queue *queue)
{
	queue->calls_open--;
	if (!queue->calls_open && queue->posted != queue->rung)
		cpu_lock_then(core, &queue->lock, NULL, 0, tx_ring_locked,
			      queue, 0);
}

/*
 * The call's frames share one tail write: while a call is open on a queue its
 * posts ring only with its last frame.  What is still unrung when the call
 * leaves the queue is rung then.
 */
static void leave_queue(struct core *core, struct send_call *call)
{
	if (call->queue)
		tx_close(core, call->queue);
	call->queue = NULL;
}

static void enter_queue(struct core *core, struct send_call *call,
			struct tx_queue *queue)
{
	if (call->queue == queue)
		return;
	leave_queue(core, call);
	call->queue = queue;
	tx_open(queue);
}

static void call_after(struct core *core, void *ctx, uint64_t arg)
{
	struct send_call *call = ctx;

	if (!call->head)
		leave_queue(core, call);
	cpu_then(core, call_next, call, arg);
}

static void call_driver(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_frame *frame = ctx;
	struct machine *m = tx_machine(frame);
	struct send_call *call = (struct send_call *)arg;

	frame->level = cpu_level(core);
	cpu_set_level(core, IRQL_DISPATCH);
	enter_queue(core, call, frame->queue);
	frame->last_of_call = !call->head;
	tx_charge(core, frame, m->tx_interface->send, TX_DRIVER, 0, 0);
	if (lifecycle_accepts(&m->life, frame)) {
		frame->misuse =
			inject_due(&m->inject, INJECT_SENDS, m->kernel.now);
		if (frame->misuse)
			misuse_send(core, frame);
		m->tx_ops->send(core, frame);
	} else {
		lifecycle_refuse(core, frame);
	}
	cpu_then(core, call_after, call, 0);
}

static void call_next(struct core *core, void *ctx, uint64_t arg)
{
	struct send_call *call = ctx;
	struct tx_frame *frame = call->head;

	(void)arg;
	if (!frame)
		return;
	cpu_set_level(core, call->job.irql);
	call->head = frame->next;
	stage_close(&frame->clock, TX_CPU_WAIT, core->kernel->now);
	tx_charge(core, frame, R_STACK_TX, TX_STACK, 0, 0);
	cpu_then(core, call_driver, frame, (uintptr_t)call);
}

static void call_start(struct core *core, struct cpu_job *job)
{
	call_next(core, job, 0); /* the job is the call's first member */
}

static void call_done(struct core *core, struct cpu_job *job)
{
	struct send_call *call = (struct send_call *)job;

	(void)core;
	pool_give(&call->m->calls, call);
}

/* Frames of one queue, and one list, that follow each other in the call. */
static void make_groups(struct machine *m, struct tx_frame *frame)
{
	struct tx_frame *last = NULL;

	for (; frame; last = frame, frame = frame->next) {
		struct tx_group *group = last ? last->group : NULL;

		if (!group || frame->queue != last->queue ||
		    (m->tx_submit == SUBMIT_NBL && frame->nbl != last->nbl)) {
			group = pool_take(&m->groups);
			*group = (struct tx_group){ .head = frame };
		} else {
			last->group_next = frame;
		}
		group->tail = frame;
		group->unready++;
		group->left++;
		frame->group = group;
		frame->group_next = NULL;
	}
}

void send_call_submit(struct core *core, struct send_call *call)
{
	if (call->m->tx_submit != SUBMIT_FRAME)
		make_groups(call->m, call->head);
	call->job.irql = call->in_dpc ? IRQL_DISPATCH : IRQL_PASSIVE;
	call->job.start = call_start;
	call->job.done = call_done;
	cpu_submit(core, &call->job);
}

/* --- memory of the frame --- */

static void add_fragments(struct mdl_chain *chain, const uint64_t *pfn,
			  uint32_t offset, uint32_t bytes, uint32_t piece)
{
	while (bytes) {
		uint32_t part = bytes;

		if (part > piece && chain->count + 1 < MDL_MAX)
			part = piece;
		mdl_add(chain, pfn, offset, part);
		offset += part;
		bytes -= part;
	}
}

void tx_chain(const struct tx_frame *frame, struct mdl_chain *chain)
{
	const struct machine *m = tx_machine(frame);
	const struct buffer_pool *headers = &m->headers;
	const struct buffer_pool *payloads = &m->payloads;
	uint32_t payload = frame->bytes - frame->header_bytes;
	uint32_t offset =
		payloads->offset[frame->payload_slot] + frame->payload_offset;
	uint32_t backfill = m->backfill;

	if (frame->logged) {
		mdl_chain_copy(chain, &frame->logged->chain);
		return;
	}
	mdl_chain_init(chain);
	if (frame->header_bytes) {
		chain->skip = backfill;
		mdl_add(chain, buffer_pages(headers, frame->header_slot),
			headers->offset[frame->header_slot],
			frame->header_bytes + backfill);
	}
	if (payload)
		add_fragments(
			chain, buffer_pages(payloads, frame->payload_slot),
			offset, payload,
			m->mdl_layout == LAYOUT_FRAGMENTS ? m->fragment_bytes
							  : payload);
}

bool tx_has_more_fragments(const struct tx_frame *frame, uint32_t most)
{
	const struct machine *m = tx_machine(frame);
	uint32_t bytes = frame->bytes + m->backfill;
	struct mdl_chain chain;

	/* Two MDLs, each of which may begin and end in the midst of a page. */
	if (!frame->logged && m->mdl_layout != LAYOUT_FRAGMENTS &&
	    bytes / HOST_PAGE + 4 <= most)
		return false;
	tx_chain(frame, &chain);
	return mdl_pages(&chain) > most;
}
