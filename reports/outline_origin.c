/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where results come from: version, traces, configuration with the origin of
 * every value, and what to type to have them again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memfile.h"
#include "reports/text_value.h"
#include "reports/tree.h"
#include "reports/walk.h"

static void config_value(struct outline *o, const json_t *entry)
{
	const json_t *value = json_object_get(entry, "value");
	char buf[TEXT_VALUE_MAX];

	if (json_is_string(value)) {
		outline_cell(o, json_string_value(value));
	} else if (json_is_number(value)) {
		snprintf(buf, sizeof(buf), "%.15g", json_number_value(value));
		outline_value(o, json_number_value(value), buf, CELL_PLAIN);
	} else {
		outline_cell(o, json_is_true(value)    ? "yes"
				: json_is_false(value) ? "no"
						       : "-");
	}
}

void walk_config(struct walk *walk, const char *caption, const json_t *config)
{
	struct outline *o = &walk->outline;
	const char *key;
	json_t *entry;

	if (!json_object_size(config))
		return;
	outline_table(o, "%s", caption);
	outline_fold(o);
	outline_column(o, TABLE_LEFT, "parameter", "");
	outline_column(o, TABLE_RIGHT, "value", "");
	outline_column(o, TABLE_LEFT, "unit", "");
	outline_column(o, TABLE_LEFT, "from", "who set it");
	outline_column(o, TABLE_LEFT, "source", "where the number is from");
	json_object_foreach((json_t *)(uintptr_t)config, key, entry) {
		outline_cell(o, key);
		config_value(o, entry);
		outline_cell(o, tree_string(entry, "unit", ""));
		outline_cell(o, tree_string(entry, "from", ""));
		outline_cell(o, tree_string(entry, "source", ""));
	}
}

static void add_traces(struct walk *walk, const json_t *root)
{
	struct outline *o = &walk->outline;
	const json_t *trace;
	size_t i;

	outline_table(o, "Traces");
	outline_column(o, TABLE_LEFT, "file", "");
	outline_column(o, TABLE_LEFT, "digest", "over what was decoded");
	outline_column(o, TABLE_RIGHT, "frames", "");
	outline_column(o, TABLE_RIGHT, "sent", "frames");
	outline_column(o, TABLE_RIGHT, "received", "frames");
	outline_column(o, TABLE_RIGHT, "bytes", "");
	outline_column(o, TABLE_RIGHT, "time", "");
	outline_column(o, TABLE_LEFT, "status", "");
	json_array_foreach(json_object_get(root, "traces"), i, trace) {
		outline_cell(o, tree_string(trace, "path", "-"));
		outline_cell(o, tree_string(trace, "digest", "-"));
		walk_number(walk, trace, "frames", "frames");
		walk_number(walk, trace, "tx_frames", "frames");
		walk_number(walk, trace, "rx_frames", "frames");
		walk_number(walk, trace, "bytes", "bytes");
		walk_number(walk, trace, "duration_ps", "ps");
		outline_cell(o, tree_string(trace, "status", "-"));
	}
}

/* A machine's own settings are those of its first run. */
static void add_configs(struct walk *walk, const json_t *root)
{
	const json_t *runs = json_object_get(root, "runs"), *run, *other;
	char caption[256];
	size_t i, j;

	walk_config(walk, "Configuration all runs share",
		    json_object_get(root, "config"));
	json_array_foreach(runs, i, run) {
		const char *machine = tree_string(run, "machine", "-");

		if (json_object_get(run, "axes"))
			break;
		json_array_foreach(runs, j, other)
			if (!strcmp(tree_string(other, "machine", "-"),
				    machine) &&
			    json_object_get(other, "config"))
				break;
		if (j != i)
			continue;
		snprintf(caption, sizeof(caption),
			 "Where machine %s differs from it", machine);
		walk_config(walk, caption, json_object_get(run, "config"));
	}
}

