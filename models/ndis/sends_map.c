/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mapping: a list for the HAL to translate, registers waited for, what is done
 * when there are too many fragments.
 */
#include <string.h>

#include "models/ndis/checks.h"
#include "models/ndis/misuse.h"
#include "models/ndis/sends_steps.h"

static void map_done(struct core *core, struct hal_request *req,
		     enum hal_status status);

static void mapped(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_frame *frame = ctx;
	struct machine *m = tx_machine(frame);

	(void)arg;
	tx_check_list(frame);
	frame->mapped = true;
	if (frame->misuse & INJECT_BIT(HAZARD_DOUBLE_MAP))
		hal_map(&m->hal, core, &frame->map);
	m->stats.tx.mapped_frames++;
	m->stats.tx.sg_elements += frame->sg.elements;
	frame->as->mapped(core, frame);
}

/* NDIS copies the frame to one contiguous buffer and lists that. */
static void copy_to_contiguous(struct core *core, struct tx_frame *frame)
{
	struct machine *m = tx_machine(frame);
	struct tx_queue *queue = frame->queue;
	enum residency from = tx_source_of(frame);

	frame->fallback = true;
	frame->raw = false;
	m->stats.tx.fallback_frames++;
	m->stats.cpu.copied_bytes += frame->bytes;
	tx_note_copy(m, from);
	tx_charge(core, frame,
		  frame->as->copies ? frame->as->copies : R_NDIS_FALLBACK,
		  TX_COPY, 0,
		  copy_cycles(&m->copy, from, tx_sent_from(m, queue->bounced),
			      frame->bytes));
	queue->bounced = memory_cpu_wrote(&m->memory, frame->bytes);
	frame->lead = 0;
}

/* A contiguous copy that is in reach. */
static void list_reachable(struct tx_frame *frame)
{
	frame->map.registers = 0;
	frame->elements[0] =
		(struct sg_element){ frame->queue->adapter->target.bounce,
				     frame->bytes };
	frame->sg =
		(struct sg_summary){ .elements = 1,
				     .pages = pages_spanned(0, frame->bytes),
				     .mapped_bytes = frame->bytes };
}

static void bounce(struct core *core, struct tx_frame *frame)
{
	struct machine *m = tx_machine(frame);
	const struct sg_summary *sg = &frame->sg;
	enum residency from = frame->fallback ? IN_L2 : tx_source_of(frame);
	struct memory_stamp *bounced = &frame->queue->bounced;

	m->stats.hal.map_registers_bounced += sg->bounced_pages;
	m->stats.hal.bounced_bytes += sg->bounced_bytes;
	m->stats.cpu.bounce_copied_bytes += sg->bounced_bytes;
	tx_note_copy(m, from);
	tx_charge(core, frame, R_BOUNCE, TX_BOUNCE, 0,
		  copy_cycles(&m->copy, from, tx_sent_from(m, *bounced),
			      sg->bounced_bytes) +
			  (sg->bounced_pages - 1) * m->copy.call_cycles);
	*bounced = memory_cpu_wrote(&m->memory, sg->bounced_bytes);
}

/* Lines of the caches that hold what is listed. */
static uint64_t lines_of(const struct tx_frame *frame)
{
	const struct coherence *coherence = &tx_machine(frame)->coherence;
	struct mdl_chain chain;
	uint64_t lines = 0;
	unsigned i;

	if (frame->fallback)
		return coherence_lines(coherence, 0, frame->bytes);
	tx_chain(frame, &chain);
	for (i = frame->lead ? 1 : 0; i < chain.count; i++)
		lines += coherence_lines(coherence, chain.mdl[i].offset,
					 chain.mdl[i].bytes);
	return lines;
}

void tx_write_back(struct core *core, struct tx_frame *frame)
{
	struct coherence *coherence = &tx_machine(frame)->coherence;

	if (!coherence->coherent)
		tx_charge(core, frame, R_FLUSH_IO, TX_MAP, 0,
			  coherence_write_back(coherence, lines_of(frame)));
}

static void granted(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_frame *frame = ctx;
	struct machine *m = tx_machine(frame);
	const struct sg_summary *sg = &frame->sg;
	uint32_t more;

	(void)arg;
	if (frame->map.deferred)
		stage_close(&frame->clock, TX_MAP_WAIT, core->kernel->now);
	hal_set_mapped(&frame->map, true);
	if (sg->missed_pages)
		hal_note_hazard(&m->hal, HAZARD_OOB_DMA, &frame->map);
	m->stats.hal.mapped_bytes += sg->mapped_bytes;
	m->stats.hal.moved_bytes += sg->mapped_bytes;
	if (sg->bounced_pages)
		bounce(core, frame);
	if (!frame->as->flushes)
		tx_write_back(core, frame);
	if (tx_is_translated(frame))
		tx_translate(core, frame);
	if (frame->as->callback)
		tx_charge(core, frame, frame->as->callback, TX_MAP,
			  sg->elements, 0);
	/* Further transfers are mapped and programmed one behind another. */
	for (more = 1; more < frame->transfers; more++) {
		tx_charge(core, frame, frame->as->build, TX_MAP, 0, 0);
		tx_charge(core, frame, frame->as->callback, TX_MAP, 0, 0);
	}
	cpu_then(core, mapped, frame, 0);
}

