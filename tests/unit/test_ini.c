/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/ini.h"
#include "core/rng.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int enter(void **state)
{
	static char dir[] = "/tmp/test_ini.XXXXXX";

	*state = mkdtemp(dir);
	return *state && chdir(dir) == 0 ? 0 : -1;
}

static int leave(void **state)
{
	static const char *const names[] = { "a.ini", "b.ini", "c.ini",
					     "sub/d.ini" };
	size_t i;

	for (i = 0; i < COUNT(names); i++)
		unlink(names[i]);
	rmdir("sub");
	return chdir("/") == 0 && rmdir(*state) == 0 ? 0 : -1;
}

static void write_bytes(const char *path, const char *text, size_t size)
{
	FILE *fp = fopen(path, "w");

	assert_non_null(fp);
	assert_int_equal(fwrite(text, 1, size, fp), size);
	assert_int_equal(fclose(fp), 0);
}

static void write_text(const char *path, const char *text)
{
	write_bytes(path, text, strlen(text));
}

/* --- the walk --- */

static int note(void *user, const char *section, const char *key,
		const char *value, unsigned line, struct err *err)
{
	char *log = user;
	size_t used = strlen(log);

	if (key && strcmp(key, "stop") == 0)
		return err_set(err, ERR_CHECK, "told to stop");
	snprintf(log + used, 4096 - used, "%u[%s]%s=%s\n", line, section,
		 key ? key : "-", value ? value : "-");
	return 0;
}

static const struct {
	const char *text, *log;
} walks[] = {
	{ "", "" },
	{ "a = 1\n[b]\nc=2 ; why\n", "1[]a=1\n3[b]c=2\n" },
	{ "[a]\nx = 1\n   y = 2\n\tz = 3", "2[a]x=1\n3[a]y=2\n4[a]z=3\n" },
	{ "\xef\xbb\xbf[a]\r\nx = 1\r\n", "2[a]x=1\n" },
	{ "[ nic ] ; comment\n; c\n# c\n\nx = a b", "5[nic]x=a b\n" },
	{ "[a]\n[b]\nx=1\n[c]\n\n", "1[a]-=-\n3[b]x=1\n4[c]-=-\n" },
	{ "[a]\nx =\ny = 1#2\nz: 3\n", "2[a]x=\n3[a]y=1#2\n4[a]z=3\n" },
	{ "[abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuv]\n"
	  "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdef = 1\n",
	  "2[abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuv]"
	  "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdef=1\n" },
};

static void test_walk(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(walks); i++) {
		struct err err = ERR_INIT;
		char log[4096] = "";

		write_text("a.ini", walks[i].text);
		if (ini_walk("a.ini", note, log, &err) < 0)
			fail_msg("%zu: %s", i, err.text);
		assert_string_equal(log, walks[i].log);
	}
}

#define LONG_49 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvw"

static const struct {
	const char *text, *message;
} bad_walks[] = {
	{ "[a\nx=1\n", "a.ini:1: '[a' has no ']'" },
	{ "[a] x=1\n", "a.ini:1: 'x=1' after a section heading; put it on a "
		       "line of its own" },
	{ "\n[  ]\n", "a.ini:2: section without a name" },
	{ "[a]\nhello\n", "a.ini:2: 'hello' is not 'key = value'" },
	{ "[a]\n= 1\n", "a.ini:2: '= 1' has no key" },
	{ "[a]\nx = 1 # no\n", "a.ini:2: a comment after a value begins with "
			       "';', not '#'" },
	{ "[" LONG_49 "]\n",
	  "a.ini:1: the name of a section is longer than 48 characters" },
	{ "[a]\nx=1\nstop=1\ny=1\n", "a.ini:3: told to stop" },
	{ "x = " LONG_49 LONG_49 LONG_49 LONG_49 "\n",
	  "a.ini:1: line longer than 196 characters" },
};

