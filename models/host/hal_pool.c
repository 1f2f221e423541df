/* SPDX-License-Identifier: Apache-2.0 */
#include "models/host/hal_pool.h"

#include <string.h>

#define WORD 64u

/* Free slots of a stretch: at its front, at its end, longest. */
struct hal_run {
	uint32_t front, end, longest;
};

static uint32_t max_u32(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* --- the tree --- */

/* Ones of @free shifted onto one another: bit i set when i..i+count-1 are. */
static uint64_t starts_of(uint64_t free, uint32_t count)
{
	uint64_t starts = free;
	uint32_t i;

	for (i = 1; i < count && starts; i++)
		starts &= free >> i;
	return starts;
}

static struct hal_run run_of_word(uint64_t taken)
{
	struct hal_run run = { WORD, WORD, WORD };
	uint64_t left;

	if (!taken)
		return run;
	run.front = (uint32_t)__builtin_ctzll(taken);
	run.end = (uint32_t)__builtin_clzll(taken);
	run.longest = 0;
	for (left = ~taken; left; left &= left >> 1)
		run.longest++;
	return run;
}

/* May a run go on over slot @at, between two words? */
static bool joins(const struct hal_pool *pool, uint32_t at)
{
	return pool->spec.guards || !pool->spec.boundary ||
	       at % pool->spec.boundary;
}

/* Of a stretch with its middle at slot @middle and @half slots each way. */
static struct hal_run run_joined(const struct hal_pool *pool,
				 const struct hal_run *low,
				 const struct hal_run *high, uint32_t middle,
				 uint32_t half)
{
	struct hal_run run = { low->front, high->end,
			       max_u32(low->longest, high->longest) };

	if (!joins(pool, middle))
		return run;
	if (low->front == half)
		run.front += high->front;
	if (high->end == half)
		run.end += low->end;
	run.longest = max_u32(run.longest, low->end + high->front);
	return run;
}

static void update_word(struct hal_pool *pool, uint32_t word)
{
	uint32_t node = pool->leaves + word, half;

	pool->runs[node] = run_of_word(pool->taken[word]);
	for (half = WORD; node > 1; half *= 2) {
		uint32_t low = node & ~1u;

		/* The pair's first slot is a multiple of its length. */
		uint32_t from = word * WORD / (2 * half) * (2 * half);

		node /= 2;
		pool->runs[node] =
			run_joined(pool, &pool->runs[low], &pool->runs[low + 1],
				   from + half, half);
	}
}

/* Mark @count slots from @first on. */
static void mark(struct hal_pool *pool, uint32_t first, uint32_t count,
		 bool taken)
{
	while (count) {
		uint32_t word = first / WORD, bit = first % WORD;
		uint32_t part = WORD - bit < count ? WORD - bit : count;
		uint64_t mask = (part == WORD ? ~UINT64_C(0)
					      : (UINT64_C(1) << part) - 1)
				<< bit;

		if (taken)
			pool->taken[word] |= mask;
		else
			pool->taken[word] &= ~mask;
		update_word(pool, word);
		first += part;
		count -= part;
	}
}

/* First slot of the lowest run of @count; there is one. */
static uint32_t find_run(const struct hal_pool *pool, uint32_t count)
{
	uint32_t node = 1, from = 0, half = pool->leaves / 2 * WORD;

	for (; node < pool->leaves; half /= 2) {
		const struct hal_run *low = &pool->runs[2 * node];
		uint32_t middle = from + half;

		node *= 2;
		if (low->longest >= count)
			continue;
		if (joins(pool, middle) && low->end + low[1].front >= count)
			return middle - low->end;
		node++;
		from = middle;
	}
	return from + (uint32_t)__builtin_ctzll(starts_of(
			      ~pool->taken[node - pool->leaves], count));
}

/* --- the pool --- */

void hal_pool_init(struct hal_pool *pool, struct arena *arena,
		   const struct hal_pool_spec *spec)
{
	uint32_t i;

	*pool = (struct hal_pool){ .spec = *spec };
	if (!spec->tracked)
		return;
	BUG_ON(spec->boundary && !spec->guards && spec->boundary % WORD);
	for (pool->leaves = 1; pool->leaves * WORD < spec->cap;)
		pool->leaves *= 2;
	pool->taken =
		arena_take_array(arena, pool->leaves, sizeof(*pool->taken));
	pool->next = arena_take_array(arena, (size_t)pool->leaves * WORD,
				      sizeof(*pool->next));
	pool->runs = arena_take_array(arena, (size_t)2 * pool->leaves,
				      sizeof(*pool->runs));
	for (i = 0; i < pool->leaves; i++)
		pool->taken[i] = ~UINT64_C(0);
}

static uint32_t min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Slots of the piece up to the next guard, or all that are left of it. */
static uint32_t stretch(const struct hal_pool *pool, uint32_t left)
{
	uint32_t room = pool->spec.cap - pool->slots;

	if (pool->spec.guards && pool->spec.boundary)
		left = min_u32(left, pool->spec.boundary);
	return min_u32(left, room);
}

uint32_t hal_pool_grow(struct hal_pool *pool, uint32_t registers)
{
	uint32_t added = 0, part;

	while (added < registers) {
		if (pool->spec.guards && pool->slots &&
		    pool->slots < pool->spec.cap)
			pool->slots++;
		part = stretch(pool, registers - added);
		if (!part)
			break;
		if (pool->spec.tracked)
			mark(pool, pool->slots, part, false);
		pool->slots += part;
		added += part;
	}
	pool->registers += added;
	pool->free += added;
	return added;
}

static uint32_t take_run(struct hal_pool *pool, uint32_t count)
{
	uint32_t first = find_run(pool, count), i;

	for (i = 0; i + 1 < count; i++)
		pool->next[first + i] = first + i + 1;
	pool->next[first + i] = HAL_NO_SLOT;
	mark(pool, first, count, true);
	return first;
}

static uint32_t take_lowest(struct hal_pool *pool, uint32_t count)
{
	uint32_t first = HAL_NO_SLOT, *link = &first;

	while (count--) {
		*link = take_run(pool, 1);
		link = &pool->next[*link];
	}
	return first;
}

bool hal_pool_take(struct hal_pool *pool, uint32_t count, bool contiguous,
		   uint32_t *first)
{
	*first = HAL_NO_SLOT;
	if (count > pool->free ||
	    (contiguous && count > hal_pool_longest(pool)))
		return false;
	if (pool->spec.tracked)
		*first = contiguous ? take_run(pool, count)
				    : take_lowest(pool, count);
	pool->free -= count;
	return true;
}

void hal_pool_give(struct hal_pool *pool, uint32_t first, uint32_t count)
{
	pool->free += count;
	BUG_ON(pool->free > pool->registers); /* invariant 1 */
	if (!pool->spec.tracked)
		return;
	while (count) {
		uint32_t last = first, run = 1;

		for (; run < count && pool->next[last] == last + 1; run++)
			last++;
		mark(pool, first, run, false);
		first = pool->next[last];
		count -= run;
	}
}

uint32_t hal_pool_longest(const struct hal_pool *pool)
{
	return pool->spec.tracked ? pool->runs[1].longest : pool->free;
}
