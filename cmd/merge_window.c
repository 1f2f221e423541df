/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/merge_window.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/tables.h"
#include "core/digest.h"
#include "models/stats.h"
#include "reports/tree.h"

/* --- the numbers of a run, back in the shape that counted them --- */

struct sums {
	struct stats stats;
	struct result_stage stages[TX_STAGES + RX_STAGES];
	size_t stage_count;
};

static void sums_init(struct sums *sums)
{
	size_t i, n = 0;

	memset(sums, 0, sizeof(*sums));
	stats_init(&sums->stats, 0);
	for (i = 0; i < TX_STAGES; i++)
		sums->stages[n++] =
			(struct result_stage){ "tx", tx_stage_names[i],
					       &sums->stats.tx_stage[i] };
	for (i = 0; i < RX_STAGES; i++)
		sums->stages[n++] =
			(struct result_stage){ "rx", rx_stage_names[i],
					       &sums->stats.rx_stage[i] };
	sums->stage_count = n;
}

static __uint128_t wide(const char *text)
{
	__uint128_t value = 0;

	for (; *text; text++)
		value = value << 4 |
			(unsigned)(*text <= '9' ? *text - '0'
						: *text - 'a' + 10);
	return value;
}

static void add_bucket(struct hist *hist, uint64_t low, uint64_t count)
{
	uint32_t index = (uint32_t)hist_index(hist->bits, low);

	if (index >= hist->bucket_count)
		hist_grow(hist, index);
	hist->buckets[index] += count;
}

static void add_range(struct hist *hist, uint64_t count, uint64_t min,
		      uint64_t max)
{
	hist->count += count;
	if (!count)
		return;
	if (min < hist->min)
		hist->min = min;
	if (max > hist->max)
		hist->max = max;
}

/* The mean has 9 digits, and so has the sum that is made of it. */
static void add_hist(struct hist *hist, const json_t *tree)
{
	const char *cursor = packed_text(tree, "buckets");
	uint64_t count = tree_count(tree, "count"), low, n;
	double mean = 0;

	while (packed_next(&cursor, &low) && packed_next(&cursor, &n))
		add_bucket(hist, low, n);
	if (tree_number(tree, "mean", &mean))
		hist->sum += (__uint128_t)(mean * (double)count);
	add_range(hist, count, tree_count(tree, "min"),
		  tree_count(tree, "max"));
}

static void add_gauge(struct gauge *gauge, const json_t *tree,
		      const json_t *exact)
{
	struct hist *hist = &gauge->by_time;
	uint64_t max = tree_count(tree, "max"), total = 0;
	uint64_t low = UINT64_MAX;
	const json_t *pair;
	size_t i;

	json_array_foreach(json_object_get(exact, "levels"), i, pair)
	{
		uint64_t level =
			(uint64_t)json_integer_value(json_array_get(pair, 0));
		uint64_t time =
			(uint64_t)json_integer_value(json_array_get(pair, 1));

		add_bucket(hist, level, time);
		total += time;
		low = level < low ? level : low;
	}
	add_range(hist, total, low, max);
	hist->sum += wide(tree_string(exact, "sum", "0"));
	if (max > gauge->max)
		gauge->max = max;
}

static void add_ratio(struct ratio *ratio, const json_t *exact)
{
	const json_t *num = json_array_get(exact, 0);
	const json_t *den = json_array_get(exact, 1);

	if (!json_is_string(num) || !json_is_string(den))
		return;
	ratio->num += wide(json_string_value(num));
	ratio->den += wide(json_string_value(den));
}

static bool ends_with(const char *name, const char *end)
{
	size_t length = strlen(name), tail = strlen(end);

	return length >= tail && !strcmp(name + length - tail, end);
}

/*
 * Counters that are no sums: a state, an instant, a longest run.  Times of the
 * run are since the beginning of its window, @from.
 */
static void add_counter(const char *name, uint64_t *counter, uint64_t value,
			uint64_t from)
{
	static const char *const states[] = { "memory.common_buffer_bytes",
					      "memory.common_buffers",
					      "memory.pinned_bytes",
					      "memory.page_waste_bytes",
					      "run.duration_ps",
					      "run.end_ps" };
	size_t i;

	if (ends_with(name, "dropped_first_ps")) {
		if (value && (!*counter || value < *counter))
			*counter = value;
		return;
	}
	if (!strncmp(name, "run.", 4))
		value += from;
	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (!strcmp(name, states[i]))
			break;
	if (i < sizeof(states) / sizeof(states[0]) ||
	    ends_with(name, "longest_run"))
		*counter = value > *counter ? value : *counter;
	else
		*counter += value;
}

