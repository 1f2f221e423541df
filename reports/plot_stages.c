/* SPDX-License-Identifier: Apache-2.0 */
/* Mean time of a frame by stage, stacked, one bar per strategy, in us. */
#include <stdlib.h>

#include "reports/plot_bars.h"
#include "reports/plot_kinds.h"
#include "reports/tree.h"

#define PS_PER_US_REAL 1e6

/* Means over replicates of the mean of every stage. */
static void add_stages(struct stack *stack, size_t index,
		       const struct report_row *row, const char *path)
{
	for (size_t i = 0; i < row->run_count; i++) {
		json_t *stages = json_object_get(
			json_object_get(row->runs[i], "stages"), path);
		const char *name;
		json_t *hist;

		json_object_foreach(stages, name, hist) {
			double mean = 0;

			tree_number(hist, "mean", &mean);
			stack_add(stack, index, name,
				  mean / PS_PER_US_REAL /
					  (double)row->run_count);
		}
	}
}

static int draw(struct plotter *plotter, const struct report_block *block,
		const char *path, const char *what, struct err *err)
{
	struct bars bars = { .xlabel = "mean time of a frame (us)",
			     .count = block->count };
	char title[PAGE_TITLE_MAX], kind[PLOT_SIDE_MAX];
	struct stack stack;
	int failed = 0;

	bars.bar = calloc(block->count, sizeof(*bars.bar));
	if (!bars.bar)
		return err_nomem(err, "stage plot");
	bars.title = page_title(plotter, block, what, title, sizeof(title));
	stack_init(&stack, block->count);
	for (size_t i = 0; i < block->count; i++) {
		const struct report_row *row = block->rows[i];

		report_row_name(block, row, bars.bar[i].name,
				sizeof(bars.bar[i].name));
		snprintf(bars.bar[i].label, sizeof(bars.bar[i].label), "%s",
			 report_row_remark(row));
		add_stages(&stack, i, row, path);
	}
	if (stack.failed)
		failed = err_nomem(err, "stage plot");
	stack_bars(&stack, BAR_PARTS, &bars);
	snprintf(kind, sizeof(kind), "stages_%s", path);
	if (!failed)
		failed = bars_draw(plotter, kind, block->cell, &bars, err);
	stack_clear(&stack);
	free(bars.bar);
	return failed;
}

int plot_stages(struct plotter *plotter, const struct report_block *block,
		struct err *err)
{
	int failed = 0;

	if (block->kind != BLOCK_RX)
		failed = draw(plotter, block, "tx",
			      "where a transmitted frame's time goes", err);
	if (!failed && (block->kind != BLOCK_TX || block->count == 1))
		failed = draw(plotter, block, "rx",
			      "where a received frame's time goes", err);
	return failed;
}
