/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/run_text.h"
#include "reports/steady_text.h"

#include <inttypes.h>
#include <string.h>

#include "reports/rows.h"
#include "reports/summary.h"
#include "reports/table.h"
#include "reports/text_value.h"

static const char *const hist_stats[] = { "count", "mean", "min",  "p50",
					  "p90",   "p99",  "p999", "max" };
#define HIST_STATS (sizeof(hist_stats) / sizeof(hist_stats[0]))

static int print_and_free(struct table *table, FILE *out, struct err *err)
{
	int failed = table_print(table, out, err);

	table_free(table);
	return failed;
}

static void hist_columns(struct table *table)
{
	for (size_t i = 0; i < HIST_STATS; i++)
		table_column(table, TABLE_RIGHT, hist_stats[i]);
}

static void hist_cells(struct table *table, const char *unit,
		       const json_t *hist)
{
	char buf[TEXT_VALUE_MAX];

	for (size_t i = 0; i < HIST_STATS; i++)
		table_cell(table,
			   text_value(i ? unit : "count",
				      json_object_get(hist, hist_stats[i]), buf,
				      sizeof(buf)));
}

static double sum_of(const json_t *hist)
{
	double mean = 0;

	tree_number(hist, "mean", &mean);
	return mean * (double)tree_count(hist, "count");
}

/* The means add up to the mean of the whole; quantiles do not. */
static void sum_row(struct table *table, double frames, double mean)
{
	char buf[TEXT_VALUE_MAX];

	table_cell(table, "sum");
	table_cell(table, text_number("share", 1, buf, sizeof(buf)));
	table_cell(table, text_number("count", frames, buf, sizeof(buf)));
	table_cell(table, text_number("ps", mean, buf, sizeof(buf)));
	for (size_t i = 2; i < HIST_STATS; i++)
		table_cell(table, "");
}

/* Stages that no frame spent time in are left out. */
static int write_stages(const json_t *run, const char *path, FILE *out,
			struct err *err)
{
	const json_t *stages =
		json_object_get(json_object_get(run, "stages"), path);
	struct table *table;
	const char *name;
	json_t *hist;
	double total = 0, frames = 0;
	char buf[TEXT_VALUE_MAX];

	json_object_foreach((json_t *)(uintptr_t)stages, name, hist) {
		total += sum_of(hist);
		frames = (double)tree_count(hist, "count");
	}
	if (total <= 0)
		return 0;
	table = table_new(err);
	if (!table)
		return -1;
	fprintf(out, "\n%s: where a frame's time goes\n", path);
	table_column(table, TABLE_LEFT, "stage");
	table_column(table, TABLE_RIGHT, "share");
	hist_columns(table);
	json_object_foreach((json_t *)(uintptr_t)stages, name, hist) {
		if (sum_of(hist) <= 0)
			continue;
		table_cell(table, name);
		table_cell(table, text_number("share", sum_of(hist) / total,
					      buf, sizeof(buf)));
		hist_cells(table, "ps", hist);
	}
	sum_row(table, frames, total / frames);
	return print_and_free(table, out, err);
}

static int write_routines(const json_t *run, FILE *out, struct err *err)
{
	const json_t *routines = json_object_get(run, "routines");
	struct table *table = table_new(err);
	double frames = run_frames(run);
	const char *name;
	json_t *routine;
	char buf[TEXT_VALUE_MAX];

	if (!table)
		return -1;
	fputs("\ncpu: routines called\n", out);
	table_column(table, TABLE_LEFT, "routine");
	table_column(table, TABLE_RIGHT, "calls");
	table_column(table, TABLE_RIGHT, "cycles");
	table_column(table, TABLE_RIGHT, "per frame");
	table_column(table, TABLE_RIGHT, "waits");
	table_column(table, TABLE_RIGHT, "waited");
	json_object_foreach((json_t *)(uintptr_t)routines, name, routine) {
		double cycles = (double)tree_count(routine, "cycles");

		if (!tree_count(routine, "calls"))
			continue;
		table_cell(table, name);
		table_cellf(table, "%" PRIu64, tree_count(routine, "calls"));
		table_cellf(table, "%" PRIu64, tree_count(routine, "cycles"));
		table_cell(table,
			   frames > 0 ? text_number("cycles", cycles / frames,
						    buf, sizeof(buf))
				      : "-");
		table_cellf(table, "%" PRIu64, tree_count(routine, "waits"));
		table_cell(table,
			   text_value("ps", json_object_get(routine, "wait_ps"),
				      buf, sizeof(buf)));
	}
	return print_and_free(table, out, err);
}

static size_t group_length(const char *metric)
{
	return strcspn(metric, ".");
}

static bool in_group(const char *metric, const char *group)
{
	size_t length = group_length(group);

	return group_length(metric) == length &&
	       strncmp(metric, group, length) == 0;
}

static void scalar_row(struct table *table, const char *name, const char *unit,
		       const json_t *value)
{
	char buf[TEXT_VALUE_MAX];

	table_cell(table, name);
	if (json_is_integer(value) && !text_unit_shown(unit))
		table_cellf(table, "%" JSON_INTEGER_FORMAT " %s",
			    json_integer_value(value), unit);
	else
		table_cellf(table, "%s%s%s",
			    text_value(unit, value, buf, sizeof(buf)),
			    text_unit_shown(unit) ? "" : " ",
			    text_unit_shown(unit) ? "" : unit);
}

