/* SPDX-License-Identifier: Apache-2.0 */
/* One struct run_result as a run of the document: the walk over the tables. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/digest.h"
#include "reports/document_tree.h"

static json_t *config_value(struct tree_builder *b, const struct config *cfg,
			    const struct param *row)
{
	uint64_t value;
	char text[CONFIG_TEXT_MAX];

	switch (row->type) {
	case PARAM_QUANTITY:
		value = config_u64(cfg, row->key);
		if (value <= INT64_MAX)
			return tree_u64(b, value);
		break;
	case PARAM_BOOL:
		return json_boolean(config_bool(cfg, row->key));
	case PARAM_CHOICE:
	case PARAM_STRING:
		break;
	}
	return tree_text(b, config_text(cfg, row->key, text, sizeof(text)));
}

json_t *config_entry(struct tree_builder *b, const struct config *cfg,
		     const char *key)
{
	const struct param *row = config_find(cfg, key);
	json_t *entry = tree_object(b);

	tree_put(b, entry, "value", config_value(b, cfg, row));
	if (row->type == PARAM_QUANTITY)
		tree_put(b, entry, "unit",
			 tree_text(b, row->unit ? row->unit
						: units_base_name(row->qty)));
	tree_put(b, entry, "from", tree_text(b, config_origin(cfg, key)));
	tree_put(b, entry, "source", tree_text(b, config_source(cfg, key)));
	return entry;
}

json_t *config_tree(struct tree_builder *b, const struct config *cfg)
{
	json_t *tree = tree_object(b);
	const struct param *row;

	for (size_t i = 0; (row = config_row(cfg, i)); i++)
		tree_put(b, tree, row->key, config_entry(b, cfg, row->key));
	return tree;
}

json_t *config_difference(struct tree_builder *b, const json_t *effective,
			  const json_t *shared)
{
	json_t *tree = tree_object(b), *entry;
	const char *key;

	json_object_foreach((json_t *)(uintptr_t)effective, key, entry) {
		const json_t *other = json_object_get(shared, key);

		if (!json_equal(json_object_get(entry, "value"),
				json_object_get(other, "value")))
			tree_put(b, tree, key, json_incref(entry));
	}
	return tree;
}

#define DIGITS 20 /* of a number, at most */

/* Lists are long: as sprintf() would in a tenth of its time. */
static char *put_u64(char *to, uint64_t value)
{
	char digits[DIGITS], *digit = digits + DIGITS;
	size_t length;

	do
		*--digit = (char)('0' + value % 10);
	while (value /= 10);
	length = (size_t)(digits + DIGITS - digit);
	memcpy(to, digit, length);
	return to + length;
}

/* Room for a packed list of @count items of @length characters at most. */
static char *packing(struct tree_builder *b, size_t count, size_t length)
{
	char *text = calloc(count * length + sizeof("[]"), 1);

	if (!text)
		b->failed = true;
	return text;
}

static json_t *packed(struct tree_builder *b, char *text)
{
	json_t *value = tree_text(b, text);

	free(text);
	return value;
}

static json_t *buckets_tree(struct tree_builder *b, const struct hist *hist)
{
	char *text =
		packing(b, hist->bucket_count, 2 * DIGITS + strlen("[,],"));
	char *to = text;

	if (!text)
		return NULL;
	*to++ = '[';
	for (uint32_t i = 0; i < hist->bucket_count; i++) {
		if (!hist->buckets[i])
			continue;
		if (to[-1] == ']')
			*to++ = ',';
		*to++ = '[';
		to = put_u64(to, hist_low(hist, i));
		*to++ = ',';
		to = put_u64(to, hist->buckets[i]);
		*to++ = ']';
	}
	*to = ']';
	return packed(b, text);
}

static json_t *quantile(struct tree_builder *b, const struct hist *hist,
			uint32_t ppm)
{
	return hist->count ? tree_u64(b, hist_quantile(hist, ppm))
			   : json_null();
}

static json_t *hist_tree(struct tree_builder *b, const struct hist *hist)
{
	json_t *tree = tree_object(b);

	tree_put(b, tree, "count", tree_u64(b, hist->count));
	tree_put(b, tree, "mean",
		 hist->count ? tree_real(b, hist_mean(hist)) : json_null());
	tree_put(b, tree, "min", quantile(b, hist, 0));
	tree_put(b, tree, "max", quantile(b, hist, 1000000));
	tree_put(b, tree, "p50", quantile(b, hist, 500000));
	tree_put(b, tree, "p90", quantile(b, hist, 900000));
	tree_put(b, tree, "p99", quantile(b, hist, 990000));
	tree_put(b, tree, "p999", quantile(b, hist, 999000));
	tree_put(b, tree, "buckets", buckets_tree(b, hist));
	return tree;
}

