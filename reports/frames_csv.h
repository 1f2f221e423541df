/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every frame's milestones as CSV, a line a frame, written as frames end.
 *
 *	struct frames_csv csv;
 *
 *	frames_csv_init(&csv, out);
 *	... run the machine with &csv.base among its observers ...
 *
 * Columns: number, part, direction, bytes, verdict, why, at_ps, delivered_ps,
 * latency_ps, then for every stage NAME_ps, the time spent in it, and for
 * every stage NAME_at_ps, when it was last over, since at_ps.  Stages that tx
 * and rx have in common share a column.  A field is empty where the frame has
 * none.  On every line the stages sum to latency_ps.  dmasim-run(1) says what
 * each is.
 *
 * Memory does not grow with the frames.  A write that fails is left to the
 * owner of @out to notice.
 */
#ifndef REPORTS_FRAMES_CSV_H
#define REPORTS_FRAMES_CSV_H

#include <stdio.h>

#include "core/observer.h"

#define FRAMES_CSV_COLUMNS (2 * OBSERVED_STAGES)

struct frames_csv {
	struct observer base;
	FILE *out;
	/* Stage columns, and the stage that each is of a direction; -1. */
	unsigned columns;
	const char *name[FRAMES_CSV_COLUMNS];
	int stage[2][FRAMES_CSV_COLUMNS];
};

void frames_csv_init(struct frames_csv *csv, FILE *out);

#endif
