/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a report says, in order, before anyone decides how it looks: headlines,
 * sections, sentences, tables and figures.
 *
 *	outline_section(o, 2, "machine %s", name);
 *	outline_table(o, "transmit strategies");
 *	outline_column(o, TABLE_LEFT, "strategy", "");
 *	outline_column(o, TABLE_RIGHT, "cycles", "per frame");
 *	outline_cell(o, "ndis6-sg");
 *	outline_value(o, 1234, "1234", CELL_BEST);
 *	outline_figure(o, "cycles_tx_m", "cycles per frame", "shorter is ...");
 *	return outline_status(o, err);
 *
 * Cells fill rows from the left, as those of reports/table.h.  Texts are
 * copied and are plain: a writer escapes them.  Allocation failures are kept
 * and reported by outline_status().
 */
#ifndef REPORTS_OUTLINE_H
#define REPORTS_OUTLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "reports/table.h"

enum outline_kind {
	OUTLINE_HEADLINE, /* an answer, shown at the top */
	OUTLINE_SECTION,
	OUTLINE_PROSE,
	OUTLINE_COMMAND, /* what to type */
	OUTLINE_TABLE,
	OUTLINE_FIGURE,
};

enum cell_mark { CELL_PLAIN, CELL_BEST, CELL_BAD };

struct outline_column {
	enum table_align align;
	char *head, *hint; /* @hint: what it means, may be "" */
};

struct outline_cell {
	char *text;
	bool number; /* sorts by @value */
	double value;
	enum cell_mark mark;
};

struct outline_item {
	enum outline_kind kind;
	unsigned depth; /* of a section: 2, 3 */
	bool folded;	/* a table shown on demand */
	char *text;	/* title, sentence, caption */
	char *name;	/* of a figure: its file without .svg */
	char *reading;	/* of a figure: how to read it */
	struct outline_column *columns;
	size_t column_count;
	struct outline_cell *cells;
	size_t cell_count;
};

struct outline {
	struct outline_item *items;
	size_t count;
	bool failed;
};

void outline_clear(struct outline *outline);
/* 0, or -1 with the out-of-memory error when anything was lost. */
int outline_status(const struct outline *outline, struct err *err);

#define OUTLINE_FMT __attribute__((format(printf, 2, 3)))
void outline_headline(struct outline *outline, const char *fmt,
		      ...) OUTLINE_FMT;
void outline_prose(struct outline *outline, const char *fmt, ...) OUTLINE_FMT;
void outline_command(struct outline *outline, const char *command);
void outline_section(struct outline *outline, unsigned depth, const char *fmt,
		     ...) __attribute__((format(printf, 3, 4)));
void outline_table(struct outline *outline, const char *fmt, ...) OUTLINE_FMT;
/* The table begun last is long and rarely read. */
void outline_fold(struct outline *outline);
void outline_column(struct outline *outline, enum table_align align,
		    const char *head, const char *hint);
void outline_cell(struct outline *outline, const char *text);
void outline_cellf(struct outline *outline, const char *fmt, ...) OUTLINE_FMT;
/* @value is what the column is sorted by. */
void outline_value(struct outline *outline, double value, const char *text,
		   enum cell_mark mark);
void outline_figure(struct outline *outline, const char *name,
		    const char *title, const char *reading);

#endif
