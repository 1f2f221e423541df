/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The IOMMU: what mappings cost the CPU, and when they end for the device.
 *
 *	off, passthrough	logical addresses are physical addresses
 *	strict			every unmap waits for its invalidation
 *	deferred		unmaps gather; iommu.flush_batch of them, or
 *				iommu.flush_timer after the first, are flushed
 *				together
 *
 *	iommu_map(iommu, core, &mapping, &charge, pages);
 *	... the device uses mapping.address and what follows ...
 *	iommu_unmap(iommu, core, &mapping, &charge);
 *
 * An unmap writes the page table; the pages stay exposed, the range is not
 * used again, until the invalidation has removed what IOTLB and page-structure
 * caches know of it.  The invalidation queue is one server for all cores; who
 * invalidates spins until its own is done.  A range of up to
 * iommu.selective_max pages is invalidated by itself, a longer one and a
 * deferred flush with the whole domain.
 *
 * A mapping is one range of logical pages for all MDLs of a chain, each MDL
 * from a page of its own, so a list has one element per MDL and nothing
 * bounces (Linux: iommu_dma_map_sg; Windows: a list "can look contiguous").
 *
 * iommu.contention: one lock of all cores over addresses and page table.
 *
 * Invariants: (1) an exposed range is in one flush or waits for one; (2) pages
 * wait only while a timer runs or its worker is due; (3) nothing is charged,
 * counted or scheduled in modes off and passthrough.
 *
 * Limits: one domain; every page of a chain is an entry of its own, as 4 KiB
 * mappings are.  Sources: Linux page-table posting, RIO15, PEL15, FS24.
 */
#ifndef MODELS_HOST_IOMMU_H
#define MODELS_HOST_IOMMU_H

#include "core/param.h"
#include "core/server.h"
#include "models/host/cpu.h"
#include "models/host/iova.h"
#include "models/host/walker.h"
#include "models/ndis/routines.h"

enum iommu_mode { IOMMU_OFF, IOMMU_PASSTHROUGH, IOMMU_STRICT, IOMMU_DEFERRED };

struct iommu;

/* One live mapping; the caller's memory from map to the end of unmap. */
struct iommu_mapping {
	struct iommu *iommu;
	uint64_t address; /* logical, of the first page */
	uint32_t pages;
	struct charge charge; /* of the work under way */
};

/* What an unmap left to be invalidated. */
struct iommu_exposed;

struct iommu_exposed_list {
	struct iommu_exposed *head, *tail;
	uint32_t count;
};

struct iommu {
	enum iommu_mode mode;
	struct kernel *kernel;
	struct ledger *ledger;
	struct stats *stats;
	struct walker walker;
	struct iova iova;
	struct server queue;		      /* of invalidations */
	uint64_t queued;		      /* numbers them */
	sim_time invalidate, invalidate_page; /* of one, and per page */
	uint32_t selective_max;
	uint64_t depot_cycles, fresh_cycles; /* to find a range */
	unsigned drop_levels; /* of page-structure caches, by a range */
	bool contention;
	struct cpu_lock lock; /* iommu.contention */

	struct pool exposed_pool;
	struct iommu_exposed_list exposed; /* deferred, not yet flushed */
	uint32_t batch;
	sim_time timer;
	uint64_t flushes; /* deferred: a timer of an earlier one is stale */
	struct core *timer_core;
	struct cpu_job timer_job;
	bool timer_due, timer_running;
	uint64_t shared_cycles; /* of the timer, for both directions */
};

/* The timer's worker runs on @core.  Memory comes from @arena. */
int iommu_init(struct iommu *iommu, struct kernel *kernel,
	       struct ledger *ledger, struct stats *stats, struct arena *arena,
	       const struct config *cfg, struct core *core, uint64_t seed,
	       unsigned replicate, struct err *err);
void iommu_clear(struct iommu *iommu);

static inline bool iommu_translates(const struct iommu *iommu)
{
	return iommu->mode >= IOMMU_STRICT;
}

/* For the bus: NULL when logical addresses are physical addresses. */
static inline struct walker *iommu_walker(struct iommu *iommu)
{
	return iommu_translates(iommu) ? &iommu->walker : NULL;
}

/*
 * At set-up, for ever: @bytes of memory in one piece, in pages of iommu.page,
 * or @pages that lie anywhere.  The logical address; 0 when nothing is
 * translated.  No room is an error.
 */
int iommu_map_at_setup(struct iommu *iommu, uint64_t bytes, uint64_t *address,
		       struct err *err);
int iommu_map_scattered(struct iommu *iommu, uint64_t pages, uint64_t *address,
			struct err *err);
/* At set-up, to be unmapped some time. */
void iommu_map_early(struct iommu *iommu, struct iommu_mapping *mapping,
		     uint32_t pages);

/* What these do where addresses are translated. */
void iommu_map_pages(struct iommu *iommu, struct core *core,
		     struct iommu_mapping *mapping, const struct charge *charge,
		     uint32_t pages);
void iommu_unmap_pages(struct iommu *iommu, struct core *core,
		       struct iommu_mapping *mapping,
		       const struct charge *charge);

/*
 * Map @pages pages; mapping->address is valid on return, 0 when nothing is
 * translated.
 */
static inline void iommu_map(struct iommu *iommu, struct core *core,
			     struct iommu_mapping *mapping,
			     const struct charge *charge, uint32_t pages)
{
	mapping->address = 0;
	if (iommu_translates(iommu))
		iommu_map_pages(iommu, core, mapping, charge, pages);
}

/*
 * Charge the unmapping and, in strict mode or when a batch is full, the wait
 * for the invalidation: the core spins until the queue has served it.
 */
static inline void iommu_unmap(struct iommu *iommu, struct core *core,
			       struct iommu_mapping *mapping,
			       const struct charge *charge)
{
	if (iommu_translates(iommu))
		iommu_unmap_pages(iommu, core, mapping, charge);
}

/* Close the books: the lock's go to the statistics. */
void iommu_close(struct iommu *iommu);

#endif
