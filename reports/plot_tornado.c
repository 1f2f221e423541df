/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/plot_tornado.h"

#include "reports/gnuplot.h"
#include "reports/plot_page.h"

/* Rows "y base low high"; the largest is the uppermost. */
static void write_data(const struct tornado *tornado, FILE *dat)
{
	size_t i;

	for (i = 0; i < tornado->count; i++) {
		page_comment(dat, tornado->bars[i].label);
		fprintf(dat, "%zu %.9g %.9g %.9g\n", tornado->count - i,
			tornado->base, tornado->bars[i].low,
			tornado->bars[i].high);
	}
}

static void write_tics(const struct tornado *tornado, FILE *gp)
{
	size_t i;

	fputs("set ytics (", gp);
	for (i = 0; i < tornado->count; i++) {
		if (i)
			fputs(", ", gp);
		page_tic(gp, tornado->bars[i].label,
			 (double)(tornado->count - i));
	}
	fputs(")\n", gp);
}

int tornado_page(const struct tornado *tornado, struct plotter *plotter,
		 struct err *err)
{
	struct page page;

	if (!tornado->count)
		return 0;
	if (page_open_named(&page, plotter, "sensitivity", tornado->subject,
			    err) < 0)
		return -1;
	write_data(tornado, page.dat);
	page_head(&page, tornado->title, tornado->xlabel, "");
	write_tics(tornado, page.gp);
	fprintf(page.gp, "set yrange [0.3:%zu.7]\n", tornado->count);
	fprintf(page.gp,
		"set arrow from %.9g, graph 0 to %.9g, graph 1 nohead "
		"dashtype 2\n",
		tornado->base, tornado->base);
	page_passes(&page);
	fputs("plot data using 2:1:2:3:($1-0.35):($1+0.35) with boxxyerror "
	      "fill solid 0.9 noborder linecolor rgb '#0072b2' title 'at the "
	      "low end', \\\n"
	      "data using 2:1:2:4:($1-0.35):($1+0.35) with boxxyerror fill "
	      "pattern 2 linecolor rgb '#d55e00' title 'at the high end'\n",
	      page.gp);
	return page_close(&page, err);
}

int tornado_draw(const struct tornado *tornado, const char *dir,
		 struct err *err)
{
	struct plotter plotter = { .dir = dir };
	int rc = tornado_page(tornado, &plotter, err);

	if (!rc && plotter.count)
		rc = gnuplot_run(&plotter, NULL, err);
	plotter_clear(&plotter);
	return rc;
}
