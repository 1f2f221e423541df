/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "core/param.h"
#include "core/suggest.h"
#include "tests/unit/aborts.h"

static const struct param_choice modes[] = {
	{ "off", "none" },
	{ "strict", "every map and unmap" },
	{ NULL, NULL },
};

static const struct param nic_params[] = { { .key = "nic.tx_ring",
					     .type = PARAM_QUANTITY,
					     .qty = QTY_COUNT,
					     .unit = "descriptors",
					     .preset_default = "256",
					     .min = 8,
					     .max = 4096,
					     .help = "transmit descriptors",
					     .source = "datasheet" },
					   { .key = "nic.moderation",
					     .type = PARAM_QUANTITY,
					     .qty = QTY_TIME,
					     .preset_default = "50us",
					     .max = 1000000000,
					     .help = "interrupt moderation",
					     .source = "assumed" },
					   { .key = "nic.lso",
					     .type = PARAM_BOOL,
					     .preset_default = "no",
					     .help = "large sends" },
					   { .key = NULL } };

static const struct param iommu_params[] = {
	{ .key = "iommu.mode",
	  .type = PARAM_CHOICE,
	  .preset_default = "off",
	  .choices = modes,
	  .help = "remapping" },
	{ .key = "host.label", .type = PARAM_STRING, .help = "free text" },
	{ .key = NULL }
};

static const struct param *const tables[] = { nic_params, iommu_params,
					      nic_params, NULL };
static const struct param_set set = { tables };

static struct config *new_config(void)
{
	struct err err = ERR_INIT;
	struct config *cfg = config_new(&set, &err);

	assert_non_null(cfg);
	return cfg;
}

static void test_defaults(void **state)
{
	struct config *cfg = new_config();
	size_t n = 0;

	(void)state;
	assert_int_equal(config_u64(cfg, "nic.tx_ring"), 256);
	assert_int_equal(config_u64(cfg, "nic.moderation"), 50000000);
	assert_false(config_bool(cfg, "nic.lso"));
	assert_int_equal(config_choice(cfg, "iommu.mode"), 0);
	assert_string_equal(config_string(cfg, "host.label"), "");
	assert_string_equal(config_origin(cfg, "nic.tx_ring"), "default");
	assert_string_equal(config_source(cfg, "nic.tx_ring"), "datasheet");
	assert_string_equal(config_source(cfg, "nic.lso"), "");
	while (config_row(cfg, n))
		n++;
	assert_int_equal(n, 5); /* a table named twice counts once */
	assert_string_equal(config_row(cfg, 3)->key, "iommu.mode");
	assert_null(config_find(cfg, "nic.nothing"));
	config_free(cfg);
}

static void test_set(void **state)
{
	struct config *cfg = new_config();
	struct err err = ERR_INIT;
	char text[CONFIG_TEXT_MAX];

	(void)state;
	assert_int_equal(
		config_set(cfg, "nic.tx_ring", "512", "lab.ini:3", &err), 0);
	assert_int_equal(config_set_pair(cfg, "nic.lso=on", "--set", &err), 0);
	assert_int_equal(
		config_set_pair(cfg, "iommu.mode=strict", "--set", &err), 0);
	assert_int_equal(config_set_pair(cfg, "host.label=a=b", "--set", &err),
			 0);
	assert_int_equal(config_u64(cfg, "nic.tx_ring"), 512);
	assert_true(config_bool(cfg, "nic.lso"));
	assert_int_equal(config_choice(cfg, "iommu.mode"), 1);
	assert_string_equal(config_string(cfg, "host.label"), "a=b");
	assert_string_equal(config_origin(cfg, "nic.tx_ring"), "lab.ini:3");
	assert_string_equal(
		config_text(cfg, "nic.moderation", text, sizeof(text)), "50us");
	assert_string_equal(config_text(cfg, "nic.lso", text, sizeof(text)),
			    "yes");
	assert_string_equal(config_text(cfg, "iommu.mode", text, sizeof(text)),
			    "strict");
	config_free(cfg);
}

