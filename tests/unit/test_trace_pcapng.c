/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test_trace_fixture.h"

#include <pcap/dlt.h>

#include "traces/trace.h"
#include "traces/write.h"

static void ng_block(struct bytes *b, uint32_t type, const struct bytes *body)
{
	uint32_t length = (uint32_t)(12 + ((body->len + 3) & ~(size_t)3));

	put_uint(b, type, 4);
	put_uint(b, length, 4);
	put_bytes(b, body->data, body->len);
	put_zeros(b, length - 12 - body->len);
	put_uint(b, length, 4);
}

static void ng_section(struct bytes *b)
{
	struct bytes body = { .little = b->little };

	put_uint(&body, 0x1a2b3c4d, 4);
	put_uint(&body, 1, body.little ? 2 : 2);
	put_uint(&body, 0, 2);
	put_uint(&body, UINT64_MAX, 8);
	ng_block(b, 0x0a0d0d0a, &body);
	bytes_free(&body);
}

/* @tsresol 0: no option, microseconds */
static void ng_interface(struct bytes *b, unsigned dlt, uint8_t tsresol)
{
	struct bytes body = { .little = b->little };

	put_uint(&body, dlt, 2);
	put_uint(&body, 0, 2);
	put_uint(&body, 0, 4);
	if (tsresol) {
		put_uint(&body, 9, 2);
		put_uint(&body, 1, 2);
		put_uint(&body, tsresol, 1);
		put_zeros(&body, 3);
		put_uint(&body, 0, 4);
	}
	ng_block(b, 1, &body);
	bytes_free(&body);
}

/* An enhanced packet with the flags option; @packet in full. */
static void ng_packet(struct bytes *b, unsigned interface, uint64_t stamp,
		      const struct bytes *packet, unsigned flags)
{
	struct bytes body = { .little = b->little };

	put_uint(&body, interface, 4);
	put_uint(&body, stamp >> 32, 4);
	put_uint(&body, stamp & 0xffffffff, 4);
	put_uint(&body, packet->len, 4);
	put_uint(&body, packet->len, 4);
	put_bytes(&body, packet->data, packet->len);
	put_zeros(&body, (4 - packet->len % 4) % 4);
	if (flags) {
		put_uint(&body, 2, 2);
		put_uint(&body, 4, 2);
		put_uint(&body, flags, 4);
	}
	ng_block(b, 6, &body);
	bytes_free(&body);
}

static void put_packet(struct bytes *packet, bool ethernet)
{
	struct fixture_ip ip = { IP_A, IP_B, 1, 2, true, 100, 0 };

	if (ethernet)
		put_ethernet(packet, MAC_B, MAC_A, 0x0800);
	put_ip(packet, &ip);
}

