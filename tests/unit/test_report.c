/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test_report_fixture.h"

#include <stdlib.h>
#include <unistd.h>

#include "reports/compare_text.h"
#include "reports/csv_out.h"
#include "reports/json_out.h"
#include "reports/load.h"
#include "reports/run_text.h"
#include "reports/summary.h"
#include "reports/table.h"
#include "reports/tree.h"

typedef int view(const struct document *doc, FILE *out, struct err *err);

static char *viewed(view *write, const struct document *doc)
{
	struct err err = ERR_INIT;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(write(doc, out, &err), 0);
	fclose(out);
	return text;
}

/* A file with @text, removed by the caller. */
static void store(char *path, const char *text)
{
	int fd;

	memcpy(path, "/tmp/dmasim-report-XXXXXX", 26);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void same_views(const struct document *a, const struct document *b)
{
	view *const views[] = { json_write, csv_write, compare_text_write,
				run_text_write };

	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		char *x = viewed(views[i], a), *y = viewed(views[i], b);

		assert_true(strlen(x) > 1000);
		assert_string_equal(x, y);
		free(x);
		free(y);
	}
}

static void stored_gives_the_same_views(void **state)
{
	struct config *cfg = fixture_config();
	struct document *doc = fixture_compare(cfg), *again, *loaded;
	struct err err = ERR_INIT;
	char path[32];
	char *text;

	(void)state;
	text = viewed(json_write, doc);
	store(path, text);
	loaded = document_load(path, &err);
	assert_non_null(loaded);
	same_views(doc, loaded);
	assert_int_equal(document_finish(loaded, &err), 0);
	same_views(doc, loaded);
	again = fixture_compare(cfg);
	same_views(doc, again);
	unlink(path);
	free(text);
	document_free(again);
	document_free(loaded);
	document_free(doc);
	config_free(cfg);
}

