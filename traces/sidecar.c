/* SPDX-License-Identifier: Apache-2.0 */
#include "traces/sidecar.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/digest.h"
#include "traces/sidecar_fields.h"
#include "traces/stream.h"

#define LINE_CHARS 4000
#define COLUMNS	   32

struct sidecar {
	char *path;
	struct stream *stream;
	uint64_t line;
	bool json, ended;
	bool held;	     /* the line at hand is not used yet */
	int column[COLUMNS]; /* field of a CSV column */
	int columns;
	struct sidecar_record next; /* read, not yet asked for */
	uint64_t last_number;
	uint32_t last_part;
	bool last_any;
	bool matched; /* by a frame */
	uint64_t digest, records, unmatched;
	char text[LINE_CHARS + 2];
};

/* "'FILE', line 3, column 9 (mdls): what is wrong". */
static int at_column(const struct sidecar *s, size_t column, int field,
		     struct err *err)
{
	err->kind = ERR_INPUT;
	if (field < 0)
		return err_wrap(err, "'%s', line %llu, column %zu", s->path,
				(unsigned long long)s->line, column);
	return err_wrap(err, "'%s', line %llu, column %zu (%s)", s->path,
			(unsigned long long)s->line, column,
			sidecar_field_name(field));
}

/* A line that is neither empty nor a comment; 1, 0 at the end, -1. */
static int next_line(struct sidecar *s, struct err *err)
{
	FILE *file = stream_file(s->stream);

	if (s->held) {
		s->held = false;
		return 1;
	}
	while (fgets(s->text, sizeof(s->text), file)) {
		size_t length = strcspn(s->text, "\n");

		s->line++;
		if (!s->text[length] && (length > LINE_CHARS || !feof(file))) {
			err_set(err, ERR_INPUT,
				"longer than %d characters, or not text",
				LINE_CHARS);
			return at_column(s, length + 1, -1, err);
		}
		while (length && strchr(" \t\r", s->text[length - 1]))
			length--;
		s->text[length] = '\0';
		if (length && s->text[0] != '#')
			return 1;
	}
	if (!ferror(file) && !stream_trouble(s->stream))
		return 0;
	return err_set(err, ERR_INPUT, "'%s', after line %llu: %s", s->path,
		       (unsigned long long)s->line,
		       stream_trouble(s->stream) ? stream_trouble(s->stream)
						 : "cannot read on");
}

/* --- CSV --- */

/* Ends the field at @p; returns the next one, NULL after the last. */
static char *end_field(char *p)
{
	char *comma = strchr(p, ',');

	if (comma)
		*comma = '\0';
	return comma ? comma + 1 : NULL;
}

/* Without blanks around it, and without quotes around that. */
static char *trimmed(char *text)
{
	size_t length;

	text += strspn(text, " \t");
	length = strlen(text);
	while (length && strchr(" \t", text[length - 1]))
		text[--length] = '\0';
	if (length > 1 && text[0] == '"' && text[length - 1] == '"') {
		text[length - 1] = '\0';
		text++;
	}
	return text;
}

static int read_names(struct sidecar *s, struct err *err)
{
	char *p = s->text, *next;
	unsigned seen = 0;

	for (s->columns = 0; p; p = next) {
		size_t at = (size_t)(p - s->text) + 1;
		int field;

		next = end_field(p);
		field = sidecar_field_find(trimmed(p), err);
		if (field >= 0 && seen & 1u << field)
			field = err_set(err, ERR_INPUT,
					"'%s' stands here twice", trimmed(p));
		if (field < 0)
			return at_column(s, at, -1, err);
		seen |= 1u << field;
		s->column[s->columns++] = field;
	}
	return 0;
}

