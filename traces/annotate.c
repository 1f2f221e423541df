/* SPDX-License-Identifier: Apache-2.0 */
#include "traces/annotate.h"

#include <stdlib.h>
#include <string.h>

#include "traces/packet.h"
#include "traces/pcapng.h"
#include "traces/stream.h"

/* draft-ietf-opsawg-pcapng: section 4 */
#define BLOCK_SECTION	0x0a0d0d0au
#define BLOCK_INTERFACE 1u
#define BLOCK_OLD	2u
#define BLOCK_SIMPLE	3u
#define BLOCK_ENHANCED	6u
#define BLOCK_BYTES_MAX (4u << 20)
#define SECTION_BYTES	28u /* of a section without options */
#define PACKET_FIXED	20u /* bytes of a packet block before its data */
#define ORDER_MAGIC	0x1a2b3c4du

#define OPT_COMMENT 1u
#define OPT_TSRESOL 9u
#define OPT_FCSLEN  13u

/* draft-ietf-opsawg-pcap: section 4 */
#define PCAP_MICRO	  0xa1b2c3d4u
#define PCAP_NANO	  0xa1b23c4du
#define PCAP_KUZNETZOV	  0xa1b2cd34u /* 8 more bytes a record */
#define PCAP_HEADER_BYTES 24u
#define PCAP_FCS_PRESENT  0x04000000u
#define RECORD_BYTES_MAX  (BLOCK_BYTES_MAX - 4096u)

struct copier {
	struct annotate_job *job;
	FILE *in, *out;
	bool big_endian; /* of what is read, and of what is written */
	uint8_t *body;
	size_t room;
};

/* --- numbers of the file's byte order --- */

static uint32_t get32(const struct copier *c, const uint8_t *p)
{
	uint32_t v = load_be32(p);

	return c->big_endian ? v : __builtin_bswap32(v);
}

static void put32(const struct copier *c, uint32_t v)
{
	uint8_t raw[4];
	unsigned i;

	for (i = 0; i < 4; i++)
		raw[i] = (uint8_t)(v >> 8 * (c->big_endian ? 3 - i : i));
	fwrite(raw, 1, sizeof(raw), c->out);
}

static void put16(const struct copier *c, uint32_t v)
{
	uint8_t low = (uint8_t)v, high = (uint8_t)(v >> 8);

	fputc(c->big_endian ? high : low, c->out);
	fputc(c->big_endian ? low : high, c->out);
}

/* --- options --- */

static uint32_t padded(uint32_t bytes)
{
	return (bytes + 3) & ~3u;
}

static void put_padded(const struct copier *c, const void *data, uint32_t bytes)
{
	static const uint8_t zeros[4];

	fwrite(data, 1, bytes, c->out);
	fwrite(zeros, 1, padded(bytes) - bytes, c->out);
}

static void put_option(const struct copier *c, uint32_t code, const void *value,
		       uint32_t bytes)
{
	put16(c, code);
	put16(c, bytes);
	put_padded(c, value, bytes);
}

/* Bytes that a comment takes among options; a lone one needs an end too. */
static uint32_t comment_bytes(const char *text, bool alone)
{
	uint32_t bytes = (uint32_t)strlen(text);

	return bytes ? 4 + padded(bytes) + (alone ? 4 : 0) : 0;
}

static void put_comment(const struct copier *c, const char *text, bool alone)
{
	if (!*text)
		return;
	put_option(c, OPT_COMMENT, text, (uint32_t)strlen(text));
	if (alone)
		put32(c, 0);
}

static int ask(struct copier *c, char *text, struct err *err)
{
	struct annotate_job *job = c->job;

	text[0] = '\0';
	return job->comment(job->ctx, ++job->packets, text, err);
}

/* --- reading --- */

static bool get_bytes(struct copier *c, void *to, size_t bytes)
{
	return fread(to, 1, bytes, c->in) == bytes;
}

/* Room for @bytes and a block's last four. */
static int reserve(struct copier *c, size_t bytes, struct err *err)
{
	uint8_t *body;

	if (bytes <= c->room)
		return 0;
	body = realloc(c->body, bytes);
	if (!body)
		return err_nomem(err, "a block");
	c->body = body;
	c->room = bytes;
	return 0;
}

