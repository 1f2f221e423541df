/* SPDX-License-Identifier: Apache-2.0 */
#include "traces/pcapng.h"

#include <pcap/dlt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* draft-ietf-opsawg-pcapng: section 4 and appendix A */
#define BLOCK_SECTION	0x0a0d0d0au
#define BLOCK_INTERFACE 1u
#define BLOCK_OLD	2u
#define BLOCK_SIMPLE	3u
#define BLOCK_ENHANCED	6u

#define ORDER_MAGIC	0x1a2b3c4du
#define BLOCK_BYTES_MAX (4u << 20)
#define INTERFACES_MAX	65536u

#define OPT_END	     0u
#define OPT_FLAGS    2u
#define OPT_TSRESOL  9u
#define OPT_TSOFFSET 14u

#define LINKTYPE_RAW 101

struct interface {
	int dlt;
	uint32_t snaplen; /* 0: none */
	uint8_t tsresol;
	int64_t tsoffset_s;
};

struct pcapng {
	FILE *file;
	bool big_endian;
	bool cut;
	struct interface *interfaces;
	uint32_t interface_count, interface_room;
	struct stream_view *view;
	const uint8_t *body; /* of the current block: in view, or copied */
	uint8_t *copy;
	size_t copy_room;
	uint64_t offset, block_at; /* in the file */
	uint64_t last_stamp;
	char trouble[200];
};

