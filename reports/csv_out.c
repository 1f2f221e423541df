/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/csv_out.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/digest.h"
#include "core/memfile.h"
#include "reports/rows.h"
#include "reports/seal.h"
#include "reports/tree.h"

struct csv {
	FILE *out;
	const json_t *root;
	const json_t *run;
	/* Name -> null: all that are no column anyway, in order. */
	json_t *axes;
	bool sweep;  /* some run lies on an axis */
	bool placed; /* some run is a point of a study */
};

/* RFC 4180: quote what holds a comma, a quote or a line break. */
static void write_text(struct csv *csv, const char *text)
{
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, csv->out);
		return;
	}
	fputc('"', csv->out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', csv->out);
		fputc(*text, csv->out);
	}
	fputc('"', csv->out);
}

static void write_field(struct csv *csv, const char *text)
{
	write_text(csv, text);
	fputc(',', csv->out);
}

static void write_number(struct csv *csv, const json_t *value)
{
	if (json_is_integer(value))
		fprintf(csv->out, "%" JSON_INTEGER_FORMAT,
			json_integer_value(value));
	else if (json_is_real(value))
		fprintf(csv->out, "%.9g", json_real_value(value));
	else if (json_is_boolean(value))
		fputs(json_is_true(value) ? "1" : "0", csv->out);
	else if (json_is_string(value))
		write_text(csv, json_string_value(value));
}

static void write_axes(struct csv *csv)
{
	const json_t *own = json_object_get(csv->run, "axes");
	const json_t *tool = json_object_get(csv->root, "tool");
	const char *key;
	json_t *value;

	if (!csv->sweep)
		return;
	json_object_foreach(csv->axes, key, value)
		write_field(csv, tree_string(own, key, ""));
	write_field(csv, tree_string(tool, "version", ""));
	write_field(csv, tree_string(csv->run, "config_digest", ""));
}

/* Which point of which study, and the frames it met. */
static void write_place(struct csv *csv, const json_t *trace)
{
	const json_t *study = json_object_get(csv->run, "study");

	if (!csv->placed)
		return;
	if (!study) {
		fputs(",,,", csv->out);
		return;
	}
	fprintf(csv->out, "%s,%" PRIu64 "/%" PRIu64 ",%" PRIu64 ":%s,",
		tree_string(study, "digest", ""), tree_count(study, "point"),
		tree_count(study, "points"), tree_count(study, "stream"),
		tree_string(trace, "digest", ""));
}

/* A run that could not be made has none, but may lie on an axis of seeds. */
static void write_seed(struct csv *csv)
{
	const json_t *seed = json_object_get(csv->run, "seed");

	if (!seed)
		seed = json_object_get(json_object_get(csv->run, "axes"),
				       "seed");
	if (seed)
		write_number(csv, seed);
	else
		fputc('0', csv->out);
	fputc(',', csv->out);
}

static void write_row(struct csv *csv, const char *metric, const char *stat,
		      const json_t *value, const char *unit)
{
	const json_t *run = csv->run;
	const json_t *traces = json_object_get(csv->root, "traces");
	const json_t *trace = json_array_get(traces, tree_count(run, "trace"));

	write_field(csv, tree_string(run, "id", ""));
	write_field(csv, tree_string(trace, "path", ""));
	write_field(csv, tree_string(run, "tx", ""));
	write_field(csv, tree_string(run, "rx", ""));
	write_field(csv, tree_string(run, "machine", ""));
	write_seed(csv);
	fprintf(csv->out, "%" PRIu64 ",", tree_count(run, "replicate"));
	write_axes(csv);
	write_place(csv, trace);
	write_field(csv, metric);
	write_field(csv, stat);
	write_number(csv, value);
	fputc(',', csv->out);
	write_text(csv, unit);
	fputc('\n', csv->out);
}

/* Buckets, as they are or packed into text (reports/tree.h). */
static bool is_list(const json_t *value)
{
	return json_is_array(value) || json_is_string(value);
}

/* Histogram or gauge: a row per statistic; a number: one row. */
static void write_metric(struct csv *csv, const char *metric,
			 const json_t *value, const char *unit)
{
	const char *stat;
	json_t *item;

	if (!json_is_object(value)) {
		write_row(csv, metric, "value", value, unit);
		return;
	}
	json_object_foreach((json_t *)(uintptr_t)value, stat, item)
		if (!is_list(item))
			write_row(csv, metric, stat, item,
				  strcmp(stat, "count") == 0 ? "count" : unit);
}

static void write_metrics(struct csv *csv)
{
	const json_t *units = json_object_get(csv->root, "units");
	const char *name;
	json_t *value;

	json_object_foreach(json_object_get(csv->run, "metrics"), name, value)
		write_metric(csv, name, value, tree_string(units, name, ""));
}

static void write_stages(struct csv *csv)
{
	const char *path, *name;
	json_t *stages, *value;
	char metric[128];

	json_object_foreach(json_object_get(csv->run, "stages"), path, stages)
		json_object_foreach(stages, name, value) {
			snprintf(metric, sizeof(metric), "%s.stage.%s_ps", path,
				 name);
			write_metric(csv, metric, value, "ps");
		}
}

