/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plots of a sweep: figures over each of its axes, with the 95 % interval of
 * the mean where there are replicates.  Limits: the first 12 lines and 64
 * values of an axis are drawn; the data of all are in the results.
 */
#ifndef REPORTS_PLOT_AXES_H
#define REPORTS_PLOT_AXES_H

#include "reports/plot_page.h"

/* What is looked at over an axis. */
struct axis_figure {
	const char *kind, *metric, *stat, *title;
	const char *label; /* short: the lines' names take from its height */
	double scale;	   /* of the metric's unit in the label's */
};
extern const struct axis_figure axis_figures[]; /* ends with a NULL kind */

/* Whether any point has it above zero. */
bool axis_figure_known(const struct report_cells *cells,
		       const struct axis_figure *figure);

/*
 * Maps of two axes, the other axes and strategies a map each, the figure a
 * colour and a number.  At most 32 values an axis, and the first 6 maps of a
 * figure.
 */
int plot_heat(struct plotter *plotter, const struct report_cells *cells,
	      struct err *err);

/* 0, also when @cells have no axes; -1 with an error. */
int plot_axes(struct plotter *plotter, const struct report_cells *cells,
	      struct err *err);

#endif
