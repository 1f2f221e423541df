/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptor prefetch of one ring, either direction.
 *
 * The driver moves the tail, the device takes descriptors.  A fetch is begun
 * when fewer than nic.prefetch are on chip or on their way and at least
 * nic.host_threshold wait in memory, or at once when the device has nothing to
 * go on with.  At most nic.fetches at a time, each of at most nic.fetch_max,
 * never across the end of the ring.  Fetches end in the order they were begun.
 *
 * Invariants: (1) taken <= fetched <= requested <= tail, running totals; (2)
 * requested - taken <= nic.desc_cache.
 */
#ifndef MODELS_NIC_PREFETCH_H
#define MODELS_NIC_PREFETCH_H

#include "core/pool.h"
#include "models/adapter.h"

#define DESCRIPTOR_BYTES 16u

void prefetch_init(struct prefetch *prefetch, struct adapter *adapter,
		   struct arena *arena);
/* At set-up: what the NIC would have fetched before the run is on chip. */
void prefetch_fill(struct prefetch *prefetch, const struct adapter *adapter);
/*
 * Begin fetches while there is reason to; how many were begun.  @starved: the
 * device waits for descriptors.  @done ends in prefetch_end() with its @arg.
 */
unsigned prefetch_begin(struct prefetch *prefetch, struct adapter *adapter,
			bool starved, void (*done)(void *ctx, uint64_t arg),
			void *ctx);
/* False where prefetch_begin() would begin nothing; true is no promise. */
static inline bool prefetch_is_due(const struct prefetch *prefetch,
				   const struct adapter *adapter, bool starved)
{
	return prefetch->requested < prefetch->tail &&
	       prefetch->active < adapter->fetches &&
	       (prefetch->requested - prefetch->taken < adapter->prefetch ||
		starved);
}
/* The descriptors of fetch @index are on chip, once those before it are. */
void prefetch_end(struct prefetch *prefetch, struct adapter *adapter,
		  uint64_t index);

/* Where the descriptor at running total @from lies in the ring. */
static inline struct sg_element prefetch_one(const struct prefetch *prefetch,
					     uint64_t from)
{
	return (struct sg_element){
		prefetch->base + from % prefetch->ring_size * DESCRIPTOR_BYTES,
		DESCRIPTOR_BYTES,
	};
}
/*
 * Where @count descriptors from running total @from on lie in the ring, into
 * @elements; returns 2 when they go around its end, else 1.
 */
uint32_t prefetch_place(const struct prefetch *prefetch, uint64_t from,
			uint32_t count, struct sg_element elements[2]);

#endif
