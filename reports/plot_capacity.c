/* SPDX-License-Identifier: Apache-2.0 */
/* Capacity in Gb/s, with the limiter and the headroom at the end of the bar. */
#include <stdlib.h>

#include "reports/plot_bars.h"
#include "reports/plot_kinds.h"
#include "reports/summary.h"

static const char *limiter_of(const struct report_row *row)
{
	return tree_string(json_object_get(row->runs[0], "capacity"), "limiter",
			   "-");
}

static bool confirmed(const struct report_row *row)
{
	for (size_t i = 0; i < row->run_count; i++)
		if (!json_is_true(json_object_get(
			    json_object_get(row->runs[i], "capacity"),
			    "confirmed")))
			return false;
	return true;
}

static void fill_bar(struct bar *bar, const struct report_row *row)
{
	struct aggregate rate = aggregate_of(row, "capacity.rate_bps", NULL);
	struct aggregate head = aggregate_of(row, "capacity.headroom", NULL);
	const char *remark = plot_remark(row);

	bar->part[0] = rate.mean / 1e9;
	if (rate.n)
		snprintf(bar->label, sizeof(bar->label), "%s%s, %.3gx%s%s",
			 confirmed(row) ? "" : "~", limiter_of(row), head.mean,
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
