/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Common buffers: memory in one piece that the device and the CPU share.
 *
 * Every allocation takes whole pages, so small ones waste most of theirs.
 * More than a page may find no contiguous memory (hal.common_contiguous), one
 * page always does; so many single pages are safer than one piece.  A piece
 * lies within the device's reach and crosses no 4 GiB boundary (of a slave:
 * 64 KiB).  Pages take map registers where hal.common_counts says so.
 *
 *	if (hal_common_alloc(&common, ring_bytes, &address, err) < 0)
 *		...
 *	hal_common_pages(&common, slots, err);	(anywhere)
 *
 * Buffers of set-up live until the end.  Source: WDK AllocateCommonBuffer,
 *ReactOS HAL.
 */
#ifndef MODELS_HOST_HAL_COMMON_H
#define MODELS_HOST_HAL_COMMON_H

#include "core/rng.h"
#include "models/host/hal.h"

#define COMMON_MASTER (UINT64_C(1) << 32)
#define COMMON_SLAVE  (UINT64_C(1) << 16)

struct hal_common {
	struct hal *hal;
	struct rng_stream draws;
	uint64_t contiguous_ppm;
	uint64_t reach, boundary;
	uint64_t next;	 /* free physical memory from here on */
	uint64_t number; /* allocations tried: keys the draws */
	bool counts;
};

void hal_common_init(struct hal_common *common, struct hal *hal,
		     const struct config *cfg, uint64_t seed,
		     unsigned replicate);
/*
 * @bytes in one piece at @address; ERR_USAGE when there is none, or no map
 * registers for it.  The books of memory are the caller's.
 */
int hal_common_alloc(struct hal_common *common, uint64_t bytes,
		     uint64_t *address, struct err *err);
/*
 * The same at run time, with the @registers it takes, until it is given back;
 * false: there is none.  The address is not used again.
 */
bool hal_common_take(struct hal_common *common, uint64_t bytes,
		     struct hal_request *registers);
void hal_common_give(struct hal_common *common, struct core *core,
		     struct hal_request *registers);
/* @pages in one piece, or, if there is none, one by one. */
int hal_common_pages(struct hal_common *common, uint64_t pages,
		     struct err *err);
/* Lowest address >= @from where @bytes cross no multiple of @boundary. */
uint64_t hal_common_place(uint64_t from, uint64_t bytes, uint64_t boundary);
/* Bytes that an allocation of @bytes takes. */
uint64_t hal_common_bytes(uint64_t bytes);

#endif
