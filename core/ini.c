/* SPDX-License-Identifier: Apache-2.0 */
#include "core/ini.h"

#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/suggest.h"

/* --- the walk --- */

struct walk {
	FILE *fp;
	ini_entry_fn *fn;
	void *user;
	struct err *err;
	unsigned line;
	unsigned section_line;
	char section[INI_SECTION_MAX + 1];
	bool section_open; /* its heading was seen, no entry yet */
	bool failed;
};

static const char *skip_blank(const char *p)
{
	return p + strspn(p, " \t\r\n\f\v");
}

static void trim_end(char *text)
{
	size_t length = strlen(text);

	while (length && strchr(" \t\r\n\f\v", text[length - 1]))
		text[--length] = '\0';
}

static int close_section(struct walk *walk)
{
	unsigned here = walk->line;
	int result;

	if (!walk->section_open)
		return 0;
	walk->section_open = false;
	walk->line = walk->section_line;
	result = walk->fn(walk->user, walk->section, NULL, NULL, walk->line,
			  walk->err);
	if (result == 0)
		walk->line = here;
	return result;
}

static int check_heading(struct walk *walk, const char *text)
{
	const char *end = strchr(text, ']');
	const char *rest;
	size_t length;

	if (!end)
		return err_set(walk->err, ERR_USAGE, "'%s' has no ']'", text);
	rest = skip_blank(end + 1);
	if (*rest && *rest != ';' && *rest != '#')
		return err_set(walk->err, ERR_USAGE,
			       "'%s' after a section heading; put it on a line "
			       "of its own",
			       rest);
	text = skip_blank(text + 1);
	length = (size_t)(end > text ? end - text : 0);
	if (length == 0)
		return err_set(walk->err, ERR_USAGE, "section without a name");
	if (length > INI_SECTION_MAX)
		return err_set(walk->err, ERR_USAGE,
			       "the name of a section is longer than %d "
			       "characters",
			       INI_SECTION_MAX);
	if (close_section(walk) < 0)
		return -1;
	memcpy(walk->section, text, length);
	walk->section[length] = '\0';
	trim_end(walk->section);
	walk->section_open = true;
	walk->section_line = walk->line;
	return 0;
}

static int check_entry(struct walk *walk, const char *text)
{
	const char *sign = strpbrk(text, "=:");
	const char *p;

	if (!sign)
		return err_set(walk->err, ERR_USAGE,
			       "'%s' is not 'key = value'", text);
	if (sign == text)
		return err_set(walk->err, ERR_USAGE, "'%s' has no key", text);
	for (p = sign + 1; *p && *p != ';'; p++)
		if (*p == '#' && strchr(" \t", p[-1]))
			return err_set(walk->err, ERR_USAGE,
				       "a comment after a value begins with "
				       "';', not '#'");
	return 0;
}

static int check_line(struct walk *walk, const char *text)
{
	switch (*text) {
	case '\0':
	case ';':
	case '#':
		return 0;
	case '[':
		return check_heading(walk, text);
	default:
		return check_entry(walk, text);
	}
}

/* One line into @buf; its length, 0 at the end, -1 with an error. */
static int get_line(struct walk *walk, char *buf, size_t size)
{
	size_t used = 0;
	int c;

	while ((c = getc_unlocked(walk->fp)) != EOF) {
		if (used == 0)
			walk->line++;
		if (c == '\0')
			return err_set(walk->err, ERR_USAGE, "not a text file");
		if (used + 2 > size)
			return err_set(walk->err, ERR_USAGE,
				       "line longer than %d characters",
				       INI_LINE_MAX);
		buf[used++] = (char)c;
		if (c == '\n')
			break;
	}
	buf[used] = '\0';
	if (ferror(walk->fp))
		return err_set(walk->err, ERR_INPUT, "cannot read: %s",
			       strerror(errno));
	return (int)used;
}

/*
 * The reader given to libinih: whole, checked lines without indentation.  The
 * byte order mark is taken off here too, so that line 1 is checked as it is.
 */
