/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim presets: the built-in machines and hosts, and where each of their
 * numbers comes from.
 */
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/listing.h"
#include "cmd/tables.h"
#include "reports/table.h"

static int list_text(FILE *out, struct err *err)
{
	struct table *table = table_new(err);
	size_t i;
	int result;

	if (!table)
		return -1;
	table_column(table, TABLE_LEFT, "preset");
	table_column(table, TABLE_LEFT, "kind");
	table_column(table, TABLE_LEFT, "based on");
	table_column(table, TABLE_LEFT, "summary");
	for (i = 0; preset_registry[i]; i++) {
		const struct preset *preset = preset_registry[i];

		table_cell(table, preset->name);
		table_cell(table, preset->kind);
		table_cell(table, preset->parent ? preset->parent->name : "-");
		table_cell(table, preset->summary);
	}
	result = table_print(table, out, err);
	table_free(table);
	return result;
}

/* Its own values, then its parents', those it replaces left out. */
static bool replaced(const struct preset *from, const struct preset *owner,
		     const char *key)
{
	const struct preset_value *v;

	for (; from != owner; from = from->parent)
		for (v = from->values; v && v->key; v++)
			if (strcmp(v->key, key) == 0)
				return true;
	return false;
}

static int detail_text(const struct preset *preset, FILE *out, struct err *err)
{
	struct table *table = table_new(err);
	const struct preset *owner;
	const struct preset_value *v;
	int result;

	if (!table)
		return -1;
	fprintf(out, "%s (%s): %s\n\n", preset->name, preset->kind,
		preset->summary);
	table_column(table, TABLE_LEFT, "parameter");
	table_column(table, TABLE_LEFT, "value");
	table_column(table, TABLE_LEFT, "from");
	table_column(table, TABLE_LEFT, "source");
	for (owner = preset; owner; owner = owner->parent)
		for (v = owner->values; v && v->key; v++) {
			if (replaced(preset, owner, v->key))
				continue;
			table_cell(table, v->key);
			table_cell(table, v->value);
			table_cell(table, owner->name);
			table_cell(table, v->source ? v->source : "-");
		}
	result = table_print(table, out, err);
	table_free(table);
	return result;
}

static int presets_text(const struct options *options, const char *name,
			FILE *out, struct err *err)
{
	const struct preset *preset;

	(void)options;
	if (!name)
		return list_text(out, err);
	preset = tables_find_preset(name, err);
	return preset ? detail_text(preset, out, err) : -1;
}

static json_t *preset_json(const struct preset *preset, struct tree_builder *b)
{
	json_t *object = tree_object(b);
	json_t *values = tree_object(b);
	const struct preset *owner;
	const struct preset_value *v;

	tree_put(b, object, "name", tree_text(b, preset->name));
	tree_put(b, object, "kind", tree_text(b, preset->kind));
	tree_put(b, object, "summary", tree_text(b, preset->summary));
	tree_put(b, object, "parent",
		 tree_text(b, preset->parent ? preset->parent->name : NULL));
	for (owner = preset; owner; owner = owner->parent)
		for (v = owner->values; v && v->key; v++) {
			json_t *value;

			if (replaced(preset, owner, v->key))
				continue;
			value = tree_object(b);
			tree_put(b, value, "value", tree_text(b, v->value));
			tree_put(b, value, "from", tree_text(b, owner->name));
			tree_put(b, value, "source", tree_text(b, v->source));
			tree_put(b, values, v->key, value);
		}
	tree_put(b, object, "values", values);
	return object;
}

static json_t *presets_json(const struct options *options, const char *name,
			    struct tree_builder *builder, struct err *err)
{
	const struct preset *wanted = NULL;
	json_t *list;
	size_t i;

	(void)options;
	if (name && !(wanted = tables_find_preset(name, err)))
		return NULL;
	list = tree_array(builder);
	for (i = 0; preset_registry[i]; i++)
		if (!wanted || wanted == preset_registry[i])
			tree_append(builder, list,
				    preset_json(preset_registry[i], builder));
	return list;
}

int cmd_presets(int argc, char **argv, struct err *err)
{
	static const struct listing presets = {
		.spec = { .name = "presets",
			  .args = "[NAME]",
			  .doc = "List the built-in machines (for -m) and the "
				 "hosts they are based on; one in detail, with "
				 "the source of every number.",
			  .example = "dmasim presets\n"
				     "dmasim presets xge-64bit",
			  .groups = OPTIONS_OUTPUT | OPTIONS_FORMAT,
			  .args_max = 1,
			  .no_csv = true },
		.text = presets_text,
		.json = presets_json,
	};

	return listing_run(&presets, argc, argv, err);
}
