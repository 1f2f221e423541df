/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/document.h"

#include <stdlib.h>
#include <string.h>

#include "core/digest.h"
#include "reports/document_tree.h"
#include "reports/summary.h"
#include "reports/trace_tree.h"

int document_status(const struct document *doc, struct err *err)
{
	return doc->builder.failed ? err_nomem(err, "result document") : 0;
}

static json_t *member(struct document *doc, const char *key, json_t *value)
{
	tree_put(&doc->builder, doc->root, key, value);
	return json_object_get(doc->root, key);
}

struct document *document_new(const char *version, const char *source,
			      struct err *err)
{
	struct document *doc = calloc(1, sizeof(*doc));
	struct tree_builder *b;
	json_t *tool;

	if (!doc) {
		err_nomem(err, "result document");
		return NULL;
	}
	b = &doc->builder;
	doc->root = tree_object(b);
	tree_put(b, doc->root, "schema", tree_u64(b, DOCUMENT_SCHEMA));
	tool = member(doc, "tool", tree_object(b));
	tree_put(b, tool, "name", tree_text(b, "dmasim"));
	tree_put(b, tool, "version", tree_text(b, version));
	tree_put(b, tool, "source", tree_text(b, source));
	doc->traces = member(doc, "traces", tree_array(b));
	doc->config = member(doc, "config", tree_object(b));
	doc->units = member(doc, "units", tree_object(b));
	doc->runs = member(doc, "runs", tree_array(b));
	doc->summary = member(doc, "summary", tree_object(b));
	if (document_status(doc, err) < 0) {
		document_free(doc);
		return NULL;
	}
	return doc;
}

struct document *document_wrap(json_t *root, struct err *err)
{
	struct document *doc = calloc(1, sizeof(*doc));

	if (!doc) {
		json_decref(root);
		err_nomem(err, "result document");
		return NULL;
	}
	doc->root = root;
	doc->traces = json_object_get(root, "traces");
	doc->config = json_object_get(root, "config");
	doc->runs = json_object_get(root, "runs");
	doc->summary = json_object_get(root, "summary");
	doc->units = json_object_get(root, "units");
	return doc;
}

void document_free(struct document *doc)
{
	if (!doc)
		return;
	json_decref(doc->root);
	free(doc);
}

const json_t *document_tree(const struct document *doc)
{
	return doc->root;
}

static json_t *direction_tree(struct tree_builder *b,
			      const struct trace_info *info)
{
	json_t *tree = tree_object(b);

	tree_put(b, tree, "rule", tree_text(b, info->direction_rule));
	tree_put(b, tree, "evidence", tree_text(b, info->direction_evidence));
	tree_put(b, tree, "other_frames", tree_u64(b, info->other_frames));
	return tree;
}

int document_add_trace(struct document *doc, const struct trace_info *info,
		       struct err *err)
{
	struct tree_builder *b = &doc->builder;
	json_t *tree = tree_object(b);

	tree_put(b, tree, "path", tree_text(b, info->path));
	tree_put(b, tree, "digest", tree_hex(b, info->digest));
	tree_put(b, tree, "frames", tree_u64(b, info->frames));
	tree_put(b, tree, "bytes", tree_u64(b, info->bytes));
	tree_put(b, tree, "duration_ps",
		 tree_u64(b, (uint64_t)info->duration_ps));
	tree_put(b, tree, "tx_frames", tree_u64(b, info->tx_frames));
	tree_put(b, tree, "rx_frames", tree_u64(b, info->rx_frames));
	tree_put(b, tree, "super_frames", tree_u64(b, info->super_frames));
	tree_put(b, tree, "status", tree_text(b, info->status));
	tree_put(b, tree, "status_detail", tree_text(b, info->status_detail));
	tree_put(b, tree, "link_type", tree_text(b, info->link_type));
	tree_put(b, tree, "capture_point", tree_text(b, info->capture_point));
	tree_put(b, tree, "resolution_ps",
		 tree_u64(b, (uint64_t)info->resolution_ps));
	tree_put(b, tree, "anomalies", trace_tree_anomalies(b, info));
	tree_put(b, tree, "direction", direction_tree(b, info));
	trace_tree_extras(b, tree, info);
	tree_append(b, doc->traces, tree);
	if (document_status(doc, err) < 0)
		return -1;
	return (int)json_array_size(doc->traces) - 1;
}

int document_set_config(struct document *doc, const struct config *cfg,
			struct err *err)
{
	BUG_ON(json_array_size(doc->runs) != 0);
	doc->config = member(doc, "config", config_tree(&doc->builder, cfg));
	return document_status(doc, err);
}

