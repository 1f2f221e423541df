/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What trace.h promises of the frames of a source, checked as they come.
 */
#ifndef TESTS_FUZZ_FRAMES_H
#define TESTS_FUZZ_FRAMES_H

#include "core/frame.h"
#include "tests/fuzz/fuzz.h"
#include "traces/stat.h"

struct frame_check {
	uint32_t mtu;
	uint64_t frames, bytes, sides[2], digest;
	struct frame last;
};

void frame_check_begin(struct frame_check *check, uint32_t mtu);
void frame_check_note(struct frame_check *check, const struct frame *frame);
/* Reads at most @most frames, counted in @stat too unless it is NULL. */
int frame_check_read(struct frame_check *check, struct frame_source *source,
		     struct trace_stat *stat, size_t most, struct err *err);
/* What the source says of itself once it was read to its end. */
void frame_check_info(const struct frame_check *check,
		      const struct trace_info *info);

#endif
