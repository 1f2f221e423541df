/* SPDX-License-Identifier: Apache-2.0 */
#include "core/kernel.h"

#include <stdlib.h>
#include <string.h>

#include "core/pool.h"

#define NAIVE_ROOM   256
#define EVENTS_SLAB  64
#define CROWD_ROOM   64
#define CROWD_ARITY  4
#define DIGIT_BITS   6
#define DIGITS	     (1 << DIGIT_BITS)
#define LEVELS	     11 /* 66 bits */
#define CHUNK_EVENTS 127
#define CHUNKS_SLAB  8
/* A fuller bucket of the levels is split by its next digit. */
#define WINDOW_EVENTS 1024
#define WINDOW_BITS   12
/* Buckets per event where a window is densest, as a power of 2. */
#define SPARSE_BITS 2

/* Slots in order of their number. */
#define NEAR_ORDER 0x76543210u

#define likely(condition)   __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)

/* An event that is not near. */
struct later {
	struct later *next; /* in its bucket, or among the spare */
	struct event event;
};

/* What order needs of it. */
struct pending {
	uint64_t at;
	struct later *later;
};

struct chunk {
	struct chunk *next;
	size_t count;
	struct pending pending[CHUNK_EVENTS];
};

struct bucket {
	struct chunk *chunk; /* the one being filled; the others follow */
	size_t count;
	uint64_t first; /* the earliest time */
};

struct calendar {
	struct later *spare;
	/* The window. */
	uint64_t start, end;
	unsigned shift; /* a bucket is 2^shift ps wide */
	uint64_t first; /* number of the first bucket in use, if any is */
	uint64_t words; /* which of the bits below are not 0 */
	uint64_t bits[DIGITS];
	struct later *heads[1 << WINDOW_BITS];
	/* The levels: all they hold is at the base or later. */
	uint64_t base;
	unsigned levels;
	uint64_t digits[LEVELS];
	struct bucket buckets[LEVELS][DIGITS];
	/* The crowd. */
	struct pending *crowd;
	size_t crowd_count, crowd_room;
	struct pool events, chunks;
};

static int calendar_init(struct calendar *calendar, struct err *err)
{
	calendar->crowd_room = CROWD_ROOM;
	calendar->crowd = calloc(CROWD_ROOM, sizeof(*calendar->crowd));
	if (!calendar->crowd)
		return err_nomem(err, "events of one time");
	if (pool_init(&calendar->events, sizeof(struct later), EVENTS_SLAB,
		      err) < 0)
		return -1;
	return pool_init(&calendar->chunks, sizeof(struct chunk), CHUNKS_SLAB,
			 err);
}

int kernel_init(struct kernel *kernel, bool naive, struct err *err)
{
	*kernel = (struct kernel){
		.naive = naive,
		.near_order = NEAR_ORDER,
		.bound = naive ? 0 : UINT64_MAX,
		.horizon = UINT64_MAX,
	};
	if (naive) {
		kernel->room = NAIVE_ROOM;
		kernel->all = calloc(kernel->room, sizeof(*kernel->all));
		return kernel->all ? 0 : err_nomem(err, "events");
	}
	kernel->calendar = calloc(1, sizeof(*kernel->calendar));
	if (!kernel->calendar)
		return err_nomem(err, "calendar of events");
	if (calendar_init(kernel->calendar, err) == 0)
		return 0;
	kernel_clear(kernel);
	return -1;
}

void kernel_clear(struct kernel *kernel)
{
	struct calendar *calendar = kernel->calendar;

	if (calendar) {
		pool_clear(&calendar->chunks);
		pool_clear(&calendar->events);
		free(calendar->crowd);
	}
	free(calendar);
	free(kernel->all);
	kernel->calendar = NULL;
	kernel->all = NULL;
}

size_t kernel_bytes(const struct kernel *kernel)
{
	const struct calendar *calendar = kernel->calendar;

	if (kernel->naive)
		return kernel->room * sizeof(*kernel->all);
	return sizeof(*calendar) +
	       calendar->crowd_room * sizeof(*calendar->crowd) +
	       calendar->events.slab_count * EVENTS_SLAB *
		       sizeof(struct later) +
	       calendar->chunks.slab_count * CHUNKS_SLAB * sizeof(struct chunk);
}

/* Twice the room. */
static __attribute__((noinline, cold)) void *enlarge(void *array, size_t *room,
						     size_t size)
{
	*room *= 2;
	array = realloc(array, *room * size);
	if (!array)
		out_of_memory("%zu pending events", *room);
	return array;
}

