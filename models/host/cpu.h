/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cores that run work at PASSIVE, DISPATCH and DIRQL.
 *
 * A job is a piece of kernel work: a send call, an interrupt routine, a DPC, a
 * worker.  It runs as a list of segments: cycles charged to stages of frames,
 * then a continuation that acts at the instant the cycles have been spent:
 *
 *	cpu_charge(core, &frame->clock, TX_MAP, cycles);
 *	cpu_then(core, post_frame, frame, 0);
 *
 * What a continuation appends runs before what was already queued, so a
 * callback's work comes where the callback was made.  A higher level preempts
 * a lower one at once; the lower resumes where it was.  Jobs of one level run
 * first come, first served.  A job may raise its level (locks, HAL calls);
 * then DPCs wait for it.
 *
 * Spin locks: a segment may end by taking a lock for its continuation; a core
 * that finds it held spins, busy, at DISPATCH, first come, first served.
 *
 * Invariants: (1) cpu_charge() and cpu_then() are only called from a start
 * routine or a continuation, on the core that runs it; (2) a lock is taken at
 * DISPATCH, so its holder is only ever preempted by DIRQL work, which takes no
 * locks; (3) a core's busy time is the sum of its segments' lengths.
 */
#ifndef MODELS_HOST_CPU_H
#define MODELS_HOST_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "core/kernel.h"
#include "core/pool.h"
#include "models/stage.h"

enum irql { IRQL_PASSIVE, IRQL_DISPATCH, IRQL_DIRQL, IRQL_COUNT };

struct core;
struct cpu_segment;

struct cpu_job {
	struct cpu_job *next;
	enum irql irql;	 /* as submitted */
	enum irql level; /* of what it charges now */
	sim_time ready_at;
	bool started;
	struct cpu_segment *head;
	/* Called once the job first has a core. */
	void (*start)(struct core *core, struct cpu_job *job);
	/* Called when nothing is left to run; may free the job. */
	void (*done)(struct core *core, struct cpu_job *job);
};

struct cpu_queue {
	struct cpu_job *head, *tail;
};

struct core {
	struct kernel *kernel;
	unsigned id, component;
	uint64_t hz, ps_per_cycle_q32;
	struct pool *segments;
	struct cpu_job *running;
	bool stepping;	  /* inside a start, a continuation or a done */
	unsigned waiting; /* bit per level: ready or suspended jobs */
	struct cpu_queue ready[IRQL_COUNT];
	struct cpu_job *suspended[IRQL_COUNT];
	/* Of this step: where it appends, its last segment while it charges. */
	struct cpu_segment **append, *open;
	sim_time segment_started;
	uint64_t epoch; /* numbers end events: a stale one is ignored */
	uint64_t busy_ps, wait_ps, preemptions;
	uint64_t charged_ps, spun_ps; /* what busy_ps must come to */
	uint64_t fingerprint; /* of the ends of segments that took time */
	const struct observers *observers; /* NULL: none */
};

struct cpu_lock {
	bool held;
	const struct core *owner;
	struct cpu_segment *waiters_head, *waiters_tail;
	uint64_t takes, contended, wait_ps;
};

void core_init(struct core *core, struct kernel *kernel, unsigned id,
	       unsigned component, uint64_t hz, struct pool *segments);
/* Size of the objects in the segment pool. */
size_t cpu_segment_size(void);

/* Give @job to @core; it is copied nowhere and stays the caller's memory. */
void cpu_submit(struct core *core, struct cpu_job *job);

/*
 * Append @cycles to the open segment, booked to @stage of @clock (NULL: only
 * the core is busy).
 */
void cpu_charge(struct core *core, struct stage_clock *clock, unsigned stage,
		uint64_t cycles);
/*
 * When the cycles charged so far are spent, call @run; without any since the
 * last cpu_then(), after that one and all it appends.
 */
void cpu_then(struct core *core,
	      void (*run)(struct core *core, void *ctx, uint64_t arg),
	      void *ctx, uint64_t arg);
/*
 * After what has been charged, spin for @lock, booked to @stage of @clock, and
 * call @run holding it: at once when nothing was charged and it is free.
 */
void cpu_lock_then(struct core *core, struct cpu_lock *lock,
		   struct stage_clock *clock, unsigned stage,
		   void (*run)(struct core *core, void *ctx, uint64_t arg),
		   void *ctx, uint64_t arg);
/* Now, from a continuation of the holder. */
void cpu_unlock(struct core *core, struct cpu_lock *lock);

/* Level of the segments charged from now on, and of the running job. */
void cpu_set_level(struct core *core, enum irql level);
static inline enum irql cpu_level(const struct core *core)
{
	return core->running ? core->running->level : IRQL_PASSIVE;
}

static inline sim_time core_cycles_to_ps(const struct core *core,
					 uint64_t cycles)
{
	__uint128_t product = (__uint128_t)cycles * core->ps_per_cycle_q32;

	/* Rounded to the nearest. */
	return (sim_time)(product >> 32) +
	       (sim_time)((uint64_t)product >> 31 & 1);
}

/* Cycles that cover @ps of spinning. */
static inline uint64_t core_ps_to_cycles(const struct core *core, uint64_t ps)
{
	return ps ? mul_div_u64(ps, core->hz, (uint64_t)PS_PER_SEC) + 1 : 0;
}

#endif
