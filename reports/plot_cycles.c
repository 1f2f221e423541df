/* SPDX-License-Identifier: Apache-2.0 */
/* CPU cycles per frame by routine, stacked, one bar per strategy. */
#include <stdlib.h>
#include <string.h>

#include "reports/plot_bars.h"
#include "reports/plot_kinds.h"
#include "reports/summary.h"

/*
 * Routines of the protocol driver's own work, by NDIS's names.  They are one
 * part, the last, so that the driver's part of every bar begins at zero.
 */
static bool is_stack(const char *routine)
{
	return strncmp(routine, "ProtocolSend", 12) == 0 ||
	       strncmp(routine, "ProtocolReceive", 15) == 0;
}

static void add_run(struct stack *stack, size_t index, const json_t *run,
		    double weight, bool protocol)
{
	double frames = run_frames(run);
	const char *name;
	json_t *routine;

	if (frames <= 0)
		return;
	json_object_foreach(json_object_get(run, "routines"), name, routine)
		if (is_stack(name) == protocol)
			stack_add(stack, index,
				  protocol ? "protocol stack" : name,
				  (double)tree_count(routine, "cycles") *
					  weight / frames);
}

static int add_parts(struct bars *bars, const struct report_block *block,
		     bool protocol, size_t limit)
{
	struct stack stack;
	bool failed;

	stack_init(&stack, block->count);
	for (size_t i = 0; i < block->count; i++) {
		const struct report_row *row = block->rows[i];

		for (size_t j = 0; j < row->run_count; j++)
			add_run(&stack, i, row->runs[j],
				1.0 / (double)row->run_count, protocol);
	}
	stack_bars(&stack, limit, bars);
	failed = stack.failed;
	stack_clear(&stack);
	return failed ? -1 : 0;
}

static void label_bar(struct bar *bar, const struct report_row *row)
{
	struct aggregate a =
		aggregate_of(row, "cpu.driver_cycles_per_frame", NULL);
	const char *remark = report_row_remark(row);

	if (a.n)
		snprintf(bar->label, sizeof(bar->label), "driver %.0f%s%s",
			 a.mean, remark[0] ? ", " : "", remark);
	else
		snprintf(bar->label, sizeof(bar->label), "%s", remark);
}

int plot_cycles(struct plotter *plotter, const struct report_block *block,
		struct err *err)
{
	struct bars bars = { .xlabel = "CPU cycles per frame",
			     .count = block->count };
	char title[PAGE_TITLE_MAX], kind[PLOT_SIDE_MAX];
	int failed = 0;

	bars.bar = calloc(block->count, sizeof(*bars.bar));
	if (!bars.bar)
		return err_nomem(err, "cycles plot");
	bars.title = page_title(plotter, block, "CPU cycles per frame", title,
				sizeof(title));
	for (size_t i = 0; i < block->count; i++) {
		report_row_name(block, block->rows[i], bars.bar[i].name,
				sizeof(bars.bar[i].name));
		label_bar(&bars.bar[i], block->rows[i]);
	}
	if (add_parts(&bars, block, false, BAR_PARTS - 1) < 0 ||
	    add_parts(&bars, block, true, 1) < 0)
		failed = err_nomem(err, "cycles plot");
	if (!failed)
		failed = bars_draw(
			plotter, plot_side(block, "cycles", kind, sizeof(kind)),
			block->cell, &bars, err);
	free(bars.bar);
	return failed;
}
