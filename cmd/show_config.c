/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/show_config.h"

#include <string.h>

#include "core/ini.h"
#include "reports/tree.h"

/* Columns before the comment with the origin. */
#define VALUE_WIDTH 36

/* Length of "nic" in "nic.tx_ring". */
static size_t group_length(const char *key)
{
	return strcspn(key, ".");
}

static void print_value(const struct config *cfg, const struct param *row,
			FILE *out)
{
	char text[CONFIG_TEXT_MAX], line[CONFIG_TEXT_MAX + 80];
	const char *name = row->key + group_length(row->key) + 1;
	const char *origin = config_origin(cfg, row->key);

	config_text(cfg, row->key, text, sizeof(text));
	snprintf(line, sizeof(line), "%s = %s", name, text);
	if (strchr(text, ';') || strlen(line) > INI_LINE_MAX)
		fprintf(out, "; %s (%s): not for a file; use --set\n", line,
			origin);
	else if (strlen(line) + strlen(origin) + 3 > INI_LINE_MAX)
		fprintf(out, "%s\n", line);
	else
		fprintf(out, "%-*s ; %s\n", VALUE_WIDTH, line, origin);
}

static void print_machine(const struct options_machine *machine, FILE *out)
{
	const struct param *row;
	const char *group = NULL;
	size_t i;

	fprintf(out, "; machine %s\n", machine->name);
	for (i = 0; (row = config_row(machine->cfg, i)); i++) {
		size_t length = group_length(row->key);
		char text[CONFIG_TEXT_MAX];

		config_text(machine->cfg, row->key, text, sizeof(text));
		if (!text[0])
			continue;
		if (!group || strncmp(group, row->key, length + 1) != 0)
			fprintf(out, "\n[%.*s]\n", (int)length, row->key);
		group = row->key;
		print_value(machine->cfg, row, out);
	}
}

static json_t *machine_json(const struct options_machine *machine,
			    struct tree_builder *b)
{
	json_t *object = tree_object(b), *values = tree_object(b);
	const struct param *row;
	size_t i;

	for (i = 0; (row = config_row(machine->cfg, i)); i++) {
		json_t *value = tree_object(b);
		char text[CONFIG_TEXT_MAX];

		config_text(machine->cfg, row->key, text, sizeof(text));
		tree_put(b, value, "value", tree_text(b, text));
		tree_put(b, value, "from",
			 tree_text(b, config_origin(machine->cfg, row->key)));
		tree_put(b, value, "source",
			 tree_text(b, config_source(machine->cfg, row->key)));
		tree_put(b, values, row->key, value);
	}
	tree_put(b, object, "machine", tree_text(b, machine->name));
	tree_put(b, object, "config", values);
	return object;
}

static int write_json(const struct options_machines *machines, FILE *out,
		      struct err *err)
{
	struct tree_builder b = { 0 };
	json_t *list = tree_array(&b);
	size_t i;
	int rc;

	for (i = 0; i < machines->count; i++)
		tree_append(&b, list, machine_json(&machines->list[i], &b));
	rc = b.failed ? err_nomem(err, "configuration")
		      : tree_dump(list, out, "configuration", err);
	json_decref(list);
	return rc;
}

int show_config(const struct options *options, const char *const *defaults,
		struct err *err)
{
	struct options_machines machines;
	struct outfile out;
	int rc = 0;
	size_t i;

	if (options_machines(options, defaults, &machines, err) < 0)
		return -1;
	if (options_open(options, &out, err) < 0) {
		options_machines_clear(&machines);
		return -1;
	}
	if (options->format == FORMAT_JSON)
		rc = write_json(&machines, out.fp, err);
	else
		for (i = 0; i < machines.count; i++) {
			if (i)
				fputc('\n', out.fp);
			print_machine(&machines.list[i], out.fp);
		}
	options_machines_clear(&machines);
	if (rc == 0)
		return outfile_commit(&out, err);
	outfile_abort(&out);
	return -1;
}
