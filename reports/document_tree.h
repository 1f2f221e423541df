/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of a document, for the files that build it.
 *
 * Invariants: (1) root owns the other trees, which are members of it; (2) a
 * failed builder stays failed: every later call reports it.
 */
#ifndef REPORTS_DOCUMENT_TREE_H
#define REPORTS_DOCUMENT_TREE_H

#include "reports/document.h"
#include "reports/tree.h"

struct document {
	json_t *root;
	json_t *traces, *config, *units, *runs, *summary;
	struct tree_builder builder;
};

/*
 * {"value", "unit", "from", "source"} of @key.  Numbers are in base units; a
 * choice is its name; a value above INT64_MAX is its decimal text.
 */
json_t *config_entry(struct tree_builder *builder, const struct config *cfg,
		     const char *key);
/* Members of @effective whose value is not the one in @shared. */
json_t *config_difference(struct tree_builder *builder, const json_t *effective,
			  const json_t *shared);
/* Every entry of @cfg. */
json_t *config_tree(struct tree_builder *builder, const struct config *cfg);

/* 0, or -1 with the out-of-memory error when anything was lost. */
int document_status(const struct document *doc, struct err *err);

#endif
