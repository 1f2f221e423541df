/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim ndr: virtual speed-ups.
 *
 * What is worth improving is found by improving it: each price of a routine is
 * made 10 % cheaper, each resource 10 % faster or larger, one at a time, and
 * the throughput is searched again, more finely than before.  What leaves the
 * fingerprint of a trial at the throughput as it was leaves everything as it
 * was and needs no search.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/ndr.h"

#define BETTER_PERCENT 10
#define FINER	       10 /* times the resolution of the throughput */

/* Resources and the parameter that makes one larger, faster or shorter. */
static const struct improvement {
	const char *resource, *key;
	bool less; /* less of it is better */
} improvements[] = {
	{ "cores: clock", "host.clock", false },
	{ "wire: rate", "nic.wire", false },
	{ "pcie: payload size", "pcie.mps", false },
	{ "pcie: read tags", "pcie.tags", false },
	{ "tx ring", "nic.tx_ring", false },
	{ "tx queue", "tx.queue_limit", false },
	{ "tx fifo", "nic.tx_fifo", false },
	{ "rx ring: buffers", "nic.rx_ring", false },
	{ "rx fifo", "nic.rx_fifo", false },
	{ "map registers", "hal.pool_cap", false },
	{ "map registers: growth", "hal.worker_delay", true },
	{ "page walks: at a time", "iommu.walks", false },
	{ "page walks: latency", "iommu.walk", true },
	{ "page walks: further level", "iommu.walk_level", true },
	{ "iommu: IOTLB", "iommu.iotlb", false },
	{ "moderation", "nic.moderation", true },
	{ "copies: L2", "host.copy_l2", true },
	{ "copies: LLC", "host.copy_llc", true },
	{ "copies: DRAM", "host.copy_dram", true },
	{ "iommu queue: invalidation", "iommu.invalidate", true },
};
#define IMPROVEMENTS (sizeof(improvements) / sizeof(improvements[0]))

static bool has_key(const struct ndr_row *row, const char *key)
{
	size_t i;

	for (i = 0; i < row->whatif_count; i++)
		if (!strcmp(row->whatifs[i].key, key))
			return true;
	return false;
}

/* Add @key of @cfg, 10 % better; not what is 0, or has no such value. */
static void add_whatif(struct ndr_row *row, const struct config *cfg,
		       const char *subject, const char *key, bool less)
{
	const struct param *param = key ? config_find(cfg, key) : NULL;
	struct ndr_whatif *whatif = &row->whatifs[row->whatif_count];
	uint64_t value, better;

	if (!param || param->type != PARAM_QUANTITY || has_key(row, key) ||
	    row->whatif_count == NDR_WHATIFS_MAX)
		return;
	value = config_u64(cfg, key);
	better = less ? value - value / BETTER_PERCENT
		      : mul_div_u64(value, 100, 100 - BETTER_PERCENT);
	if (better == value || better < param->min || better > param->max)
		return;
	*whatif = (struct ndr_whatif){ .key = param->key };
	snprintf(whatif->subject, sizeof(whatif->subject), "%.95s", subject);
	units_format(param->qty, value, whatif->from, sizeof(whatif->from));
	units_format(param->qty, better, whatif->to, sizeof(whatif->to));
	row->whatif_count++;
}

static int list_whatifs(struct ndr_row *row, struct err *err)
{
	const struct config *cfg = row->of.machine->cfg;
	struct routine_info info;
	size_t i;

	row->whatifs = calloc(NDR_WHATIFS_MAX, sizeof(*row->whatifs));
	if (!row->whatifs)
		return err_nomem(err, "what-ifs");
	for (i = 0; routine_row(i, &info); i++) {
		add_whatif(row, cfg, info.name, info.base_price, true);
		add_whatif(row, cfg, info.name, info.unit_price, true);
	}
	for (i = 0; i < IMPROVEMENTS; i++)
		add_whatif(row, cfg, improvements[i].resource,
			   improvements[i].key, improvements[i].less);
	return 0;
}

static void read_fingerprint(void *ctx, const struct run_result *run)
{
	*(uint64_t *)ctx = run->fingerprint;
}

static int fingerprint_of(const struct ndr *study, const struct ndr_row *row,
			  const struct config *cfg, uint64_t *fingerprint,
			  struct err *err)
{
	struct trial trial = ndr_trial(study, row, cfg);
	struct trial_result result;