static void load_errors_tell_files_apart(void **state)
{
	static const struct {
		const char *text, *needle;
	} cases[] = {
		{ "", "is cut off" },
		{ "{\"schema\": 1, \"tool\": {\"name\": \"dmasim\"",
		  "cut off" },
		{ "\xd4\xc3\xb2\xa1 a capture", "is not a JSON result" },
		{ "{\"a\": 1}", "no result of dmasim" },
		{ "[1, 2]", "no result of dmasim" },
		{ "{\"schema\": 9, \"tool\": {\"name\": \"dmasim\"}}",
		  "schema 9" },
		{ "{\"schema\": 1, \"tool\": {\"name\": \"dmasim\"}}",
		  "\"traces\" is missing" },
		{ "{\"schema\":1,\"tool\":{\"name\":\"dmasim\"},\"traces\":[],"
		  "\"config\":{},\"units\":{},\"runs\":[{\"tx\":\"a\"}],"
		  "\"summary\":{}}",
		  "run 0 has no proper \"rx\"" },
		{ "{\"schema\":1,\"tool\":{\"name\":\"dmasim\"},"
		  "\"traces\":[{}],\"config\":{},\"units\":{},"
		  "\"runs\":[{\"tx\":\"a\",\"rx\":\"b\",\"machine\":\"m\","
		  "\"trace\":0,\"status\":\"complete\",\"metrics\":"
		  "{\"x\":{\"buckets\":[[1,2],[3]]}}}],\"summary\":{}}",
		  "run 0: 'x': \"buckets\" is not a list of numbers" },
		{ "{\"schema\":1,\"tool\":{\"name\":\"dmasim\"},\"traces\":[],"
		  "\"config\":{},\"units\":{},\"runs\":[{\"tx\":\"a\","
		  "\"rx\":\"b\",\"machine\":\"m\",\"trace\":0,"
		  "\"status\":\"complete\"}],\"summary\":{}}",
		  "a trace that is not there" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		char path[32];

		store(path, cases[i].text);
		assert_null(document_load(path, &err));
		unlink(path);
		assert_int_equal(err.kind, ERR_INPUT);
		assert_non_null(strstr(err.text, path));
		if (!strstr(err.text, cases[i].needle))
			fail_msg("%s: %s", cases[i].needle, err.text);
	}
}

static void absent_file_is_bad_input(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_null(document_load("/nonexistent/result.json", &err));
	assert_int_equal(err.kind, ERR_INPUT);
	assert_non_null(strstr(err.text, "No such file"));
}

static double metric(const struct document *doc, size_t run, const char *name,
		     const char *stat)
{
	double value = -1;

	assert_true(run_number(
		json_array_get(json_object_get(document_tree(doc), "runs"),
			       run),
		name, stat, &value));
	return value;
}

static void figures_are_those_of_the_run(void **state)
{
	struct config *cfg = fixture_config();
	struct document *doc = fixture_document(cfg);
	const json_t *run, *metrics;
	struct fixture f;
	struct err err = ERR_INIT;
	uint64_t count = 0, low;
	const char *cursor;
	double absent;

	(void)state;
	fixture_init(&f, "ndis6-sg", "sg", 0, 1200);
	assert_int_equal(document_add_run(doc, &f.result, "m", 0, cfg, &err),
			 0);
	run = json_array_get(json_object_get(document_tree(doc), "runs"), 0);
	metrics = json_object_get(run, "metrics");
	assert_true(metric(doc, 0, "tx.sent_frames", NULL) == 2000);
	/* (1200 x 2000 + 1) / 2000 to nine digits */
	assert_true(metric(doc, 0, "cpu.driver_cycles_per_frame", NULL) ==
		    1200.0005);
	assert_true(metric(doc, 0, "cpu.copied_share", NULL) == 0.333333333);
	assert_true(metric(doc, 0, "hal.map_registers_in_use", "max") ==
		    (double)f.stats.hal.map_registers_in_use.max);
	assert_true(metric(doc, 0, "rx.latency_ps", "p99") ==
		    (double)hist_quantile(&f.stats.rx.latency_ps, 990000));
	assert_true(
		json_is_null(json_object_get(metrics, "hal.bounced_share")));
	assert_false(run_number(run, "hal.bounced_share", NULL, &absent));
	assert_false(run_number(run, "no.such_metric", "p99", &absent));
	assert_false(run_number(run, "capacity.rate_bps", NULL, &absent));
	/* An empty histogram has a count and nothing else. */
	assert_false(
		run_number(run, "hal.map_register_wait_ps", "p99", &absent));
	assert_true(metric(doc, 0, "hal.map_register_wait_ps", "count") == 0);

	cursor = packed_text(json_object_get(metrics, "rx.latency_ps"),
			     "buckets");
	while (packed_next(&cursor, &low)) {
		uint64_t n = 0;

		assert_true(low <= f.stats.rx.latency_ps.max);
		assert_true(packed_next(&cursor, &n));
		count += n;
	}
	assert_int_equal(count, FIXTURE_FRAMES);
	fixture_clear(&f);
	document_free(doc);
	config_free(cfg);
}

static const json_t *config_of(const struct document *doc, size_t run)
{
	return json_object_get(
		json_array_get(json_object_get(document_tree(doc), "runs"),
			       run),
		"config");
}

static void runs_list_what_differs(void **state)
{
	struct config *shared = fixture_config(), *own = fixture_config();
	struct document *doc = fixture_document(shared);
	struct err err = ERR_INIT;
	const json_t *entry, *root;

	(void)state;
	config_set(own, "nic.tx_ring", "512", "preset fast", &err);
	config_set(own, "iommu.mode", "strict", "--set", &err);
	config_set(own, "nic.moderation", "50us", "--set", &err);
	fixture_add(doc, shared, "m", "a", "b", 0, 100);
	fixture_add(doc, own, "m", "a", "b", 1, 100);
	assert_int_equal(json_object_size(config_of(doc, 0)), 0);
	assert_int_equal(json_object_size(config_of(doc, 1)), 2);
	entry = json_object_get(config_of(doc, 1), "nic.tx_ring");
	assert_int_equal(tree_count(entry, "value"), 512);
	assert_string_equal(tree_string(entry, "unit", ""), "descriptors");
	assert_string_equal(tree_string(entry, "from", ""), "preset fast");
	entry = json_object_get(config_of(doc, 1), "iommu.mode");
	assert_string_equal(tree_string(entry, "value", ""), "strict");
	root = json_object_get(document_tree(doc), "config");
	assert_string_equal(
		tree_string(json_object_get(root, "tx.limit"), "value", ""),
		"18446744073709551615");
	document_free(doc);
	config_free(own);
	config_free(shared);
}

static void merge_restates_configurations(void **state)
{
	struct config *a = fixture_config(), *b = fixture_config();
	struct document *first, *second, *joint;
	struct err err = ERR_INIT;
	const json_t *root;

	(void)state;
	config_set(b, "nic.tx_ring", "1024", "--set", &err);
	first = fixture_document(a);
	second = fixture_document(b);
	joint = document_new("0.1.0", NULL, &err);
	fixture_add(first, a, "m", "x", "y", 0, 100);
	fixture_add(second, b, "m", "x", "y", 1, 100);
	fixture_add(second, a, "m", "x", "y", 2, 100);
	document_add_note(second, "m", "text", &err);
	assert_int_equal(document_merge(joint, first, &err), 0);
	assert_int_equal(document_merge(joint, second, &err), 0);
	assert_int_equal(document_merge(joint, second, &err), 0);
	assert_int_equal(document_finish(joint, &err), 0);
	root = document_tree(joint);
	assert_int_equal(json_array_size(json_object_get(root, "traces")), 1);
	assert_int_equal(json_array_size(json_object_get(root, "runs")), 5);
	assert_int_equal(json_array_size(json_object_get(
				 json_object_get(root, "summary"), "notes")),
			 1);
	assert_int_equal(json_object_size(config_of(joint, 0)), 0);
	assert_int_equal(json_object_size(config_of(joint, 1)), 1);
	assert_int_equal(
		tree_count(json_object_get(config_of(joint, 1), "nic.tx_ring"),
			   "value"),
		1024);
	assert_int_equal(json_object_size(config_of(joint, 2)), 0);
	document_free(joint);
	document_free(second);
	document_free(first);
	config_free(b);
	config_free(a);
}

static void students_t(void **state)
{
	(void)state;
	assert_true(student_t975(1) == 12.706);
	assert_true(student_t975(2) == 4.303);
	assert_true(student_t975(30) == 2.042);
	assert_true(student_t975(1000) == 1.980);
	for (unsigned n = 1; n < 200; n++)
		assert_true(student_t975(n) >= student_t975(n + 1));
}

static bool near(double a, double b)
{
	return a - b < 1e-6 && b - a < 1e-6;
}

/* Replicates 1200, 1203, 1206: mean 1203, s = 3, half = 4.303 x 3 / sqrt 3. */
static void intervals(void **state)
{
	struct config *cfg = fixture_config();
	struct document *doc = fixture_compare(cfg);
	struct report_cells cells;
	struct report_blocks blocks;
	struct err err = ERR_INIT;
	struct aggregate a;
	const struct report_row **rows;

	(void)state;
	assert_int_equal(report_cells_init(&cells, document_tree(doc), &err),
			 0);
	assert_int_equal(cells.count, 2);
	assert_int_equal(report_blocks_init(&blocks, &cells.cells[0], &err), 0);
	assert_int_equal(blocks.count, 2);
	assert_int_equal(blocks.block[0].count, 5);
	assert_int_equal(blocks.block[1].count, 3);
	assert_string_equal(blocks.block[0].fixed, "common-copy");
	rows = blocks.block[0].rows;
	a = aggregate_of(rows[0], "cpu.driver_cycles_per_frame", NULL);
	assert_int_equal(a.n, 3);
	assert_true(near(a.mean, 1203.0005));
	assert_true(near(a.ci95, 4.303 * 3 / 1.7320508));
	/* Equal steps in all replicates: an exact difference. */
	a = aggregate_paired(rows[0], rows[1], "cpu.driver_cycles_per_frame",
			     NULL);
	assert_true(a.interval && near(a.mean, 300) && near(a.ci95, 0));
	assert_true(aggregate_significant(&a));
	a = aggregate_paired(rows[0], rows[0], "cpu.driver_cycles_per_frame",
			     NULL);
	assert_false(aggregate_significant(&a));
	/* The pair that cannot run has nothing to compare. */
	a = aggregate_paired(rows[0], rows[4], "cpu.driver_cycles_per_frame",
			     NULL);
	assert_int_equal(a.n, 0);
	report_blocks_clear(&blocks);
	report_cells_clear(&cells);
	document_free(doc);
	config_free(cfg);
}

/* The cheapest rows are saturated or a floor: the best ranked row wins. */
static void best_is_ranked_and_outside(void **state)
{
	const struct compared *c =
		compared_find("cpu.driver_cycles_per_frame", NULL);
	struct config *cfg = fixture_config();
	struct document *doc = fixture_compare(cfg);
	struct report_cells cells;
	struct report_blocks blocks;
	struct err err = ERR_INIT;
	const struct report_row *best;

	(void)state;
	assert_int_equal(report_cells_init(&cells, document_tree(doc), &err),
			 0);
	assert_int_equal(report_blocks_init(&blocks, &cells.cells[0], &err), 0);
	best = block_best(&blocks.block[0], c);
	assert_non_null(best);
	assert_string_equal(best->tx, "ndis6-hybrid");
	best = block_best(&blocks.block[1], c);
	assert_string_equal(best->rx, "copybreak");
	report_blocks_clear(&blocks);
	report_cells_clear(&cells);
	document_free(doc);

	/* One replicate each decides nothing. */
	doc = fixture_document(cfg);
	fixture_add(doc, cfg, "m", "a", "r", 0, 100);
	fixture_add(doc, cfg, "m", "b", "r", 0, 900);
	assert_int_equal(report_cells_init(&cells, document_tree(doc), &err),
			 0);
	assert_int_equal(report_blocks_init(&blocks, &cells.cells[0], &err), 0);
	assert_int_equal(blocks.count, 1);
	assert_null(block_best(&blocks.block[0], c));
	report_blocks_clear(&blocks);
	report_cells_clear(&cells);
	document_free(doc);
	config_free(cfg);
}

struct capacity_row {
	const char *tx;
	uint64_t rate_bps;
	bool confirmed;
	const char *status; /* NULL: complete */
};

/* Two rows of two replicates each; the one marked in @metric, or NULL. */
static void check_best(const char *metric, const struct capacity_row *rows,
		       const char *expected)
{
	struct config *cfg = fixture_config();
	struct document *doc = fixture_document(cfg);
	const struct report_row *best;
	struct report_cells cells;
	struct report_blocks blocks;
	struct err err = ERR_INIT;

	for (unsigned i = 0; i < 4; i++) {
		const struct capacity_row *row = &rows[i / 2];
		struct run_capacity capacity = { .rate_bps = row->rate_bps,
						 .limiter = "core 0",
						 .confirmed = row->confirmed };
		int run = fixture_add(doc, cfg, "m", row->tx, "r", i % 2, 500);

		document_set_capacity(doc, run, &capacity, &err);
		if (row->status)
			document_set_status(doc, run, row->status, &err);
	}
	assert_int_equal(report_cells_init(&cells, document_tree(doc), &err),
			 0);
	assert_int_equal(report_blocks_init(&blocks, &cells.cells[0], &err), 0);
	best = block_best(&blocks.block[0], compared_find(metric, NULL));
	if (expected)
		assert_string_equal(best ? best->tx : "none", expected);
	else
		assert_null(best);
	report_blocks_clear(&blocks);
	report_cells_clear(&cells);
	document_free(doc);
	config_free(cfg);
}

/* Capacities: confirmed, and apart by more than the search leaves open. */
static void best_capacity_is_confirmed_and_apart(void **state)
{
	const struct capacity_row apart[] = { { "a", 1000, true, NULL },
					      { "b", 970, true, NULL } };
	const struct capacity_row tied[] = { { "a", 1000, true, NULL },
					     { "b", 985, true, NULL } };
	const struct capacity_row guess[] = { { "a", 1000, false, NULL },
					      { "b", 500, true, NULL } };

	(void)state;
	check_best("capacity.rate_bps", apart, "a");
	check_best("capacity.rate_bps", tied, NULL);
	check_best("capacity.rate_bps", guess, NULL);
}

/* Equal costs: nothing is marked, unless only one row keeps up. */
static void alone_in_keeping_up_is_best(void **state)
{
	const char *cycles = "cpu.driver_cycles_per_frame";
	const struct capacity_row alone[] = { { "a", 100, true, "saturated" },
					      { "b", 200, true, NULL } };
	const struct capacity_row both[] = { { "a", 100, true, NULL },
					     { "b", 200, true, NULL } };
	const struct capacity_row cut[] = { { "a", 100, true, "interrupted" },
					    { "b", 200, true, NULL } };

	(void)state;
	check_best(cycles, alone, "b");
	check_best(cycles, both, NULL);
	check_best(cycles, cut, NULL);
}

static void cross_product_is_one_block(void **state)
{
	struct config *cfg = fixture_config();
	struct document *doc = fixture_document(cfg);
	struct report_cells cells;
	struct report_blocks blocks;
	struct err err = ERR_INIT;
	char name[REPORT_ROW_NAME_MAX];

	(void)state;
	fixture_add(doc, cfg, "m", "a", "r", 0, 1);
	fixture_add(doc, cfg, "m", "a", "s", 0, 1);
	fixture_add(doc, cfg, "m", "b", "r", 0, 1);
	fixture_add(doc, cfg, "m", "b", "s", 0, 1);
	assert_int_equal(report_cells_init(&cells, document_tree(doc), &err),
			 0);
	assert_int_equal(report_blocks_init(&blocks, &cells.cells[0], &err), 0);
	assert_int_equal(blocks.count, 1);
	assert_int_equal(blocks.block[0].kind, BLOCK_PAIRS);
	assert_int_equal(blocks.block[0].count, 4);
	assert_string_equal(report_row_name(&blocks.block[0],
					    blocks.block[0].rows[3], name,
					    sizeof(name)),
			    "b + s");
	report_blocks_clear(&blocks);
	report_cells_clear(&cells);
	document_free(doc);
	config_free(cfg);
}

static void csv_is_tidy(void **state)
{
	struct config *cfg = fixture_config();
	struct document *doc = fixture_document(cfg);
	struct err err = ERR_INIT;
	char *csv, *line;
	int run;

	(void)state;
	fixture_add(doc, cfg, "m", "a", "r", 0, 1200);
	csv = viewed(csv_write, doc);
	line = strchr(csv, '\n');
	*line++ = '\0';
	assert_string_equal(
		csv,
		"result,trace,tx,rx,machine,seed,replicate,metric,stat,value,"
		"unit");
	assert_non_null(strstr(
		line, ",\"captures/web, \"\"first\"\".pcap\",a,r,m,1,0,"
		      "cpu.driver_cycles_per_frame,value,1200.0005,cycles\n"));
	assert_non_null(strstr(line, ",hal.bounced_share,value,,share\n"));
	assert_non_null(strstr(line, ",routine.ProtocolSend,cycles,3000000,"
				     "cycles\n"));
	assert_non_null(strstr(line, ",hazard.wrong_irql,value,0,count\n"));
	assert_null(strstr(line, "buckets"));
	free(csv);

	run = fixture_add(doc, cfg, "m", "a", "r", 1, 1200);
	document_set_axis(doc, run, "nic.tx_ring", "512", &err);
	csv = viewed(csv_write, doc);
	*strchr(csv, '\n') = '\0';
	assert_string_equal(
		csv, "result,trace,tx,rx,machine,seed,replicate,nic.tx_ring,"
		     "version,config,metric,stat,value,unit");
	free(csv);

	/* What is a column already gets no second one. */
	document_set_axis(doc, run, "tx", "a", &err);
	document_set_axis(doc, run, "rx", "r", &err);
	document_set_axis(doc, run, "machine", "m", &err);
	document_set_axis(doc, run, "seed", "1", &err);
	csv = viewed(csv_write, doc);
	*strchr(csv, '\n') = '\0';
	assert_string_equal(
		csv, "result,trace,tx,rx,machine,seed,replicate,nic.tx_ring,"
		     "version,config,metric,stat,value,unit");
	free(csv);
	document_free(doc);
	config_free(cfg);
}

static void foreign_bytes_are_repaired(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "plain", "plain" },
		{ "\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9" },
		{ "a\xff"
		  "b",
		  "a\xef\xbf\xbd"
		  "b" },
		{ "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" }, /* overlong */
		{ "\xed\xa0\x80x",			    /* a surrogate */
		  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdx" },
		{ "\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd" }, /* cut */
		{ "\xf0\x9f\x98\x80\xff", "\xf0\x9f\x98\x80\xef\xbf\xbd" },
	};
	struct tree_builder b = { false };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *text = tree_text(&b, cases[i].in);

		assert_string_equal(json_string_value(text), cases[i].out);
		json_decref(text);
	}
	assert_false(b.failed);
}

