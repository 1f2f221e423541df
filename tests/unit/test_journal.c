/* SPDX-License-Identifier: Apache-2.0 */
/* Entries are counted once and in order, whoever counts them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>

#include "core/digest.h"
#include "core/journal.h"

#define ENTRIES 400000u /* many times what the journal holds */

static uint64_t counted, digest;

/* A number of words that varies, the first says how many. */
static JOURNAL_BOOK(book_numbers)
{
	uint64_t n = words[0], i;

	for (i = 1; i < n; i++)
		digest = digest_step(digest, words[i]);
	counted++;
	return words + n;
}

static uint64_t words_of(uint64_t entry)
{
	return entry % 97 ? 1 + entry % 7 : JOURNAL_ENTRY - 1;
}

static void write_down(struct journal *journal, uint64_t entry)
{
	uint64_t *words = journal_open(journal, book_numbers);
	uint64_t n = words_of(entry), i;

	words[0] = n;
	for (i = 1; i < n; i++)
		words[i] = entry * 100 + i;
	journal_close(journal, words + n);
}

static uint64_t expected_digest(void)
{
	uint64_t expected = 0, entry, i;

	for (entry = 0; entry < ENTRIES; entry++)
		for (i = 1; i < words_of(entry); i++)
			expected = digest_step(expected, entry * 100 + i);
	return expected;
}

static struct journal *new_journal(void)
{
	struct err err = ERR_INIT;
	struct journal *journal = journal_new(&err);

	assert_non_null(journal);
	counted = digest = 0;
	return journal;
}

static void the_writer_counts_alone(void **state)
{
	struct journal *journal = new_journal();
	uint64_t entry;

	(void)state;
	write_down(journal, 0);
	journal_book(journal);
	assert_int_equal(counted, 0); /* not ready to be */
	journal_settle(journal);
	assert_int_equal(counted, 1);
	journal_settle(journal); /* twice is once */
	assert_int_equal(counted, 1);
	for (entry = 1; entry < ENTRIES; entry++)
		write_down(journal, entry);
	assert_true(counted > ENTRIES / 2 && counted < ENTRIES);
	journal_settle(journal);
	assert_int_equal(counted, ENTRIES);
	assert_true(digest == expected_digest());
	journal_free(journal);
}

struct counter {
	struct journal *journal;
	atomic_bool stop;
};

static void *count(void *arg)
{
	struct counter *counter = arg;

	while (!atomic_load(&counter->stop))
		journal_book(counter->journal);
	return NULL;
}

static void another_thread_counts(void **state)
{
	struct counter counter = { .journal = new_journal() };
	pthread_t thread;
	uint64_t entry;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, count, &counter), 0);
	for (entry = 0; entry < ENTRIES; entry++) {
		write_down(counter.journal, entry);
		if (entry % 50000 == 0) {
			journal_settle(counter.journal);
			assert_int_equal(counted, entry + 1);
		}
	}
	journal_settle(counter.journal);
	assert_int_equal(counted, ENTRIES);
	assert_true(digest == expected_digest());
	atomic_store(&counter.stop, true);
	pthread_join(thread, NULL);
	journal_free(counter.journal);
}

static void histograms_are_recorded(void **state)
{
	struct journal *journal = new_journal();
	struct hist direct, later;
	uint64_t v;

	(void)state;
	hist_init(&direct, HIST_BITS_FINE);
	hist_init(&later, HIST_BITS_FINE);
	for (v = 1; v < 1000000; v += 1 + v / 10) {
		journal_hist(NULL, &direct, v);
		journal_hist(journal, &later, v);
	}
	assert_true(direct.count > 50);
	assert_int_equal(later.count, 0);
	journal_settle(journal);
	assert_int_equal(later.count, direct.count);
	assert_true(later.sum == direct.sum);
	assert_int_equal(hist_quantile(&later, 500000),
			 hist_quantile(&direct, 500000));
	hist_clear(&direct);
	hist_clear(&later);
	journal_free(journal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_writer_counts_alone),
		cmocka_unit_test(another_thread_counts),
		cmocka_unit_test(histograms_are_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