static json_t *gauge_tree(struct tree_builder *b, const struct gauge *gauge)
{
	json_t *tree = tree_object(b);

	tree_put(b, tree, "mean", tree_real(b, gauge_mean(gauge)));
	tree_put(b, tree, "p99",
		 tree_u64(b, hist_quantile(&gauge->by_time, 990000)));
	tree_put(b, tree, "max", tree_u64(b, gauge->max));
	return tree;
}

static json_t *metric_tree(struct tree_builder *b, const struct metric *metric,
			   const void *stats)
{
	const void *value = metric_value(metric, stats);
	const struct ratio *ratio;

	switch (metric->kind) {
	case METRIC_COUNTER:
		return tree_u64(b, *(const uint64_t *)value);
	case METRIC_GAUGE:
		return gauge_tree(b, value);
	case METRIC_HIST:
		return hist_tree(b, value);
	case METRIC_RATIO:
		ratio = value;
		if (!ratio->den)
			return json_null();
		return tree_real(b, (double)ratio->num / (double)ratio->den);
	}
	BUG("metric '%s' has no kind", metric->name);
}

static json_t *metrics_tree(struct document *doc,
			    const struct run_result *result)
{
	struct tree_builder *b = &doc->builder;
	const struct metric *metric;
	json_t *tree = tree_object(b);

	for (metric = result->metrics; metric && metric->name; metric++) {
		if (!json_object_get(doc->units, metric->name))
			tree_put(b, doc->units, metric->name,
				 tree_text(b, metric->unit));
		tree_put(b, tree, metric->name,
			 metric_tree(b, metric, result->stats));
	}
	return tree;
}

static json_t *stages_tree(struct tree_builder *b,
			   const struct run_result *result)
{
	json_t *tree = tree_object(b);

	tree_put(b, tree, "tx", tree_object(b));
	tree_put(b, tree, "rx", tree_object(b));
	for (size_t i = 0; i < result->stage_count; i++) {
		const struct result_stage *stage = &result->stages[i];

		if (!json_object_get(tree, stage->path))
			tree_put(b, tree, stage->path, tree_object(b));
		tree_put(b, json_object_get(tree, stage->path), stage->name,
			 hist_tree(b, stage->hist));
	}
	return tree;
}

static json_t *routines_tree(struct tree_builder *b,
			     const struct run_result *result)
{
	json_t *tree = tree_object(b);

	for (size_t i = 0; i < result->routine_count; i++) {
		const struct result_routine *routine = &result->routines[i];
		json_t *entry = tree_object(b);

		tree_put(b, entry, "calls", tree_u64(b, routine->calls));
		tree_put(b, entry, "cycles", tree_u64(b, routine->cycles));
		tree_put(b, entry, "waits", tree_u64(b, routine->waits));
		tree_put(b, entry, "wait_ps", tree_u64(b, routine->wait_ps));
		tree_put(b, tree, routine->name, entry);
	}
	return tree;
}

static json_t *hazards_tree(struct tree_builder *b,
			    const struct run_result *result)
{
	json_t *tree = tree_object(b);

	for (size_t i = 0; i < result->hazard_count; i++)
		tree_put(b, tree, result->hazards[i].name,
			 tree_u64(b, result->hazards[i].count));
	return tree;
}

/* When a hazard came first, and with which frame; NULL: there was none. */
static json_t *first_hazards_tree(struct tree_builder *b,
				  const struct run_result *result)
{
	json_t *tree = NULL;

	for (size_t i = 0; i < result->hazard_count; i++) {
		const struct result_hazard *hazard = &result->hazards[i];
		json_t *entry;

		if (!hazard->count)
			continue;
		if (!tree)
			tree = tree_object(b);
		entry = tree_object(b);
		tree_put(b, entry, "ps",
			 tree_u64(b, (uint64_t)hazard->first_ps));
		tree_put(b, entry, "frame", tree_u64(b, hazard->frame));
		tree_put(b, tree, hazard->name, entry);
	}
	return tree;
}

