/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/outfile.h"

static int enter(void **state)
{
	static char dir[] = "/tmp/test_outfile.XXXXXX";

	signal(SIGPIPE, SIG_IGN);
	*state = mkdtemp(dir);
	return *state && chdir(dir) == 0 ? 0 : -1;
}

static int leave(void **state)
{
	unlink("a");
	unlink("link");
	return chdir("/") == 0 && rmdir(*state) == 0 ? 0 : -1;
}

static unsigned files_here(void)
{
	DIR *dir = opendir(".");
	unsigned n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2; /* . and .. */
}

static void assert_content(const char *path, const char *wanted)
{
	char text[64] = "";
	FILE *fp = fopen(path, "r");

	assert_non_null(fp);
	assert_true(fread(text, 1, sizeof(text) - 1, fp) < sizeof(text));
	fclose(fp);
	assert_string_equal(text, wanted);
}

static void test_commit(void **state)
{
	struct err err = ERR_INIT;
	struct outfile out;

	(void)state;
	assert_int_equal(outfile_open(&out, "a", false, &err), 0);
	fputs("one", out.fp);
	assert_int_equal(access("a", F_OK), -1); /* not before commit */
	assert_int_equal(outfile_commit(&out, &err), 0);
	assert_content("a", "one");
	assert_int_equal(files_here(), 1);
}

static void test_refuse(void **state)
{
	struct err err = ERR_INIT;
	struct outfile out;

	(void)state;
	assert_int_equal(outfile_open(&out, "a", false, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_string_equal(err.text, "'a' exists; use --force to replace it "
				      "or name another file");
	assert_content("a", "one");
	assert_int_equal(files_here(), 1);
}

/* A file that appears after open is not replaced either. */
static void test_late_refuse(void **state)
{
	struct err err = ERR_INIT;
	struct outfile out;

	(void)state;
	unlink("a");
	assert_int_equal(outfile_open(&out, "a", false, &err), 0);
	fputs("ours", out.fp);
	assert_int_equal(symlink("nowhere", "a"), 0);
	assert_int_equal(outfile_commit(&out, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_int_equal(files_here(), 1);
	unlink("a");
}

static void test_force(void **state)
{
	struct err err = ERR_INIT;
	struct outfile out;
	struct stat st;

	(void)state;
	assert_int_equal(outfile_open(&out, "a", false, &err), 0);
	assert_int_equal(outfile_commit(&out, &err), 0);
	assert_int_equal(chmod("a", 0640), 0);
	assert_int_equal(symlink("a", "link"), 0);
	assert_int_equal(outfile_open(&out, "link", true, &err), 0);
	fputs("two", out.fp);
	assert_content("a", "");
	assert_int_equal(outfile_commit(&out, &err), 0);
	assert_content("a", "two");
	assert_int_equal(lstat("link", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat("a", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(files_here(), 2);
}

static void test_abort(void **state)
{
	struct err err = ERR_INIT;
	struct outfile out;

	(void)state;
	assert_int_equal(outfile_open(&out, "a", true, &err), 0);
	fputs("three", out.fp);
	outfile_abort(&out);
	assert_content("a", "two");
	assert_int_equal(files_here(), 2);
}

static void test_stop(void **state)
{
	atomic_int stop = 0;
	struct err err = ERR_INIT;
	struct outfile out;

	(void)state;
	assert_int_equal(outfile_open(&out, "b", false, &err), 0);
	outfile_stop_on(&out, &stop);
	fputs("before", out.fp);
	assert_int_equal(fflush(out.fp), 0);
	stop = 1;
	fputs("after", out.fp);
	assert_int_equal(outfile_commit(&out, &err), -1);
	assert_int_equal(err.kind, ERR_INTERRUPTED);
	assert_int_equal(access("b", F_OK), -1);
	assert_int_equal(files_here(), 2);
}

static void test_full_disk(void **state)
{
	struct err err = ERR_INIT;
	struct outfile out;
	int size;

	(void)state;
	/* Small: fails at the flush.  Large: fails on the way. */
	for (size = 1; size <= 1000000; size *= 1000000) {
		assert_int_equal(outfile_open(&out, "/dev/full", false, &err),
				 0);
		fprintf(out.fp, "%*d", size, 1);
		assert_int_equal(outfile_commit(&out, &err), -1);
		assert_int_equal(err.kind, ERR_IO);
		assert_string_equal(err.text, "cannot write '/dev/full': "
					      "No space left on device");
		if (size == 1000000)
			break;
	}
}

static void test_closed_pipe(void **state)
{
	struct err err = ERR_INIT;
	struct outfile out;
	char path[32];
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", ends[1]);
	assert_int_equal(outfile_open(&out, path, false, &err), 0);
	close(ends[0]);
	fputs("x", out.fp);
	fflush(out.fp);
	assert_true(outfile_failed(&out));
	assert_int_equal(outfile_commit(&out, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	assert_non_null(strstr(err.text, "Broken pipe"));
	close(ends[1]);
}

static void test_bad_paths(void **state)
{
	struct err err = ERR_INIT;
	struct outfile out;

	(void)state;
	assert_int_equal(outfile_open(&out, "none/a", false, &err), -1);
	assert_string_equal(err.text, "cannot create 'none/a': No such file or "
				      "directory");
	assert_int_equal(outfile_open(&out, "/tmp", true, &err), -1);
	assert_string_equal(err.text, "cannot write '/tmp': Is a directory");
	assert_int_equal(err.kind, ERR_IO);
	assert_int_equal(files_here(), 2);
}

static void test_check(void **state)
{
	struct err err = ERR_INIT;
	unsigned before = files_here();

	(void)state;
	assert_int_equal(outfile_check(NULL, false, &err), 0);
	assert_int_equal(outfile_check("-", false, &err), 0);
	assert_int_equal(outfile_check("/dev/full", false, &err), 0);
	assert_int_equal(outfile_check("new", false, &err), 0);
	assert_int_equal(outfile_check("a", true, &err), 0);
	assert_int_equal(outfile_check("a", false, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_int_equal(outfile_check("none/a", false, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	assert_int_equal(outfile_check("/tmp", true, &err), -1);
	assert_int_equal(files_here(), before);
}

/* Standard output stays open, and says why a write to it failed. */
static void test_standard(void **state)
{
	struct err err = ERR_INIT;
	struct outfile out;
	int saved, ends[2];

	(void)state;
	assert_int_equal(outfile_open(&out, NULL, false, &err), 0);
	outfile_abort(&out);
	saved = dup(STDOUT_FILENO);
	assert_int_equal(pipe(ends), 0);
	assert_true(dup2(ends[1], STDOUT_FILENO) >= 0);
	close(ends[1]);
	assert_int_equal(outfile_open(&out, "-", false, &err), 0);
	fputs("x", out.fp);
	assert_int_equal(outfile_commit(&out, &err), 0);
	close(ends[0]);
	assert_int_equal(outfile_open(&out, "-", false, &err), 0);
	fputs("x", out.fp);
	assert_int_equal(outfile_commit(&out, &err), -1);
	assert_true(dup2(saved, STDOUT_FILENO) >= 0);
	close(saved);
	assert_int_equal(err.kind, ERR_IO);
	assert_string_equal(err.text,
			    "cannot write 'standard output': Broken pipe");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commit),
		cmocka_unit_test(test_refuse),
		cmocka_unit_test(test_late_refuse),
		cmocka_unit_test(test_force),
		cmocka_unit_test(test_abort),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_closed_pipe),
		cmocka_unit_test(test_bad_paths),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_standard),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
