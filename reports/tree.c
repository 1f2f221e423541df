/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/tree.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/digest.h"
#include "core/err.h"

/* No result has more, INT64_MAX included; plots and sums stay finite. */
#define NUMBER_MOST 1e19

static json_t *checked(struct tree_builder *builder, json_t *value)
{
	if (!value)
		builder->failed = true;
	return value;
}

json_t *tree_object(struct tree_builder *builder)
{
	return checked(builder, json_object());
}

json_t *tree_array(struct tree_builder *builder)
{
	return checked(builder, json_array());
}

int tree_dump(const json_t *root, FILE *out, const char *what, struct err *err)
{
	size_t flags = JSON_INDENT(1) | JSON_REAL_PRECISION(9);

	if (json_dumpf(root, out, flags) == 0)
		fputc('\n', out);
	else if (!ferror(out))
		return err_nomem(err, what);
	return 0;
}

size_t utf8_length(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t length, i;
	unsigned low = 0x80, high = 0xbf;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		length = 2;
	else if ((s[0] & 0xf0) == 0xe0)
		length = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		length = 4;
	else
		return 0;
	/* Overlong forms, surrogates and the end of the code space. */
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	for (i = 1; i < length; i++) {
		if (s[i] < low || s[i] > high)
			return 0;
		low = 0x80;
		high = 0xbf;
	}
	return length;
}

bool utf8_is_control(const char *text, size_t length)
{
	const unsigned char *s = (const unsigned char *)text;

	if (length == 1)
		return s[0] < ' ' || s[0] == 0x7f;
	if (length == 2)
		return s[0] == 0xc2 && s[1] < 0xa0;
	/* No characters, whatever the encoding: U+FFFE and U+FFFF. */
	return !length ||
	       (length == 3 && s[0] == 0xef && s[1] == 0xbf && s[2] >= 0xbe);
}

static json_t *text_repaired(const char *text)
{
	static const char replacement[] = "\xef\xbf\xbd";
	size_t size = 3 * strlen(text) + 1, used = 0;
	char *copy = malloc(size);
	json_t *value;

	if (!copy)
		return NULL;
	while (*text) {
		size_t n = utf8_length(text);

		if (n) {
			memcpy(copy + used, text, n);
			used += n;
			text += n;
		} else {
			memcpy(copy + used, replacement, 3);
			used += 3;
			text++;
		}
	}
	copy[used] = '\0';
	value = json_string(copy);
	free(copy);
	return value;
}

json_t *tree_text(struct tree_builder *builder, const char *text)
{
	json_t *value;

	if (!text)
		return json_null();
	value = json_string(text);
	return checked(builder, value ? value : text_repaired(text));
}

json_t *tree_hex(struct tree_builder *builder, uint64_t word)
{
	char buf[17];

	return checked(builder, json_string(digest_hex(word, buf)));
}

json_t *tree_u64(struct tree_builder *builder, uint64_t value)
{
	BUG_ON(!builder->failed && value > INT64_MAX);
	return checked(builder, json_integer((json_int_t)value));
}

const char *packed_text(const json_t *object, const char *key)
{
	return tree_string(object, key, "");
}

bool packed_next(const char **cursor, uint64_t *value)
{
	const char *p = *cursor + strspn(*cursor, "[], ");
	char *end;

	if (!*p)
		return false;
	*value = strtoull(p, &end, 10);
	BUG_ON(end == p);
	*cursor = end;
	return true;
}

size_t packed_count(const json_t *object, const char *key)
{
	const char *cursor = packed_text(object, key);
	uint64_t value;
	size_t count = 0;

	while (packed_next(&cursor, &value))
		count++;
	return count;
}

double real9(double value)
{
	char buf[40];

	snprintf(buf, sizeof(buf), "%.9g", value);
	return strtod(buf, NULL);
}

json_t *tree_real(struct tree_builder *builder, double value)
{
	if (!isfinite(value))
		return json_null();
	return checked(builder, json_real(real9(value)));
}

void tree_put(struct tree_builder *builder, json_t *object, const char *key,
	      json_t *value)
{
	if (json_object_set_new(object, key, value) < 0)
		builder->failed = true;
}

void tree_append(struct tree_builder *builder, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) < 0)
		builder->failed = true;
}

const char *tree_string(const json_t *object, const char *key,
			const char *absent)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : absent;
}

bool tree_number(const json_t *object, const char *key, double *value)
{
	const json_t *member = json_object_get(object, key);

	if (!json_is_number(member) ||
	    !(fabs(json_number_value(member)) <= NUMBER_MOST))
		return false;
	*value = json_number_value(member);
	return true;
}

uint64_t tree_count(const json_t *object, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(object, key));

	return value > 0 ? (uint64_t)value : 0;
}

bool run_number(const json_t *run, const char *metric, const char *stat,
		double *value)
{
	static const char capacity[] = "capacity.";
	const json_t *metrics = json_object_get(run, "metrics");

	if (strncmp(metric, capacity, sizeof(capacity) - 1) == 0)
		return tree_number(json_object_get(run, "capacity"),
				   metric + sizeof(capacity) - 1, value);
	if (!stat)
		return tree_number(metrics, metric, value);
	return tree_number(json_object_get(metrics, metric), stat, value);
}

double run_frames(const json_t *run)
{
	double tx = 0, rx = 0;

	run_number(run, "tx.completed_frames", NULL, &tx);
	run_number(run, "rx.delivered_frames", NULL, &rx);
	return tx + rx;
}
