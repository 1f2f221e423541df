/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading tables: comma-separated values under a line of column names.
 *
 *	struct csv_in *csv = csv_in_open("copies.csv", &err);
 *	int bytes = csv_in_column(csv, "bytes");
 *
 *	while ((more = csv_in_next(csv, &err)) > 0)
 *		if (csv_in_number(csv, bytes, &value, &err) < 0)
 *			...
 *	csv_in_close(csv);
 *
 * A field may stand in double quotes, two of them for one inside.  Errors name
 * file and line.  Limits: a line has at most CSV_IN_LINE_MAX characters, a
 * table CSV_IN_COLUMNS_MAX columns; a quoted field ends on its line.
 */
#ifndef CMD_CSV_IN_H
#define CMD_CSV_IN_H

#include "core/err.h"

#define CSV_IN_LINE_MAX	   4000
#define CSV_IN_COLUMNS_MAX 64

struct csv_in;

/* Reads the names too; ERR_INPUT when there are none. */
struct csv_in *csv_in_open(const char *path, struct err *err);
void csv_in_close(struct csv_in *csv);

/* Index of a column, -1: the table has none of that name. */
int csv_in_column(const struct csv_in *csv, const char *name);

/* 1: the next row is there; 0: no more; -1 with an error. */
int csv_in_next(struct csv_in *csv, struct err *err);
/* Of the row at hand; valid until the next one. */
const char *csv_in_text(const struct csv_in *csv, int column);
/* A finite number that is not negative. */
int csv_in_number(const struct csv_in *csv, int column, double *value,
		  struct err *err);
/* ERR_INPUT: "FILE:LINE: ..." of the row at hand. */
int csv_in_error(const struct csv_in *csv, struct err *err, const char *fmt,
		 ...) __attribute__((format(printf, 3, 4)));

#endif
