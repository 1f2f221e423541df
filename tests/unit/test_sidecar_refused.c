/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layout sidecars that are refused: where, which field, and what to write
 * instead; and values at the edge that are not.
 */
#include "tests/unit/test_trace_fixture.h"

#include "core/layout.h"
#include "traces/sidecar.h"
#include "traces/sidecar_fields.h"

static char *file_of(const char *text, size_t length)
{
	struct bytes b = { 0 };
	char *path;

	put_bytes(&b, text, length);
	path = fixture_file(&b);
	bytes_free(&b);
	return path;
}

/* Read to the end; what is wrong, after the name of the file. */
static void refusal(const char *text, size_t length, char *said, size_t size)
{
	char *path = file_of(text, length);
	struct err err = ERR_INIT;
	struct sidecar *s = sidecar_open(path, &err);
	struct frame_layout l;
	const char *after;

	if (s)
		assert_int_equal(sidecar_find(s, UINT64_MAX, 0, &l, &err), -1);
	sidecar_close(s);
	assert_int_equal(err.kind, ERR_INPUT);
	assert_int_equal(err.text[0], '\'');
	assert_int_equal(strncmp(err.text + 1, path, strlen(path)), 0);
	after = err.text + 1 + strlen(path) + 1;
	assert_true(strlen(after) < size);
	memcpy(said, after, strlen(after) + 1);
	fixture_remove(path);
}

struct refused {
	const char *text, *said;
};

static void check(const struct refused *rows, size_t count)
{
	char said[1024];
	size_t i;

	for (i = 0; i < count; i++) {
		refusal(rows[i].text, strlen(rows[i].text), said, sizeof(said));
		assert_string_equal(said, rows[i].said);
	}
}
#define CHECK(rows) check(rows, sizeof(rows) / sizeof((rows)[0]))

static void test_csv(void **state)
{
	static const struct refused rows[] = {
		{ "", ": the file is empty" },
		{ "# nothing\n\n \r\n", ": no names of columns and no record; "
					"see dmasim-layout(5)" },
		{ "number,mdl\n", ", line 1, column 8: unknown field 'mdl'; "
				  "did you mean 'mdls'?" },
		{ "number,\"colour\"\n",
		  ", line 1, column 8: unknown field 'colour'; see "
		  "dmasim-layout(5)" },
		{ "number,mdls,number\n",
		  ", line 1, column 13: 'number' stands here twice" },
		{ "number,mdls\n1\n",
		  ", line 2, column 1: 1 fields, but 2 are named" },
		{ "number,mdls\n1,60,7\n", ", line 2, column 6: more fields "
					   "than the 2 that are named" },
		{ "number,mdls\n5,60\n4,60\n",
		  ", line 3, column 1: record 4 comes after 5: sort them by "
		  "number and part, each once" },
		{ "number,part\n5,1\n5,1\n",
		  ", line 3, column 1: record 5 comes after 5: sort them by "
		  "number and part, each once" },
		{ "number,part\n5,\n5,1\n",
		  ", line 3, column 1: record 5 comes after 5: sort them by "
		  "number and part, each once" },
		{ "number,part\n5,1\n5,\n",
		  ", line 3, column 1: record 5 comes after 5: sort them by "
		  "number and part, each once" },
	};

	(void)state;
	CHECK(rows);
}

static void test_numbers(void **state)
{
	static const struct refused rows[] = {
		{ "number\nx\n", ", line 2, column 1 (number): 'x' is not a "
				 "whole number of 64 bits" },
		{ "number\n0x\n", ", line 2, column 1 (number): '0x' is not a "
				  "whole number of 64 bits" },
		{ "number\n7z\n", ", line 2, column 1 (number): '7z' is not a "
				  "whole number of 64 bits" },
		{ "number,nbl\n1,18446744073709551616\n",
		  ", line 2, column 3 (nbl): '18446744073709551616' is not a "
		  "whole number of 64 bits" },
		{ "number,nbl\n1,99999999999999999999\n",
		  ", line 2, column 3 (nbl): '99999999999999999999' is not a "
		  "whole number of 64 bits" },
		{ "number,buffer\n1,0xg\n",
		  ", line 2, column 3 (buffer): '0xg' is not a whole number of "
		  "64 bits" },
		{ "number\n0\n", ", line 2, column 1 (number): '0' is out of "
				 "range; permitted are 1 to 281474976710656" },
		{ "number\n281474976710657\n",
		  ", line 2, column 1 (number): '281474976710657' is out of "
		  "range; permitted are 1 to 281474976710656" },
		{ "number,part\n1,65536\n",
		  ", line 2, column 3 (part): '65536' is out of range; "
		  "permitted are 0 to 65535" },
		{ "number,mdls,skip\n1,60,4097\n",
		  ", line 2, column 6 (skip): '4097' is out of range; "
		  "permitted "
		  "are 0 to 4096" },
		{ "number,hold_ns\n1,.5\n", ", line 2, column 3 (hold_ns): "
					    "'.5' is not nanoseconds: 52013 "
					    "or 52013.417" },
		{ "number,hold_ns\n1,1.2345\n",
		  ", line 2, column 3 (hold_ns): '1.2345' is not nanoseconds: "
		  "52013 or 52013.417" },
		{ "number,hold_ns\n1,1.2e3\n",
		  ", line 2, column 3 (hold_ns): '1.2e3' is not nanoseconds: "
		  "52013 or 52013.417" },
		{ "number,contiguous\n1,maybe\n",
		  ", line 2, column 3 (contiguous): 'maybe' is not yes or no" },
	};

	(void)state;
	CHECK(rows);
}

