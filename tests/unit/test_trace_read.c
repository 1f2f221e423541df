/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test_trace_fixture.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <pcap/dlt.h>
#include <pthread.h>

#include "traces/trace.h"

/* Two hosts, a frame each way, @n frames, 100 us apart, 100 bytes. */
static void put_talk(struct bytes *cap, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		record_udp(cap, 1000000 + 100 * i, 10 + i % 2, 11 - i % 2, 100);
}

static struct bytes talk(unsigned n)
{
	struct bytes cap = { 0 };

	pcap_header(&cap, PCAP_US, DLT_EN10MB);
	put_talk(&cap, n);
	return cap;
}

static void both_byte_orders_and_precisions(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct bytes cap = { .little = i & 1 };
		struct trial t;

		pcap_header(&cap, i & 2 ? PCAP_NS : PCAP_US, DLT_EN10MB);
		put_talk(&cap, 10);
		t = try_bytes(&cap, "");
		assert_false(t.failed);
		assert_int_equal(t.count, 10);
		assert_int_equal(t.info.bytes, 1000);
		assert_int_equal(t.info.duration_ps,
				 900 * (i & 2 ? PS_PER_NS : PS_PER_US));
		assert_int_equal(t.info.resolution_ps,
				 i & 2 ? 100 * PS_PER_NS : PS_PER_US);
		assert_string_equal(t.info.status, "complete");
		assert_string_equal(t.info.link_type, "Ethernet");
		assert_int_equal(t.frames[3].number, 4);
		assert_int_equal(t.frames[3].bytes, 100);
		assert_int_equal(t.frames[3].header_bytes, 42);
		trial_free(&t);
	}
}

/* @cap, and after it @zeros times its length of zeros. */
static void compressed_with(struct bytes *cap, unsigned zeros, int filter,
			    char *path)
{
	struct bytes gap = { 0 };
	struct archive *a = archive_write_new();
	struct archive_entry *entry = archive_entry_new();

	assert_true(archive_write_add_filter(a, filter) >= ARCHIVE_WARN);
	archive_write_set_format_raw(a);
	assert_int_equal(archive_write_open_filename(a, path), ARCHIVE_OK);
	archive_entry_set_filetype(entry, AE_IFREG);
	assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
	assert_int_equal(archive_write_data(a, cap->data, cap->len),
			 (la_ssize_t)cap->len);
	put_zeros(&gap, cap->len);
	while (zeros--)
		assert_int_equal(archive_write_data(a, gap.data, gap.len),
				 (la_ssize_t)gap.len);
	bytes_free(&gap);
	archive_entry_free(entry);
	assert_int_equal(archive_write_free(a), ARCHIVE_OK);
}

static void compressed(struct bytes *cap, int filter, char *path)
{
	compressed_with(cap, 0, filter, path);
}

static void every_compression(void **state)
{
	static const int filters[] = { ARCHIVE_FILTER_GZIP,
				       ARCHIVE_FILTER_BZIP2, ARCHIVE_FILTER_XZ,
				       ARCHIVE_FILTER_ZSTD,
				       ARCHIVE_FILTER_LZ4 };
	struct bytes cap = talk(3000);
	char *plain = fixture_file(&cap);
	struct trial whole = try_path(plain, "");

	(void)state;
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		char *path = fixture_file(&(struct bytes){ 0 });
		struct trial t;

		compressed(&cap, filters[i], path);
		t = try_path(path, "");
		assert_false(t.failed);
		assert_int_equal(t.count, 3000);
		assert_true(t.info.digest == whole.info.digest);
		trial_free(&t);
		t = try_path(path, "traffic.loop=2");
		assert_int_equal(t.count, 6000);
		trial_free(&t);
		fixture_remove(path);
	}
	trial_free(&whole);
	fixture_remove(plain);
	bytes_free(&cap);
}

/* Zeros without measure in a few bytes end early, as damaged. */
static void expanding_compression(void **state)
{
	struct bytes cap = talk(10);
	char *path = fixture_file(&(struct bytes){ 0 });
	struct trial t;

	(void)state;
	put_zeros(&cap, 100000);
	compressed_with(&cap, 1500, ARCHIVE_FILTER_BZIP2, path);
	t = try_path(path, "");
	assert_false(t.failed);
	assert_int_equal(t.count, 10);
	assert_string_equal(t.info.status, "damaged");
	assert_non_null(strstr(t.info.status_detail, "more than 10000"));
	trial_free(&t);
	fixture_remove(path);
	bytes_free(&cap);
}

