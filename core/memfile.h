/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams of open_memstream(), closed so that a lost byte is noticed: fclose()
 * reports what could not be written, but not the room for the text itself.
 *
 *	FILE *out = open_memstream(&text, &size);
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

/*
 * Whether @text is whole; else it is freed and NULL.  @out NULL: it could not
 * be opened, @text is untouched.
 */
bool memfile_close(FILE *out, char **text);

#endif
