/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "core/memfile.h"

#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

struct memfile {
	char **text;
	size_t *size, room;
};

static ssize_t memfile_write(void *cookie, const char *data, size_t size)
{
	struct memfile *file = cookie;

	if (*file->size + size >= file->room) {
		size_t room = 2 * (*file->size + size) + 1;
		char *text = realloc(*file->text, room);

		if (!text)
			return 0;
		*file->text = text;
		file->room = room;
	}
	memcpy(*file->text + *file->size, data, size);
	*file->size += size;
	(*file->text)[*file->size] = '\0';
	return (ssize_t)size;
}

static int memfile_free(void *cookie)
{
	free(cookie);
	return 0;
}

FILE *memfile_open(char **text, size_t *size)
{
	static const cookie_io_functions_t io = { .write = memfile_write,
						  .close = memfile_free };
	struct memfile *file = malloc(sizeof(*file));
	char *empty = calloc(1, 1);
	FILE *out = file && empty ? fopencookie(file, "w", io) : NULL;

	if (!out) {
		free(file);
		free(empty);
		return NULL;
	}
	*file = (struct memfile){ .text = text, .size = size, .room = 1 };
	*text = empty;
	*size = 0;
	return out;
}

bool memfile_close(FILE *out, char **text)
{
	bool whole;

	if (!out)
		return false;
	whole = !ferror(out);
	if (fclose(out) == 0 && whole && *text)
		return true;
	free(*text);
	*text = NULL;
	return false;
}
