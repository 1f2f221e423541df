/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every document is valid under the shipped JSON Schema, and documents that
 * are spoilt are not.  The validator knows the keywords the schema uses and
 * refuses any other, so the schema cannot grow past it unnoticed.
 */
#include "tests/unit/test_report_fixture.h"

#include <regex.h>
#include <stdlib.h>
#include <unistd.h>

#include "reports/tree.h"
#include "reports/way_out.h"

#include "reports/json_out.h"

struct validator {
	const json_t *schema; /* the root, for $ref */
	char why[200];
};

static bool valid(struct validator *v, const json_t *schema,
		  const json_t *value);

static bool no(struct validator *v, const char *keyword, const char *what)
{
	snprintf(v->why, sizeof(v->why), "%s: %s", keyword, what);
	return false;
}

static bool is_type(const char *type, const json_t *value)
{
	static const struct {
		const char *name;
		bool integer, real, string, object, array, null, boolean;
	} types[] = {
		{ .name = "integer", .integer = true },
		{ .name = "number", .integer = true, .real = true },
		{ .name = "string", .string = true },
		{ .name = "object", .object = true },
		{ .name = "array", .array = true },
		{ .name = "null", .null = true },
		{ .name = "boolean", .boolean = true },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].name, type) == 0)
			return (types[i].integer && json_is_integer(value)) ||
			       (types[i].real && json_is_real(value)) ||
			       (types[i].string && json_is_string(value)) ||
			       (types[i].object && json_is_object(value)) ||
			       (types[i].array && json_is_array(value)) ||
			       (types[i].null && json_is_null(value)) ||
			       (types[i].boolean && json_is_boolean(value));
	fail_msg("unknown type '%s'", type);
	return false;
}

static bool check_type(struct validator *v, const json_t *rule,
		       const json_t *value)
{
	const json_t *one;
	size_t i;

	if (json_is_string(rule))
		return is_type(json_string_value(rule), value) ||
		       no(v, "type", json_string_value(rule));
	json_array_foreach(rule, i, one) if (is_type(json_string_value(one),
						     value)) return true;
	return no(v, "type", "none of the list");
}

static bool check_object(struct validator *v, const json_t *schema,
			 const json_t *value)
{
	const json_t *properties = json_object_get(schema, "properties");
	const json_t *rest = json_object_get(schema, "additionalProperties");
	const json_t *name;
	const char *key;
	json_t *item;
	size_t i;

	if (!json_is_object(value))
		return true;
	json_array_foreach(json_object_get(schema, "required"), i, name) if (
		!json_object_get(
			value,
			json_string_value(name))) return no(v, "required",
							    json_string_value(
								    name));
	json_object_foreach((json_t *)(uintptr_t)value, key, item)
	{
		const json_t *rule = json_object_get(properties, key);

		if (!rule && json_is_false(rest))
			return no(v, "additionalProperties", key);
		if (!rule)
			rule = rest;
		if (rule && !valid(v, rule, item))
			return false;
	}
	return true;
}

static bool check_array(struct validator *v, const json_t *schema,
			const json_t *value)
{
	const json_t *items = json_object_get(schema, "items");
	const json_t *least = json_object_get(schema, "minItems");
	const json_t *most = json_object_get(schema, "maxItems");
	size_t count = json_array_size(value), i;
	const json_t *item;

	if (!json_is_array(value))
		return true;
	if (least && count < (size_t)json_integer_value(least))
		return no(v, "minItems", "too few");
	if (most && count > (size_t)json_integer_value(most))
		return no(v, "maxItems", "too many");
	json_array_foreach(value, i,
			   item) if (items &&
				     !valid(v, items, item)) return false;
	return true;
}

static bool check_pattern(struct validator *v, const json_t *rule,
			  const json_t *value)
{
	regex_t regex;
	int miss;

	if (!rule || !json_is_string(value))
		return true;
	assert_int_equal(regcomp(&regex, json_string_value(rule),
				 REG_EXTENDED | REG_NOSUB),
			 0);
	miss = regexec(&regex, json_string_value(value), 0, NULL, 0);
	regfree(&regex);
	return !miss || no(v, "pattern", json_string_value(value));
}

static bool check_any(struct validator *v, const json_t *rules,
		      const json_t *value)
{
	const json_t *rule;
	size_t i;

	json_array_foreach(rules, i,
			   rule) if (valid(v, rule, value)) return true;
	return !rules; /* why: that of the last */
}

static bool check_enum(struct validator *v, const json_t *rules,
		       const json_t *value)
{
	const json_t *rule;
	size_t i;

	json_array_foreach(rules, i,
			   rule) if (json_equal(rule, value)) return true;
	return !rules || no(v, "enum", "none of them");
}

