/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measured DMA: tables of bandwidth or latency over size, window or offset,
 * and the same transfers on a model.
 *
 * Columns are found by name, as pcie-bench's tables and `dmasim probe --format
 * csv` have them: op, size_B or size_bytes, window_B or window_bytes,
 * host_off_B or offset_bytes, gbps or mean_ns (or outstanding, which says
 * which), and if there are any host, iommu, topo or numa, engine, cache.
 *
 *	csv = csv_in_open("dma_lat_vs_window.csv", &err);
 *	if (dma_samples_known(csv) && dma_samples_read(&samples, csv, "hsw",
 *						       &err) == 0)
 *		dma_samples_run(&samples, cfg, wanted, ctx, 20000, jobs, &err);
 *	...
 *	dma_samples_clear(&samples);
 *
 * Limits: rows of another host, and of what the model does not tell apart
 * (caches thrashed by the device, offsets in the device's memory), are left
 * out and counted.
 */
#ifndef CMD_DMA_SAMPLES_H
#define CMD_DMA_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/csv_in.h"
#include "core/param.h"
#include "models/probe.h"

/* What a measurement of bandwidth keeps going, if its table does not say. */
#define DMA_OUTSTANDING 88u
/* Its window, likewise. */
#define DMA_WINDOW 8192u

enum dma_iommu { DMA_IOMMU_OFF, DMA_IOMMU_4K, DMA_IOMMU_SUPER };

struct dma_sample {
	unsigned table; /* counts the tables read */
	bool command;	/* by a command path beside the DMA engine */
	enum dma_iommu iommu;
	bool remote; /* memory of the other socket */
	bool rate;   /* value is Gb/s, else mean latency, ns */
	enum probe_op op;
	enum probe_cache cache;
	uint32_t size, offset, outstanding;
	uint64_t window;
	double value; /* measured */
	double model; /* simulated by the last dma_samples_run() */
	double hits;  /* of its lines, the share found in the LLC */
};

struct dma_samples {
	struct dma_sample *list; /* owned */
	size_t count, room, left_out;
	unsigned tables;
};

/* Whether the columns are those of such a table. */
bool dma_samples_known(const struct csv_in *csv);
/* Add the rows of @host (NULL: of any) of a table, to its end. */
int dma_samples_read(struct dma_samples *samples, struct csv_in *csv,
		     const char *host, struct err *err);
void dma_samples_clear(struct dma_samples *samples);

/* The probe that repeats @sample; its configuration, for the caller to free. */
struct probe_spec dma_sample_spec(const struct dma_sample *sample,
				  uint64_t count);
struct config *dma_sample_config(const struct dma_sample *sample,
				 const struct config *cfg, struct err *err);

/*
 * Simulate the samples that @wanted (NULL: all), by @jobs threads, @count
 * transfers each (latencies: a fourth).  The same for any @jobs.
 */
int dma_samples_run(struct dma_samples *samples, const struct config *cfg,
		    bool (*wanted)(const void *ctx,
				   const struct dma_sample *sample),
		    const void *ctx, uint64_t count, unsigned jobs,
		    struct err *err);

#endif
