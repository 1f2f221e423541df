/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `dmasim run` writes besides its result, of the first replicate: a
 * timeline, the milestones of every frame, the capture with comments.
 *
 *	struct run_views views = { 0 };		(and its own options, parsed)
 *
 *	if (run_views_open(&views, &options, &err) < 0)
 *		return -1;
 *	point.observers = views.list;
 *	... run ...
 *	rc = run_views_close(&views, rc, &err);
 *
 * Each file is there whole or not at all, as -o's is.
 */
#ifndef CMD_RUN_VIEWS_H
#define CMD_RUN_VIEWS_H

#include "cmd/options.h"
#include "reports/frame_notes.h"
#include "reports/frames_csv.h"
#include "reports/timeline.h"

struct run_views {
	const struct options *options;
	/* From the command line; NULL: not wanted. */
	const char *timeline_path, *frames_path, *annotate_path;
	struct timeline_range range;
	bool range_given;

	struct observer *list;
	struct timeline timeline;
	struct frames_csv frames;
	struct frame_notes notes;
	struct outfile timeline_out, frames_out, annotate_out;
};

/* The options; state->input is a struct run_views. */
extern const struct argp run_views_argp;

/* Opens what is wanted; on failure nothing is open. */
int run_views_open(struct run_views *views, const struct options *options,
		   struct err *err);
/*
 * @rc of the run: negative throws the files away, else they are finished.
 * Returns @rc, or -1 with an error of a file.
 */
int run_views_close(struct run_views *views, int rc, struct err *err);

#endif
