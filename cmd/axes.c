/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/axes.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/options.h"
#include "core/sim_time.h"
#include "core/suggest.h"

#define POINTS_MAX (UINT64_C(1) << 32)

/* A range "FIRST..LAST/STEP" in base units. */
struct range {
	uint64_t first, last;
	enum { STEP_BY, STEP_FACTOR, STEP_COUNT, STEP_LOG } kind;
	uint64_t step; /* factors in millionths */
};

bool axis_is_special(const char *key)
{
	return !strcmp(key, "tx") || !strcmp(key, "rx") ||
	       !strcmp(key, "machine") || !strcmp(key, "seed");
}

static void axis_clear(struct axis *axis)
{
	size_t i;

	for (i = 0; i < axis->count; i++)
		free(axis->values[i]);
	free(axis->values);
	free(axis->key);
	memset(axis, 0, sizeof(*axis));
}

void axes_clear(struct axes *axes)
{
	while (axes->count)
		axis_clear(&axes->list[--axes->count]);
}

const struct axis *axes_find(const struct axes *axes, const char *key)
{
	size_t i;

	for (i = 0; i < axes->count; i++)
		if (!strcmp(axes->list[i].key, key))
			return &axes->list[i];
	return NULL;
}

static int add_value(struct axis *axis, const char *text, struct err *err)
{
	size_t i;

	for (i = 0; i < axis->count; i++)
		if (!strcmp(axis->values[i], text))
			return 0;
	if (axis->count == AXIS_VALUES_MAX)
		return err_set(err, ERR_USAGE,
			       "axis '%s' has more than %d values; make its "
			       "steps larger",
			       axis->key, AXIS_VALUES_MAX);
	axis->values[axis->count] = strdup(text);
	if (!axis->values[axis->count])
		return err_nomem(err, "axis");
	axis->count++;
	return 0;
}

static int parse_step(const struct param *row, const char *text,
		      struct range *range, struct err *err)
{
	if (!strncmp(text, "log", 3)) {
		range->kind = STEP_LOG;
		return units_parse(QTY_COUNT, text + 3, &range->step, err);
	}
	if (text[0] == 'n') {
		range->kind = STEP_COUNT;
		return units_parse(QTY_COUNT, text + 1, &range->step, err);
	}
	if (text[0] == 'x') {
		range->kind = STEP_FACTOR;
		return units_parse(QTY_FACTOR, text + 1, &range->step, err);
	}
	range->kind = STEP_BY;
	return units_parse(row->qty, text, &range->step, err);
}

static int check_range(const struct range *range, const char *text,
		       struct err *err)
{
	if (range->first > range->last)
		return err_set(err, ERR_USAGE,
			       "range '%s' goes down; write the smaller end "
			       "first",
			       text);
	if ((range->kind == STEP_COUNT || range->kind == STEP_LOG) &&
	    range->step > AXIS_VALUES_MAX)
		return err_set(err, ERR_USAGE,
			       "range '%s' has more than %d values", text,
			       AXIS_VALUES_MAX);
	if (range->kind == STEP_BY && !range->step)
		return err_set(err, ERR_USAGE, "range '%s' has step 0", text);
	if (range->kind == STEP_FACTOR && range->step <= 1000000)
		return err_set(err, ERR_USAGE,
			       "range '%s' needs a factor above 1, such as x2",
			       text);
	if ((range->kind == STEP_COUNT || range->kind == STEP_LOG) &&
	    range->step < 2)
		return err_set(err, ERR_USAGE,
			       "range '%s' needs at least 2 values", text);
	if ((range->kind == STEP_LOG || range->kind == STEP_FACTOR) &&
	    !range->first)
		return err_set(err, ERR_USAGE,
			       "range '%s' cannot begin at 0 with equal "
			       "ratios",
			       text);
	return 0;
}

/*
 * Where the step begins: after "/", or after " step ", " x ", " n " or " log ",
 * of which only the letters stay; NULL: there is none.  The end of LAST is
 * marked.
 */
