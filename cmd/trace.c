/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim trace: look at captures, make them, rewrite them.
 */
#include "cmd/trace.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/complete.h"
#include "cmd/options.h"
#include "cmd/sandbox.h"
#include "core/suggest.h"
#include "traces/trace.h"
#include "traces/write.h"

enum { KEY_MICROSECONDS = 1, KEY_SNAPLEN };

static const struct argp_option write_options[] = {
	{ "microseconds", KEY_MICROSECONDS, NULL, 0,
	  "microsecond stamps; default nanoseconds", 0 },
	{ "snaplen", KEY_SNAPLEN, "SIZE", 0,
	  "keep this much of every frame; default all", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static int parse_snaplen(const struct argp_state *state, const char *text,
			 uint32_t *snaplen)
{
	struct err why = ERR_INIT;
	uint64_t value;

	if (units_parse(QTY_BYTES, text, &value, &why) < 0)
		return options_error(state, "--snaplen: %s", why.text);
	if (value < 1 || value > 262144)
		return options_error(state,
				     "--snaplen: '%s' is out of range; "
				     "permitted are 1B to 256KiB",
				     text);
	*snaplen = (uint32_t)value;
	return 0;
}

static error_t write_parser(int key, char *arg, struct argp_state *state)
{
	struct write_options *options = state->input;

	switch (key) {
	case KEY_MICROSECONDS:
		options->microseconds = true;
		return 0;
	case KEY_SNAPLEN:
		return parse_snaplen(state, arg, &options->snaplen);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp write_argp = { .options = write_options,
					.parser = write_parser };

/* --- writing --- */

static void say_written(const struct options *options,
			const struct trace_info *info)
{
	char bytes[UNITS_TEXT_MAX], duration[UNITS_TEXT_MAX];

	if (options->quiet)
		return;
	if (strcmp(info->status, "complete") != 0)
		fprintf(stderr, "dmasim: warning: the capture is %s: %s\n",
			info->status, info->status_detail);
	units_human(QTY_BYTES, (double)info->bytes, 3, bytes, sizeof(bytes));
	units_human(QTY_TIME, (double)info->duration_ps, 3, duration,
		    sizeof(duration));
	fprintf(stderr, "dmasim: wrote %" PRIu64 " frames, %s in %s\n",
		info->frames, bytes, duration);
}

/* A capture is no text: not to a terminal. */
static int check_terminal(const struct options *options, struct err *err)
{
	bool standard = !options->output || strcmp(options->output, "-") == 0;

	if (standard && isatty(STDOUT_FILENO))
		return err_set(err, ERR_USAGE,
			       "a capture is not for a terminal: use -o FILE "
			       "or a pipe");
	return 0;
}

/* What the two writing commands differ in. */
typedef int write_fn(const struct options *options, const struct config *cfg,
		     const struct write_options *write, FILE *out,
		     struct trace_info *info, struct err *err);

static int write_capture(const struct options *options,
			 const struct write_options *write, write_fn *fn,
			 struct err *err)
{
	struct config *cfg = options_config(options, err);
	struct trace_info info;
	struct outfile out;
	int result;

	if (!cfg)
		return -1;
	memset(&info, 0, sizeof(info));
	result = check_terminal(options, err);
	if (result == 0)
		result = options_open(options, &out, err);
	if (result == 0) {
		sandbox_enter(
			&(struct sandbox){ .writes = { options->output } });
		outfile_stop_on(&out, &cmd_interrupted);
		result = fn(options, cfg, write, out.fp, &info, err);
		if (result == 0)
			result = outfile_commit(&out, err);
		else
			outfile_abort(&out);
		if (result == 0)
			say_written(options, &info);
	}
	config_free(cfg);
	return result;
}

static int run_writer(struct options_spec spec, write_fn *fn, int argc,
		      char **argv, struct err *err)
{
	struct write_options write = { .snaplen = 0 };
	struct options options;
	int result;

	spec.own = &write_argp;
	spec.own_input = &write;
	result = options_parse(&options, &spec, argc, argv, err);
	if (result != 0)
		return result < 0 ? -1 : 0;
	result = write_capture(&options, &write, fn, err);
	options_clear(&options);
	return result;
}

static int generate(const struct options *options, const struct config *cfg,
		    const struct write_options *write, FILE *out,
		    struct trace_info *info, struct err *err)
{
	const char *given = options->args.items[0];
	char spec[1024];

	if (strncmp(given, "gen:", 4) == 0)
		given += 4;
	if ((size_t)snprintf(spec, sizeof(spec), "gen:%s", given) >=
	    sizeof(spec))
		return err_set(err, ERR_USAGE, "'%.40s...' is too long", given);
	return trace_generate(spec, cfg, write, out, info, err);
}

static int cmd_gen(int argc, char **argv, struct err *err)
{
	static const struct options_spec spec = {
		.name = "trace gen",
		.args = "KIND[,KEY=VALUE...]",
		.doc = "Write generated traffic as a capture. Kinds: constant, "
		       "poisson, onoff, imix; keys: rate size fcs frames tx "
		       "flows proto on off seed (see dmasim-trace(1)). The "
		       "same text after \"gen:\" may stand wherever a capture "
		       "may.",
		.example = "dmasim trace gen poisson,rate=1Mpps,size=60 "
			   "-o poisson.pcap\n"
			   "dmasim run gen:imix,rate=5Gbps",
		.groups = OPTIONS_MACHINE | OPTIONS_TRAFFIC | OPTIONS_OUTPUT,
		.args_min = 1,
		.args_max = 1,
	};

	return run_writer(spec, generate, argc, argv, err);
}

static int convert(const struct options *options, const struct config *cfg,
		   const struct write_options *write, FILE *out,
		   struct trace_info *info, struct err *err)
{
	const char *const *paths = (const char *const *)options->args.items;

	return trace_convert(paths, options->args.count, cfg, write, out, info,
			     err);
}

static int cmd_convert(int argc, char **argv, struct err *err)
{
	static const struct options_spec spec = {
		.name = "trace convert",
		.args = "CAPTURE...",
		.doc = "Copy records that pass the filters to a new pcap, with "
		       "stamps as a simulation would see them. Several "
		       "captures are merged by time.",
		.example = "dmasim trace convert --filter 'tcp port 80' "
			   "office.pcap.xz -o web.pcap",
		.groups = OPTIONS_MACHINE | OPTIONS_TRAFFIC | OPTIONS_OUTPUT,
		.args_min = 1,
		.args_max = SIZE_MAX,
	};

	return run_writer(spec, convert, argc, argv, err);
}

/* --- dispatch --- */

static const struct verb {
	const char *name, *summary;
	int (*run)(int argc, char **argv, struct err *err);
} verbs[] = {
	{ "stat", "what is in a capture, and what a run would make of it",
	  cmd_trace_stat },
	{ "gen", "write generated traffic as a capture", cmd_gen },
	{ "convert", "filter, cut and rewrite stamps, to pcap", cmd_convert },
	{ "layout", "write the layout a machine makes up, as a sidecar",
	  cmd_trace_layout },
};

static void print_verbs(FILE *out)
{
	size_t i;

	fputs("Usage: dmasim trace stat|gen|convert|layout [OPTION...] "
	      "ARGUMENT...\n"
	      "Look at, make and rewrite captures.\n\n",
	      out);
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		fprintf(out, "  %-9s%s\n", verbs[i].name, verbs[i].summary);
	fputs("\nExamples:\n"
	      "  dmasim trace stat office.pcap.xz\n"
	      "  dmasim trace gen poisson,rate=1Mpps -o poisson.pcap\n"
	      "  dmasim trace convert --limit 1000 office.pcap.xz -o "
	      "part.pcap\n"
	      "\nSee dmasim trace stat --help and so on for options.\n",
	      out);
}

/* "trace --complete VERB WORDS": what follows trace. */
static int complete_verb(int argc, char **argv, struct err *err)
{
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (argc == 3)
			complete_offer(argv[2], verbs[i].name,
				       verbs[i].summary);
		else if (argc > 3 && strcmp(verbs[i].name, argv[2]) == 0) {
			argv[2] = argv[1];
			return verbs[i].run(argc - 1, argv + 1, err);
		}
	}
	return 0;
}

int cmd_trace(int argc, char **argv, struct err *err)
{
	const char *name = argc > 1 ? argv[1] : "";
	char hint[SUGGEST_HINT_MAX];
	struct suggest suggest;
	size_t i;

	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
		print_verbs(stdout);
		return 0;
	}
	if (strcmp(name, COMPLETE_WORD) == 0)
		return complete_verb(argc, argv, err);
	suggest_init(&suggest, name);
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return verbs[i].run(argc - 1, argv + 1, err);
		suggest_offer(&suggest, verbs[i].name);
	}
	if (argc < 2)
		return err_set(
			err, ERR_USAGE,
			"trace needs stat, gen, convert or layout; see dmasim "
			"trace --help");
	return err_set(err, ERR_USAGE, "unknown command 'trace %s'%s", name,
		       suggest.best ? suggest_hint(&suggest, hint, sizeof(hint))
				    : "; see dmasim trace --help");
}
