/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration file, applied as -c and as -m FILE.ini do.  It is a real
 * file, a.ini, alone in a directory: what it includes is looked for there, and
 * not among the descriptors of this process, where reading may block.
 */
#include <string.h>
#include <unistd.h>

#include "cmd/tables.h"
#include "tests/fuzz/fuzz.h"

/* What a configuration says of itself reads back as the same. */
static void check_config(const struct config *cfg)
{
	struct config *copy = fuzz_config();
	char text[CONFIG_TEXT_MAX];
	const struct param *row;
	struct err err = ERR_INIT;
	size_t i;

	for (i = 0; (row = config_row(cfg, i)); i++) {
		config_text(cfg, row->key, text, sizeof(text));
		FUZZ_CHECK(config_set(copy, row->key, text, "copy", &err) == 0,
			   "%s", err.text);
		FUZZ_CHECK(config_equal(cfg, copy, row->key), "%s = %s",
			   row->key, text);
		FUZZ_CHECK(config_origin(cfg, row->key)[0], "no origin");
	}
	FUZZ_CHECK(config_digest(cfg) == config_digest(copy), "digest");
	config_free(copy);
}

static char dir[] = "/tmp/dmasim-fuzz-XXXXXX", path[sizeof(dir) + 8];

static void remove_file(void)
{
	unlink(path);
	rmdir(dir);
}

static void write_file(const uint8_t *data, size_t size)
{
	FILE *out;

	if (!path[0]) {
		FUZZ_CHECK(mkdtemp(dir), "mkdtemp");
		snprintf(path, sizeof(path), "%s/a.ini", dir);
		atexit(remove_file);
	}
	out = fopen(path, "wb");
	FUZZ_CHECK(out && fwrite(data, 1, size, out) == size &&
			   fclose(out) == 0,
		   "cannot write %s", path);
}

static void run(const uint8_t *data, size_t size)
{
	struct config *cfg = fuzz_config();
	struct err err = ERR_INIT;
	struct ini_config *ini;

	write_file(data, size);
	ini = ini_config_read(path, &err);
	if (ini && ini_config_presets(ini, cfg, &tables_lookup, &err) == 0 &&
	    ini_config_values(ini, cfg, &tables_lookup, &err) == 0)
		check_config(cfg);
	else
		fuzz_refused(&err);
	ini_config_free(ini);
	config_free(cfg);
}

const struct fuzz_target fuzz_ini = { .name = "ini", .run = run };
