/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parts of what is said of a trace, where more than one place says it.
 */
#ifndef REPORTS_TRACE_TREE_H
#define REPORTS_TRACE_TREE_H

#include "core/frame.h"
#include "reports/tree.h"

/* {KIND: {"count", "policy", "first_frame"}}, of those that were met. */
json_t *trace_tree_anomalies(struct tree_builder *builder,
			     const struct trace_info *info);
/* Put "layout" and "sample" into @tree where there are such. */
void trace_tree_extras(struct tree_builder *builder, json_t *tree,
		       const struct trace_info *info);

#endif
