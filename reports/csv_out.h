/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The document as tidy CSV (RFC 4180 quoting, lines end in LF): one row per
 * run, metric and statistic.
 *
 *	result,trace,tx,rx,machine,seed,replicate,metric,stat,value,unit
 *
 * "result" is the run's id.  When any run has axes (a sweep), a column per axis
 * follows "replicate", then "version" and "config"; for points of a study, then
 * "study", "point" (NUMBER/HOW MANY) and "stream" (NUMBER:DIGEST of the trace),
 * and each has a last row "seal", a digest of its other rows.  Counters and
 *ratios have stat "value"; histograms count, mean, min, max, p50, p90, p99,
 *p999; gauges mean, p99, max.  Stages are metrics "tx.stage.NAME_ps", routines
 * "routine.NAME", hazards "hazard.NAME", capacity "capacity.NAME"; a run's
 *first row is its "status".  A value that does not exist (a share of nothing)
 *is empty.
 */
#ifndef REPORTS_CSV_OUT_H
#define REPORTS_CSV_OUT_H

#include <stdio.h>

#include "core/err.h"
#include "reports/document.h"

int csv_write(const struct document *doc, FILE *out, struct err *err);

#endif
