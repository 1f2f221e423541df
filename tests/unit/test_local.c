/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses of traffic.local: the forms people write, what is refused and how
 * that is said, files of them, and what is written reads back as the same.
 */
#include "tests/unit/test_trace_fixture.h"

#include "traces/local.h"

static const struct address mapped_10_0_0_1 = { 0, 0xffff0a000001 };

static char *file_of(const char *text)
{
	struct bytes b = { 0 };
	char *path;

	put_bytes(&b, text, strlen(text));
	path = fixture_file(&b);
	bytes_free(&b);
	return path;
}

static bool holds(const char *text, struct address ip)
{
	struct decoded d = { .has_ip = true, .src = ip };
	struct err err = ERR_INIT;
	struct local_set set;

	if (local_parse(&set, text, &err) < 0)
		fail_msg("%s", err.text);
	return local_has_source(&set, &d);
}

static void test_blocks(void **state)
{
	const struct address v6 = { UINT64_C(0x20010db8ffff0000),
				    UINT64_C(0x8000000000000001) };

	(void)state;
	assert_true(holds("10.0.0.1", mapped_10_0_0_1));
	assert_false(holds("10.0.0.2", mapped_10_0_0_1));
	/* An address in a block stands for the block. */
	assert_true(holds("10.0.0.2/30", mapped_10_0_0_1));
	assert_false(holds("10.0.0.2/31", mapped_10_0_0_1));
	assert_true(holds("200.1.2.3/0", mapped_10_0_0_1));
	assert_false(holds("0.0.0.0/0", v6));
	assert_true(holds("::/0", v6));
	assert_true(holds("::/0", mapped_10_0_0_1));
	assert_true(holds("2001:db8::/32", v6));
	assert_true(holds("2001:db8:ffff:0:8000::/65", v6));
	assert_false(holds("2001:db8:ffff:0:7000::/65", v6));
	assert_true(holds("2001:db8:ffff::/64", v6));
	assert_false(holds("2001:db8:fffe::/64", v6));
	assert_true(holds("2001:db8:ffff:0:8000::1/128", v6));
	assert_true(
		holds("00:00:00:00:00:01,::ffff:10.0.0.1", mapped_10_0_0_1));
}

/* A MAC matches the frame's, whatever it carries; an address only IP. */
static void test_frames(void **state)
{
	struct decoded d = { .src_mac = 0x020000000a0b,
			     .dst_mac = 0x0200000000ff };
	struct err err = ERR_INIT;
	struct local_set set;

	(void)state;
	assert_int_equal(local_parse(&set, "02-00-00-00-0A-0b", &err), 0);
	assert_true(local_has_source(&set, &d));
	assert_false(local_has_target(&set, &d));
	assert_int_equal(local_parse(&set, "::/0,02:00:00:00:00:ff", &err), 0);
	assert_false(local_has_source(&set, &d));
	assert_true(local_has_target(&set, &d));
}

static void test_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		",",
		"10.0.0.1,",
		"10.0.0",
		"10.0.0.256",
		"10.0.0.1/",
		"10.0.0.1/33",
		"10.0.0.1/0x8",
		"10.0.0.1/-1",
		"10.0.0.1/0032",
		"fe80::/129",
		"fe80::1::2",
		"02:00:00:00:00",
		"02:00:00:00:00:0",
		"02:00:00:00:00:0g",
		"02:00:00:00:00:g0",
		"02:00:00:00:00:00:00",
		"02.00.00.00.00.00",
		"0200.0000.0000",
		"eth0",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaa",
	};
	struct local_set set;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(local_parse(&set, wrong[i], &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
		assert_non_null(strstr(err.text, "is no MAC, address or CIDR, "
						 "such as 00:1b:21:0a:0b:0c"));
	}
	for (i = 0; i < 2; i++) {
		struct err err = ERR_INIT;
		const char *text = i ? "10.0.0.1,eth0,::1" : "eth0";

		assert_int_equal(local_parse(&set, text, &err), -1);
		assert_int_equal(
			strncmp(err.text, "traffic.local: 'eth0' is no ", 28),
			0);
	}
}

