/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the Linux receive strategies share: the ring is filled again at once,
 * with a page that is spare, and a page that comes back from the protocol
 * becomes one.  Only without spare pages does the ring wait for returns.
 *
 * Source: Linux page_pool, e1000e.  Limits: the pages are made at set-up, no
 * allocation grows them; what NAPI and GRO cost is what indications cost.
 */
#ifndef MODELS_RX_LINUX_PAGES_H
#define MODELS_RX_LINUX_PAGES_H

#include "models/machine_state.h"
#include "models/ndis/receives.h"
#include "models/nic/nic_rx.h"

extern const struct param rx_linux_params[];

struct rx_pages {
	struct rx_buffer *spare; /* by next */
	uint32_t short_of;	 /* buffers that the ring waits for */
	uint32_t copybreak;
	bool remaps;
};

/*
 * Make rx.linux_pages buffers and post what the ring takes; the spare ones are
 * mapped too when @mapped.  Takes rx.napi_budget over.
 */
int rx_pages_setup(struct rx_queue *queue, const struct config *cfg,
		   bool mapped, struct err *err);
/* Count dma_sync_single_for_cpu(), on the frame. */
void rx_charge_sync(struct core *core, struct rx_frame *frame);
/* @frame goes up in its buffer: @post a spare one in its place. */
void rx_pages_refill(struct core *core, struct rx_frame *frame,
		     void (*post)(struct core *core, struct rx_buffer *buffer));
/* @buffer is back: for a ring that waits @post it, else it is spare. */
void rx_pages_recycle(struct core *core, struct rx_buffer *buffer,
		      void (*post)(struct core *core,
				   struct rx_buffer *buffer));

#endif
