/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim report: plots of stored results, and a page that holds them.
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
#include "reports/report_set.h"
#include "reports/tree.h"

#define DEFAULT_DIR "report"

enum { KEY_ASCII = 0x2000, KEY_PDF };

struct report {
	struct options options;
	bool ascii, pdf;
};

static const struct argp_option own_options[] = {
	{ .name = "ascii",
	  .key = KEY_ASCII,
	  .doc = "draw with characters on stdout, write no files" },
	{ .name = "pdf",
	  .key = KEY_PDF,
	  .doc = "join the plots into plots.pdf too, a page each" },
	{ .name = NULL },
};

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	struct report *report = state->input;

	(void)arg;
	if (key == KEY_ASCII)
		report->ascii = true;
	else if (key == KEY_PDF)
		report->pdf = true;
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp own_argp = { .options = own_options,
				      .parser = parse_own };

static const struct options_spec report_spec = {
	.name = "report",
	.args = "RESULTS...",
	.doc = "Make plots and a page (index.html) of results that were stored "
	       "as JSON.",
	.example = "dmasim report -o web compare.json breakeven.json\n"
		   "dmasim report --ascii web.json",
	.groups = OPTIONS_OUTPUT,
	.into = "write into DIR; default \"" DEFAULT_DIR "\"",
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

/* The results themselves, so that the report can be made again. */
static int keep_studies(const struct report_set *set, const char *dir,
			bool force, struct err *err)
{
	char path[POINTS_PATH_MAX], name[64];
	struct outfile out;

	for (size_t i = 0; i < set->count; i++) {
		report_set_name(set, i, name, sizeof(name));
		if (join_path(dir, name, path, err) < 0 ||
		    outfile_open(&out, path, force, err) < 0)
			return -1;
		if (tree_dump(set->studies[i].root, out.fp, name, err) < 0) {
			outfile_abort(&out);
			return -1;
		}
		if (outfile_commit(&out, err) < 0)
			return -1;
	}
	return 0;
}

static int keep(const struct report_set *set, const char *dir, bool force,
		struct err *err)
{
	char path[POINTS_PATH_MAX];

	if (make_directory(dir, err) < 0 ||
	    join_path(dir, "results.json", path, err) < 0 ||
	    (set->doc && job_save(set->doc, path, force, err) < 0))
		return -1;
	return keep_studies(set, dir, force, err);
}

static int draw_set(const struct report_set *set, const char *dir, bool pdf,
		    const struct options *options, struct err *err)
{
	size_t cut = 0;
	int plots;

	if (keep(set, dir, options->force, err) < 0)
		return -1;
	plots = report_set_write(set, dir, pdf, &cut, err);
	if (plots < 0)
		return -1;
	say_cut(cut, options->quiet);
	if (!options->quiet)
		fprintf(stderr,
			"report: '%s/index.html'; beside it %d plots as .svg "
			"and .png, their data and scripts, and the results%s\n",
			dir, plots, pdf ? ", and plots.pdf" : "");
	return 0;
}

int report_draw(const struct document *doc, const char *dir,
		const struct options *options, struct err *err)
{
	const struct report_set set = { .doc = doc };

	return draw_set(&set, dir, false, options, err);
}

static int draw_ascii(const struct report_set *set, bool quiet, struct err *err)
{
	struct outfile out;
	size_t cut = 0;

	if (outfile_open(&out, NULL, false, err) < 0)
		return -1;
	if (report_set_ascii(set, out.fp, &cut, err) < 0) {
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

static int check_options(const struct report *report, struct err *err)
{
	const struct options *options = &report->options;

	if (options->format_given)
		return err_set(err, ERR_USAGE,
			       "report draws pictures; it has no --format");
	if (report->ascii && options->output)
		return err_set(err, ERR_USAGE,
			       "--ascii draws on standard output; leave out "
			       "-o");
	if (report->ascii && report->pdf)
		return err_set(err, ERR_USAGE,
			       "--ascii draws on standard output; leave out "
			       "--pdf");
	return 0;
}

static int report_it(struct report *report, struct err *err)
{
	struct options *options = &report->options;
	const char *dir = options->output ? options->output : DEFAULT_DIR;
	struct report_set set;
	int rc;

	if (check_options(report, err) < 0 || resolve(&options->args, err) < 0)
		return -1;
	if (report_set_load(&set, (const char *const *)options->args.items,
			    options->args.count, err) < 0)
		return -1;
	if (report->ascii)
		rc = draw_ascii(&set, options->quiet, err);
	else
		rc = draw_set(&set, dir, report->pdf, options, err);
	report_set_clear(&set);
	if (cmd_interrupted) /* gnuplot met the signal, too, or ended first */
		return err_set(err, ERR_INTERRUPTED, "interrupted%s",
			       rc < 0 ? "; the report is not whole" : "");
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
