/* SPDX-License-Identifier: Apache-2.0 */
/* dmasim merge: parts in CSV.  Rows are kept as they are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/merge.h"
#include "cmd/points.h"
#include "core/digest.h"
#include "reports/seal.h"

#define FIELDS_MAX 64
#define FIELD_MAX  600

enum { VERSION, STUDY, POINT, STREAM, METRIC, STAT, VALUE, COLUMNS };

static const char *const column_names[COLUMNS] = { "version", "study",	"point",
						   "stream",  "metric", "stat",
						   "value" };

struct reader {
	struct merge *merge;
	const char *path;
	char *at; /* the next row */
	unsigned line;
	int column[COLUMNS];
	char fields[COLUMNS][FIELD_MAX];
	/* Rows of the point under way. */
	const char *rows;
	struct merge_item place;
};

static int wrong(const struct reader *reader, struct err *err, const char *what)
{
	return err_set(err, ERR_INPUT, "%s:%u: %s", reader->path, reader->line,
		       what);
}

/* One field, without its quotes, into @to; returns what follows, or NULL. */
static const char *take_field(const char *p, const char *end,
			      char to[FIELD_MAX])
{
	bool quoted = p < end && *p == '"';
	size_t used = 0;

	for (p += quoted; p < end; p++) {
		if (quoted && *p == '"' && (p + 1 == end || p[1] != '"')) {
			quoted = false;
			continue;
		}
		if (!quoted && *p == ',')
			break;
		p += quoted && *p == '"';
		if (used + 1 == FIELD_MAX)
			return NULL;
		to[used++] = *p;
	}
	to[used] = '\0';
	return quoted ? NULL : p;
}

/* The end of the row at @p: its line break; NULL when it has none. */
static char *row_end(char *p)
{
	bool quoted = false;

	for (; *p && (quoted || *p != '\n'); p++)
		quoted ^= *p == '"';
	return *p ? p : NULL;
}

static int read_header(struct reader *reader, struct err *err)
{
	struct merge *merge = reader->merge;
	char *end = row_end(reader->at), name[FIELD_MAX];
	const char *p = reader->at;
	int at, i;

	if (!end)
		return wrong(reader, err, "there are no rows");
	for (i = 0; i < COLUMNS; i++)
		reader->column[i] = -1;
	for (at = 0; p && at < FIELDS_MAX; at++) {
		p = take_field(p, end, name);
		for (i = 0; p && i < COLUMNS; i++)
			if (!strcmp(name, column_names[i]))
				reader->column[i] = at;
		if (!p || p == end)
			break;
		p++;
	}
	for (i = 0; i < COLUMNS; i++)
		if (reader->column[i] < 0)
			return err_set(err, ERR_INPUT,
				       "'%s' has no column '%s': it is no CSV "
				       "of dmasim sweep",
				       reader->path, column_names[i]);
	*end = '\0';
	if (!merge->header) {
		merge->header = strdup(reader->at);
		merge->header_of = reader->path;
		if (!merge->header)
			return err_nomem(err, "points");
	} else if (strcmp(merge->header, reader->at) != 0) {
		return err_set(err, ERR_INPUT,
			       "'%s' and '%s' have other columns: they are of "
			       "two studies",
			       merge->header_of, reader->path);
	}
	reader->at = end + 1;
	return 0;
}

static int read_fields(struct reader *reader, const char *end, struct err *err)
{
	const char *p = reader->at;
	char field[FIELD_MAX];
	int at, i;

	for (i = 0; i < COLUMNS; i++)
		reader->fields[i][0] = '\0';
	for (at = 0; at < FIELDS_MAX; at++) {
		p = take_field(p, end, field);
		if (!p)
			return wrong(reader, err, "unbalanced quote");
		for (i = 0; i < COLUMNS; i++)
			if (reader->column[i] == at)
				memcpy(reader->fields[i], field, FIELD_MAX);
		if (p == end)
			return 0;
		p++;
	}
	return wrong(reader, err, "too many fields");
}

