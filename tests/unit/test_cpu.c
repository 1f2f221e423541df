/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cores by hand: levels, preemption, stages under preemption, spin locks.
 * Everything runs on the fast and on the naive kernel.
 */
#include "tests/unit/machine_fixture.h"

#include "models/component.h"
#include "models/host/cpu.h"
#include "models/machine.h"
#include "traces/params.h"

#define CORES 3
#define JOBS  8
#define PARTS 6
#define LOG   64

/* One step of a job: cycles to a stage, a lock, a level; then log. */
struct step {
	enum { WORK, TAKE, DROP, LEVEL } what;
	unsigned stage; /* or level */
	uint64_t cycles;
};

struct bench;

struct scripted {
	struct cpu_job job;
	struct bench *bench;
	struct core *core;
	struct stage_clock clock;
	const struct step *steps;
	unsigned count, next;
	enum irql irql;
	sim_time started_at, done_at;
	sim_time reached[16]; /* when each step was over */
};

struct bench {
	struct kernel kernel;
	struct pool segments;
	struct core core[CORES];
	struct cpu_lock lock;
	struct scripted job[JOBS];
	unsigned jobs;
};

static void bench_init(struct bench *bench, bool naive)
{
	struct err err = ERR_INIT;
	unsigned i;

	memset(bench, 0, sizeof(*bench));
	assert_int_equal(kernel_init(&bench->kernel, naive, &err), 0);
	assert_int_equal(
		pool_init(&bench->segments, cpu_segment_size(), 64, &err), 0);
	for (i = 0; i < CORES; i++)
		core_init(&bench->core[i], &bench->kernel, i, COMP_CORE + i,
			  1000000000, &bench->segments); /* 1,000 ps */
}

static void bench_clear(struct bench *bench)
{
	assert_int_equal(pool_live(&bench->segments), 0);
	pool_clear(&bench->segments);
	kernel_clear(&bench->kernel);
}

static void go_on(struct core *core, void *ctx, uint64_t arg);

static void reached(struct core *core, void *ctx, uint64_t arg)
{
	struct scripted *s = ctx;

	s->reached[s->next++] = core->kernel->now;
	go_on(core, s, arg);
}

static void go_on(struct core *core, void *ctx, uint64_t arg)
{
	struct scripted *s = ctx;
	const struct step *step = &s->steps[s->next];

	if (s->next == s->count)
		return;
	switch (step->what) {
	case WORK:
		cpu_charge(core, &s->clock, step->stage, step->cycles);
		cpu_then(core, reached, s, arg);
		return;
	case TAKE:
		cpu_lock_then(core, &s->bench->lock, &s->clock, step->stage,
			      reached, s, arg);
		return;
	case DROP:
		cpu_unlock(core, &s->bench->lock);
		break;
	case LEVEL:
	default:
		cpu_set_level(core, (enum irql)step->stage);
		break;
	}
	cpu_then(core, reached, s, arg);
}

static void scripted_start(struct core *core, struct cpu_job *job)
{
	struct scripted *s = (struct scripted *)job;

	s->started_at = core->kernel->now;
	go_on(core, s, 0);
}

static void scripted_done(struct core *core, struct cpu_job *job)
{
	((struct scripted *)job)->done_at = core->kernel->now;
}

static void scripted_submit(void *ctx, uint64_t arg)
{
	struct scripted *s = ctx;

	(void)arg;
	s->job.irql = s->irql;
	s->job.start = scripted_start;
	s->job.done = scripted_done;
	s->clock.last = s->bench->kernel.now;
	cpu_submit(s->core, &s->job);
}

/* At @at, in ns, on @core: the job's clock starts there too. */
static struct scripted *at(struct bench *bench, int64_t at_ns, unsigned core,
			   enum irql irql, const struct step *steps,
			   unsigned count)
{
	struct scripted *s = &bench->job[bench->jobs++];

	assert_true(bench->jobs <= JOBS);
	*s = (struct scripted){ .bench = bench,
				.core = &bench->core[core],
				.irql = irql,
				.steps = steps,
				.count = count,
				.done_at = -1 };
	kernel_at(&bench->kernel, at_ns * PS_PER_NS,
		  event_key(EV_TEST, 0, bench->jobs), scripted_submit, s, 0);
	return s;
}

#define STEPS(...)            \
	(const struct step[]) \
	{                     \
		__VA_ARGS__   \
	}
#define AT(bench, ns, core, irql, ...)                \
	at(bench, ns, core, irql, STEPS(__VA_ARGS__), \
	   sizeof(STEPS(__VA_ARGS__)) / sizeof(struct step))
#define NS(x) ((sim_time)(x)*PS_PER_NS)

