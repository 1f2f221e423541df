/* SPDX-License-Identifier: Apache-2.0 */
/* dmasim breakeven: the command line, and the answers machine by machine. */
#include "cmd/breakeven.h"

#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "cmd/tables.h"

#define FRAMES_MIN     100
#define FRAMES	       2000
#define CAPTURE_FRAMES 20000

static const char *const default_tx[] = { "ndis6-sg", "ndis6-copy", NULL };
static const char *const default_rx[] = { "common-copy", NULL };
static const struct question_defaults defaults = { question_machines,
						   default_tx, default_rx, 5 };

enum { KEY_PRICE = 0x2000, KEY_REPORT, KEY_FRAMES, KEY_CAPTURE, KEY_SIZES };

static const struct argp_option own_options[] = {
	{ .name = "price",
	  .key = KEY_PRICE,
	  .arg = "FILE",
	  .doc = "take prices that were measured: lines of "
		 "PARAMETER,VALUE[,INTERVAL] or an INI file" },
	{ .name = "sizes",
	  .key = KEY_SIZES,
	  .arg = "SIZE,...",
	  .doc = "look at these frame sizes first, smallest first, instead of "
		 "64B to 1514B" },
	{ .name = "frames",
	  .key = KEY_FRAMES,
	  .arg = "COUNT",
	  .doc = "frames of a run at one size (default 2000)" },
	{ .name = "capture-frames",
	  .key = KEY_CAPTURE,
	  .arg = "COUNT",
	  .doc = "find the threshold on the first COUNT frames (default "
		 "20000)" },
	{ .name = "report",
	  .key = KEY_REPORT,
	  .arg = "DIR",
	  .doc = "draw plots into DIR, and put the result there" },
	{ .name = NULL },
};

