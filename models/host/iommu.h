/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The IOMMU by its CPU prices.
 *
 * Mode off: a logical address is a physical address.  Mode strict: every
 * mapping writes page-table entries, every unmap waits until the hardware has
 * invalidated them.  The invalidation queue is one server for all cores.
 *
 * A mapping is one run of logical addresses per MDL, so a list has one element
 * per MDL and nothing bounces.
 *
 * Limits: the device's translations cost nothing; IOTLB and page walks belong
 * to a deeper model.  Source of the prices: Linux page-table posting, RIO15.
 */
#ifndef MODELS_HOST_IOMMU_H
#define MODELS_HOST_IOMMU_H

#include "core/param.h"
#include "core/server.h"
#include "models/host/cpu.h"
#include "models/ndis/routines.h"

enum iommu_mode { IOMMU_OFF, IOMMU_STRICT };

struct iommu {
	enum iommu_mode mode;
	struct server queue;   /* of invalidations */
	sim_time invalidation; /* of one */
	struct ledger *ledger;
	struct stats *stats;
};

void iommu_init(struct iommu *iommu, struct kernel *kernel,
		struct ledger *ledger, struct stats *stats,
		const struct config *cfg, const struct core *core);

/* Charge the mapping of @pages pages. */
void iommu_map(struct iommu *iommu, struct core *core,
	       const struct charge *charge, uint64_t pages);
/*
 * Charge the unmapping and the wait for its invalidation: the core spins until
 * the queue has served it.
 */
void iommu_unmap(struct iommu *iommu, struct core *core,
		 const struct charge *charge, uint64_t pages);

#endif
