/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digests: fast, not cryptographic.  Equal on every machine (words are hashed
 * as values, not as bytes in memory).
 */
#ifndef CORE_DIGEST_H
#define CORE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "core/rng.h"

/* Ordered: the digest of a sequence. Start from 0. */
static inline uint64_t digest_add(uint64_t digest, uint64_t word)
{
	return mix64(digest + UINT64_C(0x9e3779b97f4a7c15)) ^ mix64(word + 1);
}

uint64_t digest_text(uint64_t digest, const char *text);

/* Ordered and cheap, for one long sequence: a component's transitions. */
static inline uint64_t digest_step(uint64_t digest, uint64_t word)
{
	return (digest ^ word) * UINT64_C(0x9e3779b97f4a7c15) + (digest >> 32);
}

/* Commutative: add the returned words in any order. */
static inline uint64_t digest_item(uint64_t a, uint64_t b, uint64_t c)
{
	return mix64(a * UINT64_C(0xff51afd7ed558ccd) +
		     b * UINT64_C(0x9e3779b97f4a7c15) +
		     c * UINT64_C(0xc4ceb9fe1a85ec53) + 1);
}

/* "0123456789abcdef" into @buf of 17 bytes. Returns @buf. */
char *digest_hex(uint64_t digest, char buf[17]);

#endif
