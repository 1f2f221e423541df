/* SPDX-License-Identifier: Apache-2.0 */
/* dmasim sweep: which points there are. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/constraint.h"
#include "cmd/sweep.h"
#include "core/digest.h"
#include "core/version.h"

const char *const *sweep_paths(const struct sweep *sweep, size_t trace,
			       size_t *count)
{
	const struct options_list *args = &sweep->options.args;

	*count = sweep->merge ? args->count : 1;
	return (const char *const *)args->items + trace;
}

size_t sweep_reads_stdin(const struct sweep *sweep)
{
	const struct options_list *args = &sweep->options.args;
	size_t count = 0, i;

	for (i = 0; i < args->count; i++)
		count += !strcmp(args->items[i], "-");
	return count * sweep->variant_count;
}

/* --- one point --- */

static size_t product_of(const struct sweep *sweep, size_t index)
{
	return sweep->products[index % sweep->per_trace / sweep->replicates];
}

const char *sweep_value(const struct sweep *sweep, size_t axis, size_t index)
{
	return axes_value(&sweep->axes, axis, product_of(sweep, index));
}

static const char *value_of(const struct sweep *sweep, const char *key,
			    size_t product)
{
	size_t i;

	for (i = 0; i < sweep->axes.count; i++)
		if (!strcmp(sweep->axes.list[i].key, key))
			return axes_value(&sweep->axes, i, product);
	return NULL;
}

static int set_axes(const struct sweep *sweep, size_t product,
		    struct config *cfg, struct err *err)
{
	size_t i;

	for (i = 0; i < sweep->axes.count; i++) {
		const char *key = sweep->axes.list[i].key;

		if (!axis_is_special(key) &&
		    config_set(cfg, key, axes_value(&sweep->axes, i, product),
			       "axis", err) < 0)
			return -1;
	}
	return 0;
}

static const struct options_machine *machine_of(const struct sweep *sweep,
						const char *name)
{
	size_t i;

	for (i = 0; name && i < sweep->machines.count; i++)
		if (!strcmp(sweep->machines.list[i].name, name))
			return &sweep->machines.list[i];
	return &sweep->machines.list[0];
}

/* Simulated time before the window is warm-up. */
static int set_window(const struct sweep *sweep, struct config *cfg,
		      struct err *err)
{
	char text[UNITS_TEXT_MAX];

	if (!sweep->window.given)
		return 0;
	units_format(QTY_TIME, sweep->window.from_ps, text, sizeof(text));
	return config_set(cfg, "run.warmup", text, "--window", err);
}

static int product_init(const struct sweep *sweep, size_t product,
			struct sweep_point *point, struct err *err)
{
	const char *tx = value_of(sweep, "tx", product);
	const char *rx = value_of(sweep, "rx", product);
	const char *seed = value_of(sweep, "seed", product);
	const struct options_machine *machine =
		machine_of(sweep, value_of(sweep, "machine", product));

	memset(point, 0, sizeof(*point));
	point->point.machine = machine->name;
	point->point.tx = tx ? tx_ops_find(tx) : sweep->tx[0];
	point->point.rx = rx ? rx_ops_find(rx) : sweep->rx[0];
	point->point.seed = sweep->options.seed;
	if (seed && units_parse(QTY_COUNT, seed, &point->point.seed, err) < 0)
		return -1;
	point->cfg = config_copy(machine->cfg, err);
	if (!point->cfg)
		return -1;
	point->point.cfg = point->cfg;
	if (set_axes(sweep, product, point->cfg, err) < 0) {
		sweep_point_clear(point);
		return -1;
	}
	return 0;
}

int sweep_point_init(const struct sweep *sweep, size_t index,
		     struct sweep_point *point, struct err *err)
{
	if (product_init(sweep, product_of(sweep, index), point, err) < 0)
		return -1;
	point->trace = index / sweep->per_trace;
	point->point.replicate = (unsigned)(index % sweep->replicates);
	if (set_window(sweep, point->cfg, err) < 0) {
		sweep_point_clear(point);
		return -1;
	}
	return 0;
}

void sweep_point_clear(struct sweep_point *point)
{
	config_free(point->cfg);
	point->cfg = NULL;
}

