/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim sweep, between its files:
 *
 *	sweep.c		the command line and the output
 *	study_file.c	--study: an INI file in place of a command line
 *	sweep_plan.c	which points there are, and whose they are
 *	sweep_stream.c	the frames of a trace, read once
 *	sweep_run.c	running points, one a thread
 *
 * A product is one choice of a value on every axis; those that a constraint
 * rules out are left out.  A point is a trace, a product and a replicate.
 * Points are numbered trace by trace, the last axis varying fastest, replicates
 * innermost; the numbers are the same in every shard.  Points that replay the
 * same traffic share a stream: frames that were read once.
 */
#ifndef CMD_SWEEP_H
#define CMD_SWEEP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/axes.h"
#include "cmd/job.h"
#include "cmd/options.h"
#include "core/frame_store.h"
#include "reports/document.h"

/* From so many points or so long on, a sweep asks first. */
#define SWEEP_ASK_POINTS  10000
#define SWEEP_ASK_SECONDS 3600

/* A slice of the trace, in simulated time; frames before it warm up. */
struct sweep_window {
	bool given;
	uint64_t from_ps, to_ps, overlap_ps; /* to: UINT64_MAX is the end */
};

struct sweep {
	struct options options;
	struct options_list axis_texts; /* --axis, as typed */
	struct options_list zips, constraints;
	const char *study; /* --study file */
	bool merge, dry_run, list, yes, overlap_given;
	size_t shard, shards; /* --shard, from 1; 0 of 0: all */
	uint64_t memory;      /* --memory, bytes */
	struct sweep_window window;

	struct axes axes;
	struct options_machines machines;
	const struct tx_ops **tx; /* in the order of the axis */
	const struct rx_ops **rx;
	unsigned replicates;

	/* The plan. */
	size_t *products;   /* those that the constraints leave */
	uint32_t *variants; /* the traffic each of them meets */
	size_t product_count, variant_count;
	size_t traces, per_trace, count; /* points: traces x per_trace */
	size_t mine;			 /* of them, in our shard */
	uint64_t digest;		 /* of all that names the study */

	struct job job;	   /* the joint document */
	uint64_t *ids;	   /* of every point, for the joint document */
	bool *done;	   /* points whose file is there */
	size_t reused;	   /* of them, found there */
	bool *talked;	   /* per trace: warnings about it have been printed */
	size_t failed;	   /* points with status failed */
	size_t recomputed; /* points whose file was no good */
};

/* One point resolved; its configuration is owned. */
struct sweep_point {
	struct study_point point;
	struct config *cfg;
	size_t trace;
};

/* --- sweep_plan.c --- */

/* Number the points; ERR_USAGE when there are none. */
int sweep_plan(struct sweep *sweep, struct err *err);
int sweep_point_init(const struct sweep *sweep, size_t index,
		     struct sweep_point *point, struct err *err);
void sweep_point_clear(struct sweep_point *point);
/* Whether point @index is in our shard. */
bool sweep_is_mine(const struct sweep *sweep, size_t index);
/* The stream of point @index; there are traces x variant_count. */
size_t sweep_stream_of(const struct sweep *sweep, size_t index);
/* Captures of trace @trace and how many. */
const char *const *sweep_paths(const struct sweep *sweep, size_t trace,
			       size_t *count);
/* How many times standard input is read, which can be only once. */
size_t sweep_reads_stdin(const struct sweep *sweep);
/* The value of axis @axis at point @index. */
const char *sweep_value(const struct sweep *sweep, size_t axis, size_t index);
/* State in the only run of @doc where point @index lies in the study. */
int sweep_place(const struct sweep *sweep, size_t index, struct document *doc,
		struct err *err);
/* What names the file of a point over the trace of @digest. */
uint64_t sweep_point_id(const struct sweep *sweep,
			const struct sweep_point *point, uint64_t digest);

/* --- sweep_stream.c --- */

/* What the frames of all streams take together, in whatever threads. */
struct sweep_memory {
	size_t limit; /* bytes, about: a stream that crosses it is not kept */
	atomic_size_t used;
};

struct sweep_stream {
	struct frame_store *store; /* NULL: too large, read again */
	struct sweep_memory *memory;
	size_t bytes; /* of @memory */
	struct trace_info info;
	bool wire_capture;
};

/*
 * Read the trace of @point, into @memory as long as there is room.  ERR_USAGE
 * when the configuration of the point does not allow it, else the capture's
 * fault.
 */
int sweep_stream_load(struct sweep_stream *stream, const struct sweep *sweep,
		      const struct sweep_point *point,
		      struct sweep_memory *memory, struct err *err);
void sweep_stream_clear(struct sweep_stream *stream);
/* The frames that @point is to meet, from the first. */
struct frame_source *sweep_stream_open(const struct sweep_stream *stream,
				       const struct sweep *sweep,
				       const struct sweep_point *point,
				       struct err *err);

/* --- sweep_run.c --- */

/*
 * Run every point of ours that is not there yet; results go into the
 * directory of -o and into the joint document.
 */
int sweep_run(struct sweep *sweep, struct err *err);

/* --- sweep_estimate.c --- */

/*
 * Seconds of wall time the points of ours take, about: the traces are read,
 * and some frames of the first go through some points.  Part of the talk,
 * never of results.
 */
int sweep_estimate(const struct sweep *sweep, double *seconds, struct err *err);

/* --- study_file.c --- */

/*
 * Read a study file: what it says of captures, machines, strategies, seed and
 * replicates goes into the options unless they say so themselves.  @cfg knows
 * the parameters.
 */
int study_file_read(struct sweep *sweep, const struct config *cfg,
		    struct err *err);

#endif