static void table_aligns(void **state)
{
	struct err err = ERR_INIT;
	struct table *table = table_new(&err);
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	table_column(table, TABLE_LEFT, "name");
	table_column(table, TABLE_RIGHT, "long\nx");
	table_column(table, TABLE_LEFT, "");
	table_cell(table, "a");
	table_cell(table, "\xc2\xb1"
			  "12");
	table_cell(table, "");
	table_line(table, "bb", "a line over the rest");
	table_cell(table, "longer");
	table_cellf(table, "%d", 12345);
	table_cell(table, "end");
	assert_int_equal(table_print(table, out, &err), 0);
	fclose(out);
	assert_string_equal(text, "         long\n"
				  "name        x\n"
				  "a         \xc2\xb1"
				  "12\n"
				  "bb      a line over the rest\n"
				  "longer  12345  end\n");
	free(text);
	table_free(table);
}

static void troubles_are_told(void **state)
{
	struct config *cfg = fixture_config();
	struct document *doc = fixture_document(cfg);
	struct err err = ERR_INIT;
	struct fixture f;
	char *text;

	(void)state;
	fixture_init(&f, "bad", "rx", 0, 100);
	assert_true(document_ok(doc));
	assert_int_equal(document_add_run(doc, &f.result, "m", 0, cfg, &err),
			 0);
	assert_true(document_ok(doc));
	f.checks[1].ok = false;
	snprintf(f.checks[1].detail, sizeof(f.checks[1].detail), "5 against 6");
	f.hazards[1].count = 4;
	snprintf(f.result.deadlock, sizeof(f.result.deadlock), "at 3ms");
	f.result.replicate = 1;
	assert_int_equal(document_add_run(doc, &f.result, "m", 0, cfg, &err),
			 1);
	assert_false(document_ok(doc));
	text = viewed(compare_text_write, doc);
	assert_non_null(strstr(text, "check failed: bad + rx, replicate 1: "
				     "little: 5 against 6\n"));
	assert_non_null(strstr(text, "hazard: bad + rx: wrong_irql 4 times\n"));
	assert_non_null(strstr(text, "deadlock: bad + rx: at 3ms\n"));
	free(text);
	fixture_clear(&f);
	document_free(doc);
	config_free(cfg);
}

