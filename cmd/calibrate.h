/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim calibrate: jobs that fit parameters of a host, one file each.
 *
 * A job is chosen by the columns of the table given with --from; without a
 * table copies are measured.
 */
#ifndef CMD_CALIBRATE_H
#define CMD_CALIBRATE_H

#include "cmd/copy_measure.h"
#include "cmd/csv_in.h"
#include "cmd/options.h"

struct calibrate {
	struct options options;
	const char *from;   /* table to fit; NULL: measure */
	const char *host;   /* whose rows; NULL: all */
	const char *preset; /* file to write; NULL: none */
	bool force;
	struct copy_measure measure;
};

/* Fit @csv, or what is measured when it is NULL, and report it. */
int calibrate_copies(const struct calibrate *calibrate, struct csv_in *csv,
		     struct err *err);
/* Fit a host to @csv and the tables among the arguments. */
int calibrate_host(const struct calibrate *calibrate, struct csv_in *csv,
		   struct err *err);

#endif
