/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small helpers over jansson: building the result tree and looking things up
 * in it.
 *
 * Building: allocation failures are remembered, not checked at every call.
 *
 *	struct tree_builder b = { 0 };
 *	json_t *run = tree_object(&b);
 *
 *	tree_put(&b, run, "tx", tree_text(&b, "ndis6-sg"));
 *	tree_put(&b, run, "seed", tree_u64(&b, 1));
 *	if (b.failed)
 *		return err_nomem(err, "result document");
 *
 * Looking up never fails on an absent name: it returns NULL or false, and the
 * view prints "-".
 *
 * Invariants: (1) reals in the tree hold 9 significant digits, so a tree that
 * was written and read again is the same tree; (2) texts are valid UTF-8: bytes
 * that are not become U+FFFD; (3) objects keep the order of insertion; (4) a
 * histogram's "buckets" and a series' "values" are packed: a string that holds
 * the JSON text of the list, 16 bytes a bucket where nodes would take 180.
 * json_write() puts the text in place, document_load() packs again.
 */
#ifndef REPORTS_TREE_H
#define REPORTS_TREE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/err.h"

struct tree_builder {
	bool failed; /* an allocation did */
};

json_t *tree_object(struct tree_builder *builder);
json_t *tree_array(struct tree_builder *builder);
/* NULL gives null. */
json_t *tree_text(struct tree_builder *builder, const char *text);
/* Sixteen hexadecimal digits. */
json_t *tree_hex(struct tree_builder *builder, uint64_t word);
/* BUG() above INT64_MAX: results are exact and JSON readers are 64-bit. */
json_t *tree_u64(struct tree_builder *builder, uint64_t value);
/* Rounded to 9 significant digits; not finite gives null. */
json_t *tree_real(struct tree_builder *builder, double value);
/* @value is taken, also on failure. */
void tree_put(struct tree_builder *builder, json_t *object, const char *key,
	      json_t *value);
void tree_append(struct tree_builder *builder, json_t *array, json_t *value);

/*
 * Write @root, one space a level and a newline at the end.  Failed writes are
 * left to the commit of @out, which knows their cause; what remains is
 * ERR_IO: no memory, for @what.
 */
int tree_dump(const json_t *root, FILE *out, const char *what, struct err *err);

/*
 * Packed lists.  Reading takes one number after the other, without brackets:
 *
 *	for (c = packed_text(hist, "buckets"); packed_next(&c, &low);)
 *		packed_next(&c, &count);
 */
const char *packed_text(const json_t *object, const char *key);
bool packed_next(const char **cursor, uint64_t *value);
/* Numbers in the list, 0 when it is absent. */
size_t packed_count(const json_t *object, const char *key);

/* Length of the well-formed UTF-8 sequence at @text (RFC 3629), 0: none. */
size_t utf8_length(const char *text);
/* What no picture or page may hold; also when @length is 0. */
bool utf8_is_control(const char *text, size_t length);

/* @value as its 9-digit text reads. */
double real9(double value);

/* Member of @object as text; @absent when it is missing or no string. */
const char *tree_string(const json_t *object, const char *key,
			const char *absent);
/*
 * Member as a number (integer or real); false when absent, null or larger than
 * any result.
 */
bool tree_number(const json_t *object, const char *key, double *value);
uint64_t tree_count(const json_t *object, const char *key);

/*
 * A metric of a run as one number: @stat is "p99" and the like for histograms
 * and gauges, NULL for counters and ratios.  "capacity.rate_bps" and its
 * neighbours read the run's capacity.  False when absent or null.
 */
bool run_number(const json_t *run, const char *metric, const char *stat,
		double *value);

/* Frames completed and delivered: what cycles per frame are divided by. */
double run_frames(const json_t *run);

#endif
