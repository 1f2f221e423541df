/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stored result, JSON or CSV, as parts of a study for `dmasim merge` and as
 * both sides of `dmasim diff`: one that is read does not differ from itself.
 */
#include <fcntl.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "tests/fuzz/fuzz.h"

/* What the commands print is of no interest. */
static void print_nothing(void)
{
	int null = open("/dev/null", O_WRONLY);

	fflush(stdout);
	FUZZ_CHECK(null >= 0 && dup2(null, STDOUT_FILENO) == STDOUT_FILENO,
		   "/dev/null");
	close(null);
}

static int command(int (*run)(int argc, char **argv, struct err *err),
		   const char *name, const char *path, const char *format)
{
	char words[6][40];
	char *argv[7] = { NULL };
	struct err err = ERR_INIT;
	const char *texts[6] = { name, "-q", "--format", format, path, path };
	int i, status;

	for (i = 0; i < 6; i++) {
		snprintf(words[i], sizeof(words[i]), "%s", texts[i]);
		argv[i] = words[i];
	}
	status = run(6, argv, &err);
	if (status < 0)
		fuzz_refused(&err);
	return status;
}

static void run(const uint8_t *data, size_t size)
{
	struct fuzz_file file = fuzz_file_new(data, size);
	static bool quiet;
	int status;

	if (!quiet)
		print_nothing();
	quiet = true;
	command(cmd_merge, "merge", file.path, "json");
	command(cmd_merge, "merge", file.path, "csv");
	status = command(cmd_diff, "diff", file.path, "json");
	FUZZ_CHECK(status <= 0, "differs from itself: %d", status);
	fuzz_file_free(&file);
}

const struct fuzz_target fuzz_merge = { .name = "merge", .run = run };
