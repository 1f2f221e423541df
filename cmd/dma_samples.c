/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/dma_samples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/crew.h"

/* --- reading --- */

enum column {
	COL_OP,
	COL_SIZE,
	COL_RATE,
	COL_LATENCY,
	COL_OUTSTANDING,
	COL_WINDOW,
	COL_OFFSET,
	COL_DEVICE_OFFSET,
	COL_HOST,
	COL_IOMMU,
	COL_PAGES,
	COL_TOPO,
	COL_NUMA,
	COL_ENGINE,
	COL_CACHE,
	COLUMNS
};

static const char *const names[COLUMNS][2] = {
	[COL_OP] = { "op", NULL },
	[COL_SIZE] = { "size_B", "size_bytes" },
	[COL_RATE] = { "gbps", NULL },
	[COL_LATENCY] = { "mean_ns", NULL },
	[COL_OUTSTANDING] = { "outstanding", NULL },
	[COL_WINDOW] = { "window_B", "window_bytes" },
	[COL_OFFSET] = { "host_off_B", "offset_bytes" },
	[COL_DEVICE_OFFSET] = { "dev_off_B", NULL },
	[COL_HOST] = { "host", NULL },
	[COL_IOMMU] = { "iommu", NULL },
	[COL_PAGES] = { "pages", NULL },
	[COL_TOPO] = { "topo", NULL },
	[COL_NUMA] = { "numa", NULL },
	[COL_ENGINE] = { "engine", NULL },
	[COL_CACHE] = { "cache", NULL },
};

struct columns {
	struct csv_in *csv;
	int at[COLUMNS]; /* -1: none */
};

static struct columns find_columns(const struct csv_in *csv)
{
	struct columns columns = { .csv = NULL };
	unsigned i, j;

	for (i = 0; i < COLUMNS; i++) {
		columns.at[i] = -1;
		for (j = 0; j < 2 && names[i][j] && columns.at[i] < 0; j++)
			columns.at[i] = csv_in_column(csv, names[i][j]);
	}
	return columns;
}

bool dma_samples_known(const struct csv_in *csv)
{
	struct columns columns = find_columns(csv);

	return columns.at[COL_OP] >= 0 && columns.at[COL_SIZE] >= 0 &&
	       (columns.at[COL_RATE] >= 0 || columns.at[COL_LATENCY] >= 0);
}

/* The row's text, @otherwise where the table has no such column. */
static const char *text_of(const struct columns *columns, enum column column,
			   const char *otherwise)
{
	int at = columns->at[column];

	return at < 0 ? otherwise : csv_in_text(columns->csv, at);
}

static int number_of(const struct columns *columns, enum column column,
		     double otherwise, double *value, struct err *err)
{
	int at = columns->at[column];

	*value = otherwise;
	if (at < 0 || !*csv_in_text(columns->csv, at))
		return 0;
	return csv_in_number(columns->csv, at, value, err);
}

struct word {
	const char *name;
	unsigned value;
};

/* Into @value; false: no such word. */
static bool word_value(const struct word *words, const char *text,
		       unsigned *value)
{
	for (; words->name; words++)
		if (strcmp(words->name, text) == 0) {
			*value = words->value;
			return true;
		}
	return false;
}

/* False: what the model does not tell apart. */
static bool read_words(struct dma_sample *sample, const struct columns *columns)
{
	static const struct word ops[] = {
		{ "rd", PROBE_RD },
		{ "wr", PROBE_WR },
		{ "rdwr", PROBE_RDWR },
		{ "wrrd", PROBE_WRRD },
		{ NULL, 0 },
	};
	static const struct word caches[] = {
		{ "hostwarm", PROBE_WARM },
		{ "warm", PROBE_WARM },
		{ "devwarm", PROBE_DEVWARM },
		{ "cold", PROBE_COLD },
		{ NULL, 0 },
	};
	static const struct word modes[] = {
		{ "off", DMA_IOMMU_OFF },
		{ "sp", DMA_IOMMU_SUPER },
		{ "4k", DMA_IOMMU_4K },
		{ "strict", DMA_IOMMU_4K },
		{ NULL, 0 },
	};
	const char *topo = text_of(columns, COL_TOPO, "single");
	unsigned op, cache, mode;

	if (!word_value(ops, text_of(columns, COL_OP, ""), &op) ||
	    !word_value(caches, text_of(columns, COL_CACHE, "warm"), &cache) ||
	    !word_value(modes, text_of(columns, COL_IOMMU, "off"), &mode))
		return false;
	sample->op = op;
	sample->cache = cache;
	sample->iommu = mode;
	if (mode == DMA_IOMMU_4K &&
	    strcmp(text_of(columns, COL_PAGES, "4KiB"), "4KiB") != 0)
		sample->iommu = DMA_IOMMU_SUPER;
	sample->command =
		strcmp(text_of(columns, COL_ENGINE, "dma"), "cmd") == 0;
	/* sAsBsC: the device is on socket A, the memory on B. */
	sample->remote =
		strcmp(text_of(columns, COL_NUMA, ""), "remote") == 0 ||
		(strlen(topo) == 6 && topo[2] == 's' && topo[1] != topo[3]);
	return true;
}

