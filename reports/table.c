/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/style.h"

#define COLUMNS_MAX 48
#define CELL_MAX    512

struct table_cell {
	char *text;
	bool spanning; /* over the rest of its row */
	enum style style;
};

struct table {
	enum table_align align[COLUMNS_MAX];
	char *header[COLUMNS_MAX];
	size_t columns;
	struct table_cell *cells;
	size_t count, room;
	size_t fit; /* width to keep to, 0: none */
	bool failed;
};

struct table *table_new(struct err *err)
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table)
		err_nomem(err, "text table");
	return table;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->columns; i++)
		free(table->header[i]);
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i].text);
	free(table->cells);
	free(table);
}

void table_fit(struct table *table, size_t width)
{
	table->fit = width;
}

void table_column(struct table *table, enum table_align align,
		  const char *header)
{
	BUG_ON(table->columns == COLUMNS_MAX || table->count);
	table->align[table->columns] = align;
	table->header[table->columns] = strdup(header);
	if (table->header[table->columns])
		table->columns++;
	else
		table->failed = true;
}

static void add_cell(struct table *table, const char *text, bool spanning)
{
	char *copy = strdup(text);

	if (table->count == table->room) {
		size_t room = table->room ? 2 * table->room : 256;
		void *cells =
			realloc(table->cells, room * sizeof(*table->cells));

		if (cells) {
			table->cells = cells;
			table->room = room;
		}
	}
	if (!copy || table->count == table->room) {
		free(copy);
		table->failed = true;
		return;
	}
	table->cells[table->count++] =
		(struct table_cell){ .text = copy, .spanning = spanning };
}

void table_cell(struct table *table, const char *text)
{
	add_cell(table, text, false);
}

void table_cellf(struct table *table, const char *fmt, ...)
{
	char text[CELL_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	add_cell(table, text, false);
}

void table_best(struct table *table)
{
	if (table->count)
		table->cells[table->count - 1].style = STYLE_BEST;
}

void table_line(struct table *table, const char *first, const char *text)
{
	BUG_ON(!table->failed &&
	       (table->columns < 2 || table->count % table->columns));
	add_cell(table, first, false);
	add_cell(table, text, true);
	for (size_t i = 2; i < table->columns; i++)
		add_cell(table, "", false);
}

/* Code points of the first @length bytes. */
static size_t width_of(const char *text, size_t length)
{
	size_t width = 0;

	for (size_t i = 0; i < length; i++)
		width += ((unsigned char)text[i] & 0xc0) != 0x80;
	return width;
}

static size_t line_count(const char *text)
{
	size_t lines = 1;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

/* Line @index of @text; its length, 0 and "" past the end. */
static const char *line_at(const char *text, size_t index, size_t *length)
{
	while (index-- && *text) {
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	*length = strcspn(text, "\n");
	return text;
}

static void measure(const struct table *table, size_t *widths,
		    size_t *head_lines)
{
	size_t length;

	*head_lines = 1;
	for (size_t i = 0; i < table->columns; i++) {
		size_t lines = line_count(table->header[i]);

		widths[i] = 0;
		if (lines > *head_lines)
			*head_lines = lines;
		for (size_t j = 0; j < lines; j++) {
			const char *text =
				line_at(table->header[i], j, &length);
			size_t width = width_of(text, length);

			if (width > widths[i])
				widths[i] = width;
		}
	}
	for (size_t i = 0; i < table->count; i++) {
		const struct table_cell *cell = &table->cells[i];
		size_t width = width_of(cell->text, strlen(cell->text));

		if (!cell->spanning && width > widths[i % table->columns])
			widths[i % table->columns] = width;
	}
}

/* A row being printed: blanks are owed until something follows them. */
struct line {
	FILE *out;
	size_t owed, gap;
};

static void put_cell(struct line *line, enum table_align align, size_t width,
		     enum style style, const char *text, size_t length)
{
	size_t used = width_of(text, length);
	size_t blank = used < width ? width - used : 0, after = 0;

	while (length && text[length - 1] == ' ') {
		length--;
		after++;
	}
	if (align == TABLE_RIGHT)
		line->owed += blank;
	if (length) {
		fprintf(line->out, "%*s%s%.*s%s", (int)line->owed, "",
			style_begin(style), (int)length, text,
			style_end(style));
		line->owed = after;
	} else {
		line->owed += used;
	}
	if (align == TABLE_LEFT)
		line->owed += blank;
	line->owed += line->gap;
}

static size_t gap_of(const struct table *table, const size_t *widths)
{
	size_t width = 0;

	for (size_t i = 0; i < table->columns; i++)
		width += widths[i] + (i ? 2 : 0);
	return table->fit && width > table->fit ? 1 : 2;
}

static void print_head(const struct table *table, const size_t *widths,
		       size_t head_lines, FILE *out)
{
	for (size_t row = 0; row < head_lines; row++) {
		struct line line = { .out = out, .gap = gap_of(table, widths) };

		for (size_t i = 0; i < table->columns; i++) {
			size_t lines = line_count(table->header[i]), length = 0;
			size_t skip = head_lines - lines;
			const char *text = "";

			if (row >= skip)
				text = line_at(table->header[i], row - skip,
					       &length);
			put_cell(&line, table->align[i], widths[i], STYLE_HEAD,
				 text, length);
		}
		fputc('\n', out);
	}
}

int table_print(const struct table *table, FILE *out, struct err *err)
{
	size_t widths[COLUMNS_MAX], head_lines, i;
	struct line line = { .out = out };

	if (table->failed)
		return err_nomem(err, "text table");
	BUG_ON(table->count % table->columns);
	measure(table, widths, &head_lines);
	print_head(table, widths, head_lines, out);
	line.gap = gap_of(table, widths);
	for (i = 0; i < table->count; i++) {
		const struct table_cell *cell = &table->cells[i];
		size_t column = i % table->columns;

		if (column == 0)
			line.owed = 0;
		put_cell(&line,
			 cell->spanning ? TABLE_LEFT : table->align[column],
			 cell->spanning ? 0 : widths[column], cell->style,
			 cell->text, strlen(cell->text));
		if (column + 1 == table->columns)
			fputc('\n', out);
	}
	if (ferror(out))
		return err_set(err, ERR_IO, "cannot write the table: %s",
			       strerror(errno));
	return 0;
}
