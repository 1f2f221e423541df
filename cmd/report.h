/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plots and the page of a document, for `dmasim report` and for --report.
 */
#ifndef CMD_REPORT_H
#define CMD_REPORT_H

#include <stdbool.h>

#include "cmd/options.h"
#include "core/err.h"
#include "reports/document.h"

/*
 * Whether report_draw() could write into @dir, as far as can be told without
 * making it: to be asked before long work.
 */
int report_check(const char *dir, bool force, struct err *err);

/*
 * Make directory @dir if need be, put DIR/index.html, DIR/results.json and the
 * plots, their data and scripts there, and say where they are on stderr unless
 * @options are quiet.  ERR_USAGE when results.json exists and there is no
 * --force.
 */
int report_draw(const struct document *doc, const char *dir,
		const struct options *options, struct err *err);

#endif
