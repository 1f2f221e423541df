/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every capture of a collection of real ones, and of malformed ones, against
 * what is known of it.  The collection is in $DMASIM_CAPTURES or, from the
 * project's root, ../shared/captures; without it the test is skipped.
 *
 * With DMASIM_RECORD set the rows are printed as they come out: check them
 * against capinfos(1) before they go into the table.
 */
#include "tests/unit/test_trace_fixture.h"

#include <inttypes.h>
#include <sys/stat.h>

#include "traces/trace.h"

struct expected {
	const char *name;
	const char *error; /* NULL: it can be read */
	const char *status, *link;
	/* as sent, in one piece */
	uint64_t frames, bytes;
	int64_t duration_ps;
	/* by themselves */
	const char *rule, *point;
	uint64_t tx, rx, other;
	const char *anomalies; /* kind:count@first */
};

static const struct expected table[] = {
	{ "2sessions-tcp-wsize32k-tcp-wsize512k.pcap.bz2", NULL, "complete",
	  "Ethernet", 25509, 22547724, INT64_C(19026395000000), "auto", "host",
	  14826, 10683, 0, "" },
	{ "80211_plus_radiotap_header.pcap", NULL, "complete",
	  "802.11 plus radiotap header", 76, 14520, INT64_C(6955788000000),
	  "all-rx", "host", 0, 77, 0, "wlan_control:149@1" },
	{ "EthernetIP-CIP.pcap", NULL, "complete", "Ethernet", 10880, 1910802,
	  INT64_C(84882860000000), "auto", "host", 4906, 5974, 0, "" },
	{ "OS-0-128-U1_v2.3.0_1024x10.pcap", NULL, "complete", "Ethernet", 74,
	  544260, INT64_C(98156000000), "all-rx", "host", 0, 394, 0, "" },
	{ "ST2022-7-Audio.pcap", NULL, "complete", "Ethernet", 32000, 2304000,
	  INT64_C(2000000021000), "all-rx", "wire", 0, 32000, 0,
	  "time_back:1@5083" },
	{ "Video_Calls.pcap", NULL, "complete", "Ethernet", 2325, 2532577,
	  INT64_C(30030000000000), "auto", "wire", 917, 1408, 0, "" },
	{ "bad/bad_rsn_parsing_overrides_ssid.pcap", NULL, "cut",
	  "802.11 plus radiotap header", 1, 257, INT64_C(0), "all-rx", "host",
	  0, 1, 0, "" },
	{ "bad/crash-593ec6ea.pcap", NULL, "damaged", "Ethernet", 1, 94,
	  INT64_C(0), "all-rx", "wire", 0, 1, 0, "" },
	{ .name = "bad/crash-null-deref-pcapng-shb",
	  .error = "not a pcap or pcapng capture, plain or compressed: unknown "
		   "file format" },
	{ "bad/err-buffertoosmall.pcapng", NULL, "complete", "Ethernet", 27,
	  8687, INT64_C(592930000000), "auto", "host", 13, 14, 0, "" },
	{ "bad/fuzz-6875.pcap", NULL, "damaged", "Ethernet", 1, 188, INT64_C(0),
	  "all-rx", "wire", 0, 1, 0, "" },
	{ "bad/hardware_dups.dmp.gz", NULL, "complete", "Ethernet", 1458,
	  1250204, INT64_C(3710330000000), "auto", "host", 486, 486, 486,
	  "time_back:132@13" },
	{ .name = "bad/header-only.pcap",
	  .error = "the capture holds no frames" },
	{ .name = "bad/linktype-reserved-field-not-zero.pcap",
	  .error = "link type 3145728 (unknown) is not supported; convert the "
		   "capture to Ethernet, Linux cooked, raw IP, NULL, PPP or "
		   "802.11" },
	{ "bad/melsoft_129_clean.pcap", NULL, "cut", "Ethernet", 2041, 298985,
	  INT64_C(1926193000000), "auto", "host", 1020, 1021, 0, "" },
	{ "bad/pcap_v2.2.dmp.gz", NULL, "complete", "Ethernet", 40, 10992,
	  INT64_C(1448224000000), "auto", "wire", 20, 10, 10, "" },
	{ "bad/psc.fddi.dmp.gz", NULL, "complete", "Ethernet", 529, 477915,
	  INT64_C(878610500000), "auto", "host", 240, 289, 0,
	  "captured_over_original:222@1" },
	{ "bad/smtp-to-comma.pcap", NULL, "damaged", "Ethernet", 18, 3383,
	  INT64_C(1678955000000), "auto", "host", 8, 10, 0, "" },
	{ "bad/timestamp_invalid_micro.pcap", NULL, "complete",
	  "Linux cooked v1", 3, 214, INT64_C(1000000999500), "cooked", "host",
	  2, 1, 0, "fraction_out_of_range:2@2" },
	{ "bad/timestamp_invalid_nano.pcap", NULL, "complete",
	  "Linux cooked v1", 3, 214, INT64_C(1000000500000), "cooked", "host",
	  2, 1, 0, "fraction_out_of_range:2@2" },
	{ "bad/tls_DER-incomplete-header.pcap", NULL, "damaged", "Ethernet", 6,
	  4915, INT64_C(218000000), "all-rx", "host", 0, 8, 0,
	  "jump_back:1@2 jump_forward:1@3" },
	{ .name = "bad/zero-length.pcap", .error = "the file is empty" },
	{ "echo-connections.pcap.gz", NULL, "complete", "Ethernet", 82582,
	  5512362, INT64_C(6494327000000), "all-rx", "wire", 0, 82582, 0,
	  "time_back:2@5525" },
	{ "eemebe_t_1080i59.pcap", NULL, "complete", "Ethernet", 21600,
	  27259200, INT64_C(166171000000), "all-rx", "wire", 0, 21600, 0, "" },
	{ "eth-ipv4-tcp-nfsv4.pcap.bz2", NULL, "complete", "Ethernet", 45059,
	  108400450, INT64_C(17675454000000), "auto", "host", 7471, 37589, 2,
	  "" },
	{ "eth-ipv4-tcp-smb2-zero-file-rw.pcap.bz2", NULL, "complete",
	  "Ethernet", 39450, 43041201, INT64_C(167156386000000), "auto", "host",
	  21302, 23511, 1121, "" },
	{ "filecontainer-smb.pcap", NULL, "complete", "Ethernet", 7276, 2638535,
	  INT64_C(298440000000000), "auto", "wire", 3648, 3628, 0, "" },
	{ "icmpv4-4vlanQinQ-id-8-10-20-30.pcap", NULL, "complete", "Ethernet",
	  91, 8930, INT64_C(9194811000000), "auto", "host", 48, 43, 0,
	  "time_back:13@27" },
	{ "iperf3-loopback-ipv6-superframes.pcap", NULL, "complete", "Ethernet",
	  290, 2047856, INT64_C(279526055000000), "all-rx", "host", 0, 1605, 0,
	  "" },
	{ "ldap-modify-request.pcapng", NULL, "complete", "Ethernet", 17, 7129,
	  INT64_C(8732000000), "auto", "wire", 8, 9, 0, "" },
	{ "loopback-null-smb.pcap", NULL, "complete", "BSD loopback", 3519,
	  951367, INT64_C(387107549000000), "all-rx", "host", 0, 3629, 0, "" },
	{ "nsd-live.raw.pcap.xz", NULL, "complete", "Ethernet", 21804, 8975068,
	  INT64_C(59980458000000), "auto", "wire", 10777, 11027, 0,
	  "time_back:1@18601" },
	{ "pcapng-example.pcapng", NULL, "complete", "mixed", 159, 57265,
	  INT64_C(35259924759000), "cooked", "host", 55, 104, 0,
	  "jump_back:2@3 jump_forward:1@2" },
	{ "pcapplusplus-example.pcap", NULL, "complete", "Ethernet", 4631,
	  3738523, INT64_C(15645760000000), "auto", "host", 1813, 2796, 22,
	  "" },
	{ "ppp-ns3-quic-zerortt.pcap", NULL, "complete", "PPP", 104, 27133,
	  INT64_C(857151000000), "auto", "host", 52, 52, 0, "" },
	{ "raw-ip.pcap", NULL, "complete", "Raw IP", 115, 54639,
	  INT64_C(629087000000), "auto", "host", 66, 49, 0, "" },
	{ "sanitized4k.pcap", NULL, "complete", "Ethernet", 4096, 3647580,
	  INT64_C(29961272000), "auto", "host", 686, 1292, 2118,
	  "no_times:1@1" },
	{ "sll.pcap", NULL, "complete", "Linux cooked v1", 518, 450522,
	  INT64_C(51017912000000), "cooked", "host", 167, 351, 0, "" },
	{ "sll2-http-superframes.pcap", NULL, "complete", "Linux cooked v2",
	  159, 2609467, INT64_C(20158000000), "cooked", "host", 74, 1799, 0,
	  "" },
	{ "tcp-seq-overlap-in-fragment-12721.pcap.bz2", NULL, "complete",
	  "Ethernet", 12726, 136829796, INT64_C(5539129000000), "auto", "host",
	  6555, 6171, 0, "" },
	{ "telegram_videocall.pcapng", NULL, "complete", "Ethernet", 889,
	  383201, INT64_C(44122949241000), "auto", "host", 429, 460, 0, "" },
	{ "test202-be.pcapng", NULL, "complete", "mixed", 8, 2324,
	  INT64_C(3000833333), "all-rx", "host", 0, 8, 0, "time_back:3@5" },
	{ "urgent.dmp.gz", NULL, "complete", "Ethernet", 9476, 6711384,
	  INT64_C(147627393580000), "auto", "host", 6083, 3393, 0,
	  "jump_forward:1@8835" },
	{ "vlan.pcap", NULL, "complete", "Ethernet", 395, 138113,
	  INT64_C(4446396000000), "auto", "wire", 138, 257, 0,
	  "time_back:1@96" },
	{ "zwnd.dmp.gz", NULL, "complete", "Ethernet", 26690, 25996287,
	  INT64_C(32266666666666), "auto", "host", 8693, 17997, 0, "" },
};

