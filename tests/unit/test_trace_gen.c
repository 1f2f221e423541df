/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test_trace_fixture.h"

#include <pcap/dlt.h>
#include <sys/stat.h>

#include "traces/gen.h"
#include "traces/stat.h"
#include "traces/write.h"

static void constant_arrivals(void **state)
{
	struct trial t =
		try_path("gen:constant,rate=3Mpps,size=60,frames=1000", "");

	(void)state;
	assert_int_equal(t.count, 1000);
	for (uint64_t i = 0; i < 1000; i++) {
		assert_int_equal(t.frames[i].at, i * 1000000 / 3);
		assert_int_equal(t.frames[i].number, i + 1);
		assert_int_equal(t.frames[i].bytes, 60);
		assert_int_equal(t.frames[i].header_bytes, 42);
	}
	trial_free(&t);
	/* at a bit rate the gap is the frame's time: 1250 B at 10 Gb/s */
	t = try_path("gen:constant,rate=10Gbps,size=1250,frames=10", "");
	assert_int_equal(t.info.duration_ps, 9 * PS_PER_US);
	trial_free(&t);
}

static void poisson_arrivals(void **state)
{
	const size_t n = 200000;
	struct trial t = try_path("gen:poisson,rate=1Mpps,size=60,"
				  "frames=200000,tx=25%",
				  "");
	uint64_t longer = 0;

	(void)state;
	assert_int_equal(t.count, n);
	/* the mean is 1 us +- 4 / sqrt(n); a gap exceeds it with 1/e */
	assert_in_range(t.info.duration_ps / (sim_time)n, 991000, 1009000);
	for (size_t i = 1; i < n; i++)
		longer += t.frames[i].at - t.frames[i - 1].at > PS_PER_US;
	assert_in_range(longer * 1000 / n, 363, 373);
	assert_in_range(t.info.tx_frames * 1000 / n, 246, 254);
	trial_free(&t);
}

static void bursts(void **state)
{
	struct trial t = try_path("gen:onoff,rate=1Mpps,on=10us,off=90us,"
				  "frames=100,size=60",
				  "");

	(void)state;
	for (uint64_t i = 0; i < 100; i++)
		assert_int_equal(t.frames[i].at,
				 (i / 10 * 100 + i % 10) * PS_PER_US);
	trial_free(&t);
}

static void sizes_and_rates(void **state)
{
	const uint64_t n = 120000;
	struct trial t = try_path("gen:imix,rate=1Mpps,frames=120000", "");
	uint64_t counts[3] = { 0 };

	(void)state;
	for (size_t i = 0; i < t.count; i++) {
		if (t.frames[i].bytes == 60)
			counts[0]++;
		else if (t.frames[i].bytes == 590)
			counts[1]++;
		else if (t.frames[i].bytes == 1514)
			counts[2]++;
	}
	assert_int_equal(counts[0] + counts[1] + counts[2], n);
	assert_in_range(counts[0], n * 7 / 12 - 700, n * 7 / 12 + 700);
	assert_in_range(counts[1], n * 4 / 12 - 700, n * 4 / 12 + 700);
	trial_free(&t);

	t = try_path("gen:constant,rate=1Mpps/10Mpps,frames=20,size=64,fcs=yes",
		     "");
	assert_int_equal(t.frames[10].at, 10 * PS_PER_US);
	assert_int_equal(t.frames[19].at, 10 * PS_PER_US + 900 * PS_PER_NS);
	assert_int_equal(t.frames[0].bytes, 60);
	trial_free(&t);
}

static void transforms_apply(void **state)
{
	struct trial t = try_path("gen:constant,rate=1Mpps,size=60,frames=100",
				  "traffic.from=10us;traffic.skip=5;"
				  "traffic.limit=20;traffic.loop=2;"
				  "traffic.speed=2");

	(void)state;
	assert_int_equal(t.count, 40);
	assert_int_equal(t.frames[0].number, 16);
	assert_int_equal(t.frames[0].at, 0);
	assert_int_equal(t.frames[19].at, 9500 * PS_PER_NS);
	assert_int_equal(t.frames[20].at, 10 * PS_PER_US);
	assert_int_equal(t.frames[20].number, 16 + 35);
	trial_free(&t);
	t = try_path("gen:constant,size=4000,tx=0%,frames=2", "");
	assert_int_equal(t.count, 6);
	assert_int_equal(t.frames[2].bytes, 42 + 4000 - 42 - 2 * 1472);
	trial_free(&t);
}