static void add_metrics(struct sums *sums, const json_t *run)
{
	const json_t *metrics = json_object_get(run, "metrics");
	const json_t *window = json_object_get(run, "window");
	const json_t *exact = json_object_get(window, "exact");
	uint64_t from = tree_count(window, "from_ps");
	const struct metric *row;

	for (row = machine_metrics; row->name; row++) {
		void *value = (char *)&sums->stats + row->offset;
		const json_t *tree = json_object_get(metrics, row->name);
		const json_t *own = json_object_get(exact, row->name);

		switch (row->kind) {
		case METRIC_COUNTER:
			add_counter(row->name, value,
				    tree_count(metrics, row->name), from);
			break;
		case METRIC_HIST:
			add_hist(value, tree);
			break;
		case METRIC_GAUGE:
			add_gauge(value, tree, own);
			break;
		case METRIC_RATIO:
			add_ratio(value, own);
			break;
		}
	}
}

static void add_stages(struct sums *sums, const json_t *run)
{
	const json_t *stages = json_object_get(run, "stages");
	size_t i;

	for (i = 0; i < sums->stage_count; i++) {
		const struct result_stage *stage = &sums->stages[i];

		add_hist((struct hist *)(uintptr_t)stage->hist,
			 json_object_get(json_object_get(stages, stage->path),
					 stage->name));
	}
}

/* --- what is added in the tree itself --- */

static void add_counts(json_t *into, const json_t *from)
{
	const char *key;
	json_t *value, *own;

	json_object_foreach((json_t *)(uintptr_t)from, key, value)
	{
		own = json_object_get(into, key);
		if (json_is_object(value))
			add_counts(own, value);
		else if (json_is_integer(own))
			json_integer_set(own,
					 json_integer_value(own) +
						 json_integer_value(value));
	}
}

static void add_resources(struct tree_builder *b, json_t *run,
			  const json_t *other)
{
	json_t *own = json_object_get(run, "bottleneck"), *resource;
	const json_t *worst = NULL;
	const json_t *from = json_object_get(
		json_object_get(other, "bottleneck"), "resources");
	size_t i;

	json_array_foreach(json_object_get(own, "resources"), i, resource)
	{
		const json_t *more = json_array_get(from, i);
		uint64_t capacity = tree_count(resource, "capacity");
		double room;

		add_counts(resource, more);
		json_object_set_new(resource, "capacity",
				    tree_u64(b, capacity));
		room = (double)capacity *
		       (double)tree_count(resource, "span_ps");
		if (room > 0)
			tree_put(b, resource, "utilisation",
				 tree_real(b, (double)tree_count(resource,
								 "busy_ps") /
						      room));
		if (!worst || tree_count(resource, "wait_ps") >
				      tree_count(worst, "wait_ps"))
			worst = resource;
	}
	if (!worst)
		return;
	tree_put(b, own, "resource",
		 tree_text(b, tree_string(worst, "resource", "")));
	tree_put(b, own, "wait_ps", tree_u64(b, tree_count(worst, "wait_ps")));
	tree_put(b, own, "utilisation",
		 json_incref(json_object_get(worst, "utilisation")));
}

static int severity(const char *status)
{
	static const char *const order[] = { "complete", "cut", "saturated",
					     "deadlock" };

	for (int i = 0; i < 4; i++)
		if (!strcmp(order[i], status))
			return i;
	return 0;
}

/* A check that failed in any window has failed. */
static void add_checks(json_t *run, const json_t *other)
{
	json_t *own = json_object_get(run, "checks"), *check;
	size_t i;

	json_array_foreach(json_object_get(other, "checks"), i, check)
	{
		if (json_is_true(json_object_get(check, "ok")))
			continue;
		json_array_append(own, check);
	}
}

static void add_run(struct tree_builder *b, json_t *run, const json_t *other)
{
	const char *status = tree_string(other, "status", "complete");

	add_counts(json_object_get(run, "routines"),
		   json_object_get(other, "routines"));
	add_counts(json_object_get(run, "hazards"),
		   json_object_get(other, "hazards"));
	if (json_object_get(other, "hazards_first") &&
	    !json_object_get(run, "hazards_first"))
		tree_put(b, run, "hazards_first",
			 json_deep_copy(
				 json_object_get(other, "hazards_first")));
	add_resources(b, run, other);
	add_checks(run, other);
	if (severity(status) > severity(tree_string(run, "status", "complete")))
		tree_put(b, run, "status", tree_text(b, status));
	if (json_is_string(json_object_get(other, "deadlock")))
		tree_put(b, run, "deadlock",
			 json_incref(json_object_get(other, "deadlock")));
}

/* --- one point --- */

static json_t *run_of(const struct merge_item *item)
{
	return json_array_get(json_object_get(document_tree(item->doc), "runs"),
			      0);
}

