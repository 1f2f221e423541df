/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/complete.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cmd/tables.h"
#include "cmd/words.h"
#include "models/inject.h"
#include "models/machine.h"

/*
 * The word being typed: @head is as it is, candidates are for @rest.  In
 * "--tx=null,nd" the head is "--tx=null,".
 */
struct typed {
	const char *head;
	int head_length;
	const char *rest;
};

static void offer(const struct typed *typed, const char *word,
		  const char *suffix, const char *help)
{
	if (strncmp(word, typed->rest, strlen(typed->rest)) == 0)
		printf("%.*s%s%s\t%s\n", typed->head_length, typed->head, word,
		       suffix, help ? help : "");
}

void complete_offer(const char *typed, const char *word, const char *help)
{
	const struct typed whole = { "", 0, typed };

	offer(&whole, word, "", help);
}

/* Go on behind the last @separator. */
static void skip_to(struct typed *typed, char separator)
{
	const char *last = strrchr(typed->rest, separator);

	if (!last)
		return;
	if (!typed->head_length)
		typed->head = typed->rest;
	typed->head_length = (int)(last + 1 - typed->head);
	typed->rest = last + 1;
}

/* --- names of the tables --- */

static int offer_presets(const struct typed *typed, bool hosts)
{
	const struct preset *const *p;

	for (p = preset_registry; *p; p++)
		if (hosts || strcmp((*p)->kind, "machine") == 0)
			offer(typed, (*p)->name, "", (*p)->summary);
	return 0;
}

static int offer_tx(const struct typed *typed)
{
	const struct tx_ops *const *ops;

	for (ops = tx_registry; *ops; ops++)
		offer(typed, tx_ops_name(*ops), "", tx_ops_summary(*ops));
	return 0;
}

static int offer_rx(const struct typed *typed)
{
	const struct rx_ops *const *ops;

	for (ops = rx_registry; *ops; ops++)
		offer(typed, rx_ops_name(*ops), "", rx_ops_summary(*ops));
	return 0;
}

static int offer_metrics(const struct typed *typed)
{
	const struct metric *row;

	for (row = machine_metrics; row->name; row++)
		offer(typed, row->name, "", row->help);
	return 0;
}

static int offer_routines(const struct typed *typed)
{
	struct routine_info info;
	size_t i;

	for (i = 0; routine_row(i, &info); i++)
		offer(typed, info.name, "", info.help);
	return 0;
}

static int offer_injections(const struct typed *typed)
{
	const char *kind, *help;
	size_t i;

	for (i = 0; (kind = inject_kind(i, &help)); i++)
		offer(typed, kind, "", help);
	return 0;
}

static int offer_keys(const struct typed *typed, const char *suffix,
		      struct err *err)
{
	struct config *cfg = tables_config(err);
	const struct param *row;
	size_t i;

	if (!cfg)
		return -1;
	for (i = 0; (row = config_row(cfg, i)); i++)
		offer(typed, row->key, suffix, row->help);
	config_free(cfg);
	return 0;
}

static void offer_choices(const struct typed *typed, const struct param *row)
{
	static const struct param_choice yes_or_no[] = { { "yes", NULL },
							 { "no", NULL },
							 { NULL, NULL } };
	const struct param_choice *choice = row->type == PARAM_BOOL ? yes_or_no
					    : row->type == PARAM_CHOICE
						    ? row->choices
						    : NULL;

	for (; choice && choice->name; choice++)
		offer(typed, choice->name, "", choice->help);
	if (row->type == PARAM_QUANTITY)
		offer(typed, row->preset_default, "", "the default");
}

