/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim metrics: what a run measures.
 */
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/listing.h"
#include "cmd/tables.h"
#include "reports/table.h"

static const char *const kind_names[] = { "counter", "gauge", "histogram",
					  "ratio" };
static const char *const kind_shapes[] = {
	"one exact integer",
	"mean, p99 and max over time",
	"count, mean, min, max, p50, p90, p99, p999 and buckets",
	"one real number, null when there is nothing to divide by",
};

static bool selected(const struct metric *row, const char *name)
{
	return !name || strcmp(row->name, name) == 0 ||
	       listing_in_group(row->name, name);
}

/* A metric, a group, or nothing given. */
static int check_name(const char *name, struct err *err)
{
	const struct metric *row;

	for (row = machine_metrics; row->name; row++)
		if (selected(row, name))
			return 0;
	return tables_find_metric(name, err) ? 0 : -1;
}

static int list_text(const char *name, FILE *out, struct err *err)
{
	struct table *table = table_new(err);
	const struct metric *row, *last = NULL;
	int result;

	if (!table)
		return -1;
	table_column(table, TABLE_LEFT, "metric");
	table_column(table, TABLE_LEFT, "kind");
	table_column(table, TABLE_LEFT, "unit");
	table_column(table, TABLE_LEFT, "meaning");
	for (row = machine_metrics; row->name; row++) {
		if (!selected(row, name))
			continue;
		if (last && !listing_same_group(last->name, row->name))
			table_line(table, "", "");
		last = row;
		table_cell(table, row->name);
		table_cell(table, kind_names[row->kind]);
		table_cell(table, row->unit);
		table_cell(table, row->help);
	}
	result = table_print(table, out, err);
	table_free(table);
	return result;
}

static int metrics_text(const struct options *options, const char *name,
			FILE *out, struct err *err)
{
	const struct metric *row;

	(void)options;
	if (check_name(name, err) < 0)
		return -1;
	for (row = machine_metrics; name && row->name; row++) {
		if (strcmp(row->name, name) != 0)
			continue;
		fprintf(out, "%s\n", row->name);
		listing_field(out, "meaning", row->help);
		listing_field(out, "unit", row->unit);
		listing_field(out, "kind", kind_names[row->kind]);
		listing_field(out, "shape", kind_shapes[row->kind]);
		return 0;
	}
	return list_text(name, out, err);
}

static json_t *metrics_json(const struct options *options, const char *name,
			    struct tree_builder *b, struct err *err)
{
	const struct metric *row;
	json_t *list;

	(void)options;
	if (check_name(name, err) < 0)
		return NULL;
	list = tree_array(b);
	for (row = machine_metrics; row->name; row++) {
		json_t *object;

		if (!selected(row, name))
			continue;
		object = tree_object(b);
		tree_put(b, object, "name", tree_text(b, row->name));
		tree_put(b, object, "kind",
			 tree_text(b, kind_names[row->kind]));
		tree_put(b, object, "unit", tree_text(b, row->unit));
		tree_put(b, object, "help", tree_text(b, row->help));
		tree_append(b, list, object);
	}
	return list;
}

int cmd_metrics(int argc, char **argv, struct err *err)
{
	static const struct listing metrics = {
		.spec = { .name = "metrics",
			  .args = "[NAME|GROUP]",
			  .doc = "List what a run measures, with units and "
				 "meaning.",
			  .example = "dmasim metrics hal\n"
				     "dmasim metrics rx.latency_ps",
			  .groups = OPTIONS_OUTPUT | OPTIONS_FORMAT,
			  .args_max = 1,
			  .no_csv = true },
		.text = metrics_text,
		.json = metrics_json,
	};

	return listing_run(&metrics, argc, argv, err);
}
