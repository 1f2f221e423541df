/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames and where they come from.
 *
 * A frame record is all a model ever sees of a packet: no bytes.  Records are
 * small, immutable and ordered by (at, number).  A source hands them over in
 * batches; one stream feeds any number of machines in lockstep.
 */
#ifndef CORE_FRAME_H
#define CORE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/sim_time.h"

enum frame_direction { FRAME_TX, FRAME_RX };

enum frame_flags {
	FRAME_TCP = 1,	    /* TCP over IPv4 or IPv6 */
	FRAME_ACK_ONLY = 2, /* TCP without payload */
	FRAME_SUPER = 4, /* longer than the MTU: one send, many wire frames */
	FRAME_MULTICAST = 8
};

struct frame {
	sim_time at;	 /* tx: stamp of the send; rx: last bit in; ps */
	uint64_t number; /* record number in the capture, from 1, made
			    unique over merged captures and loops */
	uint32_t bytes;	 /* L2 length without FCS, original, >= 1 */
	uint32_t flow;	 /* hash of addresses, protocol, ports; the same for
			    both directions of a conversation */
	uint32_t rss;	 /* Toeplitz hash of the tuple as the local host
			    receives it, the same for both directions;
			    0: no IP, or see frame_source.no_rss */
	uint16_t header_bytes; /* Ethernet + IP + TCP/UDP headers, <= bytes */
	uint8_t direction;     /* enum frame_direction */
	uint8_t flags;
	uint32_t part;	 /* piece of a cut super-frame, from 0 */
	uint32_t layout; /* see core/layout.h; 0: nothing is known */
};

struct frame_source;

struct frame_source_ops {
	const char *name;
	/*
	 * Up to @max records into @out.  Returns their count, 0 at the end,
	 * -1 with an error.
	 */
	long (*read)(struct frame_source *source, struct frame *out, size_t max,
		     struct err *err);
	/* Start again from the first frame; -1 when it cannot (stdin). */
	int (*rewind)(struct frame_source *source, struct err *err);
	void (*free)(struct frame_source *source);
};

struct frame_layouts;

struct frame_source {
	const struct frame_source_ops *ops;
	const struct frame_layouts *layouts; /* of its frames; NULL: none */
	bool wire_capture;		     /* stamps were taken on the wire */
	/* Set by who reads: no hash is looked at, so none need be computed. */
	bool no_rss;
};

static inline long frame_source_read(struct frame_source *source,
				     struct frame *out, size_t max,
				     struct err *err)
{
	return source->ops->read(source, out, max, err);
}

static inline int frame_source_rewind(struct frame_source *source,
				      struct err *err)
{
	return source->ops->rewind(source, err);
}

static inline void frame_source_free(struct frame_source *source)
{
	if (source)
		source->ops->free(source);
}

/* --- what is known of a trace once it has been read --- */

struct trace_anomaly {
	const char *kind;   /* "time_back", "captured_over_original", ... */
	const char *policy; /* what was done: "kept", "clamped", "skipped" */
	uint64_t count;
	uint64_t first_frame; /* record number of the first, 0: none */
};

#define TRACE_ANOMALY_MAX 16

struct trace_info {
	char path[512];	 /* as given */
	uint64_t digest; /* over the decoded records, and their layouts */
	uint64_t frames, bytes;
	uint64_t tx_frames, rx_frames, other_frames;
	uint64_t super_frames; /* sends longer than the MTU */
	sim_time duration_ps;
	sim_time resolution_ps; /* detected tick of the stamps */
	char link_type[32];
	const char *status; /* "complete", "cut" (file ends mid-record),
			       "damaged" (stopped at a bad record) */
	char status_detail[256];
	const char *capture_point; /* "host" or "wire" */
	char direction_rule[32];   /* "auto", "local", "cooked", "all-rx" ... */
	char direction_evidence[512];
	struct trace_anomaly anomalies[TRACE_ANOMALY_MAX];
	unsigned anomaly_count;
	/* Of the layout sidecar, as far as it was read. */
	bool layout_given;
	uint64_t layout_digest; /* over its decoded records */
	uint64_t layout_records, layout_unmatched; /* these name no frame */
	/* Of sampled conversations: what there was, and what was kept. */
	uint64_t flows_share, flows_of; /* 1 of 8; 0 of 0: all are kept */
	uint64_t whole_frames, whole_bytes;
};

#endif
