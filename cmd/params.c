/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim params: the parameters, at their defaults or as a machine, files and
 * options set them.
 */
#include <inttypes.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/listing.h"
#include "cmd/tables.h"
#include "core/suggest.h"
#include "reports/table.h"

static const char *const type_names[] = { "quantity", "yes/no", "choice",
					  "text" };

/* What its values are for people; NULL: no unit. */
static const char *unit_of(const struct param *row)
{
	if (row->type != PARAM_QUANTITY)
		return NULL;
	if (row->unit)
		return row->unit[0] ? row->unit : NULL;
	if (row->qty == QTY_SHARE)
		return "share";
	if (row->qty == QTY_FACTOR)
		return "factor";
	return units_base_name(row->qty);
}

#define HOUR_PS UINT64_C(3600000000000000)

/* An end of a range: rounded where the exact text is beyond reading. */
static void end_text(enum quantity qty, uint64_t value, char *buf, size_t size)
{
	units_format(qty, value, buf, size);
	if (strlen(buf) <= 10)
		return;
	if (qty == QTY_TIME && value >= 100 * HOUR_PS)
		snprintf(buf, size, "%" PRIu64 "h", value / HOUR_PS);
	else
		units_human(qty, (double)value, 3, buf, size);
}

/* "8 to 4096", "auto|tx|rx" or "". */
static void range_text(const struct param *row, char *buf, size_t size)
{
	char low[UNITS_TEXT_MAX], high[UNITS_TEXT_MAX];
	size_t i, used = 0;

	buf[0] = '\0';
	if (row->type == PARAM_QUANTITY) {
		end_text(row->qty, row->min, low, sizeof(low));
		end_text(row->qty, row->max, high, sizeof(high));
		snprintf(buf, size, "%s to %s", low, high);
	} else if (row->type == PARAM_BOOL) {
		snprintf(buf, size, "yes|no");
	} else if (row->type == PARAM_CHOICE) {
		for (i = 0; row->choices[i].name && used < size; i++) {
			int n = snprintf(buf + used, size - used, "%s%s",
					 i ? "|" : "", row->choices[i].name);

			used += n > 0 ? (size_t)n : 0;
		}
	}
}

static struct config *make_config(const struct options *options,
				  struct err *err)
{
	static const char *const none[] = { NULL };
	struct options_machines machines;
	struct config *cfg;

	if (options_machines(options, none, &machines, err) < 0)
		return NULL;
	if (machines.count == 1) {
		cfg = config_copy(machines.list[0].cfg, err);
	} else {
		err_set(err, ERR_USAGE, "params takes one machine, not %zu",
			machines.count);
		cfg = NULL;
	}
	options_machines_clear(&machines);
	return cfg;
}

/* Whether @name selects @row: all, its key or its group. */
static bool selected(const struct param *row, const char *name)
{
	return !name || strcmp(row->key, name) == 0 ||
	       listing_in_group(row->key, name);
}

static int check_name(const struct config *cfg, const char *name,
		      struct err *err)
{
	const struct param *row;
	char hint[SUGGEST_HINT_MAX];
	struct suggest suggest;
	size_t i;

	if (!name)
		return 0;
	suggest_init(&suggest, name);
	for (i = 0; (row = config_row(cfg, i)); i++) {
		if (selected(row, name))
			return 0;
		suggest_offer(&suggest, row->key);
	}
	suggest_hint(&suggest, hint, sizeof(hint));
	for (i = 0; (row = config_row(cfg, i)); i++)
		if (listing_same_group(name, row->key))
			return err_set(err, ERR_USAGE,
				       "no parameter '%s' in its group, see "
				       "dmasim params %.*s%s",
				       name, (int)strcspn(name, "."), name,
				       hint);
	return err_set(err, ERR_USAGE, "no parameter or group '%s'%s", name,
		       hint);
}

/* --- text --- */

static int list_text(const struct config *cfg, const char *name, FILE *out,
		     struct err *err)
{
	struct table *table = table_new(err);
	const struct param *row, *last = NULL;
	char text[CONFIG_TEXT_MAX], range[CONFIG_TEXT_MAX];
	size_t i;
	int result;

	if (!table)
		return -1;
	table_column(table, TABLE_LEFT, "parameter");
	table_column(table, TABLE_LEFT, "value");
	table_column(table, TABLE_LEFT, "from");
	table_column(table, TABLE_LEFT, "permitted");
	table_column(table, TABLE_LEFT, "meaning");
	for (i = 0; (row = config_row(cfg, i)); i++) {
		if (!selected(row, name))
			continue;
		if (last && !listing_same_group(last->key, row->key))
			table_line(table, "", "");
		last = row;
		range_text(row, range, sizeof(range));
		config_text(cfg, row->key, text, sizeof(text));
		table_cell(table, row->key);
		table_cell(table, text[0] ? text : "-");
		table_cell(table, config_origin(cfg, row->key));
		table_cell(table, range);
		table_cell(table, row->help);
	}
	result = table_print(table, out, err);
	table_free(table);
	return result;
}

