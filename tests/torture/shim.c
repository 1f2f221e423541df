/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fault injection: preloaded, makes the n-th call of one kind fail, whichever
 * library makes it.
 *
 *	TORTURE=memory:ENOMEM:17 LD_PRELOAD=./shim.so dmasim ...
 *
 * TORTURE is KIND:HOW:N.  KIND: memory open read write sync close rename mkdir
 * unlink stat list thread spawn.  HOW: the name of an error, or "short"
 * for a read or write of one byte.  N+: the n-th call and all after it; 0:
 * none.  With TORTURE_PATHS set, N counts ways that lead to such calls (stacks
 * of return addresses) instead of calls.  How many there were of each kind goes
 * to the file TORTURE_COUNT.  Programs that dmasim starts, or is started by,
 *are left alone.
 *
 * What stdio does inside the C library is out of reach of a preloaded function,
 * so files opened through it and standard output become streams whose reads and
 * writes are the calls counted here.  Standard error is spared: it has to say
 * what failed.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATHS_MAX 65536
#define DEPTH	  64

enum kind {
	MEMORY,
	OPEN,
	READ,
	WRITE,
	SYNC,
	CLOSE,
	RENAME,
	MKDIR,
	UNLINK,
	STAT,
	LIST,
	THREAD,
	SPAWN,
	KINDS
};

static const char *const kind_names[KINDS] = {
	"memory", "open",   "read", "write", "sync",   "close", "rename",
	"mkdir",  "unlink", "stat", "list",  "thread", "spawn",
};

static struct {
	enum kind kind;
	int error, count_fd;
	bool ready, is_short, onwards, by_path, shows;
	unsigned long at, counts[KINDS];
	uint64_t paths[PATHS_MAX];
	pthread_mutex_t lock;
} torture = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Calls that the shim itself makes are not counted. */
static __thread bool inside;

static void *find(const char *name, void **next)
{
	if (!*next)
		*next = dlsym(RTLD_NEXT, name);
	return *next;
}