static void check_keywords(const json_t *schema)
{
	static const char *const known[] = {
		"$schema",    "$id",	  "$defs",
		"$ref",	      "title",	  "description",
		"type",	      "required", "additionalProperties",
		"properties", "items",	  "minItems",
		"maxItems",   "minimum",  "pattern",
		"anyOf",      "enum",	  "const",
	};
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)schema, key, value)
	{
		size_t i = 0, n = sizeof(known) / sizeof(known[0]);

		while (i < n && strcmp(known[i], key) != 0)
			i++;
		if (i == n)
			fail_msg("keyword '%s' is not validated", key);
	}
}

static const json_t *definition(struct validator *v, const json_t *ref)
{
	static const char prefix[] = "#/$defs/";
	const char *name = json_string_value(ref);
	const json_t *found;

	assert_int_equal(strncmp(name, prefix, sizeof(prefix) - 1), 0);
	found = json_object_get(json_object_get(v->schema, "$defs"),
				name + sizeof(prefix) - 1);
	assert_non_null(found);
	return found;
}

static bool valid(struct validator *v, const json_t *schema,
		  const json_t *value)
{
	const json_t *rule;

	check_keywords(schema);
	rule = json_object_get(schema, "$ref");
	if (rule)
		return valid(v, definition(v, rule), value);
	rule = json_object_get(schema, "type");
	if (rule && !check_type(v, rule, value))
		return false;
	rule = json_object_get(schema, "const");
	if (rule && !json_equal(rule, value))
		return no(v, "const", "differs");
	rule = json_object_get(schema, "minimum");
	if (rule && json_is_number(value) &&
	    json_number_value(value) < json_number_value(rule))
		return no(v, "minimum", "too small");
	return check_enum(v, json_object_get(schema, "enum"), value) &&
	       check_pattern(v, json_object_get(schema, "pattern"), value) &&
	       check_any(v, json_object_get(schema, "anyOf"), value) &&
	       check_object(v, schema, value) && check_array(v, schema, value);
}

/* The tests run from the top of the source or from anywhere with SRC set. */
static json_t *schema_load_named(const char *name)
{
	const char *src = getenv("SRC");
	json_error_t why;
	json_t *schema;
	char path[1024];

	snprintf(path, sizeof(path), "%s/reports/schema/%s.schema.json",
		 src ? src : ".", name);
	schema = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
	if (!schema)
		fail_msg("%s: %s", path, why.text);
	return schema;
}

static json_t *schema_load(void)
{
	return schema_load_named("result-1");
}

/* The document as a reader of its JSON text has it. */
static json_t *written(const struct document *doc)
{
	struct err err = ERR_INIT;
	json_error_t why;
	json_t *root;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(json_write(doc, out, &err), 0);
	fclose(out);
	root = json_loads(text, JSON_REJECT_DUPLICATES, &why);
	if (!root)
		fail_msg("line %d: %s", why.line, why.text);
	free(text);
	return root;
}

static void assert_valid(const json_t *schema, const struct document *doc)
{
	struct validator v = { .schema = schema };
	json_t *root = written(doc);

	if (!valid(&v, schema, root))
		fail_msg("%s", v.why);
	json_decref(root);
}

static void assert_spoilt(const json_t *schema, const json_t *root,
			  const char *why)
{
	struct validator v = { .schema = schema };

	assert_false(valid(&v, schema, root));
	assert_string_equal(v.why, why);
}

static void documents_are_valid(void **state)
{
	struct config *cfg = fixture_config();
	struct document *doc = fixture_compare(cfg);
	json_t *schema = schema_load();
	struct err err = ERR_INIT;
	int run;

	(void)state;
	assert_valid(schema, doc);
	run = fixture_add(doc, cfg, "xge-64bit", "null", "null", 0, 1);
	document_set_axis(doc, run, "nic.tx_ring", "512", &err);
	assert_int_equal(document_finish(doc, &err), 0);
	assert_valid(schema, doc);
	document_free(doc);
	json_decref(schema);
	config_free(cfg);
}

static void empty_document_is_valid(void **state)
{
	struct err err = ERR_INIT;
	struct document *doc = document_new("0.1.0", "v0.1.0-3-gabc", &err);
	json_t *schema = schema_load();

	(void)state;
	assert_int_equal(document_finish(doc, &err), 0);
	assert_valid(schema, doc);
	document_free(doc);
	json_decref(schema);
}

