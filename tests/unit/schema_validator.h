/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A JSON Schema validator for tests.  It knows the keywords that the schemas
 * use and refuses any other, so that a schema cannot grow past it unnoticed.
 *
 *	struct validator v = { .schema = schema_load("ndr-1") };
 *
 *	if (!valid(&v, v.schema, root))
 *		fail_msg("%s", v.why);
 */
#ifndef TESTS_UNIT_SCHEMA_VALIDATOR_H
#define TESTS_UNIT_SCHEMA_VALIDATOR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>
#include <jansson.h>
#include <regex.h>

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
static json_t *schema_load(const char *name)
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

#endif
