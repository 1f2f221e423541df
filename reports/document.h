/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The result document: schema 1 as a tree (reports/schema/result-1.schema.json,
 * dmasim-results(5)).
 *
 * One walk over the metric tables turns a struct run_result into a run of the
 * document; JSON, CSV, text and plots are views of the tree, so a stored
 * result gives the same views as a fresh one.
 *
 *	doc = document_new(DMASIM_VERSION, DMASIM_SOURCE, &err);
 *	trace = document_add_trace(doc, info, &err);
 *	document_set_config(doc, cfg, &err);
 *	run = document_add_run(doc, result, "xge-64bit", trace, cfg, &err);
 *	document_set_capacity(doc, run, &capacity, &err);
 *	document_finish(doc, &err);
 *	json_write(doc, stdout, &err);
 *	document_free(doc);
 *
 * Shape beyond design: "units" maps every metric to its unit; a run also has
 * "id" (document_point_id()), "config_digest", "memory_digest", and, where
 * they apply, "capacity", "axes", "role" and "reason".  "hazards" lists all
 * kinds, zeros too: a zero is evidence.  Histograms without a sample have
 * null for mean, min, max and quantiles.  A configuration value above
 * INT64_MAX is its decimal text.
 *
 * Copies everything it is given: results and configurations may be freed
 * afterwards.  Calls return 0 (or an index >= 0), or -1 with ERR_IO when out
 * of memory.  Not for concurrent use.
 */
#ifndef REPORTS_DOCUMENT_H
#define REPORTS_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/frame.h"
#include "core/param.h"
#include "core/result.h"

#define DOCUMENT_SCHEMA 1

struct document;

struct run_capacity {
	uint64_t rate_bps, rate_pps;
	double speed;	     /* of the capture at capacity, 1 = as recorded */
	const char *limiter; /* resource that saturates first */
	bool confirmed;	     /* short runs at 95 % and 105 % agree */
	double headroom;     /* capacity / offered */
};

/* @source: the revision it was built from, NULL: not known. */
struct document *document_new(const char *version, const char *source,
			      struct err *err);
void document_free(struct document *doc);

/* Returns the trace's index. */
int document_add_trace(struct document *doc, const struct trace_info *info,
		       struct err *err);
/* The shared configuration; runs list only what differs. Before any run. */
int document_set_config(struct document *doc, const struct config *cfg,
			struct err *err);

/* Returns the run's index. */
int document_add_run(struct document *doc, const struct run_result *result,
		     const char *machine, int trace, const struct config *cfg,
		     struct err *err);
/*
 * A pair that cannot run: status "inapplicable" and why.  Returns the index.
 * document_set_status() makes it "failed", what was to run but could not.
 */
int document_add_skipped(struct document *doc, const char *tx, const char *rx,
			 const char *machine, int trace, const char *reason,
			 struct err *err);
int document_set_capacity(struct document *doc, int run,
			  const struct run_capacity *capacity, struct err *err);
/* Forget the run's place on axes, those of an earlier study. */
int document_clear_axes(struct document *doc, int run, struct err *err);
/* The run's place on a sweep axis, as the user would type it. */
int document_set_axis(struct document *doc, int run, const char *key,
		      const char *value, struct err *err);
/*
 * Which point of which study the run is: a digest of all points, the run's
 * number among them, from 0, and the stream of frames it met.  Replaces an
 * earlier place.
 */
struct document_place {
	uint64_t study;
	size_t point, points, stream;
};
int document_set_place(struct document *doc, int run,
		       const struct document_place *place, struct err *err);
/*
 * The run counts frames of a part of its trace alone; @to_ps UINT64_MAX: to the
 * end.  Says exactly what ratios and levels are made of, so that runs over
 * parts can be added up.
 */
int document_set_window(struct document *doc, int run, uint64_t from_ps,
			uint64_t to_ps, uint64_t overlap_ps,
			const struct run_result *result, struct err *err);
/*
 * "floor": a row shown as a bound (premapped, null), never ranked.
 */
int document_set_role(struct document *doc, int run, const char *role,
		      struct err *err);
/* Replace the run's status, e.g. "interrupted" or "saturated". */
int document_set_status(struct document *doc, int run, const char *status,
			struct err *err);
/*
 * A sentence for people, printed under the comparison of @machine (NULL: under
 * all): "hal.sg_build above 610ns would make ndis6-copy cheaper".
 */
int document_add_note(struct document *doc, const char *machine,
		      const char *text, struct err *err);

/*
 * Append the runs of @from: traces are joined by digest and path, each run's
 * configuration is stated against @into's.  Both finished or loaded; call
 * document_finish() afterwards.
 */
int document_merge(struct document *into, const struct document *from,
		   struct err *err);

/* Compute "summary". Needed before any view; may be repeated. */
int document_finish(struct document *doc, struct err *err);

/* Whether every check of every run holds and none is deadlocked. */
bool document_ok(const struct document *doc);

/*
 * What names a result point: (configuration, trace, tool version) and what the
 * configuration does not say: machine, strategies, seed, replicate.
 */
uint64_t document_point_id(uint64_t config_digest, uint64_t trace_digest,
			   const char *version, const char *machine,
			   const char *tx, const char *rx, uint64_t seed,
			   unsigned replicate);

/* The tree, for the views; borrowed. */
const json_t *document_tree(const struct document *doc);
/* Wrap a tree that was read and checked (reports/load.c); takes @root. */
struct document *document_wrap(json_t *root, struct err *err);

#endif
