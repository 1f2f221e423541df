/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What somebody has logged of a frame's memory, send call and hold, where the
 * capture itself says nothing.
 *
 * A source that has such facts keeps them beside its frames:
 *
 *	const struct frame_layout *layout =
 *		frame_layout_of(source->layouts, frame);
 *
 *	if (layout && layout->known & LAYOUT_HOLD) ... layout->hold_ps ...
 *
 * They stay for the frames of the last two reads; who keeps frames longer
 * copies the layouts too and numbers them anew.  Quantities are within the
 * bounds stated here: whoever makes one has checked them.
 */
#ifndef CORE_LAYOUT_H
#define CORE_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "core/frame.h"
#include "core/sim_time.h"

#define LAYOUT_MDL_MAX	 64    /* MDLs of a frame */
#define LAYOUT_BYTES_MAX 66000 /* their lengths together */
#define LAYOUT_PAGE	 4096  /* offsets are below it */
#define LAYOUT_NO_OFFSET UINT16_MAX
#define LAYOUT_HOLD_MAX	 (3600 * PS_PER_SEC)

enum layout_known {
	LAYOUT_MDLS = 1,
	LAYOUT_BUFFER = 2,
	LAYOUT_CONTIGUOUS = 4, /* every MDL is one run of pages */
	LAYOUT_SCATTERED = 8,  /* no two of its pages are neighbours */
	LAYOUT_BATCH = 16,
	LAYOUT_NBL = 32,
	LAYOUT_HOLD = 64
};

struct frame_layout {
	uint8_t known; /* bits of enum layout_known */
	uint8_t mdl_count;
	uint16_t skip;	  /* CurrentMdlOffset: not sent, < the first length */
	uint64_t buffer;  /* the same memory has the same */
	uint64_t batch;	  /* frames of one send call have the same */
	uint64_t nbl;	  /* frames of one list have the same */
	sim_time hold_ps; /* received: until returned; 0: in the call */
	uint32_t mdl_bytes[LAYOUT_MDL_MAX];
	uint16_t mdl_offset[LAYOUT_MDL_MAX]; /* in its first page */
};

/* A frame's `layout` is 1 + an index. */
struct frame_layouts {
	struct frame_layout *items;
	size_t room;
};

/* NULL: nothing is known of this frame. */
static inline const struct frame_layout *frame_layout_of(
	const struct frame_layouts *layouts, const struct frame *frame)
{
	return layouts && frame->layout ? &layouts->items[frame->layout - 1]
					: NULL;
}

#endif
