/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame mapped as a whole, or piece by piece: every MDL by a call of its own
 * and, behind an IOMMU, in a range of its own.
 */
#include "models/ndis/sends_steps.h"

/* Pages of each piece of @frame; how many pieces. */
static uint32_t pieces_of(const struct tx_frame *frame, uint32_t *pages)
{
	struct mdl_chain chain;
	uint32_t i;

	if (frame->fallback) {
		pages[0] = frame->sg.pages;
		return 1;
	}
	tx_chain(frame, &chain);
	for (i = 0; i < chain.count; i++)
		pages[i] =
			pages_spanned(chain.mdl[i].offset, chain.mdl[i].bytes);
	return chain.count;
}

void tx_charge_each(struct core *core, struct tx_frame *frame,
		    enum routine routine, enum tx_stage stage)
{
	uint32_t pages[MDL_MAX], count = pieces_of(frame, pages), i;

	for (i = 0; i < count; i++)
		tx_charge(core, frame, routine, stage, pages[i], 0);
}

static struct charge charge_to(struct tx_frame *frame, enum tx_stage stage)
{
	return (struct charge){ .direction = DIR_TX,
				.clock = &frame->clock,
				.stage = stage };
}

/* The list is in logical pages from 0 on: each piece moves to its range. */
static void translate_pieces(struct core *core, struct tx_frame *frame,
			     const struct charge *charge)
{
	struct machine *m = tx_machine(frame);
	uint32_t pages[MDL_MAX], count = pieces_of(frame, pages), i;
	uint64_t before = 0;

	frame->pieces = pool_take(&m->pieces);
	for (i = 0; i < count; i++) {
		struct iommu_mapping *piece = &frame->pieces[i];

		iommu_map(&m->iommu, core, piece, charge, pages[i]);
		sg_move(&frame->elements[i], 1, piece->address - before);
		before += (uint64_t)pages[i] * HOST_PAGE;
	}
	frame->piece_count = count;
}

void tx_translate(struct core *core, struct tx_frame *frame)
{
	struct machine *m = tx_machine(frame);
	struct charge charge = charge_to(frame, TX_MAP);

	if (frame->as->each) {
		translate_pieces(core, frame, &charge);
		return;
	}
	iommu_map(&m->iommu, core, &frame->mapping, &charge, frame->sg.pages);
	sg_move(frame->elements + frame->lead,
		frame->element_count - frame->lead, frame->mapping.address);
}

void tx_end_translation(struct core *core, struct tx_frame *frame)
{
	struct machine *m = tx_machine(frame);
	struct charge charge = charge_to(frame, TX_UNMAP);
	uint32_t i;

	if (!frame->as->each)
		iommu_unmap(&m->iommu, core, &frame->mapping, &charge);
	for (i = 0; i < frame->piece_count; i++)
		iommu_unmap(&m->iommu, core, &frame->pieces[i], &charge);
}
