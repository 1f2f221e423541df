/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Study files: a sweep written down.
 *
 *	[study]
 *	captures = office.pcap.xz, gen:imix,rate=5Gbps
 *	machines = gbe-32bit, xge-64bit
 *	tx = ndis6-sg, ndis6-copy
 *	replicates = 3
 *	zip = nic.tx_ring, nic.rx_ring
 *	constraint = nic.tx_ring >= 2 * nic.fetch_threshold
 *	[set]
 *	hal.sg_build = 400ns
 *	[axes]
 *	traffic.speed = 1..8 x 2
 *	[nic]
 *	tx_ring = 64..512 step 64
 *	rx_ring = 64..512 step 64
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/sweep.h"
#include "core/ini.h"
#include "core/suggest.h"

struct reading {
	struct sweep *sweep;
	const struct config *cfg;
	size_t sets; /* of the file, before those of the command line */
	/* What the command line says stays. */
	struct options_list captures, machines, tx, rx;
};

static const char *const study_keys[] = {
	"captures",   "machines",   "tx",  "rx",    "seed",
	"replicates", "constraint", "zip", "merge", NULL
};

static int add_item(struct options_list *list, const char *text,
		    struct err *err)
{
	char **items = realloc(list->items, (list->count + 2) * sizeof(*items));

	if (!items)
		return err_nomem(err, "study");
	list->items = items;
	items[list->count] = strdup(text);
	if (!items[list->count])
		return err_nomem(err, "study");
	items[++list->count] = NULL;
	return 0;
}

static int add_names(struct options_list *list, const char *text,
		     struct err *err)
{
	char *copy = strdup(text), *rest = copy, *item;
	int rc = copy ? 0 : err_nomem(err, "study");

	while (!rc && (item = strsep(&rest, ","))) {
		item += strspn(item, " \t");
		item[strcspn(item, " \t")] = '\0';
		rc = *item ? add_item(list, item, err)
			   : err_set(err, ERR_USAGE, "'%s' has an empty item",
				     text);
	}
	free(copy);
	return rc;
}

/* The first @head characters of @study, and @name. */
static int add_path(struct options_list *list, const char *study, size_t head,
		    const char *name, struct err *err)
{
	size_t size = head + strlen(name) + 1;
	char *path = malloc(size);
	int rc;

	if (!path)
		return err_nomem(err, "study");
	snprintf(path, size, "%.*s%s", (int)head, study, name);
	rc = add_item(list, path, err);
	free(path);
	return rc;
}

/*
 * Captures, relative to the study file.  A generator has commas of its own, so
 * it stands on a line by itself.
 */
static int add_captures(struct reading *reading, const char *text,
			struct err *err)
{
	struct options_list names = { .items = NULL };
	const char *study = reading->sweep->study;
	const char *slash = strrchr(study, '/');
	size_t head = slash ? (size_t)(slash - study) + 1 : 0;
	int rc;
	size_t i;

	if (!strncmp(text, "gen:", 4))
		return add_item(&reading->captures, text, err);
	rc = add_names(&names, text, err);
	for (i = 0; !rc && i < names.count; i++)
		rc = add_path(&reading->captures, study,
			      names.items[i][0] == '/' ? 0 : head,
			      names.items[i], err);
	options_list_clear(&names);
	return rc;
}

static int set_count(const char *key, const char *value, uint64_t *count,
		     struct err *err)
{
	if (units_parse(QTY_COUNT, value, count, err) < 0)
		return err_wrap(err, "%s", key);
	return 0;
}

static int read_count(struct reading *reading, const char *key,
		      const char *value, struct err *err)
{
	struct options *options = &reading->sweep->options;
	uint64_t count;

	if (set_count(key, value, &count, err) < 0)
		return -1;
	if (!strcmp(key, "seed")) {
		if (options->seed == 1)
			options->seed = count;
		return 0;
	}
	if (!count || count > 1000000)
		return err_set(err, ERR_USAGE,
			       "replicates: '%s' is not from 1 to 1000000",
			       value);
	if (!options->replicates)
		options->replicates = (unsigned)count;
	return 0;
}