static void wrong_specifications(void **state)
{
	static const struct {
		const char *spec, *part;
	} rows[] = {
		{ "gen:", "kind ''" },
		{ "gen:steady", "'steady'" },
		{ "gen:constant,rate=1M", "rate '1M'" },
		{ "gen:constant,rate=0pps", "rate '0pps'" },
		{ "gen:constant,size=41", "size '41'" },
		{ "gen:constant,size=70000", "size '70000'" },
		{ "gen:constant,size=53,proto=tcp", "size '53'" },
		{ "gen:constant,size=60:0", "weight '0'" },
		{ "gen:constant,frames=0", "frames '0'" },
		{ "gen:constant,flows=65537", "flows" },
		{ "gen:constant,tx=101%", "tx" },
		{ "gen:constant,proto=icmp", "neither tcp nor udp" },
		{ "gen:onoff,on=0", "on '0'" },
		{ "gen:constant,colour=red", "'colour'" },
		{ "gen:constant,frames", "'frames' is not KEY=VALUE" },
		{ "gen:constant,rate=1pps,frames=10000000", "days" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct trial t = try_path(rows[i].spec, "");

		assert_true(t.failed);
		assert_int_equal(t.err.kind, ERR_USAGE);
		if (!strstr(t.err.text, rows[i].part))
			fail_msg("%s: %s", rows[i].spec, t.err.text);
		trial_free(&t);
	}
}

/* Write with @pairs, read it back. @spec is a generator or a capture. */
static struct trial written(const char *spec, const char *pairs,
			    const struct write_options *options, char **path)
{
	struct config *cfg = fixture_config(pairs);
	struct err err = ERR_INIT;
	struct trace_info info;
	struct trial t;
	FILE *fp;
	int n;

	*path = fixture_file(&(struct bytes){ 0 });
	fp = fopen(*path, "w");
	assert_non_null(fp);
	if (strncmp(spec, "gen:", 4) == 0)
		n = trace_generate(spec, cfg, options, fp, &info, &err);
	else
		n = trace_convert(&spec, 1, cfg, options, fp, &info, &err);
	if (n < 0)
		fail_msg("%s", err.text);
	assert_int_equal(fclose(fp), 0);
	config_free(cfg);
	t = try_path(*path, "");
	assert_false(t.failed);
	assert_int_equal(t.info.frames, info.frames);
	return t;
}

static void generated_and_read_again(void **state)
{
	static const char *const specs[] = {
		"gen:poisson,rate=1Mpps,size=imix,frames=20000,seed=3",
		"gen:constant,rate=1Mpps,size=54/1514,frames=20000,proto=tcp",
		"gen:onoff,rate=1Mpps,size=60,flows=1000,frames=20000,tx=20%",
	};

	(void)state;
	for (size_t k = 0; k < sizeof(specs) / sizeof(specs[0]); k++) {
		struct write_options options = { .snaplen = 64 };
		struct trial made = try_path(specs[k], "");
		char *path;
		struct trial t = written(specs[k], "", &options, &path);

		assert_int_equal(t.count, made.count);
		for (size_t i = 0; i < t.count; i++) {
			const struct frame *a = &made.frames[i];
			const struct frame *b = &t.frames[i];

			assert_in_range(b->at + 999, a->at, a->at + 1998);
			assert_int_equal(a->bytes, b->bytes);
			assert_int_equal(a->flow, b->flow);
			assert_int_equal(a->flags, b->flags);
			assert_int_equal(a->header_bytes, b->header_bytes);
			assert_int_equal(a->direction, b->direction);
		}
		trial_free(&made);
		trial_free(&t);
		fixture_remove(path);
	}
}

static void seeds_differ(void **state)
{
	struct trial a = try_path("gen:poisson,frames=100,seed=1", "");
	struct trial b = try_path("gen:poisson,frames=100,seed=1", "");
	struct trial c = try_path("gen:poisson,frames=100,seed=2", "");

	(void)state;
	assert_true(a.info.digest == b.info.digest);
	assert_true(a.info.digest != c.info.digest);
	trial_free(&a);
	trial_free(&b);
	trial_free(&c);
}

/* Five frames 100 us apart with one step back. */
static struct bytes small_capture(void)
{
	struct bytes cap = { 0 };

	pcap_header(&cap, PCAP_US, DLT_EN10MB);
	record_udp(&cap, 5000000, 10, 11, 100);
	record_udp(&cap, 5000100, 11, 10, 200);
	record_udp(&cap, 5000050, 10, 11, 300);
	record_udp(&cap, 5000300, 11, 10, 400);
	record_udp(&cap, 5000400, 10, 11, 500);
	return cap;
}

static void converted(void **state)
{
	struct write_options micro = { .microseconds = true, .snaplen = 60 };
	struct write_options nano = { 0 };
	struct bytes cap = small_capture();
	char *from = fixture_file(&cap), *path;
	struct stat st;
	struct trial t;

	(void)state;
	t = written(from, "", &micro, &path);
	assert_int_equal(t.info.bytes, 1500);
	assert_int_equal(t.info.anomaly_count, 0);
	assert_int_equal(t.frames[3].at, 300 * PS_PER_US);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 24 + 5 * (16 + 60));
	trial_free(&t);
	fixture_remove(path);

	t = written(from,
		    "traffic.filter=src host 10.0.0.10;traffic.skip=1;"
		    "traffic.speed=8",
		    &nano, &path);
	assert_int_equal(t.count, 2);
	assert_int_equal(t.frames[1].at, 37500 * PS_PER_NS);
	assert_int_equal(t.frames[1].bytes, 500);
	trial_free(&t);
	fixture_remove(path);

	t = written(from, "traffic.rate=10kpps", &nano, &path);
	assert_int_equal(t.info.duration_ps, 400 * PS_PER_US);
	trial_free(&t);
	fixture_remove(path);
	fixture_remove(from);
	bytes_free(&cap);
}

