/* SPDX-License-Identifier: Apache-2.0 */
#include "core/param.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/digest.h"
#include "core/suggest.h"

struct value {
	uint64_t number;
	char *text;	    /* strings only */
	char *origin;	    /* NULL: "default" */
	const char *source; /* NULL: the row's, or the origin's */
};

struct config {
	size_t count;
	const struct param **rows; /* table order */
	size_t *by_key;		   /* row indices in key order */
	struct value *values;
};

/* --- building --- */

static size_t table_length(const struct param *table)
{
	size_t n = 0;

	while (table[n].key)
		n++;
	return n;
}

static bool table_seen(const struct param_set *set, size_t upto)
{
	size_t i;

	for (i = 0; i < upto; i++)
		if (set->tables[i] == set->tables[upto])
			return true;
	return false;
}

static struct config *config_alloc(size_t count, struct err *err)
{
	struct config *cfg = calloc(1, sizeof(*cfg));

	if (cfg) {
		cfg->count = count;
		cfg->rows = calloc(count + 1, sizeof(const struct param *));
		cfg->by_key = calloc(count + 1, sizeof(*cfg->by_key));
		cfg->values = calloc(count + 1, sizeof(*cfg->values));
		if (cfg->rows && cfg->by_key && cfg->values)
			return cfg;
	}
	config_free(cfg);
	err_nomem(err, "configuration");
	return NULL;
}

/* Insertion sort: tables are a few hundred rows, in almost sorted groups. */
static void sort_keys(struct config *cfg)
{
	size_t i, j;

	for (i = 0; i < cfg->count; i++) {
		const char *key = cfg->rows[i]->key;
		int order = 1;

		for (j = i; j > 0; j--) {
			order = strcmp(key, cfg->rows[cfg->by_key[j - 1]]->key);
			if (order >= 0)
				break;
			cfg->by_key[j] = cfg->by_key[j - 1];
		}
		if (j > 0 && order == 0)
			BUG("parameter '%s' stands in two tables", key);
		cfg->by_key[j] = i;
	}
}

static void add_tables(struct config *cfg, const struct param_set *set)
{
	size_t i, j, n = 0;

	for (i = 0; set->tables[i]; i++) {
		if (table_seen(set, i))
			continue;
		for (j = 0; set->tables[i][j].key; j++)
			cfg->rows[n++] = &set->tables[i][j];
	}
}

struct config *config_new(const struct param_set *set, struct err *err)
{
	struct config *cfg;
	size_t i, count = 0;

	for (i = 0; set->tables[i]; i++)
		if (!table_seen(set, i))
			count += table_length(set->tables[i]);
	cfg = config_alloc(count, err);
	if (!cfg)
		return NULL;
	add_tables(cfg, set);
	sort_keys(cfg);
	for (i = 0; i < count; i++) {
		const struct param *row = cfg->rows[i];
		const char *text = row->preset_default;
		struct err why = ERR_INIT;

		if (config_set(cfg, row->key, text ? text : "", NULL, &why) ==
		    0)
			continue;
		if (why.kind != ERR_IO)
			BUG("default of a table: %s", why.text);
		err_set(err, why.kind, "%s", why.text);
		config_free(cfg);
		return NULL;
	}
	return cfg;
}

static int value_copy(struct value *to, const struct value *from)
{
	*to = (struct value){ .number = from->number, .source = from->source };
	if (from->text && !(to->text = strdup(from->text)))
		return -1;
	if (from->origin && !(to->origin = strdup(from->origin)))
		return -1;
	return 0;
}

struct config *config_copy(const struct config *cfg, struct err *err)
{
	struct config *copy = config_alloc(cfg->count, err);
	size_t i;

	if (!copy)
		return NULL;
	memcpy(copy->rows, cfg->rows, cfg->count * sizeof(*cfg->rows));
	memcpy(copy->by_key, cfg->by_key, cfg->count * sizeof(*cfg->by_key));
	for (i = 0; i < cfg->count; i++) {
		if (value_copy(&copy->values[i], &cfg->values[i]) == 0)
			continue;
		config_free(copy);
		err_nomem(err, "configuration");
		return NULL;
	}
	return copy;
}

void config_free(struct config *cfg)
{
	size_t i;

	if (!cfg)
		return;
	for (i = 0; cfg->values && i < cfg->count; i++) {
		free(cfg->values[i].text);
		free(cfg->values[i].origin);
	}
	free(cfg->values);
	free(cfg->by_key);
	free(cfg->rows);
	free(cfg);
}

/* --- finding --- */

/* Index of @key's row, or cfg->count. */
static size_t find(const struct config *cfg, const char *key)
{
	size_t low = 0, high = cfg->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		size_t index = cfg->by_key[middle];
		int order = strcmp(key, cfg->rows[index]->key);

		if (order == 0)
			return index;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return cfg->count;
}

