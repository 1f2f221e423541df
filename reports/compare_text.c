/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/compare_text.h"

#include <inttypes.h>
#include <string.h>

#include "core/units.h"
#include "reports/rows.h"
#include "reports/summary.h"
#include "reports/table.h"
#include "reports/text_value.h"
#include "reports/trouble_text.h"

#define COMPARE_WIDTH 120

/* In which blocks a column stands. */
enum where { IN_TX = 1, IN_RX = 2, IN_PAIRS = 4, IN_ALL = 7 };

enum extra {
	PLAIN,
	INTERVAL, /* a column of half widths follows */
	CAPACITY  /* "~" when not confirmed; the limiter follows */
};

struct column {
	const char *header;
	const char *metric, *stat;
	unsigned where;
	enum extra extra;
};

static const struct column columns[] = {
	{ "driver\ncycles\n/frame", "cpu.driver_cycles_per_frame", NULL, IN_ALL,
	  INTERVAL },
	{ "with\nstack", "cpu.total_cycles_per_frame", NULL, IN_ALL, PLAIN },
	{ "capacity", "capacity.rate_bps", NULL, IN_ALL, CAPACITY },
	{ "head-\nroom", "capacity.headroom", NULL, IN_ALL, PLAIN },
	{ "tx w/o\nmoder.\np50", "tx.latency_complete_less_moderation_ps",
	  "p50", IN_TX | IN_PAIRS, PLAIN },
	{ "p99", "tx.latency_complete_less_moderation_ps", "p99",
	  IN_TX | IN_PAIRS, PLAIN },
	{ "rx w/o\nmoder.\np50", "rx.latency_less_moderation_ps", "p50",
	  IN_RX | IN_PAIRS, PLAIN },
	{ "p99", "rx.latency_less_moderation_ps", "p99", IN_RX | IN_PAIRS,
	  PLAIN },
	{ "regs\nmean", "hal.map_registers_in_use", "mean", IN_ALL, PLAIN },
	{ "p99", "hal.map_registers_in_use", "p99", IN_ALL, PLAIN },
	{ "max", "hal.map_registers_in_use", "max", IN_ALL, PLAIN },
	{ "wait", "hal.map_register_waits", NULL, IN_ALL, PLAIN },
	{ "cop-\nied", "cpu.copied_share", NULL, IN_ALL, PLAIN },
	{ "boun-\nced", "hal.bounced_share", NULL, IN_ALL, PLAIN },
	{ "pinned", "memory.pinned_bytes", NULL, IN_ALL, PLAIN },
};
#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

static unsigned where_of(enum block_kind kind)
{
	if (kind == BLOCK_TX)
		return IN_TX;
	return kind == BLOCK_RX ? IN_RX : IN_PAIRS;
}

static void head_columns(struct table *table, unsigned where)
{
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		if (!(columns[i].where & where))
			continue;
		table_column(table, TABLE_RIGHT, columns[i].header);
		if (columns[i].extra == INTERVAL)
			table_column(table, TABLE_RIGHT, "95 %");
		if (columns[i].extra == CAPACITY)
			table_column(table, TABLE_LEFT, "limiter");
	}
	table_column(table, TABLE_RIGHT, "drop ");
	table_column(table, TABLE_LEFT, "");
}

/* tx.dropped_queue_frames, rx.dropped_fifo_frames, ... and tx.failed_frames. */
static bool counts_drops(const char *metric)
{
	const char *name = strchr(metric, '.');
	size_t length = strlen(metric);

	if (!name || length < 7 || strcmp(metric + length - 7, "_frames") != 0)
		return false;
	return strncmp(name, ".dropped_", 9) == 0 ||
	       strcmp(name, ".failed_frames") == 0;
}

/* Why a row is not ranked, by a mark that takes no column. */
static char mark_of(const char *remark)
{
	if (!strcmp(remark, "saturated"))
		return '!';
	return strcmp(remark, "floor") ? ' ' : '^';
}

