/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/words.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/suggest.h"

struct words {
	const struct argp_child *children;
	const char *command;
	struct err *err;
};

static bool is_end(const struct argp_option *option)
{
	return !option->name && !option->key && !option->doc && !option->group;
}

/* The option called @name (of @length) or with the letter; NULL: none. */
static const struct argp_option *find_option(const struct words *words,
					     const char *name, size_t length,
					     int letter)
{
	const struct argp_child *child;
	const struct argp_option *option;

	for (child = words->children; child->argp; child++)
		for (option = child->argp->options; !is_end(option); option++) {
			if (name ? option->name &&
					    strlen(option->name) == length &&
					    memcmp(option->name, name,
						   length) == 0
				 : option->key == letter)
				return option;
		}
	return NULL;
}

static int unknown_option(const struct words *words, const char *typed)
{
	const struct argp_child *child;
	const struct argp_option *option;
	char name[SUGGEST_NAME_MAX + 1], hint[SUGGEST_HINT_MAX];
	struct suggest suggest;
	const char *best = NULL;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(typed, "="), typed);
	suggest_init(&suggest, name);
	for (child = words->children; child->argp; child++)
		for (option = child->argp->options; !is_end(option); option++)
			if (option->name)
				suggest_offer(&suggest, option->name);
	best = suggest.best;
	snprintf(hint, sizeof(hint), "; did you mean '--%s'?",
		 best ? best : "");
	return err_set(words->err, ERR_USAGE, "unknown option '--%s'%s%s%s%s",
		       name, best ? hint : "", best ? "" : "; see dmasim ",
		       best ? "" : words->command, best ? "" : " --help");
}

static int needs_argument(const struct words *words, const char *option,
			  const char *argument)
{
	return err_set(words->err, ERR_USAGE,
		       "option '%s' needs an argument: %s", option, argument);
}

/* Returns how many arguments it takes beyond itself, -1, or -2 for help. */
static int check_long(const struct words *words, const char *arg, bool last)
{
	const char *name = arg + 2;
	size_t length = strcspn(name, "=");
	const struct argp_option *option = find_option(words, name, length, 0);

	if (!option)
		return unknown_option(words, name);
	if (option->key == 'h')
		return -2;
	if (!option->arg && name[length])
		return err_set(words->err, ERR_USAGE,
			       "option '--%s' takes no argument", option->name);
	if (!option->arg || name[length] ||
	    (option->flags & OPTION_ARG_OPTIONAL))
		return 0;
	return last ? needs_argument(words, arg, option->arg) : 1;
}

static int check_letters(const struct words *words, const char *arg, bool last)
{
	const char *p;

	for (p = arg + 1; *p; p++) {
		const char name[] = { '-', *p, '\0' };
		const struct argp_option *option =
			find_option(words, NULL, 0, *p);

		if (!option)
			return err_set(words->err, ERR_USAGE,
				       "unknown option '%s'; see dmasim %s "
				       "--help",
				       name, words->command);
		if (option->key == 'h')
			return -2;
		if (!option->arg || (option->flags & OPTION_ARG_OPTIONAL))
			continue;
		if (p[1])
			return 0;
		return last ? needs_argument(words, name, option->arg) : 1;
	}
	return 0;
}

int words_check(const struct argp_child *children, const char *command,
		int argc, char **argv, struct err *err)
{
	const struct words words = { children, command, err };
	int i;

	for (i = 1; i < argc; i++) {
		const char *arg = argv[i];
		int used = 0;

		if (arg[0] != '-' || !arg[1])
			continue;
		if (strcmp(arg, "--") == 0)
			return 0;
		if (arg[1] == '-')
			used = check_long(&words, arg, i + 1 == argc);
		else
			used = check_letters(&words, arg, i + 1 == argc);
		if (used < 0)
			return used == -2 ? 1 : -1;
		i += used;
	}
	return 0;
}

const struct argp_option *words_takes_argument(
	const struct argp_child *children, const char *word)
{
	const struct words words = { children, NULL, NULL };
	const struct argp_option *option = NULL;
	const char *p;

	if (word[0] != '-' || !word[1])
		return NULL;
	if (word[1] == '-')
		option = find_option(&words, word + 2, strlen(word + 2), 0);
	for (p = word + 1; word[1] != '-' && *p; p++) {
		option = find_option(&words, NULL, 0, *p);
		if (option && option->arg && p[1])
			return NULL; /* it is in the word */
	}
	if (!option || !option->arg || (option->flags & OPTION_ARG_OPTIONAL))
		return NULL;
	return option;
}
