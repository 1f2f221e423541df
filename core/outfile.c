/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "core/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define BUFFER_SIZE 65536

struct outfile_sink {
	int fd;			/* -1: closed */
	bool standard;		/* standard output: not ours to close */
	int write_no;		/* errno of the first write that failed */
	const atomic_int *stop; /* NULL: none */
	bool force;
	mode_t mode;	   /* of the file that is replaced, 0: none */
	char *target;	   /* NULL: written directly */
	char *temp;	   /* exists while not NULL */
	const char *shown; /* as the user named it */
	struct outfile_sink *next, **link; /* in unfinished */
	char name[];
};

/* Sinks with temporary files, for an exit that nobody returns from. */
static struct {
	pthread_mutex_t lock;
	bool armed;
	struct outfile_sink *first;
} unfinished = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void remove_unfinished(void)
{
	struct outfile_sink *sink;

	pthread_mutex_lock(&unfinished.lock);
	for (sink = unfinished.first; sink; sink = sink->next)
		unlink(sink->temp);
	pthread_mutex_unlock(&unfinished.lock);
}

static void keep_temp(struct outfile_sink *sink, char *name)
{
	pthread_mutex_lock(&unfinished.lock);
	if (!unfinished.armed)
		unfinished.armed = atexit(remove_unfinished) == 0;
	sink->temp = name;
	sink->next = unfinished.first;
	sink->link = &unfinished.first;
	if (sink->next)
		sink->next->link = &sink->next;
	unfinished.first = sink;
	pthread_mutex_unlock(&unfinished.lock);
}

/* The temporary file is in place or removed. */
static void drop_temp(struct outfile_sink *sink)
{
	pthread_mutex_lock(&unfinished.lock);
	*sink->link = sink->next;
	if (sink->next)
		sink->next->link = sink->link;
	pthread_mutex_unlock(&unfinished.lock);
	free(sink->temp);
	sink->temp = NULL;
}

