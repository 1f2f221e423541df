/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors and bugs.
 *
 * What can fail returns a negative int (or NULL) and fills a struct err: a
 * chain that reads outermost first, "cannot read 'a.pcap': record 19: ...".
 * The exit class travels with it, so only cmd/ decides how to exit:
 *
 *	if (!fp)
 *		return err_set(err, ERR_IO, "cannot open '%s': %s", path, why);
 *	if (read_header(fp, err) < 0)
 *		return err_wrap(err, "'%s'", path);
 *
 * err_set() and err_wrap() always return -1.  Messages are lower case, quote
 * the user's text and say what to do.  Misuse by our own code is BUG(), never
 * an error.  A NULL err discards the message.
 */
#ifndef CORE_ERR_H
#define CORE_ERR_H

/* Each kind is an exit status of dmasim(1). */
enum err_kind {
	ERR_CHECK = 1,	/* a check said no, or a deadlock */
	ERR_INPUT = 2,	/* bad input, no result */
	ERR_IO = 3,	/* internal, memory, I/O */
	ERR_USAGE = 64, /* the command line or a configuration is wrong */
	ERR_INTERRUPTED = 130
};

struct err {
	enum err_kind kind;
	char text[1024]; /* cut with "..." when longer; empty: no error */
};

#define ERR_INIT                           \
	{                                  \
		.kind = ERR_IO, .text = "" \
	}

int err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Put "context: " before what is there; the kind stays. */
int err_wrap(struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The ordinary error of an allocation that failed: "out of memory: what". */
int err_nomem(struct err *err, const char *what);

/*
 * Memory ran out in the midst of a run, where there is nobody to return to:
 * prints "dmasim: out of memory: what" and ends the process with the status of
 * ERR_IO.  Unfinished output files are removed (core/outfile.h).
 */
void out_of_memory(const char *fmt, ...)
	__attribute__((format(printf, 1, 2), noreturn, cold));

/* A broken promise of our own code: prints file, line and why, aborts. */
#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
#define BUG_ON(cond)                               \
	do {                                       \
		if (__builtin_expect(!!(cond), 0)) \
			BUG("%s", #cond);          \
	} while (0)
void bug_at(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), noreturn, cold));

#endif
