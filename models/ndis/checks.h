/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is looked at, frame by frame, to find hazards: the MDL chain, the list,
 * its elements, buffers, who may use them now.  None of it knows what was
 * injected.
 */
#ifndef MODELS_NDIS_CHECKS_H
#define MODELS_NDIS_CHECKS_H

#include "models/ndis/sends.h"

/* What was found, in a sent, in a received frame. */
void tx_note_hazard(const struct tx_frame *frame, enum hazard hazard);
void rx_note_hazard(const struct rx_frame *frame, enum hazard hazard);

/* The chain is about to be mapped. */
static inline void tx_check_chain(const struct tx_frame *frame,
				  const struct mdl_chain *chain)
{
	if (chain->faults & MDL_PAGEABLE)
		tx_note_hazard(frame, HAZARD_PAGEABLE_BUFFER);
	if (chain->faults & MDL_BAD_ADDRESS)
		tx_note_hazard(frame, HAZARD_BAD_BUFFER);
}

/* The driver reads the list. */
static inline void tx_check_list(const struct tx_frame *frame)
{
	if (!frame->map.mapped)
		tx_note_hazard(frame, HAZARD_USE_BEFORE_CALLBACK);
}

/* The callback runs on @core. */
static inline void tx_check_callback(const struct core *core,
				     const struct tx_frame *frame)
{
	if (frame->queue->lock.owner == core)
		tx_note_hazard(frame, HAZARD_LOCK_HELD_ACROSS_MAP);
}

/* The frame is about to be posted. */
static inline void tx_check_post(const struct tx_frame *frame)
{
	uint64_t bytes = 0;
	uint32_t i;

	for (i = 0; i < frame->element_count; i++)
		bytes += frame->elements[i].bytes;
	if (bytes > frame->bytes)
		tx_note_hazard(frame, HAZARD_HEADER_ROOM_NOT_SKIPPED);
	if (frame->lead + frame->sg.elements > frame->queue->adapter->sg_room)
		tx_note_hazard(frame, HAZARD_TOO_MANY_FRAGMENTS);
}

/* The card reads the frame by its elements; what an IOMMU does not know? */
void tx_check_unmapped(const struct tx_frame *frame);
static inline void tx_check_read(const struct tx_frame *frame)
{
	if (frame->raw || (frame->mapped && !frame->map.mapped))
		tx_check_unmapped(frame);
}

/* The list is about to be freed. */
static inline void tx_check_free(const struct tx_frame *frame)
{
	if (frame->map.active)
		tx_note_hazard(frame, HAZARD_LIST_FREED_EARLY);
}

/* The driver writes to the frame. */
void tx_edit(struct tx_frame *frame);

/* What is sent is older than what the driver wrote. */
static inline bool tx_is_stale(const struct tx_frame *frame)
{
	return frame->edited && !frame->copy_pages &&
	       (frame->sg.bounced_pages || frame->fallback);
}

/* --- receive --- */

/* The card has written the frame to its buffer. */
static inline void rx_check_write(const struct rx_frame *frame)
{
	if (frame->bytes > frame->buffer->room)
		rx_note_hazard(frame, HAZARD_OVERRUN);
}

/* The driver waits for the return of the frame's buffer. */
void rx_check_awaited(const struct rx_frame *frame);

#endif
