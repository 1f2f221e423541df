/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Buffers: where data lies in physical memory.
 *
 * Address, pages and residency belong to a buffer (seed, pool, slot), never to
 * a frame.  Frame order picks the slot, so the distance of reuse is real and
 * every strategy meets the same frames in the same memory.
 *
 * Physical memory is laid out as PCs do it: RAM up to @low_ram lies below
 * 4 GiB, the rest begins at 4 GiB.  A page is placed uniformly; the next page
 * of the same buffer follows it with the merge probability.  So the share of
 * pages out of a 32-bit device's reach is (RAM - low_ram) / RAM.
 */
#ifndef MODELS_HOST_BUFFERS_H
#define MODELS_HOST_BUFFERS_H

#include "core/param.h"
#include "core/pool.h"
#include "core/rng.h"
#include "models/host/memory.h"

#define HOST_PAGE 4096u

struct buffer_layout {
	uint64_t ram, low_ram;
};

struct buffer_spec {
	unsigned component; /* rng stream of the pool */
	uint32_t slots;
	uint32_t bytes;	       /* usable from the offset on */
	uint64_t merge_ppm;    /* next page follows physically */
	uint64_t limit;	       /* highest address + 1; 0: all of RAM */
	int32_t offset;	       /* in the first page; -1: drawn per slot */
	uint32_t offset_align; /* of drawn offsets, >= 1 */
	uint32_t per_page;     /* > 1: that many slots share each page */
	uint32_t stride;       /* > 0: slots in one piece, so far apart */
};

struct buffer_pool {
	uint32_t slots, pages_per_slot, bytes;
	uint32_t per_page;	    /* slots that share a page */
	uint32_t stride;	    /* of slots in one piece; 0: pages */
	uint64_t *pfn;		    /* [slot * pages_per_slot + page] */
	uint64_t *logical;	    /* the same behind an IOMMU, or NULL */
	uint16_t *offset;	    /* [slot] */
	struct memory_stamp *stamp; /* [slot]: last written */
	uint32_t next;		    /* slots are taken in turn */
};

void buffer_layout_init(struct buffer_layout *layout, const struct config *cfg);

/* Memory comes from @arena. */
void buffer_pool_init(struct buffer_pool *pool, struct arena *arena,
		      const struct buffer_layout *layout,
		      const struct buffer_spec *spec, uint64_t seed,
		      unsigned replicate);

/* Pages of the whole pool. */
uint64_t buffer_pool_pages(const struct buffer_pool *pool);
/* They are mapped for ever, from logical address @base on. */
void buffer_pool_map(struct buffer_pool *pool, struct arena *arena,
		     uint64_t base);

static inline uint32_t buffer_take_next(struct buffer_pool *pool)
{
	uint32_t slot = pool->next++;

	if (pool->next == pool->slots)
		pool->next = 0;
	/* The next one's pages are asked for by then. */
	__builtin_prefetch(pool->pfn +
			   (uint64_t)pool->next * pool->pages_per_slot);
	return slot;
}

static inline const uint64_t *buffer_pages(const struct buffer_pool *pool,
					   uint32_t slot)
{
	return pool->pfn + (uint64_t)slot * pool->pages_per_slot;
}

/* Pages touched by @bytes at @offset of a page: the counting rule, bytes > 0 */
static inline uint32_t pages_spanned(uint32_t offset, uint32_t bytes)
{
	return (offset + bytes + HOST_PAGE - 1) / HOST_PAGE;
}

#endif
