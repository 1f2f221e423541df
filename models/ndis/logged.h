/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logged layouts: what a sidecar says of frames (core/layout.h) in place of
 * what the machine would make up.
 *
 * The source's layouts last two reads, a frame may wait longer for its call to
 * end or for the wire: intake keeps those it still needs, under handles of its
 * own in `layout`.
 *
 * Where the memory is that was logged:
 *  - MDLs that are part of the headers lie in a headers buffer, in a page
 *    shared with others; the rest in the payload buffer, page by page;
 *  - an MDL whose offset is where the one before ended goes on there, any
 *    other begins at the next page;
 *  - a buffer number below layout.tx_buffers is that buffer, a larger one (an
 *    address) always the same;
 *  - pages are drawn, unless they are said to be neighbours, or not to be.
 *
 * Facts that cannot be (lengths that are not the frame's, MDLs of one that the
 * driver is given in pieces or that is received) are counted, and made up.
 */
#ifndef MODELS_NDIS_LOGGED_H
#define MODELS_NDIS_LOGGED_H

#include "core/layout.h"
#include "models/ndis/mdl.h"

struct machine;
struct tx_frame;

/* Pages that LAYOUT_MDL_MAX pieces of LAYOUT_BYTES_MAX may touch. */
#define LOGGED_PAGES (2 * LAYOUT_MDL_MAX + LAYOUT_BYTES_MAX / LAYOUT_PAGE + 2)

/* The chain of a frame as it was logged. */
struct logged_chain {
	struct mdl_chain chain;
	uint32_t pages;			/* of the payload */
	uint64_t pfn[LOGGED_PAGES];	/* they lie in */
	uint64_t logical[LOGGED_PAGES]; /* where they are mapped for ever */
};

struct logged {
	const struct frame_layouts *source; /* NULL: nothing is logged */
	struct frame_layouts kept;
	uint32_t *free; /* handles, free_count of them */
	size_t free_count;
	struct pool chains;
};

int logged_init(struct logged *logged, const struct frame_layouts *source,
		struct err *err);
void logged_clear(struct logged *logged);

/* What the source says of @frame is kept; its `layout` is ours then. */
void logged_keep(struct logged *logged, struct frame *frame);
void logged_forget(struct logged *logged, uint32_t layout);
static inline void logged_drop(struct logged *logged, const struct frame *frame)
{
	if (__builtin_expect(frame->layout, 0))
		logged_forget(logged, frame->layout);
}

/* Of a kept frame; NULL: nothing. */
static inline const struct frame_layout *logged_of(const struct logged *logged,
						   const struct frame *frame)
{
	return frame_layout_of(&logged->kept, frame);
}

/* Whether both are known to be of one send call, or one of them of another. */
enum logged_answer { LOGGED_UNKNOWN, LOGGED_SAME, LOGGED_OTHER };
enum logged_answer logged_compare_calls(const struct logged *logged,
					const struct frame *a,
					const struct frame *b);
static inline enum logged_answer logged_call(const struct logged *logged,
					     const struct frame *a,
					     const struct frame *b)
{
	return __builtin_expect(a->layout | b->layout, 0)
		       ? logged_compare_calls(logged, a, b)
		       : LOGGED_UNKNOWN;
}

/* The same of one net buffer list. */
enum logged_answer logged_compare_lists(const struct logged *logged,
					const struct frame *a,
					const struct frame *b);
static inline enum logged_answer logged_list(const struct logged *logged,
					     const struct frame *a,
					     const struct frame *b)
{
	return __builtin_expect(a->layout | b->layout, 0)
		       ? logged_compare_lists(logged, a, b)
		       : LOGGED_UNKNOWN;
}

/* --- of frames with a layout --- */

/* The payload buffer that was logged, else @slot. */
uint32_t logged_slot(const struct machine *m, const struct frame *record,
		     uint32_t slot);
/*
 * Count what is known of a frame being sent; lay it out if its MDLs are, in
 * the buffers it has.
 */
void logged_send(struct machine *m, struct tx_frame *frame,
		 const struct frame *record);
/* Count the same of a received one; its hold, or -1. */
sim_time logged_receive(struct machine *m, const struct frame *record);

/* --- the other way: what was made up, for a sidecar of it --- */

/* Frame @record was sent as @frame, in call @call and list @list. */
void logged_tell_sent(struct machine *m, const struct tx_frame *frame,
		      const struct frame *record, uint64_t call, uint64_t list);
void logged_tell_received(struct machine *m, const struct frame *record,
			  sim_time hold);

#endif
