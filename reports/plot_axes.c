/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Figures of a sweep over each of its axes: the values of the axis in order of
 * appearance, evenly spaced as on a list, a line for everything else that was
 * varied.
 */
#include <stdlib.h>
#include <string.h>

#include "reports/plot_axes.h"
#include "reports/summary.h"

#define LINES_MAX 12 /* more cannot be told apart: page_line_style() */
#define TICKS_MAX 64

const struct axis_figure axis_figures[] = {
	{ "cycles", "cpu.driver_cycles_per_frame", NULL,
	  "driver cycles per frame", "cycles per frame", 1 },
	{ "latency_tx", "tx.latency_complete_less_moderation_ps", "p99",
	  "p99 transmit latency less moderation", "latency (us)", 1e-6 },
	{ "latency_rx", "rx.latency_less_moderation_ps", "p99",
	  "p99 receive latency less moderation", "latency (us)", 1e-6 },
	{ "waits", "hal.map_register_waits", NULL, "waits for map registers",
	  "waits", 1 },
	{ "wire_tx", "tx.latency_wire_ps", "p50", "median latency to the wire",
	  "latency (us)", 1e-6 },
	{ "moderated_rx", "rx.latency_ps", "p99",
	  "p99 receive latency with moderation", "latency (us)", 1e-6 },
	{ "loss_rx", "rx.dropped_fifo_frames", NULL, "received frames lost",
	  "frames", 1 },
	{ "loss_tx", "tx.dropped_queue_frames", NULL, "sent frames refused",
	  "frames", 1 },
	{ .kind = NULL },
};

/* The distinct values of one axis and the lines they are plotted in. */
struct axis {
	const char *key;
	const char *ticks[TICKS_MAX];
	size_t tick_count;
	char lines[LINES_MAX][256];
	size_t line_count;
	json_t *all_ticks, *all_lines; /* name -> null: those left out too */
};

static const char *axis_value(const struct report_cell *cell, const char *key)
{
	return tree_string(cell->axes, key, "-");
}

/* "xge-64bit, ndis6-sg + sg, nic.rx_ring 512": all but the axis itself. */
static void line_name(const struct report_cell *cell,
		      const struct report_row *row, const char *key, char *buf,
		      size_t size)
{
	bool tx = strcmp(key, "tx") != 0, rx = strcmp(key, "rx") != 0;
	const char *other;
	json_t *value;
	size_t used;

	snprintf(buf, size, "%s%s%s%s%s",
		 strcmp(key, "machine") != 0 ? cell->machine : "machines",
		 tx ? ", " : "", tx ? row->tx : "",
		 rx ? (tx ? " + " : ", ") : "", rx ? row->rx : "");
	json_object_foreach((json_t *)(uintptr_t)cell->axes, other, value) {
		used = strlen(buf);
		if (strcmp(other, key) != 0 && strcmp(other, "machine") != 0 &&
		    strcmp(other, "tx") != 0 && strcmp(other, "rx") != 0)
			snprintf(buf + used, size - used, ", %s %s", other,
				 axis_value(cell, other));
	}
}

static size_t tick_of(const struct axis *axis, const char *value)
{
	size_t i = 0;

	while (i < axis->tick_count && strcmp(axis->ticks[i], value) != 0)
		i++;
	return i;
}

static size_t line_of(const struct axis *axis, const char *name)
{
	size_t i = 0;

	while (i < axis->line_count && strcmp(axis->lines[i], name) != 0)
		i++;
	return i;
}

static int collect_row(struct axis *axis, const char *name, struct err *err)
{
	if (line_of(axis, name) == axis->line_count &&
	    axis->line_count < LINES_MAX)
		snprintf(axis->lines[axis->line_count++],
			 sizeof(axis->lines[0]), "%s", name);
	if (json_object_set_new_nocheck(axis->all_lines, name, json_null()) < 0)
		return err_nomem(err, "plot of an axis");
	return 0;
}

static int collect(struct axis *axis, const struct report_cells *cells,
		   struct err *err)
{
	char name[sizeof(axis->lines[0])];

	for (size_t i = 0; i < cells->count; i++) {
		const struct report_cell *cell = &cells->cells[i];
		const char *value = axis_value(cell, axis->key);

		if (tick_of(axis, value) == axis->tick_count &&
		    axis->tick_count < TICKS_MAX)
			axis->ticks[axis->tick_count++] = value;
		if (json_object_set_new_nocheck(axis->all_ticks, value,
						json_null()) < 0)
			return err_nomem(err, "plot of an axis");
		for (size_t j = 0; j < cell->row_count; j++) {
			line_name(cell, &cell->rows[j], axis->key, name,
				  sizeof(name));
			if (collect_row(axis, name, err) < 0)
				return -1;
		}
	}
	return 0;
}

/* "WHAT over KEY (first 12 of 40 lines, first 64 of 99 values)" */
static void write_title(const struct axis *axis, const char *what, char *buf,
			size_t size)
{
	const struct {
		const char *name;
		size_t shown, all;
	} parts[] = {
		{ "lines", axis->line_count,
		  json_object_size(axis->all_lines) },
		{ "values", axis->tick_count,
		  json_object_size(axis->all_ticks) },
	};
	const char *before = " (";
	size_t used;

	snprintf(buf, size, "%s over %s", what, axis->key);
	for (size_t i = 0; i < 2; i++) {
		if (parts[i].shown == parts[i].all)
			continue;
		used = strlen(buf);
		snprintf(buf + used, size - used, "%sfirst %zu of %zu %s",
			 before, parts[i].shown, parts[i].all, parts[i].name);
		before = ", ";
	}
	used = strlen(buf);
	if (before[0] == ',')
		snprintf(buf + used, size - used, ")");
}

