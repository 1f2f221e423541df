/* SPDX-License-Identifier: Apache-2.0 */
#include "models/host/cpu.h"

#include "core/digest.h"

#define PARTS_MAX 6

struct cpu_part {
	struct stage_clock *clock;
	unsigned stage;
	sim_time ps;	 /* work */
	sim_time stolen; /* by preemption inside this part */
};

struct cpu_call {
	void (*run)(struct core *core, void *ctx, uint64_t arg);
	void *ctx;
	uint64_t arg;
};

struct cpu_segment {
	struct cpu_segment *next;
	struct cpu_segment *next_waiter;
	struct core *core;
	enum irql level;
	sim_time remaining; /* work not yet done */
	sim_time total;
	sim_time stopped_at; /* when last preempted or created */
	struct cpu_lock *lock;
	bool granted; /* owns its lock */
	bool waiting; /* queued on its lock */
	unsigned part_count;
	struct cpu_part part[PARTS_MAX];
	/* Then these, in this order; see cpu_then(). */
	struct cpu_call call[2];
	unsigned call_count;
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

static struct cpu_segment *new_segment(struct core *core)
{
	struct cpu_segment *seg = pool_take(core->segments);

	BUG_ON(!core->stepping); /* invariant 1 */
	seg->next = NULL;
	seg->core = core;
	seg->level = core->running->level;
	seg->remaining = seg->total = 0;
	seg->stopped_at = core->kernel->now;
	seg->lock = NULL;
	seg->granted = seg->waiting = false;
	seg->part_count = seg->call_count = 0;
	if (core->fresh_tail)
		core->fresh_tail->next = seg;
	else
		core->fresh_head = seg;
	core->fresh_tail = seg;
	core->open = seg;
	return seg;
}

void cpu_charge(struct core *core, struct stage_clock *clock, unsigned stage,
		uint64_t cycles)
{
	struct cpu_segment *seg = core->open;
	sim_time ps = core_cycles_to_ps(core, cycles);
	struct cpu_part *part;

	core->charged_ps += (uint64_t)ps;
	if (!seg || seg->part_count == PARTS_MAX)
		seg = new_segment(core);
	part = &seg->part[seg->part_count];
	seg->remaining += ps;
	seg->total += ps;
	if (seg->part_count && part[-1].clock == clock &&
	    part[-1].stage == stage) {
		part[-1].ps += ps;
		return;
	}
	part->clock = clock;
	part->stage = stage;
	part->ps = ps;
	part->stolen = 0;
	seg->part_count++;
}

void cpu_then(struct core *core,
	      void (*run)(struct core *core, void *ctx, uint64_t arg),
	      void *ctx, uint64_t arg)
{
	struct cpu_segment *seg = core->open, *last = core->fresh_tail;

	/* Nothing charged since the last continuation: follow it directly. */
	if (!seg && last && last->call_count == 1 &&
	    last->level == core->running->level)
		seg = last;
	else if (!seg)
		seg = new_segment(core);
	seg->call[seg->call_count++] = (struct cpu_call){ run, ctx, arg };
	core->open = NULL;
}

void cpu_lock_then(struct core *core, struct cpu_lock *lock,
		   struct stage_clock *clock, unsigned stage,
		   void (*run)(struct core *core, void *ctx, uint64_t arg),
		   void *ctx, uint64_t arg)
{
	struct cpu_segment *seg;

	BUG_ON(core->running->level != IRQL_DISPATCH); /* invariant 2 */
	if (!core->fresh_head && !lock->held) {
		lock->takes++;
		lock->held = true;
		run(core, ctx, arg);
		return;
	}
	seg = new_segment(core);
	seg->lock = lock;
	seg->part[0] = (struct cpu_part){ .clock = clock, .stage = stage };
	seg->part_count = 1;
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

/* Book the parts; gaps and stolen time stay in the part they fell into. */
static void book_parts(struct cpu_segment *seg, sim_time now)
{
	sim_time left = now - seg->total;
	unsigned i;

	for (i = 0; i < seg->part_count; i++)
		left -= seg->part[i].stolen;
	/* left: when the segment would have begun, uninterrupted. */
	for (i = 0; i < seg->part_count; i++) {
		struct cpu_part *part = &seg->part[i];

		left += part->ps + part->stolen;
		if (part->clock)
			stage_close(part->clock, part->stage, left);
	}
}

/* Remember the part that was running when @seg lost the core. */
static void steal(struct cpu_segment *seg, sim_time ps)
{
	sim_time done = seg->total - seg->remaining;
	unsigned i;

	for (i = 0; i + 1 < seg->part_count; i++) {
		if (done < seg->part[i].ps)
			break;
		done -= seg->part[i].ps;
	}
	if (seg->part_count)
		seg->part[i].stolen += ps;
}

static void splice_fresh(struct core *core, struct cpu_job *job)
{
	if (!core->fresh_head)
		return;
	core->fresh_tail->next = job->head;
	if (!job->head)
		job->tail = core->fresh_tail;
	job->head = core->fresh_head;
	core->fresh_head = core->fresh_tail = NULL;
	core->open = NULL;
}

static void pop_segment(struct core *core)
{
	struct cpu_job *job = core->running;
	struct cpu_segment *seg = job->head;
	unsigned i;

	job->head = seg->next;
	if (!job->head)
		job->tail = NULL;
	book_parts(seg, core->kernel->now);
	core->fingerprint =
		digest_step(core->fingerprint, (uint64_t)core->kernel->now);
	core->stepping = true;
	for (i = 0; i < seg->call_count; i++) {
		const struct cpu_call *call = &seg->call[i];

		job->level = seg->level;
		if (core->fresh_head) /* what came before has more to do */
			cpu_then(core, call->run, call->ctx, call->arg);
		else
			call->run(core, call->ctx, call->arg);
	}
	splice_fresh(core, job);
	core->stepping = false;
	pool_give(core->segments, seg);
}

static struct cpu_job *take_ready(struct core *core, int level)
{
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

/* The highest level at which something waits for the core, -1: none. */
static inline int waiting_level(const struct core *core)
{
	return core->waiting ? 31 - __builtin_clz(core->waiting) : -1;
}

static void start_job(struct core *core, struct cpu_job *job)
{
	core->running = job;
	if (job->started)
		return;
	job->started = true;
	core->wait_ps += (uint64_t)(core->kernel->now - job->ready_at);
	core->stepping = true;
	job->start(core, job);
	splice_fresh(core, job);
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

/*
 * Start the head segment; true when it has come to its end.  With @tail the
 * caller has nothing more to do at this instant, so time may advance.
 */
static bool start_segment(struct core *core, bool tail)
{
	struct cpu_segment *seg = core->running->head;
	sim_time now = core->kernel->now;

	if (now > seg->stopped_at)
		steal(seg, now - seg->stopped_at);
	if (seg->lock && !seg->granted && !seg->waiting) {
		struct cpu_lock *lock = seg->lock;

		lock->takes++;
		if (!lock->held) {
			lock->held = seg->granted = true;
		} else {
			lock->contended++;
			seg->waiting = true;
			seg->next_waiter = NULL;
			if (lock->waiters_tail)
				lock->waiters_tail->next_waiter = seg;
			else
				lock->waiters_head = seg;
			lock->waiters_tail = seg;
		}
	}
	core->segment_started = now;
	core->epoch++;
	if (seg->lock && !seg->granted)
		return false; /* spins until cpu_unlock() */
	if (!seg->remaining)
		return true;
	if (tail && kernel_skip(core->kernel, now + seg->remaining)) {
		core->busy_ps += (uint64_t)seg->remaining;
		return true;
	}
	kernel_at(core->kernel, now + seg->remaining,
		  event_key(EV_CPU, core->component, core->epoch), segment_end,
		  core, core->epoch);
	return false;
}

/* Nothing is running that may go on: choose, start, until an event must. */
static void proceed(struct core *core, bool tail)
{
	for (;;) {
		struct cpu_job *job = core->running;
		int level = waiting_level(core);

		if (job && !job->head) {
			core->running = NULL;
			core->stepping = true;
			job->done(core, job);
			core->stepping = false;
			continue;
		}
		if (job && level > (int)job->head->level) {
			job->head->stopped_at = core->kernel->now;
			suspend_running(core, job->head->level);
			continue;
		}
		if (!job) {
			if (level < 0)
				return;
			start_job(core, take_ready(core, level));
			continue;
		}
		if (!start_segment(core, tail))
			return;
		pop_segment(core);
	}
}

static void segment_end(void *ctx, uint64_t epoch)
{
	struct core *core = ctx;
	struct cpu_segment *seg;
	sim_time ran;

	if (epoch != core->epoch)
		return; /* preempted meanwhile */
	seg = core->running->head;
	ran = core->kernel->now - core->segment_started;
	core->busy_ps += (uint64_t)ran;
	seg->remaining = 0;
	core->epoch++;
	pop_segment(core);
	proceed(core, true);
}

/* The running segment loses the core to a higher level. */
static void preempt(struct core *core)
{
	struct cpu_segment *seg = core->running->head;
	sim_time now = core->kernel->now;
	sim_time ran = now - core->segment_started;

	core->busy_ps += (uint64_t)ran;
	if (seg->lock && !seg->granted) {
		seg->total += ran; /* spinning is work of unknown length */
		seg->part[0].ps += ran;
		seg->lock->wait_ps += (uint64_t)ran;
		core->spun_ps += (uint64_t)ran;
	} else {
		seg->remaining -= ran;
	}
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
	job->head = job->tail = NULL;
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
	proceed(core, false);
}

void cpu_unlock(struct core *core, struct cpu_lock *lock)
{
	struct cpu_segment *seg = lock->waiters_head;
	struct core *waiter;
	sim_time now = core->kernel->now, ran;

	BUG_ON(!lock->held);
	if (!seg) {
		lock->held = false;
		return;
	}
	lock->waiters_head = seg->next_waiter;
	if (!lock->waiters_head)
		lock->waiters_tail = NULL;
	seg->granted = true;
	waiter = seg->core;
	if (!waiter->running || waiter->running->head != seg)
		return; /* preempted by an interrupt: finds it on resume */
	ran = now - waiter->segment_started;
	waiter->busy_ps += (uint64_t)ran;
	lock->wait_ps += (uint64_t)ran;
	waiter->spun_ps += (uint64_t)ran;
	seg->total += ran;
	seg->part[0].ps += ran;
	seg->stopped_at = now;
	waiter->segment_started = now;
	waiter->epoch++;
	kernel_at(core->kernel, now,
		  event_key(EV_CPU, waiter->component, waiter->epoch),
		  segment_end, waiter, waiter->epoch);
}
