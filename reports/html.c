/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/html.h"

#include <errno.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>

#include "core/memfile.h"
#include "core/outfile.h"
#include "reports/html_svg.h"
#include "reports/html_text.h"

#define PATH_TEXT_MAX 4096
#define CELL_LINE     48 /* bytes: longer ones take several lines */

struct writer {
	const struct outline *outline;
	const char *dir;
	FILE *out;
	bool in_section;
};

static void base64(FILE *out, const unsigned char *bytes, size_t size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < size; i += 3) {
		size_t left = size - i;
		unsigned word = (unsigned)bytes[i] << 16 |
				(left > 1 ? (unsigned)bytes[i + 1] << 8 : 0) |
				(left > 2 ? bytes[i + 2] : 0);

		fputc(digits[word >> 18], out);
		fputc(digits[word >> 12 & 63], out);
		fputc(left > 1 ? digits[word >> 6 & 63] : '=', out);
		fputc(left > 2 ? digits[word & 63] : '=', out);
	}
}

/* Only the script of this hash may run, and nothing is fetched. */
static void write_policy(FILE *out)
{
	unsigned char hash[SHA256_DIGEST_LENGTH];
	SHA2_CTX context;

	SHA256Init(&context);
	SHA256Update(&context, (const uint8_t *)html_script,
		     strlen(html_script));
	SHA256Final(hash, &context);
	fputs("<meta http-equiv=\"Content-Security-Policy\" content=\""
	      "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
	      "script-src "
	      "'sha256-",
	      out);
	base64(out, hash, sizeof(hash));
	fputs("'\">\n", out);
}

static void write_head(FILE *out)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	      "<meta charset=\"utf-8\">\n",
	      out);
	write_policy(out);
	fprintf(out,
		"<meta name=\"viewport\" content=\"width=device-width, "
		"initial-scale=1\">\n"
		"<title>dmasim report</title>\n"
		"<link rel=\"icon\" href=\"data:,\">\n"
		"<style>\n%s</style>\n</head>\n<body>\n",
		html_style);
}

static void write_answers(const struct writer *w)
{
	bool any = false;

	fputs("<header>\n<h1>What it costs to cross the DMA boundary</h1>\n",
	      w->out);
	for (size_t i = 0; i < w->outline->count; i++) {
		const struct outline_item *item = &w->outline->items[i];

		if (item->kind != OUTLINE_HEADLINE)
			continue;
		if (!any)
			fputs("<ul class=\"answers\" aria-label=\"Answers\">\n",
			      w->out);
		any = true;
		fputs("<li>", w->out);
		html_text(w->out, item->text);
		fputs("</li>\n", w->out);
	}
	fprintf(w->out, "%s</header>\n", any ? "</ul>\n" : "");
}

static void write_contents(const struct writer *w)
{
	fputs("<nav aria-label=\"Contents\">\n<ul>\n", w->out);
	for (size_t i = 0; i < w->outline->count; i++) {
		const struct outline_item *item = &w->outline->items[i];

		if (item->kind != OUTLINE_SECTION)
			continue;
		fprintf(w->out, "<li%s><a href=\"#s%zu\">",
			item->depth > 2 ? " class=\"sub\"" : "", i);
		html_text(w->out, item->text);
		fputs("</a></li>\n", w->out);
	}
	fputs("</ul>\n</nav>\n<main>\n", w->out);
}

static void write_section(struct writer *w, const struct outline_item *item,
			  size_t index)
{
	if (item->depth == 2) {
		if (w->in_section)
			fputs("</section>\n", w->out);
		fprintf(w->out, "<section aria-labelledby=\"s%zu\">\n", index);
		w->in_section = true;
	}
	fprintf(w->out, "<h%u id=\"s%zu\">", item->depth, index);
	html_text(w->out, item->text);
	fprintf(w->out, "</h%u>\n", item->depth);
}

static void write_column(FILE *out, const struct outline_column *column)
{
	fprintf(out, "<th scope=\"col\"%s>",
		column->align == TABLE_RIGHT ? " class=\"n\"" : "");
	html_text(out, column->head);
	if (column->hint[0]) {
		fputs(" <small>", out);
		html_text(out, column->hint);
		fputs("</small>", out);
	}
	fputs("</th>", out);
}

static void write_cell(FILE *out, const struct outline_cell *cell,
		       const struct outline_column *column, bool first)
{
	static const char *const marks[] = { "", " best", " bad" };
	const char *shape = strlen(cell->text) > CELL_LINE ? "w"
			    : column->align == TABLE_RIGHT ? "n"
							   : "";

	if (first)
		fputs("<th scope=\"row\"", out);
	else
		fputs("<td", out);
	if (shape[0] || cell->mark != CELL_PLAIN)
		fprintf(out, " class=\"%s%s\"", shape,
			marks[cell->mark] + !shape[0]);
	if (cell->number)
		fprintf(out, " data-v=\"%.9g\"", cell->value);
	fputc('>', out);
	if (cell->mark == CELL_BEST)
		fputs("★ ", out);
	html_text(out, cell->text);
	fputs(first ? "</th>" : "</td>", out);
}

