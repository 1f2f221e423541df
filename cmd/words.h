/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of a command line, checked before argp sees them.
 *
 * What argp would let pass or say in its own words: unique beginnings of long
 * options are refused, unknown options get the nearest name, a missing or
 * superfluous argument is an error of ours.  Nothing is left for argp to
 * complain about but what the parsers return.
 *
 * Limits: looks at the options of @children only, not at theirs; the letter h
 * is help.
 */
#ifndef CMD_WORDS_H
#define CMD_WORDS_H

#include <argp.h>

#include "core/err.h"

/*
 * 0; 1 when help is asked for before anything is wrong; -1 with an error.
 * @command is named in advice ("see dmasim COMMAND --help").
 */
int words_check(const struct argp_child *children, const char *command,
		int argc, char **argv, struct err *err);

/*
 * The option of which the word after @word is the argument: "--tx", "-qm".
 * NULL: none.
 */
const struct argp_option *words_takes_argument(
	const struct argp_child *children, const char *word);

#endif