static char *read_line(char *buf, int size, void *stream)
{
	struct walk *walk = stream;
	char line[INI_LINE_MAX + 2];
	const char *text = line;
	int length;

	if (walk->failed)
		return NULL;
	length = get_line(walk, line, sizeof(line));
	if (length > 0) {
		if (walk->line == 1 && strncmp(text, "\xef\xbb\xbf", 3) == 0)
			text += 3;
		trim_end(line);
		text = skip_blank(text);
		if (check_line(walk, text) == 0 &&
		    snprintf(buf, (size_t)size, "%s", text) < size)
			return buf;
		length = -1;
	} else if (length == 0 && close_section(walk) < 0) {
		length = -1;
	}
	walk->failed = length < 0;
	return NULL;
}

static int on_entry(void *user, const char *section, const char *name,
		    const char *value)
{
	struct walk *walk = user;

	(void)section; /* cut at 49 characters; ours is whole */
	if (walk->failed)
		return 1;
	walk->section_open = false;
	if (walk->fn(walk->user, walk->section, name, value, walk->line,
		     walk->err) < 0)
		walk->failed = true;
	return 1;
}

static FILE *open_file(const char *path, struct err *err)
{
	FILE *fp = fopen(path, "re");
	struct stat st;

	if (fp && fstat(fileno(fp), &st) == 0 && S_ISDIR(st.st_mode)) {
		fclose(fp);
		fp = NULL;
		errno = EISDIR;
	}
	if (!fp)
		err_set(err, ERR_INPUT, "cannot read '%s': %s", path,
			strerror(errno));
	return fp;
}

int ini_walk(const char *path, ini_entry_fn *fn, void *user, struct err *err)
{
	struct err scratch = ERR_INIT;
	struct walk walk = { .fn = fn,
			     .user = user,
			     .err = err ? err : &scratch };
	int result;

	walk.fp = open_file(path, walk.err);
	if (!walk.fp)
		return -1;
	result = ini_parse_stream(read_line, &walk, on_entry, &walk);
	fclose(walk.fp);
	if (walk.failed)
		return err_wrap(walk.err, "%s:%u", path, walk.line);
	if (result != 0)
		return err_set(walk.err, ERR_USAGE,
			       "%s:%d: neither '[section]' nor 'key = value'",
			       path, result);
	return 0;
}

/* --- configuration files --- */

struct entry {
	struct entry *next;
	const char *section;
	const char *key; /* "": the section has no entries */
	const char *value;
	const char *origin; /* "FILE:LINE" */
	unsigned file;	    /* serial number of the reading */
	char text[];
};

struct ini_config {
	struct entry *first, **last;
	unsigned files, entries;
};

/* One file on the way down an include chain. */
struct reading {
	struct ini_config *ini;
	const struct reading *parent;
	const char *path;
	dev_t device;
	ino_t inode;
	int depth;
	unsigned file;
};

static int read_file(struct ini_config *ini, const struct reading *parent,
		     const char *path, struct err *err);

static char *pack(char *room, const char *text, const char **field)
{
	size_t size = strlen(text) + 1;

	memcpy(room, text, size);
	*field = room;
	return room + size;
}

static struct entry *entry_new(const char *section, const char *key,
			       const char *value, const char *path,
			       unsigned line)
{
	size_t room_size = strlen(section) + strlen(key) + strlen(value) + 3;
	size_t origin_size = strlen(path) + 12;
	struct entry *entry = malloc(sizeof(*entry) + room_size + origin_size);
	char *room;

	if (!entry)
		return NULL;
	room = pack(entry->text, section, &entry->section);
	room = pack(room, key, &entry->key);
	room = pack(room, value, &entry->value);
	snprintf(room, origin_size, "%s:%u", path, line);
	entry->origin = room;
	entry->next = NULL;
	return entry;
}

static const struct entry *find_double(const struct reading *reading,
				       const char *section, const char *key)
{
	const struct entry *e;

	for (e = reading->ini->first; e; e = e->next)
		if (e->file == reading->file && *key &&
		    strcmp(e->key, key) == 0 &&
		    strcmp(e->section, section) == 0)
			return e;
	return NULL;
}

