/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames kept in memory, packed: read a trace once, replay it many times.
 *
 *	store = frame_store_new(limit, &err);
 *	while ((n = frame_source_read(trace, batch, N, &err)) > 0)
 *		if (frame_store_add(store, batch, n, &err) != 0)
 *			...
 *	frame_store_close(store);
 *	source = frame_store_open(store, &err);	(as many as you like)
 *	frame_store_free(store);		(after the sources)
 *
 * A record is a control word, the time since the record before, the length
 * and the number of its kind, each in as few bytes as it takes:
 *
 *	control   2	how long the others are, unit of the time, direction
 *	time      0-8	in ps, ns or us, whatever divides it
 *	kind      1-4	flow, hash, headers and flags: a table
 *	length    1-4
 *	number, part 12	only where they do not just go on
 *
 * About 6 bytes for a frame of a capture, 12 with times scaled to a rate; a
 * kind takes 12 more, so traffic in which no two frames share a flow comes
 * to about 20.  Unpacking touches one stream of bytes and the table.
 *
 * After frame_store_close() a store is constant: sources over it may be read
 * in any threads.  Sources rewind.
 */
#ifndef CORE_FRAME_STORE_H
#define CORE_FRAME_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "core/frame.h"

struct frame_store;

/* @limit: bytes it may take, about; SIZE_MAX: no limit. */
struct frame_store *frame_store_new(size_t limit, struct err *err);
void frame_store_free(struct frame_store *store);

/*
 * 0; 1: beyond the limit, or a frame has a layout, which is not kept: the store
 * is of no use; -1 without memory.
 */
int frame_store_add(struct frame_store *store, const struct frame *frames,
		    size_t count, struct err *err);
/* No more frames: what only adding needs is freed. */
void frame_store_close(struct frame_store *store);

uint64_t frame_store_frames(const struct frame_store *store);
size_t frame_store_bytes(const struct frame_store *store);

/* From the first frame; freed by frame_source_free(). */
struct frame_source *frame_store_open(const struct frame_store *store,
				      struct err *err);

#endif
