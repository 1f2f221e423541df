/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim sweep: parameter studies with axes, resumable.
 */
#include "cmd/sweep.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/points.h"
#include "cmd/tables.h"
#include "core/version.h"
#include "reports/compare_text.h"
#include "reports/csv_out.h"

static const char *const default_machine[] = { "xge-64bit", NULL };
static const char *const default_tx[] = { "ndis6-hybrid", NULL };
static const char *const default_rx[] = { "common-copy", NULL };

enum { KEY_AXIS = 0x2000, KEY_STUDY, KEY_DRY_RUN, KEY_MERGE };

static const struct argp_option own_options[] = {
	{ .name = "axis",
	  .key = KEY_AXIS,
	  .arg = "KEY=VALUES",
	  .doc = "vary a parameter, or tx, rx, machine, seed: a,b,c or "
		 "FIRST..LAST/STEP, /xFACTOR, /nCOUNT, /logCOUNT; repeatable" },
	{ .name = "study",
	  .key = KEY_STUDY,
	  .arg = "FILE",
	  .doc = "read axes from an INI file: [axes] with full keys, or "
		 "sections named after parameter groups" },
	{ .name = "merge",
	  .key = KEY_MERGE,
	  .doc = "merge the captures by time into one trace, instead of a "
		 "study on each" },
	{ .name = "dry-run",
	  .key = KEY_DRY_RUN,
	  .doc = "count the points and stop" },
	{ .name = NULL },
};

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	struct sweep *sweep = state->input;
	char **items;

	switch (key) {
	case KEY_AXIS:
		items = realloc(sweep->axis_texts.items,
				(sweep->axis_texts.count + 2) * sizeof(*items));
		if (!items)
			return ENOMEM;
		sweep->axis_texts.items = items;
		items[sweep->axis_texts.count] = strdup(arg);
		if (!items[sweep->axis_texts.count])
			return ENOMEM;
		items[++sweep->axis_texts.count] = NULL;
		return 0;
	case KEY_STUDY:
		if (sweep->study)
			return options_error(state, "--study is given twice");
		sweep->study = arg;
		return 0;
	case KEY_MERGE:
		sweep->merge = true;
		return 0;
	case KEY_DRY_RUN:
		sweep->dry_run = true;
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
		rc = axes_read(&sweep->axes, cfg, sweep->study, err);
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

static int resolve(struct sweep *sweep, struct err *err)
{
	size_t points;

	if (read_axes(sweep, err) < 0 || resolve_names(sweep, err) < 0 ||
	    axes_points(&sweep->axes, &points, err) < 0)
		return -1;
	if (!sweep->axes.count)
		return err_set(err, ERR_USAGE,
			       "a sweep needs an axis: --axis "
			       "nic.tx_ring=64..1024/x2, or --study FILE");
	sweep->replicates =
		sweep->options.replicates ? sweep->options.replicates : 1;
	sweep->traces = sweep->merge ? 1 : sweep->options.args.count;
	sweep->per_trace = points * sweep->replicates;
	sweep->count = sweep->traces * sweep->per_trace;
	return 0;
}

const char *const *sweep_paths(const struct sweep *sweep, size_t trace,
			       size_t *count)
{
	const struct options_list *args = &sweep->options.args;

	*count = sweep->merge ? args->count : 1;
	return (const char *const *)args->items + trace;
}

/* --- output --- */

static int dry_run(const struct sweep *sweep, struct err *err)
{
	struct outfile out;
	size_t i;

	if (outfile_open(&out, NULL, false, err) < 0)
		return -1;
	for (i = 0; i < sweep->axes.count; i++)
		fprintf(out.fp, "%-28s %zu values, %s to %s\n",
			sweep->axes.list[i].key, sweep->axes.list[i].count,
			sweep->axes.list[i].values[0],
			sweep->axes.list[i]
				.values[sweep->axes.list[i].count - 1]);
	fprintf(out.fp, "%-28s %u\n", "replicates", sweep->replicates);
	fprintf(out.fp, "%-28s %zu\n", "traces", sweep->traces);
	fprintf(out.fp, "%-28s %zu\n", "points", sweep->count);
	return outfile_commit(&out, err);
}

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

static int join_point(struct sweep *sweep, size_t index, struct err *err)
{
	struct document *doc, *slim;
	int rc;

	doc = points_load(sweep->options.output, sweep->ids[index], err);
	if (!doc)
		return -1;
	slim = points_slim(doc, err);
	document_free(doc);
	if (!slim)
		return -1;
	/* It may come from a study with other axes. */
	rc = sweep_set_axes(sweep, index, slim, 0, err);
	if (!rc)
		rc = document_merge(sweep->job.doc, slim, err);
	document_free(slim);
	return rc;
}

/* Join the points' files into DIR/results.json and DIR/results.csv. */
static int join_points(struct sweep *sweep, struct err *err)
{
	const char *dir = sweep->options.output;
	char path[POINTS_PATH_MAX];
	size_t i;

	for (i = 0; i < sweep->count; i++)
		if (sweep->done[i] && join_point(sweep, i, err) < 0)
			return -1;
	if (document_finish(sweep->job.doc, err) < 0 ||
	    join_path(dir, "results.json", path, err) < 0 ||
	    job_save(sweep->job.doc, path, true, err) < 0 ||
	    join_path(dir, "results.csv", path, err) < 0)
		return -1;
	return write_csv(sweep->job.doc, path, err);
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
			done, sweep->count, sweep->options.output,
			sweep->reused);
}

static int run_points(struct sweep *sweep, struct err *err)
{
	struct job *job = &sweep->job;
	const char *dir = sweep->options.output;

	sweep->ids = calloc(sweep->count, sizeof(*sweep->ids));
	sweep->done = calloc(sweep->count, sizeof(*sweep->done));
	sweep->talked = calloc(sweep->traces, sizeof(*sweep->talked));
	if (!sweep->ids || !sweep->done || !sweep->talked)
		return err_nomem(err, "points");
	if (dir && points_open(dir, sweep->options.force, err) < 0)
		return -1;
	if (sweep_run(sweep, err) < 0)
		return -1;
	if (!dir)
		return job_write(job, compare_text_write, err);
	if (join_points(sweep, err) < 0)
		return -1;
	say_where(sweep);
	return 0;
}

static int sweep_it(struct sweep *sweep, struct err *err)
{
	int rc;

	if (resolve(sweep, err) < 0)
		return -1;
	if (sweep->dry_run)
		return dry_run(sweep, err);
	if (!sweep->options.format_given)
		sweep->options.format = FORMAT_CSV;
	if (job_init(&sweep->job, &sweep->options, sweep->machines.list[0].cfg,
		     err) < 0)
		return -1;
	rc = run_points(sweep, err);
	if (!rc)
		rc = job_status(&sweep->job);
	job_clear(&sweep->job);
	return rc;
}

static const struct options_spec sweep_spec = {
	.name = "sweep",
	.args = "CAPTURE...",
	.doc = "Run a study: every combination of the axes' values.",
	.example = "dmasim sweep --axis nic.tx_ring=64..1024/x2 "
		   "office.pcap.xz\n"
		   "dmasim sweep --study rings.ini -o study office.pcap.xz",
	.groups = OPTIONS_ALL,
	.args_min = 1,
	.args_max = SIZE_MAX,
	.own = &own_argp,
};

int cmd_sweep(int argc, char **argv, struct err *err)
{
	struct sweep sweep = { .study = NULL };
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
	free(sweep.tx);
	free(sweep.rx);
	axes_clear(&sweep.axes);
	options_list_clear(&sweep.axis_texts);
	return rc;
}
