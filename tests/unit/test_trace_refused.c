/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a trace refuses to be made of: parameters that a generator has no use
 * for, selections that leave nothing, times no run can hold; and copies.
 */
#include "tests/unit/test_trace_fixture.h"

#include <pcap/dlt.h>

#include "traces/write.h"

static void generators(void **state)
{
	static const struct {
		const char *spec, *pairs, *part;
		enum err_kind kind;
	} rows[] = {
		{ "gen:constant,frames=10", "traffic.filter=tcp",
		  "traffic.filter: 'gen:constant,frames=10' has no packet "
		  "bytes to filter",
		  ERR_USAGE },
		{ "gen:constant,frames=10", "traffic.sample_flows=1/2",
		  "says by flows=N how many conversations there are",
		  ERR_USAGE },
		{ "gen:constant,frames=10", "traffic.local=10.0.0.1",
		  "says by tx=SHARE what is sent", ERR_USAGE },
		{ "gen:constant,frames=10", "traffic.direction=tx",
		  "says by tx=SHARE what is sent", ERR_USAGE },
		{ "gen:constant,frames=10", "traffic.direction_file=a",
		  "says by tx=SHARE what is sent", ERR_USAGE },
		{ "gen:constant,frames=10,rate=1Mpps", "traffic.from=10s",
		  "no frame is left after from, to and skip", ERR_INPUT },
		{ "gen:constant,frames=10", "traffic.skip=10",
		  "no frame is left after from, to and skip", ERR_INPUT },
		{ "gen:constant,frames=10", "traffic.rate=fast",
		  "traffic.rate: 'fast' is no rate above 0", ERR_USAGE },
		{ "gen:constant,frames=10", "traffic.rate=0bps",
		  "traffic.rate: '0bps' is no rate above 0", ERR_USAGE },
		{ "gen:constant,frames=10000000", "traffic.rate=1pps",
		  "the replay takes more than", ERR_USAGE },
		{ "gen:constant,frames=10",
		  "traffic.rate=1Gbps;traffic.speed=2",
		  "contradict each other: give one", ERR_USAGE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct trial t = try_path(rows[i].spec, rows[i].pairs);

		assert_true(t.failed);
		if (!strstr(t.err.text, rows[i].part))
			fail_msg("%s: %s", rows[i].pairs, t.err.text);
		assert_int_equal(t.err.kind, rows[i].kind);
		trial_free(&t);
	}
}

/* Two conversations of five records each, a microsecond apart. */
static char *two_talks(void)
{
	struct bytes cap = { 0 };
	char *path;

	pcap_header(&cap, PCAP_US, DLT_EN10MB);
	for (unsigned i = 0; i < 10; i++)
		record_udp(&cap, i, i % 2 ? 1 : 3, i % 2 ? 2 : 4, 100);
	path = fixture_file(&cap);
	bytes_free(&cap);
	return path;
}

static int copy(const char *path, const char *pairs, struct trace_info *info,
		struct err *err)
{
	const struct write_options options = { 0 };
	struct config *cfg = fixture_config(pairs);
	FILE *out = fopen("/dev/null", "w");
	int rc;

	assert_non_null(out);
	rc = trace_convert(&path, 1, cfg, &options, out, info, err);
	fclose(out);
	config_free(cfg);
	return rc;
}

static void copies(void **state)
{
	static const struct {
		const char *pairs, *part;
		enum err_kind kind;
	} rows[] = {
		{ "traffic.skip=10", ": no frame is left to write", ERR_INPUT },
		{ "traffic.sample_flows=2", "sample_flows", ERR_USAGE },
		{ "traffic.filter=tcp and",
		  "traffic.filter 'tcp and': ", ERR_USAGE },
		{ "traffic.speed=2;traffic.rate=1Mbps", "contradict each other",
		  ERR_USAGE },
	};
	char *path = two_talks();
	struct trace_info info;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(copy(path, rows[i].pairs, &info, &err), -1);
		if (!strstr(err.text, rows[i].part))
			fail_msg("%s: %s", rows[i].pairs, err.text);
		assert_int_equal(err.kind, rows[i].kind);
	}
	fixture_remove(path);
}

/* All of a conversation or nothing. */
static void copies_of_conversations(void **state)
{
	static const char none[] = ": no frame is left to write";
	char *path = two_talks(), pairs[64];
	unsigned halves = 0, seed;
	struct trace_info info;

	(void)state;
	for (seed = 0; seed < 16; seed++) {
		struct err err = ERR_INIT;

		snprintf(pairs, sizeof(pairs), "traffic.sample_flows=1/2:%u",
			 seed);
		if (copy(path, pairs, &info, &err) == 0)
			assert_int_equal(info.frames % 5, 0);
		else
			assert_non_null(strstr(err.text, none));
		halves += info.frames == 5;
	}
	assert_true(halves > 0);
	fixture_remove(path);
}

/* Stamps further apart than a run can last, where gaps are kept. */
static void far_apart(void **state)
{
	struct bytes cap = { 0 };
	struct err err = ERR_INIT;
	struct trace_info info;
	struct trial t;
	char *path;

	(void)state;
	pcap_header(&cap, PCAP_US, DLT_EN10MB);
	record_udp(&cap, 0, 1, 2, 100);
	record_udp(&cap, UINT64_C(200) * 86400 * 1000000, 1, 2, 100);
	path = fixture_file(&cap);
	bytes_free(&cap);
	for (unsigned i = 0; i < 2; i++) {
		const char *pairs = i ? "traffic.huge_gap=0;traffic.rate=1Mbps"
				      : "traffic.huge_gap=0";

		assert_int_equal(copy(path, pairs, &info, &err), -1);
		assert_int_equal(err.kind, ERR_INPUT);
		assert_non_null(strstr(err.text, ": record 2 is more than "));
	}
	t = try_path(path, "traffic.huge_gap=0");
	assert_true(t.failed);
	assert_non_null(strstr(t.err.text, ": record 2 is more than "));
	trial_free(&t);
	fixture_remove(path);
}

/* Ten seconds at a millionth of their speed. */
static void too_slow(void **state)
{
	struct bytes cap = { 0 };
	struct err err = ERR_INIT;
	struct trace_info info;
	struct trial t;
	char *path;

	(void)state;
	pcap_header(&cap, PCAP_US, DLT_EN10MB);
	record_udp(&cap, 0, 1, 2, 100);
	record_udp(&cap, 10000000, 1, 2, 100);
	path = fixture_file(&cap);
	bytes_free(&cap);
	assert_int_equal(copy(path, "traffic.speed=0.1", &info, &err), 0);
	assert_int_equal(info.duration_ps, 100 * PS_PER_SEC);
	assert_int_equal(copy(path, "traffic.speed=0.000001", &info, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.text, "the copy takes more than"));
	t = try_path(path, "traffic.speed=0.000001");
	assert_true(t.failed);
	assert_int_equal(t.err.kind, ERR_USAGE);
	trial_free(&t);
	fixture_remove(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(generators),
		cmocka_unit_test(copies),
		cmocka_unit_test(copies_of_conversations),
		cmocka_unit_test(far_apart),
		cmocka_unit_test(too_slow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
