/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Results that one report is made of, and the report: pictures, one HTML file
 * that needs nothing else, a PDF of the pictures, or characters.
 *
 *	struct report_set set = { 0 };
 *
 *	if (report_set_load(&set, paths, count, &err) < 0)
 *		...
 *	plots = report_set_write(&set, "report", 0, &cut, &err);
 *	report_set_clear(&set);
 *
 * Results of run, compare and sweep are joined into one document; those of
 * other commands (reports/walk.h, study_kinds[]) stand beside it, in the order
 * they were given.  The same results give the same bytes.
 */
#ifndef REPORTS_REPORT_SET_H
#define REPORTS_REPORT_SET_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/err.h"
#include "reports/document.h"

struct study_kind;

struct report_study {
	const struct study_kind *kind;
	json_t *root; /* owned */
};

struct report_set {
	const struct document *doc; /* NULL: none */
	struct document *owned;	    /* the one to free, or NULL */
	struct report_study *studies;
	size_t count;
};

/* ERR_INPUT tells the file, and what is wrong with it where. */
int report_set_load(struct report_set *set, const char *const *paths,
		    size_t count, struct err *err);
void report_set_clear(struct report_set *set);

/* "results.json", "breakeven.json", "ndr-2.json": what to keep study @i as. */
char *report_set_name(const struct report_set *set, size_t i, char *buf,
		      size_t size);

/*
 * Scripts, data and pictures into the directory @dir, as reports/plot.h says.
 * Returns the number of plots; @cut as there.
 */
int report_set_draw(const struct report_set *set, const char *dir, size_t *cut,
		    struct err *err);
/* The same, and index.html; with @pdf plots.pdf too, a page per plot. */
int report_set_write(const struct report_set *set, const char *dir, bool pdf,
		     size_t *cut, struct err *err);
/* In characters to @out; keeps nothing on disk. */
int report_set_ascii(const struct report_set *set, FILE *out, size_t *cut,
		     struct err *err);

#endif