/* @file as named in @from: relative to the directory of @from. */
static char *include_path(const char *from, const char *file)
{
	const char *slash = strrchr(from, '/');
	size_t base = file[0] != '/' && slash ? (size_t)(slash - from) + 1 : 0;
	size_t size = strlen(file) + 1;
	char *path = malloc(base + size);

	if (path) {
		memcpy(path, from, base);
		memcpy(path + base, file, size);
	}
	return path;
}

static int on_include(const struct reading *reading, const char *file,
		      struct err *err)
{
	char *path = include_path(reading->path, file);
	int result;

	if (!path)
		return err_nomem(err, file);
	result = read_file(reading->ini, reading, path, err);
	free(path);
	return result;
}

static int on_config_entry(void *user, const char *section, const char *key,
			   const char *value, unsigned line, struct err *err)
{
	struct reading *reading = user;
	struct ini_config *ini = reading->ini;
	const struct entry *before;
	struct entry *entry;

	if (key && strcmp(key, "include") == 0)
		return on_include(reading, value, err);
	if (++ini->entries > INI_ENTRIES_MAX)
		return err_set(err, ERR_USAGE, "more than %d settings",
			       INI_ENTRIES_MAX);
	before = find_double(reading, section, key ? key : "");
	if (before)
		return err_set(err, ERR_USAGE, "'%s' is already set at %s", key,
			       before->origin);
	entry = entry_new(section, key ? key : "", value ? value : "",
			  reading->path, line);
	if (!entry)
		return err_nomem(err, "configuration file");
	entry->file = reading->file;
	*ini->last = entry;
	ini->last = &entry->next;
	return 0;
}

static int read_file(struct ini_config *ini, const struct reading *parent,
		     const char *path, struct err *err)
{
	struct reading reading = { .ini = ini,
				   .parent = parent,
				   .path = path,
				   .depth = parent ? parent->depth + 1 : 1,
				   .file = ini->files++ };
	const struct reading *up;
	struct stat st;

	if (stat(path, &st) < 0)
		return err_set(err, ERR_INPUT, "cannot read '%s': %s", path,
			       strerror(errno));
	reading.device = st.st_dev;
	reading.inode = st.st_ino;
	if (reading.depth > INI_DEPTH_MAX)
		return err_set(err, ERR_USAGE,
			       "'%s' is included more than %d deep", path,
			       INI_DEPTH_MAX);
	if (ini->files > INI_FILES_MAX)
		return err_set(err, ERR_USAGE, "more than %d files included",
			       INI_FILES_MAX);
	for (up = parent; up; up = up->parent)
		if (up->device == st.st_dev && up->inode == st.st_ino)
			return err_set(err, ERR_USAGE, "'%s' includes itself",
				       path);
	return ini_walk(path, on_config_entry, &reading, err);
}

struct ini_config *ini_config_read(const char *path, struct err *err)
{
	struct ini_config *ini = calloc(1, sizeof(*ini));

	if (!ini) {
		err_nomem(err, "configuration file");
		return NULL;
	}
	ini->last = &ini->first;
	if (read_file(ini, NULL, path, err) == 0)
		return ini;
	ini_config_free(ini);
	return NULL;
}

void ini_config_free(struct ini_config *ini)
{
	struct entry *entry;

	while (ini && (entry = ini->first)) {
		ini->first = entry->next;
		free(entry);
	}
	free(ini);
}

static bool is_preset(const struct entry *entry)
{
	return strcmp(entry->section, "machine") == 0 &&
	       strcmp(entry->key, "preset") == 0;
}

const char *ini_config_preset(const struct ini_config *ini)
{
	const char *name = NULL;
	const struct entry *e;

	for (e = ini->first; e; e = e->next)
		if (is_preset(e))
			name = e->value;
	return name;
}

int ini_config_presets(const struct ini_config *ini, struct config *cfg,
		       const struct ini_lookup *lookup, struct err *err)
{
	const struct entry *e;

	for (e = ini->first; e; e = e->next) {
		const struct preset *preset;

		if (!is_preset(e))
			continue;
		preset = lookup->preset(e->value, err);
		if (!preset || config_apply(cfg, preset, err) < 0)
			return err_wrap(err, "%s", e->origin);
	}
	return 0;
}

