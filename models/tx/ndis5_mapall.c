/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NDIS 5 scatter/gather as it must not be: the whole array of a send call is
 * mapped before any of it is handed down.  Packets that are mapped and not sent
 * hold registers that others of the array, or of another, wait for: a circular
 * wait as soon as the pool is short.
 */
#include "models/tx/ndis5.h"

static int setup(struct tx_queue *queue, const struct config *cfg,
		 struct err *err)
{
	struct ndis5 *ndis = queue->state;

	if (ndis5_setup(queue, cfg, err) < 0)
		return -1;
	ndis->one_at_a_time = false;
	queue->adapter->m->tx_submit = SUBMIT_CALL;
	return 0;
}

const struct tx_ops tx_ndis5_mapall_ops = {
	.name = "ndis5-mapall",
	.summary = "the same, a whole array at a time: can deadlock",
	.params = tx_no_params,
	.state_size = sizeof(struct ndis5),
	.interface = TX_NDIS5_SG,
	.setup = setup,
	.send = ndis5_send,
	.complete = ndis5_complete,
};
