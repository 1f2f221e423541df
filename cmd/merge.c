/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim merge: the shards of a study, and the windows of a trace, joined into
 * what one machine would have written.
 */
#include "cmd/merge.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/merge_window.h"
#include "cmd/options.h"
#include "cmd/points.h"
#include "core/outfile.h"
#include "core/version.h"
#include "reports/compare_text.h"
#include "reports/csv_out.h"
#include "reports/seal.h"

struct merge_item *merge_add(struct merge *merge, const char *path,
			     struct err *err)
{
	struct merge_item *item;

	if (merge->count == merge->room) {
		size_t room = 2 * merge->room + 64;
		void *items =
			realloc(merge->items, room * sizeof(*merge->items));

		if (!items) {
			err_nomem(err, "points");
			return NULL;
		}
		merge->items = items;
		merge->room = room;
	}
	item = &merge->items[merge->count++];
	memset(item, 0, sizeof(*item));
	item->path = path;
	return item;
}

static void merge_clear(struct merge *merge)
{
	size_t i;

	for (i = 0; i < merge->count; i++) {
		document_free(merge->items[i].doc);
		free(merge->items[i].text);
	}
	free(merge->items);
	free(merge->header);
}

/* --- reading --- */

static bool is_directory(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

int merge_is_csv(const char *path, struct err *err)
{
	FILE *in = fopen(path, "re");
	int first = in ? fgetc(in) : EOF;

	if (in)
		fclose(in);
	else
		return err_set(err, ERR_INPUT, "cannot open '%s'", path);
	if (first == EOF)
		return err_set(err, ERR_INPUT, "'%s' is empty", path);
	return first != '{';
}

static int read_directory(struct merge *merge, const char *dir, struct err *err)
{
	char path[POINTS_PATH_MAX];
	struct stat st;
	size_t i, before = merge->count;

	if (join_path(dir, "results.json", path, err) < 0)
		return -1;
	if (stat(path, &st) < 0)
		return err_set(err, ERR_INPUT,
			       "'%s' has no results.json: that part has not "
			       "ended; run it again, it goes on where it was",
			       dir);
	if (merge_read_json(merge, path, err) < 0)
		return -1;
	for (i = before; i < merge->count; i++)
		merge->items[i].path = dir;
	return 0;
}

static int read_part(struct merge *merge, const char *path, struct err *err)
{
	size_t before = merge->count, i;
	int csv;

	if (is_directory(path))
		return read_directory(merge, path, err);
	csv = merge_is_csv(path, err);
	if (csv < 0)
		return -1;
	if (csv)
		return merge_read_csv(merge, path, err);
	if (merge_read_json(merge, path, err) < 0)
		return -1;
	for (i = before; i < merge->count; i++)
		merge->items[i].path = path;
	return 0;
}

static int read_parts(struct merge *merge, const struct options_list *paths,
		      struct err *err)
{
	size_t i;

	for (i = 0; i < paths->count; i++)
		if (read_part(merge, paths->items[i], err) < 0)
			return -1;
	if (!merge->count)
		return err_set(err, ERR_INPUT, "there are no points in '%s'",
			       paths->items[0]);
	for (i = 0; i < merge->count; i++)
		if (!merge->items[i].text != !merge->items[0].text)
			return err_set(err, ERR_INPUT,
				       "'%s' and '%s' are of two forms; give "
				       "only JSON and directories, or only "
				       "CSV",
				       merge->items[0].path,
				       merge->items[i].path);
	return 0;
}

/* --- the rules --- */

static int by_point(const void *left, const void *right)
{
	const struct merge_item *a = left, *b = right;

	if (a->point != b->point)
		return a->point < b->point ? -1 : 1;
	if (a->window_from != b->window_from)
		return a->window_from < b->window_from ? -1 : 1;
	return 0;
}

static int check_versions(const struct merge *merge, struct err *err)
{
	const struct merge_item *first = &merge->items[0], *item;
	size_t i;

	for (i = 0; i < merge->count; i++) {
		item = &merge->items[i];
		if (strcmp(item->version, first->version) != 0)
			return err_set(err, ERR_INPUT,
				       "'%s' is of version %s, '%s' of %s; run "
				       "all parts with one version",
				       first->path, first->version, item->path,
				       item->version);
		if (strcmp(item->study, first->study) != 0 ||
		    item->points != first->points)
			return err_set(err, ERR_INPUT,
				       "'%s' is of study %s with %zu points, "
				       "'%s' of %s with %zu: other captures, "
				       "axes, constraints or settings",
				       first->path, first->study, first->points,
				       item->path, item->study, item->points);
	}
	return 0;
}

/* Points that replay one stream met the same frames. */
static int check_traces(const struct merge *merge, struct err *err)
{
	const struct merge_item **seen;
	size_t i;
	int rc = 0;

	seen = calloc(merge->items[0].points, sizeof(void *));
	if (!seen)
		return err_nomem(err, "points");
	for (i = 0; !rc && i < merge->count; i++) {
		const struct merge_item *item = &merge->items[i];
		const struct merge_item **of;

		if (item->stream >= item->points) {
			rc = err_set(err, ERR_INPUT,
				     "'%s': point %zu names stream %zu of a "
				     "study with %zu points",
				     item->path, item->point, item->stream,
				     item->points);
			break;
		}
		of = &seen[item->stream];
		if (*of && strcmp((*of)->trace, item->trace) != 0)
			rc = err_set(err, ERR_INPUT,
				     "'%s' and '%s' met other frames (trace %s "
				     "and %s): the capture differs",
				     (*of)->path, item->path, (*of)->trace,
				     item->trace);
		*of = item;
	}
	free(seen);
	return rc;
}

static bool same_window(const struct merge_item *a, const struct merge_item *b)
{
	return a->windowed == b->windowed && a->window_from == b->window_from &&
	       a->window_to == b->window_to;
}

/* Points that are there twice must say the same; one is kept. */
static int drop_doubles(struct merge *merge, struct err *err)
{
	size_t kept = 0, i;

	for (i = 0; i < merge->count; i++) {
		struct merge_item *item = &merge->items[i];
		struct merge_item *before =
			kept ? &merge->items[kept - 1] : NULL;

		if (!before || before->point != item->point ||
		    (item->windowed && !same_window(before, item))) {
			struct merge_item moved = *item;

			*item = (struct merge_item){ .doc = NULL };
			merge->items[kept++] = moved;
			continue;
		}
		if (!merge_same(before, item))
			return err_set(err, ERR_INPUT,
				       "point %zu is in '%s' and in '%s', and "
				       "they differ",
				       item->point, before->path, item->path);
		document_free(item->doc);
		free(item->text);
		*item = (struct merge_item){ .doc = NULL };
	}
	merge->count = kept;
	return 0;
}

/* "3, 7-9" of what is not there, at most some. */
static int name_gaps(const struct merge *merge, struct err *err)
{
	size_t points = merge->items[0].points, point = 0, missing = 0, i;
	char list[200] = "";
	size_t used = 0;

	for (i = 0; i <= merge->count; i++) {
		size_t next = i < merge->count ? merge->items[i].point : points;

		if (next > point && used < sizeof(list) - 60) {
			used += (size_t)snprintf(list + used,
						 sizeof(list) - used, "%s%zu",
						 used ? ", " : "", point);
			if (next > point + 1)
				used += (size_t)snprintf(list + used,
							 sizeof(list) - used,
							 "-%zu", next - 1);
		} else if (next > point && list[used - 1] != '.') {
			used += (size_t)snprintf(list + used,
						 sizeof(list) - used, ", ...");
		}
		missing += next > point ? next - point : 0;
		if (next >= point)
			point = next + 1;
	}
	if (!missing)
		return 0;
	return err_set(err, ERR_INPUT,
		       "%zu of %zu points are missing: %s; a part is not "
		       "given, or was interrupted",
		       missing, points, list);
}

static int check(struct merge *merge, struct err *err)
{
	if (check_versions(merge, err) < 0 || check_traces(merge, err) < 0)
		return -1;
	qsort(merge->items, merge->count, sizeof(*merge->items), by_point);
	if (drop_doubles(merge, err) < 0)
		return -1;
	return name_gaps(merge, err);
}

/* --- writing --- */

static int write_rows(const struct merge *merge, const struct options *options,
		      struct err *err)
{
	struct outfile out;
	size_t i;

	if (options->format_given && options->format != FORMAT_CSV)
		return err_set(err, ERR_USAGE,
			       "parts in CSV make CSV only; merge the "
			       "directories instead");
	if (options_open(options, &out, err) < 0)
		return -1;
	fprintf(out.fp, "%s\n", merge->header);
	for (i = 0; i < merge->count; i++)
		fputs(merge->items[i].text, out.fp);
	return outfile_commit(&out, err);
}

static int join(const struct merge *merge, struct document **out,
		struct err *err)
{
	struct document *doc = document_new(merge->items[0].version, NULL, err);
	size_t i;

	*out = doc;
	if (!doc)
		return -1;
	for (i = 0; i < merge->count; i++)
		if (document_merge(doc, merge->items[i].doc, err) < 0)
			return -1;
	return document_finish(doc, err);
}

static int json_sealed(const void *what, FILE *out, struct err *err)
{
	return json_write_sealed(what, 0, out, err);
}

static int csv_form(const void *what, FILE *out, struct err *err)
{
	return csv_write(what, out, err);
}

static int text_form(const void *what, FILE *out, struct err *err)
{
	return compare_text_write(what, out, err);
}

static options_writer *const writers[] = { [FORMAT_TEXT] = text_form,
					   [FORMAT_JSON] = json_sealed,
					   [FORMAT_CSV] = csv_form };

static int write_into(const char *dir, const char *name, options_writer *writer,
		      const struct document *doc, struct err *err)
{
	char path[POINTS_PATH_MAX];
	struct outfile out;

	if (join_path(dir, name, path, err) < 0 ||
	    outfile_open(&out, path, true, err) < 0)
		return -1;
	if (writer(doc, out.fp, err) < 0) {
		outfile_abort(&out);
		return -1;
	}
	return outfile_commit(&out, err);
}

static int copy_point(const char *from, const char *to, uint64_t id,
		      struct err *err)
{
	char path[POINTS_PATH_MAX];
	struct outfile out;
	size_t size;
	char *text;
	int rc = -1;

	if (points_path(from, id, path, err) < 0)
		return -1;
	text = points_read(path, &size, err);
	if (!text)
		return -1;
	if (!seal_holds(text, size, id))
		err_set(err, ERR_INPUT,
			"'%s' is cut off or was changed; run that part again",
			path);
	else if (!points_path(to, id, path, err) &&
		 !outfile_open(&out, path, true, err)) {
		fwrite(text, 1, size, out.fp);
		rc = outfile_commit(&out, err);
	}
	free(text);
	return rc;
}

/* The digest in "0123456789abcdef.json"; false for other names. */
static bool point_name(const char *name, uint64_t *id)
{
	char *end;

	if (strspn(name, "0123456789abcdef") != 16 ||
	    strcmp(name + 16, ".json") != 0)
		return false;
	*id = strtoull(name, &end, 16);
	return true;
}

static int copy_points(const char *from, const char *to, struct err *err)
{
	char path[POINTS_PATH_MAX];
	struct dirent *entry;
	uint64_t id;
	DIR *dir;
	int rc = 0;

	if (join_path(from, "points", path, err) < 0)
		return -1;
	dir = opendir(path);
	if (!dir)
		return err_set(err, ERR_INPUT, "'%s' has no points/", from);
	errno = 0;
	while (!rc && (entry = readdir(dir))) {
		if (point_name(entry->d_name, &id))
			rc = copy_point(from, to, id, err);
		errno = 0;
	}
	if (!rc && errno)
		rc = err_set(err, ERR_IO, "cannot list '%s': %s", path,
			     strerror(errno));
	closedir(dir);
	return rc;
}

/* Whether the results at @path are of the study that is merged. */
static bool is_same_study(const struct merge *merge, const char *path)
{
	struct merge there = { .items = NULL };
	struct err ignored = ERR_INIT;
	bool same = !merge_read_json(&there, path, &ignored) && there.count &&
		    !strcmp(there.items[0].study, merge->items[0].study);

	merge_clear(&there);
	return same;
}

/* Results that are there and another study's stay, unless by force. */
static int check_results(const struct merge *merge,
			 const struct options *options, struct err *err)
{
	char path[POINTS_PATH_MAX];

	if (join_path(options->output, "results.json", path, err) < 0)
		return -1;
	if (options->force || access(path, F_OK) || is_same_study(merge, path))
		return 0;
	return err_set(err, ERR_USAGE,
		       "'%s' is of another study; name another directory or "
		       "use --force",
		       path);
}

/* Directories into one that `dmasim sweep -o` could have made. */
static int write_directory(const struct merge *merge,
			   const struct document *doc,
			   const struct options *options, struct err *err)
{
	const struct options_list *parts = &options->args;
	int lock, rc;
	size_t i;

	if (check_results(merge, options, err) < 0)
		return -1;
	lock = points_open(options->output, options->force, err);
	rc = lock < 0 ? -1 : 0;
	for (i = 0; !rc && i < parts->count; i++)
		rc = copy_points(parts->items[i], options->output, err);
	if (!rc)
		rc = write_into(options->output, "results.json", json_sealed,
				doc, err);
	if (!rc)
		rc = write_into(options->output, "results.csv", csv_form, doc,
				err);
	points_close(lock);
	return rc;
}

static bool all_directories(const struct options_list *parts)
{
	size_t i;

	for (i = 0; i < parts->count; i++)
		if (!is_directory(parts->items[i]))
			return false;
	return true;
}

static int merge_it(struct merge *merge, struct options *options,
		    struct err *err)
{
	struct document *doc = NULL;
	bool windowed;
	int rc;

	if (read_parts(merge, &options->args, err) < 0)
		return -1;
	windowed = merge->items[0].windowed;
	if (check(merge, err) < 0 ||
	    (windowed && merge_windows(merge, err) < 0))
		return -1;
	if (merge->header)
		return write_rows(merge, options, err);
	rc = join(merge, &doc, err);
	if (!options->format_given)
		options->format = FORMAT_CSV;
	if (!rc && options->output && !windowed &&
	    all_directories(&options->args))
		rc = write_directory(merge, doc, options, err);
	else if (!rc)
		rc = options_write(options, writers, doc, err);
	document_free(doc);
	return rc;
}

static const struct options_spec merge_spec = {
	.name = "merge",
	.args = "PART...",
	.doc = "Join the shards of a study, or the windows of a trace: "
	       "directories, JSON or CSV of dmasim sweep.",
	.example = "dmasim merge part1 part2 -o study\n"
		   "dmasim merge part*.csv -o results.csv",
	.groups = OPTIONS_OUTPUT | OPTIONS_FORMAT,
	.args_min = 1,
	.args_max = SIZE_MAX,
};

int cmd_merge(int argc, char **argv, struct err *err)
{
	struct merge merge = { .items = NULL };
	struct options options;
	int rc = options_parse(&options, &merge_spec, argc, argv, err);

	if (rc)
		return rc < 0 ? -1 : 0;
	rc = merge_it(&merge, &options, err);
	merge_clear(&merge);
	options_clear(&options);
	return rc;
}
