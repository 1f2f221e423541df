/* SPDX-License-Identifier: Apache-2.0 */
/* dmasim merge: parts in JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/merge.h"
#include "cmd/points.h"
#include "reports/load.h"
#include "reports/seal.h"
#include "reports/tree.h"

/* A document of the part's run @run alone; it shares everything else. */
static struct document *single(const json_t *root, json_t *run, struct err *err)
{
	json_t *copy = json_copy((json_t *)(uintptr_t)root);
	json_t *runs = json_array();

	if (!copy || !runs || json_array_append(runs, run) < 0 ||
	    json_object_set_new(copy, "runs", runs) < 0) {
		json_decref(copy);
		err_nomem(err, "points");
		return NULL;
	}
	/* A builder of the summary would change what is shared. */
	if (json_object_set_new(copy, "summary", json_object()) < 0) {
		json_decref(copy);
		err_nomem(err, "points");
		return NULL;
	}
	return document_wrap(copy, err);
}

static void copy_digest(char to[17], const char *from)
{
	snprintf(to, 17, "%s", from);
}

static int add_run(struct merge *merge, const char *path, const json_t *root,
		   size_t at, struct err *err)
{
	json_t *run = json_array_get(json_object_get(root, "runs"), at);
	const json_t *study = json_object_get(run, "study");
	const json_t *window = json_object_get(run, "window");
	const json_t *trace = json_array_get(json_object_get(root, "traces"),
					     tree_count(run, "trace"));
	struct merge_item *item;

	if (!study || tree_count(study, "point") >= tree_count(study, "points"))
		return err_set(err, ERR_INPUT,
			       "'%s': run %zu is no point of a study; only "
			       "results of dmasim sweep can be merged",
			       path, at);
	item = merge_add(merge, path, err);
	if (!item)
		return -1;
	copy_digest(item->study, tree_string(study, "digest", ""));
	copy_digest(item->trace, tree_string(trace, "digest", ""));
	snprintf(item->version, sizeof(item->version), "%s",
		 tree_string(json_object_get(root, "tool"), "version", ""));
	item->point = tree_count(study, "point");
	item->points = tree_count(study, "points");
	item->stream = tree_count(study, "stream");
	item->window_to = UINT64_MAX;
	if (window) {
		item->windowed = true;
		item->window_from = tree_count(window, "from_ps");
		if (json_is_integer(json_object_get(window, "to_ps")))
			item->window_to = tree_count(window, "to_ps");
	}
	item->doc = single(root, run, err);
	return item->doc ? 0 : -1;
}

static int check_seal(const char *path, struct err *err)
{
	size_t size;
	char *text = points_read(path, &size, err);
	bool holds;

	if (!text)
		return -1;
	holds = seal_holds(text, size, 0);
	free(text);
	if (holds)
		return 0;
	return err_set(err, ERR_INPUT,
		       "'%s' is cut off, was edited, or is no result of dmasim "
		       "sweep; run that part again",
		       path);
}

int merge_read_json(struct merge *merge, const char *path, struct err *err)
{
	struct document *doc;
	const json_t *root;
	size_t i;
	int rc = 0;

	if (check_seal(path, err) < 0)
		return -1;
	doc = document_load(path, err);
	if (!doc)
		return -1;
	root = document_tree(doc);
	for (i = 0; !rc && i < json_array_size(json_object_get(root, "runs"));
	     i++)
		rc = add_run(merge, path, root, i, err);
	document_free(doc);
	return rc;
}

static const json_t *only_run(const struct merge_item *item)
{
	return json_array_get(json_object_get(document_tree(item->doc), "runs"),
			      0);
}

bool merge_same(const struct merge_item *a, const struct merge_item *b)
{
	json_t *one, *other;
	bool same;

	if (a->text)
		return b->text && !strcmp(a->text, b->text);
	/* Where the trace stands in the part is the part's matter. */
	one = json_copy((json_t *)(uintptr_t)only_run(a));
	other = json_copy((json_t *)(uintptr_t)only_run(b));
	json_object_del(one, "trace");
	json_object_del(other, "trace");
	same = json_equal(one, other);
	json_decref(one);
	json_decref(other);
	return same;
}
