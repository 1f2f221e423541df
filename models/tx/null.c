/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No host at all: a frame goes to the wire the moment it is sent.  The
 * smallest legal strategy, and the reference for tests.
 */
#include "models/ndis/sends.h"

static void never(struct core *core, struct tx_frame *frame)
{
	(void)core;
	BUG("frame %llu of a bypassed queue reached the host",
	    (unsigned long long)frame->seq);
}

const struct tx_ops tx_null_ops = {
	.name = "null",
	.summary = "straight to the wire: no CPU, HAL, ring or PCIe",
	.params = tx_no_params,
	.bypass = true,
	.setup = tx_setup_nothing,
	.send = never,
	.complete = never,
};
