/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test_trace_fixture.h"

#include <pcap/dlt.h>

#include "core/rng.h"
#include "traces/decode.h"
#include "traces/local.h"
#include "traces/peers.h"
#include "traces/stamps.h"

static struct decoded decode_as(int dlt, const struct bytes *b, size_t captured)
{
	struct packet packet = {
		.dlt = dlt,
		.data = b->data,
		.captured = (uint32_t)captured,
		.original = (uint32_t)b->len,
	};
	struct decoded d;

	assert_int_equal(decode_packet(&packet, &d), DECODE_OK);
	assert_true(d.header_bytes <= d.bytes);
	return d;
}

static const struct fixture_ip tcp_ab = {
	IP_A, IP_B, 1000, 2000, true, 100, 0
};
static const struct fixture_ip tcp_ba = { IP_B, IP_A, 2000, 1000, true, 5, 0 };
static const struct fixture_ip udp_ab = {
	IP_A, IP_B, 1000, 2000, false, 10, 8
};

static void ethernet_ipv4(void **state)
{
	struct bytes b = { 0 };
	struct decoded d;

	(void)state;
	put_ethernet(&b, MAC_B, MAC_A, 0x0800);
	put_ip(&b, &tcp_ab);
	d = decode_as(DLT_EN10MB, &b, b.len);
	assert_int_equal(d.bytes, 14 + 40 + 100);
	assert_int_equal(d.header_bytes, 54);
	assert_int_equal(d.trailer, 0);
	assert_int_equal(d.flags, FRAME_TCP);
	assert_true(d.src_mac == MAC_A && d.dst_mac == MAC_B);
	assert_true((uint32_t)d.src.low == IP_A && (uint32_t)d.dst.low == IP_B);
	assert_true(d.ethernet && d.has_ip);
	bytes_free(&b);

	put_ethernet(&b, MAC_B, MAC_A, 0x0800);
	put_ip(&b, &udp_ab);
	d = decode_as(DLT_EN10MB, &b, b.len);
	assert_int_equal(d.header_bytes, 42);
	assert_int_equal(d.trailer, 8);
	assert_int_equal(d.flags, 0);
	bytes_free(&b);
}

static void flows_are_symmetric(void **state)
{
	struct bytes there = { 0 }, back = { 0 }, udp = { 0 };
	uint32_t flow;

	(void)state;
	put_ip(&there, &tcp_ab);
	put_ip(&back, &tcp_ba);
	put_ip(&udp, &udp_ab);
	flow = decode_as(DLT_RAW, &there, there.len).flow;
	assert_int_equal(flow, decode_as(DLT_RAW, &back, back.len).flow);
	assert_int_not_equal(flow, decode_as(DLT_RAW, &udp, udp.len).flow);
	there.data[21] ^= 1; /* a port */
	assert_int_not_equal(flow, decode_as(DLT_RAW, &there, there.len).flow);
	bytes_free(&there);
	bytes_free(&back);
	bytes_free(&udp);
}

/* Fragments carry no ports, so all of a packet's share a flow without them. */
static void fragments_share_a_flow(void **state)
{
	struct bytes b = { 0 };
	struct decoded first, later;

	(void)state;
	put_ip(&b, &udp_ab);
	b.data[6] = 0x20; /* more fragments */
	first = decode_as(DLT_RAW, &b, b.len);
	b.data[7] = 100; /* offset */
	b.data[20] ^= 0xff;
	later = decode_as(DLT_RAW, &b, b.len);
	assert_int_equal(first.flow, later.flow);
	assert_int_equal(first.header_bytes, 14 + 28);
	assert_int_equal(later.header_bytes, 14 + 20);
	bytes_free(&b);
}

static void acks_and_groups(void **state)
{
	struct fixture_ip ack = tcp_ab;
	struct fixture_ip group = udp_ab;
	struct bytes b = { 0 };

	(void)state;
	ack.payload = 0;
	put_ip(&b, &ack);
	assert_int_equal(decode_as(DLT_RAW, &b, b.len).flags,
			 FRAME_TCP | FRAME_ACK_ONLY);
	bytes_free(&b);
	group.dst = 0xe0000001;
	put_ip(&b, &group);
	assert_int_equal(decode_as(DLT_RAW, &b, b.len).flags, FRAME_MULTICAST);
	bytes_free(&b);
	put_ethernet(&b, UINT64_C(0xffffffffffff), MAC_A, 0x0806);
	put_zeros(&b, 46);
	assert_int_equal(decode_as(DLT_EN10MB, &b, b.len).flags,
			 FRAME_MULTICAST);
	bytes_free(&b);
}

