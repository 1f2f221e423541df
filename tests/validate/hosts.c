/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/validate/hosts.h"

#include <math.h>

#include "cmd/tables.h"

#define TRANSFERS 30000

const char *const host_names[HOSTS] = { "hsw-2620v3", "ib-2620v2" };
const char *const op_names[] = { [PROBE_RD] = "rd",
				 [PROBE_WR] = "wr",
				 [PROBE_RDWR] = "rdwr",
				 [PROBE_WRRD] = "wrrd" };

static const char *const table_names[HOST_TABLES] = {
	[BW_SIZE] = "dma_bw_vs_size",	    [LAT_SIZE] = "dma_lat_vs_size",
	[LAT_WINDOW] = "dma_lat_vs_window", [BW_WINDOW] = "dma_bw_vs_window",
	[BW_OFFSET] = "dma_bw_vs_offset",
};

static int read_table(struct dma_samples *samples, const struct validation *v,
		      const char *name, const char *host, struct err *err)
{
	char path[VALIDATION_PATH_MAX];
	struct csv_in *csv =
		csv_in_open(validation_path(v, name, path, sizeof(path)), err);
	int result;

	if (!csv)
		return -1;
	result = dma_samples_read(samples, csv, host, err);
	csv_in_close(csv);
	return result;
}

/*
 * Of the command path only the share of hits is compared: reads of what the
 * device wrote.
 */
static bool simulated(const void *ctx, const struct dma_sample *sample)
{
	(void)ctx;
	return !sample->command ||
	       (sample->op == PROBE_RD && sample->cache == PROBE_DEVWARM &&
		sample->size == 64 && !sample->remote);
}

static bool foreign(const void *ctx, const struct dma_sample *sample)
{
	(void)ctx;
	return sample->table <= LAT_SIZE && !sample->remote;
}

static int apply(struct config *cfg, const struct preset *preset,
		 const char *const *sets, struct err *err)
{
	if (config_apply(cfg, preset, err) < 0)
		return -1;
	for (; *sets; sets++)
		if (config_set_pair(cfg, *sets, "--set", err) < 0)
			return -1;
	return 0;
}

static struct config *host_config(const struct validation *v, const char *name,
				  struct err *err)
{
	const struct preset *preset = tables_find_preset(name, err);
	struct config *cfg = preset ? tables_config(err) : NULL;

	if (cfg && apply(cfg, preset, v->sets, err) == 0)
		return cfg;
	config_free(cfg);
	return NULL;
}

static int host_init(struct host *host, const struct validation *v,
		     struct err *err)
{
	unsigned table;

	host->cfg = host_config(v, host->name, err);
	if (!host->cfg)
		return -1;
	for (table = 0; table < HOST_TABLES; table++)
		if (read_table(&host->samples, v, table_names[table],
			       host->name, err) < 0)
			return -1;
	for (table = 0; table <= LAT_SIZE; table++)
		if (read_table(&host->foreign, v, table_names[table],
			       host->name, err) < 0)
			return -1;
	return dma_samples_run(&host->samples, host->cfg, simulated, NULL,
			       TRANSFERS, v->jobs, err);
}

int hosts_init(struct host hosts[HOSTS], const struct validation *v,
	       struct err *err)
{
	unsigned i;

	for (i = 0; i < HOSTS; i++)
		hosts[i] = (struct host){ .name = host_names[i] };
	for (i = 0; i < HOSTS; i++)
		if (host_init(&hosts[i], v, err) < 0)
			return -1;
	for (i = 0; i < HOSTS; i++)
		if (dma_samples_run(&hosts[i].foreign, hosts[HOSTS - 1 - i].cfg,
				    foreign, NULL, TRANSFERS, v->jobs, err) < 0)
			return -1;
	return 0;
}

void hosts_clear(struct host hosts[HOSTS])
{
	unsigned i;

	for (i = 0; i < HOSTS; i++) {
		config_free(hosts[i].cfg);
		dma_samples_clear(&hosts[i].samples);
		dma_samples_clear(&hosts[i].foreign);
	}
}

static bool fits(const struct pick *pick, const struct dma_sample *sample)
{
	return sample->table == pick->table && sample->op == pick->op &&
	       sample->cache == pick->cache && sample->iommu == pick->iommu &&
	       sample->remote == pick->remote &&
	       sample->command == pick->command &&
	       (!pick->size || sample->size == pick->size) &&
	       (!pick->window || sample->window == pick->window);
}

const struct dma_sample *pick_next(const struct dma_samples *samples,
				   const struct pick *pick,
				   const struct dma_sample *from)
{
	for (; from < samples->list + samples->count; from++)
		if (fits(pick, from))
			return from;
	return NULL;
}

const struct dma_sample *pick_one(const struct dma_samples *samples,
				  const struct pick *pick)
{
	return pick_next(samples, pick, samples->list);
}

double error_of(const struct dma_sample *sample)
{
	return 100 * (sample->model / sample->value - 1);
}

void errors_add(struct errors *errors, double error)
{
	errors->sum += fabs(error);
	errors->worst = fmax(errors->worst, fabs(error));
	errors->count++;
}

double errors_mean(const struct errors *errors)
{
	return errors->count ? errors->sum / errors->count : NAN;
}