/* DIRQL over DISPATCH over PASSIVE; each resumes where it was. */
static void levels_preempt(bool naive)
{
	struct scripted *passive, *dpc, *isr;
	struct bench bench;

	bench_init(&bench, naive);
	passive = AT(&bench, 0, 0, IRQL_PASSIVE, { WORK, 1, 100 });
	dpc = AT(&bench, 20, 0, IRQL_DISPATCH, { WORK, 2, 30 });
	isr = AT(&bench, 25, 0, IRQL_DIRQL, { WORK, 3, 10 });
	kernel_run(&bench.kernel, SIM_TIME_NEVER);
	assert_int_equal(isr->done_at, NS(35));
	assert_int_equal(dpc->done_at, NS(60));
	assert_int_equal(passive->done_at, NS(140));
	/* Time lost stays in the stage that was interrupted. */
	assert_int_equal(isr->clock.stage[3], NS(10));
	assert_int_equal(dpc->clock.stage[2], NS(40));
	assert_int_equal(passive->clock.stage[1], NS(140));
	assert_int_equal(bench.core[0].busy_ps, NS(140));
	assert_int_equal(bench.core[0].preemptions, 2);
	assert_int_equal(bench.core[0].wait_ps, 0);
	bench_clear(&bench);
}

/* One level is first come, first served: no preemption among equals. */
static void equals_queue(bool naive)
{
	struct scripted *a, *b, *c;
	struct bench bench;

	bench_init(&bench, naive);
	a = AT(&bench, 0, 0, IRQL_DISPATCH, { WORK, 1, 50 });
	b = AT(&bench, 10, 0, IRQL_DISPATCH, { WORK, 1, 50 });
	c = AT(&bench, 5, 0, IRQL_PASSIVE, { WORK, 1, 50 });
	kernel_run(&bench.kernel, SIM_TIME_NEVER);
	assert_int_equal(a->done_at, NS(50));
	assert_int_equal(b->done_at, NS(100));
	assert_int_equal(c->done_at, NS(150));
	assert_int_equal(bench.core[0].wait_ps, NS(40 + 95));
	bench_clear(&bench);
}

/*
 * Two parts in one segment, 40 and 60 ns, and a DPC of 40 ns at @start: the
 * stage it falls into grows by it, at the seam the later one.
 */