static void test_refuse(void **state)
{
	static const struct {
		const char *pair, *message;
	} rows[] = {
		{ "nic.tx_rnig=5", "unknown parameter 'nic.tx_rnig'; did you "
				   "mean 'nic.tx_ring'?" },
		{ "tx_ring=5", "unknown parameter 'tx_ring'; did you mean "
			       "'nic.tx_ring'?" },
		{ "zzzzzzz=5",
		  "unknown parameter 'zzzzzzz'; see dmasim params" },
		{ "nic.tx_ring", "'nic.tx_ring' is not KEY=VALUE, such as "
				 "nic.tx_ring=512" },
		{ "=7", "'=7' is not KEY=VALUE, such as nic.tx_ring=512" },
		{ "ring=5", "unknown parameter 'ring'; see dmasim params" },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaa=5",
		  "unknown parameter '"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaa"
		  "'; see dmasim params" },
		{ "nic.tx_ring=7", "nic.tx_ring: '7' is out of range; "
				   "permitted are 8 to 4096 descriptors" },
		{ "nic.tx_ring=4097", "nic.tx_ring: '4097' is out of range; "
				      "permitted are 8 to 4096 descriptors" },
		{ "nic.moderation=10", "nic.moderation: '10' needs a unit, "
				       "such as 10us or 10ns" },
		{ "nic.moderation=2ms", "nic.moderation: '2ms' is out of "
					"range; permitted are 0 to 1ms" },
		{ "nic.lso=maybe", "nic.lso: 'maybe' is neither yes nor no" },
		{ "iommu.mode=strikt", "iommu.mode: 'strikt' is none of off, "
				       "strict; did you mean 'strict'?" },
	};
	struct config *cfg = new_config();
	uint64_t before = config_digest(cfg);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(
			config_set_pair(cfg, rows[i].pair, "--set", &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
		assert_string_equal(err.text, rows[i].message);
	}
	assert_true(config_digest(cfg) == before);
	config_free(cfg);
}

/* Texts longer than a parameter takes, and keys longer than any. */
static void test_long(void **state)
{
	static const char key[] = "host.label=";
	struct config *cfg = new_config(), *other = new_config();
	char pair[sizeof(key) + CONFIG_TEXT_MAX];
	const size_t length = sizeof(key) - 1;
	struct err err = ERR_INIT;

	(void)state;
	memset(pair, 'x', sizeof(pair) - 1);
	pair[sizeof(pair) - 1] = '\0';
	memcpy(pair, key, length);
	assert_int_equal(config_set_pair(cfg, pair, "--set", &err), -1);
	assert_non_null(strstr(err.text, "host.label: is longer than "));
	pair[length + CONFIG_TEXT_MAX - 1] = '\0';
	assert_int_equal(config_set_pair(cfg, pair, "--set", &err), 0);
	assert_int_equal(strlen(config_string(cfg, "host.label")),
			 CONFIG_TEXT_MAX - 1);
	assert_false(config_equal(cfg, other, "host.label"));
	assert_int_equal(config_set_pair(other, pair, "--set", &err), 0);
	assert_true(config_equal(cfg, other, "host.label"));
	assert_true(config_equal(cfg, other, "nic.lso"));
	memset(pair, 'x', length);
	pair[200] = '=';
	assert_int_equal(config_set_pair(cfg, pair, "--set", &err), -1);
	assert_string_equal(err.text, "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
				      "x...' is no parameter");
	config_free(cfg);
	config_free(other);
}

static const struct preset_value parent_values[] = {
	{ "nic.tx_ring", "128", "parent sheet" },
	{ "nic.lso", "yes", "parent sheet" },
	{ NULL, NULL, NULL },
};
static const struct preset parent = { .name = "parent",
				      .kind = "host",
				      .values = parent_values };
static const struct preset_value child_values[] = {
	{ "nic.tx_ring", "64", "child sheet" },
	{ NULL, NULL, NULL },
};
static const struct preset child = { .name = "child",
				     .kind = "machine",
				     .parent = &parent,
				     .values = child_values };
