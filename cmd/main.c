/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim: the program.  Picks the command, turns its error into a line on
 * stderr and an exit status.  The locale stays "C".
 */
#include <archive.h>
#include <errno.h>
#include <jansson.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/complete.h"
#include "cmd/help.h"
#include "cmd/snapshot.h"
#include "core/suggest.h"
#include "core/version.h"

#define SAME_SIGNAL_MS 100

struct command {
	const char *name; /* NULL ends the table */
	const char *summary;
	const char *example;
	int (*run)(int argc, char **argv, struct err *err);
};

static const struct command commands[] = {
	{ "compare", "strategies side by side on identical arrivals",
	  "dmasim compare office.pcap.xz", cmd_compare },
	{ "run", "one machine, one pair of strategies, in full",
	  "dmasim run -m xge-64bit office.pcap.xz", cmd_run },
	{ "breakeven",
	  "from which size mapping beats copying, and at what price",
	  "dmasim breakeven -m xge-strict office.pcap.xz", cmd_breakeven },
	{ "ndr", "highest rate without loss, per strategy, and what limits it",
	  "dmasim ndr -m xge-strict office.pcap.xz", cmd_ndr },
	{ "size", "fewest registers, descriptors, buffers that meet a target",
	  "dmasim size -m gbe-32bit --slo p99=500us office.pcap.xz", cmd_size },
	{ "explain", "one frame's way, step by step",
	  "dmasim explain --frame 8 office.pcap.xz", cmd_explain },
	{ "sensitivity", "which assumption the answer hangs on",
	  "dmasim sensitivity -m xge-strict office.pcap.xz", cmd_sensitivity },
	{ "sweep", "parameter studies over one or several axes",
	  "dmasim sweep --axis nic.tx_ring=64,256,1024 office.pcap.xz",
	  cmd_sweep },
	{ "merge", "join the shards of a study, or the windows of a trace",
	  "dmasim merge part1 part2 -o study", cmd_merge },
	{ "calibrate", "measure what copies cost here, fit a host to it",
	  "dmasim calibrate -o host.ini", cmd_calibrate },
	{ "probe", "raw DMA against the machine model, without a capture",
	  "dmasim probe --op rd,wr --size 64B..2KiB/x2", cmd_probe },
	{ "report", "tables and plots of stored results",
	  "dmasim report result.json -o plots", cmd_report },
	{ "diff", "two results, or frames as simulated and as measured",
	  "dmasim diff before.json after.json", cmd_diff },
	{ "trace", "look at, make and rewrite captures",
	  "dmasim trace stat office.pcap.xz", cmd_trace },
	{ "params", "parameters: units, defaults, ranges, sources",
	  "dmasim params nic.tx_ring", cmd_params },
	{ "presets", "machines and hosts that are built in",
	  "dmasim presets xge-64bit", cmd_presets },
	{ "strategies", "ways for frames to cross the DMA boundary",
	  "dmasim strategies ndis6-hybrid", cmd_strategies },
	{ "metrics", "what a run measures", "dmasim metrics rx.latency_ps",
	  cmd_metrics },
	{ "routines", "driver and system routines with their prices",
	  "dmasim routines", cmd_routines },
	{ "completion", "lines for a shell's start-up file that complete words",
	  "dmasim completion bash", cmd_completion },
	{ NULL, NULL, NULL, NULL },
};

