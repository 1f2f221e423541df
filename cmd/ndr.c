/* SPDX-License-Identifier: Apache-2.0 */
/* dmasim ndr: the highest rate without loss, per strategy. */
#include "cmd/ndr.h"

#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"

#define RESOLUTION_PPM 10000

static const char *const default_tx[] = { "ndis6-sg",	"ndis6-hybrid",
					  "ndis6-copy", "ndis5-sg",
					  "premapped",	NULL };
static const char *const default_rx[] = { "common-copy", NULL };
static const struct question_defaults defaults = { question_machines,
						   default_tx, default_rx, 1 };

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
		return question_parse_count(state, "--frames", arg, 2,
					    QUESTION_FRAMES_MAX,
					    &study->frames);
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
	return question_trial(&study->ask, cfg, row->of.tx, row->of.rx);
}

int ndr_search(const struct ndr *study, const struct ndr_row *row,
	       const struct slo *slo, uint32_t resolution_ppm,
	       uint64_t start_bps, const struct config *cfg,
	       struct capacity *out, struct err *err)
{
	struct slo_state state = { .slo = slo };
	struct trial trial = ndr_trial(study, row, cfg);
	const struct capacity_goal goal = {
		.replicates = study->ask.replicates,
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
	struct trial trial = ndr_trial(study, row, row->of.machine->cfg);
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
	const struct trial trial = ndr_trial(study, row, row->of.machine->cfg);
	bool holds;
	unsigned r;
	size_t i;

	for (i = 0; i < sizeof(percents); i++)
		for (r = 0; r < study->ask.replicates; r++) {
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
	const struct config *cfg = row->of.machine->cfg;

	if (question_check_row(&row->of, err) < 0)
		return -1;
	if (row->of.why[0])
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
	struct question *ask = &study->ask;
	size_t i;

	if (question_share(ask, "trials", ask->row_count, search_piece, study,
			   err) < 0)
		return -1;
	ask->partial = cmd_interrupted;
	for (i = 0; i < study->ask.row_count; i++)
		if (!study->rows[i].of.why[0])
			return 0;
	return err_set(err, ERR_USAGE, "no pair of strategies can run: %s",
		       study->rows[0].of.why);
}

/* --- the command --- */

static int make_rows(struct ndr *study, struct err *err)
{
	size_t i;

	study->rows = calloc(study->ask.row_count, sizeof(*study->rows));
	if (!study->rows)
		return err_nomem(err, "rows");
	for (i = 0; i < study->ask.row_count; i++)
		study->rows[i].of = question_row(&study->ask, i);
	return 0;
}

static int ndr_it(struct ndr *study, struct err *err)
{
	struct question *ask = &study->ask;

	if (question_resolve(ask, &defaults, err) < 0 ||
	    make_rows(study, err) < 0 || question_begin(ask, err) < 0 ||
	    question_read(ask, study->frames, err) < 0 ||
	    question_rate(ask, &study->rate_bps, err) < 0 ||
	    search_all(study, err) < 0 ||
	    (study->whatif && !ask->partial && ndr_whatifs(study, err) < 0) ||
	    ndr_write(study, err) < 0)
		return -1;
	return question_status(ask, err);
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
	.machines = question_machines,
	.args_min = 1,
	.args_max = SIZE_MAX,
	.own = &own_argp,
};

int cmd_ndr(int argc, char **argv, struct err *err)
{
	struct ndr study = { .resolution_ppm = RESOLUTION_PPM,
			     .frames = CAPACITY_FRAMES };
	int rc = question_parse(&study.ask, &ndr_spec, &study, argc, argv, err);
	size_t i;

	if (rc)
		return rc < 0 ? -1 : 0;
	rc = ndr_it(&study, err);
	for (i = 0; study.rows && i < study.ask.row_count; i++)
		free(study.rows[i].whatifs);
	free(study.rows);
	question_clear(&study.ask);
	return rc;
}
