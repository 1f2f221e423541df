/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the commands that list a table have in common: options, output, text
 * or JSON, one row in detail.
 *
 *	static const struct listing presets = {
 *		.spec = { .name = "presets", .args = "[NAME]", ... },
 *		.text = presets_text,
 *		.json = presets_json,
 *	};
 *	return listing_run(&presets, argc, argv, err);
 */
#ifndef CMD_LISTING_H
#define CMD_LISTING_H

#include <jansson.h>
#include <stdio.h>

#include "cmd/options.h"
#include "core/err.h"
#include "reports/tree.h"

struct listing {
	struct options_spec spec;
	/* @name NULL: everything. */
	int (*text)(const struct options *options, const char *name, FILE *out,
		    struct err *err);
	/* A new tree, or NULL with an error; failures kept by @builder. */
	json_t *(*json)(const struct options *options, const char *name,
			struct tree_builder *builder, struct err *err);
};

int listing_run(const struct listing *listing, int argc, char **argv,
		struct err *err);

/* "group.name" is in group @name? */
bool listing_in_group(const char *key, const char *name);
/* "nic.tx_ring" and "nic.rx_ring" are. */
bool listing_same_group(const char *a, const char *b);
/* "label:  text" of a detail, wrapped at 80 columns; nothing for NULL, "". */
void listing_field(FILE *out, const char *label, const char *text);

#endif
