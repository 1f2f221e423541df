/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text tables: columns as wide as their widest cell, two blanks between,
 * trailing blanks removed.
 *
 *	table = table_new(&err);
 *	table_column(table, TABLE_LEFT, "strategy");
 *	table_column(table, TABLE_RIGHT, "driver\ncycles");
 *	table_cell(table, "ndis6-sg");
 *	table_cell(table, "1234");
 *	failed = table_print(table, out, &err);
 *	table_free(table);
 *
 * A header may have several lines; they stand at the bottom of the head.  Cells
 * fill rows from the left, a full row begins the next; a line of free text may
 * stand between rows.  Widths count code points: text is UTF-8.  Allocation
 * failures are kept and reported by table_print().
 */
#ifndef REPORTS_TABLE_H
#define REPORTS_TABLE_H

#include <stdio.h>

#include "core/err.h"

enum table_align { TABLE_LEFT, TABLE_RIGHT };

struct table;

struct table *table_new(struct err *err);
void table_free(struct table *table);
/* All columns before the first cell. */
void table_column(struct table *table, enum table_align align,
		  const char *header);
void table_cell(struct table *table, const char *text);
void table_cellf(struct table *table, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The last cell is the best of its column; see reports/style.h. */
void table_best(struct table *table);
/* One blank between columns, not two, in a table wider than @width. */
void table_fit(struct table *table, size_t width);
/* Between rows only: @first in the first column, @text over the others. */
void table_line(struct table *table, const char *first, const char *text);
int table_print(const struct table *table, FILE *out, struct err *err);

#endif