void tx_grant(struct core *core, struct tx_frame *frame)
{
	granted(core, frame, 0);
}

const struct tx_frame *tx_frame_of(const struct hal_request *req)
{
	if (!req || req->done != map_done)
		return NULL;
	return (const struct tx_frame *)((const char *)req -
					 offsetof(struct tx_frame, map));
}

/* It holds registers from now on, and nothing of it is in the ring. */
static void note_unsent(struct tx_frame *frame)
{
	struct machine *m = tx_machine(frame);

	if (!frame->map.held)
		return;
	frame->unsent_next = NULL;
	frame->unsent_last = m->unsent.tail;
	if (m->unsent.tail)
		m->unsent.tail->unsent_next = frame;
	else
		m->unsent.head = frame;
	m->unsent.tail = frame;
}

void tx_waited(struct core *core, struct tx_frame *frame, enum routine routine)
{
	sim_time now = core->kernel->now;

	if (now == frame->clock.last)
		return;
	routine_wait(&tx_machine(frame)->ledger, routine,
		     (uint64_t)(now - frame->clock.last));
	stage_close(&frame->clock, TX_MAP_WAIT, now);
}

void tx_leave_unsent(struct tx_frame *frame)
{
	struct machine *m = tx_machine(frame);

	if (frame->unsent_last)
		frame->unsent_last->unsent_next = frame->unsent_next;
	else
		m->unsent.head = frame->unsent_next;
	if (frame->unsent_next)
		frame->unsent_next->unsent_last = frame->unsent_last;
	else
		m->unsent.tail = frame->unsent_last;
}

static void map_done(struct core *core, struct hal_request *req,
		     enum hal_status status)
{
	struct tx_frame *frame =
		(struct tx_frame *)((char *)req -
				    offsetof(struct tx_frame, map));
	struct machine *m = tx_machine(frame);

	tx_check_callback(core, frame);
	if (status != HAL_GRANTED) {
		frame->as->refused(core, frame, status);
		return;
	}
	tx_take_place(frame);
	note_unsent(frame);
	if (!req->deferred) {
		granted(core, frame, 0);
		return;
	}
	m->stats.tx.deferred_callbacks++;
	routine_wait(&m->ledger, frame->as->build,
		     (uint64_t)(core->kernel->now - req->asked_at));
	/* Others may be served by the same release: each in its turn. */
	cpu_then(core, granted, frame, 0);
}

static void ask(struct core *core, struct tx_frame *frame)
{
	/* Who does not wait takes its place when it has what it needs. */
	if (!(frame->as->flags & HAL_SYNC))
		tx_take_place(frame);
	hal_map(&tx_machine(frame)->hal, core, &frame->map);
	if (frame->map.state != HAL_ANSWERED &&
	    frame->misuse & INJECT_BIT(HAZARD_USE_BEFORE_CALLBACK))
		tx_check_list(frame);
	if (frame->as->queued && frame->map.state == HAL_QUEUED)
		frame->as->queued(core, frame);
}

/* The driver holds its own lock meanwhile, which the callback takes. */
static void ask_holding(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_frame *frame = ctx;

	(void)arg;
	ask(core, frame);
	cpu_unlock(core, &frame->queue->lock);
}

static void ask_as_driver(struct core *core, struct tx_frame *frame)
{
	if (frame->misuse & INJECT_BIT(HAZARD_LOCK_HELD_ACROSS_MAP))
		cpu_lock_then(core, &frame->queue->lock, &frame->clock,
			      TX_LOCK_WAIT, ask_holding, frame, 0);
	else
		ask(core, frame);
}

static void ask_locked(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_frame *frame = ctx;

	cpu_unlock(core, (struct cpu_lock *)arg);
	ask_as_driver(core, frame);
}

static void map_locked(struct core *core, void *ctx, uint64_t arg)
{
	(void)arg;
	tx_charge(core, ctx, R_HAL_LOCK, TX_MAP, 0, 0);
	cpu_then(core, ask_locked, ctx, arg);
}

