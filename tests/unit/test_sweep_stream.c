/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames of a sweep in memory: all streams share the room there is.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "cmd/sweep.h"
#include "cmd/tables.h"

/* Several chunks of a store, so that the last one does not matter. */
#define FRAMES 200000

static char capture[] = "gen:imix,rate=100kpps,frames=200000";
static char *paths[] = { capture };

struct fixture {
	struct sweep sweep;
	struct sweep_point point;
	struct sweep_memory memory;
	struct sweep_stream streams[2];
};

static void load(struct fixture *f, unsigned i)
{
	struct err err = ERR_INIT;

	if (sweep_stream_load(&f->streams[i], &f->sweep, &f->point, &f->memory,
			      &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(f->streams[i].info.frames, FRAMES);
}

static void fixture_init(struct fixture *f, size_t limit)
{
	struct err err = ERR_INIT;

	*f = (struct fixture){ .memory = { .limit = limit } };
	f->sweep.options.args.items = paths;
	f->sweep.options.args.count = 1;
	f->point.cfg = tables_config(&err);
	assert_non_null(f->point.cfg);
	load(f, 0);
	load(f, 1);
}

/* What was counted comes back. */
static void fixture_clear(struct fixture *f)
{
	sweep_stream_clear(&f->streams[0]);
	sweep_stream_clear(&f->streams[1]);
	assert_int_equal(f->memory.used, 0);
	sweep_point_clear(&f->point);
}

static void streams_share_the_room(void **state)
{
	struct fixture f;
	size_t one;

	(void)state;
	fixture_init(&f, SIZE_MAX);
	assert_non_null(f.streams[0].store);
	assert_non_null(f.streams[1].store);
	one = frame_store_bytes(f.streams[0].store);
	assert_int_equal(f.memory.used, 2 * one);
	fixture_clear(&f);
	fixture_init(&f, one + one / 2);
	assert_non_null(f.streams[0].store);
	assert_null(f.streams[1].store);
	assert_int_equal(f.memory.used, one);
	fixture_clear(&f);
	fixture_init(&f, 0);
	assert_null(f.streams[0].store);
	fixture_clear(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams_share_the_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