static int parse_sizes(struct breakeven *study, const struct argp_state *state,
		       const char *arg)
{
	struct options_list list = { NULL, 0 };
	struct err err = ERR_INIT;
	int rc = options_list_add(&list, arg);
	size_t i;

	study->size_count = 0;
	for (i = 0; i < list.count && !rc; i++) {
		uint64_t *size = &study->sizes[i];

		if (units_parse(QTY_BYTES, list.items[i], size, &err) < 0)
			rc = options_error(state, "--sizes: %s", err.text);
		else if (*size < 54 || *size > 65536 ||
			 (i && *size <= size[-1]))
			rc = options_error(state,
					   "--sizes: '%s': 54B to "
					   "65536B, each above the one "
					   "before",
					   list.items[i]);
		else if (++study->size_count > BREAKEVEN_SIZES_MAX - 1)
			rc = options_error(state, "--sizes: too many");
	}
	if (!rc && study->size_count < 2)
		rc = options_error(state, "--sizes: at least two");
	options_list_clear(&list);
	return rc;
}

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	struct breakeven *study = state->input;

	switch (key) {
	case KEY_PRICE:
		study->price_path = arg;
		return 0;
	case KEY_REPORT:
		study->ask.report = arg;
		return 0;
	case KEY_FRAMES:
		return question_parse_count(state, "--frames", arg, FRAMES_MIN,
					    QUESTION_FRAMES_MAX,
					    &study->frames);
	case KEY_CAPTURE:
		return question_parse_count(state, "--capture-frames", arg,
					    FRAMES_MIN, QUESTION_FRAMES_MAX,
					    &study->capture_frames);
	case KEY_SIZES:
		return parse_sizes(study, state, arg);
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp own_argp = { .options = own_options,
				      .parser = parse_own };

static int choose_strategies(struct breakeven *study, struct err *err)
{
	const struct tx_ops *const *tx = study->ask.tx;

	if (!tx[0] || !tx[1] || tx[2])
		return err_set(err, ERR_USAGE,
			       "--tx takes two strategies here, one that maps "
			       "and one that copies: ndis6-sg,ndis6-copy");
	if (study->ask.rx[1])
		return err_set(err, ERR_USAGE, "--rx takes one strategy here");
	study->mapped = tx[0];
	study->copied = tx[1];
	study->rx = study->ask.rx[0];
	study->hybrid = tables_find_tx("ndis6-hybrid", err);
	return study->hybrid ? 0 : -1;
}

static int apply_prices(struct breakeven *study, struct err *err)
{
	size_t i;

	if (!study->price_path)
		return 0;
	if (price_file_read(&study->prices, study->price_path, err) < 0)
		return -1;
	for (i = 0; i < study->ask.machines.count; i++)
		if (price_file_apply(&study->prices,
				     study->ask.machines.list[i].cfg, 0, 0,
				     err) < 0)
			return -1;
	return 0;
}

static int resolve(struct breakeven *study, struct err *err)
{
	struct question *ask = &study->ask;

	if (question_resolve(ask, &defaults, err) < 0 ||
	    choose_strategies(study, err) < 0 || apply_prices(study, err) < 0)
		return -1;
	if (ask->replicates < 2)
		return err_set(err, ERR_USAGE,
			       "--replicates: at least 2, for intervals");
	study->answers = calloc(ask->machines.count, sizeof(*study->answers));
	return study->answers ? 0 : err_nomem(err, "answers");
}

static int read_capture(struct breakeven *study, struct err *err)
{
	const struct workload *load = &study->ask.load;

	if (question_read(&study->ask, study->capture_frames, err) < 0 ||
	    question_check_sends(&study->ask, "none is mapped or copied", err) <
		    0 ||
	    question_rate(&study->ask, &study->rate_bps, err) < 0)
		return -1;
	study->tx_ppm =
		mul_div_u64(load->tx_frames, 1000000, load->sample.count);
	if (!study->rate_bps)
		study->rate_bps = 1;
	return 0;
}

/* Whether @tx can run on @cfg; else @why says why not. */
static int check_pair(const struct breakeven *study, const struct config *cfg,
		      const struct tx_ops *tx, char *why, size_t size,
		      struct err *err)
{
	if (why[0])
		return 0;
	return trial_check_pair(cfg, tx, study->rx, why, size, err);
}

static int answer_machine(const struct breakeven *study,
			  struct breakeven_machine *answer, struct err *err)
{
	const struct config *cfg = answer->of->cfg;

	if (check_pair(study, cfg, study->mapped, answer->why,
		       sizeof(answer->why), err) < 0 ||
	    check_pair(study, cfg, study->copied, answer->why,
		       sizeof(answer->why), err) < 0 ||
	    check_pair(study, cfg, study->hybrid, answer->no_thresholds,
		       sizeof(answer->no_thresholds), err) < 0)
		return -1;
	if (answer->why[0])
		return 0;
	/* Half an answer is none: its estimates need every run. */
	if (breakeven_size(study, cfg, &answer->sizes, err) < 0)
		return -1;
	answer->has_sizes = !cmd_interrupted;
	if (!answer->no_thresholds[0] && !cmd_interrupted &&
	    breakeven_threshold(study, cfg, &answer->thresholds, err) < 0)
		return -1;
	answer->has_thresholds = !answer->no_thresholds[0] && !cmd_interrupted;
	if (!cmd_interrupted &&
	    breakeven_price(study, cfg, &answer->prices, err) < 0)
		return -1;
	answer->has_prices = !cmd_interrupted;
	return 0;
}

static int answer_all(struct breakeven *study, struct err *err)
{
	bool some = false;
	size_t i;

	for (i = 0; i < study->ask.machines.count; i++) {
		struct breakeven_machine *answer = &study->answers[i];

		answer->of = &study->ask.machines.list[i];
		if (!cmd_interrupted && answer_machine(study, answer, err) < 0)
			return err_wrap(err, "machine '%s'", answer->of->name);
		some = some || !answer->why[0];
	}
	study->ask.partial = cmd_interrupted;
	if (some)
		return 0;
	return err_set(err, ERR_USAGE, "machine '%s': %s",
		       study->answers[0].of->name, study->answers[0].why);
}

static int breakeven_it(struct breakeven *study, struct err *err)
{
	struct question *ask = &study->ask;

	if (resolve(study, err) < 0 || question_begin(ask, err) < 0 ||
	    read_capture(study, err) < 0 || answer_all(study, err) < 0 ||
	    breakeven_write(study, err) < 0 ||
	    (ask->report && breakeven_draw(study, err) < 0))
		return -1;
	return question_status(ask, err);
}

static const struct options_spec breakeven_spec = {
	.name = "breakeven",
	.args = "CAPTURE...",
	.doc = "Tell from which frame size on mapping beats copying, which "
	       "threshold of a hybrid suits the capture, and by how much the "
	       "price of mapping would have to change for copying to win.",
	.example = "dmasim breakeven -m xge-strict office.pcap.xz\n"
		   "dmasim breakeven --price measured.csv --report plots "
		   "office.pcap.xz",
	.groups = OPTIONS_ALL,
	.machines = question_machines,
	.args_min = 1,
	.args_max = SIZE_MAX,
	.own = &own_argp,
};

int cmd_breakeven(int argc, char **argv, struct err *err)
{
	struct breakeven study = { .frames = FRAMES,
				   .capture_frames = CAPTURE_FRAMES };
	int rc = question_parse(&study.ask, &breakeven_spec, &study, argc, argv,
				err);

	if (rc)
		return rc < 0 ? -1 : 0;
	rc = breakeven_it(&study, err);
	free(study.answers);
	question_clear(&study.ask);
	return rc;
}
