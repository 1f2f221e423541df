/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/flip.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Beginnings of the keys of what mapping and copying cost. */
static const char *const price_prefixes[] = { "cost.sg_",
					      "cost.process_sg",
					      "cost.hal_lock",
					      "cost.pool_",
					      "cost.dma_",
					      "cost.line_",
					      "cost.uncached_",
					      "cost.post",
					      "cost.descriptor",
					      "host.system_va",
					      "host.copy_",
					      "iommu.",
					      "hal.",
					      NULL };

/* Those of building, handing over and freeing an SG list. */
static const char *const list_prefixes[] = { "cost.sg_", "cost.process_sg",
					     NULL };

struct flip {
	bool found;
	const struct param *row; /* NULL: all prices of lists, millionths */
	uint64_t now, at;
	uint64_t distance; /* larger over smaller value, millionths */
};

struct search {
	struct trial trial;
	const struct tx_ops *best, *next;
	unsigned replicates;
	const struct config *present;
	struct config *cfg; /* ours, changed at will */
};

int ratio_compare(const struct ratio *a, const struct ratio *b)
{
	__extension__ unsigned __int128 left = a->num * (b->den ? b->den : 1);
	__extension__ unsigned __int128 right = b->num * (a->den ? a->den : 1);

	return left < right ? -1 : left > right;
}

static bool begins(const char *key, const char *const *prefix)
{
	for (; *prefix; prefix++)
		if (!strncmp(key, *prefix, strlen(*prefix)))
			return true;
	return false;
}

static bool is_price(const struct config *cfg, const struct param *row)
{
	return row->type == PARAM_QUANTITY && !row->fixed &&
	       (row->qty == QTY_TIME || row->qty == QTY_CYCLES) &&
	       !strncmp(config_source(cfg, row->key), "assumed", 7) &&
	       begins(row->key, price_prefixes);
}

static int set_price(struct search *search, const struct param *row,
		     uint64_t value, struct err *err)
{
	char text[UNITS_TEXT_MAX];

	units_format(row->qty, value, text, sizeof(text));
	return config_set(search->cfg, row->key, text, "flip", err);
}

/* All prices of lists to @factor millionths of what they are. */
static int scale_lists(struct search *search, uint64_t factor, struct err *err)
{
	const struct param *row;
	size_t i;

	for (i = 0; (row = config_row(search->present, i)); i++) {
		uint64_t value;

		if (!is_price(search->present, row) ||
		    !begins(row->key, list_prefixes))
			continue;
		value = mul_div_u64(config_u64(search->present, row->key),
				    factor, 1000000);
		if (value < row->min)
			value = row->min;
		if (value > row->max)
			value = row->max;
		if (set_price(search, row, value, err) < 0)
			return -1;
	}
	return 0;
}

/* Driver cycles per frame of @tx over all replicates. */
static int cost_of(struct search *search, const struct tx_ops *tx,
		   struct ratio *cost, struct err *err)
{
	struct trial_result result;

	*cost = (struct ratio){ 0, 0 };
	search->trial.tx = tx;
	for (search->trial.replicate = 0;
	     search->trial.replicate < search->replicates;
	     search->trial.replicate++) {
		if (trial_run(&search->trial, TRIAL_SPEED_ONE, &result, err) <
		    0)
			return -1;
		cost->num += result.driver_cycles.num;
		cost->den += result.driver_cycles.den;
	}
	return 0;
}

/* -1: best is cheaper, 0: equal, 1: next is; -2 with an error. */
static int order(struct search *search, struct err *err)
{
	struct ratio best, next;

	if (cost_of(search, search->best, &best, err) < 0 ||
	    cost_of(search, search->next, &next, err) < 0)
		return -2;
	return ratio_compare(&best, &next);
}

/* Whether the order differs with @row at @value: 1, 0, or -1 with an error. */
static int flips_at(struct search *search, const struct param *row,
		    uint64_t value, struct err *err)
{
	int sign;

	if ((row ? set_price(search, row, value, err)
		 : scale_lists(search, value, err)) < 0)
		return -1;
	sign = order(search, err);
	return sign < -1 ? -1 : sign > 0;
}

/* Between @same, where the order is today's, and @other, where it is not. */
static int bisect(struct search *search, const struct param *row, uint64_t same,
		  uint64_t other, uint64_t *at, struct err *err)
{
	while ((same > other ? same - other : other - same) >
	       (same > other ? same : other) / 100 + 1) {
		uint64_t middle = same / 2 + other / 2 + (same & other & 1);
		int rc = flips_at(search, row, middle, err);

		if (rc < 0)
			return -1;
		if (rc)
			other = middle;
		else
			same = middle;
	}
	*at = other;
	return 0;
}

