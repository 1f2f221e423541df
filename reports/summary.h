/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Aggregates over replicates and paired differences between strategies.
 *
 * The mean over n replicates has the 95 % interval mean +- t(n-1) s / sqrt(n),
 * Student's t.  Strategies meet the same frames in the same memory, so two of
 * them are compared by the differences d = a - b of runs with equal trace,
 * machine, seed and replicate, which have an interval of their own; the
 * difference counts when that interval leaves zero out.  One replicate has no
 * interval and decides nothing.
 *
 * A capacity is found once for all replicates by a search that leaves 2 % open:
 * it has no interval, a difference of capacities counts beyond those 2 %, and
 * only a confirmed one can be best.
 *
 * Replicates cover layout, holds and phases of moderation, not the traffic:
 * the interval says how far the answer hangs on those, for this capture.
 *
 * "summary" of the document:
 *
 *	{"confidence": 0.95,
 *	 "aggregates": [{"machine", "trace", "axes", "tx", "rx", "status",
 *	   "metrics": {"tx.latency_complete_ps.p99": {"n", "mean", "ci95",
 *						      "min", "max"}}}],
 *	 "paired": [{"machine", "trace", "axes", "metric", "a": {"tx", "rx"},
 *	   "b": {...}, "n", "mean", "ci95", "significant"}],
 *	 "best": [{"machine", "trace", "axes", "block", "metric", "tx", "rx"}],
 *	 "notes": [{"machine", "text"}]}
 *
 * "ci95" is the half width, null with one replicate.  Pairs are those inside a
 * block (reports/rows.h), over ranked metrics.
 */
#ifndef REPORTS_SUMMARY_H
#define REPORTS_SUMMARY_H

#include <jansson.h>
#include <stdbool.h>

#include "core/units.h"
#include "reports/rows.h"
#include "reports/tree.h"

enum rank { RANK_NONE, RANK_LOW, RANK_HIGH };

/* A figure that strategies are compared by. */
struct compared {
	const char *metric; /* NULL ends the table */
	const char *stat;   /* NULL: the value itself */
	enum quantity qty;
	double scale; /* from the metric's unit to the quantity's base */
	enum rank rank;
};
extern const struct compared compared_table[];
/* BUG() when there is no such row. */
const struct compared *compared_find(const char *metric, const char *stat);

struct aggregate {
	unsigned n; /* replicates that have the figure; 0: nothing known */
	double mean, ci95, min, max;
	bool interval; /* n >= 2 */
};

struct aggregate aggregate_of(const struct report_row *row, const char *metric,
			      const char *stat);
/* Differences @a - @b over runs of equal seed and replicate. */
struct aggregate aggregate_paired(const struct report_row *a,
				  const struct report_row *b,
				  const char *metric, const char *stat);
/* The interval leaves zero out. */
bool aggregate_significant(const struct aggregate *difference);

/*
 * The row of @block that is better than every other ranked row by a
 * significant difference; NULL when there is none or nothing to beat.  Rows
 * that are saturated or in a deadlock are beaten by every ranked one.  One
 * replicate decides nothing.
 */
const struct report_row *block_best(const struct report_block *block,
				    const struct compared *compared);

json_t *summary_tree(struct tree_builder *builder, const json_t *root);

/* 0.975 quantile of Student's t; between table rows the wider one. */
double student_t975(unsigned degrees);

#endif
