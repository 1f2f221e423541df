/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Captures made by the tests of traces/: byte buffers that become temporary
 * files, packets, and a configuration of the traffic parameters.
 *
 *	struct bytes cap = { 0 };
 *	pcap_header(&cap, PCAP_US, DLT_EN10MB);
 *	pcap_record(&cap, sec, usec, packet.data, packet.len, packet.len);
 *	path = fixture_file(&cap);
 */
#ifndef TEST_TRACE_FIXTURE_H
#define TEST_TRACE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/param.h"
#include "traces/params.h"
#include "traces/trace.h"

#define PCAP_US	    0xa1b2c3d4u
#define PCAP_NS	    0xa1b23c4du
#define FIXTURE_MAX (1u << 20)

struct bytes {
	uint8_t *data;
	size_t len;
	bool little; /* byte order of the integers put */
};

static inline void put_bytes(struct bytes *b, const void *data, size_t len)
{
	if (!b->data)
		b->data = calloc(1, FIXTURE_MAX);
	assert_non_null(b->data);
	assert_true(b->len + len <= FIXTURE_MAX);
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
}

static inline void put_uint(struct bytes *b, uint64_t value, size_t size)
{
	uint8_t raw[8];

	for (size_t i = 0; i < size; i++) {
		size_t byte = b->little ? i : size - 1 - i;

		raw[i] = (uint8_t)(value >> (8 * byte));
	}
	put_bytes(b, raw, size);
}

static inline void put_zeros(struct bytes *b, size_t len)
{
	static const uint8_t zeros[65536];

	for (; len > sizeof(zeros); len -= sizeof(zeros))
		put_bytes(b, zeros, sizeof(zeros));
	put_bytes(b, zeros, len);
}

static inline void bytes_free(struct bytes *b)
{
	free(b->data);
	*b = (struct bytes){ 0 };
}

/* --- pcap --- */

static inline void pcap_header(struct bytes *b, uint32_t magic, uint32_t dlt)
{
	put_uint(b, magic, 4);
	put_uint(b, 2, 2);
	put_uint(b, 4, 2);
	put_uint(b, 0, 8);
	put_uint(b, 262144, 4);
	put_uint(b, dlt, 4);
}

static inline void pcap_record(struct bytes *b, uint32_t sec, uint32_t fraction,
			       const void *data, size_t captured,
			       size_t original)
{
	put_uint(b, sec, 4);
	put_uint(b, fraction, 4);
	put_uint(b, captured, 4);
	put_uint(b, original, 4);
	put_bytes(b, data, captured);
}

/* --- packets --- */

struct fixture_ip {
	uint32_t src, dst;
	uint16_t sport, dport;
	bool tcp;
	size_t payload;
	size_t pad; /* bytes after the IP packet */
};

/* IPv4 and UDP or TCP; in network byte order whatever @b's is. */
static inline void put_ip(struct bytes *b, const struct fixture_ip *ip)
{
	bool little = b->little;

	b->little = false;
	put_uint(b, 0x4500, 2);
	put_uint(b, (ip->tcp ? 40u : 28u) + ip->payload, 2);
	put_uint(b, 0, 4);
	put_uint(b, ip->tcp ? 0x4006 : 0x4011, 2);
	put_uint(b, 0, 2);
	put_uint(b, ip->src, 4);
	put_uint(b, ip->dst, 4);
	put_uint(b, ip->sport, 2);
	put_uint(b, ip->dport, 2);
	if (ip->tcp) {
		put_uint(b, 0, 8);
		put_uint(b, 0x5010ffff, 4);
		put_uint(b, 0, 4);
	} else {
		put_uint(b, 8 + ip->payload, 2);
		put_uint(b, 0, 2);
	}
	put_zeros(b, ip->payload + ip->pad);
	b->little = little;
}

static inline void put_ethernet(struct bytes *b, uint64_t dst, uint64_t src,
				unsigned ethertype)
{
	bool little = b->little;

	b->little = false;
	put_uint(b, dst, 6);
	put_uint(b, src, 6);
	put_uint(b, ethertype, 2);
	b->little = little;
}

#define MAC_A	     UINT64_C(0x02000000000a)
#define MAC_B	     UINT64_C(0x02000000000b)
#define MAC_C	     UINT64_C(0x02000000000c)
#define IP_A	     0x0a00000au
#define IP_B	     0x0a00000bu
#define IP_C	     0x0a00000cu
#define MAC_OF(host) (UINT64_C(0x020000000000) | (host))
#define IP_OF(host)  (0x0a000000u | (host))

/*
 * A UDP frame of @len bytes from host to host (ports 1000 + host), recorded
 * with a stamp of @us microseconds.
 */