static json_t *values_tree(struct tree_builder *b, const struct series *series)
{
	char *text = packing(b, series->used, DIGITS + strlen(","));
	char *to = text;

	if (!text)
		return NULL;
	*to++ = '[';
	for (uint32_t i = 0; i < series->used; i++) {
		if (i)
			*to++ = ',';
		to = put_u64(to, series->values[i]);
	}
	*to = ']';
	return packed(b, text);
}

static json_t *series_tree(struct tree_builder *b, const struct series *series)
{
	json_t *tree = tree_object(b);

	tree_put(b, tree, "start_ps", tree_u64(b, (uint64_t)series->start_ps));
	tree_put(b, tree, "step_ps", tree_u64(b, (uint64_t)series->step_ps));
	tree_put(b, tree, "values", values_tree(b, series));
	return tree;
}

static json_t *all_series_tree(struct tree_builder *b,
			       const struct run_result *result)
{
	json_t *tree = tree_object(b);

	for (size_t i = 0; i < result->series_count; i++)
		if (result->series[i].series->values)
			tree_put(b, tree, result->series[i].name,
				 series_tree(b, result->series[i].series));
	return tree;
}

static json_t *checks_tree(struct tree_builder *b,
			   const struct run_result *result)
{
	json_t *tree = tree_array(b);

	for (size_t i = 0; i < result->check_count; i++) {
		const struct result_check *check = &result->checks[i];
		json_t *entry = tree_object(b);

		tree_put(b, entry, "name", tree_text(b, check->name));
		tree_put(b, entry, "ok", json_boolean(check->ok));
		tree_put(b, entry, "detail", tree_text(b, check->detail));
		tree_append(b, tree, entry);
	}
	return tree;
}

static json_t *utilisation(struct tree_builder *b,
			   const struct result_resource *resource)
{
	double room = (double)resource->capacity * (double)resource->span_ps;

	return room > 0 ? tree_real(b, (double)resource->busy_ps / room)
			: json_null();
}

static json_t *resource_tree(struct tree_builder *b,
			     const struct result_resource *resource)
{
	json_t *tree = tree_object(b);

	tree_put(b, tree, "resource", tree_text(b, resource->name));
	tree_put(b, tree, "wait_ps", tree_u64(b, resource->wait_ps));
	tree_put(b, tree, "busy_ps", tree_u64(b, resource->busy_ps));
	tree_put(b, tree, "capacity", tree_u64(b, resource->capacity));
	tree_put(b, tree, "span_ps", tree_u64(b, resource->span_ps));
	tree_put(b, tree, "utilisation", utilisation(b, resource));
	return tree;
}

static json_t *steady_tree(struct tree_builder *b,
			   const struct run_result *result)
{
	json_t *tree = tree_object(b);

	for (size_t i = 0; i < result->steady_count; i++) {
		const struct steady_verdict *v = &result->steady[i].verdict;
		json_t *entry = tree_object(b);

		tree_put(b, entry, "verdict", tree_text(b, steady_word(v)));
		tree_put(b, entry, "values", tree_u64(b, v->values));
		tree_put(b, entry, "warm_up_values", tree_u64(b, v->warm_up));
		tree_put(b, entry, "warm_up_end_ps",
			 tree_u64(b, (uint64_t)v->warm_up_end));
		tree_put(b, entry, "mean_all_ps", tree_u64(b, v->mean_all));
		tree_put(b, entry, "mean_ps", tree_u64(b, v->mean));
		tree_put(b, entry, "half_width_ps",
			 v->pieces ? tree_u64(b, v->half_width) : json_null());
		tree_put(b, entry, "pieces", tree_u64(b, v->pieces));
		tree_put(b, entry, "lag1",
			 tree_real(b, (double)v->lag1_ppm / 1e6));
		tree_put(b, tree, result->steady[i].name, entry);
	}
	return tree;
}

static json_t *bottleneck_tree(struct tree_builder *b,
			       const struct run_result *result)
{
	const struct result_resource *worst;
	json_t *tree, *all;

	if (!result->resource_count)
		return json_null();
	BUG_ON(result->bottleneck >= result->resource_count);
	worst = &result->resources[result->bottleneck];
	tree = tree_object(b);
	all = tree_array(b);
	tree_put(b, tree, "resource", tree_text(b, worst->name));
	tree_put(b, tree, "wait_ps", tree_u64(b, worst->wait_ps));
	tree_put(b, tree, "utilisation", utilisation(b, worst));
	for (size_t i = 0; i < result->resource_count; i++)
		tree_append(b, all, resource_tree(b, &result->resources[i]));
	tree_put(b, tree, "resources", all);
	return tree;
}