static void detail_text(const struct config *cfg, const struct param *row,
			FILE *out)
{
	const char *origin = config_origin(cfg, row->key);
	char text[CONFIG_TEXT_MAX];
	size_t i;

	fprintf(out, "%s\n", row->key);
	listing_field(out, "meaning", row->help);
	listing_field(out, "", row->doc);
	listing_field(out, "type", type_names[row->type]);
	listing_field(out, "unit", unit_of(row));
	if (row->type == PARAM_CHOICE) {
		for (i = 0; row->choices[i].name; i++)
			fprintf(out, "%-12s%-10s  %s\n", i ? "" : "choices",
				row->choices[i].name, row->choices[i].help);
	} else {
		range_text(row, text, sizeof(text));
		listing_field(out, "permitted", text);
	}
	listing_field(out, "default", row->preset_default);
	if (strcmp(origin, "default") != 0) {
		config_text(cfg, row->key, text, sizeof(text));
		listing_field(out, "value", text);
		listing_field(out, "from", origin);
	}
	/* What the user sets has no source but the user. */
	if (strcmp(origin, "default") == 0 ||
	    strncmp(origin, "preset ", 7) == 0)
		listing_field(out, "source", config_source(cfg, row->key));
	listing_field(out, "sweepable", row->fixed ? "no" : "yes");
}

static int params_text(const struct options *options, const char *name,
		       FILE *out, struct err *err)
{
	struct config *cfg = make_config(options, err);
	const struct param *row;
	int result = 0;

	if (!cfg)
		return -1;
	row = name ? config_find(cfg, name) : NULL;
	if (row)
		detail_text(cfg, row, out);
	else if (check_name(cfg, name, err) < 0)
		result = -1;
	else
		result = list_text(cfg, name, out, err);
	config_free(cfg);
	return result;
}

/* --- JSON --- */

static json_t *choices_json(const struct param *row, struct tree_builder *b)
{
	json_t *list = tree_array(b);
	size_t i;

	for (i = 0; row->choices[i].name; i++) {
		json_t *choice = tree_object(b);

		tree_put(b, choice, "name", tree_text(b, row->choices[i].name));
		tree_put(b, choice, "help", tree_text(b, row->choices[i].help));
		tree_append(b, list, choice);
	}
	return list;
}

static json_t *row_json(const struct config *cfg, const struct param *row,
			struct tree_builder *b)
{
	json_t *object = tree_object(b);
	char text[CONFIG_TEXT_MAX];

	tree_put(b, object, "key", tree_text(b, row->key));
	tree_put(b, object, "type", tree_text(b, type_names[row->type]));
	tree_put(b, object, "unit", tree_text(b, unit_of(row)));
	tree_put(b, object, "default", tree_text(b, row->preset_default));
	if (row->type == PARAM_QUANTITY) {
		units_format(row->qty, row->min, text, sizeof(text));
		tree_put(b, object, "min", tree_text(b, text));
		units_format(row->qty, row->max, text, sizeof(text));
		tree_put(b, object, "max", tree_text(b, text));
	}
	range_text(row, text, sizeof(text));
	if (text[0])
		tree_put(b, object, "permitted", tree_text(b, text));
	if (row->type == PARAM_CHOICE)
		tree_put(b, object, "choices", choices_json(row, b));
	tree_put(b, object, "help", tree_text(b, row->help));
	tree_put(b, object, "doc", tree_text(b, row->doc));
	config_text(cfg, row->key, text, sizeof(text));
	tree_put(b, object, "value", tree_text(b, text));
	tree_put(b, object, "from", tree_text(b, config_origin(cfg, row->key)));
	tree_put(b, object, "source",
		 tree_text(b, config_source(cfg, row->key)));
	tree_put(b, object, "sweepable", json_boolean(!row->fixed));
	return object;
}

static json_t *params_json(const struct options *options, const char *name,
			   struct tree_builder *builder, struct err *err)
{
	struct config *cfg = make_config(options, err);
	const struct param *row;
	json_t *list = NULL;
	size_t i;

	if (!cfg)
		return NULL;
	if (check_name(cfg, name, err) == 0) {
		list = tree_array(builder);
		for (i = 0; (row = config_row(cfg, i)); i++)
			if (selected(row, name))
				tree_append(builder, list,
					    row_json(cfg, row, builder));
	}
	config_free(cfg);
	return list;
}

int cmd_params(int argc, char **argv, struct err *err)
{
	static const struct listing params = {
		.spec = { .name = "params",
			  .args = "[KEY|GROUP]",
			  .doc = "List parameters with their values, ranges "
				 "and meaning; one parameter in detail, with "
				 "the source of its value. With -m, -c or -s: "
				 "as that configuration sets them.",
			  .example = "dmasim params nic\n"
				     "dmasim params -m gbe-32bit nic.tx_ring",
			  .groups = OPTIONS_MACHINE | OPTIONS_OUTPUT |
				    OPTIONS_FORMAT,
			  .args_max = 1,
			  .no_csv = true },
		.text = params_text,
		.json = params_json,
	};

	return listing_run(&params, argc, argv, err);
}
