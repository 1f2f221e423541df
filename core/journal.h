/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A journal: what is to be counted, written down by the thread that simulates
 * and counted in the same order by another that has time.
 *
 *	words = journal_open(journal, book_latency);
 *	words[0] = (uintptr_t)&latency;
 *	words[1] = ps;
 *	journal_close(journal, words + 2);
 *
 * and later, in any thread, book_latency() gets these words and returns where
 * they end.  Entries are counted in the order in which they were written, so
 * the outcome does not depend on who counts them, or when.  A journal that is
 * full is counted by its writer.
 *
 * Limits: one writer; entries of at most JOURNAL_ENTRY words; what entries
 * point to must live until they are counted and is touched by nobody else
 * between two journal_settle().
 */
#ifndef CORE_JOURNAL_H
#define CORE_JOURNAL_H

#include <stdint.h>

#include "core/err.h"
#include "core/hist.h"

#define JOURNAL_ENTRY 64 /* words */

struct journal_pages;

struct journal {
	uint64_t *at, *high; /* the next entry; no entry begins behind */
	struct journal_pages *pages;
};

/* Counts one entry; returns the end of its words. */
#define JOURNAL_BOOK(name) const uint64_t *(name)(const uint64_t *words)

/* NULL with ERR_IO without memory. */
struct journal *journal_new(struct err *err);
void journal_free(struct journal *journal);

/* Count what is ready to be, from any thread. */
void journal_book(struct journal *journal);
/* Count all; for the writer. */
void journal_settle(struct journal *journal);
/* The page is full: the next one, counting first if there is none. */
void journal_turn(struct journal *journal);

static inline uint64_t *journal_open(struct journal *journal,
				     JOURNAL_BOOK(*book))
{
	if (__builtin_expect(journal->at > journal->high, 0))
		journal_turn(journal);
	*journal->at = (uintptr_t)book;
	return journal->at + 1;
}

static inline void journal_close(struct journal *journal, uint64_t *end)
{
	journal->at = end;
}

JOURNAL_BOOK(journal_book_hist);

/* hist_record(), by the journal if there is one. */
static inline void journal_hist(struct journal *journal, struct hist *hist,
				uint64_t value)
{
	uint64_t *words;

	if (!journal) {
		hist_record(hist, value);
		return;
	}
	words = journal_open(journal, journal_book_hist);
	words[0] = (uintptr_t)hist;
	words[1] = value;
	journal_close(journal, words + 2);
}

#endif
