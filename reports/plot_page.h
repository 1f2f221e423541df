/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One plot: a gnuplot script and its data file.
 *
 *	if (page_open(&page, plotter, "latency_tx", cell, &err) < 0)
 *		return -1;
 *	page_text(page.gp, "set title ", title);
 *	fprintf(page.dat, "%.9g %.9g\n", x, y);
 *	page_passes(&page);
 *	fprintf(page.gp, "plot data using 1:2 with lines\n");
 *	return page_close(&page, &err);
 *
 * What stands between page_passes() and page_close() is drawn once as SVG and
 * once as PNG; once in characters when the variable ascii is set; once, as a
 * page of the document that is open, when pdf is.
 *
 * Invariants: (1) texts of users get into a script only through page_text() or
 * page_tic(), which quote them; (2) terminals are set to noenhanced, so no
 * character of a text is markup; (3) what a script holds is well-formed UTF-8.
 */
#ifndef REPORTS_PLOT_PAGE_H
#define REPORTS_PLOT_PAGE_H

#include <jansson.h>
#include <stdio.h>

#include "reports/rows.h"

#define PAGE_NAME_MAX  128
#define PAGE_TITLE_MAX 256

struct plotter {
	const char *dir;
	const json_t *root;
	char (*names)[PAGE_NAME_MAX];	/* plots written, in order */
	char (*titles)[PAGE_TITLE_MAX]; /* of them, in the same order */
	size_t count;
	size_t cut; /* of them, those that do not show all there is */
};

struct page {
	struct plotter *plotter;
	FILE *gp, *dat;
	char name[PAGE_NAME_MAX];
	char title[PAGE_TITLE_MAX];
};

/* Forget the plots; the files stay. */
void plotter_clear(struct plotter *plotter);

int page_open(struct page *page, struct plotter *plotter, const char *kind,
	      const struct report_cell *cell, struct err *err);
/*
 * "KIND_SUBJECT", whatever is no letter or digit of it made '_'; "_2" and so on
 * follow when there is a plot of that name.
 */
int page_open_named(struct page *page, struct plotter *plotter,
		    const char *kind, const char *subject, struct err *err);
void page_passes(struct page *page);
int page_close(struct page *page, struct err *err);
/* After an error: closes and forgets the page. */
void page_abort(struct page *page);

/* @before, then @text as a quoted string. */
void page_text(FILE *gp, const char *before, const char *text);
/* "# text" as a line of its own, for data files. */
void page_comment(FILE *file, const char *text);
/* "'text' at": one entry of a list of tics. */
void page_tic(FILE *gp, const char *text, double at);
/*
 * Title, axis labels and what all plots have.  A title that a plot places
 * itself goes into page.title instead.
 */
void page_head(struct page *page, const char *title, const char *xlabel,
	       const char *ylabel);

/* Move the key below the axis with its @xlabel: @columns at most. */
void page_key_below(struct page *page, const char *xlabel, unsigned columns);

/* "xge-64bit: WHAT (web.pcap, receive common-copy)". */
char *page_title(const struct plotter *plotter,
		 const struct report_block *block, const char *what, char *buf,
		 size_t size);

/*
 * Style of line @index: neighbours differ in colour, dash and mark, the marks
 * of the first twelve all do, in characters too.
 */
void page_line_style(FILE *gp, size_t index);
/* Fill of part @index of a bar; neighbours differ in grey too. */
void page_fill_style(FILE *gp, size_t index);

#endif
