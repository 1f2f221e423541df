/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linux, for comparison: every fragment of the frame is mapped by a call of
 * its own, dma_map_single() or dma_map_page(), and unmapped when the ring is
 * cleaned.  Behind an IOMMU each has a range of its own and, in strict mode,
 * an invalidation; without one the calls are arithmetic.  A frame of too many
 * fragments is made linear and mapped as one.  Nothing waits: a mapping that
 * fails drops the frame.
 *
 * Source: Linux DMA API, e1000e.  Limits: the bounce slots of a frame's
 * fragments are asked for together.
 */
#include "models/tx/linux_map.h"

static const struct tx_mapping mapping = {
	.build = R_DMA_MAP,
	.put = R_DMA_UNMAP,
	.copies = R_LINEARIZE,
	.flags = HAL_SYNC,
	.masked = true,
	.each = true,
	.mapped = tx_ready,
	.refused = tx_linux_refused,
};

void tx_linux_refused(struct core *core, struct tx_frame *frame,
		      enum hal_status status)
{
	if (status == HAL_TOO_MANY)
		tx_map_fallback(core, frame, status);
	else
		tx_fail(core, frame);
}

static void send(struct core *core, struct tx_frame *frame)
{
	tx_map_as(core, frame, &mapping);
}

const struct tx_ops tx_linux_map_ops = {
	.name = "linux-map",
	.summary = "Linux: a mapping per fragment, unmapped at clean",
	.params = tx_no_params,
	.interface = TX_LINUX,
	.setup = tx_setup_nothing,
	.send = send,
	.complete = tx_unmap,
};
