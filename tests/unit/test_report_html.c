/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page of a report: nothing of the data is markup, pictures keep only what
 * draws, the same results give the same bytes.
 */
#include "tests/unit/test_report_fixture.h"

#include <stdlib.h>
#include <unistd.h>

#include "reports/html.h"
#include "reports/html_svg.h"
#include "reports/html_text.h"
#include "reports/report_set.h"
#include "reports/tree.h"

static char *escaped(const char *text)
{
	char *got = NULL;
	size_t size;
	FILE *out = open_memstream(&got, &size);

	html_text(out, text);
	fclose(out);
	return got;
}

static void texts_are_escaped(void **state)
{
	static const struct {
		const char *text, *html;
	} rows[] = {
		{ "plain", "plain" },
		{ "<b a=\"1\">&'", "&lt;b a=&quot;1&quot;&gt;&amp;&#39;" },
		{ "</script><!--", "&lt;/script&gt;&lt;!--" },
		{ "a\nb\tc", "a b c" },
		{ "\x01\x1b[31m\x7f", "\xef\xbf\xbd\xef\xbf\xbd[31m"
				      "\xef\xbf\xbd" },
		{ "\xc2\x80", "\xef\xbf\xbd" },
		{ "\xef\xbf\xbf", "\xef\xbf\xbd" },
		{ "\xc3\xa9 \xe2\x98\x85 \xf0\x9f\x98\x80",
		  "\xc3\xa9 \xe2\x98\x85 \xf0\x9f\x98\x80" },
		/* Torn, overlong, surrogate. */
		{ "\xc3", "\xef\xbf\xbd" },
		{ "\xe2\x98<", "\xef\xbf\xbd\xef\xbf\xbd&lt;" },
		{ "\xc0\xbc", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *got = escaped(rows[i].text);

		assert_string_equal(got, rows[i].html);
		free(got);
	}
}

/* Whatever byte stands where: no '<', '>', quote or bare '&' comes out. */
static void no_byte_is_markup(void **state)
{
	char text[4] = "a.b";

	(void)state;
	for (unsigned byte = 1; byte < 256; byte++) {
		char *got;

		text[1] = (char)byte;
		got = escaped(text);
		assert_null(strpbrk(got, "<>\"'\n\r\x1b"));
		if (strchr(got, '&'))
			assert_non_null(strchr(got, ';'));
		for (const char *p = got; *p; p += utf8_length(p))
			assert_true(utf8_length(p) > 0);
		free(got);
	}
}

static char *filtered(const char *svg, struct err *err)
{
	char *got = NULL;
	size_t size;
	FILE *out = open_memstream(&got, &size);
	int failed = html_svg(out, svg, "f1-", "a \"<plot>", "x.svg", err);

	fclose(out);
	if (failed) {
		free(got);
		return NULL;
	}
	return got;
}

#define SVG(body) "<?xml version='1.0'?><svg viewBox=\"0 0 9 9\">" body "</svg>"

static void pictures_keep_what_draws(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "<rect id='a' x='1'/>", "<rect id=\"f1-a\" x=\"1\"/>" },
		{ "<use xlink:href='#a'/>", "<use href=\"#f1-a\"/>" },
		{ "<use xlink:href='http://a/b'/>", "<use/>" },
		{ "<path fill='url(#p)'/>", "<path fill=\"url(#f1-p)\"/>" },
		{ "<path fill='url(http://a)'/>", "<path fill=\"none\"/>" },
		{ "<g onclick='alert(1)' style='x'></g>", "<g></g>" },
		{ "<title>no<b></title><desc>date</desc>", "" },
		{ "<text>a &lt; b &#60; & c</text>",
		  "<text>a &lt; b &#60; &amp; c</text>" },
		{ "<path d='M1,1\n\tL2,2  '/>", "<path d=\"M1,1 L2,2\"/>" },
		{ "<rect fill='a\"><script>'/>",
		  "<rect fill=\"a___script_\"/>" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;
		char svg[400], want[400], *got;

		snprintf(svg, sizeof(svg), SVG("%s"), rows[i].in);
		snprintf(
			want, sizeof(want),
			"<svg role=\"img\" aria-label=\"a &quot;&lt;plot&gt;\" "
			"viewBox=\"0 0 9 9\">%s</svg>\n",
			rows[i].out);
		got = filtered(svg, &err);
		if (!got)
			fail_msg("%s: %s", rows[i].in, err.text);
		assert_string_equal(got, want);
		free(got);
	}
}

