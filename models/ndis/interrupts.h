/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupt routine and DPC of a vector.
 *
 * The routine runs at DIRQL; its DPC is ready a drawn delay later (lognormal,
 * long tail) and runs at DISPATCH on the same core: send completions first,
 * then received frames up to rx.dpc_budget.  With work left it queues itself
 * again behind other DPCs (after rx.requeue_delay), else it unmasks the vector.
 * NDIS may take no more than rx.throttle lists of a DPC; the rest waits for
 * rx.throttle_delay.  Fixed cycles of both are divided over the frames they
 * handled.
 */
#ifndef MODELS_NDIS_INTERRUPTS_H
#define MODELS_NDIS_INTERRUPTS_H

#include "models/adapter.h"

void interrupt_arrived(struct vector *vector);
/* Poll mode: the DPC without an interrupt. */
void interrupt_poll(struct vector *vector);

/*
 * The driver reads charge->units registers of the card: the bus carries them,
 * the core stalls until they are back.  Where the price is zero it does not.
 */
void register_read(struct core *core, struct adapter *adapter,
		   struct charge *charge);

#endif