static void cannot_be_converted(void **state)
{
	struct write_options options = { 0 };
	struct bytes a = small_capture(), b = { 0 }, c = { 0 };
	struct err err = ERR_INIT;
	struct config *cfg = fixture_config("");
	struct config *loop = fixture_config("traffic.loop=2");
	struct config *slow = fixture_config("traffic.speed=0.1");
	struct trace_info info;
	const char *paths[2], *last;
	FILE *fp = fopen("/dev/null", "w");

	(void)state;
	pcap_header(&b, PCAP_US, DLT_RAW);
	pcap_record(&b, 1, 0, "E", 1, 60);
	/* The seconds of a pcap are 32 bits. */
	pcap_header(&c, PCAP_US, DLT_RAW);
	pcap_record(&c, UINT32_MAX, 0, "E", 1, 60);
	pcap_record(&c, UINT32_MAX, 900000, "E", 1, 60);
	last = fixture_file(&c);
	paths[0] = fixture_file(&a);
	paths[1] = fixture_file(&b);
	assert_int_equal(
		trace_convert(paths, 2, cfg, &options, fp, &info, &err), -1);
	assert_int_equal(err.kind, ERR_INPUT);
	assert_non_null(strstr(err.text, "holds one type"));
	assert_int_equal(
		trace_convert(&last, 1, slow, &options, fp, &info, &err), -1);
	assert_int_equal(err.kind, ERR_INPUT);
	assert_non_null(strstr(err.text, "record 2: the copy comes to a time "
					 "after 2106"));
	assert_int_equal(
		trace_convert(paths, 1, loop, &options, fp, &info, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_int_equal(
		trace_generate(paths[0], cfg, &options, fp, &info, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	fclose(fp);
	config_free(cfg);
	config_free(loop);
	config_free(slow);
	fixture_remove((char *)(uintptr_t)paths[0]);
	fixture_remove((char *)(uintptr_t)paths[1]);
	fixture_remove((char *)(uintptr_t)last);
	bytes_free(&a);
	bytes_free(&b);
	bytes_free(&c);
}

/* A full disk ends the copy; the owner of the file sees ferror. */
static void full_disk(void **state)
{
	struct write_options options = { 0 };
	struct config *cfg = fixture_config("");
	struct err err = ERR_INIT;
	struct trace_info info;
	FILE *fp = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(fp);
	assert_int_equal(trace_generate("gen:constant,frames=100000", cfg,
					&options, fp, &info, &err),
			 0);
	assert_true(ferror(fp));
	assert_true(info.frames < 100000);
	fclose(fp);
	config_free(cfg);
}

static void statistics(void **state)
{
	struct trial t = try_path("gen:onoff,rate=1Mpps,on=10us,off=90us,"
				  "frames=1000,size=60/1514,tx=0%,flows=5",
				  "");
	struct stat_side *rx;
	struct trace_stat stat;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(trace_stat_init(&stat, 50 * PS_PER_US, &err), 0);
	trace_stat_add(&stat, t.frames, 400);
	trace_stat_add(&stat, t.frames + 400, 600);
	trace_stat_finish(&stat);
	rx = &stat.sides[FRAME_RX];
	assert_int_equal(stat.sides[FRAME_TX].frames, 0);
	assert_int_equal(rx->frames, 1000);
	assert_int_equal(rx->bytes, t.info.bytes);
	assert_int_equal(stat.flows, 5);
	assert_int_equal(rx->burst_frames.count, 100);
	assert_int_equal(rx->burst_frames.min, 10);
	assert_int_equal(rx->burst_frames.max, 10);
	assert_int_equal(rx->gap_ps.count, 999);
	assert_int_equal(rx->gap_ps.max, 91 * PS_PER_US);
	assert_int_equal(rx->peak_frames, 100);
	assert_int_equal(rx->size_classes[0] + rx->size_classes[5], 1000);
	assert_in_range(hist_quantile(&rx->gap_ps, 500000) / PS_PER_NS, 992,
			1008);
	trace_stat_clear(&stat);
	trial_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(constant_arrivals),
		cmocka_unit_test(poisson_arrivals),
		cmocka_unit_test(bursts),
		cmocka_unit_test(sizes_and_rates),
		cmocka_unit_test(transforms_apply),
		cmocka_unit_test(wrong_specifications),
		cmocka_unit_test(generated_and_read_again),
		cmocka_unit_test(seeds_differ),
		cmocka_unit_test(converted),
		cmocka_unit_test(cannot_be_converted),
		cmocka_unit_test(full_disk),
		cmocka_unit_test(statistics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
