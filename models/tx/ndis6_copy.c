/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copy every frame into preallocated common-buffer pages.
 */
#include "models/ndis/sends.h"

const struct tx_ops tx_ndis6_copy_ops = {
	.name = "ndis6-copy",
	.summary = "copy every frame to preallocated common buffers",
	.params = tx_no_params,
	.setup = tx_setup_copy_pages,
	.send = tx_copy,
	.complete = tx_release,
};
