/* SPDX-License-Identifier: Apache-2.0 */
/* Plots: drawn by the real gnuplot into a directory of their own. */
#include "tests/unit/test_report_fixture.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "reports/plot.h"

static char *make_directory(char *dir)
{
	memcpy(dir, "/tmp/dmasim-test-XXXXXX", 24);
	assert_non_null(mkdtemp(dir));
	return dir;
}

/* Removes @dir; the number of files with @suffix there were. */
static unsigned remove_directory(const char *dir, const char *suffix)
{
	DIR *list = opendir(dir);
	struct dirent *entry;
	unsigned count = 0;
	char path[600];

	assert_non_null(list);
	while ((entry = readdir(list))) {
		size_t length = strlen(entry->d_name);

		if (entry->d_name[0] == '.')
			continue;
		count += length > strlen(suffix) &&
			 strcmp(entry->d_name + length - strlen(suffix),
				suffix) == 0;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		assert_int_equal(unlink(path), 0);
	}
	closedir(list);
	assert_int_equal(rmdir(dir), 0);
	return count;
}

static char *contents(const char *dir, const char *name)
{
	char path[600], *text = calloc(1, 1 << 20);
	FILE *in;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	in = fopen(path, "r");
	if (!in)
		fail_msg("%s was not written", path);
	assert_non_null(text);
	n = fread(text, 1, (1 << 20) - 1, in);
	assert_true(n > 0);
	fclose(in);
	return text;
}

static void assert_contains(const char *dir, const char *name,
			    const char *needle)
{
	char *text = contents(dir, name);

	if (!strstr(text, needle))
		fail_msg("%s lacks %s", name, needle);
	free(text);
}

static void pictures_data_and_scripts(void **state)
{
	struct config *cfg = fixture_config();
	struct document *doc = fixture_compare(cfg);
	struct err err = ERR_INIT;
	char dir[32], *png;
	int count;

	(void)state;
	count = plot_draw(doc, make_directory(dir), NULL, &err);
	if (count < 0)
		fail_msg("%s", err.text);
	/* cycles, latency, tail, stages, registers, capacity; tx, rx; twice */
	assert_int_equal(count, 24);
	png = contents(dir, "latency_tx_gbe-32bit.png");
	assert_memory_equal(png, "\x89PNG\r\n", 6);
	free(png);
	assert_contains(dir, "latency_tx_gbe-32bit.svg", "ndis6-hybrid");
	assert_contains(dir, "latency_tx_gbe-32bit.svg",
			"ndis6-copy (saturated)");
	assert_contains(dir, "latency_rx_xge-64bit.svg", "copybreak");
	assert_contains(dir, "stages_tx_gbe-32bit.svg", "cpu_wait");
	assert_contains(dir, "registers_tx_gbe-32bit.svg", "time (ms)");
	assert_contains(dir, "registers_tx_gbe-32bit.svg", "this adapter");
	assert_contains(dir, "cycles_tx_gbe-32bit.svg", "protocol stack");
	assert_contains(dir, "capacity_tx_gbe-32bit.svg", "core 0, 3.33x");
	assert_int_equal(remove_directory(dir, ".svg"), 24);
	document_free(doc);
	config_free(cfg);
}

/* The last point of a distribution is all frames; the first is none. */
static void distribution_ends_at_all(void **state)
{
	struct config *cfg = fixture_config();
	struct document *doc = fixture_document(cfg);
	struct err err = ERR_INIT;
	double us = 0, share = -1, last = -1;
	char dir[32], *text, *line;
	unsigned points = 0;

	(void)state;
	fixture_add(doc, cfg, "m", "a", "r", 0, 1200);
	assert_int_equal(document_finish(doc, &err), 0);
	assert_true(plot_draw(doc, make_directory(dir), NULL, &err) > 0);
	text = contents(dir, "latency_tx_m.dat");
	for (line = text; line; line = strchr(line + 1, '\n')) {
		if (sscanf(line, "%lf %lf", &us, &share) != 2)
			continue;
		assert_true(points++ > 0 ? share > last : share == 0);
		assert_true(us >= 5.2 * 0.999 && us <= 33.2 * 1.001);
		last = share;
	}
	assert_true(points > 50);
	assert_true(last == 100);
	free(text);
	remove_directory(dir, ".dat");
	document_free(doc);
	config_free(cfg);
}

/* The tail ends beyond all frames but half a one, and never falls. */
static void tail_reaches_the_last_frame(void **state)
{
	struct config *cfg = fixture_config();
	struct document *doc = fixture_document(cfg);
	struct err err = ERR_INIT;
	double x = 0, us = 0, last_x = 0, last_us = 0;
	char dir[32], *text, *line;

	(void)state;
	fixture_add(doc, cfg, "m", "a", "r", 0, 1200);
	assert_int_equal(document_finish(doc, &err), 0);
	assert_true(plot_draw(doc, make_directory(dir), NULL, &err) > 0);
	text = contents(dir, "tail_tx_m.dat");
	for (line = text; line; line = strchr(line + 1, '\n')) {
		if (sscanf(line, "%lf %lf", &x, &us) != 2)
			continue;
		assert_true(x > last_x && us >= last_us);
		last_x = x;
		last_us = us;
	}
	assert_true(last_x == 2 * FIXTURE_FRAMES);
	assert_true(last_us > 33.1 && last_us <= 33.2 * 1.001);
	free(text);
	remove_directory(dir, ".dat");
	document_free(doc);
	config_free(cfg);
}

