/* SPDX-License-Identifier: Apache-2.0 */
/* Frames come out of a store as they went in, in few bytes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "core/frame_store.h"
#include "core/rng.h"

#define FRAMES 100000
#define BATCH  77

/* Values of every width, numbers that jump, pieces, equal stamps. */
static void wild(struct frame *frame, const struct frame *before, uint64_t i)
{
	uint64_t a = mix64(3 * i), b = mix64(3 * i + 1), c = mix64(3 * i + 2);
	static const uint64_t unit[] = { 1, 1000, 1000000, 0 };

	memset(frame, 0, sizeof(*frame));
	frame->at = before->at +
		    (sim_time)((a >> (24 + a % 40)) * unit[b % 4] / 1000);
	frame->number = before->number + (b % 16 ? 1 : b >> 30);
	if (c % 8 == 0) {
		frame->number = before->number;
		frame->part = before->part + 1;
	} else if (c % 8 == 1) {
		frame->part = (uint32_t)(c >> 40);
	}
	frame->bytes = 1 + (uint32_t)(c >> (32 + c % 30));
	frame->flow = (uint32_t)(a % (i % 2 ? 5 : 4096));
	frame->rss = (uint32_t)mix64(frame->flow);
	frame->header_bytes = (uint16_t)(b >> 48);
	frame->direction = (uint8_t)(c >> 20 & 1);
	frame->flags = (uint8_t)(c >> 24);
}

static struct frame *wild_frames(void)
{
	struct frame *frames = calloc(FRAMES, sizeof(*frames));
	struct frame zero = { .at = 0 };
	uint64_t i;

	assert_non_null(frames);
	for (i = 0; i < FRAMES; i++)
		wild(&frames[i], i ? &frames[i - 1] : &zero, i);
	return frames;
}

static struct frame_store *filled(const struct frame *frames, size_t count)
{
	struct err err = ERR_INIT;
	struct frame_store *store = frame_store_new(SIZE_MAX, &err);
	size_t i;

	assert_non_null(store);
	for (i = 0; i < count; i += BATCH)
		assert_int_equal(
			frame_store_add(store, frames + i,
					count - i < BATCH ? count - i : BATCH,
					&err),
			0);
	frame_store_close(store);
	assert_int_equal(frame_store_frames(store), count);
	return store;
}

static void assert_reads(struct frame_source *source,
			 const struct frame *frames, size_t count, size_t batch)
{
	struct frame out[512];
	struct err err = ERR_INIT;
	size_t done = 0, i;
	long n;

	memset(out, 0, sizeof(out)); /* the padding of records */
	for (i = 0; i < sizeof(out) / sizeof(out[0]); i++)
		out[i].layout = 7; /* of frames read before */
	while ((n = frame_source_read(source, out, batch, &err)) > 0) {
		assert_true(done + (size_t)n <= count);
		for (i = 0; i < (size_t)n; i++, done++)
			assert_memory_equal(&out[i], &frames[done],
					    sizeof(*out));
	}
	assert_int_equal(n, 0);
	assert_int_equal(done, count);
}

static void test_same(void **state)
{
	struct frame *frames = wild_frames();
	struct frame_store *store = filled(frames, FRAMES);
	struct err err = ERR_INIT;
	struct frame_source *one = frame_store_open(store, &err);
	struct frame_source *other = frame_store_open(store, &err);
	struct frame first;

	(void)state;
	assert_non_null(one);
	assert_non_null(other);
	assert_int_equal(frame_source_read(other, &first, 1, &err), 1);
	assert_reads(one, frames, FRAMES, 512);
	assert_int_equal(frame_source_rewind(one, &err), 0);
	assert_reads(one, frames, FRAMES, 1);
	assert_reads(other, frames + 1, FRAMES - 1, 100);
	frame_source_free(one);
	frame_source_free(other);
	frame_store_free(store);
	free(frames);
}

static void test_small(void **state)
{
	struct frame frame = { .at = 5, .number = 1, .bytes = 60 };
	size_t count;

	(void)state;
	for (count = 0; count < 2; count++) {
		struct frame_store *store = filled(&frame, count);
		struct err err = ERR_INIT;
		struct frame_source *source = frame_store_open(store, &err);

		assert_non_null(source);
		assert_reads(source, &frame, count, 10);
		assert_true(frame_store_bytes(store) < 1000);
		frame_source_free(source);
		frame_store_free(store);
	}
}

/* A capture: stamps in us, conversations that go both ways. */
static void test_bytes(void **state)
{
	struct frame *frames = calloc(FRAMES, sizeof(*frames));
	struct frame_store *store;
	uint64_t i;

	(void)state;
	assert_non_null(frames);
	for (i = 0; i < FRAMES; i++)
		frames[i] = (struct frame){
			.at = (i ? frames[i - 1].at : 0) +
			      (sim_time)(mix64(i) % 900 * 1000000),
			.number = i + 1,
			.bytes = i % 3 ? 1514 : 60,
			.flow = (uint32_t)(mix64(i) % 1000),
			.direction = i & 1,
		};
	store = filled(frames, FRAMES);
	assert_true(frame_store_bytes(store) < 11 * FRAMES);
	frame_store_free(store);
	free(frames);
}

static void test_limit(void **state)
{
	struct frame *frames = wild_frames();
	struct err err = ERR_INIT;
	struct frame_store *store = frame_store_new(1 << 20, &err);

	(void)state;
	assert_non_null(store);
	assert_int_equal(frame_store_add(store, frames, 1000, &err), 0);
	assert_int_equal(
		frame_store_add(store, frames + 1000, FRAMES - 1000, &err), 1);
	frame_store_free(store);
	free(frames);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
