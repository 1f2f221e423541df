/* SPDX-License-Identifier: Apache-2.0 */
#include "core/units.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct unit {
	const char *name; /* NULL ends a list */
	uint64_t factor;  /* base units in one */
	bool human;	  /* used by units_human() */
};

struct quantity_row {
	const char *base_name;
	const char *example;
	const char *likely[2];	  /* units that a bare number may have meant */
	const struct unit *units; /* ascending */
	uint64_t bare;		  /* factor of a bare number, 0: none */
	uint64_t max;
	bool decimals;
};

static const struct unit no_units[] = { { NULL, 0, false } };

static const struct unit byte_units[] = {
	{ "B", 1, true },
	{ "KB", UINT64_C(1000), false },
	{ "KiB", UINT64_C(1) << 10, true },
	{ "MB", UINT64_C(1000000), false },
	{ "MiB", UINT64_C(1) << 20, true },
	{ "GB", UINT64_C(1000000000), false },
	{ "GiB", UINT64_C(1) << 30, true },
	{ "TB", UINT64_C(1000000000000), false },
	{ "TiB", UINT64_C(1) << 40, true },
	{ NULL, 0, false },
};

static const struct unit time_units[] = {
	{ "ps", 1, true },
	{ "ns", UINT64_C(1000), true },
	{ "us", UINT64_C(1000000), true },
	{ "ms", UINT64_C(1000000000), true },
	{ "s", UINT64_C(1000000000000), true },
	{ "min", UINT64_C(60000000000000), false },
	{ "h", UINT64_C(3600000000000000), false },
	{ NULL, 0, false },
};

static const struct unit rate_units[] = {
	{ "bps", 1, true },
	{ "kbps", UINT64_C(1000), true },
	{ "Mbps", UINT64_C(1000000), true },
	{ "Gbps", UINT64_C(1000000000), true },
	{ "Tbps", UINT64_C(1000000000000), true },
	{ NULL, 0, false },
};

static const struct unit freq_units[] = {
	{ "Hz", 1, true },
	{ "kHz", UINT64_C(1000), true },
	{ "MHz", UINT64_C(1000000), true },
	{ "GHz", UINT64_C(1000000000), true },
	{ NULL, 0, false },
};

static const struct unit share_units[] = {
	{ "%", UINT64_C(10000), true },
	{ NULL, 0, false },
};

static const struct unit factor_units[] = {
	{ "x", UINT64_C(1000000), true },
	{ NULL, 0, false },
};

static const struct unit pps_units[] = {
	{ "pps", 1, true },
	{ "kpps", UINT64_C(1000), true },
	{ "Mpps", UINT64_C(1000000), true },
	{ NULL, 0, false },
};

static const struct quantity_row quantities[] = {
	[QTY_COUNT] = { "count",
			"256",
			{ NULL },
			no_units,
			1,
			UINT64_MAX,
			false },
	[QTY_BYTES] = { "bytes",
			"64KiB",
			{ "B", "KiB" },
			byte_units,
			0,
			UINT64_MAX,
			true },
	[QTY_TIME] = { "ps",
		       "10us",
		       { "us", "ns" },
		       time_units,
		       0,
		       UINT64_MAX,
		       true },
	[QTY_RATE] = { "bps",
		       "25Gbps",
		       { "Mbps", "Gbps" },
		       rate_units,
		       0,
		       UINT64_MAX,
		       true },
	[QTY_FREQ] = { "hz",
		       "3.3GHz",
		       { "GHz", "MHz" },
		       freq_units,
		       0,
		       UINT64_MAX,
		       true },
	[QTY_CYCLES] = { "cycles",
			 "1500",
			 { NULL },
			 no_units,
			 1,
			 UINT64_MAX,
			 false },
	[QTY_SHARE] = { "ppm",
			"30%",
			{ "%" },
			share_units,
			1000000,
			1000000,
			true },
	[QTY_FACTOR] = { "millionths",
			 "2.5",
			 { "x" },
			 factor_units,
			 1000000,
			 UINT64_MAX,
			 true },
	[QTY_PPS] = { "pps",
		      "1.2Mpps",
		      { "pps", "kpps" },
		      pps_units,
		      0,
		      UINT64_MAX,
		      true },
};

