/* SPDX-License-Identifier: Apache-2.0 */
#include "models/host/iommu.h"

#include "models/component.h"
#include "models/stats.h"

#define NARROWEST 28u /* bits: 192 MiB of pages mapped at run time */
/* A super-frame of 64 KiB and its headers, in a power of two of pages. */
#define LARGEST_RANGE (UINT64_C(128) << 10)

struct iommu_exposed {
	struct iommu_exposed *next;
	uint64_t address;
	uint32_t pages;
	unsigned core; /* that unmapped it */
	sim_time since;
};

static void read_prices(struct iommu *iommu, const struct config *cfg,
			const struct core *core)
{
	iommu->invalidate =
		core_cycles_to_ps(core, config_u64(cfg, "iommu.invalidate"));
	iommu->invalidate_page = core_cycles_to_ps(
		core, config_u64(cfg, "iommu.invalidate_page"));
	iommu->selective_max = (uint32_t)config_u64(cfg, "iommu.selective_max");
	iommu->depot_cycles = config_u64(cfg, "iommu.iova_depot");
	iommu->fresh_cycles = config_u64(cfg, "iommu.iova_fresh");
	iommu->drop_levels = (unsigned)config_u64(cfg, "iommu.drop_levels");
	iommu->contention = config_bool(cfg, "iommu.contention");
	iommu->batch = (uint32_t)config_u64(cfg, "iommu.flush_batch");
	iommu->timer = (sim_time)config_u64(cfg, "iommu.flush_timer");
}

/* Ranges that wait for a flush may take half of a narrow device's space. */
static int check_batch(const struct iommu *iommu, uint64_t width,
		       struct err *err)
{
	uint64_t most = width > 32 ? UINT32_MAX
				   : (UINT64_C(1) << width) / 2 / LARGEST_RANGE;

	if (iommu->batch <= most)
		return 0;
	return err_set(
		err, ERR_USAGE,
		"iommu.flush_batch %u is more than the logical addresses "
		"of a %llu-bit device allow: %llu",
		iommu->batch, (unsigned long long)width,
		(unsigned long long)most);
}

int iommu_init(struct iommu *iommu, struct kernel *kernel,
	       struct ledger *ledger, struct stats *stats, struct arena *arena,
	       const struct config *cfg, struct core *core, uint64_t seed,
	       unsigned replicate, struct err *err)
{
	*iommu = (struct iommu){
		.mode = (enum iommu_mode)config_choice(cfg, "iommu.mode"),
		.kernel = kernel,
		.ledger = ledger,
		.stats = stats,
		.timer_core = core,
	};
	server_init(&iommu->queue, kernel, COMP_IOMMU_QUEUE);
	if (!iommu_translates(iommu))
		return 0;
	if (config_u64(cfg, "nic.dma_width") < NARROWEST)
		return err_set(err, ERR_USAGE,
			       "iommu.mode %s needs a nic.dma_width of %u or "
			       "more: fewer logical addresses may run out",
			       iommu->mode == IOMMU_STRICT ? "strict"
							   : "deferred",
			       NARROWEST);
	read_prices(iommu, cfg, core);
	if (iommu->mode == IOMMU_DEFERRED &&
	    check_batch(iommu, config_u64(cfg, "nic.dma_width"), err) < 0)
		return -1;
	walker_init(&iommu->walker, kernel, stats, arena, cfg, seed, replicate);
	if (pool_init(&iommu->exposed_pool, sizeof(struct iommu_exposed), 256,
		      err) < 0)
		return -1;
	return iova_init(&iommu->iova, arena,
			 (unsigned)config_u64(cfg, "host.cores"),
			 (unsigned)config_u64(cfg, "nic.dma_width"), err);
}

void iommu_clear(struct iommu *iommu)
{
	server_clear(&iommu->queue);
	if (!iommu_translates(iommu))
		return;
	pool_clear(&iommu->exposed_pool);
	iova_clear(&iommu->iova);
}

/* --- at set-up --- */

static int no_room(uint64_t bytes, struct err *err)
{
	return err_set(err, ERR_USAGE,
		       "no logical addresses for %llu bytes mapped at set-up: "
		       "raise nic.dma_width or map less",
		       (unsigned long long)bytes);
}

int iommu_map_at_setup(struct iommu *iommu, uint64_t bytes, uint64_t *address,
		       struct err *err)
{
	struct walker *walker = &iommu->walker;

	*address = 0;
	if (!iommu_translates(iommu))
		return 0;
	*address = iova_take_at_setup(&iommu->iova, bytes,
				      page_bytes(walker->setup_size));
	walker->setup_end = iommu->iova.setup;
	return *address ? 0 : no_room(bytes, err);
}