static char *find_step(char *dots)
{
	static const char step[] = " step ";
	char *at = strchr(dots, '/');

	if (!at)
		at = strstr(dots, step);
	if (at) {
		char *end = at;

		at += *at == '/' ? 1 : strlen(step);
		*end = '\0';
		return at;
	}
	at = strchr(dots, ' ');
	if (at)
		*at++ = '\0';
	return at;
}

static void squeeze(char *text)
{
	char *to = text;

	for (; *text; text++)
		if (*text != ' ')
			*to++ = *text;
	*to = '\0';
}

/*
 * Split "FIRST..LAST/STEP" or "FIRST..LAST step STEP"; @text is not a range
 * when it has no "..".
 */
static int parse_range(const struct param *row, const char *text,
		       struct range *range, struct err *err)
{
	char copy[128], *dots, *step;

	if (snprintf(copy, sizeof(copy), "%s", text) >= (int)sizeof(copy))
		return err_set(err, ERR_USAGE, "range '%s' is too long", text);
	dots = strstr(copy, "..");
	step = dots ? find_step(dots) : NULL;
	if (!step)
		return err_set(err, ERR_USAGE,
			       "range '%s' says no step; write FIRST..LAST/STEP"
			       ", /xFACTOR, /nCOUNT or /logCOUNT",
			       text);
	*dots = '\0';
	squeeze(step);
	if (units_parse(row->qty, copy, &range->first, err) < 0 ||
	    units_parse(row->qty, dots + 2, &range->last, err) < 0 ||
	    parse_step(row, step, range, err) < 0)
		return err_wrap(err, "range '%s'", text);
	return check_range(range, text, err);
}

/* @value with 4 significant digits. */
static uint64_t round4(uint64_t value)
{
	uint64_t scale = 1;

	while (value / scale >= 10000)
		scale *= 10;
	return (value + scale / 2) / scale * scale;
}

/*
 * At least one more than @value, so that small counts do not stick; @value is
 * not the greatest number there is.
 */
static uint64_t times_factor(uint64_t value, uint64_t factor)
{
	__uint128_t next = (__uint128_t)value * factor / 1000000;

	if (next > UINT64_MAX)
		return UINT64_MAX;
	return next > value ? (uint64_t)next : value + 1;
}

static uint64_t log_value(const struct range *range, uint64_t index)
{
	double ratio = (double)range->last / (double)range->first;
	double share = (double)index / (double)(range->step - 1);

	if (!index)
		return range->first;
	if (index == range->step - 1)
		return range->last;
	return round4(
		(uint64_t)llround((double)range->first * pow(ratio, share)));
}

/*
 * Value @index of @range, given the one before in @value; false past its end.
 */
static bool range_value(const struct range *range, uint64_t index,
			uint64_t *value)
{
	uint64_t span = range->last - range->first;

	switch (range->kind) {
	case STEP_BY:
		*value = range->first + index * range->step;
		return index <= span / range->step;
	case STEP_FACTOR:
		if (index && *value == range->last)
			return false;
		if (!index)
			*value = range->first;
		else
			*value = times_factor(*value, range->step);
		return *value <= range->last;
	case STEP_COUNT:
		*value = range->first +
			 mul_div_u64(span, index, range->step - 1);
		return index < range->step;
	case STEP_LOG:
		if (index < range->step)
			*value = log_value(range, index);
		return index < range->step;
	}
	return false;
}

static int add_range(struct axis *axis, const struct param *row,
		     const char *text, struct err *err)
{
	char value_text[UNITS_TEXT_MAX];
	struct range range;
	uint64_t index, value = 0;

	if (!row || row->type != PARAM_QUANTITY)
		return err_set(err, ERR_USAGE,
			       "axis '%s' takes a list, not the range '%s'",
			       axis->key, text);
	if (parse_range(row, text, &range, err) < 0)
		return -1;
	for (index = 0; range_value(&range, index, &value); index++) {
		units_format(row->qty, value, value_text, sizeof(value_text));
		if (add_value(axis, value_text, err) < 0)
			return -1;
	}
	return 0;
}

