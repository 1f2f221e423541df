/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Break-even: crossings of curves with bands, files of prices, and each answer
 * against what running it says.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <math.h>
#include <setjmp.h>

#include <cmocka.h>

#include "cmd/breakeven.h"
#include "cmd/cmd.h"
#include "cmd/tables.h"

/* The program's own is in cmd/main.c. */
atomic_int cmd_interrupted;

static void test_estimate(void **state)
{
	const double a[] = { 10, 12, 14 }, b[] = { 9, 10, 14 };
	struct estimate e = estimate_of(a, 3);

	(void)state;
	assert_true(fabs(e.mean - 12) < 1e-9);
	/* t(2) = 4.303, s = 2 */
	assert_true(fabs(e.half - 4.303 * 2 / sqrt(3)) < 1e-2);
	e = estimate_difference(a, b, 3);
	assert_true(fabs(e.mean - 1) < 1e-9);
	assert_true(fabs(e.half - 4.303 / sqrt(3)) < 1e-2);
	assert_true(isnan(estimate_of(a, 1).half));
}

/*
 * y = 100 - x with a band of +-11 at 0, 45, 90, 135, 180: zero at 100, surely
 * not at 45 and 135.
 */
static void test_crossing(void **state)
{
	struct curve_point points[5];
	struct crossing found[4];
	size_t i;

	(void)state;
	for (i = 0; i < 5; i++) {
		points[i].x = (double)i * 45;
		points[i].y.mean = 100 - points[i].x;
		points[i].y.half = 11;
	}
	assert_int_equal(curve_crossings(points, 5, found, 4), 1);
	assert_true(fabs(found[0].at - 100) < 1e-9);
	assert_true(fabs(found[0].low - 45) < 1e-9);
	assert_true(fabs(found[0].high - 135) < 1e-9);
	assert_true(found[0].falling);
	assert_false(found[0].low_open || found[0].high_open);
	for (i = 0; i < 5; i++)
		points[i].y.mean = -points[i].y.mean;
	assert_int_equal(curve_crossings(points, 5, found, 4), 1);
	assert_false(found[0].falling);
	assert_true(fabs(found[0].low - 45) < 1e-9);
	assert_true(fabs(found[0].high - 135) < 1e-9);
	/* To and fro inside the band is chance: one crossing. */
	points[2].y.mean = 3;
	points[3].y.mean = -3;
	points[3].y.half = 4;
	assert_int_equal(curve_crossings(points, 5, found, 4), 1);
	assert_false(found[0].falling);
	assert_true(found[0].low == 45 && found[0].high == 180);
	for (i = 0; i < 5; i++)
		points[i].y.half = 1000;
	assert_int_equal(curve_crossings(points, 5, found, 4), 1);
	assert_true(found[0].low_open && found[0].high_open);
	for (i = 0; i < 5; i++)
		points[i].y.mean = 1;
	assert_int_equal(curve_crossings(points, 5, found, 4), 0);
}

static struct config *config_of(const char *machine, const char *const *sets)
{
	struct err err = ERR_INIT;
	struct config *cfg = tables_config(&err);

	if (!cfg ||
	    config_apply(cfg, tables_find_machine(machine, &err), &err) < 0)
		fail_msg("%s", err.text);
	for (; sets && *sets; sets++)
		if (config_set_pair(cfg, *sets, "test", &err) < 0)
			fail_msg("%s", err.text);
	return cfg;
}

static int read_prices(struct price_file *file, const char *text,
		       struct err *err)
{
	char path[] = "/tmp/dmasim-prices-XXXXXX";
	int fd = mkstemp(path);
	FILE *out = fdopen(fd, "w");
	int rc;

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
	rc = price_file_read(file, path, err);
	unlink(path);
	return rc;
}

/* CSV and INI, cycles and times, an interval moves one price only. */
static void test_prices(void **state)
{
	struct config *cfg = config_of("xge-64bit", NULL);
	struct price_file file;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(read_prices(&file,
				     "parameter,value,interval\n"
				     "cost.sg_build,912,45 # measured\n"
				     "[cost]\n"
				     "sg_put = 100ns, 10ns\n"
				     "[iommu]\n"
				     "walk = 330\n",
				     &err),
			 0);
	assert_int_equal(file.count, 3);
	assert_int_equal(price_file_apply(&file, cfg, 0, 0, &err), 0);
	assert_int_equal(config_u64(cfg, "cost.sg_build"), 912);
	assert_int_equal(config_u64(cfg, "cost.sg_put"), 330);
	assert_int_equal(config_u64(cfg, "iommu.walk"), 100 * PS_PER_NS);
	assert_int_equal(price_file_apply(&file, cfg, 1, -1, &err), 0);
	assert_int_equal(config_u64(cfg, "cost.sg_build"), 912);
	assert_int_equal(config_u64(cfg, "cost.sg_put"), 297);
	config_free(cfg);
}

