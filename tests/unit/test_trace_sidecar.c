/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layout sidecar: merged by number and part, once, in constant memory, in
 * both forms alike; and samples of conversations.
 */
#include "tests/unit/test_trace_fixture.h"

#include "core/layout.h"
#include "traces/flow_sample.h"
#include "traces/sidecar.h"

static char *text_file(const char *text)
{
	struct bytes b = { 0 };
	char *path;

	put_bytes(&b, text, strlen(text));
	path = fixture_file(&b);
	bytes_free(&b);
	return path;
}

static struct sidecar *open_text(const char *path)
{
	struct err err = ERR_INIT;
	struct sidecar *s = sidecar_open(path, &err);

	if (!s)
		fail_msg("%s", err.text);
	return s;
}

static int find(struct sidecar *s, uint64_t number, uint32_t part,
		struct frame_layout *out)
{
	struct err err = ERR_INIT;
	int found = sidecar_find(s, number, part, out, &err);

	if (found < 0)
		fail_msg("%s", err.text);
	return found;
}

static void test_merge(void **state)
{
	char *path = text_file("number,part,mdls,offsets,skip,batch,hold_ns\n"
			       "2,,60+40,0+4095,4,7,\n"
			       "4,0,,,,,1\n"
			       "4,2,,,,,2.5\n"
			       "6,,,,,,3\n"
			       "8,,,,,,4\n");
	struct sidecar *s = open_text(path);
	struct frame_layout l;
	struct trace_info info = { .status = "" };
	int round;

	(void)state;
	for (round = 0; round < 2; round++) {
		struct err err = ERR_INIT;

		assert_int_equal(find(s, 1, 0, &l), 0);
		assert_int_equal(find(s, 2, 0, &l), 1);
		assert_int_equal(l.known, LAYOUT_MDLS | LAYOUT_BATCH);
		assert_int_equal(l.mdl_count, 2);
		assert_int_equal(l.mdl_bytes[0], 60);
		assert_int_equal(l.mdl_bytes[1], 40);
		assert_int_equal(l.mdl_offset[0], 0);
		assert_int_equal(l.mdl_offset[1], 4095);
		assert_int_equal(l.skip, 4);
		assert_int_equal(l.batch, 7);
		assert_int_equal(find(s, 4, 0, &l), 1);
		assert_int_equal(l.hold_ps, 1000);
		assert_int_equal(find(s, 4, 1, &l), 0);
		assert_int_equal(find(s, 4, 2, &l), 1);
		assert_int_equal(l.hold_ps, 2500);
		/* Without a part: of each piece. */
		assert_int_equal(find(s, 6, 0, &l), 1);
		assert_int_equal(find(s, 6, 1, &l), 1);
		assert_int_equal(l.hold_ps, 3000);
		assert_int_equal(find(s, 9, 0, &l), 0);
		assert_int_equal(find(s, 10, 0, &l), 0);
		sidecar_report(s, &info);
		assert_int_equal(info.layout_records, 5);
		assert_int_equal(info.layout_unmatched, 1);
		assert_int_equal(sidecar_rewind(s, &err), 0);
	}
	sidecar_close(s);
	fixture_remove(path);
}

static uint64_t digest_of(const char *text)
{
	char *path = text_file(text);
	struct sidecar *s = open_text(path);
	struct trace_info info = { .status = "" };
	struct frame_layout l;

	find(s, UINT64_MAX, 0, &l);
	sidecar_report(s, &info);
	sidecar_close(s);
	fixture_remove(path);
	return info.layout_digest;
}

static void test_forms(void **state)
{
	uint64_t csv = digest_of("# logged\n\n"
				 "hold_ns, number,mdls,offsets,contiguous,"
				 "buffer\r\n"
				 ",5,\"54+10\",1+2,yes,0xff\r\n"
				 "0.001,7,,,,\r\n");

	(void)state;
	assert_int_equal(csv, digest_of("{\"number\": 5, \"mdls\": [54, 10], "
					"\"offsets\": \"1+2\", \"contiguous\": "
					"true, \"buffer\": 255}\n"
					"{\"number\": 7, \"hold_ns\": 0.001, "
					"\"nbl\": null}\n"));
	assert_int_not_equal(csv, digest_of("number,mdls\n5,54+10\n7,\n"));
}

