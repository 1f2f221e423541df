/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sub-commands of dmasim.  One file each; main.c lists them in one table and
 * is the only place that turns an error into text and an exit status.
 *
 * A command gets argv[0] as its own name, prints data to standard output (or
 * its -o file) and talk to standard error, and returns the exit status (see
 * dmasim(1)) or -1 with an error, whose kind is the status.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <stdatomic.h>

#include "core/err.h"

/*
 * Not zero after SIGINT or SIGTERM: finish what is consistent, mark it partial,
 * return ERR_INTERRUPTED.  A second signal ends the process.
 */
extern atomic_int cmd_interrupted;

int cmd_compare(int argc, char **argv, struct err *err);
int cmd_breakeven(int argc, char **argv, struct err *err);
int cmd_ndr(int argc, char **argv, struct err *err);
int cmd_size(int argc, char **argv, struct err *err);
int cmd_explain(int argc, char **argv, struct err *err);
int cmd_sensitivity(int argc, char **argv, struct err *err);
int cmd_run(int argc, char **argv, struct err *err);
int cmd_sweep(int argc, char **argv, struct err *err);
int cmd_merge(int argc, char **argv, struct err *err);
int cmd_probe(int argc, char **argv, struct err *err);
int cmd_report(int argc, char **argv, struct err *err);
int cmd_diff(int argc, char **argv, struct err *err);
int cmd_trace(int argc, char **argv, struct err *err);
int cmd_params(int argc, char **argv, struct err *err);
int cmd_presets(int argc, char **argv, struct err *err);
int cmd_strategies(int argc, char **argv, struct err *err);
int cmd_metrics(int argc, char **argv, struct err *err);
int cmd_calibrate(int argc, char **argv, struct err *err);
int cmd_completion(int argc, char **argv, struct err *err);
int cmd_routines(int argc, char **argv, struct err *err);

#endif
