/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A driver that does wrong, as run.inject asks: every step that can go wrong
 * asks here whether it is to.  What comes of it others find.
 */
#ifndef MODELS_NDIS_MISUSE_H
#define MODELS_NDIS_MISUSE_H

#include "models/machine_state.h"
#include "models/ndis/sends.h"

/* --- of a frame with misuse --- */

/* The send handler begins. */
void misuse_send(struct core *core, struct tx_frame *frame);
/* The chain that the driver maps. */
void misuse_chain(const struct tx_frame *frame, struct mdl_chain *chain);
/* The frame was posted. */
void misuse_posted(struct tx_frame *frame);
/* The completed frame's list and registers, by a copy of its request. */
void misuse_free(struct machine *m, struct core *core, struct hal_request *map,
		 uint64_t misuse);

/* --- */

/* The driver takes up a received frame. */
static inline void misuse_receive(struct rx_frame *frame)
{
	struct machine *m = frame->queue->m;

	frame->misuse = inject_due(&m->inject, INJECT_RECEIVES, m->kernel.now);
}

/* Of memory that the descriptor calls a buffer. */
#define MISUSE_SHORT_ROOM 64u

/* It posts a buffer. */
static inline void misuse_post(struct rx_buffer *buffer)
{
	struct machine *m = buffer->queue->m;

	buffer->room = inject_due(&m->inject, INJECT_POSTS, m->kernel.now)
			       ? MISUSE_SHORT_ROOM
			       : buffer->pool->bytes;
}

static inline bool misuse_has(uint64_t misuse, enum hazard hazard)
{
	return misuse & INJECT_BIT(hazard);
}

/* It takes the pages of the MDLs for what the card may fetch. */
static inline bool misuse_walks(const struct tx_frame *frame)
{
	return frame->misuse &
	       (INJECT_BIT(HAZARD_OOB_DMA) | INJECT_BIT(HAZARD_IOMMU_FAULT));
}

/* It gives up the list, or forgets it, without a flush. */
static inline bool misuse_skips_flush(const struct tx_frame *frame)
{
	return frame->misuse & (INJECT_BIT(HAZARD_NOT_FLUSHED) |
				INJECT_BIT(HAZARD_LEAK_ON_RELEASE));
}

/* Elements that its list buffer has room for, when it lists @elements. */
static inline uint32_t misuse_list_room(const struct tx_frame *frame,
					uint32_t elements)
{
	return !frame->fallback && misuse_has(frame->misuse,
					      HAZARD_SHORT_LIST_BUFFER)
		       ? elements - 1
		       : elements;
}

#endif
