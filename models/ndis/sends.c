/* SPDX-License-Identifier: Apache-2.0 */
#include "models/ndis/sends.h"

#include "core/digest.h"
#include "models/machine_state.h"
#include "models/nic/nic_tx.h"

static struct machine *machine_of(const struct tx_frame *frame)
{
	return frame->queue->adapter->m;
}

static void charge(struct core *core, struct tx_frame *frame,
		   enum routine routine, enum tx_stage stage, uint64_t units,
		   uint64_t cycles)
{
	struct machine *m = machine_of(frame);

	routine_call(&m->ledger, core, routine,
		     &(struct charge){ .direction = DIR_TX,
				       .clock = &frame->clock,
				       .stage = stage,
				       .units = units,
				       .cycles = cycles });
}

/* --- the send call --- */

static void call_next(struct core *core, void *ctx, uint64_t arg);
static void ring_locked(struct core *core, void *ctx, uint64_t arg);

/*
 * The call's frames share one tail write: while a call is open on a queue its
 * posts ring only with its last frame.  What is still unrung when the call
 * leaves the queue is rung then.
 */
static void leave_queue(struct core *core, struct send_call *call)
{
	struct tx_queue *queue = call->queue;

	if (!queue)
		return;
	call->queue = NULL;
	queue->calls_open--;
	if (!queue->calls_open && queue->posted != queue->rung)
		cpu_lock_then(core, &queue->lock, NULL, 0, ring_locked, queue,
			      0);
}

static void enter_queue(struct core *core, struct send_call *call,
			struct tx_queue *queue)
{
	if (call->queue == queue)
		return;
	leave_queue(core, call);
	call->queue = queue;
	queue->calls_open++;
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
	struct send_call *call = (struct send_call *)arg;

