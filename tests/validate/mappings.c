/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the CPU pays to map and unmap behind an IOMMU, against published
 * figures of Linux: the default prices and, of one machine whose invalidations
 * go page by page, two prices fitted to the ends of its table.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/csv_in.h"
#include "cmd/tables.h"
#include "models/component.h"
#include "models/host/iommu.h"
#include "tests/validate/validate.h"

/* What a mapping of some pages costs, cycles, by what it is spent on. */
struct price {
	double map, unmap, flush;
};

/* One core that maps and unmaps; the second time addresses are its own. */
struct bench {
	struct cpu_job job;
	struct kernel kernel;
	struct arena arena;
	struct stats stats;
	struct pool segments;
	struct core core;
	struct ledger ledger;
	struct iommu iommu;
	struct iommu_mapping mapping;
	uint32_t pages;
	bool unmaps;
};

static void start(struct core *core, struct cpu_job *job)
{
	struct bench *bench = (struct bench *)job;
	struct charge charge = { .direction = DIR_TX };

	cpu_set_level(core, IRQL_DISPATCH);
	if (bench->unmaps)
		iommu_unmap(&bench->iommu, core, &bench->mapping, &charge);
	else
		iommu_map(&bench->iommu, core, &bench->mapping, &charge,
			  bench->pages);
}

static void done(struct core *core, struct cpu_job *job)
{
	(void)core;
	(void)job;
}

static double spent(struct bench *bench, enum routine routine)
{
	uint64_t cycles = bench->ledger.row[routine].cycles;

	bench->ledger.row[routine].cycles = 0;
	return (double)cycles;
}

static struct price one_life(struct bench *bench)
{
	unsigned i;

	for (i = 0; i < 2; i++) {
		bench->unmaps = i;
		bench->job.irql = IRQL_DISPATCH;
		bench->job.start = start;
		bench->job.done = done;
		cpu_submit(&bench->core, &bench->job);
		kernel_run(&bench->kernel, SIM_TIME_NEVER);
	}
	return (struct price){ .map = spent(bench, R_IOMMU_MAP),
			       .unmap = spent(bench, R_IOMMU_UNMAP),
			       .flush = spent(bench, R_IOMMU_FLUSH) };
}

static int bench_init(struct bench *bench, const struct config *cfg,
		      struct err *err)
{
	memset(bench, 0, sizeof(*bench));
	arena_init(&bench->arena);
	stats_init(&bench->stats, 0);
	if (kernel_init(&bench->kernel, false, err) < 0 ||
	    pool_init(&bench->segments, cpu_segment_size(), 64, err) < 0)
		return -1;
	core_init(&bench->core, &bench->kernel, 0, COMP_CORE,
		  config_u64(cfg, "host.clock"), &bench->segments);
	ledger_init(&bench->ledger, &bench->stats, cfg);
	return iommu_init(&bench->iommu, &bench->kernel, &bench->ledger,
			  &bench->stats, &bench->arena, cfg, &bench->core, 1, 0,
			  err);
}

static void bench_clear(struct bench *bench)
{
	iommu_clear(&bench->iommu);
	stats_clear(&bench->stats);
	pool_clear(&bench->segments);
	arena_clear(&bench->arena);
	kernel_clear(&bench->kernel);
}

static int price_of(const struct config *cfg, uint32_t pages,
		    struct price *price, struct err *err)
{
	struct bench bench;

	if (bench_init(&bench, cfg, err) < 0)
		return -1;
	bench.pages = pages;
	one_life(&bench);
	*price = one_life(&bench);
	bench_clear(&bench);
	return 0;
}

/* --- rows --- */

enum shape {
	PAGE_MAP, /* page-table work of one page more */
	PAGE_UNMAP,
	API_MAP, /* all of dma_map, dma_unmap */
	API_UNMAP,
	ONLY_MAP, /* one step of it */
	ONLY_UNMAP,
	ONLY_FLUSH
};

/* Rows of no shape here are of another one: ranges mapped in one step. */
static const struct row_shape {
	const char *begin, *end; /* of the id */
	const char *figure;
	enum shape shape;
	bool by_page; /* invalidated page by page */
} shapes[] = {
	{ "iommupt-vtd-map-1p", "", "mapping.page_table", PAGE_MAP, false },
	{ "iommupt-amdv1-map-1p", "", "mapping.page_table", PAGE_MAP, false },
	{ "iommupt-vtd-unmap-1p", "", "mapping.page_table", PAGE_UNMAP, false },
	{ "iommupt-amdv1-unmap-1p", "", "mapping.page_table", PAGE_UNMAP,
	  false },
	{ "hisi-single-map", "", "mapping.arm_server", API_MAP, false },
	{ "hisi-single-unmap", "", "mapping.arm_server", API_UNMAP, false },
	{ "hisi-sg8-map", "", "mapping.arm_server_list", API_MAP, false },
	{ "hisi-sg8-unmap", "", "mapping.arm_server_list", API_UNMAP, false },
	{ "smmu-unmap", "old", "mapping.smmu", API_UNMAP, true },
	{ "ebpf-__iommu_map", "", "mapping.traced", ONLY_MAP, false },
	{ "ebpf-__iommu_unmap", "", "mapping.traced", ONLY_UNMAP, false },
	{ "ebpf-intel_iommu_tlb_sync", "", "mapping.traced", ONLY_FLUSH,
	  false },
};

