/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host's numbers from measured transfers.
 *
 * What adds to a latency (reads from cache, from DRAM, from the other socket,
 * writes) is moved by what the model's mean is off, which settles in two
 * rounds of simulation.  What shapes a curve over windows has a closed form:
 *
 *	share of the LLC that devices write to: hits = min(1, C / window)
 *	IOTLB and walk: added latency = walk x max(0, 1 - entries / pages)
 *	walks at once: walk / time per write when all miss
 *
 * and the walk is then moved by the ratio of what the model adds.
 *
 * Limits: the link, the caches' sizes, tags and the device are the
 * configuration's.  A number is fitted only where the samples tell it.
 */
#ifndef CMD_HOST_FIT_H
#define CMD_HOST_FIT_H

#include "cmd/dma_samples.h"

enum host_number {
	HOST_READ_WARM,
	HOST_READ_COLD,
	HOST_WRITE,
	HOST_NUMA,
	HOST_DDIO,
	HOST_IOTLB_RESERVED,
	HOST_WALK,
	HOST_WALKS,
	HOST_NUMBERS
};

struct host_fit {
	struct config *cfg; /* the host, its numbers moved */
	struct dma_samples *samples;
	uint64_t count; /* transfers of a simulation */
	unsigned jobs;
	/* Samples that each number was fitted to; 0: kept as it was. */
	size_t used[HOST_NUMBERS];
	char start[HOST_NUMBERS][CONFIG_TEXT_MAX];
};

struct host_number_info {
	const char *key;
	const char *from; /* the samples that tell it */
};
extern const struct host_number_info host_numbers[HOST_NUMBERS];

/* At the end every sample that can be has been simulated. */
int host_fit_make(struct host_fit *fit, struct err *err);

#endif
