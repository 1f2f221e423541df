/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/tree.h"

static bool same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* Grow *@array by one zeroed element of @size; NULL without memory. */
static void *grow(void **array, size_t *count, size_t size)
{
	void *bigger = realloc(*array, (*count + 1) * size);

	if (!bigger)
		return NULL;
	*array = bigger;
	memset((char *)bigger + *count * size, 0, size);
	return (char *)bigger + (*count)++ * size;
}

static struct report_cell *cell_of(struct report_cells *cells,
				   const json_t *run)
{
	const char *machine = tree_string(run, "machine", "");
	size_t trace = (size_t)tree_count(run, "trace");
	const json_t *axes = json_object_get(run, "axes");
	struct report_cell *cell;
	void *array = cells->cells;

	for (size_t i = 0; i < cells->count; i++) {
		cell = &cells->cells[i];
		if (cell->trace == trace && same(cell->machine, machine) &&
		    (cell->axes == axes || json_equal(cell->axes, axes)))
			return cell;
	}
	cell = grow(&array, &cells->count, sizeof(*cell));
	if (!cell)
		return NULL;
	cells->cells = array;
	cell->machine = machine;
	cell->trace = trace;
	cell->axes = axes;
	return cell;
}

static struct report_row *row_of(struct report_cell *cell, const json_t *run)
{
	const char *tx = tree_string(run, "tx", "");
	const char *rx = tree_string(run, "rx", "");
	struct report_row *row;
	void *array = cell->rows;

	for (size_t i = 0; i < cell->row_count; i++) {
		row = &cell->rows[i];
		if (same(row->tx, tx) && same(row->rx, rx))
			return row;
	}
	row = grow(&array, &cell->row_count, sizeof(*row));
	if (!row)
		return NULL;
	cell->rows = array;
	row->tx = tx;
	row->rx = rx;
	row->status = "complete";
	row->reason = "";
	return row;
}

/* How bad a status is: a row shows the worst of its replicates. */
static int severity(const char *status)
{
	static const char *const order[] = { "complete",  "cut",
					     "saturated", "interrupted",
					     "deadlock",  "inapplicable",
					     "failed" };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (same(order[i], status))
			return (int)i;
	return 1;
}

static bool row_add(struct report_row *row, const json_t *run)
{
	const char *status = tree_string(run, "status", "complete");
	void *array = row->runs;
	const json_t **slot = grow(&array, &row->run_count, sizeof(*slot));

	if (!slot)
		return false;
	row->runs = array;
	*slot = run;
	if (severity(status) > severity(row->status))
		row->status = status;
	row->reason = tree_string(run, "reason", row->reason);
	row->floor = same(tree_string(run, "role", ""), "floor");
	row->ranked = !row->floor && severity(row->status) < 2;
	return true;
}

int report_cells_init(struct report_cells *cells, const json_t *root,
		      struct err *err)
{
	const json_t *run;
	size_t i;

	*cells = (struct report_cells){ 0 };
	json_array_foreach(json_object_get(root, "runs"), i, run) {
		struct report_cell *cell = cell_of(cells, run);
		struct report_row *row = cell ? row_of(cell, run) : NULL;

		if (!row || !row_add(row, run)) {
			report_cells_clear(cells);
			return err_nomem(err, "rows of the report");
		}
	}
	return 0;
}

void report_cells_clear(struct report_cells *cells)
{
	for (size_t i = 0; i < cells->count; i++) {
		struct report_cell *cell = &cells->cells[i];

		for (size_t j = 0; j < cell->row_count; j++)
			free(cell->rows[j].runs);
		free(cell->rows);
	}
	free(cells->cells);
	*cells = (struct report_cells){ 0 };
}

/* The row all others share a side with, or NULL. */
static const struct report_row *centre_of(const struct report_cell *cell)
{
	for (size_t i = 0; i < cell->row_count; i++) {
		const struct report_row *c = &cell->rows[i];
		size_t near = 0;

		for (size_t j = 0; j < cell->row_count; j++)
			near += same(cell->rows[j].tx, c->tx) ||
				same(cell->rows[j].rx, c->rx);
		if (near == cell->row_count)
			return c;
	}
	return NULL;
}