static void cut_compression(void **state)
{
	struct bytes cap = talk(3000), half = { 0 };
	char *path = fixture_file(&half);
	struct trial t;
	FILE *fp;

	(void)state;
	compressed(&cap, ARCHIVE_FILTER_GZIP, path);
	fp = fopen(path, "r");
	assert_non_null(fp);
	put_zeros(&half, 500000);
	half.len = fread(half.data, 1, half.len, fp) - 12;
	fclose(fp);
	t = try_bytes(&half, "");
	if (t.failed)
		fail_msg("%s", t.err.text);
	assert_true(t.count > 10 && t.count < 3000);
	assert_string_equal(t.info.status, "cut");
	trial_free(&t);
	fixture_remove(path);
	bytes_free(&cap);
}

static void standard_input(void **state)
{
	struct bytes cap = talk(10);
	char *path = fixture_file(&cap);
	int keep = dup(STDIN_FILENO), fd = open(path, O_RDONLY);
	struct trial t;

	(void)state;
	dup2(fd, STDIN_FILENO);
	t = try_path("-", "");
	assert_false(t.failed);
	assert_int_equal(t.count, 10);
	trial_free(&t);
	lseek(STDIN_FILENO, 0, SEEK_SET);
	t = try_path("-", "traffic.loop=2");
	assert_true(t.failed);
	assert_int_equal(t.err.kind, ERR_USAGE);
	assert_non_null(strstr(t.err.text, "more than once"));
	lseek(STDIN_FILENO, 0, SEEK_SET);
	t = try_path("-", "traffic.rate=1Gbps");
	assert_true(t.failed);
	assert_int_equal(t.err.kind, ERR_USAGE);
	dup2(keep, STDIN_FILENO);
	close(keep);
	close(fd);
	bytes_free(&cap);
	fixture_remove(path);
}

static void expect_error(struct bytes *cap, const char *part)
{
	struct trial t = try_bytes(cap, "");

	assert_true(t.failed);
	assert_int_equal(t.err.kind, ERR_INPUT);
	if (!strstr(t.err.text, part))
		fail_msg("'%s' is not in: %s", part, t.err.text);
}

static void not_captures(void **state)
{
	struct bytes cap = { 0 };
	struct trial t;

	(void)state;
	expect_error(&cap, "empty");
	put_bytes(&cap, "#!/bin/sh\n", 10);
	expect_error(&cap, "not a pcap or pcapng capture");
	put_bytes(&cap, "\x1f\x8b\x08rubbish that is no gzip", 27);
	expect_error(&cap, "not a pcap");
	pcap_header(&cap, PCAP_US, DLT_EN10MB);
	expect_error(&cap, "no frames");
	pcap_header(&cap, PCAP_US, 189);
	expect_error(&cap, "USB_LINUX");
	pcap_header(&cap, PCAP_US, DLT_EN10MB);
	put_zeros(&cap, 7);
	expect_error(&cap, "cut");
	t = try_path("/nonexistent/file", "");
	assert_int_equal(t.err.kind, ERR_INPUT);
	assert_non_null(strstr(t.err.text, "'/nonexistent/file': cannot open"));
	t = try_path("/", "");
	assert_int_equal(t.err.kind, ERR_INPUT);
}

static void cut_file(void **state)
{
	struct bytes cap = talk(10);
	struct trial t;

	(void)state;
	cap.len -= 5;
	t = try_bytes(&cap, "");
	assert_false(t.failed);
	assert_int_equal(t.count, 9);
	assert_string_equal(t.info.status, "cut");
	assert_non_null(strstr(t.info.status_detail, "after record 9"));
	trial_free(&t);
}

static void damaged_file(void **state)
{
	struct bytes cap = talk(3);
	struct trial t;

	(void)state;
	pcap_record(&cap, 2, 0, "", 0, 60);
	memset(cap.data + cap.len - 8, 0x7f, 4);
	put_talk(&cap, 3);
	t = try_bytes(&cap, "");
	assert_false(t.failed);
	assert_int_equal(t.count, 3);
	assert_string_equal(t.info.status, "damaged");
	trial_free(&t);
}

static void odd_lengths(void **state)
{
	struct bytes cap = talk(4);
	struct trial t;
	uint64_t first = 0;

	(void)state;
	pcap_record(&cap, 1, 500, "", 0, 0);		  /* 5 */
	pcap_record(&cap, 1, 600, "", 0, 2000000000);	  /* 6 */
	pcap_record(&cap, 1, 700, cap.data + 40, 80, 70); /* 7 */
	t = try_bytes(&cap, "traffic.direction=rx");
	assert_false(t.failed);
	assert_int_equal(t.count, 5);
	assert_int_equal(t.frames[4].bytes, 70);
	assert_int_equal(t.frames[4].number, 7);
	assert_int_equal(anomaly_of(&t.info, "zero_length", &first), 1);
	assert_int_equal(first, 5);
	assert_int_equal(anomaly_of(&t.info, "absurd_length", &first), 1);
	assert_int_equal(first, 6);
	assert_int_equal(anomaly_of(&t.info, "captured_over_original", &first),
			 1);
	assert_int_equal(first, 7);
	trial_free(&t);
}