static inline bool before(const struct pending *a, const struct pending *b)
{
	return a->at < b->at || (unlikely(a->at == b->at) &&
				 a->later->event.key < b->later->event.key);
}

static inline struct later *later_take(struct calendar *calendar)
{
	struct later *later = calendar->spare;

	if (unlikely(!later))
		return pool_take(&calendar->events);
	calendar->spare = later->next;
	return later;
}

static inline void later_give(struct calendar *calendar, struct later *later)
{
	later->next = calendar->spare;
	calendar->spare = later;
}

/*
 * The crowd.
 */

static void crowd_put(struct kernel *kernel, struct later *later)
{
	struct calendar *calendar = kernel->calendar;
	const struct pending one = { (uint64_t)later->event.at, later };
	struct pending *heap = calendar->crowd;
	size_t i = calendar->crowd_count++;

	if (unlikely(i == calendar->crowd_room))
		heap = calendar->crowd =
			enlarge(heap, &calendar->crowd_room, sizeof(*heap));
	while (i) {
		size_t parent = (i - 1) / CROWD_ARITY;

		if (!before(&one, &heap[parent]))
			break;
		heap[i] = heap[parent];
		i = parent;
	}
	heap[i] = one;
	kernel->bound = heap[0].at;
}

/* Put @one into the hole at the root. */
static void sift_down(struct pending *heap, size_t count, struct pending one)
{
	size_t i = 0;

	for (;;) {
		size_t child = i * CROWD_ARITY + 1, end = child + CROWD_ARITY;
		size_t least;

		if (child >= count)
			break;
		if (end > count)
			end = count;
		for (least = child++; child < end; child++)
			if (before(&heap[child], &heap[least]))
				least = child;
		if (!before(&heap[least], &one))
			break;
		heap[i] = heap[least];
		i = least;
	}
	heap[i] = one;
}

static struct event crowd_take(struct kernel *kernel)
{
	struct calendar *calendar = kernel->calendar;
	struct pending *heap = calendar->crowd;
	struct later *later = heap[0].later;
	size_t count = --calendar->crowd_count;

	if (count)
		sift_down(heap, count, heap[count]);
	kernel->bound = count ? heap[0].at : kernel->horizon;
	later_give(calendar, later);
	return later->event;
}

/*
 * The levels and the window.
 */

static __attribute__((noinline)) void level_put(struct calendar *calendar,
						struct pending one)
{
	uint64_t differ = (one.at ^ calendar->base) | 1;
	unsigned level = (63 - (unsigned)__builtin_clzll(differ)) / DIGIT_BITS;
	unsigned digit = one.at >> (level * DIGIT_BITS) & (DIGITS - 1);
	struct bucket *bucket = &calendar->buckets[level][digit];
	struct chunk *chunk = bucket->chunk;

	if (!bucket->count)
		*bucket = (struct bucket){ .first = UINT64_MAX };
	if (!bucket->count || chunk->count == CHUNK_EVENTS) {
		chunk = pool_take(&calendar->chunks);
		chunk->next = bucket->chunk;
		chunk->count = 0;
		bucket->chunk = chunk;
	}
	chunk->pending[chunk->count++] = one;
	bucket->count++;
	if (one.at < bucket->first)
		bucket->first = one.at;
	calendar->digits[level] |= UINT64_C(1) << digit;
	calendar->levels |= 1U << level;
}

static inline void calendar_put(struct calendar *calendar, uint64_t at,
				struct later *later)
{
	uint64_t i = (at - calendar->start) >> calendar->shift;

	if (unlikely(at >= calendar->end)) {
		level_put(calendar, (struct pending){ at, later });
		return;
	}
	later->next = calendar->heads[i];
	calendar->heads[i] = later;
	calendar->bits[i / DIGITS] |= UINT64_C(1) << i % DIGITS;
	calendar->words |= UINT64_C(1) << i / DIGITS;
}

static inline uint64_t window_first(const struct calendar *calendar)
{
	unsigned word = (unsigned)__builtin_ctzll(calendar->words);

	return word * DIGITS + (unsigned)__builtin_ctzll(calendar->bits[word]);
}

static void scatter(struct calendar *calendar, struct chunk *chunk)
{
	bool window = calendar->end > calendar->start;

	while (chunk) {
		struct chunk *next = chunk->next;
		size_t i;

		if (next)
			__builtin_prefetch(next);
		/* A window links them, and they are due soon; two lines. */
		for (i = 0; i < chunk->count && window; i++) {
			__builtin_prefetch(chunk->pending[i].later, 1);
			__builtin_prefetch(&chunk->pending[i].later->event.arg);
		}
		for (i = 0; i < chunk->count; i++)
			calendar_put(calendar, chunk->pending[i].at,
				     chunk->pending[i].later);
		pool_give(&calendar->chunks, chunk);
		chunk = next;
	}
}

