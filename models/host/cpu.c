/* SPDX-License-Identifier: Apache-2.0 */
#include "models/host/cpu.h"

#include "core/digest.h"

#define PARTS_MAX 6

struct cpu_part {
	struct stage_clock *clock;
	sim_time ps; /* work, and time stolen by preemption inside it */
	unsigned stage;
};

/* What makes a segment more than parts and a call. */
enum segment_flags {
	SEGMENT_LOCKS = 1,  /* takes a lock between the parts and the call */
	SEGMENT_SPINS = 2,  /* for it, or has got it so */
	SEGMENT_OWNS = 4,   /* has got it by spinning */
	SEGMENT_RESUMED = 8 /* was preempted */
};

struct cpu_segment {
	struct cpu_segment *next;
	sim_time total; /* of its parts */
	unsigned flags, part_count;
	enum irql level;
	/* When the parts are over; NULL: nothing. */
	void (*run)(struct core *core, void *ctx, uint64_t arg);
	void *ctx;
	uint64_t arg;
	struct cpu_part part[PARTS_MAX];
	/* If it was preempted. */
	sim_time done; /* of the total */
	sim_time stopped_at;
	/* If it locks. */
	struct cpu_part spin; /* where waiting is booked */
	struct cpu_lock *lock;
	struct core *core;
	struct cpu_segment *next_waiter;
};

size_t cpu_segment_size(void)
{
	return sizeof(struct cpu_segment);
}

void core_init(struct core *core, struct kernel *kernel, unsigned id,
	       unsigned component, uint64_t hz, struct pool *segments)
{
	*core = (struct core){ .kernel = kernel,
			       .id = id,
			       .component = component,
			       .hz = hz,
			       .segments = segments };
	core->ps_per_cycle_q32 =
		mul_div_u64((uint64_t)PS_PER_SEC, UINT64_C(1) << 32, hz);
}

/* --- building the list of a job --- */

/*
 * Behind what this step has appended before.  Those that call it see to it
 * first that the pool has one, and if not begin again: so their usual way makes
 * no call and saves no registers.
 */
static inline struct cpu_segment *new_segment(struct core *core)
{
	struct cpu_segment *seg = pool_take(core->segments);

	BUG_ON(!core->stepping); /* invariant 1 */
	seg->next = *core->append;
	seg->total = 0;
	seg->flags = seg->part_count = 0;
	seg->level = core->running->level;
	seg->run = NULL;
	*core->append = seg;
	core->append = &seg->next;
	return seg;
}

static __attribute__((noinline)) void grow_charge(struct core *core,
						  struct stage_clock *clock,
						  unsigned stage,
						  uint64_t cycles)
{
	pool_grow(core->segments);
	cpu_charge(core, clock, stage, cycles);
}

void cpu_charge(struct core *core, struct stage_clock *clock, unsigned stage,
		uint64_t cycles)
{
	struct cpu_segment *seg = core->open;
	sim_time ps = core_cycles_to_ps(core, cycles);
	struct cpu_part *part;

	if (!seg || seg->part_count == PARTS_MAX) {
		if (__builtin_expect(!core->segments->free, 0)) {
			grow_charge(core, clock, stage, cycles);
			return;
		}
		core->open = seg = new_segment(core);
	}
	core->charged_ps += (uint64_t)ps;
	seg->total += ps;
	part = &seg->part[seg->part_count];
	if (seg->part_count && part[-1].clock == clock &&
	    part[-1].stage == stage) {
		part[-1].ps += ps;
		return;
	}
	part->clock = clock;
	part->stage = stage;
	part->ps = ps;
	seg->part_count++;
}

static __attribute__((noinline)) void grow_then(struct core *core,
						void (*run)(struct core *core,
							    void *ctx,
							    uint64_t arg),
						void *ctx, uint64_t arg)
{
	pool_grow(core->segments);
	cpu_then(core, run, ctx, arg);
}

