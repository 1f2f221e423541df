/* SPDX-License-Identifier: Apache-2.0 */
/* A sweep: its lowest points, every point, figures over its axes. */
#include <stdio.h>
#include <string.h>

#include "reports/plot_axes.h"
#include "reports/text_value.h"
#include "reports/tree.h"
#include "reports/walk.h"

struct place {
	const struct report_cell *cell;
	const struct report_row *row;
	struct aggregate value;
};

static struct place lowest(const struct report_cells *cells,
			   const struct axis_figure *figure)
{
	struct place place = { .cell = NULL };

	for (size_t i = 0; i < cells->count; i++)
		for (size_t j = 0; j < cells->cells[i].row_count; j++) {
			const struct report_row *row = &cells->cells[i].rows[j];
			struct aggregate a =
				aggregate_of(row, figure->metric, figure->stat);

			if (!row->ranked || !a.n ||
			    (place.cell && a.mean >= place.value.mean))
				continue;
			place.cell = &cells->cells[i];
			place.row = row;
			place.value = a;
		}
	return place;
}

/* "nic.tx_ring 64, machine xge-strict, ndis6-sg + common-copy" */
static void place_text(const struct place *place, char *buf, size_t size)
{
	const char *key;
	json_t *value;

	snprintf(buf, size, "%s, %s + %s", place->cell->machine, place->row->tx,
		 place->row->rx);
	json_object_foreach((json_t *)(uintptr_t)place->cell->axes, key,
			    value) {
		size_t used = strlen(buf);

		if (!report_axis_is_column(key))
			snprintf(buf + used, size - used, ", %s %s", key,
				 tree_string(place->cell->axes, key, "-"));
	}
}

static void add_headline(struct walk *walk, const struct report_cells *cells,
			 const struct axis_figure *figure)
{
	struct place place = lowest(cells, figure);
	char text[512], value[TEXT_VALUE_MAX];
	const struct compared *compared;

	if (!place.cell)
		return;
	compared = compared_find(figure->metric, figure->stat);
	place_text(&place, text, sizeof(text));
	outline_headline(
		&walk->outline, "Sweep: lowest %s, %s, with %s.", figure->title,
		text_aggregate(compared, &place.value, value, sizeof(value)),
		text);
}

int walk_sweep(struct walk *walk, const struct report_cells *cells,
	       struct err *err)
{
	size_t from;

	outline_section(&walk->outline, 2, "Sweep, %zu points", cells->count);
	for (size_t i = 0; i < 3; i++)
		add_headline(walk, cells, &axis_figures[i]);
	from = walk->plotter.count;
	if (plot_heat(&walk->plotter, cells, err) < 0)
		return -1;
	walk_figures(walk, from,
		     "Each cell is a point of the sweep; darker is more, and "
		     "the number says how much.");
	from = walk->plotter.count;
	if (plot_axes(&walk->plotter, cells, err) < 0)
		return -1;
	walk_figures(walk, from,
		     "The values of the axis stand in the order given, evenly "
		     "spaced; a line is everything else that was varied; bars "
		     "are 95 % intervals, where there are replicates.");
	walk_sweep_table(walk, cells);
	return 0;
}
