/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim probe, between its files: probe.c has the command line, probe_run.c
 * the points, probe_out.c text, JSON and CSV.
 *
 * What a probe is asked are parameters of the command's own (probe.size and
 * so on), so that options, axes, files and ranges treat them like any other.
 * Each option of them is an axis, of one value or several; points are the
 * product, in the order in which the axes were given, the last one varying
 * fastest.
 *
 * A point's figures are a row of numbers under columns, whichever way they
 * were come by: simulated, or from closed forms (--analytic).
 */
#ifndef CMD_PROBE_H
#define CMD_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/axes.h"
#include "cmd/options.h"
#include "models/nic/pattern.h"
#include "models/probe.h"

#define PROBE_POINTS_MAX 65536

/* What has an option, and a column of the CSV. */
struct probe_setting {
	const char *option; /* without "--"; NULL ends the table */
	const char *key;
	const char *column;
	bool analytic; /* closed forms depend on it */
};

/* An option's values, or with key NULL the "KEY=VALUES" of an axis. */
struct probe_given {
	const char *key, *values;
};

extern const struct param probe_params[];
extern const struct probe_setting probe_settings[];

enum probe_form { PROBE_NUMBER, PROBE_PERCENT };

struct probe_column {
	const char *name;  /* with its unit */
	const char *title; /* in the text; NULL: not shown there */
	int digits;	   /* after the point, in the text */
	enum probe_form form;
};

struct probe_study {
	struct options options;
	struct axes axes;
	struct probe_given given[AXES_MAX];
	size_t given_count;
	bool analytic, as_published;
	const char *nic_name, *eth, *seed,
		*jobs;		       /* as typed; NULL: not given */
	const struct nic_pattern *nic; /* NULL: plain transfers */
	uint64_t eth_bps;	       /* 0: none */

	struct options_machines machines; /* one */
	size_t points;
	const struct probe_column *columns;
	size_t column_count;
	double *figures; /* [point * column_count + column]; NAN: has none */
	uint64_t *fingerprints;
	bool *done;
};

/* The configuration of a point, for the caller to free. */
struct config *probe_point(const struct probe_study *study, size_t point,
			   struct err *err);
/* Whether the values on an axis, several of them, are the setting's. */
const struct axis *probe_axis(const struct probe_study *study, const char *key);

/* Points that were finished: all, unless it was interrupted. */
size_t probe_done(const struct probe_study *study);

/* Check every point, then fill in the figures; columns are set first. */
int probe_run_points(struct probe_study *study, struct err *err);
/* To -o, in the --format asked for. */
int probe_write(const struct probe_study *study, struct err *err);

#endif
