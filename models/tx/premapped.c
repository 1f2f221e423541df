/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sender's memory is always mapped: no HAL call, no bounce, no IOMMU work.
 * No Windows interface offers it; it is the floor that an allocator aware of
 * DMA could reach.
 */
#include "models/machine_state.h"
#include "models/ndis/sends.h"

static int map_pool(struct machine *m, struct buffer_pool *pool,
		    struct err *err)
{
	uint64_t base;

	if (pool->logical)
		return 0; /* for another queue */
	if (iommu_map_scattered(&m->iommu, buffer_pool_pages(pool), &base,
				err) < 0)
		return -1;
	buffer_pool_map(pool, &m->arena, base);
	return 0;
}

static int setup(struct tx_queue *queue, const struct config *cfg,
		 struct err *err)
{
	struct machine *m = queue->adapter->m;

	(void)cfg;
	if (!iommu_translates(&m->iommu))
		return 0;
	if (map_pool(m, &m->headers, err) < 0)
		return -1;
	return map_pool(m, &m->payloads, err);
}

const struct tx_ops tx_premapped_ops = {
	.name = "premapped",
	.summary = "memory that is always mapped: the floor",
	.params = tx_no_params,
	.setup = setup,
	.send = tx_premapped,
	.complete = tx_release,
};
