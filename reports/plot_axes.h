/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plots of a sweep: figures over each of its axes.  Limits: the first 12 lines
 * and 64 values of an axis are drawn; the data of all are in the results.
 */
#ifndef REPORTS_PLOT_AXES_H
#define REPORTS_PLOT_AXES_H

#include "reports/plot_page.h"

/* 0, also when @cells have no axes; -1 with an error. */
int plot_axes(struct plotter *plotter, const struct report_cells *cells,
	      struct err *err);

#endif