/* Bits of the distance from the first within which half the events are. */
static unsigned half_bits(const struct bucket *bucket)
{
	size_t counts[65] = { 0 }, sum, i;
	const struct chunk *chunk;
	unsigned bits = 0;

	for (chunk = bucket->chunk; chunk; chunk = chunk->next)
		for (i = 0; i < chunk->count; i++) {
			uint64_t far = chunk->pending[i].at - bucket->first;

			counts[63 - __builtin_clzll(far << 1 | 1)]++;
		}
	for (sum = counts[0]; sum * 2 < bucket->count; sum += counts[bits])
		bits++;
	return bits;
}

/* Lay a window over the beginning of a bucket that ends at @end. */
static void window_lay(struct calendar *calendar, const struct bucket *bucket,
		       uint64_t end)
{
	unsigned bits = half_bits(bucket);
	unsigned fine =
		64 - (unsigned)__builtin_clzll(bucket->count) + SPARSE_BITS;

	calendar->shift = bits > fine ? bits - fine : 0;
	calendar->base = calendar->start = bucket->first;
	if ((end - 1 - calendar->start) >> calendar->shift >> WINDOW_BITS)
		end = calendar->start +
		      (UINT64_C(1) << WINDOW_BITS << calendar->shift);
	calendar->end = end;
}

/* The window is empty: the earliest bucket of the levels into a new one. */
static __attribute__((noinline)) void open_level(struct calendar *calendar)
{
	while (!calendar->words) {
		unsigned level = (unsigned)__builtin_ctz(calendar->levels);
		unsigned shift = level * DIGIT_BITS;
		uint64_t *digits = &calendar->digits[level];
		struct bucket *bucket =
			&calendar->buckets[level][__builtin_ctzll(*digits)];
		uint64_t begin = bucket->first >> shift << shift;
		struct chunk *chunks = bucket->chunk;

		if (bucket->count > WINDOW_EVENTS && level)
			calendar->base = calendar->start = calendar->end =
				begin;
		else
			window_lay(calendar, bucket,
				   begin + (UINT64_C(1) << shift));
		bucket->count = 0;
		*digits &= *digits - 1;
		if (!*digits)
			calendar->levels &= calendar->levels - 1;
		scatter(calendar, chunks);
	}
	calendar->first = window_first(calendar);
}

/*
 * The near events.
 */

_Static_assert(KERNEL_NEAR == 8, "an order is 8 slots of 4 bits");

/* Slot of the near event @rank, from 0; of a free one behind them. */
static inline unsigned near_slot(const struct kernel *kernel, unsigned rank)
{
	return kernel->near_order >> (4 * rank & 31) & 15;
}

/*
 * How many near events are before (@at, @key).  All times are looked at: a
 * search would be shorter, and end where nobody can predict it.
 */
static inline unsigned near_rank(const struct kernel *kernel, uint64_t at,
				 uint64_t key)
{
	unsigned later = 0, rank, i;

#pragma GCC unroll 8
	for (i = 0; i < KERNEL_NEAR; i++)
		later += at < kernel->near_at[i];
	rank = kernel->near_count - later;
	/* Of rank 0 it is a free slot that is asked. */
	if (unlikely(kernel->near_at[near_slot(kernel, rank - 1)] == at))
		while (rank &&
		       kernel->near_at[near_slot(kernel, rank - 1)] == at &&
		       kernel->near[near_slot(kernel, rank - 1)].key > key)
			rank--;
	return rank;
}

/* The last free slot, at the event's place among the near ones. */
static inline struct action *near_open(struct kernel *kernel, sim_time at,
				       uint64_t key)
{
	unsigned rank = near_rank(kernel, (uint64_t)at, key);
	uint32_t order = kernel->near_order, slot = order >> 28;
	uint32_t before = (1u << 4 * rank) - 1;

	kernel->near_order =
		(order & before) | slot << 4 * rank | (order & ~before) << 4;
	kernel->near_at[slot] = (uint64_t)at;
	kernel->near_count++;
	return &kernel->near[slot];
}

static inline void near_put(struct kernel *kernel, const struct event *event)
{
	*near_open(kernel, event->at, event->key) =
		(struct action){ event->key, event->run, event->ctx,
				 event->arg };
}

