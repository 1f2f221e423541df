/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No host at all: a frame is delivered with its last bit.  The reference for
 * tests.
 */
#include "models/ndis/receives.h"

static void never_receive(struct core *core, struct rx_frame *frame)
{
	(void)core;
	BUG("frame %llu of a bypassed queue reached the host",
	    (unsigned long long)frame->seq);
}

static void never_repost(struct core *core, struct rx_buffer *buffer)
{
	(void)core;
	BUG("buffer %u of a bypassed queue was returned", buffer->slot);
}

const struct rx_ops rx_null_ops = {
	.name = "null",
	.summary = "complete at the last bit: no CPU, ring or PCIe",
	.params = rx_no_params,
	.bypass = true,
	.setup = rx_setup_nothing,
	.receive = never_receive,
	.repost = never_repost,
};
