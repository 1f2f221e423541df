/* SPDX-License-Identifier: Apache-2.0 */
#include "traces/toeplitz.h"

/*
 * What four bits of the input contribute: one table of 16 for each four bits
 * of a tuple.  Bit n of the input contributes bits n to n + 31 of the key;
 * @key holds the five bytes of the key that begin at the byte of the input.
 */
#define WINDOW(key, bit) ((uint32_t)(UINT64_C(key) >> (8 - (bit))))
#define ENTRY(key, bit, n)                      \
	(((n)&8 ? WINDOW(key, bit) : 0) ^       \
	 ((n)&4 ? WINDOW(key, (bit) + 1) : 0) ^ \
	 ((n)&2 ? WINDOW(key, (bit) + 2) : 0) ^ \
	 ((n)&1 ? WINDOW(key, (bit) + 3) : 0))
#define FOUR(key, bit, n)                             \
	ENTRY(key, bit, n), ENTRY(key, bit, (n) + 1), \
		ENTRY(key, bit, (n) + 2), ENTRY(key, bit, (n) + 3)
#define NIBBLE(key, bit)                                                 \
	{                                                                \
		FOUR(key, bit, 0), FOUR(key, bit, 4), FOUR(key, bit, 8), \
			FOUR(key, bit, 12)                               \
	}
#define BYTE(key) NIBBLE(key, 0), NIBBLE(key, 4)

static const uint32_t parts[2 * 36][16] = {
	BYTE(0x6d5a56da25), BYTE(0x5a56da255b), BYTE(0x56da255b0e),
	BYTE(0xda255b0ec2), BYTE(0x255b0ec241), BYTE(0x5b0ec24167),
	BYTE(0x0ec2416725), BYTE(0xc24167253d), BYTE(0x4167253d43),
	BYTE(0x67253d43a3), BYTE(0x253d43a38f), BYTE(0x3d43a38fb0),
	BYTE(0x43a38fb0d0), BYTE(0xa38fb0d0ca), BYTE(0x8fb0d0ca2b),
	BYTE(0xb0d0ca2bcb), BYTE(0xd0ca2bcbae), BYTE(0xca2bcbae7b),
	BYTE(0x2bcbae7b30), BYTE(0xcbae7b30b4), BYTE(0xae7b30b477),
	BYTE(0x7b30b477cb), BYTE(0x30b477cb2d), BYTE(0xb477cb2da3),
	BYTE(0x77cb2da380), BYTE(0xcb2da38030), BYTE(0x2da38030f2),
	BYTE(0xa38030f20c), BYTE(0x8030f20c6a), BYTE(0x30f20c6a42),
	BYTE(0xf20c6a42b7), BYTE(0x0c6a42b73b), BYTE(0x6a42b73bbe),
	BYTE(0x42b73bbeac), BYTE(0xb73bbeac01), BYTE(0x3bbeac01fa),
};

/* Contribution of the low @bits of @value at bit @at of the input. */
static uint32_t contribution(uint64_t value, unsigned bits, unsigned at)
{
	const uint32_t(*part)[16] = &parts[at / 4];
	uint32_t hash = 0;

	while (bits) {
		bits -= 4;
		hash ^= (*part++)[value >> bits & 15];
	}
	return hash;
}

static bool is_ipv4(const struct address *address)
{
	return address->high == 0 && address->low >> 32 == 0xffff;
}

uint32_t toeplitz_hash(const struct address *src, const struct address *dst,
		       uint32_t ports)
{
	if (is_ipv4(src) && is_ipv4(dst))
		return contribution(src->low, 32, 0) ^
		       contribution(dst->low, 32, 32) ^
		       contribution(ports, 32, 64);
	return contribution(src->high, 64, 0) ^ contribution(src->low, 64, 64) ^
	       contribution(dst->high, 64, 128) ^
	       contribution(dst->low, 64, 192) ^ contribution(ports, 32, 256);
}

uint32_t toeplitz_of(const struct decoded *d, bool sent)
{
	if (!d->has_ip)
		return 0;
	if (sent)
		return toeplitz_hash(&d->dst, &d->src,
				     d->ports << 16 | d->ports >> 16);
	return toeplitz_hash(&d->src, &d->dst, d->ports);
}
