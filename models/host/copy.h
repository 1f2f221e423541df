/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the CPU pays to copy memory or to read it once.
 *
 *	price = call + first-touch latency(source) + bytes x cost(source)
 *
 * Prices are in cycles; sources: memcpy_measured for the shape,
 * the preset for the numbers.
 */
#ifndef MODELS_HOST_COPY_H
#define MODELS_HOST_COPY_H

#include "core/param.h"
#include "models/host/memory.h"

struct copy {
	uint64_t call_cycles;
	uint64_t touch_cycles[RESIDENCIES]; /* first line */
	uint64_t copy_per_kib[RESIDENCIES]; /* cycles, by source */
	uint64_t read_per_kib[RESIDENCIES]; /* cycles, no store */
};

void copy_init(struct copy *copy, const struct config *cfg);

/* Cycles to copy @bytes from @from into memory already owned by the core. */
uint64_t copy_cycles(const struct copy *copy, enum residency from,
		     uint64_t bytes);
/* Cycles to read @bytes once. */
uint64_t copy_read_cycles(const struct copy *copy, enum residency from,
			  uint64_t bytes);

#endif