/* The near event @rank; it stays. */
static inline struct event near_event(const struct kernel *kernel,
				      unsigned rank)
{
	unsigned slot = near_slot(kernel, rank);
	const struct action *action = &kernel->near[slot];

	return (struct event){ (sim_time)kernel->near_at[slot], action->key,
			       action->run, action->ctx, action->arg };
}

/*
 * Make @event the near event @rank, whose slot is free.  Field by field: a wide
 * copy of fresh stores would stall.
 */
static inline void near_set(struct kernel *kernel, unsigned rank,
			    struct event event)
{
	unsigned slot = near_slot(kernel, rank);
	struct action *action = &kernel->near[slot];

	kernel->near_at[slot] = (uint64_t)event.at;
	action->key = event.key;
	action->run = event.run;
	action->ctx = event.ctx;
	action->arg = event.arg;
}

/* The rest of a bucket beside its first event, which is near already. */
static __attribute__((noinline)) void open_rest(struct kernel *kernel,
						struct later *later)
{
	struct calendar *calendar = kernel->calendar;
	struct later *next;
	unsigned i;

	for (; later && kernel->near_count < KERNEL_NEAR; later = next) {
		next = later->next;
		near_put(kernel, &later->event);
		later_give(calendar, later);
	}
	if (!later)
		return;
	/* Which of so many are near, the heap finds out. */
	for (i = 0; i < KERNEL_NEAR; i++) {
		struct later *back = later_take(calendar);

		back->event = near_event(kernel, i);
		crowd_put(kernel, back);
	}
	for (; later; later = next) {
		next = later->next;
		crowd_put(kernel, later);
	}
	for (i = 0; i < KERNEL_NEAR; i++)
		near_set(kernel, i, crowd_take(kernel));
}

/* A word of the bits has become empty. */
static __attribute__((noinline)) void next_word(struct kernel *kernel)
{
	struct calendar *calendar = kernel->calendar;

	calendar->words &= calendar->words - 1;
	if (!calendar->words) {
		kernel->horizon = calendar->levels ? calendar->end : UINT64_MAX;
		return;
	}
	calendar->first = window_first(calendar);
	kernel->horizon =
		calendar->start + (calendar->first << calendar->shift);
}

static inline void open_window(struct kernel *kernel)
{
	struct calendar *calendar = kernel->calendar;
	uint64_t i = calendar->first, word = i / DIGITS;
	uint64_t bits = calendar->bits[word];
	struct later *later = calendar->heads[i], *rest = later->next;

	bits &= bits - 1;
	calendar->heads[i] = NULL;
	calendar->bits[word] = bits;
	if (likely(bits)) {
		i = word * DIGITS + (unsigned)__builtin_ctzll(bits);
		calendar->first = i;
		kernel->horizon = calendar->start + (i << calendar->shift);
	} else {
		next_word(kernel);
	}
	kernel->bound = kernel->horizon;
	near_set(kernel, 0, later->event);
	kernel->near_count = 1;
	later_give(calendar, later);
	if (unlikely(rest))
		open_rest(kernel, rest);
}

/* Neither the near events nor the window has any more. */
static __attribute__((noinline)) void refill_slowly(struct kernel *kernel)
{
	if (kernel->calendar->crowd_count) {
		near_set(kernel, 0, crowd_take(kernel));
		kernel->near_count = 1;
	} else if (kernel->calendar->levels) {
		open_level(kernel->calendar);
		open_window(kernel);
	}
}

/* The near events have run out. */
static inline void refill(struct kernel *kernel)
{
	if (unlikely(kernel->bound != kernel->horizon ||
		     !kernel->calendar->words))
		refill_slowly(kernel);
	else
		open_window(kernel);
}

/* Near is full: its later half goes into the calendar, or the crowd. */
static void spill(struct kernel *kernel)
{
	struct calendar *calendar = kernel->calendar;
	unsigned rank, kept = KERNEL_NEAR / 2;
	uint64_t first = kernel->near_at[near_slot(kernel, kept)];
	bool crowd;

	if (kernel->horizon == UINT64_MAX && !calendar->crowd_count)
		calendar->start = calendar->end = calendar->base =
			(uint64_t)kernel->now;
	/* Invariant 4; and the levels hold nothing before their base. */
	crowd = calendar->crowd_count || first < calendar->base ||
		kernel->near_at[near_slot(kernel, kept - 1)] == first;
	for (rank = kept; rank < KERNEL_NEAR; rank++) {
		struct later *later = later_take(calendar);

		later->event = near_event(kernel, rank);
		/* Free slots hold no time to come. */
		kernel->near_at[near_slot(kernel, rank)] = 0;
		if (crowd)
			crowd_put(kernel, later);
		else
			calendar_put(calendar, (uint64_t)later->event.at,
				     later);
	}
	if (!crowd) {
		kernel->bound = kernel->horizon = first;
		if (calendar->words)
			calendar->first = window_first(calendar);
	}
	kernel->near_count = kept;
}

