/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Captures with comments: every packet as it was, whatever holds it.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <pcap/dlt.h>

#include "tests/unit/test_trace_fixture.h"
#include "traces/annotate.h"
#include "traces/capture.h"

struct text {
	char *data;
	size_t size;
};

/* "NUMBER!", of a length that has to be padded now and then. */
static int number_it(void *ctx, uint64_t number, char *text, struct err *err)
{
	(void)ctx;
	(void)err;
	snprintf(text, ANNOTATE_TEXT_MAX, "%" PRIu64 "!%.*s", number,
		 (int)(number % 4), "abc");
	return 0;
}

static int say_nothing(void *ctx, uint64_t number, char *text, struct err *err)
{
	(void)ctx;
	(void)number;
	(void)text;
	(void)err;
	return 0;
}

static int refuse(void *ctx, uint64_t number, char *text, struct err *err)
{
	(void)ctx;
	(void)text;
	return number < 2 ? 0 : err_set(err, ERR_IO, "no more");
}

/* To be freed by the caller. */
static struct text annotate(const char *path, struct annotate_job *job)
{
	struct err err = ERR_INIT;
	struct text text;
	FILE *out = open_memstream(&text.data, &text.size);

	assert_non_null(out);
	if (annotate_capture(path, job, out, &err) < 0)
		fail_msg("%s", err.text);
	fclose(out);
	return text;
}

static char *file_of(const struct text *text)
{
	struct bytes bytes = { 0 };
	char *path;

	put_bytes(&bytes, text->data, text->size);
	path = fixture_file(&bytes);
	bytes_free(&bytes);
	return path;
}

/* Both hold the same packets; returns how many. */
static unsigned compare(const char *a_path, const char *b_path)
{
	struct err err = ERR_INIT;
	struct capture *a = capture_open(a_path, &err);
	struct capture *b = capture_open(b_path, &err);
	struct packet x, y;
	unsigned count = 0;
	const char *detail;

	assert_non_null(a);
	assert_non_null(b);
	while (capture_next(a, &x)) {
		assert_true(capture_next(b, &y));
		assert_int_equal(x.stamp_ns, y.stamp_ns);
		assert_int_equal(x.captured, y.captured);
		assert_int_equal(x.original, y.original);
		assert_int_equal(x.dlt, y.dlt);
		assert_int_equal(x.hint, y.hint);
		assert_memory_equal(x.data, y.data, x.captured);
		count++;
	}
	assert_false(capture_next(b, &y));
	assert_string_equal(capture_status(b, &detail), "complete");
	capture_close(a);
	capture_close(b);
	return count;
}

/* Every comment is there, once, in turn; @count packets are the same. */
static void check(struct bytes *cap, unsigned count)
{
	struct annotate_job job = { .comment = number_it };
	char *path = fixture_file(cap), *again, want[16];
	struct text text = annotate(path, &job);
	const char *at = text.data;
	unsigned i;

	for (i = 1; i <= count; i++) {
		snprintf(want, sizeof(want), "%u!", i);
		at = memmem(at, text.size - (size_t)(at - text.data), want,
			    strlen(want));
		assert_non_null(at);
		at++;
	}
	again = file_of(&text);
	assert_int_equal(compare(path, again), count);
	assert_int_equal(job.packets, count);
	assert_int_equal(job.bare, 0);
	free(text.data);
	fixture_remove(again);
	fixture_remove(path);
	bytes_free(cap);
}

static void pcaps_of_all_kinds(void **state)
{
	static const uint32_t magics[] = { 0xa1b2c3d4, 0xa1b23c4d };
	static const uint8_t data[61] = "some packet of sixty-one bytes";
	unsigned i, j;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct bytes cap = { .little = i & 1 };

		pcap_header(&cap, magics[i / 2], i == 3 ? 101 : 1);
		for (j = 0; j < 9; j++)
			pcap_record(&cap, 1700000000 + j, 999999 - j, data,
				    40 + j, 1514);
		check(&cap, 9);
	}
}