static int trouble(struct pcapng *png, bool cut, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int trouble(struct pcapng *png, bool cut, const char *fmt, ...)
{
	char why[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	snprintf(png->trouble, sizeof(png->trouble), "block at byte %llu: %s",
		 (unsigned long long)png->block_at, why);
	png->cut = cut;
	return -1;
}

static uint32_t get16(const struct pcapng *png, const uint8_t *p)
{
	return png->big_endian ? load_be16(p) : (uint32_t)p[1] << 8 | p[0];
}

static uint32_t get32(const struct pcapng *png, const uint8_t *p)
{
	uint32_t v = load_be32(p);

	return png->big_endian ? v : __builtin_bswap32(v);
}

/* Two 32-bit halves, high first, whatever the byte order (4.3). */
static uint64_t get_stamp(const struct pcapng *png, const uint8_t *p)
{
	return (uint64_t)get32(png, p) << 32 | get32(png, p + 4);
}

static int64_t get_i64(const struct pcapng *png, const uint8_t *p)
{
	uint64_t v = load_be64(p);

	return (int64_t)(png->big_endian ? v : __builtin_bswap64(v));
}

struct pcapng *pcapng_new(struct stream *stream, struct err *err)
{
	struct pcapng *png = calloc(1, sizeof(*png));

	if (!png) {
		err_nomem(err, "a pcapng reader");
		return NULL;
	}
	png->file = stream_file(stream);
	png->view = stream_view(stream);
	/* What is in view is taken from there, so it must not be elsewhere. */
	setvbuf(png->file, NULL, _IONBF, 0);
	return png;
}

void pcapng_free(struct pcapng *png)
{
	if (!png)
		return;
	free(png->interfaces);
	free(png->copy);
	free(png);
}

const char *pcapng_trouble(const struct pcapng *png, bool *cut)
{
	*cut = png->cut;
	return png->trouble;
}

/* The next @size bytes where they lie; NULL: not all of them are in view. */
static const uint8_t *take_bytes(struct pcapng *png, size_t size)
{
	const uint8_t *p = png->view->at;

	if ((size_t)(png->view->end - p) < size)
		return NULL;
	png->view->at += size;
	png->offset += size;
	return p;
}

static int get_bytes(struct pcapng *png, void *to, size_t size)
{
	const uint8_t *p = take_bytes(png, size);
	size_t n;

	if (p) {
		memcpy(to, p, size);
		return 0;
	}
	n = fread(to, 1, size, png->file);
	png->offset += n;
	if (n == size)
		return 0;
	return trouble(png, !ferror(png->file),
		       "%zu bytes wanted, %zu left in the file", size, n);
}

static int pass_over(struct pcapng *png, uint64_t size)
{
	uint8_t sink[4096];

	while (size) {
		size_t n = size < sizeof(sink) ? (size_t)size : sizeof(sink);

		if (get_bytes(png, sink, n) < 0)
			return -1;
		size -= n;
	}
	return 0;
}

static int check_end(struct pcapng *png, const uint8_t *end, uint32_t length)
{
	if (get32(png, end) != length)
		return trouble(png, false,
			       "length %u at the start, %u at the end", length,
			       get32(png, end));
	return 0;
}

static int block_end(struct pcapng *png, uint32_t length)
{
	uint8_t raw[4];

	if (get_bytes(png, raw, 4) < 0)
		return -1;
	return check_end(png, raw, length);
}

static int copy_body(struct pcapng *png, size_t size)
{
	if (size > png->copy_room) {
		size_t room = size < 65536 ? 65536 : size;
		uint8_t *copy = realloc(png->copy, room);

		if (!copy)
			return trouble(png, false, "out of memory");
		png->copy = copy;
		png->copy_room = room;
	}
	png->body = png->copy;
	return get_bytes(png, png->copy, size);
}

/* The body of a block and the length behind it. */
static int get_body(struct pcapng *png, size_t size, uint32_t length)
{
	const uint8_t *p = take_bytes(png, size + 4);

	if (!p) {
		if (copy_body(png, size) < 0)
			return -1;
		return block_end(png, length);
	}
	png->body = p;
	return check_end(png, p + size, length);
}

/* The value of the first option @code of at least @min bytes, or NULL. */
static const uint8_t *find_option(const struct pcapng *png, const uint8_t *p,
				  size_t left, uint32_t code, uint32_t min)
{
	while (left >= 4) {
		uint32_t this_code = get16(png, p);
		uint32_t len = get16(png, p + 2);
		size_t padded = ((size_t)len + 3) & ~(size_t)3;

		p += 4;
		left -= 4;
		if (this_code == OPT_END || len > left)
			return NULL;
		if (this_code == code && len >= min)
			return p;
		if (padded > left)
			return NULL;
		p += padded;
		left -= padded;
	}
	return NULL;
}

static int read_interface(struct pcapng *png, uint32_t size)
{
	struct interface *interface;
	const uint8_t *value;

	if (size < 8)
		return trouble(png, false, "interface of %u bytes", size);
	if (png->interface_count == INTERFACES_MAX)
		return trouble(png, false, "more than %u interfaces",
			       INTERFACES_MAX);
	if (png->interface_count == png->interface_room) {
		uint32_t room =
			png->interface_room ? 2 * png->interface_room : 8;

		interface = realloc(png->interfaces, room * sizeof(*interface));
		if (!interface)
			return trouble(png, false, "out of memory");
		png->interfaces = interface;
		png->interface_room = room;
	}
	interface = &png->interfaces[png->interface_count++];
	interface->dlt = (int)get16(png, png->body);
	if (interface->dlt == LINKTYPE_RAW)
		interface->dlt = DLT_RAW;
	interface->snaplen = get32(png, png->body + 4);
	value = find_option(png, png->body + 8, size - 8, OPT_TSRESOL, 1);
	interface->tsresol = value ? *value : 6;
	value = find_option(png, png->body + 8, size - 8, OPT_TSOFFSET, 8);
	interface->tsoffset_s = value ? get_i64(png, value) : 0;
	return 0;
}

static uint64_t power_of_ten(unsigned exponent)
{
	uint64_t v = 1;

	while (exponent--)
		v *= 10;
	return v;
}

static uint64_t stamp_ns(const struct interface *interface, uint64_t stamp)
{
	unsigned exponent = interface->tsresol & 0x7f;
	uint64_t ns;

	if (interface->tsresol & 0x80)
		ns = exponent < 64
			     ? (uint64_t)((__uint128_t)stamp * 1000000000u >>
					  exponent)
			     : 0;
	else if (exponent <= 9)
		ns = stamp * power_of_ten(9 - exponent);
	else if (exponent <= 28)
		ns = stamp / power_of_ten(exponent - 9);
	else
		ns = 0;
	return ns + (uint64_t)interface->tsoffset_s * 1000000000u;
}

static int packet_of(struct pcapng *png, struct packet *packet,
		     uint32_t interface, uint32_t captured, uint32_t room)
{
	if (interface >= png->interface_count)
		return trouble(png, false, "packet of unknown interface %u",
			       interface);
	if (captured > room)
		return trouble(png, false,
			       "%u bytes captured in a block with room for %u",
			       captured, room);
	packet->captured = captured;
	packet->dlt = png->interfaces[interface].dlt;
	packet->hint = HINT_NONE;
	packet->fraction_bad = false;
	return 1;
}

static uint8_t hint_of(const struct pcapng *png, uint32_t at, uint32_t size)
{
	const uint8_t *flags;

	if (at >= size)
		return HINT_NONE;
	flags = find_option(png, png->body + at, size - at, OPT_FLAGS, 4);
	if (!flags)
		return HINT_NONE;
	switch (get32(png, flags) & 3) {
	case 1:
		return HINT_RX;
	case 2:
		return HINT_TX;
	default:
		return HINT_NONE;
	}
}

/* Enhanced and old blocks differ in the width of the interface only. */
static int read_packet(struct pcapng *png, struct packet *packet, uint32_t type,
		       uint32_t size)
{
	const uint8_t *p = png->body;
	uint32_t interface, captured;

	if (size < 20)
		return trouble(png, false, "packet block of %u bytes", size);
	interface = type == BLOCK_OLD ? get16(png, p) : get32(png, p);
	captured = get32(png, p + 12);
	if (packet_of(png, packet, interface, captured, size - 20) < 0)
		return -1;
	packet->original = get32(png, p + 16);
	packet->data = p + 20;
	packet->stamp_ns =
		stamp_ns(&png->interfaces[interface], get_stamp(png, p + 4));
	packet->hint = hint_of(png, 20 + ((captured + 3) & ~3u), size);
	png->last_stamp = packet->stamp_ns;
	return 1;
}

static int read_simple(struct pcapng *png, struct packet *packet, uint32_t size)
{
	uint32_t captured, snaplen;

	if (size < 4)
		return trouble(png, false, "packet block of %u bytes", size);
	packet->original = get32(png, png->body);
	captured = packet->original < size - 4 ? packet->original : size - 4;
	snaplen = png->interface_count ? png->interfaces[0].snaplen : 0;
	if (snaplen && captured > snaplen)
		captured = snaplen;
	packet->data = png->body + 4;
	packet->stamp_ns = png->last_stamp;
	return packet_of(png, packet, 0, captured, size - 4);
}

/* The byte order stands after the length it applies to. */
static int read_order(struct pcapng *png, const uint8_t *raw)
{
	uint32_t order = load_be32(raw);

	if (order == ORDER_MAGIC)
		png->big_endian = true;
	else if (order == __builtin_bswap32(ORDER_MAGIC))
		png->big_endian = false;
	else
		return trouble(png, false, "no byte order in a section header");
	png->interface_count = 0;
	return 0;
}

/* The first 8 bytes of the next block: 1, 0 at the end, -1. */
static int get_start(struct pcapng *png, uint8_t raw[8])
{
	const uint8_t *p = take_bytes(png, 8);
	size_t n;

	if (p) {
		memcpy(raw, p, 8);
		return 1;
	}
	n = fread(raw, 1, 1, png->file);
	png->offset += n;
	if (!n)
		return ferror(png->file) ? trouble(png, false, "cannot read")
					 : 0;
	return get_bytes(png, raw + 1, 7) < 0 ? -1 : 1;
}

/* Header of the next block: its type and size of its body; 0 at the end. */
static int block_start(struct pcapng *png, uint32_t *type, uint32_t *length)
{
	uint8_t raw[12];
	int n;

	png->block_at = png->offset;
	n = get_start(png, raw);
	if (n <= 0)
		return n;
	if (load_be32(raw) == BLOCK_SECTION &&
	    (get_bytes(png, raw + 8, 4) < 0 || read_order(png, raw + 8) < 0))
		return -1;
	*type = get32(png, raw);
	*length = get32(png, raw + 4);
	if (*length < 12 || *length % 4 ||
	    (*type == BLOCK_SECTION && *length < 28))
		return trouble(png, false, "a length of %u bytes", *length);
	return 1;
}

/* The packet or interface in a block; 0: no packet. */
static int read_block(struct pcapng *png, struct packet *packet, uint32_t type,
		      uint32_t length)
{
	uint32_t size = length - 12;

	if (length > BLOCK_BYTES_MAX)
		return trouble(png, false, "a block of %u bytes", length);
	if (get_body(png, size, length) < 0)
		return -1;
	if (type == BLOCK_INTERFACE)
		return read_interface(png, size);
	if (type == BLOCK_SIMPLE)
		return read_simple(png, packet, size);
	return read_packet(png, packet, type, size);
}

/* Of a section header the byte order has been read already. */
static int skip_block(struct pcapng *png, uint32_t type, uint32_t length)
{
	uint32_t size = length - 12 - (type == BLOCK_SECTION ? 4 : 0);

	if (pass_over(png, size) < 0)
		return -1;
	return block_end(png, length);
}

int pcapng_next(struct pcapng *png, struct packet *packet)
{
	uint32_t type = 0, length = 0;
	int n;

	while ((n = block_start(png, &type, &length)) > 0) {
		if (type == BLOCK_INTERFACE || type == BLOCK_OLD ||
		    type == BLOCK_SIMPLE || type == BLOCK_ENHANCED)
			n = read_block(png, packet, type, length);
		else
			n = skip_block(png, type, length);
		if (n)
			break;
	}
	return n;
}
