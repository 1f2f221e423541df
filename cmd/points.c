/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/points.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/digest.h"
#include "core/memfile.h"
#include "core/outfile.h"
#include "reports/load.h"
#include "reports/seal.h"

int join_path(const char *dir, const char *name, char path[POINTS_PATH_MAX],
	      struct err *err)
{
	int used = snprintf(path, POINTS_PATH_MAX, "%s/%s", dir, name);

	if (used < 0 || used >= POINTS_PATH_MAX)
		return err_set(err, ERR_USAGE,
			       "the path of directory '%.64s...' is too long",
			       dir);
	return 0;
}

static int make_one(const char *dir, struct err *err)
{
	struct stat st;

	if (!mkdir(dir, 0777))
		return 0;
	if (errno == EEXIST && !stat(dir, &st) && S_ISDIR(st.st_mode))
		return 0;
	return err_set(err, ERR_IO, "cannot make directory '%s': %s", dir,
		       strerror(errno == EEXIST ? ENOTDIR : errno));
}

int make_directory(const char *dir, struct err *err)
{
	char path[POINTS_PATH_MAX], *slash;

	if (!*dir)
		return err_set(err, ERR_USAGE, "the directory has no name");
	if (snprintf(path, sizeof(path), "%s", dir) >= (int)sizeof(path))
		return err_set(err, ERR_USAGE,
			       "the path of directory '%.64s...' is too long",
			       dir);
	for (slash = strchr(path + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (make_one(path, err) < 0)
			return -1;
		*slash = '/';
	}
	return make_one(path, err);
}

static bool has_files(const char *dir)
{
	struct dirent *entry;
	bool found = false;
	DIR *stream = opendir(dir);

	if (!stream)
		return false;
	while (!found && (entry = readdir(stream)))
		found = strcmp(entry->d_name, ".") != 0 &&
			strcmp(entry->d_name, "..") != 0;
	closedir(stream);
	return found;
}

/* Who has the lock, for people: what the holder wrote, else nothing. */
static int locked(int fd, const char *dir, struct err *err)
{
	char holder[32] = "";
	ssize_t size = pread(fd, holder, sizeof(holder) - 1, 0);

	if (size > 0)
		holder[strcspn(holder, "\n")] = '\0';
	return err_set(err, ERR_IO,
		       "study '%s' is being written by another sweep%s%s; wait "
		       "for it, or name another directory",
		       dir, *holder ? ", process " : "", holder);
}

static int lock_directory(const char *dir, struct err *err)
{
	char path[POINTS_PATH_MAX];
	int fd;

	if (join_path(dir, ".lock", path, err) < 0)
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (fd < 0)
		return err_set(err, ERR_IO, "cannot open '%s': %s", path,
			       strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			locked(fd, dir, err);
		else
			err_set(err, ERR_IO, "cannot lock '%s': %s", path,
				strerror(errno));
		close(fd);
		return -1;
	}
	if (ftruncate(fd, 0) < 0 || dprintf(fd, "%ld\n", (long)getpid()) < 0) {
		err_set(err, ERR_IO, "cannot write '%s': %s", path,
			strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

/* Files that outfile left: NAME.tmp.PID.N; their writers are gone. */
static void remove_torn(const char *dir)
{
	char path[POINTS_PATH_MAX];
	struct dirent *entry;
	DIR *stream = opendir(dir);

	if (!stream)
		return;
	while ((entry = readdir(stream))) {
		if (strstr(entry->d_name, ".json.tmp.") ||
		    strstr(entry->d_name, ".csv.tmp."))
			if (!join_path(dir, entry->d_name, path, NULL))
				unlink(path);
	}
	closedir(stream);
}

int points_open(const char *dir, bool force, struct err *err)
{
	char path[POINTS_PATH_MAX];
	int lock;

	if (join_path(dir, "points", path, err) < 0)
		return -1;
	if (!force && access(path, F_OK) && has_files(dir))
		return err_set(err, ERR_USAGE,
			       "directory '%s' has files in it but is no "
			       "study's; name another or use --force",
			       dir);
	if (make_directory(path, err) < 0)
		return -1;
	lock = lock_directory(dir, err);
	if (lock >= 0) {
		remove_torn(dir);
		remove_torn(path);
	}
	return lock;
}

void points_close(int lock)
{
	if (lock < 0)
		return;
	(void)!ftruncate(lock, 0); /* it is nobody's now */
	close(lock);
}

int points_path(const char *dir, uint64_t id, char path[POINTS_PATH_MAX],
		struct err *err)
{
	char hex[17], name[40];

	snprintf(name, sizeof(name), "points/%s.json", digest_hex(id, hex));
	return join_path(dir, name, path, err);
}

char *points_read(const char *path, size_t *size, struct err *err)
{
	FILE *in = fopen(path, "re");
	char *text = NULL, block[65536];
	size_t got;
	FILE *memory = in ? memfile_open(&text, size) : NULL;
	bool failed = !memory;

	while (!failed && (got = fread(block, 1, sizeof(block), in)) > 0)
		failed = fwrite(block, 1, got, memory) != got;
	failed = failed || ferror(in);
	if (memory && !memfile_close(memory, &text))
		failed = true;
	if (failed) {
		err_set(err, ERR_IO, "cannot read '%s': %s", path,
			strerror(errno));
		free(text);
		text = NULL;
	}
	if (in)
		fclose(in);
	return text;
}

static bool says_failed(const char *text)
{
	return strstr(text, "\"status\": \"failed\"") ||
	       strstr(text, "\"status\":\"failed\"");
}

enum points_state points_have(const char *dir, uint64_t id)
{
	enum points_state state = POINTS_BAD;
	char path[POINTS_PATH_MAX], *text;
	struct err err;
	size_t size;

	if (points_path(dir, id, path, &err) < 0 || access(path, F_OK))
		return POINTS_ABSENT;
	text = points_read(path, &size, &err);
	if (text && seal_holds(text, size, id))
		state = says_failed(text) ? POINTS_FAILED : POINTS_GOOD;
	free(text);
	return state;
}

int points_save(const char *dir, uint64_t id, const struct document *doc,
		struct err *err)
{
	char path[POINTS_PATH_MAX];
	struct outfile out;

	if (points_path(dir, id, path, err) < 0 ||
	    outfile_open(&out, path, true, err) < 0)
		return -1;
	if (json_write_sealed(doc, id, out.fp, err) < 0) {
		outfile_abort(&out);
		return -1;
	}
	return outfile_commit(&out, err);
}

struct document *points_load(const char *dir, uint64_t id, struct err *err)
{
	char path[POINTS_PATH_MAX];

	if (points_path(dir, id, path, err) < 0)
		return NULL;
	return document_load(path, err);
}

static json_t *slim(const json_t *value, bool buckets);

static json_t *slim_object(const json_t *value, bool buckets)
{
	json_t *copy = json_object(), *member;
	const char *key;
	int failed = 0;

	json_object_foreach((json_t *)(uintptr_t)value, key, member)
	{
		if (!buckets && !strcmp(key, "buckets"))
			failed |= json_object_set_new(copy, key, json_array());
		else if (!strcmp(key, "series"))
			failed |= json_object_set_new(copy, key, json_object());
		else
			failed |= json_object_set_new(copy, key,
						      slim(member, buckets));
	}
	if (!failed)
		return copy;
	json_decref(copy);
	return NULL;
}

static json_t *slim_array(const json_t *value, bool buckets)
{
	json_t *copy = json_array();
	size_t i;

	for (i = 0; i < json_array_size(value); i++) {
		if (json_array_append_new(
			    copy, slim(json_array_get(value, i), buckets))) {
			json_decref(copy);
			return NULL;
		}
	}
	return copy;
}

/* NULL without memory. */
static json_t *slim(const json_t *value, bool buckets)
{
	if (json_is_object(value))
		return slim_object(value, buckets);
	if (json_is_array(value))
		return slim_array(value, buckets);
	return json_deep_copy(value);
}

struct document *points_slim(const struct document *doc, bool buckets,
			     struct err *err)
{
	json_t *copy = slim(document_tree(doc), buckets);

	if (!copy) {
		err_nomem(err, "joint result");
		return NULL;
	}
	return document_wrap(copy, err);
}