static json_t *run_at(struct document *doc, int run)
{
	json_t *tree = json_array_get(doc->runs, (size_t)run);

	BUG_ON(run < 0 || !tree);
	return tree;
}

int document_set_capacity(struct document *doc, int run,
			  const struct run_capacity *capacity, struct err *err)
{
	struct tree_builder *b = &doc->builder;
	json_t *tree = tree_object(b);

	tree_put(b, tree, "rate_bps", tree_u64(b, capacity->rate_bps));
	tree_put(b, tree, "rate_pps", tree_u64(b, capacity->rate_pps));
	tree_put(b, tree, "speed", tree_real(b, capacity->speed));
	tree_put(b, tree, "limiter", tree_text(b, capacity->limiter));
	tree_put(b, tree, "confirmed", json_boolean(capacity->confirmed));
	tree_put(b, tree, "headroom", tree_real(b, capacity->headroom));
	tree_put(b, run_at(doc, run), "capacity", tree);
	return document_status(doc, err);
}

int document_clear_axes(struct document *doc, int run, struct err *err)
{
	json_object_del(run_at(doc, run), "axes");
	return document_status(doc, err);
}

int document_set_axis(struct document *doc, int run, const char *key,
		      const char *value, struct err *err)
{
	struct tree_builder *b = &doc->builder;
	json_t *tree = run_at(doc, run);

	if (!json_object_get(tree, "axes"))
		tree_put(b, tree, "axes", tree_object(b));
	tree_put(b, json_object_get(tree, "axes"), key, tree_text(b, value));
	return document_status(doc, err);
}

int document_set_place(struct document *doc, int run,
		       const struct document_place *place, struct err *err)
{
	struct tree_builder *b = &doc->builder;
	json_t *tree = tree_object(b);

	tree_put(b, tree, "digest", tree_hex(b, place->study));
	tree_put(b, tree, "point", tree_u64(b, place->point));
	tree_put(b, tree, "points", tree_u64(b, place->points));
	tree_put(b, tree, "stream", tree_u64(b, place->stream));
	tree_put(b, run_at(doc, run), "study", tree);
	return document_status(doc, err);
}

int document_set_role(struct document *doc, int run, const char *role,
		      struct err *err)
{
	tree_put(&doc->builder, run_at(doc, run), "role",
		 tree_text(&doc->builder, role));
	return document_status(doc, err);
}

int document_set_status(struct document *doc, int run, const char *status,
			struct err *err)
{
	tree_put(&doc->builder, run_at(doc, run), "status",
		 tree_text(&doc->builder, status));
	return document_status(doc, err);
}

/* Notes survive document_finish(): they are the caller's, not computed. */
static json_t *notes_of(struct document *doc)
{
	if (!json_object_get(doc->summary, "notes"))
		tree_put(&doc->builder, doc->summary, "notes",
			 tree_array(&doc->builder));
	return json_object_get(doc->summary, "notes");
}

int document_add_note(struct document *doc, const char *machine,
		      const char *text, struct err *err)
{
	struct tree_builder *b = &doc->builder;
	json_t *note = tree_object(b);

	tree_put(b, note, "machine", tree_text(b, machine));
	tree_put(b, note, "text", tree_text(b, text));
	tree_append(b, notes_of(doc), note);
	return document_status(doc, err);
}

int document_finish(struct document *doc, struct err *err)
{
	struct tree_builder *b = &doc->builder;
	json_t *notes = json_incref(notes_of(doc));

	doc->summary = member(doc, "summary", summary_tree(b, doc->root));
	tree_put(b, doc->summary, "notes", notes);
	return document_status(doc, err);
}

static bool run_ok(const json_t *run)
{
	const json_t *check;
	size_t i;

	if (json_is_string(json_object_get(run, "deadlock")))
		return false;
	json_array_foreach(json_object_get(run, "checks"), i, check)
		if (!json_is_true(json_object_get(check, "ok")))
			return false;
	return true;
}

bool document_ok(const struct document *doc)
{
	const json_t *run;
	size_t i;

	json_array_foreach(doc->runs, i, run)
		if (!run_ok(run))
			return false;
	return true;
}

uint64_t document_point_id(uint64_t config_digest, uint64_t trace_digest,
			   const char *version, const char *machine,
			   const char *tx, const char *rx, uint64_t seed,
			   unsigned replicate)
{
	uint64_t id = digest_add(0, config_digest);

	id = digest_add(id, trace_digest);
	id = digest_text(id, version);
	id = digest_text(id, machine);
	id = digest_text(id, tx);
	id = digest_text(id, rx);
	id = digest_add(id, seed);
	return digest_add(id, replicate);
}
