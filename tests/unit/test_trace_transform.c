/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test_trace_fixture.h"

#include <pcap/dlt.h>

#include "traces/trace.h"

static struct bytes ethernet(void)
{
	struct bytes cap = { 0 };

	pcap_header(&cap, PCAP_US, DLT_EN10MB);
	return cap;
}

/* @n frames of 100 bytes to and from host 10, the gaps 10, 20, 30 ... us. */
static struct bytes widening(unsigned n)
{
	struct bytes cap = ethernet();

	for (unsigned i = 0; i < n; i++)
		record_udp(&cap, 5 * i * (i + 1), 10 + i % 2, 11 - i % 2, 100);
	return cap;
}

static void expect_numbers(const struct trial *t, const uint64_t *numbers,
			   size_t count)
{
	if (t->failed)
		fail_msg("%s", t->err.text);
	assert_int_equal(t->count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(t->frames[i].number, numbers[i]);
	assert_int_equal(t->frames[0].at, 0);
	for (size_t i = 1; i < count; i++)
		assert_true(t->frames[i].at >= t->frames[i - 1].at);
}

#define EXPECT(t, ...)                                          \
	expect_numbers(&(t), (const uint64_t[]){ __VA_ARGS__ }, \
		       sizeof((const uint64_t[]){ __VA_ARGS__ }) / 8)

/* Stamps: 0 10 30 60 100 150 210 280 360 450 us. */
static void selection_in_order(void **state)
{
	static const struct {
		const char *pairs;
		uint64_t first, last;
	} rows[] = {
		{ "traffic.from=30us", 3, 10 },
		{ "traffic.from=31us", 4, 10 },
		{ "traffic.to=100us", 1, 4 },
		{ "traffic.skip=3", 4, 10 },
		{ "traffic.limit=3", 1, 3 },
		{ "traffic.from=30us;traffic.to=280us;traffic.skip=1", 4, 7 },
		{ "traffic.from=30us;traffic.skip=1;traffic.limit=2", 4, 5 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bytes cap = widening(10);
		struct trial t = try_bytes(&cap, rows[i].pairs);

		assert_false(t.failed);
		assert_int_equal(t.count, rows[i].last - rows[i].first + 1);
		assert_int_equal(t.frames[0].number, rows[i].first);
		assert_int_equal(t.frames[0].at, 0);
		trial_free(&t);
	}
}

/* Skip counts before the filter, limit after it. */
static void filter_between_skip_and_limit(void **state)
{
	struct bytes cap = widening(10);
	struct trial t = try_bytes(&cap, "traffic.skip=3;traffic.limit=3;"
					 "traffic.filter=src host 10.0.0.10");

	(void)state;
	EXPECT(t, 5, 7, 9);
	assert_int_equal(t.frames[1].at, 110 * PS_PER_US);
	trial_free(&t);
	cap = widening(4);
	t = try_bytes(&cap, "traffic.filter=tcp");
	assert_int_equal(t.err.kind, ERR_INPUT);
	assert_non_null(strstr(t.err.text, "none of the 4 frames"));
	cap = widening(4);
	t = try_bytes(&cap, "traffic.filter=src hst 1");
	assert_int_equal(t.err.kind, ERR_USAGE);
	assert_non_null(strstr(t.err.text, "'src hst 1'"));
	cap = widening(4);
	t = try_bytes(&cap, "traffic.from=1s");
	assert_int_equal(t.err.kind, ERR_INPUT);
	cap = widening(4);
	t = try_bytes(&cap, "traffic.from=1s;traffic.to=1ms");
	assert_int_equal(t.err.kind, ERR_USAGE);
}

static void merged(void **state)
{
	struct bytes a = ethernet(), b = ethernet();
	const char *paths[2];
	struct trial t;

	(void)state;
	record_udp(&a, 1000, 10, 11, 100);
	record_udp(&a, 1400, 10, 11, 101);
	record_udp(&b, 1200, 11, 10, 102);
	record_udp(&b, 1400, 11, 10, 103);
	record_udp(&b, 1500, 11, 10, 104);
	paths[0] = fixture_file(&a);
	paths[1] = fixture_file(&b);
	t = try_paths(paths, 2, "");
	EXPECT(t, 1, 2, 3, 4, 5);
	assert_int_equal(t.frames[1].bytes, 102);
	assert_int_equal(t.frames[2].bytes, 101); /* a tie: order of paths */
	assert_int_equal(t.frames[3].bytes, 103);
	assert_int_equal(t.frames[4].at, 500 * PS_PER_US);
	trial_free(&t);
	t = try_paths(paths, 2, "traffic.loop=2");
	assert_int_equal(t.count, 10);
	assert_int_equal(t.frames[9].number, 10);
	trial_free(&t);
	fixture_remove((char *)(uintptr_t)paths[0]);
	fixture_remove((char *)(uintptr_t)paths[1]);
	bytes_free(&a);
	bytes_free(&b);
}

static void speed(void **state)
{
	struct bytes cap = widening(4);
	struct trial t = try_bytes(&cap, "traffic.speed=2.5");

	(void)state;
	assert_int_equal(t.frames[3].at, 24 * PS_PER_US);
	trial_free(&t);
	cap = widening(4);
	t = try_bytes(&cap, "traffic.speed=0.5x");
	assert_int_equal(t.frames[3].at, 120 * PS_PER_US);
	trial_free(&t);
}

/* 10 frames at mean gap 50 us are 20 kpps, 16 Mb/s. */
static void rates(void **state)
{
	static const struct {
		const char *rate;
		uint64_t duration_ns;
	} rows[] = {
		{ "traffic.rate=20kpps", 450000 },
		{ "traffic.rate=40kpps", 225000 },
		{ "traffic.rate=16Mbps", 450000 },
		{ "traffic.rate=8Mbps", 900000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bytes cap = widening(10);
		struct trial t = try_bytes(&cap, rows[i].rate);

		assert_int_equal(t.info.duration_ps,
				 rows[i].duration_ns * 1000);
		assert_int_equal(t.info.frames, 10);
		trial_free(&t);
	}
}

static void wrong_rates(void **state)
{
	static const char *const wrong[] = {
		"traffic.rate=10",
		"traffic.rate=0bps",
		"traffic.rate=xpps",
		"traffic.rate=1Gbps;traffic.speed=2",
		"traffic.rate=1bps;traffic.loop=1000",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct bytes cap = widening(10);
		struct trial t = try_bytes(&cap, wrong[i]);

		assert_true(t.failed);
		assert_int_equal(t.err.kind, ERR_USAGE);
		trial_free(&t);
	}
}

static void loops(void **state)
{
	struct bytes cap = widening(10);
	struct trial t;

	(void)state;
	t = try_bytes(&cap, "traffic.loop=3;traffic.skip=2;traffic.limit=4;"
			    "traffic.speed=2");
	/* stamps 30 60 100 150, halved: 0 15 35 60; mean gap 20 */
	EXPECT(t, 3, 4, 5, 6, 9, 10, 11, 12, 15, 16, 17, 18);
	assert_int_equal(t.frames[4].at, 80 * PS_PER_US);
	assert_int_equal(t.frames[5].at, 95 * PS_PER_US);
	assert_int_equal(t.frames[8].at, 160 * PS_PER_US);
	assert_int_equal(t.info.frames, 12);
	assert_int_equal(t.info.duration_ps, 220 * PS_PER_US);
	trial_free(&t);
	/* the rate holds over many repetitions as over one */
	cap = widening(10);
	t = try_bytes(&cap, "traffic.loop=100;traffic.rate=1Mpps");
	assert_int_equal(t.count, 1000);
	assert_int_equal(t.frames[990].at, 990 * PS_PER_US);
	trial_free(&t);
}

static void counted_over_loops(void **state)
{
	struct bytes cap = widening(10);
	struct trial t;

	(void)state;
	record_udp(&cap, 400, 20, 21, 100); /* back, and not ours */
	record_udp(&cap, 500, 10, 11, 4000);
	t = try_bytes(&cap, "traffic.loop=3");
	assert_int_equal(t.info.frames, 33);
	assert_int_equal(t.info.other_frames, 3);
	assert_int_equal(t.info.super_frames, 3);
	assert_int_equal(anomaly_of(&t.info, "time_back", NULL), 1);
	trial_free(&t);
}

/* Three frames in one microsecond, the next 3 us later. */
static void spread_inside_the_tick(void **state)
{
	struct bytes cap = ethernet();
	struct trial t;

	(void)state;
	for (int i = 0; i < 3; i++)
		record_udp(&cap, 7, 10, 11, 100);
	record_udp(&cap, 10, 11, 10, 100);
	t = try_bytes(&cap, "");
	assert_int_equal(t.info.resolution_ps, PS_PER_US);
	assert_int_equal(t.frames[0].at, 0);
	assert_int_equal(t.frames[1].at, 333333);
	assert_int_equal(t.frames[2].at, 666666);
	assert_int_equal(t.frames[3].at, 3 * PS_PER_US);
	trial_free(&t);
}

/* A clock of 10 ms: frames share its ticks, the tick is found. */
static void coarse_clock(void **state)
{
	struct bytes cap = ethernet();
	struct trial t;
	unsigned n = 0;

	(void)state;
	for (unsigned tick = 0; tick < 40; tick++) {
		for (unsigned i = 0; i <= tick % 4; i++, n++)
			record_udp(&cap, 10000 * tick, 10 + n % 2, 11 - n % 2,
				   100);
	}
	t = try_bytes(&cap, "");
	assert_int_equal(t.info.resolution_ps, 10 * PS_PER_MS);
	assert_int_equal(t.count, n);
	/* the fourth tick has four frames */
	for (int i = 0; i < 4; i++)
		assert_int_equal(t.frames[6 + i].at,
				 30 * PS_PER_MS + i * 2500 * PS_PER_US);
	trial_free(&t);
}

/* A run of equal stamps longer than what is held back stays inside its tick. */
static void endless_tick(void **state)
{
	struct bytes cap = { 0 };
	struct trial t;
	char *path;
	FILE *fp;

	(void)state;
	pcap_header(&cap, PCAP_US, DLT_EN10MB);
	record_udp(&cap, 0, 10, 11, 60);
	path = fixture_file(&cap);
	fp = fopen(path, "a");
	assert_non_null(fp);
	for (uint32_t i = 0; i < 150000; i++) {
		cap.len = 0;
		record_udp(&cap, 5, 11 - i % 2, 10 + i % 2, 60);
		assert_int_equal(fwrite(cap.data, 1, cap.len, fp), cap.len);
	}
	cap.len = 0;
	record_udp(&cap, 6, 10, 11, 60);
	assert_int_equal(fwrite(cap.data, 1, cap.len, fp), cap.len);
	fclose(fp);
	t = try_path(path, "");
	assert_int_equal(t.count, 150002);
	assert_int_equal(t.frames[1].at, 5 * PS_PER_US);
	for (size_t i = 2; i < 150001; i++) {
		assert_true(t.frames[i].at >= t.frames[i - 1].at);
		assert_true(t.frames[i].at < 6 * PS_PER_US);
	}
	assert_int_equal(t.frames[150001].at, 6 * PS_PER_US);
	trial_free(&t);
	fixture_remove(path);
	bytes_free(&cap);
}

static void without_times(void **state)
{
	struct bytes cap = ethernet();
	struct trial t;
	uint64_t first = 0;

	(void)state;
	record_udp(&cap, 0, 10, 11, 50);
	record_udp(&cap, 0, 11, 10, 1000);
	record_udp(&cap, 0, 10, 11, 100);
	t = try_bytes(&cap, "traffic.untimed_rate=10Gbps");
	assert_int_equal(anomaly_of(&t.info, "no_times", &first), 1);
	assert_int_equal(first, 1);
	assert_int_equal(t.frames[1].at, (60 + 24) * 800);
	assert_int_equal(t.frames[2].at, (60 + 24 + 1000 + 24) * 800);
	trial_free(&t);
	/* A rate reads twice. */
	cap = ethernet();
	record_udp(&cap, 0, 10, 11, 50);
	record_udp(&cap, 0, 11, 10, 1000);
	t = try_bytes(&cap, "traffic.rate=1Mpps");
	assert_int_equal(anomaly_of(&t.info, "no_times", &first), 1);
	assert_int_equal(first, 1);
	trial_free(&t);
}

static void super_frames(void **state)
{
	struct fixture_ip ip = { IP_B, IP_A, 1, 2, true, 4000, 0 };
	struct bytes cap = ethernet(), packet = { 0 };
	struct trial t;
	char *path;

	(void)state;
	put_ethernet(&packet, MAC_A, MAC_B, 0x0800);
	put_ip(&packet, &ip);
	record_udp(&cap, 0, 10, 11, 60);
	pcap_record(&cap, 0, 7, packet.data, packet.len, packet.len);
	record_udp(&cap, 9, 10, 11, 2000);
	bytes_free(&packet);
	path = fixture_file(&cap);
	t = try_path(path, "traffic.local=02:00:00:00:00:0a");
	/* 4000 = 1460 + 1460 + 1080 behind 54 bytes of headers each */
	EXPECT(t, 1, 2, 2, 2, 3);
	for (unsigned i = 0; i < 3; i++) {
		const struct frame *f = &t.frames[1 + i];

		assert_int_equal(f->part, i);
		assert_int_equal(f->at, 7 * PS_PER_US);
		assert_int_equal(f->bytes, i < 2 ? 1514 : 1134);
		assert_int_equal(f->flags, FRAME_TCP);
		assert_int_equal(f->header_bytes, 54);
	}
	assert_int_equal(t.frames[4].bytes, 2000);
	assert_int_equal(t.frames[4].flags, FRAME_SUPER);
	assert_int_equal(t.frames[4].direction, FRAME_TX);
	assert_int_equal(t.info.super_frames, 2);
	assert_int_equal(t.info.frames, 5);
	trial_free(&t);
	t = try_path(path, "traffic.local=02:00:00:00:00:0a;traffic.mtu=9000B");
	assert_int_equal(t.count, 3);
	assert_int_equal(t.info.super_frames, 0);
	trial_free(&t);
	/* the limit counts records, not pieces */
	t = try_path(path, "traffic.local=02:00:00:00:00:0a;traffic.limit=2");
	assert_int_equal(t.count, 4);
	trial_free(&t);
	fixture_remove(path);
	bytes_free(&cap);
}

/* Batches of any size, and a second reading, give the same. */
static void reading_again(void **state)
{
	struct bytes cap = widening(10);
	char *path = fixture_file(&cap);
	const char *paths[] = { path };
	struct config *cfg =
		fixture_config("traffic.loop=2;traffic.rate=1Mpps");
	struct trial whole =
		try_path(path, "traffic.loop=2;traffic.rate=1Mpps");
	struct err err = ERR_INIT;
	struct frame_source *source = trace_open(paths, 1, cfg, &err);

	(void)state;
	assert_non_null(source);
	for (int again = 0; again < 2; again++) {
		struct frame one;

		for (size_t i = 0; i < whole.count; i++) {
			assert_int_equal(
				frame_source_read(source, &one, 1, &err), 1);
			assert_int_equal(one.at, whole.frames[i].at);
			assert_int_equal(one.number, whole.frames[i].number);
		}
		assert_int_equal(trace_source_info(source)->frames, 20);
		assert_true(trace_source_info(source)->digest ==
			    whole.info.digest);
		assert_int_equal(frame_source_read(source, &one, 1, &err), 0);
		assert_int_equal(frame_source_rewind(source, &err), 0);
		assert_int_equal(trace_source_info(source)->frames, 0);
	}
	frame_source_free(source);
	config_free(cfg);
	trial_free(&whole);
	fixture_remove(path);
	bytes_free(&cap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(selection_in_order),
		cmocka_unit_test(filter_between_skip_and_limit),
		cmocka_unit_test(merged),
		cmocka_unit_test(speed),
		cmocka_unit_test(rates),
		cmocka_unit_test(wrong_rates),
		cmocka_unit_test(loops),
		cmocka_unit_test(counted_over_loops),
		cmocka_unit_test(spread_inside_the_tick),
		cmocka_unit_test(coarse_clock),
		cmocka_unit_test(endless_tick),
		cmocka_unit_test(without_times),
		cmocka_unit_test(super_frames),
		cmocka_unit_test(reading_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