/* KMDF: a fragment fits however it lies, so one register is to spare. */
uint32_t tx_transfers(uint32_t bytes, uint32_t pages, uint32_t registers)
{
	uint64_t fragment = (uint64_t)(registers - 1) * HOST_PAGE;
	uint64_t by_pages = ((uint64_t)pages + registers - 1) / registers;
	uint64_t by_length = fragment ? (bytes + fragment - 1) / fragment : 0;

	return (uint32_t)(by_length > by_pages ? by_length : by_pages);
}

/* Most registers that one request can ever get. */
static uint32_t request_limit(const struct hal *hal)
{
	uint32_t room = hal->cap - hal->background;

	return hal->own.per_request < room ? hal->own.per_request : room;
}

/* A copy for want of registers goes to memory in reach. */
static bool copied_in_reach(const struct tx_frame *frame)
{
	return frame->fallback &&
	       tx_machine(frame)->hal.rules.exhausted == HAL_COPY;
}

/* How @frame's list is to be built. */
static struct sg_target target_of(const struct tx_frame *frame)
{
	struct sg_target target = frame->queue->adapter->target;

	if (frame->raw)
		return (struct sg_target){ .reach = target.reach,
					   .unchecked = true };
	target.contiguous |= frame->as->gathers || frame->fallback;
	target.bounce_all |= frame->as->bounces;
	target.bounce_all &= !copied_in_reach(frame);
	return target;
}

/* Fill in the elements, and the registers that they take of the HAL. */
static void list(struct tx_frame *frame, const struct mdl_chain *chain,
		 const struct sg_target *target, uint32_t room)
{
	sg_build(chain, target, frame->elements + frame->lead, room,
		 &frame->sg);
	frame->map.registers = frame->as->owns
				       ? 0
				       : hal_registers(&tx_machine(frame)->hal,
						       target, &frame->sg);
}

/*
 * List the copy: a buffer of the system's, anywhere in memory, so that what
 * NDIS has copied the HAL may copy again.
 */
static void list_copy(struct core *core, struct tx_frame *frame)
{
	struct machine *m = tx_machine(frame);
	struct buffer_pool *pool = &m->contiguous;
	struct sg_target target = target_of(frame);
	uint32_t slot = buffer_take_next(pool);
	struct mdl_chain chain;

	if (copied_in_reach(frame)) {
		list_reachable(frame);
	} else {
		mdl_chain_init(&chain);
		mdl_add(&chain, buffer_pages(pool, slot), 0, frame->bytes);
		list(frame, &chain, &target, 1);
	}
	tx_charge(core, frame, frame->as->build, TX_MAP, frame->sg.pages, 0);
}

/* Of what one transfer of the frame needs, as its list was built. */
static uint32_t registers_of(struct tx_frame *frame)
{
	uint32_t registers = frame->map.registers, limit;

	frame->transfers = 1;
	if (!registers || !frame->as->splits)
		return registers;
	limit = request_limit(&tx_machine(frame)->hal);
	if (!limit)
		return registers;
	frame->transfers =
		tx_transfers(frame->sg.mapped_bytes, registers, limit);
	return registers < limit ? registers : limit;
}

/* Ask for the registers of frame->sg; map_done() has the answer. */
static void map_request(struct core *core, struct tx_frame *frame)
{
	struct hal *hal = &tx_machine(frame)->hal;
	struct cpu_lock *lock;

	frame->element_count = frame->lead + frame->sg.elements;
	if (frame->element_count > frame->queue->adapter->sg_room)
		frame->element_count = frame->queue->adapter->sg_room;
	frame->map.done = map_done;
	frame->map.flags = (uint8_t)frame->as->flags;
	frame->map.elements = frame->sg.elements;
	frame->map.registers = registers_of(frame);
	if (!frame->map.registers) {
		ask_as_driver(core, frame);
		return;
	}
	lock = hal_lock(hal, core, &frame->map);
	cpu_lock_then(core, lock, &frame->clock, TX_LOCK_WAIT, map_locked,
		      frame, (uintptr_t)lock);
}

static void map_again(struct core *core, void *ctx, uint64_t arg)
{
	(void)arg;
	map_request(core, ctx);
}

bool tx_may_fall_back(const struct tx_frame *frame, enum hal_status status)
{
	const struct hal *hal = &tx_machine(frame)->hal;

	return !frame->fallback &&
	       (status != HAL_NO_RESOURCES || hal->rules.exhausted != HAL_FAIL);
}

void tx_map_fallback(struct core *core, struct tx_frame *frame,
		     enum hal_status status)
{
	if (!tx_may_fall_back(frame, status)) {
		tx_fail(core, frame);
		return;
	}
	copy_to_contiguous(core, frame);
	list_copy(core, frame);
	cpu_then(core, map_again, frame, 0);
}

