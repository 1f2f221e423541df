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

/* A raw IP packet, or one of NULL loopback. */
static void record_raw(struct bytes *cap, uint64_t us, uint32_t src,
		       uint32_t dst, size_t payload)
{
	struct fixture_ip ip = { src, dst, 1, 2, false, payload, 0 };
	struct bytes packet = { 0 };

	put_ip(&packet, &ip);
	pcap_record(cap, (uint32_t)(us / 1000000), (uint32_t)(us % 1000000),
		    packet.data, packet.len, packet.len);
	bytes_free(&packet);
}

static void expect(const struct trial *t, const char *rule, uint64_t tx,
		   uint64_t rx, uint64_t other)
{
	if (t->failed)
		fail_msg("%s", t->err.text);
	assert_string_equal(t->info.direction_rule, rule);
	assert_int_equal(t->info.tx_frames, tx);
	assert_int_equal(t->info.rx_frames, rx);
	assert_int_equal(t->info.other_frames, other);
	assert_int_equal(t->info.frames, tx + rx);
	assert_int_equal(t->count, tx + rx);
}

static void most_peers(void **state)
{
	struct bytes cap = ethernet();
	struct trial t;

	(void)state;
	record_udp(&cap, 0, 11, 10, 1000);
	record_udp(&cap, 1, 10, 11, 100);
	record_udp(&cap, 2, 12, 10, 1000);
	record_udp(&cap, 3, 13, 12, 100); /* none of ours */
	record_udp(&cap, 4, 14, 15, 100); /* two more peers, one way */
	t = try_bytes(&cap, "");
	expect(&t, "auto", 1, 2, 2);
	assert_int_equal(t.frames[1].direction, FRAME_TX);
	assert_non_null(
		strstr(t.info.direction_evidence,
		       "02:00:00:00:00:0a has most peers: 2, sent 100"));
	trial_free(&t);
}

static void ties_by_bytes_then_lowest(void **state)
{
	struct bytes cap = ethernet();
	struct trial t;

	(void)state;
	record_udp(&cap, 0, 10, 11, 100);
	record_udp(&cap, 1, 11, 10, 101);
	t = try_bytes(&cap, "");
	assert_int_equal(t.frames[0].direction, FRAME_RX);
	trial_free(&t);
	cap = ethernet();
	record_udp(&cap, 0, 11, 10, 100);
	record_udp(&cap, 1, 10, 11, 100);
	t = try_bytes(&cap, "");
	assert_int_equal(t.frames[1].direction, FRAME_TX);
	trial_free(&t);
}

static void record_via(struct bytes *cap, uint64_t us, uint64_t dst_mac,
		       uint64_t src_mac, uint32_t src, uint32_t dst, size_t len)
{
	struct fixture_ip ip = { src, dst, 1, 2, false, len - 42, 0 };
	struct bytes packet = { 0 };

	put_ethernet(&packet, dst_mac, src_mac, 0x0800);
	put_ip(&packet, &ip);
	pcap_record(cap, 0, (uint32_t)us, packet.data, packet.len, packet.len);
	bytes_free(&packet);
}

/* A router shows one MAC for many peers, and sends more bytes. */
static void behind_a_router(void **state)
{
	struct bytes cap = ethernet();
	struct trial t;

	(void)state;
	for (uint32_t i = 0; i < 5; i++) {
		record_via(&cap, 2 * i, MAC_B, MAC_A, IP_A, 0x08080800 + i, 60);
		record_via(&cap, 2 * i + 1, MAC_A, MAC_B, 0x08080800 + i, IP_A,
			   1500);
	}
	t = try_bytes(&cap, "");
	expect(&t, "auto", 5, 5, 0);
	assert_int_equal(t.frames[0].direction, FRAME_TX);
	trial_free(&t);
}

