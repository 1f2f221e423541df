/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/plot_curves.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/gnuplot.h"
#include "reports/plot_page.h"

struct point {
	size_t line;
	double x, y, low, high;
};

struct curve_plot {
	char kind[40], subject[64], title[PAGE_TITLE_MAX];
	char xlabel[80], ylabel[80];
	char lines[CURVE_LINES_MAX][96];
	size_t line_count;
	struct point *points;
	size_t count;
	bool failed; /* an allocation did */
};

struct curve_plot *curve_plots_add(struct curve_plots *plots, const char *kind,
				   const char *subject, const char *title,
				   const char *xlabel, const char *ylabel,
				   struct err *err)
{
	struct curve_plot *plot = calloc(1, sizeof(*plot));
	struct curve_plot **list =
		realloc(plots->list, (plots->count + 1) * sizeof(*list));

	if (list)
		plots->list = list;
	if (!plot || !list) {
		free(plot);
		err_nomem(err, "plots");
		return NULL;
	}
	snprintf(plot->kind, sizeof(plot->kind), "%s", kind);
	snprintf(plot->subject, sizeof(plot->subject), "%.63s", subject);
	snprintf(plot->title, sizeof(plot->title), "%.255s", title);
	snprintf(plot->xlabel, sizeof(plot->xlabel), "%s", xlabel);
	snprintf(plot->ylabel, sizeof(plot->ylabel), "%s", ylabel);
	plots->list[plots->count++] = plot;
	return plot;
}

/* CURVE_LINES_MAX: there is no room for another. */
static size_t line_of(struct curve_plot *plot, const char *name)
{
	size_t i;

	for (i = 0; i < plot->line_count; i++)
		if (!strcmp(plot->lines[i], name))
			return i;
	if (i < CURVE_LINES_MAX) {
		snprintf(plot->lines[i], sizeof(plot->lines[i]), "%s", name);
		plot->line_count++;
	}
	return i;
}

void curve_plot_point(struct curve_plot *plot, const char *line, double x,
		      double y, double low, double high)
{
	size_t index = line_of(plot, line);
	struct point *points =
		realloc(plot->points, (plot->count + 1) * sizeof(*points));

	BUG_ON(index == CURVE_LINES_MAX);
	if (!points) {
		plot->failed = true;
		return;
	}
	plot->points = points;
	points[plot->count++] = (struct point){ index, x, y, low, high };
}

/* A block of the data file is a line of the plot. */
static void write_data(const struct curve_plot *plot, FILE *dat)
{
	size_t line, i;

	for (line = 0; line < plot->line_count; line++) {
		if (line)
			fputs("\n\n", dat);
		page_comment(dat, plot->lines[line]);
		for (i = 0; i < plot->count; i++) {
			const struct point *p = &plot->points[i];

			if (p->line == line)
				fprintf(dat, "%.9g %.9g %.9g %.9g\n", p->x,
					p->y, p->low, p->high);
		}
	}
}

static int draw(const struct curve_plot *plot, struct plotter *plotter,
		struct err *err)
{
	struct page page;
	size_t line;

	if (plot->failed)
		return err_nomem(err, "plot");
	if (!plot->count)
		return 0;
	if (page_open_named(&page, plotter, plot->kind, plot->subject, err) < 0)
		return -1;
	write_data(plot, page.dat);
	page_head(&page, plot->title, plot->xlabel, plot->ylabel);
	fputs("set logscale x 2\n", page.gp);
	page_passes(&page);
	fputs("plot ", page.gp);
	for (line = 0; line < plot->line_count; line++) {
		fprintf(page.gp,
			"data index %zu using 1:2:3:4 with yerrorlines ", line);
		page_line_style(page.gp, line);
		page_text(page.gp, " title ", plot->lines[line]);
		fputs(line + 1 < plot->line_count ? ", \\\n" : "\n", page.gp);
	}
	return page_close(&page, err);
}

int curve_plots_write(const struct curve_plots *plots, struct plotter *plotter,
		      struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < plots->count && !rc; i++)
		rc = draw(plots->list[i], plotter, err);
	return rc;
}

int curve_plots_draw(const struct curve_plots *plots, const char *dir,
		     struct err *err)
{
	struct plotter plotter = { .dir = dir };
	int rc = curve_plots_write(plots, &plotter, err);

	if (!rc && plotter.count)
		rc = gnuplot_run(&plotter, NULL, err);
	plotter_clear(&plotter);
	return rc;
}

void curve_plots_clear(struct curve_plots *plots)
{
	size_t i;

	for (i = 0; i < plots->count; i++) {
		free(plots->list[i]->points);
		free(plots->list[i]);
	}
	free(plots->list);
	*plots = (struct curve_plots){ NULL, 0 };
}
