/* SPDX-License-Identifier: Apache-2.0 */
#include "models/ndis/checks.h"

#include "models/ndis/sends_steps.h"

static void note(const struct tx_frame *frame, enum hazard hazard)
{
	struct machine *m = tx_machine(frame);

	hazards_note(&m->ledger.hazards, m->kernel.now, hazard, frame->number);
}

void tx_check_chain(const struct tx_frame *frame, const struct mdl_chain *chain)
{
	if (chain->faults & MDL_PAGEABLE)
		note(frame, HAZARD_PAGEABLE_BUFFER);
	if (chain->faults & MDL_BAD_ADDRESS)
		note(frame, HAZARD_BAD_BUFFER);
}

void tx_check_list(const struct tx_frame *frame)
{
	if (!frame->map.mapped)
		note(frame, HAZARD_USE_BEFORE_CALLBACK);
}

void tx_check_callback(const struct core *core, const struct tx_frame *frame)
{
	if (frame->queue->lock.owner == core)
		note(frame, HAZARD_LOCK_HELD_ACROSS_MAP);
}

void tx_check_post(const struct tx_frame *frame)
{
	uint64_t bytes = 0;
	uint32_t i;

	for (i = 0; i < frame->element_count; i++)
		bytes += frame->elements[i].bytes;
	if (bytes > frame->bytes)
		note(frame, HAZARD_HEADER_ROOM_NOT_SKIPPED);
	if (frame->lead + frame->sg.elements > frame->queue->adapter->sg_room)
		note(frame, HAZARD_TOO_MANY_FRAGMENTS);
}

void tx_check_read(const struct tx_frame *frame)
{
	if (!iommu_translates(&tx_machine(frame)->iommu))
		return;
	if (frame->raw || (frame->mapped && !frame->map.mapped))
		note(frame, HAZARD_IOMMU_FAULT);
}

void tx_check_free(const struct tx_frame *frame)
{
	if (frame->map.active)
		note(frame, HAZARD_LIST_FREED_EARLY);
}

void tx_edit(struct tx_frame *frame)
{
	frame->edited = frame->map.mapped;
	if (frame->edited)
		note(frame, HAZARD_EDIT_AFTER_MAP);
}

bool tx_is_stale(const struct tx_frame *frame)
{
	return frame->edited && !frame->copy_pages &&
	       (frame->sg.bounced_pages || frame->fallback);
}

/* --- receive --- */

static void note_rx(const struct rx_frame *frame, enum hazard hazard)
{
	struct machine *m = frame->queue->adapter->m;

	hazards_note(&m->ledger.hazards, m->kernel.now, hazard, frame->number);
}

void rx_check_write(const struct rx_frame *frame)
{
	if (frame->bytes > frame->buffer->room)
		note_rx(frame, HAZARD_OVERRUN);
}

void rx_check_awaited(const struct rx_frame *frame)
{
	if (frame->resources) /* it is back already */
		note_rx(frame, HAZARD_RESOURCES_KEPT);
}
