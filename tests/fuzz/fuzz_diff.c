/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two tables of frames, or two results, compared: what comes before a line
 * "--", after a byte that chooses the format, with what comes after it; with
 * itself when there is no such line, which must show no difference.
 */
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "tests/fuzz/fuzz.h"

#define SEPARATOR "\n--\n"

static const char *const formats[] = { "text", "json", "csv" };

/* What diff prints goes to a file in memory. */
static int diff_to(const struct fuzz_file *out, const char *format,
		   const char *left, const char *right, struct err *err)
{
	char words[5][40] = { "diff", "--format" }, *argv[6] = { NULL };
	int status, saved = dup(STDOUT_FILENO);

	snprintf(words[2], sizeof(words[2]), "%s", format);
	snprintf(words[3], sizeof(words[3]), "%s", left);
	snprintf(words[4], sizeof(words[4]), "%s", right);
	for (int i = 0; i < 5; i++)
		argv[i] = words[i];
	FUZZ_CHECK(saved >= 0 && dup2(out->fd, STDOUT_FILENO) >= 0, "dup");
	status = cmd_diff(5, argv, err);
	fflush(stdout);
	FUZZ_CHECK(dup2(saved, STDOUT_FILENO) >= 0, "dup2");
	close(saved);
	return status;
}

static void check_output(const struct fuzz_file *out, const char *format)
{
	char start[512] = "";
	json_error_t error;
	json_t *read;

	FUZZ_CHECK(pread(out->fd, start, sizeof(start) - 1, 0) > 0,
		   "printed nothing");
	FUZZ_CHECK(!strstr(start, "nan %") && !strstr(start, "inf %"), "%s",
		   start);
	if (strcmp(format, "json") != 0)
		return;
	read = json_load_file(out->path, JSON_REJECT_DUPLICATES, &error);
	FUZZ_CHECK(read, "no JSON: %s", error.text);
	json_decref(read);
}

static void run(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *right;
	const char *format = formats[size ? data[0] % 3 : 0];
	struct fuzz_file files[2], out = fuzz_file_new("", 0);
	struct err err = ERR_INIT;
	int status;

	right = size ? strstr(text + 1, SEPARATOR) : NULL;
	if (right) {
		*right = '\0';
		right += strlen(SEPARATOR);
	}
	files[0] = fuzz_file_new(text + (size > 0), strlen(text + (size > 0)));
	files[1] = right ? fuzz_file_new(right, strlen(right)) : files[0];
	status = diff_to(&out, format, files[0].path, files[1].path, &err);
	if (status < 0) {
		fuzz_refused(&err);
	} else {
		FUZZ_CHECK(status == 0 || (right && status == ERR_CHECK),
			   "status %d", status);
		check_output(&out, format);
	}
	if (right)
		fuzz_file_free(&files[1]);
	fuzz_file_free(&files[0]);
	fuzz_file_free(&out);
	free(text);
}

const struct fuzz_target fuzz_diff = { .name = "diff", .run = run };
