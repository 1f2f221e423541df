/* SPDX-License-Identifier: Apache-2.0 */
/* From options to configurations and strategies: the rest of options.h. */
#include <stdlib.h>
#include <string.h>

#include "cmd/options.h"
#include "cmd/tables.h"

/* --- configurations --- */

static int apply_presets(const struct options *options, struct config *cfg,
			 const struct preset *machine, struct err *err)
{
	size_t i;

	if (machine)
		return config_apply(cfg, machine, err);
	for (i = 0; i < options->file_count; i++)
		if (ini_config_presets(options->files[i], cfg, &tables_lookup,
				       err) < 0)
			return -1;
	return 0;
}

static int apply_values(const struct options *options, struct config *cfg,
			struct err *err)
{
	size_t i;

	for (i = 0; i < options->file_count; i++)
		if (ini_config_values(options->files[i], cfg, &tables_lookup,
				      err) < 0)
			return -1;
	for (i = 0; i < options->set_count; i++) {
		const struct options_set *set = &options->sets[i];
		int result;

		if (set->key)
			result = config_set(cfg, set->key, set->text,
					    set->origin, err);
		else
			result = config_set_pair(cfg, set->text, set->origin,
						 err);
		if (result < 0)
			return err_wrap(err, "%s", set->origin);
	}
	return 0;
}

static struct config *make_config(const struct options *options,
				  const struct preset *machine, struct err *err)
{
	struct config *cfg = tables_config_with(options->params, err);

	if (cfg && apply_presets(options, cfg, machine, err) == 0 &&
	    apply_values(options, cfg, err) == 0)
		return cfg;
	config_free(cfg);
	return NULL;
}

static bool is_file(const char *name)
{
	size_t length = strlen(name);

	return length > 4 && strcmp(name + length - 4, ".ini") == 0;
}

/* The same, from a file given as a machine. */
static struct config *make_file_config(const struct options *options,
				       const char *path, struct err *err)
{
	struct ini_config *ini = ini_config_read(path, err);
	struct config *cfg =
		ini ? tables_config_with(options->params, err) : NULL;
	bool made = cfg &&
		    ini_config_presets(ini, cfg, &tables_lookup, err) == 0 &&
		    ini_config_values(ini, cfg, &tables_lookup, err) == 0 &&
		    apply_values(options, cfg, err) == 0;

	ini_config_free(ini);
	if (made)
		return cfg;
	config_free(cfg);
	return NULL;
}

/* A preset, or a file; @name becomes the preset's own. */
static struct config *make_named(const struct options *options,
				 const char **name, struct err *err)
{
	const struct preset *preset;

	if (is_file(*name))
		return make_file_config(options, *name, err);
	preset = options->hosts ? tables_find_preset(*name, err)
				: tables_find_machine(*name, err);
	if (!preset)
		return NULL;
	*name = preset->name;
	return make_config(options, preset, err);
}

int options_check_names(const struct options *options, struct err *err)
{
	static const char *const none[] = { NULL };
	struct options_machines machines;

	if (options_machines(options, none, &machines, err) < 0)
		return -1;
	options_machines_clear(&machines);
	return 0;
}

struct config *options_config(const struct options *options, struct err *err)
{
	if (options->machines.count && options_check_names(options, err) < 0)
		return NULL;
	return make_config(options, NULL, err);
}

static bool have_machine(const struct options_machines *machines,
			 const char *name)
{
	size_t i;

	for (i = 0; i < machines->count; i++)
		if (strcmp(machines->list[i].name, name) == 0)
			return true;
	return false;
}

static int add_machine(struct options_machines *machines,
		       const struct options *options, const char *name,
		       struct err *err)
{
	struct config *cfg = make_named(options, &name, err);

	if (!cfg)
		return -1;
	if (have_machine(machines, name))
		config_free(cfg);
	else
		machines->list[machines->count++] =
			(struct options_machine){ name, cfg };
	return 0;
}

/* The preset that the files agree on last; NULL: none names one. */
static const char *file_preset(const struct options *options)
{
	const char *name = NULL;
	size_t i;

	for (i = 0; i < options->file_count; i++) {
		const char *here = ini_config_preset(options->files[i]);

		if (here)
			name = here;
	}
	return name;
}