static void on_ask(int number)
{
	(void)number;
	snapshot_wanted = 1;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/*
 * Whoever signals a process and then its group, as timeout(1) does, means one
 * signal.
 */
static void on_signal(int number)
{
	static volatile int64_t first;
	int64_t now = now_ms();

	if (!cmd_interrupted) {
		first = now;
		cmd_interrupted = 1;
	} else if (now - first >= SAME_SIGNAL_MS) {
		signal(number, SIG_DFL);
		raise(number);
	}
}

/*
 * A first SIGINT asks the command to stop, a later one ends the process;
 * SIGUSR1 asks how far it is. Writing to a closed pipe or beyond the largest
 * file allowed is an error of that write, not our death.
 */
static void set_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct sigaction ask = { .sa_handler = on_ask, .sa_flags = SA_RESTART };

	sigemptyset(&action.sa_mask);
	sigemptyset(&ask.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGUSR1, &ask, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

static const struct command *find_command(const char *name)
{
	const struct command *command;

	for (command = commands; command->name; command++)
		if (strcmp(command->name, name) == 0)
			return command;
	return NULL;
}

static int unknown_command(const char *name, struct err *err)
{
	const struct command *command;
	const struct help_topic *topic;
	char hint[SUGGEST_HINT_MAX];
	size_t i;
	struct suggest suggest;

	suggest_init(&suggest, name);
	for (command = commands; command->name; command++)
		suggest_offer(&suggest, command->name);
	for (i = 0; (topic = help_topic(i)); i++)
		suggest_offer(&suggest, topic->name);
	suggest_offer(&suggest, "help");
	suggest_offer(&suggest, "--help");
	suggest_offer(&suggest, "--version");
	suggest_hint(&suggest, hint, sizeof(hint));
	return err_set(err, ERR_USAGE, "unknown %s '%s'%s",
		       name[0] == '-' ? "option" : "command", name,
		       suggest.best ? hint : "; see dmasim --help");
}

static void print_help(FILE *out)
{
	const struct command *command;
	const struct help_topic *topic;
	size_t i;

	fputs("Usage: dmasim COMMAND [OPTION...] [ARGUMENT...]\n"
	      "Replay captured traffic through a model of an NDIS miniport, "
	      "the HAL's DMA\nlayer, PCIe and a network card, and compare "
	      "ways to cross the DMA boundary.\n\nCommands:\n",
	      out);
	for (command = commands; command->name; command++)
		fprintf(out, "  %-12s%s\n", command->name, command->summary);
	fputs("\nExamples:\n", out);
	for (command = commands; command->name; command++)
		fprintf(out, "  %s\n", command->example);
	fputs("\nTopics:\n", out);
	for (i = 0; (topic = help_topic(i)); i++)
		fprintf(out, "  %-15s%s\n", topic->name, topic->summary);
	fputs("\ndmasim help COMMAND     options of a command\n"
	      "dmasim help TOPIC       a page on one of the topics\n"
	      "dmasim --version        the version\n"
	      "\nLong options must be spelt out. Exit status: 0 done, 1 a "
	      "check failed or a\ndeadlock, 2 bad input, 3 internal or "
	      "input/output, 64 usage, 130 interrupted.\n",
	      out);
}

/* "help trace stat" is "trace stat --help". */
static int run_help(int argc, char **argv, struct err *err)
{
	char help[] = "--help";
	char *words[4] = { NULL, NULL, NULL, NULL };
	const struct help_topic *topic;
	const struct command *command;
	size_t t;
	int i;

	if (argc < 2) {
		print_help(stdout);
		return 0;
	}
	for (t = 0; (topic = help_topic(t)); t++)
		if (strcmp(topic->name, argv[1]) == 0) {
			fputs(topic->text, stdout);
			return 0;
		}
	command = find_command(argv[1]);
	if (!command)
		return unknown_command(argv[1], err);
	for (i = 1; i < argc && i < 3; i++)
		words[i - 1] = argv[i];
	words[i - 1] = help;
	return command->run(i, words, err);
}

/* "--complete COMMAND WORDS": see cmd/complete.h. */
static int run_complete(int argc, char **argv, struct err *err)
{
	const struct command *command;
	const struct help_topic *topic;
	size_t i;

	if (argc < 2)
		return 0;
	if (argc == 2) {
		for (command = commands; command->name; command++)
			complete_offer(argv[1], command->name,
				       command->summary);
		complete_offer(argv[1], "help", "options of a command");
		complete_offer(argv[1], "--help", "all commands");
		complete_offer(argv[1], "--version", "the version");
		return 0;
	}
	if (argc == 3 && strcmp(argv[1], "help") == 0) {
		for (i = 0; (topic = help_topic(i)); i++)
			complete_offer(argv[2], topic->name, topic->summary);
		return run_complete(argc - 1, argv + 1, err);
	}
	command = find_command(argv[1]);
	if (!command)
		return 0;
	argv[1] = argv[0];
	argv[0] = (char *)(uintptr_t)command->name;
	return command->run(argc, argv, err);
}

static void print_version(FILE *out)
{
	fprintf(out, "dmasim %s\n\nwith %s\nwith %s\nwith jansson %s\n",
		DMASIM_VERSION, pcap_lib_version(), archive_version_details(),
		jansson_version_str());
}

static int dispatch(int argc, char **argv, struct err *err)
{
	const struct command *command;

	if (argc < 2)
		return err_set(err, ERR_USAGE, "no command; see dmasim --help");
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help(stdout);
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		print_version(stdout);
		return 0;
	}
	if (strcmp(argv[1], "help") == 0)
		return run_help(argc - 1, argv + 1, err);
	if (strcmp(argv[1], COMPLETE_WORD) == 0)
		return run_complete(argc - 1, argv + 1, err);
	command = find_command(argv[1]);
	if (!command)
		return unknown_command(argv[1], err);
	return command->run(argc - 1, argv + 1, err);
}

/* Who reads our output has seen enough: an error, but no news to anybody. */
static bool is_closed_pipe(const char *message)
{
	struct pollfd out = { .fd = STDOUT_FILENO };

	return strstr(message, strerror(EPIPE)) && poll(&out, 1, 0) == 1 &&
	       (out.revents & POLLERR);
}

/*
 * libarchive ends the process, with a status that says something else here,
 * when it has no memory; its message is out.
 */
static void on_exit_from(int status, void *returned)
{
	if (!*(bool *)returned && status != ERR_IO) {
		fputs("dmasim: a library gave up, for the reason above\n",
		      stderr);
		_exit(ERR_IO);
	}
}

/* jansson goes on without the byte or the member it has no memory for. */
static void *json_memory(size_t size)
{
	void *memory = malloc(size);

	if (!memory)
		out_of_memory("JSON");
	return memory;
}

int main(int argc, char **argv)
{
	static bool returned;
	struct err err = ERR_INIT;
	int status;

	set_signals();
	json_set_alloc_funcs(json_memory, free);
	on_exit(on_exit_from, &returned);
	status = dispatch(argc, argv, &err);
	if (status < 0) {
		status = (int)err.kind;
		if (!is_closed_pipe(err.text))
			fprintf(stderr, "dmasim: %s\n", err.text);
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		const char *why = strerror(errno ? errno : EIO);

		if (status != ERR_IO && !is_closed_pipe(why))
			fprintf(stderr,
				"dmasim: cannot write standard output: %s\n",
				why);
		status = ERR_IO;
	}
	returned = true;
	return status;
}
