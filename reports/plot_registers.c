/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Levels over time, a panel per strategy under one time axis, the maximum of
 * every cell, first replicate: map registers in use, all and by adapter;
 * frames and descriptors of the rings.
 */
#include <inttypes.h>
#include <string.h>

#include "reports/plot_kinds.h"
#include "reports/tree.h"

#define POINTS_MAX 400 /* steps three picture points wide */

struct curve {
	const char *metric, *title, *colour;
};

#define CURVES 3

/* The first of the curves decides whether there is a plot. */
struct level_plot {
	const char *kind, *what, *ylabel;
	struct curve curves[CURVES];
};

static const struct level_plot registers = {
	.kind = "registers",
	.what = "map registers in use",
	.ylabel = "registers",
	.curves = { { "hal.map_registers_in_use", "all", "#0072B2" },
		    { "hal.adapter_registers_in_use", "this adapter",
		      "#E69F00" },
		    { "hal.neighbour_registers_in_use", "its neighbour",
		      "#000000" } },
};

static const struct level_plot tx_ring = {
	.kind = "ring",
	.what = "sends under way",
	.ylabel = "count",
	.curves = { { "tx.ring_used", "descriptors in use", "#0072B2" },
		    { "tx.in_system", "frames", "#E69F00" } },
};

static const struct level_plot rx_ring = {
	.kind = "ring",
	.what = "receives under way",
	.ylabel = "count",
	.curves = { { "rx.in_system", "frames", "#0072B2" } },
};

static const json_t *series_of(const struct report_row *row,
			       const struct level_plot *plot, size_t curve)
{
	const char *metric = plot->curves[curve].metric;

	return metric ? json_object_get(json_object_get(row->runs[0], "series"),
					metric)
		      : NULL;
}

static bool has_values(const struct report_row *row,
		       const struct level_plot *plot)
{
	return packed_count(series_of(row, plot, 0), "values") > 0;
}

struct time_unit {
	const char *name;
	double ps;
};

static const struct time_unit *unit_for(double span_ps)
{
	static const struct time_unit units[] = { { "s", 1e12 },
						  { "ms", 1e9 },
						  { "us", 1e6 } };
	size_t i = 0;

	while (i < 2 && span_ps < units[i].ps)
		i++;
	return &units[i];
}

/* The largest of the next @count numbers. */
static uint64_t largest(const char **cursor, size_t count)
{
	uint64_t most = 0, value;

	while (count-- && packed_next(cursor, &value))
		most = value > most ? value : most;
	return most;
}

/* An adapter that holds none has no curve. */
static bool is_drawn(const struct report_row *row,
		     const struct level_plot *plot, size_t curve)
{
	const char *cursor = packed_text(series_of(row, plot, curve), "values");

	return curve ? largest(&cursor, SIZE_MAX) > 0 : has_values(row, plot);
}

static double span_of(const json_t *series)
{
	return (double)tree_count(series, "step_ps") *
	       (double)packed_count(series, "values");
}

static void write_series(FILE *dat, const char *name, const json_t *series,
			 const struct time_unit *unit)
{
	const char *cursor = packed_text(series, "values");
	size_t count = packed_count(series, "values");
	size_t merge = (count + POINTS_MAX - 1) / POINTS_MAX;
	double step = (double)tree_count(series, "step_ps") / unit->ps;
	double start = (double)tree_count(series, "start_ps") / unit->ps;

	page_comment(dat, name);
	fprintf(dat, "# %s, count\n", unit->name);
	for (size_t i = 0; i < count; i += merge)
		fprintf(dat, "%.9g %" PRIu64 "\n", start + step * (double)i,
			largest(&cursor, merge));
	fputs("\n\n", dat);
}

struct panels {
	size_t count;
	double span_ps;
	uint64_t most;
};

static struct panels measure(const struct report_block *block,
			     const struct level_plot *plot)
{
	struct panels panels = { 0 };

	for (size_t i = 0; i < block->count; i++) {
		const json_t *series = series_of(block->rows[i], plot, 0);
		const char *cursor = packed_text(series, "values");
		uint64_t most = largest(&cursor, SIZE_MAX);

		if (!has_values(block->rows[i], plot))
			continue;
		panels.count++;
		if (span_of(series) > panels.span_ps)
			panels.span_ps = span_of(series);
		if (most > panels.most)
			panels.most = most;
	}
	return panels;
}

/* @drawn: curves before this panel's. */
static size_t write_panel(struct page *page, const struct level_plot *plot,
			  const struct report_row *row, bool first,
			  size_t drawn)
{
	FILE *gp = page->gp;
	size_t written = 0;

	for (size_t i = 0; i < CURVES; i++) {
		if (!is_drawn(row, plot, i))
			continue;
		fprintf(gp,
			"%sdata index %zu using 1:2 with steps lc rgb '%s' "
			"lw 1.2",
			written ? ", \\\n  " : "plot ", drawn + written,
			plot->curves[i].colour);
		if (first)
			page_text(gp, " title ", plot->curves[i].title);
		else
			fputs(" notitle", gp);
		written++;
	}
	fputc('\n', gp);
	return written;
}

