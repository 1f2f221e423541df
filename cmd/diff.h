/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim diff: two results, or the simulated latency of frames and the measured
 * one.
 *
 * Results are paired by machine, trace, axes and strategies; inside a pair runs
 * of equal seed and replicate met the same frames in the same memory, so their
 * differences are what is averaged.  A difference counts when it is larger than
 * --fail-over and, with two replicates or more, its 95 % interval leaves zero
 * out; a single replicate is exact, and nothing is claimed of others.
 */
#ifndef CMD_DIFF_H
#define CMD_DIFF_H

#include "cmd/options.h"
#include "reports/document.h"
#include "reports/rows.h"
#include "reports/summary.h"

enum diff_verdict {
	DIFF_EQUAL,  /* in every replicate */
	DIFF_NOISE,  /* the interval holds zero */
	DIFF_BELOW,  /* no larger than --fail-over */
	DIFF_CHANGED /* counts */
};

/* One figure of a pair. */
struct diff_figure {
	const char *metric, *stat; /* stat NULL: the value itself */
	const char *unit;
	double a, b;		     /* means */
	struct aggregate difference; /* b - a */
	double relative;	     /* of a; infinite from 0 */
	enum diff_verdict verdict;
};

struct diff_pair {
	const struct report_cell *cell; /* of A */
	const struct report_row *a, *b;
	struct diff_figure *figures;
	size_t count, room, changed;
	bool status_changed;
};

/* A row that the other result has not. */
struct diff_lone {
	const struct report_cell *cell;
	const struct report_row *row;
	bool in_b;
};

struct diff {
	struct options options;
	struct options_list globs; /* of metrics; empty: all */
	double fail_over;	   /* share of A */
	bool all;		   /* show what is equal too */
	const char *columns[2];	   /* of files of frames */

	/* Results. */
	struct document *docs[2];
	struct report_cells cells[2];
	struct diff_pair *pairs;
	size_t pair_count;
	struct diff_lone *lone;
	size_t lone_count;
	size_t compared, changed; /* figures */
	bool traces_differ;
};

/* "tx.latency_wire_ps.p99". */
#define DIFF_NAME_MAX 96
const char *diff_name(const struct diff_figure *figure,
		      char buf[DIFF_NAME_MAX]);

/* Exit status 0, 1 or 2, or -1 with an error. */
int diff_results(struct diff *diff, struct err *err);
int diff_results_write(const struct diff *diff, struct err *err);
int diff_frames(struct diff *diff, struct err *err);

#endif