static int read_csv(struct sidecar *s, struct err *err)
{
	char *p = s->text, *next;
	size_t at = 1;
	int i;

	for (i = 0; p; p = next, i++) {
		at = (size_t)(p - s->text) + 1;
		if (i == s->columns) {
			err_set(err, ERR_INPUT,
				"more fields than the %d that are named",
				s->columns);
			return at_column(s, at, -1, err);
		}
		next = end_field(p);
		if (sidecar_field_set(&s->next, s->column[i], trimmed(p), err) <
		    0)
			return at_column(s, at, s->column[i], err);
	}
	if (i == s->columns)
		return 0;
	err_set(err, ERR_INPUT, "%d fields, but %d are named", i, s->columns);
	return at_column(s, at, -1, err);
}

/* --- JSON lines --- */

/* A value as CSV would have it; false: it has no such form. */
static bool value_text(const json_t *value, char *text, size_t size)
{
	size_t used = 0, i;

	*text = '\0';
	if (json_is_string(value))
		return (size_t)snprintf(text, size, "%s",
					json_string_value(value)) < size;
	if (json_is_boolean(value))
		return snprintf(text, size, "%s",
				json_is_true(value) ? "yes" : "no") > 0;
	if (json_is_real(value))
		return (size_t)snprintf(text, size, "%.3f",
					json_real_value(value)) < size;
	if (json_is_integer(value))
		return snprintf(text, size, "%lld",
				(long long)json_integer_value(value)) > 0;
	for (i = 0; i < json_array_size(value) && used < size; i++) {
		const json_t *item = json_array_get(value, i);

		if (!json_is_integer(item))
			return false;
		used += (size_t)snprintf(text + used, size - used, "%s%lld",
					 i ? "+" : "",
					 (long long)json_integer_value(item));
	}
	return used && used < size;
}

/* Where a member stands in the line. */
static size_t member_column(const struct sidecar *s, const char *name)
{
	char quoted[80];
	const char *at;

	snprintf(quoted, sizeof(quoted), "\"%.70s\"", name);
	at = strstr(s->text, quoted);
	return at ? (size_t)(at - s->text) + 1 : 1;
}

static int set_member(struct sidecar *s, const char *name, const json_t *value,
		      struct err *err)
{
	int field = sidecar_field_find(name, err);
	char text[1024];

	if (field >= 0 && json_is_null(value))
		return 0;
	if (field >= 0 && !value_text(value, text, sizeof(text)))
		err_set(err, ERR_INPUT,
			"is no number, string, yes or no, list of numbers");
	else if (field >= 0 &&
		 sidecar_field_set(&s->next, field, text, err) == 0)
		return 0;
	return at_column(s, member_column(s, name), field, err);
}

static int read_json(struct sidecar *s, struct err *err)
{
	json_error_t why;
	json_t *tree = json_loads(s->text, JSON_REJECT_DUPLICATES, &why);
	const char *name;
	json_t *value;
	int rc = 0;

	if (!json_is_object(tree)) {
		err_set(err, ERR_INPUT, "%s; write one object a line",
			tree ? "no object" : why.text);
		rc = at_column(s,
			       tree || why.column < 1 ? 1 : (size_t)why.column,
			       -1, err);
	}
	for (void *it = rc ? NULL : json_object_iter(tree); it && !rc;
	     it = json_object_iter_next(tree, it)) {
		name = json_object_iter_key(it);
		value = json_object_iter_value(it);
		rc = set_member(s, name, value, err);
	}
	json_decref(tree);
	return rc;
}

/* --- records --- */

static int check_order(struct sidecar *s, struct err *err)
{
	const struct sidecar_record *r = &s->next;
	bool after = r->number > s->last_number ||
		     (r->number == s->last_number && !r->any_part &&
		      !s->last_any && r->part > s->last_part);

	if (after)
		return 0;
	err_set(err, ERR_INPUT,
		"record %llu comes after %llu: sort them by number and part, "
		"each once",
		(unsigned long long)r->number,
		(unsigned long long)s->last_number);
	return at_column(s, 1, -1, err);
}

