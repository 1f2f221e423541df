/* SPDX-License-Identifier: Apache-2.0 */
#include "core/digest.h"

#include <string.h>

uint64_t digest_text(uint64_t digest, const char *text)
{
	size_t length = strlen(text);
	size_t i;

	for (i = 0; i < length; i += 8) {
		uint64_t word = 0;
		size_t j;

		for (j = i; j < length && j < i + 8; j++)
			word |= (uint64_t)(unsigned char)text[j]
				<< (8 * (j - i));
		digest = digest_add(digest, word);
	}
	return digest_add(digest, length);
}

char *digest_hex(uint64_t digest, char buf[17])
{
	static const char digits[] = "0123456789abcdef";
	int i;

	for (i = 15; i >= 0; i--, digest >>= 4)
		buf[i] = digits[digest & 15];
	buf[16] = '\0';
	return buf;
}