	trial.read = read_fingerprint;
	trial.ctx = fingerprint;
	return trial_run(&trial, row->fine.speed, &result, err);
}

static uint32_t fine_resolution(const struct ndr *study)
{
	return study->resolution_ppm / FINER;
}

static int try_whatif(const struct ndr *study, const struct ndr_row *row,
		      struct ndr_whatif *whatif, struct err *err)
{
	struct config *cfg = config_copy(row->of.machine->cfg, err);
	uint64_t before, after;
	struct err why = ERR_INIT;
	struct capacity found;
	int rc = -1;

	if (!cfg)
		return -1;
	whatif->gain = 0;
	/* A ring of an odd length, say: then there is no such machine. */
	if (config_set(cfg, whatif->key, whatif->to, "whatif", &why) < 0) {
		rc = 0;
	} else if (!fingerprint_of(study, row, row->of.machine->cfg, &before,
				   err)) {
		rc = fingerprint_of(study, row, cfg, &after, &why);
		whatif->matters = !rc && before != after;
		if (rc < 0 && why.kind == ERR_USAGE)
			rc = 0;
		else if (rc < 0)
			*err = why;
	}
	if (!rc && whatif->matters) {
		rc = ndr_search(study, row, NULL, fine_resolution(study),
				row->fine.rate_bps, cfg, &found, err);
		if (!rc && found.found)
			whatif->gain = (double)found.rate_bps /
					       (double)row->fine.rate_bps -
				       1;
	}
	whatif->done = !rc && !cmd_interrupted;
	config_free(cfg);
	return rc;
}

/* All rows' what-ifs in one list of pieces. */
struct speed_ups {
	struct ndr *study;
	struct {
		size_t row, whatif;
	} * list;
	size_t count;
};

static int fine_piece(void *ctx, size_t index, struct err *err)
{
	struct ndr *study = ctx;
	struct ndr_row *row = &study->rows[index];

	if (!row->loss_free.found)
		return 0;
	if (list_whatifs(row, err) < 0)
		return -1;
	return ndr_search(study, row, NULL, fine_resolution(study),
			  row->loss_free.rate_bps, row->of.machine->cfg,
			  &row->fine, err);
}

static int whatif_piece(void *ctx, size_t index, struct err *err)
{
	struct speed_ups *ups = ctx;
	struct ndr_row *row = &ups->study->rows[ups->list[index].row];

	return try_whatif(ups->study, row,
			  &row->whatifs[ups->list[index].whatif], err);
}

static int gather(struct speed_ups *ups, struct err *err)
{
	size_t i, j;

	ups->list = calloc(ups->study->ask.row_count * NDR_WHATIFS_MAX,
			   sizeof(*ups->list));
	if (!ups->list)
		return err_nomem(err, "what-ifs");
	for (i = 0; i < ups->study->ask.row_count; i++)
		for (j = 0; ups->study->rows[i].fine.found &&
			    j < ups->study->rows[i].whatif_count;
		     j++) {
			ups->list[ups->count].row = i;
			ups->list[ups->count++].whatif = j;
		}
	return 0;
}

/* Those that were done, the largest first; of equal ones by name. */
static int by_gain(const void *a, const void *b)
{
	const struct ndr_whatif *x = a, *y = b;

	if (x->done != y->done)
		return x->done ? -1 : 1;
	if (x->gain != y->gain)
		return x->gain > y->gain ? -1 : 1;
	return strcmp(x->key, y->key);
}

int ndr_whatifs(struct ndr *study, struct err *err)
{
	struct speed_ups ups = { .study = study };
	struct question *ask = &study->ask;
	size_t i;
	int rc;

	if (question_share(ask, "finer trials", ask->row_count, fine_piece,
			   study, err) < 0 ||
	    gather(&ups, err) < 0)
		return -1;
	rc = question_share(ask, "speed-ups", ups.count, whatif_piece, &ups,
			    err);
	free(ups.list);
	ask->partial = cmd_interrupted;
	for (i = 0; i < ask->row_count && !rc; i++) {
		struct ndr_row *row = &study->rows[i];

		if (row->whatif_count)
			qsort(row->whatifs, row->whatif_count,
			      sizeof(*row->whatifs), by_gain);
		while (row->whatif_count &&
		       !row->whatifs[row->whatif_count - 1].done)
			row->whatif_count--;
	}
	return rc;
}