static void test_prices_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"cost.sg_build\n",
		"cost.sg_build,1,2,3\n",
		"[cost\n",
		"cost.sg_bild,3\n",
		"nic.tx_ring,64\n",
		"cost.sg_build,many\n",
		"host.dma_write,18446744073709551615\n",
		"host.dma_write,1ns,18446744073709551615\n",
	};
	struct config *cfg = config_of("xge-64bit", NULL);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct price_file file;
		struct err err = ERR_INIT;

		if (!read_prices(&file, texts[i], &err))
			assert_int_equal(
				price_file_apply(&file, cfg, 0, 0, &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
	}
	config_free(cfg);
}

/* Mapping that is a little dearer than a copy of few lines. */
static const char *const near_sets[] = { "cost.sg_build=0", "cost.sg_put=0",
					 "cost.sg_page=0", "cost.process_sg=0",
					 NULL };

static void study_init(struct breakeven *study)
{
	struct err err = ERR_INIT;

	*study = (struct breakeven){ .frames = 400,
				     .ask.replicates = 3,
				     .rate_bps = 60000000,
				     .tx_ppm = 500000 };
	study->ask.options.seed = 3;
	study->ask.options.jobs = 1;
	study->mapped = tables_find_tx("ndis6-sg", &err);
	study->copied = tables_find_tx("ndis6-copy", &err);
	study->hybrid = tables_find_tx("ndis6-hybrid", &err);
	study->rx = tables_find_rx("common-copy", &err);
}

static double difference_at(const struct breakeven *study,
			    const struct config *cfg, uint64_t bytes)
{
	struct err err = ERR_INIT;
	struct size_pair pair;
	double sum = 0;
	unsigned r;

	for (r = 0; r < study->ask.replicates; r++) {
		if (breakeven_pair(study, cfg, bytes, r, &pair, &err) < 0)
			fail_msg("%s", err.text);
		sum += pair.mapped - pair.copied;
	}
	return sum / study->ask.replicates;
}

/* No frames are made any more: no run, and no error. */
static void test_interrupted(void **state)
{
	struct config *cfg = config_of("xge-64bit", near_sets);
	struct size_pair pair = { 0 };
	struct err err = ERR_INIT;
	struct breakeven study;

	(void)state;
	study_init(&study);
	cmd_interrupted = 1;
	assert_int_equal(breakeven_pair(&study, cfg, 64, 0, &pair, &err), 0);
	cmd_interrupted = 0;
	config_free(cfg);
}

