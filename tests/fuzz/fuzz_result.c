/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stored result: what loads makes every view, merges with itself, and is
 * written as a text that loads as the same.
 */
#include <string.h>

#include "reports/compare_text.h"
#include "reports/csv_out.h"
#include "reports/json_out.h"
#include "reports/load.h"
#include "reports/run_text.h"
#include "tests/fuzz/fuzz.h"

static int (*const views[])(const struct document *doc, FILE *out,
			    struct err *err) = {
	json_write,
	csv_write,
	compare_text_write,
	run_text_write,
};

static char *view(const struct document *doc, unsigned which, size_t *size)
{
	struct err err = ERR_INIT;
	char *text = NULL;
	FILE *out = open_memstream(&text, size);

	if (views[which](doc, out, &err) < 0)
		fuzz_refused(&err);
	fclose(out);
	return text;
}

static void all_views(const struct document *doc)
{
	size_t size;

	for (unsigned i = 0; i < sizeof(views) / sizeof(views[0]); i++)
		free(view(doc, i, &size));
	document_ok(doc);
}

/* A result of ours, however it came about, is written as it was read. */
static void check_written(const struct document *doc)
{
	size_t size, size_again;
	char *text = view(doc, 0, &size), *again;
	struct fuzz_file file = fuzz_file_new(text, size);
	struct err err = ERR_INIT;
	struct document *back = document_load(file.path, &err);

	FUZZ_CHECK(back, "%s", err.text);
	again = view(back, 0, &size_again);
	FUZZ_CHECK(size == size_again && !memcmp(text, again, size),
		   "written twice");
	document_free(back);
	fuzz_file_free(&file);
	free(again);
	free(text);
}

static void run(const uint8_t *data, size_t size)
{
	struct fuzz_file file = fuzz_file_new(data, size);
	const char *paths[2] = { file.path, file.path };
	struct err err = ERR_INIT;
	struct document *doc = document_load(file.path, &err);

	if (!doc) {
		fuzz_refused(&err);
		fuzz_file_free(&file);
		return;
	}
	check_written(doc);
	all_views(doc);
	document_free(doc);
	for (size_t count = 1; count <= 2; count++) {
		doc = document_load_all(paths, count, &err);
		if (doc)
			all_views(doc);
		else
			fuzz_refused(&err);
		document_free(doc);
	}
	fuzz_file_free(&file);
}

const struct fuzz_target fuzz_result = { .name = "result", .run = run };
