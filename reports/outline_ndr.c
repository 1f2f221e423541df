/* SPDX-License-Identifier: Apache-2.0 */
/* Highest rates without loss: a table and bars per machine, what is spare. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/plot_bars.h"
#include "reports/text_value.h"
#include "reports/tree.h"
#include "reports/walk.h"

#define ROWS_MAX 40 /* bars of a picture */

static const json_t *rows_of(const json_t *root)
{
	return json_object_get(root, "rows");
}

static bool is_of(const json_t *row, const char *machine)
{
	return !strcmp(tree_string(row, "machine", "-"), machine);
}

static double rate_of(const json_t *row, const char *which)
{
	double rate = 0;

	tree_number(json_object_get(row, which), "rate_bps", &rate);
	return rate;
}

static void pair_name(const json_t *row, char *buf, size_t size)
{
	snprintf(buf, size, "%.44s + %.44s", tree_string(row, "tx", "-"),
		 tree_string(row, "rx", "-"));
}

/*
 * The row of @machine with the highest rate @which, of those that one can
 * choose; NULL: none has one.
 */
static const json_t *fastest(const json_t *root, const char *machine,
			     const char *which)
{
	const json_t *row, *found = NULL;
	size_t i;

	json_array_foreach(rows_of(root), i, row)
		if (!json_object_get(row, "role") && is_of(row, machine) &&
		    rate_of(row, which) > (found ? rate_of(found, which) : 0))
			found = row;
	return found;
}

static void say_fastest(struct walk *walk, const json_t *root,
			const char *machine, const char *which,
			const char *what)
{
	const json_t *row = fastest(root, machine, which);
	const json_t *found = json_object_get(row, which);
	char name[REPORT_ROW_NAME_MAX], rate[TEXT_VALUE_MAX];

	if (!row)
		return;
	pair_name(row, name, sizeof(name));
	text_number("bps", rate_of(row, which), rate, sizeof(rate));
	outline_headline(&walk->outline,
			 "%s: highest rate %s, %s with %s, limited by %s.",
			 machine, what, rate, name,
			 tree_string(found, "limiter", "-"));
}

static void found_cells(struct walk *walk, const json_t *row, const char *which,
			const json_t *best)
{
	const json_t *found = json_object_get(row, which);
	double rate = rate_of(row, which);
	char text[TEXT_VALUE_MAX];

	if (rate > 0)
		outline_value(&walk->outline, rate,
			      text_number("bps", rate, text, sizeof(text)),
			      row == best ? CELL_BEST : CELL_PLAIN);
	else
		outline_cell(&walk->outline, "-");
	walk_number(walk, found, "rate_pps", "pps");
	walk_number(walk, found, "headroom", "factor");
	outline_cell(&walk->outline, tree_string(found, "limiter", "-"));
}

static void found_heads(struct outline *o, const char *head)
{
	outline_column(o, TABLE_RIGHT, head, "L2 bits, both directions");
	outline_column(o, TABLE_RIGHT, "frames", "per second");
	outline_column(o, TABLE_RIGHT, "headroom", "over the capture's rate");
	outline_column(o, TABLE_LEFT, "limiter", "what gives out above");
}

static void add_row(struct walk *walk, const json_t *row, const char *slo,
		    const json_t *best)
{
	struct outline *o = &walk->outline;

	outline_cell(o, tree_string(row, "tx", "-"));
	outline_cell(o, tree_string(row, "rx", "-"));
	found_cells(walk, row, "throughput", best);
	if (slo)
		found_cells(walk, row, "within_slo", NULL);
	outline_cell(o, tree_string(row, "bottleneck", "-"));
	walk_number(walk, row, "tx_latency_wire_p50_ps", "ps");
	walk_number(walk, row, "tx_latency_wire_p99_ps", "ps");
	walk_number(walk, row, "rx_latency_p99_ps", "ps");
	outline_cell(o, tree_string(row, "reason", ""));
}

static void add_table(struct walk *walk, const json_t *root,
		      const char *machine)
{
	const char *slo = tree_string(root, "slo", NULL);
	const json_t *best = fastest(root, machine, "throughput"), *row;
	struct outline *o = &walk->outline;
	char head[128];
	size_t i;

	outline_table(o, "Machine %s", machine);
	outline_column(o, TABLE_LEFT, "transmit", "strategy");
	outline_column(o, TABLE_LEFT, "receive", "strategy");
	found_heads(o, "without loss");
	if (slo) {
		snprintf(head, sizeof(head), "within %.100s", slo);
		found_heads(o, head);
	}
	outline_column(o, TABLE_LEFT, "busiest", "resource, at the throughput");
	outline_column(o, TABLE_RIGHT, "transmit p50", "to the wire");
	outline_column(o, TABLE_RIGHT, "transmit p99", "to the wire");
	outline_column(o, TABLE_RIGHT, "receive p99", "to the indication");
	outline_column(o, TABLE_LEFT, "remark", "");
	json_array_foreach(rows_of(root), i, row)
		if (is_of(row, machine))
			add_row(walk, row, slo, best);
}

static void fill_bar(struct bar *bar, const json_t *row)
{
	const json_t *found = json_object_get(row, "throughput");
	double headroom = 0;

	pair_name(row, bar->name, sizeof(bar->name));
	bar->part[0] = rate_of(row, "throughput") / 1e9;
	tree_number(found, "headroom", &headroom);
	if (bar->part[0] > 0)
		snprintf(bar->label, sizeof(bar->label), "%.60s, %.3gx",
			 tree_string(found, "limiter", "-"), headroom);
	else
		snprintf(bar->label, sizeof(bar->label), "%.90s",
			 tree_string(row, "reason", "none found"));
}