int iommu_map_scattered(struct iommu *iommu, uint64_t pages, uint64_t *address,
			struct err *err)
{
	*address = 0;
	if (!iommu_translates(iommu))
		return 0;
	*address = iova_take_scattered(&iommu->iova, pages);
	return *address ? 0 : no_room(pages * IOVA_PAGE, err);
}

static enum iova_from take_range(struct iommu *iommu, unsigned core,
				 struct iommu_mapping *mapping, uint32_t pages)
{
	enum iova_from from;

	mapping->iommu = iommu;
	mapping->pages = pages;
	mapping->address = iova_take(&iommu->iova, core, pages, &from);
	gauge_add(&iommu->stats->iommu.mapped_pages, iommu->kernel->now, pages);
	return from;
}

void iommu_map_early(struct iommu *iommu, struct iommu_mapping *mapping,
		     uint32_t pages)
{
	mapping->address = 0;
	if (iommu_translates(iommu))
		take_range(iommu, 0, mapping, pages);
}

/* --- work of the CPU --- */

static void unlock(struct core *core, void *ctx, uint64_t arg)
{
	struct iommu *iommu = ctx;

	(void)arg;
	cpu_unlock(core, &iommu->lock);
}

static void work_locked(struct core *core, void *ctx, uint64_t routine)
{
	struct iommu_mapping *mapping = ctx;
	struct iommu *iommu = mapping->iommu;

	routine_call(iommu->ledger, core, (enum routine)routine,
		     &mapping->charge);
	cpu_then(core, unlock, iommu, 0);
}

/* Charge @routine, under the lock if there is one. */
static void work(struct core *core, struct iommu_mapping *mapping,
		 enum routine routine, const struct charge *charge,
		 uint64_t cycles)
{
	struct iommu *iommu = mapping->iommu;

	mapping->charge = *charge;
	mapping->charge.units = mapping->pages;
	mapping->charge.cycles = cycles;
	if (iommu->contention)
		cpu_lock_then(core, &iommu->lock, charge->clock, charge->stage,
			      work_locked, mapping, routine);
	else
		routine_call(iommu->ledger, core, routine, &mapping->charge);
}

void iommu_map_pages(struct iommu *iommu, struct core *core,
		     struct iommu_mapping *mapping, const struct charge *charge,
		     uint32_t pages)
{
	struct iommu_stats *stats = &iommu->stats->iommu;
	uint64_t cycles = 0;

	switch (take_range(iommu, core->id, mapping, pages)) {
	case IOVA_DEPOT:
		cycles = iommu->depot_cycles;
		stats->iova_depot++;
		break;
	case IOVA_FRESH:
		cycles = iommu->fresh_cycles;
		stats->iova_fresh++;
		break;
	case IOVA_CORE:
	default:
		stats->iova_cached++;
	}
	stats->maps++;
	stats->pages_mapped += pages;
	work(core, mapping, R_IOMMU_MAP, charge, cycles);
}

/* --- invalidation --- */

/* Ended for the device: the ranges may be used again. */
static void forget(struct iommu *iommu, struct iommu_exposed *exposed)
{
	struct iommu_stats *stats = &iommu->stats->iommu;
	sim_time now = iommu->kernel->now;

	while (exposed) {
		struct iommu_exposed *next = exposed->next;

		hist_record(&stats->exposure_ps,
			    (uint64_t)(now - exposed->since));
		gauge_add(&stats->exposed_pages, now, -(int64_t)exposed->pages);
		iova_give(&iommu->iova, exposed->core, exposed->address,
			  exposed->pages);
		pool_give(&iommu->exposed_pool, exposed);
		exposed = next;
	}
}

static void range_invalidated(void *ctx, uint64_t arg)
{
	struct iommu *iommu = ctx;
	struct iommu_exposed *exposed = (struct iommu_exposed *)arg;

	walker_invalidate(&iommu->walker, exposed->address, exposed->pages,
			  iommu->drop_levels);
	forget(iommu, exposed);
}

static void domain_invalidated(void *ctx, uint64_t arg)
{
	struct iommu *iommu = ctx;

	walker_invalidate_all(&iommu->walker);
	forget(iommu, (struct iommu_exposed *)arg);
}

/* Invalidate what the list says and spin for it, as @charge is charged. */
static void invalidate(struct iommu *iommu, struct core *core,
		       struct charge *charge, struct iommu_exposed_list list)
{
	struct iommu_stats *stats = &iommu->stats->iommu;
	bool range = iommu->mode == IOMMU_STRICT &&
		     list.head->pages <= iommu->selective_max;
	sim_time now = iommu->kernel->now, time = iommu->invalidate, end;
	uint64_t wait;

