/* SPDX-License-Identifier: Apache-2.0 */
/* dmasim size: the fewest of everything that meet a target. */
#include "cmd/size.h"

#include <stdlib.h>

#include "cmd/cmd.h"

#define FRAMES 20000

static const char *const default_tx[] = { "ndis6-sg", "ndis6-copy", NULL };
static const char *const default_rx[] = { "common-copy", "sg", NULL };
static const struct question_defaults defaults = { question_machines,
						   default_tx, default_rx, 3 };

enum { KEY_LOSS = 0x2000, KEY_SLO, KEY_FRAMES, KEY_REPORT };

static const struct argp_option own_options[] = {
	{ .name = "loss",
	  .key = KEY_LOSS,
	  .arg = "SHARE",
	  .doc = "of the frames that may be lost (default 0)" },
	{ .name = "slo",
	  .key = KEY_SLO,
	  .arg = "[tx.|rx.]QUANTILE=TIME",
	  .doc = "bound on latency: p99=50us (default: none)" },
	{ .name = "frames",
	  .key = KEY_FRAMES,
	  .arg = "COUNT",
	  .doc = "replay the first COUNT frames (default 20000)" },
	{ .name = "report",
	  .key = KEY_REPORT,
	  .arg = "DIR",
	  .doc = "draw plots into DIR, and put the result there" },
	{ .name = NULL },
};

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	struct size *study = state->input;
	struct err err = ERR_INIT;
	uint64_t value;

	switch (key) {
	case KEY_LOSS:
		if (units_parse(QTY_SHARE, arg, &value, &err) < 0)
			return options_error(state, "--loss: %s", err.text);
		study->loss_ppm = (uint32_t)value;
		return 0;
	case KEY_SLO:
		if (slo_parse(&study->slo, arg, &err) < 0)
			return options_error(state, "--slo: %s", err.text);
		return 0;
	case KEY_FRAMES:
		return question_parse_count(state, "--frames", arg, 2,
					    QUESTION_FRAMES_MAX,
					    &study->frames);
	case KEY_REPORT:
		study->ask.report = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp own_argp = { .options = own_options,
				      .parser = parse_own };

static int make_rows(struct size *study, struct err *err)
{
	size_t i;

	study->rows = calloc(study->ask.row_count, sizeof(*study->rows));
	if (!study->rows)
		return err_nomem(err, "rows");
	for (i = 0; i < study->ask.row_count; i++)
		study->rows[i].of = question_row(&study->ask, i);
	return 0;
}

/* What the exit status says of the answers that were written. */
static int status_of(const struct size *study, struct err *err)
{
	const struct size_row *refused = NULL;
	bool some = false;
	size_t i;

	if (question_status(&study->ask, err) < 0)
		return -1;
	for (i = 0; i < study->ask.row_count; i++) {
		some = some || study->rows[i].met;
		if (study->rows[i].of.why[0])
			refused = &study->rows[i];
	}
	if (some)
		return 0;
	if (refused && study->ask.row_count == 1)
		return err_set(err, ERR_USAGE, "%s", refused->of.why);
	return err_set(err, ERR_CHECK,
		       "nothing meets the target, however large");
}

static int size_it(struct size *study, struct err *err)
{
	struct question *ask = &study->ask;

	if (question_resolve(ask, &defaults, err) < 0 ||
	    make_rows(study, err) < 0 || question_begin(ask, err) < 0 ||
	    question_read(ask, study->frames, err) < 0 ||
	    size_search(study, err) < 0 || size_write(study, err) < 0 ||
	    (ask->report && size_draw(study, err) < 0))
		return -1;
	return status_of(study, err);
}

static const struct options_spec size_spec = {
	.name = "size",
	.args = "CAPTURE...",
	.doc = "Find the fewest map registers, descriptors, receive buffers "
	       "and common-buffer pages, and the longest interrupt moderation, "
	       "that meet a target of loss and latency, each alone and all "
	       "together, and say what runs dry with one fewer.",
	.example = "dmasim size -m gbe-32bit office.pcap.xz\n"
		   "dmasim size --slo p99=50us --loss 0.1% --tx ndis6-copy "
		   "office.pcap.xz",
	.groups = OPTIONS_ALL,
	.machines = question_machines,
	.args_min = 1,
	.args_max = SIZE_MAX,
	.own = &own_argp,
};

int cmd_size(int argc, char **argv, struct err *err)
{
	struct size study = { .frames = FRAMES, .slo = SLO_NONE };
	int rc =
		question_parse(&study.ask, &size_spec, &study, argc, argv, err);
	size_t i;

	if (rc)
		return rc < 0 ? -1 : 0;
	rc = size_it(&study, err);
	for (i = 0; study.rows && i < study.ask.row_count; i++)
		size_row_clear(&study.rows[i]);
	free(study.rows);
	question_clear(&study.ask);
	return rc;
}