static void test_bad_walk(void **state)
{
	struct err err = ERR_INIT;
	char log[4096] = "";
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad_walks); i++) {
		write_text("a.ini", bad_walks[i].text);
		assert_int_equal(ini_walk("a.ini", note, log, &err), -1);
		assert_string_equal(err.text, bad_walks[i].message);
	}
	write_bytes("a.ini", "a=1\nb=\0\n", 8);
	assert_int_equal(ini_walk("a.ini", note, log, &err), -1);
	assert_string_equal(err.text, "a.ini:2: not a text file");
	assert_int_equal(ini_walk("/", note, log, &err), -1);
	assert_string_equal(err.text, "cannot read '/': Is a directory");
	assert_int_equal(err.kind, ERR_INPUT);
	assert_int_equal(ini_walk("absent.ini", note, log, &err), -1);
	assert_int_equal(err.kind, ERR_INPUT);
}

/* A line of exactly the limit is read whole, with and without a newline. */
static void test_longest_line(void **state)
{
	struct err err = ERR_INIT;
	char line[INI_LINE_MAX + 2];
	char log[4096];
	int newline;

	(void)state;
	for (newline = 0; newline < 2; newline++) {
		memset(line, 'v', sizeof(line));
		memcpy(line, "x=", 2);
		line[INI_LINE_MAX] = newline ? '\n' : '\0';
		line[INI_LINE_MAX + 1] = '\0';
		write_text("a.ini", line);
		log[0] = '\0';
		assert_int_equal(ini_walk("a.ini", note, log, &err), 0);
		line[INI_LINE_MAX] = '\0';
		assert_memory_equal(log, "1[]x=vv", 7);
		assert_int_equal(strlen(log), strlen("1[]") + INI_LINE_MAX + 1);
	}
}

/* --- configurations --- */

static const struct param params[] = {
	{ .key = "nic.tx_ring",
	  .type = PARAM_QUANTITY,
	  .qty = QTY_COUNT,
	  .preset_default = "256",
	  .max = 4096 },
	{ .key = "nic.rx_ring",
	  .type = PARAM_QUANTITY,
	  .qty = QTY_COUNT,
	  .preset_default = "256",
	  .max = 4096 },
	{ .key = NULL },
};
static const struct param hybrid_params[] = {
	{ .key = "tx.copy_threshold",
	  .type = PARAM_QUANTITY,
	  .qty = QTY_BYTES,
	  .preset_default = "256B",
	  .max = 65536 },
	{ .key = NULL },
};
static const struct param *const tables[] = { params, hybrid_params, NULL };
static const struct param_set set = { tables };

static const struct preset_value small_values[] = {
	{ "nic.tx_ring", "64", "sheet" },
	{ "nic.rx_ring", "64", "sheet" },
	{ NULL, NULL, NULL },
};
static const struct preset small = { .name = "small", .values = small_values };

static const struct preset *find_preset(const char *name, struct err *err)
{
	if (strcmp(name, small.name) == 0)
		return &small;
	err_set(err, ERR_USAGE, "unknown machine '%s'", name);
	return NULL;
}

static const struct param *find_strategy(const char *name, unsigned nth,
					 struct err *err)
{
	if (strcmp(name, "ndis6-hybrid") == 0)
		return nth == 0 ? hybrid_params : NULL;
	if (strcmp(name, "both") == 0)
		return nth == 0 ? params : nth == 1 ? hybrid_params : NULL;
	if (nth == 0)
		err_set(err, ERR_USAGE, "unknown strategy '%s'", name);
	return NULL;
}

static const struct ini_lookup lookup = { find_preset, find_strategy };

static int load(struct config *cfg, const char *path, struct err *err)
{
	struct ini_config *ini = ini_config_read(path, err);
	int result;

	if (!ini)
		return -1;
	result = ini_config_presets(ini, cfg, &lookup, err);
	if (result == 0)
		result = ini_config_values(ini, cfg, &lookup, err);
	ini_config_free(ini);
	return result;
}

