/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of models/ share: configurations in one line, made-up
 * traffic, runs with balanced books, and results compared metric by metric.
 *
 *	struct config *cfg = fix_config("gbe-32bit", "host.cores=1
 *nic.lso=yes"); struct frame *frames = fix_traffic(&(struct fix_traffic){ ...
 *}); struct machine *m = fix_run(cfg, "ndis6-sg", "sg", frames, count);
 *
 *	assert_null(fix_difference(m, other, "memory."));
 *	machine_free(m);
 */
#ifndef TESTS_UNIT_MACHINE_FIXTURE_H
#define TESTS_UNIT_MACHINE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/rng.h"
#include "models/machine_state.h"
#include "models/presets/presets.h"
#include "traces/params.h"

#define FIX_TABLES 64

/* @pairs: "KEY=VALUE KEY=VALUE", one space between; "" for none. */
static inline void fix_set(struct config *cfg, const char *pairs)
{
	struct err err = ERR_INIT;
	char pair[128];

	while (*pairs) {
		size_t length = strcspn(pairs, " ");

		assert_true(length < sizeof(pair));
		memcpy(pair, pairs, length);
		pair[length] = '\0';
		if (config_set_pair(cfg, pair, "test", &err) < 0)
			fail_msg("%s", err.text);
		pairs += length;
		pairs += *pairs == ' ';
	}
}

/* All parameters of machine, trace and strategies; @preset NULL: defaults. */
static inline struct config *fix_config(const char *preset, const char *pairs)
{
	static const struct param *tables[FIX_TABLES];
	static const struct param_set set = { tables };
	const struct preset *const *known;
	struct err err = ERR_INIT;
	struct config *cfg;
	size_t i, n = 0;

	tables[n++] = machine_params;
	tables[n++] = trace_params;
	for (i = 0; tx_registry[i]; i++)
		tables[n++] = tx_ops_params(tx_registry[i]);
	for (i = 0; rx_registry[i]; i++)
		tables[n++] = rx_ops_params(rx_registry[i]);
	assert_true(n < FIX_TABLES);
	tables[n] = NULL;
	cfg = config_new(&set, &err);
	assert_non_null(cfg);
	for (known = preset_registry; preset && *known; known++)
		if (!strcmp((*known)->name, preset))
			break;
	if (preset) {
		assert_non_null(*known);
		assert_int_equal(config_apply(cfg, *known, &err), 0);
	}
	fix_set(cfg, pairs);
	return cfg;
}

/* --- traffic --- */

struct fix_traffic {
	size_t count;
	uint64_t seed, tx_ppm;
	sim_time gap; /* mean; at least a picosecond */
	bool poisson; /* else constant */
	uint32_t min, max;
	uint32_t flows; /* 0: one */
};

/* To be freed by the caller. */
static inline struct frame *fix_traffic(const struct fix_traffic *spec)
{
	struct frame *frames = calloc(spec->count, sizeof(*frames));
	uint32_t flows = spec->flows ? spec->flows : 1;
	struct rng_stream stream;
	sim_time at = 0;
	size_t i;

	assert_non_null(frames);
	rng_stream_init(&stream, spec->seed, 4242, 0);
	for (i = 0; i < spec->count; i++) {
		uint64_t r = rng_draw(&stream, i);
		uint32_t span = spec->max - spec->min + 1;

		frames[i] = (struct frame){
			.at = at,
			.number = i + 1,
			.bytes = spec->min + (uint32_t)rng_below(r, span),
			.header_bytes = 54,
			.flags = FRAME_TCP,
		};
		r = rng_again(r);
		frames[i].flow = (uint32_t)rng_below(r, flows) * 2654435761u;
		frames[i].rss = frames[i].flow;
		r = rng_again(r);
		frames[i].direction =
			rng_chance(r, spec->tx_ppm) ? FRAME_TX : FRAME_RX;
		r = rng_again(r);
		at += spec->poisson ? (sim_time)rng_exponential(
					      r, (uint64_t)spec->gap)
				    : spec->gap;
	}
	return frames;
}

