/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One record of a capture, before it is decoded, and big-endian loads.
 */
#ifndef TRACES_PACKET_H
#define TRACES_PACKET_H

#include <stdbool.h>
#include <stdint.h>

/* What the capture itself says of a packet's direction. */
enum packet_hint { HINT_NONE, HINT_TX, HINT_RX, HINT_OTHER };

struct packet {
	uint64_t stamp_ns; /* since the epoch, modulo 2^64 */
	uint32_t captured; /* bytes at data */
	uint32_t original; /* bytes on the wire, as recorded */
	const uint8_t *data;
	int dlt; /* libpcap's DLT_ value */
	uint8_t hint;
	bool fraction_bad; /* a sub-second field was out of range, clamped */
};

static inline uint32_t load_be16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static inline uint32_t load_be32(const uint8_t *p)
{
	uint32_t v;

	__builtin_memcpy(&v, p, sizeof(v));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	v = __builtin_bswap32(v);
#endif
	return v;
}

static inline uint64_t load_be64(const uint8_t *p)
{
	return (uint64_t)load_be32(p) << 32 | load_be32(p + 4);
}

#endif
