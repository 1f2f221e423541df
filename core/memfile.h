/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams into memory in which a lost byte is noticed: those of
 * open_memstream() go on when there was no room for a word.
 *
 *	FILE *out = memfile_open(&text, &size);
 *
 *	if (out)
 *		fprintf(out, "...");
 *	if (!memfile_close(out, &text))
 *		return err_nomem(err, "text");
 *	free(text);
 */
#ifndef CORE_MEMFILE_H
#define CORE_MEMFILE_H

#include <stdbool.h>
#include <stdio.h>

/* As open_memstream(): @text and @size are right once @out is closed. */
FILE *memfile_open(char **text, size_t *size);

/*
 * Whether @text is whole; else it is freed and NULL.  @out NULL: it could not
 * be opened, @text is untouched.
 */
bool memfile_close(FILE *out, char **text);

#endif
