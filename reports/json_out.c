/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/json_out.h"

#include <errno.h>
#include <string.h>

#include "reports/tree.h"

#define FLAT_FLAGS (JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(9))

/* What goes on one line: no object inside. */
static bool is_flat(const json_t *value)
{
	const char *key;
	json_t *item;
	size_t i;

	if (json_is_array(value)) {
		json_array_foreach(value, i, item)
			if (json_is_object(item))
				return false;
	} else if (json_is_object(value)) {
		json_object_foreach((json_t *)(uintptr_t)value, key, item)
			if (json_is_object(item) || !is_flat(item))
				return false;
	}
	return true;
}

/* Lists that the tree keeps as their JSON text. */
static bool is_packed(const char *key, const json_t *value)
{
	return json_is_string(value) &&
	       (strcmp(key, "buckets") == 0 || strcmp(key, "values") == 0);
}

static int write_key(const char *key, FILE *out)
{
	json_t *name = json_string(key);
	int failed = !name || json_dumpf(name, out, FLAT_FLAGS) < 0;

	json_decref(name);
	return failed;
}

static int write_flat(const json_t *value, FILE *out)
{
	const char *key, *separator = "{";
	json_t *item;
	int failed = 0;

	if (!json_object_size(value))
		return json_dumpf(value, out, FLAT_FLAGS) < 0;
	json_object_foreach((json_t *)(uintptr_t)value, key, item) {
		fputs(separator, out);
		failed |= write_key(key, out);
		fputc(':', out);
		if (is_packed(key, item))
			fputs(json_string_value(item), out);
		else
			failed |= json_dumpf(item, out, FLAT_FLAGS) < 0;
		separator = ",";
	}
	fputc('}', out);
	return failed;
}

static int write_value(const json_t *value, unsigned depth, FILE *out);

static void new_line(unsigned depth, FILE *out)
{
	fprintf(out, "\n%*s", (int)depth, "");
}

static int write_object(const json_t *object, unsigned depth, FILE *out)
{
	const char *key, *separator = "{";
	json_t *value;
	int failed = 0;

	json_object_foreach((json_t *)(uintptr_t)object, key, value) {
		fputs(separator, out);
		new_line(depth + 1, out);
		failed |= write_key(key, out);
		fputs(": ", out);
		failed |= write_value(value, depth + 1, out);
		separator = ",";
	}
	new_line(depth, out);
	fputc('}', out);
	return failed;
}

static int write_array(const json_t *array, unsigned depth, FILE *out)
{
	const char *separator = "[";
	json_t *value;
	size_t i;
	int failed = 0;

	json_array_foreach(array, i, value) {
		fputs(separator, out);
		new_line(depth + 1, out);
		failed |= write_value(value, depth + 1, out);
		separator = ",";
	}
	new_line(depth, out);
	fputc(']', out);
	return failed;
}

static int write_value(const json_t *value, unsigned depth, FILE *out)
{
	if (is_flat(value))
		return write_flat(value, out);
	if (json_is_object(value))
		return write_object(value, depth, out);
	return write_array(value, depth, out);
}

int json_write(const struct document *doc, FILE *out, struct err *err)
{
	int failed = write_value(document_tree(doc), 0, out);

	fputc('\n', out);
	if (ferror(out))
		return err_set(err, ERR_IO, "cannot write the result: %s",
			       strerror(errno));
	return failed ? err_nomem(err, "JSON text") : 0;
}
