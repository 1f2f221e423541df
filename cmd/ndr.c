/* SPDX-License-Identifier: Apache-2.0 */
/* dmasim ndr: the highest rate without loss, per strategy. */
#include "cmd/ndr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/sandbox.h"

#define REPLICATES     1
#define RESOLUTION_PPM 10000

static const char *const default_machines[] = { "gbe-32bit", "xge-64bit",
						"xge-strict", NULL };
static const char *const default_tx[] = { "ndis6-sg",	"ndis6-hybrid",
					  "ndis6-copy", "ndis5-sg",
					  "premapped",	NULL };
static const char *const default_rx[] = { "common-copy", NULL };

enum { KEY_SLO = 0x2000, KEY_RESOLUTION, KEY_FRAMES, KEY_WHATIF };

static const struct argp_option own_options[] = {
	{ .name = "slo",
	  .key = KEY_SLO,
	  .arg = "[tx.|rx.]QUANTILE=TIME",
	  .doc = "find the highest rate within a bound on latency too: "
		 "p99=50us" },
	{ .name = "resolution",
	  .key = KEY_RESOLUTION,
	  .arg = "SHARE",
	  .doc = "of the throughput (default 1%)" },
	{ .name = "whatif",
	  .key = KEY_WHATIF,
	  .doc = "say what each price and each resource, 10 % better, is "
		 "worth" },
	{ .name = "frames",
	  .key = KEY_FRAMES,
	  .arg = "COUNT",
	  .doc = "replay the first COUNT frames (default 60000)" },
	{ .name = NULL },
};

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	struct ndr *study = state->input;
	struct err err = ERR_INIT;
	uint64_t value;

	switch (key) {
	case KEY_SLO:
		if (slo_parse(&study->slo, arg, &err) < 0)
			return options_error(state, "--slo: %s", err.text);
		return 0;
	case KEY_RESOLUTION:
		if (units_parse(QTY_SHARE, arg, &value, &err) < 0)
			return options_error(state, "--resolution: %s",
					     err.text);
		if (value < 100 || value > 500000)
			return options_error(state,
					     "--resolution: from 0.01%% to "
					     "50%%");
		study->resolution_ppm = (uint32_t)value;
		return 0;
	case KEY_FRAMES:
		if (units_parse(QTY_COUNT, arg, &study->frames, &err) < 0)
			return options_error(state, "--frames: %s", err.text);
		if (study->frames < 2 || study->frames > 10000000)
			return options_error(state,
					     "--frames: from 2 to 10000000");
		return 0;
	case KEY_WHATIF:
		study->whatif = true;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp own_argp = { .options = own_options,
				      .parser = parse_own };

/* --- searching --- */

struct slo_state {
	const struct slo *slo;
	bool held;
};

static void read_slo(void *ctx, const struct run_result *run)
{
	struct slo_state *state = ctx;

	state->held = slo_held(state->slo, run);
}

static bool bound_held(void *ctx)
{
	return ((const struct slo_state *)ctx)->held;
}

struct trial ndr_trial(const struct ndr *study, const struct ndr_row *row,
		       const struct config *cfg)
{
	return (struct trial){ .cfg = cfg,
			       .tx = row->tx,
			       .rx = row->rx,
			       .seed = study->options.seed,
			       .frames = study->load.sample.frames,
			       .count = study->load.sample.count,
			       .layouts = &study->load.sample.layouts,
			       .wire_capture = study->load.sample.wire_capture,
			       .laps = 1 };
}

int ndr_search(const struct ndr *study, const struct ndr_row *row,
	       const struct slo *slo, uint32_t resolution_ppm,
	       uint64_t start_bps, const struct config *cfg,
	       struct capacity *out, struct err *err)
{
	struct slo_state state = { .slo = slo };
	struct trial trial = ndr_trial(study, row, cfg);
	const struct capacity_goal goal = {
		.replicates = study->replicates,
		.resolution_ppm = resolution_ppm,
		.held_only = true,
		.start_bps = start_bps,
		.step_ppm = start_bps ? 50000 : 0,
		.accepts = slo ? bound_held : NULL,
	};

	if (slo) {
		trial.read = read_slo;
		trial.ctx = &state;
	}
	return capacity_search(&trial, &goal, out, err);
}

/* Of the time in which frames came; work done after it makes no more than 1. */
static double utilisation_of(const struct result_resource *resource,
			     uint64_t duration_ps)
{
	double share;

	if (!resource->capacity || !duration_ps)
		return 0;
	share = (double)resource->busy_ps / (double)resource->capacity /
		(double)duration_ps;
	return share < 1 ? share : 1;
}

static void read_row(void *ctx, const struct run_result *run)
{
	struct ndr_row *row = ctx;
	const struct hist *tx =
		trial_metric(run, "tx.latency_wire_ps", METRIC_HIST);
	const struct hist *rx = trial_metric(run, "rx.latency_ps", METRIC_HIST);
	const uint64_t *duration =
		trial_metric(run, "run.duration_ps", METRIC_COUNTER);
	size_t i;

	for (i = 0; i < run->resource_count && i < NDR_RESOURCES_MAX; i++) {
		const struct result_resource *from = &run->resources[i];
		struct ndr_load *to = &row->loads[row->load_count++];

		snprintf(to->name, sizeof(to->name), "%s", from->name);
		to->wait_ps = from->wait_ps;
		to->utilisation = utilisation_of(from, *duration);
		if (to->utilisation > row->loads[row->bottleneck].utilisation)
			row->bottleneck = i;
	}
	row->tx_p50_ps = hist_quantile(tx, 500000);
	row->tx_p99_ps = hist_quantile(tx, 990000);
	row->rx_p50_ps = hist_quantile(rx, 500000);
	row->rx_p99_ps = hist_quantile(rx, 990000);
}

static int read_loads(const struct ndr *study, struct ndr_row *row,
		      struct err *err)
{
	struct trial trial = ndr_trial(study, row, row->machine->cfg);
	struct trial_result result;

	trial.read = read_row;
	trial.ctx = row;
	return trial_run(&trial, row->loss_free.speed, &result, err);
}

/* A burst meets another phase at a lower rate, and may overrun a ring there. */
static int look_below(const struct ndr *study, struct ndr_row *row,
		      struct err *err)
{
	static const unsigned char percents[] = { 99, 98, 96, 92 };
	const struct capacity_goal goal = { .held_only = true };
	const struct trial trial = ndr_trial(study, row, row->machine->cfg);
	bool holds;
	unsigned r;
	size_t i;

	for (i = 0; i < sizeof(percents); i++)
		for (r = 0; r < study->replicates; r++) {
			uint64_t rate = mul_div_u64(row->loss_free.rate_bps,
						    percents[i], 100);

			if (capacity_holds(&trial, &goal, r, rate, &holds,
					   err) < 0)
				return -1;
			if (!holds)
				row->lower_failing_bps = rate;
		}
	return 0;
}

static int search_piece(void *ctx, size_t index, struct err *err)
{
	struct ndr *study = ctx;
	struct ndr_row *row = &study->rows[index];
	const struct config *cfg = row->machine->cfg;

	if (trial_check_pair(row->machine->cfg, row->tx, row->rx, row->why,
			     sizeof(row->why), err) < 0)
		return -1;
	if (row->why[0])
		return 0;
	if (ndr_search(study, row, NULL, study->resolution_ppm, 0, cfg,
		       &row->loss_free, err) < 0 ||
	    (study->slo.bound_ps &&
	     ndr_search(study, row, &study->slo, study->resolution_ppm, 0, cfg,
			&row->within_slo, err) < 0) ||
	    (row->loss_free.found && look_below(study, row, err) < 0))
		return -1;
	if (cmd_interrupted)
		return 0;
	row->done = true;
	return row->loss_free.found ? read_loads(study, row, err) : 0;
}

static int search_all(struct ndr *study, struct err *err)
{
	const struct pieces pieces = { .count = study->count,
				       .work = search_piece,
				       .ctx = study,
				       .jobs = study->options.jobs,
				       .progress = &study->progress,
				       .phase = "trials" };
	size_t i;

	if (pieces_run(&pieces, err) < 0)
		return -1;
	study->partial = cmd_interrupted;
	for (i = 0; i < study->count; i++)
		if (!study->rows[i].why[0])
			return 0;
	return err_set(err, ERR_USAGE, "no pair of strategies can run: %s",
		       study->rows[0].why);
}

/* --- the command --- */

static int make_rows(struct ndr *study, struct err *err)
{
	size_t tx_count = 0, rx_count = 0, m, i, j;

	while (study->tx[tx_count])
		tx_count++;
	while (study->rx[rx_count])
		rx_count++;
	study->rows = calloc(study->machines.count * tx_count * rx_count,
			     sizeof(*study->rows));
	if (!study->rows)
		return err_nomem(err, "rows");
	for (m = 0; m < study->machines.count; m++)
		for (i = 0; i < tx_count; i++)
			for (j = 0; j < rx_count; j++) {
				struct ndr_row *row =
					&study->rows[study->count++];

				row->machine = &study->machines.list[m];
				row->tx = study->tx[i];
				row->rx = study->rx[j];
			}
	return 0;
}

static int resolve(struct ndr *study, struct err *err)
{
	const struct options *options = &study->options;

	if (options_machines(options, default_machines, &study->machines, err) <
	    0)
		return -1;
	study->tx = options_tx(options, default_tx, err);
	if (!study->tx)
		return -1;
	study->rx = options_rx(options, default_rx, err);
	if (!study->rx)
		return -1;
	study->replicates =
		options->replicates ? options->replicates : REPLICATES;
	return make_rows(study, err);
}

static int read_capture(struct ndr *study, struct err *err)
{
	const struct options *options = &study->options;
	const struct job talker = { .options = options };
	struct workload *load = &study->load;

	if (workload_read(load, (const char *const *)options->args.items,
			  options->args.count, study->machines.list[0].cfg,
			  study->frames, err) < 0)
		return -1;
	job_talk_of_trace(&talker, &load->info);
	if (!load->span_ps)
		return err_set(err, ERR_INPUT,
			       "'%s' has no duration, so it has no rate",
			       options->args.items[0]);
	study->rate_bps = mul_div_u64(load->bits, PS_PER_SEC, load->span_ps);
	return 0;
}

static int ndr_it(struct ndr *study, struct err *err)
{
	const struct options *options = &study->options;

	if (resolve(study, err) < 0 || options_check_output(options, err) < 0)
		return -1;
	sandbox_enter(&(struct sandbox){ .writes = { options->output } });
	if (read_capture(study, err) < 0)
		return -1;
	progress_init(&study->progress,
		      progress_wanted(options->progress, options->quiet));
	if (search_all(study, err) < 0 ||
	    (study->whatif && !study->partial && ndr_whatifs(study, err) < 0) ||
	    ndr_write(study, err) < 0)
		return -1;
	if (study->partial)
		return err_set(err, ERR_INTERRUPTED,
			       "interrupted; the result is partial");
	return 0;
}

static const struct options_spec ndr_spec = {
	.name = "ndr",
	.args = "CAPTURE...",
	.doc = "Find the highest rate without loss (RFC 2544's throughput) of "
	       "each --tx with each --rx, by replaying the capture faster and "
	       "slower, and what limits it there.",
	.example = "dmasim ndr -m xge-strict office.pcap.xz\n"
		   "dmasim ndr -m xge-64bit --slo p99=50us --whatif "
		   "office.pcap.xz",
	.groups = OPTIONS_ALL,
	.machines = default_machines,
	.args_min = 1,
	.args_max = SIZE_MAX,
	.own = &own_argp,
};

int cmd_ndr(int argc, char **argv, struct err *err)
{
	struct ndr study = { .resolution_ppm = RESOLUTION_PPM,
			     .frames = CAPACITY_FRAMES };
	struct options_spec spec = ndr_spec;
	size_t i;
	int rc;

	spec.own_input = &study;
	rc = options_parse(&study.options, &spec, argc, argv, err);
	if (rc)
		return rc < 0 ? -1 : 0;
	rc = ndr_it(&study, err);
	for (i = 0; i < study.count; i++)
		free(study.rows[i].whatifs);
	free(study.rows);
	workload_clear(&study.load);
	free(study.tx);
	free(study.rx);
	options_machines_clear(&study.machines);
	options_clear(&study.options);
	return rc;
}
