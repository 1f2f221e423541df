/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command lines: a word a line, the first the command.  Short ones are run to
 * the end; started by root, the process becomes nobody first, in a directory
 * that takes no files.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "tests/fuzz/fuzz.h"

#define WORDS_MAX 24

/*
 * Words that end those that would simulate for long: an output that cannot be
 * written is noticed when all else is resolved, before the work.
 */
#define NOWHERE "-o/nowhere/output"
#define FEW	"--limit=50"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv, struct err *err);
	const char *last;
} commands[] = {
	{ "run", cmd_run, FEW },
	{ "params", cmd_params, "" },
	{ "presets", cmd_presets, "" },
	{ "strategies", cmd_strategies, "" },
	{ "metrics", cmd_metrics, "" },
	{ "routines", cmd_routines, "" },
	{ "trace", cmd_trace, FEW },
	{ "report", cmd_report, "" },
	{ "merge", cmd_merge, "" },
	{ "diff", cmd_diff, "" },
	{ "completion", cmd_completion, "" },
	{ "explain", cmd_explain, FEW },
	{ "compare", cmd_compare, NOWHERE },
	{ "sweep", cmd_sweep, NOWHERE },
	{ "probe", cmd_probe, NOWHERE },
	{ "breakeven", cmd_breakeven, NOWHERE },
	{ "ndr", cmd_ndr, NOWHERE },
	{ "size", cmd_size, NOWHERE },
	{ "sensitivity", cmd_sensitivity, NOWHERE },
	{ "calibrate", cmd_calibrate, NOWHERE },
};

/* No file can be written, and what is there cannot be replaced. */
static void drop_rights(void)
{
	const struct rlimit few = { 64, 64 };
	static const gid_t nobody = 65534;
	static bool done;
	int null;

	if (done)
		return;
	done = true;
	null = open("/dev/null", O_RDWR);
	FUZZ_CHECK(null >= 0 && dup2(null, 0) == 0 && dup2(null, 1) == 1,
		   "/dev/null");
	close(null);
	FUZZ_CHECK(chdir("/proc/self/fdinfo") == 0, "chdir");
	setrlimit(RLIMIT_NPROC, &few);
	if (getuid() == 0)
		FUZZ_CHECK(setgroups(0, NULL) == 0 && setgid(nobody) == 0 &&
				   setuid(nobody) == 0,
			   "cannot become nobody");
}

static void run_words(int argc, char **argv)
{
	struct err err = ERR_INIT;
	char last[32];
	size_t i;
	int status;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(argv[0], commands[i].name) != 0)
			continue;
		snprintf(last, sizeof(last), "%s", commands[i].last);
		if (*last)
			argv[argc++] = last;
		status = commands[i].run(argc, argv, &err);
		if (status < 0)
			fuzz_refused(&err);
		else
			FUZZ_CHECK(status == 0 || status == ERR_CHECK,
				   "status %d", status);
	}
}

static void run(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *rest = text, *word;
	char *argv[WORDS_MAX + 2] = { NULL };
	int argc = 0;

	while (argc < WORDS_MAX && (word = strsep(&rest, "\n")))
		argv[argc++] = word;
	drop_rights();
	if (argc)
		run_words(argc, argv);
	free(text);
}

const struct fuzz_target fuzz_argv = { .name = "argv", .run = run };
