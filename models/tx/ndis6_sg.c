/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Map every frame: NdisMAllocateNetBufferSGList per net buffer, list memory
 * preallocated, callback before or after the call returns.
 */
#include "models/ndis/sends.h"

const struct tx_ops tx_ndis6_sg_ops = {
	.name = "ndis6-sg",
	.summary = "map every frame for scatter/gather",
	.params = tx_no_params,
	.setup = tx_setup_nothing,
	.send = tx_map,
	.complete = tx_unmap,
};