static void odd_times(void **state)
{
	struct bytes cap = { 0 };
	struct trial t;
	uint64_t first = 0;

	(void)state;
	pcap_header(&cap, PCAP_US, DLT_EN10MB);
	record_udp(&cap, 1000000, 10, 11, 100);
	record_udp(&cap, 1000400, 11, 10, 100);
	record_udp(&cap, 1000200, 11, 10, 100); /* reordered */
	record_udp(&cap, 1000600, 11, 10, 100);
	record_udp(&cap, 90000000000, 11, 10, 100); /* a day later */
	record_udp(&cap, 90000000100, 11, 10, 100);
	record_udp(&cap, 500, 11, 10, 100); /* long ago */
	t = try_bytes(&cap, "");
	assert_int_equal(t.count, 7);
	assert_int_equal(t.frames[1].at, 400 * PS_PER_US);
	/* equal to the one before: spread inside the microsecond */
	assert_int_equal(t.frames[2].at, 400 * PS_PER_US + PS_PER_US / 2);
	assert_int_equal(t.frames[3].at, 600 * PS_PER_US);
	assert_int_equal(t.frames[4].at, 800 * PS_PER_US); /* mean 200 us */
	assert_int_equal(t.frames[5].at, 900 * PS_PER_US);
	assert_int_equal(t.frames[6].at, 1080 * PS_PER_US);
	assert_int_equal(anomaly_of(&t.info, "time_back", &first), 1);
	assert_int_equal(first, 3);
	assert_int_equal(anomaly_of(&t.info, "jump_forward", &first), 1);
	assert_int_equal(first, 5);
	assert_int_equal(anomaly_of(&t.info, "jump_back", &first), 1);
	assert_int_equal(first, 7);
	trial_free(&t);
}

static void bad_fraction(void **state)
{
	struct bytes cap = { 0 };
	struct trial t;
	uint64_t first = 0;

	(void)state;
	pcap_header(&cap, PCAP_US, DLT_EN10MB);
	record_udp(&cap, 1000000, 10, 11, 100);
	record_udp(&cap, 1000400, 11, 10, 100);
	put_uint(&cap, 1, 4);
	put_uint(&cap, 1000001, 4);
	put_uint(&cap, 0, 4);
	put_uint(&cap, 100, 4);
	t = try_bytes(&cap, "traffic.direction=tx");
	assert_int_equal(t.count, 3);
	assert_int_equal(t.frames[2].at, 999999999 * PS_PER_NS);
	assert_int_equal(anomaly_of(&t.info, "fraction_out_of_range", &first),
			 1);
	assert_int_equal(first, 3);
	trial_free(&t);
}

/* Every prefix of a capture, and every byte of it spoilt: no crash. */
static void spoilt_files(void **state)
{
	struct bytes cap = talk(2);

	(void)state;
	try_spoilt(&cap);
	bytes_free(&cap);
}

static void frame_check_sequences(void **state)
{
	struct fixture_ip ip = { IP_A, IP_B, 1, 2, false, 200, 4 };
	struct bytes cap = { 0 }, packet = { 0 };
	char *path;
	struct trial t;

	(void)state;
	put_ethernet(&packet, MAC_B, MAC_A, 0x0800);
	put_ip(&packet, &ip);
	pcap_header(&cap, PCAP_US, DLT_EN10MB);
	for (unsigned i = 0; i < 20; i++)
		pcap_record(&cap, 1, i, packet.data, packet.len, packet.len);
	path = fixture_file(&cap);
	t = try_path(path, "");
	assert_int_equal(t.frames[0].bytes, 242);
	assert_string_equal(t.info.capture_point, "wire");
	trial_free(&t);
	t = try_path(path, "traffic.fcs=no");
	assert_int_equal(t.frames[0].bytes, 246);
	trial_free(&t);
	fixture_remove(path);
	/* a frame below 64 bytes cannot have one: two of ten are too many */
	for (unsigned i = 0; i < 3; i++)
		pcap_record(&cap, 1, i, packet.data, 60, 60);
	t = try_bytes(&cap, "");
	assert_int_equal(t.frames[0].bytes, 246);
	trial_free(&t);
	bytes_free(&packet);
}