void cpu_then(struct core *core,
	      void (*run)(struct core *core, void *ctx, uint64_t arg),
	      void *ctx, uint64_t arg)
{
	struct cpu_segment *seg = core->open;

	if (!seg) {
		if (__builtin_expect(!core->segments->free, 0)) {
			grow_then(core, run, ctx, arg);
			return;
		}
		seg = new_segment(core);
	}
	seg->run = run;
	seg->ctx = ctx;
	seg->arg = arg;
	core->open = NULL;
}

void cpu_lock_then(struct core *core, struct cpu_lock *lock,
		   struct stage_clock *clock, unsigned stage,
		   void (*run)(struct core *core, void *ctx, uint64_t arg),
		   void *ctx, uint64_t arg)
{
	struct cpu_segment *seg = core->open;

	BUG_ON(core->running->level != IRQL_DISPATCH); /* invariant 2 */
	if (core->append == &core->running->head && !lock->held) {
		lock->takes++;
		lock->held = true;
		lock->owner = core;
		run(core, ctx, arg);
		return;
	}
	if (!seg)
		core->open = seg = new_segment(core);
	seg->flags |= SEGMENT_LOCKS;
	seg->spin = (struct cpu_part){ .clock = clock, .stage = stage };
	seg->lock = lock;
	seg->core = core;
	cpu_then(core, run, ctx, arg);
}

void cpu_set_level(struct core *core, enum irql level)
{
	BUG_ON(!core->stepping || level < core->running->irql);
	if (core->running->level != level)
		core->open = NULL;
	core->running->level = level;
}

/* --- running it --- */

static void segment_end(void *ctx, uint64_t epoch);

/* Book the parts, the last of which ends now. */
static void book_parts(const struct cpu_segment *seg, sim_time now)
{
	const struct cpu_part *part = seg->part;
	const struct cpu_part *end = part + seg->part_count;
	sim_time at = now - seg->total;

	for (; part < end; part++) {
		at += part->ps;
		if (part->clock)
			stage_close(part->clock, part->stage, at);
	}
}

/* Of the total, before it last got the core. */
static inline sim_time done_of(const struct cpu_segment *seg)
{
	return seg->flags & SEGMENT_RESUMED ? seg->done : 0;
}

/* Nobody has given it the lock. */
static inline bool spins(const struct cpu_segment *seg)
{
	return (seg->flags & (SEGMENT_SPINS | SEGMENT_OWNS)) == SEGMENT_SPINS;
}

/* What was stolen lengthens the part that was running when the core went. */
static void steal(struct cpu_segment *seg, sim_time ps)
{
	sim_time done = seg->done;
	unsigned i;

	for (i = 0; i + 1 < seg->part_count; i++) {
		if (done < seg->part[i].ps)
			break;
		done -= seg->part[i].ps;
	}
	seg->part[i].ps += ps;
	seg->total += ps;
	seg->done += ps;
}

/* Told part by part, as far as they ran in [segment_started, now). */
static __attribute__((noinline)) void tell_run(const struct core *core)
{
	const struct cpu_segment *seg = core->running->head;
	sim_time now = core->kernel->now, from = core->segment_started;
	bool spun = seg->flags & SEGMENT_SPINS;
	sim_time at = spun ? from : from - done_of(seg);
	unsigned i;

	for (i = 0; i < seg->part_count && at < now; i++) {
		const struct cpu_part *part = &seg->part[i];
		sim_time end = spun ? now : at + part->ps;

		if (end > from)
			observers_tell(
				core->observers,
				&(struct observation){
					.kind = SEEN_RUN,
					.frame = part->clock
							 ? part->clock->watch
							 : NULL,
					.from = at > from ? at : from,
					.to = end < now ? end : now,
					.track = core->id,
					.what = part->stage,
					.level = seg->level,
				});
		at = end;
	}
}

/* The running segment had the core until now: how long. */
static inline sim_time book_run(struct core *core)
{
	sim_time ran = core->kernel->now - core->segment_started;

	core->busy_ps += (uint64_t)ran;
	if (__builtin_expect(core->observers != NULL, 0))
		tell_run(core);
	return ran;
}