/* The function that would have been called without us. */
#define NEXT(name)                                                \
	__extension__({                                           \
		static void *next;                                \
		(__typeof__(&name))(uintptr_t)find(#name, &next); \
	})

/* Whether this way to the call is new. */
static bool new_path(void)
{
	uint64_t hash = 14695981039346656037u;
	void *stack[DEPTH];
	int i, depth = backtrace(stack, DEPTH);
	size_t slot;

	for (i = 0; i < depth; i++)
		hash = (hash ^ (uintptr_t)stack[i]) * 1099511628211u;
	hash |= 1;
	for (slot = (size_t)(hash >> 20);; slot++) {
		uint64_t *entry = &torture.paths[slot % PATHS_MAX];

		if (*entry == hash)
			return false;
		if (!*entry) {
			*entry = hash;
			return true;
		}
	}
}

static bool is_due(enum kind kind)
{
	unsigned long count;
	bool counts;

	pthread_mutex_lock(&torture.lock);
	inside = true;
	counts = !torture.by_path || new_path();
	count = torture.counts[kind] += counts;
	inside = false;
	pthread_mutex_unlock(&torture.lock);
	if (kind != torture.kind || !torture.at)
		return false;
	return torture.onwards ? count >= torture.at
			       : counts && count == torture.at;
}

static void show_stack(void)
{
	void *stack[DEPTH];

	inside = true;
	backtrace_symbols_fd(stack, backtrace(stack, DEPTH), STDERR_FILENO);
	inside = false;
}

/* Whether this call fails; errno is set then. */
static bool fails(enum kind kind)
{
	int no = errno;
	bool due = torture.ready && !inside && is_due(kind);

	if (due && torture.shows)
		show_stack();
	errno = due ? torture.error : no;
	return due;
}

/* --- memory --- */

void *malloc(size_t size)
{
	return fails(MEMORY) ? NULL : NEXT(malloc)(size);
}

void *calloc(size_t count, size_t size)
{
	return fails(MEMORY) ? NULL : NEXT(calloc)(count, size);
}

void *realloc(void *old, size_t size)
{
	return fails(MEMORY) ? NULL : NEXT(realloc)(old, size);
}

void *reallocarray(void *old, size_t count, size_t size)
{
	return fails(MEMORY) ? NULL : NEXT(reallocarray)(old, count, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return fails(MEMORY) ? NULL : NEXT(aligned_alloc)(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
	return fails(MEMORY) ? ENOMEM
			     : NEXT(posix_memalign)(memory, alignment, size);
}

/* --- reading and writing --- */

/* The size that is asked for; 0: an error instead. */
static size_t allowed(enum kind kind, size_t size)
{
	if (!size || !fails(kind))
		return size;
	return torture.is_short ? 1 : 0;
}

ssize_t read(int fd, void *buffer, size_t size)
{
	size_t n = allowed(READ, size);

	return size && !n ? -1 : NEXT(read)(fd, buffer, n);
}

ssize_t pread(int fd, void *buffer, size_t size, off_t at)
{
	size_t n = allowed(READ, size);

	return size && !n ? -1 : NEXT(pread)(fd, buffer, n, at);
}

ssize_t write(int fd, const void *buffer, size_t size)
{
	size_t n = fd == STDERR_FILENO ? size : allowed(WRITE, size);

	return size && !n ? -1 : NEXT(write)(fd, buffer, n);
}

ssize_t pwrite(int fd, const void *buffer, size_t size, off_t at)
{
	size_t n = allowed(WRITE, size);

	return size && !n ? -1 : NEXT(pwrite)(fd, buffer, n, at);
}

int ftruncate(int fd, off_t size)
{
	return !torture.is_short && fails(WRITE) ? -1
						 : NEXT(ftruncate)(fd, size);
}

int fsync(int fd)
{
	return fails(SYNC) ? -1 : NEXT(fsync)(fd);
}

/* A failed close has closed. */
int close(int fd)
{
	bool failed = fails(CLOSE);
	int result = NEXT(close)(fd);

	if (!failed)
		return result;
	errno = torture.error;
	return -1;
}

/* --- names --- */

static mode_t mode_of(int flags, va_list rest)
{
	return flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
	mode_t mode;
	va_list rest;

	va_start(rest, flags);
	mode = mode_of(flags, rest);
	va_end(rest);
	return fails(OPEN) ? -1 : NEXT(open)(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	mode_t mode;
	va_list rest;

	va_start(rest, flags);
	mode = mode_of(flags, rest);
	va_end(rest);
	return fails(OPEN) ? -1 : NEXT(open64)(path, flags, mode);
}

DIR *opendir(const char *path)
{
	return fails(OPEN) ? NULL : NEXT(opendir)(path);
}

struct dirent *readdir(DIR *dir)
{
	return fails(LIST) ? NULL : NEXT(readdir)(dir);
}

FILE *tmpfile(void)
{
	return fails(OPEN) ? NULL : NEXT(tmpfile)();
}

int mkdir(const char *path, mode_t mode)
{
	return fails(MKDIR) ? -1 : NEXT(mkdir)(path, mode);
}

char *mkdtemp(char *path)
{
	return fails(MKDIR) ? NULL : NEXT(mkdtemp)(path);
}

int rename(const char *from, const char *to)
{
	return fails(RENAME) ? -1 : NEXT(rename)(from, to);
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to,
	      unsigned int flags)
{
	return fails(RENAME)
		       ? -1
		       : NEXT(renameat2)(from_dir, from, to_dir, to, flags);
}

int link(const char *from, const char *to)
{
	return fails(RENAME) ? -1 : NEXT(link)(from, to);
}

int unlink(const char *path)
{
	return fails(UNLINK) ? -1 : NEXT(unlink)(path);
}

int rmdir(const char *path)
{
	return fails(UNLINK) ? -1 : NEXT(rmdir)(path);
}

int stat(const char *path, struct stat *st)
{
	return fails(STAT) ? -1 : NEXT(stat)(path, st);
}

int fstat(int fd, struct stat *st)
{
	return fails(STAT) ? -1 : NEXT(fstat)(fd, st);
}

int access(const char *path, int mode)
{
	return fails(STAT) ? -1 : NEXT(access)(path, mode);
}

char *realpath(const char *path, char *resolved)
{
	return fails(STAT) ? NULL : NEXT(realpath)(path, resolved);
}

int fchmod(int fd, mode_t mode)
{
	return fails(STAT) ? -1 : NEXT(fchmod)(fd, mode);
}

/* --- threads and processes --- */

int pthread_create(pthread_t *thread, const pthread_attr_t *attr,
		   void *(*run)(void *), void *ctx)
{
	return fails(THREAD) ? torture.error
			     : NEXT(pthread_create)(thread, attr, run, ctx);
}

int posix_spawnp(pid_t *pid, const char *file,
		 const posix_spawn_file_actions_t *actions,
		 const posix_spawnattr_t *attr, char *const argv[],
		 char *const envp[])
{
	return fails(SPAWN) ? torture.error
			    : NEXT(posix_spawnp)(pid, file, actions, attr, argv,
						 envp);
}

/* --- stdio --- */

static ssize_t stream_read(void *cookie, char *buffer, size_t size)
{
	return read((int)(intptr_t)cookie, buffer, size);
}

/* The C library goes on after a short write, and gives up at an error. */
static ssize_t stream_write(void *cookie, const char *buffer, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = write((int)(intptr_t)cookie, buffer + done,
				  size - done);

		if (n < 0)
			return done ? (ssize_t)done : 0;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static int stream_seek(void *cookie, off64_t *at, int whence)
{
	off_t found = lseek((int)(intptr_t)cookie, *at, whence);

	*at = found;
	return found < 0 ? -1 : 0;
}

static int stream_close(void *cookie)
{
	return close((int)(intptr_t)cookie);
}

static FILE *stream_of(int fd, const char *mode)
{
	static const cookie_io_functions_t io = { stream_read, stream_write,
						  stream_seek, stream_close };

	return fopencookie((void *)(intptr_t)fd, mode, io);
}

FILE *fdopen(int fd, const char *mode)
{
	return stream_of(fd, mode);
}

FILE *fopen(const char *path, const char *mode)
{
	bool writes = mode[0] != 'r', both = strchr(mode, '+');
	int flags = both ? O_RDWR : writes ? O_WRONLY : O_RDONLY;
	FILE *stream;
	int fd;

	if (mode[0] == 'w')
		flags |= O_CREAT | O_TRUNC;
	if (mode[0] == 'a')
		flags |= O_CREAT | O_APPEND;
	fd = open(path, flags | O_CLOEXEC, 0666);
	stream = fd < 0 ? NULL : stream_of(fd, mode);
	if (fd >= 0 && !stream)
		NEXT(close)(fd);
	return stream;
}

/* The other names of the same, which libraries were compiled to call. */
FILE *fopen64(const char *path, const char *mode)
{
	return fopen(path, mode);
}

/* --- the process --- */

static int error_named(const char *name)
{
	static const int known[] = { ENOMEM, EIO,    ENOSPC, EPIPE, EINTR,
				     EMFILE, EACCES, EAGAIN, EROFS };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(name, strerrorname_np(known[i])))
			return known[i];
	return 0;
}

static void must(bool right)
{
	static const char text[] = "shim: TORTURE is KIND:HOW:N[+]\n";

	if (right)
		return;
	(void)!NEXT(write)(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(99);
}

static enum kind kind_named(const char *name)
{
	enum kind kind = 0;

	while (kind < KINDS && strcmp(name, kind_names[kind]) != 0)
		kind++;
	return kind;
}

static void parse(const char *text)
{
	char name[16], how[16], onwards = 0;

	must(sscanf(text, "%15[^:]:%15[^:]:%lu%c", name, how, &torture.at,
		    &onwards) >= 3);
	torture.kind = kind_named(name);
	torture.onwards = onwards == '+';
	torture.is_short = !strcmp(how, "short");
	torture.error = error_named(how);
	must(torture.kind < KINDS && (torture.is_short || torture.error));
}

/* "KIND COUNT" lines. */
static void say_counts(void)
{
	char text[512];
	int used = 0;
	size_t i;

	torture.ready = false;
	for (i = 0; i < KINDS; i++)
		used += snprintf(text + used, sizeof(text) - (size_t)used,
				 "%s %lu\n", kind_names[i], torture.counts[i]);
	(void)!NEXT(write)(torture.count_fd, text, (size_t)used);
}

__attribute__((constructor)) static void start(void)
{
	const char *text = getenv("TORTURE"), *file = getenv("TORTURE_COUNT");
	void *stack[1];

	if (!text || strcmp(program_invocation_short_name, "dmasim") != 0)
		return;
	parse(text);
	torture.by_path = getenv("TORTURE_PATHS");
	torture.shows = getenv("TORTURE_STACK");
	backtrace(stack, 1); /* loads what it needs */
	stdout = stream_of(STDOUT_FILENO, "w");
	unsetenv("LD_PRELOAD");
	if (file) {
		/* Now: later dmasim confines itself. */
		torture.count_fd = open(
			file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
		atexit(say_counts);
	}
	torture.ready = true;
}