/* "KEY=VALUE", or "KEY=VALUE,VALUE..." of an axis. */
static int offer_setting(struct typed *typed, struct err *err)
{
	const char *equals = strchr(typed->rest, '=');
	const char *key = typed->rest;
	struct config *cfg;
	const struct param *row;
	size_t i;

	if (!equals)
		return offer_keys(typed, "=", err);
	cfg = tables_config(err);
	if (!cfg)
		return -1;
	skip_to(typed, '=');
	skip_to(typed, ',');
	for (i = 0; (row = config_row(cfg, i)); i++)
		if (strlen(row->key) == (size_t)(equals - key) &&
		    strncmp(row->key, key, (size_t)(equals - key)) == 0)
			offer_choices(typed, row);
	config_free(cfg);
	return 0;
}

/* --- options and arguments --- */

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || c == '-' || c == '0';
}

/* "text|json|csv" names what may be given. */
static void offer_alternatives(const struct typed *typed, const char *argument)
{
	while (*argument) {
		size_t length = strcspn(argument, "|");
		size_t letters = 0;
		char word[32];

		while (is_word(argument[letters]))
			letters++;
		if (letters == length && length < sizeof(word)) {
			snprintf(word, sizeof(word), "%.*s", (int)length,
				 argument);
			offer(typed, word, "", "");
		}
		argument += length + (argument[length] == '|');
	}
}

static int offer_value(struct typed *typed, const struct argp_option *option,
		       struct err *err)
{
	if (strcmp(option->arg, "KEY=VALUE") == 0 ||
	    strncmp(option->arg, "KEY=VALUES", 10) == 0)
		return offer_setting(typed, err);
	if (strchr(option->arg, '|')) {
		offer_alternatives(typed, option->arg);
		return 0;
	}
	if (strstr(option->arg, "FILE") || strstr(option->arg, "DIR")) {
		puts(":files");
		return 0;
	}
	skip_to(typed, ',');
	if (strcmp(option->name, "machine") == 0) {
		puts(":files");
		return offer_presets(typed, false);
	}
	if (strcmp(option->name, "tx") == 0)
		return offer_tx(typed);
	if (strcmp(option->name, "rx") == 0)
		return offer_rx(typed);
	if (strcmp(option->name, "inject") == 0)
		return offer_injections(typed);
	return 0;
}

static int offer_argument(const struct typed *typed, const char *command,
			  const char *args, struct err *err)
{
	if (!args)
		return 0;
	if (strcmp(command, "params") == 0)
		return offer_keys(typed, "", err);
	if (strcmp(command, "presets") == 0)
		return offer_presets(typed, true);
	if (strcmp(command, "strategies") == 0)
		return offer_tx(typed) | offer_rx(typed);
	if (strcmp(command, "metrics") == 0)
		return offer_metrics(typed);
	if (strcmp(command, "routines") == 0)
		return offer_routines(typed);
	if (strchr(args, '|'))
		offer_alternatives(typed, args);
	else
		puts(":files");
	return 0;
}

static void offer_options(const struct argp_child *children,
			  const struct typed *typed)
{
	const struct argp_option *option;
	char word[64];

	for (; children->argp; children++)
		for (option = children->argp->options; option && option->name;
		     option++) {
			snprintf(word, sizeof(word), "--%s", option->name);
			offer(typed, word, option->arg ? "=" : "", option->doc);
		}
}

int complete_words(const struct argp_child *children, const char *command,
		   const char *args, int count, char **words, struct err *err)
{
	const char *word = count ? words[count - 1] : "";
	const char *before = count > 1 ? words[count - 2] : "";
	struct typed typed = { "", 0, word };
	const struct argp_option *option;

	option = words_takes_argument(children, before);
	if (option)
		return offer_value(&typed, option, err);
	if (strncmp(word, "--", 2) == 0 && strchr(word, '=')) {
		size_t length = strcspn(word, "=") + 1;
		char name[64];

		snprintf(name, sizeof(name), "%.*s", (int)length - 1, word);
		option = words_takes_argument(children, name);
		typed = (struct typed){ word, (int)length, word + length };
		return option ? offer_value(&typed, option, err) : 0;
	}
	if (word[0] == '-') {
		offer_options(children, &typed);
		return 0;
	}
	return offer_argument(&typed, command, args, err);
}
