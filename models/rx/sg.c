/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preallocated net buffers with mapped MDLs, handed up as they are: unmapped
 * before the CPU reads, mapped and posted again when the protocol returns
 * them.  A posted buffer holds its map registers.
 */
#include "models/machine_state.h"
#include "models/ndis/receives.h"
#include "models/nic/nic_rx.h"

static void receive(struct core *core, struct rx_frame *frame)
{
	rx_mark_resources(frame);
	rx_flush(core, frame);
	cpu_then(core, rx_taken, frame, 0);
}

const struct rx_ops rx_sg_ops = {
	.name = "sg",
	.summary = "mapped buffers handed up, mapped again on return",
	.params = rx_no_params,
	.setup = rx_setup_mapped,
	.receive = receive,
	.repost = rx_map_and_post,
};
