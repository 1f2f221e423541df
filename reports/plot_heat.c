/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Figures of a sweep over two of its axes, as maps.  The palette gets darker
 * all the way, so a map reads in grey, and every cell says its number.
 */
#include <stdlib.h>
#include <string.h>

#include "reports/plot_axes.h"
#include "reports/summary.h"
#include "reports/tree.h"

#define SIDE_MAX    32
#define MAPS_MAX    6
#define NUMBERS_MAX 16 /* values of an axis up to which cells are labelled */

struct side {
	const char *key;
	const char *values[SIDE_MAX];
	size_t count;
};

struct maps {
	struct side x, y;
	char names[MAPS_MAX][256];
	size_t count;
	bool cut;
};

struct cell_range {
	double low, high;
	size_t count;
};

static size_t side_at(const struct side *side, const struct report_cell *cell)
{
	const char *value = tree_string(cell->axes, side->key, "-");
	size_t i = 0;

	while (i < side->count && strcmp(side->values[i], value) != 0)
		i++;
	return i;
}

static void map_name(const struct maps *maps, const struct report_cell *cell,
		     const struct report_row *row, char *buf, size_t size)
{
	const char *key;
	json_t *value;

	snprintf(buf, size, "%s, %s + %s", cell->machine, row->tx, row->rx);
	json_object_foreach((json_t *)(uintptr_t)cell->axes, key, value) {
		size_t used = strlen(buf);

		if (!report_axis_is_column(key) &&
		    strcmp(key, maps->x.key) != 0 &&
		    strcmp(key, maps->y.key) != 0)
			snprintf(buf + used, size - used, ", %s %s", key,
				 tree_string(cell->axes, key, "-"));
	}
}

static void add_map(struct maps *maps, const char *name)
{
	for (size_t i = 0; i < maps->count; i++)
		if (!strcmp(maps->names[i], name))
			return;
	if (maps->count == MAPS_MAX)
		maps->cut = true;
	else
		snprintf(maps->names[maps->count++], sizeof(maps->names[0]),
			 "%s", name);
}

static void add_value(struct maps *maps, struct side *side,
		      const struct report_cell *cell)
{
	if (side_at(side, cell) < side->count)
		return;
	if (side->count == SIDE_MAX)
		maps->cut = true;
	else
		side->values[side->count++] =
			tree_string(cell->axes, side->key, "-");
}

static void collect(struct maps *maps, const struct report_cells *cells)
{
	char name[sizeof(maps->names[0])];

	for (size_t i = 0; i < cells->count; i++) {
		const struct report_cell *cell = &cells->cells[i];

		add_value(maps, &maps->x, cell);
		add_value(maps, &maps->y, cell);
		for (size_t j = 0; j < cell->row_count; j++) {
			map_name(maps, cell, &cell->rows[j], name,
				 sizeof(name));
			add_map(maps, name);
		}
	}
}

/* The points of map @name as "x y value"; what they span. */
static struct cell_range write_points(FILE *dat, const struct maps *maps,
				      const struct report_cells *cells,
				      const struct axis_figure *figure,
				      const char *wanted)
{
	struct cell_range range = { 0, 0, 0 };
	char name[sizeof(maps->names[0])];

	for (size_t i = 0; i < cells->count; i++) {
		const struct report_cell *cell = &cells->cells[i];
		size_t x = side_at(&maps->x, cell), y = side_at(&maps->y, cell);

		if (x == maps->x.count || y == maps->y.count)
			continue;
		for (size_t j = 0; j < cell->row_count; j++) {
			struct aggregate a = aggregate_of(
				&cell->rows[j], figure->metric, figure->stat);
			double value = a.mean * figure->scale;

			map_name(maps, cell, &cell->rows[j], name,
				 sizeof(name));
			if (strcmp(name, wanted) != 0 || !a.n)
				continue;
			fprintf(dat, "%zu %zu %.9g\n", x, y, value);
			if (!range.count || value < range.low)
				range.low = value;
			if (!range.count || value > range.high)
				range.high = value;
			range.count++;
		}
	}
	return range;
}

static void write_side(FILE *gp, char axis, const struct side *side)
{
	fprintf(gp, "set %crange [-0.5:%zu.5]\nset %ctics (", axis,
		side->count - 1, axis);
	for (size_t i = 0; i < side->count; i++) {
		if (i)
			fputs(", ", gp);
		page_tic(gp, side->values[i], (double)i);
	}
	fprintf(gp, ")%s\n", axis == 'x' && side->count > 12 ? " rotate" : "");
}