void tx_refused_copy(struct core *core, struct tx_frame *frame,
		     enum hal_status status)
{
	(void)status;
	tx_copy(core, frame);
}

/* The driver has copied them: they are the first element already. */
static void drop_headers(struct mdl_chain *chain)
{
	chain->bytes -= chain->mdl[0].bytes;
	chain->skip = 0;
	memmove(&chain->mdl[0], &chain->mdl[1],
		--chain->count * sizeof(chain->mdl[0]));
}

void tx_list(struct tx_frame *frame, const struct tx_mapping *how)
{
	struct adapter *adapter = frame->queue->adapter;
	struct mdl_chain chain;
	struct sg_target target;

	frame->as = how;
	frame->raw = !frame->fallback && misuse_walks(frame);
	target = target_of(frame);
	tx_chain(frame, &chain);
	if (frame->misuse)
		misuse_chain(frame, &chain);
	tx_check_chain(frame, &chain);
	if (frame->lead)
		drop_headers(&chain);
	list(frame, &chain, &target, adapter->sg_room - frame->lead);
	if (!how->gathers || frame->sg.elements == 1)
		return;
	/* One run of logical pages, from the first one's offset on. */
	target.translated = false;
	sg_build(&chain, &target, frame->elements + frame->lead,
		 adapter->sg_room - frame->lead, &frame->sg);
}

/* NDIS allocates what the driver's buffer is short of; the card's limit... */
static bool list_fits(const struct tx_frame *frame)
{
	struct machine *m = tx_machine(frame);
	uint32_t elements = frame->sg.elements;

	if (misuse_list_room(frame, elements) < elements) {
		hal_note_hazard(&m->hal, HAZARD_SHORT_LIST_BUFFER, &frame->map);
		return false;
	}
	if (elements <= frame->queue->adapter->sg_room - frame->lead)
		return true;
	/* ...is the driver's to keep. */
	return !frame->as->each &&
	       misuse_has(frame->misuse, HAZARD_TOO_MANY_FRAGMENTS);
}

void tx_map_as(struct core *core, struct tx_frame *frame,
	       const struct tx_mapping *how)
{
	struct machine *m = tx_machine(frame);
	struct adapter *adapter = frame->queue->adapter;
	bool late;

	tx_list(frame, how);
	late = frame->sg.elements > adapter->list_elements;
	if (how->raises || (frame->level < IRQL_DISPATCH && !how->masked))
		tx_charge(core, frame, R_RAISE_IRQL, TX_MAP, 0, 0);
	tx_charge_besides(core, frame, how->also_ask, TX_MAP);
	tx_charge_pieces(core, frame, how->build, TX_MAP);
	m->stats.tx.late_lists += late;
	if (late || how->allocates)
		tx_charge(core, frame, R_LIST_ALLOC, TX_MAP, 0, 0);
	if (!list_fits(frame))
		how->refused(core, frame, HAL_TOO_MANY);
	else
		map_request(core, frame);
}

const struct tx_mapping tx_ndis6_mapping = {
	.build = R_SG_BUILD,
	.callback = R_PROCESS_SG,
	.put = R_SG_FREE,
	.mapped = tx_ready,
	.refused = tx_map_fallback,
};

void tx_map(struct core *core, struct tx_frame *frame)
{
	tx_map_as(core, frame, &tx_ndis6_mapping);
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

		if (frame->logged && !header) {
			chain->mdl[i].pfn =
				frame->logged->logical +
				(chain->mdl[i].pfn - frame->logged->pfn);
			continue;
		}
		chain->mdl[i].pfn =
			pool->logical + (chain->mdl[i].pfn - pool->pfn);
	}
}

void tx_premapped(struct core *core, struct tx_frame *frame)
{
	struct machine *m = tx_machine(frame);
	struct adapter *adapter = frame->queue->adapter;
	const struct sg_target direct = { .reach = 0, .translated = false };
	struct mdl_chain chain;

	frame->as = &tx_ndis6_mapping;
	tx_chain(frame, &chain);
	if (iommu_translates(&m->iommu))
		logical_chain(m, frame, &chain);
	sg_build(&chain, &direct, frame->elements, adapter->sg_room,
		 &frame->sg);
	if (frame->sg.elements > adapter->sg_room) {
		copy_to_contiguous(core, frame);
		list_reachable(frame);
	}
	tx_write_back(core, frame);
	tx_take_place(frame);
	frame->element_count = frame->sg.elements;
	m->stats.tx.sg_elements += frame->sg.elements;
	tx_ready(core, frame);
}
