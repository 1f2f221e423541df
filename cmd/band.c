/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/band.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/sim_time.h"

#define NUMBER_MAX 40

/* "2,000 ns" at @text as number and unit; returns what follows. */
static const char *split(const char *text, char *number, char *unit)
{
	size_t n = 0;

	for (; isdigit((unsigned char)*text) || *text == ',' || *text == '.';
	     text++)
		if (*text != ',' && n + 1 < NUMBER_MAX)
			number[n++] = *text;
	number[n] = '\0';
	n = 0;
	if (*text == ' ' && strncmp(text, " to ", 4) != 0)
		for (text++; isalpha((unsigned char)*text); text++)
			if (n + 1 < NUMBER_MAX)
				unit[n++] = *text;
	unit[n] = '\0';
	return text;
}

static bool read_end(const struct config *cfg, const struct param *row,
		     const char *number, const char *unit, uint64_t *value)
{
	bool cycles = row->qty == QTY_CYCLES && unit[0];
	char text[2 * NUMBER_MAX];
	struct err err;

	snprintf(text, sizeof(text), "%s%s", number, unit);
	if (units_parse(cycles ? QTY_TIME : row->qty, text, value, &err) < 0)
		return false;
	if (cycles)
		*value = mul_div_u64(*value, config_u64(cfg, "host.clock"),
				     PS_PER_SEC);
	return true;
}

/* The band that the help of @row states. */
static bool stated(const struct config *cfg, const struct param *row,
		   struct band *band)
{
	const char *at = strstr(row->help, "band ");
	char low[NUMBER_MAX], high[NUMBER_MAX];
	char unit[NUMBER_MAX], unit_high[NUMBER_MAX];

	if (!at || !isdigit((unsigned char)at[5]))
		return false;
	at = split(at + 5, low, unit);
	BUG_ON(strncmp(at, " to ", 4) != 0);
	split(at + 4, high, unit_high);
	/* A rate is "64 Mb/s" in words. */
	if (row->qty == QTY_RATE)
		snprintf(unit_high, sizeof(unit_high), "Mbps");
	if (!unit[0])
		snprintf(unit, sizeof(unit), "%s", unit_high);
	if (!read_end(cfg, row, low, unit, &band->low) ||
	    !read_end(cfg, row, high, unit_high, &band->high))
		BUG("%s: the band of '%s' cannot be read", row->key, row->help);
	return true;
}

bool band_assumed(const struct config *cfg, const struct param *row)
{
	return !strncmp(config_source(cfg, row->key), "assumed", 7);
}

bool band_of(const struct config *cfg, const struct param *row,
	     struct band *band)
{
	uint64_t now = config_u64(cfg, row->key);

	band->stated = stated(cfg, row, band);
	if (!band->stated) {
		if (!now)
			return false;
		band->low = now / 2;
		band->high = now > row->max / 2 ? row->max : 2 * now;
	}
	if (band->low < row->min)
		band->low = row->min;
	if (band->high > row->max)
		band->high = row->max;
	if (now < band->low)
		band->low = now;
	if (now > band->high)
		band->high = now;
	return band->low < band->high;
}

int band_parse(const struct param *row, const char *text, struct band *band,
	       struct err *err)
{
	const char *dots = strstr(text, "..");
	char low[NUMBER_MAX];

	if (!dots || dots - text >= NUMBER_MAX)
		return err_set(err, ERR_USAGE,
			       "'%s' is no range such as LOW..HIGH", text);
	snprintf(low, sizeof(low), "%.*s", (int)(dots - text), text);
	if (units_parse(row->qty, low, &band->low, err) < 0 ||
	    units_parse(row->qty, dots + 2, &band->high, err) < 0)
		return -1;
	if (band->low >= band->high || band->low < row->min ||
	    band->high > row->max)
		return err_set(err, ERR_USAGE,
			       "%s: '%s' is no range within the parameter's",
			       row->key, text);
	band->stated = true;
	return 0;
}