/* --- pcapng --- */

/* A block as it is; @body has its last length too. */
static void copy_block(const struct copier *c, uint32_t type, uint32_t length)
{
	put32(c, type);
	put32(c, length);
	fwrite(c->body, 1, length - 8, c->out);
}

static int copy_packet(struct copier *c, uint32_t type, uint32_t length,
		       struct err *err)
{
	char text[ANNOTATE_TEXT_MAX];
	uint32_t captured = get32(c, c->body + 12), data, more;

	if (ask(c, text, err) < 0)
		return -1;
	/* What does not fit is damage, which the reader has stopped at. */
	if (captured > length - 12 - PACKET_FIXED)
		captured = length - 12 - PACKET_FIXED;
	data = PACKET_FIXED + padded(captured);
	more = comment_bytes(text, data == length - 12);
	put32(c, type);
	put32(c, length + more);
	fwrite(c->body, 1, data, c->out);
	put_comment(c, text, data == length - 12);
	fwrite(c->body + data, 1, length - 12 - data, c->out);
	put32(c, length + more);
	return 0;
}

static int copy_body(struct copier *c, uint32_t type, uint32_t length,
		     struct err *err)
{
	bool packet = type == BLOCK_ENHANCED || type == BLOCK_OLD;

	if (packet && length >= 12 + PACKET_FIXED)
		return copy_packet(c, type, length, err);
	/* Comments make it longer; -1 is unknown, in any byte order. */
	if (type == BLOCK_SECTION && length >= SECTION_BYTES)
		memset(c->body + 8, 0xff, 8);
	if (type == BLOCK_SIMPLE) {
		c->job->packets++;
		c->job->bare++;
	}
	copy_block(c, type, length);
	return 0;
}

/* The byte order stands in the section after the length it applies to. */
static bool read_order(struct copier *c, const uint8_t *raw)
{
	uint32_t order = load_be32(raw);

	c->big_endian = order == ORDER_MAGIC;
	return c->big_endian || order == __builtin_bswap32(ORDER_MAGIC);
}

/* 1: copied; 0: the end, of the file or of what is sound. */
static int next_block(struct copier *c, struct err *err)
{
	uint8_t raw[12];
	uint32_t type, length, have = 0;

	if (!get_bytes(c, raw, 8))
		return 0;
	if (load_be32(raw) == BLOCK_SECTION) {
		have = 4;
		if (!get_bytes(c, raw + 8, 4) || !read_order(c, raw + 8))
			return 0;
	}
	type = get32(c, raw);
	length = get32(c, raw + 4);
	if (length < 12 + have || length % 4 || length > BLOCK_BYTES_MAX)
		return 0;
	if (reserve(c, length - 8, err) < 0)
		return -1;
	memcpy(c->body, raw + 8, have);
	if (!get_bytes(c, c->body + have, length - 8 - have) ||
	    get32(c, c->body + length - 12) != length)
		return 0;
	return copy_body(c, type, length, err) < 0 ? -1 : 1;
}

static int copy_pcapng(struct copier *c, struct err *err)
{
	int n = 1;

	while (n > 0 && !ferror(c->out))
		n = next_block(c, err);
	return n < 0 ? -1 : 0;
}

/* --- pcap --- */

struct pcap_format {
	bool nano, long_records;
	uint32_t snaplen, link;
};

static bool read_pcap_header(struct copier *c, struct pcap_format *format)
{
	uint8_t raw[PCAP_HEADER_BYTES];
	uint32_t magic;

	if (!get_bytes(c, raw, sizeof(raw)))
		return false;
	magic = load_be32(raw);
	c->big_endian = magic == PCAP_MICRO || magic == PCAP_NANO ||
			magic == PCAP_KUZNETZOV;
	magic = get32(c, raw);
	format->nano = magic == PCAP_NANO;
	format->long_records = magic == PCAP_KUZNETZOV;
	format->snaplen = get32(c, raw + 16);
	format->link = get32(c, raw + 20);
	return magic == PCAP_MICRO || format->nano || format->long_records;
}

