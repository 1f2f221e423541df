/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/price_file.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/sim_time.h"

#define LINE_MAX_CHARS 512

static char *trim(char *text)
{
	char *end = text + strlen(text);

	while (isspace((unsigned char)*text))
		text++;
	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return text;
}

/* Up to the first of @stops; what follows it is left in @rest. */
static char *take(char **rest, const char *stops)
{
	char *field = *rest, *stop = field + strcspn(field, stops);

	*rest = *stop ? stop + 1 : stop;
	*stop = '\0';
	return trim(field);
}

static int add_price(struct price_file *file, const char *section, char *line,
		     unsigned number, struct err *err)
{
	struct measured_price *price = &file->list[file->count];
	char *rest = line, *key, *value, *interval, joined[128];
	bool dot;

	key = take(&rest, "=,");
	dot = section[0] && !strchr(key, '.');
	value = take(&rest, ",");
	interval = take(&rest, ",");
	if (!strcmp(key, "parameter"))
		return 0; /* names of columns */
	if (!*key || !*value || *trim(rest))
		return err_set(err, ERR_USAGE,
			       "a price is PARAMETER,VALUE[,INTERVAL] or "
			       "PARAMETER = VALUE[, INTERVAL]");
	if (file->count == PRICE_FILE_MAX)
		return err_set(err, ERR_USAGE, "more than %d prices",
			       PRICE_FILE_MAX);
	if (strlen(section) + 1 + strlen(key) >= sizeof(price->key) ||
	    strlen(value) >= sizeof(price->value) ||
	    strlen(interval) >= sizeof(price->interval))
		return err_set(err, ERR_USAGE, "'%.40s' is too long", key);
	snprintf(joined, sizeof(joined), "%.47s%s%.63s", dot ? section : "",
		 dot ? "." : "", key);
	snprintf(price->key, sizeof(price->key), "%.63s", joined);
	snprintf(price->value, sizeof(price->value), "%s", value);
	snprintf(price->interval, sizeof(price->interval), "%s", interval);
	price->line = number;
	file->count++;
	return 0;
}

static int read_line(struct price_file *file, char section[48], char *line,
		     unsigned number, struct err *err)
{
	line[strcspn(line, "#;")] = '\0';
	line = trim(line);
	if (!*line)
		return 0;
	if (*line != '[')
		return add_price(file, section, line, number, err);
	if (line[strlen(line) - 1] != ']' || strlen(line) > 48)
		return err_set(err, ERR_USAGE, "'%.48s' is no [SECTION]", line);
	snprintf(section, 48, "%.*s", (int)strlen(line) - 2, line + 1);
	return 0;
}

int price_file_read(struct price_file *file, const char *path, struct err *err)
{
	char line[LINE_MAX_CHARS], section[48] = "";
	unsigned number = 0;
	FILE *in = fopen(path, "r");
	int rc = 0;

	*file = (struct price_file){ .path = path };
	if (!in)
		return err_set(err, ERR_INPUT, "cannot open '%s': %s", path,
			       strerror(errno));
	while (!rc && fgets(line, sizeof(line), in)) {
		number++;
		if (!strchr(line, '\n') && !feof(in))
			rc = err_set(err, ERR_USAGE,
				     "longer than %d characters, or not text",
				     LINE_MAX_CHARS - 2);
		else
			rc = read_line(file, section, line, number, err);
	}
	if (!rc && ferror(in))
		rc = err_set(err, ERR_INPUT, "cannot read it");
	fclose(in);
	if (rc < 0)
		return err_wrap(err, "%s:%u", path, number);
	if (!file->count)
		return err_set(err, ERR_USAGE, "'%s' has no prices", path);
	return 0;
}

/* What a measured @text is in base units of @row. */
static int in_units_of(const struct config *cfg, const struct param *row,
		       const char *text, uint64_t *value, struct err *err)
{
	uint64_t clock = config_u64(cfg, "host.clock");
	bool is_time = strchr(text, 's') != NULL;
	__uint128_t wide;

	if (units_parse(is_time ? QTY_TIME : QTY_CYCLES, text, value, err) < 0)
		return -1;
	wide = *value;
	if (is_time && row->qty == QTY_CYCLES)
		wide = wide * clock / PS_PER_SEC;
	else if (!is_time && row->qty == QTY_TIME)
		wide = wide * PS_PER_SEC / clock;
	if (wide > UINT64_MAX)
		return err_set(err, ERR_USAGE, "'%s' is too large", text);
	*value = (uint64_t)wide;
	return 0;
}

static int set_price(const struct measured_price *price, const char *path,
		     struct config *cfg, int sign, struct err *err)
{
	const struct param *row = config_find(cfg, price->key);
	char text[UNITS_TEXT_MAX], origin[512];
	uint64_t value, half = 0;

	snprintf(origin, sizeof(origin), "%.480s:%u", path, price->line);
	if (!row) /* says so, with a suggestion */
		return config_set(cfg, price->key, price->value, origin, err);
	if (row->type != PARAM_QUANTITY ||
	    (row->qty != QTY_CYCLES && row->qty != QTY_TIME))
		return err_set(err, ERR_USAGE, "%s is no price", price->key);
	if (in_units_of(cfg, row, price->value, &value, err) < 0)
		return -1;
	if (price->interval[0] &&
	    in_units_of(cfg, row, price->interval, &half, err) < 0)
		return -1;
	if (sign > 0)
		value = value < UINT64_MAX - half ? value + half : UINT64_MAX;
	else if (sign < 0)
		value = value > half ? value - half : 0;
	if (sign && value < row->min)
		value = row->min;
	if (sign && value > row->max)
		value = row->max;
	units_format(row->qty, value, text, sizeof(text));
	return config_set(cfg, price->key, text, origin, err);
}

int price_file_apply(const struct price_file *file, struct config *cfg,
		     size_t shifted, int sign, struct err *err)
{
	size_t i;

	for (i = 0; i < file->count; i++)
		if (set_price(&file->list[i], file->path, cfg,
			      i == shifted ? sign : 0, err) < 0)
			return err_wrap(err, "%s:%u", file->path,
					file->list[i].line);
	return 0;
}