static const char *collection(void)
{
	const char *dir = getenv("DMASIM_CAPTURES");
	struct stat st;

	if (!dir || !*dir)
		dir = "../shared/captures";
	return stat(dir, &st) == 0 && S_ISDIR(st.st_mode) ? dir : NULL;
}

static void anomalies_text(const struct trace_info *info, char *buf,
			   size_t size)
{
	size_t used = 0;

	*buf = '\0';
	for (unsigned i = 0; i < info->anomaly_count; i++) {
		const struct trace_anomaly *a = &info->anomalies[i];

		used += (size_t)snprintf(
			buf + used, size - used, "%s%s:%" PRIu64 "@%" PRIu64,
			i ? " " : "", a->kind, a->count, a->first_frame);
	}
}

static void record(const char *name, const struct trial *sent,
		   const struct trial *own, const char *anomalies)
{
	if (sent->failed) {
		printf("{ .name = \"%s\", .error = \"%s\" },\n", name,
		       strstr(sent->err.text, "': ") + 3);
		return;
	}
	printf("{ \"%s\", NULL, \"%s\", \"%s\",\n  %" PRIu64 ", %" PRIu64
	       ", %" PRId64 ",\n  \"%s\", \"%s\", %" PRIu64 ", %" PRIu64
	       ", %" PRIu64 ",\n  \"%s\" },\n",
	       name, own->info.status, own->info.link_type, sent->info.frames,
	       sent->info.bytes, sent->info.duration_ps,
	       own->info.direction_rule, own->info.capture_point,
	       own->info.tx_frames, own->info.rx_frames, own->info.other_frames,
	       anomalies);
}

