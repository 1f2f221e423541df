/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Without a fuzzer: run files, or those of directories, through a target.
 *
 *	replay			lists the targets
 *	replay TARGET PATH...	each file once, in a process of its own
 *
 * Prints a TAP line for each file that fails and one for all that do not.  A
 * file may take DEADLINE seconds (30) and MEMORY MiB (2048); more is a failure.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

struct replay {
	const struct fuzz_target *target;
	unsigned deadline_s, memory_mib;
	unsigned passed, failed;
};

static unsigned from_environment(const char *name, unsigned absent)
{
	const char *text = getenv(name);

	return text ? (unsigned)strtoul(text, NULL, 10) : absent;
}

static uint8_t *read_all(const char *path, size_t *size)
{
	FILE *in = fopen(path, "rb");
	uint8_t *data = NULL;
	size_t room = 0;

	FUZZ_CHECK(in, "cannot open '%s'", path);
	*size = 0;
	do {
		room += 1 << 20;
		data = realloc(data, room);
		FUZZ_CHECK(data, "memory");
		*size += fread(data + *size, 1, room - *size, in);
	} while (*size == room);
	fclose(in);
	return data;
}

static void run_here(const struct replay *replay, const char *path)
{
	const struct rlimit memory = {
		.rlim_cur = (rlim_t)replay->memory_mib << 20,
		.rlim_max = (rlim_t)replay->memory_mib << 20,
	};
	uint8_t *data;
	size_t size;

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	setrlimit(RLIMIT_AS, &memory);
#else
	(void)memory;
#endif
	alarm(replay->deadline_s);
	data = read_all(path, &size);
	replay->target->run(data, size);
	free(data);
	exit(0);
}

static void run_file(struct replay *replay, const char *path)
{
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	FUZZ_CHECK(child >= 0, "fork");
	if (!child)
		run_here(replay, path);
	FUZZ_CHECK(waitpid(child, &status, 0) == child, "waitpid");
	if (!status) {
		replay->passed++;
		return;
	}
	replay->failed++;
	printf("not ok %u - %s: %s: %s %d\n", replay->failed,
	       replay->target->name, path,
	       WIFSIGNALED(status) ? "signal" : "exit status",
	       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

static void run_path(struct replay *replay, const char *path)
{
	struct dirent **names;
	struct stat st;
	int i, count;

	FUZZ_CHECK(stat(path, &st) == 0, "no '%s'", path);
	if (!S_ISDIR(st.st_mode)) {
		run_file(replay, path);
		return;
	}
	count = scandir(path, &names, NULL, alphasort);
	for (i = 0; i < count; i++) {
		char full[4096];

		snprintf(full, sizeof(full), "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.' && stat(full, &st) == 0 &&
		    S_ISREG(st.st_mode))
			run_file(replay, full);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

int main(int argc, char **argv)
{
	struct replay replay = {
		.deadline_s = from_environment("DEADLINE", 30),
		.memory_mib = from_environment("MEMORY", 2048),
	};
	int i;

	for (i = 0; argc < 2 && fuzz_targets[i]; i++)
		puts(fuzz_targets[i]->name);
	if (argc < 2)
		return 0;
	replay.target = fuzz_target_find(argv[1]);
	if (!replay.target) {
		fprintf(stderr, "no target '%s'\n", argv[1]);
		return 64;
	}
	for (i = 2; i < argc; i++)
		run_path(&replay, argv[i]);
	printf("%s %u - %s: %u of %u inputs\n", replay.failed ? "not ok" : "ok",
	       replay.failed + 1, replay.target->name, replay.passed,
	       replay.passed + replay.failed);
	return replay.failed > 0;
}
