/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ways of one frame through several machines, as text and as JSON.
 */
#ifndef REPORTS_WAY_OUT_H
#define REPORTS_WAY_OUT_H

#include <stdio.h>

#include "reports/way.h"

struct way_row {
	const char *machine, *tx, *rx;
	const char *why; /* the pair cannot run: nothing else is said */
	struct way way;
};

struct way_rows {
	const char *version; /* of the program */
	uint64_t number;
	const struct way_row *list;
	size_t count;
};

/* Side by side if there are several, then each in full. */
int way_text_write(const void *rows, FILE *out, struct err *err);
/* Schema 1, reports/schema/explain-1.schema.json. */
int way_json_write(const void *rows, FILE *out, struct err *err);

#endif