/* --- every allocation of the tree fails in turn --- */

static long allocations_left; /* before one fails; < 0: none does */

static void *failing_malloc(size_t size)
{
	if (allocations_left == 0)
		return NULL;
	if (allocations_left > 0)
		allocations_left--;
	return malloc(size);
}

static int build(const struct config *cfg, struct fixture *f, struct err *err)
{
	struct document *doc = document_new("0.1.0", NULL, err);
	static const struct trace_info info = { .path = "a\xff",
						.status = "complete" };
	int failed = doc ? 0 : -1;

	if (!failed &&
	    (document_add_trace(doc, &info, err) < 0 ||
	     document_set_config(doc, cfg, err) < 0 ||
	     document_add_run(doc, &f->result, "m", 0, cfg, err) < 0 ||
	     document_add_skipped(doc, "x", "y", "m", 0, "why", err) < 0 ||
	     document_add_note(doc, NULL, "text", err) < 0 ||
	     document_finish(doc, err) < 0))
		failed = -1;
	document_free(doc);
	return failed;
}

static void no_memory_is_an_error(void **state)
{
	struct config *cfg = fixture_config();
	struct fixture f;
	struct err err = ERR_INIT;
	long n = 0;
	int failed;

	(void)state;
	fixture_init(&f, "a", "r", 0, 1200);
	json_set_alloc_funcs(failing_malloc, free);
	do {
		err = (struct err)ERR_INIT;
		allocations_left = n++;
		failed = build(cfg, &f, &err);
		if (failed)
			assert_string_equal(err.text,
					    "out of memory: result document");
	} while (failed && n < 100000);
	json_set_alloc_funcs(malloc, free);
	assert_int_equal(failed, 0);
	assert_true(n > 500);
	fixture_clear(&f);
	config_free(cfg);
}