/* --- runs --- */

/* The pair runs on the machine: neither strategy refuses it. */
static inline bool fix_applies(const struct config *cfg,
			       const struct tx_ops *tx, const struct rx_ops *rx)
{
	struct machine_options options = { .tx = tx, .rx = rx, .seed = 1 };
	struct err err = ERR_INIT;
	struct machine *m = machine_new(cfg, &options, &err);

	if (!m && !strncmp(tx->name, "ndis6", 5) && strcmp(rx->name, "slave") &&
	    config_bool(cfg, "host.coherent"))
		fail_msg("%s/%s: %s", tx->name, rx->name, err.text);
	machine_free(m);
	return m != NULL;
}

/* What the strategy wants of its card. */
static inline void fix_suit(struct config *cfg, const struct tx_ops *ops)
{
	if (ops->interface == TX_NDIS4_CHANNEL)
		fix_set(cfg, "nic.dma_width=24 nic.lso=no nic.queues=1 "
			     "iommu.mode=off");
	else if (!strcmp(ops->name, "linux-swiotlb"))
		fix_set(cfg, "iommu.mode=off");
	else if (ops->interface != TX_NDIS6 &&
		 config_u64(cfg, "nic.dma_width") != 64)
		fix_set(cfg, "nic.dma_width=32");
}

/* The same of a receive strategy, whatever card its transmit one wants. */
static inline void fix_suit_rx(struct config *cfg, const struct rx_ops *ops)
{
	if (!strcmp(ops->name, "slave"))
		fix_set(cfg, "nic.dma_width=24 nic.queues=1 iommu.mode=off");
	else if ((ops->packets || ops->wdf) &&
		 config_u64(cfg, "nic.dma_width") == 36)
		fix_set(cfg, "nic.dma_width=32");
}

/* There is a card for both. */
static inline bool fix_match(const struct tx_ops *tx, const struct rx_ops *rx)
{
	if (!strcmp(rx->name, "slave"))
		return tx->interface == TX_NDIS6 ||
		       tx->interface == TX_NDIS4_CHANNEL;
	return tx->interface != TX_NDIS4_CHANNEL || !rx->wdf;
}

/* A strategy that is a hazard, a deadlock that tests look for themselves. */
static inline bool fix_expected(const struct run_result *r,
				const struct result_hazard *hazard)
{
	return !strcmp(r->tx, "mdl-walk") ||
	       (!strcmp(hazard->name, "batch_map") && r->deadlock[0]);
}

/* Books balanced, no hazard but what must be; says which is not. */
static inline void fix_check(const struct machine *m)
{
	const struct run_result *r = machine_result(m);
	size_t i;

	assert_true(r->check_count > 0);
	for (i = 0; i < r->check_count; i++)
		if (!r->checks[i].ok)
			fail_msg("%s/%s: %s: %s", r->tx, r->rx,
				 r->checks[i].name, r->checks[i].detail);
	for (i = 0; i < r->hazard_count; i++)
		if (r->hazards[i].count && !fix_expected(r, &r->hazards[i]))
			fail_msg("%s/%s: hazard %s %llu times", r->tx, r->rx,
				 r->hazards[i].name,
				 (unsigned long long)r->hazards[i].count);
}

static inline struct machine *fix_machine(const struct config *cfg,
					  struct machine_options options,
					  const char *tx, const char *rx)
{
	struct err err = ERR_INIT;
	struct machine *m;

	options.tx = tx_ops_find(tx);
	options.rx = rx_ops_find(rx);
	if (!options.seed)
		options.seed = 1;
	assert_non_null(options.tx);
	assert_non_null(options.rx);
	m = machine_new(cfg, &options, &err);
	if (!m)
		fail_msg("%s/%s: %s", tx, rx, err.text);
	return m;
}

