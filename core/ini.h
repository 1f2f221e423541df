/* SPDX-License-Identifier: Apache-2.0 */
/*
 * INI files: a generic walk, and configuration files built on it.
 *
 *	; lab.ini
 *	include = base.ini
 *	[machine]
 *	preset = gbe-32bit
 *	[nic]
 *	tx_ring = 512		; sets nic.tx_ring
 *	[strategy ndis6-hybrid]
 *	copy_threshold = 512B	; sets tx.copy_threshold
 *
 * The grammar is libinih's, with its quiet corners made into errors that name
 * file and line: an indented line is an ordinary line (never a continuation),
 * empty sections are reported, over-long names and lines are refused instead
 * of cut, so are text after a "[section]", an empty key, bytes that are no
 * text, and '#' where only ';' would begin a comment.
 *
 * Limits: a line has at most INI_LINE_MAX characters, a section's name
 * INI_SECTION_MAX; includes nest INI_DEPTH_MAX deep, INI_FILES_MAX are
 * read, INI_ENTRIES_MAX settings kept of all.
 */
#ifndef CORE_INI_H
#define CORE_INI_H

#include "core/err.h"
#include "core/param.h"

#define INI_LINE_MAX	196
#define INI_SECTION_MAX 48
#define INI_DEPTH_MAX	8
#define INI_FILES_MAX	256
#define INI_ENTRIES_MAX 10000

/*
 * One entry; @section is "" before the first heading.  A section without
 * entries is reported once with @key and @value NULL.  Strings live as long as
 * the call.  Return -1 with an error to stop; the walk puts "FILE:LINE: "
 * before its text.
 */
typedef int ini_entry_fn(void *user, const char *section, const char *key,
			 const char *value, unsigned line, struct err *err);

/*
 * Call @fn for the entries of @path in order.  ERR_USAGE for what is wrong in
 * the file, ERR_INPUT when it cannot be read.
 */
int ini_walk(const char *path, ini_entry_fn *fn, void *user, struct err *err);

/* --- configuration files --- */

/*
 * What core cannot know by itself.  Each returns NULL with an error (with a
 * suggestion) for an unknown name.
 */
struct ini_lookup {
	const struct preset *(*preset)(const char *name, struct err *err);
	/*
	 * The @nth parameter table of a name: a transmit and a receive
	 * strategy may share it.  NULL past the last; an error for @nth 0.
	 */
	const struct param *(*strategy)(const char *name, unsigned nth,
					struct err *err);
};

struct ini_config;

/*
 * Read @path and what it includes: "include = FILE" in any section, in place,
 * relative to the including file.
 * A key set twice in one file is an error; an including file may set again
 * what an included one set.
 */
struct ini_config *ini_config_read(const char *path, struct err *err);
void ini_config_free(struct ini_config *ini);

/* The name of the preset that is applied last; NULL: none. */
const char *ini_config_preset(const struct ini_config *ini);

/*
 * Apply in two steps, so that a caller can put presets of its own between:
 * first "[machine] preset = NAME" of every file, in the order read, then all
 * values in the order read.  A value's origin is "FILE:LINE".
 */
int ini_config_presets(const struct ini_config *ini, struct config *cfg,
		       const struct ini_lookup *lookup, struct err *err);
int ini_config_values(const struct ini_config *ini, struct config *cfg,
		      const struct ini_lookup *lookup, struct err *err);

#endif
