/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim strategies: the transmit and receive strategies and their parameters.
 */
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/listing.h"
#include "cmd/tables.h"
#include "core/suggest.h"
#include "reports/table.h"

/* Both directions through one shape. */
struct strategy {
	const char *direction, *name, *summary;
	const struct param *params;
};

/* The @index-th of both registries, tx first; false past the end. */
static bool strategy_at(size_t index, struct strategy *s)
{
	size_t count = 0;

	while (tx_registry[count])
		count++;
	if (index < count) {
		const struct tx_ops *tx = tx_registry[index];

		*s = (struct strategy){ "tx", tx_ops_name(tx),
					tx_ops_summary(tx), tx_ops_params(tx) };
		return true;
	}
	for (index -= count, count = 0; count <= index; count++)
		if (!rx_registry[count])
			return false;
	*s = (struct strategy){ "rx", rx_ops_name(rx_registry[index]),
				rx_ops_summary(rx_registry[index]),
				rx_ops_params(rx_registry[index]) };
	return true;
}

static int check_name(const char *name, struct err *err)
{
	char hint[SUGGEST_HINT_MAX];
	struct suggest suggest;
	struct strategy s;
	size_t i;

	if (!name || tx_ops_find(name) || rx_ops_find(name))
		return 0;
	suggest_init(&suggest, name);
	for (i = 0; strategy_at(i, &s); i++)
		suggest_offer(&suggest, s.name);
	return err_set(err, ERR_USAGE, "unknown strategy '%s'%s", name,
		       suggest_hint(&suggest, hint, sizeof(hint)));
}

static int list_text(FILE *out, struct err *err)
{
	struct table *table = table_new(err);
	const char *last = "tx";
	struct strategy s;
	size_t i;
	int result;

	if (!table)
		return -1;
	table_column(table, TABLE_LEFT, "option");
	table_column(table, TABLE_LEFT, "strategy");
	table_column(table, TABLE_LEFT, "summary");
	for (i = 0; strategy_at(i, &s); i++) {
		if (strcmp(last, s.direction) != 0)
			table_line(table, "", "");
		last = s.direction;
		table_cellf(table, "--%s", s.direction);
		table_cell(table, s.name);
		table_cell(table, s.summary);
	}
	result = table_print(table, out, err);
	table_free(table);
	return result;
}

static int params_text(const struct param *row, FILE *out, struct err *err)
{
	struct table *table;
	int result;

	if (!row->key) {
		fputs("no parameters of its own\n", out);
		return 0;
	}
	table = table_new(err);
	if (!table)
		return -1;
	table_column(table, TABLE_LEFT, "parameter");
	table_column(table, TABLE_LEFT, "default");
	table_column(table, TABLE_LEFT, "meaning");
	for (; row->key; row++) {
		table_cell(table, row->key);
		table_cell(table,
			   row->preset_default ? row->preset_default : "-");
		table_cell(table, row->help);
	}
	result = table_print(table, out, err);
	table_free(table);
	return result;
}

static int strategies_text(const struct options *options, const char *name,
			   FILE *out, struct err *err)
{
	struct strategy s;
	bool first = true;
	size_t i;

	(void)options;
	if (check_name(name, err) < 0)
		return -1;
	if (!name)
		return list_text(out, err);
	for (i = 0; strategy_at(i, &s); i++) {
		if (strcmp(s.name, name) != 0)
			continue;
		fprintf(out, "%s%s (--%s): %s\n\n", first ? "" : "\n", s.name,
			s.direction, s.summary);
		first = false;
		if (params_text(s.params, out, err) < 0)
			return -1;
	}
	return 0;
}

static json_t *strategies_json(const struct options *options, const char *name,
			       struct tree_builder *b, struct err *err)
{
	struct strategy s;
	json_t *list;
	size_t i;

	(void)options;
	if (check_name(name, err) < 0)
		return NULL;
	list = tree_array(b);
	for (i = 0; strategy_at(i, &s); i++) {
		const struct param *row;
		json_t *object, *keys;

		if (name && strcmp(s.name, name) != 0)
			continue;
		object = tree_object(b);
		keys = tree_array(b);
		for (row = s.params; row->key; row++)
			tree_append(b, keys, tree_text(b, row->key));
		tree_put(b, object, "direction", tree_text(b, s.direction));
		tree_put(b, object, "name", tree_text(b, s.name));
		tree_put(b, object, "summary", tree_text(b, s.summary));
		tree_put(b, object, "params", keys);
		tree_append(b, list, object);
	}
	return list;
}

int cmd_strategies(int argc, char **argv, struct err *err)
{
	static const struct listing strategies = {
		.spec = { .name = "strategies",
			  .args = "[NAME]",
			  .doc = "List transmit and receive strategies; one "
				 "with its parameters.",
			  .example = "dmasim strategies\n"
				     "dmasim strategies ndis6-hybrid",
			  .groups = OPTIONS_OUTPUT | OPTIONS_FORMAT,
			  .args_max = 1,
			  .no_csv = true },
		.text = strategies_text,
		.json = strategies_json,
	};

	return listing_run(&strategies, argc, argv, err);
}
