/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring of common-buffer slots: every frame is copied in the DPC and its slot
 * goes back at once.  No mapping at run time, no exhaustion by the protocol.
 */
#include "models/machine_state.h"
#include "models/ndis/receives.h"
#include "models/nic/nic_rx.h"

static int setup(struct rx_queue *queue, const struct config *cfg,
		 struct err *err)
{
	uint32_t i;

	if (rx_make_buffers(queue, queue->ring_size,
			    (uint32_t)config_u64(cfg, "rx.buffer"), true,
			    err) < 0)
		return -1;
	for (i = 0; i < queue->ring_size; i++)
		nic_rx_post(queue, &queue->buffers[i]);
	return 0;
}

static void copied(struct core *core, void *ctx, uint64_t arg)
{
	struct rx_frame *frame = ctx;
	struct rx_buffer *buffer = frame->buffer;

	(void)arg;
	frame->buffer = NULL;
	rx_repost(core, buffer);
	rx_take(core, frame);
}

static void receive(struct core *core, struct rx_frame *frame)
{
	rx_copy_out(core, frame);
	cpu_then(core, copied, frame, 0);
}

const struct rx_ops rx_common_copy_ops = {
	.name = "common-copy",
	.summary = "common-buffer ring, every frame copied in the DPC",
	.params = rx_no_params,
	.setup = setup,
	.receive = receive,
	.repost = rx_repost,
};
