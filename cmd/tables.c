/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/tables.h"

#include <stdlib.h>
#include <string.h>

#include "core/suggest.h"
#include "traces/params.h"

/* --- parameters --- */

static size_t count_tx(void)
{
	size_t n = 0;

	while (tx_registry[n])
		n++;
	return n;
}

static size_t count_rx(void)
{
	size_t n = 0;

	while (rx_registry[n])
		n++;
	return n;
}

struct config *tables_config(struct err *err)
{
	return tables_config_with(NULL, err);
}

struct config *tables_config_with(const struct param *more, struct err *err)
{
	const struct param **tables;
	struct config *cfg;
	size_t i, n = 0;

	tables = calloc(count_tx() + count_rx() + 4,
			sizeof(const struct param *));
	if (!tables) {
		err_nomem(err, "parameter tables");
		return NULL;
	}
	tables[n++] = trace_params;
	tables[n++] = machine_params;
	for (i = 0; tx_registry[i]; i++)
		tables[n++] = tx_ops_params(tx_registry[i]);
	for (i = 0; rx_registry[i]; i++)
		tables[n++] = rx_ops_params(rx_registry[i]);
	tables[n++] = more;
	cfg = config_new(&(struct param_set){ tables }, err);
	free(tables);
	return cfg;
}

/* --- finding by name --- */

static void unknown(const char *what, const char *name,
		    const struct suggest *suggest, const char *listing,
		    struct err *err)
{
	char hint[SUGGEST_HINT_MAX];

	suggest_hint(suggest, hint, sizeof(hint));
	err_set(err, ERR_USAGE, "unknown %s '%s'%s%s%s", what, name, hint,
		suggest->best ? "" : "; see dmasim ",
		suggest->best ? "" : listing);
}

static const struct preset *find_preset(const char *name, const char *kind,
					struct err *err)
{
	struct suggest suggest;
	size_t i;

	suggest_init(&suggest, name);
	for (i = 0; preset_registry[i]; i++) {
		const struct preset *preset = preset_registry[i];

		if (kind && strcmp(preset->kind, kind) != 0) {
			if (strcmp(preset->name, name) != 0)
				continue;
			err_set(err, ERR_USAGE,
				"preset '%s' is a %s, not a %s; see dmasim "
				"presets",
				name, preset->kind, kind);
			return NULL;
		}
		if (strcmp(preset->name, name) == 0)
			return preset;
		suggest_offer(&suggest, preset->name);
	}
	unknown(kind ? kind : "preset", name, &suggest, "presets", err);
	return NULL;
}

const struct preset *tables_find_machine(const char *name, struct err *err)
{
	return find_preset(name, "machine", err);
}

const struct preset *tables_find_preset(const char *name, struct err *err)
{
	return find_preset(name, NULL, err);
}

static void offer_tx(struct suggest *suggest)
{
	size_t i;

	for (i = 0; tx_registry[i]; i++)
		suggest_offer(suggest, tx_ops_name(tx_registry[i]));
}

static void offer_rx(struct suggest *suggest)
{
	size_t i;

	for (i = 0; rx_registry[i]; i++)
		suggest_offer(suggest, rx_ops_name(rx_registry[i]));
}

const struct tx_ops *tables_find_tx(const char *name, struct err *err)
{
	const struct tx_ops *ops = tx_ops_find(name);
	struct suggest suggest;

	if (ops)
		return ops;
	if (rx_ops_find(name)) {
		err_set(err, ERR_USAGE, "'%s' is a receive strategy: use --rx",
			name);
		return NULL;
	}
	suggest_init(&suggest, name);
	offer_tx(&suggest);
	unknown("transmit strategy", name, &suggest, "strategies", err);
	return NULL;
}

const struct rx_ops *tables_find_rx(const char *name, struct err *err)
{
	const struct rx_ops *ops = rx_ops_find(name);
	struct suggest suggest;

	if (ops)
		return ops;
	if (tx_ops_find(name)) {
		err_set(err, ERR_USAGE, "'%s' is a transmit strategy: use --tx",
			name);
		return NULL;
	}
	suggest_init(&suggest, name);
	offer_rx(&suggest);
	unknown("receive strategy", name, &suggest, "strategies", err);
	return NULL;
}

const struct metric *tables_find_metric(const char *name, struct err *err)
{
	struct suggest suggest;
	const struct metric *row;

	suggest_init(&suggest, name);
	for (row = machine_metrics; row->name; row++) {
		if (strcmp(row->name, name) == 0)
			return row;
		suggest_offer(&suggest, row->name);
	}
	unknown("metric", name, &suggest, "metrics", err);
	return NULL;
}

int tables_find_routine(const char *name, struct routine_info *info,
			struct err *err)
{
	struct suggest suggest;
	size_t i;

	suggest_init(&suggest, name);
	for (i = 0; routine_row(i, info); i++) {
		if (strcmp(info->name, name) == 0)
			return 0;
		suggest_offer(&suggest, info->name);
	}
	unknown("routine", name, &suggest, "routines", err);
	return -1;
}

/* --- for configuration files --- */

static const struct param *strategy_params(const char *name, unsigned nth,
					   struct err *err)
{
	const struct tx_ops *tx = tx_ops_find(name);
	const struct rx_ops *rx = rx_ops_find(name);
	struct suggest suggest;

	if (tx && nth == 0)
		return tx_ops_params(tx);
	if (rx && nth == (tx ? 1 : 0))
		return rx_ops_params(rx);
	if (nth > 0)
		return NULL;
	suggest_init(&suggest, name);
	offer_tx(&suggest);
	offer_rx(&suggest);
	unknown("strategy", name, &suggest, "strategies", err);
	return NULL;
}

const struct ini_lookup tables_lookup = { .preset = tables_find_preset,
					  .strategy = strategy_params };
