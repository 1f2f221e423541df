/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/host_fit.h"

#include <math.h>
#include <stdio.h>

#define ROUNDS 2
#define PAGE   4096.0
/* Latencies are compared where no second request or chunk takes part. */
#define SHORT_LEAST 64
#define SHORT_MOST  256

const struct host_number_info host_numbers[HOST_NUMBERS] = {
	[HOST_READ_WARM] = { "host.dma_read_warm",
			     "latency of warm reads, 64 to 256 B" },
	[HOST_READ_COLD] = { "host.dma_read_cold",
			     "latency of cold reads, 64 to 256 B" },
	[HOST_WRITE] = { "host.dma_write",
			 "latency of a write and a read, 64 to 256 B" },
	[HOST_NUMA] = { "host.numa_delta",
			"latency of reads of the other socket" },
	[HOST_DDIO] = { "host.ddio",
			"reads over windows that the device wrote" },
	[HOST_IOTLB_RESERVED] = { "iommu.iotlb_reserved",
				  "latency of 64 B reads over windows, 4 KiB "
				  "pages" },
	[HOST_WALK] = { "iommu.walk", "the same, largest windows" },
	[HOST_WALKS] = { "iommu.walks",
			 "rate of short writes, largest window" },
};

static int set_number(struct host_fit *fit, enum host_number number,
		      const char *fmt, double value, struct err *err)
{
	char text[64];

	snprintf(text, sizeof(text), fmt, value);
	return config_set(fit->cfg, host_numbers[number].key, text, "calibrate",
			  err);
}

/* --- what adds to a latency --- */

static bool is_short(const struct dma_sample *s)
{
	return !s->rate && !s->command && !s->iommu && !s->offset &&
	       s->size >= SHORT_LEAST && s->size <= SHORT_MOST;
}

/* Whether the latency of @s tells @number. */
static bool tells(const struct host_fit *fit, enum host_number number,
		  const struct dma_sample *s)
{
	bool small = s->window <= config_u64(fit->cfg, "host.llc") / 4;

	if (!is_short(s))
		return false;
	switch (number) {
	case HOST_READ_WARM:
		return s->op == PROBE_RD && s->cache == PROBE_WARM && small &&
		       !s->remote;
	case HOST_READ_COLD:
		return s->op == PROBE_RD && s->cache == PROBE_COLD &&
		       !s->remote;
	case HOST_WRITE:
		return s->op == PROBE_WRRD && !s->remote && small;
	case HOST_NUMA:
		return s->op == PROBE_RD && s->cache == PROBE_WARM && small &&
		       s->remote;
	default:
		return false;
	}
}

static bool tells_any(const void *ctx, const struct dma_sample *s)
{
	unsigned number;

	for (number = HOST_READ_WARM; number <= HOST_NUMA; number++)
		if (tells(ctx, number, s))
			return true;
	return false;
}

/* What the model is off in warm reads of @size, ns; 0: there are none. */
static double warm_off(const struct host_fit *fit, uint32_t size)
{
	double sum = 0;
	size_t i, count = 0;

	for (i = 0; i < fit->samples->count; i++) {
		const struct dma_sample *s = &fit->samples->list[i];

		if (s->size != size || !tells(fit, HOST_READ_WARM, s))
			continue;
		sum += s->value - s->model;
		count++;
	}
	return count ? sum / (double)count : 0;
}

/*
 * What the model is off on average, ns: reads of DRAM and of the other socket
 * besides what it is off in warm reads, so that their difference is right
 * whatever sizes were measured.
 */
static double mean_off(struct host_fit *fit, enum host_number number)
{
	const struct dma_samples *samples = fit->samples;
	double sum = 0;
	size_t i;

	fit->used[number] = 0;
	for (i = 0; i < samples->count; i++) {
		const struct dma_sample *s = &samples->list[i];

		if (!tells(fit, number, s))
			continue;
		sum += s->value - s->model;
		if (number == HOST_READ_COLD || number == HOST_NUMA)
			sum -= warm_off(fit, s->size);
		fit->used[number]++;
	}
	return fit->used[number] ? sum / (double)fit->used[number] : 0;
}

static double number_ns(const struct host_fit *fit, enum host_number number)
{
	return (double)config_u64(fit->cfg, host_numbers[number].key) / 1e3;
}

