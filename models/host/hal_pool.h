/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Map registers as slots: how many there are, which are free, which lie side
 * by side.
 *
 *	hal_pool_init(&pool, &arena, &(struct hal_pool_spec){
 *			.cap = 64, .boundary = 16, .guards = true,
 *			.tracked = true });
 *	hal_pool_grow(&pool, 16);
 *	if (hal_pool_take(&pool, 4, true, &first))
 *		...
 *	hal_pool_give(&pool, first, 4);
 *
 * A pool that is not tracked only counts: devices with scatter/gather take any
 * registers.  A tracked one knows every slot; a contiguous request gets the
 * first run of free slots that is long enough, any other the lowest free ones.
 *
 * Slots stand for pages of bounce memory.  Every growth is one physically
 * contiguous piece, apart from the pieces before it.  No run crosses a
 * boundary: with guards an empty slot marks it, and stands between two pieces
 * too; guards count against the cap.  Without guards the slots just before and
 * behind a multiple of the boundary are taken for apart.
 *
 * Runs of free slots are kept in a tournament tree over words of 64 slots, so
 * taking, giving and the longest run take logarithmic time.
 *
 * Invariants: (1) free <= registers <= slots <= cap; (2) a guard is never
 * free.  Source: ReactOS HAL, Linux swiotlb.  Limits: a boundary without
 * guards is a multiple of 64 slots and a power of two.
 */
#ifndef MODELS_HOST_HAL_POOL_H
#define MODELS_HOST_HAL_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/pool.h"

#define HAL_NO_SLOT UINT32_MAX

struct hal_pool_spec {
	uint32_t cap;	   /* slots at most */
	uint32_t boundary; /* slots from one to the next, 0: none */
	bool guards;
	bool tracked;
};

struct hal_run;

struct hal_pool {
	struct hal_pool_spec spec;
	uint32_t slots, registers, free;
	/* Tracked pools. */
	uint64_t *taken;      /* bit per slot; guards and no slots too */
	uint32_t *next;	      /* [slot] of the same request */
	struct hal_run *runs; /* [1] of the whole, [leaves + i] of word i */
	uint32_t leaves;
};

/* Empty; memory comes from @arena. */
void hal_pool_init(struct hal_pool *pool, struct arena *arena,
		   const struct hal_pool_spec *spec);
/* Add a piece of @registers, as far as the cap; returns how many came. */
uint32_t hal_pool_grow(struct hal_pool *pool, uint32_t registers);
/*
 * Take @count > 0 registers, in one run if @contiguous; false: no room.
 * @first names them to hal_pool_give().
 */
bool hal_pool_take(struct hal_pool *pool, uint32_t count, bool contiguous,
		   uint32_t *first);
/* Give back the first @count of those named by @first. */
void hal_pool_give(struct hal_pool *pool, uint32_t first, uint32_t count);
/* Free slots side by side, at most; a pool that only counts: free. */
uint32_t hal_pool_longest(const struct hal_pool *pool);

#endif
