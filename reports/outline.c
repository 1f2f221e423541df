/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* vasprintf() */
#include "reports/outline.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Grow *@array by one zeroed element of @size; NULL without memory. */
static void *grow(struct outline *outline, void **array, size_t *count,
		  size_t size)
{
	size_t room = *count & (*count - 1) ? 0 : 2 * *count + !*count;
	void *bigger = room ? realloc(*array, room * size) : *array;

	if (!bigger) {
		outline->failed = true;
		return NULL;
	}
	*array = bigger;
	memset((char *)bigger + *count * size, 0, size);
	return (char *)bigger + (*count)++ * size;
}

static char *copy(struct outline *outline, const char *text)
{
	char *own = strdup(text);

	if (!own)
		outline->failed = true;
	return own;
}

static struct outline_item *add(struct outline *outline, enum outline_kind kind)
{
	void *array = outline->items;
	struct outline_item *item =
		grow(outline, &array, &outline->count, sizeof(*item));

	if (!item)
		return NULL;
	outline->items = array;
	item->kind = kind;
	return item;
}

static void add_text(struct outline *outline, enum outline_kind kind,
		     unsigned depth, const char *fmt, va_list args)
{
	struct outline_item *item = add(outline, kind);

	if (!item)
		return;
	item->depth = depth;
	if (vasprintf(&item->text, fmt, args) < 0) {
		item->text = NULL;
		outline->failed = true;
	}
}

void outline_headline(struct outline *outline, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_text(outline, OUTLINE_HEADLINE, 0, fmt, args);
	va_end(args);
}

void outline_prose(struct outline *outline, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_text(outline, OUTLINE_PROSE, 0, fmt, args);
	va_end(args);
}

void outline_section(struct outline *outline, unsigned depth, const char *fmt,
		     ...)
{
	va_list args;

	va_start(args, fmt);
	add_text(outline, OUTLINE_SECTION, depth, fmt, args);
	va_end(args);
}

void outline_table(struct outline *outline, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_text(outline, OUTLINE_TABLE, 0, fmt, args);
	va_end(args);
}

void outline_command(struct outline *outline, const char *command)
{
	struct outline_item *item = add(outline, OUTLINE_COMMAND);

	if (item)
		item->text = copy(outline, command);
}

void outline_figure(struct outline *outline, const char *name,
		    const char *title, const char *reading)
{
	struct outline_item *item = add(outline, OUTLINE_FIGURE);

	if (!item)
		return;
	item->name = copy(outline, name);
	item->text = copy(outline, title);
	item->reading = copy(outline, reading);
}

/* The table begun last; NULL after a failed allocation. */
static struct outline_item *table_of(struct outline *outline)
{
	struct outline_item *item =
		outline->count ? &outline->items[outline->count - 1] : NULL;

	if (outline->failed)
		return NULL;
	BUG_ON(!item || item->kind != OUTLINE_TABLE);
	return item;
}

void outline_fold(struct outline *outline)
{
	struct outline_item *table = table_of(outline);

	if (table)
		table->folded = true;
}

void outline_column(struct outline *outline, enum table_align align,
		    const char *head, const char *hint)
{
	struct outline_item *table = table_of(outline);
	struct outline_column *column;
	void *array;

	if (!table)
		return;
	array = table->columns;
	column = grow(outline, &array, &table->column_count, sizeof(*column));
	if (!column)
		return;
	table->columns = array;
	column->align = align;
	column->head = copy(outline, head);
	column->hint = copy(outline, hint);
}

static struct outline_cell *add_cell(struct outline *outline)
{
	struct outline_item *table = table_of(outline);
	struct outline_cell *cell;
	void *array;

	if (!table)
		return NULL;
	array = table->cells;
	cell = grow(outline, &array, &table->cell_count, sizeof(*cell));
	if (cell)
		table->cells = array;
	return cell;
}

void outline_cell(struct outline *outline, const char *text)
{
	struct outline_cell *cell = add_cell(outline);

	if (cell)
		cell->text = copy(outline, text);
}

void outline_cellf(struct outline *outline, const char *fmt, ...)
{
	struct outline_cell *cell = add_cell(outline);
	va_list args;

	if (!cell)
		return;
	va_start(args, fmt);
	if (vasprintf(&cell->text, fmt, args) < 0) {
		cell->text = NULL;
		outline->failed = true;
	}
	va_end(args);
}

void outline_value(struct outline *outline, double value, const char *text,
		   enum cell_mark mark)
{
	struct outline_cell *cell = add_cell(outline);

	if (!cell)
		return;
	cell->text = copy(outline, text);
	cell->number = true;
	cell->value = value;
	cell->mark = mark;
}

int outline_status(const struct outline *outline, struct err *err)
{
	return outline->failed ? err_nomem(err, "report") : 0;
}

void outline_clear(struct outline *outline)
{
	for (size_t i = 0; i < outline->count; i++) {
		struct outline_item *item = &outline->items[i];

		for (size_t j = 0; j < item->column_count; j++) {
			free(item->columns[j].head);
			free(item->columns[j].hint);
		}
		for (size_t j = 0; j < item->cell_count; j++)
			free(item->cells[j].text);
		free(item->columns);
		free(item->cells);
		free(item->text);
		free(item->name);
		free(item->reading);
	}
	free(outline->items);
	*outline = (struct outline){ .items = NULL };
}