/* For a POSIX shell. */
static void put_word(FILE *out, const char *word)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789_./:,=+-";

	if (*word && !word[strspn(word, plain)]) {
		fputs(word, out);
		return;
	}
	fputc('\'', out);
	for (; *word; word++)
		fputs(*word == '\'' ? "'\\''" : (char[]){ *word, '\0' }, out);
	fputc('\'', out);
}

/* " FLAG a,b,c": the distinct values of @key in the runs. */
static void put_list(struct outline *outline, FILE *out, const json_t *root,
		     const char *flag, const char *key)
{
	const json_t *runs = json_object_get(root, "runs"), *run;
	json_t *seen = json_object();
	const char *name;
	char *text = NULL;
	json_t *value;
	size_t size, i;
	FILE *list = memfile_open(&text, &size);

	json_array_foreach(runs, i, run)
		if (json_object_set_new_nocheck(
			    seen, tree_string(run, key, "-"), json_null()))
			outline->failed = true;
	if (list) {
		const char *separator = "";

		json_object_foreach(seen, name, value) {
			fprintf(list, "%s%s", separator, name);
			separator = ",";
		}
	}
	if (memfile_close(list, &text)) {
		fprintf(out, " %s ", flag);
		put_word(out, text);
	} else {
		outline->failed = true;
	}
	free(text);
	json_decref(seen);
}

/* A quantity in its base unit, as it is written on a command line. */
static void quantity_text(const json_t *entry, char *buf, size_t size)
{
	static const char *const units[][2] = {
		{ "ps", "ps" },	  { "bps", "bps" }, { "pps", "pps" },
		{ "bytes", "B" }, { "hz", "Hz" },
	};
	double value = json_number_value(json_object_get(entry, "value"));
	const char *unit = tree_string(entry, "unit", ""), *suffix = "";
	size_t i;

	if (!strcmp(unit, "millionths") || !strcmp(unit, "ppm"))
		value /= 1e6;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(unit, units[i][0]))
			suffix = units[i][1];
	snprintf(buf, size, "%.15g%s", value, suffix);
}

/* What was set by hand: neither a default nor a preset's. */
static void put_settings(FILE *out, const json_t *config)
{
	const char *key;
	json_t *entry;

	json_object_foreach((json_t *)(uintptr_t)config, key, entry) {
		const char *from = tree_string(entry, "from", "default");
		json_t *value = json_object_get(entry, "value");
		char text[512], number[64];

		quantity_text(entry, number, sizeof(number));
		if (!strcmp(from, "default") || !strncmp(from, "preset ", 7))
			continue;
		if (json_is_string(value))
			snprintf(text, sizeof(text), "%s=%s", key,
				 json_string_value(value));
		else if (json_is_number(value))
			snprintf(text, sizeof(text), "%s=%s", key, number);
		else
			snprintf(text, sizeof(text), "%s=%s", key,
				 json_is_true(value) ? "yes" : "no");
		fputs(" -s ", out);
		put_word(out, text);
	}
}

static uint64_t replicates(const json_t *runs)
{
	const json_t *run;
	uint64_t most = 0;
	size_t i;

	json_array_foreach(runs, i, run)
		if (tree_count(run, "replicate") > most)
			most = tree_count(run, "replicate");
	return most + 1;
}

/* How many values of @key the runs have; of @key and @other together. */
static size_t distinct(struct outline *outline, const json_t *runs,
		       const char *key, const char *other)
{
	json_t *seen = json_object();
	const json_t *run;
	char name[256];
	size_t i, count;

	json_array_foreach(runs, i, run) {
		snprintf(name, sizeof(name), "%.120s %.120s",
			 tree_string(run, key, "-"),
			 other ? tree_string(run, other, "-") : "");
		if (json_object_set_new_nocheck(seen, name, json_null()))
			outline->failed = true;
	}
	count = json_object_size(seen);
	json_decref(seen);
	return count;
}

static bool any_capacity(const json_t *runs)
{
	const json_t *run;
	size_t i;

	json_array_foreach(runs, i, run)
		if (json_object_get(run, "capacity"))
			return true;
	return false;
}

