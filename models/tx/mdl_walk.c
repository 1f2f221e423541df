/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver takes the physical pages of the MDL chain for what the card may
 * fetch, and asks nobody: fast and wrong.  An address beyond the card's reach
 * is cut off and another page is sent (oob_dma); behind an IOMMU nothing is
 * mapped there (iommu_fault); where caches are not coherent it fetches what was
 * in DRAM before (not_flushed).  Each is counted once a frame, and the frame
 * is sent all the same.
 */
#include "models/ndis/sends_steps.h"

static const struct tx_mapping mapping = {
	.mapped = tx_ready,
	.refused = tx_refused_copy,
};

static void note_hazards(struct tx_frame *frame)
{
	struct machine *m = tx_machine(frame);

	if (frame->sg.missed_pages && !iommu_translates(&m->iommu))
		hazards_note(&m->ledger.hazards, m->kernel.now, HAZARD_OOB_DMA,
			     frame->number);
	if (!m->coherence.coherent)
		hazards_note(&m->ledger.hazards, m->kernel.now,
			     HAZARD_NOT_FLUSHED, frame->number);
}

static void send(struct core *core, struct tx_frame *frame)
{
	struct machine *m = tx_machine(frame);
	struct adapter *adapter = frame->queue->adapter;
	struct sg_target target = { .reach = adapter->target.reach,
				    .unchecked = true };
	struct mdl_chain chain;

	frame->as = &mapping;
	tx_chain(frame, &chain);
	sg_build(&chain, &target, frame->elements, adapter->sg_room,
		 &frame->sg);
	tx_charge(core, frame, R_MDL_WALK, TX_MAP, frame->sg.pages, 0);
	if (frame->sg.elements > adapter->sg_room) {
		tx_copy(core, frame);
		return;
	}
	frame->raw = true;
	note_hazards(frame);
	tx_take_place(frame);
	frame->element_count = frame->sg.elements;
	m->stats.tx.sg_elements += frame->sg.elements;
	tx_ready(core, frame);
}

const struct tx_ops tx_mdl_walk_ops = {
	.name = "mdl-walk",
	.summary = "physical pages of the MDLs, no HAL: fast and wrong",
	.params = tx_no_params,
	.setup = tx_setup_copy_pages,
	.send = send,
	.complete = tx_release,
};
