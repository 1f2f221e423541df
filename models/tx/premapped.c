/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sender's memory is always mapped: no HAL call, no bounce, no IOMMU work.
 * No Windows interface offers it; it is the floor that an allocator aware of
 * DMA could reach.
 */
#include "models/ndis/sends.h"

const struct tx_ops tx_premapped_ops = {
	.name = "premapped",
	.summary = "memory that is always mapped: the floor",
	.params = tx_no_params,
	.setup = tx_setup_nothing,
	.send = tx_premapped,
	.complete = tx_release,
};
