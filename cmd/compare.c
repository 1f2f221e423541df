/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim compare: strategies side by side on identical arrivals.
 *
 * Rows: each transmit strategy with the first receive strategy, then each
 * receive strategy with the first transmit strategy; or the product.  After
 * the runs over the whole capture come the short runs on its first frames:
 * the capacity of every row, and per machine the assumed price that would
 * change the order of the two cheapest transmit strategies.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/capacity.h"
#include "cmd/cmd.h"
#include "cmd/compare.h"
#include "cmd/report.h"
#include "cmd/trial.h"
#include "reports/compare_text.h"
#include "reports/tree.h"
#include "traces/trace.h"

static const char *const default_tx[] = { "ndis6-sg",	"ndis6-hybrid",
					  "ndis6-copy", "ndis5-sg",
					  "premapped",	NULL };
static const char *const default_rx[] = { "common-copy", "copybreak", "sg",
					  "sg-premapped", NULL };
static const struct question_defaults defaults = { question_machines,
						   default_tx, default_rx, 3 };
/* Bounds nobody can choose: shown, never ranked. */
static const char *const floors[] = { "premapped", "mdl-walk", "null", NULL };

enum { KEY_CROSS = 0x2000, KEY_MERGE, KEY_REPORT, KEY_CAPACITY };