static const struct preset_value wrong_values[] = {
	{ "nic.tx_ringg", "64", "x" },
	{ NULL, NULL, NULL },
};
static const struct preset wrong = { .name = "wrong", .values = wrong_values };

static void test_presets(void **state)
{
	struct config *cfg = new_config();
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(config_apply(cfg, &child, &err), 0);
	assert_int_equal(config_u64(cfg, "nic.tx_ring"), 64);
	assert_true(config_bool(cfg, "nic.lso"));
	assert_string_equal(config_origin(cfg, "nic.tx_ring"), "preset child");
	assert_string_equal(config_origin(cfg, "nic.lso"), "preset parent");
	assert_string_equal(config_source(cfg, "nic.tx_ring"), "child sheet");
	assert_int_equal(config_apply(cfg, &wrong, &err), -1);
	assert_string_equal(err.text,
			    "preset wrong: unknown parameter 'nic.tx_ringg'; "
			    "did you mean 'nic.tx_ring'?");
	config_free(cfg);
}

/* Equal values, equal digests, whatever their origins and spelling. */
static void test_digest(void **state)
{
	static const struct param *const turned[] = { iommu_params, nic_params,
						      NULL };
	static const struct param_set other = { turned };
	struct config *a = new_config(), *b = new_config();
	struct config *c = config_copy(a, NULL), *d = config_new(&other, NULL);

	(void)state;
	config_set(b, "nic.moderation", "0.05ms", "--set", NULL);
	assert_true(config_digest(a) == config_digest(b));
	assert_true(config_digest(a) == config_digest(c));
	assert_true(config_digest(a) == config_digest(d));
	assert_true(config_equal(a, b, "nic.moderation"));
	config_set(b, "host.label", "x", "--set", NULL);
	assert_false(config_digest(a) == config_digest(b));
	assert_false(config_equal(a, b, "host.label"));
	config_set(c, "nic.lso", "yes", "--set", NULL);
	assert_false(config_bool(a, "nic.lso"));
	assert_false(config_digest(a) == config_digest(c));
	config_free(a);
	config_free(b);
	config_free(c);
	config_free(d);
}

static const struct config *misused;

static void read_unknown(void)
{
	config_u64(misused, "nic.tx_rnig");
}

static void read_string(void)
{
	config_u64(misused, "host.label");
}

static void read_quantity(void)
{
	config_bool(misused, "nic.tx_ring");
}

static void test_misuse(void **state)
{
	struct config *cfg = new_config();

	(void)state;
	misused = cfg;
	assert_true(aborts(read_unknown));
	assert_true(aborts(read_string));
	assert_true(aborts(read_quantity));
	config_free(cfg);
}

static void test_suggest(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned distance;
	} rows[] = {
		{ "compare", "compare", 0 }, { "comprae", "compare", 1 },
		{ "compar", "compare", 1 },  { "compaare", "compare", 1 },
		{ "tx_ring", "tx-ring", 0 }, { "Compare", "compare", 0 },
		{ "sweep", "sewpe", 2 },     { "", "abc", 3 },
	};
	struct suggest suggest;
	char hint[SUGGEST_HINT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(suggest_distance(rows[i].a, rows[i].b),
				 rows[i].distance);
		assert_int_equal(suggest_distance(rows[i].b, rows[i].a),
				 rows[i].distance);
	}
	suggest_init(&suggest, "xyzzy");
	suggest_offer(&suggest, "compare");
	assert_string_equal(suggest_hint(&suggest, hint, sizeof(hint)), "");
	suggest_init(&suggest, "sens");
	suggest_offer(&suggest, "size");
	suggest_offer(&suggest, "sensitivity");
	assert_string_equal(suggest_hint(&suggest, hint, sizeof(hint)),
			    "; did you mean 'sensitivity'?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults), cmocka_unit_test(test_set),
		cmocka_unit_test(test_long),	 cmocka_unit_test(test_refuse),
		cmocka_unit_test(test_presets),	 cmocka_unit_test(test_digest),
		cmocka_unit_test(test_misuse),	 cmocka_unit_test(test_suggest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