/* Metrics and stages of the sums, as a document has them. */
static int put_sums(struct tree_builder *b, json_t *run,
		    const struct sums *sums, struct err *err)
{
	static const char *const keys[] = { "metrics", "stages" };
	const struct run_result result = { .tx = "",
					   .rx = "",
					   .status = "complete",
					   .metrics = machine_metrics,
					   .stats = &sums->stats,
					   .stages = sums->stages,
					   .stage_count = sums->stage_count };
	struct document *doc = document_new("", NULL, err);
	struct config *cfg = tables_config(err);
	const struct trace_info info = { .status = "complete" };
	const json_t *made;
	size_t i;
	int rc = -1;

	if (doc && cfg && document_add_trace(doc, &info, err) == 0 &&
	    document_add_run(doc, &result, "", 0, cfg, err) == 0)
		rc = 0;
	for (i = 0; !rc && i < 2; i++) {
		made = json_array_get(
			json_object_get(document_tree(doc), "runs"), 0);
		tree_put(b, run, keys[i],
			 json_incref(json_object_get(made, keys[i])));
	}
	document_free(doc);
	config_free(cfg);
	return rc;
}

static void put_window(struct tree_builder *b, json_t *run, size_t parts)
{
	json_t *window = json_object_get(run, "window");

	json_object_del(window, "exact");
	tree_put(b, window, "to_ps", json_null());
	tree_put(b, window, "parts", tree_u64(b, parts));
	json_object_del(json_object_get(run, "config"), "run.warmup");
	json_object_del(run, "steady"); /* of one window each */
}

/* Add @count windows up in the run of the first. */
static int add_up(struct merge_item *items, size_t count, struct err *err)
{
	struct tree_builder b = { .failed = false };
	struct sums *sums = calloc(1, sizeof(*sums));
	json_t *run = json_deep_copy(run_of(&items[0]));
	size_t i;
	int rc = -1;

	if (sums && run) {
		sums_init(sums);
		for (i = 0; i < count; i++) {
			add_metrics(sums, run_of(&items[i]));
			add_stages(sums, run_of(&items[i]));
			if (i)
				add_run(&b, run, run_of(&items[i]));
		}
		rc = put_sums(&b, run, sums, err);
		put_window(&b, run, count);
		stats_clear(&sums->stats);
	}
	if (!rc && !b.failed &&
	    json_array_set(json_object_get(document_tree(items[0].doc), "runs"),
			   0, run) < 0)
		b.failed = true;
	json_decref(run);
	free(sums);
	if (!sums || !run || b.failed)
		return err_nomem(err, "points");
	return rc;
}

/* The windows of a point follow each other from 0 to the end. */
static int check_tiles(const struct merge_item *items, size_t count,
		       struct err *err)
{
	char at_text[UNITS_TEXT_MAX], next_text[UNITS_TEXT_MAX];
	uint64_t at = 0;
	size_t i;

	for (i = 0; i <= count; i++) {
		uint64_t next = i < count ? items[i].window_from : UINT64_MAX;

		if (at == next) {
			at = i < count ? items[i].window_to : at;
			continue;
		}
		units_format(QTY_TIME, at, at_text, sizeof(at_text));
		units_format(QTY_TIME, next, next_text, sizeof(next_text));
		return err_set(
			err, ERR_INPUT, "point %zu: the windows %s from %s%s%s",
			items[0].point, next < at ? "overlap" : "leave a gap",
			next < at ? next_text : at_text,
			i < count ? " to " : " on",
			i < count ? next < at ? at_text : next_text : "");
	}
	return 0;
}

static int check_exact(const struct merge_item *item, struct err *err)
{
	const json_t *window = json_object_get(run_of(item), "window");

	if (item->windowed && json_object_get(window, "exact"))
		return 0;
	return err_set(err, ERR_INPUT, "'%s': point %zu is %s", item->path,
		       item->point,
		       item->windowed ? "of windows that were joined before"
				      : "no window, others are");
}

int merge_windows(struct merge *merge, struct err *err)
{
	size_t kept = 0, first, next, i;

	for (i = 0; i < merge->count; i++)
		if (check_exact(&merge->items[i], err) < 0)
			return -1;
	for (first = 0; first < merge->count; first = next) {
		struct merge_item item = merge->items[first];

		for (next = first; next < merge->count; next++)
			if (merge->items[next].point != item.point)
				break;
		if (check_tiles(&merge->items[first], next - first, err) < 0 ||
		    add_up(&merge->items[first], next - first, err) < 0)
			return -1;
		for (i = first; i < next; i++) {
			if (i > first)
				document_free(merge->items[i].doc);
			merge->items[i].doc = NULL;
		}
		merge->items[kept++] = item;
	}
	merge->count = kept;
	return 0;
}
