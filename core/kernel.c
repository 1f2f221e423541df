/* SPDX-License-Identifier: Apache-2.0 */
#include "core/kernel.h"

#include <stdlib.h>
#include <string.h>

#define KERNEL_ROOM 256
#define ARITY	    4

int kernel_init(struct kernel *kernel, bool naive, struct err *err)
{
	*kernel = (struct kernel){
		.naive = naive,
		.room = KERNEL_ROOM,
		.horizon = naive ? INT64_MIN : SIM_TIME_NEVER,
	};
	kernel->heap = calloc(kernel->room, sizeof(*kernel->heap));
	return kernel->heap ? 0 : err_nomem(err, "event heap");
}

void kernel_clear(struct kernel *kernel)
{
	free(kernel->heap);
	kernel->heap = NULL;
}

static inline bool before(const struct event *a, const struct event *b)
{
	return a->at < b->at || (a->at == b->at && a->key < b->key);
}

static void reserve(struct kernel *kernel)
{
	size_t room = kernel->room * 2;
	struct event *heap = realloc(kernel->heap, room * sizeof(*heap));

	if (!heap)
		BUG("out of memory: %zu pending events", room);
	kernel->heap = heap;
	kernel->room = room;
}

static void heap_insert(struct kernel *kernel, const struct event *event)
{
	struct event *heap = kernel->heap;
	size_t i = kernel->count++;

	while (i) {
		size_t parent = (i - 1) / ARITY;

		if (!before(event, &heap[parent]))
			break;
		heap[i] = heap[parent];
		i = parent;
	}
	heap[i] = *event;
}

/* Put @event into the hole at the root. */
static void sift_down(struct event *heap, size_t count,
		      const struct event *event)
{
	size_t i = 0;

	for (;;) {
		size_t child = i * ARITY + 1, end = child + ARITY, least;

		if (child >= count)
			break;
		if (end > count)
			end = count;
		for (least = child++; child < end; child++)
			if (before(&heap[child], &heap[least]))
				least = child;
		if (!before(&heap[least], event))
			break;
		heap[i] = heap[least];
		i = least;
	}
	heap[i] = *event;
}

static void heap_push(struct kernel *kernel, const struct event *event)
{
	if (__builtin_expect(kernel->count == kernel->room, 0))
		reserve(kernel);
	heap_insert(kernel, event);
	kernel->horizon = kernel->heap[0].at;
}

static struct event heap_take(struct kernel *kernel)
{
	struct event event = kernel->heap[0];

	kernel->count--;
	if (kernel->count)
		sift_down(kernel->heap, kernel->count,
			  &kernel->heap[kernel->count]);
	kernel->horizon = kernel->count ? kernel->heap[0].at : SIM_TIME_NEVER;
	return event;
}

/* The near events have run out: the earliest half of their room from far. */
static void refill(struct kernel *kernel)
{
	unsigned i, take = KERNEL_NEAR / 2;

	if (take > kernel->count)
		take = (unsigned)kernel->count;
	for (i = take; i > 0; i--)
		kernel->near[i - 1] = heap_take(kernel);
	kernel->near_count = take;
}

/* The later half of the near events becomes far. */
static void spill(struct kernel *kernel)
{
	struct event *near = kernel->near;
	unsigned i, keep = KERNEL_NEAR / 2;

	for (i = 0; i < KERNEL_NEAR - keep; i++)
		heap_push(kernel, &near[i]);
	memmove(near, near + KERNEL_NEAR - keep, keep * sizeof(*near));
	kernel->near_count = keep;
}

/* Room for an event among the near ones, at its place in their order. */
static struct event *near_slot(struct kernel *kernel, sim_time at, uint64_t key)
{
	struct event *slot = &kernel->near[kernel->near_count++];

	while (slot > kernel->near &&
	       (slot[-1].at < at ||
		(slot[-1].at == at && slot[-1].key < key))) {
		slot[0] = slot[-1];
		slot--;
	}
	return slot;
}

/* True when the event belongs behind the earliest of the heap. */
static bool is_far(const struct kernel *kernel, sim_time at, uint64_t key)
{
	const struct event *first = kernel->heap;

	return kernel->count &&
	       (at > first->at || (at == first->at && key > first->key));
}

/* Where the event is not simply near. */
static __attribute__((noinline)) void insert_slowly(
	struct kernel *kernel, sim_time at, uint64_t key,
	void (*run)(void *ctx, uint64_t arg), void *ctx, uint64_t arg)
{
	const struct event event = { at, key, run, ctx, arg };

	if (kernel->naive) {
		if (kernel->count == kernel->room)
			reserve(kernel);
		naive_insert(kernel, &event);
		return;
	}
	if (kernel->near_count == KERNEL_NEAR)
		spill(kernel);
	if (is_far(kernel, at, key))
		heap_push(kernel, &event);
	else
		*near_slot(kernel, at, key) = event;
}

void kernel_at(struct kernel *kernel, sim_time at, uint64_t key,
	       void (*run)(void *ctx, uint64_t arg), void *ctx, uint64_t arg)
{
	struct event *slot;

	/* Invariant 2. */
	if (__builtin_expect(at < kernel->now, 0))
		BUG("event at %lld ps scheduled at %lld ps", (long long)at,
		    (long long)kernel->now);
	if (at >= kernel->horizon || kernel->near_count == KERNEL_NEAR) {
		insert_slowly(kernel, at, key, run, ctx, arg);
		return;
	}
	/* Field by field: a copy of fresh stores would stall. */
	slot = near_slot(kernel, at, key);
	slot->at = at;
	slot->key = key;
	slot->run = run;
	slot->ctx = ctx;
	slot->arg = arg;
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
	if (__builtin_expect(kernel->naive, 0)) {
		run_naive(kernel);
		return;
	}
	while (kernel->near_count) {
		struct event event = kernel->near[kernel->near_count - 1];

		if (event.at >= limit)
			return;
		if (--kernel->near_count == 0 && kernel->count)
			refill(kernel);
		kernel->now = event.at;
		kernel->executed++;
		event.run(event.ctx, event.arg);
	}
}
