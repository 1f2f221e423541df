/* SPDX-License-Identifier: Apache-2.0 */
/* Joining documents: traces by identity, configurations restated. */
#include <stdint.h>
#include <string.h>

#include "reports/document_tree.h"

static int trace_index(struct document *into, const json_t *trace)
{
	const json_t *known;
	size_t i;

	json_array_foreach(into->traces, i, known)
		if (json_equal(json_object_get(known, "digest"),
			       json_object_get(trace, "digest")) &&
		    json_equal(json_object_get(known, "path"),
			       json_object_get(trace, "path")))
			return (int)i;
	tree_append(&into->builder, into->traces, json_deep_copy(trace));
	return (int)json_array_size(into->traces) - 1;
}

/* What @run differs in from the configuration shared in @into. */
static json_t *restated(struct document *into, const struct document *from,
			const json_t *run)
{
	struct tree_builder *b = &into->builder;
	json_t *whole = json_deep_copy(from->config), *difference;

	if (!whole ||
	    json_object_update(whole, json_object_get(run, "config")) < 0)
		b->failed = true;
	difference = config_difference(b, whole, into->config);
	json_decref(whole);
	return difference;
}

static void merge_run(struct document *into, const struct document *from,
		      const json_t *run)
{
	struct tree_builder *b = &into->builder;
	size_t trace = (size_t)tree_count(run, "trace");
	json_t *copy = json_deep_copy(run);
	int index;

	index = trace_index(into, json_array_get(from->traces, trace));
	tree_put(b, copy, "trace", tree_u64(b, (uint64_t)index));
	if (json_object_get(run, "config"))
		tree_put(b, copy, "config", restated(into, from, run));
	tree_append(b, into->runs, copy);
}

static bool has_item(const json_t *array, const json_t *item)
{
	const json_t *known;
	size_t i;

	json_array_foreach(array, i, known)
		if (json_equal(known, item))
			return true;
	return false;
}

static void merge_notes(struct document *into, const struct document *from)
{
	struct tree_builder *b = &into->builder;
	const json_t *note;
	json_t *notes;
	size_t i;

	if (!json_object_get(into->summary, "notes"))
		tree_put(b, into->summary, "notes", tree_array(b));
	notes = json_object_get(into->summary, "notes");
	json_array_foreach(json_object_get(from->summary, "notes"), i, note)
		if (!has_item(notes, note))
			tree_append(b, notes, json_deep_copy(note));
}

int document_merge(struct document *into, const struct document *from,
		   struct err *err)
{
	struct tree_builder *b = &into->builder;
	const json_t *run;
	size_t i;

	if (!json_array_size(into->runs) && !json_object_size(into->config) &&
	    json_object_update(into->config, from->config) < 0)
		b->failed = true;
	if (json_object_update_missing(into->units, from->units) < 0)
		b->failed = true;
	json_array_foreach(from->runs, i, run)
		merge_run(into, from, run);
	merge_notes(into, from);
	return document_status(into, err);
}
