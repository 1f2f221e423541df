/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/trace_tree.h"

static json_t *layout_tree(struct tree_builder *b,
			   const struct trace_info *info)
{
	json_t *tree = tree_object(b);

	tree_put(b, tree, "digest", tree_hex(b, info->layout_digest));
	tree_put(b, tree, "records", tree_u64(b, info->layout_records));
	tree_put(b, tree, "unmatched", tree_u64(b, info->layout_unmatched));
	return tree;
}

static json_t *sample_tree(struct tree_builder *b,
			   const struct trace_info *info)
{
	json_t *tree = tree_object(b);

	tree_put(b, tree, "share", tree_u64(b, info->flows_share));
	tree_put(b, tree, "of", tree_u64(b, info->flows_of));
	tree_put(b, tree, "whole_frames", tree_u64(b, info->whole_frames));
	tree_put(b, tree, "whole_bytes", tree_u64(b, info->whole_bytes));
	return tree;
}

json_t *trace_tree_anomalies(struct tree_builder *b,
			     const struct trace_info *info)
{
	json_t *tree = tree_object(b);

	for (unsigned i = 0; i < info->anomaly_count; i++) {
		const struct trace_anomaly *anomaly = &info->anomalies[i];
		json_t *entry = tree_object(b);

		tree_put(b, entry, "count", tree_u64(b, anomaly->count));
		tree_put(b, entry, "policy", tree_text(b, anomaly->policy));
		tree_put(b, entry, "first_frame",
			 tree_u64(b, anomaly->first_frame));
		tree_put(b, tree, anomaly->kind, entry);
	}
	return tree;
}

void trace_tree_extras(struct tree_builder *b, json_t *tree,
		       const struct trace_info *info)
{
	if (info->layout_given)
		tree_put(b, tree, "layout", layout_tree(b, info));
	if (info->flows_of)
		tree_put(b, tree, "sample", sample_tree(b, info));
}
