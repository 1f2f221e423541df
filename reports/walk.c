/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/walk.h"

#include <stdio.h>
#include <string.h>

#include "reports/text_value.h"
#include "reports/tree.h"

const struct study_kind study_kinds[] = {
	{ "breakeven", "breakeven_schema", 1, "machines", walk_breakeven },
	{ "ndr", "ndr_schema", 1, "rows", walk_ndr },
	{ "size", "size_schema", 1, "rows", walk_size },
	{ "sensitivity", "sensitivity_schema", 1, "machines",
	  walk_sensitivity },
	{ .name = NULL },
};

void walk_figures(struct walk *walk, size_t from, const char *reading)
{
	for (size_t i = from; i < walk->plotter.count; i++)
		outline_figure(&walk->outline, walk->plotter.names[i],
			       walk->plotter.titles[i], reading);
}

const char *walk_file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

void walk_number(struct walk *walk, const json_t *object, const char *key,
		 const char *unit)
{
	char buf[TEXT_VALUE_MAX];
	double value;

	if (tree_number(object, key, &value))
		outline_value(&walk->outline, value,
			      text_number(unit, value, buf, sizeof(buf)),
			      CELL_PLAIN);
	else
		outline_cell(&walk->outline, "-");
}

void walk_aggregate(struct walk *walk, const struct report_row *row,
		    const struct report_block *block,
		    const struct compared *compared, bool interval)
{
	struct aggregate a =
		aggregate_of(row, compared->metric, compared->stat);
	bool best = block && block_best(block, compared) == row;
	char value[TEXT_VALUE_MAX], half[TEXT_VALUE_MAX];
	char text[2 * TEXT_VALUE_MAX + 8];

	if (!a.n) {
		outline_cell(&walk->outline, "-");
		return;
	}
	text_aggregate(compared, &a, value, sizeof(value));
	half[0] = '\0';
	if (interval)
		text_interval(compared, &a, half, sizeof(half));
	snprintf(text, sizeof(text), "%s%s%s", value, half[0] ? " " : "", half);
	outline_value(&walk->outline, a.mean, text,
		      best ? CELL_BEST : CELL_PLAIN);
}

void walk_notes(struct walk *walk, const json_t *root, const char *machine)
{
	const char *note;
	size_t at = 0;

	while ((note = report_note(root, machine, &at)))
		outline_prose(&walk->outline, "What would turn it: %s.", note);
}

static int walk_cells(struct walk *walk, const struct report_cells *cells,
		      const json_t *root, struct err *err)
{
	int failed = 0;

	if (cells->count && cells->cells[0].axes)
		failed = walk_sweep(walk, cells, err);
	for (size_t i = 0; i < cells->count && !failed; i++) {
		if (cells->cells[i].axes)
			continue;
		failed = walk_cell(walk, &cells->cells[i], err);
		walk_notes(walk, root, cells->cells[i].machine);
	}
	return failed;
}

/* A study that was stopped, points that failed: what there is may mislead. */
static void say_incomplete(struct walk *walk, const json_t *root)
{
	const json_t *runs = json_object_get(root, "runs"), *run;
	size_t i, lost = 0;

	json_array_foreach(runs, i, run) {
		const char *status = tree_string(run, "status", "");

		lost += !strcmp(status, "interrupted") ||
			!strcmp(status, "failed");
	}
	if (lost)
		outline_headline(&walk->outline,
				 "Careful: %zu of %zu runs were interrupted or "
				 "failed.",
				 lost, json_array_size(runs));
}

int walk_document(struct walk *walk, const json_t *root, struct err *err)
{
	struct report_cells cells;
	int failed;

	walk->plotter.root = root;
	say_incomplete(walk, root);
	if (report_cells_init(&cells, root, err) < 0)
		return -1;
	failed = walk_cells(walk, &cells, root, err);
	if (!failed && cells.count)
		walk_trouble(walk, &cells);
	report_cells_clear(&cells);
	if (!failed)
		walk_origin(walk, root);
	return failed;
}