static int move_latencies(struct host_fit *fit, struct err *err)
{
	double off[HOST_NUMA + 1];
	unsigned number;

	if (dma_samples_run(fit->samples, fit->cfg, tells_any, fit, fit->count,
			    fit->jobs, err) < 0)
		return -1;
	for (number = HOST_READ_WARM; number <= HOST_NUMA; number++)
		off[number] = mean_off(fit, number);
	/* These are on top of reads, which move too. */
	off[HOST_WRITE] -= off[HOST_READ_WARM];
	off[HOST_NUMA] -= off[HOST_READ_COLD];
	off[HOST_READ_COLD] += off[HOST_READ_WARM];
	for (number = HOST_READ_WARM; number <= HOST_NUMA; number++)
		if (fit->used[number] &&
		    set_number(fit, number, "%.0fns",
			       fmax(0, number_ns(fit, number) + off[number]),
			       err) < 0)
			return -1;
	return 0;
}

/* --- the share of the LLC --- */

static bool of_share(const struct dma_sample *s, enum probe_cache cache,
		     bool command)
{
	return !s->rate && s->op == PROBE_RD && s->cache == cache &&
	       !s->iommu && !s->remote && s->command == command &&
	       s->size >= SHORT_LEAST;
}

/* The latency over the smallest, or the largest window; 0: no such sample. */
static double latency_at_end(const struct dma_samples *samples,
			     enum probe_cache cache, bool command,
			     uint32_t size, bool largest)
{
	const struct dma_sample *found = NULL;
	size_t i;

	for (i = 0; i < samples->count; i++) {
		const struct dma_sample *s = &samples->list[i];

		if (of_share(s, cache, command) && s->size == size &&
		    (!found || (largest ? s->window > found->window
					: s->window < found->window)))
			found = s;
	}
	return found ? found->value : 0;
}

/*
 * Least squares of share = C / window where that is below one; the latencies
 * of hit and miss must be apart for the share to be told.
 */
static int fit_share(struct host_fit *fit, struct err *err)
{
	double top = 0, bottom = 0;
	size_t i;

	for (i = 0; i < fit->samples->count; i++) {
		const struct dma_sample *s = &fit->samples->list[i];
		double hit, miss, share;

		if (!of_share(s, PROBE_DEVWARM, s->command))
			continue;
		hit = latency_at_end(fit->samples, PROBE_DEVWARM, s->command,
				     s->size, false);
		miss = latency_at_end(fit->samples, PROBE_COLD, s->command,
				      s->size, true);
		share = (miss - s->value) / (miss - hit);
		if (miss < hit + 10 || share > .95 || share < .1)
			continue;
		top += share / (double)s->window;
		bottom += 1 / ((double)s->window * (double)s->window);
		fit->used[HOST_DDIO]++;
	}
	if (!fit->used[HOST_DDIO])
		return 0;
	return set_number(
		fit, HOST_DDIO, "%.1f%%",
		fmin(100, 100 * top / bottom /
				  (double)config_u64(fit->cfg, "host.llc")),
		err);
}

/* --- translation --- */

static bool of_knee(const struct dma_sample *s, enum dma_iommu iommu)
{
	return !s->rate && !s->command && s->op == PROBE_RD &&
	       s->cache == PROBE_WARM && s->iommu == iommu && !s->remote &&
	       s->size == SHORT_LEAST && !s->offset;
}

static bool of_any_knee(const void *ctx, const struct dma_sample *s)
{
	(void)ctx;
	return of_knee(s, DMA_IOMMU_4K) || of_knee(s, DMA_IOMMU_OFF);
}

/* The sample without translation that @s is compared with; NULL: none. */
static const struct dma_sample *without(const struct dma_samples *samples,
					const struct dma_sample *s)
{
	size_t i;

	for (i = 0; i < samples->count; i++)
		if (of_knee(&samples->list[i], DMA_IOMMU_OFF) &&
		    samples->list[i].window == s->window)
			return &samples->list[i];
	return NULL;
}

