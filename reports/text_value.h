/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values as tables show them: a metric's unit decides the form, "12.3us",
 * "64.0KiB", "31.4%", "1234".  What is absent is "-".
 */
#ifndef REPORTS_TEXT_VALUE_H
#define REPORTS_TEXT_VALUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "reports/summary.h"

#define TEXT_VALUE_MAX 48

/* @unit as in "units" of the document. */
char *text_value(const char *unit, const json_t *value, char *buf, size_t size);
char *text_number(const char *unit, double value, char *buf, size_t size);
/* Whether the unit is told by the form ("12.3us"), or must stand beside. */
bool text_unit_shown(const char *unit);

/* The mean of a compared figure; "-" when no replicate has it. */
char *text_aggregate(const struct compared *compared,
		     const struct aggregate *aggregate, char *buf, size_t size);
/* "±12" in the figure's unit, "" without an interval. */
char *text_interval(const struct compared *compared,
		    const struct aggregate *aggregate, char *buf, size_t size);

/* "web.pcap: 54321 frames (30000 tx, 24321 rx), 37.1MiB in 4.02s" */
char *text_trace(const json_t *trace, char *buf, size_t size);
#define TEXT_TRACE_MAX 1600

#endif
