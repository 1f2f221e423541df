/* SPDX-License-Identifier: Apache-2.0 */
#include "core/journal.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define PAGE_WORDS 4096
#define PAGES	   32

struct journal_page {
	const uint64_t *end; /* of what was written */
	uint64_t words[PAGE_WORDS];
};

struct journal_pages {
	pthread_mutex_t counting;
	atomic_size_t written; /* pages, by the writer */
	atomic_size_t booked;  /* pages, by who is counting */
	struct journal_page page[PAGES];
};

static void open_page(struct journal *journal)
{
	struct journal_pages *pages = journal->pages;
	size_t index =
		atomic_load_explicit(&pages->written, memory_order_relaxed);
	uint64_t *words = pages->page[index % PAGES].words;

	journal->at = words;
	journal->high = words + PAGE_WORDS - JOURNAL_ENTRY;
}

struct journal *journal_new(struct err *err)
{
	struct journal *journal = calloc(1, sizeof(*journal));

	if (journal)
		journal->pages = calloc(1, sizeof(*journal->pages));
	if (!journal || !journal->pages) {
		free(journal);
		err_nomem(err, "journal");
		return NULL;
	}
	pthread_mutex_init(&journal->pages->counting, NULL);
	open_page(journal);
	return journal;
}

void journal_free(struct journal *journal)
{
	if (!journal)
		return;
	pthread_mutex_destroy(&journal->pages->counting);
	free(journal->pages);
	free(journal);
}

static void book_page(const struct journal_page *page)
{
	const uint64_t *words = page->words;

	while (words < page->end) {
		JOURNAL_BOOK(*book) = (JOURNAL_BOOK(*))(uintptr_t)words[0];

		words = book(words + 1);
	}
}

void journal_book(struct journal *journal)
{
	struct journal_pages *pages = journal->pages;
	size_t next, end;

	pthread_mutex_lock(&pages->counting);
	next = atomic_load_explicit(&pages->booked, memory_order_relaxed);
	end = atomic_load_explicit(&pages->written, memory_order_acquire);
	for (; next < end; next++) {
		book_page(&pages->page[next % PAGES]);
		atomic_store_explicit(&pages->booked, next + 1,
				      memory_order_release);
	}
	pthread_mutex_unlock(&pages->counting);
}

void journal_turn(struct journal *journal)
{
	struct journal_pages *pages = journal->pages;
	size_t written =
		atomic_load_explicit(&pages->written, memory_order_relaxed);

	pages->page[written % PAGES].end = journal->at;
	atomic_store_explicit(&pages->written, ++written, memory_order_release);
	if (written ==
	    atomic_load_explicit(&pages->booked, memory_order_acquire) + PAGES)
		journal_book(journal);
	open_page(journal);
}

void journal_settle(struct journal *journal)
{
	journal_turn(journal);
	journal_book(journal);
}

const uint64_t *journal_book_hist(const uint64_t *words)
{
	hist_record((struct hist *)(uintptr_t)words[0], words[1]);
	return words + 2;
}