static void stages_under_preemption(bool naive)
{
	static const struct {
		int64_t start;
		sim_time first, second;
	} cases[] = {
		{ 1, 80, 60 },	 { 20, 80, 60 },  { 39, 80, 60 },
		{ 40, 40, 100 }, { 41, 40, 100 }, { 99, 40, 100 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scripted *passive;
		struct bench bench;

		bench_init(&bench, naive);
		passive = AT(&bench, 0, 0, IRQL_PASSIVE, { WORK, 1, 40 },
			     { WORK, 2, 60 });
		AT(&bench, cases[i].start, 0, IRQL_DISPATCH, { WORK, 3, 40 });
		kernel_run(&bench.kernel, SIM_TIME_NEVER);
		assert_int_equal(passive->done_at, NS(140));
		assert_int_equal(passive->clock.stage[1], NS(cases[i].first));
		assert_int_equal(passive->clock.stage[2], NS(cases[i].second));
		bench_clear(&bench);
	}
}

static void parts_charged(struct core *core, struct cpu_job *job)
{
	struct scripted *s = (struct scripted *)job;

	s->started_at = core->kernel->now;
	cpu_charge(core, &s->clock, 1, 40);
	cpu_charge(core, &s->clock, 2, 60);
	cpu_charge(core, &s->clock, 3, 10);
}

static void submit_parts(void *ctx, uint64_t arg)
{
	struct scripted *s = ctx;

	scripted_submit(s, arg);
	s->job.start = parts_charged;
}

/* The same inside one segment; several interruptions, one at a seam. */
static void parts_of_a_segment(bool naive)
{
	struct bench bench;
	struct scripted *s, *idle;

	bench_init(&bench, naive);
	/* A DPC at 0 keeps the core until the job has been changed. */
	AT(&bench, 0, 0, IRQL_DISPATCH, { WORK, 0, 1 });
	s = &bench.job[bench.jobs++];
	*s = (struct scripted){ .bench = &bench,
				.core = &bench.core[0],
				.irql = IRQL_PASSIVE };
	kernel_at(&bench.kernel, 0, event_key(EV_TEST, 1, 0), submit_parts, s,
		  0);
	idle = AT(&bench, 11, 0, IRQL_DIRQL, { WORK, 0, 5 }); /* in part 1 */
	AT(&bench, 46, 0, IRQL_DISPATCH, { WORK, 0, 7 });     /* at the seam */
	AT(&bench, 60, 0, IRQL_DIRQL, { WORK, 0, 9 });	      /* in part 2 */
	kernel_run(&bench.kernel, SIM_TIME_NEVER);
	assert_int_equal(idle->done_at, NS(16));
	assert_int_equal(s->clock.stage[1], NS(40 + 5 + 1));
	assert_int_equal(s->clock.stage[2], NS(60 + 7 + 9));
	assert_int_equal(s->clock.stage[3], NS(10));
	assert_int_equal(s->done_at, NS(1 + 110 + 5 + 7 + 9));
	bench_clear(&bench);
}

/* Two wait for a lock on other cores: in the order of asking. */
static void spinning_is_fair(bool naive)
{
	struct scripted *a, *b, *c;
	struct bench bench;

	bench_init(&bench, naive);
	a = AT(&bench, 0, 0, IRQL_DISPATCH, { TAKE, 4, 0 }, { WORK, 1, 10 },
	       { DROP, 0, 0 });
	b = AT(&bench, 2, 1, IRQL_DISPATCH, { TAKE, 4, 0 }, { WORK, 1, 5 },
	       { DROP, 0, 0 });
	c = AT(&bench, 1, 2, IRQL_DISPATCH, { TAKE, 4, 0 }, { WORK, 1, 3 },
	       { DROP, 0, 0 });
	kernel_run(&bench.kernel, SIM_TIME_NEVER);
	assert_int_equal(a->done_at, NS(10));
	assert_int_equal(c->reached[0], NS(10));
	assert_int_equal(c->done_at, NS(13));
	assert_int_equal(b->reached[0], NS(13));
	assert_int_equal(b->done_at, NS(18));
	assert_int_equal(c->clock.stage[4], NS(9));
	assert_int_equal(b->clock.stage[4], NS(11));
	assert_int_equal(bench.lock.takes, 3);
	assert_int_equal(bench.lock.contended, 2);
	assert_int_equal(bench.lock.wait_ps, NS(9 + 11));
	assert_false(bench.lock.held);
	/* A spinning core is busy. */
	assert_int_equal(bench.core[1].busy_ps, NS(11 + 5));
	assert_int_equal(bench.core[2].busy_ps, NS(9 + 3));
	bench_clear(&bench);
}

/*
 * An interrupt meets a core that spins, and the lock is granted meanwhile: it
 * goes on when the interrupt is over, and holds the lock from the grant.
 */
static void interrupts_while_spinning(bool naive)
{
	struct scripted *b, *c;
	struct bench bench;

	bench_init(&bench, naive);
	AT(&bench, 0, 0, IRQL_DISPATCH, { TAKE, 4, 0 }, { WORK, 1, 10 },
	   { DROP, 0, 0 });
	b = AT(&bench, 2, 1, IRQL_DISPATCH, { TAKE, 4, 0 }, { WORK, 1, 5 },
	       { DROP, 0, 0 });
	AT(&bench, 8, 1, IRQL_DIRQL, { WORK, 3, 20 });
	c = AT(&bench, 12, 2, IRQL_DISPATCH, { TAKE, 4, 0 }, { DROP, 0, 0 });
	kernel_run(&bench.kernel, SIM_TIME_NEVER);
	assert_int_equal(b->reached[0], NS(28));
	assert_int_equal(b->done_at, NS(33));
	assert_int_equal(c->reached[0], NS(33));
	assert_int_equal(b->clock.stage[4], NS(26));
	assert_int_equal(b->clock.stage[1], NS(5));
	assert_int_equal(c->clock.stage[4], NS(21));
	assert_int_equal(bench.core[1].busy_ps, NS(31));
	bench_clear(&bench);
}

/* A raised level holds back DPCs until it is lowered. */
static void a_raised_level_delays_dpcs(bool naive)
{
	struct scripted *passive, *dpc;
	struct bench bench;

	bench_init(&bench, naive);
	passive = AT(&bench, 0, 0, IRQL_PASSIVE, { WORK, 1, 10 },
		     { LEVEL, IRQL_DISPATCH, 0 }, { WORK, 2, 50 },
		     { LEVEL, IRQL_PASSIVE, 0 }, { WORK, 3, 10 });
	dpc = AT(&bench, 20, 0, IRQL_DISPATCH, { WORK, 1, 7 });
	kernel_run(&bench.kernel, SIM_TIME_NEVER);
	assert_int_equal(dpc->started_at, NS(60));
	assert_int_equal(dpc->done_at, NS(67));
	assert_int_equal(passive->clock.stage[2], NS(50));
	assert_int_equal(passive->clock.stage[3], NS(17));
	assert_int_equal(passive->done_at, NS(77));
	bench_clear(&bench);
}

/* Interrupts come through a raised level. */
static void a_raised_level_takes_interrupts(bool naive)
{
	struct scripted *passive, *isr;
	struct bench bench;

	bench_init(&bench, naive);
	passive = AT(&bench, 0, 0, IRQL_PASSIVE, { LEVEL, IRQL_DISPATCH, 0 },
		     { WORK, 2, 50 });
	isr = AT(&bench, 20, 0, IRQL_DIRQL, { WORK, 1, 7 });
	kernel_run(&bench.kernel, SIM_TIME_NEVER);
	assert_int_equal(isr->started_at, NS(20));
	assert_int_equal(passive->done_at, NS(57));
	bench_clear(&bench);
}

static void note(struct core *core, void *ctx, uint64_t arg)
{
	struct scripted *s = ctx;

	(void)core;
	s->reached[s->next++] = (sim_time)arg;
}

static void inner(struct core *core, void *ctx, uint64_t arg)
{
	note(core, ctx, arg);
	cpu_then(core, note, ctx, 2);
	cpu_charge(core, NULL, 0, 5);
	cpu_then(core, note, ctx, 3);
}

static void nesting_start(struct core *core, struct cpu_job *job)
{
	cpu_then(core, inner, job, 1);
	cpu_then(core, note, job, 4);
}

static void submit_nesting(void *ctx, uint64_t arg)
{
	struct scripted *s = ctx;

	scripted_submit(s, arg);
	s->job.start = nesting_start;
}

/* What a callback appends comes before what was queued behind it. */
static void callbacks_nest(bool naive)
{
	struct bench bench;
	struct scripted *s;
	unsigned i;

	bench_init(&bench, naive);
	AT(&bench, 0, 0, IRQL_DISPATCH, { WORK, 0, 1 });
	s = &bench.job[bench.jobs++];
	*s = (struct scripted){ .bench = &bench,
				.core = &bench.core[0],
				.irql = IRQL_PASSIVE };
	kernel_at(&bench.kernel, 0, event_key(EV_TEST, 1, 0), submit_nesting, s,
		  0);
	kernel_run(&bench.kernel, SIM_TIME_NEVER);
	assert_int_equal(s->next, 4);
	for (i = 0; i < 4; i++)
		assert_int_equal(s->reached[i], i + 1);
	bench_clear(&bench);
}

/* Spinning for a time takes at least that time, and a cycle more at most. */
static void time_becomes_cycles(void **state)
{
	static const uint64_t clocks[] = { 100000000, 400000000, 1000000000,
					   1700000000, 3300000000 };
	struct bench bench;
	size_t i;
	uint64_t ps;

	(void)state;
	bench_init(&bench, false);
	for (i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		struct core *core = &bench.core[0];

		core_init(core, &bench.kernel, 0, COMP_CORE, clocks[i],
			  &bench.segments);
		assert_int_equal(core_cycles_to_ps(core, clocks[i]),
				 PS_PER_SEC);
		assert_int_equal(core_ps_to_cycles(core, 0), 0);
		for (ps = 1; ps < 1000000000; ps = ps * 7 / 3 + 1) {
			uint64_t cycles = core_ps_to_cycles(core, ps);

			assert_true(core_cycles_to_ps(core, cycles) >=
				    (sim_time)ps);
			assert_true(core_cycles_to_ps(core, cycles - 1) <=
				    (sim_time)ps);
		}
	}
	bench_clear(&bench);
}

static void on_both(void (*test)(bool naive))
{
	test(false);
	test(true);
}

#define ON_BOTH(name)                         \
	static void test_##name(void **state) \
	{                                     \
		(void)state;                  \
		on_both(name);                \
	}

ON_BOTH(levels_preempt)
ON_BOTH(equals_queue)
ON_BOTH(stages_under_preemption)
ON_BOTH(parts_of_a_segment)
ON_BOTH(spinning_is_fair)
ON_BOTH(interrupts_while_spinning)
ON_BOTH(a_raised_level_delays_dpcs)
ON_BOTH(a_raised_level_takes_interrupts)
ON_BOTH(callbacks_nest)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_becomes_cycles),
		cmocka_unit_test(test_levels_preempt),
		cmocka_unit_test(test_equals_queue),
		cmocka_unit_test(test_stages_under_preemption),
		cmocka_unit_test(test_parts_of_a_segment),
		cmocka_unit_test(test_spinning_is_fair),
		cmocka_unit_test(test_interrupts_while_spinning),
		cmocka_unit_test(test_a_raised_level_delays_dpcs),
		cmocka_unit_test(test_a_raised_level_takes_interrupts),
		cmocka_unit_test(test_callbacks_nest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
