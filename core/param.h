/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters and configurations.
 *
 * A parameter is one row of a constant table.  The row drives options, config
 * files, presets, sweep axes, `dmasim params`, man pages, completion and the
 * effective configuration in every result; nothing about a parameter stands
 * anywhere else.  A strategy, a trace source and a model each bring a table;
 * cmd/tables.c joins them into one struct param_set.
 *
 * A configuration is a value for every parameter of a set, each with its
 * origin ("default", "preset gbe-32bit", "--set", "lab.ini:12"):
 *
 *	cfg = config_new(set, &err);
 *	config_set(cfg, "nic.tx_ring", "512", "--set", &err);
 *	ring = config_u64(cfg, "nic.tx_ring");
 *
 * Invariants: (1) a value is always inside its row's range; (2) config_u64()
 * on an unknown key or a string row is BUG(), so a typo in a model cannot
 * survive its first run; (3) two configurations with equal values have equal
 * digests, whatever their origins.
 */
#ifndef CORE_PARAM_H
#define CORE_PARAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/units.h"

enum param_type {
	PARAM_QUANTITY, /* a number with a unit: see qty, min, max */
	PARAM_BOOL,	/* yes or no (on/off, true/false, 1/0 read too) */
	PARAM_CHOICE,	/* one of choices[]; the value is its index */
	PARAM_STRING	/* free text */
};

struct param_choice {
	const char *name; /* NULL ends the list */
	const char *help;
};

struct param {
	const char *key; /* "group.name", no unit suffix */
	enum param_type type;
	enum quantity qty;
	const char *unit; /* for people: "descriptors", "frames"; NULL: qty's */
	const char *preset_default; /* as a user would type it */
	uint64_t min, max;	    /* base units, inclusive; quantities only */
	const struct param_choice *choices;
	const char *help;   /* one line, lower case, no full stop */
	const char *doc;    /* optional further sentences */
	const char *source; /* where the default comes from: "datasheet 82599
			       7.2.3", "PB18", "measured", "assumed" */
	bool fixed;	    /* cannot be a sweep axis */
};

/* One table: rows end with a NULL key. */
struct param_set {
	const struct param *const *tables; /* NULL-terminated */
};

/* One value of a preset, with where the number comes from. */
struct preset_value {
	const char *key, *value, *source;
};

/*
 * A preset: named values over a parent.  Application order: parent first.
 * kind "machine" or "host": `-m` takes machines only.
 */
struct preset {
	const char *name, *kind, *summary;
	const struct preset *parent;
	const struct preset_value *values; /* NULL key ends */
};

struct config;

struct config *config_new(const struct param_set *set, struct err *err);
struct config *config_copy(const struct config *cfg, struct err *err);
void config_free(struct config *cfg);

/*
 * Set @key from @text; @origin is copied.  Errors (ERR_USAGE) name the key
 * and text, the permitted range or choices, the nearest key for a typo.
 */
int config_set(struct config *cfg, const char *key, const char *text,
	       const char *origin, struct err *err);
/* "KEY=VALUE" as --set takes it. */
int config_set_pair(struct config *cfg, const char *pair, const char *origin,
		    struct err *err);
/* Apply a preset and its parents; origin of each value: "preset NAME". */
int config_apply(struct config *cfg, const struct preset *preset,
		 struct err *err);

uint64_t config_u64(const struct config *cfg, const char *key);
bool config_bool(const struct config *cfg, const char *key);
/* Index into the row's choices. */
unsigned config_choice(const struct config *cfg, const char *key);
const char *config_string(const struct config *cfg, const char *key);

/* Rows in table order; NULL past the end. */
const struct param *config_row(const struct config *cfg, size_t index);
const struct param *config_find(const struct config *cfg, const char *key);
const char *config_origin(const struct config *cfg, const char *key);
/* The value as config_set() would read it back. Returns @buf. */
char *config_text(const struct config *cfg, const char *key, char *buf,
		  size_t size);
#define CONFIG_TEXT_MAX 512
bool config_equal(const struct config *a, const struct config *b,
		  const char *key);
/* 64-bit digest of all (key, value) pairs; see invariant 3. */
uint64_t config_digest(const struct config *cfg);

/* Source of the value in force: the preset's, the row's, or "given". */
const char *config_source(const struct config *cfg, const char *key);

#endif