static inline void record_udp(struct bytes *cap, uint64_t us, uint32_t from,
			      uint32_t to, size_t len)
{
	struct fixture_ip ip = { IP_OF(from),
				 IP_OF(to),
				 (uint16_t)(1000 + from),
				 (uint16_t)(1000 + to),
				 false,
				 len - 42,
				 0 };
	struct bytes packet = { 0 };

	put_ethernet(&packet, MAC_OF(to), MAC_OF(from), 0x0800);
	put_ip(&packet, &ip);
	pcap_record(cap, (uint32_t)(us / 1000000), (uint32_t)(us % 1000000),
		    packet.data, packet.len, packet.len);
	bytes_free(&packet);
}

/* --- files and configurations --- */

/* A temporary file with @b's bytes; free with fixture_remove(). */
static inline char *fixture_file(const struct bytes *b)
{
	char *path = strdup("/tmp/dmasim-test-XXXXXX");
	int fd;

	assert_non_null(path);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	if (b->len)
		assert_int_equal(write(fd, b->data, b->len), (ssize_t)b->len);
	close(fd);
	return path;
}

static inline void fixture_remove(char *path)
{
	unlink(path);
	free(path);
}

static inline struct config *fixture_config(const char *pairs)
{
	static const struct param *const tables[] = { trace_params, NULL };
	static const struct param_set set = { tables };
	struct err err = ERR_INIT;
	struct config *cfg = config_new(&set, &err);

	assert_non_null(cfg);
	while (*pairs) {
		size_t len = strcspn(pairs, ";");
		char pair[256];

		snprintf(pair, sizeof(pair), "%.*s", (int)len, pairs);
		if (config_set_pair(cfg, pair, "--set", &err) < 0)
			fail_msg("%s", err.text);
		pairs += len + (pairs[len] == ';');
	}
	return cfg;
}

/* All frames of a trace, or an error. */
struct trial {
	struct frame *frames;
	size_t count;
	struct trace_info info;
	struct err err;
	bool failed;
};

static inline void trial_read(struct trial *t, struct frame_source *source)
{
	size_t room = 0;
	long n = 1;

	while (n > 0) {
		if (t->count + 100 > room) {
			room = room ? 2 * room : 1024;
			t->frames =
				realloc(t->frames, room * sizeof(*t->frames));
			assert_non_null(t->frames);
		}
		n = frame_source_read(source, t->frames + t->count, 100,
				      &t->err);
		t->count += n > 0 ? (size_t)n : 0;
	}
	t->failed = n < 0;
}

/* @pairs: "key=value;key=value" */
static inline struct trial try_paths(const char *const *paths, size_t count,
				     const char *pairs)
{
	struct config *cfg = fixture_config(pairs);
	struct trial t = { .err = ERR_INIT, .failed = true };
	struct frame_source *source = trace_open(paths, count, cfg, &t.err);

	if (source) {
		trial_read(&t, source);
		t.info = *trace_source_info(source);
		frame_source_free(source);
	}
	config_free(cfg);
	return t;
}

static inline struct trial try_path(const char *path, const char *pairs)
{
	return try_paths(&path, 1, pairs);
}

/* The same of a capture in memory, which is freed. */
static inline struct trial try_bytes(struct bytes *cap, const char *pairs)
{
	char *path = fixture_file(cap);
	struct trial t = try_path(path, pairs);

	bytes_free(cap);
	fixture_remove(path);
	return t;
}

static inline void trial_free(struct trial *t)
{
	free(t->frames);
	*t = (struct trial){ 0 };
}

/* Every prefix of a capture, and every byte of it spoilt: no crash. */
static inline void try_spoilt(struct bytes *cap)
{
	char *path = fixture_file(cap);

	for (size_t i = 0; i < 2 * cap->len; i++) {
		FILE *fp = fopen(path, "w");
		struct trial t;

		assert_non_null(fp);
		if (i < cap->len) {
			fwrite(cap->data, 1, i, fp);
		} else {
			cap->data[i - cap->len] ^= 0xa5;
			fwrite(cap->data, 1, cap->len, fp);
			cap->data[i - cap->len] ^= 0xa5;
		}
		fclose(fp);
		t = try_path(path, "");
		if (t.failed)
			assert_true(t.err.text[0]);
		else
			assert_true(t.count < 1000); /* one may turn super */
		trial_free(&t);
	}
	fixture_remove(path);
}

/* Count of an anomaly, 0 when it was not seen; *@first its first record. */
static inline uint64_t anomaly_of(const struct trace_info *info,
				  const char *kind, uint64_t *first)
{
	for (unsigned i = 0; i < info->anomaly_count; i++) {
		if (strcmp(info->anomalies[i].kind, kind) != 0)
			continue;
		if (first)
			*first = info->anomalies[i].first_frame;
		return info->anomalies[i].count;
	}
	return 0;
}

#endif
