/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preallocated net buffers whose MDLs describe common-buffer pages: handed up
 * as they are, posted again on return.  Nothing is mapped or flushed at run
 * time, and no map register is held.
 *
 * Source: NetKVM, NetAdapterCx.  Limits: not where common buffers are uncached,
 * which NDIS may not be given.
 */
#include "models/machine_state.h"
#include "models/ndis/receives.h"

static int setup(struct rx_queue *queue, const struct config *cfg,
		 struct err *err)
{
	if (!queue->m->coherence.coherent)
		return err_set(err, ERR_USAGE,
			       "common buffers are uncached with "
			       "host.coherent=no, and NDIS may not be given "
			       "uncached memory");
	return rx_setup_common(queue, cfg, err);
}

static void receive(struct core *core, struct rx_frame *frame)
{
	rx_mark_resources(frame);
	rx_take(core, frame);
}

const struct rx_ops rx_sg_premapped_ops = {
	.name = "sg-premapped",
	.summary = "common-buffer pages handed up, never mapped at run time",
	.params = rx_no_params,
	.setup = setup,
	.receive = receive,
	.repost = rx_repost,
};
