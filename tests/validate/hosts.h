/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The measured hosts: every transfer of the tables, and the same simulated by
 * the host's preset.
 */
#ifndef TESTS_VALIDATE_HOSTS_H
#define TESTS_VALIDATE_HOSTS_H

#include "cmd/dma_samples.h"
#include "tests/validate/validate.h"

#define HOSTS 2 /* local memory; the second one has a remote socket too */

/* Tables in the order of reading: their number in samples. */
enum host_table {
	BW_SIZE,
	LAT_SIZE,
	LAT_WINDOW,
	BW_WINDOW,
	BW_OFFSET,
	HOST_TABLES
};

struct host {
	const char *name;
	struct config *cfg;
	struct dma_samples samples; /* simulated */
	struct dma_samples foreign; /* by the preset of the other host */
};

extern const char *const host_names[HOSTS];
extern const char *const op_names[];

int hosts_init(struct host hosts[HOSTS], const struct validation *v,
	       struct err *err);
void hosts_clear(struct host hosts[HOSTS]);

/* What to look for; a zeroed one is warm 64-bit ... see host_find(). */
struct pick {
	enum host_table table;
	enum probe_op op;
	enum probe_cache cache;
	enum dma_iommu iommu;
	bool remote, command;
	uint32_t size;	 /* 0: any */
	uint64_t window; /* 0: any */
};

/* The next sample at or after @from that fits; NULL: no more. */
const struct dma_sample *pick_next(const struct dma_samples *samples,
				   const struct pick *pick,
				   const struct dma_sample *from);
/* The first; NULL: none. */
const struct dma_sample *pick_one(const struct dma_samples *samples,
				  const struct pick *pick);

/* Model over measured, less one, %. */
double error_of(const struct dma_sample *sample);

/* Mean and largest magnitude of what is added. */
struct errors {
	double sum, worst;
	unsigned count;
};
void errors_add(struct errors *errors, double error);
double errors_mean(const struct errors *errors);

/* The parts; each adds figures and prints points. */
void report_sizes(struct validation *v, const struct host hosts[HOSTS]);
void report_steps(struct validation *v, const struct host hosts[HOSTS]);
void report_foreign(struct validation *v, const struct host hosts[HOSTS]);
void report_walks(struct validation *v, const struct host hosts[HOSTS]);
void report_caches(struct validation *v, const struct host hosts[HOSTS]);
void report_sockets(struct validation *v, const struct host hosts[HOSTS]);
int report_quantiles(struct validation *v, const struct host hosts[HOSTS],
		     struct err *err);
int plot_hosts(const struct validation *v, const struct host hosts[HOSTS],
	       struct err *err);

#endif
