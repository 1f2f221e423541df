/* SPDX-License-Identifier: Apache-2.0 */
/* Capacity in Gb/s, with the limiter and the headroom at the end of the bar. */
#include <stdlib.h>

#include "reports/plot_bars.h"
#include "reports/plot_kinds.h"
#include "reports/summary.h"

static void fill_bar(struct bar *bar, const struct report_row *row)
{
	struct aggregate rate = aggregate_of(row, "capacity.rate_bps", NULL);
	struct aggregate head = aggregate_of(row, "capacity.headroom", NULL);
	const char *remark = report_row_remark(row);

	bar->part[0] = rate.mean / 1e9;
	if (rate.n)
		snprintf(bar->label, sizeof(bar->label), "%s%s, %.3gx%s%s",
			 report_row_confirmed(row) ? "" : "~",
			 report_row_limiter(row), head.mean,
			 remark[0] ? ", " : "", remark);
	else
		snprintf(bar->label, sizeof(bar->label), "%s", remark);
}

int plot_capacity(struct plotter *plotter, const struct report_block *block,
		  struct err *err)
{
	struct bars bars = {
		.xlabel =
			"capacity (Gb/s); limiter, headroom over offered load",
		.count = block->count,
		.parts = 1
	};
	char title[PAGE_TITLE_MAX], kind[PLOT_SIDE_MAX];
	int failed;

	bars.bar = calloc(block->count, sizeof(*bars.bar));
	if (!bars.bar)
		return err_nomem(err, "capacity plot");
	bars.title = page_title(plotter, block, "capacity and what limits it",
				title, sizeof(title));
	for (size_t i = 0; i < block->count; i++) {
		report_row_name(block, block->rows[i], bars.bar[i].name,
				sizeof(bars.bar[i].name));
		fill_bar(&bars.bar[i], block->rows[i]);
	}
	failed = bars_draw(plotter,
			   plot_side(block, "capacity", kind, sizeof(kind)),
			   block->cell, &bars, err);
	free(bars.bar);
	return failed;
}
