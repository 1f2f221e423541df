/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A HAL and a core to play schedules on: who asks for how many registers when,
 * who gives back, who cancels.
 */
#ifndef TESTS_UNIT_TEST_HAL_FIXTURE_H
#define TESTS_UNIT_TEST_HAL_FIXTURE_H

#include "tests/unit/machine_fixture.h"

#include "models/component.h"
#include "models/host/hal.h"
#include "models/machine.h"
#include "traces/params.h"

#define REQUESTS 64
#define ACTIONS	 256
#define NOT_YET	 (-1)

struct bench;

struct request {
	struct hal_request req;
	struct bench *bench;
	sim_time granted_at; /* answered, whatever the status */
	enum hal_status status;
	bool failed;
};

#define CANCEL 128 /* among the flags */

/* @registers > 0: ask for them at @at; 0: give them back, or cancel. */
struct act {
	sim_time at;
	unsigned request;
	uint32_t registers;
	uint8_t flags;
};

struct scripted {
	struct cpu_job job;
	struct bench *bench;
	struct act action;
	/* NULL: answered() */
	void (*done)(struct core *core, struct hal_request *req,
		     enum hal_status status);
};

/* A HAL and a core of 1 GHz: 1,000 ps a cycle. */
struct bench {
	struct kernel kernel;
	struct stats stats;
	struct arena arena;
	struct pool segments;
	struct core core;
	struct ledger ledger;
	struct hal hal;
	struct request request[REQUESTS];
	unsigned order[REQUESTS], grants, cancelled;
	struct scripted script[ACTIONS];
	size_t actions;
};

static inline void bench_init(struct bench *bench, const char *pairs)
{
	struct config *cfg = fix_config(NULL, "nic.dma_width=32");
	struct err err = ERR_INIT;
	unsigned i;

	memset(bench, 0, sizeof(*bench));
	fix_set(cfg, pairs);
	assert_int_equal(kernel_init(&bench->kernel, false, &err), 0);
	assert_int_equal(
		pool_init(&bench->segments, cpu_segment_size(), 64, &err), 0);
	arena_init(&bench->arena);
	stats_init(&bench->stats, 0);
	core_init(&bench->core, &bench->kernel, 0, COMP_CORE, 1000000000,
		  &bench->segments);
	ledger_init(&bench->ledger, &bench->stats, cfg);
	hal_init(&bench->hal, &bench->kernel, &bench->arena, &bench->ledger,
		 &bench->stats, &bench->core, cfg);
	for (i = 0; i < REQUESTS; i++) {
		bench->request[i].bench = bench;
		bench->request[i].granted_at = NOT_YET;
	}
	config_free(cfg);
}

static inline void bench_clear(struct bench *bench)
{
	stats_clear(&bench->stats);
	pool_clear(&bench->segments);
	arena_clear(&bench->arena);
	kernel_clear(&bench->kernel);
}

static inline void answered(struct core *core, struct hal_request *req,
			    enum hal_status status)
{
	struct request *request = (struct request *)req;
	struct bench *bench = request->bench;

	assert_int_equal(request->granted_at, NOT_YET);
	assert_int_equal(cpu_level(core), IRQL_DISPATCH);
	request->granted_at = core->kernel->now;
	request->status = status;
	request->failed = status != HAL_GRANTED;
	bench->order[bench->grants++] = (unsigned)(request - bench->request);
}

static inline void act(struct core *core, void *ctx, uint64_t arg)
{
	struct scripted *s = ctx;
	struct request *request = &s->bench->request[s->action.request];

	(void)arg;
	if (s->action.flags & CANCEL) {
		s->bench->cancelled +=
			hal_cancel(&s->bench->hal, core, &request->req);
		return;
	}
	if (!s->action.registers) {
		hal_unmap(&s->bench->hal, core, &request->req);
		return;
	}
	request->granted_at = NOT_YET;
	request->req.registers = s->action.registers;
	request->req.flags = s->action.flags;
	request->req.done = s->done ? s->done : answered;
	hal_map(&s->bench->hal, core, &request->req);
}

static inline void scripted_start(struct core *core, struct cpu_job *job)
{
	cpu_then(core, act, job, 0);
}

static inline void scripted_done(struct core *core, struct cpu_job *job)
{
	(void)core;
	(void)job;
}

static inline void scripted_submit(void *ctx, uint64_t arg)
{
	struct scripted *s = ctx;

	(void)arg;
	s->job.irql = IRQL_DISPATCH;
	s->job.start = scripted_start;
	s->job.done = scripted_done;
	cpu_submit(&s->bench->core, &s->job);
}

static inline void play(struct bench *bench, const struct act *actions,
			size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		struct scripted *s = &bench->script[bench->actions++];

		assert_true(bench->actions <= ACTIONS);
		*s = (struct scripted){ .bench = bench, .action = actions[i] };
		kernel_at(&bench->kernel, actions[i].at,
			  event_key(EV_TEST, 0, bench->actions),
			  scripted_submit, s, 0);
	}
}

#define PLAY(bench, ...)                                              \
	do {                                                          \
		const struct act acts_[] = { __VA_ARGS__ };           \
		play(bench, acts_, sizeof(acts_) / sizeof(acts_[0])); \
	} while (0)

/* Events up to and including @at. */
static inline void until(struct bench *bench, sim_time at)
{
	kernel_run(&bench->kernel, at + 1);
}

#endif