static bool is_cut(const struct axis *axis)
{
	return axis->line_count < json_object_size(axis->all_lines) ||
	       axis->tick_count < json_object_size(axis->all_ticks);
}

static size_t write_line(struct page *page, const struct axis *axis,
			 const struct report_cells *cells,
			 const struct axis_figure *figure, size_t line)
{
	char name[sizeof(axis->lines[0])];
	size_t points = 0;

	for (size_t i = 0; i < cells->count; i++) {
		const struct report_cell *cell = &cells->cells[i];
		size_t tick = tick_of(axis, axis_value(cell, axis->key));

		for (size_t j = 0; j < cell->row_count; j++) {
			struct aggregate a = aggregate_of(
				&cell->rows[j], figure->metric, figure->stat);
			double half = a.interval ? a.ci95 : 0;

			line_name(cell, &cell->rows[j], axis->key, name,
				  sizeof(name));
			if (!a.n || tick == axis->tick_count ||
			    strcmp(name, axis->lines[line]) != 0)
				continue;
			if (!points++)
				page_comment(page->dat, name);
			fprintf(page->dat, "%zu %.9g %.9g %.9g\n", tick,
				a.mean * figure->scale,
				(a.mean - half) * figure->scale,
				(a.mean + half) * figure->scale);
		}
	}
	if (points)
		fputs("\n\n", page->dat);
	return points;
}

bool axis_figure_known(const struct report_cells *cells,
		       const struct axis_figure *figure)
{
	for (size_t i = 0; i < cells->count; i++)
		for (size_t j = 0; j < cells->cells[i].row_count; j++) {
			struct aggregate a =
				aggregate_of(&cells->cells[i].rows[j],
					     figure->metric, figure->stat);

			if (a.n && a.max > 0)
				return true;
		}
	return false;
}

static bool any_interval(const struct report_cells *cells,
			 const struct axis_figure *figure)
{
	for (size_t i = 0; i < cells->count; i++)
		for (size_t j = 0; j < cells->cells[i].row_count; j++)
			if (aggregate_of(&cells->cells[i].rows[j],
					 figure->metric, figure->stat)
				    .interval)
				return true;
	return false;
}

static void write_ticks(FILE *gp, const struct axis *axis)
{
	fprintf(gp, "set xrange [-0.3:%.9g]\nset yrange [0:*]\nset xtics (",
		(double)axis->tick_count - 0.7);
	for (size_t i = 0; i < axis->tick_count; i++) {
		if (i)
			fputs(", ", gp);
		page_tic(gp, axis->ticks[i], (double)i);
	}
	fprintf(gp, ")\n%s",
		axis->tick_count > 12 ? "set xtics rotate by -45\n" : "");
}

static int draw(struct plotter *plotter, const struct axis *axis,
		const struct report_cells *cells,
		const struct axis_figure *figure, struct err *err)
{
	char kind[64], title[PAGE_TITLE_MAX];
	const char *style = any_interval(cells, figure)
				    ? "using 1:2:3:4 with yerrorlines"
				    : "using 1:2 with linespoints";
	struct page page;
	size_t drawn = 0;

	if (!axis_figure_known(cells, figure))
		return 0;
	snprintf(kind, sizeof(kind), "axis_%s", figure->kind);
	write_title(axis, figure->title, title, sizeof(title));
	if (page_open_named(&page, plotter, kind, axis->key, err) < 0)
		return -1;
	page_head(&page, title, axis->key, figure->label);
	page_key_below(&page, axis->key, 2);
	write_ticks(page.gp, axis);
	page_passes(&page);
	for (size_t i = 0; i < axis->line_count; i++) {
		if (!write_line(&page, axis, cells, figure, i))
			continue;
		fprintf(page.gp, "%sdata index %zu %s ",
			drawn ? ", \\\n  " : "plot ", drawn, style);
		page_line_style(page.gp, i);
		page_text(page.gp, " title ", axis->lines[i]);
		drawn++;
	}
	fputc('\n', page.gp);
	plotter->cut += is_cut(axis);
	return page_close(&page, err);
}

static int draw_axis(struct plotter *plotter, const struct report_cells *cells,
		     const char *key, struct err *err)
{
	struct axis *axis = calloc(1, sizeof(*axis));
	int failed = 0;

	if (!axis)
		return err_nomem(err, "plot of an axis");
	axis->key = key;
	axis->all_ticks = json_object();
	axis->all_lines = json_object();
	failed = collect(axis, cells, err);
	for (size_t i = 0; axis_figures[i].kind && !failed; i++)
		if (axis->tick_count > 1)
			failed = draw(plotter, axis, cells, &axis_figures[i],
				      err);
	json_decref(axis->all_ticks);
	json_decref(axis->all_lines);
	free(axis);
	return failed;
}

int plot_axes(struct plotter *plotter, const struct report_cells *cells,
	      struct err *err)
{
	const char *key;
	json_t *value, *axes;
	int failed = 0;

	if (!cells->count || !cells->cells[0].axes)
		return 0;
	axes = (json_t *)(uintptr_t)cells->cells[0].axes;
	json_object_foreach(axes, key, value)
		if (!failed)
			failed = draw_axis(plotter, cells, key, err);
	return failed;
}
