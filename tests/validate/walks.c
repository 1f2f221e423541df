/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The IOMMU: what translation adds to the latency of a read, and what it takes
 * of bandwidth, over windows of small pages.
 */
#include <math.h>

#include "tests/validate/hosts.h"

#define HELD	262144u /* a window that any IOTLB holds */
#define LARGEST 67108864u

static const uint32_t sizes[] = { 64, 128, 256, 512 };
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

/* --- latency --- */

/* Added by translation: measured and simulated, ns. */
static bool added(const struct host *host, uint64_t window, double *measured,
		  double *model)
{
	struct pick pick = { .table = LAT_WINDOW,
			     .op = PROBE_RD,
			     .size = 64,
			     .window = window };
	const struct dma_sample *off = pick_one(&host->samples, &pick), *on;

	pick.iommu = DMA_IOMMU_4K;
	on = pick_one(&host->samples, &pick);
	if (!off || !on)
		return false;
	*measured = on->value - off->value;
	*model = on->model - off->model;
	return true;
}

static void knee(struct validation *v, const struct host *host)
{
	struct pick pick = { .table = LAT_WINDOW,
			     .op = PROBE_RD,
			     .size = 64,
			     .iommu = DMA_IOMMU_4K };
	const struct dma_sample *s = pick_one(&host->samples, &pick);
	struct errors errors = { .count = 0 };

	fprintf(v->points,
		"\n**Translation, %s: added to a 64 B read (ns)**\n\n"
		"| window KiB | measured | model | |\n|--:|--:|--:|--:|\n",
		host->name);
	for (; s; s = pick_next(&host->samples, &pick, s + 1)) {
		double measured, model;

		if (!added(host, s->window, &measured, &model))
			continue;
		errors_add(&errors, model - measured);
		fprintf(v->points, "| %lu | %.1f | %.1f | %+.1f |\n",
			(unsigned long)(s->window >> 10), measured, model,
			model - measured);
	}
	figure(&v->figures, 12, "ns", "iotlb_knee.%s", host->name)->value =
		errors.worst;
}

/* --- bandwidth --- */

/* Lost against the window that the IOTLB holds, %. */
static bool lost(const struct host *host, struct pick pick, double *measured,
		 double *model)
{
	const struct dma_sample *held, *s = pick_one(&host->samples, &pick);

	pick.window = HELD;
	held = pick_one(&host->samples, &pick);
	if (!s || !held)
		return false;
	*measured = 100 * (1 - s->value / held->value);
	*model = 100 * (1 - s->model / held->model);
	return true;
}

static void print_losses(struct validation *v, const struct host *host,
			 struct pick pick, struct errors *any,
			 struct errors *largest)
{
	unsigned i;

	fprintf(v->points, "| %s | %lu |", op_names[pick.op],
		(unsigned long)(pick.window >> 10));
	for (i = 0; i < SIZES; i++) {
		double measured, model;

		pick.size = sizes[i];
		if (!lost(host, pick, &measured, &model))
			continue;
		fprintf(v->points, " %.1f | %.1f | %+.1f |", measured, model,
			model - measured);
		errors_add(any, model - measured);
		if (pick.window == LARGEST)
			errors_add(largest, model - measured);
	}
	fputs("\n", v->points);
}

static void losses(struct validation *v, const struct host *host,
		   enum probe_op op)
{
	struct pick pick = {
		.table = BW_WINDOW, .op = op, .size = 64, .iommu = DMA_IOMMU_4K
	};
	const struct dma_sample *s = pick_one(&host->samples, &pick);
	struct errors any = { .count = 0 }, largest = { .count = 0 };

	for (; s; s = pick_next(&host->samples, &pick, s + 1)) {
		struct pick row = pick;

		row.window = s->window;
		if (s->window > HELD)
			print_losses(v, host, row, &any, &largest);
	}
	figure(&v->figures, 6, "points", "iotlb_loss.%s.%s", op_names[op],
	       host->name)
		->value = largest.worst;
	figure(&v->figures, 6, "points", "iotlb_loss_any_window.%s.%s",
	       op_names[op], host->name)
		->value = any.worst;
	figure(&v->figures, NAN, "points", "iotlb_loss_mean.%s.%s",
	       op_names[op], host->name)
		->value = errors_mean(&any);
}

void report_walks(struct validation *v, const struct host hosts[HOSTS])
{
	unsigned i, k;

	for (i = 0; i < HOSTS; i++) {
		knee(v, &hosts[i]);
		fprintf(v->points,
			"\n**Translation, %s: bandwidth lost (%% of that over "
			"256 KiB)**\n\n| op | window KiB |",
			hosts[i].name);
		for (k = 0; k < SIZES; k++)
			fprintf(v->points, " %u B measured | model | |",
				sizes[k]);
		fputs("\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
		      "--:|\n",
		      v->points);
		losses(v, &hosts[i], PROBE_RD);
		losses(v, &hosts[i], PROBE_WR);
	}
}
