/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim run: one machine, one pair of strategies, in full.
 */
#include <stdlib.h>

#include "cmd/cmd.h"
#include "cmd/job.h"
#include "cmd/run_views.h"
#include "cmd/sandbox.h"
#include "models/inject.h"
#include "reports/run_text.h"

static const char *const default_machine[] = { "xge-64bit", NULL };
static const char *const default_tx[] = { "ndis6-hybrid", NULL };
static const char *const default_rx[] = { "common-copy", NULL };

static void print_kinds(FILE *out)
{
	const char *kind, *help;
	size_t i;

	fputs("\nKinds of --inject, committed with every frame, from TIME on "
	      "with the first, or\nwith every N-th; the last four once:\n",
	      out);
	for (i = 0; (kind = inject_kind(i, &help)); i++)
		fprintf(out, "  %-26s %s\n", kind, help);
}

static const struct options_spec run_spec = {
	.name = "run",
	.args = "CAPTURE...",
	.doc = "Simulate one machine with one pair of strategies and report "
	       "everything measured. Several captures are merged by time.",
	.example = "dmasim run office.pcap.xz\n"
		   "dmasim run -m gbe-32bit --tx ndis6-sg --rx sg "
		   "--set hal.pool=32 office.pcap.xz\n"
		   "dmasim run --timeline out.json --frames frames.csv "
		   "office.pcap.xz",
	.groups = OPTIONS_ALL | OPTIONS_CHECK,
	.machines = default_machine,
	.args_min = 1,
	.args_max = SIZE_MAX,
	.own = &run_views_argp,
	.more_help = print_kinds,
};

struct run {
	struct options options;
	struct run_views views;
	struct options_machines machines;
	const struct tx_ops **tx;
	const struct rx_ops **rx;
	struct study_point *points;
	struct job_row *rows;
	size_t count;
};

static int resolve(struct run *run, struct err *err)
{
	const struct options *options = &run->options;

	if (options_machines(options, default_machine, &run->machines, err) < 0)
		return -1;
	if (run->machines.count != 1)
		return err_set(err, ERR_USAGE,
			       "run takes one machine, not %zu; compare takes "
			       "several",
			       run->machines.count);
	run->tx = options_tx(options, default_tx, err);
	if (!run->tx)
		return -1;
	run->rx = options_rx(options, default_rx, err);
	if (!run->rx)
		return -1;
	if (!run->tx[0] || run->tx[1] || !run->rx[0] || run->rx[1])
		return err_set(err, ERR_USAGE,
			       "run takes one --tx and one --rx; compare takes "
			       "several");
	return 0;
}

static int make_points(struct run *run, struct err *err)
{
	size_t i;

	run->count = run->options.replicates ? run->options.replicates : 1;
	run->points = calloc(run->count, sizeof(*run->points));
	run->rows = calloc(run->count, sizeof(*run->rows));
	if (!run->points || !run->rows)
		return err_nomem(err, "points");
	for (i = 0; i < run->count; i++)
		run->points[i] = (struct study_point){
			.cfg = run->machines.list[0].cfg,
			.machine = run->machines.list[0].name,
			.tx = run->tx[0],
			.rx = run->rx[0],
			.seed = run->options.seed,
			.replicate = (unsigned)i,
		};
	return 0;
}

/* What is watched is the first replicate. */
static int simulate(struct run *run, struct job *job, struct err *err)
{
	int rc;

	if (run_views_open(&run->views, &run->options, err) < 0)
		return -1;
	sandbox_enter(&(struct sandbox){
		.writes = { run->options.output, run->views.timeline_path,
			    run->views.frames_path,
			    run->views.annotate_path } });
	run->points[0].observers = run->views.list;
	job->must_run = true;
	rc = job_run(job, (const char *const *)run->options.args.items,
		     run->options.args.count, run->points, run->count,
		     run->rows, err);
	return run_views_close(&run->views, rc, err);
}

static int run_it(struct run *run, struct err *err)
{
	struct job job;
	int rc;

	if (resolve(run, err) < 0 || make_points(run, err) < 0 ||
	    options_check_output(&run->options, err) < 0 ||
	    job_init(&job, &run->options, run->machines.list[0].cfg, err) < 0)
		return -1;
	rc = simulate(run, &job, err);
	if (!rc)
		rc = job_write(&job, run_text_write, err);
	if (!rc)
		rc = job_status(&job);
	job_clear(&job);
	return rc;
}

int cmd_run(int argc, char **argv, struct err *err)
{
	struct run run = { .points = NULL };
	struct options_spec spec = run_spec;
	int rc;

	spec.own_input = &run.views;
	rc = options_parse(&run.options, &spec, argc, argv, err);

	if (rc)
		return rc < 0 ? -1 : 0;
	rc = run_it(&run, err);
	free(run.points);
	free(run.rows);
	free(run.tx);
	free(run.rx);
	options_machines_clear(&run.machines);
	options_clear(&run.options);
	return rc;
}
