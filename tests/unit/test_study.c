/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The study engine: the same document for any number of threads and any
 * grouping, points in order, samples, interruption.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "cmd/capacity.h"
#include "cmd/flip.h"
#include "cmd/study.h"
#include "cmd/tables.h"
#include "reports/document.h"
#include "reports/json_out.h"
#include "traces/trace.h"

#define POINTS 9

static const char *const trace_paths[] = {
	"gen:poisson,rate=300kpps,size=600,frames=6000"
};

struct fixture {
	struct config *configs[2];
	struct study_point points[POINTS];
	struct frame_source *source;
};

static void fixture_init(struct fixture *f)
{
	static const char *const machines[] = { "gbe-32bit", "xge-64bit" };
	static const char *const tx[] = { "ndis6-sg", "ndis6-copy", "null" };
	struct err err = ERR_INIT;
	size_t i;

	for (i = 0; i < 2; i++) {
		f->configs[i] = tables_config(&err);
		assert_non_null(f->configs[i]);
		if (config_apply(f->configs[i],
				 tables_find_machine(machines[i], &err),
				 &err) < 0)
			fail_msg("%s", err.text);
	}
	for (i = 0; i < POINTS; i++)
		f->points[i] = (struct study_point){
			.cfg = f->configs[i % 2],
			.machine = machines[i % 2],
			.tx = tables_find_tx(tx[i % 3], &err),
			.rx = tables_find_rx("common-copy", &err),
			.seed = 7,
			.replicate = (unsigned)(i / 6),
		};
	f->source = trace_open(trace_paths, 1, f->configs[0], &err);
	if (!f->source)
		fail_msg("%s", err.text);
}

static void fixture_clear(struct fixture *f)
{
	frame_source_free(f->source);
	config_free(f->configs[0]);
	config_free(f->configs[1]);
}

struct gathering {
	struct fixture *f;
	struct document *doc;
	int trace;
	size_t next;
	unsigned interrupted;
};

static int gather(void *ctx, size_t index, const struct run_result *result,
		  const struct err *why, struct err *err)
{
	struct gathering *g = ctx;
	const struct study_point *point = &g->f->points[index];

	assert_int_equal(index, g->next);
	g->next++;
	assert_null(why);
	assert_non_null(result);
	g->interrupted += !strcmp(result->status, "interrupted");
	if (g->trace < 0)
		g->trace = document_add_trace(
			g->doc, trace_source_info(g->f->source), err);
	return document_add_run(g->doc, result, point->machine, g->trace,
				point->cfg, err);
}

/* The document of a study of @points, as JSON; free() it. */
static char *document_of(size_t points, unsigned jobs, size_t group)
{
	struct err err = ERR_INIT;
	struct fixture f;
	struct gathering g = { .f = &f, .trace = -1 };
	struct study study = { .points = f.points,
			       .count = points,
			       .jobs = jobs,
			       .group = group,
			       .emit = gather,
			       .ctx = &g };
	char *text = NULL;
	size_t size;
	FILE *out;

	fixture_init(&f);
	g.doc = document_new("test", NULL, &err);
	assert_non_null(g.doc);
	assert_int_equal(document_set_config(g.doc, f.configs[0], &err), 0);
	if (study_run(&study, f.source, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(g.next, points);
	assert_false(study.interrupted);
	assert_int_equal(document_finish(g.doc, &err), 0);
	out = open_memstream(&text, &size);
	assert_non_null(out);
	assert_int_equal(json_write(g.doc, out, &err), 0);
	fclose(out);
	document_free(g.doc);
	fixture_clear(&f);
	return text;
}

static void test_same_document(void **state)
{
	static const struct {
		unsigned jobs;
		size_t group;
	} ways[] = { { 2, 0 }, { 5, 0 }, { 1, 4 }, { 3, 2 } };
	char *expected = document_of(POINTS, 1, 0);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		char *text = document_of(POINTS, ways[i].jobs, ways[i].group);

		assert_string_equal(text, expected);
		free(text);
	}
	free(expected);
}

/* One machine, and a thread that reads and counts for it. */
static void test_alone(void **state)
{
	static const unsigned jobs[] = { 2, 5 };
	char *expected = document_of(1, 1, 0);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		char *text = document_of(1, jobs[i], 0);

		assert_string_equal(text, expected);
		free(text);
	}
	free(expected);
}

static void test_sample(void **state)
{
	struct err err = ERR_INIT;
	struct sample sample = { .room = 5000 };
	struct fixture f;
	struct gathering g = { .f = &f, .trace = -1 };
	struct study study = { .points = f.points,
			       .count = 1,
			       .jobs = 1,
			       .emit = gather,
			       .ctx = &g,
			       .sample = &sample };
	size_t i;

	(void)state;
	fixture_init(&f);
	g.doc = document_new("test", NULL, &err);
	assert_int_equal(study_run(&study, f.source, &err), 0);
	assert_int_equal(study.frames, 6000);
	assert_int_equal(sample.count, 5000);
	for (i = 1; i < sample.count; i++) {
		assert_true(sample.frames[i].at >= sample.frames[i - 1].at);
		assert_int_equal(sample.frames[i].number,
				 sample.frames[i - 1].number + 1);
	}
	sample_clear(&sample);
	document_free(g.doc);
	fixture_clear(&f);
}

