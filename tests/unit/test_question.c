/* SPDX-License-Identifier: Apache-2.0 */
/* What commands are asked about: rows, frames, trials, what is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "cmd/cmd.h"
#include "cmd/question.h"

/* The program's own is in cmd/main.c. */
atomic_int cmd_interrupted;

static const char *const no_machine[] = { NULL };
static const char *const default_tx[] = { "ndis6-sg", "ndis6-copy", NULL };
static const char *const default_rx[] = { "common-copy", "sg", NULL };
static const struct question_defaults defaults = { no_machine, default_tx,
						   default_rx, 7 };
static const struct options_spec spec = { .name = "ask",
					  .args = "CAPTURE...",
					  .groups = OPTIONS_ALL,
					  .args_min = 1,
					  .args_max = SIZE_MAX };

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static void resolve(struct question *ask, int argc, const char *const *argv)
{
	char *words[16];
	struct err err = ERR_INIT;
	int i;

	*ask = (struct question){ .report = NULL };
	for (i = 0; i < argc; i++)
		words[i] = (char *)(uintptr_t)argv[i];
	words[argc] = NULL;
	if (question_parse(ask, &spec, NULL, argc, words, &err) ||
	    question_resolve(ask, &defaults, &err) < 0)
		fail_msg("%s", err.text);
}

static void ask_about(struct question *ask, const char *capture)
{
	const char *const argv[] = { "ask", "-q", capture };

	resolve(ask, COUNT(argv), argv);
}

/* Machine by machine, strategy to send by strategy to send. */
static void test_rows(void **state)
{
	static const char *const argv[] = { "ask",
					    "-m",
					    "xge-64bit,gbe-32bit",
					    "--tx",
					    "null,ndis6-copy,ndis6-sg",
					    "a.pcap" };
	static const struct {
		const char *machine, *pair;
	} rows[] = {
		{ "xge-64bit", "null + common-copy" },
		{ "xge-64bit", "null + sg" },
		{ "xge-64bit", "ndis6-copy + common-copy" },
		{ "xge-64bit", "ndis6-copy + sg" },
		{ "xge-64bit", "ndis6-sg + common-copy" },
		{ "xge-64bit", "ndis6-sg + sg" },
		{ "gbe-32bit", "null + common-copy" },
	};
	struct question ask;
	size_t i;

	(void)state;
	resolve(&ask, COUNT(argv), argv);
	assert_int_equal(ask.row_count, 12);
	assert_int_equal(ask.tx_count, 3);
	assert_int_equal(ask.rx_count, 2);
	assert_int_equal(ask.replicates, 7);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct question_row row = question_row(&ask, i);

		assert_string_equal(row.machine->name, rows[i].machine);
		assert_string_equal(row.pair, rows[i].pair);
		assert_string_equal(row.why, "");
	}
	question_clear(&ask);
}

static void test_row_that_cannot_run(void **state)
{
	static const char *const argv[] = { "ask",  "-m",	   "xge-64bit",
					    "--tx", "ndis4-slave", "a.pcap" };
	struct err err = ERR_INIT;
	struct question_row row;
	struct question ask;

	(void)state;
	resolve(&ask, COUNT(argv), argv);
	row = question_row(&ask, 0);
	assert_int_equal(question_check_row(&row, &err), 0);
	assert_string_not_equal(row.why, "");
	question_clear(&ask);
}

/* 50 frames of 1000 bytes a second: a rate of 400 kbit/s, but for the last. */
static void test_frames(void **state)
{
	struct err err = ERR_INIT;
	struct question ask;
	struct trial trial;
	uint64_t rate = 0;

	(void)state;
	ask_about(&ask, "gen:constant,rate=50pps,size=1000,frames=201");
	assert_int_equal(question_read(&ask, 101, &err), 0);
	assert_int_equal(ask.load.sample.count, 101);
	assert_int_equal(question_rate(&ask, &rate, &err), 0);
	assert_int_equal(rate, 404000);
	assert_int_equal(question_check_sends(&ask, "so", &err), 0);
	trial = question_trial(&ask, ask.machines.list[0].cfg, ask.tx[1],
			       ask.rx[0]);
	assert_int_equal(trial.count, 101);
	assert_int_equal(trial.laps, 1);
	assert_int_equal(trial.replicate, 0);
	assert_ptr_equal(trial.tx, ask.tx[1]);
	question_clear(&ask);
}

static void test_refused(void **state)
{
	struct err err = ERR_INIT;
	struct question ask;
	uint64_t rate;

	(void)state;
	ask_about(&ask, "gen:constant,rate=1kpps,tx=0%,frames=1");
	assert_int_equal(question_read(&ask, 10, &err), 0);
	assert_int_equal(question_rate(&ask, &rate, &err), -1);
	assert_int_equal(err.kind, ERR_INPUT);
	assert_int_equal(question_check_sends(&ask, "nothing is", &err), -1);
	assert_non_null(strstr(err.text, "no frame is sent, so nothing is"));
	question_clear(&ask);
}

static int add_index(void *ctx, size_t index, struct err *err)
{
	size_t *seen = ctx;

	(void)err;
	seen[index]++;
	return 0;
}

static void test_share(void **state)
{
	size_t seen[30] = { 0 }, i;
	struct err err = ERR_INIT;
	struct question ask;

	(void)state;
	ask_about(&ask, "a.pcap");
	assert_int_equal(
		question_share(&ask, "work", 30, add_index, seen, &err), 0);
	for (i = 0; i < 30; i++)
		assert_int_equal(seen[i], 1);
	question_clear(&ask);
}

/* Nothing was read: that is no fault of the capture. */
static void test_interrupted(void **state)
{
	struct err err = ERR_INIT;
	struct question ask;

	(void)state;
	ask_about(&ask, "gen:constant,rate=1kpps,frames=10");
	assert_int_equal(question_status(&ask, &err), 0);
	ask.partial = true;
	assert_int_equal(question_status(&ask, &err), -1);
	assert_int_equal(err.kind, ERR_INTERRUPTED);
	cmd_interrupted = 1;
	err = (struct err)ERR_INIT;
	assert_int_equal(question_read(&ask, 10, &err), -1);
	assert_int_equal(err.kind, ERR_INTERRUPTED);
	cmd_interrupted = 0;
	question_clear(&ask);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_row_that_cannot_run),
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_interrupted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
