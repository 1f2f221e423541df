/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the JSON of answers to a question (breakeven, ndr, size, sensitivity)
 * has in common, and how it is written.
 *
 *	root = answer_head(&builder, "ndr_schema", 1, &study->ask);
 *	answer_settings(&builder, root, &study->ask);
 *	tree_put(&builder, root, "rows", rows);
 *	return answer_dump(root, &builder, out, err);
 */
#ifndef CMD_ANSWER_H
#define CMD_ANSWER_H

#include <stdio.h>

#include "cmd/estimate.h"
#include "cmd/options.h"
#include "cmd/question.h"
#include "reports/tree.h"

/* {SCHEMA: number, "tool", "status", "trace", "trace_digest", "frames"}. */
json_t *answer_head(struct tree_builder *builder, const char *schema,
		    uint64_t number, const struct question *ask);
/* "seed", "replicates" into @root. */
void answer_settings(struct tree_builder *builder, json_t *root,
		     const struct question *ask);
/* {NAME: configuration} of all machines. */
json_t *answer_machines(struct tree_builder *builder,
			const struct question *ask);
/* {"machine", "tx", "rx"}. */
json_t *answer_row(struct tree_builder *builder,
		   const struct question_row *row);
/* {"mean", "ci95"}. */
json_t *answer_estimate(struct tree_builder *builder,
			const struct estimate *value);
/* Write @root and let it go. */
int answer_dump(json_t *root, const struct tree_builder *builder, FILE *out,
		struct err *err);
/* results.json in the report by @writer, whole or not at all; makes that. */
int answer_save(const struct question *ask, options_writer *writer,
		const void *what, struct err *err);

#endif
