/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/text_value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/units.h"
#include "reports/tree.h"

struct unit_form {
	const char *unit;
	enum quantity qty;
	double scale; /* to the quantity's base unit */
};

static const struct unit_form forms[] = {
	{ "ps", QTY_TIME, 1 },	     { "bytes", QTY_BYTES, 1 },
	{ "bps", QTY_RATE, 1 },	     { "pps", QTY_PPS, 1 },
	{ "share", QTY_SHARE, 1e6 }, { "factor", QTY_FACTOR, 1e6 },
};

static const struct unit_form *form_of(const char *unit)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strcmp(forms[i].unit, unit) == 0)
			return &forms[i];
	return NULL;
}

bool text_unit_shown(const char *unit)
{
	return form_of(unit) != NULL;
}

char *text_number(const char *unit, double value, char *buf, size_t size)
{
	const struct unit_form *form = form_of(unit);

	if (form)
		return units_human(form->qty, value * form->scale, 3, buf,
				   size);
	return units_human(QTY_COUNT, value, 4, buf, size);
}

char *text_value(const char *unit, const json_t *value, char *buf, size_t size)
{
	if (!json_is_number(value)) {
		snprintf(buf, size, "-");
		return buf;
	}
	return text_number(unit, json_number_value(value), buf, size);
}

static int digits_of(const struct compared *compared)
{
	return compared->qty == QTY_CYCLES ? 4 : 3;
}

char *text_aggregate(const struct compared *compared,
		     const struct aggregate *aggregate, char *buf, size_t size)
{
	if (!aggregate->n) {
		snprintf(buf, size, "-");
		return buf;
	}
	return units_human(compared->qty, aggregate->mean * compared->scale,
			   digits_of(compared), buf, size);
}

char *text_interval(const struct compared *compared,
		    const struct aggregate *aggregate, char *buf, size_t size)
{
	char half[TEXT_VALUE_MAX];

	buf[0] = '\0';
	if (aggregate->n && aggregate->interval)
		snprintf(buf, size, "\xc2\xb1%s",
			 units_human(compared->qty,
				     aggregate->ci95 * compared->scale, 2, half,
				     sizeof(half)));
	return buf;
}

/* Facts from a sidecar, conversations left out: where there are such. */
static void add_extras(const json_t *trace, char *buf, size_t size)
{
	const json_t *layout = json_object_get(trace, "layout");
	const json_t *sample = json_object_get(trace, "sample");
	size_t used = strlen(buf);

	if (layout)
		snprintf(buf + used, size - used,
			 ", layout: %" PRIu64 " records logged",
			 tree_count(layout, "records") -
				 tree_count(layout, "unmatched"));
	used = strlen(buf);
	if (sample)
		snprintf(buf + used, size - used,
			 ", %" PRIu64 "/%" PRIu64 " of the conversations",
			 tree_count(sample, "share"), tree_count(sample, "of"));
}

char *text_trace(const json_t *trace, char *buf, size_t size)
{
	char bytes[TEXT_VALUE_MAX], duration[TEXT_VALUE_MAX];
	const char *status = tree_string(trace, "status", "");
	const char *detail = tree_string(trace, "status_detail", "");
	const json_t *direction = json_object_get(trace, "direction");
	const char *rule = tree_string(direction, "rule", "");
	bool sound = strcmp(status, "complete") == 0 || !status[0];

	text_value("bytes", json_object_get(trace, "bytes"), bytes,
		   sizeof(bytes));
	text_value("ps", json_object_get(trace, "duration_ps"), duration,
		   sizeof(duration));
	snprintf(buf, size,
		 "%s: %" PRIu64 " frames (%" PRIu64 " tx, %" PRIu64
		 " rx), %s in %s%s%s%s%s%s%s",
		 tree_string(trace, "path", "-"), tree_count(trace, "frames"),
		 tree_count(trace, "tx_frames"), tree_count(trace, "rx_frames"),
		 bytes, duration, rule[0] ? ", direction: " : "", rule,
		 sound ? "" : "; ", sound ? "" : status,
		 !sound && detail[0] ? ": " : "", sound ? "" : detail);
	add_extras(trace, buf, size);
	return buf;
}
