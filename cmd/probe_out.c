/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cmd/probe.h"
#include "core/version.h"
#include "reports/document_tree.h"
#include "reports/table.h"

#define PROBE_SCHEMA 1

static double figure(const struct probe_study *study, size_t point,
		     size_t column)
{
	return study->figures[point * study->column_count + column];
}

static const struct probe_setting *setting_of(const char *key)
{
	const struct probe_setting *row;

	for (row = probe_settings; row->option; row++)
		if (!strcmp(row->key, key))
			return row;
	return NULL;
}

/* --- text --- */

/* "hsw-3g3, op rd, size 64B, ...": what is the same in every row. */
static void print_head(const struct probe_study *study, FILE *out)
{
	const struct config *cfg = study->machines.list[0].cfg;
	const struct probe_setting *row;
	char text[CONFIG_TEXT_MAX];

	fputs(study->machines.list[0].name, out);
	for (row = probe_settings; row->option; row++) {
		const struct axis *axis = axes_find(&study->axes, row->key);

		if ((study->analytic && !row->analytic) ||
		    probe_axis(study, row->key))
			continue;
		fprintf(out, ", %s %s", row->option,
			axis ? axis->values[0]
			     : config_text(cfg, row->key, text, sizeof(text)));
	}
	if (study->nic)
		fprintf(out, ", %s%s: %s", study->nic->name,
			study->as_published ? " as published" : "",
			study->nic->summary);
	fputs("\n\n", out);
}

static void add_columns(const struct probe_study *study, struct table *table)
{
	size_t i;

	for (i = 0; i < study->axes.count; i++) {
		const char *key = study->axes.list[i].key;
		const struct probe_setting *row = setting_of(key);

		if (probe_axis(study, key))
			table_column(table, TABLE_RIGHT,
				     row ? row->option : key);
	}
	for (i = 0; i < study->column_count; i++)
		if (study->columns[i].title)
			table_column(table, TABLE_RIGHT,
				     study->columns[i].title);
}

static void add_figure(struct table *table, const struct probe_column *column,
		       double value)
{
	if (isnan(value))
		table_cell(table, "-");
	else if (column->form == PROBE_PERCENT)
		table_cellf(table, "%.*f%%", column->digits, value * 100);
	else
		table_cellf(table, "%.*f", column->digits, value);
}

static void add_row(const struct probe_study *study, struct table *table,
		    size_t point)
{
	size_t i;

	for (i = 0; i < study->axes.count; i++)
		if (probe_axis(study, study->axes.list[i].key))
			table_cell(table, axes_value(&study->axes, i, point));
	for (i = 0; i < study->column_count; i++)
		if (study->columns[i].title)
			add_figure(table, &study->columns[i],
				   figure(study, point, i));
}

static int write_text(const void *what, FILE *out, struct err *err)
{
	const struct probe_study *study = what;
	struct table *table = table_new(err);
	size_t point;
	int rc;

	if (!table)
		return -1;
	print_head(study, out);
	add_columns(study, table);
	for (point = 0; point < study->points; point++)
		if (study->done[point])
			add_row(study, table, point);
	rc = table_print(table, out, err);
	table_free(table);
	return rc;
}

/* --- JSON --- */

static json_t *point_tree(const struct probe_study *study, size_t point,
			  struct tree_builder *b)
{
	json_t *object = tree_object(b), *axes = tree_object(b);
	json_t *figures = tree_object(b);
	size_t i;

	for (i = 0; i < study->axes.count; i++)
		tree_put(b, axes, study->axes.list[i].key,
			 tree_text(b, axes_value(&study->axes, i, point)));
	for (i = 0; i < study->column_count; i++)
		tree_put(b, figures, study->columns[i].name,
			 tree_real(b, figure(study, point, i)));
	tree_put(b, object, "axes", axes);
	tree_put(b, object, "figures", figures);
	if (!study->analytic)
		tree_put(b, object, "fingerprint",
			 tree_hex(b, study->fingerprints[point]));
	return object;
}

static json_t *tool_tree(struct tree_builder *b)
{
	json_t *tool = tree_object(b);

	tree_put(b, tool, "name", tree_text(b, "dmasim"));
	tree_put(b, tool, "version", tree_text(b, DMASIM_VERSION));
	return tool;
}

