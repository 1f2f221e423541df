/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The NIC's transmit engine: doorbell, descriptor fetch, payload read, FIFO,
 * wire, write-back.
 *
 * Descriptors are fetched in batches when fewer than nic.prefetch are on chip
 * and at least nic.host_threshold wait in memory.  Payload of several frames
 * is read at a time (nic.dma_reads) while the FIFO has room; frames leave in
 * ring order, whole (store and forward).  Completions are written back
 * nic.tx_write_back at a time, or when an interrupt is about to be sent.
 *
 * Invariants: (1) reaped <= visible <= written <= done <= wired <= reading <=
 * fetched <= posted; (2) ring_used <= ring_size; (3) bytes in the FIFO <= its
 * size.
 */
#ifndef MODELS_NIC_NIC_TX_H
#define MODELS_NIC_NIC_TX_H

#include "models/adapter.h"

/* Frame into the ring (there is room). */
void nic_tx_post(struct tx_queue *queue, struct tx_frame *frame);
/* Tell the NIC of all that was posted. */
void nic_tx_doorbell(struct tx_queue *queue);
/* Hand a frame straight to the wire: the null strategy. */
void nic_tx_bypass(struct tx_queue *queue, struct tx_frame *frame);
/* An interrupt is about to be sent: write back whatever is done. */
void nic_tx_flush(struct tx_queue *queue);

static inline uint32_t nic_tx_room(const struct tx_queue *queue)
{
	return queue->ring_size - queue->ring_used;
}

#endif
