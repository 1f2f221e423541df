/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of plots of a comparison.  Each draws what a block has for it: 0,
 * also when that is nothing; -1 with an error.
 */
#ifndef REPORTS_PLOT_KINDS_H
#define REPORTS_PLOT_KINDS_H

#include "reports/plot_page.h"

typedef int plot_kind(struct plotter *plotter, const struct report_block *block,
		      struct err *err);

plot_kind plot_latency, plot_tail, plot_stages, plot_registers, plot_rings,
	plot_cycles, plot_capacity;

struct plot_row {
	plot_kind *draw;     /* NULL ends the table */
	const char *reading; /* how to read it, for who has not read a manual */
};
extern const struct plot_row plot_rows[];

/* "latency" and the block's side: "latency_tx", "latency_pairs". */
const char *plot_side(const struct report_block *block, const char *what,
		      char *buf, size_t size);
#define PLOT_SIDE_MAX 40

#endif
