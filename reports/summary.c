/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/summary.h"

#include <stdio.h>
#include <string.h>

#define PPM 1e6
/* What a search for a capacity leaves open, of the larger figure. */
#define SEARCH_TOLERANCE 0.02

const struct compared compared_table[] = {
	{ "cpu.driver_cycles_per_frame", NULL, QTY_CYCLES, 1, RANK_LOW },
	{ "cpu.total_cycles_per_frame", NULL, QTY_CYCLES, 1, RANK_LOW },
	{ "tx.driver_cycles_per_frame", NULL, QTY_CYCLES, 1, RANK_LOW },
	{ "rx.driver_cycles_per_frame", NULL, QTY_CYCLES, 1, RANK_LOW },
	{ "capacity.rate_bps", NULL, QTY_RATE, 1, RANK_HIGH },
	{ "capacity.headroom", NULL, QTY_FACTOR, PPM, RANK_NONE },
	{ "tx.latency_wire_ps", "p50", QTY_TIME, 1, RANK_LOW },
	{ "tx.latency_wire_ps", "p99", QTY_TIME, 1, RANK_LOW },
	{ "tx.latency_complete_ps", "p50", QTY_TIME, 1, RANK_LOW },
	{ "tx.latency_complete_ps", "p99", QTY_TIME, 1, RANK_LOW },
	{ "tx.latency_complete_less_moderation_ps", "p50", QTY_TIME, 1,
	  RANK_LOW },
	{ "tx.latency_complete_less_moderation_ps", "p99", QTY_TIME, 1,
	  RANK_LOW },
	{ "rx.latency_ps", "p50", QTY_TIME, 1, RANK_LOW },
	{ "rx.latency_ps", "p99", QTY_TIME, 1, RANK_LOW },
	{ "rx.latency_less_moderation_ps", "p50", QTY_TIME, 1, RANK_LOW },
	{ "rx.latency_less_moderation_ps", "p99", QTY_TIME, 1, RANK_LOW },
	{ "hal.map_registers_in_use", "mean", QTY_COUNT, 1, RANK_LOW },
	{ "hal.map_registers_in_use", "p99", QTY_COUNT, 1, RANK_LOW },
	{ "hal.map_registers_in_use", "max", QTY_COUNT, 1, RANK_LOW },
	{ "hal.map_register_waits", NULL, QTY_COUNT, 1, RANK_LOW },
	{ "cpu.copied_share", NULL, QTY_SHARE, PPM, RANK_NONE },
	{ "hal.bounced_share", NULL, QTY_SHARE, PPM, RANK_NONE },
	{ "memory.pinned_bytes", NULL, QTY_BYTES, 1, RANK_NONE },
	{ "memory.pinned_bytes", "max", QTY_BYTES, 1, RANK_NONE },
	{ "tx.dropped_queue_frames", NULL, QTY_COUNT, 1, RANK_NONE },
	{ "rx.dropped_fifo_frames", NULL, QTY_COUNT, 1, RANK_NONE },
	{ NULL, NULL, QTY_COUNT, 0, RANK_NONE },
};

