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

/* NULL-terminated: what is set @first, then the scripts. */
static char **arguments(const struct plotter *plotter, const char *first)
{
	static const char *const fixed[] = { "gnuplot", "-d", "-e" };
	size_t i, used = 0;
	char **argv = calloc(plotter->count + 5, sizeof(*argv));

	if (!argv)
		return NULL;
	for (i = 0; i < 3; i++)
		argv[used++] = strdup(fixed[i]);
	argv[used++] = strdup(first);
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

static int run_all(const struct plotter *plotter, const char *first, FILE *out,
		   struct err *err)
{
	char **argv = arguments(plotter, first);
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

int gnuplot_run(const struct plotter *plotter, FILE *out, struct err *err)
{
	return run_all(plotter, out ? "ascii = 1" : "ascii = 0", out, err);
}

/* cairo puts in when it was drawn; the same length of another time. */
static int undate(const char *path, struct err *err)
{
	static const char key[] = "/CreationDate (D:", day[] = "20000101000000";
	FILE *file = fopen(path, "r+e");
	size_t seen = 0;
	bool done;
	int c;

	if (!file)
		return err_set(err, ERR_IO, "cannot open '%s': %s", path,
			       strerror(errno));
	while ((c = getc(file)) != EOF) {
		seen = c == key[seen] ? seen + 1 : c == key[0];
		if (seen < sizeof(key) - 1)
			continue;
		seen = 0;
		fseek(file, 0, SEEK_CUR);
		fputs(day, file);
		fseek(file, 0, SEEK_CUR);
	}
	done = !ferror(file);
	if (fclose(file) != 0 || !done)
		return err_set(err, ERR_IO, "cannot write '%s'", path);
	return 0;
}

int gnuplot_pdf(const struct plotter *plotter, const char *name,
		struct err *err)
{
	char *first = NULL, *path = NULL;
	int failed = -1;

	/* Both are ours: no texts of users are in them. */
	if (asprintf(&first,
		     "ascii = 0; pdf = 1; set terminal pdfcairo size 29.7cm, "
		     "16.7cm font 'Sans,12' noenhanced; set output '%s'",
		     name) < 0)
		first = NULL;
	if (asprintf(&path, "%s/%s", plotter->dir, name) < 0)
		path = NULL;
	if (!first || !path)
		err_nomem(err, "arguments of gnuplot");
	else if (run_all(plotter, first, NULL, err) == 0)
		failed = undate(path, err);
	free(first);
	free(path);
	return failed;
}