/* Walk time for a number of @entries, by least squares; its error. */
static double walk_for(const struct dma_samples *samples, double entries,
		       double *walk, size_t *used)
{
	double top = 0, bottom = 0, all = 0;
	size_t i;

	*used = 0;
	for (i = 0; i < samples->count; i++) {
		const struct dma_sample *s = &samples->list[i], *off;
		double miss, added;

		if (!of_knee(s, DMA_IOMMU_4K) || !(off = without(samples, s)))
			continue;
		miss = fmax(0, 1 - entries * PAGE / (double)s->window);
		added = s->value - off->value;
		top += added * miss;
		bottom += miss * miss;
		all += added * added;
		*used += miss > 0;
	}
	*walk = bottom > 0 ? top / bottom : 0;
	return bottom > 0 ? all - top * top / bottom : all;
}

static int fit_knee(struct host_fit *fit, struct err *err)
{
	uint64_t entries = config_u64(fit->cfg, "iommu.iotlb"), n, best = 0;
	double least = INFINITY, walk;
	size_t used;

	for (n = 1; n <= entries; n++) {
		double error = walk_for(fit->samples, (double)n, &walk, &used);

		if (used >= 2 && error < least) {
			least = error;
			best = n;
		}
	}
	if (!best)
		return 0;
	walk_for(fit->samples, (double)best, &walk, &used);
	fit->used[HOST_IOTLB_RESERVED] = fit->used[HOST_WALK] = used;
	if (set_number(fit, HOST_IOTLB_RESERVED, "%.0f",
		       (double)(entries - best), err) < 0)
		return -1;
	return set_number(fit, HOST_WALK, "%.0fns", walk, err);
}

/* By what the model adds to latency, over all windows. */
static int move_walk(struct host_fit *fit, struct err *err)
{
	const struct dma_samples *samples = fit->samples;
	double measured = 0, model = 0;
	size_t i;

	if (!fit->used[HOST_WALK])
		return 0;
	if (dma_samples_run(fit->samples, fit->cfg, of_any_knee, NULL,
			    fit->count, fit->jobs, err) < 0)
		return -1;
	for (i = 0; i < samples->count; i++) {
		const struct dma_sample *s = &samples->list[i], *off;

		if (!of_knee(s, DMA_IOMMU_4K) || !(off = without(samples, s)))
			continue;
		measured += s->value - off->value;
		model += s->model - off->model;
	}
	if (model <= 0 || measured <= 0)
		return 0;
	return set_number(fit, HOST_WALK, "%.0fns",
			  number_ns(fit, HOST_WALK) * measured / model, err);
}

/* The largest window's shortest writes. */
static int fit_walks(struct host_fit *fit, struct err *err)
{
	const struct dma_sample *found = NULL;
	double entries = (double)(config_u64(fit->cfg, "iommu.iotlb") -
				  config_u64(fit->cfg, "iommu.iotlb_reserved"));
	double miss, each;
	size_t i;

	for (i = 0; i < fit->samples->count; i++) {
		const struct dma_sample *s = &fit->samples->list[i];

		if (s->rate && s->op == PROBE_WR && !s->remote && !s->offset &&
		    s->iommu == DMA_IOMMU_4K && s->size == SHORT_LEAST &&
		    (!found || s->window > found->window))
			found = s;
	}
	if (!found || !fit->used[HOST_WALK])
		return 0;
	miss = 1 - entries * PAGE / (double)found->window;
	if (miss < .9)
		return 0;
	fit->used[HOST_WALKS] = 1;
	each = found->size * 8 / found->value;
	return set_number(fit, HOST_WALKS, "%.0f",
			  fmax(1, number_ns(fit, HOST_WALK) * miss / each),
			  err);
}

static bool can_be_simulated(const void *ctx, const struct dma_sample *s)
{
	(void)ctx;
	return !s->command;
}

int host_fit_make(struct host_fit *fit, struct err *err)
{
	unsigned i;

	for (i = 0; i < HOST_NUMBERS; i++) {
		fit->used[i] = 0;
		config_text(fit->cfg, host_numbers[i].key, fit->start[i],
			    sizeof(fit->start[i]));
	}
	if (fit_share(fit, err) < 0 || fit_knee(fit, err) < 0 ||
	    fit_walks(fit, err) < 0)
		return -1;
	for (i = 0; i < ROUNDS; i++)
		if (move_latencies(fit, err) < 0 || move_walk(fit, err) < 0)
			return -1;
	return dma_samples_run(fit->samples, fit->cfg, can_be_simulated, NULL,
			       fit->count, fit->jobs, err);
}