/* "NUMBER@signNUMBER" into two; false when it is not that. */
static bool two_parts(const char *text, char sign, size_t *number,
		      const char **rest)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	*number = strtoull(text, &end, 10);
	*rest = end + 1;
	return *end == sign;
}

static int read_place(struct reader *reader, struct merge_item *place,
		      struct err *err)
{
	const char *rest, *last;

	memset(place, 0, sizeof(*place));
	if (strlen(reader->fields[STUDY]) >= sizeof(place->study) ||
	    strlen(reader->fields[VERSION]) >= sizeof(place->version))
		return wrong(reader, err, "the study or version is too long");
	memcpy(place->study, reader->fields[STUDY], sizeof(place->study));
	memcpy(place->version, reader->fields[VERSION], sizeof(place->version));
	if (!two_parts(reader->fields[STREAM], ':', &place->stream, &rest))
		return wrong(reader, err, "the stream is not NUMBER:DIGEST");
	if (strlen(rest) >= sizeof(place->trace))
		return wrong(reader, err, "the stream's digest is too long");
	memcpy(place->trace, rest, strlen(rest));
	if (!two_parts(reader->fields[POINT], '/', &place->point, &rest) ||
	    !two_parts(rest, '\0', &place->points, &last) ||
	    place->point >= place->points)
		return wrong(reader, err, "the point is not NUMBER/HOW MANY");
	place->window_to = UINT64_MAX;
	return 0;
}

static bool same_place(const struct merge_item *a, const struct merge_item *b)
{
	return a->point == b->point && !strcmp(a->study, b->study) &&
	       a->points == b->points && a->stream == b->stream &&
	       !strcmp(a->trace, b->trace) && !strcmp(a->version, b->version);
}

/* The row at hand ends the point: its value is the digest of those before. */
static int end_point(struct reader *reader, const char *end, struct err *err)
{
	struct merge_item *item;
	const char *path = reader->path;
	char hex[17];

	digest_hex(seal_digest(0, reader->rows,
			       (size_t)(reader->at - reader->rows)),
		   hex);
	if (strcmp(hex, reader->fields[VALUE]) != 0)
		return err_set(err, ERR_INPUT,
			       "%s:%u: rows of point %zu were changed or are "
			       "missing; run that part again",
			       path, reader->line, reader->place.point);
	item = merge_add(reader->merge, path, err);
	if (!item)
		return -1;
	*item = reader->place;
	item->path = path;
	item->text = strndup(reader->rows, (size_t)(end + 1 - reader->rows));
	reader->rows = NULL;
	return item->text ? 0 : err_nomem(err, "points");
}

static int read_row(struct reader *reader, struct err *err)
{
	char *end = row_end(reader->at);
	struct merge_item place;

	reader->line++;
	if (!end)
		return wrong(reader, err, "the last row is cut off");
	if (read_fields(reader, end, err) < 0 ||
	    read_place(reader, &place, err) < 0)
		return -1;
	if (!reader->rows) {
		reader->rows = reader->at;
		reader->place = place;
	} else if (!same_place(&reader->place, &place)) {
		return wrong(reader, err,
			     "the point before has no row 'seal'; it is cut "
			     "off or was edited");
	}
	if (!strcmp(reader->fields[METRIC], "seal") &&
	    end_point(reader, end, err) < 0)
		return -1;
	reader->at = end + 1;
	return 0;
}

int merge_read_csv(struct merge *merge, const char *path, struct err *err)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	size_t size;
	char *text = reader ? points_read(path, &size, err) : NULL;
	int rc = -1;

	if (!reader)
		return err_nomem(err, path);
	if (text) {
		reader->merge = merge;
		reader->path = path;
		reader->at = text;
		reader->line = 1;
		rc = strlen(text) == size
			     ? read_header(reader, err)
			     : wrong(reader, err, "there is a zero byte in it");
	}
	while (!rc && *reader->at)
		rc = read_row(reader, err);
	if (!rc && reader->rows)
		rc = wrong(reader, err, "the last point is cut off");
	free(text);
	free(reader);
	return rc;
}
