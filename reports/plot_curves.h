/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plots of curves with bands: y over x, an interval at each point.
 *
 *	struct curve_plots plots = { 0 };
 *	plot = curve_plots_add(&plots, "cost", "xge-64bit", "title", "x", "y",
 *			       &err);
 *	curve_plot_point(plot, "ndis6-sg", 64, 1800, 1790, 1810);
 *	failed = curve_plots_draw(&plots, "dir", &err);
 *	curve_plots_clear(&plots);
 *
 * Points of a line are given one after the other.  A plot is KIND_SUBJECT as
 * .gp, .dat, .svg and .png (reports/plot.h); x has a logarithmic axis.  Copies
 * what it is given.  Limits: CURVE_LINES_MAX lines a plot.
 */
#ifndef REPORTS_PLOT_CURVES_H
#define REPORTS_PLOT_CURVES_H

#include <stddef.h>

#include "core/err.h"

#define CURVE_LINES_MAX 24

struct curve_plot;

struct curve_plots {
	struct curve_plot **list; /* owned */
	size_t count;
};

/* Owned by @plots; NULL without memory. */
struct curve_plot *curve_plots_add(struct curve_plots *plots, const char *kind,
				   const char *subject, const char *title,
				   const char *xlabel, const char *ylabel,
				   struct err *err);
void curve_plot_point(struct curve_plot *plot, const char *line, double x,
		      double y, double low, double high);
/* Into the existing directory @dir; a failed allocation is reported here. */
int curve_plots_draw(const struct curve_plots *plots, const char *dir,
		     struct err *err);
/* Data and scripts only, as plots of @plotter. */
struct plotter;
int curve_plots_write(const struct curve_plots *plots, struct plotter *plotter,
		      struct err *err);
void curve_plots_clear(struct curve_plots *plots);

#endif
