/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The miniport's receive path, shared by all receive strategies: arrival,
 * buffers, indication, hold, return, repost.
 *
 * A buffer is in the ring, with a frame on its way up, or spare: for want of
 * room in the ring or of map registers.  rx_recycle() decides which, and the
 * end of every DPC posts spare ones as far as they go.  With rx.buffers_max
 * the driver asks for more when few are posted, one request at a time, and
 * gives them back when it was quiet long enough.
 */
#ifndef MODELS_NDIS_RECEIVES_H
#define MODELS_NDIS_RECEIVES_H

#include "models/machine_state.h"

static inline struct machine *rx_machine(const struct rx_frame *frame)
{
	return frame->queue->m;
}

/* The last bit of a frame is in, now. */
void rx_arrive(struct machine *m, const struct frame *frame, uint64_t burst);

/* How long the protocol keeps a frame of @burst; 0: inside the call. */
sim_time rx_draw_hold(const struct machine *m, uint64_t burst);

/* Size of the objects in the pool of returns. */
size_t rx_return_size(void);

/* --- for strategies: set-up --- */

/* Routines that make a buffer the device's, and the CPU's again. */
#define RX_BESIDES 3
struct rx_mapping {
	enum routine ask[RX_BESIDES]; /* before the list, 0: none */
	enum routine build;	      /* unit: page */
	enum routine callback;	      /* unit: element; 0: none */
	enum routine put[RX_BESIDES]; /* after the transfer; unit: page */
	bool owned;		      /* registers of the driver's own */
};

extern const struct rx_mapping rx_ndis6_mapping;

/*
 * Make @count buffers of @bytes (page-aligned, or in low memory and mapped for
 * ever when @common) in queue->buffers; rx.buffers_max more can be had later.
 */
int rx_make_buffers(struct rx_queue *queue, uint32_t count, uint32_t bytes,
		    bool common, struct err *err);
/* Common ones @stride bytes apart, several to a page or across pages. */
int rx_make_slots(struct rx_queue *queue, uint32_t count, uint32_t bytes,
		  uint32_t stride, struct err *err);
/* Routines that ask for another buffer, and that bring it. */
void rx_grow_by(struct rx_queue *queue, enum routine ask, enum routine done);
/* Map for the device: at set-up (false: no registers), or by the HAL now. */
bool rx_map_at_setup(struct rx_buffer *buffer);
void rx_map_and_post(struct core *core, struct rx_buffer *buffer);
/* rx.buffers buffers, by default one per descriptor. */
uint32_t rx_buffer_count(const struct rx_queue *queue,
			 const struct config *cfg);
/*
 * rx_buffer_count() buffers, mapped and posted as far as ring and the share of
 * map registers (rx.register_share) go; the others are spare.
 */
int rx_setup_mapped(struct rx_queue *queue, const struct config *cfg,
		    struct err *err);
/* Buffers of common memory, posted as far as the ring goes. */
int rx_setup_common(struct rx_queue *queue, const struct config *cfg,
		    struct err *err);
/* Post the buffers made, @limit at most; the others are spare. */
void rx_post_first(struct rx_queue *queue, uint32_t limit);

/* --- for strategies: every frame --- */

/* The driver has the buffer back: posted again, spare, or no longer needed. */
void rx_recycle(struct core *core, struct rx_buffer *buffer);
/* The buffer is the driver's again: the frame that went up in it has ended. */
void rx_end_of_frame(struct rx_buffer *buffer);
/*
 * Post a buffer that needs no mapping, under the ring's lock; the doorbell is
 * rung every nic.rx_tail_batch buffers.
 */
void rx_repost(struct core *core, struct rx_buffer *buffer);
/* Few buffers are left in the ring: the frame goes up with RESOURCES. */
void rx_mark_resources(struct rx_frame *frame);
/* Call @routine for @frame: its price to @stage. */
static inline void rx_charge(struct core *core, struct rx_frame *frame,
			     enum routine routine, enum rx_stage stage,
			     uint64_t units, uint64_t cycles)
{
	routine_call(&rx_machine(frame)->ledger, core, routine,
		     &(struct charge){ .direction = DIR_RX,
				       .clock = &frame->clock,
				       .stage = stage,
				       .units = units,
				       .cycles = cycles });
}
/* A buffer that stayed mapped is posted again: no line of @bytes is dirty. */
void rx_prepare(struct core *core, struct rx_buffer *buffer, uint32_t bytes);
/*
 * Make the CPU's view current without unmapping: copies bounced bytes, or
 * invalidates lines that are not coherent.
 */
void rx_sync(struct core *core, struct rx_frame *frame);
/* Unmap before the CPU reads: HAL flush, registers back. */
void rx_flush(struct core *core, struct rx_frame *frame);
/* Copy the frame out of its buffer into a pool buffer. */
void rx_copy_out(struct core *core, struct rx_frame *frame);
/* The HAL does, out of the channel's memory. */
void rx_bounce_out(struct core *core, struct rx_frame *frame);
/* The frame joins the indication. */
void rx_take(struct core *core, struct rx_frame *frame);
/* The same as a continuation. */
void rx_taken(struct core *core, void *frame, uint64_t arg);

/* --- for the DPC --- */

/* Poll mode: post what came back since the last turn. */
void rx_take_back(struct core *core, struct rx_queue *queue);
/* Start receiving the next visible frame; false when there is none. */
bool rx_receive_next(struct core *core, struct rx_queue *queue);
/* Indicate the batch and let the protocol have it. */
void rx_indicate(struct core *core, struct rx_queue *queue);
/* Post spare buffers as far as ring and registers go. */
void rx_refill(struct core *core, struct rx_queue *queue);

#endif