/* A value by itself must be one the parameter takes. */
static int check_value(const struct config *cfg, const struct axis *axis,
		       const char *text, struct err *err)
{
	struct config *trial;
	uint64_t seed;
	int rc;

	if (!strcmp(axis->key, "seed"))
		return units_parse(QTY_COUNT, text, &seed, err);
	if (axis_is_special(axis->key))
		return 0;
	trial = config_copy(cfg, err);
	if (!trial)
		return -1;
	rc = config_set(trial, axis->key, text, "axis", err);
	config_free(trial);
	return rc;
}

static int add_values(struct axis *axis, const struct config *cfg, char *list,
		      struct err *err)
{
	const struct param *row =
		axis_is_special(axis->key) ? NULL : config_find(cfg, axis->key);
	char *item, *rest = list;
	size_t i;

	while ((item = strsep(&rest, ","))) {
		int rc;

		while (*item == ' ')
			item++;
		for (i = strlen(item); i && item[i - 1] == ' '; i--)
			item[i - 1] = '\0';
		if (!*item)
			return err_set(err, ERR_USAGE,
				       "axis '%s' has an empty value",
				       axis->key);
		if (strstr(item, ".."))
			rc = add_range(axis, row, item, err);
		else
			rc = add_value(axis, item, err);
		if (rc < 0)
			return -1;
	}
	for (i = 0; i < axis->count; i++)
		if (check_value(cfg, axis, axis->values[i], err) < 0)
			return err_wrap(err, "axis '%s'", axis->key);
	return 0;
}

static int check_key(const struct axes *axes, const struct config *cfg,
		     const char *key, struct err *err)
{
	char hint[SUGGEST_HINT_MAX];
	const struct param *row;
	struct suggest suggest;
	size_t i;

	if (axes->count == AXES_MAX)
		return err_set(err, ERR_USAGE, "more than %d axes", AXES_MAX);
	if (axes_find(axes, key))
		return err_set(err, ERR_USAGE, "axis '%s' is given twice", key);
	if (axis_is_special(key))
		return 0;
	row = config_find(cfg, key);
	if (!row) {
		suggest_init(&suggest, key);
		for (i = 0; (row = config_row(cfg, i)); i++)
			suggest_offer(&suggest, row->key);
		return err_set(err, ERR_USAGE,
			       "axis '%s' is no parameter, nor tx, rx, machine "
			       "or seed%s",
			       key, suggest_hint(&suggest, hint, sizeof(hint)));
	}
	if (row->fixed)
		return err_set(err, ERR_USAGE,
			       "'%s' cannot be an axis; set it with --set",
			       key);
	return 0;
}

int axes_add_pair(struct axes *axes, const struct config *cfg, const char *key,
		  const char *values, struct err *err)
{
	struct axis axis = { .key = NULL };
	char *list = NULL;
	int rc = -1;

	if (check_key(axes, cfg, key, err) < 0)
		return -1;
	axis.key = strdup(key);
	axis.values = calloc(AXIS_VALUES_MAX + 1, sizeof(*axis.values));
	list = strdup(values);
	if (!axis.key || !axis.values || !list)
		err_nomem(err, "axis");
	else
		rc = add_values(&axis, cfg, list, err);
	free(list);
	if (rc < 0)
		axis_clear(&axis);
	else
		axes->list[axes->count++] = axis;
	return rc;
}