static void stacked_tags(void **state)
{
	struct bytes b = { 0 };
	struct decoded d, plain;

	(void)state;
	put_ethernet(&b, MAC_B, MAC_A, 0x88a8);
	put_uint(&b, 0x000a8100, 4);
	put_uint(&b, 0x00140800, 4);
	put_ip(&b, &tcp_ab);
	d = decode_as(DLT_EN10MB, &b, b.len);
	assert_int_equal(d.tag_bytes, 8);
	assert_int_equal(d.header_bytes, 62);
	assert_int_equal(d.bytes, 14 + 8 + 140);
	bytes_free(&b);
	put_ip(&b, &tcp_ab);
	plain = decode_as(DLT_RAW, &b, b.len);
	assert_int_equal(d.flow, plain.flow);
	bytes_free(&b);
}

static void put_ipv6(struct bytes *b, unsigned next, size_t payload)
{
	put_uint(b, 0x60000000, 4);
	put_uint(b, payload, 2);
	put_uint(b, next << 8 | 64, 2);
	put_uint(b, UINT64_C(0xfe80000000000000), 8);
	put_uint(b, 1, 8);
	put_uint(b, UINT64_C(0xfe80000000000000), 8);
	put_uint(b, 2, 8);
}

static void ipv6_with_extensions(void **state)
{
	struct bytes b = { 0 };
	struct decoded d;

	(void)state;
	put_ethernet(&b, MAC_B, MAC_A, 0x86dd);
	put_ipv6(&b, 0, 8 + 8 + 8 + 20);
	put_uint(&b, 60 << 8, 2); /* hop by hop, then destination options */
	put_zeros(&b, 6);
	put_uint(&b, 17 << 8, 2);
	put_zeros(&b, 6);
	put_uint(&b, 0x03e807d0, 4);
	put_uint(&b, 0x001c0000, 4);
	put_zeros(&b, 20);
	d = decode_as(DLT_EN10MB, &b, b.len);
	assert_int_equal(d.header_bytes, 14 + 40 + 16 + 8);
	assert_int_equal(d.trailer, 0);
	assert_int_equal(d.src.low, 1);
	assert_int_equal(d.dst.low, 2);
	bytes_free(&b);

	put_ipv6(&b, 44, 8 + 100);
	put_uint(&b, 0x1100ff00, 4); /* a later fragment of UDP */
	put_zeros(&b, 104);
	assert_int_equal(decode_as(DLT_RAW, &b, b.len).header_bytes,
			 14 + 40 + 8);
	bytes_free(&b);
}

