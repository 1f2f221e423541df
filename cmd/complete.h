/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What could come next on a command line: candidates for a shell's completion,
 * from the same tables as everything else, so that no list is written twice.
 *
 *	dmasim --complete run -m xge-	(the last word is being typed)
 *
 * prints a line for each candidate: the whole word, a tab and what it is.
 * A candidate that ends in "=" or "," wants more.  A line ":files" asks for
 * names of files besides.
 *
 * `dmasim completion SHELL` prints the few lines of shell that ask this.
 */
#ifndef CMD_COMPLETE_H
#define CMD_COMPLETE_H

#include <argp.h>

#include "core/err.h"

#define COMPLETE_WORD "--complete"

/* Print @word, if it begins as @typed does. */
void complete_offer(const char *typed, const char *word, const char *help);

/*
 * For the options of @children and arguments @args (struct options_spec) of
 * @command; the last of @words is being typed.  -1 with ERR_IO.
 */
int complete_words(const struct argp_child *children, const char *command,
		   const char *args, int count, char **words, struct err *err);

#endif