static void write_routines(struct csv *csv)
{
	const char *name, *stat;
	json_t *routine, *value;
	char metric[128];

	json_object_foreach(json_object_get(csv->run, "routines"), name,
			    routine) {
		snprintf(metric, sizeof(metric), "routine.%s", name);
		json_object_foreach(routine, stat, value)
			write_row(csv, metric, stat, value,
				  strcmp(stat, "wait_ps") == 0 ? "ps" : stat);
	}
}

static void write_hazards(struct csv *csv)
{
	const char *name;
	json_t *value;
	char metric[128];

	json_object_foreach(json_object_get(csv->run, "hazards"), name, value) {
		snprintf(metric, sizeof(metric), "hazard.%s", name);
		write_row(csv, metric, "value", value, "count");
	}
	json_object_foreach(json_object_get(csv->run, "hazards_first"), name,
			    value) {
		snprintf(metric, sizeof(metric), "hazard.%s", name);
		write_row(csv, metric, "first", json_object_get(value, "ps"),
			  "ps");
		write_row(csv, metric, "frame", json_object_get(value, "frame"),
			  "number");
	}
}

static const char *capacity_unit(const char *name)
{
	if (strcmp(name, "rate_bps") == 0)
		return "bps";
	if (strcmp(name, "rate_pps") == 0)
		return "pps";
	if (strcmp(name, "limiter") == 0)
		return "resource";
	return strcmp(name, "confirmed") == 0 ? "flag" : "factor";
}

static void write_capacity(struct csv *csv)
{
	const char *name;
	json_t *value;
	char metric[128];

	json_object_foreach(json_object_get(csv->run, "capacity"), name,
			    value) {
		snprintf(metric, sizeof(metric), "capacity.%s", name);
		write_row(csv, metric, "value", value, capacity_unit(name));
	}
}

static void write_header(struct csv *csv)
{
	const char *key;
	json_t *value;

	fputs("result,trace,tx,rx,machine,seed,replicate,", csv->out);
	json_object_foreach(csv->axes, key, value)
		write_field(csv, key);
	if (csv->sweep)
		fputs("version,config,", csv->out);
	if (csv->placed)
		fputs("study,point,stream,", csv->out);
	fputs("metric,stat,value,unit\n", csv->out);
}

static int collect_axes(struct csv *csv, struct err *err)
{
	json_t *run, *value;
	const char *key;
	size_t i;

	csv->axes = json_object();
	if (!csv->axes)
		return err_nomem(err, "CSV columns");
	json_array_foreach(json_object_get(csv->root, "runs"), i, run) {
		if (json_object_get(run, "study"))
			csv->placed = csv->sweep = true;
		json_object_foreach(json_object_get(run, "axes"), key, value) {
			csv->sweep = true;
			if (report_axis_is_column(key) ||
			    strcmp(key, "seed") == 0)
				continue;
			if (json_object_set_new(csv->axes, key, json_null()) <
			    0)
				return err_nomem(err, "CSV columns");
		}
	}
	return 0;
}

static void write_run(struct csv *csv)
{
	write_row(csv, "status", "value", json_object_get(csv->run, "status"),
		  "");
	write_metrics(csv);
	write_stages(csv);
	write_routines(csv);
	write_hazards(csv);
	write_capacity(csv);
}

/* The rows of a point of a study end with a digest of them. */
static int write_sealed(struct csv *csv, struct err *err)
{
	FILE *out = csv->out;
	char *text = NULL, hex[17];
	json_t *seal;
	size_t size;
	bool whole;

	csv->out = memfile_open(&text, &size);
	if (!csv->out) {
		csv->out = out;
		return err_nomem(err, "CSV rows");
	}
	write_run(csv);
	whole = memfile_close(csv->out, &text);
	csv->out = out;
	seal = whole ? json_string(digest_hex(seal_digest(0, text, size), hex))
		     : NULL;
	if (!seal) {
		free(text);
		return err_nomem(err, "CSV rows");
	}
	fwrite(text, 1, size, out);
	write_row(csv, "seal", "value", seal, "");
	json_decref(seal);
	free(text);
	return 0;
}

int csv_write(const struct document *doc, FILE *out, struct err *err)
{
	struct csv csv = { .out = out, .root = document_tree(doc) };
	const json_t *runs = json_object_get(csv.root, "runs");
	int failed = collect_axes(&csv, err);
	size_t i;

	if (!failed)
		write_header(&csv);
	for (i = 0; !failed && i < json_array_size(runs); i++) {
		csv.run = json_array_get(runs, i);
		if (json_object_get(csv.run, "study"))
			failed = write_sealed(&csv, err);
		else
			write_run(&csv);
		if (!failed && ferror(out))
			failed =
				err_set(err, ERR_IO, "cannot write the CSV: %s",
					strerror(errno));
	}
	json_decref(csv.axes);
	return failed;
}