static void capture_points(void **state)
{
	struct bytes cap = talk(4);
	struct trial t;

	(void)state;
	t = try_bytes(&cap, "");
	assert_string_equal(t.info.capture_point, "wire");
	trial_free(&t);
	cap = talk(4);
	record_udp(&cap, 2000000, 10, 11, 59);
	t = try_bytes(&cap, "");
	assert_string_equal(t.info.capture_point, "host");
	trial_free(&t);
	cap = talk(4);
	record_udp(&cap, 2000000, 10, 11, 1515);
	t = try_bytes(&cap, "");
	assert_string_equal(t.info.capture_point, "host");
	trial_free(&t);
	cap = talk(4);
	record_udp(&cap, 2000000, 10, 11, 1515);
	t = try_bytes(&cap, "traffic.capture_point=wire");
	assert_string_equal(t.info.capture_point, "wire");
	trial_free(&t);
}

/* What a thread reads, and its digest. */
struct reading {
	const char *path;
	struct config *cfg;
	uint64_t frames, digest;
};

static void *read_in_thread(void *data)
{
	struct reading *r = data;
	struct frame batch[64];
	struct err err = ERR_INIT;
	struct frame_source *source = trace_open(&r->path, 1, r->cfg, &err);

	if (!source)
		return NULL;
	while (frame_source_read(source, batch, 64, &err) > 0)
		;
	r->frames = trace_source_info(source)->frames;
	r->digest = trace_source_info(source)->digest;
	frame_source_free(source);
	return NULL;
}

static void threads_share_nothing(void **state)
{
	struct bytes cap = talk(3000);
	char *path = fixture_file(&cap);
	struct reading readings[4];
	pthread_t threads[4];

	(void)state;
	compressed(&cap, ARCHIVE_FILTER_GZIP, path);
	for (int i = 0; i < 4; i++) {
		readings[i] = (struct reading){
			.path = path,
			.cfg = fixture_config("traffic.filter=udp and src "
					      "host 10.0.0.10;traffic.loop=3"),
		};
		assert_int_equal(pthread_create(&threads[i], NULL,
						read_in_thread, &readings[i]),
				 0);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		config_free(readings[i].cfg);
		assert_int_equal(readings[i].frames, 4500);
		assert_true(readings[i].digest == readings[0].digest);
	}
	fixture_remove(path);
	bytes_free(&cap);
}

static void file_digests(void **state)
{
	struct bytes b = { 0 };
	struct err err = ERR_INIT;
	char hex[65], *path;

	(void)state;
	put_bytes(&b, "abc", 3);
	path = fixture_file(&b);
	assert_int_equal(trace_sha256(path, hex, &err), 0);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223"
				 "b00361a396177a9cb410ff61f20015ad");
	fixture_remove(path);
	bytes_free(&b);
	assert_int_equal(trace_sha256("/nonexistent", hex, &err), -1);
	assert_int_equal(err.kind, ERR_INPUT);
}

/* Only the hash goes when nobody looks at it. */
static void without_hashes(void **state)
{
	struct bytes cap = talk(10);
	char *path = fixture_file(&cap);
	const char *paths[] = { path };
	struct config *cfg = fixture_config("");
	struct err err = ERR_INIT;
	struct frame_source *source = trace_open(paths, 1, cfg, &err);
	struct trial with = try_path(path, ""), without = { .err = ERR_INIT };

	(void)state;
	assert_non_null(source);
	source->no_rss = true;
	trial_read(&without, source);
	assert_int_equal(without.count, with.count);
	for (size_t i = 0; i < with.count; i++) {
		assert_int_not_equal(with.frames[i].rss, 0);
		assert_int_equal(without.frames[i].rss, 0);
		with.frames[i].rss = 0;
		assert_memory_equal(&with.frames[i], &without.frames[i],
				    sizeof(with.frames[i]));
	}
	assert_int_equal(trace_source_info(source)->digest, with.info.digest);
	frame_source_free(source);
	trial_free(&with);
	trial_free(&without);
	config_free(cfg);
	fixture_remove(path);
	bytes_free(&cap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_byte_orders_and_precisions),
		cmocka_unit_test(every_compression),
		cmocka_unit_test(expanding_compression),
		cmocka_unit_test(cut_compression),
		cmocka_unit_test(standard_input),
		cmocka_unit_test(not_captures),
		cmocka_unit_test(cut_file),
		cmocka_unit_test(damaged_file),
		cmocka_unit_test(odd_lengths),
		cmocka_unit_test(odd_times),
		cmocka_unit_test(bad_fraction),
		cmocka_unit_test(spoilt_files),
		cmocka_unit_test(frame_check_sequences),
		cmocka_unit_test(capture_points),
		cmocka_unit_test(without_hashes),
		cmocka_unit_test(threads_share_nothing),
		cmocka_unit_test(file_digests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
