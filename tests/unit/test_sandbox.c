/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sandbox cannot be left: each test enters it in a child, which says by its
 * exit status what the kernel answered.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cmd/sandbox.h"

#define GOES_WITHOUT 255

/* Beside each other: out/ may be written, the others not. */
static char place[] = "/tmp/test_sandbox.XXXXXX";
static char inside[64], beside[64];

/* An attempt: 0, or its errno. */
typedef int attempt(void);

static int answer(long result)
{
	return result < 0 ? errno : 0;
}

/* What @try meets in a process in @sandbox. */
static int met(const struct sandbox *sandbox, unsigned part, attempt *try)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (!child)
		_exit(sandbox_enter(sandbox) & part ? try() : GOES_WITHOUT);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == GOES_WITHOUT)
		skip();
	return WEXITSTATUS(status);
}

static int try_socket(void)
{
	return answer(socket(AF_INET, SOCK_STREAM, 0));
}

static int try_unix(void)
{
	int pair[2];

	return answer(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
}

static int try_program(void)
{
	char *const none[] = { NULL };

	return answer(execve("/bin/true", none, none));
}

static int try_trace(void)
{
	return answer(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int try_kill(void)
{
	return answer(kill(getppid(), 0));
}

static int try_beside(void)
{
	return answer(open(beside, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static int try_inside(void)
{
	char other[sizeof(inside) + 4];
	int fd = open(inside, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, "x", 1) < 0)
		return errno;
	snprintf(other, sizeof(other), "%s.new", inside);
	return rename(inside, other) < 0 ? errno : answer(unlink(other));
}

static int try_read(void)
{
	return answer(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
}

static int try_null(void)
{
	return answer(open("/dev/null", O_WRONLY | O_CLOEXEC));
}

static int try_temporary(void)
{
	return tmpfile() ? 0 : errno;
}

static void *socket_main(void *result)
{
	*(int *)result = try_socket();
	return NULL;
}

static int try_thread(void)
{
	pthread_t thread;
	int result = 0;

	if (pthread_create(&thread, NULL, socket_main, &result) ||
	    pthread_join(thread, NULL))
		return GOES_WITHOUT - 1;
	return result;
}

static int set_up(void **state)
{
	char out[64];

	(void)state;
	if (!mkdtemp(place))
		return -1;
	snprintf(out, sizeof(out), "%s/out", place);
	snprintf(inside, sizeof(inside), "%s/out/file", place);
	snprintf(beside, sizeof(beside), "%s/file", place);
	return mkdir(out, 0700);
}

static int tear_down(void **state)
{
	char out[64];

	(void)state;
	snprintf(out, sizeof(out), "%s/out", place);
	unlink(inside);
	unlink(beside);
	return rmdir(out) | rmdir(place);
}

static void calls_are_refused(void **state)
{
	static attempt *const all[] = { try_socket, try_unix, try_program,
					try_trace,  try_kill, try_thread };
	const struct sandbox sandbox = { .plots = false };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		assert_int_equal(met(&sandbox, SANDBOX_CALLS, all[i]), EPERM);
}

static void plots_start_programs_and_no_more(void **state)
{
	const struct sandbox sandbox = { .plots = true };

	(void)state;
	assert_int_equal(met(&sandbox, SANDBOX_CALLS, try_program), 0);
	assert_int_equal(met(&sandbox, SANDBOX_CALLS, try_socket), EPERM);
	assert_int_equal(met(&sandbox, SANDBOX_CALLS, try_kill), EPERM);
}

static void outputs_alone_are_written(void **state)
{
	const struct sandbox sandbox = { .writes = { NULL, "-", inside } };

	(void)state;
	assert_int_equal(met(&sandbox, SANDBOX_FILES, try_inside), 0);
	assert_int_equal(met(&sandbox, SANDBOX_FILES, try_beside), EACCES);
	assert_int_equal(met(&sandbox, SANDBOX_FILES, try_temporary), EACCES);
	assert_int_equal(met(&sandbox, SANDBOX_FILES, try_read), 0);
	assert_int_equal(met(&sandbox, SANDBOX_FILES, try_null), 0);
}

static void without_outputs_nothing_is_written(void **state)
{
	const struct sandbox sandbox = { .plots = false };

	(void)state;
	assert_int_equal(met(&sandbox, SANDBOX_FILES, try_inside), EACCES);
	assert_int_equal(met(&sandbox, SANDBOX_FILES, try_beside), EACCES);
}

static void plots_have_temporary_files(void **state)
{
	const struct sandbox sandbox = { .plots = true };

	(void)state;
	assert_int_equal(met(&sandbox, SANDBOX_FILES, try_temporary), 0);
}

static void the_environment_turns_it_off(void **state)
{
	const struct sandbox sandbox = { .plots = false };

	(void)state;
	setenv("DMASIM_SANDBOX", "off", 1);
	assert_int_equal(sandbox_enter(&sandbox), 0);
	unsetenv("DMASIM_SANDBOX");
	assert_int_equal(try_unix(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_are_refused),
		cmocka_unit_test(plots_start_programs_and_no_more),
		cmocka_unit_test(outputs_alone_are_written),
		cmocka_unit_test(without_outputs_nothing_is_written),
		cmocka_unit_test(plots_have_temporary_files),
		cmocka_unit_test(the_environment_turns_it_off),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
