/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --check: the first frames of a capture through every machine twice, on the
 * fast kernel and on the naive one, which schedules by a linear list.  Both
 * must come to the same, bit for bit.
 *
 *	differs = selfcheck_run(paths, 1, points, n, 20000, quiet, &err);
 */
#ifndef CMD_SELFCHECK_H
#define CMD_SELFCHECK_H

#include "cmd/study.h"

#define SELFCHECK_FRAMES 20000

/*
 * 0: the same; 1: not, and a line on stderr says where first; -1 with an error
 * of the captures @paths, merged.  A line says what was compared unless @quiet.
 */
int selfcheck_run(const char *const *paths, size_t path_count,
		  const struct study_point *points, size_t count, size_t frames,
		  bool quiet, struct err *err);

/* Name of what two results differ in first; NULL: nothing. */
const char *selfcheck_difference(const struct run_result *a,
				 const struct run_result *b);

#endif
