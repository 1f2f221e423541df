/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drawing the plots of a document, for `dmasim report` and for --report.
 */
#ifndef CMD_REPORT_H
#define CMD_REPORT_H

#include <stdbool.h>

#include "core/err.h"
#include "reports/document.h"

/*
 * Whether report_draw() could write into @dir, as far as can be told without
 * making it: to be asked before long work.
 */
int report_check(const char *dir, bool force, struct err *err);

/*
 * Make directory @dir if need be, put DIR/results.json and the plots, their
 * data and scripts there, and say where they are on stderr unless @quiet.
 * ERR_USAGE when results.json exists and @force is false.
 */
int report_draw(const struct document *doc, const char *dir, bool force,
		bool quiet, struct err *err);

#endif
