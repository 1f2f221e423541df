/* SPDX-License-Identifier: Apache-2.0 */
#include "models/host/hal_rules.h"

#include "models/host/buffers.h"
#include "models/host/iommu.h"

enum personality { LEGACY, MODERN, SWIOTLB, REACTOS };

/* Registers of a pool: at first, at most, of one growth. */
struct size {
	uint32_t pool, cap, growth;
};

static const struct size sizes[] = {
	[LEGACY] = { 16, 64, 16 },
	[MODERN] = { 16384, 16384, 16 },
	[SWIOTLB] = { 32768, 32768, 16 },
	[REACTOS] = { 16, 64, 16 },
};

/* Pages of 64 KiB, and 2 KiB slots of 256 KiB. */
#define PAGES_64K      16u
#define SLOT_RUN       128u
#define SLOT_SIZE      2048u
#define LEGACY_REQUEST 16u
#define REACTOS_LIST   16u

static const struct hal_rules personalities[] = {
	[LEGACY] = { .per_request = LEGACY_REQUEST,
		     .slot_bytes = HOST_PAGE,
		     .boundary = PAGES_64K,
		     .guards = true,
		     .areas = 1,
		     .exhausted = HAL_QUEUE },
	[MODERN] = { .per_request = HAL_UNLIMITED,
		     .slot_bytes = HOST_PAGE,
		     .boundary = PAGES_64K,
		     .guards = true,
		     .areas = 1,
		     .exhausted = HAL_QUEUE },
	[SWIOTLB] = { .per_request = SLOT_RUN,
		      .slot_bytes = SLOT_SIZE,
		      .boundary = SLOT_RUN,
		      .tracked = true,
		      .contiguous = true,
		      .bounced_only = true,
		      .both_ways = true,
		      .exhausted = HAL_FAIL },
	[REACTOS] = { .per_request = LEGACY_REQUEST,
		      .slot_bytes = HOST_PAGE,
		      .list_max = REACTOS_LIST,
		      .boundary = PAGES_64K,
		      .guards = true,
		      .tracked = true,
		      .contiguous = true,
		      .unchecked = true,
		      .areas = 1,
		      .exhausted = HAL_QUEUE },
};

static uint32_t count(const struct config *cfg, const char *key)
{
	return (uint32_t)config_u64(cfg, key);
}

/* The size of the pool: what is given wins, and moves what is not. */
static void read_size(struct hal_rules *rules, const struct config *cfg,
		      const struct size *size)
{
	uint32_t pool = count(cfg, "hal.pool");
	uint32_t cap = count(cfg, "hal.pool_cap");
	uint32_t growth = count(cfg, "hal.pool_growth");

	rules->growth = growth ? growth : size->growth;
	rules->pool = pool ? pool : size->pool;
	rules->cap = cap ? cap : size->cap;
	if (!cap && rules->cap < rules->pool)
		rules->cap = rules->pool;
	if (!pool && rules->pool > rules->cap)
		rules->pool = rules->cap;
	rules->background = count(cfg, "hal.background");
}

uint32_t hal_worst_pages(uint64_t bytes)
{
	return (uint32_t)((bytes + HOST_PAGE - 2) / HOST_PAGE + 1);
}

/* Worst alignment of the largest mapping, and an element of each. */
static uint32_t largest_request(const struct config *cfg)
{
	uint64_t max_mapping = config_u64(cfg, "hal.max_mapping");

	/* With LSO the largest mapping is the offload's: WDK SG DMA. */
	if (config_bool(cfg, "nic.lso") && max_mapping < 65536)
		max_mapping = 65536;
	return hal_worst_pages(max_mapping) + count(cfg, "nic.sg_elements");
}

static void read_limits(struct hal_rules *rules, const struct config *cfg)
{
	uint64_t width = config_u64(cfg, "nic.dma_width");
	uint32_t most = count(cfg, "hal.adapter_max");
	uint32_t needed = largest_request(cfg);

	rules->bounce_all = config_bool(cfg, "hal.force_bounce");
	rules->reach = width >= 64 ? 0 : UINT64_C(1) << width;
	rules->worker_delay = (sim_time)config_u64(cfg, "hal.worker_delay");
	if (most)
		rules->per_request = most;
	else if (rules->slot_bytes == HOST_PAGE && needed < rules->per_request)
		rules->per_request = needed;
}

static void read_choices(struct hal_rules *rules, const struct config *cfg)
{
	unsigned exhausted = config_choice(cfg, "hal.exhausted");
	unsigned reserve = config_choice(cfg, "hal.reserve");

	if (exhausted != HAL_BY_PERSONALITY)
		rules->exhausted = (enum hal_exhausted)exhausted;
	if (reserve != HAL_RESERVE_AUTO)
		rules->bounced_only = reserve == HAL_RESERVE_BOUNCED;
	rules->bypass = config_choice(cfg, "hal.queue") == 1;
	rules->common_counts = config_bool(cfg, "hal.common_counts");
	rules->gathers = config_bool(cfg, "nic.scatter_gather");
	if (!rules->areas)
		rules->areas = count(cfg, "host.cores");
	if (rules->areas > rules->pool)
		rules->areas = rules->pool;
}

void hal_rules_read(struct hal_rules *rules, const struct config *cfg)
{
	unsigned personality = config_choice(cfg, "hal.personality");

	*rules = personalities[personality];
	read_size(rules, cfg, &sizes[personality]);
	read_limits(rules, cfg);
	read_choices(rules, cfg);
	/* Slots matter to those that need runs; others only count. */
	rules->contiguous |= !rules->gathers;
	rules->tracked |= rules->contiguous;
	rules->guards &= rules->tracked;
	if (!rules->tracked)
		rules->boundary = 0;
	/* An adapter is told of no more than a run can have. */
	if (rules->contiguous && rules->per_request > rules->boundary &&
	    !count(cfg, "hal.adapter_max"))
		rules->per_request = rules->boundary;
	/* A device that gathers is believed to reach all of memory. */
	rules->unchecked &= rules->gathers;
}

int hal_rules_check(const struct config *cfg, struct err *err)
{
	struct hal_rules rules;

	hal_rules_read(&rules, cfg);
	if (rules.pool > rules.cap)
		return err_set(err, ERR_USAGE,
			       "hal.pool exceeds hal.pool_cap: lower the one "
			       "or raise the other");
	if (rules.background > rules.pool)
		return err_set(err, ERR_USAGE,
			       "hal.background exceeds hal.pool (%u): other "
			       "devices cannot hold more registers than there "
			       "are",
			       rules.pool);
	if (rules.bounce_all &&
	    config_choice(cfg, "iommu.mode") > IOMMU_PASSTHROUGH)
		return err_set(err, ERR_USAGE,
			       "hal.force_bounce needs iommu.mode=off: what is "
			       "translated does not bounce");
	return 0;
}
