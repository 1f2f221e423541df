/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/tree.h"

static json_t *parse(FILE *in, const char *path, struct err *err)
{
	json_error_t why;
	json_t *root = json_loadf(in, JSON_REJECT_DUPLICATES, &why);

	if (root)
		return root;
	if (ferror(in))
		err_set(err, ERR_IO, "cannot read '%s': %s", path,
			strerror(errno ? errno : EIO)); /* jansson clears it */
	else if (json_error_code(&why) == json_error_out_of_memory ||
		 !why.text[0])
		err_nomem(err, path);
	else if (json_error_code(&why) == json_error_premature_end_of_input)
		err_set(err, ERR_INPUT,
			"'%s' is cut off at line %d: write the result again",
			path, why.line);
	else
		err_set(err, ERR_INPUT,
			"'%s' is not a JSON result: line %d, column %d: %s",
			path, why.line, why.column, why.text);
	return NULL;
}

struct shape {
	const char *key;
	json_type type;
};

static const struct shape root_shape[] = {
	{ "tool", JSON_OBJECT },   { "traces", JSON_ARRAY },
	{ "config", JSON_OBJECT }, { "units", JSON_OBJECT },
	{ "runs", JSON_ARRAY },	   { "summary", JSON_OBJECT },
	{ NULL, JSON_NULL },
};

static const struct shape run_shape[] = {
	{ "tx", JSON_STRING },	    { "rx", JSON_STRING },
	{ "machine", JSON_STRING }, { "trace", JSON_INTEGER },
	{ "status", JSON_STRING },  { NULL, JSON_NULL },
};

/* The key that is absent or of another type, or NULL. */
static const char *wrong_key(const json_t *object, const struct shape *shape)
{
	for (; shape->key; shape++) {
		const json_t *value = json_object_get(object, shape->key);

		if (!value || json_typeof(value) != shape->type)
			return shape->key;
	}
	return NULL;
}

static bool is_count(const json_t *value)
{
	return json_is_integer(value) && json_integer_value(value) >= 0;
}

static bool is_pair(const json_t *value)
{
	return json_array_size(value) == 2 &&
	       is_count(json_array_get(value, 0)) &&
	       is_count(json_array_get(value, 1));
}

/* Replace a list by its text. ERR_INPUT when an item is not what it must be. */
static int pack(json_t *object, const char *key, bool (*is)(const json_t *),
		struct err *err)
{
	json_t *list = json_object_get(object, key), *item;
	char *text;
	size_t i;
	int failed;

	if (!list)
		return 0;
	json_array_foreach(list, i, item)
		if (!is(item))
			break;
	if (!json_is_array(list) || i < json_array_size(list))
		return err_set(err, ERR_INPUT,
			       "\"%s\" is not a list of numbers", key);
	text = json_dumps(list, JSON_COMPACT);
	failed = !text || json_object_set_new(object, key,
					      json_string_nocheck(text)) < 0;
	free(text);
	return failed ? err_nomem(err, "result document") : 0;
}

static int pack_members(json_t *object, const char *key,
			bool (*is)(const json_t *), struct err *err)
{
	const char *name;
	json_t *member;

	json_object_foreach(object, name, member)
		if (pack(member, key, is, err) < 0)
			return err_wrap(err, "'%s'", name);
	return 0;
}

static int pack_run(json_t *run, struct err *err)
{
	const char *path;
	json_t *stages;

	if (pack_members(json_object_get(run, "metrics"), "buckets", is_pair,
			 err) < 0 ||
	    pack_members(json_object_get(run, "series"), "values", is_count,
			 err) < 0)
		return -1;
	json_object_foreach(json_object_get(run, "stages"), path, stages)
		if (pack_members(stages, "buckets", is_pair, err) < 0)
			return err_wrap(err, "%s", path);
	return 0;
}

static int pack_runs(json_t *root, const char *path, struct err *err)
{
	json_t *run;
	size_t i;

	json_array_foreach(json_object_get(root, "runs"), i, run)
		if (pack_run(run, err) < 0)
			return err_wrap(err, "'%s': run %zu", path, i);
	return 0;
}

static int check_runs(const json_t *root, const char *path, struct err *err)
{
	size_t i, traces = json_array_size(json_object_get(root, "traces"));
	const json_t *run;
	const char *key;

	json_array_foreach(json_object_get(root, "runs"), i, run) {
		key = wrong_key(run, run_shape);
		if (key)
			return err_set(err, ERR_INPUT,
				       "'%s': run %zu has no proper \"%s\"",
				       path, i, key);
		if ((uint64_t)json_integer_value(
			    json_object_get(run, "trace")) >= traces)
			return err_set(err, ERR_INPUT,
				       "'%s': run %zu names a trace that is "
				       "not there",
				       path, i);
	}
	return 0;
}

static int check_root(const json_t *root, const char *path, struct err *err)
{
	const json_t *schema = json_object_get(root, "schema");
	const json_t *tool = json_object_get(root, "tool");
	const char *key;

	if (!json_is_integer(schema) ||
	    strcmp(tree_string(tool, "name", ""), "dmasim") != 0)
		return err_set(err, ERR_INPUT,
			       "'%s' is JSON, but no result of dmasim", path);
	if (json_integer_value(schema) != DOCUMENT_SCHEMA)
		return err_set(err, ERR_INPUT,
			       "'%s' has result schema %lld, this program "
			       "reads %d: run it again with this version",
			       path, (long long)json_integer_value(schema),
			       DOCUMENT_SCHEMA);
	key = wrong_key(root, root_shape);
	if (key)
		return err_set(err, ERR_INPUT,
			       "'%s': \"%s\" is missing or of the wrong type",
			       path, key);
	return check_runs(root, path, err);
}

json_t *load_json(const char *path, struct err *err)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *in = standard ? stdin : fopen(path, "re");
	json_t *root;

	if (!in) {
		err_set(err, ERR_INPUT, "cannot open '%s': %s", path,
			strerror(errno));
		return NULL;
	}
	root = parse(in, path, err);
	if (!standard)
		fclose(in);
	return root;
}

struct document *load_document(json_t *root, const char *path, struct err *err)
{
	if (check_root(root, path, err) < 0 || pack_runs(root, path, err) < 0) {
		json_decref(root);
		return NULL;
	}
	return document_wrap(root, err);
}

struct document *document_load(const char *path, struct err *err)
{
	json_t *root = load_json(path, err);

	return root ? load_document(root, path, err) : NULL;
}

struct document *document_load_all(const char *const *paths, size_t count,
				   struct err *err)
{
	struct document *all = NULL, *one;
	int failed = 0;

	for (size_t i = 0; i < count && !failed; i++) {
		one = document_load(paths[i], err);
		if (!one) {
			failed = -1;
		} else if (!all) {
			all = one;
		} else {
			failed = document_merge(all, one, err);
			document_free(one);
		}
	}
	if (!failed && all)
		failed = document_finish(all, err);
	if (failed) {
		document_free(all);
		return NULL;
	}
	return all;
}
