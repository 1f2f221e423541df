/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/points.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/job.h"
#include "core/digest.h"
#include "reports/load.h"

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

int points_open(const char *dir, bool force, struct err *err)
{
	char path[POINTS_PATH_MAX];

	if (join_path(dir, "points", path, err) < 0)
		return -1;
	if (!force && access(path, F_OK) && has_files(dir))
		return err_set(err, ERR_USAGE,
			       "directory '%s' has files in it but is no "
			       "study's; name another or use --force",
			       dir);
	return make_directory(path, err);
}

int points_path(const char *dir, uint64_t id, char path[POINTS_PATH_MAX],
		struct err *err)
{
	char hex[17], name[40];

	snprintf(name, sizeof(name), "points/%s.json", digest_hex(id, hex));
	return join_path(dir, name, path, err);
}

bool points_have(const char *dir, uint64_t id)
{
	char path[POINTS_PATH_MAX];
	struct err err;

	return !points_path(dir, id, path, &err) && !access(path, R_OK);
}

int points_save(const char *dir, uint64_t id, const struct document *doc,
		struct err *err)
{
	char path[POINTS_PATH_MAX];

	if (points_path(dir, id, path, err) < 0)
		return -1;
	return job_save(doc, path, true, err);
}

struct document *points_load(const char *dir, uint64_t id, struct err *err)
{
	char path[POINTS_PATH_MAX];

	if (points_path(dir, id, path, err) < 0)
		return NULL;
	return document_load(path, err);
}

static json_t *slim(const json_t *value);

static json_t *slim_object(const json_t *value)
{
	json_t *copy = json_object(), *member;
	const char *key;
	int failed = 0;

	json_object_foreach((json_t *)(uintptr_t)value, key, member)
	{
		if (!strcmp(key, "buckets"))
			failed |= json_object_set_new(copy, key, json_array());
		else if (!strcmp(key, "series"))
			failed |= json_object_set_new(copy, key, json_object());
		else
			failed |= json_object_set_new(copy, key, slim(member));
	}
	if (!failed)
		return copy;
	json_decref(copy);
	return NULL;
}

static json_t *slim_array(const json_t *value)
{
	json_t *copy = json_array();
	size_t i;

	for (i = 0; i < json_array_size(value); i++) {
		if (json_array_append_new(copy,
					  slim(json_array_get(value, i)))) {
			json_decref(copy);
			return NULL;
		}
	}
	return copy;
}

/* NULL without memory. */
static json_t *slim(const json_t *value)
{
	if (json_is_object(value))
		return slim_object(value);
	if (json_is_array(value))
		return slim_array(value);
	return json_deep_copy(value);
}

struct document *points_slim(const struct document *doc, struct err *err)
{
	json_t *copy = slim(document_tree(doc));

	if (!copy) {
		err_nomem(err, "joint result");
		return NULL;
	}
	return document_wrap(copy, err);
}