#define SHAPES (sizeof(shapes) / sizeof(shapes[0]))

static bool ends_in(const char *id, const char *end)
{
	size_t length = strlen(id), tail = strlen(end);

	return length >= tail && strcmp(id + length - tail, end) == 0;
}

static const struct row_shape *shape_of(const char *id)
{
	size_t i;

	for (i = 0; i < SHAPES; i++)
		if (!strncmp(id, shapes[i].begin, strlen(shapes[i].begin)) &&
		    ends_in(id, shapes[i].end))
			return &shapes[i];
	return NULL;
}

static double cycles_of(const struct config *cfg, enum shape shape,
			const struct price *price, const struct price *next)
{
	switch (shape) {
	case PAGE_MAP:
		return next->map - price->map;
	case PAGE_UNMAP:
		return next->unmap - price->unmap;
	case API_MAP:
		return price->map + (double)config_u64(cfg, "cost.dma_map");
	case API_UNMAP:
		return price->unmap + price->flush +
		       (double)config_u64(cfg, "cost.dma_unmap");
	case ONLY_MAP:
		return price->map;
	case ONLY_UNMAP:
		return price->unmap;
	case ONLY_FLUSH:
	default:
		return price->flush;
	}
}

/* 3.0 us a page and 32.0 us for 31 more: what unmapping leaves of them. */
static int fit_by_page(struct config *cfg, struct err *err)
{
	if (config_set_pair(cfg, "iommu.invalidate_page=3142", "fit", err) < 0)
		return -1;
	return config_set_pair(cfg, "iommu.invalidate=5474", "fit", err);
}

static struct config *mapping_config(bool by_page, struct err *err)
{
	struct config *cfg = tables_config(err);

	if (cfg &&
	    (config_set_pair(cfg, "iommu.mode=strict", "here", err) < 0 ||
	     (by_page && fit_by_page(cfg, err) < 0))) {
		config_free(cfg);
		return NULL;
	}
	return cfg;
}

static int model_ns(const struct row_shape *shape, uint32_t pages, double *ns,
		    struct err *err)
{
	struct config *cfg = mapping_config(shape->by_page, err);
	struct price price, next;

	if (!cfg)
		return -1;
	if (price_of(cfg, pages, &price, err) < 0 ||
	    price_of(cfg, pages + 1, &next, err) < 0) {
		config_free(cfg);
		return -1;
	}
	*ns = cycles_of(cfg, shape->shape, &price, &next) * 1e9 /
	      (double)config_u64(cfg, "host.clock");
	config_free(cfg);
	return 0;
}

/* The worst of a figure's rows. */
static void judge(struct validation *v, const char *name, double error)
{
	unsigned i;

	for (i = 0; i < v->figures.count; i++)
		if (!strcmp(v->figures.list[i].name, name))
			break;
	if (i == v->figures.count)
		figure(&v->figures, NAN, "%", "%s", name)->value = 0;
	v->figures.list[i].value = fmax(v->figures.list[i].value, fabs(error));
}

static int judge_row(struct validation *v, const struct csv_in *csv,
		     struct err *err)
{
	const char *id = csv_in_text(csv, csv_in_column(csv, "id"));
	const struct row_shape *shape = shape_of(id);
	double pages, measured, ns, error;

	if (csv_in_number(csv, csv_in_column(csv, "pages"), &pages, err) < 0 ||
	    csv_in_number(csv, csv_in_column(csv, "value_ns"), &measured, err) <
		    0)
		return -1;
	if (!shape)
		return 0;
	if (model_ns(shape, (uint32_t)pages, &ns, err) < 0)
		return -1;
	error = 100 * (ns / measured - 1);
	judge(v, shape->figure, error);
	fprintf(v->points, "| %s | %.0f | %.0f | %.0f | %+.1f %% |\n", id,
		pages, measured, ns, error);
	return 0;
}

int validate_mappings(struct validation *v, struct err *err)
{
	char path[VALIDATION_PATH_MAX];
	struct csv_in *csv = csv_in_open(
		validation_path(v, "dma_map_cost", path, sizeof(path)), err);
	int more;

	if (!csv)
		return -1;
	fputs("\n**Mapping and unmapping (ns)**\n\n"
	      "| row | pages | measured | model | |\n|---|--:|--:|--:|--:|\n",
	      v->points);
	while ((more = csv_in_next(csv, err)) > 0)
		if (judge_row(v, csv, err) < 0) {
			more = -1;
			break;
		}
	csv_in_close(csv);
	return more;
}
