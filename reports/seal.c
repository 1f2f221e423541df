/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/seal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/digest.h"
#include "core/memfile.h"
#include "reports/json_out.h"

/* How json_write() ends, and what takes its place. */
#define END	   "\n}\n"
#define SEAL	   ",\n \"seal\": \""
#define SEAL_END   "\"\n}\n"
#define TAIL_BYTES (sizeof(SEAL) - 1 + 16 + sizeof(SEAL_END) - 1)

uint64_t seal_digest(uint64_t key, const char *text, size_t size)
{
	uint64_t digest = digest_add(digest_add(0, key), size);
	size_t i;

	for (i = 0; i + 8 <= size; i += 8) {
		const unsigned char *p = (const unsigned char *)text + i;
		uint64_t word = 0;

		for (int j = 7; j >= 0; j--)
			word = word << 8 | p[j];
		digest = digest_step(digest, word);
	}
	for (; i < size; i++)
		digest = digest_step(digest, (unsigned char)text[i]);
	return mix64(digest);
}

static void make_tail(const char *text, size_t size, uint64_t key,
		      char tail[TAIL_BYTES + 1])
{
	char hex[17];

	snprintf(tail, TAIL_BYTES + 1, SEAL "%s" SEAL_END,
		 digest_hex(seal_digest(key, text, size), hex));
}

static void write_tail(const char *text, size_t size, uint64_t key, FILE *out)
{
	char tail[TAIL_BYTES + 1];

	BUG_ON(size < strlen(END) ||
	       memcmp(text + size - strlen(END), END, strlen(END)) != 0);
	size -= strlen(END);
	make_tail(text, size, key, tail);
	fwrite(text, 1, size, out);
	fputs(tail, out);
}

int json_write_sealed(const struct document *doc, uint64_t key, FILE *out,
		      struct err *err)
{
	char *text = NULL;
	size_t size;
	FILE *memory = memfile_open(&text, &size);
	int rc;

	if (!memory)
		return err_nomem(err, "JSON text");
	rc = json_write(doc, memory, err);
	if (!memfile_close(memory, &text) && !rc)
		rc = err_nomem(err, "JSON text");
	if (!rc)
		write_tail(text, size, key, out);
	free(text);
	if (!rc && ferror(out))
		return err_set(err, ERR_IO, "cannot write the result: %s",
			       strerror(errno));
	return rc;
}

bool seal_holds(const char *text, size_t size, uint64_t key)
{
	char tail[TAIL_BYTES + 1];

	if (size < TAIL_BYTES)
		return false;
	make_tail(text, size - TAIL_BYTES, key, tail);
	return !memcmp(text + size - TAIL_BYTES, tail, TAIL_BYTES);
}