static void full_disk_is_reported(void **state)
{
	struct config *cfg = fixture_config();
	struct document *doc = fixture_compare(cfg);
	view *const views[] = { json_write, csv_write, compare_text_write,
				run_text_write };

	(void)state;
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		FILE *out = fopen("/dev/full", "w");
		struct err err = ERR_INIT;

		assert_non_null(out);
		setvbuf(out, NULL, _IONBF, 0);
		assert_int_equal(views[i](doc, out, &err), -1);
		assert_int_equal(err.kind, ERR_IO);
		assert_non_null(strstr(err.text, "No space left"));
		fclose(out);
	}
	document_free(doc);
	config_free(cfg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stored_gives_the_same_views),
		cmocka_unit_test(load_errors_tell_files_apart),
		cmocka_unit_test(absent_file_is_bad_input),
		cmocka_unit_test(figures_are_those_of_the_run),
		cmocka_unit_test(runs_list_what_differs),
		cmocka_unit_test(merge_restates_configurations),
		cmocka_unit_test(students_t),
		cmocka_unit_test(intervals),
		cmocka_unit_test(best_is_ranked_and_outside),
		cmocka_unit_test(best_capacity_is_confirmed_and_apart),
		cmocka_unit_test(alone_in_keeping_up_is_best),
		cmocka_unit_test(cross_product_is_one_block),
		cmocka_unit_test(csv_is_tidy),
		cmocka_unit_test(foreign_bytes_are_repaired),
		cmocka_unit_test(table_aligns),
		cmocka_unit_test(troubles_are_told),
		cmocka_unit_test(no_memory_is_an_error),
		cmocka_unit_test(full_disk_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
