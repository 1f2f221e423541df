/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptor prefetch of one ring, either direction.
 *
 * The driver moves the tail, the device takes descriptors.  A fetch is begun
 * when fewer than nic.prefetch are on chip and at least nic.host_threshold wait
 * in memory, or at once when the device has nothing to go on with.  One fetch
 * at a time, of at most nic.fetch_max, never across the end of the ring.
 *
 * Invariants: (1) taken <= fetched <= tail, running totals; (2) fetched - taken
 * <= nic.desc_cache.
 */
#ifndef MODELS_NIC_PREFETCH_H
#define MODELS_NIC_PREFETCH_H

#include "models/adapter.h"

/*
 * Begin a fetch if there is reason to; true when one was begun.  @starved: the
 * device waits for descriptors.  @done ends in prefetch_end().
 */
bool prefetch_begin(struct prefetch *prefetch, struct adapter *adapter,
		    bool starved, void (*done)(void *ctx, uint64_t arg),
		    void *ctx);
/* The descriptors are on chip. */
void prefetch_end(struct prefetch *prefetch);

#endif
