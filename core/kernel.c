/* SPDX-License-Identifier: Apache-2.0 */
#include "core/kernel.h"

#include <stdlib.h>
#include <string.h>

#define KERNEL_ROOM 256
#define ARITY	    4

int kernel_init(struct kernel *kernel, bool naive, struct err *err)
{
	*kernel = (struct kernel){ .naive = naive, .room = KERNEL_ROOM };
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
}

static struct event heap_take(struct kernel *kernel)
{
	struct event event = kernel->heap[0];

	kernel->count--;
	if (kernel->count)
		sift_down(kernel->heap, kernel->count,
			  &kernel->heap[kernel->count]);
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

/* Insert among the near events, the latest of which may have to leave. */
static void near_insert(struct kernel *kernel, const struct event *event)
{
	struct event *near = kernel->near;
	unsigned i = kernel->near_count;

	if (i == KERNEL_NEAR) {
		unsigned keep = KERNEL_NEAR / 2, move;

		for (move = 0; move < KERNEL_NEAR - keep; move++)
			heap_push(kernel, &near[move]);
		memmove(near, near + KERNEL_NEAR - keep, keep * sizeof(*near));
		kernel->near_count = i = keep;
	}
	while (i && before(&near[i - 1], event)) {
		near[i] = near[i - 1];
		i--;
	}
	near[i] = *event;
	kernel->near_count++;
}

void kernel_at(struct kernel *kernel, sim_time at, uint64_t key,
	       void (*run)(void *ctx, uint64_t arg), void *ctx, uint64_t arg)
{
	struct event event = { at, key, run, ctx, arg };

	/* Invariant 2. */
	if (__builtin_expect(at < kernel->now, 0))
		BUG("event at %lld ps scheduled at %lld ps", (long long)at,
		    (long long)kernel->now);
	if (__builtin_expect(kernel->naive, 0)) {
		if (kernel->count == kernel->room)
			reserve(kernel);
		naive_insert(kernel, &event);
	} else if (kernel->count && before(&kernel->heap[0], &event)) {
		heap_push(kernel, &event);
	} else {
		near_insert(kernel, &event);
	}
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
