/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of all folders, joined; and finding things in them by name, with
 * a suggestion for what is nearly a name.
 *
 * Find functions return NULL with ERR_USAGE; what they return lives forever.
 */
#ifndef CMD_TABLES_H
#define CMD_TABLES_H

#include <stddef.h>

#include "core/err.h"
#include "core/ini.h"
#include "core/param.h"
#include "models/machine.h"

/* Every parameter of dmasim at its default. NULL with ERR_IO. */
struct config *tables_config(struct err *err);
/* And those of @more, which may be NULL. */
struct config *tables_config_with(const struct param *more, struct err *err);

/* A machine, as -m takes it. */
const struct preset *tables_find_machine(const char *name, struct err *err);
/* A machine or a host. */
const struct preset *tables_find_preset(const char *name, struct err *err);
const struct tx_ops *tables_find_tx(const char *name, struct err *err);
const struct rx_ops *tables_find_rx(const char *name, struct err *err);
const struct metric *tables_find_metric(const char *name, struct err *err);
/* Into @info; -1 with the error. */
int tables_find_routine(const char *name, struct routine_info *info,
			struct err *err);

/* For configuration files. */
extern const struct ini_lookup tables_lookup;

#endif
