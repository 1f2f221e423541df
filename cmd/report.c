/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim report: plots of stored results.
 */
#include "cmd/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/job.h"
#include "cmd/options.h"
#include "cmd/points.h"
#include "reports/load.h"
#include "reports/plot.h"

#define DEFAULT_DIR "report"

enum { KEY_ASCII = 0x2000 };

struct report {
	struct options options;
	bool ascii;
};

static const struct argp_option own_options[] = {
	{ .name = "ascii",
	  .key = KEY_ASCII,
	  .doc = "draw with characters on stdout, write no files" },
	{ .name = NULL },
};

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	struct report *report = state->input;

	(void)arg;
	if (key != KEY_ASCII)
		return ARGP_ERR_UNKNOWN;
	report->ascii = true;
	return 0;
}

static const struct argp own_argp = { .options = own_options,
				      .parser = parse_own };

static const struct options_spec report_spec = {
	.name = "report",
	.args = "RESULTS...",
	.doc = "Draw plots of results that were stored as JSON, into directory "
	       "FILE of -o, by default \"" DEFAULT_DIR "\".",
	.example = "dmasim report -o plots web.json\n"
		   "dmasim report --ascii web.json",
	.groups = OPTIONS_OUTPUT,
	.args_min = 1,
	.args_max = SIZE_MAX,
	.own = &own_argp,
};

int report_check(const char *dir, bool force, struct err *err)
{
	char path[POINTS_PATH_MAX];

	if (join_path(dir, "results.json", path, err) < 0)
		return -1;
	return access(dir, F_OK) == 0 ? outfile_check(path, force, err) : 0;
}

/* Their titles say how many lines and values there are. */
static void say_cut(size_t cut, bool quiet)
{
	if (cut && !quiet)
		fprintf(stderr,
			"dmasim: warning: %zu plots leave out lines or values "
			"of an axis, their titles say how many; study fewer at "
			"a time to see all\n",
			cut);
}

int report_draw(const struct document *doc, const char *dir, bool force,
		bool quiet, struct err *err)
{
	char path[POINTS_PATH_MAX];
	size_t cut = 0;
	int plots;

	if (make_directory(dir, err) < 0 ||
	    join_path(dir, "results.json", path, err) < 0 ||
	    job_save(doc, path, force, err) < 0)
		return -1;
	plots = plot_draw(doc, dir, &cut, err);
	if (plots < 0)
		return -1;
	say_cut(cut, quiet);
	if (!quiet)
		fprintf(stderr,
			"%d plots as .svg and .png, with data and scripts, "
			"and results.json are in '%s'\n",
			plots, dir);
	return 0;
}

static int draw_ascii(const struct document *doc, bool quiet, struct err *err)
{
	struct outfile out;
	size_t cut = 0;

	if (outfile_open(&out, NULL, false, err) < 0)
		return -1;
	if (plot_ascii(doc, out.fp, &cut, err) < 0) {
		outfile_abort(&out);
		return -1;
	}
	say_cut(cut, quiet);
	return outfile_commit(&out, err);
}

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The directories of studies among @args become the results in them. */
static int resolve(struct options_list *args, struct err *err)
{
	char path[POINTS_PATH_MAX], *name;
	size_t i;

	for (i = 0; i < args->count; i++) {
		if (!is_directory(args->items[i]))
			continue;
		if (join_path(args->items[i], "results.json", path, err) < 0)
			return -1;
		if (access(path, F_OK) < 0)
			return err_set(err, ERR_INPUT,
				       "directory '%s' holds no results.json; "
				       "name a result or the directory of a "
				       "study",
				       args->items[i]);
		name = strdup(path);
		if (!name)
			return err_nomem(err, "path");
		free(args->items[i]);
		args->items[i] = name;
	}
	return 0;
}

static int report_it(struct report *report, struct err *err)
{
	struct options *options = &report->options;
	struct document *doc;
	int rc;

	if (options->format_given)
		return err_set(err, ERR_USAGE,
			       "report draws pictures; it has no --format");
	if (report->ascii && options->output)
		return err_set(err, ERR_USAGE,
			       "--ascii draws on standard output; leave out "
			       "-o");
	if (resolve(&options->args, err) < 0)
		return -1;
	doc = document_load_all((const char *const *)options->args.items,
				options->args.count, err);
	if (!doc)
		return -1;
	if (report->ascii)
		rc = draw_ascii(doc, options->quiet, err);
	else
		rc = report_draw(
			doc, options->output ? options->output : DEFAULT_DIR,
			options->force, options->quiet, err);
	document_free(doc);
	return rc;
}

int cmd_report(int argc, char **argv, struct err *err)
{
	struct report report = { .ascii = false };
	struct options_spec spec = report_spec;
	int rc;

	spec.own_input = &report;
	rc = options_parse(&report.options, &spec, argc, argv, err);
	if (rc)
		return rc < 0 ? -1 : 0;
	rc = report_it(&report, err);
	options_clear(&report.options);
	return rc;
}
