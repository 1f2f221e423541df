/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "models/machine.h"
#include "models/machine_state.h"
#include "models/ndis/sends.h"

#define ROW(name) &tx_##name##_ops,
const struct tx_ops *const tx_registry[] = { TX_STRATEGIES(ROW) NULL };
#undef ROW

const struct param tx_no_params[] = { { .key = NULL } };

int tx_setup_nothing(struct tx_queue *queue, const struct config *cfg,
		     struct err *err)
{
	(void)queue;
	(void)cfg;
	(void)err;
	return 0;
}

int tx_setup_copy_pages(struct tx_queue *queue, const struct config *cfg,
			struct err *err)
{
	struct machine *m = queue->adapter->m;
	uint64_t pages = config_u64(cfg, "tx.copy_pages");

	if (!pages)
		pages = queue->ring_size;
	if (iommu_map_at_setup(&m->iommu, pages * HOST_PAGE, &queue->copy_base,
			       err) < 0)
		return -1;
	queue->copy_pages = queue->copy_pages_free = (uint32_t)pages;
	queue->copy_stamp =
		arena_take_array(&m->arena, pages, sizeof(*queue->copy_stamp));
	if (hal_common_pages(&m->common, pages, err) < 0)
		return -1;
	m->stats.memory.common_buffer_bytes += pages * HOST_PAGE;
	m->stats.memory.pinned_bytes += pages * HOST_PAGE;
	tx_count_memory(queue->adapter);
	return 0;
}

uint32_t tx_ring_size(const struct tx_ops *ops, const struct config *cfg)
{
	uint64_t size = ops->ring_key ? config_u64(cfg, ops->ring_key) : 0;

	return (uint32_t)(size ? size : config_u64(cfg, "nic.tx_ring"));
}

int tx_check_width(const struct config *cfg, const uint64_t *widths,
		   const char *who, struct err *err)
{
	uint64_t width = config_u64(cfg, "nic.dma_width");
	const uint64_t *one;

	for (one = widths; *one; one++)
		if (*one == width)
			return 0;
	return err_set(err, ERR_USAGE, "needs nic.dma_width=%llu (%s)",
		       (unsigned long long)widths[0], who);
}

const char *tx_ops_name(const struct tx_ops *ops)
{
	return ops->name;
}

const char *tx_ops_summary(const struct tx_ops *ops)
{
	return ops->summary;
}

const struct param *tx_ops_params(const struct tx_ops *ops)
{
	return ops->params;
}

const struct tx_ops *tx_ops_find(const char *name)
{
	const struct tx_ops *const *ops;

	for (ops = tx_registry; *ops; ops++)
		if (!strcmp((*ops)->name, name))
			return *ops;
	return NULL;
}