static atomic_int stop_flag;

static void stop_after(void *ctx, uint64_t frames, size_t pass, size_t passes)
{
	(void)ctx;
	(void)pass;
	(void)passes;
	if (frames >= STUDY_BATCH)
		stop_flag = 1;
}

static void test_interrupted(void **state)
{
	struct err err = ERR_INIT;
	struct fixture f;
	struct gathering g = { .f = &f, .trace = -1 };
	struct study study = { .points = f.points,
			       .count = POINTS,
			       .jobs = 2,
			       .group = 3,
			       .stop = &stop_flag,
			       .progress = stop_after,
			       .emit = gather,
			       .ctx = &g };

	(void)state;
	stop_flag = 0;
	fixture_init(&f);
	g.doc = document_new("test", NULL, &err);
	assert_int_equal(study_run(&study, f.source, &err), 0);
	assert_true(study.interrupted);
	assert_int_equal(study.frames, STUDY_BATCH);
	assert_int_equal(g.next, 3);
	assert_int_equal(g.interrupted, 3);
	document_free(g.doc);
	fixture_clear(&f);
}

/*
 * Equal frames at equal gaps: capacity must be what the wire or a slower
 * resource allows, and the same however often it is asked.
 */
static void test_capacity(void **state)
{
	struct err err = ERR_INIT;
	struct frame frames[2000];
	struct fixture f;
	struct capacity first, second;
	struct trial trial = {
		.seed = 1, .frames = frames, .count = 2000, .laps = 1
	};
	size_t i;

	(void)state;
	fixture_init(&f);
	memset(frames, 0, sizeof(frames));
	for (i = 0; i < 2000; i++) {
		frames[i].at = (sim_time)(i * 100 * PS_PER_US);
		frames[i].number = i + 1;
		frames[i].bytes = 1000;
		frames[i].header_bytes = 54;
		frames[i].flow = 1;
	}
	trial.cfg = f.configs[0]; /* 1 Gb/s, 1024 bytes a frame on the wire */
	trial.tx = tables_find_tx("null", &err);
	trial.rx = tables_find_rx("null", &err);
	assert_int_equal(capacity_find(&trial, 1, &first, &err), 0);
	assert_true(first.found);
	assert_true(first.rate_pps > 120000 && first.rate_pps < 124000);
	assert_true(first.confirmed);
	trial.tx = tables_find_tx("ndis6-copy", &err);
	assert_int_equal(capacity_find(&trial, 1, &first, &err), 0);
	assert_int_equal(capacity_find(&trial, 1, &second, &err), 0);
	assert_true(first.rate_pps < 124000);
	assert_int_equal(first.speed, second.speed);
	assert_string_equal(first.limiter, second.limiter);
	trial.count = 1;
	assert_int_equal(capacity_find(&trial, 1, &first, &err), 0);
	assert_false(first.found);
	fixture_clear(&f);
}

/* The price that is named does change the order, as named. */
static void test_flip(void **state)
{
	struct err err = ERR_INIT;
	struct frame frames[500];
	struct fixture f;
	struct trial trial = {
		.seed = 1, .frames = frames, .count = 500, .laps = 1
	};
	struct trial_result copy, sg;
	static const char *const dearer[] = { "cost.sg_put=0",
					      "host.copy_l2=570",
					      "host.copy_llc=570",
					      "host.copy_dram=570" };
	const struct tx_ops *best, *next;
	char text[512], key[64], value[64];
	size_t i;

	(void)state;
	fixture_init(&f);
	memset(frames, 0, sizeof(frames));
	for (i = 0; i < 500; i++) {
		frames[i].at = (sim_time)(i * 50 * PS_PER_US);
		frames[i].number = i + 1;
		frames[i].bytes = 1500;
		frames[i].header_bytes = 54;
		frames[i].flow = 1;
	}
	for (i = 0; i < sizeof(dearer) / sizeof(dearer[0]); i++)
		if (config_set_pair(f.configs[1], dearer[i], "test", &err) < 0)
			fail_msg("%s", err.text);
	trial.cfg = f.configs[1];
	trial.rx = tables_find_rx("common-copy", &err);
	best = tables_find_tx("ndis6-copy", &err);
	next = tables_find_tx("ndis6-sg", &err);
	assert_int_equal(
		flip_find(&trial, best, next, text, sizeof(text), &err), 0);
	if (sscanf(text, "%63s at %63s (", key, value) != 2)
		fail_msg("%s", text);
	assert_string_equal(key, "cost.sg_build");
	if (config_set(f.configs[1], key, value, "test", &err) < 0)
		fail_msg("%s", err.text);
	trial.tx = best;
	assert_int_equal(trial_run(&trial, TRIAL_SPEED_ONE, &copy, &err), 0);
	trial.tx = next;
	assert_int_equal(trial_run(&trial, TRIAL_SPEED_ONE, &sg, &err), 0);
	assert_int_equal(ratio_compare(&sg.driver_cycles, &copy.driver_cycles),
			 -1);
	fixture_clear(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_document),
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_sample),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_capacity),
		cmocka_unit_test(test_flip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
