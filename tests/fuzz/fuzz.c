/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/tables.h"

atomic_int cmd_interrupted;

const struct fuzz_target *fuzz_target_find(const char *name)
{
	size_t i;

	for (i = 0; fuzz_targets[i]; i++)
		if (!strcmp(fuzz_targets[i]->name, name))
			return fuzz_targets[i];
	return NULL;
}

void fuzz_refused(const struct err *err)
{
	FUZZ_CHECK(memchr(err->text, '\0', sizeof(err->text)), "no end");
	FUZZ_CHECK(err->text[0], "refused without a word");
	FUZZ_CHECK(err->kind == ERR_INPUT || err->kind == ERR_USAGE ||
			   err->kind == ERR_IO,
		   "kind %d", (int)err->kind);
}

struct fuzz_file fuzz_file_new(const void *data, size_t size)
{
	struct fuzz_file file = { .fd = memfd_create("fuzz", MFD_CLOEXEC) };
	size_t done = 0;

	FUZZ_CHECK(file.fd >= 0, "memfd_create");
	while (done < size) {
		ssize_t n =
			write(file.fd, (const char *)data + done, size - done);

		FUZZ_CHECK(n > 0, "write");
		done += (size_t)n;
	}
	snprintf(file.path, sizeof(file.path), "/proc/self/fd/%d", file.fd);
	return file;
}

void fuzz_file_free(struct fuzz_file *file)
{
	close(file->fd);
}

char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	FUZZ_CHECK(text, "memory");
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

const struct config *fuzz_defaults(void)
{
	static struct config *defaults;
	struct err err = ERR_INIT;

	if (!defaults)
		defaults = tables_config(&err);
	FUZZ_CHECK(defaults, "%s", err.text);
	return defaults;
}

struct config *fuzz_config(void)
{
	struct err err = ERR_INIT;
	struct config *cfg = config_copy(fuzz_defaults(), &err);

	FUZZ_CHECK(cfg, "%s", err.text);
	return cfg;
}

uint32_t fuzz_take(struct fuzz_bytes *bytes, unsigned count)
{
	uint32_t value = 0;

	while (count--) {
		value <<= 8;
		if (!bytes->size)
			continue;
		value |= *bytes->data++;
		bytes->size--;
	}
	return value;
}