static void put_section(const struct copier *c)
{
	const uint32_t length = 28;

	put32(c, BLOCK_SECTION);
	put32(c, length);
	put32(c, ORDER_MAGIC);
	put16(c, 1);
	put16(c, 0);
	put32(c, UINT32_MAX); /* of a section of unknown length: -1 */
	put32(c, UINT32_MAX);
	put32(c, length);
}

/* The upper bits of a pcap's link type say how long an FCS is. */
static void put_interface(const struct copier *c,
			  const struct pcap_format *format)
{
	bool fcs = format->link & PCAP_FCS_PRESENT;
	uint32_t length = 20 + 8 + (fcs ? 8 : 0) + 4;
	uint8_t tsresol = format->nano ? 9 : 6;
	uint8_t fcs_bits = (uint8_t)((format->link >> 28) * 16);

	put32(c, BLOCK_INTERFACE);
	put32(c, length);
	put16(c, format->link & 0xffff);
	put16(c, 0);
	put32(c, format->snaplen);
	put_option(c, OPT_TSRESOL, &tsresol, 1);
	if (fcs)
		put_option(c, OPT_FCSLEN, &fcs_bits, 1);
	put32(c, 0);
	put32(c, length);
}

static void put_record(const struct copier *c, uint64_t stamp,
		       uint32_t captured, uint32_t original, const char *text)
{
	uint32_t length = 12 + PACKET_FIXED + padded(captured) +
			  comment_bytes(text, true);

	put32(c, BLOCK_ENHANCED);
	put32(c, length);
	put32(c, 0);
	put32(c, (uint32_t)(stamp >> 32));
	put32(c, (uint32_t)stamp);
	put32(c, captured);
	put32(c, original);
	put_padded(c, c->body, captured);
	put_comment(c, text, true);
	put32(c, length);
}

static int next_record(struct copier *c, const struct pcap_format *format,
		       struct err *err)
{
	char text[ANNOTATE_TEXT_MAX];
	uint8_t raw[24];
	uint32_t captured;
	uint64_t stamp;

	if (!get_bytes(c, raw, format->long_records ? 24 : 16))
		return 0;
	captured = get32(c, raw + 8);
	if (captured > RECORD_BYTES_MAX)
		return 0;
	if (reserve(c, captured, err) < 0)
		return -1;
	if (!get_bytes(c, c->body, captured))
		return 0;
	if (ask(c, text, err) < 0)
		return -1;
	stamp = (uint64_t)get32(c, raw) *
			(format->nano ? UINT64_C(1000000000) : 1000000) +
		get32(c, raw + 4);
	put_record(c, stamp, captured, get32(c, raw + 12), text);
	return 1;
}

static int copy_pcap(struct copier *c, struct err *err)
{
	struct pcap_format format;
	int n = 1;

	if (!read_pcap_header(c, &format))
		return err_set(err, ERR_INPUT,
			       "not a pcap or pcapng capture that can be "
			       "annotated");
	put_section(c);
	put_interface(c, &format);
	while (n > 0 && !ferror(c->out))
		n = next_record(c, &format, err);
	return n < 0 ? -1 : 0;
}

/* --- either --- */

static int copy_stream(struct copier *c, struct stream *stream, struct err *err)
{
	struct err inner = ERR_INIT;
	uint32_t magic = stream_magic(stream, &inner);

	if (inner.text[0]) {
		*err = inner;
		return -1;
	}
	c->in = stream_file(stream);
	return magic == PCAPNG_MAGIC ? copy_pcapng(c, err) : copy_pcap(c, err);
}

int annotate_capture(const char *path, struct annotate_job *job, FILE *out,
		     struct err *err)
{
	struct copier copier = { .job = job, .out = out };
	struct stream *stream = stream_open(path, err);
	int rc;

	if (!stream)
		return err_wrap(err, "'%s'", path);
	job->packets = job->bare = 0;
	rc = copy_stream(&copier, stream, err);
	stream_close(stream);
	free(copier.body);
	return rc < 0 ? err_wrap(err, "'%s'", path) : 0;
}