/* Whatever the link type, the Ethernet frame of the same packet is the same. */
static void other_links(void **state)
{
	static const struct {
		int dlt;
		size_t size;
		const char *header;
		uint8_t hint;
	} rows[] = {
		{ DLT_RAW, 0, "", HINT_NONE },
		{ DLT_IPV4, 0, "", HINT_NONE },
		{ DLT_NULL, 4, "\2\0\0\0", HINT_NONE },
		{ DLT_LOOP, 4, "\0\0\0\2", HINT_NONE },
		{ DLT_PPP, 2, "\0\x21", HINT_NONE },
		{ DLT_PPP, 4, "\xff\3\0\x21", HINT_NONE },
		{ DLT_PPP, 1, "\x21", HINT_NONE },
		{ DLT_PPP_PPPD, 3, "\1\0\x21", HINT_TX },
		{ DLT_LINUX_SLL, 16, "\0\4\0\1\0\6\2\0\0\0\0\x0a\0\0\x08\0",
		  HINT_TX },
		{ DLT_LINUX_SLL, 16, "\0\0\0\1\0\6\2\0\0\0\0\x0a\0\0\x08\0",
		  HINT_RX },
		{ DLT_LINUX_SLL, 16, "\0\3\0\1\0\6\2\0\0\0\0\x0a\0\0\x08\0",
		  HINT_OTHER },
		{ DLT_LINUX_SLL2, 20,
		  "\x08\0\0\0\0\0\0\1\0\1\4\6\2\0\0\0\0\x0a\0\0", HINT_TX },
		{ DLT_FDDI, 21,
		  "\x50\2\0\0\0\0\x0b\2\0\0\0\0\x0a\xaa\xaa\3\0\0\0\x08\0",
		  HINT_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bytes b = { 0 };
		struct decoded d;

		put_bytes(&b, rows[i].header, rows[i].size);
		put_ip(&b, &tcp_ab);
		assert_true(decode_supports(rows[i].dlt));
		d = decode_as(rows[i].dlt, &b, b.len);
		assert_int_equal(d.bytes, 154);
		assert_int_equal(d.header_bytes, 54);
		assert_int_equal(d.hint, rows[i].hint);
		assert_true((uint32_t)d.dst.low == IP_B);
		assert_false(d.ethernet);
		for (size_t cut = rows[i].size + 1; cut < b.len; cut++)
			assert_int_equal(decode_as(rows[i].dlt, &b, cut).bytes,
					 154);
		bytes_free(&b);
	}
}

/* Radiotap of 12 bytes: TSFT absent, flags with FCS; a QoS data frame. */
static void put_wlan(struct bytes *b, unsigned control, unsigned flags)
{
	put_bytes(b, "\0\0\x0c\0\2\0\0\0\x10\0\0\0", 12);
	put_uint(b, control << 8 | flags, 2);
	put_zeros(b, 2);
	put_uint(b, MAC_A, 6);
	put_uint(b, MAC_B, 6);
	put_uint(b, MAC_C, 6);
	put_zeros(b, 2);
}

static void wlan(void **state)
{
	struct packet packet = { .dlt = DLT_IEEE802_11_RADIO };
	struct bytes b = { 0 };
	struct decoded d;

	(void)state;
	put_wlan(&b, 0x88, 0x02); /* QoS data from the access point */
	put_zeros(&b, 2);
	put_bytes(&b, "\xaa\xaa\3\0\0\0\x08\0", 8);
	put_ip(&b, &tcp_ab);
	put_zeros(&b, 4);
	d = decode_as(DLT_IEEE802_11_RADIO, &b, b.len);
	assert_int_equal(d.bytes, 154);
	assert_int_equal(d.header_bytes, 54);
	assert_true(d.dst_mac == MAC_A && d.src_mac == MAC_C);
	bytes_free(&b);

	put_wlan(&b, 0x80, 0); /* beacon */
	put_zeros(&b, 100 + 4);
	d = decode_as(DLT_IEEE802_11_RADIO, &b, b.len);
	assert_int_equal(d.bytes, 114);
	assert_true(d.dst_mac == MAC_A && d.src_mac == MAC_B);
	bytes_free(&b);

	put_wlan(&b, 0xd4, 0); /* acknowledgement */
	packet.data = b.data;
	packet.captured = packet.original = (uint32_t)b.len;
	{
		struct decoded none;

		assert_int_equal(decode_packet(&packet, &none), DECODE_CONTROL);
		packet.dlt = 999;
		assert_int_equal(decode_packet(&packet, &none), DECODE_OTHER);
	}
	bytes_free(&b);
}

/* A snapshot length may cut anywhere: lengths stay, headers are the usual. */
static void cut_packets(void **state)
{
	struct bytes b = { 0 };

	(void)state;
	put_ethernet(&b, MAC_B, MAC_A, 0x0800);
	put_ip(&b, &tcp_ab);
	for (size_t cut = 0; cut <= b.len; cut++) {
		struct decoded d = decode_as(DLT_EN10MB, &b, cut);

		assert_int_equal(d.bytes, 154);
		assert_int_equal(d.header_bytes, cut < 14   ? 14
						 : cut < 34 ? 34
							    : 54);
	}
	bytes_free(&b);
}

static void random_bytes_do_no_harm(void **state)
{
	static const int dlts[] = { DLT_EN10MB,	    DLT_LINUX_SLL,
				    DLT_LINUX_SLL2, DLT_RAW,
				    DLT_NULL,	    DLT_PPP,
				    DLT_IEEE802_11, DLT_IEEE802_11_RADIO,
				    DLT_FDDI };
	struct bytes b = { 0 };
	uint64_t r = 1;

	(void)state;
	put_zeros(&b, 64);
	for (int i = 0; i < 200000; i++) {
		struct packet packet = { .data = b.data };
		struct decoded d;

		for (size_t k = 0; k < 64; k += 8) {
			r = rng_again(r);
			memcpy(b.data + k, &r, 8);
		}
		packet.dlt = dlts[i % 9];
		packet.captured = (uint32_t)(r % 65);
		packet.original = (uint32_t)(1 + r / 65 % 128);
		if (decode_packet(&packet, &d) == DECODE_OK)
			assert_true(d.bytes && d.header_bytes <= d.bytes);
	}
	bytes_free(&b);
}

static void address_sets(void **state)
{
	struct err err = ERR_INIT;
	struct local_set set;
	struct decoded d = { .src_mac = MAC_A, .dst_mac = MAC_B };
	char text[LOCAL_TEXT_MAX];

	(void)state;
	d.has_ip = true;
	d.src.low = UINT64_C(0xffff00000000) | IP_A;
	d.dst.low = UINT64_C(0xffff00000000) | IP_B;
	assert_int_equal(local_parse(&set, "02:00:00:00:00:0A", &err), 0);
	assert_true(local_has_source(&set, &d));
	assert_false(local_has_target(&set, &d));
	assert_int_equal(local_parse(&set, "192.0.2.1,10.0.0.8/29", &err), 0);
	assert_true(local_has_source(&set, &d) && local_has_target(&set, &d));
	assert_int_equal(local_parse(&set, "fe80::/10", &err), 0);
	assert_false(local_has_source(&set, &d));
	d.src.high = UINT64_C(0xfebf000000000000);
	assert_true(local_has_source(&set, &d));
	assert_string_equal(
		local_text(true, (struct address){ 0, MAC_A }, text),
		"02:00:00:00:00:0a");
	assert_string_equal(local_text(false, d.dst, text), "10.0.0.11");
	assert_string_equal(local_text(false, d.src, text), "febf::ffff:a00:a");
}

static void address_errors(void **state)
{
	static const char *const wrong[] = {
		"02:00:00:00:00", "10.0.0",
		"10.0.0.1/33",	  "10.0.0.1/",
		"fe80::/129",	  "x",
		"10.0.0.1,",	  "02:00:00:00:00:0a:1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct err err = ERR_INIT;
		struct local_set set;

		assert_int_equal(local_parse(&set, wrong[i], &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
	}
}

static void many_peers(void **state)
{
	const struct peers_node *next;
	struct peers peers = { 0 };
	struct address a = { 0, 7 };

	(void)state;
	for (uint64_t i = 0; i < 5000; i++) {
		struct address b = { 1, i };

		assert_int_equal(peers_note(&peers, a, i, PEERS_SENT, 10, NULL),
				 0);
		assert_int_equal(
			peers_note(&peers, b, 7, PEERS_RECEIVED, 10, NULL), 0);
	}
	assert_null(peers_best(&peers, PEERS_ANY, &next));
	peers_note(&peers, a, 3, PEERS_RECEIVED, 10, NULL);
	assert_int_equal(peers_best(&peers, PEERS_ANY, &next)->peers, 5000);
	assert_int_equal(peers_best(&peers, PEERS_ANY, &next)->sent_bytes,
			 50000);
	assert_null(next);
	peers_clear(&peers);
}

static uint64_t tick_of(const uint64_t *stamps, size_t count, unsigned times)
{
	struct stamps s = { 0 };

	for (size_t i = 0; i < count; i++) {
		for (unsigned k = 0; k < times + (times > 1 && i % 3); k++)
			stamps_note(&s, stamps[i]);
	}
	return stamps_tick(&s);
}

static void ticks(void **state)
{
	uint64_t us[40], coarse[40], equal[40];

	(void)state;
	for (uint64_t i = 0; i < 40; i++) {
		us[i] = 1000 * (i * i + 3 * i);
		coarse[i] = 10000000 * (i + i / 7);
		equal[i] = 5;
	}
	assert_int_equal(tick_of(us, 40, 1), 1000);
	assert_int_equal(tick_of(coarse, 40, 2), 10000000);
	/* the same stamps once each: a slow sender, not a coarse clock */
	assert_int_equal(tick_of(coarse, 40, 1), 1000);
	assert_int_equal(tick_of(coarse, 10, 2), 1000); /* too few */
	assert_int_equal(tick_of(equal, 40, 1), 0);
	us[20] += 10;
	assert_int_equal(tick_of(us, 40, 2), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ethernet_ipv4),
		cmocka_unit_test(flows_are_symmetric),
		cmocka_unit_test(fragments_share_a_flow),
		cmocka_unit_test(acks_and_groups),
		cmocka_unit_test(stacked_tags),
		cmocka_unit_test(ipv6_with_extensions),
		cmocka_unit_test(other_links),
		cmocka_unit_test(wlan),
		cmocka_unit_test(cut_packets),
		cmocka_unit_test(random_bytes_do_no_harm),
		cmocka_unit_test(address_sets),
		cmocka_unit_test(address_errors),
		cmocka_unit_test(many_peers),
		cmocka_unit_test(ticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
