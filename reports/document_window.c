/* SPDX-License-Identifier: Apache-2.0 */
/* What a run over a window of its trace says beyond other runs. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "reports/document_tree.h"

/* 128 bits as 32 hexadecimal digits. */
static json_t *wide_tree(struct tree_builder *b, __uint128_t value)
{
	char text[33];

	snprintf(text, sizeof(text), "%016" PRIx64 "%016" PRIx64,
		 (uint64_t)(value >> 64), (uint64_t)value);
	return tree_text(b, text);
}

static json_t *ratio_tree(struct tree_builder *b, const struct ratio *ratio)
{
	json_t *tree = tree_array(b);

	tree_append(b, tree, wide_tree(b, ratio->num));
	tree_append(b, tree, wide_tree(b, ratio->den));
	return tree;
}

/* Time at each level. */
static json_t *level_tree(struct tree_builder *b, const struct gauge *gauge)
{
	const struct hist *hist = &gauge->by_time;
	json_t *tree = tree_object(b), *buckets = tree_array(b);

	for (uint32_t i = 0; i < hist->bucket_count; i++) {
		json_t *pair;

		if (!hist->buckets[i])
			continue;
		pair = tree_array(b);
		tree_append(b, pair, tree_u64(b, hist_low(hist, i)));
		tree_append(b, pair, tree_u64(b, hist->buckets[i]));
		tree_append(b, buckets, pair);
	}
	tree_put(b, tree, "sum", wide_tree(b, hist->sum));
	tree_put(b, tree, "levels", buckets);
	return tree;
}

static json_t *exact_tree(struct tree_builder *b,
			  const struct run_result *result)
{
	json_t *tree = tree_object(b);

	for (const struct metric *row = result->metrics; row->name; row++) {
		const void *value = metric_value(row, result->stats);

		if (row->kind == METRIC_RATIO)
			tree_put(b, tree, row->name, ratio_tree(b, value));
		else if (row->kind == METRIC_GAUGE)
			tree_put(b, tree, row->name, level_tree(b, value));
	}
	return tree;
}

int document_set_window(struct document *doc, int run, uint64_t from_ps,
			uint64_t to_ps, uint64_t overlap_ps,
			const struct run_result *result, struct err *err)
{
	struct tree_builder *b = &doc->builder;
	json_t *tree = tree_object(b);
	json_t *at = json_array_get(doc->runs, (size_t)run);

	BUG_ON(run < 0 || !at);
	tree_put(b, tree, "from_ps", tree_u64(b, from_ps));
	tree_put(b, tree, "to_ps",
		 to_ps == UINT64_MAX ? json_null() : tree_u64(b, to_ps));
	tree_put(b, tree, "overlap_ps", tree_u64(b, overlap_ps));
	tree_put(b, tree, "parts", tree_u64(b, 1));
	tree_put(b, tree, "exact", exact_tree(b, result));
	tree_put(b, at, "window", tree);
	return document_status(doc, err);
}