static void gauge_row(struct table *table, const char *name, const char *unit,
		      const json_t *value)
{
	char mean[TEXT_VALUE_MAX], p99[TEXT_VALUE_MAX], max[TEXT_VALUE_MAX];

	text_value(unit, json_object_get(value, "mean"), mean, sizeof(mean));
	text_value(unit, json_object_get(value, "p99"), p99, sizeof(p99));
	text_value(unit, json_object_get(value, "max"), max, sizeof(max));
	table_cell(table, name);
	table_cellf(table, "mean %s, p99 %s, max %s%s%s", mean, p99, max,
		    text_unit_shown(unit) ? "" : " ",
		    text_unit_shown(unit) ? "" : unit);
}

static bool is_hist(const json_t *value)
{
	return json_is_object(value) && json_object_get(value, "count");
}

static int write_scalars(const json_t *root, const json_t *metrics,
			 const char *group, FILE *out, struct err *err)
{
	const json_t *units = json_object_get(root, "units");
	struct table *table = table_new(err);
	const char *name;
	json_t *value;

	if (!table)
		return -1;
	table_column(table, TABLE_LEFT, "metric");
	table_column(table, TABLE_LEFT, "value");
	json_object_foreach((json_t *)(uintptr_t)metrics, name, value) {
		const char *unit = tree_string(units, name, "");

		if (!in_group(name, group) || is_hist(value))
			continue;
		if (json_is_object(value))
			gauge_row(table, name, unit, value);
		else
			scalar_row(table, name, unit, value);
	}
	return print_and_free(table, out, err);
}

static int write_hists(const json_t *root, const json_t *metrics,
		       const char *group, FILE *out, struct err *err)
{
	const json_t *units = json_object_get(root, "units");
	struct table *table = table_new(err);
	const char *name;
	json_t *value;
	size_t rows = 0;

	if (!table)
		return -1;
	table_column(table, TABLE_LEFT, "distribution");
	hist_columns(table);
	json_object_foreach((json_t *)(uintptr_t)metrics, name, value) {
		if (!in_group(name, group) || !is_hist(value) ||
		    !tree_count(value, "count"))
			continue;
		table_cell(table, name);
		hist_cells(table, tree_string(units, name, ""), value);
		rows++;
	}
	if (!rows) {
		table_free(table);
		return 0;
	}
	if (print_and_free(table, out, err) < 0)
		return -1;
	fputc('\n', out);
	return 0;
}

/* Groups in the order of the metric table. */
static int write_metrics(const json_t *root, const json_t *run, FILE *out,
			 struct err *err)
{
	const json_t *metrics = json_object_get(run, "metrics");
	const char *name, *group = NULL;
	json_t *value;
	int failed = 0;

	json_object_foreach((json_t *)(uintptr_t)metrics, name, value) {
		if (failed || (group && in_group(name, group)))
			continue;
		group = name;
		fprintf(out, "\n%.*s\n", (int)group_length(name), name);
		failed = write_hists(root, metrics, group, out, err);
		if (!failed)
			failed = write_scalars(root, metrics, group, out, err);
	}
	return failed;
}

static int write_resources(const json_t *run, FILE *out, struct err *err)
{
	const json_t *bottleneck = json_object_get(run, "bottleneck");
	const char *worst = tree_string(bottleneck, "resource", NULL);
	struct table *table;
	const json_t *resource;
	char buf[TEXT_VALUE_MAX];
	size_t i;

	if (!worst)
		return 0;
	table = table_new(err);
	if (!table)
		return -1;
	fprintf(out, "\nbottleneck: %s, most waiting of all resources\n",
		worst);
	table_column(table, TABLE_LEFT, "resource");
	table_column(table, TABLE_RIGHT, "waiting");
	table_column(table, TABLE_RIGHT, "utilisation");
	table_column(table, TABLE_RIGHT, "capacity");
	json_array_foreach(json_object_get(bottleneck, "resources"), i,
			   resource) {
		table_cell(table, tree_string(resource, "resource", "-"));
		table_cell(table,
			   text_value("ps",
				      json_object_get(resource, "wait_ps"), buf,
				      sizeof(buf)));
		table_cell(table,
			   text_value("share",
				      json_object_get(resource, "utilisation"),
				      buf, sizeof(buf)));
		table_cellf(table, "%" PRIu64,
			    tree_count(resource, "capacity"));
	}
	return print_and_free(table, out, err);
}

static void write_hazard(const json_t *run, const char *name, json_int_t times,
			 FILE *out)
{
	const json_t *first =
		json_object_get(json_object_get(run, "hazards_first"), name);
	char at[TEXT_VALUE_MAX];

	fprintf(out, "hazard: %s %" JSON_INTEGER_FORMAT " times", name, times);
	if (first) {
		text_value("ps", json_object_get(first, "ps"), at, sizeof(at));
		fprintf(out, ", first at %s", at);
		if (tree_count(first, "frame"))
			fprintf(out, " with frame %" PRIu64,
				tree_count(first, "frame"));
	}
	fputc('\n', out);
}