static void test_config(void **state)
{
	struct config *cfg = config_new(&set, NULL);
	struct err err = ERR_INIT;

	(void)state;
	mkdir("sub", 0777);
	write_text("a.ini", "include = sub/d.ini\n[nic]\ntx_ring = 512\n"
			    "[machine]\npreset = small\n"
			    "[strategy both]\ncopy_threshold = 1KiB\n");
	write_text("sub/d.ini", "include = ../c.ini\n[nic]\ntx_ring = 99\n");
	write_text("c.ini", "nic.rx_ring = 128\n");
	if (load(cfg, "a.ini", &err) < 0)
		fail_msg("%s", err.text);
	/* The preset first, wherever it stands; then includes, then ours. */
	assert_int_equal(config_u64(cfg, "nic.tx_ring"), 512);
	assert_int_equal(config_u64(cfg, "nic.rx_ring"), 128);
	assert_int_equal(config_u64(cfg, "tx.copy_threshold"), 1024);
	assert_string_equal(config_origin(cfg, "nic.tx_ring"), "a.ini:3");
	assert_string_equal(config_origin(cfg, "nic.rx_ring"),
			    "sub/../c.ini:1");
	assert_string_equal(config_origin(cfg, "tx.copy_threshold"), "a.ini:7");
	config_free(cfg);
}

static const struct {
	const char *text, *message;
} bad_configs[] = {
	{ "tx_ring = 5\n", "a.ini:1: 'tx_ring' stands before any [section]" },
	{ "[nik]\n", "a.ini:1: unknown section 'nik'; did you mean 'nic'?" },
	{ "[nic]\ntx_rnig = 5\n", "a.ini:2: unknown parameter 'nic.tx_rnig'; "
				  "did you mean 'nic.tx_ring'?" },
	{ "[nic]\ntx_ring = 5000\n", "a.ini:2: nic.tx_ring: '5000' is out of "
				     "range; permitted are 0 to 4096" },
	{ "[nic]\ntx_ring = 5\ntx_ring = 6\n",
	  "a.ini:3: 'tx_ring' is already set at a.ini:2" },
	{ "[machine]\npreset = none\n", "a.ini:2: unknown machine 'none'" },
	{ "[strategy x]\ny = 1\n", "a.ini:2: unknown strategy 'x'" },
	{ "[strategy x]\n", "a.ini:1: unknown strategy 'x'" },
	{ "[strategy ndis6-hybrid]\ncopy_treshold = 1B\n",
	  "a.ini:2: strategy 'ndis6-hybrid' has no parameter "
	  "'copy_treshold'; did you mean 'copy_threshold'?" },
	{ "include = a.ini\n", "a.ini:1: 'a.ini' includes itself" },
	{ "[nic]\ninclude = a.ini\n", "a.ini:2: 'a.ini' includes itself" },
	{ "include = b.ini\n",
	  "a.ini:1: b.ini:1: cannot read 'c.ini': No such file or directory" },
};

static void test_bad_config(void **state)
{
	size_t i;

	(void)state;
	unlink("c.ini");
	write_text("b.ini", "include = c.ini\n");
	for (i = 0; i < COUNT(bad_configs); i++) {
		struct config *cfg = config_new(&set, NULL);
		struct err err = ERR_INIT;

		write_text("a.ini", bad_configs[i].text);
		assert_int_equal(load(cfg, "a.ini", &err), -1);
		assert_string_equal(err.text, bad_configs[i].message);
		config_free(cfg);
	}
}

/* Two files that include each other end, and so does a long chain. */
static void test_cycle(void **state)
{
	struct config *cfg = config_new(&set, NULL);
	struct err err = ERR_INIT;

	(void)state;
	write_text("a.ini", "include = b.ini\n");
	write_text("b.ini", "include = a.ini\n");
	assert_int_equal(load(cfg, "a.ini", &err), -1);
	assert_string_equal(err.text,
			    "a.ini:1: b.ini:1: 'a.ini' includes itself");
	/* The same file twice is no cycle. */
	write_text("a.ini", "include = b.ini\ninclude = b.ini\n");
	write_text("b.ini", "[nic]\ntx_ring = 7\n");
	assert_int_equal(load(cfg, "a.ini", &err), 0);
	assert_int_equal(config_u64(cfg, "nic.tx_ring"), 7);
	config_free(cfg);
}