static void well_ordered(const struct trial *t, const char *name)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct frame *f = &t->frames[i], *before = f - 1;

		if (!i) {
			assert_int_equal(f->at, 0);
			continue;
		}
		if (f->at < before->at || f->number < before->number ||
		    (f->number == before->number && f->part <= before->part) ||
		    !f->bytes || f->header_bytes > f->bytes)
			fail_msg("%s: frame %" PRIu64 ".%u", name, f->number,
				 f->part);
	}
}

static void compare(const struct expected *e, const struct trial *sent,
		    const struct trial *own, const char *anomalies)
{
	if (own->failed)
		fail_msg("%s: %s", e->name, own->err.text);
	print_message("%s\n", e->name);
	assert_string_equal(own->info.status, e->status);
	assert_string_equal(own->info.link_type, e->link);
	assert_int_equal(sent->info.frames, e->frames);
	assert_int_equal(sent->info.bytes, e->bytes);
	assert_int_equal(sent->info.duration_ps, e->duration_ps);
	assert_string_equal(own->info.direction_rule, e->rule);
	assert_string_equal(own->info.capture_point, e->point);
	assert_int_equal(own->info.tx_frames, e->tx);
	assert_int_equal(own->info.rx_frames, e->rx);
	assert_int_equal(own->info.other_frames, e->other);
	assert_string_equal(anomalies, e->anomalies);
	well_ordered(sent, e->name);
	well_ordered(own, e->name);
}

static void try_file(const char *dir, const struct expected *e)
{
	char path[1024], anomalies[1024];
	struct trial sent, own;

	snprintf(path, sizeof(path), "%s/%s", dir, e->name);
	sent = try_path(path, "traffic.direction=tx");
	own = try_path(path, "");
	anomalies_text(&own.info, anomalies, sizeof(anomalies));
	if (getenv("DMASIM_RECORD")) {
		record(e->name, &sent, &own, anomalies);
	} else if (e->error) {
		assert_true(sent.failed && own.failed);
		assert_int_equal(own.err.kind, ERR_INPUT);
		if (!strstr(own.err.text, e->error))
			fail_msg("%s: %s", e->name, own.err.text);
	} else {
		compare(e, &sent, &own, anomalies);
	}
	trial_free(&sent);
	trial_free(&own);
}

static void every_capture(void **state)
{
	const char *dir = collection();

	(void)state;
	if (!dir) {
		print_message("skipped: no captures in $DMASIM_CAPTURES or "
			      "../shared/captures\n");
		skip();
	}
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		try_file(dir, &table[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_capture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
