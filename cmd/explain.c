/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim explain: one frame's way, step by step.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/job.h"
#include "cmd/question.h"
#include "core/units.h"
#include "core/version.h"
#include "reports/way_out.h"
#include "traces/capture.h"
#include "traces/gen.h"
#include "traces/source.h"
#include "traces/trace.h"

static const char *const default_machine[] = { "xge-64bit", NULL };
static const char *const default_tx[] = { "ndis6-hybrid", NULL };
static const char *const default_rx[] = { "common-copy", NULL };
static const struct question_defaults defaults = { default_machine, default_tx,
						   default_rx, 1 };

struct explain {
	struct question ask;
	struct study_point *points;
	struct way_row *rows;
	struct err *whys; /* of rows that cannot run */
	uint64_t number;
	uint64_t frames; /* of the trace */
	atomic_int stop;
};

/* --- options --- */

enum { KEY_FRAME = 0x2200 };

static const struct argp_option own_options[] = {
	{ .name = "frame",
	  .key = KEY_FRAME,
	  .arg = "NUMBER",
	  .doc = "the frame, by the number of its record in the capture" },
	{ .name = NULL },
};

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	struct explain *explain = state->input;
	struct err err = ERR_INIT;

	if (key != KEY_FRAME)
		return ARGP_ERR_UNKNOWN;
	if (units_parse(QTY_COUNT, arg, &explain->number, &err) < 0)
		return options_error(state, "--frame: %s", err.text);
	if (!explain->number)
		return options_error(state, "--frame: records are numbered "
					    "from 1");
	return 0;
}

static const struct argp own_argp = { .options = own_options,
				      .parser = parse_own };

static const struct options_spec explain_spec = {
	.name = "explain",
	.args = "CAPTURE...",
	.doc = "Follow one frame through the machine: what took how long, what "
	       "it waited for and who held that, what was called for it. "
	       "Several machines and strategies stand side by side.",
	.example = "dmasim explain --frame 8 office.pcap.xz\n"
		   "dmasim explain --frame 8 -m gbe-32bit --tx "
		   "ndis6-sg,ndis6-copy office.pcap.xz",
	.groups = OPTIONS_ALL,
	.machines = default_machine,
	.args_min = 1,
	.args_max = SIZE_MAX,
	.no_csv = true,
	.own = &own_argp,
};

/* --- the rows --- */

static void set_row(struct explain *explain, size_t i)
{
	const struct question_row of = question_row(&explain->ask, i);
	struct way_row *row = &explain->rows[i];

	*row = (struct way_row){ .machine = of.machine->name,
				 .tx = tx_ops_name(of.tx),
				 .rx = rx_ops_name(of.rx) };
	way_init(&row->way, explain->number);
	explain->points[i] = (struct study_point){
		.cfg = of.machine->cfg,
		.machine = of.machine->name,
		.tx = of.tx,
		.rx = of.rx,
		.seed = explain->ask.options.seed,
		.observers = &row->way.base,
	};
}

static int make_rows(struct explain *explain, struct err *err)
{
	size_t count = explain->ask.row_count, i;

	explain->points = calloc(count, sizeof(*explain->points));
	explain->rows = calloc(count, sizeof(*explain->rows));
	explain->whys = calloc(count, sizeof(*explain->whys));
	if (!explain->points || !explain->rows || !explain->whys)
		return err_nomem(err, "rows");
	for (i = 0; i < count; i++)
		set_row(explain, i);
	return 0;
}

static int resolve(struct explain *explain, struct err *err)
{
	if (!explain->number)
		return err_set(err, ERR_USAGE,
			       "say which frame with --frame NUMBER");
	if (explain->ask.options.replicates > 1)
		return err_set(err, ERR_USAGE,
			       "explain follows a frame through one replicate");
	if (question_resolve(&explain->ask, &defaults, err) < 0)
		return -1;
	return make_rows(explain, err);
}

/* --- the run --- */

/* Between two batches, when no machine runs: is all known? */
static void look(void *ctx, uint64_t frames, size_t pass, size_t passes)
{
	struct explain *explain = ctx;
	bool over = true;
	size_t i;

	(void)pass;
	(void)passes;
	explain->frames = frames;
	for (i = 0; i < explain->ask.row_count && over; i++)
		over = way_is_over(&explain->rows[i].way);
	if (over || cmd_interrupted)
		explain->stop = 1;
}

static int emit(void *ctx, size_t index, const struct run_result *result,
		const struct err *why, struct err *err)
{
	struct explain *explain = ctx;

	(void)err;
	if (result)
		return 0;
	explain->whys[index] = *why;
	explain->rows[index].why = explain->whys[index].text;
	return 0;
}

