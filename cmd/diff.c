/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim diff: which of the two it is, and its options.
 */
#include "cmd/diff.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"

enum { KEY_FAIL_OVER = 1, KEY_METRIC, KEY_ALL, KEY_COLUMN };

static const struct argp_option diff_options[] = {
	{ "fail-over", KEY_FAIL_OVER, "PCT", 0,
	  "a difference counts above this share of A, such as 2%; of frames: "
	  "the median of their errors",
	  0 },
	{ "metric", KEY_METRIC, "GLOB", 0,
	  "compare only these, such as 'tx.latency_*.p99'; repeat for several",
	  0 },
	{ "all", KEY_ALL, NULL, 0, "show figures that do not differ too", 0 },
	{ "column", KEY_COLUMN, "A[,B]", 0,
	  "latency columns of files of frames; default latency_ps, latency_ns, "
	  "latency_us or latency",
	  0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static int parse_share(const struct argp_state *state, const char *text,
		       double *share)
{
	char *end;

	errno = 0;
	*share = strtod(text, &end) / 100;
	if (end == text || strcmp(end, "%") != 0 || errno || *share < 0 ||
	    !isfinite(*share))
		return options_error(state,
				     "--fail-over: '%s' is no percentage, such "
				     "as 2%%",
				     text);
	return 0;
}

static int parse_columns(struct diff *diff, char *text)
{
	char *comma = strchr(text, ',');

	diff->columns[0] = diff->columns[1] = text;
	if (comma) {
		*comma = '\0';
		diff->columns[1] = comma + 1;
	}
	return 0;
}

static error_t diff_parser(int key, char *arg, struct argp_state *state)
{
	struct diff *diff = state->input;

	switch (key) {
	case KEY_FAIL_OVER:
		return parse_share(state, arg, &diff->fail_over);
	case KEY_METRIC:
		return options_list_add(&diff->globs, arg);
	case KEY_ALL:
		diff->all = true;
		return 0;
	case KEY_COLUMN:
		return parse_columns(diff, arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Whether a file begins as JSON; -1 when it cannot be read. */
static int is_json(const char *path, struct err *err)
{
	FILE *file;
	int c;

	if (strcmp(path, "-") == 0)
		return err_set(err, ERR_USAGE,
			       "diff reads files, not standard input");
	file = fopen(path, "re");
	if (!file)
		return err_set(err, ERR_INPUT, "cannot open '%s': %s", path,
			       strerror(errno));
	do {
		c = fgetc(file);
	} while (c != EOF && isspace(c));
	fclose(file);
	return c == '{';
}

static int run_diff(struct diff *diff, struct err *err)
{
	char **paths = diff->options.args.items;
	int a = is_json(paths[0], err);
	int b = a < 0 ? -1 : is_json(paths[1], err);

	if (b < 0 || options_check_output(&diff->options, err) < 0)
		return -1;
	if (a != b)
		return err_set(err, ERR_INPUT,
			       "'%s' is a result, '%s' is none: compare two "
			       "results (--format json), or two tables of "
			       "frames",
			       paths[!a], paths[a]);
	return a ? diff_results(diff, err) : diff_frames(diff, err);
}

int cmd_diff(int argc, char **argv, struct err *err)
{
	static const struct argp own = { .options = diff_options,
					 .parser = diff_parser };
	struct diff diff = { .fail_over = 0 };
	const struct options_spec spec = {
		.name = "diff",
		.args = "A B",
		.doc = "Compare two results (JSON) figure by figure, paired by "
		       "what was run, or the latency of frames as simulated "
		       "(run --frames) with that measured. The exit status is "
		       "0 without a difference that counts, 1 with one, 2 when "
		       "the two cannot be compared.",
		.example = "dmasim diff before.json after.json\n"
			   "dmasim diff --fail-over 2% --metric "
			   "'cpu.*,tx.latency_*.p99' a.json b.json\n"
			   "dmasim diff simulated.csv measured.csv",
		.groups = OPTIONS_OUTPUT | OPTIONS_FORMAT,
		.args_min = 2,
		.args_max = 2,
		.own = &own,
		.own_input = &diff,
	};
	int result = options_parse(&diff.options, &spec, argc, argv, err);

	if (result == 0) {
		result = run_diff(&diff, err);
		options_clear(&diff.options);
	} else {
		result = result < 0 ? -1 : 0;
	}
	options_list_clear(&diff.globs);
	return result;
}