static void note_record(struct sidecar *s)
{
	const struct frame_layout *layout = &s->next.layout;
	uint64_t digest = digest_add(s->digest, s->next.number);
	unsigned i;

	digest = digest_add(digest,
			    s->next.any_part ? UINT64_MAX : s->next.part);
	digest = digest_add(digest,
			    (uint64_t)layout->known << 16 | layout->skip);
	digest = digest_add(digest, layout->buffer);
	digest = digest_add(digest, layout->batch);
	digest = digest_add(digest, layout->nbl);
	digest = digest_add(digest, (uint64_t)layout->hold_ps);
	for (i = 0; i < layout->mdl_count; i++)
		digest = digest_add(digest,
				    (uint64_t)layout->mdl_bytes[i] << 16 |
					    layout->mdl_offset[i]);
	s->digest = digest;
	s->records++;
}

/* 1 with the next record in s->next, 0 at the end, -1. */
static int next_record(struct sidecar *s, struct err *err)
{
	int more = next_line(s, err), field;

	s->unmatched += !s->matched;
	s->matched = true;
	if (more <= 0)
		return more;
	s->last_number = s->next.number;
	s->last_part = s->next.part;
	s->last_any = s->next.any_part;
	memset(&s->next, 0, sizeof(s->next));
	memset(s->next.layout.mdl_offset, 0xff,
	       sizeof(s->next.layout.mdl_offset));
	s->next.any_part = true;
	if ((s->json ? read_json(s, err) : read_csv(s, err)) < 0)
		return -1;
	if (sidecar_record_check(&s->next, &field, err) < 0)
		return at_column(s, 1, field, err);
	if (check_order(s, err) < 0)
		return -1;
	s->matched = false;
	note_record(s);
	return 1;
}

/* The form is told by the first line: an object, or names. */
static int begin(struct sidecar *s, struct err *err)
{
	int more = next_line(s, err);

	if (more < 0)
		return -1;
	if (!more)
		return err_set(err, ERR_INPUT,
			       "'%s': no names of columns and no record; see "
			       "dmasim-layout(5)",
			       s->path);
	s->json = s->held = s->text[0] == '{';
	return s->json ? 0 : read_names(s, err);
}

int sidecar_rewind(struct sidecar *s, struct err *err)
{
	stream_close(s->stream);
	s->stream = stream_open(s->path, err);
	if (!s->stream)
		return err_wrap(err, "'%s'", s->path);
	if (!stream_seekable(s->stream))
		return err_set(err, ERR_USAGE,
			       "'%s' is no file; save the layout to one first",
			       s->path);
	memset(&s->next, 0, sizeof(s->next));
	s->line = s->digest = s->records = s->unmatched = 0;
	s->held = s->ended = false;
	s->matched = true;
	return begin(s, err);
}

struct sidecar *sidecar_open(const char *path, struct err *err)
{
	struct sidecar *s = calloc(1, sizeof(*s));

	if (!s || !(s->path = strdup(path))) {
		free(s);
		err_nomem(err, "a layout sidecar");
		return NULL;
	}
	if (sidecar_rewind(s, err) < 0) {
		sidecar_close(s);
		return NULL;
	}
	return s;
}

void sidecar_close(struct sidecar *s)
{
	if (!s)
		return;
	stream_close(s->stream);
	free(s->path);
	free(s);
}

/* Whether the record at hand is of a frame before this one. */
static bool is_before(const struct sidecar_record *r, uint64_t number,
		      uint32_t part)
{
	return r->number < number ||
	       (r->number == number && !r->any_part && r->part < part);
}

int sidecar_find(struct sidecar *s, uint64_t number, uint32_t part,
		 struct frame_layout *out, struct err *err)
{
	while (!s->ended && is_before(&s->next, number, part)) {
		int more = next_record(s, err);

		if (more < 0)
			return -1;
		s->ended = !more;
	}
	if (s->ended || s->next.number != number ||
	    (!s->next.any_part && s->next.part != part))
		return 0;
	s->matched = true;
	*out = s->next.layout;
	return 1;
}

void sidecar_report(const struct sidecar *s, struct trace_info *info)
{
	info->layout_given = true;
	info->layout_digest = s->digest;
	info->layout_records = s->records;
	info->layout_unmatched = s->unmatched;
}
