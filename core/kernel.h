/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The discrete-event kernel.
 *
 *	kernel_init(&k, false, &err);
 *	kernel_at(&k, when, event_key(EV_LINK, link_id, seq), done, ctx, arg);
 *	kernel_run(&k, limit);		(all events earlier than limit)
 *
 * Events run in the order of (time, key); a key is (class, component, number)
 * and number comes from the frame, so ties never break by insertion order.
 * A stale event (a timer moved, a core preempted) is not searched for and
 * removed: its handler finds that it is out of date and returns.
 *
 * Two kernels hide behind one interface.  The fast one lets servers
 * (core/server.h) reserve, and keeps events by how soon they are due:
 *
 *	near	the earliest few, in slots; a word says in which order, and a
 *		new one's place is how many of them are later, without a branch
 *	crowd	more of them than the array takes, in a 4-ary heap
 *	window	from the horizon on, 4,096 buckets of one width; bits say which
 *		are in use, so that empty ones cost nothing
 *	levels	what is later than the window, by the highest digit, of base
 *		64, in which its time differs from the base's
 *
 * When near and crowd are empty, the window's first bucket takes their place.
 * When the window is empty too, the earliest bucket of the levels becomes a
 * window whose buckets are as narrow as its events are dense, or, when it
 * holds many, is split by its next digit.  So an event moves a few times
 * however many are pending; the worst, all times in one bucket, is a heap.
 *
 * The naive kernel is an unsorted array, one event for every step, and refuses
 * two pending events of equal (time, key); tests run machines on both and
 * compare fingerprints.
 *
 * Invariants: (1) time never goes back; (2) no event is scheduled before now;
 * (3) on the naive kernel (time, key) is unique among pending events; (4) near
 * is before crowd by (time, key), and both are before the horizon by time;
 * (5) near is empty only when nothing is pending.
 */
#ifndef CORE_KERNEL_H
#define CORE_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/sim_time.h"

/*
 * Classes, in the order in which they run at one instant: what frees comes
 * before what takes, arrivals come last.
 */
enum event_class {
	EV_SERVER,  /* a server of the naive kernel finishes */
	EV_BUS,	    /* a PCIe transaction reaches its end */
	EV_WIRE,    /* a last bit leaves or arrives */
	EV_NIC,	    /* timers of the NIC */
	EV_CPU,	    /* a core finishes a segment */
	EV_HOST,    /* DPC readiness, workers, holds that end */
	EV_ARRIVAL, /* frames offered */
	EV_TEST
};

#define EVENT_NUMBER_BITS 48

static inline uint64_t event_key(enum event_class class, unsigned component,
				 uint64_t number)
{
	return (uint64_t) class << 59 |
	       (uint64_t)component << EVENT_NUMBER_BITS |
	       (number & ((UINT64_C(1) << EVENT_NUMBER_BITS) - 1));
}

#define EVENT_COMPONENT_MAX 2048

struct event {
	sim_time at;
	uint64_t key;
	void (*run)(void *ctx, uint64_t arg);
	void *ctx;
	uint64_t arg;
};

#define KERNEL_NEAR 8

/* An event without its time. */
struct action {
	uint64_t key;
	void (*run)(void *ctx, uint64_t arg);
	void *ctx;
	uint64_t arg;
};

struct calendar;

struct kernel {
	sim_time now;
	sim_time limit;	  /* of kernel_run() */
	uint64_t bound;	  /* times before it are near; naive: none is */
	uint64_t horizon; /* times from it on are in the calendar */
	uint64_t executed;
	bool naive;
	unsigned near_count;
	/*
	 * Slots of the near events, 4 bits each, the earliest lowest; behind
	 * them the free ones, whose times are not after now.
	 */
	uint32_t near_order;
	uint64_t near_at[KERNEL_NEAR];
	struct action near[KERNEL_NEAR];
	struct calendar *calendar; /* with the crowd */
	struct event *all;	   /* naive: in no order */
	size_t count, room;
};

int kernel_init(struct kernel *kernel, bool naive, struct err *err);
void kernel_clear(struct kernel *kernel);

/* Schedule @run(@ctx, @arg) at @at >= now. */
void kernel_at(struct kernel *kernel, sim_time at, uint64_t key,
	       void (*run)(void *ctx, uint64_t arg), void *ctx, uint64_t arg);

/* Run every event earlier than @limit; now becomes the last one's time. */
void kernel_run(struct kernel *kernel, sim_time limit);

/* Memory held for pending events, bytes; it grows with the most there were. */
size_t kernel_bytes(const struct kernel *kernel);

/* Time of the next event, SIM_TIME_NEVER when there is none. */
static inline sim_time kernel_next(const struct kernel *kernel);

/*
 * True when nothing can happen until @at, @at included: then a caller may
 * advance to it and go on at once instead of scheduling an event.  Never on
 * the naive kernel.
 */
static inline bool kernel_skip(struct kernel *kernel, sim_time at)
{
	if (kernel->naive || at >= kernel_next(kernel) || at >= kernel->limit)
		return false;
	kernel->now = at;
	return true;
}

/* The linear-list kernel behind the same interface; see core/naive.c. */
void naive_insert(struct kernel *kernel, const struct event *event);
struct event naive_take(struct kernel *kernel);
sim_time naive_next(const struct kernel *kernel);

static inline sim_time kernel_next(const struct kernel *kernel)
{
	if (__builtin_expect(kernel->naive, 0))
		return naive_next(kernel);
	return kernel->near_count
		       ? (sim_time)kernel->near_at[kernel->near_order & 15]
		       : SIM_TIME_NEVER;
}

#endif
