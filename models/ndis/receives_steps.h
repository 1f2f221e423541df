/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps that the files of the receive path share; strategies use receives.h.
 */
#ifndef MODELS_NDIS_RECEIVES_STEPS_H
#define MODELS_NDIS_RECEIVES_STEPS_H

#include "models/machine_state.h"
#include "models/ndis/receives.h"

/* Room in the ring for a buffer nobody has promised it to. */
static inline bool rx_has_room(const struct rx_queue *queue)
{
	return queue->posted - queue->used + queue->on_way < queue->ring_size;
}

/* The frame has come to its end: give it back. */
void rx_release(struct rx_frame *frame);
/* Its data is with the protocol, @latency ps after it came. */
void rx_count_delivered(struct machine *m, const struct rx_frame *frame,
			uint64_t latency);

/*
 * Copy the frame into a buffer of the pool, whose lists are last in, first
 * out: about as long unwritten as the last one that was.  Returns the cycles.
 */
uint64_t rx_copy_to_pool(struct rx_frame *frame);
/* It reads what was not flushed. */
void rx_read_early(struct rx_frame *frame);
/* The CPU is about to read the frame: not before the flush. */
static inline void rx_read(struct rx_frame *frame)
{
	if (frame->buffer && frame->buffer->unflushed)
		rx_read_early(frame);
}

/* The first @bytes of the buffer as the device fills it. */
void rx_mdl_chain(const struct rx_buffer *buffer, uint32_t bytes,
		  struct mdl_chain *chain);
/* Keep the buffer, which is not posted now. */
void rx_spare(struct rx_buffer *buffer);

/* A posted buffer holds registers of those that the driver may have. */
static inline bool rx_within_budget(const struct rx_buffer *buffer)
{
	return buffer->mapped ||
	       buffer->registers <= buffer->queue->register_budget;
}

/* --- returns --- */

/*
 * Returned inside the indicate call, several together; or, of RESOURCES, the
 * driver's again when the call is over.
 */
void rx_return_now(struct core *core, struct rx_frame *frame);
/* The indicate call is over. */
void rx_return_rest(struct core *core, struct rx_queue *queue);
/* Kept for @length. */
void rx_hold(struct rx_frame *frame, sim_time length);

/* --- growth --- */

/* After the buffers were made: all but the first are absent. */
void rx_growth_init(struct rx_queue *queue, bool common);
/* Few buffers are posted: ask for more. */
void rx_grow(struct core *core, struct rx_queue *queue);
/* True when @buffer is one too many, of a pool that grows: it is freed. */
bool rx_shrink(struct core *core, struct rx_buffer *buffer);

#endif