static int add_plot(struct walk *walk, const json_t *root, const char *machine,
		    struct err *err)
{
	const struct report_cell cell = { .machine = machine };
	struct bars bars = { .xlabel = "highest rate without loss (Gb/s); "
				       "limiter, headroom over the capture",
			     .parts = 1 };
	char title[PAGE_TITLE_MAX];
	size_t i, from = walk->plotter.count;
	const json_t *row;
	int failed;

	bars.bar = calloc(ROWS_MAX, sizeof(*bars.bar));
	if (!bars.bar)
		return err_nomem(err, "plot of rates");
	json_array_foreach(rows_of(root), i, row)
		if (is_of(row, machine) && bars.count < ROWS_MAX)
			fill_bar(&bars.bar[bars.count++], row);
	snprintf(title, sizeof(title),
		 "%.100s: highest rate without loss (%.100s)", machine,
		 walk_file_name(tree_string(root, "trace", "-")));
	bars.title = title;
	failed = bars_draw(&walk->plotter, "ndr", &cell, &bars, err);
	free(bars.bar);
	walk_figures(walk, from,
		     "The highest rate at which no frame is lost, what gives "
		     "out above it, and how many times the capture's own rate "
		     "that is; longer is better.");
	return failed;
}

static void add_spare(struct walk *walk, const json_t *root,
		      const char *machine)
{
	struct outline *o = &walk->outline;
	const json_t *row, *resource;
	size_t i, j;

	outline_table(o, "What each resource had to do at that rate, %s",
		      machine);
	outline_fold(o);
	outline_column(o, TABLE_LEFT, "transmit", "strategy");
	outline_column(o, TABLE_LEFT, "receive", "strategy");
	outline_column(o, TABLE_LEFT, "resource", "");
	outline_column(o, TABLE_RIGHT, "busy", "share of the time");
	outline_column(o, TABLE_RIGHT, "headroom", "times the load");
	outline_column(o, TABLE_RIGHT, "sum of waits", "over all frames");
	json_array_foreach(rows_of(root), i, row) {
		if (!is_of(row, machine))
			continue;
		json_array_foreach(json_object_get(row, "resources"), j,
				   resource) {
			outline_cell(o, tree_string(row, "tx", "-"));
			outline_cell(o, tree_string(row, "rx", "-"));
			outline_cell(o, tree_string(resource, "resource", "-"));
			walk_number(walk, resource, "utilisation", "share");
			walk_number(walk, resource, "headroom", "factor");
			walk_number(walk, resource, "wait_ps", "ps");
		}
	}
}

static bool has_whatif(const json_t *root, const char *machine)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows_of(root), i, row)
		if (is_of(row, machine) &&
		    json_array_size(json_object_get(row, "whatif")))
			return true;
	return false;
}

static void add_whatif(struct walk *walk, const json_t *root,
		       const char *machine)
{
	struct outline *o = &walk->outline;
	const json_t *row, *what;
	size_t i, j;

	if (!has_whatif(root, machine))
		return;
	outline_table(o, "What a price or a resource 10 %% better is worth, %s",
		      machine);
	outline_column(o, TABLE_LEFT, "transmit", "strategy");
	outline_column(o, TABLE_LEFT, "receive", "strategy");
	outline_column(o, TABLE_LEFT, "parameter", "");
	outline_column(o, TABLE_LEFT, "of", "");
	outline_column(o, TABLE_RIGHT, "from", "");
	outline_column(o, TABLE_RIGHT, "to", "");
	outline_column(o, TABLE_RIGHT, "gain", "of throughput");
	json_array_foreach(rows_of(root), i, row) {
		if (!is_of(row, machine))
			continue;
		json_array_foreach(json_object_get(row, "whatif"), j, what) {
			outline_cell(o, tree_string(row, "tx", "-"));
			outline_cell(o, tree_string(row, "rx", "-"));
			outline_cell(o, tree_string(what, "parameter", "-"));
			outline_cell(o, tree_string(what, "subject", "-"));
			outline_cell(o, tree_string(what, "from", "-"));
			outline_cell(o, tree_string(what, "to", "-"));
			walk_number(walk, what, "gain", "share");
		}
	}
}

int walk_ndr(struct walk *walk, const json_t *root, struct err *err)
{
	const char *slo = tree_string(root, "slo", NULL), *machine;
	char within[128];
	json_t *config;
	int failed = 0;

	outline_section(&walk->outline, 2, "Highest rates without loss, %s",
			walk_file_name(tree_string(root, "trace", "-")));
	snprintf(within, sizeof(within), "within %.100s", slo ? slo : "-");
	json_object_foreach(json_object_get(root, "machines"), machine,
			    config) {
		say_fastest(walk, root, machine, "throughput", "without loss");
		if (slo)
			say_fastest(walk, root, machine, "within_slo", within);
		add_table(walk, root, machine);
		if (!failed)
			failed = add_plot(walk, root, machine, err);
		add_whatif(walk, root, machine);
		add_spare(walk, root, machine);
	}
	walk_study_origin(walk, root);
	walk_study_configs(walk, json_object_get(root, "machines"));
	return failed;
}