/* MACs rewritten to zero: the IP addresses decide, one of each family. */
static void without_macs(void **state)
{
	struct bytes cap = ethernet();
	struct trial t;

	(void)state;
	record_via(&cap, 0, 0, 0, IP_A, IP_B, 100);
	record_via(&cap, 1, 0, 0, IP_B, IP_A, 60);
	record_via(&cap, 2, 0, 0, IP_A, IP_C, 60);
	t = try_bytes(&cap, "");
	expect(&t, "auto", 2, 1, 0);
	assert_non_null(strstr(t.info.direction_evidence, "10.0.0.10"));
	trial_free(&t);
}

static void nobody_answers(void **state)
{
	struct bytes cap = ethernet();
	struct trial t;

	(void)state;
	record_udp(&cap, 0, 10, 11, 100);
	record_udp(&cap, 1, 10, 12, 100);
	t = try_bytes(&cap, "");
	expect(&t, "all-rx", 0, 2, 0);
	assert_non_null(strstr(t.info.direction_evidence, "warning"));
	trial_free(&t);

	pcap_header(&cap, PCAP_US, DLT_RAW);
	record_raw(&cap, 0, 0x7f000001, 0x7f000001, 100);
	record_raw(&cap, 1, 0x7f000001, 0x7f000001, 100);
	t = try_bytes(&cap, "");
	expect(&t, "all-rx", 0, 2, 0);
	assert_non_null(strstr(t.info.direction_evidence, "loopback"));
	trial_free(&t);
}

static void groups_are_received(void **state)
{
	struct bytes cap = ethernet();
	struct trial t;

	(void)state;
	record_udp(&cap, 0, 10, 11, 100);
	record_udp(&cap, 1, 11, 10, 50);
	record_via(&cap, 2, UINT64_C(0x01005e000001), MAC_C, IP_C, 0xe0000001,
		   60);
	record_via(&cap, 3, UINT64_C(0xffffffffffff), MAC_A, IP_A, 0xffffffff,
		   60);
	t = try_bytes(&cap, "");
	expect(&t, "auto", 2, 2, 0);
	assert_int_equal(t.frames[2].direction, FRAME_RX);
	assert_int_equal(t.frames[2].flags, FRAME_MULTICAST);
	trial_free(&t);
}

static struct bytes three_hosts(void)
{
	struct bytes cap = ethernet();

	record_udp(&cap, 0, 10, 11, 100);
	record_udp(&cap, 1, 11, 10, 100);
	record_udp(&cap, 2, 10, 12, 100);
	record_udp(&cap, 3, 12, 11, 100);
	return cap;
}

