/* SPDX-License-Identifier: Apache-2.0 */
/* A machine's comparison: the answer, the table, the plots. */
#include <stdio.h>
#include <string.h>

#include "reports/plot_kinds.h"
#include "reports/text_value.h"
#include "reports/tree.h"
#include "reports/walk.h"

/* In which blocks a column stands, and whether with its interval. */
enum where { IN_TX = 1, IN_RX = 2, IN_PAIRS = 4, IN_ALL = 7, INTERVAL = 8 };

struct column {
	const char *head, *hint, *metric, *stat;
	unsigned where;
};

#define TX_LATENCY "tx.latency_complete_less_moderation_ps"
#define RX_LATENCY "rx.latency_less_moderation_ps"

static const struct column columns[] = {
	{ "driver cycles", "per frame", "cpu.driver_cycles_per_frame", NULL,
	  IN_ALL | INTERVAL },
	{ "with stack", "cycles per frame", "cpu.total_cycles_per_frame", NULL,
	  IN_ALL },
	{ "capacity", "bits per second", "capacity.rate_bps", NULL, IN_ALL },
	{ "headroom", "over the load", "capacity.headroom", NULL, IN_ALL },
	{ "transmit p50", "less moderation", TX_LATENCY, "p50",
	  IN_TX | IN_PAIRS | INTERVAL },
	{ "transmit p99", "less moderation", TX_LATENCY, "p99",
	  IN_TX | IN_PAIRS | INTERVAL },
	{ "receive p50", "less moderation", RX_LATENCY, "p50",
	  IN_RX | IN_PAIRS | INTERVAL },
	{ "receive p99", "less moderation", RX_LATENCY, "p99",
	  IN_RX | IN_PAIRS | INTERVAL },
	{ "registers mean", "in use", "hal.map_registers_in_use", "mean",
	  IN_ALL },
	{ "registers max", "in use", "hal.map_registers_in_use", "max",
	  IN_ALL },
	{ "waits", "for registers", "hal.map_register_waits", NULL, IN_ALL },
	{ "copied", "by the driver", "cpu.copied_share", NULL, IN_ALL },
	{ "bounced", "by the DMA layer", "hal.bounced_share", NULL, IN_ALL },
	{ "pinned", "memory", "memory.pinned_bytes", NULL, IN_ALL },
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static const char *const sides[] = { "transmit", "receive",
				     "transmit and receive" };

static void heads(struct outline *o, unsigned where)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		if (!(columns[i].where & where))
			continue;
		outline_column(o, TABLE_RIGHT, columns[i].head,
			       columns[i].hint);
		if (!strcmp(columns[i].metric, "capacity.rate_bps"))
			outline_column(o, TABLE_LEFT, "limiter",
				       "gives out first");
	}
	outline_column(o, TABLE_LEFT, "remark", "");
}

static void add_figures(struct walk *walk, const struct report_row *row,
			const struct report_block *block, unsigned where)
{
	struct outline *o = &walk->outline;

	for (size_t i = 0; i < COLUMNS; i++) {
		if (!(columns[i].where & where))
			continue;
		walk_aggregate(
			walk, row, block,
			compared_find(columns[i].metric, columns[i].stat),
			columns[i].where & INTERVAL);
		if (!strcmp(columns[i].metric, "capacity.rate_bps"))
			outline_cell(o, report_row_limiter(row));
	}
	if (row->reason[0])
		outline_cellf(o, "%s: %s", row->status, row->reason);
	else
		outline_cell(o, report_row_remark(row));
}

static void add_table(struct walk *walk, const struct report_block *block)
{
	static const unsigned wheres[] = { IN_TX, IN_RX, IN_PAIRS };
	struct outline *o = &walk->outline;
	char name[REPORT_ROW_NAME_MAX];

	if (block->fixed)
		outline_table(o, "%s strategies, each with %s %s",
			      block->kind == BLOCK_TX ? "Transmit" : "Receive",
			      block->kind == BLOCK_TX ? "receive" : "transmit",
			      block->fixed);
	else
		outline_table(o, "Pairs of strategies");
	outline_column(o, TABLE_LEFT, sides[block->kind], "strategy");
	heads(o, wheres[block->kind]);
	for (size_t i = 0; i < block->count; i++) {
		outline_cell(o, report_row_name(block, block->rows[i], name,
						sizeof(name)));
		add_figures(walk, block->rows[i], block, wheres[block->kind]);
	}
}

/* The ranked row with the lowest mean of @compared, other than @not. */
static const struct report_row *lowest(const struct report_block *block,
				       const struct compared *compared,
				       const struct report_row * not )
{
	const struct report_row *found = NULL;
	double least = 0;

	for (size_t i = 0; i < block->count; i++) {
		const struct report_row *row = block->rows[i];
		struct aggregate a =
			aggregate_of(row, compared->metric, compared->stat);

		if (row == not || !row->ranked || !a.n ||
		    (found && a.mean >= least))
			continue;
		found = row;
		least = a.mean;
	}
	return found;
}

struct phrase {
	char name[REPORT_ROW_NAME_MAX], value[TEXT_VALUE_MAX];
	double mean;
};

static struct phrase phrase_of(const struct report_block *block,
			       const struct report_row *row,
			       const struct compared *compared)
{
	struct aggregate a =
		aggregate_of(row, compared->metric, compared->stat);
	struct phrase phrase = { .mean = a.mean };

	report_row_name(block, row, phrase.name, sizeof(phrase.name));
	text_aggregate(compared, &a, phrase.value, sizeof(phrase.value));
	return phrase;
}