static int unknown_key(const char *key, struct err *err)
{
	char hint[SUGGEST_HINT_MAX];
	struct suggest suggest;
	size_t i;

	suggest_init(&suggest, key);
	for (i = 0; study_keys[i]; i++)
		suggest_offer(&suggest, study_keys[i]);
	return err_set(err, ERR_USAGE, "[study] has no key '%s'%s", key,
		       suggest_hint(&suggest, hint, sizeof(hint)));
}

static int read_study(struct reading *reading, const char *key,
		      const char *value, struct err *err)
{
	struct sweep *sweep = reading->sweep;

	if (!strcmp(key, "captures"))
		return add_captures(reading, value, err);
	if (!strcmp(key, "machines"))
		return add_names(&reading->machines, value, err);
	if (!strcmp(key, "tx"))
		return add_names(&reading->tx, value, err);
	if (!strcmp(key, "rx"))
		return add_names(&reading->rx, value, err);
	if (!strcmp(key, "seed") || !strcmp(key, "replicates"))
		return read_count(reading, key, value, err);
	if (!strcmp(key, "constraint"))
		return add_item(&sweep->constraints, value, err);
	if (!strcmp(key, "zip"))
		return add_item(&sweep->zips, value, err);
	if (!strcmp(key, "merge")) {
		if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
			return err_set(err, ERR_USAGE,
				       "merge: '%s' is not yes or no", value);
		sweep->merge = sweep->merge || value[0] == 'y';
		return 0;
	}
	return unknown_key(key, err);
}

/* Before what the command line sets, so that that wins. */
static int read_set(struct reading *reading, const char *key, const char *value,
		    struct err *err)
{
	struct options *options = &reading->sweep->options;
	struct options_set *sets = realloc(
		options->sets, (options->set_count + 1) * sizeof(*sets));
	size_t size = strlen(key) + strlen(value) + 2;
	struct options_set *set;

	if (!sets)
		return err_nomem(err, "study");
	options->sets = sets;
	set = &sets[reading->sets];
	memmove(set + 1, set,
		(options->set_count - reading->sets) * sizeof(*sets));
	set->key = NULL;
	set->origin = reading->sweep->study;
	set->text = malloc(size);
	if (!set->text) {
		memmove(set, set + 1,
			(options->set_count - reading->sets) * sizeof(*sets));
		return err_nomem(err, "study");
	}
	snprintf(set->text, size, "%s=%s", key, value);
	reading->sets++;
	options->set_count++;
	return 0;
}

static int read_entry(void *user, const char *section, const char *key,
		      const char *value, unsigned line, struct err *err)
{
	struct reading *reading = user;
	struct axes *axes = &reading->sweep->axes;
	char full[2 * INI_LINE_MAX];

	(void)line;
	if (!key)
		return 0;
	if (!*section)
		return err_set(err, ERR_USAGE,
			       "'%s' stands before the first section; put it "
			       "under [study], [set] or [axes]",
			       key);
	if (!strcmp(section, "study"))
		return read_study(reading, key, value, err);
	if (!strcmp(section, "set"))
		return read_set(reading, key, value, err);
	if (!strcmp(section, "axes"))
		return axes_add_pair(axes, reading->cfg, key, value, err);
	snprintf(full, sizeof(full), "%s.%s", section, key);
	return axes_add_pair(axes, reading->cfg, full, value, err);
}

/* @from goes into @to unless that has something. */
static void hand_over(struct options_list *to, struct options_list *from)
{
	if (!to->count) {
		options_list_clear(to);
		*to = *from;
		*from = (struct options_list){ .items = NULL };
	}
	options_list_clear(from);
}

int study_file_read(struct sweep *sweep, const struct config *cfg,
		    struct err *err)
{
	struct reading reading = { .sweep = sweep, .cfg = cfg };
	int rc = ini_walk(sweep->study, read_entry, &reading, err);

	hand_over(&sweep->options.args, &reading.captures);
	hand_over(&sweep->options.machines, &reading.machines);
	hand_over(&sweep->options.tx, &reading.tx);
	hand_over(&sweep->options.rx, &reading.rx);
	return rc;
}