/* The name after "strategy", or NULL for another section. */
static const char *strategy_of(const char *section)
{
	static const char word[] = "strategy";
	size_t length = sizeof(word) - 1;

	if (strncmp(section, word, length) != 0 ||
	    (section[length] && !strchr(" \t", section[length])))
		return NULL;
	return skip_blank(section + length);
}

/* The row of @table that @key names, with or without its group. */
static const struct param *strategy_row(const struct param *table,
					const char *key,
					struct suggest *suggest)
{
	for (; table->key; table++) {
		const char *dot = strchr(table->key, '.');
		const char *last = dot ? dot + 1 : table->key;

		if (strcmp(table->key, key) == 0 || strcmp(last, key) == 0)
			return table;
		suggest_offer(suggest, last);
	}
	return NULL;
}

static int set_strategy(struct config *cfg, const struct entry *e,
			const struct ini_lookup *lookup, struct err *err)
{
	const char *name = strategy_of(e->section);
	const struct param *table = lookup->strategy(name, 0, err);
	char hint[SUGGEST_HINT_MAX];
	struct suggest suggest;
	unsigned nth = 0;

	if (!table)
		return -1;
	if (!*e->key)
		return 0;
	suggest_init(&suggest, e->key);
	for (; table; table = lookup->strategy(name, ++nth, err)) {
		const struct param *row = strategy_row(table, e->key, &suggest);

		if (row)
			return config_set(cfg, row->key, e->value, e->origin,
					  err);
	}
	return err_set(err, ERR_USAGE, "strategy '%s' has no parameter '%s'%s",
		       name, e->key,
		       suggest_hint(&suggest, hint, sizeof(hint)));
}

/* A section that set nothing must at least be one. */
static int check_section(const struct config *cfg, const char *section,
			 struct err *err)
{
	const struct param *row;
	char hint[SUGGEST_HINT_MAX];
	char group[SUGGEST_NAME_MAX + 1];
	struct suggest suggest;
	size_t i;

	if (strcmp(section, "machine") == 0)
		return 0;
	suggest_init(&suggest, section);
	suggest_offer(&suggest, "machine");
	suggest_hint(&suggest, hint, sizeof(hint));
	for (i = 0; (row = config_row(cfg, i)); i++) {
		const char *dot = strchr(row->key, '.');

		if (!dot || (size_t)(dot - row->key) >= sizeof(group))
			continue;
		memcpy(group, row->key, (size_t)(dot - row->key));
		group[dot - row->key] = '\0';
		if (strcmp(group, section) == 0)
			return 0;
		suggest.best = NULL;
		suggest_offer(&suggest, group);
		if (suggest.best)
			suggest_hint(&suggest, hint, sizeof(hint));
	}
	return err_set(err, ERR_USAGE, "unknown section '%s'%s", section, hint);
}

static int set_entry(struct config *cfg, const struct entry *e,
		     const struct ini_lookup *lookup, struct err *err)
{
	char key[INI_SECTION_MAX + INI_LINE_MAX + 2];

	if (strategy_of(e->section))
		return set_strategy(cfg, e, lookup, err);
	if (!*e->key)
		return check_section(cfg, e->section, err);
	if (!*e->section && !strchr(e->key, '.'))
		return err_set(err, ERR_USAGE,
			       "'%s' stands before any [section]", e->key);
	snprintf(key, sizeof(key), "%s%s%s", e->section, *e->section ? "." : "",
		 e->key);
	return config_set(cfg, key, e->value, e->origin, err);
}

int ini_config_values(const struct ini_config *ini, struct config *cfg,
		      const struct ini_lookup *lookup, struct err *err)
{
	const struct entry *e;

	for (e = ini->first; e; e = e->next)
		if (!is_preset(e) && set_entry(cfg, e, lookup, err) < 0)
			return err_wrap(err, "%s", e->origin);
	return 0;
}
