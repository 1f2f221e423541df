/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Horizontal bars, one per strategy, stacked of parts, with a text at the end.
 */
#ifndef REPORTS_PLOT_BARS_H
#define REPORTS_PLOT_BARS_H

#include "reports/plot_page.h"

#define BAR_PARTS 11 /* the last holds "other" when there are more */

struct bar {
	char name[REPORT_ROW_NAME_MAX];
	double part[BAR_PARTS];
	char label[96];
};

struct bars {
	const char *title, *xlabel;
	char part_name[BAR_PARTS][64];
	size_t parts;
	struct bar *bar;
	size_t count;
};

int bars_draw(struct plotter *plotter, const char *kind,
	      const struct report_cell *cell, const struct bars *bars,
	      struct err *err);

/*
 * Named amounts of every bar, boiled down to BAR_PARTS parts: the largest keep
 * their name and order, the rest is "other".
 *
 *	stack_init(&stack, rows);
 *	stack_add(&stack, row, "map", 1.5);
 *	stack_bars(&stack, &bars);
 *	stack_clear(&stack);
 */
struct stack {
	size_t rows;
	size_t count, room;
	char (*names)[64];
	double *values; /* count x rows */
	bool failed;	/* an allocation did */
};

void stack_init(struct stack *stack, size_t rows);
void stack_add(struct stack *stack, size_t row, const char *name, double value);
/*
 * Add at most @limit parts to @bars, behind those it has; its bar array has
 * stack.rows elements.
 */
void stack_bars(const struct stack *stack, size_t limit, struct bars *bars);
void stack_clear(struct stack *stack);

#endif