static void other_pictures_are_refused(void **state)
{
	static const char *const rows[] = {
		SVG("<script>alert(1)</script>"),
		SVG("<foreignObject></foreignObject>"),
		SVG("<image xlink:href='x'/>"),
		SVG("<animate/>"),
		SVG("<rect x=1/>"),
		SVG("<rect x='1"),
		SVG("<title>open"),
		"<svg viewBox='0 0 1 1'><rect/>",
		"<svg></svg>",
		"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;

		if (filtered(rows[i], &err))
			fail_msg("taken: %s", rows[i]);
		assert_int_equal(err.kind, ERR_IO);
		assert_non_null(strstr(err.text, "'x.svg'"));
	}
}

static char *page_of(const struct report_set *set, size_t *plots)
{
	char dir[] = "/tmp/dmasim-test-XXXXXX", path[64], command[64];
	struct err err = ERR_INIT;
	char *text = NULL;
	size_t size;
	FILE *in, *copy;
	int count, c;

	assert_non_null(mkdtemp(dir));
	count = report_set_write(set, dir, false, NULL, &err);
	if (count < 0)
		fail_msg("%s", err.text);
	*plots = (size_t)count;
	snprintf(path, sizeof(path), "%s/index.html", dir);
	in = fopen(path, "r");
	assert_non_null(in);
	copy = open_memstream(&text, &size);
	while ((c = getc(in)) != EOF)
		fputc(c, copy);
	fclose(in);
	fclose(copy);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0);
	return text;
}

static size_t count_of(const char *text, const char *needle)
{
	size_t count = 0;

	for (; (text = strstr(text, needle)); text += strlen(needle))
		count++;
	return count;
}

static void page_holds_the_report(void **state)
{
	struct config *cfg = fixture_config();
	struct document *doc = fixture_compare(cfg);
	const struct report_set set = { .doc = doc };
	char *page, *again;
	size_t plots;

	(void)state;
	page = page_of(&set, &plots);
	assert_int_equal(count_of(page, "<figure>"), plots);
	assert_int_equal(count_of(page, "<svg "), plots);
	assert_int_equal(count_of(page, "<script>"), 1);
	assert_int_equal(count_of(page, "<caption>"), 7);
	assert_int_equal(count_of(page, "<table>"),
			 count_of(page, "<caption>"));
	assert_int_equal(count_of(page, "<table>"), count_of(page, "</table>"));
	/* The cheapest that ran to its end unsaturated and is no floor. */
	assert_non_null(strstr(page, "to transmit, ndis6-hybrid costs the "
				     "driver least, 903.0 cycles"));
	assert_non_null(strstr(page, "inapplicable: no system DMA"));
	assert_non_null(strstr(page, "captures/web, &quot;first&quot;.pcap"));
	assert_non_null(strstr(page, "would flip it"));
	assert_non_null(strstr(page, "All 72 checks of the books hold"));
	assert_non_null(strstr(page, "default-src 'none'"));
	/* Nothing to fetch, no date. */
	assert_null(strstr(page, "http://"));
	assert_null(strstr(page, "https://"));
	assert_null(strstr(page, "gnuplot_plot_1\"><title"));
	again = page_of(&set, &plots);
	assert_string_equal(page, again);
	free(page);
	free(again);
	document_free(doc);
	config_free(cfg);
}

