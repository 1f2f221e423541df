/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/complete.h"
#include "cmd/crew.h"
#include "cmd/selfcheck.h"
#include "cmd/show_config.h"
#include "cmd/words.h"
#include "reports/style.h"
#include "traces/params.h"

/* Keys of options without a letter. */
enum {
	KEY_TX = 0x1000,
	KEY_RX,
	KEY_WINDOW,
	KEY_SHOW_CONFIG,
	KEY_INJECT,
	KEY_SEED,
	KEY_REPLICATES,
	KEY_CHECK,
	KEY_FORCE,
	KEY_FORMAT,
	KEY_PROGRESS,
	KEY_TRAFFIC /* and one for each row of traffic_options */
};

static const struct argp_option machine_options[] = {
	{ "machine", 'm', "NAME", 0,
	  "preset of a machine, or FILE.ini; repeat or separate by commas for "
	  "several",
	  0 },
	{ "set", 's', "KEY=VALUE", 0,
	  "set a parameter (see dmasim params); repeat for several", 0 },
	{ "config", 'c', "FILE", 0, "read parameters from an INI file", 0 },
	{ "show-config", KEY_SHOW_CONFIG, NULL, 0,
	  "print the configuration in force, as a file for -c, and where each "
	  "value comes from; do nothing else",
	  0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static const struct argp_option strategy_options[] = {
	{ "tx", KEY_TX, "NAME", 0,
	  "transmit strategy, several by commas, or all", 0 },
	{ "rx", KEY_RX, "NAME", 0,
	  "receive strategy, several by commas, or all", 0 },
	{ "window", KEY_WINDOW, "SIZE", 0,
	  "close the loop: most bytes a flow may have outstanding; dmasim "
	  "sweep takes A..B too: only that part of the trace",
	  0 },
	{ "inject", KEY_INJECT, "KIND[@TIME][:every=N][:for=TIME]", 0,
	  "make something go wrong; repeat for several; kinds: see dmasim run "
	  "--help",
	  0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static const struct argp_option study_options[] = {
	{ "seed", KEY_SEED, "N", 0, "of all random draws; default 1", 0 },
	{ "replicates", KEY_REPLICATES, "N", 0,
	  "repeat with other memory layouts, hold times and phases", 0 },
	{ "jobs", 'j', "N", 0,
	  "threads; results do not depend on it; default: all processors", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static const struct argp_option check_options[] = {
	{ "check", KEY_CHECK, "FRAMES", OPTION_ARG_OPTIONAL,
	  "also run the first frames (default 20000) on the naive kernel and "
	  "compare; exit status 1 if they differ",
	  0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static const struct argp_option format_options[] = {
	{ "format", KEY_FORMAT, "text|json|csv", 0, "default text", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static const struct argp_option format_options_no_csv[] = {
	{ "format", KEY_FORMAT, "text|json", 0, "default text", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static const struct argp_option progress_options[] = {
	{ "progress", KEY_PROGRESS, NULL, 0,
	  "show progress even if stderr is no terminal", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static const struct argp_option always_options[] = {
	{ "quiet", 'q', NULL, 0, "no warnings, no progress", -1 },
	{ "verbose", 'v', NULL, 0, "say more on stderr", -1 },
	{ "help", 'h', NULL, 0, "this text", -1 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

/* Parameters that have an option of their own. */
static const struct traffic_option {
	const char *name; /* "--" and the key without "traffic." */
	const char *argument;
	bool list; /* repeated: joined by commas, else the last one wins */
} traffic_options[] = {
	{ "--local", "ADDRESS", true },
	{ "--direction", "auto|tx|rx", false },
	{ "--direction-file", "FILE", false },
	{ "--filter", "EXPRESSION", false },
	{ "--sample-flows", "SHARE[:SEED]", false },
	{ "--speed", "FACTOR", false },
	{ "--rate", "RATE", false },
	{ "--loop", "N", false },
	{ "--limit", "N", false },
	{ "--skip", "N", false },
	{ "--from", "TIME", false },
	{ "--to", "TIME", false },
	{ "--layout", "FILE", false },
};

#define TRAFFIC_COUNT (sizeof(traffic_options) / sizeof(traffic_options[0]))

/* What one options_parse() needs; argp hands it to every parser. */
struct parsing {
	const struct options_spec *spec;
	struct options *options;
	struct err *err;
	char name[64]; /* "dmasim params" */
	bool help;     /* print help instead of parsing */
	struct argp_option traffic[TRAFFIC_COUNT + 1];
	struct argp traffic_argp;
	struct argp_option output[3];
	struct argp output_argp;
	struct argp_child children[11];
	struct argp root;
};

/* Every parser of a run of argp finds it through the root. */
static struct parsing *parsing_of(const struct argp_state *state)
{
	const char *root = (const char *)state->root_argp;

	return (struct parsing *)(uintptr_t)(root -
					     offsetof(struct parsing, root));
}

/* "--direction-file" is traffic.direction_file. */
static const struct param *traffic_row(const char *name)
{
	const struct param *row;
	char key[64];
	char *p;

	snprintf(key, sizeof(key), "traffic.%s", name + strlen("--"));
	for (p = key; *p; p++)
		if (*p == '-')
			*p = '_';
	for (row = trace_params; row->key; row++)
		if (strcmp(row->key, key) == 0)
			return row;
	BUG("option %s has no parameter", name);
}

/* --- lists --- */

static int list_add(struct options_list *list, const char *text, size_t length)
{
	char **items =
		reallocarray(list->items, list->count + 2, sizeof(*items));

	if (!items)
		return ENOMEM;
	list->items = items;
	items[list->count] = strndup(text, length);
	if (!items[list->count])
		return ENOMEM;
	items[++list->count] = NULL;
	return 0;
}

int options_list_add(struct options_list *list, const char *text)
{
	for (;;) {
		size_t length = strcspn(text, ",");

		if (length && list_add(list, text, length) != 0)
			return ENOMEM;
		if (!text[length])
			return 0;
		text += length + 1;
	}
}

void options_list_clear(struct options_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct options_list){ NULL, 0 };
}

/* --- parsers --- */

int options_error(const struct argp_state *state, const char *fmt, ...)
{
	const struct parsing *parsing = parsing_of(state);
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	err_set(parsing->err, ERR_USAGE, "%s", text);
	return EINVAL;
}

static struct options_set *find_set(struct options *options, const char *key)
{
	size_t i;

	for (i = 0; i < options->set_count; i++)
		if (options->sets[i].key &&
		    strcmp(options->sets[i].key, key) == 0)
			return &options->sets[i];
	return NULL;
}

static int add_set(struct options *options, const char *key, const char *text,
		   const char *origin)
{
	struct options_set *sets = reallocarray(
		options->sets, options->set_count + 1, sizeof(*sets));
	struct options_set *set;

	if (!sets)
		return ENOMEM;
	options->sets = sets;
	set = &sets[options->set_count];
	set->key = key;
	set->origin = origin;
	set->text = strdup(text);
	if (!set->text)
		return ENOMEM;
	options->set_count++;
	return 0;
}

/* A further item of a parameter that is a list. */
static int join_set(struct options_set *set, const char *text)
{
	size_t size = strlen(set->text) + strlen(text) + 2;
	char *joined = malloc(size);

	if (!joined)
		return ENOMEM;
	snprintf(joined, size, "%s,%s", set->text, text);
	free(set->text);
	set->text = joined;
	return 0;
}

/* Of a parameter that is a list, one item or several. */
static int add_item(struct options *options, const char *key, const char *text,
		    const char *origin)
{
	struct options_set *set = find_set(options, key);

	return set ? join_set(set, text) : add_set(options, key, text, origin);
}

static int add_file(struct parsing *parsing, const char *path)
{
	struct options *options = parsing->options;
	struct ini_config **files = reallocarray(
		options->files, options->file_count + 1, sizeof(*files));

	if (!files)
		return ENOMEM;
	options->files = files;
	files[options->file_count] = ini_config_read(path, parsing->err);
	if (!files[options->file_count])
		return EINVAL;
	options->file_count++;
	return 0;
}

static error_t machine_parser(int key, char *arg, struct argp_state *state)
{
	struct parsing *parsing = parsing_of(state);

	switch (key) {
	case 'm':
		return options_list_add(&parsing->options->machines, arg);
	case 's':
		return add_set(parsing->options, NULL, arg, "--set");
	case 'c':
		return add_file(parsing, arg);
	case KEY_SHOW_CONFIG:
		parsing->options->show_config = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* "A..B" is a part of the trace, for commands that can do with one. */
static error_t set_slice(struct parsing *parsing, const char *text,
			 const struct argp_state *state)
{
	if (!parsing->spec->slices)
		return options_error(state,
				     "--window '%s' is a part of the trace, "
				     "which only dmasim sweep takes; use "
				     "--from and --to",
				     text);
	parsing->options->slice = text;
	return 0;
}

static error_t strategy_parser(int key, char *arg, struct argp_state *state)
{
	struct parsing *parsing = parsing_of(state);

	switch (key) {
	case KEY_TX:
		return options_list_add(&parsing->options->tx, arg);
	case KEY_RX:
		return options_list_add(&parsing->options->rx, arg);
	case KEY_WINDOW:
		if (strstr(arg, ".."))
			return set_slice(parsing, arg, state);
		return add_set(parsing->options, "traffic.window", arg,
			       "--window");
	case KEY_INJECT:
		return add_item(parsing->options, "run.inject", arg,
				"--inject");
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t traffic_parser(int key, char *arg, struct argp_state *state)
{
	struct parsing *parsing = parsing_of(state);
	const struct traffic_option *option;
	const char *param;

	if (key < KEY_TRAFFIC || key >= KEY_TRAFFIC + (int)TRAFFIC_COUNT)
		return ARGP_ERR_UNKNOWN;
	option = &traffic_options[key - KEY_TRAFFIC];
	param = traffic_row(option->name)->key;
	if (option->list)
		return add_item(parsing->options, param, arg, option->name);
	return add_set(parsing->options, param, arg, option->name);
}

static int parse_count(const struct argp_state *state, const char *option,
		       const char *text, uint64_t low, uint64_t high,
		       uint64_t *value)
{
	const struct parsing *parsing = parsing_of(state);

	if (units_parse(QTY_COUNT, text, value, parsing->err) < 0) {
		err_wrap(parsing->err, "%s", option);
		return EINVAL;
	}
	if (*value < low || *value > high)
		return options_error(state,
				     "%s: '%s' is out of range; permitted are "
				     "%llu to %llu",
				     option, text, (unsigned long long)low,
				     (unsigned long long)high);
	return 0;
}

static error_t study_parser(int key, char *arg, struct argp_state *state)
{
	struct options *options = parsing_of(state)->options;
	uint64_t value = 0;
	int result;

	switch (key) {
	case KEY_SEED:
		return parse_count(state, "--seed", arg, 0, INT64_MAX,
				   &options->seed);
	case KEY_REPLICATES:
		result = parse_count(state, "--replicates", arg, 1, 1000,
				     &value);
		options->replicates = (unsigned)value;
		return result;
	case 'j':
		result =
			parse_count(state, "-j", arg, 1, CREW_JOBS_MAX, &value);
		options->jobs = (unsigned)value;
		return result;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int parse_format(struct argp_state *state, const char *text)
{
	static const char *const names[] = { "text", "json", "csv" };
	const struct parsing *parsing = parsing_of(state);
	size_t count = parsing->spec->no_csv ? 2 : 3;
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(text, names[i]) == 0) {
			parsing->options->format = (enum options_format)i;
			parsing->options->format_given = true;
			return 0;
		}
	return options_error(state, "--format: '%s' is none of text, json%s",
			     text, count > 2 ? ", csv" : "");
}

static error_t output_parser(int key, char *arg, struct argp_state *state)
{
	struct options *options = parsing_of(state)->options;

	switch (key) {
	case 'o':
		options->output = arg;
		return 0;
	case KEY_FORCE:
		options->force = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t check_parser(int key, char *arg, struct argp_state *state)
{
	uint64_t value = SELFCHECK_FRAMES;
	int result = 0;

	if (key != KEY_CHECK)
		return ARGP_ERR_UNKNOWN;
	if (arg)
		result =
			parse_count(state, "--check", arg, 1, 10000000, &value);
	parsing_of(state)->options->check_frames = (size_t)value;
	return result;
}

static error_t format_parser(int key, char *arg, struct argp_state *state)
{
	return key == KEY_FORMAT ? parse_format(state, arg) : ARGP_ERR_UNKNOWN;
}

static error_t progress_parser(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	if (key != KEY_PROGRESS)
		return ARGP_ERR_UNKNOWN;
	parsing_of(state)->options->progress = true;
	return 0;
}

static error_t always_parser(int key, char *arg, struct argp_state *state)
{
	struct parsing *parsing = parsing_of(state);

	(void)arg;
	switch (key) {
	case 'q':
		parsing->options->quiet = true;
		return 0;
	case 'v':
		parsing->options->verbose = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t root_parser(int key, char *arg, struct argp_state *state)
{
	struct parsing *parsing = parsing_of(state);
	size_t i;

	switch (key) {
	case ARGP_KEY_INIT:
		for (i = 0; parsing->children[i].argp; i++)
			if (parsing->children[i].argp == parsing->spec->own)
				state->child_inputs[i] =
					parsing->spec->own_input;
		if (parsing->help) {
			state->name = parsing->name;
			argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
		}
		return 0;
	case ARGP_KEY_ARG:
		return list_add(&parsing->options->args, arg, strlen(arg));
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* --- putting it together --- */

static void make_traffic(struct parsing *parsing)
{
	size_t i;

	for (i = 0; i < TRAFFIC_COUNT; i++)
		parsing->traffic[i] = (struct argp_option){
			.name = traffic_options[i].name + strlen("--"),
			.key = KEY_TRAFFIC + (int)i,
			.arg = traffic_options[i].argument,
			.doc = traffic_row(traffic_options[i].name)->help,
		};
	parsing->traffic_argp = (struct argp){ .options = parsing->traffic,
					       .parser = traffic_parser };
}

static void make_output(struct parsing *parsing)
{
	const char *into = parsing->spec->into;

	parsing->output[0] = (struct argp_option){
		.name = "output",
		.key = 'o',
		.arg = into ? "DIR" : "FILE",
		.doc = into ? into : "write to FILE instead of to stdout",
	};
	parsing->output[1] = (struct argp_option){
		.name = "force",
		.key = KEY_FORCE,
		.doc = into ? "use DIR whatever it holds"
			    : "replace FILE if it exists",
	};
	parsing->output_argp = (struct argp){ .options = parsing->output,
					      .parser = output_parser };
}

/* Not through argp, which would fill the lines. */
static void print_examples(const char *line)
{
	printf("\nExample%s:\n", strchr(line, '\n') ? "s" : "");
	while (*line) {
		size_t length = strcspn(line, "\n");

		printf("  %.*s\n", (int)length, line);
		line += length + (line[length] == '\n');
	}
}

/* Without argp's note on arguments of long options. */
static char *filter_help(int key, const char *text, void *input)
{
	(void)input;
	return key == ARGP_KEY_HELP_DUP_ARGS_NOTE ? NULL
						  : (char *)(uintptr_t)text;
}

static void make_argp(struct parsing *parsing)
{
	static const struct argp machine = { .options = machine_options,
					     .parser = machine_parser };
	static const struct argp strategy = { .options = strategy_options,
					      .parser = strategy_parser };
	static const struct argp study = { .options = study_options,
					   .parser = study_parser };
	static const struct argp check = { .options = check_options,
					   .parser = check_parser };
	static const struct argp format = { .options = format_options,
					    .parser = format_parser };
	static const struct argp format_no_csv = {
		.options = format_options_no_csv, .parser = format_parser
	};
	static const struct argp progress = { .options = progress_options,
					      .parser = progress_parser };
	static const struct argp always = { .options = always_options,
					    .parser = always_parser };
	const struct options_spec *spec = parsing->spec;
	const struct {
		const struct argp *argp;
		const char *header;
		unsigned groups;
	} all[] = {
		{ spec->own, NULL, spec->own ? ~0u : 0 },
		{ &machine, "Machine:", OPTIONS_MACHINE },
		{ &strategy, "Strategies:", OPTIONS_STRATEGY },
		{ &parsing->traffic_argp, "Traffic:", OPTIONS_TRAFFIC },
		{ &study, "Study:", OPTIONS_STUDY },
		{ &check, NULL, OPTIONS_CHECK },
		{ &parsing->output_argp, "Output:", OPTIONS_OUTPUT },
		{ spec->no_csv ? &format_no_csv : &format, NULL,
		  OPTIONS_FORMAT },
		{ &progress, NULL, OPTIONS_PROGRESS },
		{ &always, NULL, ~0u },
	};
	size_t i, n = 0;

	make_traffic(parsing);
	make_output(parsing);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].groups & (spec->groups | 1u << 31))
			parsing->children[n++] = (struct argp_child){
				.argp = all[i].argp,
				.header = all[i].header,
				.group = (int)i,
			};
	parsing->root = (struct argp){ .parser = root_parser,
				       .args_doc = spec->args,
				       .doc = spec->doc,
				       .children = parsing->children,
				       .help_filter = filter_help };
}

static int check_count(const struct parsing *parsing)
{
	const struct options_spec *spec = parsing->spec;
	const struct options_list *args = &parsing->options->args;

	if (args->count > spec->args_max)
		return err_set(parsing->err, ERR_USAGE,
			       "'%s' is one argument too many; see dmasim %s "
			       "--help",
			       args->items[spec->args_max], spec->name);
	if (args->count < spec->args_min)
		return err_set(parsing->err, ERR_USAGE,
			       "%s is missing; see dmasim %s --help",
			       spec->args, spec->name);
	return 0;
}

static int parse(struct parsing *parsing, int argc, char **argv)
{
	static const char *const none[] = { NULL };
	unsigned flags = ARGP_NO_EXIT | ARGP_NO_HELP;
	int result = words_check(parsing->children, parsing->spec->name, argc,
				 argv, parsing->err);

	if (result < 0)
		return -1;
	if (result > 0) {
		/* Under ARGP_NO_ERRS argp prints no help either. */
		parsing->help = true;
		argp_parse(&parsing->root, 1, argv, flags, NULL, parsing);
		print_examples(parsing->spec->example);
		if (parsing->spec->more_help)
			parsing->spec->more_help(stdout);
		return 1;
	}
	result = argp_parse(&parsing->root, argc, argv, flags | ARGP_NO_ERRS,
			    NULL, parsing);
	if (result == ENOMEM)
		return err_nomem(parsing->err, "options");
	if (result != 0)
		return -1;
	if (parsing->options->show_config)
		return show_config(parsing->options,
				   parsing->spec->machines
					   ? parsing->spec->machines
					   : none,
				   parsing->err) < 0
			       ? -1
			       : 1;
	return check_count(parsing);
}

int options_parse(struct options *options, const struct options_spec *spec,
		  int argc, char **argv, struct err *err)
{
	struct parsing parsing = { .spec = spec,
				   .options = options,
				   .err = err };
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	int result;

	*options = (struct options){ .seed = 1,
				     .jobs = 1,
				     .hosts = spec->hosts,
				     .params = spec->params };
	if (online > 1)
		options->jobs = online < CREW_JOBS_MAX ? (unsigned)online
						       : CREW_JOBS_MAX;
	snprintf(parsing.name, sizeof(parsing.name), "dmasim %s", spec->name);
	err_set(err, ERR_USAGE, "wrong options; see dmasim %s --help",
		spec->name);
	make_argp(&parsing);
	if (argc > 1 && strcmp(argv[1], COMPLETE_WORD) == 0)
		result = complete_words(parsing.children, spec->name,
					spec->args, argc - 2, argv + 2, err) < 0
				 ? -1
				 : 1;
	else
		result = parse(&parsing, argc, argv);
	if (result != 0)
		options_clear(options);
	if (result >= 0 && err)
		*err = (struct err)ERR_INIT;
	return result;
}

void options_clear(struct options *options)
{
	size_t i;

	options_list_clear(&options->args);
	options_list_clear(&options->machines);
	options_list_clear(&options->tx);
	options_list_clear(&options->rx);
	for (i = 0; i < options->file_count; i++)
		ini_config_free(options->files[i]);
	free(options->files);
	for (i = 0; i < options->set_count; i++)
		free(options->sets[i].text);
	free(options->sets);
	*options = (struct options){ .seed = 1 };
}

int options_open(const struct options *options, struct outfile *out,
		 struct err *err)
{
	style_enable(options->format == FORMAT_TEXT &&
		     outfile_is_standard(options->output) &&
		     style_possible(STDOUT_FILENO));
	return outfile_open(out, options->output, options->force, err);
}

int options_write(const struct options *options,
		  options_writer *const writers[], const void *what,
		  struct err *err)
{
	struct outfile out;

	if (options_open(options, &out, err) < 0)
		return -1;
	if (writers[options->format](what, out.fp, err) < 0) {
		outfile_abort(&out);
		return -1;
	}
	return outfile_commit(&out, err);
}

int options_check_output(const struct options *options, struct err *err)
{
	return outfile_check(options->output, options->force, err);
}