static void test_lists(void **state)
{
	static const struct refused rows[] = {
		{ "number,mdls\n1,60++4\n",
		  ", line 2, column 3 (mdls): '60++4' is not lengths in bytes: "
		  "54+1460" },
		{ "number,mdls\n1,60+\n",
		  ", line 2, column 3 (mdls): '60+' is not lengths in bytes: "
		  "54+1460" },
		{ "number,mdls\n1,60 4\n",
		  ", line 2, column 3 (mdls): '60 4' is not lengths in bytes: "
		  "54+1460" },
		{ "number,mdls,offsets\n1,60,-1\n",
		  ", line 2, column 6 (offsets): '-1' is not offsets in a "
		  "page: "
		  "256+1024" },
		{ "number,mdls,offsets\n1,60,4096\n",
		  ", line 2, column 6 (offsets): '4096' is out of range; "
		  "permitted are 0 to 4095" },
	};

	(void)state;
	CHECK(rows);
}

static void add(char *text, size_t size, const char *more)
{
	size_t used = strlen(text);

	snprintf(text + used, size - used, "%s", more);
}

/* Bounds that come from core/layout.h. */
static void test_bounds(void **state)
{
	char text[1024] = "number,mdls,offsets\n1,1", said[1024], wanted[200];
	unsigned i;

	(void)state;
	for (i = 0; i < LAYOUT_MDL_MAX; i++)
		add(text, sizeof(text), "+1"); /* one too many */
	add(text, sizeof(text), ",\n");
	refusal(text, strlen(text), said, sizeof(said));
	snprintf(wanted, sizeof(wanted),
		 ", line 2, column 3 (mdls): more than %d MDLs: join those "
		 "that are neighbours",
		 LAYOUT_MDL_MAX);
	assert_string_equal(said, wanted);

	snprintf(text, sizeof(text), "number,offsets\n1,0");
	for (i = 0; i < LAYOUT_MDL_MAX; i++)
		add(text, sizeof(text), "+1");
	refusal(text, strlen(text), said, sizeof(said));
	snprintf(wanted, sizeof(wanted),
		 ", line 2, column 3 (offsets): more than %d offsets",
		 LAYOUT_MDL_MAX);
	assert_string_equal(said, wanted);

	snprintf(text, sizeof(text), "number,mdls\n1,%d+1\n", LAYOUT_BYTES_MAX);
	refusal(text, strlen(text), said, sizeof(said));
	snprintf(wanted, sizeof(wanted),
		 ", line 2, column 3 (mdls): %d bytes together; at most %d are "
		 "one send",
		 LAYOUT_BYTES_MAX + 1, LAYOUT_BYTES_MAX);
	assert_string_equal(said, wanted);

	snprintf(text, sizeof(text), "number,mdls\n1,%d\n",
		 LAYOUT_BYTES_MAX + 1);
	refusal(text, strlen(text), said, sizeof(said));
	snprintf(wanted, sizeof(wanted),
		 ", line 2, column 3 (mdls): '%d' is out of range; permitted "
		 "are 1 to %d",
		 LAYOUT_BYTES_MAX + 1, LAYOUT_BYTES_MAX);
	assert_string_equal(said, wanted);

	snprintf(text, sizeof(text), "number,hold_ns\n1,%llu\n",
		 (unsigned long long)(LAYOUT_HOLD_MAX / PS_PER_NS + 1));
	refusal(text, strlen(text), said, sizeof(said));
	snprintf(wanted, sizeof(wanted),
		 ", line 2, column 3 (hold_ns): '%llu' is out of range; "
		 "permitted are 0 to %llu",
		 (unsigned long long)(LAYOUT_HOLD_MAX / PS_PER_NS + 1),
		 (unsigned long long)(LAYOUT_HOLD_MAX / PS_PER_NS));
	assert_string_equal(said, wanted);
}

