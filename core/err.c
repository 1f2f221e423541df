/* SPDX-License-Identifier: Apache-2.0 */
#include "core/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void cut_mark(char *text, size_t size, int wanted)
{
	if (wanted < 0)
		text[0] = '\0';
	else if ((size_t)wanted >= size)
		memcpy(text + size - 4, "...", 4);
}

int err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return -1;
	err->kind = kind;
	va_start(args, fmt);
	cut_mark(err->text, sizeof(err->text),
		 vsnprintf(err->text, sizeof(err->text), fmt, args));
	va_end(args);
	return -1;
}

int err_wrap(struct err *err, const char *fmt, ...)
{
	char context[sizeof(err->text)];
	char inner[sizeof(err->text)];
	va_list args;

	if (!err)
		return -1;
	va_start(args, fmt);
	cut_mark(context, sizeof(context),
		 vsnprintf(context, sizeof(context), fmt, args));
	va_end(args);
	memcpy(inner, err->text, sizeof(inner));
	cut_mark(err->text, sizeof(err->text),
		 snprintf(err->text, sizeof(err->text), "%s%s%s", context,
			  inner[0] ? ": " : "", inner));
	return -1;
}

int err_nomem(struct err *err, const char *what)
{
	return err_set(err, ERR_IO, "out of memory: %s", what);
}

void out_of_memory(const char *fmt, ...)
{
	va_list args;

	fputs("dmasim: out of memory: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(ERR_IO);
}

void bug_at(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "dmasim: BUG at %s:%d: ", file, line);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}
