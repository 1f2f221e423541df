/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim breakeven: the critical price of mapping.
 *
 * The prices of mapping are all cycles of cost.sg_* and iommu.*.  The cost of
 * both strategies is a straight line in them but for waiting: with d(1) the
 * difference today and d(0) where mapping is free, the price is P = d(1) - d(0)
 * cycles per frame and both cost the same at the factor 1 - d(1) / P, that is
 * when a mapped frame's price has changed by -d(1) cycles.  Machines that
 * differ in one thing each are taken beside the one at hand.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd/breakeven.h"

static const uint64_t price_sizes[] = { 64, 256, 512, 1024, 1514 };
static const uint64_t price_sizes_large[] = { 16384, 65000 };

static const struct price_variant variants[] = {
	{ .axis = "layout.tx_source",
	  .value = "app-copied",
	  .sets = { "layout.tx_source=app-copied" } },
	{ .axis = "layout.tx_source",
	  .value = "zero-copy",
	  .sets = { "layout.tx_source=zero-copy" } },
	{ .axis = "layout.tx_source",
	  .value = "file",
	  .sets = { "layout.tx_source=file" } },
	{ .axis = "fragments",
	  .value = "linear",
	  .sets = { "layout.mdl=linear" } },
	{ .axis = "fragments",
	  .value = "split",
	  .sets = { "layout.mdl=split" } },
	{ .axis = "fragments",
	  .value = "of 512B",
	  .sets = { "layout.mdl=fragments", "layout.fragment=512B" } },
	{ .axis = "fragments",
	  .value = "of 128B",
	  .sets = { "layout.mdl=fragments", "layout.fragment=128B" } },
	{ .axis = "iommu.mode", .value = "off", .sets = { "iommu.mode=off" } },
	{ .axis = "iommu.mode",
	  .value = "passthrough",
	  .sets = { "iommu.mode=passthrough" } },
	{ .axis = "iommu.mode",
	  .value = "strict",
	  .sets = { "iommu.mode=strict" } },
	{ .axis = "iommu.mode",
	  .value = "deferred",
	  .sets = { "iommu.mode=deferred" } },
	/* A card of 32 bits: what lies above low_ram bounces. */
	{ .axis = "bounced pages",
	  .value = "0%",
	  .sets = { "nic.dma_width=32", "host.ram=3GiB",
		    "host.low_ram=3GiB" } },
	{ .axis = "bounced pages",
	  .value = "25%",
	  .sets = { "nic.dma_width=32", "host.ram=4GiB",
		    "host.low_ram=3GiB" } },
	{ .axis = "bounced pages",
	  .value = "62.5%",
	  .sets = { "nic.dma_width=32", "host.ram=8GiB",
		    "host.low_ram=3GiB" } },
	{ .axis = "bounced pages",
	  .value = "100%",
	  .sets = { "hal.force_bounce=yes" } },
};
#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

static bool is_mapping_price(const struct param *row)
{
	return row->type == PARAM_QUANTITY && row->qty == QTY_CYCLES &&
	       (!strncmp(row->key, "cost.sg_", 8) ||
		!strncmp(row->key, "iommu.", 6));
}

/* A copy of @cfg in which mapping is free of cycles. */
static struct config *without_prices(const struct config *cfg, struct err *err)
{
	struct config *own = config_copy(cfg, err);
	const struct param *row;
	size_t i;

	for (i = 0; own && (row = config_row(own, i)); i++) {
		if (!is_mapping_price(row))
			continue;
		if (row->min ||
		    config_set(own, row->key, "0", "breakeven", err) < 0) {
			BUG_ON(row->min);
			config_free(own);
			return NULL;
		}
	}
	return own;
}

struct critical {
	const struct breakeven *study;
	struct price_answer *answer;
	struct config *today[BREAKEVEN_VARIANTS_MAX]; /* owned */
	struct config *free_of[BREAKEVEN_VARIANTS_MAX];
	uint64_t sizes[8];
	size_t size_count;
	/* [variant][size][replicate]; with prices, then without. */
	struct size_pair (*pairs)[2];
};