static ssize_t sink_write(void *cookie, const char *data, size_t size)
{
	struct outfile_sink *sink = cookie;
	size_t done = 0;

	if (sink->stop && *sink->stop) {
		sink->write_no = EINTR;
		return 0;
	}
	while (done < size) {
		ssize_t n = write(sink->fd, data + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			if (!sink->write_no)
				sink->write_no = errno;
			return 0;
		}
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static int sink_close(void *cookie)
{
	struct outfile_sink *sink = cookie;
	int fd = sink->fd;

	sink->fd = -1;
	return sink->standard ? 0 : close(fd);
}

static void sink_free(struct outfile_sink *sink)
{
	free(sink->target);
	free(sink);
}

static struct outfile_sink *sink_new(const char *path, bool force,
				     struct err *err)
{
	size_t size = strlen(path) + 1;
	struct outfile_sink *sink = calloc(1, sizeof(*sink) + size);

	if (!sink) {
		err_nomem(err, path);
		return NULL;
	}
	memcpy(sink->name, path, size);
	sink->shown = sink->name;
	sink->fd = -1;
	sink->force = force;
	return sink;
}

static int refuse(const struct outfile_sink *sink, struct err *err)
{
	return err_set(err, ERR_USAGE,
		       "'%s' exists; use --force to replace it or name "
		       "another file",
		       sink->shown);
}

static int cannot(const struct outfile_sink *sink, const char *what, int no,
		  struct err *err)
{
	return err_set(err, ERR_IO, "cannot %s '%s': %s", what, sink->shown,
		       strerror(no));
}

static int open_temp(struct outfile_sink *sink, struct err *err)
{
	int no = EEXIST;
	int tries;

	for (tries = 0; tries < 100 && no == EEXIST; tries++) {
		char *name;

		if (asprintf(&name, "%s.tmp.%ld.%d", sink->target,
			     (long)getpid(), tries) < 0)
			return err_nomem(err, sink->shown);
		sink->fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
				0666);
		if (sink->fd >= 0) {
			keep_temp(sink, name);
			if (sink->mode && fchmod(sink->fd, sink->mode) < 0)
				return cannot(sink, "set the mode of", errno,
					      err);
			return 0;
		}
		no = errno;
		free(name);
	}
	return cannot(sink, "create", no, err);
}

/* Decide between a new file, a replaced one and a device; open it. */
static int open_target(struct outfile_sink *sink, struct err *err)
{
	struct stat st;

	if (stat(sink->name, &st) < 0) {
		if (errno != ENOENT)
			return cannot(sink, "create", errno, err);
		sink->target = strdup(sink->name);
		return sink->target ? open_temp(sink, err)
				    : err_nomem(err, sink->shown);
	}
	if (S_ISREG(st.st_mode)) {
		if (!sink->force)
			return refuse(sink, err);
		/* Through symbolic links: replace what they point to. */
		sink->mode = st.st_mode & 07777;
		sink->target = realpath(sink->name, NULL);
		return sink->target ? open_temp(sink, err)
				    : cannot(sink, "replace", errno, err);
	}
	sink->fd = open(sink->name, O_WRONLY | O_CLOEXEC);
	return sink->fd < 0 ? cannot(sink, "write", errno, err) : 0;
}

/*
 * Past stdio's stdout, which forgets why a write failed.  What stands in its
 * buffer comes first.
 */
static int open_standard(struct outfile_sink *sink)
{
	fflush(stdout);
	sink->standard = true;
	sink->fd = STDOUT_FILENO;
	return 0;
}

bool outfile_is_standard(const char *path)
{
	return !path || strcmp(path, "-") == 0;
}

int outfile_open(struct outfile *out, const char *path, bool force,
		 struct err *err)
{
	static const cookie_io_functions_t io = { .write = sink_write,
						  .close = sink_close };
	bool standard = outfile_is_standard(path);
	struct outfile_sink *sink;

	*out = (struct outfile){ NULL, NULL };
	sink = sink_new(standard ? "standard output" : path, force, err);
	if (!sink)
		return -1;
	out->sink = sink;
	if ((standard ? open_standard(sink) : open_target(sink, err)) == 0) {
		out->fp = fopencookie(sink, "w", io);
		if (out->fp) {
			setvbuf(out->fp, NULL, _IOFBF, BUFFER_SIZE);
			return 0;
		}
		err_nomem(err, sink->shown);
	}
	outfile_abort(out);
	return -1;
}

int outfile_check(const char *path, bool force, struct err *err)
{
	struct outfile out;
	struct stat st;

	if (outfile_is_standard(path) ||
	    (stat(path, &st) == 0 && !S_ISREG(st.st_mode) &&
	     !S_ISDIR(st.st_mode)))
		return 0;
	if (outfile_open(&out, path, force, err) < 0)
		return -1;
	outfile_abort(&out);
	return 0;
}

void outfile_stop_on(struct outfile *out, const atomic_int *stop)
{
	out->sink->stop = stop;
}

bool outfile_failed(const struct outfile *out)
{
	return ferror(out->fp) || out->sink->write_no;
}

static int write_error(const struct outfile_sink *sink, int no, struct err *err)
{
	if (sink->write_no == EINTR)
		return err_set(err, ERR_INTERRUPTED,
			       "interrupted: '%s' is not written", sink->shown);
	if (sink->write_no)
		no = sink->write_no;
	return cannot(sink, "write", no ? no : EIO, err);
}

/* Put the finished temporary file in place; never over a file unasked. */
static int put_in_place(struct outfile_sink *sink, struct err *err)
{
	if (sink->force) {
		if (rename(sink->temp, sink->target) == 0)
			return 0;
		return cannot(sink, "replace", errno, err);
	}
	if (renameat2(AT_FDCWD, sink->temp, AT_FDCWD, sink->target,
		      RENAME_NOREPLACE) == 0)
		return 0;
	if (errno == EEXIST)
		return refuse(sink, err);
	/* File systems without the flag. */
	if ((errno == EINVAL || errno == ENOSYS) &&
	    link(sink->temp, sink->target) == 0 && unlink(sink->temp) == 0)
		return 0;
	return cannot(sink, "create", errno, err);
}

int outfile_commit(struct outfile *out, struct err *err)
{
	struct outfile_sink *sink = out->sink;
	bool failed = outfile_failed(out);
	int result = 0;

	if (fflush(out->fp) != 0 || failed)
		result = write_error(sink, errno, err);
	else if (sink->temp && fsync(sink->fd) < 0)
		result = cannot(sink, "write", errno, err);
	if (fclose(out->fp) != 0 && result == 0)
		result = write_error(sink, errno, err);
	out->fp = NULL;
	if (result == 0 && sink->temp) {
		result = put_in_place(sink, err);
		if (result == 0)
			drop_temp(sink);
	}
	outfile_abort(out);
	return result;
}

void outfile_abort(struct outfile *out)
{
	struct outfile_sink *sink = out->sink;

	if (!sink)
		return;
	if (out->fp)
		fclose(out->fp);
	if (sink->fd >= 0 && !sink->standard)
		close(sink->fd);
	if (sink->temp) {
		unlink(sink->temp);
		drop_temp(sink);
	}
	sink_free(sink);
	*out = (struct outfile){ NULL, NULL };
}
