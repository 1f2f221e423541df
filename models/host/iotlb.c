/* SPDX-License-Identifier: Apache-2.0 */
#include "models/host/iotlb.h"

#include <string.h>

#define FOLD_BITS 7
#define NO_PAGE	  UINT64_MAX

struct iotlb_entry {
	uint64_t page; /* NO_PAGE: invalid */
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
		.set_mask = sets & (sets - 1) ? UINT64_MAX : sets - 1,
	};
	iotlb->filled = arena_take_array(arena, sets, sizeof(*iotlb->filled));
	iotlb->entry = arena_take_array(arena, (size_t)sets * iotlb->ways + 1,
					sizeof(*iotlb->entry));
	iotlb_invalidate_all(iotlb);
}

static inline uint32_t set_of(const struct iotlb *iotlb, uint64_t page)
{
	uint64_t folded = page ^ page >> FOLD_BITS ^ page >> 2 * FOLD_BITS;

	return (uint32_t)(iotlb->set_mask != UINT64_MAX
				  ? folded & iotlb->set_mask
				  : folded % iotlb->sets);
}

static uint32_t ways_of(const struct iotlb *iotlb, uint32_t set)
{
	return iotlb->ways - (set >= iotlb->wide_sets);
}

static struct iotlb_entry *first_of(const struct iotlb *iotlb, uint32_t set)
{
	return &iotlb->entry[(size_t)set * iotlb->ways];
}

/* The valid entry of @page, or NULL. */
static inline struct iotlb_entry *entry_of(struct iotlb *iotlb, uint64_t page)
{
	struct iotlb_entry *entry = iotlb->last;
	const struct iotlb_entry *end;
	uint32_t set;

	if (entry->page == page)
		return entry;
	set = set_of(iotlb, page);
	entry = first_of(iotlb, set);
	for (end = entry + iotlb->filled[set]; entry < end; entry++)
		if (entry->page == page)
			return iotlb->last = entry;
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

/* The first invalid entry of a set if there is one. */
static struct iotlb_entry *victim(struct iotlb *iotlb, uint32_t set)
{
	struct iotlb_entry *first = first_of(iotlb, set), *oldest = first;
	uint32_t filled = iotlb->filled[set], ways = ways_of(iotlb, set), way;

	for (way = 0; way < filled; way++) {
		if (!first[way].used)
			return &first[way];
		if (first[way].used < oldest->used)
			oldest = &first[way];
	}
	if (filled < ways)
		return &first[iotlb->filled[set]++];
	if (iotlb->replacement == IOTLB_LRU)
		return oldest;
	return &first[rng_below(rng_draw(&iotlb->draws, iotlb->insertions),
				ways)];
}

void iotlb_insert(struct iotlb *iotlb, uint64_t page)
{
	struct iotlb_entry *entry = entry_of(iotlb, page);

	if (!entry) { /* invariant 1 */
		uint32_t set = set_of(iotlb, page);

		if (!ways_of(iotlb, set))
			return;
		entry = victim(iotlb, set);
		iotlb->count += !entry->used;
		iotlb->insertions++;
		entry->page = page;
		iotlb->last = entry;
	}
	entry->used = ++iotlb->clock;
}

static void invalidate(struct iotlb *iotlb, struct iotlb_entry *entry)
{
	*entry = (struct iotlb_entry){ .page = NO_PAGE };
	iotlb->count--;
}

void iotlb_invalidate(struct iotlb *iotlb, uint64_t first, uint64_t pages)
{
	size_t i, entries = (size_t)iotlb->sets * iotlb->ways;
	uint64_t page;

	if (pages <= iotlb->sets) {
		for (page = first; page < first + pages; page++) {
			struct iotlb_entry *entry = entry_of(iotlb, page);

			if (entry)
				invalidate(iotlb, entry);
		}
		return;
	}
	for (i = 0; i < entries; i++) {
		struct iotlb_entry *entry = &iotlb->entry[i];

		if (entry->used && entry->page - first < pages)
			invalidate(iotlb, entry);
	}
}

void iotlb_invalidate_all(struct iotlb *iotlb)
{
	memset(iotlb->filled, 0, iotlb->sets * sizeof(*iotlb->filled));
	memset(iotlb->entry, 0,
	       (size_t)iotlb->sets * iotlb->ways * sizeof(*iotlb->entry));
	iotlb->count = 0;
	iotlb->last = &iotlb->entry[(size_t)iotlb->sets * iotlb->ways];
	iotlb->last->page = NO_PAGE;
}