static bool belongs(const struct report_row *row, enum block_kind kind,
		    const struct report_row *centre)
{
	if (kind == BLOCK_TX)
		return same(row->rx, centre->rx);
	if (kind == BLOCK_RX)
		return same(row->tx, centre->tx);
	return true;
}

static int add_block(struct report_blocks *blocks,
		     const struct report_cell *cell, enum block_kind kind,
		     const struct report_row *centre, struct err *err)
{
	struct report_block *block = &blocks->block[blocks->count];

	*block = (struct report_block){ .kind = kind, .cell = cell };
	if (kind != BLOCK_PAIRS)
		block->fixed = kind == BLOCK_TX ? centre->rx : centre->tx;
	block->rows = calloc(cell->row_count, sizeof(struct report_row *));
	if (!block->rows)
		return err_nomem(err, "rows of the report");
	blocks->count++;
	for (size_t i = 0; i < cell->row_count; i++)
		if (belongs(&cell->rows[i], kind, centre))
			block->rows[block->count++] = &cell->rows[i];
	return 0;
}

static size_t members(const struct report_cell *cell, enum block_kind kind,
		      const struct report_row *centre)
{
	size_t count = 0;

	for (size_t i = 0; i < cell->row_count; i++)
		count += belongs(&cell->rows[i], kind, centre);
	return count;
}

int report_blocks_init(struct report_blocks *blocks,
		       const struct report_cell *cell, struct err *err)
{
	const struct report_row *centre = centre_of(cell);
	int failed = 0;

	*blocks = (struct report_blocks){ 0 };
	if (!centre)
		return add_block(blocks, cell, BLOCK_PAIRS, NULL, err);
	if (members(cell, BLOCK_TX, centre) > 1 || cell->row_count == 1)
		failed = add_block(blocks, cell, BLOCK_TX, centre, err);
	if (!failed && members(cell, BLOCK_RX, centre) > 1)
		failed = add_block(blocks, cell, BLOCK_RX, centre, err);
	if (failed)
		report_blocks_clear(blocks);
	return failed;
}

void report_blocks_clear(struct report_blocks *blocks)
{
	for (size_t i = 0; i < blocks->count; i++)
		free(blocks->block[i].rows);
	*blocks = (struct report_blocks){ 0 };
}

bool report_axis_is_column(const char *key)
{
	return same(key, "machine") || same(key, "tx") || same(key, "rx");
}

char *report_row_name(const struct report_block *block,
		      const struct report_row *row, char *buf, size_t size)
{
	if (block->kind == BLOCK_PAIRS)
		snprintf(buf, size, "%s + %s", row->tx, row->rx);
	else
		snprintf(buf, size, "%s",
			 block->kind == BLOCK_TX ? row->tx : row->rx);
	return buf;
}

const char *report_note(const json_t *root, const char *machine, size_t *at)
{
	const json_t *notes =
		json_object_get(json_object_get(root, "summary"), "notes");

	while (*at < json_array_size(notes)) {
		const json_t *note = json_array_get(notes, (*at)++);
		const char *own = tree_string(note, "machine", NULL);

		if (machine ? own && strcmp(own, machine) == 0 : !own)
			return tree_string(note, "text", "");
	}
	return NULL;
}

const char *report_row_remark(const struct report_row *row)
{
	if (!same(row->status, "complete"))
		return row->status;
	return row->floor ? "floor" : "";
}

const char *report_row_limiter(const struct report_row *row)
{
	for (size_t i = 0; i < row->run_count; i++) {
		const char *name =
			tree_string(json_object_get(row->runs[i], "capacity"),
				    "limiter", NULL);

		if (name)
			return name;
	}
	return "-";
}

bool report_row_confirmed(const struct report_row *row)
{
	for (size_t i = 0; i < row->run_count; i++) {
		const json_t *capacity =
			json_object_get(row->runs[i], "capacity");

		if (capacity &&
		    !json_is_true(json_object_get(capacity, "confirmed")))
			return false;
	}
	return true;
}