static void head_panel(struct page *page, const char *name, bool last)
{
	FILE *gp = page->gp;

	fputs("unset title\n", gp);
	page_text(gp, "set label 1 ", name);
	fputs(" at graph 0.5, graph 1.0 center offset 0, 0.6\n", gp);
	if (last)
		fputs("set xlabel xtext\nset format x '%g'\n", gp);
}

static void write_panels(struct page *page, const struct level_plot *plot,
			 const struct report_block *block,
			 const struct panels *panels)
{
	char name[REPORT_ROW_NAME_MAX];
	size_t drawn = 0, panel = 0;
	FILE *gp = page->gp;

	fprintf(gp,
		"set multiplot layout %zu, 1 title caption "
		"margins char 9, char 4, char 4, char 4 spacing char 2\n"
		"unset xlabel\nset format x ''\n"
		"set key at screen 0.98, 0.01 right bottom horizontal samplen "
		"1.5 width -3\n",
		panels->count);
	for (size_t i = 0; i < block->count; i++) {
		const struct report_row *row = block->rows[i];

		if (!has_values(row, plot))
			continue;
		report_row_name(block, row, name, sizeof(name));
		head_panel(page, name, panel + 1 == panels->count);
		drawn += write_panel(page, plot, row, !panel, drawn);
		panel++;
	}
	fputs("unset multiplot\n", gp);
}

/* In characters: all adapters' registers, a curve per strategy. */
static void write_overlay(struct page *page, const struct level_plot *plot,
			  const struct report_block *block)
{
	char name[REPORT_ROW_NAME_MAX];
	FILE *gp = page->gp;
	size_t drawn = 0;

	fputs("set title caption\nset xlabel xtext\nset format x '%g'\n"
	      "set key below\n",
	      gp);
	for (size_t i = 0; i < block->count; i++) {
		const struct report_row *row = block->rows[i];

		if (!has_values(row, plot))
			continue;
		report_row_name(block, row, name, sizeof(name));
		fprintf(gp, "%sdata index %zu using 1:2 with steps",
			drawn ? ", \\\n  " : "plot ", drawn);
		page_text(gp, " title ", name);
		for (size_t j = 0; j < CURVES; j++)
			drawn += is_drawn(row, plot, j);
	}
	fputc('\n', gp);
}

static void write_all_series(struct page *page, const struct level_plot *plot,
			     const struct report_block *block,
			     const struct time_unit *unit)
{
	char name[REPORT_ROW_NAME_MAX + 32];

	for (size_t i = 0; i < block->count; i++) {
		const struct report_row *row = block->rows[i];

		for (size_t j = 0; j < CURVES && has_values(row, plot); j++) {
			size_t length;

			if (!is_drawn(row, plot, j))
				continue;
			report_row_name(block, row, name, REPORT_ROW_NAME_MAX);
			length = strlen(name);
			snprintf(name + length, sizeof(name) - length, ": %s",
				 plot->curves[j].title);
			write_series(page->dat, name, series_of(row, plot, j),
				     unit);
		}
	}
}

static int draw(struct plotter *plotter, const struct report_block *block,
		const struct level_plot *plot, struct err *err)
{
	struct panels panels = measure(block, plot);
	const struct time_unit *unit = unit_for(panels.span_ps);
	char title[PAGE_TITLE_MAX], kind[PLOT_SIDE_MAX], xlabel[32];
	struct page page;

	if (!panels.count || !panels.most || panels.span_ps <= 0)
		return 0;
	if (page_open(&page, plotter,
		      plot_side(block, plot->kind, kind, sizeof(kind)),
		      block->cell, err) < 0)
		return -1;
	page_title(plotter, block, plot->what, title, sizeof(title));
	snprintf(xlabel, sizeof(xlabel), "time (%s)", unit->name);
	page_head(&page, "", "", plot->ylabel);
	snprintf(page.title, sizeof(page.title), "%s", title);
	page_text(page.gp, "caption = ", title);
	page_text(page.gp, "\nxtext = ", xlabel);
	fprintf(page.gp, "\nset yrange [0:%.9g]\nset xrange [0:%.9g]\n",
		(double)panels.most * 1.05, panels.span_ps / unit->ps);
	if (panels.count > 3)
		fputs("set ytics autofreq font ',11'\n", page.gp);
	write_all_series(&page, plot, block, unit);
	page_passes(&page);
	fputs("if (ascii) {\n", page.gp);
	write_overlay(&page, plot, block);
	fputs("} else {\n", page.gp);
	write_panels(&page, plot, block, &panels);
	fputs("}\n", page.gp);
	return page_close(&page, err);
}

int plot_registers(struct plotter *plotter, const struct report_block *block,
		   struct err *err)
{
	return draw(plotter, block, &registers, err);
}

int plot_rings(struct plotter *plotter, const struct report_block *block,
	       struct err *err)
{
	return draw(plotter, block,
		    block->kind == BLOCK_RX ? &rx_ring : &tx_ring, err);
}