/* What is charged from now on comes before what @job has to do. */
static inline void begin_step(struct core *core, struct cpu_job *job)
{
	core->append = &job->head;
	core->open = NULL;
	core->stepping = true;
}

/* Nothing is to be spent before its call. */
static inline bool only_calls(const struct cpu_segment *seg)
{
	return !seg->part_count && !seg->flags;
}

/*
 * The head segment is over: on with its call, and with what follows that at
 * once.
 */
static inline void pop_segment(struct core *core)
{
	struct cpu_job *job = core->running;
	struct cpu_segment *seg = job->head;
	enum irql level = seg->level;

	if (seg->total)
		core->fingerprint = digest_step(core->fingerprint,
						(uint64_t)core->kernel->now);
	do {
		job->head = seg->next;
		job->level = level;
		begin_step(core, job);
		if (seg->run)
			seg->run(core, seg->ctx, seg->arg);
		pool_give(core->segments, seg);
		seg = job->head;
	} while (seg && only_calls(seg) && seg->level == level);
	core->stepping = false;
}

/* Of the highest level at which something waits. */
static struct cpu_job *take_ready(struct core *core)
{
	unsigned level = 31u ^ (unsigned)__builtin_clz(core->waiting);
	struct cpu_queue *queue = &core->ready[level];
	struct cpu_job *job = core->suspended[level];

	if (job) {
		core->suspended[level] = NULL;
	} else {
		job = queue->head;
		queue->head = job->next;
		if (!queue->head)
			queue->tail = NULL;
	}
	if (!queue->head)
		core->waiting &= ~(1u << level);
	return job;
}

static void start_job(struct core *core, struct cpu_job *job)
{
	core->running = job;
	if (job->started)
		return;
	job->started = true;
	core->wait_ps += (uint64_t)(core->kernel->now - job->ready_at);
	begin_step(core, job);
	job->start(core, job);
	core->stepping = false;
}

static void suspend_running(struct core *core, enum irql level)
{
	struct cpu_job *job = core->running;

	BUG_ON(core->suspended[level]);
	core->suspended[level] = job;
	core->waiting |= 1u << level;
	core->running = NULL;
	core->epoch++;
}

/* Own the segment's lock, or begin to spin for it. */
static bool take_lock(struct core *core, struct cpu_segment *seg)
{
	struct cpu_lock *lock = seg->lock;

	if (seg->flags & SEGMENT_OWNS)
		return true;
	lock->takes++;
	if (!lock->held) {
		lock->held = true;
		lock->owner = core;
		if (seg->spin.clock)
			stage_close(seg->spin.clock, seg->spin.stage,
				    core->kernel->now);
		return true;
	}
	lock->contended++;
	seg->flags = SEGMENT_LOCKS | SEGMENT_SPINS;
	seg->part[0] = seg->spin;
	seg->part_count = 1;
	seg->total = 0;
	core->segment_started = core->kernel->now;
	seg->next_waiter = NULL;
	if (lock->waiters_tail)
		lock->waiters_tail->next_waiter = seg;
	else
		lock->waiters_head = seg;
	lock->waiters_tail = seg;
	return false;
}

/*
 * Start the head segment; true when it has come to its end.  With @tail the
 * caller has nothing more to do at this instant, so time may advance.
 */
static inline bool start_segment(struct core *core, struct cpu_segment *seg,
				 bool tail)
{
	struct kernel *kernel = core->kernel;
	sim_time left = seg->total;

	core->segment_started = kernel->now;
	if (__builtin_expect(seg->flags > SEGMENT_LOCKS, 0)) {
		if (seg->flags & SEGMENT_RESUMED) {
			steal(seg, kernel->now - seg->stopped_at);
			left = seg->total - seg->done;
		}
		if (spins(seg))
			return false; /* until cpu_unlock() */
	}
	if (!left)
		return true;
	if (tail && kernel_skip(kernel, kernel->now + left)) {
		book_run(core);
		return true;
	}
	core->epoch++;
	kernel_at(kernel, kernel->now + left,
		  event_key(EV_CPU, core->component, core->epoch), segment_end,
		  core, core->epoch);
	return false;
}

