/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim sweep: parameter studies with axes, resumable.
 */
#include "cmd/sweep.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/points.h"
#include "cmd/sandbox.h"
#include "cmd/tables.h"
#include "reports/compare_text.h"
#include "reports/csv_out.h"
#include "reports/seal.h"

static const char *const default_machine[] = { "xge-64bit", NULL };
static const char *const default_tx[] = { "ndis6-hybrid", NULL };
static const char *const default_rx[] = { "common-copy", NULL };

#define DEFAULT_MEMORY	(UINT64_C(1) << 30)
#define DEFAULT_OVERLAP (UINT64_C(10) * 1000000000) /* 10 ms */

enum {
	KEY_AXIS = 0x2000,
	KEY_STUDY,
	KEY_DRY_RUN,
	KEY_LIST,
	KEY_YES,
	KEY_MERGE,
	KEY_CONSTRAINT,
	KEY_ZIP,
	KEY_SHARD,
	KEY_MEMORY,
	KEY_OVERLAP
};

static const struct argp_option own_options[] = {
	{ .name = "axis",
	  .key = KEY_AXIS,
	  .arg = "KEY=VALUES",
	  .doc = "vary a parameter, or tx, rx, machine, seed: a,b,c or "
		 "FIRST..LAST/STEP, /xFACTOR, /nCOUNT, /logCOUNT; repeatable" },
	{ .name = "zip",
	  .key = KEY_ZIP,
	  .arg = "KEY,KEY...",
	  .doc = "let axes advance together" },
	{ .name = "constraint",
	  .key = KEY_CONSTRAINT,
	  .arg = "EXPRESSION",
	  .doc = "leave out points for which it does not hold, such as "
		 "'nic.tx_ring >= 2 * nic.rx_ring'; repeatable" },
	{ .name = "study",
	  .key = KEY_STUDY,
	  .arg = "FILE",
	  .doc = "read captures, machines, axes and the rest from an INI "
		 "file" },
	{ .name = "merge",
	  .key = KEY_MERGE,
	  .doc = "merge the captures by time into one trace, instead of a "
		 "study on each" },
	{ .name = "shard",
	  .key = KEY_SHARD,
	  .arg = "K/N",
	  .doc = "run the K-th of N parts, for dmasim merge" },
	{ .name = "overlap",
	  .key = KEY_OVERLAP,
	  .arg = "TIME",
	  .doc = "with --window A..B: replay so much before A without "
		 "counting it; default 10ms" },
	{ .name = "memory",
	  .key = KEY_MEMORY,
	  .arg = "SIZE",
	  .doc = "keep frames in so much memory, read larger traces again "
		 "for every point; default 1GiB" },
	{ .name = "dry-run",
	  .key = KEY_DRY_RUN,
	  .doc = "count the points, say how long they take, and stop" },
	{ .name = "list",
	  .key = KEY_LIST,
	  .doc = "with --dry-run: list the points" },
	{ .name = "yes",
	  .key = KEY_YES,
	  .doc = "run many or long points without asking" },
	{ .name = NULL },
};

static error_t add_text(struct options_list *list, const char *text)
{
	char **items = realloc(list->items, (list->count + 2) * sizeof(*items));

	if (!items)
		return ENOMEM;
	list->items = items;
	items[list->count] = strdup(text);
	if (!items[list->count])
		return ENOMEM;
	items[++list->count] = NULL;
	return 0;
}

static error_t parse_shard(struct sweep *sweep, const char *text,
			   struct argp_state *state)
{
	const char *slash = strchr(text, '/');
	uint64_t shard = 0, shards = 0;
	char first[24];

	if (slash && (size_t)(slash - text) < sizeof(first)) {
		snprintf(first, sizeof(first), "%.*s", (int)(slash - text),
			 text);
		if (units_parse(QTY_COUNT, first, &shard, NULL) < 0 ||
		    units_parse(QTY_COUNT, slash + 1, &shards, NULL) < 0)
			shard = 0;
	}
	if (!shard || shard > shards || shards > UINT32_MAX)
		return options_error(state,
				     "--shard '%s' is not K/N with K from 1 "
				     "to N, such as 2/8",
				     text);
	sweep->shard = shard;
	sweep->shards = shards;
	return 0;
}

