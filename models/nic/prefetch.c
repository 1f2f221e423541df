/* SPDX-License-Identifier: Apache-2.0 */
#include "models/nic/prefetch.h"

#define DESCRIPTOR_BYTES 16u

bool prefetch_begin(struct prefetch *prefetch, struct adapter *adapter,
		    bool starved, void (*done)(void *ctx, uint64_t arg),
		    void *ctx)
{
	uint64_t waiting = prefetch->tail - prefetch->fetched;
	uint64_t on_chip = prefetch->fetched - prefetch->taken;
	uint64_t count = waiting, start;

	if (prefetch->pending || !waiting || on_chip >= adapter->desc_cache)
		return false;
	if (!starved &&
	    (on_chip >= adapter->prefetch || waiting < adapter->host_threshold))
		return false;
	if (count > adapter->fetch_max)
		count = adapter->fetch_max;
	if (count > adapter->desc_cache - on_chip)
		count = adapter->desc_cache - on_chip;
	start = prefetch->fetched % prefetch->ring_size;
	if (count > prefetch->ring_size - start)
		count = prefetch->ring_size - start;
	prefetch->pending = (uint32_t)count;
	prefetch->element = (struct sg_element){
		prefetch->base + start * DESCRIPTOR_BYTES,
		(uint32_t)count * DESCRIPTOR_BYTES,
	};
	engine_read(&adapter->engine, &(struct pcie_read_args){
					      .elements = &prefetch->element,
					      .count = 1,
					      .from = IN_LLC,
					      .done = done,
					      .ctx = ctx });
	return true;
}

void prefetch_end(struct prefetch *prefetch)
{
	prefetch->fetched += prefetch->pending;
	prefetch->pending = 0;
}
