/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/question.h"

#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "cmd/job.h"
#include "cmd/report.h"
#include "cmd/sandbox.h"

const char *const question_machines[] = { "gbe-32bit", "xge-64bit",
					  "xge-strict", NULL };

int question_parse(struct question *ask, const struct options_spec *spec,
		   void *own, int argc, char **argv, struct err *err)
{
	struct options_spec with_input = *spec;

	with_input.own_input = own;
	return options_parse(&ask->options, &with_input, argc, argv, err);
}

int question_parse_count(const struct argp_state *state, const char *option,
			 const char *arg, uint64_t low, uint64_t high,
			 uint64_t *value)
{
	struct err err = ERR_INIT;

	if (units_parse(QTY_COUNT, arg, value, &err) < 0)
		return options_error(state, "%s: %s", option, err.text);
	if (*value < low || *value > high)
		return options_error(state, "%s: from %llu to %llu", option,
				     (unsigned long long)low,
				     (unsigned long long)high);
	return 0;
}

int question_resolve(struct question *ask,
		     const struct question_defaults *defaults, struct err *err)
{
	const struct options *options = &ask->options;

	if (options_machines(options, defaults->machines, &ask->machines, err) <
	    0)
		return -1;
	ask->tx = options_tx(options, defaults->tx, err);
	if (!ask->tx)
		return -1;
	ask->rx = options_rx(options, defaults->rx, err);
	if (!ask->rx)
		return -1;
	ask->replicates = options->replicates ? options->replicates
					      : defaults->replicates;
	while (ask->tx[ask->tx_count])
		ask->tx_count++;
	while (ask->rx[ask->rx_count])
		ask->rx_count++;
	ask->row_count = ask->machines.count * ask->tx_count * ask->rx_count;
	return 0;
}

int question_begin(struct question *ask, struct err *err)
{
	const struct options *options = &ask->options;

	if (options_check_output(options, err) < 0 ||
	    (ask->report && report_check(ask->report, options->force, err) < 0))
		return -1;
	sandbox_enter(
		&(struct sandbox){ .writes = { options->output, ask->report },
				   .plots = ask->report });
	progress_init(&ask->progress,
		      progress_wanted(options->progress, options->quiet));
	return 0;
}

int question_read(struct question *ask, size_t limit, struct err *err)
{
	const struct options_list *args = &ask->options.args;
	const struct job talker = { .options = &ask->options };

	if (workload_read(&ask->load, (const char *const *)args->items,
			  args->count, ask->machines.list[0].cfg, limit,
			  err) < 0)
		return -1;
	if (cmd_interrupted && !(ask->load.tx_frames && ask->load.span_ps))
		return err_set(err, ERR_INTERRUPTED,
			       "interrupted; there is no result");
	job_talk_of_trace(&talker, &ask->load.info);
	return 0;
}

void question_clear(struct question *ask)
{
	workload_clear(&ask->load);
	free(ask->tx);
	free(ask->rx);
	options_machines_clear(&ask->machines);
	options_clear(&ask->options);
}

int question_rate(const struct question *ask, uint64_t *rate_bps,
		  struct err *err)
{
	const struct workload *load = &ask->load;

	if (!load->span_ps)
		return err_set(err, ERR_INPUT,
			       "'%s' has no duration, so it has no rate",
			       ask->options.args.items[0]);
	*rate_bps = mul_div_u64(load->bits, PS_PER_SEC, load->span_ps);
	return 0;
}

int question_check_sends(const struct question *ask, const char *so,
			 struct err *err)
{
	if (ask->load.tx_frames)
		return 0;
	return err_set(err, ERR_INPUT,
		       "'%s': no frame is sent, so %s; say whose side it is "
		       "with --local",
		       ask->options.args.items[0], so);
}

struct question_row question_row(const struct question *ask, size_t index)
{
	size_t rx = ask->rx_count, pairs = ask->tx_count * rx;

	struct question_row row = { .machine =
					    &ask->machines.list[index / pairs],
				    .tx = ask->tx[index % pairs / rx],
				    .rx = ask->rx[index % rx] };

	snprintf(row.pair, sizeof(row.pair), "%s + %s", tx_ops_name(row.tx),
		 rx_ops_name(row.rx));
	return row;
}

int question_check_row(struct question_row *row, struct err *err)
{
	return trial_check_pair(row->machine->cfg, row->tx, row->rx, row->why,
				sizeof(row->why), err);
}

struct trial question_trial(const struct question *ask,
			    const struct config *cfg, const struct tx_ops *tx,
			    const struct rx_ops *rx)
{
	const struct sample *sample = &ask->load.sample;

	return (struct trial){ .cfg = cfg,
			       .tx = tx,
			       .rx = rx,
			       .seed = ask->options.seed,
			       .frames = sample->frames,
			       .count = sample->count,
			       .layouts = &sample->layouts,
			       .wire_capture = sample->wire_capture,
			       .laps = 1 };
}

int question_share(const struct question *ask, const char *phase, size_t count,
		   int (*work)(void *ctx, size_t index, struct err *err),
		   void *ctx, struct err *err)
{
	struct progress progress = ask->progress;
	const struct pieces pieces = { .count = count,
				       .work = work,
				       .ctx = ctx,
				       .jobs = ask->options.jobs,
				       .progress = &progress,
				       .phase = phase };

	return pieces_run(&pieces, err);
}

int question_status(const struct question *ask, struct err *err)
{
	return ask->partial ? err_set(err, ERR_INTERRUPTED,
				      "interrupted; the result is partial")
			    : 0;
}
