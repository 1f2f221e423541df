/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Latency less moderation, a line per strategy, twice: its distribution over a
 * log axis in us, and the tail, time over 1/(1-p), where every decade of frames
 * has the same room.
 */
#include <stdlib.h>
#include <string.h>

#include "reports/plot_kinds.h"
#include "reports/pooled.h"
#include "reports/tree.h"

struct latency_plot {
	const char *kind, *metric, *what;
	bool tail;
};

/*
 * As many points as can be seen: each 0.25 % of the frames or 1.5 % to the
 * right.
 */
static void write_share(FILE *dat, const struct pooled *pooled)
{
	uint64_t seen = 0, shown = 0;
	double last = pooled_us(pooled->buckets[0].low);

	fputs("# us, per cent of frames\n", dat);
	fprintf(dat, "%.9g 0\n", last);
	for (size_t i = 0; i < pooled->count; i++) {
		double us = pooled_us(pooled->buckets[i].low);

		seen += pooled->buckets[i].count;
		if (i + 1 < pooled->count &&
		    (seen - shown) * 400 < pooled->total && us < last * 1.015)
			continue;
		fprintf(dat, "%.9g %.9g\n", us,
			100.0 * (double)seen / (double)pooled->total);
		shown = seen;
		last = us;
	}
}

/* All frames are infinitely far: the last point is half a frame short. */
static void write_tail(FILE *dat, const struct pooled *pooled)
{
	double last = 0, total = (double)pooled->total;
	uint64_t seen = 0;

	fputs("# 1/(1-p), us\n", dat);
	for (size_t i = 0; i < pooled->count; i++) {
		double left, x;

		seen += pooled->buckets[i].count;
		left = total - (double)seen;
		x = total / (left > 0.5 ? left : 0.5);
		if (i + 1 < pooled->count && x < last * 1.02)
			continue;
		fprintf(dat, "%.9g %.9g\n", x,
			pooled_us(pooled->buckets[i].low));
		last = x;
	}
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

static int write_curves(struct page *page, const struct report_block *block,
			const struct latency_plot *plot, struct err *err)
{
	size_t drawn = 0;

	for (size_t i = 0; i < block->count; i++) {
		const struct report_row *row = block->rows[i];
		struct pooled pooled = pooled_of(row, plot->metric);
		char name[REPORT_ROW_NAME_MAX];

		if (pooled.failed)
			return err_nomem(err, "latency plot");
		if (!pooled.count)
			continue;
		report_row_name(block, row, name, sizeof(name));
		page_comment(page->dat, name);
		if (plot->tail)
			write_tail(page->dat, &pooled);
		else
			write_share(page->dat, &pooled);
		fputs("\n\n", page->dat);
		write_curve(page->gp, drawn++, name, report_row_remark(row));
		pooled_clear(&pooled);
	}
	fputc('\n', page->gp);
	return 0;
}

static bool has_samples(const struct report_block *block, const char *metric)
{
	bool any = false;

	for (size_t i = 0; i < block->count && !any; i++) {
		struct pooled pooled = pooled_of(block->rows[i], metric);

		any = pooled.count || pooled.failed;
		pooled_clear(&pooled);
	}
	return any;
}

static int draw(struct plotter *plotter, const struct report_block *block,
		const struct latency_plot *plot, struct err *err)
{
	struct pooled_range range = pooled_range(block, plot->metric);
	const char *us = "latency less moderation (us)";
	char title[PAGE_TITLE_MAX];
	struct page page;

	if (range.low > range.high || !has_samples(block, plot->metric))
		return 0;
	if (page_open(&page, plotter, plot->kind, block->cell, err) < 0)
		return -1;
	page_title(plotter, block, plot->what, title, sizeof(title));
	if (plot->tail) {
		page_head(&page, title, "of a hundred frames", us);
		pooled_axis(page.gp, 'y', &range);
		fputs("set logscale x\nset xrange [1:*]\n"
		      "set xtics ('0' 1, '50' 2, '90' 10, '99' 100, "
		      "'99.9' 1e3, '99.99' 1e4, '99.999' 1e5, "
		      "'99.9999' 1e6, '99.99999' 1e7)\n",
		      page.gp);
	} else {
		page_head(&page, title, us, "frames (per cent)");
		pooled_axis(page.gp, 'x', &range);
		fputs("set yrange [0:100]\n", page.gp);
	}
	page_passes(&page);
	if (write_curves(&page, block, plot, err) < 0) {
		page_abort(&page);
		return -1;
	}
	return page_close(&page, err);
}

#define TX_METRIC "tx.latency_complete_less_moderation_ps"
#define RX_METRIC "rx.latency_less_moderation_ps"

static int draw_sides(struct plotter *plotter, const struct report_block *block,
		      const struct latency_plot sides[2], struct err *err)
{
	int failed = 0;

	if (block->kind != BLOCK_RX)
		failed = draw(plotter, block, &sides[0], err);
	/* A block of one row is a run: both directions. */
	if (!failed && (block->kind != BLOCK_TX || block->count == 1))
		failed = draw(plotter, block, &sides[1], err);
	return failed;
}

int plot_latency(struct plotter *plotter, const struct report_block *block,
		 struct err *err)
{
	static const struct latency_plot sides[] = {
		{ "latency_tx", TX_METRIC,
		  "transmit latency, send to completion", false },
		{ "latency_rx", RX_METRIC,
		  "receive latency, last bit in to indication", false },
	};

	return draw_sides(plotter, block, sides, err);
}

int plot_tail(struct plotter *plotter, const struct report_block *block,
	      struct err *err)
{
	static const struct latency_plot sides[] = {
		{ "tail_tx", TX_METRIC, "the slowest sends", true },
		{ "tail_rx", RX_METRIC, "the slowest receives", true },
	};

	return draw_sides(plotter, block, sides, err);
}