static struct frame_source *open_generated(const char *sidecar,
					   const char *pairs)
{
	static const char *const gen = "gen:constant,frames=10000,size=100";
	struct err err = ERR_INIT;
	char text[256];
	struct config *cfg;
	struct frame_source *source;

	snprintf(text, sizeof(text), "traffic.layout=%s;%s", sidecar, pairs);
	cfg = fixture_config(text);
	source = trace_open(&gen, 1, cfg, &err);
	config_free(cfg);
	if (!source)
		fail_msg("%s", err.text);
	return source;
}

/* Every frame's hold is its number: of the batch at hand, and of the last. */
static void check_holds(const struct frame_source *source,
			const struct frame *frames, long count)
{
	long i;

	for (i = 0; i < count; i++) {
		const struct frame_layout *l =
			frame_layout_of(source->layouts, &frames[i]);
		uint64_t number = (frames[i].number - 1) % 10000 + 1;

		if (number % 3) {
			assert_null(l);
			continue;
		}
		assert_non_null(l);
		assert_int_equal(l->hold_ps, number * 1000);
	}
}

static void test_two_reads_stay(void **state)
{
	static struct frame batch[2][8192];
	char *text, *path;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct err err = ERR_INIT;
	struct frame_source *source;
	long count[2] = { 0, 0 }, n, total = 0;
	unsigned turn = 0;
	int i;

	(void)state;
	assert_non_null(out);
	fprintf(out, "number,hold_ns\n");
	for (i = 3; i <= 10000; i += 3)
		fprintf(out, "%d,%d\n", i, i);
	assert_int_equal(fclose(out), 0);
	path = text_file(text);
	source = open_generated(path, "traffic.loop=2");
	while ((n = frame_source_read(source, batch[turn], 8192, &err)) > 0) {
		count[turn] = n;
		total += n;
		check_holds(source, batch[turn], n);
		check_holds(source, batch[!turn], count[!turn]);
		turn ^= 1;
	}
	assert_int_equal(total, 20000);
	assert_int_equal(trace_source_info(source)->layout_records, 3333);
	assert_int_equal(trace_source_info(source)->layout_unmatched, 0);
	frame_source_free(source);
	fixture_remove(path);
	free(text);
}

static void test_flow_sample(void **state)
{
	static const char *const wrong[] = { "1",    "1/0",	   "0/2",
					     "3/2",  "-1/2",	   "1/2:",
					     "1/2x", "1/10000000", " 1/2" };
	struct flow_sample small, large, other;
	struct err err = ERR_INIT;
	unsigned kept = 0, both = 0, flow;
	size_t i;

	(void)state;
	assert_int_equal(flow_sample_parse(&small, "1/8", &err), 0);
	assert_int_equal(flow_sample_parse(&large, "3/8", &err), 0);
	assert_int_equal(flow_sample_parse(&other, "1/8:1", &err), 0);
	for (flow = 0; flow < 80000; flow++) {
		bool is = flow_sample_keeps(&small, flow);

		kept += is;
		both += is && flow_sample_keeps(&other, flow);
		assert_true(!is || flow_sample_keeps(&large, flow));
	}
	/* Binomial: 10000 and 1250, five standard deviations. */
	assert_in_range(kept, 10000 - 470, 10000 + 470);
	assert_in_range(both, 1250 - 176, 1250 + 176);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(flow_sample_parse(&small, wrong[i], &err), -1);
	assert_int_equal(flow_sample_parse(&small, "", &err), 0);
	assert_true(flow_sample_keeps(&small, 77));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_two_reads_stay),
		cmocka_unit_test(test_flow_sample),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
