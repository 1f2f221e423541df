/* SPDX-License-Identifier: Apache-2.0 */
#include "core/kernel.h"

#include <stdlib.h>

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

void kernel_at(struct kernel *kernel, sim_time at, uint64_t key,
	       void (*run)(void *ctx, uint64_t arg), void *ctx, uint64_t arg)
{
	struct event event = { at, key, run, ctx, arg };

	/* Invariant 2. */
	if (__builtin_expect(at < kernel->now, 0))
		BUG("event at %lld ps scheduled at %lld ps", (long long)at,
		    (long long)kernel->now);
	if (__builtin_expect(kernel->count == kernel->room, 0))
		reserve(kernel);
	if (__builtin_expect(kernel->naive, 0))
		naive_insert(kernel, &event);
	else
		heap_insert(kernel, &event);
	if (kernel->count > kernel->peak)
		kernel->peak = kernel->count;
}

void kernel_run(struct kernel *kernel, sim_time limit)
{
	while (kernel->count) {
		struct event event;

		if (kernel_next(kernel) >= limit)
			return;
		if (__builtin_expect(kernel->naive, 0)) {
			event = naive_take(kernel);
		} else {
			event = kernel->heap[0];
			kernel->count--;
			if (kernel->count)
				sift_down(kernel->heap, kernel->count,
					  &kernel->heap[kernel->count]);
		}
		kernel->now = event.at;
		kernel->executed++;
		event.run(event.ctx, event.arg);
	}
}

sim_time kernel_next(const struct kernel *kernel)
{
	if (!kernel->count)
		return SIM_TIME_NEVER;
	return kernel->naive ? naive_next(kernel) : kernel->heap[0].at;
}
