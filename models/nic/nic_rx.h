/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The NIC's receive engine: FIFO, descriptor prefetch, payload write,
 * write-back.
 *
 * A frame whose last bit is in takes room in the FIFO or is lost.  It leaves
 * by the next buffer whose descriptor is on chip; buffers arrive by the
 * driver's tail writes.  With nic.rx_write_back 1 the descriptor follows its
 * payload at once, else write-backs are batched and flushed by interrupts.  A
 * card without a ring in memory (nic.descriptors=device) is told of buffers by
 * register writes and writes no descriptor.
 *
 * Invariants: (1) used <= prefetch.fetched <= prefetch.tail <= posted; (2)
 * posted - used <= ring_size; (3) bytes in the FIFO <= its size.
 */
#ifndef MODELS_NIC_NIC_RX_H
#define MODELS_NIC_NIC_RX_H

#include "models/adapter.h"

/* The last bit of @frame is in: false when it is lost. */
bool nic_rx_arrive(struct rx_queue *queue, struct rx_frame *frame);
/* An empty buffer into the ring. */
void nic_rx_post(struct rx_queue *queue, struct rx_buffer *buffer);
/* Tell the NIC of the buffers posted so far. */
void nic_rx_doorbell(struct rx_queue *queue);
/* The NIC sees them without being told. */
void nic_rx_notice(struct rx_queue *queue);
/* With nic.suppress: a NIC that has buffers looks at the ring by itself. */
static inline bool nic_rx_will_look(const struct rx_queue *queue)
{
	return queue->adapter->suppress && queue->prefetch.tail != queue->used;
}
/*
 * At set-up: the NIC knows the buffers and has prefetched descriptors; no time
 * passes.
 */
void nic_rx_start(struct rx_queue *queue);
/* An interrupt is about to be sent: write back whatever is done. */
void nic_rx_flush(struct rx_queue *queue);

/*
 * With queue->feed the system's DMA controller moves @frame out of the FIFO,
 * from the call of feed() on; it has.
 */
void nic_rx_fed(struct rx_frame *frame);

static inline uint64_t nic_rx_free(const struct rx_queue *queue)
{
	return queue->posted - queue->used;
}

#endif