static int run_piece(void *ctx, size_t index, struct err *err)
{
	struct critical *c = ctx;
	unsigned replicates = c->study->ask.replicates;
	size_t variant = index / replicates / c->size_count;
	uint64_t bytes = c->sizes[index / replicates % c->size_count];
	unsigned r = (unsigned)(index % replicates);

	if (c->answer->variants[variant].why[0])
		return 0;
	if (breakeven_pair(c->study, c->today[variant], bytes, r,
			   &c->pairs[index][0], err) < 0)
		return -1;
	return breakeven_pair(c->study, c->free_of[variant], bytes, r,
			      &c->pairs[index][1], err);
}

static void estimate_price(const struct critical *c, size_t first,
			   struct price_point *point)
{
	unsigned replicates = c->study->ask.replicates, r;
	double today[1024], price[1024], factor[1024];

	point->priced = true;
	for (r = 0; r < replicates; r++) {
		const struct size_pair *pair = c->pairs[first + r];
		double without = pair[1].mapped - pair[1].copied;

		today[r] = pair[0].mapped - pair[0].copied;
		price[r] = today[r] - without;
		if (price[r] < 0.5)
			point->priced = false;
		else
			factor[r] = 1 - today[r] / price[r];
	}
	point->difference = estimate_of(today, replicates);
	point->price = estimate_of(price, replicates);
	if (point->priced)
		point->factor = estimate_of(factor, replicates);
}

static void conclude(const struct critical *c)
{
	size_t v, s;

	for (v = 0; v < c->answer->count; v++) {
		struct price_variant *variant = &c->answer->variants[v];

		if (variant->why[0])
			continue;
		for (s = 0; s < c->size_count; s++) {
			variant->points[s].bytes = c->sizes[s];
			estimate_price(c,
				       (v * c->size_count + s) *
					       c->study->ask.replicates,
				       &variant->points[s]);
		}
		variant->count = c->size_count;
	}
}

/* The variant's machine, or why it cannot be. */
static int make_variant(struct critical *c, const struct config *cfg, size_t v,
			struct err *err)
{
	struct price_variant *variant = &c->answer->variants[v];
	const struct tx_ops *const tx[] = { c->study->copied,
					    c->study->mapped };
	struct config *own = c->today[v] = config_copy(cfg, err);
	size_t i;

	if (!own)
		return -1;
	for (i = 0; i < 3 && variant->sets[i]; i++)
		if (config_set_pair(own, variant->sets[i], "breakeven", err) <
		    0)
			return -1;
	variant->as_is = config_digest(own) == config_digest(cfg);
	for (i = 0; i < 2 && !variant->why[0]; i++)
		if (trial_check_pair(own, tx[i], c->study->rx, variant->why,
				     sizeof(variant->why), err) < 0)
			return -1;
	c->free_of[v] = without_prices(own, err);
	return c->free_of[v] ? 0 : -1;
}

static void choose_sizes(struct critical *c, const struct config *cfg)
{
	size_t i;

	for (i = 0; i < sizeof(price_sizes) / sizeof(price_sizes[0]); i++)
		c->sizes[c->size_count++] = price_sizes[i];
	for (i = 0; i < 2 && config_bool(cfg, "nic.lso"); i++)
		if (price_sizes_large[i] <= config_u64(cfg, "hal.max_mapping"))
			c->sizes[c->size_count++] = price_sizes_large[i];
}

static int run_all(struct critical *c, struct err *err)
{
	size_t count = VARIANTS * c->size_count * c->study->ask.replicates;
	int rc;

	c->pairs = calloc(count, sizeof(*c->pairs));
	if (!c->pairs)
		return err_nomem(err, "prices");
	rc = question_share(&c->study->ask, "prices", count, run_piece, c, err);
	if (!rc)
		conclude(c);
	free(c->pairs);
	return rc;
}

int breakeven_price(const struct breakeven *study, const struct config *cfg,
		    struct price_answer *answer, struct err *err)
{
	struct critical c = { .study = study, .answer = answer };
	size_t v;
	int rc = 0;

	answer->count = VARIANTS;
	memcpy(answer->variants, variants, sizeof(variants));
	choose_sizes(&c, cfg);
	for (v = 0; v < VARIANTS && !rc; v++)
		rc = make_variant(&c, cfg, v, err);
	if (!rc)
		rc = run_all(&c, err);
	for (v = 0; v < VARIANTS; v++) {
		config_free(c.today[v]);
		config_free(c.free_of[v]);
	}
	return rc;
}