/*
 * The command that makes such runs, with what follows from them; on how many
 * frames capacities were found is not known.
 */
static void put_verb(struct outline *outline, FILE *out, const json_t *root)
{
	const json_t *runs = json_object_get(root, "runs");
	size_t pairs = distinct(outline, runs, "tx", "rx");
	size_t tx = distinct(outline, runs, "tx", NULL);
	size_t rx = distinct(outline, runs, "rx", NULL);
	bool capacity = any_capacity(runs);

	if (pairs == 1 && !capacity &&
	    distinct(outline, runs, "machine", NULL) == 1) {
		fputs("dmasim run", out);
		return;
	}
	fputs("dmasim compare", out);
	if (tx > 1 && rx > 1 && pairs == tx * rx)
		fputs(" --cross", out);
	if (!capacity)
		fputs(" --capacity-frames 0", out);
}

static void add_command(struct walk *walk, const json_t *root)
{
	const json_t *runs = json_object_get(root, "runs"), *trace;
	char *text = NULL;
	size_t size, i;
	FILE *out = memfile_open(&text, &size);

	if (!out) {
		walk->outline.failed = true;
		return;
	}
	put_verb(&walk->outline, out, root);
	put_list(&walk->outline, out, root, "-m", "machine");
	put_list(&walk->outline, out, root, "--tx", "tx");
	put_list(&walk->outline, out, root, "--rx", "rx");
	put_settings(out, json_object_get(root, "config"));
	fprintf(out, " --seed %" PRIu64 " --replicates %" PRIu64,
		tree_count(json_array_get(runs, 0), "seed"), replicates(runs));
	json_array_foreach(json_object_get(root, "traces"), i, trace) {
		fputc(' ', out);
		put_word(out, tree_string(trace, "path", "-"));
	}
	if (memfile_close(out, &text))
		outline_command(&walk->outline, text);
	else
		walk->outline.failed = true;
	free(text);
}

void walk_origin(struct walk *walk, const json_t *root)
{
	const json_t *tool = json_object_get(root, "tool");
	const json_t *run = json_array_get(json_object_get(root, "runs"), 0);
	const char *source = tree_string(tool, "source", NULL);
	struct outline *o = &walk->outline;

	outline_section(o, 2, "Where these results come from");
	outline_prose(o, "dmasim %s%s%s, result schema %" PRIu64 ".",
		      tree_string(tool, "version", "-"),
		      source ? ", source " : "", source ? source : "",
		      tree_count(root, "schema"));
	add_traces(walk, root);
	if (run && !json_object_get(run, "axes")) {
		outline_prose(o, "To have the same again:");
		add_command(walk, root);
	}
	add_configs(walk, root);
}

void walk_study_origin(struct walk *walk, const json_t *root)
{
	outline_prose(
		&walk->outline,
		"From dmasim %s; trace %s, digest %s, %" PRIu64
		" frames of it; seed %" PRIu64 ", %" PRIu64 " replicates.",
		tree_string(json_object_get(root, "tool"), "version", "-"),
		tree_string(root, "trace", "-"),
		tree_string(root, "trace_digest", "-"),
		tree_count(root, "frames"), tree_count(root, "seed"),
		tree_count(root, "replicates"));
}

void walk_study_configs(struct walk *walk, const json_t *machines)
{
	const json_t *machine;
	char caption[256];
	const char *name;
	json_t *config;
	size_t i;

	json_array_foreach(machines, i, machine) {
		snprintf(caption, sizeof(caption), "Configuration of %.200s",
			 tree_string(machine, "machine", "-"));
		walk_config(walk, caption, json_object_get(machine, "config"));
	}
	json_object_foreach((json_t *)(uintptr_t)machines, name, config) {
		snprintf(caption, sizeof(caption), "Configuration of %.200s",
			 name);
		walk_config(walk, caption, config);
	}
}
