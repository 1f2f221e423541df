/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* posix_spawn_file_actions_addchdir_np() */
#include "reports/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a child says goes to unnamed files: no pipe to fill, no thread. */
struct outputs {
	FILE *out, *err;
};

static int outputs_open(struct outputs *outputs, struct err *err)
{
	outputs->out = tmpfile();
	outputs->err = outputs->out ? tmpfile() : NULL;
	if (outputs->err)
		return 0;
	err_set(err, ERR_IO, "cannot make a temporary file: %s",
		strerror(errno));
	if (outputs->out)
		fclose(outputs->out);
	return -1;
}

static void outputs_close(struct outputs *outputs)
{
	fclose(outputs->out);
	fclose(outputs->err);
}

/* The first line that says something. */
static void first_words(FILE *said, char *buf, size_t size)
{
	rewind(said);
	while (fgets(buf, (int)size, said)) {
		buf[strcspn(buf, "\n")] = '\0';
		if (buf[strspn(buf, " \t^")])
			return;
	}
	snprintf(buf, size, "no message");
}

/* NULL-terminated, its texts borrowed but for those that end in .gp. */
static char **arguments(const struct plotter *plotter, bool ascii)
{
	static const char *const fixed[] = { "gnuplot", "-d", "-e" };
	size_t i, used = 0;
	char **argv = calloc(plotter->count + 5, sizeof(*argv));

	if (!argv)
		return NULL;
	for (i = 0; i < 3; i++)
		argv[used++] = strdup(fixed[i]);
	argv[used++] = strdup(ascii ? "ascii = 1" : "ascii = 0");
	for (i = 0; i < plotter->count; i++)
		if (asprintf(&argv[used++], "%s.gp", plotter->names[i]) < 0)
			argv[used - 1] = NULL;
	return argv;
}

static void arguments_free(char **argv, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(argv[i]);
	free(argv);
}

static bool arguments_whole(char *const *argv, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!argv[i])
			return false;
	return true;
}

static int spawn(const char *dir, char **argv, const struct outputs *outputs,
		 pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	int why = posix_spawn_file_actions_init(&actions);

	if (why)
		return why;
	why = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null",
					       O_RDONLY, 0);
	if (!why)
		why = posix_spawn_file_actions_adddup2(&actions,
						       fileno(outputs->out), 1);
	if (!why)
		why = posix_spawn_file_actions_adddup2(&actions,
						       fileno(outputs->err), 2);
	if (!why)
		why = posix_spawn_file_actions_addchdir_np(&actions, dir);
	if (!why)
		why = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return why;
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

/* Without the blanks and empty lines that fill gnuplot's pages. */
static int copy_out(FILE *from, FILE *to, struct err *err)
{
	char line[1024];
	bool blank = true;

	rewind(from);
	while (fgets(line, sizeof(line), from)) {
		char *text = line + strspn(line, "\f");
		size_t length = strlen(text);

		while (length && strchr(" \n\f", text[length - 1]))
			length--;
		if (length || !blank)
			fprintf(to, "%.*s\n", (int)length, text);
		blank = !length;
	}
	if (ferror(to))
		return err_set(err, ERR_IO, "cannot write the plots: %s",
			       strerror(errno));
	return 0;
}

static int run(const struct plotter *plotter, char **argv, FILE *out,
	       struct err *err)
{
	struct outputs outputs;
	char words[400];
	pid_t pid;
	int status, failed = 0;

	if (outputs_open(&outputs, err) < 0)
		return -1;
	status = spawn(plotter->dir, argv, &outputs, &pid);
	if (status == ENOENT) {
		failed = err_set(err, ERR_IO,
				 "gnuplot was not found: install it (package "
				 "gnuplot-nox) to draw plots");
	} else if (status) {
		failed = err_set(err, ERR_IO, "cannot start gnuplot: %s",
				 strerror(status));
	} else if (wait_for(pid) != 0) {
		first_words(outputs.err, words, sizeof(words));
		failed = err_set(err, ERR_IO, "gnuplot failed in '%s': %s",
				 plotter->dir, words);
	} else if (out) {
		failed = copy_out(outputs.out, out, err);
	}
	outputs_close(&outputs);
	return failed;
}

int gnuplot_run(const struct plotter *plotter, FILE *out, struct err *err)
{
	char **argv = arguments(plotter, out != NULL);
	size_t count = plotter->count + 4;
	int failed;

	if (!argv)
		return err_nomem(err, "arguments of gnuplot");
	if (arguments_whole(argv, count))
		failed = run(plotter, argv, out, err);
	else
		failed = err_nomem(err, "arguments of gnuplot");
	arguments_free(argv, count);
	return failed;
}
