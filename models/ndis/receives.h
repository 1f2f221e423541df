/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The miniport's receive path, shared by all receive strategies: arrival,
 * indication, hold, return, repost.
 */
#ifndef MODELS_NDIS_RECEIVES_H
#define MODELS_NDIS_RECEIVES_H

#include "models/adapter.h"

/* The last bit of a frame is in, now. */
void rx_arrive(struct machine *m, const struct frame *frame, uint64_t burst);

/* Size of the objects in the pool of returns. */
size_t rx_return_size(void);

/* --- for strategies --- */

/*
 * Make @count buffers of rx.buffer bytes (page-aligned, or in low memory and
 * mapped for ever when @common) in queue->pool and queue->buffers.
 */
int rx_make_buffers(struct rx_queue *queue, uint32_t count, uint32_t bytes,
		    bool common, struct err *err);
/* Map for the device: at set-up (false: no registers), or by the HAL now. */
bool rx_map_at_setup(struct rx_buffer *buffer);
void rx_map_and_post(struct core *core, struct rx_buffer *buffer);
/*
 * rx.buffers buffers, mapped and posted as far as ring and the share of map
 * registers (rx.register_share) go; the rest waits for returns.
 */
int rx_setup_mapped(struct rx_queue *queue, const struct config *cfg,
		    struct err *err);
/*
 * Post a buffer that needs no mapping, under the ring's lock; the doorbell is
 * rung every nic.rx_tail_batch buffers.
 */
void rx_repost(struct core *core, struct rx_buffer *buffer);
/* Few buffers are left in the ring: the frame goes up with RESOURCES. */
void rx_mark_resources(struct rx_frame *frame);
/* A buffer that stayed mapped is posted again: no line of @bytes is dirty. */
void rx_prepare(struct core *core, struct rx_buffer *buffer, uint32_t bytes);
/* The same before a read, charged as @charge says. */
void rx_invalidate(struct core *core, struct rx_buffer *buffer, uint32_t bytes,
		   struct charge charge);
/*
 * Make the CPU's view current without unmapping: copies bounced bytes, or
 * invalidates lines that are not coherent.
 */
void rx_sync(struct core *core, struct rx_frame *frame);
/* Unmap before the CPU reads: HAL flush, registers back. */
void rx_flush(struct core *core, struct rx_frame *frame);
/* Copy the frame out of its buffer into a pool buffer. */
void rx_copy_out(struct core *core, struct rx_frame *frame);
/* The frame that went up in @buffer ends, and it is not posted again. */
void rx_end_of_frame(struct rx_buffer *buffer);
/* The frame joins the indication. */
void rx_take(struct core *core, struct rx_frame *frame);

/* --- for the DPC --- */

/* Start receiving the next visible frame; false when there is none. */
bool rx_receive_next(struct core *core, struct rx_queue *queue);
/* Indicate the batch and let the protocol have it. */
void rx_indicate(struct core *core, struct rx_queue *queue);

#endif
