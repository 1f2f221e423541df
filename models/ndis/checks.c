/* SPDX-License-Identifier: Apache-2.0 */
#include "models/ndis/checks.h"

#include "models/ndis/sends_steps.h"

void tx_note_hazard(const struct tx_frame *frame, enum hazard hazard)
{
	struct machine *m = tx_machine(frame);

	hazards_note(&m->ledger.hazards, m->kernel.now, hazard, frame->number);
}

void tx_check_unmapped(const struct tx_frame *frame)
{
	if (iommu_translates(&tx_machine(frame)->iommu))
		tx_note_hazard(frame, HAZARD_IOMMU_FAULT);
}

void tx_edit(struct tx_frame *frame)
{
	frame->edited = frame->map.mapped;
	if (frame->edited)
		tx_note_hazard(frame, HAZARD_EDIT_AFTER_MAP);
}

/* --- receive --- */

void rx_note_hazard(const struct rx_frame *frame, enum hazard hazard)
{
	struct machine *m = frame->queue->adapter->m;

	hazards_note(&m->ledger.hazards, m->kernel.now, hazard, frame->number);
}

void rx_check_awaited(const struct rx_frame *frame)
{
	if (frame->resources) /* it is back already */
		rx_note_hazard(frame, HAZARD_RESOURCES_KEPT);
}
