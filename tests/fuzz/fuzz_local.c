/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of addresses: each that was read prints as a text that reads back.
 */
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "traces/local.h"

static void check_entry(const struct local_entry *entry)
{
	char text[LOCAL_TEXT_MAX];
	struct local_set set = { .count = 0 };
	struct err err = ERR_INIT;

	FUZZ_CHECK(!(entry->address.high & ~entry->mask.high) &&
			   !(entry->address.low & ~entry->mask.low),
		   "beyond the mask");
	local_text(entry->is_mac, entry->address, text);
	FUZZ_CHECK(local_parse(&set, text, &err) == 0, "%s", err.text);
	FUZZ_CHECK(set.count == 1 && set.entries[0].is_mac == entry->is_mac &&
			   set.entries[0].address.high == entry->address.high &&
			   set.entries[0].address.low == entry->address.low,
		   "%s", text);
}

static void run(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct local_set set = { .count = 0 };
	struct err err = ERR_INIT;
	unsigned i;

	if (*text && local_parse(&set, text, &err) < 0)
		fuzz_refused(&err);
	FUZZ_CHECK(set.count <= LOCAL_MAX, "%u", set.count);
	for (i = 0; i < set.count; i++)
		check_entry(&set.entries[i]);
	free(text);
}

const struct fuzz_target fuzz_local = { .name = "local", .run = run };
