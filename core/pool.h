/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory of a run: one arena for what lives as long as the run, typed pools
 * for what comes and goes.
 *
 * A pool hands out objects of one size from slabs and takes them back on a
 * free list; it never returns memory before pool_clear(), so in steady state
 * nothing is allocated.  pool_live() tells leaks from balance at the end.
 *
 * Objects come uninitialised.  Running out of memory inside a run is not
 * recoverable: pool_take() and arena_take() print "out of memory" and exit
 * through BUG() unless the first slab was got at init, which reports it as an
 * ordinary error.
 */
#ifndef CORE_POOL_H
#define CORE_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct arena_block;

struct arena {
	struct arena_block *blocks;
	size_t used, size; /* of the newest block */
};

void arena_init(struct arena *arena);
/* Zeroed, aligned to 64 bytes. */
void *arena_take(struct arena *arena, size_t size);
void *arena_take_array(struct arena *arena, size_t count, size_t size);
char *arena_strdup(struct arena *arena, const char *text);
void arena_clear(struct arena *arena);

struct pool {
	void *free; /* list through the objects' first word */
	void **slabs;
	size_t slab_count, slab_room;
	uint32_t object_size, per_slab;
	uint64_t live;
};

/* Objects of @object_size bytes (rounded up to 16), @per_slab to a slab. */
int pool_init(struct pool *pool, size_t object_size, size_t per_slab,
	      struct err *err);
void pool_clear(struct pool *pool);
void pool_grow(struct pool *pool);

static inline void *pool_take(struct pool *pool)
{
	void *object;

	if (__builtin_expect(!pool->free, 0))
		pool_grow(pool);
	object = pool->free;
	pool->free = *(void **)object;
	pool->live++;
	return object;
}

static inline void pool_give(struct pool *pool, void *object)
{
	*(void **)object = pool->free;
	pool->free = object;
	pool->live--;
}

static inline uint64_t pool_live(const struct pool *pool)
{
	return pool->live;
}

#endif