static void write_plot(struct page *page, const struct maps *maps,
		       const struct cell_range *range)
{
	const char *format = range->high >= 100 ? "%.0f" : "%.3g";
	bool numbers =
		maps->x.count <= NUMBERS_MAX && maps->y.count <= NUMBERS_MAX;
	double middle = (range->low + range->high) / 2;
	FILE *gp = page->gp;

	fputs("if (ascii) {\nset offsets 0.5, 0.5, 0.5, 0.5\n", gp);
	fprintf(gp,
		"plot data using 1:2:(gprintf('%s', $3)) with labels notitle\n"
		"} else {\n"
		"plot data using 1:2:($1 - 0.5):($1 + 0.5):($2 - 0.5):"
		"($2 + 0.5):3 with boxxyerror fs solid 1.0 lc palette notitle",
		format);
	if (numbers)
		fprintf(gp,
			", \\\n  data using 1:2:(gprintf('%s', $3)):"
			"($3 < %.9g ? 0 : 0xffffff) with labels "
			"tc rgb variable notitle",
			format, middle);
	fputs("\n}\n", gp);
}

static int draw(struct plotter *plotter, const struct maps *maps,
		const struct report_cells *cells,
		const struct axis_figure *figure, size_t map, struct err *err)
{
	char kind[40], subject[64], title[2 * PAGE_TITLE_MAX];
	struct cell_range range;
	struct page page;

	snprintf(kind, sizeof(kind), "heat_%s", figure->kind);
	snprintf(subject, sizeof(subject), "%.20s_%.20s_%zu", maps->x.key,
		 maps->y.key, map + 1);
	snprintf(title, sizeof(title), "%s%s: %s", figure->title,
		 maps->cut ? " (part of the sweep)" : "", maps->names[map]);
	if (page_open_named(&page, plotter, kind, subject, err) < 0)
		return -1;
	range = write_points(page.dat, maps, cells, figure, maps->names[map]);
	if (!range.count) {
		page_abort(&page);
		return 0;
	}
	page_head(&page, title, maps->x.key, maps->y.key);
	page_text(page.gp, "set cblabel ", figure->label);
	fputs("\nset palette defined (0 '#fde725', 0.25 '#5ec962', "
	      "0.5 '#21918c', 0.75 '#3b528b', 1 '#440154') maxcolors 64\n"
	      "unset grid\nset tics scale 0\n",
	      page.gp);
	if (range.high > range.low)
		fprintf(page.gp, "set cbrange [%.9g:%.9g]\n", range.low,
			range.high);
	write_side(page.gp, 'x', &maps->x);
	write_side(page.gp, 'y', &maps->y);
	page_passes(&page);
	write_plot(&page, maps, &range);
	plotter->cut += maps->cut;
	return page_close(&page, err);
}

static int draw_pair(struct plotter *plotter, const struct report_cells *cells,
		     const char *x, const char *y, struct err *err)
{
	struct maps *maps = calloc(1, sizeof(*maps));
	int failed = 0;

	if (!maps)
		return err_nomem(err, "map of a sweep");
	maps->x.key = x;
	maps->y.key = y;
	collect(maps, cells);
	for (size_t i = 0; axis_figures[i].kind; i++) {
		if (maps->x.count < 2 || maps->y.count < 2 ||
		    !axis_figure_known(cells, &axis_figures[i]))
			continue;
		for (size_t m = 0; m < maps->count && !failed; m++)
			failed = draw(plotter, maps, cells, &axis_figures[i], m,
				      err);
	}
	free(maps);
	return failed;
}

int plot_heat(struct plotter *plotter, const struct report_cells *cells,
	      struct err *err)
{
	const char *x, *y;
	json_t *value, *axes, *rest;
	int failed = 0;

	if (!cells->count || !cells->cells[0].axes)
		return 0;
	axes = (json_t *)(uintptr_t)cells->cells[0].axes;
	json_object_foreach(axes, x, value) {
		bool behind = false;

		if (report_axis_is_column(x))
			continue;
		json_object_foreach(axes, y, rest) {
			if (behind && !report_axis_is_column(y) && !failed)
				failed = draw_pair(plotter, cells, x, y, err);
			behind = behind || strcmp(x, y) == 0;
		}
	}
	return failed;
}
