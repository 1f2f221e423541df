/* SPDX-License-Identifier: Apache-2.0 */
#include "models/nic/rss.h"

int rss_init(struct rss *rss, struct arena *arena, const struct config *cfg,
	     struct err *err)
{
	uint64_t entries = config_u64(cfg, "nic.rss_table"), i;
	uint64_t queues = config_u64(cfg, "nic.queues");

	if (entries & (entries - 1))
		return err_set(err, ERR_USAGE,
			       "nic.rss_table must be a power of two");
	rss->mask = (uint32_t)entries - 1;
	rss->queue = arena_take(arena, entries);
	for (i = 0; i < entries; i++)
		rss->queue[i] = (uint8_t)(i % queues);
	return 0;
}