/* To be freed by machine_free(). */
static inline struct machine *fix_run_with(const struct config *cfg,
					   struct machine_options options,
					   const char *tx, const char *rx,
					   const struct frame *frames,
					   size_t count)
{
	struct machine *m = fix_machine(cfg, options, tx, rx);

	machine_feed(m, frames, count);
	machine_finish(m);
	fix_check(m);
	return m;
}

static inline struct machine *fix_run(const struct config *cfg, const char *tx,
				      const char *rx,
				      const struct frame *frames, size_t count)
{
	return fix_run_with(cfg, (struct machine_options){ .seed = 1 }, tx, rx,
			    frames, count);
}

/* --- comparing --- */

static inline bool fix_same_hist(const struct hist *a, const struct hist *b)
{
	uint32_t i, n = a->bucket_count;

	if (a->count != b->count || a->sum != b->sum || a->min != b->min ||
	    a->max != b->max)
		return false;
	if (b->bucket_count < n)
		n = b->bucket_count;
	for (i = 0; i < n; i++)
		if (a->buckets[i] != b->buckets[i])
			return false;
	return true;
}

static inline bool fix_same_metric(const struct metric *row, const void *a,
				   const void *b)
{
	const struct gauge *ga = a, *gb = b;
	const struct ratio *ra = a, *rb = b;

	switch (row->kind) {
	case METRIC_COUNTER:
		return *(const uint64_t *)a == *(const uint64_t *)b;
	case METRIC_HIST:
		return fix_same_hist(a, b);
	case METRIC_GAUGE:
		return ga->level == gb->level && ga->max == gb->max &&
		       fix_same_hist(&ga->by_time, &gb->by_time);
	case METRIC_RATIO:
	default:
		return ra->num == rb->num && ra->den == rb->den;
	}
}

/* True when @name begins with one of the words of @list. */
static inline bool fix_listed(const char *name, const char *list)
{
	while (*list) {
		size_t length = strcspn(list, " ");

		if (!strncmp(name, list, length))
			return true;
		list += length;
		list += *list == ' ';
	}
	return false;
}

/*
 * Name of the first metric that differs, NULL when none does.  @except: words
 * that begin the names left out, one space between; "" for none.
 */
static inline const char *fix_difference(const struct machine *a,
					 const struct machine *b,
					 const char *except)
{
	const struct metric *row;

	for (row = machine_metrics; row->name; row++)
		if (!fix_listed(row->name, except) &&
		    !fix_same_metric(row, metric_value(row, &a->stats),
				     metric_value(row, &b->stats)))
			return row->name;
	return NULL;
}

/* The same among the metrics that begin with a word of @only. */
static inline const char *fix_difference_in(const struct machine *a,
					    const struct machine *b,
					    const char *only)
{
	const struct metric *row;

	for (row = machine_metrics; row->name; row++)
		if (fix_listed(row->name, only) &&
		    !fix_same_metric(row, metric_value(row, &a->stats),
				     metric_value(row, &b->stats)))
			return row->name;
	return NULL;
}

static inline void fix_assert_same(const struct machine *a,
				   const struct machine *b, const char *except)
{
	const char *name = fix_difference(a, b, except);

	if (name)
		fail_msg("%s/%s and %s/%s differ in %s", a->result.tx,
			 a->result.rx, b->result.tx, b->result.rx, name);
}

/* Mean of a histogram in its own unit, rounded down; 0 when empty. */
static inline uint64_t fix_mean(const struct hist *hist)
{
	return hist->count ? (uint64_t)(hist->sum / hist->count) : 0;
}

/* @a within @ppm millionths of @b. */
static inline bool fix_near(double a, double b, double ppm)
{
	double off = a > b ? a - b : b - a;

	return off <= (b < 0 ? -b : b) * ppm / 1e6;
}

#endif
