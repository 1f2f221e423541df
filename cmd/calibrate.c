/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim calibrate: which job a table is for, and the options of all.
 */
#include "cmd/calibrate.h"

#include <limits.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/dma_samples.h"

enum {
	KEY_FROM = 0x2000,
	KEY_HOST,
	KEY_TIME,
	KEY_CLOCK,
	KEY_CPU,
	KEY_L1,
	KEY_L2,
	KEY_LLC,
	KEY_DRAM,
	KEY_REPLACE
};

static const struct argp_option own_options[] = {
	{ "from", KEY_FROM, "FILE", 0,
	  "fit this table instead of measuring; its columns say of what", 0 },
	{ "host", KEY_HOST, "NAME", 0,
	  "of a table of transfers, the rows of this host", 0 },
	{ "output", 'o', "FILE", 0,
	  "write the fitted parameters as a configuration file", 0 },
	{ "force", KEY_REPLACE, NULL, 0, "replace FILE if it exists", 0 },
	{ "time", KEY_TIME, "TIME", 0, "measure for about so long; default 10s",
	  0 },
	{ "clock", KEY_CLOCK, "FREQUENCY", 0,
	  "clock of the core; default: measured, with --from 3.3GHz", 0 },
	{ "cpu", KEY_CPU, "N", 0, "processor to measure on", 0 },
	{ "l1", KEY_L1, "SIZE", 0, "size of the L1 data cache", 0 },
	{ "l2", KEY_L2, "SIZE", 0, "size of the L2", 0 },
	{ "llc", KEY_LLC, "SIZE", 0, "size of the last-level cache", 0 },
	{ "dram", KEY_DRAM, "SIZE", 0,
	  "working set in memory; default four times the llc, at most 1 GiB",
	  0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

/* @text within its range into @value. */
static int parse_quantity(const struct argp_state *state, enum quantity qty,
			  const char *text, uint64_t low, uint64_t high,
			  uint64_t *value)
{
	char least[UNITS_TEXT_MAX], most[UNITS_TEXT_MAX];
	struct err err = ERR_INIT;

	if (units_parse(qty, text, value, &err) < 0)
		return options_error(state, "%s", err.text);
	if (*value >= low && *value <= high)
		return 0;
	return options_error(state, "'%s' is not in %s to %s", text,
			     units_format(qty, low, least, sizeof(least)),
			     units_format(qty, high, most, sizeof(most)));
}

#define SECOND_PS UINT64_C(1000000000000)

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	struct calibrate *calibrate = state->input;
	struct copy_measure *measure = &calibrate->measure;
	uint64_t processor;
	int result;

	switch (key) {
	case KEY_FROM:
		calibrate->from = arg;
		return 0;
	case KEY_HOST:
		calibrate->host = arg;
		return 0;
	case 'o':
		calibrate->preset = arg;
		return 0;
	case KEY_REPLACE:
		calibrate->force = true;
		return 0;
	case KEY_TIME:
		return parse_quantity(state, QTY_TIME, arg, SECOND_PS / 10,
				      3600 * SECOND_PS, &measure->time_ps);
	case KEY_CLOCK:
		return parse_quantity(state, QTY_FREQ, arg, 100000000,
				      10000000000, &measure->clock_hz);
	case KEY_CPU:
		result = parse_quantity(state, QTY_COUNT, arg, 0, INT_MAX,
					&processor);
		measure->processor = result == 0 ? (int)processor : -1;
		return result;
	case KEY_L1:
	case KEY_L2:
	case KEY_LLC:
	case KEY_DRAM: {
		uint64_t *const bytes[] = { &measure->l1_bytes,
					    &measure->l2_bytes,
					    &measure->llc_bytes,
					    &measure->dram_bytes };

		return parse_quantity(state, QTY_BYTES, arg, 4096,
				      UINT64_C(1) << 34, bytes[key - KEY_L1]);
	}
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp own_argp = { .options = own_options,
				      .parser = parse_own };

#define TABLES_MAX 64

static const struct options_spec spec_base = {
	.name = "calibrate",
	.doc = "Measure what copies cost on this machine, by size and by where "
	       "source and destination are cached; fit the prices of the model "
	       "to it, and write them as a configuration file for -c. With "
	       "--from, fit a table of measurements: of copies, or of DMA "
	       "transfers, for which further tables may follow and which give "
	       "a host for probe -m; its link, caches and device are those of "
	       "-m and -s.",
	.args = "[TABLE...]",
	.args_max = TABLES_MAX,
	.example = "dmasim calibrate -o host.ini\n"
		   "dmasim calibrate --from copies.csv --clock 4GHz\n"
		   "dmasim calibrate --from bw.csv lat.csv -o host.ini",
	.groups = OPTIONS_FORMAT | OPTIONS_MACHINE,
	.hosts = true,
	.own = &own_argp,
};

/* A job knows its tables by their columns. */
static const struct {
	const char *columns;
	bool (*known)(const struct csv_in *csv);
	int (*run)(const struct calibrate *calibrate, struct csv_in *csv,
		   struct err *err);
} jobs[] = {
	{ "residency, serialised, bytes, ns_median", copy_samples_known,
	  calibrate_copies },
	{ "op, size_B, gbps or mean_ns", dma_samples_known, calibrate_host },
};

#define JOBS (sizeof(jobs) / sizeof(jobs[0]))

static int fit_table(const struct calibrate *calibrate, struct err *err)
{
	struct csv_in *csv = csv_in_open(calibrate->from, err);
	int result;
	size_t i;

	if (!csv)
		return -1;
	for (i = 0; i < JOBS && !jobs[i].known(csv); i++)
		;
	if (i < JOBS)
		result = jobs[i].run(calibrate, csv, err);
	else
		result = csv_in_error(csv, err,
				      "no table that calibrate knows; the "
				      "columns of copies are %s; of "
				      "transfers %s",
				      jobs[0].columns, jobs[1].columns);
	csv_in_close(csv);
	return result;
}

int cmd_calibrate(int argc, char **argv, struct err *err)
{
	struct calibrate calibrate = {
		.measure = { .processor = -1, .time_ps = 10 * SECOND_PS },
	};
	struct options_spec spec = spec_base;
	int result;

	spec.own_input = &calibrate;
	result = options_parse(&calibrate.options, &spec, argc, argv, err);
	if (result != 0)
		return result < 0 ? -1 : 0;
	/* Not after ten seconds of measuring. */
	result = options_check_names(&calibrate.options, err);
	if (result == 0 && calibrate.options.args.count && !calibrate.from)
		result = err_set(err, ERR_USAGE,
				 "tables follow --from: dmasim calibrate "
				 "--from '%s'",
				 calibrate.options.args.items[0]);
	if (result == 0)
		result = calibrate.preset ? outfile_check(calibrate.preset,
							  calibrate.force, err)
					  : 0;
	if (result == 0)
		result = calibrate.from
				 ? fit_table(&calibrate, err)
				 : calibrate_copies(&calibrate, NULL, err);
	options_clear(&calibrate.options);
	return result;
}
