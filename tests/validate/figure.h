/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Figures: what validation says of the models, one number each, and what it
 * said when they were last committed.
 *
 *	figure(&figures, 5, "%", "bandwidth.rd.%s", host)->value = mape;
 *	...
 *	bad = figures_compare(&figures, "docs/validation.tsv", stdout);
 *
 * All are errors or counts of errors: less is better, zero is perfect.
 */
#ifndef TESTS_VALIDATE_FIGURE_H
#define TESTS_VALIDATE_FIGURE_H

#include <stdio.h>

#include "core/err.h"

#define FIGURES_MAX 128

struct figure {
	char name[48];
	const char *unit; /* "%", "ns", "points", ... */
	double value;
	double limit;	  /* that it should keep; NAN: none was set */
	double committed; /* NAN: not among the committed */
};

struct figures {
	struct figure list[FIGURES_MAX];
	unsigned count;
};

/* A new one; @unit lives forever. */
struct figure *figure(struct figures *figures, double limit, const char *unit,
		      const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* A table of two decimals and tabs; -1 with an error. */
int figures_save(const struct figures *figures, const char *path,
		 struct err *err);
int figures_load(struct figures *figures, const char *path, struct err *err);
/*
 * Print committed, achieved, limit; returns how many are worse than committed
 * by more than the last digit printed, or are not committed.
 */
unsigned figures_compare(const struct figures *figures, FILE *out);
/* The same as Markdown, without what was committed. */
void figures_markdown(const struct figures *figures, FILE *out);

#endif