int axes_set(struct axes *axes, const char *key, const char *const *values,
	     size_t count, struct err *err)
{
	struct axis axis = { .key = strdup(key) };
	size_t at = 0, i;

	axis.values = calloc(AXIS_VALUES_MAX + 1, sizeof(*axis.values));
	if (!axis.key || !axis.values) {
		axis_clear(&axis);
		return err_nomem(err, "axis");
	}
	while (at < axes->count && strcmp(axes->list[at].key, key) != 0)
		at++;
	if (at == AXES_MAX) {
		axis_clear(&axis);
		return err_set(err, ERR_USAGE, "more than %d axes", AXES_MAX);
	}
	for (i = 0; i < count; i++) {
		if (add_value(&axis, values[i], err) < 0) {
			axis_clear(&axis);
			return -1;
		}
	}
	if (at < axes->count)
		axis_clear(&axes->list[at]);
	else
		axes->count++;
	axes->list[at] = axis;
	return 0;
}

int axes_add(struct axes *axes, const struct config *cfg, const char *text,
	     struct err *err)
{
	const char *equals = strchr(text, '=');
	char *key;
	int rc;

	if (!equals || equals == text)
		return err_set(err, ERR_USAGE,
			       "axis '%s' is not KEY=VALUES, such as "
			       "nic.tx_ring=64,256 or nic.tx_ring=64..512/x2",
			       text);
	key = strndup(text, (size_t)(equals - text));
	if (!key)
		return err_nomem(err, "axis");
	rc = axes_add_pair(axes, cfg, key, equals + 1, err);
	free(key);
	return rc;
}

int axes_check_sets(const struct axes *axes, const struct options *options,
		    struct err *err)
{
	size_t i, a;

	for (i = 0; i < options->set_count; i++) {
		const struct options_set *set = &options->sets[i];
		const char *key = set->key ? set->key : set->text;
		size_t length = strcspn(key, "=");

		for (a = 0; a < axes->count; a++)
			if (strlen(axes->list[a].key) == length &&
			    !strncmp(axes->list[a].key, key, length))
				return err_set(err, ERR_USAGE,
					       "'%s' is an axis and set by %s "
					       "too; leave one out",
					       axes->list[a].key, set->origin);
	}
	return 0;
}

/* The first axis of those that advance together with @axis. */
static size_t leader(const struct axes *axes, size_t axis)
{
	size_t i;

	for (i = 0; axes->list[axis].zip && i < axis; i++)
		if (axes->list[i].zip == axes->list[axis].zip)
			return i;
	return axis;
}

int axes_zip(struct axes *axes, const char *keys, struct err *err)
{
	char *copy = strdup(keys), *rest = copy, *key;
	unsigned zip = ++axes->zips;
	struct axis *first = NULL;
	int rc = copy ? 0 : err_nomem(err, "axis");

	while (!rc && (key = strsep(&rest, ","))) {
		struct axis *axis;

		squeeze(key);
		axis = (struct axis *)(uintptr_t)axes_find(axes, key);
		if (!axis)
			rc = err_set(err, ERR_USAGE, "zip: '%s' is not an axis",
				     key);
		else if (axis->zip)
			rc = err_set(err, ERR_USAGE,
				     "zip: '%s' is in two of them, or twice",
				     key);
		else if (first && first->count != axis->count)
			rc = err_set(err, ERR_USAGE,
				     "zip: '%s' has %zu values, '%s' has %zu; "
				     "axes that advance together have equally "
				     "many",
				     first->key, first->count, key,
				     axis->count);
		else
			axis->zip = zip;
		if (!first)
			first = axis;
	}
	free(copy);
	return rc;
}

int axes_points(const struct axes *axes, size_t *points, struct err *err)
{
	size_t i;

	*points = 1;
	for (i = 0; i < axes->count; i++) {
		if (leader(axes, i) != i)
			continue;
		if (*points > POINTS_MAX / axes->list[i].count)
			return err_set(err, ERR_USAGE,
				       "the axes make more than 2^32 points");
		*points *= axes->list[i].count;
	}
	return 0;
}

const char *axes_value(const struct axes *axes, size_t axis, size_t point)
{
	size_t first = leader(axes, axis);
	size_t i;

	for (i = axes->count; --i > first;)
		if (leader(axes, i) == i)
			point /= axes->list[i].count;
	return axes->list[axis].values[point % axes->list[axis].count];
}