static void drops_cell(struct table *table, const struct report_row *row)
{
	const json_t *metrics = json_object_get(row->runs[0], "metrics");
	char buf[TEXT_VALUE_MAX];
	const char *name;
	json_t *value;
	double sum = 0;
	bool known = false;

	json_object_foreach((json_t *)(uintptr_t)metrics, name, value) {
		struct aggregate a;

		if (!counts_drops(name))
			continue;
		a = aggregate_of(row, name, NULL);
		known |= a.n > 0;
		sum += a.mean;
	}
	table_cellf(table, "%s%c",
		    known ? units_human(QTY_COUNT, sum, 3, buf, sizeof(buf))
			  : "-",
		    mark_of(report_row_remark(row)));
}

static void figure_cells(struct table *table, const struct column *column,
			 const struct report_row *row,
			 const struct report_block *block)
{
	const struct compared *c = compared_find(column->metric, column->stat);
	struct aggregate a = aggregate_of(row, c->metric, c->stat);
	const struct report_row *best = block ? block_best(block, c) : NULL;
	char buf[TEXT_VALUE_MAX];

	text_aggregate(c, &a, buf, sizeof(buf));
	table_cellf(table, "%s%s%s",
		    column->extra == CAPACITY && a.n &&
				    !report_row_confirmed(row)
			    ? "~"
			    : "",
		    buf,
		    best == row ? "*"
		    : best	? " "
				: "");
	if (best == row)
		table_best(table);
	if (column->extra == INTERVAL)
		table_cell(table, text_interval(c, &a, buf, sizeof(buf)));
	if (column->extra == CAPACITY)
		table_cell(table, report_row_limiter(row));
}

static void row_cells(struct table *table, const struct report_row *row,
		      const struct report_block *block, unsigned where)
{
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		if (columns[i].where & where)
			figure_cells(table, &columns[i], row, block);
	drops_cell(table, row);
	table_cell(table, mark_of(report_row_remark(row)) == ' '
				  ? report_row_remark(row)
				  : "");
}

static bool inapplicable(const struct report_row *row)
{
	return strcmp(row->status, "inapplicable") == 0;
}

static int write_block(const struct report_block *block, FILE *out,
		       struct err *err)
{
	static const char *const titles[] = { "transmit", "receive",
					      "transmit + receive" };
	struct table *table = table_new(err);
	unsigned where = where_of(block->kind);
	char name[REPORT_ROW_NAME_MAX], reason[600];
	int failed;

	if (!table)
		return -1;
	table_fit(table, COMPARE_WIDTH);
	table_column(table, TABLE_LEFT, titles[block->kind]);
	head_columns(table, where);
	for (size_t i = 0; i < block->count; i++) {
		const struct report_row *row = block->rows[i];

		report_row_name(block, row, name, sizeof(name));
		if (inapplicable(row)) {
			snprintf(reason, sizeof(reason), "inapplicable: %s",
				 row->reason);
			table_line(table, name, reason);
			continue;
		}
		table_cell(table, name);
		row_cells(table, row, block, where);
	}
	if (block->fixed)
		fprintf(out, "\n%s strategies, with %s %s:\n",
			titles[block->kind],
			block->kind == BLOCK_TX ? "receive" : "transmit",
			block->fixed);
	else
		fputc('\n', out);
	failed = table_print(table, out, err);
	table_free(table);
	return failed;
}

static void write_notes(const json_t *root, const char *machine, FILE *out)
{
	const char *note;
	size_t at = 0;

	while ((note = report_note(root, machine, &at)))
		fprintf(out, "note: %s\n", note);
}

static int write_cell(const json_t *root, const struct report_cell *cell,
		      FILE *out, struct err *err)
{
	const json_t *trace =
		json_array_get(json_object_get(root, "traces"), cell->trace);
	struct report_blocks blocks;
	char text[TEXT_TRACE_MAX];
	int failed;

	if (report_blocks_init(&blocks, cell, err) < 0)
		return -1;
	fprintf(out, "machine %s\n%s\n", cell->machine,
		text_trace(trace, text, sizeof(text)));
	failed = 0;
	for (size_t i = 0; i < blocks.count && !failed; i++)
		failed = write_block(&blocks.block[i], out, err);
	report_blocks_clear(&blocks);
	trouble_text_write(cell, out);
	write_notes(root, cell->machine, out);
	fputc('\n', out);
	return failed;
}