/* What libpcap refuses: links, clocks and byte orders that differ. */
static void mixed_pcapng(void **state)
{
	struct bytes cap = { .little = true }, eth = { 0 }, raw = { 0 };
	struct bytes other = { 0 };
	struct trial t;

	(void)state;
	put_packet(&eth, true);
	put_packet(&raw, false);
	put_zeros(&other, 20);
	ng_section(&cap);
	ng_interface(&cap, DLT_EN10MB, 9);
	ng_interface(&cap, 101, 0);	      /* LINKTYPE_RAW */
	ng_interface(&cap, DLT_EN10MB, 0x8a); /* 1/1024 s */
	ng_interface(&cap, 147, 0);
	ng_block(&cap, 5, &other); /* statistics, passed over */
	ng_packet(&cap, 0, 1000000000, &eth, 2);
	ng_packet(&cap, 1, 1000500, &raw, 1);
	ng_packet(&cap, 2, 1025, &eth, 1);
	ng_packet(&cap, 3, 1001000, &other, 0);
	cap.little = false;
	ng_section(&cap);
	ng_interface(&cap, DLT_EN10MB, 6);
	ng_packet(&cap, 0, 1002000, &eth, 2);
	t = try_bytes(&cap, "");
	assert_false(t.failed);
	assert_string_equal(t.info.status, "complete");
	assert_int_equal(t.count, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(t.frames[i].bytes, 154);
	assert_int_equal(t.frames[1].at, 500 * PS_PER_US);
	assert_int_equal(t.frames[2].at, 976562 * PS_PER_NS);
	assert_int_equal(t.frames[3].at, 2000 * PS_PER_US);
	assert_int_equal(t.frames[3].number, 5);
	assert_int_equal(t.frames[0].direction, FRAME_TX);
	assert_int_equal(t.frames[1].direction, FRAME_RX);
	assert_string_equal(t.info.link_type, "mixed");
	assert_int_equal(anomaly_of(&t.info, "other_link_type", NULL), 1);
	trial_free(&t);
	bytes_free(&eth);
	bytes_free(&raw);
	bytes_free(&other);
}

/* The greatest stamps in every resolution: modulo 2^64 ns, never worse. */
static void extreme_stamps(void **state)
{
	(void)state;
	for (unsigned tsresol = 0; tsresol < 256; tsresol++) {
		struct bytes cap = { .little = true }, eth = { 0 };
		struct trial t;

		put_packet(&eth, true);
		ng_section(&cap);
		ng_interface(&cap, DLT_EN10MB, (uint8_t)tsresol);
		ng_packet(&cap, 0, UINT64_MAX, &eth, 0);
		ng_packet(&cap, 0, UINT64_MAX - 1, &eth, 0);
		ng_packet(&cap, 0, UINT64_MAX, &eth, 0);
		t = try_bytes(&cap, "");
		assert_false(t.failed);
		assert_int_equal(t.count, 3);
		trial_free(&t);
		bytes_free(&eth);
	}
}

static void simple_packets(void **state)
{
	struct bytes cap = { 0 }, body = { 0 };
	struct trial t;

	(void)state;
	ng_section(&cap);
	ng_interface(&cap, DLT_EN10MB, 0);
	put_uint(&body, 154, 4);
	put_packet(&body, true);
	ng_block(&cap, 3, &body);
	ng_block(&cap, 3, &body);
	t = try_bytes(&cap, "traffic.direction=tx;traffic.untimed_rate=1Gbps");
	assert_false(t.failed);
	assert_int_equal(t.count, 2);
	assert_int_equal(anomaly_of(&t.info, "no_times", NULL), 1);
	assert_int_equal(t.frames[1].at, (154 + 24) * 8 * PS_PER_NS);
	trial_free(&t);
	bytes_free(&body);
}

static void damaged_pcapng(void **state)
{
	static const struct {
		size_t back; /* offset from the end of the last block */
		uint32_t value;
		const char *status;
	} rows[] = {
		{ 4, 99, "damaged" },		/* length at the end */
		{ 184, 0xfffffff0, "damaged" }, /* length at the start */
		{ 184, 17, "damaged" },
		{ 180, 7, "damaged" },		/* interface */
		{ 168, 0x10000000, "damaged" }, /* captured length */
		{ 0, 0, "cut" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bytes cap = { 0 }, eth = { 0 };
		struct trial t;
		size_t end;

		put_packet(&eth, true);
		put_zeros(&eth, 2);
		ng_section(&cap);
		ng_interface(&cap, DLT_EN10MB, 0);
		ng_packet(&cap, 0, 5, &eth, 0);
		ng_packet(&cap, 0, 6, &eth, 0);
		end = cap.len;
		if (rows[i].back) {
			cap.len = end - rows[i].back;
			put_uint(&cap, rows[i].value, 4);
			cap.len = end;
		} else {
			cap.len -= 10;
		}
		t = try_bytes(&cap, "traffic.direction=tx");
		assert_false(t.failed);
		assert_int_equal(t.count, 1);
		assert_string_equal(t.info.status, rows[i].status);
		trial_free(&t);
		bytes_free(&eth);
	}
}

static void spoilt_files(void **state)
{
	struct bytes cap = { 0 }, eth = { 0 };

	(void)state;
	put_packet(&eth, true);
	ng_section(&cap);
	ng_interface(&cap, DLT_EN10MB, 9);
	ng_packet(&cap, 0, 5, &eth, 1);
	ng_packet(&cap, 0, 6, &eth, 2);
	try_spoilt(&cap);
	bytes_free(&cap);
	bytes_free(&eth);
}

/* A length of gigabytes is not believed before the bytes are there. */
static void absurd_blocks(void **state)
{
	static const uint32_t types[] = { 1, 6, 5 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct bytes cap = { 0 }, eth = { 0 };
		struct trial t;

		put_packet(&eth, true);
		ng_section(&cap);
		ng_interface(&cap, DLT_EN10MB, 0);
		ng_packet(&cap, 0, 5, &eth, 0);
		put_uint(&cap, types[i], 4);
		put_uint(&cap, 0x7ffffff0, 4);
		put_zeros(&cap, 100);
		t = try_bytes(&cap, "traffic.direction=tx");
		assert_false(t.failed);
		assert_int_equal(t.count, 1);
		assert_string_equal(t.info.status, i < 2 ? "damaged" : "cut");
		trial_free(&t);
		bytes_free(&eth);
	}
}

/* A copy of records that cannot be read could not be read either. */
static void unknown_link_is_not_copied(void **state)
{
	const struct write_options options = { 0 };
	struct config *cfg = fixture_config("");
	struct bytes cap = { 0 }, other = { 0 };
	FILE *fp = fopen("/dev/null", "w");
	struct err err = ERR_INIT;
	struct trace_info info;
	char *path;

	(void)state;
	put_zeros(&other, 20);
	ng_section(&cap);
	ng_interface(&cap, 204, 0);
	ng_packet(&cap, 0, 5, &other, 0);
	path = fixture_file(&cap);
	assert_int_equal(trace_convert((const char *const *)&path, 1, cfg,
				       &options, fp, &info, &err),
			 -1);
	assert_int_equal(err.kind, ERR_INPUT);
	assert_non_null(strstr(err.text, "204 (unknown) is not supported"));
	fclose(fp);
	fixture_remove(path);
	config_free(cfg);
	bytes_free(&cap);
	bytes_free(&other);
}

/* An interface with options: their code and length, and @data in full. */
static void ng_options(struct bytes *b, unsigned code, unsigned length,
		       uint64_t data, unsigned data_bytes)
{
	struct bytes body = { .little = b->little };

	put_uint(&body, DLT_EN10MB, 2);
	put_uint(&body, 0, 2);
	put_uint(&body, 0, 4);
	/* A comment of five bytes stands before. */
	put_uint(&body, 1, 2);
	put_uint(&body, 5, 2);
	put_zeros(&body, 8);
	put_uint(&body, code, 2);
	put_uint(&body, length, 2);
	put_uint(&body, data, data_bytes);
	ng_block(b, 1, &body);
	bytes_free(&body);
}

/* Time of a frame of the second interface, after one at 5 s of the first. */
static sim_time second_at(bool little, unsigned code, unsigned length,
			  uint64_t data, unsigned data_bytes, uint64_t stamp)
{
	struct bytes cap = { .little = little }, eth = { 0 };
	struct trial t;
	sim_time at;

	put_packet(&eth, true);
	ng_section(&cap);
	ng_interface(&cap, DLT_EN10MB, 0);
	ng_options(&cap, code, length, data, data_bytes);
	ng_packet(&cap, 0, 5000000, &eth, 0);
	ng_packet(&cap, 1, stamp, &eth, 0);
	t = try_bytes(&cap, "traffic.direction=tx");
	assert_false(t.failed);
	assert_string_equal(t.info.status, "complete");
	assert_int_equal(t.count, 2);
	at = t.frames[1].at;
	trial_free(&t);
	bytes_free(&eth);
	return at;
}

enum { OPT_END = 0, OPT_TSRESOL = 9, OPT_TSOFFSET = 14 };

static void interface_options(void **state)
{
	uint64_t minus3 = (uint64_t)-3;
	int little;

	(void)state;
	for (little = 0; little < 2; little++) {
		assert_int_equal(
			second_at(little, OPT_TSOFFSET, 8, 4, 8, 2000000),
			PS_PER_SEC);
		assert_int_equal(
			second_at(little, OPT_TSOFFSET, 8, minus3, 8, 9000000),
			PS_PER_SEC);
	}
	/* Too short, longer than the block, after the end: not there. */
	assert_int_equal(second_at(false, OPT_TSOFFSET, 4, 4, 4, 6000000),
			 PS_PER_SEC);
	assert_int_equal(second_at(false, OPT_TSRESOL, 9, 0, 8, 6000000),
			 PS_PER_SEC);
	assert_int_equal(second_at(false, OPT_END, 0,
				   (uint64_t)OPT_TSRESOL << 48 | 1ull << 32, 8,
				   6000000),
			 PS_PER_SEC);
	/* No padding behind the last one is no harm. */
	assert_int_equal(second_at(true, 1, 7, 0, 8, 6000000), PS_PER_SEC);
}

/* Blocks of the form before 2010: interface and drops of 16 bits each. */
static void old_packets(void **state)
{
	struct bytes cap = { 0 }, body = { 0 };
	struct trial t;

	(void)state;
	ng_section(&cap);
	ng_interface(&cap, DLT_EN10MB, 0);
	ng_interface(&cap, DLT_EN10MB, 9);
	for (unsigned i = 0; i < 2; i++) {
		body.len = 0;
		put_uint(&body, i, 2);
		put_uint(&body, 0xffff, 2);
		put_uint(&body, 0, 4);
		put_uint(&body, i ? 5000 : 3, 4);
		put_uint(&body, 154, 4);
		put_uint(&body, 154, 4);
		put_packet(&body, true);
		ng_block(&cap, 2, &body);
	}
	t = try_bytes(&cap, "traffic.direction=tx");
	assert_false(t.failed);
	assert_string_equal(t.info.status, "complete");
	assert_int_equal(t.count, 2);
	assert_int_equal(t.frames[1].at, 2 * PS_PER_US);
	trial_free(&t);
	bytes_free(&body);
}

/* A simple packet says nothing of what was kept: the interface does. */
static void simple_snaplen(void **state)
{
	struct bytes cap = { 0 }, body = { 0 }, link = { 0 };
	struct trial t;

	(void)state;
	ng_section(&cap);
	put_uint(&link, DLT_EN10MB, 2);
	put_uint(&link, 0, 2);
	put_uint(&link, 61, 4);
	ng_block(&cap, 1, &link);
	put_uint(&body, 1514, 4);
	put_packet(&body, true);
	body.len = 4 + 64; /* 61, and padding */
	ng_block(&cap, 3, &body);
	t = try_bytes(&cap, "traffic.direction=tx");
	assert_false(t.failed);
	assert_int_equal(t.count, 1);
	assert_int_equal(t.frames[0].bytes, 1514);
	trial_free(&t);
	bytes_free(&body);
	bytes_free(&link);
}

/* After one good packet: a block too short for what it says it is. */
static void short_blocks(void **state)
{
	static const struct {
		uint32_t type, body, length; /* length 0: as it is */
		const char *why;
	} rows[] = {
		{ 1, 4, 0, "interface of 4 bytes" },
		{ 6, 16, 0, "packet block of 16 bytes" },
		{ 2, 16, 0, "packet block of 16 bytes" },
		{ 3, 0, 0, "packet block of 0 bytes" },
		{ 5, 0, 8, "a length of 8 bytes" },
		{ 5, 4, 14, "a length of 14 bytes" },
		{ 0x0a0d0d0a, 16, 0, "no byte order in a section header" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bytes cap = { 0 }, eth = { 0 }, body = { 0 };
		struct trial t;
		size_t at;

		put_packet(&eth, true);
		ng_section(&cap);
		ng_interface(&cap, DLT_EN10MB, 0);
		ng_packet(&cap, 0, 5, &eth, 0);
		at = cap.len;
		put_zeros(&body, rows[i].body);
		ng_block(&cap, rows[i].type, &body);
		if (rows[i].length) {
			size_t end = cap.len;

			cap.len = at + 4;
			put_uint(&cap, rows[i].length, 4);
			cap.len = end;
		}
		t = try_bytes(&cap, "traffic.direction=tx");
		assert_false(t.failed);
		assert_int_equal(t.count, 1);
		assert_string_equal(t.info.status, "damaged");
		assert_non_null(strstr(t.info.status_detail, rows[i].why));
		trial_free(&t);
		bytes_free(&eth);
		bytes_free(&body);
	}
}

/* A section whose header is too short for one, and one without interfaces. */
static void short_sections(void **state)
{
	struct bytes cap = { 0 }, eth = { 0 }, body = { 0 };
	struct trial t;

	(void)state;
	put_packet(&eth, true);
	ng_section(&cap);
	ng_interface(&cap, DLT_EN10MB, 0);
	ng_packet(&cap, 0, 5, &eth, 0);
	put_uint(&body, 0x1a2b3c4d, 4);
	put_zeros(&body, 8);
	ng_block(&cap, 0x0a0d0d0a, &body);
	t = try_bytes(&cap, "traffic.direction=tx");
	assert_false(t.failed);
	assert_int_equal(t.count, 1);
	assert_non_null(strstr(t.info.status_detail, "a length of 24 bytes"));
	trial_free(&t);

	ng_section(&cap);
	ng_interface(&cap, DLT_EN10MB, 0);
	ng_packet(&cap, 0, 5, &eth, 0);
	ng_section(&cap);
	body.len = 0;
	put_uint(&body, 60, 4);
	put_zeros(&body, 60);
	ng_block(&cap, 3, &body);
	t = try_bytes(&cap, "traffic.direction=tx");
	assert_false(t.failed);
	assert_int_equal(t.count, 1);
	assert_non_null(strstr(t.info.status_detail, "unknown interface 0"));
	trial_free(&t);
	bytes_free(&eth);
	bytes_free(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mixed_pcapng),
		cmocka_unit_test(extreme_stamps),
		cmocka_unit_test(simple_packets),
		cmocka_unit_test(damaged_pcapng),
		cmocka_unit_test(spoilt_files),
		cmocka_unit_test(absurd_blocks),
		cmocka_unit_test(unknown_link_is_not_copied),
		cmocka_unit_test(interface_options),
		cmocka_unit_test(old_packets),
		cmocka_unit_test(simple_snaplen),
		cmocka_unit_test(short_blocks),
		cmocka_unit_test(short_sections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