/* Whether any row has something in the column; the first column always is. */
static bool is_filled(const struct outline_item *table, size_t column)
{
	bool filled = !column;

	for (size_t i = column; i < table->cell_count && !filled;
	     i += table->column_count)
		filled = table->cells[i].text[0] &&
			 strcmp(table->cells[i].text, "-") != 0;
	return filled;
}

static void write_rows(FILE *out, const struct outline_item *table)
{
	size_t columns = table->column_count;

	fputs("<thead><tr>", out);
	for (size_t i = 0; i < columns; i++)
		if (is_filled(table, i))
			write_column(out, &table->columns[i]);
	fputs("</tr></thead>\n<tbody>\n", out);
	for (size_t i = 0; i < table->cell_count; i++) {
		size_t column = i % columns;

		fputs(column ? "" : "<tr>", out);
		if (is_filled(table, column))
			write_cell(out, &table->cells[i],
				   &table->columns[column], !column);
		fputs(column + 1 < columns ? "" : "</tr>\n", out);
	}
	fputs("</tbody>\n", out);
}

static void write_table(FILE *out, const struct outline_item *table)
{

	if (table->folded) {
		fputs("<details><summary>", out);
		html_text(out, table->text);
		fputs("</summary>\n", out);
	}
	fputs("<div class=\"scroll\" tabindex=\"0\" role=\"region\"", out);
	html_attribute(out, "aria-label", table->text);
	fputs("><table>\n<caption>", out);
	html_text(out, table->text);
	fputs("</caption>\n", out);
	write_rows(out, table);
	fprintf(out, "</table></div>\n%s", table->folded ? "</details>\n" : "");
}

/* The text of DIR/NAME.svg, to be freed; NULL with an error. */
static char *read_picture(const struct writer *w, const char *name,
			  struct err *err)
{
	char path[PATH_TEXT_MAX], buf[4096], *text = NULL;
	size_t size, n;
	FILE *in, *copy;

	snprintf(path, sizeof(path), "%s/%s.svg", w->dir, name);
	in = fopen(path, "re");
	if (!in) {
		err_set(err, ERR_IO, "cannot open '%s': %s", path,
			strerror(errno));
		return NULL;
	}
	copy = memfile_open(&text, &size);
	while (copy && (n = fread(buf, 1, sizeof(buf), in)) > 0)
		fwrite(buf, 1, n, copy);
	if (!memfile_close(copy, &text)) {
		err_nomem(err, "picture");
	} else if (ferror(in)) {
		err_set(err, ERR_IO, "cannot read '%s': %s", path,
			strerror(errno));
		free(text);
		text = NULL;
	}
	fclose(in);
	return text;
}

static int write_figure(const struct writer *w, const struct outline_item *item,
			size_t index, struct err *err)
{
	char *svg = read_picture(w, item->name, err), prefix[32];
	int failed;

	if (!svg)
		return -1;
	snprintf(prefix, sizeof(prefix), "f%zu-", index);
	fputs("<figure>\n<div class=\"plot\" tabindex=\"0\">", w->out);
	failed = html_svg(w->out, svg, prefix, item->text, item->name, err);
	fputs("</div>\n<figcaption><b>", w->out);
	html_text(w->out, item->text);
	fputs(".</b> ", w->out);
	html_text(w->out, item->reading);
	fputs("</figcaption>\n</figure>\n", w->out);
	free(svg);
	return failed;
}

static void write_paragraph(FILE *out, const char *element, const char *text)
{
	fprintf(out, "<%s>", element);
	html_text(out, text);
	fprintf(out, "</%s>\n", element);
}

static int write_item(struct writer *w, const struct outline_item *item,
		      size_t index, struct err *err)
{
	switch (item->kind) {
	case OUTLINE_HEADLINE:
		break;
	case OUTLINE_SECTION:
		write_section(w, item, index);
		break;
	case OUTLINE_PROSE:
		write_paragraph(w->out, "p", item->text);
		break;
	case OUTLINE_COMMAND:
		write_paragraph(w->out, "pre", item->text);
		break;
	case OUTLINE_TABLE:
		if (item->cell_count)
			write_table(w->out, item);
		break;
	case OUTLINE_FIGURE:
		return write_figure(w, item, index, err);
	}
	return 0;
}

static int write_page(struct writer *w, struct err *err)
{
	write_head(w->out);
	write_answers(w);
	write_contents(w);
	for (size_t i = 0; i < w->outline->count; i++)
		if (write_item(w, &w->outline->items[i], i, err) < 0)
			return -1;
	fprintf(w->out,
		"%s</main>\n<footer>Made by dmasim report; the plots' data and "
		"scripts are in the directory beside this "
		"file.</footer>\n<script>%s</script>\n</body>\n</html>\n",
		w->in_section ? "</section>\n" : "", html_script);
	return 0;
}

int html_write(const struct outline *outline, const char *dir, const char *name,
	       struct err *err)
{
	struct writer writer = { .outline = outline, .dir = dir };
	char path[PATH_TEXT_MAX];
	struct outfile out;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (outline_status(outline, err) < 0 ||
	    outfile_open(&out, path, true, err) < 0)
		return -1;
	writer.out = out.fp;
	if (write_page(&writer, err) < 0) {
		outfile_abort(&out);
		return -1;
	}
	return outfile_commit(&out, err);
}
