/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs put together the way people compare them.
 *
 * A cell is what has the same trace, machine and axis values; its rows are the
 * pairs of strategies met there, each with its replicates; a block is a set of
 * rows that differ in one thing:
 *
 *	cell xge-64bit, web.pcap
 *	  block tx (receive common-copy): ndis6-sg, ndis6-hybrid, ndis6-copy
 *	  block rx (transmit ndis6-sg): common-copy, copybreak, sg
 *
 * Rows that vary in both at once (a cross product) are one block of all pairs.
 * Order is the document's throughout.  Everything borrows from the tree.
 */
#ifndef REPORTS_ROWS_H
#define REPORTS_ROWS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

struct report_row {
	const char *tx, *rx;
	const json_t **runs; /* the replicates */
	size_t run_count;
	const char *status; /* the worst of its runs */
	const char *reason; /* why it is inapplicable, or "" */
	bool floor;	    /* a bound, shown and not ranked */
	bool ranked;	    /* ran to the end, not saturated, no floor */
};

struct report_cell {
	const char *machine;
	size_t trace;
	const json_t *axes; /* NULL: none */
	struct report_row *rows;
	size_t row_count;
};

struct report_cells {
	struct report_cell *cells;
	size_t count;
};

enum block_kind { BLOCK_TX, BLOCK_RX, BLOCK_PAIRS };

struct report_block {
	enum block_kind kind;
	const struct report_cell *cell;
	const char *fixed; /* the strategy of the other side; NULL for pairs */
	const struct report_row **rows;
	size_t count;
};

struct report_blocks {
	struct report_block block[2];
	size_t count;
};

int report_cells_init(struct report_cells *cells, const json_t *root,
		      struct err *err);
void report_cells_clear(struct report_cells *cells);

int report_blocks_init(struct report_blocks *blocks,
		       const struct report_cell *cell, struct err *err);
void report_blocks_clear(struct report_blocks *blocks);

/* Whether an axis is one of a row's own columns: machine, tx or rx. */
bool report_axis_is_column(const char *key);

/* What a row is called inside its block: "ndis6-sg", "ndis6-sg + sg". */
char *report_row_name(const struct report_block *block,
		      const struct report_row *row, char *buf, size_t size);
#define REPORT_ROW_NAME_MAX 96

/*
 * The texts of the notes about @machine, with NULL of those about none: the
 * first with *@at 0, then the next; NULL after the last.
 */
const char *report_note(const json_t *root, const char *machine, size_t *at);

/* "" for a row that ran to its end and may be ranked, else what it is. */
const char *report_row_remark(const struct report_row *row);
/* The resource that limits its capacity, "-" when that is not known. */
const char *report_row_limiter(const struct report_row *row);
/* Whether every replicate that has a capacity had it confirmed. */
bool report_row_confirmed(const struct report_row *row);

#endif