/* Includes that multiply at every level are refused before they take time. */
static void test_fan_out(void **state)
{
	struct config *cfg = config_new(&set, NULL);
	struct err err = ERR_INIT;
	char text[20 * 1024];
	unsigned i, level;

	(void)state;
	for (level = 0; level < INI_DEPTH_MAX - 1; level++) {
		char name[] = "level0.ini", line[64];

		name[5] = (char)('0' + level);
		snprintf(line, sizeof(line), "include = level%u.ini\n",
			 level + 1);
		for (i = 0; i < 200; i++)
			memcpy(text + i * strlen(line), line, strlen(line) + 1);
		write_text(name, text);
	}
	write_text("level7.ini", "");
	assert_int_equal(load(cfg, "level0.ini", &err), -1);
	assert_non_null(strstr(err.text, "more than 256 files included"));
	for (level = 0; level < INI_DEPTH_MAX; level++) {
		char name[] = "level0.ini";

		name[5] = (char)('0' + level);
		unlink(name);
	}
	config_free(cfg);
}

/* One file more in a row than may be, and one setting more. */
static void test_too_much(void **state)
{
	struct config *cfg = config_new(&set, NULL);
	struct err err = ERR_INIT;
	char *text = malloc((INI_ENTRIES_MAX + 1) * 16), *end = text;
	char *last = text;
	unsigned i;

	(void)state;
	assert_non_null(text);
	for (i = 0; i <= INI_DEPTH_MAX; i++) {
		char name[] = "chain0.ini", include[64];

		name[5] = (char)('0' + i);
		snprintf(include, sizeof(include), "include = chain%u.ini\n",
			 i + 1);
		write_text(name, i < INI_DEPTH_MAX ? include : "");
	}
	assert_int_equal(load(cfg, "chain1.ini", &err), 0);
	assert_int_equal(load(cfg, "chain0.ini", &err), -1);
	assert_non_null(strstr(err.text, "deep"));
	for (i = 0; i <= INI_DEPTH_MAX; i++) {
		char name[] = "chain0.ini";

		name[5] = (char)('0' + i);
		unlink(name);
	}
	for (i = 0; i <= INI_ENTRIES_MAX; i++) {
		last = end;
		end += snprintf(end, 16, "k%05u = 1\n", i);
	}
	write_text("many.ini", text);
	assert_int_equal(load(cfg, "many.ini", &err), -1);
	assert_non_null(strstr(err.text, "more than 10000 settings"));
	*last = '\0';
	write_text("many.ini", text);
	assert_int_equal(load(cfg, "many.ini", &err), -1);
	assert_null(strstr(err.text, "more than 10000 settings"));
	unlink("many.ini");
	free(text);
	config_free(cfg);
}

/* Bytes changed at random: an error or a configuration, never worse. */
static void test_mutations(void **state)
{
	static const char sound[] =
		"; lab\n[machine]\npreset = small\n\n[nic]\ntx_ring = 512 ; x\n"
		"rx_ring=64\n[strategy both]\ncopy_threshold = 1KiB\n";
	static const char odd[] = "[]=;:# \t\r\n\\\"\x80\xff\0n0";
	uint64_t draw = 1;
	unsigned i, j, sounds = 0;

	(void)state;
	unlink("c.ini");
	for (i = 0; i < 3000; i++) {
		struct config *cfg = config_new(&set, NULL);
		struct err err = ERR_INIT;
		char text[sizeof(sound)];

		memcpy(text, sound, sizeof(sound));
		for (j = 0; j <= i % 4; j++) {
			draw = rng_again(draw);
			text[rng_below(draw, sizeof(sound) - 1)] =
				odd[(draw & 0xff) % (sizeof(odd) - 1)];
		}
		write_bytes("a.ini", text, sizeof(sound) - 1);
		if (load(cfg, "a.ini", &err) == 0)
			sounds++;
		else
			assert_true(strlen(err.text) > 10);
		assert_in_range(config_u64(cfg, "nic.tx_ring"), 0, 4096);
		config_free(cfg);
	}
	/* Both ends are reached: blanks in comments, and torn names. */
	assert_in_range(sounds, 30, 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_bad_walk),
		cmocka_unit_test(test_longest_line),
		cmocka_unit_test(test_config),
		cmocka_unit_test(test_bad_config),
		cmocka_unit_test(test_cycle),
		cmocka_unit_test(test_fan_out),
		cmocka_unit_test(test_too_much),
		cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
