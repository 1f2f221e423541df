/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NDIS 5 scatter/gather as it was: every packet mapped by NDIS, the next one
 * when the handler of the previous returns, so no packet that is mapped and
 * not sent holds registers another one waits for.
 */
#include "models/tx/ndis5.h"

const struct tx_ops tx_ndis5_sg_ops = {
	.name = "ndis5-sg",
	.summary = "NDIS maps each packet before the driver sees it",
	.params = tx_ndis5_params,
	.state_size = sizeof(struct ndis5),
	.interface = TX_NDIS5_SG,
	.setup = ndis5_setup,
	.send = ndis5_send,
	.complete = ndis5_complete,
};
