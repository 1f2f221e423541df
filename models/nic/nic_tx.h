/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The NIC's transmit engine: doorbell, descriptor fetch, payload read, FIFO,
 * wire, write-back.
 *
 * Descriptors are fetched in batches when fewer than nic.prefetch are on chip
 * and at least nic.host_threshold wait in memory.  Payload of several frames
 * is read at a time (nic.dma_reads) while the FIFO has room; frames leave in
 * ring order.  A frame leaves when it is read, or when nic.tx_cut_through bytes
 * of it are; a super-frame when its first segment is.  Completions are written
 * back nic.tx_write_back at a time, or when an interrupt is about to be sent:
 * a descriptor a frame, or the head of the ring alone, or nothing where the
 * host reads a register.  With nic.descriptors=device the host writes every
 * element into the card.
 *
 * Limits: an underrun is found where the wire should be through with a frame,
 * which is then sent again; a super-frame that is late pauses before its last
 * segment and keeps the wire.
 *
 * Invariants: (1) reaped <= visible <= written <= done <= wired <= reading <=
 * fetched <= posted; (2) ring_used <= ring_size; (3) bytes in the FIFO <= its
 * size.
 */
#ifndef MODELS_NIC_NIC_TX_H
#define MODELS_NIC_NIC_TX_H

#include "models/adapter.h"

/* The frame's descriptors into a table of their own: one of the ring is left.
 */
void nic_tx_indirect(struct tx_frame *frame);
/* Frame into the ring (there is room). */
void nic_tx_post(struct tx_queue *queue, struct tx_frame *frame);
/* Tell the NIC of all that was posted. */
void nic_tx_doorbell(struct tx_queue *queue);
/* The NIC sees all that was posted without being told. */
void nic_tx_notice(struct tx_queue *queue);
/* With nic.suppress: a NIC at work looks at the ring again by itself. */
static inline bool nic_tx_will_look(const struct tx_queue *queue)
{
	return queue->adapter->suppress && queue->done != queue->rung;
}
/* Hand a frame straight to the wire: the null strategy. */
void nic_tx_bypass(struct tx_queue *queue, struct tx_frame *frame);
/* An interrupt is about to be sent: write back whatever is done. */
void nic_tx_flush(struct tx_queue *queue);

/* Descriptors that fit now. */
static inline uint32_t nic_tx_room(const struct tx_queue *queue)
{
	const struct adapter *adapter = queue->adapter;

	if (adapter->tx_frames &&
	    queue->posted - queue->reaped >= adapter->tx_frames)
		return 0;
	return queue->ring_size - queue->ring_used;
}

/*
 * Without a ring: the system's DMA controller moves @frame into the FIFO, from
 * nic_tx_feed() to nic_tx_fed().
 */
void nic_tx_feed(struct tx_queue *queue, struct tx_frame *frame);
void nic_tx_fed(struct tx_frame *frame);

/*
 * The card takes up no more of the ring; what it has begun to read goes out.
 * Quiet when that is over.  Restarted, it takes the ring for empty.
 */
void nic_tx_stop(struct tx_queue *queue);
bool nic_tx_is_quiet(const struct tx_queue *queue);
void nic_tx_restart(struct tx_queue *queue);

#endif