static uint64_t add_window(const struct sweep *sweep, uint64_t digest)
{
	const struct sweep_window *window = &sweep->window;

	if (!window->given)
		return digest;
	digest = digest_add(digest, window->from_ps);
	digest = digest_add(digest, window->to_ps);
	return digest_add(digest, window->overlap_ps);
}

uint64_t sweep_point_id(const struct sweep *sweep,
			const struct sweep_point *point, uint64_t digest)
{
	const struct study_point *p = &point->point;

	return add_window(
		sweep, document_point_id(config_digest(point->cfg), digest,
					 DMASIM_VERSION, p->machine,
					 tx_ops_name(p->tx), rx_ops_name(p->rx),
					 p->seed, p->replicate));
}

size_t sweep_stream_of(const struct sweep *sweep, size_t index)
{
	size_t at = index % sweep->per_trace / sweep->replicates;

	return index / sweep->per_trace * sweep->variant_count +
	       sweep->variants[at];
}

/*
 * Points are dealt out like shuffled cards: as many to every shard, but for
 * one, and in no step with any axis.
 */
bool sweep_is_mine(const struct sweep *sweep, size_t index)
{
	size_t deal, at;

	if (!sweep->shards)
		return true;
	deal = index / sweep->shards;
	at = (index + mix64(deal) % sweep->shards) % sweep->shards;
	return at == sweep->shard - 1;
}

int sweep_place(const struct sweep *sweep, size_t index, struct document *doc,
		struct err *err)
{
	struct document_place place = {
		.study = sweep->digest,
		.point = index,
		.points = sweep->count,
		.stream = sweep_stream_of(sweep, index),
	};
	size_t i;

	if (document_clear_axes(doc, 0, err) < 0)
		return -1;
	for (i = 0; i < sweep->axes.count; i++)
		if (document_set_axis(doc, 0, sweep->axes.list[i].key,
				      sweep_value(sweep, i, index), err) < 0)
			return -1;
	return document_set_place(doc, 0, &place, err);
}

/* --- all of them --- */

/* What a constraint may name that is no parameter. */
struct naming {
	const struct study_point *point;
	char seed[24];
};

static const char *name_text(void *ctx, const char *name)
{
	struct naming *naming = ctx;
	const struct study_point *point = naming->point;

	if (!strcmp(name, "tx"))
		return tx_ops_name(point->tx);
	if (!strcmp(name, "rx"))
		return rx_ops_name(point->rx);
	if (!strcmp(name, "machine"))
		return point->machine;
	if (strcmp(name, "seed") != 0)
		return NULL;
	snprintf(naming->seed, sizeof(naming->seed), "%" PRIu64, point->seed);
	return naming->seed;
}

struct planning {
	struct sweep *sweep;
	size_t *left;	/* products after each constraint */
	uint64_t *seen; /* digests of traffic, by variant */
	size_t room;
	size_t product;
};

/* 1: all constraints hold. */
static int holds(struct planning *planning, const struct sweep_point *point,
		 struct err *err)
{
	const struct options_list *list = &planning->sweep->constraints;
	struct naming naming = { .point = &point->point };
	const struct constraint_names names = { name_text, &naming };
	int all = 1;
	size_t i;

	for (i = 0; i < list->count; i++) {
		int one = constraint_holds(list->items[i], point->cfg, &names,
					   err);

		if (one < 0)
			return -1;
		all = all && one;
		planning->left[i] += (size_t)all;
	}
	return all;
}

static uint64_t traffic_digest(const struct config *cfg)
{
	char text[CONFIG_TEXT_MAX];
	const struct param *row;
	uint64_t digest = 0;
	size_t i;

	for (i = 0; (row = config_row(cfg, i)); i++)
		if (!strncmp(row->key, "traffic.", 8))
			digest = digest_text(
				digest,
				config_text(cfg, row->key, text, sizeof(text)));
	return digest;
}

static int add_variant(struct planning *planning, uint64_t traffic,
		       uint32_t *variant, struct err *err)
{
	struct sweep *sweep = planning->sweep;
	size_t i;

	for (i = 0; i < sweep->variant_count; i++) {
		if (planning->seen[i] == traffic) {
			*variant = (uint32_t)i;
			return 0;
		}
	}
	if (i == planning->room) {
		size_t room = 2 * planning->room + 16;
		uint64_t *seen = realloc(planning->seen, room * sizeof(*seen));

		if (!seen)
			return err_nomem(err, "points");
		planning->seen = seen;
		planning->room = room;
	}
	planning->seen[i] = traffic;
	sweep->variant_count++;
	*variant = (uint32_t)i;
	return 0;
}

