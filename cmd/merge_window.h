/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Windows of a trace, added up: counters, histograms, cycles and waits are
 * sums, levels are weighted by time, a ratio is that of the sums.  What is
 * memory taken, or a longest run, is the largest.
 */
#ifndef CMD_MERGE_WINDOW_H
#define CMD_MERGE_WINDOW_H

#include "cmd/merge.h"

/*
 * Replace the items of every point, in the order of their windows, by one.
 * ERR_INPUT when a point's windows do not go from 0 to the end.
 */
int merge_windows(struct merge *merge, struct err *err);

#endif
