/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quantities: a text that is read is printed as one that reads the same; any
 * number prints and reads back; a number for people fits and is no nonsense.
 */
#include <string.h>

#include "core/units.h"
#include "tests/fuzz/fuzz.h"

static void round_trip(enum quantity qty, uint64_t value)
{
	char text[UNITS_TEXT_MAX], again[UNITS_TEXT_MAX];
	struct err err = ERR_INIT;
	uint64_t back;

	units_format(qty, value, text, sizeof(text));
	if (qty == QTY_SHARE && value > 1000000)
		return;
	FUZZ_CHECK(units_parse(qty, text, &back, &err) == 0, "%s", err.text);
	FUZZ_CHECK(back == value, "%s: %llu is not %llu", text,
		   (unsigned long long)back, (unsigned long long)value);
	units_format(qty, back, again, sizeof(again));
	FUZZ_CHECK(!strcmp(text, again), "%s, %s", text, again);
}

static void for_people(enum quantity qty, double value)
{
	char text[UNITS_TEXT_MAX];
	int digits;

	for (digits = 3; digits <= 4; digits++) {
		units_human(qty, value, digits, text, sizeof(text));
		FUZZ_CHECK(text[0] && strlen(text) < sizeof(text) - 1, "%g",
			   value);
	}
}

static void run(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct err err = ERR_INIT;
	uint64_t value, word = 0;
	double real = 0;
	unsigned qty;

	if (size >= sizeof(word)) {
		memcpy(&word, data, sizeof(word));
		memcpy(&real, data, sizeof(real));
	}
	for (qty = QTY_COUNT; qty <= QTY_PPS; qty++) {
		round_trip((enum quantity)qty, word);
		for_people((enum quantity)qty, real);
		for_people((enum quantity)qty, (double)word);
		if (units_parse((enum quantity)qty, text, &value, &err) < 0)
			fuzz_refused(&err);
		else
			round_trip((enum quantity)qty, value);
	}
	free(text);
}

const struct fuzz_target fuzz_units = { .name = "units", .run = run };