static const struct quantity_row *row_of(enum quantity qty)
{
	BUG_ON((size_t)qty >= sizeof(quantities) / sizeof(quantities[0]));
	return &quantities[qty];
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The parts of a number: "2.50us" is whole 2, fraction "5", unit "us". */
struct number {
	uint64_t whole;
	const char *fraction;
	size_t fraction_length; /* without trailing zeros */
	const char *unit;
};

static int number_split(const char *text, struct number *n, struct err *err)
{
	const char *p = text;

	*n = (struct number){ .fraction = text, .unit = text };
	if (!is_digit(*p))
		return err_set(err, ERR_USAGE, "'%s' is not a number", text);
	for (; is_digit(*p); p++)
		if (__builtin_mul_overflow(n->whole, UINT64_C(10), &n->whole) ||
		    __builtin_add_overflow(n->whole, (uint64_t)(*p - '0'),
					   &n->whole))
			return err_set(err, ERR_USAGE, "'%s' is too large",
				       text);
	n->fraction = p;
	if (*p == '.') {
		n->fraction = ++p;
		while (is_digit(*p))
			p++;
		n->fraction_length = (size_t)(p - n->fraction);
		if (n->fraction_length == 0)
			return err_set(err, ERR_USAGE,
				       "'%s': a digit must follow the point",
				       text);
	}
	while (n->fraction_length && n->fraction[n->fraction_length - 1] == '0')
		n->fraction_length--;
	n->unit = p;
	return 0;
}

static void list_units(const struct quantity_row *row, char *buf, size_t size)
{
	const struct unit *unit;
	size_t used = 0;

	buf[0] = '\0';
	for (unit = row->units; unit->name && used < size; unit++) {
		int n = snprintf(buf + used, size - used, "%s%s",
				 used ? " " : "", unit->name);

		used += n > 0 ? (size_t)n : 0;
	}
}

static int unit_error(const struct quantity_row *row, const char *text,
		      const struct number *n, struct err *err)
{
	char names[80];

	if (row->units == no_units)
		return err_set(err, ERR_USAGE,
			       "'%s' must be a bare whole number such as %s",
			       text, row->example);
	if (!n->unit[0])
		return err_set(err, ERR_USAGE,
			       "'%s' needs a unit, such as %s%s or %s%s", text,
			       text, row->likely[0], text, row->likely[1]);
	list_units(row, names, sizeof(names));
	return err_set(err, ERR_USAGE,
		       "'%s' has an unknown unit '%s': use one of %s, "
		       "such as %s",
		       text, n->unit, names, row->example);
}

static const struct unit *unit_find(const struct quantity_row *row,
				    const char *name)
{
	const struct unit *unit;

	for (unit = row->units; unit->name; unit++)
		if (strcmp(unit->name, name) == 0)
			return unit;
	return NULL;
}

/*
 * @factor times 0.fraction, exactly.  From the last digit up every partial
 * sum is divisible by ten if and only if the whole product is an integer.
 * factor < 2^60, so 10 x factor fits.
 */
static bool scale_fraction(const struct number *n, uint64_t factor,
			   uint64_t *value)
{
	uint64_t sum = 0;
	size_t i;

	for (i = n->fraction_length; i-- > 0;) {
		sum += (uint64_t)(n->fraction[i] - '0') * factor;
		if (sum % 10)
			return false;
		sum /= 10;
	}
	*value = sum;
	return true;
}

int units_parse(enum quantity qty, const char *text, uint64_t *value,
		struct err *err)
{
	const struct quantity_row *row = row_of(qty);
	const struct unit *unit;
	struct number n;
	uint64_t factor = row->bare;
	uint64_t whole, part;

	if (number_split(text, &n, err) < 0)
		return -1;
	unit = unit_find(row, n.unit);
	if (unit)
		factor = unit->factor;
	else if (n.unit[0])
		return unit_error(row, text, &n, err);
	if (n.fraction != n.unit && !row->decimals)
		return unit_error(row, text, &n, err);
	if (factor == 0 && (n.whole || n.fraction_length))
		return unit_error(row, text, &n, err);
	if (!scale_fraction(&n, factor, &part))
		return err_set(err, ERR_USAGE,
			       "'%s' is finer than the base unit (%s)", text,
			       row->base_name);
	if (__builtin_mul_overflow(n.whole, factor, &whole) ||
	    __builtin_add_overflow(whole, part, &whole) || whole > row->max)
		return err_set(err, ERR_USAGE, "'%s' is too large", text);
	*value = whole;
	return 0;
}

/*
 * @value as a decimal of @unit with at most six decimals, or false.
 */
static bool format_in(const struct unit *unit, const char *name, uint64_t value,
		      char *buf, size_t size)
{
	const uint64_t factor = unit->factor;
	uint64_t rest = value % factor;
	char digits[8];
	unsigned count;

	for (count = 0; rest && count < 6; count++) {
		digits[count] = (char)('0' + rest * 10 / factor);
		rest = rest * 10 % factor;
	}
	if (rest)
		return false;
	digits[count] = '\0';
	snprintf(buf, size, "%llu%s%s%s", (unsigned long long)(value / factor),
		 count ? "." : "", digits, name);
	return true;
}

char *units_format(enum quantity qty, uint64_t value, char *buf, size_t size)
{
	const struct quantity_row *row = row_of(qty);
	const struct unit *unit;
	char text[UNITS_TEXT_MAX];
	bool found = false;

	snprintf(buf, size, "%llu", (unsigned long long)value);
	if (value == 0)
		return buf;
	for (unit = row->units; unit->name; unit++) {
		const char *name = qty == QTY_FACTOR ? "" : unit->name;

		if (!format_in(unit, name, value, text, sizeof(text)))
			continue;
		/* Equal lengths: whole numbers before decimals. */
		if (!found || strlen(text) < strlen(buf) ||
		    (strlen(text) == strlen(buf) && strchr(buf, '.')))
			snprintf(buf, size, "%s", text);
		found = true;
	}
	return buf;
}

/* Below a power of ten by less than this share, a value is rounded up to it. */
static double rounding_share(int digits)
{
	return digits > 3 ? 0.5e-4 : 0.5e-3;
}

/* Three digits: 1.23, 12.3, 123, 1234. */
static void format_digits(double value, int digits, const char *unit, char *buf,
			  size_t size)
{
	double limit = 10;
	int decimals = digits - 1;

	while (decimals > 0 &&
	       value >= limit - limit * rounding_share(digits)) {
		limit *= 10;
		decimals--;
	}
	snprintf(buf, size, "%.*f%s", decimals, value, unit);
}

static bool is_whole(double value)
{
	return value < 1e15 && value == (double)(uint64_t)value;
}

char *units_human(enum quantity qty, double value, int digits, char *buf,
		  size_t size)
{
	const struct quantity_row *row = row_of(qty);
	const struct unit *unit, *best = NULL;
	const char *sign = value < 0 ? "-" : "";
	double size_of = value < 0 ? -value : value;
	double threshold = 1 - rounding_share(digits);
	char text[UNITS_TEXT_MAX];

	if (!(size_of <= 1e30)) {
		snprintf(buf, size, "-");
		return buf;
	}
	for (unit = row->units; unit->name; unit++)
		if (unit->human &&
		    (!best || size_of >= threshold * (double)unit->factor))
			best = unit;
	if (best)
		size_of /= (double)best->factor;
	/* A count or the smallest unit that is whole needs no decimals. */
	if (size_of == 0 || ((!best || best->factor == 1) && is_whole(size_of)))
		snprintf(text, sizeof(text), "%.0f%s", size_of,
			 best && size_of > 0 ? best->name : "");
	else
		format_digits(size_of, digits, best ? best->name : "", text,
			      sizeof(text));
	snprintf(buf, size, "%s%s", sign, text);
	return buf;
}

const char *units_base_name(enum quantity qty)
{
	return row_of(qty)->base_name;
}