static void block(struct bytes *b, uint32_t type, const struct bytes *body)
{
	uint32_t length = (uint32_t)(12 + body->len);

	put_uint(b, type, 4);
	put_uint(b, length, 4);
	put_bytes(b, body->data, body->len);
	put_uint(b, length, 4);
}

static void section_of(struct bytes *b, uint64_t length)
{
	struct bytes body = { .little = b->little };

	put_uint(&body, 0x1a2b3c4d, 4);
	put_uint(&body, 1, 2);
	put_uint(&body, 0, 2);
	put_uint(&body, length, 8);
	block(b, 0x0a0d0d0a, &body);
	bytes_free(&body);
}

static void section(struct bytes *b)
{
	section_of(b, UINT64_MAX);
}

static void interface(struct bytes *b, unsigned link, uint8_t tsresol)
{
	struct bytes body = { .little = b->little };

	put_uint(&body, link, 2);
	put_uint(&body, 0, 2);
	put_uint(&body, 96, 4);
	put_uint(&body, 9, 2);
	put_uint(&body, 1, 2);
	put_uint(&body, tsresol, 1);
	put_zeros(&body, 3);
	put_uint(&body, 0, 4);
	block(b, 1, &body);
	bytes_free(&body);
}

/* With the flags option, or without options at all. */
static void packet(struct bytes *b, unsigned number, uint64_t stamp,
		   size_t captured, unsigned flags)
{
	struct bytes body = { .little = b->little };

	put_uint(&body, number, 4);
	put_uint(&body, stamp >> 32, 4);
	put_uint(&body, stamp & 0xffffffff, 4);
	put_uint(&body, captured, 4);
	put_uint(&body, 1514, 4);
	put_zeros(&body, (captured + 3) & ~(size_t)3);
	if (flags) {
		put_uint(&body, 2, 2);
		put_uint(&body, 4, 2);
		put_uint(&body, flags, 4);
		put_uint(&body, 0, 4);
	}
	block(b, 6, &body);
	bytes_free(&body);
}

static void sections_of_both_orders(struct bytes *cap)
{
	struct bytes other = { 0 };

	put_bytes(&other, "statistics, 24 bytes ...", 24);
	cap->little = true;
	section(cap);
	interface(cap, DLT_EN10MB, 9);
	interface(cap, 101, 6); /* LINKTYPE_RAW */
	packet(cap, 0, 1700000000000000000, 61, 2);
	block(cap, 5, &other);
	packet(cap, 1, 1700000000000001, 40, 0);
	cap->little = false;
	section(cap);
	interface(cap, DLT_EN10MB, 0x8a);
	packet(cap, 0, 1740800000000, 63, 1);
	packet(cap, 0, 1740800000001, 60, 0);
	bytes_free(&other);
}

static void pcapng_of_several_sections(void **state)
{
	struct bytes cap = { 0 };

	(void)state;
	sections_of_both_orders(&cap);
	check(&cap, 4);
}

/* Without comments a pcapng is copied byte by byte. */
static void nothing_else_changes(void **state)
{
	struct annotate_job job = { .comment = say_nothing };
	struct bytes cap = { 0 };
	struct text text;
	char *path;

	(void)state;
	sections_of_both_orders(&cap);
	path = fixture_file(&cap);
	text = annotate(path, &job);
	assert_int_equal(text.size, cap.len);
	assert_memory_equal(text.data, cap.data, cap.len);
	free(text.data);
	fixture_remove(path);
	bytes_free(&cap);
}

/* Who skips a section by its length would land between two blocks. */
static void a_longer_section_says_no_length(void **state)
{
	static const uint8_t unknown[] = { 0xff, 0xff, 0xff, 0xff,
					   0xff, 0xff, 0xff, 0xff };
	struct annotate_job job = { .comment = number_it };
	struct bytes cap = { .little = true };
	struct text text;
	char *path;

	(void)state;
	section_of(&cap, 32 + 92);
	interface(&cap, DLT_EN10MB, 6);
	packet(&cap, 0, 1, 60, 0);
	assert_int_equal(cap.len, 28 + 32 + 92);
	path = fixture_file(&cap);
	text = annotate(path, &job);
	assert_true(text.size > cap.len);
	assert_memory_equal(text.data + 16, unknown, sizeof(unknown));
	free(text.data);
	fixture_remove(path);
	bytes_free(&cap);
}