static void what_went_wrong_is_said_first(void **state)
{
	struct config *cfg = fixture_config();
	struct document *doc = fixture_document(cfg);
	const struct report_set set = { .doc = doc };
	struct err err = ERR_INIT;
	size_t plots;
	char *page, *careful;
	json_t *check;

	(void)state;
	fixture_add(doc, cfg, "m", "a", "r", 0, 1200);
	fixture_add(doc, cfg, "m", "b", "r", 0, 1300);
	document_set_status(doc, 1, "interrupted", &err);
	check = json_array_get(
		json_object_get(
			json_array_get(
				json_object_get(document_tree(doc), "runs"), 0),
			"checks"),
		1);
	assert_int_equal(json_object_set_new(check, "ok", json_false()), 0);
	assert_int_equal(document_finish(doc, &err), 0);
	page = page_of(&set, &plots);
	careful = strstr(page, "<li>Careful: 1 of 2 runs were interrupted");
	assert_non_null(careful);
	assert_true(careful < strstr(page, "<nav"));
	careful = strstr(page, "<li>Careful: 1 of 4 checks failed, 0 hazards");
	assert_non_null(careful);
	assert_true(careful < strstr(page, "<nav"));
	assert_non_null(strstr(page, ">little: <"));
	free(page);
	document_free(doc);
	config_free(cfg);
}

/* Names that would be markup, commands or escapes elsewhere. */
static const char *const hostile[] = {
	"</text></svg><script>alert(1)</script>",
	"\"><img src=x onerror=alert(1)>",
	"x'; system \"touch /tmp/dmasim-evil\"; print '",
	"`touch /tmp/dmasim-evil`",
	"@evil %s %n %d {/Bold x}_^",
	"a\nplot sin(x)\nset output '/tmp/dmasim-evil'",
	"\x1b]0;title\x07",
	"../../../etc/passwd",
	"\xe2\x80\xae rtl \xf0\x9f\x98\x80",
	"&lt;b&gt;&#x3c;script&#x3e;",
	"]]><!-- -- -->",
	"", /* a name of 300 letters */
};

static void hostile_names_are_text(void **state)
{
	struct config *cfg = fixture_config();
	char longest[301];

	(void)state;
	memset(longest, 'W', 300);
	longest[300] = '\0';
	unlink("/tmp/dmasim-evil");
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		const char *name = hostile[i][0] ? hostile[i] : longest;
		struct document *doc = fixture_document(cfg);
		const struct report_set set = { .doc = doc };
		struct err err = ERR_INIT;
		size_t plots;
		char *page;

		for (unsigned r = 0; r < 2; r++) {
			fixture_add(doc, cfg, name, name, "r", r, 1200);
			fixture_add(doc, cfg, name, "plain", name, r, 1100);
		}
		document_add_note(doc, name, name, &err);
		assert_int_equal(document_finish(doc, &err), 0);
		page = page_of(&set, &plots);
		assert_true(plots > 0);
		assert_int_equal(count_of(page, "<script"), 1);
		assert_int_equal(count_of(page, "<svg "), plots);
		assert_int_equal(count_of(page, "</svg>"), plots);
		assert_null(strstr(page, "<img"));
		assert_null(strstr(page, "<!--"));
		assert_null(strchr(page, '\x1b'));
		assert_int_equal(count_of(page, "</style>"), 1);
		assert_int_not_equal(access("/tmp/dmasim-evil", F_OK), 0);
		free(page);
		document_free(doc);
	}
	config_free(cfg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_escaped),
		cmocka_unit_test(no_byte_is_markup),
		cmocka_unit_test(pictures_keep_what_draws),
		cmocka_unit_test(other_pictures_are_refused),
		cmocka_unit_test(page_holds_the_report),
		cmocka_unit_test(what_went_wrong_is_said_first),
		cmocka_unit_test(hostile_names_are_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
