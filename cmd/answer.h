/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What results of the commands that answer one question (breakeven, ndr, size,
 * sensitivity) have in common: the head of their JSON, and how it is written.
 *
 *	root = answer_head(&builder, "ndr_schema", 1, partial, &study->load);
 *	tree_put(&builder, root, "rows", rows);
 *	return answer_dump(root, &builder, out, err);
 */
#ifndef CMD_ANSWER_H
#define CMD_ANSWER_H

#include <stdbool.h>
#include <stdio.h>

#include "cmd/options.h"
#include "cmd/workload.h"
#include "reports/tree.h"

/* {SCHEMA: number, "tool", "status", "trace", "trace_digest", "frames"}. */
json_t *answer_head(struct tree_builder *builder, const char *schema,
		    uint64_t number, bool partial, const struct workload *load);
/* Write @root and let it go. */
int answer_dump(json_t *root, const struct tree_builder *builder, FILE *out,
		struct err *err);
/* DIR/results.json by @writer, whole or not at all; makes @dir. */
int answer_save(const char *dir, bool force, options_writer *writer,
		const void *what, struct err *err);

#endif