static void spoilt_documents_are_not(void **state)
{
	struct config *cfg = fixture_config();
	struct document *doc = fixture_compare(cfg);
	json_t *schema = schema_load(), *root, *run;

	(void)state;
	root = written(doc);
	json_object_set_new(root, "schema", json_integer(2));
	assert_spoilt(schema, root, "const: differs");
	json_decref(root);

	root = written(doc);
	json_object_del(root, "units");
	assert_spoilt(schema, root, "required: units");
	json_object_set_new(root, "units", json_object());
	json_object_set_new(root, "extra", json_true());
	assert_spoilt(schema, root, "additionalProperties: extra");
	json_decref(root);

	root = written(doc);
	json_object_set_new(json_object_get(root, "summary"), "confidence",
			    json_string("0.95"));
	assert_spoilt(schema, root, "type: number");
	json_decref(root);

	root = written(doc);
	run = json_array_get(json_object_get(root, "traces"), 0);
	json_object_set_new(run, "digest", json_string("7"));
	assert_spoilt(schema, root, "pattern: 7");
	json_object_set_new(run, "digest", json_string("0000000000000007"));
	json_object_set_new(run, "frames", json_integer(-1));
	assert_spoilt(schema, root, "minimum: too small");
	json_decref(root);

	document_free(doc);
	json_decref(schema);
	config_free(cfg);
}

/* --- explanations --- */

static const char *const stages[] = { "queue", "map_wait", NULL };
static const char *const words[] = {
	"one", "two", "three", "four", "five", NULL
};
static const struct observed_names names = { .stages = { stages, stages },
					     .servers = words,
					     .counters = words,
					     .irql = words,
					     .routines = words,
					     .cores = 2 };

/* A way that has everything a way can have, told by hand. */
static void tell_a_way(struct way *way)
{
	const struct observed_memory memory = { .how = "copied",
						.residency = "L2" };
	struct observers observers;
	struct err err = ERR_INIT;
	struct observed *frame;

	assert_int_equal(observers_init(&observers, &way->base, &names, &err),
			 0);
	frame = observed_begin(&observers,
			       &(struct observed){ .number = 5,
						   .at = 100,
						   .bytes = 60,
						   .direction = FRAME_RX });
	assert_non_null(frame);
	observers_tell(&observers,
		       &(struct observation){ .kind = SEEN_REGISTERS,
					      .number = 4,
					      .value = 3 });
	observers_tell(&observers,
		       &(struct observation){ .kind = SEEN_WAIT,
					      .what = WAIT_REGISTERS,
					      .number = 5,
					      .value = 2 });
	observers_tell(&observers, &(struct observation){ .kind = SEEN_RUN,
							  .frame = frame,
							  .from = 100,
							  .to = 110 });
	observed_stage(frame, 0, 100, 110);
	observed_stage(frame, 1, 110, 150);
	observers_tell(&observers, &(struct observation){ .kind = SEEN_CALL,
							  .frame = frame,
							  .from = 150,
							  .to = 150,
							  .what = 1 });
	observers_tell(&observers, &(struct observation){ .kind = SEEN_BUFFER,
							  .frame = frame,
							  .memory = &memory });
	frame->delivered = 120;
	observed_end(frame, 150, VERDICT_DELIVERED, "");
	observers_clear(&observers);
}

static json_t *explained(const struct way_row *list, size_t count)
{
	const struct way_rows rows = {
		.version = "0.1.0", .number = 5, .list = list, .count = count
	};
	struct err err = ERR_INIT;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	json_t *root;

	assert_non_null(out);
	assert_int_equal(way_json_write(&rows, out, &err), 0);
	fclose(out);
	root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	free(text);
	return root;
}

static void explanations_are_valid(void **state)
{
	json_t *schema = schema_load_named("explain-1"), *root, *part;
	struct validator v = { .schema = schema };
	struct way_row rows[] = {
		{ .machine = "a", .tx = "b", .rx = "c" },
		{ .machine = "d", .tx = "e", .rx = "f", .why = "no way" },
	};

	(void)state;
	way_init(&rows[0].way, 5);
	tell_a_way(&rows[0].way);
	root = explained(rows, 2);
	if (!valid(&v, schema, root))
		fail_msg("%s", v.why);
	part = json_array_get(
		json_object_get(
			json_array_get(json_object_get(root, "ways"), 0),
			"parts"),
		0);
	assert_int_equal(json_array_size(json_object_get(part, "steps")), 2);
	assert_string_equal(
		tree_string(json_array_get(json_object_get(part, "steps"), 1),
			    "meanwhile", ""),
		"2 map registers wanted, 0 free; held by frame 4 (3)");
	json_object_set_new(part, "verdict", json_string("lost"));
	assert_spoilt(schema, root, "enum: none of them");
	json_object_del(part, "steps");
	assert_spoilt(schema, root, "required: steps");
	json_decref(root);
	json_decref(schema);
	way_clear(&rows[0].way);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_are_valid),
		cmocka_unit_test(empty_document_is_valid),
		cmocka_unit_test(spoilt_documents_are_not),
		cmocka_unit_test(explanations_are_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