	cpu_set_level(core, IRQL_DISPATCH);
	enter_queue(core, call, frame->queue);
	frame->last_of_call = !call->head;
	charge(core, frame, R_SEND, TX_DRIVER, 0, 0);
	machine_of(frame)->tx_ops->send(core, frame);
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
	charge(core, frame, R_STACK_TX, TX_STACK, 0, 0);
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

void send_call_submit(struct core *core, struct send_call *call)
{
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
	const struct machine *m = machine_of(frame);
	const struct buffer_pool *headers = &m->headers;
	const struct buffer_pool *payloads = &m->payloads;
	uint32_t payload = frame->bytes - frame->header_bytes;
	uint32_t offset =
		payloads->offset[frame->payload_slot] + frame->payload_offset;
	uint32_t backfill = m->backfill;

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

uint32_t tx_fragments(const struct tx_frame *frame)
{
	struct mdl_chain chain;

	tx_chain(frame, &chain);
	return mdl_pages(&chain);
}

/* Where the sender's bytes are now. */
static enum residency source_of(const struct tx_frame *frame)
{
	const struct machine *m = machine_of(frame);

	if (m->tx_source == SOURCE_FILE)
		return IN_DRAM;
	return memory_residency(
		&m->memory, frame->header_bytes == frame->bytes
				    ? m->headers.stamp[frame->header_slot]
				    : m->payloads.stamp[frame->payload_slot]);
}

/*
 * Where memory is that the CPU wrote as @stamp and a device read since: out of
 * the L2, which gave the modified line away.
 */
static enum residency sent_from(const struct machine *m,
				struct memory_stamp stamp)
{
	enum residency place = memory_residency(&m->memory, stamp);

	return place == IN_L2 ? IN_LLC : place;
}

static void note_copy(struct machine *m, enum residency from)
{
	uint64_t *count[RESIDENCIES] = { &m->stats.memory.copies_l2,
					 &m->stats.memory.copies_llc,
					 &m->stats.memory.copies_dram };

	++*count[from];
}

/*
 * The frame's place in the ring is settled: when its mapping or its copy is
 * asked for, so that no frame holds what one before it waits for.
 */
static void take_place(struct tx_frame *frame)
{
	struct tx_queue *queue = frame->queue;

	if (frame->placed)
		return;
	frame->placed = true;
	frame->next = NULL;
	if (queue->order_tail)
		queue->order_tail->next = frame;
	else
		queue->order_head = frame;
	queue->order_tail = frame;
}

/* --- mapping --- */

static void mapped(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_frame *frame = ctx;
	struct machine *m = machine_of(frame);

	(void)arg;
	frame->mapped = true;
	m->stats.tx.mapped_frames++;
	m->stats.tx.sg_elements += frame->sg.elements;
	tx_ready(core, frame);
}

/* NDIS copies the frame to one contiguous buffer and lists that. */
static void copy_fallback(struct core *core, struct tx_frame *frame)
{
	struct machine *m = machine_of(frame);
	struct tx_queue *queue = frame->queue;
	enum residency from = source_of(frame);

	frame->fallback = true;
	m->stats.tx.fallback_frames++;
	m->stats.cpu.copied_bytes += frame->bytes;
	note_copy(m, from);
	charge(core, frame, R_NDIS_FALLBACK, TX_COPY, 0,
	       copy_cycles(&m->copy, from, sent_from(m, queue->bounced),
			   frame->bytes));
	queue->bounced = memory_cpu_wrote(&m->memory, frame->bytes);
	frame->elements[0] =
		(struct sg_element){ frame->queue->adapter->target.bounce,
				     frame->bytes };
	frame->sg =
		(struct sg_summary){ .elements = 1,
				     .pages = pages_spanned(0, frame->bytes),
				     .mapped_bytes = frame->bytes };
	charge(core, frame, R_SG_BUILD, TX_MAP, frame->sg.pages, 0);
}

static void map_again(struct core *core, void *ctx, uint64_t arg);

static void map_granted(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_frame *frame = ctx;
	struct machine *m = machine_of(frame);
	const struct sg_summary *sg = &frame->sg;

	(void)arg;
	if (frame->map.deferred)
		stage_close(&frame->clock, TX_MAP_WAIT, core->kernel->now);
	m->stats.hal.mapped_bytes += sg->mapped_bytes;
	if (sg->bounced_pages) {
		enum residency from = source_of(frame);
		struct memory_stamp *bounced = &frame->queue->bounced;

		m->stats.hal.map_registers_bounced += sg->bounced_pages;
		m->stats.hal.bounced_bytes += sg->bounced_bytes;
		m->stats.cpu.bounce_copied_bytes += sg->bounced_bytes;
		note_copy(m, from);
		charge(core, frame, R_BOUNCE, TX_BOUNCE, 0,
		       copy_cycles(&m->copy, from, sent_from(m, *bounced),
				   sg->bounced_bytes) +
			       (sg->bounced_pages - 1) * m->copy.call_cycles);
		*bounced = memory_cpu_wrote(&m->memory, sg->bounced_bytes);
	}
	iommu_map(&m->iommu, core, &frame->mapping,
		  &(struct charge){ .direction = DIR_TX,
				    .clock = &frame->clock,
				    .stage = TX_MAP },
		  sg->pages);
	if (frame->mapping.address)
		sg_move(frame->elements, frame->element_count,
			frame->mapping.address);
	charge(core, frame, R_PROCESS_SG, TX_MAP, sg->elements, 0);
	cpu_then(core, mapped, frame, 0);
}

static void map_done(struct core *core, struct hal_request *req,
		     enum hal_status status)
{
	struct tx_frame *frame =
		(struct tx_frame *)((char *)req -
				    offsetof(struct tx_frame, map));
	struct machine *m = machine_of(frame);

	if (status != HAL_GRANTED) {
		/* The ladder's next step, once: a contiguous copy. */
		if (frame->fallback) {
			tx_fail(core, frame);
			return;
		}
		copy_fallback(core, frame);
		cpu_then(core, map_again, frame, 0);
		return;
	}
	if (!req->deferred) {
		map_granted(core, frame, 0);
		return;
	}
	m->stats.tx.deferred_callbacks++;
	routine_wait(&m->ledger, R_SG_BUILD,
		     (uint64_t)(core->kernel->now - req->asked_at));
	/* Others may be served by the same release: each in its turn. */
	cpu_then(core, map_granted, frame, 0);
}

static void map_ask(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_frame *frame = ctx;
	struct hal *hal = &machine_of(frame)->hal;

	(void)arg;
	cpu_unlock(core, &hal->lock);
	take_place(frame);
	hal_map(hal, core, &frame->map);
}

static void map_locked(struct core *core, void *ctx, uint64_t arg)
{
	(void)arg;
	charge(core, ctx, R_HAL_LOCK, TX_MAP, 0, 0);
	cpu_then(core, map_ask, ctx, 0);
}

/* Ask for the registers of frame->sg; map_done() has the answer. */
static void map_request(struct core *core, struct tx_frame *frame)
{
	struct machine *m = machine_of(frame);

	frame->element_count = frame->sg.elements;
	frame->map.done = map_done;
	frame->map.registers =
		frame->queue->adapter->target.reach ? frame->sg.pages : 0;
	if (frame->map.registers) {
		cpu_lock_then(core, &m->hal.lock, &frame->clock, TX_LOCK_WAIT,
			      map_locked, frame, 0);
		return;
	}
	take_place(frame);
	hal_map(&m->hal, core, &frame->map);
}

static void map_again(struct core *core, void *ctx, uint64_t arg)
{
	(void)arg;
	map_request(core, ctx);
}

void tx_map(struct core *core, struct tx_frame *frame)
{
	struct machine *m = machine_of(frame);
	struct adapter *adapter = frame->queue->adapter;
	struct mdl_chain chain;

	tx_chain(frame, &chain);
	sg_build(&chain, &adapter->target, frame->elements, adapter->sg_room,
		 &frame->sg);
	charge(core, frame, R_SG_BUILD, TX_MAP, frame->sg.pages, 0);
	if (frame->sg.elements > adapter->list_elements) {
		m->stats.tx.late_lists++;
		charge(core, frame, R_LIST_ALLOC, TX_MAP, 0, 0);
	}
	if (frame->sg.elements > adapter->sg_room)
		copy_fallback(core, frame);
	map_request(core, frame);
}

/* The same chain in logical pages, where they are mapped for ever. */
static void logical_chain(const struct machine *m, const struct tx_frame *frame,
			  struct mdl_chain *chain)
{
	unsigned i;

	for (i = 0; i < chain->count; i++) {
		bool header = !i && frame->header_bytes;
		const struct buffer_pool *pool =
			header ? &m->headers : &m->payloads;

		chain->mdl[i].pfn =
			pool->logical + (chain->mdl[i].pfn - pool->pfn);
	}
}

void tx_premapped(struct core *core, struct tx_frame *frame)
{
	struct machine *m = machine_of(frame);
	struct adapter *adapter = frame->queue->adapter;
	const struct sg_target direct = { .reach = 0, .translated = false };
	struct mdl_chain chain;

	tx_chain(frame, &chain);
	if (iommu_translates(&m->iommu))
		logical_chain(m, frame, &chain);
	sg_build(&chain, &direct, frame->elements, adapter->sg_room,
		 &frame->sg);
	if (frame->sg.elements > adapter->sg_room)
		copy_fallback(core, frame);
	take_place(frame);
	frame->element_count = frame->sg.elements;
	m->stats.tx.sg_elements += frame->sg.elements;
	tx_ready(core, frame);
}

/* --- copying --- */

static void copied(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_frame *frame = ctx;
	struct machine *m = machine_of(frame);

	(void)arg;
	m->stats.tx.copied_frames++;
	tx_ready(core, frame);
}

/* Write the frame to the next pages of the common buffer; where they were. */
static enum residency copy_place(struct machine *m, struct tx_frame *frame)
{
	struct tx_queue *queue = frame->queue;
	enum residency place =
		sent_from(m, queue->copy_stamp[queue->copy_turn]);
	struct memory_stamp stamp = memory_cpu_wrote(&m->memory, frame->bytes);
	uint32_t page;

	for (page = 0; page < frame->copy_pages; page++) {
		queue->copy_stamp[queue->copy_turn] = stamp;
		queue->copy_turn = (queue->copy_turn + 1) % queue->copy_pages;
	}
	return place;
}

/* Logical address of the @page-th page from the next one on. */
static uint64_t copy_page(const struct tx_queue *queue, uint32_t page)
{
	uint32_t turn = (queue->copy_turn + page) % queue->copy_pages;

	return queue->copy_base + (uint64_t)turn * HOST_PAGE;
}

static void start_copy(struct core *core, struct tx_frame *frame)
{
	struct machine *m = machine_of(frame);
	enum residency from = source_of(frame), to;
	uint32_t page, left = frame->bytes;

	frame->sg.elements = frame->element_count = frame->copy_pages;
	for (page = 0; page < frame->copy_pages; page++) {
		uint32_t bytes = left < HOST_PAGE ? left : HOST_PAGE;

		frame->elements[page] =
			(struct sg_element){ copy_page(frame->queue, page),
					     bytes };
		left -= bytes;
	}
	m->stats.cpu.copied_bytes += frame->bytes;
	note_copy(m, from);
	to = copy_place(m, frame);
	if (m->tx_source == SOURCE_ZERO_COPY)
		charge(core, frame, R_SYSTEM_VA, TX_COPY, frame->copy_pages, 0);
	charge(core, frame, R_COPY, TX_COPY, 0,
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
	gauge_add(&machine_of(frame)->stats.tx.copy_pages_used,
		  core->kernel->now, frame->copy_pages);
}

void tx_copy(struct core *core, struct tx_frame *frame)
{
	struct tx_queue *queue = frame->queue;
	uint32_t pages = pages_spanned(0, frame->bytes);

	take_place(frame);
	if (pages > queue->adapter->sg_room || pages > queue->copy_pages) {
		tx_fail(core, frame); /* no free pages would ever do */
		return;
	}
	if (!queue->copy_head && queue->copy_pages_free >= pages) {
		take_pages(core, frame);
		start_copy(core, frame);
		return;
	}
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

/* --- to the ring, in order --- */

static void post_locked(struct core *core, void *ctx, uint64_t arg);

static void ring_locked(struct core *core, void *ctx, uint64_t arg);

static void post(struct core *core, void *ctx, uint64_t ring)
{
	struct tx_frame *frame = ctx;
	struct tx_queue *queue = frame->queue;
	struct machine *m = machine_of(frame);
	enum residency from = source_of(frame);

	if (frame->copy_pages || frame->sg.bounced_pages)
		from = IN_LLC; /* just written by a copy */
	*(from == IN_DRAM ? &m->stats.memory.reads_cold
			  : &m->stats.memory.reads_warm) += 1;
	frame->source = from;
	queue->waiting--;
	nic_tx_post(queue, frame);
	if (ring)
		nic_tx_doorbell(queue);
	post_locked(core, queue, 0);
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

/* Holding the queue's lock: post from the head while there is room. */
static void post_locked(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_queue *queue = ctx;
	struct tx_frame *frame = queue->order_head;
	bool ring;

	(void)arg;
	if (!frame || !frame->ready) {
		cpu_unlock(core, &queue->lock);
		return;
	}
	stage_close(&frame->clock,
		    frame->at_head ? TX_RING_WAIT : TX_ORDER_WAIT,
		    core->kernel->now);
	if (frame->descriptors > nic_tx_room(queue)) {
		frame->at_head = true;
		if (queue->posted != queue->rung)
			ring_locked(core, queue, 0);
		else
			cpu_unlock(core, &queue->lock);
		return;
	}
	queue->order_head = frame->next;
	if (!queue->order_head)
		queue->order_tail = NULL;
	ring = !more_to_post(queue, frame);
	charge(core, frame, R_POST, TX_DRIVER, frame->descriptors, 0);
	if (ring)
		charge(core, frame, R_DOORBELL, TX_DRIVER, 0, 0);
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

/* Holding the queue's lock: tell the NIC what was posted without it. */
static void ring_locked(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_queue *queue = ctx;
	struct machine *m = queue->adapter->m;

	(void)arg;
	routine_call(&m->ledger, core, R_DOORBELL,
		     &(struct charge){ .direction = DIR_TX });
	cpu_then(core, rung, queue, 0);
}

void tx_post_waiting(struct core *core, struct tx_queue *queue)
{
	post_locked(core, queue, 0);
}

void tx_ready(struct core *core, struct tx_frame *frame)
{
	struct tx_queue *queue = frame->queue;

	frame->ready = true;
	frame->descriptors =
		frame->element_count + (frame->wire_frames > 1 ? 1 : 0);
	cpu_lock_then(core, &queue->lock, &frame->clock, TX_LOCK_WAIT,
		      post_locked, queue, 0);
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
	machine_of(frame)->stats.tx.failed_frames++;
	machine_of(frame)->books.tx_failed++;
	stage_close(&frame->clock, TX_DRIVER, core->kernel->now);
	tx_settle(frame);
}

void tx_fail(struct core *core, struct tx_frame *frame)
{
	struct tx_queue *queue = frame->queue;

	forget(queue, frame);
	queue->waiting--;
	frame->failed = true;
	if (frame->nbl->pending == 1)
		charge(core, frame, R_SEND_COMPLETE, TX_DRIVER, 0, 0);
	cpu_then(core, failed, frame, 0);
	/* The frame behind it may have waited only for its turn. */
	cpu_lock_then(core, &queue->lock, NULL, 0, post_locked, queue, 0);
}