static void test_need_each_other(void **state)
{
	static const struct refused rows[] = {
		{ "mdls\n60\n", ", line 2, column 1 (number): missing; it is "
				"that of the capture's record" },
		{ "number,offsets\n1,0\n",
		  ", line 2, column 1 (mdls): missing, but offsets, skip or "
		  "contiguous speak of them" },
		{ "number,skip\n1,2\n",
		  ", line 2, column 1 (mdls): missing, but offsets, skip or "
		  "contiguous speak of them" },
		{ "number,contiguous\n1,no\n",
		  ", line 2, column 1 (mdls): missing, but offsets, skip or "
		  "contiguous speak of them" },
		{ "number,mdls,offsets\n1,60+4,0\n",
		  ", line 2, column 1 (offsets): 1 for 2 MDLs; write one for "
		  "each, or none" },
		{ "number,mdls,skip\n1,60+4,60\n",
		  ", line 2, column 1 (skip): 60 leaves nothing of the first "
		  "MDL, 60 bytes" },
	};

	(void)state;
	CHECK(rows);
}

static void test_json(void **state)
{
	static const struct refused rows[] = {
		{ "{\"number\": 1, \"mdls\": [60, \"4\"]}\n",
		  ", line 1, column 15 (mdls): is no number, string, yes or "
		  "no, "
		  "list of numbers" },
		{ "{\"number\": 1, \"mdls\": []}\n",
		  ", line 1, column 15 (mdls): is no number, string, yes or "
		  "no, "
		  "list of numbers" },
		{ "{\"number\": 1, \"buffer\": {}}\n",
		  ", line 1, column 15 (buffer): is no number, string, yes or "
		  "no, list of numbers" },
		{ "{\"number\": -1}\n",
		  ", line 1, column 2 (number): '-1' is not a whole number of "
		  "64 bits" },
		{ "{\"number\": 1, \"skips\": 1}\n",
		  ", line 1, column 15: unknown field 'skips'; did you mean "
		  "'skip'?" },
		/* Written otherwise than it reads. */
		{ "{\"numb\\u0065r\": 0}\n",
		  ", line 1, column 1 (number): '0' is out of range; permitted "
		  "are 1 to 281474976710656" },
		{ "{\"number\": 1}\n[1]\n",
		  ", line 2, column 1: no object; write one object a line" },
	};
	char said[1024];

	(void)state;
	CHECK(rows);
	refusal("{\"number\": 1\n", 13, said, sizeof(said));
	assert_non_null(strstr(said, ", line 1, column "));
	assert_non_null(strstr(said, "; write one object a line"));
	refusal("{\"number\": 1, \"number\": 2}\n", 28, said, sizeof(said));
	assert_non_null(strstr(said, ", line 1, column "));
	assert_non_null(strstr(said, "duplicate object key"));
}

/* A value is never cut: it is refused. */
static void test_long_values(void **state)
{
	char line[4200], said[1024];
	const int items = 600;
	int i, used;

	(void)state;
	used = snprintf(line, sizeof(line), "{\"number\": 1, \"mdls\": [1");
	for (i = 0; i < items; i++)
		used += snprintf(line + used, sizeof(line) - (size_t)used,
				 ",1");
	snprintf(line + used, sizeof(line) - (size_t)used, "]}\n");
	refusal(line, strlen(line), said, sizeof(said));
	assert_string_equal(said, ", line 1, column 15 (mdls): is no number, "
				  "string, yes or no, list of numbers");

	snprintf(line, sizeof(line), "{\"number\": 1, \"nbl\": \"%01500d\"}\n",
		 7);
	refusal(line, strlen(line), said, sizeof(said));
	assert_string_equal(said, ", line 1, column 15 (nbl): is no number, "
				  "string, yes or no, list of numbers");

	/* The longest line there is, and one more. */
	memset(line, ' ', sizeof(line));
	memcpy(line, "number", 6);
	line[4001] = '\n';
	refusal(line, 4002, said, sizeof(said));
	assert_string_equal(said, ", line 1, column 4002: longer than 4000 "
				  "characters, or not text");
	refusal("number\n1\0\n2\n", 12, said, sizeof(said));
	assert_string_equal(said, ", line 2, column 2: longer than 4000 "
				  "characters, or not text");
}

