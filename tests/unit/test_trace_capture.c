/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of a pcap are the same whoever reads them: usual ones are taken from
 * the buffer, those of the other byte order are read by libpcap.
 */
#include "tests/unit/test_trace_fixture.h"

#include <pcap/dlt.h>

#include "traces/capture.h"

#define SNAPLEN 262144u
#define RECORDS 1500u /* several times the buffer */

static bool little_host(void)
{
	const uint16_t one = 1;

	return *(const uint8_t *)&one;
}

/* One file in the byte order of this machine, one in the other. */
struct both {
	struct bytes own, other;
};

static void begin(struct both *b, uint32_t magic)
{
	b->own.little = little_host();
	b->other.little = !little_host();
	pcap_header(&b->own, magic, DLT_EN10MB);
	pcap_header(&b->other, magic, DLT_EN10MB);
}

static void add(struct both *b, uint32_t fraction, size_t captured)
{
	uint8_t data[2048];

	assert_true(captured <= sizeof(data));
	for (size_t i = 0; i < captured; i++)
		data[i] = (uint8_t)(fraction + i);
	pcap_record(&b->own, 7, fraction, data, captured, captured + 1);
	pcap_record(&b->other, 7, fraction, data, captured, captured + 1);
}

static struct capture *open_bytes(const struct bytes *bytes)
{
	struct err err = ERR_INIT;
	char *path = fixture_file(bytes);
	struct capture *capture = capture_open(path, &err);

	fixture_remove(path);
	if (!capture)
		fail_msg("%s", err.text);
	return capture;
}

/* Both files hold the same @records, and end the same. */
static void same(struct both *b, unsigned records)
{
	struct capture *own = open_bytes(&b->own);
	struct capture *other = open_bytes(&b->other);
	const char *why, *other_why;
	struct packet x, y;
	unsigned n = 0;

	while (capture_next(own, &x)) {
		assert_true(capture_next(other, &y));
		assert_int_equal(x.stamp_ns, y.stamp_ns);
		assert_int_equal(x.captured, y.captured);
		assert_int_equal(x.original, y.original);
		assert_memory_equal(x.data, y.data, x.captured);
		assert_int_equal(x.dlt, y.dlt);
		assert_int_equal(x.fraction_bad, y.fraction_bad);
		n++;
	}
	assert_int_equal(n, records);
	assert_false(capture_next(own, &x));
	assert_false(capture_next(other, &y));
	assert_string_equal(capture_status(own, &why),
			    capture_status(other, &other_why));
	assert_string_equal(why, other_why);
	capture_close(own);
	capture_close(other);
	bytes_free(&b->own);
	bytes_free(&b->other);
}

static void longer_than_the_buffer(void **state)
{
	struct both b = { 0 };

	(void)state;
	begin(&b, PCAP_US);
	for (unsigned i = 0; i < RECORDS; i++)
		add(&b, i, i * 7 % 1000);
	same(&b, RECORDS);
	begin(&b, PCAP_NS);
	for (unsigned i = 0; i < RECORDS; i++)
		add(&b, 999999999 - i, i * 7 % 1000);
	same(&b, RECORDS);
}

static void odd_fractions(void **state)
{
	struct both b = { 0 };

	(void)state;
	begin(&b, PCAP_US);
	add(&b, 999999, 60);
	add(&b, 1000000, 60);
	add(&b, 4294968, 60);
	add(&b, UINT32_MAX, 60);
	same(&b, 4);
	begin(&b, PCAP_NS);
	add(&b, 999999999, 60);
	add(&b, 1000000000, 60);
	add(&b, UINT32_MAX, 60);
	same(&b, 3);
}

static void put_snaplen(struct bytes *b, uint32_t snaplen)
{
	size_t end = b->len;

	b->len = 16;
	put_uint(b, snaplen, 4);
	b->len = end;
}

/* What is longer than the file's own limit is cut to it. */
static void beyond_the_snapshot(void **state)
{
	struct both b = { 0 };

	(void)state;
	begin(&b, PCAP_US);
	put_snaplen(&b.own, 100);
	put_snaplen(&b.other, 100);
	add(&b, 1, 100);
	add(&b, 2, 101);
	add(&b, 3, 60);
	same(&b, 3);
}

/* After a length that cannot be nothing is believed. */
static void damaged(void **state)
{
	struct both b = { 0 };

	(void)state;
	begin(&b, PCAP_US);
	add(&b, 1, 60);
	pcap_record(&b.own, 7, 2, NULL, 0, 0);
	pcap_record(&b.other, 7, 2, NULL, 0, 0);
	b.own.len -= 8;
	b.other.len -= 8;
	put_uint(&b.own, SNAPLEN + 1, 4);
	put_uint(&b.other, SNAPLEN + 1, 4);
	put_uint(&b.own, 60, 4);
	put_uint(&b.other, 60, 4);
	add(&b, 3, 60);
	same(&b, 1);
}

static void cut(void **state)
{
	(void)state;
	for (size_t missing = 1; missing < 76; missing++) {
		struct both b = { 0 };

		begin(&b, PCAP_US);
		add(&b, 1, 60);
		add(&b, 2, 60);
		b.own.len -= missing;
		b.other.len -= missing;
		same(&b, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(longer_than_the_buffer),
		cmocka_unit_test(odd_fractions),
		cmocka_unit_test(beyond_the_snapshot),
		cmocka_unit_test(damaged),
		cmocka_unit_test(cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