static uint64_t trace_digest(const struct document *doc, int trace)
{
	const json_t *tree = json_array_get(doc->traces, (size_t)trace);

	BUG_ON(trace < 0 || !tree);
	return strtoull(tree_string(tree, "digest", "0"), NULL, 16);
}

static json_t *run_config(struct document *doc, const struct config *cfg)
{
	struct tree_builder *b = &doc->builder;
	json_t *whole = config_tree(b, cfg);
	json_t *difference = config_difference(b, whole, doc->config);

	json_decref(whole);
	return difference;
}

static void put_head(struct document *doc, json_t *run, const char *tx,
		     const char *rx, const char *machine, int trace)
{
	struct tree_builder *b = &doc->builder;

	BUG_ON(trace < 0 || (size_t)trace >= json_array_size(doc->traces));
	tree_put(b, run, "tx", tree_text(b, tx));
	tree_put(b, run, "rx", tree_text(b, rx));
	tree_put(b, run, "machine", tree_text(b, machine));
	tree_put(b, run, "trace", tree_u64(b, (uint64_t)trace));
}

static void put_identity(struct document *doc, json_t *run,
			 const struct run_result *result, const char *machine,
			 int trace, const struct config *cfg)
{
	struct tree_builder *b = &doc->builder;
	const json_t *tool = json_object_get(doc->root, "tool");
	uint64_t digest = config_digest(cfg);
	uint64_t id = document_point_id(digest, trace_digest(doc, trace),
					tree_string(tool, "version", ""),
					machine, result->tx, result->rx,
					result->seed, result->replicate);

	tree_put(b, run, "seed", tree_u64(b, result->seed));
	tree_put(b, run, "replicate", tree_u64(b, result->replicate));
	tree_put(b, run, "status", tree_text(b, result->status));
	tree_put(b, run, "id", tree_hex(b, id));
	tree_put(b, run, "config_digest", tree_hex(b, digest));
	tree_put(b, run, "config", run_config(doc, cfg));
	tree_put(b, run, "fingerprint", tree_hex(b, result->fingerprint));
	tree_put(b, run, "memory_digest", tree_hex(b, result->memory_digest));
}

static int append_run(struct document *doc, json_t *run, struct err *err)
{
	tree_append(&doc->builder, doc->runs, run);
	if (document_status(doc, err) < 0)
		return -1;
	return (int)json_array_size(doc->runs) - 1;
}

int document_add_run(struct document *doc, const struct run_result *result,
		     const char *machine, int trace, const struct config *cfg,
		     struct err *err)
{
	struct tree_builder *b = &doc->builder;
	json_t *run = tree_object(b);
	json_t *first = first_hazards_tree(b, result);

	put_head(doc, run, result->tx, result->rx, machine, trace);
	put_identity(doc, run, result, machine, trace, cfg);
	tree_put(b, run, "metrics", metrics_tree(doc, result));
	tree_put(b, run, "stages", stages_tree(b, result));
	tree_put(b, run, "routines", routines_tree(b, result));
	tree_put(b, run, "hazards", hazards_tree(b, result));
	if (first)
		tree_put(b, run, "hazards_first", first);
	tree_put(b, run, "series", all_series_tree(b, result));
	tree_put(b, run, "checks", checks_tree(b, result));
	if (result->steady_count)
		tree_put(b, run, "steady", steady_tree(b, result));
	tree_put(b, run, "bottleneck", bottleneck_tree(b, result));
	tree_put(b, run, "deadlock",
		 tree_text(b, result->deadlock[0] ? result->deadlock : NULL));
	return append_run(doc, run, err);
}

int document_add_skipped(struct document *doc, const char *tx, const char *rx,
			 const char *machine, int trace, const char *reason,
			 struct err *err)
{
	struct tree_builder *b = &doc->builder;
	json_t *run = tree_object(b);

	put_head(doc, run, tx, rx, machine, trace);
	tree_put(b, run, "status", tree_text(b, "inapplicable"));
	tree_put(b, run, "reason", tree_text(b, reason));
	return append_run(doc, run, err);
}
