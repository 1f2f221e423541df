/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim probe: raw DMA against the machine model, or the closed forms of the
 * link under it.
 */
#include "cmd/probe.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/crew.h"
#include "cmd/tables.h"
#include "core/memfile.h"
#include "core/suggest.h"

static const char *const default_machine[] = { "hsw-2620v3", NULL };

/* In the order of enum probe_op and enum probe_cache. */
static const struct param_choice op_choices[] = {
	{ "rd", "the device reads host memory" },
	{ "wr", "it writes; over when the write left the device" },
	{ "rdwr", "reads and writes in turn; rates of each direction" },
	{ "wrrd", "a write, then a read of the same bytes" },
	{ NULL, NULL },
};

static const struct param_choice cache_choices[] = {
	{ "warm", "the CPU wrote the window, in order" },
	{ "cold", "the CPU then wrote more than the LLC elsewhere" },
	{ "devwarm", "the device wrote the window, in order" },
	{ NULL, NULL },
};

const struct param probe_params[] = {
	{ .key = "probe.op",
	  .type = PARAM_CHOICE,
	  .preset_default = "rd",
	  .choices = op_choices,
	  .help = "what the device does",
	  .source = "PB18" },
	{ .key = "probe.size",
	  .qty = QTY_BYTES,
	  .preset_default = "64B",
	  .min = 1,
	  .max = PROBE_SIZE_MAX,
	  .help = "bytes of a transfer",
	  .source = "PB18" },
	{ .key = "probe.window",
	  .qty = QTY_BYTES,
	  .preset_default = "8KiB",
	  .min = 1,
	  .max = PROBE_WINDOW_MAX,
	  .help = "memory that transfers are drawn from",
	  .source = "PB18" },
	{ .key = "probe.offset",
	  .qty = QTY_BYTES,
	  .preset_default = "0B",
	  .max = 4095,
	  .help = "where a transfer begins in its unit of the window",
	  .source = "PB18" },
	{ .key = "probe.cache",
	  .type = PARAM_CHOICE,
	  .preset_default = "warm",
	  .choices = cache_choices,
	  .help = "who touched the window before",
	  .source = "PB18" },
	{ .key = "probe.outstanding",
	  .qty = QTY_COUNT,
	  .unit = "transfers",
	  .preset_default = "1",
	  .min = 1,
	  .max = 65536,
	  .help = "transfers at a time",
	  .source = "PB18" },
	{ .key = "probe.count",
	  .qty = QTY_COUNT,
	  .unit = "transfers",
	  .preset_default = "100000",
	  .min = 1,
	  .max = 1000000000,
	  .help = "transfers measured, after a tenth to warm up",
	  .source = "design" },
	{ .key = NULL },
};

const struct probe_setting probe_settings[] = {
	{ "op", "probe.op", "op", false },
	{ "size", "probe.size", "size_bytes", true },
	{ "window", "probe.window", "window_bytes", false },
	{ "offset", "probe.offset", "offset_bytes", false },
	{ "cache", "probe.cache", "cache", false },
	{ "outstanding", "probe.outstanding", "outstanding", false },
	{ "pages", "iommu.page", "pages", false },
	{ "iommu", "iommu.mode", "iommu", false },
	{ "numa", "host.numa", "numa", false },
	{ "count", "probe.count", "count", false },
	{ NULL, NULL, NULL, false },
};

#define SETTINGS (sizeof(probe_settings) / sizeof(probe_settings[0]) - 1)

/* --- the command line --- */

enum {
	KEY_SETTING = 0x2000, /* and one for each of probe_settings */
	KEY_AXIS = KEY_SETTING + SETTINGS,
	KEY_SEED,
	KEY_ANALYTIC,
	KEY_NIC,
	KEY_AS_PUBLISHED,
	KEY_ETH
};