static void simple_packets_stay_bare(void **state)
{
	struct annotate_job job = { .comment = number_it };
	struct bytes cap = { 0 }, body = { 0 };
	struct text text;
	char *path;

	(void)state;
	section(&cap);
	interface(&cap, DLT_EN10MB, 6);
	put_uint(&body, 60, 4);
	put_zeros(&body, 60);
	block(&cap, 3, &body);
	packet(&cap, 0, 1, 60, 0);
	path = fixture_file(&cap);
	text = annotate(path, &job);
	assert_int_equal(job.packets, 2);
	assert_int_equal(job.bare, 1);
	assert_non_null(memmem(text.data, text.size, "2!", 2));
	free(text.data);
	fixture_remove(path);
	bytes_free(&cap);
	bytes_free(&body);
}

/* Whatever the length: what is sound is copied, the rest is not. */
static void cut_files_end_soundly(void **state)
{
	struct bytes cap = { 0 };
	size_t whole;

	(void)state;
	sections_of_both_orders(&cap);
	for (whole = cap.len; cap.len > 60; cap.len -= 7) {
		struct annotate_job job = { .comment = number_it };
		char *path = fixture_file(&cap), *again;
		struct text text = annotate(path, &job);

		again = file_of(&text);
		assert_int_equal(compare(path, again), job.packets);
		free(text.data);
		fixture_remove(again);
		fixture_remove(path);
	}
	cap.len = whole;
	bytes_free(&cap);
}

/* The upper bits of a pcap's link type become an option of the interface. */
static void checksums_are_kept(void **state)
{
	static const uint8_t option[] = { 0, 13, 0, 1, 32, 0, 0, 0 };
	struct annotate_job job = { .comment = number_it };
	struct bytes cap = { 0 };
	struct text text;
	char *path;

	(void)state;
	pcap_header(&cap, 0xa1b2c3d4, 2u << 28 | 0x04000000 | 1);
	pcap_record(&cap, 1, 2, "frame and its checksum", 22, 64);
	path = fixture_file(&cap);
	text = annotate(path, &job);
	assert_int_equal(job.packets, 1);
	fixture_remove(path);
	/* In the byte order of the file. */
	assert_non_null(memmem(text.data, text.size, option, sizeof(option)));
	free(text.data);
	bytes_free(&cap);
}

/* Eight bytes more a record, which nothing is known of. */
static void long_records(void **state)
{
	struct bytes cap = { 0 };
	unsigned i;

	(void)state;
	pcap_header(&cap, 0xa1b2cd34, 1);
	for (i = 0; i < 3; i++) {
		put_uint(&cap, 1700000000 + i, 4);
		put_uint(&cap, i, 4);
		put_uint(&cap, 16, 4);
		put_uint(&cap, 1514, 4);
		put_uint(&cap, UINT64_MAX, 8);
		put_bytes(&cap, "sixteen bytes...", 16);
	}
	check(&cap, 3);
}

/* Packets annotated before what is made of @cap goes bad. */
static void ends_after(struct bytes *cap, unsigned packets)
{
	struct annotate_job job = { .comment = number_it };
	char *path = fixture_file(cap), *again;
	struct text text = annotate(path, &job);

	again = file_of(&text);
	assert_int_equal(job.packets, packets);
	assert_int_equal(compare(path, again), packets);
	free(text.data);
	fixture_remove(again);
	fixture_remove(path);
	bytes_free(cap);
}

