/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim sweep, between its two files: sweep.c has the command line and the
 * output, sweep_run.c the points.
 *
 * Points are numbered trace by trace, the last axis varying fastest, replicates
 * innermost.  They are run in rounds of at most STUDY_GROUP; the points of a
 * round that replay the same traffic share one stream of frames.  With one
 * stream the machines are shared out over the threads, with several the
 * streams are.
 */
#ifndef CMD_SWEEP_H
#define CMD_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/axes.h"
#include "cmd/job.h"
#include "cmd/options.h"

struct sweep {
	struct options options;
	struct options_list axis_texts; /* --axis, as typed */
	const char *study;		/* --study file */
	bool merge, dry_run;

	struct axes axes;
	struct options_machines machines;
	const struct tx_ops **tx; /* in the order of the axis */
	const struct rx_ops **rx;
	unsigned replicates;
	size_t traces, per_trace, count; /* points: traces x per_trace */

	struct job job; /* the joint document */
	uint64_t *ids;	/* of every point, for the joint document */
	bool *done;	/* points whose file is there */
	size_t reused;	/* of them, found there */
	bool *talked;	/* per trace: warnings about it have been printed */
};

/* One point resolved; its configuration is owned. */
struct sweep_point {
	struct study_point point;
	struct config *cfg;
	size_t trace;
};

int sweep_point_init(const struct sweep *sweep, size_t index,
		     struct sweep_point *point, struct err *err);
void sweep_point_clear(struct sweep_point *point);

/* Captures of trace @trace and how many. */
const char *const *sweep_paths(const struct sweep *sweep, size_t trace,
			       size_t *count);

/* State in run @run of @doc where point @index lies on the axes. */
int sweep_set_axes(const struct sweep *sweep, size_t index,
		   struct document *doc, int run, struct err *err);

/*
 * Run every point that is not there yet; results go into the directory of -o,
 * or into the joint document.
 */
int sweep_run(struct sweep *sweep, struct err *err);

#endif
