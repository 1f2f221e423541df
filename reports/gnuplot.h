/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running gnuplot: directly, in a directory, on script files, without the
 * user's start-up files and without a shell.
 */
#ifndef REPORTS_GNUPLOT_H
#define REPORTS_GNUPLOT_H

#include <stdbool.h>
#include <stdio.h>

#include "reports/plot_page.h"

/*
 * Run all scripts of @plotter in its directory.  With @out, in characters to
 * it; else pictures are written there.  ERR_IO when gnuplot is missing or a
 * script fails, with the first line it said.
 */
int gnuplot_run(const struct plotter *plotter, FILE *out, struct err *err);
/*
 * Run them once more, as the pages of one PDF NAME in the directory; nothing
 * of the day is in it.
 */
int gnuplot_pdf(const struct plotter *plotter, const char *name,
		struct err *err);

#endif