static void damaged_files_end_soundly(void **state)
{
	/* Of a block after the first packet: its length, and that at its end.
	 */
	static const uint32_t lengths[][2] = {
		{ 8, 8 }, { 16, 16 }, { 62, 62 }, { 5u << 20, 60 }, { 60, 64 },
	};
	struct bytes cap = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		section(&cap);
		interface(&cap, DLT_EN10MB, 6);
		packet(&cap, 0, 7, 28, 0);
		put_uint(&cap, i == 1 ? 0x0a0d0d0a : 6, 4);
		put_uint(&cap, lengths[i][0], 4);
		put_zeros(&cap, 48);
		put_uint(&cap, lengths[i][1], 4);
		packet(&cap, 0, 8, 28, 0);
		ends_after(&cap, 1);
	}
	/* A record longer than any. */
	pcap_header(&cap, 0xa1b2c3d4, 1);
	pcap_record(&cap, 1, 2, "frame", 5, 64);
	put_uint(&cap, 1, 4);
	put_uint(&cap, 3, 4);
	put_uint(&cap, 5u << 20, 4);
	put_uint(&cap, 5u << 20, 4);
	ends_after(&cap, 1);
	/* Records that are cut, in the header and in the data. */
	for (i = 1; i < 20; i += 10) {
		pcap_header(&cap, 0xa1b2c3d4, 1);
		pcap_record(&cap, 1, 2, "frame", 5, 64);
		pcap_record(&cap, 1, 3, "frame", 5, 64);
		cap.len -= i;
		ends_after(&cap, 1);
	}
}

/* The owner of the file sees ferror; nothing more is read for it. */
static void full_disk(void **state)
{
	struct annotate_job job = { .comment = number_it };
	FILE *out = fopen("/dev/full", "w");
	struct bytes caps[2] = { { 0 } };
	struct err err = ERR_INIT;
	unsigned i, j;

	(void)state;
	assert_non_null(out);
	setvbuf(out, NULL, _IONBF, 0);
	pcap_header(&caps[0], 0xa1b2c3d4, 1);
	section(&caps[1]);
	interface(&caps[1], DLT_EN10MB, 6);
	for (j = 0; j < 100; j++) {
		pcap_record(&caps[0], 1, j, "frame", 5, 64);
		packet(&caps[1], 0, j, 28, 0);
	}
	for (i = 0; i < 2; i++) {
		char *path = fixture_file(&caps[i]);

		job.packets = 0;
		clearerr(out);
		assert_int_equal(annotate_capture(path, &job, out, &err), 0);
		assert_true(ferror(out));
		assert_true(job.packets < 2);
		fixture_remove(path);
		bytes_free(&caps[i]);
	}
	fclose(out);
}

static void errors_are_told(void **state)
{
	struct annotate_job job = { .comment = refuse };
	struct bytes cap = { 0 }, text = { 0 };
	struct err err = ERR_INIT;
	FILE *out = tmpfile();
	char *path;

	(void)state;
	assert_non_null(out);
	sections_of_both_orders(&cap);
	path = fixture_file(&cap);
	assert_int_equal(annotate_capture(path, &job, out, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	fixture_remove(path);
	put_bytes(&text, "this is no capture at all", 25);
	path = fixture_file(&text);
	assert_int_equal(annotate_capture(path, &job, out, &err), -1);
	assert_int_equal(err.kind, ERR_INPUT);
	fixture_remove(path);
	assert_int_equal(annotate_capture("absent.pcap", &job, out, &err), -1);
	assert_int_equal(err.kind, ERR_INPUT);
	fclose(out);
	bytes_free(&cap);
	bytes_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pcaps_of_all_kinds),
		cmocka_unit_test(pcapng_of_several_sections),
		cmocka_unit_test(nothing_else_changes),
		cmocka_unit_test(a_longer_section_says_no_length),
		cmocka_unit_test(simple_packets_stay_bare),
		cmocka_unit_test(cut_files_end_soundly),
		cmocka_unit_test(checksums_are_kept),
		cmocka_unit_test(long_records),
		cmocka_unit_test(damaged_files_end_soundly),
		cmocka_unit_test(full_disk),
		cmocka_unit_test(errors_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