/* Which job runs next; false when none is left. */
static bool choose_job(struct core *core)
{
	for (;;) {
		struct cpu_job *job = core->running;

		if (!job) {
			if (!core->waiting)
				return false;
			start_job(core, take_ready(core));
		} else if (!job->head) {
			core->running = NULL;
			core->stepping = true;
			job->done(core, job);
			core->stepping = false;
		} else if (core->waiting &&
			   core->waiting >> (job->head->level + 1)) {
			suspend_running(core, job->head->level);
		} else {
			return true;
		}
	}
}

/*
 * From the end of the running segment (@ended), or from nothing that may go
 * on, until an event must.
 */
static void proceed(struct core *core, bool ended, bool tail)
{
	do {
		if (ended) {
			struct cpu_segment *seg = core->running->head;

			book_parts(seg, core->kernel->now);
			if (seg->flags & SEGMENT_LOCKS && !take_lock(core, seg))
				return; /* spins until cpu_unlock() */
			pop_segment(core);
		}
		if (!choose_job(core))
			return;
		ended = start_segment(core, core->running->head, tail);
	} while (ended);
}

static void segment_end(void *ctx, uint64_t epoch)
{
	struct core *core = ctx;

	if (epoch != core->epoch)
		return; /* preempted meanwhile */
	book_run(core);
	proceed(core, true, true);
}

/* Spinning for a lock is work of unknown length. */
static void spin(struct cpu_segment *seg, sim_time ps)
{
	seg->part[0].ps += ps;
	seg->total += ps;
}

/* The running segment loses the core to a higher level. */
static void preempt(struct core *core)
{
	struct cpu_segment *seg = core->running->head;
	sim_time now = core->kernel->now;
	sim_time ran = book_run(core);

	seg->done = done_of(seg) + ran;
	if (spins(seg)) {
		spin(seg, ran);
		seg->lock->wait_ps += (uint64_t)ran;
		core->spun_ps += (uint64_t)ran;
	}
	if (seg->done)
		seg->flags |= SEGMENT_RESUMED;
	seg->stopped_at = now;
	core->preemptions++;
	suspend_running(core, seg->level);
}

void cpu_submit(struct core *core, struct cpu_job *job)
{
	struct cpu_queue *queue = &core->ready[job->irql];

	job->next = NULL;
	job->level = job->irql;
	job->ready_at = core->kernel->now;
	job->started = false;
	job->head = NULL;
	if (queue->tail)
		queue->tail->next = job;
	else
		queue->head = job;
	queue->tail = job;
	core->waiting |= 1u << job->irql;
	if (core->stepping)
		return; /* proceed() looks when the step is over */
	if (core->running) {
		if (job->irql <= core->running->head->level)
			return;
		preempt(core);
	}
	proceed(core, false, false);
}

void cpu_unlock(struct core *core, struct cpu_lock *lock)
{
	struct cpu_segment *seg = lock->waiters_head;
	struct core *waiter;
	sim_time now = core->kernel->now, ran;

	BUG_ON(!lock->held);
	if (!seg) {
		lock->held = false;
		lock->owner = NULL;
		return;
	}
	lock->waiters_head = seg->next_waiter;
	if (!lock->waiters_head)
		lock->waiters_tail = NULL;
	seg->flags |= SEGMENT_OWNS;
	lock->owner = waiter = seg->core;
	if (!waiter->running || waiter->running->head != seg)
		return; /* preempted by an interrupt: finds it on resume */
	ran = book_run(waiter);
	lock->wait_ps += (uint64_t)ran;
	waiter->spun_ps += (uint64_t)ran;
	spin(seg, ran);
	seg->done = seg->total;
	seg->flags |= SEGMENT_RESUMED;
	waiter->segment_started = now;
	waiter->epoch++;
	kernel_at(core->kernel, now,
		  event_key(EV_CPU, waiter->component, waiter->epoch),
		  segment_end, waiter, waiter->epoch);
}
