/* SPDX-License-Identifier: Apache-2.0 */
/* Distribution of latency, one line per strategy, over a log axis in us. */
#include <stdlib.h>
#include <string.h>

#include "reports/plot_kinds.h"
#include "reports/tree.h"

#define PS_PER_US_REAL 1e6

struct bucket {
	uint64_t low, count;
};

static int by_low(const void *a, const void *b)
{
	const struct bucket *x = a, *y = b;

	return (x->low > y->low) - (x->low < y->low);
}

static const json_t *hist_of(const json_t *run, const char *metric)
{
	return json_object_get(json_object_get(run, "metrics"), metric);
}

/* The buckets of all replicates, in order; NULL when there are none. */
static struct bucket *pooled(const struct report_row *row, const char *metric,
			     size_t *count)
{
	struct bucket *buckets;
	size_t room = 0;

	for (size_t i = 0; i < row->run_count; i++)
		room += packed_count(hist_of(row->runs[i], metric), "buckets");
	buckets = room ? calloc(room, sizeof(*buckets)) : NULL;
	*count = 0;
	for (size_t i = 0; buckets && i < row->run_count; i++) {
		const json_t *hist = hist_of(row->runs[i], metric);
		const char *cursor = packed_text(hist, "buckets");
		struct bucket *next = &buckets[*count];

		while (packed_next(&cursor, &next->low))
			packed_next(&cursor, &next++->count);
		*count = (size_t)(next - buckets);
	}
	if (buckets)
		qsort(buckets, *count, sizeof(*buckets), by_low);
	return buckets;
}

/* A log axis has no zero: a picosecond stands for it. */
static double to_us(uint64_t ps)
{
	return (double)(ps ? ps : 1) / PS_PER_US_REAL;
}

/* As many points as can be seen: each 0.2 % of the frames or 1 % to the right.
 */
static void write_line(FILE *dat, const char *name,
		       const struct bucket *buckets, size_t count)
{
	uint64_t total = 0, seen = 0, shown = 0;
	double last;

	for (size_t i = 0; i < count; i++)
		total += buckets[i].count;
	page_comment(dat, name);
	fputs("# us, per cent of frames\n", dat);
	last = to_us(buckets[0].low);
	fprintf(dat, "%.9g 0\n", last);
	for (size_t i = 0; i < count; i++) {
		double us = to_us(buckets[i].low);

		seen += buckets[i].count;
		if (i + 1 < count && (seen - shown) * 500 < total &&
		    us < last * 1.01)
			continue;
		fprintf(dat, "%.9g %.9g\n", us,
			100.0 * (double)seen / (double)total);
		shown = seen;
		last = us;
	}
	fputs("\n\n", dat);
}

static void write_curve(FILE *gp, size_t index, const char *name,
			const char *remark)
{
	char title[REPORT_ROW_NAME_MAX + 32];

	snprintf(title, sizeof(title), "%s%s%s%s", name, remark[0] ? " (" : "",
		 remark, remark[0] ? ")" : "");
	fprintf(gp, "%sdata index %zu using 1:2 with linespoints pi -24 ",
		index ? ", \\\n  " : "plot ", index);
	page_line_style(gp, index);
	page_text(gp, " title ", title);
}

static size_t write_curves(struct page *page, const struct report_block *block,
			   const char *metric)
{
	size_t drawn = 0;

	for (size_t i = 0; i < block->count; i++) {
		const struct report_row *row = block->rows[i];
		char name[REPORT_ROW_NAME_MAX];
		struct bucket *buckets;
		size_t count;

		buckets = pooled(row, metric, &count);
		if (!buckets)
			continue;
		report_row_name(block, row, name, sizeof(name));
		write_line(page->dat, name, buckets, count);
		write_curve(page->gp, drawn++, name, report_row_remark(row));
		free(buckets);
	}
	return drawn;
}

struct range {
	uint64_t low, high; /* ps; low > high: no sample */
};

static struct range range_of(const struct report_block *block,
			     const char *metric)
{
	struct range range = { UINT64_MAX, 0 };

	for (size_t i = 0; i < block->count; i++)
		for (size_t j = 0; j < block->rows[i]->run_count; j++) {
			const json_t *hist =
				hist_of(block->rows[i]->runs[j], metric);
			uint64_t low = tree_count(hist, "min");
			uint64_t high = tree_count(hist, "max");

			/* Joint results of a sweep come without buckets. */
			if (!packed_count(hist, "buckets"))
				continue;
			range.low = low < range.low ? low : range.low;
			range.high = high > range.high ? high : range.high;
		}
	return range;
}

/* Labels at 1, 2, 5 while they have room, else at powers of ten. */
static void write_axis(FILE *gp, const struct range *range)
{
	static const unsigned steps[] = { 1, 2, 5 };
	double low = to_us(range->low) * 0.9, high = to_us(range->high) * 1.1;
	bool wide = high > low * 2e3;
	const char *separator = "";

	fprintf(gp, "set logscale x\nset xrange [%.9g:%.9g]\nset xtics (", low,
		high);
	for (double decade = 1e-6; decade < high; decade *= 10)
		for (size_t i = 0; i < (wide ? 1 : 3); i++) {
			double at = decade * steps[i];

			if (at < low || at > high)
				continue;
			fprintf(gp, "%s'%.9g' %.9g", separator, real9(at),
				real9(at));
			separator = ", ";
		}
	fputs(")\nset yrange [0:100]\n", gp);
}

static int draw(struct plotter *plotter, const struct report_block *block,
		const char *kind, const char *metric, const char *what,
		struct err *err)
{
	struct range range = range_of(block, metric);
	char title[PAGE_TITLE_MAX];
	struct page page;

	if (range.low > range.high)
		return 0;
	if (page_open(&page, plotter, kind, block->cell, err) < 0)
		return -1;
	page_head(&page, page_title(plotter, block, what, title, sizeof(title)),
		  "latency less moderation (us)", "frames (per cent)");
	write_axis(page.gp, &range);
	page_passes(&page);
	if (!write_curves(&page, block, metric)) {
		page_abort(&page);
		return err_nomem(err, "latency plot");
	}
	fputc('\n', page.gp);
	return page_close(&page, err);
}

int plot_latency(struct plotter *plotter, const struct report_block *block,
		 struct err *err)
{
	int failed = 0;

	if (block->kind != BLOCK_RX)
		failed = draw(plotter, block, "latency_tx",
			      "tx.latency_complete_less_moderation_ps",
			      "transmit latency, send to completion", err);
	/* A block of one row is a run: both directions. */
	if (!failed && (block->kind != BLOCK_TX || block->count == 1))
		failed =
			draw(plotter, block, "latency_rx",
			     "rx.latency_less_moderation_ps",
			     "receive latency, last bit in to indication", err);
	return failed;
}
