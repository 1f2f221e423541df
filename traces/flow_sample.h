/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sample of conversations: all frames of a flow are kept or none, by a hash
 * of its addresses and ports, so the same share and seed keep the same flows of
 * every capture.
 *
 *	flow_sample_parse(&sample, "1/8:7", &err);
 *	if (flow_sample_keeps(&sample, decoded.flow)) ...
 *
 * Bias: few flows carry most bytes, so a share of the flows is seldom that
 * share of the load; frames that are not IP are flows by MAC pair.
 */
#ifndef TRACES_FLOW_SAMPLE_H
#define TRACES_FLOW_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/rng.h"

struct flow_sample {
	uint64_t share, of; /* 0: keep all */
	uint64_t seed;
};

/* "N/M" or "N/M:SEED", 0 < N <= M <= 1,000,000; empty: all.  ERR_USAGE. */
int flow_sample_parse(struct flow_sample *sample, const char *text,
		      struct err *err);

static inline bool flow_sample_keeps(const struct flow_sample *sample,
				     uint32_t flow)
{
	return !sample->of ||
	       mix64(sample->seed << 32 ^ flow) % sample->of < sample->share;
}

#endif