static size_t need(const struct config *cfg, const char *key)
{
	size_t index = find(cfg, key);

	if (index == cfg->count)
		BUG("no parameter '%s'", key);
	return index;
}

static int unknown_key(const struct config *cfg, const char *key,
		       struct err *err)
{
	char hint[SUGGEST_HINT_MAX];
	struct suggest suggest;
	size_t i;

	suggest_init(&suggest, key);
	for (i = 0; i < cfg->count; i++) {
		const char *name = strchr(cfg->rows[i]->key, '.');

		suggest_offer(&suggest, cfg->rows[i]->key);
		/* The group forgotten: "tx_ring" for "nic.tx_ring". */
		if (name && strcmp(name + 1, key) == 0) {
			suggest.best = cfg->rows[i]->key;
			suggest.distance = 0;
		}
	}
	suggest_hint(&suggest, hint, sizeof(hint));
	return err_set(err, ERR_USAGE, "unknown parameter '%s'%s%s", key, hint,
		       suggest.best ? "" : "; see dmasim params");
}

/* --- setting --- */

static int parse_quantity(const struct param *row, const char *text,
			  uint64_t *number, struct err *err)
{
	char low[UNITS_TEXT_MAX], high[UNITS_TEXT_MAX];
	uint64_t value;

	if (units_parse(row->qty, text, &value, err) < 0)
		return -1;
	if (value >= row->min && value <= row->max) {
		*number = value;
		return 0;
	}
	units_format(row->qty, row->min, low, sizeof(low));
	units_format(row->qty, row->max, high, sizeof(high));
	return err_set(err, ERR_USAGE,
		       "'%s' is out of range; permitted are %s to %s%s%s", text,
		       low, high, row->unit ? " " : "",
		       row->unit ? row->unit : "");
}

static int parse_bool(const char *text, uint64_t *number, struct err *err)
{
	static const char *const words[] = { "no",    "yes",  "off", "on",
					     "false", "true", "0",   "1" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(text, words[i]) == 0) {
			*number = i & 1;
			return 0;
		}
	return err_set(err, ERR_USAGE, "'%s' is neither yes nor no", text);
}

static int parse_choice(const struct param *row, const char *text,
			uint64_t *number, struct err *err)
{
	char hint[SUGGEST_HINT_MAX];
	struct suggest suggest;
	char names[512];
	size_t i, used = 0;

	suggest_init(&suggest, text);
	names[0] = '\0';
	for (i = 0; row->choices[i].name; i++) {
		int n;

		if (strcmp(text, row->choices[i].name) == 0) {
			*number = i;
			return 0;
		}
		suggest_offer(&suggest, row->choices[i].name);
		n = snprintf(names + used, sizeof(names) - used, "%s%s",
			     used ? ", " : "", row->choices[i].name);
		if (n > 0 && (size_t)n < sizeof(names) - used)
			used += (size_t)n;
	}
	return err_set(err, ERR_USAGE, "'%s' is none of %s%s", text, names,
		       suggest_hint(&suggest, hint, sizeof(hint)));
}

static int parse_value(const struct param *row, const char *text,
		       uint64_t *number, struct err *err)
{
	switch (row->type) {
	case PARAM_QUANTITY:
		return parse_quantity(row, text, number, err);
	case PARAM_BOOL:
		return parse_bool(text, number, err);
	case PARAM_CHOICE:
		return parse_choice(row, text, number, err);
	case PARAM_STRING:
		if (strlen(text) >= CONFIG_TEXT_MAX)
			return err_set(err, ERR_USAGE,
				       "is longer than %d characters",
				       CONFIG_TEXT_MAX - 1);
		*number = 0;
		return 0;
	}
	BUG("parameter '%s' has no type", row->key);
}

static int set_row(struct config *cfg, size_t index, const char *text,
		   const char *origin, const char *source, struct err *err)
{
	const struct param *row = cfg->rows[index];
	struct value *value = &cfg->values[index];
	char *new_text = NULL, *new_origin = NULL;
	uint64_t number;

	if (parse_value(row, text, &number, err) < 0)
		return err_wrap(err, "%s", row->key);
	if (row->type == PARAM_STRING && !(new_text = strdup(text)))
		return err_nomem(err, row->key);
	if (origin && !(new_origin = strdup(origin))) {
		free(new_text);
		return err_nomem(err, row->key);
	}
	free(value->text);
	free(value->origin);
	*value = (struct value){ .number = number,
				 .text = new_text,
				 .origin = new_origin,
				 .source = source };
	return 0;
}

