/* SPDX-License-Identifier: Apache-2.0 */
#include "core/pool.h"

#include <stdlib.h>
#include <string.h>

#define LINE	    64
#define BLOCK_BYTES ((size_t)64 * 1024)

/* A block's memory follows its header, which fills one cache line. */
struct arena_block {
	struct arena_block *next;
} __attribute__((aligned(LINE)));

static size_t round_up(size_t size, size_t to)
{
	if (size > SIZE_MAX - to)
		BUG("out of memory: %zu bytes", size);
	return (size + to - 1) / to * to;
}

void arena_init(struct arena *arena)
{
	*arena = (struct arena){ 0 };
}

static void arena_grow(struct arena *arena, size_t size)
{
	size_t room = size > BLOCK_BYTES ? size : BLOCK_BYTES;
	struct arena_block *block;

	block = aligned_alloc(LINE, sizeof(*block) + room);
	if (!block)
		out_of_memory("arena block of %zu bytes", room);
	memset(block, 0, sizeof(*block) + room);
	block->next = arena->blocks;
	arena->blocks = block;
	arena->used = 0;
	arena->size = room;
}

void *arena_take(struct arena *arena, size_t size)
{
	char *start;

	size = round_up(size ? size : 1, LINE);
	if (size > arena->size - arena->used)
		arena_grow(arena, size);
	start = (char *)(arena->blocks + 1) + arena->used;
	arena->used += size;
	return start;
}

void *arena_take_array(struct arena *arena, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		BUG("out of memory: %zu objects of %zu bytes", count, size);
	return arena_take(arena, total);
}

char *arena_strdup(struct arena *arena, const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(arena_take(arena, size), text, size);
}

void arena_clear(struct arena *arena)
{
	struct arena_block *block = arena->blocks, *next;

	for (; block; block = next) {
		next = block->next;
		free(block);
	}
	arena_init(arena);
}

static int add_slab(struct pool *pool)
{
	size_t size = pool->object_size, room = pool->slab_room;
	char *slab;

	if (pool->slab_count == room) {
		size_t more = room ? 2 * room : 4;
		void **slabs = realloc(pool->slabs, more * sizeof(*slabs));

		if (!slabs)
			return -1;
		pool->slabs = slabs;
		pool->slab_room = more;
	}
	slab = aligned_alloc(LINE, round_up(size * pool->per_slab, LINE));
	if (!slab)
		return -1;
	pool->slabs[pool->slab_count++] = slab;
	/* The list starts at the lowest address. */
	for (size_t i = pool->per_slab; i-- > 0;) {
		*(void **)(void *)(slab + i * size) = pool->free;
		pool->free = slab + i * size;
	}
	return 0;
}

int pool_init(struct pool *pool, size_t object_size, size_t per_slab,
	      struct err *err)
{
	BUG_ON(!object_size || object_size > UINT32_MAX / 2);
	BUG_ON(!per_slab || per_slab > UINT32_MAX);
	*pool = (struct pool){ .object_size =
				       (uint32_t)round_up(object_size, 16),
			       .per_slab = (uint32_t)per_slab };
	if (add_slab(pool) < 0) {
		pool_clear(pool);
		return err_nomem(err, "a pool's first slab");
	}
	return 0;
}

void pool_clear(struct pool *pool)
{
	for (size_t i = 0; i < pool->slab_count; i++)
		free(pool->slabs[i]);
	free(pool->slabs);
	*pool = (struct pool){ 0 };
}

void pool_grow(struct pool *pool)
{
	if (add_slab(pool) < 0)
		out_of_memory("slab of %u objects of %u bytes", pool->per_slab,
			      pool->object_size);
}
