/* SPDX-License-Identifier: Apache-2.0 */
#include "models/host/iommu.h"

#include "models/component.h"

void iommu_init(struct iommu *iommu, struct kernel *kernel,
		struct ledger *ledger, struct stats *stats,
		const struct config *cfg, const struct core *core)
{
	*iommu = (struct iommu){
		.mode = (enum iommu_mode)config_choice(cfg, "iommu.mode"),
		.invalidation = core_cycles_to_ps(
			core, config_u64(cfg, "iommu.invalidate")),
		.ledger = ledger,
		.stats = stats,
	};
	server_init(&iommu->queue, kernel, COMP_IOMMU_QUEUE);
}

void iommu_map(struct iommu *iommu, struct core *core,
	       const struct charge *charge, uint64_t pages)
{
	struct charge map = *charge;

	if (iommu->mode == IOMMU_OFF)
		return;
	map.units = pages;
	map.cycles = 0;
	routine_call(iommu->ledger, core, R_IOMMU_MAP, &map);
	iommu->stats->iommu.maps++;
	iommu->stats->iommu.pages_mapped += pages;
}

/* The unmap's writes are done: queue the invalidation and spin for it. */
static void flush(struct iommu *iommu, struct core *core, struct charge charge)
{
	struct kernel *kernel = iommu->queue.kernel;
	sim_time end = server_serve(&iommu->queue, iommu->invalidation, 0, 0,
				    NULL, NULL, 0);
	uint64_t wait = (uint64_t)(end - kernel->now);

	iommu->stats->iommu.invalidations++;
	hist_record(&iommu->stats->iommu.invalidation_wait_ps, wait);
	routine_wait(iommu->ledger, R_IOMMU_FLUSH, wait);
	charge.cycles = core_ps_to_cycles(core, wait);
	routine_call(iommu->ledger, core, R_IOMMU_FLUSH, &charge);
}

static void flush_tx(struct core *core, void *ctx, uint64_t clock)
{
	flush(ctx, core,
	      (struct charge){ .direction = DIR_TX,
			       .clock = (struct stage_clock *)clock,
			       .stage = TX_UNMAP });
}

static void flush_rx(struct core *core, void *ctx, uint64_t clock)
{
	flush(ctx, core,
	      (struct charge){ .direction = DIR_RX,
			       .clock = (struct stage_clock *)clock,
			       .stage = RX_FLUSH });
}

void iommu_unmap(struct iommu *iommu, struct core *core,
		 const struct charge *charge, uint64_t pages)
{
	struct charge unmap = *charge;

	if (iommu->mode == IOMMU_OFF)
		return;
	unmap.units = pages;
	unmap.cycles = 0;
	routine_call(iommu->ledger, core, R_IOMMU_UNMAP, &unmap);
	iommu->stats->iommu.unmaps++;
	cpu_then(core, charge->direction == DIR_TX ? flush_tx : flush_rx, iommu,
		 (uintptr_t)charge->clock);
}
