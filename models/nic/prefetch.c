/* SPDX-License-Identifier: Apache-2.0 */
#include "models/nic/prefetch.h"

struct fetch {
	struct sg_element element;
	bool done;
};

void prefetch_init(struct prefetch *prefetch, struct adapter *adapter,
		   struct arena *arena)
{
	prefetch->fetch =
		arena_take_array(arena, adapter->fetches, sizeof(struct fetch));
}

void prefetch_fill(struct prefetch *prefetch, const struct adapter *adapter)
{
	uint64_t count =
		(uint64_t)(adapter->prefetch + prefetch->fetch_max - 1) /
		prefetch->fetch_max * prefetch->fetch_max;

	if (count > adapter->desc_cache)
		count = adapter->desc_cache;
	if (count > prefetch->tail || adapter->device_descriptors)
		count = prefetch->tail;
	prefetch->requested = prefetch->fetched = count;
}

/* Descriptors the next fetch brings, 0: there is no reason for one. */
static uint32_t next_fetch(const struct prefetch *prefetch,
			   const struct adapter *adapter, bool starved)
{
	uint64_t waiting = prefetch->tail - prefetch->requested;
	uint64_t on_chip = prefetch->requested - prefetch->taken;
	uint64_t count = waiting;

	if (!waiting || on_chip >= adapter->desc_cache)
		return 0;
	if (!(starved && !prefetch->active) &&
	    (on_chip >= adapter->prefetch || waiting < adapter->host_threshold))
		return 0;
	if (count > prefetch->fetch_max)
		count = prefetch->fetch_max;
	if (count > adapter->desc_cache - on_chip)
		count = adapter->desc_cache - on_chip;
	return (uint32_t)count;
}

/* The next descriptors of the ring, @count or up to its end. */
static struct sg_element next_element(const struct prefetch *prefetch,
				      uint32_t count)
{
	uint32_t slot = (uint32_t)(prefetch->requested % prefetch->ring_size);

	if (count > prefetch->ring_size - slot)
		count = prefetch->ring_size - slot;
	return (struct sg_element){
		prefetch->base + (uint64_t)slot * DESCRIPTOR_BYTES,
		count * DESCRIPTOR_BYTES,
	};
}

unsigned prefetch_begin(struct prefetch *prefetch, struct adapter *adapter,
			bool starved, void (*done)(void *ctx, uint64_t arg),
			void *ctx)
{
	unsigned begun = 0;
	uint32_t count;

	while (prefetch->active < adapter->fetches &&
	       (count = next_fetch(prefetch, adapter, starved)) != 0) {
		uint32_t index = prefetch->first + prefetch->active++;
		struct fetch *fetch;

		if (index >= adapter->fetches)
			index -= adapter->fetches;
		fetch = &prefetch->fetch[index];
		fetch->done = false;
		fetch->element = next_element(prefetch, count);
		prefetch->requested += fetch->element.bytes / DESCRIPTOR_BYTES;
		begun++;
		engine_read(
			&adapter->engine,
			&(struct pcie_read_args){ .elements = &fetch->element,
						  .count = 1,
						  .from = IN_LLC,
						  .done = done,
						  .ctx = ctx,
						  .arg = index });
	}
	return begun;
}

void prefetch_end(struct prefetch *prefetch, struct adapter *adapter,
		  uint64_t index)
{
	struct fetch *fetch = &prefetch->fetch[index];

	fetch->done = true;
	while (prefetch->active && prefetch->fetch[prefetch->first].done) {
		fetch = &prefetch->fetch[prefetch->first];
		prefetch->fetched += fetch->element.bytes / DESCRIPTOR_BYTES;
		if (++prefetch->first == adapter->fetches)
			prefetch->first = 0;
		prefetch->active--;
	}
}

uint32_t prefetch_place(const struct prefetch *prefetch, uint64_t from,
			uint32_t count, struct sg_element elements[2])
{
	uint32_t slot = (uint32_t)(from % prefetch->ring_size);
	uint32_t first = prefetch->ring_size - slot;

	if (first > count)
		first = count;
	elements[0] = (struct sg_element){
		prefetch->base + (uint64_t)slot * DESCRIPTOR_BYTES,
		first * DESCRIPTOR_BYTES,
	};
	elements[1] = (struct sg_element){
		prefetch->base,
		(count - first) * DESCRIPTOR_BYTES,
	};
	return first < count ? 2 : 1;
}
