/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/report_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports/gnuplot.h"
#include "reports/html.h"
#include "reports/load.h"
#include "reports/tree.h"
#include "reports/walk.h"

static const struct study_kind *kind_of(const json_t *root)
{
	const struct study_kind *kind;

	for (kind = study_kinds; kind->name; kind++)
		if (json_object_get(root, kind->key))
			return kind;
	return NULL;
}

static int check_study(const struct study_kind *kind, const json_t *root,
		       const char *path, struct err *err)
{
	const json_t *schema = json_object_get(root, kind->key);

	if (strcmp(tree_string(json_object_get(root, "tool"), "name", ""),
		   "dmasim") != 0)
		return err_set(err, ERR_INPUT,
			       "'%s' is JSON, but no result of dmasim", path);
	if (!json_is_integer(schema) ||
	    json_integer_value(schema) != kind->schema)
		return err_set(err, ERR_INPUT,
			       "'%s' is a result of %s with %s %lld, this "
			       "program reads %u: run it again with this "
			       "version",
			       path, kind->name, kind->key,
			       (long long)json_integer_value(schema),
			       kind->schema);
	if (!json_is_array(json_object_get(root, kind->list)))
		return err_set(err, ERR_INPUT,
			       "'%s': \"%s\" is missing or of the wrong type",
			       path, kind->list);
	return 0;
}

/* A result of ours of a kind that has no walk. */
static int check_kind(const json_t *root, const char *path, struct err *err)
{
	static const char suffix[] = "_schema";
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)root, key, value) {
		size_t length = strlen(key);

		if (length >= sizeof(suffix) &&
		    !strcmp(key + length - sizeof(suffix) + 1, suffix))
			return err_set(err, ERR_INPUT,
				       "'%s' is a result of another kind "
				       "(\"%s\"), which report does not show",
				       path, key);
	}
	return 0;
}

static int add_study(struct report_set *set, const struct study_kind *kind,
		     json_t *root, const char *path, struct err *err)
{
	struct report_study *studies;

	if (check_study(kind, root, path, err) < 0) {
		json_decref(root);
		return -1;
	}
	studies = realloc(set->studies, (set->count + 1) * sizeof(*studies));
	if (!studies) {
		json_decref(root);
		return err_nomem(err, "results");
	}
	set->studies = studies;
	studies[set->count++] = (struct report_study){ kind, root };
	return 0;
}

static int add_document(struct report_set *set, json_t *root, const char *path,
			struct err *err)
{
	struct document *one;
	int failed = 0;

	if (check_kind(root, path, err) < 0) {
		json_decref(root);
		return -1;
	}
	one = load_document(root, path, err);
	if (!one)
		return -1;
	if (set->owned) {
		failed = document_merge(set->owned, one, err);
		document_free(one);
	} else {
		set->owned = one;
	}
	set->doc = set->owned;
	return failed;
}

int report_set_load(struct report_set *set, const char *const *paths,
		    size_t count, struct err *err)
{
	int failed = 0;

	*set = (struct report_set){ .doc = NULL };
	for (size_t i = 0; i < count && !failed; i++) {
		json_t *root = load_json(paths[i], err);
		const struct study_kind *kind = root ? kind_of(root) : NULL;

		if (!root)
			failed = -1;
		else if (kind)
			failed = add_study(set, kind, root, paths[i], err);
		else
			failed = add_document(set, root, paths[i], err);
	}
	if (!failed && set->owned)
		failed = document_finish(set->owned, err);
	if (failed)
		report_set_clear(set);
	return failed;
}

void report_set_clear(struct report_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		json_decref(set->studies[i].root);
	free(set->studies);
	document_free(set->owned);
	*set = (struct report_set){ .doc = NULL };
}

char *report_set_name(const struct report_set *set, size_t i, char *buf,
		      size_t size)
{
	size_t same = 1;

	for (size_t j = 0; j < i; j++)
		same += set->studies[j].kind == set->studies[i].kind;
	if (same > 1)
		snprintf(buf, size, "%s-%zu.json", set->studies[i].kind->name,
			 same);
	else
		snprintf(buf, size, "%s.json", set->studies[i].kind->name);
	return buf;
}

static int walk_all(const struct report_set *set, struct walk *walk,
		    struct err *err)
{
	int failed = 0;

	if (set->doc)
		failed = walk_document(walk, document_tree(set->doc), err);
	for (size_t i = 0; i < set->count && !failed; i++) {
		const struct report_study *study = &set->studies[i];

		walk->plotter.root = study->root;
		failed = study->kind->walk(walk, study->root, err);
	}
	return failed ? -1 : outline_status(&walk->outline, err);
}

static void walk_clear(struct walk *walk)
{
	plotter_clear(&walk->plotter);
	outline_clear(&walk->outline);
}

/* Plots, then what is made of them. */
static int draw(const struct report_set *set, const char *dir, bool page,
		bool pdf, size_t *cut, struct err *err)
{
	struct walk walk = { .plotter = { .dir = dir } };
	int failed = walk_all(set, &walk, err), count;

	if (!failed && walk.plotter.count)
		failed = gnuplot_run(&walk.plotter, NULL, err);
	if (!failed && walk.plotter.count && pdf)
		failed = gnuplot_pdf(&walk.plotter, "plots.pdf", err);
	if (!failed && page)
		failed = html_write(&walk.outline, dir, "index.html", err);
	count = (int)walk.plotter.count;
	if (cut)
		*cut = walk.plotter.cut;
	walk_clear(&walk);
	return failed ? -1 : count;
}

int report_set_draw(const struct report_set *set, const char *dir, size_t *cut,
		    struct err *err)
{
	return draw(set, dir, false, false, cut, err);
}

int report_set_write(const struct report_set *set, const char *dir, bool pdf,
		     size_t *cut, struct err *err)
{
	return draw(set, dir, true, pdf, cut, err);
}

static void remove_plots(const struct plotter *plotter)
{
	static const char *const suffixes[] = { "gp", "dat" };
	char path[2 * PAGE_NAME_MAX];

	for (size_t i = 0; i < plotter->count; i++)
		for (size_t j = 0; j < 2; j++) {
			snprintf(path, sizeof(path), "%s/%s.%s", plotter->dir,
				 plotter->names[i], suffixes[j]);
			unlink(path);
		}
	rmdir(plotter->dir);
}

int report_set_ascii(const struct report_set *set, FILE *out, size_t *cut,
		     struct err *err)
{
	char dir[] = "/tmp/dmasim-plots-XXXXXX";
	struct walk walk = { .plotter = { .dir = dir } };
	int failed, count;

	if (!mkdtemp(dir))
		return err_set(err, ERR_IO, "cannot make '%s': %s", dir,
			       strerror(errno));
	failed = walk_all(set, &walk, err);
	if (!failed && walk.plotter.count)
		failed = gnuplot_run(&walk.plotter, out, err);
	remove_plots(&walk.plotter);
	count = (int)walk.plotter.count;
	if (cut)
		*cut = walk.plotter.cut;
	walk_clear(&walk);
	return failed ? -1 : count;
}