/* Four stored blocks of names, a record and comments; the last is missing. */
static void cut_gzip(struct bytes *b)
{
	static const char head[] = "\x1f\x8b\x08\0\0\0\0\0\0\x03";
	const uint16_t size = 60000;
	char text[60000];
	int i;

	memset(text, '\n', sizeof(text));
	memcpy(text, "number,mdls\n1,60\n", 17);
	put_bytes(b, head, sizeof(head) - 1);
	b->little = true;
	for (i = 0; i < 4; i++) {
		put_uint(b, 0, 1);
		put_uint(b, size, 2);
		put_uint(b, (uint16_t)~size, 2);
		put_bytes(b, text, sizeof(text));
		memset(text, '\n', 17);
	}
}

static void test_damaged(void **state)
{
	/* xz, cut in the midst. */
	static const char magic[] = "\xfd"
				    "7zXZ\0\0\4\xe6\xd6\xb4\x46\2\0\x21\1";
	struct bytes gzip = { 0 };
	char said[1024];

	(void)state;
	refusal(magic, sizeof(magic) - 1, said, sizeof(said));
	assert_int_equal(strncmp(said, ": cannot decompress: ", 21), 0);
	cut_gzip(&gzip);
	refusal((const char *)gzip.data, gzip.len, said, sizeof(said));
	assert_int_equal(strncmp(said, ", after line ", 13), 0);
	assert_non_null(strstr(said, "truncated"));
	bytes_free(&gzip);
}

static void test_no_file(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_null(sidecar_open("/nonexistent/a.csv", &err));
	assert_int_equal(err.kind, ERR_INPUT);
	assert_non_null(strstr(err.text, "'/nonexistent/a.csv'"));
	sidecar_close(NULL);
}

/* It is read again with every pass over the capture. */
static void test_pipe(void **state)
{
	struct err err = ERR_INIT;
	char path[64], wanted[128];
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], "number\n1\n", 9), 9);
	close(fd[1]);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd[0]);
	snprintf(wanted, sizeof(wanted),
		 "'%s' is no file; save the layout to one first", path);
	assert_null(sidecar_open(path, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_string_equal(err.text, wanted);
	close(fd[0]);
}

/* --- what is taken --- */

static struct frame_layout only(const char *text)
{
	char *path = file_of(text, strlen(text));
	struct err err = ERR_INIT;
	struct sidecar *s = sidecar_open(path, &err);
	struct frame_layout l = { 0 };

	if (!s || sidecar_find(s, 1, 0, &l, &err) != 1)
		fail_msg("%s: %s", text, err.text);
	sidecar_close(s);
	fixture_remove(path);
	return l;
}

static void test_edges(void **state)
{
	struct frame_layout l;

	(void)state;
	l = only("number,nbl,batch,buffer\n"
		 "1,18446744073709551615,0XfF,0x0Ab\n");
	assert_true(l.nbl == UINT64_MAX);
	assert_int_equal(l.batch, 255);
	assert_int_equal(l.buffer, 0xab);
	/* The last line without an end, quotes and blanks. */
	l = only("number , hold_ns\r\n 1 ,\"0.25\" ");
	assert_int_equal(l.hold_ps, 250);
	l = only("number,hold_ns\n1,3.\n");
	assert_int_equal(l.hold_ps, 3000);
	assert_int_equal(only("number,mdls,contiguous\n1,9,1").known,
			 LAYOUT_MDLS | LAYOUT_CONTIGUOUS);
	assert_int_equal(only("number,mdls,contiguous\n1,9,0").known,
			 LAYOUT_MDLS | LAYOUT_SCATTERED);
	assert_int_equal(
		only("{\"number\":1,\"mdls\":9,\"contiguous\":false}").known,
		LAYOUT_MDLS | LAYOUT_SCATTERED);
	l = only("number,mdls,offsets,skip\n1,4+1,4095+0,3");
	assert_int_equal(l.mdl_offset[0], 4095);
	assert_int_equal(l.skip, 3);
	l = only("{\"number\":\"1\",\"hold_ns\":\"7\"}");
	assert_int_equal(l.hold_ps, 7000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_csv),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_need_each_other),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_long_values),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_pipe),
		cmocka_unit_test(test_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