	if (range)
		time += list.head->pages * iommu->invalidate_page;
	else
		stats->domain_invalidations++;
	end = server_serve(&iommu->queue, time, 0,
			   event_key(EV_BUS, COMP_IOMMU_QUEUE, iommu->queued++),
			   range ? range_invalidated : domain_invalidated,
			   iommu, (uintptr_t)list.head);
	wait = (uint64_t)(end - now);
	stats->invalidations++;
	hist_record(&stats->invalidation_wait_ps, wait);
	routine_wait(iommu->ledger, R_IOMMU_FLUSH, wait);
	charge->cycles = core_ps_to_cycles(core, wait);
	charge->units = 0;
	routine_call(iommu->ledger, core, R_IOMMU_FLUSH, charge);
}

/* --- deferred --- */

static struct iommu *iommu_of_timer(struct cpu_job *job)
{
	return (struct iommu *)((char *)job -
				offsetof(struct iommu, timer_job));
}

static void flush_all(struct iommu *iommu, struct core *core,
		      struct charge *charge)
{
	struct iommu_exposed_list list = iommu->exposed;

	iommu->exposed = (struct iommu_exposed_list){ 0 };
	iommu->flushes++;
	invalidate(iommu, core, charge, list);
}

static void timer_start(struct core *core, struct cpu_job *job);
static void timer_done(struct core *core, struct cpu_job *job);

static void submit_timer(struct iommu *iommu)
{
	iommu->timer_running = true;
	iommu->timer_job = (struct cpu_job){ .irql = IRQL_DISPATCH,
					     .start = timer_start,
					     .done = timer_done };
	cpu_submit(iommu->timer_core, &iommu->timer_job);
}

static void timer_fired(void *ctx, uint64_t flushes)
{
	struct iommu *iommu = ctx;

	if (flushes != iommu->flushes)
		return; /* a full batch was earlier */
	iommu->timer_due = true;
	if (!iommu->timer_running)
		submit_timer(iommu);
}

static void timer_start(struct core *core, struct cpu_job *job)
{
	struct iommu *iommu = iommu_of_timer(job);

	iommu->timer_due = false;
	if (iommu->exposed.count)
		flush_all(iommu, core,
			  &(struct charge){ .direction = DIR_SHARED,
					    .shared = &iommu->shared_cycles });
}

static void timer_done(struct core *core, struct cpu_job *job)
{
	struct iommu *iommu = iommu_of_timer(job);

	(void)core;
	iommu->timer_running = false;
	if (iommu->timer_due)
		submit_timer(iommu);
}

static void start_timer(struct iommu *iommu)
{
	struct kernel *kernel = iommu->kernel;

	kernel_at(kernel, kernel->now + iommu->timer,
		  event_key(EV_HOST, COMP_IOMMU_TIMER, iommu->flushes),
		  timer_fired, iommu, iommu->flushes);
}

/* --- unmap --- */

static void add_exposed(struct iommu_exposed_list *list,
			struct iommu_exposed *exposed)
{
	exposed->next = NULL;
	if (list->tail)
		list->tail->next = exposed;
	else
		list->head = exposed;
	list->tail = exposed;
	list->count++;
}

/* The page table no longer has the pages, the caches may. */
static void unmapped(struct core *core, void *ctx, uint64_t arg)
{
	struct iommu_mapping *mapping = ctx;
	struct iommu *iommu = mapping->iommu;
	struct iommu_stats *stats = &iommu->stats->iommu;
	struct iommu_exposed *exposed = pool_take(&iommu->exposed_pool);
	struct iommu_exposed_list own = { 0 };
	sim_time now = iommu->kernel->now;

	(void)arg;
	exposed->address = mapping->address;
	exposed->pages = mapping->pages;
	exposed->core = core->id;
	exposed->since = now;
	gauge_add(&stats->mapped_pages, now, -(int64_t)mapping->pages);
	gauge_add(&stats->exposed_pages, now, mapping->pages);
	if (iommu->mode == IOMMU_STRICT) {
		add_exposed(&own, exposed);
		invalidate(iommu, core, &mapping->charge, own);
		return;
	}
	if (!iommu->exposed.count)
		start_timer(iommu);
	add_exposed(&iommu->exposed, exposed);
	if (iommu->exposed.count >= iommu->batch)
		flush_all(iommu, core, &mapping->charge);
}

void iommu_unmap_pages(struct iommu *iommu, struct core *core,
		       struct iommu_mapping *mapping,
		       const struct charge *charge)
{
	iommu->stats->iommu.unmaps++;
	work(core, mapping, R_IOMMU_UNMAP, charge, 0);
	cpu_then(core, unmapped, mapping, 0);
}

void iommu_close(struct iommu *iommu)
{
	struct iommu_stats *stats = &iommu->stats->iommu;

	stats->lock_takes = iommu->lock.takes;
	stats->lock_contended = iommu->lock.contended;
	stats->lock_wait_ps = iommu->lock.wait_ps;
}
