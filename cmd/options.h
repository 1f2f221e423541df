/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options that commands share, read by argp.
 *
 *	static const struct options_spec spec = {
 *		.name = "run",
 *		.args = "CAPTURE",
 *		.doc = "Simulate one machine ...",
 *		.example = "dmasim run -m xge-64bit office.pcap.xz",
 *		.groups = OPTIONS_ALL,
 *		.args_min = 1,
 *		.args_max = 1,
 *	};
 *	struct options options;
 *	int status = options_parse(&options, &spec, argc, argv, err);
 *
 *	if (status != 0)
 *		return status < 0 ? -1 : 0;	(1: help was printed)
 *	...
 *	options_clear(&options);
 *
 * Options of a command's own go into an argp of its own (struct options_spec,
 * own); its parser reports errors with options_error().
 *
 * Long options must be spelt out: argp would take any unique beginning, and
 * the day an option is added a script that relied on one breaks silently.
 * Unknown options get the nearest suggestion.
 *
 * Each traffic option is another spelling of the parameter it is named after
 * ("--speed 2x" is "--set traffic.speed=2x"), its help is that parameter's.
 * --local may be repeated.
 *
 * A configuration is made from, later ones winning: defaults; the presets of
 * configuration files, or those of -m, which take their place; the values of
 * configuration files; --set and traffic options in the order given.
 */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/err.h"
#include "core/ini.h"
#include "core/outfile.h"
#include "core/param.h"
#include "models/machine.h"

enum options_group {
	OPTIONS_MACHINE = 1,   /* -m -s -c */
	OPTIONS_STRATEGY = 2,  /* --tx --rx */
	OPTIONS_TRAFFIC = 4,   /* --local --filter --speed ... */
	OPTIONS_STUDY = 8,     /* --seed --replicates -j */
	OPTIONS_OUTPUT = 16,   /* -o --force */
	OPTIONS_PROGRESS = 32, /* --progress */
	OPTIONS_FORMAT = 64,   /* --format */
	OPTIONS_ALL = 127,     /* -q and -v are always there */
	OPTIONS_CHECK = 128    /* --check, not of all */
};

enum options_format { FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV };

struct options_spec {
	const char *name;    /* "compare", "trace stat" */
	const char *args;    /* "CAPTURE...", NULL: takes none */
	const char *doc;     /* a sentence or several */
	const char *example; /* one command line a line */
	unsigned groups;     /* enum options_group */
	size_t args_min, args_max;
	const char *const *machines;  /* default presets; NULL: none */
	bool no_csv;		      /* --format csv is refused */
	const char *into;	      /* -o is a directory: help's words */
	bool hosts;		      /* -m takes presets of hosts too */
	bool slices;		      /* --window takes A..B too */
	const struct param *params;   /* of the command's own; may be NULL */
	const struct argp *own;	      /* further options; may be NULL */
	void *own_input;	      /* state->input of its parser */
	void (*more_help)(FILE *out); /* after the examples; may be NULL */
};

/* A parameter set on the command line, in order. */
struct options_set {
	const char *key;    /* NULL: the key is in text, "KEY=VALUE" */
	char *text;	    /* owned */
	const char *origin; /* "--set", "--speed" */
};

struct options_list {
	char **items; /* owned; NULL-terminated; NULL when empty */
	size_t count;
};

struct options {
	struct options_list args; /* what is not an option */
	struct options_list machines, tx, rx;
	const char *slice;	    /* --window A..B, from argv; NULL: none */
	bool hosts;		    /* of the spec, as */
	const struct param *params; /* are these */
	struct options_set *sets;
	size_t set_count;
	struct ini_config **files;
	size_t file_count;

	uint64_t seed;	     /* default 1 */
	unsigned replicates; /* 0: not given, the command decides */
	unsigned jobs;	     /* default: processors online */
	size_t check_frames; /* 0: no --check */

	const char *output; /* NULL: standard output */
	bool force;
	enum options_format format;
	bool format_given;

	bool progress, quiet, verbose, show_config;
};

/*
 * 0: go on; 1: help, candidates for completion or the configuration were asked
 * for and printed; -1 with an error (nothing to clear in the last two cases).
 */
int options_parse(struct options *options, const struct options_spec *spec,
		  int argc, char **argv, struct err *err);
void options_clear(struct options *options);

/* For own parsers: "return options_error(state, fmt, ...)". */
int options_error(const struct argp_state *state, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* "a,b" and "c" make three items. Returns 0 or an errno, for parsers. */
int options_list_add(struct options_list *list, const char *text);
void options_list_clear(struct options_list *list);

/* --- resolving --- */

struct options_machine {
	const char *name;   /* of preset or file; "defaults" without */
	struct config *cfg; /* owned */
};

struct options_machines {
	struct options_machine *list;
	size_t count;
};

/*
 * A configuration for every machine of -m, a preset or an INI file, NAME.ini,
 * with the values of a host; without -m, for the preset of the
 * configuration files; without that, for each of @defaults (NULL-terminated
 * preset names; empty: no preset).
 */
int options_machines(const struct options *options, const char *const *defaults,
		     struct options_machines *out, struct err *err);
void options_machines_clear(struct options_machines *machines);
/* Whether -m, -c and -s name what there is, for who may not need them. */
int options_check_names(const struct options *options, struct err *err);

/*
 * The configuration of --set, files and traffic options without a machine:
 * for commands that only read captures.
 */
struct config *options_config(const struct options *options, struct err *err);

/*
 * Strategies of --tx and --rx ("all": every one), else @defaults, of which
 * those that do not exist are left out.  The result is NULL-terminated, in the
 * order given, without doubles; free() it.
 */
const struct tx_ops **options_tx(const struct options *options,
				 const char *const *defaults, struct err *err);
const struct rx_ops **options_rx(const struct options *options,
				 const char *const *defaults, struct err *err);

/* Open -o (or standard output) under the rules of core/outfile.h. */
int options_open(const struct options *options, struct outfile *out,
		 struct err *err);
/*
 * The same, with what @writers has for --format in it: whole, or not at all.
 */
typedef int options_writer(const void *what, FILE *out, struct err *err);
int options_write(const struct options *options,
		  options_writer *const writers[], const void *what,
		  struct err *err);
/* Whether that would do: to be asked before long work. */
int options_check_output(const struct options *options, struct err *err);

#endif