static error_t parse_quantity(struct argp_state *state, const char *option,
			      enum quantity qty, const char *text,
			      uint64_t *value)
{
	struct err why;

	if (!units_parse(qty, text, value, &why))
		return 0;
	return options_error(state, "%s: %s", option, why.text);
}

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	struct sweep *sweep = state->input;

	switch (key) {
	case KEY_AXIS:
		return add_text(&sweep->axis_texts, arg);
	case KEY_ZIP:
		return add_text(&sweep->zips, arg);
	case KEY_CONSTRAINT:
		return add_text(&sweep->constraints, arg);
	case KEY_STUDY:
		if (sweep->study)
			return options_error(state, "--study is given twice");
		sweep->study = arg;
		return 0;
	case KEY_SHARD:
		return parse_shard(sweep, arg, state);
	case KEY_MEMORY:
		return parse_quantity(state, "--memory", QTY_BYTES, arg,
				      &sweep->memory);
	case KEY_OVERLAP:
		sweep->overlap_given = true;
		return parse_quantity(state, "--overlap", QTY_TIME, arg,
				      &sweep->window.overlap_ps);
	case KEY_MERGE:
		sweep->merge = true;
		return 0;
	case KEY_DRY_RUN:
		sweep->dry_run = true;
		return 0;
	case KEY_LIST:
		sweep->list = true;
		return 0;
	case KEY_YES:
		sweep->yes = true;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp own_argp = { .options = own_options,
				      .parser = parse_own };

/* --- resolving --- */

static int check_twice(const struct sweep *sweep, const char *key,
		       const struct options_list *list, struct err *err)
{
	if (!list->count || !axes_find(&sweep->axes, key))
		return 0;
	return err_set(err, ERR_USAGE,
		       "'%s' is an axis and given as an option too; leave one "
		       "out",
		       key);
}

static int read_axes(struct sweep *sweep, struct err *err)
{
	const struct options *options = &sweep->options;
	struct config *cfg = tables_config(err);
	size_t i;
	int rc = cfg ? 0 : -1;

	if (!rc && sweep->study)
		rc = study_file_read(sweep, cfg, err);
	for (i = 0; !rc && i < sweep->axis_texts.count; i++)
		rc = axes_add(&sweep->axes, cfg, sweep->axis_texts.items[i],
			      err);
	config_free(cfg);
	if (rc || check_twice(sweep, "machine", &options->machines, err) < 0 ||
	    check_twice(sweep, "tx", &options->tx, err) < 0 ||
	    check_twice(sweep, "rx", &options->rx, err) < 0)
		return -1;
	if (options->seed != 1 && axes_find(&sweep->axes, "seed"))
		return err_set(err, ERR_USAGE,
			       "'seed' is an axis and set by --seed too; leave "
			       "one out");
	return axes_check_sets(&sweep->axes, options, err);
}

/* The list of an axis as if it had been given by its option. */
static struct options_list listed(const struct sweep *sweep, const char *key,
				  const struct options_list *otherwise)
{
	const struct axis *axis = axes_find(&sweep->axes, key);

	if (!axis)
		return *otherwise;
	return (struct options_list){ .items = axis->values,
				      .count = axis->count };
}

/*
 * Names on an axis, or several given as an option, are the axis: "all" and
 * doubles have been resolved by then.
 */
static int set_name_axes(struct sweep *sweep, struct err *err)
{
	const char *names[AXIS_VALUES_MAX];
	size_t i;

	for (i = 0; i < AXIS_VALUES_MAX && i < sweep->machines.count; i++)
		names[i] = sweep->machines.list[i].name;
	if ((i > 1 || axes_find(&sweep->axes, "machine")) &&
	    axes_set(&sweep->axes, "machine", names, i, err) < 0)
		return -1;
	for (i = 0; i < AXIS_VALUES_MAX && sweep->tx[i]; i++)
		names[i] = tx_ops_name(sweep->tx[i]);
	if ((i > 1 || axes_find(&sweep->axes, "tx")) &&
	    axes_set(&sweep->axes, "tx", names, i, err) < 0)
		return -1;
	for (i = 0; i < AXIS_VALUES_MAX && sweep->rx[i]; i++)
		names[i] = rx_ops_name(sweep->rx[i]);
	if ((i > 1 || axes_find(&sweep->axes, "rx")) &&
	    axes_set(&sweep->axes, "rx", names, i, err) < 0)
		return -1;
	return 0;
}

static int resolve_names(struct sweep *sweep, struct err *err)
{
	struct options as_listed = sweep->options;

	as_listed.machines = listed(sweep, "machine", &as_listed.machines);
	as_listed.tx = listed(sweep, "tx", &as_listed.tx);
	as_listed.rx = listed(sweep, "rx", &as_listed.rx);
	if (options_machines(&as_listed, default_machine, &sweep->machines,
			     err) < 0)
		return -1;
	sweep->tx = options_tx(&as_listed, default_tx, err);
	if (!sweep->tx)
		return -1;
	sweep->rx = options_rx(&as_listed, default_rx, err);
	return sweep->rx ? set_name_axes(sweep, err) : -1;
}

/* --window A..B, in simulated time; either may be left out. */
static int set_slice(struct sweep *sweep, struct err *err)
{
	struct sweep_window *window = &sweep->window;
	const char *text = sweep->options.slice;
	const char *dots = text ? strstr(text, "..") : NULL;
	char from[64];

	window->given = text;
	window->to_ps = UINT64_MAX;
	if (!text && sweep->overlap_given)
		return err_set(err, ERR_USAGE,
			       "--overlap goes with --window A..B");
	if (!text)
		return 0;
	snprintf(from, sizeof(from), "%.*s", (int)(dots - text), text);
	if ((*from && units_parse(QTY_TIME, from, &window->from_ps, err) < 0) ||
	    (dots[2] &&
	     units_parse(QTY_TIME, dots + 2, &window->to_ps, err) < 0))
		return err_wrap(err, "--window '%s'", text);
	if (window->from_ps >= window->to_ps)
		return err_set(err, ERR_USAGE,
			       "--window '%s' ends before it begins", text);
	return 0;
}

static int resolve(struct sweep *sweep, struct err *err)
{
	size_t i;

	if (set_slice(sweep, err) < 0 || read_axes(sweep, err) < 0 ||
	    resolve_names(sweep, err) < 0)
		return -1;
	for (i = 0; i < sweep->zips.count; i++)
		if (axes_zip(&sweep->axes, sweep->zips.items[i], err) < 0)
			return -1;
	if (!sweep->axes.count && !sweep->window.given)
		return err_set(err, ERR_USAGE,
			       "a sweep needs an axis: --axis "
			       "nic.tx_ring=64..1024/x2, or --study FILE");
	if (!sweep->options.args.count)
		return err_set(err, ERR_USAGE,
			       "a sweep needs a capture: name one, or put "
			       "captures under [study] of --study FILE");
	sweep->replicates =
		sweep->options.replicates ? sweep->options.replicates : 1;
	return sweep_plan(sweep, err);
}

/* --- before the work --- */

static void list_points(const struct sweep *sweep, FILE *out)
{
	size_t count, i, a;

	for (i = 0; i < sweep->count; i++) {
		if (!sweep_is_mine(sweep, i))
			continue;
		fprintf(out, "%zu: %s", i,
			*sweep_paths(sweep, i / sweep->per_trace, &count));
		for (a = 0; a < sweep->axes.count; a++)
			fprintf(out, " %s=%s", sweep->axes.list[a].key,
				sweep_value(sweep, a, i));
		if (sweep->replicates > 1)
			fprintf(out, " replicate=%zu", i % sweep->replicates);
		fputc('\n', out);
	}
}

static void count_points(const struct sweep *sweep, FILE *out)
{
	size_t products, i;

	for (i = 0; i < sweep->axes.count; i++) {
		const struct axis *axis = &sweep->axes.list[i];

		fprintf(out, "%-28s %zu values, %s to %s\n", axis->key,
			axis->count, axis->values[0],
			axis->values[axis->count - 1]);
	}
	if (sweep->constraints.count &&
	    !axes_points(&sweep->axes, &products, NULL))
		fprintf(out, "%-28s %zu of %zu combinations\n", "constraints",
			sweep->product_count, products);
	fprintf(out, "%-28s %u\n", "replicates", sweep->replicates);
	fprintf(out, "%-28s %zu\n", "traces", sweep->traces);
	fprintf(out, "%-28s %zu\n", "points", sweep->count);
	if (sweep->shards)
		fprintf(out, "%-28s %zu of %zu\n", "shard", sweep->mine,
			sweep->count);
}

static void write_duration(double seconds, char *text, size_t size)
{
	if (seconds < 120)
		snprintf(text, size, "%.1f s", seconds);
	else if (seconds < 7200)
		snprintf(text, size, "%.0f min", seconds / 60);
	else
		snprintf(text, size, "%.1f h", seconds / 3600);
}

static int dry_run(const struct sweep *sweep, struct err *err)
{
	struct outfile out;
	char text[32];
	double seconds;

	if (!sweep->options.quiet) {
		if (sweep_estimate(sweep, &seconds, err) < 0)
			return -1;
		write_duration(seconds, text, sizeof(text));
		fprintf(stderr, "about %s on %u threads\n", text,
			sweep->options.jobs);
	}
	if (outfile_open(&out, NULL, false, err) < 0)
		return -1;
	count_points(sweep, out.fp);
	if (sweep->list)
		list_points(sweep, out.fp);
	return outfile_commit(&out, err);
}

/* True when somebody at a terminal says yes. */
static bool asked(const char *question)
{
	char answer[16];

	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return false;
	fprintf(stderr, "%s Go on? [y/N] ", question);
	return fgets(answer, sizeof(answer), stdin) &&
	       (answer[0] == 'y' || answer[0] == 'Y');
}

/*
 * A probe costs time itself, so that a study is measured only when it has many
 * points or large files.
 */
static bool may_be_long(const struct sweep *sweep)
{
	struct stat st;
	uint64_t bytes = 0;
	size_t i;

	for (i = 0; i < sweep->options.args.count; i++)
		if (!stat(sweep->options.args.items[i], &st))
			bytes += (uint64_t)st.st_size;
	return sweep->mine > 1000 || bytes / 1000 * sweep->mine > 50000000;
}

static int confirm(const struct sweep *sweep, struct err *err)
{
	char question[160], text[32];
	double seconds = 0;

	if (sweep->yes)
		return 0;
	if (sweep->mine <= SWEEP_ASK_POINTS) {
		if (!may_be_long(sweep))
			return 0;
		if (sweep_estimate(sweep, &seconds, err) < 0)
			return -1;
		if (seconds <= SWEEP_ASK_SECONDS)
			return 0;
	}
	write_duration(seconds, text, sizeof(text));
	snprintf(question, sizeof(question), "The study has %zu points%s%s.",
		 sweep->mine, seconds > 0 ? ", which take about " : "",
		 seconds > 0 ? text : "");
	if (asked(question))
		return 0;
	return err_set(err, ERR_USAGE,
		       "the study has %zu points%s%s: say --yes, or look with "
		       "--dry-run, or share it out with --shard",
		       sweep->mine, seconds > 0 ? ", about " : "",
		       seconds > 0 ? text : "");
}

/* --- output --- */

static int write_csv(const struct document *doc, const char *path,
		     struct err *err)
{
	struct outfile out;

	if (outfile_open(&out, path, true, err) < 0)
		return -1;
	if (csv_write(doc, out.fp, err) < 0) {
		outfile_abort(&out);
		return -1;
	}
	return outfile_commit(&out, err);
}

static int write_json(const struct document *doc, const char *path, bool force,
		      struct err *err)
{
	struct outfile out;

	if (outfile_open(&out, path, force, err) < 0)
		return -1;
	if (json_write_sealed(doc, 0, out.fp, err) < 0) {
		outfile_abort(&out);
		return -1;
	}
	return outfile_commit(&out, err);
}

/* DIR/results.json and DIR/results.csv: all points of this sweep. */
static int write_joint(struct sweep *sweep, struct err *err)
{
	const char *dir = sweep->options.output;
	char path[POINTS_PATH_MAX];

	if (document_finish(sweep->job.doc, err) < 0 ||
	    join_path(dir, "results.json", path, err) < 0 ||
	    write_json(sweep->job.doc, path, true, err) < 0 ||
	    join_path(dir, "results.csv", path, err) < 0)
		return -1;
	return write_csv(sweep->job.doc, path, err);
}

static int write_stdout(struct sweep *sweep, struct err *err)
{
	if (sweep->options.format != FORMAT_JSON)
		return job_write(&sweep->job, compare_text_write, err);
	progress_end(&sweep->job.progress);
	if (document_finish(sweep->job.doc, err) < 0)
		return -1;
	return write_json(sweep->job.doc, NULL, false, err);
}

static void say_where(const struct sweep *sweep)
{
	size_t done = 0, i;

	for (i = 0; i < sweep->count; i++)
		done += sweep->done[i];
	if (!sweep->options.quiet)
		fprintf(stderr,
			"%zu of %zu points in '%s/points', %zu of them from "
			"before; joined in results.json and results.csv\n",
			done, sweep->mine, sweep->options.output,
			sweep->reused);
}

static int run_points(struct sweep *sweep, struct err *err)
{
	const char *dir = sweep->options.output;

	if (sweep_run(sweep, err) < 0)
		return -1;
	if (!dir)
		return write_stdout(sweep, err);
	if (write_joint(sweep, err) < 0)
		return -1;
	say_where(sweep);
	return 0;
}

static int lock_and_run(struct sweep *sweep, struct err *err)
{
	const char *dir = sweep->options.output;
	int lock = -1, rc;

	sweep->ids = calloc(sweep->count, sizeof(*sweep->ids));
	sweep->done = calloc(sweep->count, sizeof(*sweep->done));
	sweep->talked = calloc(sweep->traces, sizeof(*sweep->talked));
	if (!sweep->ids || !sweep->done || !sweep->talked)
		return err_nomem(err, "points");
	if (dir) {
		lock = points_open(dir, sweep->options.force, err);
		if (lock < 0)
			return -1;
	}
	rc = run_points(sweep, err);
	points_close(lock);
	return rc;
}

/* Failed points are in the results; the exit status tells of them too. */
static int status_of(const struct sweep *sweep)
{
	int status = job_status(&sweep->job);

	if (!sweep->failed)
		return status;
	job_warn(&sweep->job,
		 "%zu points failed; the results say why, and they are tried "
		 "again the next time",
		 sweep->failed);
	return status ? status : ERR_CHECK;
}

static int sweep_it(struct sweep *sweep, struct err *err)
{
	int rc;

	if (resolve(sweep, err) < 0)
		return -1;
	sandbox_enter(&(struct sandbox){ .writes = { sweep->options.output } });
	if (sweep->dry_run)
		return dry_run(sweep, err);
	if (confirm(sweep, err) < 0)
		return -1;
	if (!sweep->options.format_given)
		sweep->options.format = FORMAT_CSV;
	if (job_init(&sweep->job, &sweep->options, sweep->machines.list[0].cfg,
		     err) < 0)
		return -1;
	rc = lock_and_run(sweep, err);
	if (!rc)
		rc = status_of(sweep);
	job_clear(&sweep->job);
	return rc;
}

static const struct options_spec sweep_spec = {
	.name = "sweep",
	.args = "[CAPTURE...]",
	.doc = "Run a study: every combination of the axes' values.",
	.example = "dmasim sweep --axis nic.tx_ring=64..1024/x2 "
		   "office.pcap.xz\n"
		   "dmasim sweep --study rings.ini -o study office.pcap.xz",
	.groups = OPTIONS_ALL,
	.into = "put results and points into DIR, less the points it holds "
		"already",
	.machines = default_machine,
	.args_max = SIZE_MAX,
	.slices = true,
	.own = &own_argp,
};

int cmd_sweep(int argc, char **argv, struct err *err)
{
	struct sweep sweep = { .memory = DEFAULT_MEMORY,
			       .window = { .overlap_ps = DEFAULT_OVERLAP } };
	struct options_spec spec = sweep_spec;
	int rc;

	spec.own_input = &sweep;
	rc = options_parse(&sweep.options, &spec, argc, argv, err);
	if (!rc) {
		rc = sweep_it(&sweep, err);
		options_machines_clear(&sweep.machines);
		options_clear(&sweep.options);
	} else {
		rc = rc < 0 ? -1 : 0;
	}
	free(sweep.ids);
	free(sweep.done);
	free(sweep.talked);
	free(sweep.products);
	free(sweep.variants);
	free(sweep.tx);
	free(sweep.rx);
	axes_clear(&sweep.axes);
	options_list_clear(&sweep.axis_texts);
	options_list_clear(&sweep.zips);
	options_list_clear(&sweep.constraints);
	return rc;
}
