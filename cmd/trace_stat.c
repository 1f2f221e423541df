/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim trace stat: read a trace to its end and report.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/sandbox.h"
#include "cmd/trace.h"
#include "reports/tree.h"
#include "traces/trace.h"

#define BATCH 1024

enum { KEY_BURST_GAP = 1, KEY_SAVE_DIRECTION };

struct own {
	sim_time burst_gap;
	const char *save_direction; /* NULL: do not */
};

static const struct argp_option stat_options[] = {
	{ "burst-gap", KEY_BURST_GAP, "TIME", 0,
	  "a longer gap ends a burst; default 10us", 0 },
	{ "save-direction", KEY_SAVE_DIRECTION, "FILE", 0,
	  "write the local addresses, for --direction-file", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static error_t stat_parser(int key, char *arg, struct argp_state *state)
{
	struct own *own = state->input;
	struct err why = ERR_INIT;
	uint64_t value;

	if (key == KEY_SAVE_DIRECTION) {
		own->save_direction = arg;
		return 0;
	}
	if (key != KEY_BURST_GAP)
		return ARGP_ERR_UNKNOWN;
	if (units_parse(QTY_TIME, arg, &value, &why) < 0)
		return options_error(state, "--burst-gap: %s", why.text);
	if (value > SIM_TIME_MAX)
		return options_error(state, "--burst-gap: '%s' is too long",
				     arg);
	own->burst_gap = (sim_time)value;
	return 0;
}

static int read_all(struct frame_source *source, struct trace_stat *stat,
		    struct err *err)
{
	struct frame *batch = calloc(BATCH, sizeof(*batch));
	long n = 0;

	if (!batch)
		return err_nomem(err, "frames");
	while (!cmd_interrupted &&
	       (n = frame_source_read(source, batch, BATCH, err)) > 0)
		trace_stat_add(stat, batch, (size_t)n);
	free(batch);
	if (cmd_interrupted)
		return err_set(err, ERR_INTERRUPTED, "interrupted");
	return n < 0 ? -1 : 0;
}

static int write_report(const struct options *options,
			const struct trace_report *report, struct err *err)
{
	struct outfile out;
	int result = 0;

	if (options_open(options, &out, err) < 0)
		return -1;
	if (options->format == FORMAT_JSON) {
		json_t *tree = trace_report_json(report, err);

		result = tree ? tree_dump(tree, out.fp, "report of traces", err)
			      : -1;
		json_decref(tree);
	} else {
		result = trace_report_text(report, out.fp, err);
	}
	if (result == 0)
		return outfile_commit(&out, err);
	outfile_abort(&out);
	return -1;
}

/* Digests of the files; what can be read only once has none. */
static int digest_files(const struct trace_report *report, struct err *err)
{
	size_t i;

	for (i = 0; i < report->count; i++) {
		const char *path = report->paths[i];

		if (strcmp(path, "-") == 0 || strncmp(path, "gen:", 4) == 0)
			continue;
		if (trace_sha256(path, report->sha256[i], err) < 0)
			return -1;
	}
	return 0;
}

static int save_direction(const struct options *options, const char *path,
			  struct frame_source *source, struct err *err)
{
	struct outfile out;

	if (!path)
		return 0;
	if (outfile_open(&out, path, options->force, err) < 0)
		return -1;
	if (trace_save_direction(source, out.fp, err) == 0)
		return outfile_commit(&out, err);
	outfile_abort(&out);
	return -1;
}

static int stat_source(const struct options *options, const char *direction,
		       struct frame_source *source, struct trace_stat *stat,
		       struct trace_report *report, struct err *err)
{
	if (read_all(source, stat, err) < 0)
		return -1;
	trace_stat_finish(stat);
	report->info = trace_source_info(source);
	if (digest_files(report, err) < 0 ||
	    save_direction(options, direction, source, err) < 0)
		return -1;
	if (!options->quiet && strcmp(report->info->status, "complete") != 0)
		fprintf(stderr, "dmasim: warning: the capture is %s: %s\n",
			report->info->status, report->info->status_detail);
	return write_report(options, report, err);
}

static int stat_paths(const struct options *options, const struct own *own,
		      struct err *err)
{
	struct trace_stat stat;
	struct trace_report report = {
		.count = options->args.count,
		.paths = (const char *const *)options->args.items,
		.stat = &stat,
	};
	struct config *cfg = options_config(options, err);
	struct frame_source *source;
	int result = -1;

	if (!cfg || options_check_output(options, err) < 0 ||
	    (own->save_direction &&
	     outfile_check(own->save_direction, options->force, err) < 0)) {
		config_free(cfg);
		return -1;
	}
	sandbox_enter(&(struct sandbox){
		.writes = { options->output, own->save_direction } });
	report.sha256 = calloc(report.count, sizeof(*report.sha256));
	source = trace_open(report.paths, report.count, cfg, err);
	if (!report.sha256) {
		err_nomem(err, "digests");
	} else if (source && trace_stat_init(&stat, own->burst_gap, err) == 0) {
		result = stat_source(options, own->save_direction, source,
				     &stat, &report, err);
		trace_stat_clear(&stat);
	}
	frame_source_free(source);
	free(report.sha256);
	config_free(cfg);
	return result;
}

int cmd_trace_stat(int argc, char **argv, struct err *err)
{
	static const struct argp argp = { .options = stat_options,
					  .parser = stat_parser };
	struct own own = { .burst_gap = 10 * PS_PER_US };
	const struct options_spec spec = {
		.name = "trace stat",
		.args = "CAPTURE...",
		.doc = "Read a capture to its end as a run would and report "
		       "what is in it: link type, sizes, gaps, bursts, "
		       "direction with its evidence, anomalies. Several "
		       "captures are merged by time.",
		.example = "dmasim trace stat office.pcap.xz\n"
			   "dmasim trace stat --local 10.0.0.0/8 --format json "
			   "office.pcap.xz",
		.groups = OPTIONS_MACHINE | OPTIONS_TRAFFIC | OPTIONS_OUTPUT |
			  OPTIONS_FORMAT,
		.args_min = 1,
		.args_max = SIZE_MAX,
		.no_csv = true,
		.own = &argp,
		.own_input = &own,
	};
	struct options options;
	int result = options_parse(&options, &spec, argc, argv, err);

	if (result != 0)
		return result < 0 ? -1 : 0;
	result = stat_paths(&options, &own, err);
	options_clear(&options);
	return result;
}
