/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim merge, between its files: merge.c has the command and the rules,
 * merge_csv.c and merge_json.c read parts and write what was joined.
 *
 * A part is a result of `dmasim sweep`; an item of it is one point.  Whatever
 * the form, an item says which study it belongs to, which point it is and what
 * it met, so that the rules are the same for all forms.
 */
#ifndef CMD_MERGE_H
#define CMD_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "reports/document.h"

struct merge_item {
	char study[17], trace[17]; /* digests */
	char version[32];
	size_t point, points, stream;
	const char *path;     /* of the part; borrowed */
	struct document *doc; /* of the point alone; owned */
	char *text;	      /* or its rows; owned */
	uint64_t window_from; /* ps; 0 without windows */
	uint64_t window_to;   /* ps; UINT64_MAX: the end */
	bool windowed;
};

struct merge {
	struct merge_item *items;
	size_t count, room;
	char *header;	       /* of CSV parts; NULL: none so far */
	const char *header_of; /* the part it is from */
};

/* Room for one more, all zero; NULL without memory. */
struct merge_item *merge_add(struct merge *merge, const char *path,
			     struct err *err);

/* Whether a part is CSV, by its first byte. -1: cannot be read. */
int merge_is_csv(const char *path, struct err *err);

/* Add the points of a part; ERR_INPUT names it and says what is wrong. */
int merge_read_csv(struct merge *merge, const char *path, struct err *err);
int merge_read_json(struct merge *merge, const char *path, struct err *err);

/* Whether two items of one point say the same. */
bool merge_same(const struct merge_item *a, const struct merge_item *b);

#endif