static void write_checks(const json_t *run, FILE *out)
{
	const json_t *checks = json_object_get(run, "checks"), *check;
	const char *deadlock = tree_string(run, "deadlock", NULL), *name;
	json_t *value;
	size_t i, passed = 0;

	json_array_foreach(checks, i, check)
		passed += json_is_true(json_object_get(check, "ok"));
	fprintf(out, "\nchecks: %zu of %zu hold\n", passed,
		json_array_size(checks));
	json_array_foreach(checks, i, check)
		fprintf(out, "  %-6s  %s: %s\n",
			json_is_true(json_object_get(check, "ok")) ? "ok"
								   : "FAILED",
			tree_string(check, "name", "-"),
			tree_string(check, "detail", ""));
	if (deadlock)
		fprintf(out, "deadlock: %s\n", deadlock);
	json_object_foreach(json_object_get(run, "hazards"), name, value)
		if (json_integer_value(value))
			write_hazard(run, name, json_integer_value(value), out);
}

static void write_capacity(const json_t *run, FILE *out)
{
	const json_t *capacity = json_object_get(run, "capacity");
	char rate[TEXT_VALUE_MAX], head[TEXT_VALUE_MAX];

	if (!capacity)
		return;
	text_value("bps", json_object_get(capacity, "rate_bps"), rate,
		   sizeof(rate));
	text_value("factor", json_object_get(capacity, "headroom"), head,
		   sizeof(head));
	fprintf(out, "capacity %s%s, limited by %s, headroom %s\n",
		json_is_true(json_object_get(capacity, "confirmed")) ? "" : "~",
		rate, tree_string(capacity, "limiter", "-"), head);
}

static int write_run(const json_t *root, const json_t *run, FILE *out,
		     struct err *err)
{
	const json_t *traces = json_object_get(root, "traces");
	char text[TEXT_TRACE_MAX];

	fprintf(out,
		"transmit %s, receive %s, machine %s, seed %" PRIu64
		", replicate %" PRIu64 ": %s\n",
		tree_string(run, "tx", "-"), tree_string(run, "rx", "-"),
		tree_string(run, "machine", "-"), tree_count(run, "seed"),
		tree_count(run, "replicate"), tree_string(run, "status", "-"));
	fprintf(out, "%s\n",
		text_trace(json_array_get(traces, tree_count(run, "trace")),
			   text, sizeof(text)));
	if (!json_object_get(run, "metrics")) {
		fprintf(out, "reason: %s\n", tree_string(run, "reason", "-"));
		return 0;
	}
	fprintf(out, "fingerprint %s\n", tree_string(run, "fingerprint", "-"));
	write_capacity(run, out);
	if (write_stages(run, "tx", out, err) < 0 ||
	    write_stages(run, "rx", out, err) < 0 ||
	    write_routines(run, out, err) < 0 ||
	    write_metrics(root, run, out, err) < 0 ||
	    write_resources(run, out, err) < 0 ||
	    steady_text(run, out, err) < 0)
		return -1;
	write_checks(run, out);
	return 0;
}

static int write_aggregates(const struct report_row *row, FILE *out,
			    struct err *err)
{
	struct table *table = table_new(err);
	const struct compared *c;
	char buf[TEXT_VALUE_MAX];

	if (!table)
		return -1;
	fprintf(out, "\nover %zu replicates\n", row->run_count);
	table_column(table, TABLE_LEFT, "figure");
	table_column(table, TABLE_LEFT, "");
	table_column(table, TABLE_RIGHT, "mean");
	table_column(table, TABLE_RIGHT, "95 %");
	for (c = compared_table; c->metric; c++) {
		struct aggregate a = aggregate_of(row, c->metric, c->stat);

		if (!a.n)
			continue;
		table_cell(table, c->metric);
		table_cell(table, c->stat ? c->stat : "");
		table_cell(table, text_aggregate(c, &a, buf, sizeof(buf)));
		table_cell(table, text_interval(c, &a, buf, sizeof(buf)));
	}
	return print_and_free(table, out, err);
}

static int write_row(const json_t *root, const struct report_row *row,
		     bool first, FILE *out, struct err *err)
{
	if (!first)
		fputc('\n', out);
	if (write_run(root, row->runs[0], out, err) < 0)
		return -1;
	if (row->run_count < 2)
		return 0;
	return write_aggregates(row, out, err);
}

int run_text_write(const struct document *doc, FILE *out, struct err *err)
{
	const json_t *root = document_tree(doc);
	struct report_cells cells;
	bool first = true;
	int failed = 0;

	if (report_cells_init(&cells, root, err) < 0)
		return -1;
	for (size_t i = 0; i < cells.count; i++)
		for (size_t j = 0; j < cells.cells[i].row_count && !failed;
		     j++) {
			failed = write_row(root, &cells.cells[i].rows[j], first,
					   out, err);
			first = false;
		}
	report_cells_clear(&cells);
	return failed;
}