int config_set(struct config *cfg, const char *key, const char *text,
	       const char *origin, struct err *err)
{
	size_t index = find(cfg, key);

	if (index == cfg->count)
		return unknown_key(cfg, key, err);
	return set_row(cfg, index, text, origin, NULL, err);
}

int config_set_pair(struct config *cfg, const char *pair, const char *origin,
		    struct err *err)
{
	const char *equals = strchr(pair, '=');
	char key[128];

	if (!equals || equals == pair)
		return err_set(err, ERR_USAGE,
			       "'%s' is not KEY=VALUE, such as nic.tx_ring=512",
			       pair);
	if ((size_t)(equals - pair) >= sizeof(key))
		return err_set(err, ERR_USAGE, "'%.40s...' is no parameter",
			       pair);
	memcpy(key, pair, (size_t)(equals - pair));
	key[equals - pair] = '\0';
	return config_set(cfg, key, equals + 1, origin, err);
}

int config_apply(struct config *cfg, const struct preset *preset,
		 struct err *err)
{
	const struct preset_value *v;
	char origin[128];

	if (preset->parent && config_apply(cfg, preset->parent, err) < 0)
		return -1;
	snprintf(origin, sizeof(origin), "preset %s", preset->name);
	for (v = preset->values; v && v->key; v++) {
		size_t index = find(cfg, v->key);
		int result;

		if (index == cfg->count)
			result = unknown_key(cfg, v->key, err);
		else
			result = set_row(cfg, index, v->value, origin,
					 v->source, err);
		if (result < 0)
			return err_wrap(err, "%s", origin);
	}
	return 0;
}

/* --- reading --- */

uint64_t config_u64(const struct config *cfg, const char *key)
{
	size_t index = need(cfg, key);

	if (cfg->rows[index]->type == PARAM_STRING)
		BUG("parameter '%s' is no number", key);
	return cfg->values[index].number;
}

bool config_bool(const struct config *cfg, const char *key)
{
	size_t index = need(cfg, key);

	if (cfg->rows[index]->type != PARAM_BOOL)
		BUG("parameter '%s' is no yes or no", key);
	return cfg->values[index].number != 0;
}

unsigned config_choice(const struct config *cfg, const char *key)
{
	size_t index = need(cfg, key);

	if (cfg->rows[index]->type != PARAM_CHOICE)
		BUG("parameter '%s' is no choice", key);
	return (unsigned)cfg->values[index].number;
}

const char *config_string(const struct config *cfg, const char *key)
{
	size_t index = need(cfg, key);

	if (cfg->rows[index]->type != PARAM_STRING)
		BUG("parameter '%s' is no string", key);
	return cfg->values[index].text;
}

const struct param *config_row(const struct config *cfg, size_t index)
{
	return index < cfg->count ? cfg->rows[index] : NULL;
}

const struct param *config_find(const struct config *cfg, const char *key)
{
	return config_row(cfg, find(cfg, key));
}

const char *config_origin(const struct config *cfg, const char *key)
{
	const char *origin = cfg->values[need(cfg, key)].origin;

	return origin ? origin : "default";
}

char *config_text(const struct config *cfg, const char *key, char *buf,
		  size_t size)
{
	size_t index = need(cfg, key);
	const struct param *row = cfg->rows[index];
	const struct value *value = &cfg->values[index];

	switch (row->type) {
	case PARAM_QUANTITY:
		return units_format(row->qty, value->number, buf, size);
	case PARAM_BOOL:
		snprintf(buf, size, "%s", value->number ? "yes" : "no");
		return buf;
	case PARAM_CHOICE:
		snprintf(buf, size, "%s", row->choices[value->number].name);
		return buf;
	case PARAM_STRING:
		snprintf(buf, size, "%s", value->text);
		return buf;
	}
	BUG("parameter '%s' has no type", key);
}

bool config_equal(const struct config *a, const struct config *b,
		  const char *key)
{
	const struct value *x = &a->values[need(a, key)];
	const struct value *y = &b->values[need(b, key)];

	if (x->text && y->text)
		return strcmp(x->text, y->text) == 0;
	return x->number == y->number && !x->text == !y->text;
}

uint64_t config_digest(const struct config *cfg)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < cfg->count; i++) {
		const struct value *value = &cfg->values[i];

		sum += digest_item(
			digest_text(0, cfg->rows[i]->key), value->number,
			value->text ? digest_text(1, value->text) : 0);
	}
	return sum;
}

const char *config_source(const struct config *cfg, const char *key)
{
	size_t index = need(cfg, key);
	const char *source = cfg->values[index].source;

	if (!source)
		source = strcmp(config_origin(cfg, key), "default")
				 ? "given"
				 : cfg->rows[index]->source;
	return source ? source : "";
}