/* Every point of two axes is in its cell; replicates give intervals. */
static void two_axes_are_a_map(void **state)
{
	static const char *const rings[] = { "64", "256" };
	struct config *cfg = fixture_config();
	struct document *doc = fixture_document(cfg);
	struct err err = ERR_INIT;
	char dir[32], *text;

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		int run = fixture_add(doc, cfg, "m", "a", "r", i / 4,
				      1000 + 100 * (i % 4));

		document_set_axis(doc, run, "nic.tx_ring", rings[i % 2], &err);
		document_set_axis(doc, run, "it's", rings[i / 2 % 2], &err);
	}
	assert_int_equal(document_finish(doc, &err), 0);
	if (plot_draw(doc, make_directory(dir), NULL, &err) < 0)
		fail_msg("%s", err.text);
	text = contents(dir, "heat_cycles_nic.tx_ring_it_s_1.dat");
	assert_string_equal(text, "0 0 1001.5005\n1 0 1101.5005\n"
				  "0 1 1201.5005\n1 1 1301.5005\n");
	free(text);
	assert_contains(dir, "heat_cycles_nic.tx_ring_it_s_1.svg", ">1302<");
	/* t(1) 12.706 x 2.12 / sqrt(2) */
	assert_contains(dir, "axis_cycles_nic.tx_ring.dat",
			"0 1001.5005 982.441");
	remove_directory(dir, ".png");
	document_free(doc);
	config_free(cfg);
}

/* Names cannot break out of their quotes. */
static void names_are_quoted(void **state)
{
	static const char evil[] = "x'; system \"touch /tmp/evil\" #%d_^{2}\n";
	struct config *cfg = fixture_config();
	struct document *doc = fixture_document(cfg);
	struct err err = ERR_INIT;
	char dir[32];
	int count;

	(void)state;
	fixture_add(doc, cfg, "../m 1", evil, "r", 0, 1200);
	fixture_add(doc, cfg, "../m 1", "plain", "r", 0, 1100);
	assert_int_equal(document_finish(doc, &err), 0);
	count = plot_draw(doc, make_directory(dir), NULL, &err);
	if (count < 0)
		fail_msg("%s", err.text);
	assert_contains(dir, "latency_tx_.._m_1.svg", "x'; system \"touch");
	assert_int_not_equal(access("/tmp/evil", F_OK), 0);
	assert_int_equal(remove_directory(dir, ".png"), count);
	document_free(doc);
	config_free(cfg);
}

static void characters(void **state)
{
	struct config *cfg = fixture_config();
	struct document *doc = fixture_compare(cfg);
	struct err err = ERR_INIT;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_int_equal(plot_ascii(doc, out, NULL, &err), 24);
	fclose(out);
	assert_non_null(strstr(text, "transmit latency, send to completion"));
	assert_non_null(strstr(text, "b driver"));
	assert_null(strchr(text, '\f'));
	assert_null(strstr(text, " \n"));
	free(text);
	document_free(doc);
	config_free(cfg);
}

static void missing_gnuplot_is_told(void **state)
{
	struct config *cfg = fixture_config();
	struct document *doc = fixture_compare(cfg);
	struct err err = ERR_INIT;
	char *path = strdup(getenv("PATH")), dir[32];

	(void)state;
	setenv("PATH", "/nonexistent", 1);
	assert_int_equal(plot_draw(doc, make_directory(dir), NULL, &err), -1);
	setenv("PATH", path, 1);
	assert_int_equal(err.kind, ERR_IO);
	assert_non_null(strstr(err.text, "gnuplot was not found"));
	/* Scripts and data are there to be drawn elsewhere. */
	assert_int_equal(remove_directory(dir, ".gp"), 24);
	free(path);
	document_free(doc);
	config_free(cfg);
}

