/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device's translations: an IOTLB in the root complex and the page walks
 * that fill it.
 *
 *	request->address = ...;			(logical)
 *	if (walker_translate(walker, request))
 *		go_on(request);			(else done() is called later)
 *	...
 *	walker_release(walker, request);	(a read's last completion left)
 *
 * A hit costs nothing.  A miss takes one of iommu.walks slots, or waits for
 * one in turn; a walk lasts iommu.walk when only the leaf entry comes from
 * memory, and iommu.walk_level more for every level of the page table that the
 * page-structure caches do not hold; iommu.walk_jitter of it is exponential,
 * its mean stays.  A request for a page whose walk is under
 * way joins it; one that waits for a slot is not joined, each walks for itself:
 * PB-data's writes lose by as many walks as misses.
 *
 * Requests of one kind (reads; posted writes) are translated in order: a hit
 * behind a miss waits for it, a miss behind a miss walks meanwhile if it is
 * among the first iommu.lookahead.  A write gives its slot back when its walk
 * ends; a read keeps it until its last completion has left.  The evidence is
 * in docs/models/iommu.md.
 *
 * Memory mapped at set-up in one piece has pages of iommu.page; all else is
 * mapped in 4 KiB.
 *
 * Invariants: (1) slots used + slots free = iommu.walks; (2) somebody waits
 * for a slot only while none is free; (3) done() is called in order of arrival
 * per kind; (4) hits + misses = requests, walks + joined = misses.
 *
 * Limits: one unit, one domain, a flat price per memory access (walks do not
 * load the memory); no ATS, no prefetch, no faults.
 */
#ifndef MODELS_HOST_WALKER_H
#define MODELS_HOST_WALKER_H

#include "core/kernel.h"
#include "core/param.h"
#include "models/host/iotlb.h"

struct stats;
struct iommu_stats;

struct walker_request {
	struct walker_request *next; /* of its kind, in order of arrival */
	uint64_t address;	     /* logical; never crosses 4 KiB */
	uint64_t key; /* of the event that ends its walk: unique */
	bool write;   /* posted */
	/* The walker's. */
	bool translated, holds_slot;
	uint8_t size;  /* enum page_size */
	uint64_t page; /* number in pages of that size */
	sim_time asked_at, missed_at;
	struct walker_request *joined;	  /* to the walk of the first */
	struct walker_request *next_walk; /* of those in one bucket */
	struct walker_request *next_slot; /* waiting */
	/* The caller's: translated, now. */
	void (*done)(struct walker_request *request);
};

struct walker_queue {
	struct walker_request *head, *tail;
};

/* Requests of one kind; the first @seen of them have been looked up. */
struct walker_order {
	struct walker_request *head, *tail, *unseen;
	uint32_t seen;
};

enum page_size { PAGE_4K, PAGE_2M, PAGE_1G, PAGE_SIZES };

static inline uint64_t page_bytes(enum page_size size)
{
	return UINT64_C(4096) << 9 * size;
}

#define PSC_LEVELS     3 /* tables of levels 2 to 4 of a four-level tree */
#define WALKER_BUCKETS 64

struct walker {
	struct kernel *kernel;
	struct iommu_stats *stats;
	struct iotlb iotlb[PAGE_SIZES];
	struct iotlb psc[PSC_LEVELS];
	uint64_t setup_end; /* logical addresses below have setup_size pages */
	enum page_size setup_size;
	sim_time walk, walk_level; /* the former less jitter */
	uint64_t jitter_ps;	   /* mean */
	struct rng_stream spread;
	uint64_t walks; /* numbers their draws */
	uint32_t slots, slots_free;
	uint32_t lookahead;
	struct walker_order order[2]; /* reads, posted writes */
	struct walker_queue waiting;  /* for a slot */
	/* First requests of walks under way, by page. */
	struct walker_request *bucket[WALKER_BUCKETS];
};

/* Memory comes from @arena. */
void walker_init(struct walker *walker, struct kernel *kernel,
		 struct stats *stats, struct arena *arena,
		 const struct config *cfg, uint64_t seed, unsigned replicate);

/*
 * At the simulated instant the request reaches the root complex.  True:
 * translated at once (done not called).  False: done is called later.  The
 * request stays where it is until it is translated and, a read, released.
 */
bool walker_translate(struct walker *walker, struct walker_request *request);
/* A read's last completion has left the root complex (writes: never called) */
void walker_release(struct walker *walker, struct walker_request *request);

/*
 * Translations of 4 KiB pages from @address on are no longer valid, nor are
 * the lowest @levels levels of page-structure caches on the way there.
 */
void walker_invalidate(struct walker *walker, uint64_t address, uint64_t pages,
		       unsigned levels);
void walker_invalidate_all(struct walker *walker);

#endif