/* True when the event belongs behind the earliest of the crowd. */
static bool is_crowd(const struct calendar *calendar, const struct event *event)
{
	const struct event *first;

	if (!calendar->crowd_count)
		return false;
	first = &calendar->crowd[0].later->event;
	return event->at > first->at ||
	       (event->at == first->at && event->key > first->key);
}

/* Where the event is not simply near or in the calendar. */
static __attribute__((noinline)) void insert_slowly(
	struct kernel *kernel, sim_time at, uint64_t key,
	void (*run)(void *ctx, uint64_t arg), void *ctx, uint64_t arg)
{
	const struct event event = { at, key, run, ctx, arg };
	struct later *later;

	if (kernel->naive) {
		if (kernel->count == kernel->room)
			kernel->all = enlarge(kernel->all, &kernel->room,
					      sizeof(*kernel->all));
		naive_insert(kernel, &event);
		return;
	}
	if (kernel->near_count == KERNEL_NEAR)
		spill(kernel);
	if ((uint64_t)at < kernel->horizon &&
	    !is_crowd(kernel->calendar, &event)) {
		near_put(kernel, &event);
		return;
	}
	later = later_take(kernel->calendar);
	later->event = event;
	if ((uint64_t)at < kernel->horizon)
		crowd_put(kernel, later);
	else
		calendar_put(kernel->calendar, (uint64_t)at, later);
}

static __attribute__((noinline)) void insert_later(
	struct kernel *kernel, sim_time at, uint64_t key,
	void (*run)(void *ctx, uint64_t arg), void *ctx, uint64_t arg)
{
	struct calendar *calendar = kernel->calendar;
	struct later *later = calendar->spare;

	if (unlikely(!later)) {
		insert_slowly(kernel, at, key, run, ctx, arg);
		return;
	}
	calendar->spare = later->next;
	later->event.at = at;
	later->event.key = key;
	later->event.run = run;
	later->event.ctx = ctx;
	later->event.arg = arg;
	calendar_put(calendar, (uint64_t)at, later);
}

void kernel_at(struct kernel *kernel, sim_time at, uint64_t key,
	       void (*run)(void *ctx, uint64_t arg), void *ctx, uint64_t arg)
{
	struct action *action;

	/* Invariant 2. */
	if (unlikely(at < kernel->now))
		BUG("event at %lld ps scheduled at %lld ps", (long long)at,
		    (long long)kernel->now);
	if ((uint64_t)at >= kernel->horizon) {
		insert_later(kernel, at, key, run, ctx, arg);
		return;
	}
	if ((uint64_t)at >= kernel->bound ||
	    kernel->near_count == KERNEL_NEAR) {
		insert_slowly(kernel, at, key, run, ctx, arg);
		return;
	}
	action = near_open(kernel, at, key);
	action->key = key;
	action->run = run;
	action->ctx = ctx;
	action->arg = arg;
}

static void run_naive(struct kernel *kernel)
{
	while (kernel->count && naive_next(kernel) < kernel->limit) {
		struct event event = naive_take(kernel);

		kernel->now = event.at;
		kernel->executed++;
		event.run(event.ctx, event.arg);
	}
}

void kernel_run(struct kernel *kernel, sim_time limit)
{
	kernel->limit = limit;
	if (unlikely(kernel->naive)) {
		run_naive(kernel);
		return;
	}
	while (kernel->near_count) {
		uint32_t order = kernel->near_order;
		const struct action *action = &kernel->near[order & 15];
		void (*run)(void *ctx, uint64_t arg) = action->run;
		sim_time at = (sim_time)kernel->near_at[order & 15];
		void *ctx = action->ctx;
		uint64_t arg = action->arg;

		if (at >= limit)
			return;
		/* The slot becomes free: it goes behind all others. */
		kernel->near_order = order >> 4 | order << 28;
		if (--kernel->near_count == 0)
			refill(kernel);
		kernel->now = at;
		kernel->executed++;
		run(ctx, arg);
	}
}