static void failing_script_is_told(void **state)
{
	struct config *cfg = fixture_config();
	struct document *doc = fixture_compare(cfg);
	struct err err = ERR_INIT;
	char dir[32], path[64];

	(void)state;
	make_directory(dir);
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(plot_draw(doc, dir, NULL, &err), -1);
	assert_non_null(strstr(err.text, "cannot write"));
	assert_non_null(strstr(err.text, "No such file"));

	/* A picture that cannot be written: its name leads nowhere. */
	make_directory(dir);
	snprintf(path, sizeof(path), "%s/latency_tx_gbe-32bit.svg", dir);
	assert_int_equal(symlink("/nonexistent/a.svg", path), 0);
	assert_int_equal(plot_draw(doc, dir, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	assert_non_null(strstr(err.text, "gnuplot failed"));
	remove_directory(dir, ".gp");
	document_free(doc);
	config_free(cfg);
}

static void sweeps_have_axes(void **state)
{
	static const char *const rings[] = { "64", "256", "1024" };
	struct config *cfg = fixture_config();
	struct document *doc = fixture_document(cfg);
	struct err err = ERR_INIT;
	char dir[32], *text;

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		int run = fixture_add(doc, cfg, "m", i < 3 ? "a" : "b", "r", 0,
				      1000 + 100 * i);

		document_set_axis(doc, run, "nic.tx_ring", rings[i % 3], &err);
		document_set_axis(doc, run, "tx", i < 3 ? "a" : "b", &err);
	}
	assert_int_equal(document_finish(doc, &err), 0);
	if (plot_draw(doc, make_directory(dir), NULL, &err) < 0)
		fail_msg("%s", err.text);
	text = contents(dir, "axis_cycles_nic.tx_ring.dat");
	assert_string_equal(text, "# m, a + r\n"
				  "0 1000.0005 1000.0005 1000.0005\n"
				  "1 1100.0005 1100.0005 1100.0005\n"
				  "2 1200.0005 1200.0005 1200.0005\n\n\n"
				  "# m, b + r\n"
				  "0 1300.0005 1300.0005 1300.0005\n"
				  "1 1400.0005 1400.0005 1400.0005\n"
				  "2 1500.0005 1500.0005 1500.0005\n\n\n");
	free(text);
	assert_contains(dir, "axis_latency_rx_nic.tx_ring.svg", "1024");
	assert_contains(dir, "axis_moderated_rx_nic.tx_ring.gp",
			"with moderation over nic.tx_ring");
	assert_contains(dir, "axis_wire_tx_nic.tx_ring.gp",
			"median latency to the wire over nic.tx_ring");
	assert_true(remove_directory(dir, ".png") >= 4);
	document_free(doc);
	config_free(cfg);
}

/* Whatever does not fit is counted in the title; every mark is another. */
static void cut_axes_are_told(void **state)
{
	struct config *cfg = fixture_config();
	struct document *doc = fixture_document(cfg);
	struct err err = ERR_INIT;
	size_t cut = 0, size = 0;
	char dir[32], *text = NULL;
	FILE *out;

	(void)state;
	for (unsigned i = 0; i < 3 * 67; i++) {
		char value[16], tx[16];
		int run;

		snprintf(value, sizeof(value), "%u", 100 + i / 3);
		snprintf(tx, sizeof(tx), "t%u", i % 20);
		run = fixture_add(doc, cfg, "m", tx, "r", 0, 1000);
		document_set_axis(doc, run, "nic.tx_ring", value, &err);
	}
	assert_int_equal(document_finish(doc, &err), 0);
	if (plot_draw(doc, make_directory(dir), &cut, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(cut, 6); /* of each figure, but what is zero */
	assert_contains(dir, "axis_cycles_nic.tx_ring.gp",
			"frame over nic.tx_ring (first 12 of 20 lines, first "
			"64 of 67 values)'");
	remove_directory(dir, ".png");

	out = open_memstream(&text, &size);
	assert_int_equal(plot_ascii(doc, out, &cut, &err), 6);
	fclose(out);
	assert_int_equal(cut, 6); /* of each figure, but what is zero */
	for (const char *mark = "DFHBJLAEGIKM"; *mark; mark++) {
		char key[] = { '*', '*', *mark, '*', '*', 'm', '\0' };

		for (const char *pen = "*#$%@&="; *pen; pen++) {
			memset(key, *pen, 5);
			key[2] = *mark;
			if (strstr(text, key))
				break;
			if (!pen[1])
				fail_msg("no line is marked %c", *mark);
		}
	}
	free(text);
	document_free(doc);
	config_free(cfg);
}

static void nothing_to_draw(void **state)
{
	struct err err = ERR_INIT;
	struct document *doc = document_new("0.1.0", NULL, &err);
	char dir[32];

	(void)state;
	assert_int_equal(document_finish(doc, &err), 0);
	assert_int_equal(plot_draw(doc, make_directory(dir), NULL, &err), 0);
	assert_int_equal(rmdir(dir), 0);
	document_free(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pictures_data_and_scripts),
		cmocka_unit_test(distribution_ends_at_all),
		cmocka_unit_test(tail_reaches_the_last_frame),
		cmocka_unit_test(two_axes_are_a_map),
		cmocka_unit_test(names_are_quoted),
		cmocka_unit_test(characters),
		cmocka_unit_test(missing_gnuplot_is_told),
		cmocka_unit_test(failing_script_is_told),
		cmocka_unit_test(sweeps_have_axes),
		cmocka_unit_test(cut_axes_are_told),
		cmocka_unit_test(nothing_to_draw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
