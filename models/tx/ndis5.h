/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NDIS 5 scatter/gather: NDIS maps every packet before the driver sees it.
 *
 * Five things set it apart from NDIS 6, each a parameter whose price shows by
 * itself; without all five it is ndis6-sg.  What ndis5-sg and ndis5-mapall
 * share is here; the latter maps a whole array before it hands any of it down.
 *
 * Source: WDK NDIS 5 scatter/gather DMA.
 */
#ifndef MODELS_TX_NDIS5_H
#define MODELS_TX_NDIS5_H

#include "models/ndis/sends_steps.h"

struct ndis5 {
	struct tx_mapping mapping;
	bool always_map, one_at_a_time, map_first;
	uint32_t copy_threshold, edit_bytes;
	struct tx_frame *head, *tail; /* in NDIS, by copy_next */
	bool handing;	    /* a packet is mapped, or its handler runs */
	uint64_t edit_base; /* where edited headers are copied to */
	struct memory_stamp edited;
};

extern const struct param tx_ndis5_params[];

int ndis5_setup(struct tx_queue *queue, const struct config *cfg,
		struct err *err);
void ndis5_send(struct core *core, struct tx_frame *frame);
/* MiniportSendPackets, with the list in the packet. */
void ndis5_to_driver(struct core *core, struct tx_frame *frame);
void ndis5_complete(struct core *core, struct tx_frame *frame);

#endif
