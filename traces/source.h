/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What trace_open() builds on: a frame source that can also report what it
 * has found.  There are two: captures (frames.c) and generators (gen.c).
 * Both apply from, to, skip and limit and cut super-frames; the transforms of
 * time stand above them.
 */
#ifndef TRACES_SOURCE_H
#define TRACES_SOURCE_H

#include <stdbool.h>
#include <stdio.h>

#include "core/frame.h"
#include "core/param.h"
#include "core/rng.h"

struct inner_source {
	struct frame_source base;
	/* Fills all but frames, bytes, tx_frames, rx_frames, duration_ps. */
	void (*report)(struct inner_source *inner, struct trace_info *info);
	/* As trace_save_direction(). */
	int (*save_direction)(struct inner_source *inner, FILE *out,
			      struct err *err);
	bool seekable;
};

struct inner_source *frames_open(const char *const *paths, size_t count,
				 const struct config *cfg, struct err *err);
struct inner_source *gen_open(const char *spec, const struct config *cfg,
			      struct err *err);
/* "gen:..." */
bool gen_is_spec(const char *path);

/*
 * Fold a record into the digest of a trace, before rate, speed and loop: one
 * multiplication after another only in the last line.
 */
static inline uint64_t digest_frame(uint64_t digest, const struct frame *f)
{
	uint64_t words = (uint64_t)f->at * UINT64_C(0x9e3779b97f4a7c15);

	words ^= (f->number ^ (uint64_t)f->part << 40) *
		 UINT64_C(0xc2b2ae3d27d4eb4f);
	words += ((uint64_t)f->flow << 32 | f->bytes) *
		 UINT64_C(0x165667b19e3779f9);
	words ^= ((uint64_t)f->header_bytes << 16 |
		  (uint64_t)f->direction << 8 | f->flags) *
		 UINT64_C(0x27d4eb2f165667c5);
	return mix64(digest + words);
}

/*
 * Piece @part of @whole, a super-frame of which one wire frame takes at most
 * @limit bytes (MTU, Ethernet header and tags): every piece repeats the
 * headers.  Returns true when more pieces follow.
 */
bool super_piece(const struct frame *whole, uint32_t limit, uint32_t part,
		 struct frame *piece);

#endif
