/* SPDX-License-Identifier: Apache-2.0 */
#include "traces/toeplitz.h"

/*
 * What a byte of the input contributes: a table for each byte of a tuple.  Bit
 * n of the input contributes bits n to n + 31 of the key; @key holds the five
 * bytes of the key that begin at the byte of the input.
 */
#define WINDOW(key, bit) ((uint32_t)(UINT64_C(key) >> (8 - (bit))))
#define BIT(key, bit, n) ((n) & (128 >> (bit)) ? WINDOW(key, bit) : 0)
#define ENTRY(key, n)                                                        \
	(BIT(key, 0, n) ^ BIT(key, 1, n) ^ BIT(key, 2, n) ^ BIT(key, 3, n) ^ \
	 BIT(key, 4, n) ^ BIT(key, 5, n) ^ BIT(key, 6, n) ^ BIT(key, 7, n))
#define FOUR(key, n)                                             \
	ENTRY(key, n), ENTRY(key, (n) + 1), ENTRY(key, (n) + 2), \
		ENTRY(key, (n) + 3)
#define SIXTEEN(key, n)                                       \
	FOUR(key, n), FOUR(key, (n) + 4), FOUR(key, (n) + 8), \
		FOUR(key, (n) + 12)
#define SIXTY_FOUR(key, n)                                               \
	SIXTEEN(key, n), SIXTEEN(key, (n) + 16), SIXTEEN(key, (n) + 32), \
		SIXTEEN(key, (n) + 48)
#define BYTE(key)                                                              \
	{                                                                      \
		SIXTY_FOUR(key, 0), SIXTY_FOUR(key, 64), SIXTY_FOUR(key, 128), \
			SIXTY_FOUR(key, 192)                                   \
	}

static const uint32_t parts[36][256] = {
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

/* Contribution of @value, four bytes from byte @at of the input on. */
static uint32_t word(uint32_t value, unsigned at)
{
	return parts[at][value >> 24] ^ parts[at + 1][value >> 16 & 255] ^
	       parts[at + 2][value >> 8 & 255] ^ parts[at + 3][value & 255];
}

static uint32_t address_part(const struct address *address, unsigned at)
{
	return word((uint32_t)(address->high >> 32), at) ^
	       word((uint32_t)address->high, at + 4) ^
	       word((uint32_t)(address->low >> 32), at + 8) ^
	       word((uint32_t)address->low, at + 12);
}

/* Apart, so that it costs IPv4 nothing. */
static __attribute__((noinline)) uint32_t hash_ipv6(const struct address *src,
						    const struct address *dst,
						    uint32_t ports)
{
	return address_part(src, 0) ^ address_part(dst, 16) ^ word(ports, 32);
}

static bool is_ipv4(const struct address *address)
{
	return address->high == 0 && address->low >> 32 == 0xffff;
}

uint32_t toeplitz_hash(const struct address *src, const struct address *dst,
		       uint32_t ports)
{
	if (!is_ipv4(src) || !is_ipv4(dst))
		return hash_ipv6(src, dst, ports);
	return word((uint32_t)src->low, 0) ^ word((uint32_t)dst->low, 4) ^
	       word(ports, 8);
}

uint32_t toeplitz_of(const struct decoded *d, bool sent)
{
	const struct address *src = sent ? &d->dst : &d->src;
	const struct address *dst = sent ? &d->src : &d->dst;
	uint32_t ports = sent ? d->ports << 16 | d->ports >> 16 : d->ports;

	return d->has_ip ? toeplitz_hash(src, dst, ports) : 0;
}
