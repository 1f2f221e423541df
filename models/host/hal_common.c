/* SPDX-License-Identifier: Apache-2.0 */
#include "models/host/hal_common.h"

#include "models/component.h"
#include "models/host/buffers.h"

void hal_common_init(struct hal_common *common, struct hal *hal,
		     const struct config *cfg, uint64_t seed,
		     unsigned replicate)
{
	*common = (struct hal_common){
		.hal = hal,
		.contiguous_ppm = config_u64(cfg, "hal.common_contiguous"),
		.reach = hal->rules.reach,
		.boundary = COMMON_MASTER,
		.counts = hal->rules.common_counts,
	};
	rng_stream_init(&common->draws, seed, DRAW_COMMON_BUFFER, replicate);
}

uint64_t hal_common_bytes(uint64_t bytes)
{
	uint64_t pages = (bytes + HOST_PAGE - 1) / HOST_PAGE;

	return (pages ? pages : 1) * HOST_PAGE;
}

uint64_t hal_common_place(uint64_t from, uint64_t bytes, uint64_t boundary)
{
	if (from / boundary == (from + bytes - 1) / boundary)
		return from;
	return (from / boundary + 1) * boundary;
}

/* Registers, one a page, until the buffer is given back. */
static bool take_registers(struct hal_common *common, uint64_t pages,
			   struct hal_request *req)
{
	uint32_t boundary = common->hal->rules.boundary;

	*req = (struct hal_request){ .registers = (uint32_t)pages,
				     .flags = HAL_CONTIGUOUS };
	if (!common->counts)
		return true;
	if (boundary && pages > boundary)
		return false;
	if (!hal_map_at_setup(common->hal, req))
		return false;
	common->hal->reserved += req->granted;
	/* Not held from the start when a pool of buffers grows. */
	common->hal->leak_times +=
		(__uint128_t)req->granted * (uint64_t)req->granted_at;
	return true;
}

/* Is there a piece of @bytes? */
static bool found(struct hal_common *common, uint64_t bytes)
{
	uint64_t r = rng_draw(&common->draws, common->number++);

	return bytes <= HOST_PAGE || rng_chance(r, common->contiguous_ppm);
}

static bool try_alloc(struct hal_common *common, uint64_t bytes,
		      uint64_t *address, struct hal_request *registers)
{
	struct memory_stats *stats = &common->hal->stats->memory;

	bytes = hal_common_bytes(bytes);
	*address = hal_common_place(common->next, bytes, common->boundary);
	if (bytes > common->boundary || !found(common, bytes) ||
	    (common->reach && *address + bytes > common->reach) ||
	    !take_registers(common, bytes / HOST_PAGE, registers)) {
		stats->common_failures++;
		return false;
	}
	common->next = *address + bytes;
	stats->common_buffers++;
	return true;
}

bool hal_common_take(struct hal_common *common, uint64_t bytes,
		     struct hal_request *registers)
{
	uint64_t address;

	return try_alloc(common, bytes, &address, registers);
}

void hal_common_give(struct hal_common *common, struct core *core,
		     struct hal_request *registers)
{
	struct hal *hal = common->hal;

	if (!registers->held)
		return;
	hal->reserved -= registers->granted;
	hal->leak_times -= (__uint128_t)registers->granted *
			   (uint64_t)registers->granted_at;
	hal_unmap(hal, core, registers);
}

int hal_common_alloc(struct hal_common *common, uint64_t bytes,
		     uint64_t *address, struct err *err)
{
	struct hal_request registers;

	if (try_alloc(common, bytes, address, &registers))
		return 0;
	return err_set(err, ERR_USAGE,
		       "no common buffer of %llu bytes: raise "
		       "hal.common_contiguous, or hal.pool_cap if "
		       "hal.common_counts",
		       (unsigned long long)bytes);
}

int hal_common_pages(struct hal_common *common, uint64_t pages, struct err *err)
{
	struct hal_request registers;
	uint64_t address;

	if (!pages ||
	    try_alloc(common, pages * HOST_PAGE, &address, &registers))
		return 0;
	while (pages--)
		if (hal_common_alloc(common, HOST_PAGE, &address, err) < 0)
			return -1;
	return 0;
}
