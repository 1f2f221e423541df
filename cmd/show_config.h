/* SPDX-License-Identifier: Apache-2.0 */
/* --show-config: what a command would run with, and where it comes from. */
#ifndef CMD_SHOW_CONFIG_H
#define CMD_SHOW_CONFIG_H

#include "cmd/options.h"

/*
 * Print the configuration of every machine, @defaults as options_machines()
 * takes them: as a file that -c reads back, the origin of each value behind
 * it, or as JSON.
 */
int show_config(const struct options *options, const char *const *defaults,
		struct err *err);

#endif
