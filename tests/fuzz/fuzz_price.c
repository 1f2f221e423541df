/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of measured prices, set on a machine and shifted both ways.
 */
#include <string.h>

#include "cmd/price_file.h"
#include "tests/fuzz/fuzz.h"

static void apply(const struct price_file *file, size_t shifted, int sign)
{
	struct config *cfg = fuzz_config();
	struct err err = ERR_INIT;

	if (price_file_apply(file, cfg, shifted, sign, &err) < 0)
		fuzz_refused(&err);
	config_free(cfg);
}

static void check(const struct price_file *file)
{
	size_t i;

	FUZZ_CHECK(file->count > 0 && file->count <= PRICE_FILE_MAX, "%zu",
		   file->count);
	for (i = 0; i < file->count; i++)
		FUZZ_CHECK(file->list[i].key[0] && file->list[i].value[0],
			   "price %zu", i);
	apply(file, 0, 0);
	apply(file, file->count - 1, 1);
	apply(file, 0, -1);
}

static void run(const uint8_t *data, size_t size)
{
	struct fuzz_file file = fuzz_file_new(data, size);
	struct err err = ERR_INIT;
	struct price_file prices;

	if (price_file_read(&prices, file.path, &err) < 0)
		fuzz_refused(&err);
	else
		check(&prices);
	fuzz_file_free(&file);
}

const struct fuzz_target fuzz_price = { .name = "price", .run = run };
