/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mapping: a list for the HAL to translate, registers waited for, what is done
 * when there are too many fragments.
 */
#include "models/ndis/sends_steps.h"

static void mapped(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_frame *frame = ctx;
	struct machine *m = tx_machine(frame);

	(void)arg;
	frame->mapped = true;
	m->stats.tx.mapped_frames++;
	m->stats.tx.sg_elements += frame->sg.elements;
	tx_ready(core, frame);
}

/* NDIS copies the frame to one contiguous buffer and lists that. */
static void copy_fallback(struct core *core, struct tx_frame *frame)
{
	struct machine *m = tx_machine(frame);
	struct tx_queue *queue = frame->queue;
	enum residency from = tx_source_of(frame);

	frame->fallback = true;
	m->stats.tx.fallback_frames++;
	m->stats.cpu.copied_bytes += frame->bytes;
	tx_note_copy(m, from);
	tx_charge(core, frame, R_NDIS_FALLBACK, TX_COPY, 0,
		  copy_cycles(&m->copy, from, tx_sent_from(m, queue->bounced),
			      frame->bytes));
	queue->bounced = memory_cpu_wrote(&m->memory, frame->bytes);
	frame->elements[0] =
		(struct sg_element){ frame->queue->adapter->target.bounce,
				     frame->bytes };
	frame->sg =
		(struct sg_summary){ .elements = 1,
				     .pages = pages_spanned(0, frame->bytes),
				     .mapped_bytes = frame->bytes };
	tx_charge(core, frame, R_SG_BUILD, TX_MAP, frame->sg.pages, 0);
}

static void map_again(struct core *core, void *ctx, uint64_t arg);

static void map_granted(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_frame *frame = ctx;
	struct machine *m = tx_machine(frame);
	const struct sg_summary *sg = &frame->sg;

	(void)arg;
	hal_set_mapped(&frame->map, true);
	if (sg->missed_pages)
		hal_note_hazard(&m->hal, HAL_OOB_DMA);
	if (frame->map.deferred)
		stage_close(&frame->clock, TX_MAP_WAIT, core->kernel->now);
	m->stats.hal.mapped_bytes += sg->mapped_bytes;
	if (sg->bounced_pages) {
		enum residency from = tx_source_of(frame);
		struct memory_stamp *bounced = &frame->queue->bounced;

		m->stats.hal.map_registers_bounced += sg->bounced_pages;
		m->stats.hal.bounced_bytes += sg->bounced_bytes;
		m->stats.cpu.bounce_copied_bytes += sg->bounced_bytes;
		tx_note_copy(m, from);
		tx_charge(core, frame, R_BOUNCE, TX_BOUNCE, 0,
			  copy_cycles(&m->copy, from, tx_sent_from(m, *bounced),
				      sg->bounced_bytes) +
				  (sg->bounced_pages - 1) *
					  m->copy.call_cycles);
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
	tx_charge(core, frame, R_PROCESS_SG, TX_MAP, sg->elements, 0);
	cpu_then(core, mapped, frame, 0);
}

static void map_done(struct core *core, struct hal_request *req,
		     enum hal_status status)
{
	struct tx_frame *frame =
		(struct tx_frame *)((char *)req -
				    offsetof(struct tx_frame, map));
	struct machine *m = tx_machine(frame);

	if (status != HAL_GRANTED) {
		/* The ladder's next step, once: a contiguous copy. */
		if (frame->fallback ||
		    (status == HAL_NO_RESOURCES &&
		     m->hal.rules.exhausted != HAL_COPY)) {
			tx_fail(core, frame);
			return;
		}
		copy_fallback(core, frame);
		if (status == HAL_NO_RESOURCES)
			frame->sg.pages = 0; /* to memory in reach */
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
	struct hal *hal = &tx_machine(frame)->hal;

	(void)arg;
	cpu_unlock(core, hal_lock(hal, core, &frame->map));
	tx_take_place(frame);
	hal_map(hal, core, &frame->map);
}

static void map_locked(struct core *core, void *ctx, uint64_t arg)
{
	(void)arg;
	tx_charge(core, ctx, R_HAL_LOCK, TX_MAP, 0, 0);
	cpu_then(core, map_ask, ctx, 0);
}

/* Ask for the registers of frame->sg; map_done() has the answer. */
static void map_request(struct core *core, struct tx_frame *frame)
{
	struct machine *m = tx_machine(frame);

	frame->element_count = frame->sg.elements;
	frame->map.done = map_done;
	frame->map.elements = frame->sg.elements;
	frame->map.registers = hal_registers(
		&m->hal, &frame->queue->adapter->target, &frame->sg);
	if (frame->map.registers) {
		cpu_lock_then(core, hal_lock(&m->hal, core, &frame->map),
			      &frame->clock, TX_LOCK_WAIT, map_locked, frame,
			      0);
		return;
	}
	tx_take_place(frame);
	hal_map(&m->hal, core, &frame->map);
}

static void map_again(struct core *core, void *ctx, uint64_t arg)
{
	(void)arg;
	map_request(core, ctx);
}

void tx_map(struct core *core, struct tx_frame *frame)
{
	struct machine *m = tx_machine(frame);
	struct adapter *adapter = frame->queue->adapter;
	struct mdl_chain chain;

	tx_chain(frame, &chain);
	sg_build(&chain, &adapter->target, frame->elements, adapter->sg_room,
		 &frame->sg);
	tx_charge(core, frame, R_SG_BUILD, TX_MAP, frame->sg.pages, 0);
	if (frame->sg.elements > adapter->list_elements) {
		m->stats.tx.late_lists++;
		tx_charge(core, frame, R_LIST_ALLOC, TX_MAP, 0, 0);
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
	struct machine *m = tx_machine(frame);
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
	tx_take_place(frame);
	frame->element_count = frame->sg.elements;
	m->stats.tx.sg_elements += frame->sg.elements;
	tx_ready(core, frame);
}
