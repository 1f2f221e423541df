/* SPDX-License-Identifier: Apache-2.0 */
/* dmasim size: the fewest of everything that meet a target. */
#include "cmd/size.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/report.h"
#include "cmd/sandbox.h"

#define REPLICATES 3
#define FRAMES	   20000

static const char *const default_machines[] = { "gbe-32bit", "xge-64bit",
						"xge-strict", NULL };
static const char *const default_tx[] = { "ndis6-sg", "ndis6-copy", NULL };
static const char *const default_rx[] = { "common-copy", "sg", NULL };

enum { KEY_LOSS = 0x2000, KEY_SLO, KEY_FRAMES, KEY_REPORT };

static const struct argp_option own_options[] = {
	{ .name = "loss",
	  .key = KEY_LOSS,
	  .arg = "SHARE",
	  .doc = "of the frames that may be lost (default 0)" },
	{ .name = "slo",
	  .key = KEY_SLO,
	  .arg = "[tx.|rx.]QUANTILE=TIME",
	  .doc = "bound on latency: p99=50us (default: none)" },
	{ .name = "frames",
	  .key = KEY_FRAMES,
	  .arg = "COUNT",
	  .doc = "replay the first COUNT frames (default 20000)" },
	{ .name = "report",
	  .key = KEY_REPORT,
	  .arg = "DIR",
	  .doc = "draw plots into DIR, and put the result there" },
	{ .name = NULL },
};

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	struct size *study = state->input;
	struct err err = ERR_INIT;
	uint64_t value;

	switch (key) {
	case KEY_LOSS:
		if (units_parse(QTY_SHARE, arg, &value, &err) < 0)
			return options_error(state, "--loss: %s", err.text);
		study->loss_ppm = (uint32_t)value;
		return 0;
	case KEY_SLO:
		if (slo_parse(&study->slo, arg, &err) < 0)
			return options_error(state, "--slo: %s", err.text);
		return 0;
	case KEY_FRAMES:
		if (units_parse(QTY_COUNT, arg, &study->frames, &err) < 0)
			return options_error(state, "--frames: %s", err.text);
		if (study->frames < 2 || study->frames > 10000000)
			return options_error(state,
					     "--frames: from 2 to 10000000");
		return 0;
	case KEY_REPORT:
		study->report = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp own_argp = { .options = own_options,
				      .parser = parse_own };

static int make_rows(struct size *study, struct err *err)
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
				struct size_row *row =
					&study->rows[study->count++];

				row->machine = &study->machines.list[m];
				row->tx = study->tx[i];
				row->rx = study->rx[j];
			}
	return 0;
}

static int resolve(struct size *study, struct err *err)
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

static int read_capture(struct size *study, struct err *err)
{
	const struct options *options = &study->options;
	const struct job talker = { .options = options };

	if (workload_read(&study->load,
			  (const char *const *)options->args.items,
			  options->args.count, study->machines.list[0].cfg,
			  study->frames, err) < 0)
		return -1;
	job_talk_of_trace(&talker, &study->load.info);
	return 0;
}

/* What the exit status says of the answers that were written. */
static int status_of(const struct size *study, struct err *err)
{
	const struct size_row *refused = NULL;
	bool some = false;
	size_t i;

	if (study->partial)
		return err_set(err, ERR_INTERRUPTED,
			       "interrupted; the result is partial");
	for (i = 0; i < study->count; i++) {
		some = some || study->rows[i].met;
		if (study->rows[i].why[0])
			refused = &study->rows[i];
	}
	if (some)
		return 0;
	if (refused && study->count == 1)
		return err_set(err, ERR_USAGE, "%s", refused->why);
	return err_set(err, ERR_CHECK,
		       "nothing meets the target, however large");
}

static int size_it(struct size *study, struct err *err)
{
	const struct options *options = &study->options;

	if (resolve(study, err) < 0 || options_check_output(options, err) < 0 ||
	    (study->report &&
	     report_check(study->report, options->force, err) < 0))
		return -1;
	sandbox_enter(
		&(struct sandbox){ .writes = { options->output, study->report },
				   .plots = study->report });
	if (read_capture(study, err) < 0)
		return -1;
	progress_init(&study->progress,
		      progress_wanted(options->progress, options->quiet));
	if (size_search(study, err) < 0 || size_write(study, err) < 0 ||
	    (study->report && size_draw(study, err) < 0))
		return -1;
	return status_of(study, err);
}

static const struct options_spec size_spec = {
	.name = "size",
	.args = "CAPTURE...",
	.doc = "Find the fewest map registers, descriptors, receive buffers "
	       "and common-buffer pages, and the longest interrupt moderation, "
	       "that meet a target of loss and latency, each alone and all "
	       "together, and say what runs dry with one fewer.",
	.example = "dmasim size -m gbe-32bit office.pcap.xz\n"
		   "dmasim size --slo p99=50us --loss 0.1% --tx ndis6-copy "
		   "office.pcap.xz",
	.groups = OPTIONS_ALL,
	.machines = default_machines,
	.args_min = 1,
	.args_max = SIZE_MAX,
	.own = &own_argp,
};

int cmd_size(int argc, char **argv, struct err *err)
{
	struct size study = { .frames = FRAMES, .slo = SLO_NONE };
	struct options_spec spec = size_spec;
	size_t i;
	int rc;

	spec.own_input = &study;
	rc = options_parse(&study.options, &spec, argc, argv, err);
	if (rc)
		return rc < 0 ? -1 : 0;
	rc = size_it(&study, err);
	for (i = 0; i < study.count; i++)
		size_row_clear(&study.rows[i]);
	free(study.rows);
	workload_clear(&study.load);
	free(study.tx);
	free(study.rx);
	options_machines_clear(&study.machines);
	options_clear(&study.options);
	return rc;
}