/* Try one end of the range of @row; keep the flip if it is the nearest. */
static int try_end(struct search *search, const struct param *row, uint64_t now,
		   uint64_t end, struct flip *nearest, struct err *err)
{
	struct flip flip = { .found = true, .row = row, .now = now };
	uint64_t high, low;
	int rc;

	if (end == now)
		return 0;
	rc = flips_at(search, row, end, err);
	if (rc <= 0)
		return rc;
	if (bisect(search, row, now, end, &flip.at, err) < 0)
		return -1;
	high = flip.at > now ? flip.at : now;
	low = flip.at > now ? now : flip.at;
	flip.distance = low ? mul_div_u64(high, 1000000, low) : UINT64_MAX;
	if (!nearest->found || flip.distance < nearest->distance)
		*nearest = flip;
	return 0;
}

static int try_price(struct search *search, const struct param *row,
		     struct flip *nearest, struct err *err)
{
	uint64_t now = config_u64(search->cfg, row->key);
	uint64_t high =
		now > row->max / FLIP_FACTOR ? row->max : now * FLIP_FACTOR;

	if (!now)
		high = row->min;
	if (try_end(search, row, now, row->min, nearest, err) < 0 ||
	    try_end(search, row, now, high, nearest, err) < 0)
		return -1;
	return set_price(search, row, now, err);
}

static int try_all(struct search *search, struct flip *nearest, struct err *err)
{
	const struct param *row;
	size_t i;

	for (i = 0; (row = config_row(search->cfg, i)); i++)
		if (is_price(search->cfg, row) &&
		    try_price(search, row, nearest, err) < 0)
			return -1;
	if (nearest->found)
		return 0;
	if (try_end(search, NULL, 1000000, 0, nearest, err) < 0)
		return -1;
	return try_end(search, NULL, 1000000, UINT64_C(1000000) * FLIP_FACTOR,
		       nearest, err);
}

static void say(const struct search *search, const struct flip *flip,
		char *text, size_t size)
{
	char at[UNITS_TEXT_MAX], now[UNITS_TEXT_MAX], times[32] = "";

	if (flip->found && !flip->row) {
		snprintf(text, size,
			 "no single assumed price changes the order; all of "
			 "SG lists together (cost.sg_*) at %.3g of their "
			 "values would make %s cheaper than %s",
			 (double)flip->at / 1e6, tx_ops_name(search->next),
			 tx_ops_name(search->best));
		return;
	}
	if (!flip->found) {
		snprintf(text, size,
			 "no assumed price of mapping or copying, up to %d "
			 "times its value, makes %s cheaper than %s",
			 FLIP_FACTOR, tx_ops_name(search->next),
			 tx_ops_name(search->best));
		return;
	}
	units_human(flip->row->qty, (double)flip->at, 3, at, sizeof(at));
	units_human(flip->row->qty, (double)flip->now, 3, now, sizeof(now));
	if (flip->now)
		snprintf(times, sizeof(times), "%.3g of ",
			 (double)flip->at / (double)flip->now);
	snprintf(text, size,
		 "%s at %s (%s%s, assumed) would make %s cheaper than %s",
		 flip->row->key, at, times, now, tx_ops_name(search->next),
		 tx_ops_name(search->best));
}

int flip_find(const struct trial *trial, const struct tx_ops *best,
	      const struct tx_ops *next, char *text, size_t size,
	      struct err *err)
{
	struct search search = {
		.trial = *trial, .best = best, .next = next, .replicates = 1
	};
	struct flip nearest = { .found = false };
	int rc, sign;

	search.present = trial->cfg;
	search.cfg = config_copy(trial->cfg, err);
	if (!search.cfg)
		return -1;
	search.trial.cfg = search.cfg;
	search.trial.laps = 1;
	search.trial.count = trial_bounded(search.trial.frames,
					   search.trial.count, FLIP_FRAMES);
	sign = order(&search, err);
	rc = sign < -1 ? -1 : 0;
	if (sign == -1)
		rc = try_all(&search, &nearest, err);
	if (!rc && sign == -1)
		say(&search, &nearest, text, size);
	else if (!rc)
		snprintf(text, size,
			 "%s and %s are too close on the first %zu frames to "
			 "name a price that changes their order",
			 tx_ops_name(best), tx_ops_name(next),
			 search.trial.count);
	config_free(search.cfg);
	return rc;
}

int flip_towards(const struct trial *trial, const struct tx_ops *best,
		 const struct tx_ops *next, unsigned replicates,
		 const struct param *row, uint64_t end, bool *flips,
		 uint64_t *at, struct err *err)
{
	struct search search = { .trial = *trial,
				 .best = best,
				 .next = next,
				 .replicates = replicates,
				 .present = trial->cfg };
	int rc;

	search.cfg = config_copy(trial->cfg, err);
	if (!search.cfg)
		return -1;
	search.trial.cfg = search.cfg;
	rc = flips_at(&search, row, end, err);
	*flips = rc > 0;
	if (rc > 0)
		rc = bisect(&search, row, config_u64(trial->cfg, row->key), end,
			    at, err);
	config_free(search.cfg);
	return rc;
}
