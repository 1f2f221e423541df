/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reference kernel: pending events in an unsorted array, the earliest
 * found by looking at each.  Slow and obvious on purpose.
 */
#include "core/kernel.h"

void naive_insert(struct kernel *kernel, const struct event *event)
{
	size_t i;

	for (i = 0; i < kernel->count; i++)
		if (kernel->heap[i].at == event->at &&
		    kernel->heap[i].key == event->key) /* invariant 3 */
			BUG("two events at %lld ps with key %016llx",
			    (long long)event->at,
			    (unsigned long long)event->key);
	kernel->heap[kernel->count++] = *event;
}

static size_t earliest(const struct kernel *kernel)
{
	size_t i, least = 0;

	for (i = 1; i < kernel->count; i++) {
		const struct event *a = &kernel->heap[i];
		const struct event *b = &kernel->heap[least];

		if (a->at < b->at || (a->at == b->at && a->key < b->key))
			least = i;
	}
	return least;
}

struct event naive_take(struct kernel *kernel)
{
	size_t i = earliest(kernel);
	struct event event = kernel->heap[i];

	kernel->heap[i] = kernel->heap[--kernel->count];
	return event;
}

sim_time naive_next(const struct kernel *kernel)
{
	return kernel->count ? kernel->heap[earliest(kernel)].at
			     : SIM_TIME_NEVER;
}