static json_t *study_tree(const struct probe_study *study,
			  struct tree_builder *b)
{
	const struct options_machine *machine = &study->machines.list[0];
	json_t *root = tree_object(b), *points = tree_array(b);
	size_t point;

	tree_put(b, root, "probe_schema", tree_u64(b, PROBE_SCHEMA));
	tree_put(b, root, "tool", tool_tree(b));
	tree_put(b, root, "kind",
		 tree_text(b, study->analytic ? "analytic" : "simulated"));
	tree_put(b, root, "status",
		 tree_text(b, probe_done(study) < study->points ? "interrupted"
								: "complete"));
	tree_put(b, root, "machine", tree_text(b, machine->name));
	tree_put(b, root, "seed", tree_u64(b, study->options.seed));
	if (study->nic) {
		tree_put(b, root, "nic", tree_text(b, study->nic->name));
		tree_put(b, root, "as_published",
			 json_boolean(study->as_published));
		tree_put(b, root, "eth_bps", tree_u64(b, study->eth_bps));
	}
	tree_put(b, root, "config", config_tree(b, machine->cfg));
	for (point = 0; point < study->points; point++)
		if (study->done[point])
			tree_append(b, points, point_tree(study, point, b));
	tree_put(b, root, "points", points);
	return root;
}

static int write_json(const void *what, FILE *out, struct err *err)
{
	const struct probe_study *study = what;
	struct tree_builder builder = { 0 };
	json_t *root = study_tree(study, &builder);
	int rc = builder.failed ? err_nomem(err, "probe")
				: tree_dump(root, out, "probe", err);

	json_decref(root);
	return rc;
}

/* --- CSV --- */

/* A field, quoted where it must be. */
static void put_text(FILE *out, const char *text)
{
	if (!strpbrk(text, ",\"\n")) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

/* Whether an axis has a column of its own, not being a setting. */
static bool is_further(const struct axis *axis)
{
	return !setting_of(axis->key);
}

static void write_header(const struct probe_study *study, FILE *out)
{
	const struct probe_setting *row;
	size_t i;

	fputs("machine", out);
	for (row = probe_settings; row->option; row++)
		if (!study->analytic || row->analytic)
			fprintf(out, ",%s", row->column);
	for (i = 0; i < study->axes.count; i++)
		if (is_further(&study->axes.list[i]))
			fprintf(out, ",%s", study->axes.list[i].key);
	for (i = 0; i < study->column_count; i++)
		fprintf(out, ",%s", study->columns[i].name);
	fputc('\n', out);
}

static void put_setting(const struct config *cfg, const char *key, FILE *out)
{
	char text[CONFIG_TEXT_MAX];

	if (config_find(cfg, key)->type == PARAM_QUANTITY)
		fprintf(out, ",%" PRIu64, config_u64(cfg, key));
	else
		fprintf(out, ",%s", config_text(cfg, key, text, sizeof(text)));
}

static int write_point(const struct probe_study *study, size_t point, FILE *out,
		       struct err *err)
{
	struct config *cfg = probe_point(study, point, err);
	const struct probe_setting *row;
	size_t i;

	if (!cfg)
		return -1;
	put_text(out, study->machines.list[0].name);
	for (row = probe_settings; row->option; row++)
		if (!study->analytic || row->analytic)
			put_setting(cfg, row->key, out);
	config_free(cfg);
	for (i = 0; i < study->axes.count; i++) {
		if (!is_further(&study->axes.list[i]))
			continue;
		fputc(',', out);
		put_text(out, axes_value(&study->axes, i, point));
	}
	for (i = 0; i < study->column_count; i++) {
		double value = figure(study, point, i);

		if (isnan(value))
			fputc(',', out);
		else
			fprintf(out, ",%.9g", value);
	}
	fputc('\n', out);
	return 0;
}

static int write_csv(const void *what, FILE *out, struct err *err)
{
	const struct probe_study *study = what;
	size_t point;

	write_header(study, out);
	for (point = 0; point < study->points; point++)
		if (study->done[point] &&
		    write_point(study, point, out, err) < 0)
			return -1;
	return 0;
}

int probe_write(const struct probe_study *study, struct err *err)
{
	static options_writer *const writers[] = {
		[FORMAT_TEXT] = write_text,
		[FORMAT_JSON] = write_json,
		[FORMAT_CSV] = write_csv,
	};

	return options_write(&study->options, writers, study, err);
}
