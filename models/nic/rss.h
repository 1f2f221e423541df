/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receive-side scaling: which queue a flow belongs to.
 *
 * The hash that comes with every frame picks an entry of the indirection
 * table, whose queues take turns.  Sends go by the same hash, as a protocol
 * that was told it would have them: both directions of a flow meet one queue,
 * vector and core.  Frames without IP belong to queue 0.
 *
 * Source: Microsoft, windows-driver-docs, receive side scaling: an
 * indirection table of 128 entries.
 */
#ifndef MODELS_NIC_RSS_H
#define MODELS_NIC_RSS_H

#include <stdint.h>

#include "core/param.h"
#include "core/pool.h"

struct rss {
	uint8_t *queue; /* mask + 1 entries */
	uint32_t mask;
};

/* From nic.rss_table and nic.queues; the table lies in @arena. */
int rss_init(struct rss *rss, struct arena *arena, const struct config *cfg,
	     struct err *err);

static inline unsigned rss_queue(const struct rss *rss, uint32_t hash)
{
	return rss->queue[hash & rss->mask];
}

#endif
