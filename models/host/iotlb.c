/* SPDX-License-Identifier: Apache-2.0 */
#include "models/host/iotlb.h"

#include <string.h>

#define FOLD_BITS 7

struct iotlb_entry {
	uint64_t page;
	uint64_t used; /* clock of the last use, 0: invalid */
};

void iotlb_init(struct iotlb *iotlb, struct arena *arena,
		const struct iotlb_spec *spec)
{
	uint32_t usable = spec->reserved < spec->entries
				  ? spec->entries - spec->reserved
				  : 0;
	uint32_t sets = spec->entries / spec->ways;

	if (!sets)
		sets = 1;
	*iotlb = (struct iotlb){
		.replacement = spec->replacement,
		.draws = spec->draws,
		.sets = sets,
		.ways = (usable + sets - 1) / sets,
		.wide_sets = usable % sets ? usable % sets : sets,
	};
	iotlb->entry = arena_take_array(arena, (size_t)sets * iotlb->ways + 1,
					sizeof(*iotlb->entry));
}

static uint32_t set_of(const struct iotlb *iotlb, uint64_t page)
{
	uint64_t folded = page ^ page >> FOLD_BITS ^ page >> 2 * FOLD_BITS;

	return (uint32_t)(folded % iotlb->sets);
}

static uint32_t ways_of(const struct iotlb *iotlb, uint32_t set)
{
	return iotlb->ways - (set >= iotlb->wide_sets);
}

/* The valid entry of @page, or NULL. */
static struct iotlb_entry *entry_of(const struct iotlb *iotlb, uint64_t page)
{
	uint32_t set = set_of(iotlb, page), ways = ways_of(iotlb, set), way;
	struct iotlb_entry *entry = &iotlb->entry[(size_t)set * iotlb->ways];

	for (way = 0; way < ways; way++, entry++)
		if (entry->page == page && entry->used)
			return entry;
	return NULL;
}

bool iotlb_find(struct iotlb *iotlb, uint64_t page)
{
	struct iotlb_entry *entry = entry_of(iotlb, page);

	if (!entry)
		return false;
	entry->used = ++iotlb->clock;
	return true;
}

/* An invalid entry if there is one; @ways > 0. */
static struct iotlb_entry *victim(struct iotlb *iotlb,
				  struct iotlb_entry *entry, uint32_t ways)
{
	struct iotlb_entry *oldest = entry;
	uint32_t way;

	for (way = 1; way < ways; way++)
		if (entry[way].used < oldest->used)
			oldest = &entry[way];
	if (!oldest->used || iotlb->replacement == IOTLB_LRU)
		return oldest;
	return &entry[rng_below(rng_draw(&iotlb->draws, iotlb->insertions),
				ways)];
}

void iotlb_insert(struct iotlb *iotlb, uint64_t page)
{
	uint32_t set = set_of(iotlb, page), ways = ways_of(iotlb, set);
	struct iotlb_entry *entry;

	if (!ways || iotlb_find(iotlb, page)) /* invariant 1 */
		return;
	entry = victim(iotlb, &iotlb->entry[(size_t)set * iotlb->ways], ways);
	iotlb->count += !entry->used;
	iotlb->insertions++;
	*entry = (struct iotlb_entry){ page, ++iotlb->clock };
}

void iotlb_invalidate(struct iotlb *iotlb, uint64_t first, uint64_t pages)
{
	size_t i, entries = (size_t)iotlb->sets * iotlb->ways;
	uint64_t page;

	if (pages < iotlb->sets) {
		for (page = first; page < first + pages; page++) {
			struct iotlb_entry *entry = entry_of(iotlb, page);

			if (!entry)
				continue;
			entry->used = 0;
			iotlb->count--;
		}
		return;
	}
	for (i = 0; i < entries; i++) {
		struct iotlb_entry *entry = &iotlb->entry[i];

		if (!entry->used || entry->page - first >= pages)
			continue;
		entry->used = 0;
		iotlb->count--;
	}
}

void iotlb_invalidate_all(struct iotlb *iotlb)
{
	memset(iotlb->entry, 0,
	       (size_t)iotlb->sets * iotlb->ways * sizeof(*iotlb->entry));
	iotlb->count = 0;
}