static int add_file_machine(struct options_machines *machines,
			    const struct options *options, const char *name,
			    struct err *err)
{
	struct config *cfg = make_config(options, NULL, err);

	if (!cfg)
		return -1;
	machines->list[machines->count++] =
		(struct options_machine){ name, cfg };
	return 0;
}

int options_machines(const struct options *options, const char *const *defaults,
		     struct options_machines *out, struct err *err)
{
	const char *const *names = defaults;
	const char *in_files = file_preset(options);
	size_t i, count = 0;
	int result = 0;

	if (options->machines.count)
		names = (const char *const *)options->machines.items;
	else if (in_files || !defaults[0])
		names = NULL;
	while (names && names[count])
		count++;
	*out = (struct options_machines){ NULL, 0 };
	out->list = calloc(count + 1, sizeof(*out->list));
	if (!out->list)
		return err_nomem(err, "machines");
	if (!names)
		result = add_file_machine(
			out, options, in_files ? in_files : "defaults", err);
	for (i = 0; i < count && result == 0; i++)
		result = add_machine(out, options, names[i], err);
	if (result < 0)
		options_machines_clear(out);
	return result;
}

void options_machines_clear(struct options_machines *machines)
{
	size_t i;

	for (i = 0; i < machines->count; i++)
		config_free(machines->list[i].cfg);
	free(machines->list);
	*machines = (struct options_machines){ NULL, 0 };
}

/* --- strategies --- */

/*
 * A name of the user must exist, one of the defaults need not.  "all" stands
 * for the whole registry.
 */
struct names {
	const char *const *list;
	bool must_exist;
};

static struct names names_of(const struct options_list *given,
			     const char *const *defaults)
{
	if (given->count)
		return (struct names){ (const char *const *)given->items,
				       true };
	return (struct names){ defaults, false };
}

static bool is_all(const char *name)
{
	return strcmp(name, "all") == 0;
}

static void add_tx(const struct tx_ops **list, const struct tx_ops *ops)
{
	while (*list && *list != ops)
		list++;
	*list = ops;
}

const struct tx_ops **options_tx(const struct options *options,
				 const char *const *defaults, struct err *err)
{
	struct names names = names_of(&options->tx, defaults);
	const struct tx_ops **list;
	const struct tx_ops *ops;
	size_t i, count = 0;

	while (tx_registry[count])
		count++;
	list = calloc(count + 1, sizeof(const struct tx_ops *));
	if (!list) {
		err_nomem(err, "transmit strategies");
		return NULL;
	}
	for (; *names.list; names.list++) {
		if (is_all(*names.list)) {
			for (i = 0; i < count; i++)
				add_tx(list, tx_registry[i]);
			continue;
		}
		ops = tx_ops_find(*names.list);
		if (ops) {
			add_tx(list, ops);
		} else if (names.must_exist) {
			tables_find_tx(*names.list, err);
			free(list);
			return NULL;
		}
	}
	return list;
}

static void add_rx(const struct rx_ops **list, const struct rx_ops *ops)
{
	while (*list && *list != ops)
		list++;
	*list = ops;
}

const struct rx_ops **options_rx(const struct options *options,
				 const char *const *defaults, struct err *err)
{
	struct names names = names_of(&options->rx, defaults);
	const struct rx_ops **list;
	const struct rx_ops *ops;
	size_t i, count = 0;

	while (rx_registry[count])
		count++;
	list = calloc(count + 1, sizeof(const struct rx_ops *));
	if (!list) {
		err_nomem(err, "receive strategies");
		return NULL;
	}
	for (; *names.list; names.list++) {
		if (is_all(*names.list)) {
			for (i = 0; i < count; i++)
				add_rx(list, rx_registry[i]);
			continue;
		}
		ops = rx_ops_find(*names.list);
		if (ops) {
			add_rx(list, ops);
		} else if (names.must_exist) {
			tables_find_rx(*names.list, err);
			free(list);
			return NULL;
		}
	}
	return list;
}