static bool same_stat(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

const struct compared *compared_find(const char *metric, const char *stat)
{
	const struct compared *row;

	for (row = compared_table; row->metric; row++)
		if (strcmp(row->metric, metric) == 0 &&
		    same_stat(row->stat, stat))
			return row;
	BUG("'%s' is not compared", metric);
}

/* Sums in document order, so the same digits everywhere. */
struct moments {
	unsigned n;
	double sum, min, max;
};

static void moments_add(struct moments *m, double value)
{
	if (!m->n || value < m->min)
		m->min = value;
	if (!m->n || value > m->max)
		m->max = value;
	m->sum += value;
	m->n++;
}

static struct aggregate aggregate(bool (*at)(const void *, size_t, double *),
				  const void *ctx, size_t count)
{
	struct moments m = { 0 };
	struct aggregate a;
	double value, square = 0;

	for (size_t i = 0; i < count; i++)
		if (at(ctx, i, &value))
			moments_add(&m, value);
	a = (struct aggregate){ .n = m.n, .min = m.min, .max = m.max };
	if (!m.n)
		return a;
	/* Equal values have their own mean, not one rounded by a division. */
	a.mean = m.min == m.max ? m.min : m.sum / m.n;
	a.interval = m.n >= 2;
	if (!a.interval)
		return a;
	for (size_t i = 0; i < count; i++)
		if (at(ctx, i, &value))
			square += (value - a.mean) * (value - a.mean);
	a.ci95 = student_t975(m.n - 1) *
		 __builtin_sqrt(square / (m.n - 1) / m.n);
	return a;
}

struct figure {
	const struct report_row *a, *b; /* b NULL: no difference */
	const char *metric, *stat;
};

static bool row_value(const void *ctx, size_t index, double *value)
{
	const struct figure *figure = ctx;

	return run_number(figure->a->runs[index], figure->metric, figure->stat,
			  value);
}

static const json_t *partner(const struct report_row *row, const json_t *run)
{
	for (size_t i = 0; i < row->run_count; i++)
		if (tree_count(row->runs[i], "seed") ==
			    tree_count(run, "seed") &&
		    tree_count(row->runs[i], "replicate") ==
			    tree_count(run, "replicate"))
			return row->runs[i];
	return NULL;
}

static bool paired_value(const void *ctx, size_t index, double *value)
{
	const struct figure *figure = ctx;
	const json_t *run = figure->a->runs[index];
	const json_t *other = partner(figure->b, run);
	double a, b;

	if (!other || !run_number(run, figure->metric, figure->stat, &a) ||
	    !run_number(other, figure->metric, figure->stat, &b))
		return false;
	*value = a - b;
	return true;
}

/* Found once for all replicates: a copy in each, no interval. */
static bool found_once(const char *metric)
{
	return strncmp(metric, "capacity.", 9) == 0;
}

static size_t values_of(const struct report_row *row, const char *metric)
{
	return found_once(metric) && row->run_count ? 1 : row->run_count;
}

struct aggregate aggregate_of(const struct report_row *row, const char *metric,
			      const char *stat)
{
	struct figure figure = { .a = row, .metric = metric, .stat = stat };

	return aggregate(row_value, &figure, values_of(row, metric));
}

struct aggregate aggregate_paired(const struct report_row *a,
				  const struct report_row *b,
				  const char *metric, const char *stat)
{
	struct figure figure = { a, b, metric, stat };

	return aggregate(paired_value, &figure, values_of(a, metric));
}

bool aggregate_significant(const struct aggregate *difference)
{
	double size =
		difference->mean < 0 ? -difference->mean : difference->mean;

	return difference->interval && size > difference->ci95;
}

/* Without an interval: further apart than the search is exact. */
static bool capacities_differ(const struct report_row *a,
			      const struct report_row *b,
			      const struct compared *compared)
{
	struct aggregate x = aggregate_of(a, compared->metric, compared->stat);
	struct aggregate y = aggregate_of(b, compared->metric, compared->stat);
	double larger = x.mean > y.mean ? x.mean : y.mean;
	double apart = x.mean > y.mean ? x.mean - y.mean : y.mean - x.mean;

	return x.n && y.n && apart > larger * SEARCH_TOLERANCE;
}

static bool differ(const struct report_row *a, const struct report_row *b,
		   const struct compared *compared,
		   const struct aggregate *difference)
{
	return found_once(compared->metric) ? capacities_differ(a, b, compared)
					    : aggregate_significant(difference);
}

static bool beats(const struct report_row *a, const struct report_row *b,
		  const struct compared *compared)
{
	struct aggregate d =
		aggregate_paired(a, b, compared->metric, compared->stat);

	if (!differ(a, b, compared, &d))
		return false;
	return compared->rank == RANK_LOW ? d.mean < 0 : d.mean > 0;
}

static bool may_be_best(const struct report_row *row,
			const struct compared *compared)
{
	struct aggregate a =
		aggregate_of(row, compared->metric, compared->stat);

	if (!row->ranked || compared->rank == RANK_NONE || !a.n ||
	    row->run_count < 2)
		return false;
	return !found_once(compared->metric) || report_row_confirmed(row);
}

/* It does not keep up with the load: no rival, but beaten by who does. */
static bool falls_behind(const struct report_row *row)
{
	return !row->floor && (strcmp(row->status, "saturated") == 0 ||
			       strcmp(row->status, "deadlock") == 0);
}

const struct report_row *block_best(const struct report_block *block,
				    const struct compared *compared)
{
	for (size_t i = 0; i < block->count; i++) {
		size_t rivals = 0, beaten = 0;

		if (!may_be_best(block->rows[i], compared))
			continue;
		for (size_t j = 0; j < block->count; j++) {
			const struct report_row *rival = block->rows[j];

			if (j == i || !(rival->ranked || falls_behind(rival)))
				continue;
			rivals++;
			beaten += falls_behind(rival) ||
				  beats(block->rows[i], rival, compared);
		}
		if (rivals && beaten == rivals)
			return block->rows[i];
	}
	return NULL;
}

static void put_cell(struct tree_builder *b, json_t *entry,
		     const struct report_cell *cell)
{
	tree_put(b, entry, "machine", tree_text(b, cell->machine));
	tree_put(b, entry, "trace", tree_u64(b, cell->trace));
	if (cell->axes)
		tree_put(b, entry, "axes", json_deep_copy(cell->axes));
}

static void put_pair(struct tree_builder *b, json_t *entry,
		     const struct report_row *row)
{
	tree_put(b, entry, "tx", tree_text(b, row->tx));
	tree_put(b, entry, "rx", tree_text(b, row->rx));
}

static void put_aggregate(struct tree_builder *b, json_t *entry,
			  const struct aggregate *a)
{
	tree_put(b, entry, "n", tree_u64(b, a->n));
	tree_put(b, entry, "mean", tree_real(b, a->mean));
	tree_put(b, entry, "ci95",
		 a->interval ? tree_real(b, a->ci95) : json_null());
}

static json_t *figure_key(struct tree_builder *b,
			  const struct compared *compared)
{
	char key[128];

	snprintf(key, sizeof(key), "%s%s%s", compared->metric,
		 compared->stat ? "." : "",
		 compared->stat ? compared->stat : "");
	return tree_text(b, key);
}

static json_t *row_figures(struct tree_builder *b, const struct report_row *row)
{
	json_t *tree = tree_object(b);
	const struct compared *c;

	for (c = compared_table; c->metric; c++) {
		struct aggregate a = aggregate_of(row, c->metric, c->stat);
		json_t *key, *entry;

		if (!a.n)
			continue;
		key = figure_key(b, c);
		entry = tree_object(b);
		put_aggregate(b, entry, &a);
		tree_put(b, entry, "min", tree_real(b, a.min));
		tree_put(b, entry, "max", tree_real(b, a.max));
		if (key)
			tree_put(b, tree, json_string_value(key), entry);
		else
			json_decref(entry);
		json_decref(key);
	}
	return tree;
}

static void add_aggregates(struct tree_builder *b, json_t *list,
			   const struct report_cell *cell)
{
	for (size_t i = 0; i < cell->row_count; i++) {
		const struct report_row *row = &cell->rows[i];
		json_t *entry = tree_object(b);

		put_cell(b, entry, cell);
		put_pair(b, entry, row);
		tree_put(b, entry, "status", tree_text(b, row->status));
		tree_put(b, entry, "metrics", row_figures(b, row));
		tree_append(b, list, entry);
	}
}

static void add_paired(struct tree_builder *b, json_t *list,
		       const struct report_block *block,
		       const struct report_row *x, const struct report_row *y)
{
	const struct compared *c;

	for (c = compared_table; c->metric; c++) {
		struct aggregate d;
		json_t *entry, *side;

		if (c->rank == RANK_NONE)
			continue;
		d = aggregate_paired(x, y, c->metric, c->stat);
		if (!d.n)
			continue;
		entry = tree_object(b);
		put_cell(b, entry, block->cell);
		tree_put(b, entry, "metric", figure_key(b, c));
		side = tree_object(b);
		put_pair(b, side, x);
		tree_put(b, entry, "a", side);
		side = tree_object(b);
		put_pair(b, side, y);
		tree_put(b, entry, "b", side);
		put_aggregate(b, entry, &d);
		tree_put(b, entry, "significant",
			 json_boolean(differ(x, y, c, &d)));
		tree_append(b, list, entry);
	}
}

static void add_best(struct tree_builder *b, json_t *list,
		     const struct report_block *block)
{
	static const char *const names[] = { "tx", "rx", "pairs" };
	const struct compared *c;

	for (c = compared_table; c->metric; c++) {
		const struct report_row *best = block_best(block, c);
		json_t *entry;

		if (!best)
			continue;
		entry = tree_object(b);
		put_cell(b, entry, block->cell);
		tree_put(b, entry, "block", tree_text(b, names[block->kind]));
		tree_put(b, entry, "metric", figure_key(b, c));
		put_pair(b, entry, best);
		tree_append(b, list, entry);
	}
}

static void add_cell(struct tree_builder *b, json_t *paired, json_t *best,
		     const struct report_cell *cell)
{
	struct report_blocks blocks;

	if (report_blocks_init(&blocks, cell, NULL) < 0) {
		b->failed = true;
		return;
	}
	for (size_t i = 0; i < blocks.count; i++) {
		const struct report_block *block = &blocks.block[i];

		for (size_t x = 0; x < block->count; x++)
			for (size_t y = x + 1; y < block->count; y++)
				add_paired(b, paired, block, block->rows[x],
					   block->rows[y]);
		add_best(b, best, block);
	}
	report_blocks_clear(&blocks);
}

json_t *summary_tree(struct tree_builder *b, const json_t *root)
{
	json_t *tree = tree_object(b), *aggregates = tree_array(b);
	json_t *paired = tree_array(b), *best = tree_array(b);
	struct report_cells cells;

	if (report_cells_init(&cells, root, NULL) < 0)
		b->failed = true;
	for (size_t i = 0; i < cells.count; i++) {
		add_aggregates(b, aggregates, &cells.cells[i]);
		add_cell(b, paired, best, &cells.cells[i]);
	}
	report_cells_clear(&cells);
	tree_put(b, tree, "confidence", tree_real(b, 0.95));
	tree_put(b, tree, "aggregates", aggregates);
	tree_put(b, tree, "paired", paired);
	tree_put(b, tree, "best", best);
	return tree;
}