static const struct argp_option own_options[] = {
	{ .name = "cross",
	  .key = KEY_CROSS,
	  .doc = "every transmit strategy with every receive strategy" },
	{ .name = "merge",
	  .key = KEY_MERGE,
	  .doc = "merge the captures by time into one trace, instead of "
		 "comparing on each" },
	{ .name = "capacity-frames",
	  .key = KEY_CAPACITY,
	  .arg = "COUNT",
	  .doc = "find capacities on the first COUNT frames (default 60000); "
		 "0: not at all" },
	{ .name = "report",
	  .key = KEY_REPORT,
	  .arg = "DIR",
	  .doc = "draw plots into DIR, and put the results there" },
	{ .name = NULL },
};

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	struct compare *compare = state->input;
	struct err err = ERR_INIT;

	switch (key) {
	case KEY_CROSS:
		compare->cross = true;
		return 0;
	case KEY_MERGE:
		compare->merge = true;
		return 0;
	case KEY_REPORT:
		compare->ask.report = arg;
		return 0;
	case KEY_CAPACITY:
		if (units_parse(QTY_COUNT, arg, &compare->capacity_frames,
				&err) < 0)
			return options_error(state, "--capacity-frames: %s",
					     err.text);
		if (compare->capacity_frames > 10000000)
			return options_error(state, "--capacity-frames: at "
						    "most 10000000");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp own_argp = { .options = own_options,
				      .parser = parse_own };

static bool names_floor(const char *strategy)
{
	const char *const *name;

	for (name = floors; *name; name++)
		if (!strcmp(*name, strategy))
			return true;
	return false;
}

bool compare_is_floor(const struct tx_ops *tx, const struct rx_ops *rx)
{
	return names_floor(tx_ops_name(tx)) || names_floor(rx_ops_name(rx));
}

/* With whom the other side runs: the default, or the first that is ranked. */
static size_t tx_partner(const struct question *ask)
{
	size_t i, first = SIZE_MAX;

	for (i = 0; i < ask->tx_count; i++) {
		const char *name = tx_ops_name(ask->tx[i]);

		if (!strcmp(name, default_tx[0]))
			return i;
		if (first == SIZE_MAX && !names_floor(name))
			first = i;
	}
	return first == SIZE_MAX ? 0 : first;
}

static size_t rx_partner(const struct question *ask)
{
	size_t i, first = SIZE_MAX;

	for (i = 0; i < ask->rx_count; i++) {
		const char *name = rx_ops_name(ask->rx[i]);

		if (!strcmp(name, default_rx[0]))
			return i;
		if (first == SIZE_MAX && !names_floor(name))
			first = i;
	}
	return first == SIZE_MAX ? 0 : first;
}

static void add_pair(struct compare *compare, size_t tx, size_t rx)
{
	compare->pairs[compare->pair_count++] =
		(struct pair){ compare->ask.tx[tx], compare->ask.rx[rx] };
}

static int make_pairs(struct compare *compare, struct err *err)
{
	const struct question *ask = &compare->ask;
	size_t tx = tx_partner(ask), rx = rx_partner(ask), i, j;

	compare->pairs =
		calloc(ask->tx_count * ask->rx_count, sizeof(struct pair));
	if (!compare->pairs)
		return err_nomem(err, "pairs");
	for (i = 0; i < ask->tx_count; i++)
		for (j = 0; j < ask->rx_count; j++)
			if (j == rx || compare->cross)
				add_pair(compare, i, j);
	for (j = 0; j < ask->rx_count && !compare->cross; j++)
		if (j != rx)
			add_pair(compare, tx, j);
	return 0;
}

static int make_points(struct compare *compare, struct err *err)
{
	const struct question *ask = &compare->ask;
	size_t m, p, i = 0;
	unsigned r;

	compare->count =
		ask->machines.count * compare->pair_count * ask->replicates;
	compare->points = calloc(compare->count, sizeof(*compare->points));
	compare->rows = calloc(compare->count, sizeof(*compare->rows));
	if (!compare->points || !compare->rows)
		return err_nomem(err, "points");
	for (m = 0; m < ask->machines.count; m++)
		for (p = 0; p < compare->pair_count; p++)
			for (r = 0; r < ask->replicates; r++)
				compare->points[i++] = (struct study_point){
					.cfg = ask->machines.list[m].cfg,
					.machine = ask->machines.list[m].name,
					.tx = compare->pairs[p].tx,
					.rx = compare->pairs[p].rx,
					.seed = ask->options.seed,
					.replicate = r,
				};
	return 0;
}

static int resolve(struct compare *compare, struct err *err)
{
	if (question_resolve(&compare->ask, &defaults, err) < 0 ||
	    make_pairs(compare, err) < 0)
		return -1;
	return make_points(compare, err);
}

/* --- running --- */

static int set_floors(struct compare *compare, struct err *err)
{
	size_t i;

	for (i = 0; i < compare->count; i++) {
		if (compare->rows[i].run >= 0 &&
		    compare_is_floor(compare->points[i].tx,
				     compare->points[i].rx) &&
		    document_set_role(compare->job.doc, compare->rows[i].run,
				      "floor", err) < 0)
			return -1;
	}
	return 0;
}

/* A row that cannot run is a result; if none can, the command is wrong. */
static int check_some_ran(const struct compare *compare, struct err *err)
{
	size_t i;

	for (i = 0; i < compare->count; i++)
		if (compare->rows[i].ran)
			return 0;
	*err = compare->job.why;
	return err_wrap(err, "no pair of strategies can run");
}

/* The footer says so when capacities are those of a part of the capture. */
static int note_sample(struct compare *compare, const char *path,
		       struct err *err)
{
	const json_t *traces =
		json_object_get(document_tree(compare->job.doc), "traces");
	const json_t *trace =
		json_array_get(traces, (size_t)compare->job.trace);
	char text[512];

	if (compare->ask.load.sample.count >= tree_count(trace, "frames"))
		return 0;
	snprintf(text, sizeof(text), "capacity of the first %zu frames of %s",
		 compare->ask.load.sample.count, path);
	return document_add_note(compare->job.doc, NULL, text, err);
}

/* Everything over one trace. */
static int compare_trace(struct compare *compare, const char *const *paths,
			 size_t count, struct err *err)
{
	struct sample *sample = &compare->ask.load.sample;
	struct job *job = &compare->job;

	if (job_run(job, paths, count, compare->points, compare->count,
		    compare->rows, err) < 0 ||
	    check_some_ran(compare, err) < 0 || set_floors(compare, err) < 0)
		return -1;
	if (job->interrupted || !compare->capacity_frames)
		return 0;
	sample->count = trial_bounded(sample->frames, sample->count,
				      compare->capacity_frames);
	if (compare_capacities(compare, err) < 0 ||
	    note_sample(compare, count > 1 ? "the merged captures" : paths[0],
			err) < 0)
		return -1;
	return job->interrupted ? 0 : compare_flips(compare, err);
}

/*
 * Before long work on the first trace: can the others be read?  Not asked of
 * what can be read only once.
 */
static int check_traces(const struct compare *compare, const char *const *paths,
			size_t count, struct err *err)
{
	struct stat st;
	size_t i;

	for (i = 1; i < count; i++) {
		struct frame_source *source;

		if (stat(paths[i], &st) == 0 && !S_ISREG(st.st_mode))
			continue;
		if (strcmp(paths[i], "-") == 0)
			continue;
		source = trace_open(paths + i, 1,
				    compare->ask.machines.list[0].cfg, err);
		if (!source)
			return -1;
		frame_source_free(source);
	}
	return 0;
}

static int compare_traces(struct compare *compare, struct err *err)
{
	const char *const *paths =
		(const char *const *)compare->ask.options.args.items;
	size_t count = compare->ask.options.args.count, i;

	if (compare->merge)
		return compare_trace(compare, paths, count, err);
	if (check_traces(compare, paths, count, err) < 0)
		return -1;
	for (i = 0; i < count && !compare->job.interrupted; i++)
		if (compare_trace(compare, paths + i, 1, err) < 0)
			return -1;
	return 0;
}

static int compare_it(struct compare *compare, struct err *err)
{
	struct question *ask = &compare->ask;
	struct job *job = &compare->job;
	int rc;

	if (resolve(compare, err) < 0 || question_begin(ask, err) < 0 ||
	    job_init(job, &ask->options, ask->machines.list[0].cfg, err) < 0)
		return -1;
	ask->load.sample.room = compare->capacity_frames;
	job->sample = compare->capacity_frames ? &ask->load.sample : NULL;
	rc = compare_traces(compare, err);
	if (!rc)
		rc = job_write(job, compare_text_write, err);
	if (!rc && ask->report)
		rc = report_draw(job->doc, ask->report, &ask->options, err);
	if (!rc)
		rc = job_status(job);
	job_clear(job);
	return rc;
}

static const struct options_spec compare_spec = {
	.name = "compare",
	.args = "CAPTURE...",
	.doc = "Run transmit and receive strategies side by side on identical "
	       "arrivals and tell which suits: each --tx with the first --rx, "
	       "then each --rx with the first --tx.",
	.example = "dmasim compare office.pcap.xz\n"
		   "dmasim compare -m gbe-32bit --report plots office.pcap.xz",
	.groups = OPTIONS_ALL | OPTIONS_CHECK,
	.machines = question_machines,
	.args_min = 1,
	.args_max = SIZE_MAX,
	.own = &own_argp,
};

int cmd_compare(int argc, char **argv, struct err *err)
{
	struct compare compare = { .capacity_frames = CAPACITY_FRAMES };
	int rc = question_parse(&compare.ask, &compare_spec, &compare, argc,
				argv, err);

	if (rc)
		return rc < 0 ? -1 : 0;
	rc = compare_it(&compare, err);
	free(compare.points);
	free(compare.rows);
	free(compare.pairs);
	question_clear(&compare.ask);
	return rc;
}
