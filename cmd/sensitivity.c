/* SPDX-License-Identifier: Apache-2.0 */
/* dmasim sensitivity: which assumption an answer hangs on. */
#include "cmd/sensitivity.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"

#define FRAMES	     5000
#define TRAJECTORIES 10

static const char *const default_tx[] = { "ndis6-sg", "ndis6-hybrid",
					  "ndis6-copy", NULL };
static const char *const default_rx[] = { "common-copy", NULL };
static const struct question_defaults defaults = { question_machines,
						   default_tx, default_rx, 3 };

enum { KEY_OF = 0x2000, KEY_PARAM, KEY_TRAJECTORIES, KEY_FRAMES, KEY_REPORT };

static const struct argp_option own_options[] = {
	{ .name = "of",
	  .key = KEY_OF,
	  .arg = "FIGURE",
	  .doc = "difference (default), cycles, latency or capacity" },
	{ .name = "param",
	  .key = KEY_PARAM,
	  .arg = "KEY[=LOW..HIGH]",
	  .doc = "vary this, within its band or that range, instead of all "
		 "that is assumed; may be repeated" },
	{ .name = "trajectories",
	  .key = KEY_TRAJECTORIES,
	  .arg = "COUNT",
	  .doc = "of the screening by elementary effects (default 10; 0: "
		 "none)" },
	{ .name = "frames",
	  .key = KEY_FRAMES,
	  .arg = "COUNT",
	  .doc = "replay the first COUNT frames (default 5000)" },
	{ .name = "report",
	  .key = KEY_REPORT,
	  .arg = "DIR",
	  .doc = "draw a tornado into DIR, and put the result there" },
	{ .name = NULL },
};

static int parse_of(struct sensitivity *study, const struct argp_state *state,
		    const char *arg)
{
	int i;

	for (i = OF_DIFFERENCE; i <= OF_CAPACITY; i++)
		if (!strcmp(arg, sensitivity_figures[i].name)) {
			study->of = (enum sensitivity_figure)i;
			return 0;
		}
	return options_error(state,
			     "--of: '%s' is none of difference, cycles, "
			     "latency and capacity",
			     arg);
}

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	struct sensitivity *study = state->input;

	switch (key) {
	case KEY_OF:
		return parse_of(study, state, arg);
	case KEY_PARAM:
		if (study->given_count == SENSITIVITY_GIVEN_MAX)
			return options_error(state, "--param: too many");
		study->given[study->given_count++] = arg;
		return 0;
	case KEY_TRAJECTORIES:
		return question_parse_count(state, "--trajectories", arg, 0,
					    1000, &study->trajectories);
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

static int resolve(struct sensitivity *study, struct err *err)
{
	struct question *ask = &study->ask;
	size_t i;

	if (question_resolve(ask, &defaults, err) < 0)
		return -1;
	if (ask->rx[1])
		return err_set(err, ERR_USAGE, "--rx takes one strategy here");
	if (ask->replicates > SENSITIVITY_REPLICATES_MAX)
		return err_set(err, ERR_USAGE, "--replicates: at most %d here",
			       SENSITIVITY_REPLICATES_MAX);
	study->answers = calloc(ask->machines.count, sizeof(*study->answers));
	if (!study->answers)
		return err_nomem(err, "answers");
	for (i = 0; i < ask->machines.count; i++)
		study->answers[i].of = &ask->machines.list[i];
	return 0;
}

static int status_of(const struct sensitivity *study, struct err *err)
{
	size_t i;

	if (question_status(&study->ask, err) < 0)
		return -1;
	for (i = 0; i < study->ask.machines.count; i++)
		if (!study->answers[i].why[0])
			return 0;
	return err_set(err, ERR_USAGE, "machine '%s': %s",
		       study->answers[0].of->name, study->answers[0].why);
}

static int sensitivity_it(struct sensitivity *study, struct err *err)
{
	struct question *ask = &study->ask;

	if (resolve(study, err) < 0 || question_begin(ask, err) < 0 ||
	    question_read(ask, study->frames, err) < 0 ||
	    question_check_sends(ask, "transmit strategies are all the same",
				 err) < 0 ||
	    sensitivity_run(study, err) < 0 ||
	    sensitivity_write(study, err) < 0 ||
	    (ask->report && sensitivity_draw(study, err) < 0))
		return -1;
	return status_of(study, err);
}

static const struct options_spec sensitivity_spec = {
	.name = "sensitivity",
	.args = "CAPTURE...",
	.doc = "Tell which assumption the answer hangs on: every assumed "
	       "parameter is moved through its band, one at a time and in "
	       "random trajectories, and where the cheapest strategy changes "
	       "the value is found.",
	.example = "dmasim sensitivity -m xge-strict office.pcap.xz\n"
		   "dmasim sensitivity --of latency --param "
		   "nic.moderation=0us..200us office.pcap.xz",
	.groups = OPTIONS_ALL,
	.machines = question_machines,
	.args_min = 1,
	.args_max = SIZE_MAX,
	.own = &own_argp,
};

int cmd_sensitivity(int argc, char **argv, struct err *err)
{
	struct sensitivity study = { .frames = FRAMES,
				     .trajectories = TRAJECTORIES };
	int rc = question_parse(&study.ask, &sensitivity_spec, &study, argc,
				argv, err);
	size_t i;

	if (rc)
		return rc < 0 ? -1 : 0;
	rc = sensitivity_it(&study, err);
	for (i = 0; study.answers && i < study.ask.machines.count; i++)
		free(study.answers[i].factors);
	free(study.answers);
	question_clear(&study.ask);
	return rc;
}
