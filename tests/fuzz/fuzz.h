/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz targets: one for each kind of input that dmasim reads.
 *
 * A target takes any bytes, hands them to the code that reads that kind, and
 * checks what comes out; an input that is refused is as good as one that is
 * read.  It keeps nothing from one call to the next.  What is wrong ends the
 * process: a sanitizer, BUG(), or FUZZ_CHECK().
 *
 *	static void run(const uint8_t *data, size_t size)
 *	{
 *		struct fuzz_file file = fuzz_file_new(data, size);
 *
 *		read_it(file.path);
 *		fuzz_file_free(&file);
 *	}
 *	const struct fuzz_target fuzz_ini = { .name = "ini", .run = run };
 *
 * Add a target to the array in targets.c; its seeds are corpus/NAME, its words
 * NAME.dict.  One program holds all targets; FUZZ_TARGET names the one to run
 * under libFuzzer and AFL++.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/err.h"
#include "core/param.h"

struct fuzz_target {
	const char *name;
	void (*run)(const uint8_t *data, size_t size);
};

/* In the order they are listed; NULL-terminated. */
extern const struct fuzz_target *const fuzz_targets[];
const struct fuzz_target *fuzz_target_find(const char *name);

/* Prints and aborts: a promise was broken. */
#define FUZZ_CHECK(cond, ...)                                              \
	do {                                                               \
		if (!(cond)) {                                             \
			fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, \
				#cond);                                    \
			fprintf(stderr, __VA_ARGS__);                      \
			fputc('\n', stderr);                               \
			abort();                                           \
		}                                                          \
	} while (0)

/* An input that was refused must say why, in a text that ends. */
void fuzz_refused(const struct err *err);

/* Bytes as a file in memory that can be opened by its path, again and again. */
struct fuzz_file {
	int fd;
	char path[32];
};
struct fuzz_file fuzz_file_new(const void *data, size_t size);
void fuzz_file_free(struct fuzz_file *file);

/* The bytes as text; free() it.  A zero byte ends it early. */
char *fuzz_text(const uint8_t *data, size_t size);

/* All parameters at their defaults: shared, and a copy to be freed. */
const struct config *fuzz_defaults(void);
struct config *fuzz_config(void);

/* Bytes taken one after the other; zeros past the end. */
struct fuzz_bytes {
	const uint8_t *data;
	size_t size;
};
uint32_t fuzz_take(struct fuzz_bytes *bytes, unsigned count);

#endif