/* "; lowest p99 latency: ndis6-copy, 24.1us", or "". */
static void latency_phrase(const struct report_block *block, char *buf,
			   size_t size)
{
	const struct compared *p99 = compared_find(
		block->kind == BLOCK_RX ? RX_LATENCY : TX_LATENCY, "p99");
	const struct report_row *row = block_best(block, p99);
	struct phrase phrase;

	buf[0] = '\0';
	if (!row)
		return;
	phrase = phrase_of(block, row, p99);
	snprintf(buf, size, "; lowest %s p99 latency: %s, %s",
		 block->kind == BLOCK_RX ? "receive" : "transmit", phrase.name,
		 phrase.value);
}

static void add_headline(struct walk *walk, const struct report_block *block)
{
	const struct compared *cycles =
		compared_find("cpu.driver_cycles_per_frame", NULL);
	const struct report_row *best = block_best(block, cycles);
	const struct report_row *first =
		best ? best : lowest(block, cycles, NULL);
	const struct report_row *next =
		first ? lowest(block, cycles, first) : NULL;
	const char *machine = block->cell->machine;
	char latency[256];
	struct phrase a, b;

	if (!first)
		return;
	a = phrase_of(block, first, cycles);
	latency_phrase(block, latency, sizeof(latency));
	if (!next) {
		outline_headline(&walk->outline,
				 "%s: %s spends %s driver cycles on a frame%s.",
				 machine, a.name, a.value, latency);
		return;
	}
	b = phrase_of(block, next, cycles);
	if (best)
		outline_headline(
			&walk->outline,
			"%s: to %s, %s costs the driver least, %s cycles per "
			"frame against %s of %s%s.",
			machine, sides[block->kind], a.name, a.value, b.value,
			b.name, latency);
	else
		outline_headline(
			&walk->outline,
			"%s: to %s, no strategy is surely cheapest; %s spends "
			"%s driver cycles on a frame, %s %s%s.",
			machine, sides[block->kind], a.name, a.value, b.name,
			b.value, latency);
}

static int add_plots(struct walk *walk, const struct report_block *block,
		     struct err *err)
{
	for (const struct plot_row *row = plot_rows; row->draw; row++) {
		size_t from = walk->plotter.count;

		if (row->draw(&walk->plotter, block, err) < 0)
			return -1;
		walk_figures(walk, from, row->reading);
	}
	return 0;
}

static size_t replicates(const struct report_cell *cell)
{
	size_t most = 0;

	for (size_t i = 0; i < cell->row_count; i++)
		if (cell->rows[i].run_count > most)
			most = cell->rows[i].run_count;
	return most;
}

static void add_legend(struct walk *walk, const struct report_cell *cell)
{
	size_t n = replicates(cell);

	if (n > 1)
		outline_prose(
			&walk->outline,
			"★ best: better than every other ranked row by "
			"more than the 95 %% interval of the paired "
			"differences (%zu replicates); ± is that "
			"interval of a mean. Saturated rows and the floor "
			"are not ranked.",
			n);
	else
		outline_prose(&walk->outline,
			      "One replicate has no interval: nothing is "
			      "marked best. Saturated rows and the floor are "
			      "not ranked.");
}

int walk_cell(struct walk *walk, const struct report_cell *cell,
	      struct err *err)
{
	const json_t *trace = json_array_get(
		json_object_get(walk->plotter.root, "traces"), cell->trace);
	struct report_blocks blocks;
	char text[TEXT_TRACE_MAX];
	int failed = 0;

	if (report_blocks_init(&blocks, cell, err) < 0)
		return -1;
	outline_section(&walk->outline, 2, "Machine %s, %s", cell->machine,
			walk_file_name(tree_string(trace, "path", "no trace")));
	outline_prose(&walk->outline, "%s",
		      text_trace(trace, text, sizeof(text)));
	for (size_t i = 0; i < blocks.count; i++) {
		add_headline(walk, &blocks.block[i]);
		add_table(walk, &blocks.block[i]);
	}
	add_legend(walk, cell);
	for (size_t i = 0; i < blocks.count && !failed; i++) {
		outline_section(&walk->outline, 3, "%s: to %s", cell->machine,
				sides[blocks.block[i].kind]);
		failed = add_plots(walk, &blocks.block[i], err);
	}
	report_blocks_clear(&blocks);
	return failed;
}

static void axis_heads(struct outline *o, const json_t *axes)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)axes, key, value)
		if (!report_axis_is_column(key))
			outline_column(o, TABLE_LEFT, key, "axis");
	outline_column(o, TABLE_LEFT, "machine", "");
	outline_column(o, TABLE_LEFT, "transmit", "strategy");
	outline_column(o, TABLE_LEFT, "receive", "strategy");
}

void walk_sweep_table(struct walk *walk, const struct report_cells *cells)
{
	const json_t *axes = cells->cells[0].axes;
	struct outline *o = &walk->outline;
	const char *key;
	json_t *value;

	outline_table(o, "All points of the sweep");
	axis_heads(o, axes);
	heads(o, IN_PAIRS);
	for (size_t i = 0; i < cells->count; i++) {
		const struct report_cell *cell = &cells->cells[i];

		for (size_t j = 0; j < cell->row_count; j++) {
			json_object_foreach((json_t *)(uintptr_t)axes, key,
					    value)
				if (!report_axis_is_column(key))
					outline_cell(o, tree_string(cell->axes,
								    key, "-"));
			outline_cell(o, cell->machine);
			outline_cell(o, cell->rows[j].tx);
			outline_cell(o, cell->rows[j].rx);
			add_figures(walk, &cell->rows[j], NULL, IN_PAIRS);
		}
	}
	if (cells->count > 40)
		outline_fold(o);
}
