/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/csv_in.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct csv_in {
	FILE *fp;
	char *path;
	unsigned line;
	int columns;
	char names_text[CSV_IN_LINE_MAX + 2], row_text[CSV_IN_LINE_MAX + 2];
	char *names[CSV_IN_COLUMNS_MAX], *row[CSV_IN_COLUMNS_MAX];
};

int csv_in_error(const struct csv_in *csv, struct err *err, const char *fmt,
		 ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return err_set(err, ERR_INPUT, "%s:%u: %s", csv->path, csv->line, text);
}

/* A line without its end into @text; 1, 0 at the end of the file, -1. */
static int read_line(struct csv_in *csv, char *text, struct err *err)
{
	size_t length;

	errno = 0;
	if (!fgets(text, CSV_IN_LINE_MAX + 2, csv->fp)) {
		if (ferror(csv->fp))
			return err_set(err, ERR_INPUT, "cannot read '%s': %s",
				       csv->path, strerror(errno));
		return 0;
	}
	csv->line++;
	length = strcspn(text, "\n");
	if (!text[length] && !feof(csv->fp))
		return csv_in_error(csv, err,
				    "longer than %d characters, or not text",
				    CSV_IN_LINE_MAX);
	if (length && text[length - 1] == '\r')
		length--;
	text[length] = '\0';
	return 1;
}

/* Take the quotes off the field at @p; returns its end, NULL: no closing one.
 */
static char *unquote(char *p)
{
	char *to = p, *from = p + 1;

	for (; *from; from++) {
		if (*from == '"' && from[1] != '"') {
			*to = '\0';
			return from + 1;
		}
		from += *from == '"';
		*to++ = *from;
	}
	return NULL;
}

/* Number of fields, or -1 with an error. */
static int split(const struct csv_in *csv, char *text, char **fields,
		 struct err *err)
{
	char *p = text;
	int count = 0;

	for (;;) {
		char *end = p + strcspn(p, ",");

		if (count == CSV_IN_COLUMNS_MAX)
			return csv_in_error(csv, err, "more than %d columns",
					    CSV_IN_COLUMNS_MAX);
		fields[count++] = p;
		if (*p == '"') {
			end = unquote(p);
			if (!end || (*end && *end != ','))
				return csv_in_error(
					csv, err, "column %d: unbalanced quote",
					count);
		}
		if (!*end)
			return count;
		*end = '\0';
		p = end + 1;
	}
}

struct csv_in *csv_in_open(const char *path, struct err *err)
{
	struct csv_in *csv = calloc(1, sizeof(*csv));
	int got;

	if (!csv || !(csv->path = strdup(path))) {
		free(csv);
		err_nomem(err, path);
		return NULL;
	}
	csv->fp = fopen(path, "r");
	if (!csv->fp) {
		err_set(err, ERR_INPUT, "cannot open '%s': %s", path,
			strerror(errno));
		csv_in_close(csv);
		return NULL;
	}
	got = read_line(csv, csv->names_text, err);
	if (got > 0)
		got = csv->columns =
			split(csv, csv->names_text, csv->names, err);
	else if (got == 0)
		err_set(err, ERR_INPUT,
			"'%s' is empty; expected a line of column names", path);
	if (got > 0)
		return csv;
	csv_in_close(csv);
	return NULL;
}

void csv_in_close(struct csv_in *csv)
{
	if (!csv)
		return;
	if (csv->fp)
		fclose(csv->fp);
	free(csv->path);
	free(csv);
}

int csv_in_column(const struct csv_in *csv, const char *name)
{
	int i;

	for (i = 0; i < csv->columns; i++)
		if (strcmp(csv->names[i], name) == 0)
			return i;
	return -1;
}

int csv_in_next(struct csv_in *csv, struct err *err)
{
	int got;

	do {
		got = read_line(csv, csv->row_text, err);
	} while (got > 0 && !csv->row_text[0]);
	if (got <= 0)
		return got;
	got = split(csv, csv->row_text, csv->row, err);
	if (got >= 0 && got != csv->columns)
		return csv_in_error(csv, err, "%d fields under %d columns", got,
				    csv->columns);
	return got < 0 ? -1 : 1;
}

const char *csv_in_text(const struct csv_in *csv, int column)
{
	return csv->row[column];
}

int csv_in_number(const struct csv_in *csv, int column, double *value,
		  struct err *err)
{
	const char *text = csv->row[column];
	char *end;

	*value = strtod(text, &end);
	if (end != text && !*end && isfinite(*value) && *value >= 0)
		return 0;
	return csv_in_error(csv, err,
			    "'%s' in column '%s' is no number; write it as 12 "
			    "or 3.5",
			    text, csv->names[column]);
}
