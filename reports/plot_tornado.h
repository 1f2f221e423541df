/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tornado: how far each parameter, from the low to the high end of its band,
 * moves a figure from where it is; the largest on top.
 *
 *	struct tornado plot = { .subject = "xge-64bit", .title = "...",
 *				.xlabel = "cycles", .base = 2388,
 *				.bars = bars, .count = n };
 *	failed = tornado_draw(&plot, "dir", &err);
 *
 * KIND is "sensitivity"; files as reports/plot.h has them.
 */
#ifndef REPORTS_PLOT_TORNADO_H
#define REPORTS_PLOT_TORNADO_H

#include <stddef.h>

#include "core/err.h"

struct plotter;

struct tornado_bar {
	const char *label;
	double low, high; /* the figure at the ends of the band */
};

struct tornado {
	const char *subject, *title, *xlabel;
	double base;
	const struct tornado_bar *bars; /* the largest first */
	size_t count;
};

/* One page of @plotter; nothing for an empty one. */
int tornado_page(const struct tornado *tornado, struct plotter *plotter,
		 struct err *err);
/* Into the existing directory @dir. */
int tornado_draw(const struct tornado *tornado, const char *dir,
		 struct err *err);

#endif