static void add_to_digest(struct sweep *sweep, const struct sweep_point *point)
{
	uint64_t digest = digest_add(sweep->digest, config_digest(point->cfg));

	digest = digest_text(digest, point->point.machine);
	digest = digest_text(digest, tx_ops_name(point->point.tx));
	digest = digest_text(digest, rx_ops_name(point->point.rx));
	sweep->digest = digest_add(digest, point->point.seed);
}

static int plan_product(struct planning *planning, struct err *err)
{
	struct sweep *sweep = planning->sweep;
	size_t at = sweep->product_count;
	struct sweep_point point;
	int rc;

	if (product_init(sweep, planning->product, &point, err) < 0)
		return -1;
	rc = holds(planning, &point, err);
	if (rc > 0) {
		rc = add_variant(planning, traffic_digest(point.cfg),
				 &sweep->variants[at], err);
		sweep->products[at] = planning->product;
		sweep->product_count++;
		add_to_digest(sweep, &point);
	}
	sweep_point_clear(&point);
	return rc;
}

/* The constraint after which nothing was left. */
static int none_left(const struct planning *planning, size_t products,
		     struct err *err)
{
	const struct options_list *list = &planning->sweep->constraints;
	size_t before = products, i;

	for (i = 0; i < list->count && planning->left[i]; i++)
		before = planning->left[i];
	return err_set(err, ERR_USAGE,
		       "no point is left: constraint '%s' holds for none of "
		       "the %zu combinations%s",
		       list->items[i], before,
		       i ? " that the constraints before it leave" : "");
}

static int plan_products(struct planning *planning, size_t products,
			 struct err *err)
{
	struct sweep *sweep = planning->sweep;

	sweep->products = calloc(products, sizeof(*sweep->products));
	sweep->variants = calloc(products, sizeof(*sweep->variants));
	planning->left = calloc(sweep->constraints.count + 1, sizeof(size_t));
	if (!sweep->products || !sweep->variants || !planning->left)
		return err_nomem(err, "points");
	for (; planning->product < products; planning->product++)
		if (plan_product(planning, err) < 0)
			return -1;
	if (!sweep->product_count)
		return none_left(planning, products, err);
	return 0;
}

static void finish_digest(struct sweep *sweep)
{
	size_t i;

	for (i = 0; i < sweep->options.args.count; i++)
		sweep->digest = digest_text(sweep->digest,
					    sweep->options.args.items[i]);
	sweep->digest = digest_add(sweep->digest, sweep->merge);
	sweep->digest = digest_add(sweep->digest, sweep->replicates);
	for (i = 0; i < sweep->axes.count; i++)
		sweep->digest =
			digest_text(sweep->digest, sweep->axes.list[i].key);
}

int sweep_plan(struct sweep *sweep, struct err *err)
{
	struct planning planning = { .sweep = sweep };
	size_t products, i;
	int rc;

	if (axes_points(&sweep->axes, &products, err) < 0)
		return -1;
	rc = plan_products(&planning, products, err);
	free(planning.left);
	free(planning.seen);
	if (rc < 0)
		return -1;
	if (sweep_reads_stdin(sweep) > 1)
		return err_set(err, ERR_USAGE,
			       "standard input can be read once, but is named "
			       "twice, or traffic varies; save it to a file "
			       "first");
	sweep->per_trace = sweep->product_count * sweep->replicates;
	sweep->traces = sweep->merge ? 1 : sweep->options.args.count;
	sweep->count = sweep->traces * sweep->per_trace;
	finish_digest(sweep);
	for (i = 0; i < sweep->count; i++)
		sweep->mine += sweep_is_mine(sweep, i);
	if (!sweep->mine)
		return err_set(err, ERR_USAGE,
			       "shard %zu/%zu has no points: there are only "
			       "%zu",
			       sweep->shard, sweep->shards, sweep->count);
	return 0;
}