static int simulate(struct explain *explain, struct err *err)
{
	const struct options *options = &explain->ask.options;
	const struct job talker = { .options = options };
	struct study study = {
		.points = explain->points,
		.count = explain->ask.row_count,
		/* A machine alone runs on while look() is called. */
		.jobs = explain->ask.row_count > 1 ? options->jobs : 1,
		.stop = &explain->stop,
		.progress = look,
		.progress_ctx = explain,
		.emit = emit,
		.ctx = explain,
	};
	struct frame_source *source =
		trace_open((const char *const *)options->args.items,
			   options->args.count, explain->points[0].cfg, err);
	int rc;

	if (!source)
		return -1;
	rc = study_run(&study, source, err);
	if (!rc && !study.interrupted)
		job_talk_of_trace(&talker, trace_source_info(source));
	frame_source_free(source);
	return rc;
}

/* --- the command --- */

/* Records of the capture, up to the one that is looked for. */
static uint64_t count_records(const struct explain *explain)
{
	struct err ignored = ERR_INIT;
	struct capture *capture =
		capture_open(explain->ask.options.args.items[0], &ignored);
	struct packet packet;
	uint64_t records = 0;

	if (!capture)
		return 0;
	while (records < explain->number && capture_next(capture, &packet))
		records++;
	capture_close(capture);
	return records;
}

/* The first of the parameters that leave frames out, or NULL. */
static const char *what_leaves_out(const struct config *cfg)
{
	static const char *const counts[] = { "traffic.from", "traffic.to",
					      "traffic.skip", "traffic.limit" };
	size_t i;

	if (*config_string(cfg, "traffic.filter"))
		return "traffic.filter";
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		if (config_u64(cfg, counts[i]))
			return counts[i];
	return NULL;
}

static int not_found(const struct explain *explain, struct err *err)
{
	const struct options_list *args = &explain->ask.options.args;
	const struct config *cfg = explain->points[0].cfg;
	const char *key = what_leaves_out(cfg);
	char text[CONFIG_TEXT_MAX];
	uint64_t records = 0;

	if (args->count == 1 && !gen_is_spec(args->items[0]) &&
	    strcmp(args->items[0], "-") != 0)
		records = count_records(explain);
	if (records && records < explain->number)
		return err_set(err, ERR_INPUT,
			       "'%s' has no record %" PRIu64
			       ": its last is %" PRIu64,
			       args->items[0], explain->number, records);
	if (key)
		return err_set(err, ERR_INPUT,
			       "frame %" PRIu64 " is not among the %" PRIu64
			       " that are simulated: left out by %s=%s",
			       explain->number, explain->frames, key,
			       config_text(cfg, key, text, sizeof(text)));
	return err_set(err, ERR_INPUT,
		       "frame %" PRIu64 " is not among the %" PRIu64
		       " that are simulated: it fits neither side or has no "
		       "usable length; see dmasim trace stat",
		       explain->number, explain->frames);
}

static int check_found(const struct explain *explain, struct err *err)
{
	const struct err *why = NULL;
	size_t i;

	if (cmd_interrupted)
		return err_set(err, ERR_INTERRUPTED,
			       "interrupted; there is no result");
	for (i = 0; i < explain->ask.row_count; i++) {
		if (explain->rows[i].way.head)
			return 0;
		if (explain->rows[i].why)
			why = &explain->whys[i];
	}
	if (why && explain->ask.row_count == 1) {
		*err = *why;
		return -1;
	}
	return not_found(explain, err);
}

static int write_rows(const struct explain *explain, struct err *err)
{
	static options_writer *const writers[] = {
		[FORMAT_TEXT] = way_text_write,
		[FORMAT_JSON] = way_json_write,
	};
	const struct way_rows rows = { .version = DMASIM_VERSION,
				       .number = explain->number,
				       .list = explain->rows,
				       .count = explain->ask.row_count };

	return options_write(&explain->ask.options, writers, &rows, err);
}

static int explain_it(struct explain *explain, struct err *err)
{
	if (resolve(explain, err) < 0 ||
	    question_begin(&explain->ask, err) < 0 ||
	    simulate(explain, err) < 0 || check_found(explain, err) < 0)
		return -1;
	return write_rows(explain, err);
}

int cmd_explain(int argc, char **argv, struct err *err)
{
	struct explain explain = { .number = 0 };
	int rc = question_parse(&explain.ask, &explain_spec, &explain, argc,
				argv, err);
	size_t i;

	if (rc)
		return rc < 0 ? -1 : 0;
	rc = explain_it(&explain, err);
	for (i = 0; explain.rows && i < explain.ask.row_count; i++)
		way_clear(&explain.rows[i].way);
	free(explain.rows);
	free(explain.points);
	free(explain.whys);
	question_clear(&explain.ask);
	return rc;
}
