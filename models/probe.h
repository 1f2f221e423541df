/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A probe: raw DMA against the machine, without frames, drivers or wires.
 *
 * A device keeps @outstanding transfers of @size bytes going, each at a random
 * transfer-sized unit of a window of host memory, and measures each.  It
 * drives the objects a run drives: DMA engine, bus, IOMMU, memory.  What it
 * does not need of a configuration it ignores.
 *
 *	struct probe_spec spec = { .op = PROBE_RD, .size = 64,
 *				   .window = 8192, .outstanding = 1,
 *				   .count = 10000, .seed = 1 };
 *	if (probe_run(cfg, &spec, &result, &err) < 0) ...
 *	mean = hist_mean(&result.latency_ps);
 *	probe_result_clear(&result);
 *
 * IOMMU mode, page size and NUMA placement are parameters of the machine
 * (iommu.mode, iommu.page, host.numa).  The window is mapped before the probe
 * begins.
 *
 * The same configuration and spec give the same result, bit for bit.
 *
 * Source: the measurements of PB18, whose terms are used.
 */
#ifndef MODELS_PROBE_H
#define MODELS_PROBE_H

#include "core/hist.h"
#include "core/param.h"

enum probe_op {
	PROBE_RD,   /* device reads host memory */
	PROBE_WR,   /* device writes; posted: ends when it left the device */
	PROBE_RDWR, /* alternately */
	PROBE_WRRD  /* a write, then a read of the same bytes: one transfer */
};

/* Who touched the window before. */
enum probe_cache {
	PROBE_WARM,   /* the CPU wrote it all, in order */
	PROBE_COLD,   /* the CPU then wrote more than the LLC elsewhere */
	PROBE_DEVWARM /* the device wrote it all, in order */
};

#define PROBE_WINDOW_MAX (UINT64_C(1) << 30)
#define PROBE_SIZE_MAX	 65536u

struct probe_spec {
	enum probe_op op;
	enum probe_cache cache;
	uint32_t size;	      /* bytes of a transfer, 1 to PROBE_SIZE_MAX */
	uint32_t offset;      /* of a transfer in its unit, 0 to 4095 */
	uint64_t window;      /* bytes, at least a unit */
	uint32_t outstanding; /* transfers at a time, at least 1 */
	uint64_t count;	      /* transfers measured, after a tenth to warm up */
	uint64_t seed;
	bool naive; /* the reference kernel */
};

struct probe_result {
	uint64_t transfers, span_ps;
	/* Payload per direction: of rdwr and wrrd half of all that moved. */
	uint64_t payload_bps;
	struct hist latency_ps;		    /* of a transfer, issue to end */
	uint64_t cache_hits, cache_lookups; /* lines found in the LLC */
	uint64_t iotlb_hits, iotlb_misses;
	uint64_t tags_mean_ppm; /* mean of tags in use, millionths of a tag */
	uint64_t up_busy_ppm, down_busy_ppm;
	uint64_t fingerprint;
};

/* ERR_USAGE for a spec or configuration that contradicts itself. */
int probe_check(const struct config *cfg, const struct probe_spec *spec,
		struct err *err);
/* Checks first. */
int probe_run(const struct config *cfg, const struct probe_spec *spec,
	      struct probe_result *result, struct err *err);
void probe_result_clear(struct probe_result *result);

#endif
