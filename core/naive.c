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
		if (kernel->all[i].at == event->at &&
		    kernel->all[i].key == event->key) /* invariant 3 */
			BUG("two events at %lld ps with key %016llx",
			    (long long)event->at,
			    (unsigned long long)event->key);
	kernel->all[kernel->count++] = *event;
}

static size_t earliest(const struct kernel *kernel)
{
	size_t i, least = 0;

	for (i = 1; i < kernel->count; i++) {
		const struct event *a = &kernel->all[i];
		const struct event *b = &kernel->all[least];

		if (a->at < b->at || (a->at == b->at && a->key < b->key))
			least = i;
	}
	return least;
}

struct event naive_take(struct kernel *kernel)
{
	size_t i = earliest(kernel);
	struct event event = kernel->all[i];

	kernel->all[i] = kernel->all[--kernel->count];
	return event;
}

sim_time naive_next(const struct kernel *kernel)
{
	return kernel->count ? kernel->all[earliest(kernel)].at
			     : SIM_TIME_NEVER;
}
