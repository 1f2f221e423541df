/* SPDX-License-Identifier: Apache-2.0 */
/* The fewest of everything that meet a target: a table per pair. */
#include <stdio.h>
#include <string.h>

#include "reports/text_value.h"
#include "reports/tree.h"
#include "reports/walk.h"

static void target_text(const json_t *root, char *buf, size_t size)
{
	const char *slo = tree_string(root, "slo", NULL);
	double loss = 0;

	tree_number(root, "loss", &loss);
	if (loss > 0)
		snprintf(buf, size, "loss up to %.6g %%%s%.100s", loss * 100,
			 slo ? " and " : "", slo ? slo : "");
	else
		snprintf(buf, size, "no loss%s%.100s", slo ? " and " : "",
			 slo ? slo : "");
}

static void add_heads(struct outline *o)
{
	outline_column(o, TABLE_LEFT, "resource", "");
	outline_column(o, TABLE_LEFT, "parameter", "");
	outline_column(o, TABLE_RIGHT, "needed", "together with the others");
	outline_column(o, TABLE_RIGHT, "alone", "the others as they were");
	outline_column(o, TABLE_RIGHT, "preset", "");
	outline_column(o, TABLE_RIGHT, "most used", "at the start");
	outline_column(o, TABLE_RIGHT, "fails at", "one step tighter");
	outline_column(o, TABLE_LEFT, "for", "what went wrong there");
	outline_column(o, TABLE_LEFT, "state", "");
}

static void add_resource(struct walk *walk, const json_t *resource)
{
	const char *unit = tree_string(resource, "unit", "");
	const json_t *trial = json_object_get(resource, "tighter_trial");
	struct outline *o = &walk->outline;

	outline_cell(o, tree_string(resource, "resource", "-"));
	outline_cell(o, tree_string(resource, "parameter", "-"));
	walk_number(walk, resource, "together", unit);
	walk_number(walk, resource, "alone", unit);
	walk_number(walk, resource, "preset", unit);
	walk_number(walk, resource, "peak", unit);
	walk_number(walk, resource, "tighter", unit);
	outline_cell(o, tree_string(trial, "reason", "-"));
	outline_cell(o, tree_string(resource, "state", "-"));
}

/* "hal.pool_cap 64, nic.tx_ring 24": what is needed together. */
static void needs_text(const json_t *row, char *buf, size_t size)
{
	const json_t *resource;
	const char *separator = "";
	size_t i;

	buf[0] = '\0';
	json_array_foreach(json_object_get(row, "resources"), i, resource) {
		char value[TEXT_VALUE_MAX];
		size_t used = strlen(buf);
		double needed;

		if (!tree_number(resource, "together", &needed))
			continue;
		text_number(tree_string(resource, "unit", ""), needed, value,
			    sizeof(value));
		snprintf(buf + used, size - used, "%s%.60s %s", separator,
			 tree_string(resource, "parameter", "-"), value);
		separator = ", ";
	}
}

static void add_row(struct walk *walk, const json_t *root, const json_t *row)
{
	const char *machine = tree_string(row, "machine", "-");
	const char *tx = tree_string(row, "tx", "-");
	const char *rx = tree_string(row, "rx", "-");
	const char *reason = tree_string(row, "reason", NULL);
	const json_t *resource, *base = json_object_get(row, "base");
	char target[160], needs[600];
	struct outline *o = &walk->outline;
	size_t i;

	target_text(root, target, sizeof(target));
	if (reason) {
		outline_prose(o, "%s, %s + %s cannot run: %s.", machine, tx, rx,
			      reason);
		return;
	}
	if (!json_is_true(json_object_get(row, "meets"))) {
		outline_headline(
			o,
			"%s: %s + %s does not keep to %s, however much "
			"there is: %s.",
			machine, tx, rx, target,
			tree_string(base, "reason", "-"));
		return;
	}
	needs_text(row, needs, sizeof(needs));
	outline_headline(o, "%s: %s + %s keeps to %s with %s.", machine, tx, rx,
			 target, needs[0] ? needs : "what it has");
	outline_table(o, "%s: %s + %s", machine, tx, rx);
	add_heads(o);
	json_array_foreach(json_object_get(row, "resources"), i, resource)
		add_resource(walk, resource);
}

int walk_size(struct walk *walk, const json_t *root, struct err *err)
{
	const json_t *row;
	char target[160];
	size_t i;

	(void)err;
	target_text(root, target, sizeof(target));
	outline_section(&walk->outline, 2, "Sizes, %s",
			walk_file_name(tree_string(root, "trace", "-")));
	outline_prose(&walk->outline,
		      "The fewest of every resource that keep to %s. One step "
		      "tighter was tried, and failed.",
		      target);
	json_array_foreach(json_object_get(root, "rows"), i, row)
		add_row(walk, root, row);
	walk_study_origin(walk, root);
	walk_study_configs(walk, json_object_get(root, "machines"));
	return 0;
}