static const struct argp_option own_options[] = {
	{ .name = "op",
	  .key = KEY_SETTING,
	  .arg = "rd|wr|rdwr|wrrd",
	  .doc = "what the device does; default rd" },
	{ .name = "size",
	  .key = KEY_SETTING + 1,
	  .arg = "BYTES",
	  .doc = "of a transfer; default 64B" },
	{ .name = "window",
	  .key = KEY_SETTING + 2,
	  .arg = "BYTES",
	  .doc = "memory that transfers are drawn from; default 8KiB" },
	{ .name = "offset",
	  .key = KEY_SETTING + 3,
	  .arg = "BYTES",
	  .doc = "where a transfer begins in its unit; default 0" },
	{ .name = "cache",
	  .key = KEY_SETTING + 4,
	  .arg = "warm|cold|devwarm",
	  .doc = "who touched the window before; default warm, the CPU" },
	{ .name = "outstanding",
	  .key = KEY_SETTING + 5,
	  .arg = "N",
	  .doc = "transfers at a time; default 1" },
	{ .name = "pages",
	  .key = KEY_SETTING + 6,
	  .arg = "4KiB|2MiB|1GiB",
	  .doc = "pages that the IOMMU maps the window in" },
	{ .name = "iommu",
	  .key = KEY_SETTING + 7,
	  .arg = "off|on",
	  .doc = "translate addresses, or a mode of iommu.mode" },
	{ .name = "numa",
	  .key = KEY_SETTING + 8,
	  .arg = "local|remote",
	  .doc = "where the window is" },
	{ .name = "count",
	  .key = KEY_SETTING + 9,
	  .arg = "N",
	  .doc = "transfers measured, after a tenth to warm up; default "
		 "100000" },
	{ .name = "axis",
	  .key = KEY_AXIS,
	  .arg = "KEY=VALUES",
	  .doc = "vary a parameter, or seed: a,b,c or FIRST..LAST/STEP, "
		 "/xFACTOR, /nCOUNT, /logCOUNT; so may most of "
		 "the other options" },
	{ .name = "seed",
	  .key = KEY_SEED,
	  .arg = "N",
	  .doc = "of all random draws; default 1" },
	{ .name = "jobs",
	  .key = 'j',
	  .arg = "N",
	  .doc = "threads; results do not depend on it; default: all "
		 "processors" },
	{ .name = "analytic",
	  .key = KEY_ANALYTIC,
	  .doc = "closed forms of the link instead of a simulation" },
	{ .name = "nic",
	  .key = KEY_NIC,
	  .arg = "NAME",
	  .doc = "with --analytic: frames of --size through a NIC, simple, "
		 "niantic-kernel or niantic-pmd" },
	{ .name = "as-published",
	  .key = KEY_AS_PUBLISHED,
	  .doc = "with --nic: without the requests the published model "
		 "loses" },
	{ .name = "eth",
	  .key = KEY_ETH,
	  .arg = "RATE",
	  .doc = "with --nic: from which frame on the link keeps up with "
		 "such an Ethernet" },
	{ .name = NULL },
};