static void test_too_many(void **state)
{
	char text[LOCAL_MAX * 3 + 3] = "";
	struct err err = ERR_INIT;
	struct local_set set;
	unsigned i;

	(void)state;
	for (i = 0; i < LOCAL_MAX; i++)
		memcpy(text + 3 * i, "::,", 4);
	text[3 * LOCAL_MAX - 1] = '\0';
	assert_int_equal(local_parse(&set, text, &err), 0);
	assert_int_equal(set.count, LOCAL_MAX);
	/* One that is found besides is left out. */
	local_add(&set, true, (struct address){ 0, 1 });
	assert_int_equal(set.count, LOCAL_MAX);
	memcpy(text + 3 * LOCAL_MAX - 1, ",::", 4);
	assert_int_equal(local_parse(&set, text, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_string_equal(err.text, "traffic.local: more than 64 addresses; "
				      "use a CIDR block");
}

static void test_file(void **state)
{
	char *path = file_of("# of the host\n\n"
			     "02:00:00:00:00:01 , 10.1.0.0 / 16\t# both\r\n"
			     "fe80::/10\n"
			     "fe80::1"),
	     *again, *text;
	struct local_set set = { .count = 0 }, back = { .count = 0 };
	struct err err = ERR_INIT;
	size_t size;
	FILE *out;

	(void)state;
	assert_int_equal(local_read(&set, path, &err), 0);
	assert_int_equal(set.count, 4);
	local_add(&set, false, mapped_10_0_0_1);
	out = open_memstream(&text, &size);
	assert_non_null(out);
	local_write(&set, out);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text, "02:00:00:00:00:01\n"
				  "10.1.0.0/16\n"
				  "fe80::/10\n"
				  "fe80::1\n"
				  "10.0.0.1\n");
	again = file_of(text);
	assert_int_equal(local_read(&back, again, &err), 0);
	assert_memory_equal(&set, &back, sizeof(set));
	fixture_remove(path);
	fixture_remove(again);
	free(text);
}

static void refuse_file(const char *text, const char *wanted)
{
	char *path = file_of(text), said[1200];
	struct local_set set = { .count = 0 };
	struct err err = ERR_INIT;

	assert_int_equal(local_read(&set, path, &err), -1);
	assert_int_equal(err.kind, ERR_INPUT);
	snprintf(said, sizeof(said), "'%s'%s", path, wanted);
	assert_string_equal(err.text, said);
	fixture_remove(path);
}

static void test_refused_files(void **state)
{
	static const char none[] = " holds no address; write one a line, or "
				   "let trace stat --save-direction write it";
	struct local_set set = { .count = 0 };
	struct err err = ERR_INIT;
	char line[1100];

	(void)state;
	refuse_file("# 10.0.0.1\n", none);
	refuse_file("::1\n10.0.0.1 10.0.0.2\n",
		    ", line 2: traffic.local: '10.0.0.110.0.0.2' is no MAC, "
		    "address or CIDR, such as 00:1b:21:0a:0b:0c, 10.0.0.1 or "
		    "fe80::/10");
	memset(line, ' ', sizeof(line));
	line[1022] = '\n';
	line[1023] = '\0';
	refuse_file(line, none); /* the longest there is */
	line[1022] = ' ';
	line[1023] = '\n';
	line[1024] = '\0';
	refuse_file(line, ", line 1: longer than 1022 characters");
	assert_int_equal(local_read(&set, "/nonexistent", &err), -1);
	assert_int_equal(err.kind, ERR_INPUT);
	assert_string_equal(err.text, "cannot open '/nonexistent': No such "
				      "file or directory");
	/* A directory can be opened, and not read. */
	assert_int_equal(local_read(&set, "/", &err), -1);
	assert_int_equal(err.kind, ERR_INPUT);
	assert_string_equal(err.text, "cannot read '/': Is a directory");
}

static void test_text(void **state)
{
	static const struct {
		struct address address;
		bool is_mac;
		const char *text;
	} rows[] = {
		{ { 0, 0x001b210a0b0c }, true, "00:1b:21:0a:0b:0c" },
		{ { 0, 0xffff0a000001 }, false, "10.0.0.1" },
		{ { 0, 0 }, false, "::" },
		{ { 0, 0xfffe0a000001 }, false, "::fffe:a00:1" },
		{ { 1, 0xffff0a000001 }, false, "::1:0:ffff:a00:1" },
	};
	char buf[LOCAL_TEXT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(
			local_text(rows[i].is_mac, rows[i].address, buf),
			rows[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_refused_files),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
