/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linux with swiotlb=force: every fragment is copied through the software
 * IOTLB, wherever it lies, and the frame is dropped when there are no slots.
 * The pool is the machine's; hal.personality=swiotlb has Linux's.
 *
 * Source: swiotlb.
 */
#include "models/tx/linux_map.h"

static const struct tx_mapping mapping = {
	.build = R_DMA_MAP,
	.put = R_DMA_UNMAP,
	.copies = R_LINEARIZE,
	.flags = HAL_SYNC,
	.masked = true,
	.each = true,
	.bounces = true,
	.mapped = tx_ready,
	.refused = tx_linux_refused,
};

static int setup(struct tx_queue *queue, const struct config *cfg,
		 struct err *err)
{
	(void)cfg;
	if (iommu_translates(&queue->adapter->m->iommu))
		return err_set(err, ERR_USAGE,
			       "what is translated does not bounce: set "
			       "iommu.mode=off");
	return 0;
}

static void send(struct core *core, struct tx_frame *frame)
{
	tx_map_as(core, frame, &mapping);
}

const struct tx_ops tx_linux_swiotlb_ops = {
	.name = "linux-swiotlb",
	.summary = "Linux, swiotlb=force: every fragment bounces, or fails",
	.params = tx_no_params,
	.interface = TX_LINUX,
	.setup = setup,
	.send = send,
	.complete = tx_unmap,
};
