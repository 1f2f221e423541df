/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job: what run, compare and sweep have in common.  It opens captures, runs
 * the points of a study over each, puts the results into one document, keeps
 * the talk on stderr in order, and decides the exit status.
 *
 *	job_init(&job, &options, cfg, &err);
 *	job_run(&job, paths, 1, points, n, rows, &err);	(once a trace)
 *	...
 *	job_write(&job, compare_text, &err);
 *	status = job_status(&job);
 *	job_clear(&job);
 *
 * Runs of a document stand in the order of the points, trace by trace.
 */
#ifndef CMD_JOB_H
#define CMD_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cmd/options.h"
#include "cmd/progress.h"
#include "cmd/study.h"
#include "reports/document.h"

/* What became of one point. */
struct job_row {
	int run;       /* index in the document; -1: not reached */
	bool ran;      /* false: inapplicable */
	bool complete; /* ran to the end, not saturated, no deadlock */
	uint64_t offered_bytes, duration_ps;
	double driver_cycles; /* per frame; negative: no frames */
};

struct job {
	const struct options *options;
	struct document *doc;
	struct progress progress;
	struct sample *sample; /* wanted of each trace; may be NULL */
	bool no_series;
	bool interrupted;
	bool check_failed; /* --check: the kernels differ */
	bool must_run;	   /* a pair that cannot run is an error, not a row */
	struct err why;	   /* of the first pair that could not; else empty */
	/*
	 * What to do with the result of a point (NULL: it cannot run, @why);
	 * job_add() puts it into the document.
	 */
	int (*add)(struct job *job, size_t point,
		   const struct run_result *result, const struct err *why,
		   struct err *err);
	void *ctx;

	/* Of the trace under way. */
	int trace; /* index in the document, -1: not known yet */
	uint64_t trace_frames;
	struct frame_source *source;
	const struct study_point *points;
	struct job_row *rows;
};

/* @cfg: the configuration that runs are stated against. */
int job_init(struct job *job, const struct options *options,
	     const struct config *cfg, struct err *err);
void job_clear(struct job *job);

/*
 * Run @points over the captures @paths, merged by time.  @rows has room for
 * each point.  The traffic parameters of the first point's configuration are
 * those of the trace.
 */
int job_run(struct job *job, const char *const *paths, size_t path_count,
	    const struct study_point *points, size_t count,
	    struct job_row *rows, struct err *err);

int job_add(struct job *job, size_t point, const struct run_result *result,
	    const struct err *why, struct err *err);

/*
 * Finish the document and write it to -o in the --format asked for; @text
 * makes the text form.
 */
int job_write(struct job *job,
	      int (*text)(const struct document *doc, FILE *out,
			  struct err *err),
	      struct err *err);
/* 0, ERR_CHECK (with a line on stderr saying why) or ERR_INTERRUPTED. */
int job_status(const struct job *job);

/* Warn of what a reader of the results should know about the capture. */
void job_talk_of_trace(const struct job *job, const struct trace_info *info);
/* "dmasim: warning: ..." unless -q. */
void job_warn(const struct job *job, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Write @doc as JSON to @path, whole or not at all. */
int job_save(const struct document *doc, const char *path, bool force,
	     struct err *err);

#endif