static int give(const struct argp_state *state, const char *key,
		const char *values)
{
	struct probe_study *study = state->input;

	if (study->given_count == AXES_MAX)
		return options_error(state, "more than %d axes", AXES_MAX);
	study->given[study->given_count++] =
		(struct probe_given){ key, values };
	return 0;
}

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	struct probe_study *study = state->input;

	if (key >= KEY_SETTING && key < KEY_AXIS)
		return give(state, probe_settings[key - KEY_SETTING].key, arg);
	switch (key) {
	case KEY_AXIS:
		return give(state, NULL, arg);
	case KEY_SEED:
		study->seed = arg;
		return 0;
	case 'j':
		study->jobs = arg;
		return 0;
	case KEY_ANALYTIC:
		study->analytic = true;
		return 0;
	case KEY_NIC:
		study->nic_name = arg;
		return 0;
	case KEY_AS_PUBLISHED:
		study->as_published = true;
		return 0;
	case KEY_ETH:
		study->eth = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp own_argp = { .options = own_options,
				      .parser = parse_own };

/* --- axes --- */

/* Modes of the IOMMU, "on" being strict. */
static char *modes_text(const char *values, struct err *err)
{
	char *text = NULL;
	size_t size;
	FILE *out = memfile_open(&text, &size);

	if (!out) {
		err_nomem(err, "--iommu");
		return NULL;
	}
	while (*values) {
		size_t length = strcspn(values, ",");

		if (length == 2 && !strncmp(values, "on", 2))
			fputs("strict", out);
		else
			fprintf(out, "%.*s", (int)length, values);
		values += length;
		if (*values)
			fputc(*values++, out);
	}
	if (!memfile_close(out, &text))
		err_nomem(err, "--iommu");
	return text;
}

static int add_given(struct probe_study *study, const struct config *cfg,
		     const struct probe_given *given, struct err *err)
{
	char *modes;
	int rc;

	if (!given->key)
		return axes_add(&study->axes, cfg, given->values, err);
	if (strcmp(given->key, "iommu.mode") != 0)
		return axes_add_pair(&study->axes, cfg, given->key,
				     given->values, err);
	modes = modes_text(given->values, err);
	if (!modes)
		return -1;
	rc = axes_add_pair(&study->axes, cfg, given->key, modes, err);
	free(modes);
	return rc;
}

/* What a probe has no use for. */
static int check_axis(const struct probe_study *study, const char *key,
		      struct err *err)
{
	const struct probe_setting *row;

	if (axis_is_special(key) && strcmp(key, "seed") != 0)
		return err_set(
			err, ERR_USAGE, "a probe has no axis '%s'%s", key,
			strcmp(key, "machine") ? "" : "; choose one by -m");
	if (!study->analytic)
		return 0;
	for (row = probe_settings; row->option; row++)
		if (!row->analytic && !strcmp(row->key, key))
			return err_set(err, ERR_USAGE,
				       "the closed forms do not depend on "
				       "'%s'; leave out --%s or --analytic",
				       key, row->option);
	return 0;
}

static int read_axes(struct probe_study *study, struct err *err)
{
	const struct config *cfg = study->machines.list[0].cfg;
	size_t i;

	for (i = 0; i < study->given_count; i++)
		if (add_given(study, cfg, &study->given[i], err) < 0)
			return -1;
	for (i = 0; i < study->axes.count; i++)
		if (check_axis(study, study->axes.list[i].key, err) < 0)
			return -1;
	if (axes_check_sets(&study->axes, &study->options, err) < 0 ||
	    axes_points(&study->axes, &study->points, err) < 0)
		return -1;
	if (study->points > PROBE_POINTS_MAX)
		return err_set(err, ERR_USAGE,
			       "the axes make %zu points; a probe takes at "
			       "most %d",
			       study->points, PROBE_POINTS_MAX);
	return 0;
}

const struct axis *probe_axis(const struct probe_study *study, const char *key)
{
	const struct axis *axis = axes_find(&study->axes, key);

	return axis && axis->count > 1 ? axis : NULL;
}

size_t probe_done(const struct probe_study *study)
{
	size_t point, done = 0;

	for (point = 0; point < study->points; point++)
		done += study->done[point];
	return done;
}

struct config *probe_point(const struct probe_study *study, size_t point,
			   struct err *err)
{
	struct config *cfg = config_copy(study->machines.list[0].cfg, err);
	size_t i;

	for (i = 0; cfg && i < study->axes.count; i++) {
		const char *key = study->axes.list[i].key;

		if (axis_is_special(key) ||
		    config_set(cfg, key, axes_value(&study->axes, i, point),
			       "axis", err) == 0)
			continue;
		config_free(cfg);
		return NULL;
	}
	return cfg;
}

/* --- resolving --- */

static int find_nic(struct probe_study *study, struct err *err)
{
	const struct nic_pattern *row;
	char hint[SUGGEST_HINT_MAX];
	struct suggest suggest;

	study->nic = nic_pattern_find(study->nic_name);
	if (study->nic)
		return 0;
	suggest_init(&suggest, study->nic_name);
	for (row = nic_patterns; row->name; row++)
		suggest_offer(&suggest, row->name);
	suggest_hint(&suggest, hint, sizeof(hint));
	return err_set(err, ERR_USAGE,
		       "--nic: '%s' is none of simple, "
		       "niantic-kernel, niantic-pmd%s",
		       study->nic_name, hint);
}

static int resolve_analytic(struct probe_study *study, struct err *err)
{
	if (study->nic_name && !study->analytic)
		return err_set(
			err, ERR_USAGE,
			"--nic is for closed forms: give --analytic too");
	if ((study->as_published || study->eth) && !study->nic_name)
		return err_set(err, ERR_USAGE,
			       "%s is for a NIC: give --nic too",
			       study->eth ? "--eth" : "--as-published");
	if (study->nic_name && find_nic(study, err) < 0)
		return -1;
	if (study->eth &&
	    units_parse(QTY_RATE, study->eth, &study->eth_bps, err) < 0)
		return err_wrap(err, "--eth");
	if (study->eth && !study->eth_bps)
		return err_set(err, ERR_USAGE,
			       "--eth: '%s' is no rate; write such as 40Gbps",
			       study->eth);
	return 0;
}

/* NULL: not given, @value stays. */
static int read_number(const char *option, const char *text, uint64_t low,
		       uint64_t high, uint64_t *value, struct err *err)
{
	if (!text)
		return 0;
	if (units_parse(QTY_COUNT, text, value, err) < 0)
		return err_wrap(err, "%s", option);
	if (*value < low || *value > high)
		return err_set(err, ERR_USAGE,
			       "%s: '%s' is out of range; permitted are "
			       "%" PRIu64 " to %" PRIu64,
			       option, text, low, high);
	return 0;
}

static int resolve_study(struct probe_study *study, struct err *err)
{
	uint64_t jobs = study->options.jobs;

	if (read_number("--seed", study->seed, 0, INT64_MAX,
			&study->options.seed, err) < 0 ||
	    read_number("-j", study->jobs, 1, CREW_JOBS_MAX, &jobs, err) < 0)
		return -1;
	study->options.jobs = (unsigned)jobs;
	if (study->seed && axes_find(&study->axes, "seed"))
		return err_set(err, ERR_USAGE,
			       "'seed' is an axis and set by --seed too; leave "
			       "one out");
	return 0;
}

static int probe_it(struct probe_study *study, struct err *err)
{
	const struct options *options = &study->options;
	size_t done;

	if (resolve_analytic(study, err) < 0 ||
	    options_machines(options, default_machine, &study->machines, err) <
		    0)
		return -1;
	if (study->machines.count != 1)
		return err_set(err, ERR_USAGE,
			       "probe takes one machine, not %zu",
			       study->machines.count);
	if (read_axes(study, err) < 0 || resolve_study(study, err) < 0 ||
	    options_check_output(options, err) < 0 ||
	    probe_run_points(study, err) < 0 || probe_write(study, err) < 0)
		return -1;
	done = probe_done(study);
	if (done == study->points)
		return 0;
	return err_set(err, ERR_INTERRUPTED,
		       "interrupted; %zu of %zu points were finished", done,
		       study->points);
}

static const struct options_spec probe_spec = {
	.name = "probe",
	.doc = "Raw DMA against the model of a machine, without frames or "
	       "drivers: rates, latencies, hits of caches. Most options "
	       "take several values, as a list or a range.",
	.example = "dmasim probe --op rd,wr --size 64B..2KiB/x2 "
		   "--outstanding 88\n"
		   "dmasim probe --window 4KiB..64MiB/x4 --cache warm,cold\n"
		   "dmasim probe --analytic --nic niantic-pmd --eth 40Gbps "
		   "--size 64B,512B,1518B -s pcie.generation=3",
	.groups = OPTIONS_MACHINE | OPTIONS_OUTPUT | OPTIONS_FORMAT,
	.machines = default_machine,
	.hosts = true,
	.params = probe_params,
	.own = &own_argp,
};

int cmd_probe(int argc, char **argv, struct err *err)
{
	struct probe_study study = { .seed = NULL };
	struct options_spec spec = probe_spec;
	int rc;

	spec.own_input = &study;
	rc = options_parse(&study.options, &spec, argc, argv, err);
	if (rc)
		return rc < 0 ? -1 : 0;
	rc = probe_it(&study, err);
	options_machines_clear(&study.machines);
	options_clear(&study.options);
	axes_clear(&study.axes);
	free(study.figures);
	free(study.fingerprints);
	free(study.done);
	return rc;
}
