/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a frame stream looks like, for `dmasim trace stat`.
 *
 *	trace_stat_init(&stat, 10 * PS_PER_US, &err);
 *	while ((n = frame_source_read(source, batch, 256, &err)) > 0)
 *		trace_stat_add(&stat, batch, n);
 *	trace_stat_finish(&stat);
 *	printf("%" PRIu64, hist_quantile(&stat.sides[FRAME_RX].gap_ps, 990000));
 *	trace_stat_clear(&stat);
 *
 * A burst is a run of frames of one direction no more than burst_gap_ps apart.
 * A window is a millisecond of simulated time.  Flows are counted exactly up
 * to 2^20, then flows_more is set.
 */
#ifndef TRACES_STAT_H
#define TRACES_STAT_H

#include <stdbool.h>

#include "core/frame.h"
#include "core/hist.h"

#define STAT_WINDOW_PS PS_PER_MS
/* RFC 2819 sizes, with FCS: 64, 65-127, ... 1024-1518, above. */
#define STAT_SIZE_CLASSES 7

struct stat_side {
	uint64_t frames, bytes; /* L2 without FCS */
	uint64_t size_classes[STAT_SIZE_CLASSES];
	struct hist size_bytes;
	struct hist gap_ps; /* to the frame before of this direction */
	struct hist burst_frames, burst_bytes;
	sim_time last_at;
	uint64_t run_frames, run_bytes;	      /* of the current burst */
	uint64_t window_frames, window_bytes; /* of the current window */
	uint64_t peak_frames, peak_bytes;     /* in a window */
};

struct trace_stat {
	struct stat_side sides[2]; /* by enum frame_direction */
	sim_time duration_ps, burst_gap_ps;
	uint64_t supers, tcp, ack_only, multicast;
	uint64_t flows;
	bool flows_more;
	sim_time window; /* number of the current one */
	uint32_t *flow_set;
};

int trace_stat_init(struct trace_stat *stat, sim_time burst_gap_ps,
		    struct err *err);
void trace_stat_clear(struct trace_stat *stat);
void trace_stat_add(struct trace_stat *stat, const struct frame *frames,
		    size_t count);
/* Close the last burst and window; nothing may be added afterwards. */
void trace_stat_finish(struct trace_stat *stat);
/* "64", "65-127", ... of class @i. */
const char *trace_stat_class(unsigned i);

#endif