/* The interval holds a size at which every 8th byte tried changes the sign. */
static void test_brute_force(void **state)
{
	struct config *cfg = config_of("xge-64bit", near_sets);
	struct size_answer *answer = calloc(1, sizeof(*answer));
	struct err err = ERR_INIT;
	struct breakeven study;
	const struct crossing *crossing;
	double last, here;
	unsigned changes = 0;
	uint64_t size;

	(void)state;
	study_init(&study);
	if (breakeven_size(&study, cfg, answer, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(answer->crossing_count > 0);
	crossing = &answer->crossings[0];
	assert_true(crossing->falling);
	last = difference_at(&study, cfg, 64);
	for (size = 72; size < 1514; size += 8) {
		here = difference_at(&study, cfg, size);
		if ((here > 0) == (last > 0))
			continue;
		last = here;
		changes += (double)size >= crossing->low - 8 &&
			   (double)size <= crossing->high + 8;
	}
	assert_true(changes > 0);
	assert_true(isnan(answer->price_half));
	free(answer);
	config_free(cfg);
}

/* No crossing, either way. */
static void test_one_sided(void **state)
{
	static const char *const dear[] = { "cost.sg_build=10000", NULL };
	static const char *const cheap[] = { "host.copy_call=10000", NULL };
	const char *const *const sets[] = { dear, cheap };
	struct size_answer *answer = calloc(1, sizeof(*answer));
	struct err err = ERR_INIT;
	struct breakeven study;
	size_t i, j;

	(void)state;
	study_init(&study);
	for (i = 0; i < 2; i++) {
		struct config *cfg = config_of("xge-64bit", sets[i]);

		memset(answer, 0, sizeof(*answer));
		if (breakeven_size(&study, cfg, answer, &err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(answer->crossing_count, 0);
		for (j = 0; j < answer->count; j++)
			assert_int_equal(answer->points[j].difference.mean < 0,
					 i == 1);
		config_free(cfg);
	}
	free(answer);
}

/* At the critical factor both do cost the same. */
static void test_critical_price(void **state)
{
	struct config *cfg = config_of("xge-64bit", NULL);
	struct price_answer *answer = calloc(1, sizeof(*answer));
	const struct price_point *point;
	struct err err = ERR_INIT;
	struct breakeven study;
	const struct param *row;
	char text[UNITS_TEXT_MAX];
	size_t v, i;

	(void)state;
	study_init(&study);
	/* Copies that are dear enough for mapping to have a price. */
	if (config_set(cfg, "host.copy_call", "800", "test", &err) < 0 ||
	    breakeven_price(&study, cfg, answer, &err) < 0)
		fail_msg("%s", err.text);
	for (v = 0; v < answer->count && !answer->variants[v].as_is; v++)
		;
	assert_true(v < answer->count);
	point = &answer->variants[v].points[2];
	assert_true(point->priced && point->factor.mean > 0);
	assert_true(point->difference.mean > 20 ||
		    point->difference.mean < -20);
	for (i = 0; (row = config_row(cfg, i)); i++) {
		if (strncmp(row->key, "cost.sg_", 8) != 0)
			continue;
		units_format(row->qty,
			     (uint64_t)((double)config_u64(cfg, row->key) *
						point->factor.mean +
					0.5),
			     text, sizeof(text));
		if (config_set(cfg, row->key, text, "test", &err) < 0)
			fail_msg("%s", err.text);
	}
	assert_true(fabs(difference_at(&study, cfg, point->bytes)) <
		    5 + point->difference.half);
	free(answer);
	config_free(cfg);
}

/* Two sizes: a threshold between them is right when copying pays for one. */
static void test_threshold(void **state)
{
	static const char *const dear[] = { "cost.sg_build=5000", NULL };
	static const char *const cheap[] = { "host.copy_call=10000", NULL };
	const char *const *const sets[] = { dear, cheap };
	const char *path = "gen:constant,rate=50kpps,size=100:1/1000:1,"
			   "tx=100%,frames=2000";
	struct threshold_answer *answer = calloc(1, sizeof(*answer));
	struct err err = ERR_INIT;
	struct breakeven study;
	size_t i, m;

	(void)state;
	study_init(&study);
	for (i = 0; i < 2; i++) {
		struct config *cfg = config_of("xge-64bit", sets[i]);
		const struct threshold_plateau *p = &answer->by[0];

		memset(answer, 0, sizeof(*answer));
		if (workload_read(&study.ask.load, &path, 1, cfg, 2000, &err) <
			    0 ||
		    breakeven_threshold(&study, cfg, answer, &err) < 0)
			fail_msg("%s", err.text);
		/* None copied, those of 100 bytes, all. */
		assert_int_equal(answer->count, 3);
		assert_int_equal(answer->points[0].until, 96);
		assert_int_equal(answer->points[1].bytes, 128);
		assert_int_equal(answer->points[1].until, 768);
		assert_int_equal(answer->points[2].bytes, 1024);
		assert_int_equal(p->best, i == 0 ? 2 : 0);
		for (m = 0; m < BREAKEVEN_MEASURES; m++) {
			p = &answer->by[m];
			assert_true(p->low <= p->best && p->best <= p->high);
			assert_true(p->sure_low >= p->low &&
				    p->sure_high <= p->high);
			assert_true(p->maybe_low <= p->low &&
				    p->maybe_high >= p->high);
		}
		workload_clear(&study.ask.load);
		config_free(cfg);
	}
	free(answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_estimate),
		cmocka_unit_test(test_crossing),
		cmocka_unit_test(test_prices),
		cmocka_unit_test(test_prices_refused),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_brute_force),
		cmocka_unit_test(test_one_sided),
		cmocka_unit_test(test_critical_price),
		cmocka_unit_test(test_threshold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