static void stated(void **state)
{
	static const struct {
		const char *pairs, *rule;
		uint64_t tx, rx, other;
	} rows[] = {
		{ "traffic.local=02:00:00:00:00:0b", "local", 1, 2, 1 },
		{ "traffic.local=10.0.0.12", "local", 1, 1, 2 },
		{ "traffic.local=10.0.0.10/31", "local", 3, 1, 0 },
		{ "traffic.local=10.0.0.12,02:00:00:00:00:0a", "local", 3, 1,
		  0 },
		{ "traffic.direction=tx", "tx", 4, 0, 0 },
		{ "traffic.direction=rx", "rx", 0, 4, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bytes cap = three_hosts();
		struct trial t = try_bytes(&cap, rows[i].pairs);

		expect(&t, rows[i].rule, rows[i].tx, rows[i].rx, rows[i].other);
		trial_free(&t);
	}
}

static void stated_wrongly(void **state)
{
	struct bytes cap = three_hosts();
	struct trial t = try_bytes(&cap, "traffic.local=192.0.2.1");

	(void)state;
	assert_true(t.failed);
	assert_int_equal(t.err.kind, ERR_INPUT);
	assert_non_null(strstr(t.err.text, "traffic.local"));
	trial_free(&t);
	cap = three_hosts();
	t = try_bytes(&cap, "traffic.local=192.0.2");
	assert_int_equal(t.err.kind, ERR_USAGE);
	cap = three_hosts();
	t = try_bytes(&cap, "traffic.local=10.0.0.10;traffic.direction=tx");
	assert_int_equal(t.err.kind, ERR_USAGE);
	assert_non_null(strstr(t.err.text, "contradict"));
}

static void cooked(void **state)
{
	static const uint8_t types[] = { 4, 0, 1, 2, 3, 4 };
	struct bytes cap = { 0 };
	char *path;
	struct trial t;

	(void)state;
	pcap_header(&cap, PCAP_US, DLT_LINUX_SLL);
	for (uint32_t i = 0; i < 6; i++) {
		struct fixture_ip ip = { IP_A, IP_B, 1, 2, true, 9, 0 };
		struct bytes packet = { 0 };

		put_uint(&packet, types[i], 2);
		put_uint(&packet, 0x00010006, 4);
		put_uint(&packet, MAC_A, 6);
		put_uint(&packet, 0x00000800, 4);
		put_ip(&packet, &ip);
		pcap_record(&cap, 0, i, packet.data, packet.len, packet.len);
		bytes_free(&packet);
	}
	path = fixture_file(&cap);
	t = try_path(path, "");
	expect(&t, "cooked", 2, 3, 1);
	assert_string_equal(t.info.capture_point, "host");
	assert_int_equal(t.frames[0].bytes, 63);
	trial_free(&t);
	/* what the user says stands above what the capture says */
	t = try_path(path, "traffic.local=10.0.0.11");
	expect(&t, "local", 0, 6, 0);
	trial_free(&t);
	fixture_remove(path);
	bytes_free(&cap);
}

/* A shorter run simulates the same NIC. */
static void whatever_the_limit(void **state)
{
	struct bytes cap = three_hosts();
	char *path;
	struct trial t;

	(void)state;
	record_udp(&cap, 4, 11, 12, 1000);
	path = fixture_file(&cap);
	t = try_path(path, "");
	expect(&t, "auto", 2, 2, 1);
	assert_int_equal(t.frames[0].direction, FRAME_RX);
	trial_free(&t);
	t = try_path(path, "traffic.limit=1");
	expect(&t, "auto", 0, 1, 0);
	trial_free(&t);
	fixture_remove(path);
	bytes_free(&cap);
}

/* Beyond the sample the decision stands, whoever talks then. */
static void decided_on_the_sample(void **state)
{
	const uint32_t sampled = 65536;
	struct bytes cap = { 0 };
	struct trial t;
	char *path;
	FILE *fp;

	(void)state;
	pcap_header(&cap, PCAP_US, DLT_EN10MB);
	path = fixture_file(&cap);
	fp = fopen(path, "a");
	assert_non_null(fp);
	for (uint32_t i = 0; i < sampled + 3000; i++) {
		uint32_t peer = i < sampled ? 11 : 100 + i;

		cap.len = 0;
		if (i < sampled)
			record_udp(&cap, 10 * i, i % 2 ? 10 : peer,
				   i % 2 ? peer : 10, i % 2 ? 61 : 60);
		else
			record_udp(&cap, 10 * i, i % 2 ? 12 : peer % 200 + 20,
				   i % 2 ? peer % 200 + 20 : 12, 100);
		assert_int_equal(fwrite(cap.data, 1, cap.len, fp), cap.len);
	}
	fclose(fp);
	t = try_path(path, "");
	expect(&t, "auto", sampled / 2, sampled / 2, 3000);
	trial_free(&t);
	fixture_remove(path);
	bytes_free(&cap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(most_peers),
		cmocka_unit_test(ties_by_bytes_then_lowest),
		cmocka_unit_test(behind_a_router),
		cmocka_unit_test(without_macs),
		cmocka_unit_test(nobody_answers),
		cmocka_unit_test(groups_are_received),
		cmocka_unit_test(stated),
		cmocka_unit_test(stated_wrongly),
		cmocka_unit_test(cooked),
		cmocka_unit_test(whatever_the_limit),
		cmocka_unit_test(decided_on_the_sample),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
