/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cache of translations: an IOTLB, or one level of page-structure caches.
 *
 *	iotlb_init(&iotlb, arena, &(struct iotlb_spec){ .entries = 128,
 *			.reserved = 5, .ways = 8, .replacement = IOTLB_LRU });
 *	if (!iotlb_find(&iotlb, page))
 *		iotlb_insert(&iotlb, page);	(after the walk)
 *
 * Set-associative: the page number, its higher bits folded in, picks the set,
 * so that as many neighbouring pages as there are entries share no way.
 * Reserved entries belong to other users for ever; the ways that are left are
 * dealt out evenly.  As many ways as entries make it fully associative.
 *
 * Random replacement draws by the count of insertions: see core/rng.h.
 *
 * Invariants: (1) a page is in the cache at most once; (2) count is the number
 * of valid entries, at most entries - reserved; (3) the entries of a set are
 * filled from its first way on: what lies behind was never used.
 */
#ifndef MODELS_HOST_IOTLB_H
#define MODELS_HOST_IOTLB_H

#include "core/pool.h"
#include "core/rng.h"

enum iotlb_replacement { IOTLB_LRU, IOTLB_RANDOM };

struct iotlb_spec {
	uint32_t entries, reserved, ways;
	enum iotlb_replacement replacement;
	struct rng_stream draws; /* random replacement only */
};

struct iotlb {
	enum iotlb_replacement replacement;
	struct rng_stream draws;
	uint32_t sets, ways; /* ways of the widest set */
	uint32_t wide_sets;  /* the first ones: a way more than the others */
	uint64_t set_mask;   /* sets - 1; UINT64_MAX: no power of two */
	uint32_t count;
	uint32_t *filled;	   /* [set]: ways ever used */
	struct iotlb_entry *entry; /* [set * ways + way], and one for none */
	struct iotlb_entry *last;  /* found or put in, if it is still valid */
	uint64_t clock, insertions;
};

/* Memory comes from @arena. */
void iotlb_init(struct iotlb *iotlb, struct arena *arena,
		const struct iotlb_spec *spec);
/* True on a hit, which makes @page the most recently used of its set. */
bool iotlb_find(struct iotlb *iotlb, uint64_t page);
/* Put @page in, in place of another when its set is full. */
void iotlb_insert(struct iotlb *iotlb, uint64_t page);
/* Forget @pages pages from @first on; those not cached do not matter. */
void iotlb_invalidate(struct iotlb *iotlb, uint64_t first, uint64_t pages);
void iotlb_invalidate_all(struct iotlb *iotlb);

#endif