/* 1: a sample; 0: left out. */
static int read_row(struct dma_sample *sample, const struct columns *columns,
		    const char *host, struct err *err)
{
	bool latency = columns->at[COL_LATENCY] >= 0;
	double size, window, offset, device, outstanding;

	if (host && strcmp(text_of(columns, COL_HOST, host), host) != 0)
		return 0;
	if (number_of(columns, COL_SIZE, 0, &size, err) < 0 ||
	    number_of(columns, COL_WINDOW, DMA_WINDOW, &window, err) < 0 ||
	    number_of(columns, COL_OFFSET, 0, &offset, err) < 0 ||
	    number_of(columns, COL_DEVICE_OFFSET, 0, &device, err) < 0 ||
	    number_of(columns, COL_OUTSTANDING, latency ? 1 : DMA_OUTSTANDING,
		      &outstanding, err) < 0)
		return -1;
	sample->rate = !latency || outstanding > 1;
	if (sample->rate && columns->at[COL_RATE] < 0)
		return 0;
	if (number_of(columns, sample->rate ? COL_RATE : COL_LATENCY, 0,
		      &sample->value, err) < 0)
		return -1;
	if (!read_words(sample, columns) || device > 0 || size < 1 ||
	    size > PROBE_SIZE_MAX || offset > 4095 ||
	    window > (double)PROBE_WINDOW_MAX || outstanding < 1 ||
	    outstanding > 65536 || sample->value <= 0)
		return 0;
	sample->size = (uint32_t)size;
	sample->offset = (uint32_t)offset;
	sample->outstanding = (uint32_t)outstanding;
	/* A window has room for a transfer. */
	sample->window = (uint64_t)fmax(window, size + offset + 63);
	return 1;
}

static int add(struct dma_samples *samples, const struct dma_sample *sample,
	       struct err *err)
{
	if (samples->count == samples->room) {
		size_t room = samples->room ? 2 * samples->room : 256;
		struct dma_sample *list =
			realloc(samples->list, room * sizeof(*list));

		if (!list)
			return err_nomem(err, "table of transfers");
		samples->list = list;
		samples->room = room;
	}
	samples->list[samples->count++] = *sample;
	return 0;
}

int dma_samples_read(struct dma_samples *samples, struct csv_in *csv,
		     const char *host, struct err *err)
{
	struct columns columns = find_columns(csv);
	int more;

	columns.csv = csv;
	while ((more = csv_in_next(csv, err)) > 0) {
		struct dma_sample sample = { .table = samples->tables };
		int got = read_row(&sample, &columns, host, err);

		if (got < 0 || (got > 0 && add(samples, &sample, err) < 0))
			return -1;
		samples->left_out += got == 0;
	}
	samples->tables++;
	return more;
}

void dma_samples_clear(struct dma_samples *samples)
{
	free(samples->list);
	*samples = (struct dma_samples){ .list = NULL };
}

/* --- on a model --- */

struct probe_spec dma_sample_spec(const struct dma_sample *sample,
				  uint64_t count)
{
	return (struct probe_spec){
		.op = sample->op,
		.cache = sample->cache,
		.size = sample->size,
		.offset = sample->offset,
		.window = sample->window,
		.outstanding = sample->outstanding,
		.count = sample->rate ? count : (count + 3) / 4,
		.seed = 1,
	};
}

struct config *dma_sample_config(const struct dma_sample *sample,
				 const struct config *cfg, struct err *err)
{
	struct config *own = config_copy(cfg, err);

	if (!own)
		return NULL;
	if (config_set(own, "iommu.mode", sample->iommu ? "strict" : "off",
		       "sample", err) == 0 &&
	    config_set(own, "iommu.page",
		       sample->iommu == DMA_IOMMU_SUPER ? "2MiB" : "4KiB",
		       "sample", err) == 0 &&
	    config_set(own, "host.numa", sample->remote ? "remote" : "local",
		       "sample", err) == 0)
		return own;
	config_free(own);
	return NULL;
}

struct round {
	struct dma_samples *samples;
	const size_t *picked;
	const struct config *cfg;
	uint64_t count;
	struct err *errs; /* of each piece */
};

static void run_one(void *ctx, size_t index)
{
	const struct round *round = ctx;
	struct dma_sample *sample = &round->samples->list[round->picked[index]];
	struct probe_spec spec = dma_sample_spec(sample, round->count);
	struct err *err = &round->errs[index];
	struct config *cfg = dma_sample_config(sample, round->cfg, err);
	struct probe_result result;

	if (!cfg)
		return;
	if (probe_run(cfg, &spec, &result, err) == 0) {
		sample->model = sample->rate
					? (double)result.payload_bps / 1e9
					: hist_mean(&result.latency_ps) / 1e3;
		sample->hits = result.cache_lookups
				       ? (double)result.cache_hits /
						 (double)result.cache_lookups
				       : 0;
		probe_result_clear(&result);
	}
	config_free(cfg);
}

static int run_round(struct round *round, size_t count, unsigned jobs,
		     struct err *err)
{
	struct crew *crew = crew_new(jobs, err);
	size_t i;

	if (!crew)
		return -1;
	crew_begin(crew, count, run_one, round);
	crew_end(crew);
	crew_free(crew);
	for (i = 0; i < count; i++)
		if (round->errs[i].kind) {
			*err = round->errs[i];
			return -1;
		}
	return 0;
}

int dma_samples_run(struct dma_samples *samples, const struct config *cfg,
		    bool (*wanted)(const void *ctx,
				   const struct dma_sample *sample),
		    const void *ctx, uint64_t count, unsigned jobs,
		    struct err *err)
{
	size_t *picked = calloc(samples->count + 1, sizeof(*picked));
	struct err *errs = calloc(samples->count + 1, sizeof(*errs));
	struct round round = { samples, picked, cfg, count, errs };
	size_t i, n = 0;
	int result;

	if (!picked || !errs) {
		free(picked);
		free(errs);
		return err_nomem(err, "simulated transfers");
	}
	for (i = 0; i < samples->count; i++)
		if (!wanted || wanted(ctx, &samples->list[i]))
			picked[n++] = i;
	result = run_round(&round, n, jobs, err);
	free(picked);
	free(errs);
	return result;
}