static void axis_names(const struct report_cells *cells, struct table *table)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)cells->cells[0].axes, key,
			    value)
		if (!report_axis_is_column(key))
			table_column(table, TABLE_LEFT, key);
}

static void axis_cells(const struct report_cells *cells, const json_t *axes,
		       struct table *table)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)cells->cells[0].axes, key,
			    value)
		if (!report_axis_is_column(key))
			table_cell(table, tree_string(axes, key, "-"));
}

static void flat_row(struct table *table, const struct report_cells *cells,
		     const struct report_cell *cell,
		     const struct report_row *row)
{
	axis_cells(cells, cell->axes, table);
	table_cell(table, cell->machine);
	table_cell(table, row->tx);
	table_cell(table, row->rx);
	row_cells(table, row, NULL, IN_PAIRS);
	if (inapplicable(row))
		table_line(table, "", row->reason);
}

static int write_flat(const json_t *root, const struct report_cells *cells,
		      FILE *out, struct err *err)
{
	const json_t *traces = json_object_get(root, "traces");
	struct table *table = table_new(err);
	char text[TEXT_TRACE_MAX];
	const json_t *trace;
	size_t i, j;
	int failed;

	if (!table)
		return -1;
	axis_names(cells, table);
	table_column(table, TABLE_LEFT, "machine");
	table_column(table, TABLE_LEFT, "tx");
	table_column(table, TABLE_LEFT, "rx");
	head_columns(table, IN_PAIRS);
	json_array_foreach(traces, i, trace)
		fprintf(out, "%s\n", text_trace(trace, text, sizeof(text)));
	for (i = 0; i < cells->count; i++)
		for (j = 0; j < cells->cells[i].row_count; j++)
			flat_row(table, cells, &cells->cells[i],
				 &cells->cells[i].rows[j]);
	failed = table_print(table, out, err);
	table_free(table);
	for (i = 0; i < cells->count; i++)
		trouble_text_write(&cells->cells[i], out);
	return failed;
}

static size_t replicates(const struct report_cells *cells)
{
	size_t most = 0;

	for (size_t i = 0; i < cells->count; i++)
		for (size_t j = 0; j < cells->cells[i].row_count; j++)
			if (cells->cells[i].rows[j].run_count > most)
				most = cells->cells[i].rows[j].run_count;
	return most;
}

static void write_legend(const struct report_cells *cells, FILE *out)
{
	size_t n = replicates(cells);

	if (n >= 2)
		fprintf(out,
			"* best: better than every other ranked row, paired "
			"differences outside their 95 %% interval (%zu "
			"replicates)\n",
			n);
	else
		fputs("one replicate has no interval: nothing is marked best\n",
		      out);
	fputs("~ no resource is busy all the time there: the highest rate, to "
	      "2 %, that short runs carried without loss;\n"
	      "  limiter: what ran dry above; headroom is capacity over "
	      "offered load\n"
	      "! saturated: latencies are the length of a queue, not ranked; "
	      "^ a bound, not ranked\n",
	      out);
}

int compare_text_write(const struct document *doc, FILE *out, struct err *err)
{
	const json_t *root = document_tree(doc);
	struct report_cells cells;
	int failed = 0;

	if (report_cells_init(&cells, root, err) < 0)
		return -1;
	if (cells.count && cells.cells[0].axes)
		failed = write_flat(root, &cells, out, err);
	else
		for (size_t i = 0; i < cells.count && !failed; i++)
			failed = write_cell(root, &cells.cells[i], out, err);
	if (!failed && cells.count) {
		write_notes(root, NULL, out);
		write_legend(&cells, out);
	}
	report_cells_clear(&cells);
	return failed;
}
