/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/plot_page.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports/tree.h"

#define PATH_TEXT_MAX 4096

/*
 * Okabe and Ito's palette, safe for colour-blind readers, ordered so that
 * neighbours differ in lightness and so in grey.
 */
static const char *const palette[] = { "#0072B2", "#E69F00", "#009E73",
				       "#CC79A7", "#56B4E9", "#D55E00",
				       "#000000", "#999999" };
#define PALETTE (sizeof(palette) / sizeof(palette[0]))

static const char *const fills[] = { "#0072B2", "#F0E442", "#009E73", "#E69F00",
				     "#333333", "#56B4E9", "#D55E00", "#F2D0E4",
				     "#882255", "#DDDDDD", "#777777" };
#define FILLS (sizeof(fills) / sizeof(fills[0]))

/* A plot that is not whole is none. */
static void remove_parts(const struct page *page)
{
	static const char *const suffixes[] = { ".gp", ".dat" };
	char path[PATH_TEXT_MAX];

	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s%s", page->plotter->dir,
			 page->name, suffixes[i]);
		unlink(path);
	}
}

static FILE *open_part(const struct page *page, const char *suffix,
		       struct err *err)
{
	char path[PATH_TEXT_MAX];
	FILE *file;
	int n = snprintf(path, sizeof(path), "%s/%s%s", page->plotter->dir,
			 page->name, suffix);

	if (n < 0 || (size_t)n >= sizeof(path)) {
		err_set(err, ERR_IO, "the path of '%s' is too long",
			page->name);
		return NULL;
	}
	file = fopen(path, "we");
	if (!file)
		err_set(err, ERR_IO, "cannot write '%s': %s", path,
			strerror(errno));
	return file;
}

int page_open(struct page *page, struct plotter *plotter, const char *kind,
	      const struct report_cell *cell, struct err *err)
{
	const json_t *traces = json_object_get(plotter->root, "traces");
	char subject[64], number[16] = "";

	if (json_array_size(traces) > 1)
		snprintf(number, sizeof(number), "_%zu", cell->trace);
	snprintf(subject, sizeof(subject), "%.47s%s", cell->machine, number);
	return page_open_named(page, plotter, kind, subject, err);
}

static bool is_taken(const struct page *page)
{
	for (size_t i = 0; i < page->plotter->count; i++)
		if (!strcmp(page->plotter->names[i], page->name))
			return true;
	return false;
}

static void make_unique(struct page *page)
{
	size_t length = strlen(page->name);

	for (unsigned n = 2; is_taken(page); n++)
		snprintf(page->name + length, sizeof(page->name) - length,
			 "_%u", n);
}

int page_open_named(struct page *page, struct plotter *plotter,
		    const char *kind, const char *subject, struct err *err)
{
	*page = (struct page){ .plotter = plotter };
	snprintf(page->name, sizeof(page->name), "%.39s_%.63s", kind, subject);
	for (char *c = page->name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("._-", *c))
			*c = '_';
	make_unique(page);
	page->gp = open_part(page, ".gp", err);
	page->dat = page->gp ? open_part(page, ".dat", err) : NULL;
	if (!page->dat) {
		page_abort(page);
		return -1;
	}
	fprintf(page->gp,
		"# gnuplot %s.gp: %s.svg and %s.png\n"
		"# gnuplot -e ascii=1 %s.gp: in characters\n"
		"reset\n"
		"if (!exists('ascii')) ascii = 0\n"
		"if (!exists('pdf')) pdf = 0\n",
		page->name, page->name, page->name, page->name);
	page_text(page->gp, "name = ", page->name);
	fputs("\ndata = name.'.dat'\n", page->gp);
	return 0;
}

void page_passes(struct page *page)
{
	fputs("do for [pass = 1 : (ascii || pdf ? 1 : 2)] {\n"
	      "if (ascii) {\n"
	      "set terminal dumb size 100, 30 noenhanced mono\n"
	      "set output\n"
	      "unset grid\n"
	      "set key below\n"
	      "} else { if (!pdf) { if (pass == 1) {\n"
	      "set terminal svg size 1200, 675 font 'Sans,16' "
	      "background '#ffffff' noenhanced\n"
	      "set output name.'.svg'\n"
	      "} else {\n"
	      "set terminal pngcairo size 1200, 675 font 'Sans,15' "
	      "noenhanced\n"
	      "set output name.'.png'\n"
	      "} } }\n",
	      page->gp);
}

/* Closes @file; false when anything written to it was lost. */
static bool close_sound(FILE *file)
{
	bool sound = !ferror(file);

	return fclose(file) == 0 && sound;
}

int page_close(struct page *page, struct err *err)
{
	struct plotter *plotter = page->plotter;
	size_t count = plotter->count + 1;
	void *names = realloc(plotter->names, count * sizeof(*plotter->names));
	void *titles;
	bool sound;

	if (names)
		plotter->names = names;
	titles = realloc(plotter->titles, count * sizeof(*plotter->titles));
	if (titles)
		plotter->titles = titles;
	fputs("}\nif (!pdf) set output\n", page->gp);
	sound = close_sound(page->gp);
	sound = close_sound(page->dat) && sound;
	if (!sound || !names || !titles)
		remove_parts(page);
	if (!sound)
		return err_set(err, ERR_IO, "cannot write plot '%s' into '%s'",
			       page->name, plotter->dir);
	if (!names || !titles)
		return err_nomem(err, "list of plots");
	memcpy(plotter->titles[plotter->count], page->title,
	       sizeof(page->title));
	memcpy(plotter->names[plotter->count++], page->name,
	       sizeof(page->name));
	return 0;
}

void plotter_clear(struct plotter *plotter)
{
	free(plotter->names);
	free(plotter->titles);
	plotter->names = NULL;
	plotter->titles = NULL;
	plotter->count = 0;
}

void page_abort(struct page *page)
{
	if (page->gp)
		fclose(page->gp);
	if (page->dat)
		fclose(page->dat);
	page->gp = page->dat = NULL;
	remove_parts(page);
}

/*
 * @text without what ends a line, escapes or is no UTF-8; the letters of
 * @doubled twice.
 */
static void harmless(FILE *file, const char *text, const char *doubled)
{
	while (*text) {
		size_t length = utf8_length(text);

		if (utf8_is_control(text, length)) {
			fputc(' ', file);
		} else {
			if (strchr(doubled, *text))
				fputc(*text, file);
			fwrite(text, 1, length, file);
		}
		text += length ? length : 1;
	}
}

void page_comment(FILE *file, const char *text)
{
	fputs("# ", file);
	harmless(file, text, "");
	fputc('\n', file);
}

/* gnuplot, "Quote marks": single quotes take everything but themselves. */
static void quoted(FILE *gp, const char *text, bool format)
{
	fputc('\'', gp);
	harmless(gp, text, format ? "'%" : "'");
	fputc('\'', gp);
}

void page_text(FILE *gp, const char *before, const char *text)
{
	fputs(before, gp);
	quoted(gp, text, false);
}

/* Labels of tics are formats: a per cent sign is doubled. */
void page_tic(FILE *gp, const char *text, double at)
{
	quoted(gp, text, true);
	fprintf(gp, " %.9g", at);
}

void page_head(struct page *page, const char *title, const char *xlabel,
	       const char *ylabel)
{
	FILE *gp = page->gp;

	snprintf(page->title, sizeof(page->title), "%s", title);
	page_text(gp, "set title ", title);
	page_text(gp, "\nset xlabel ", xlabel);
	page_text(gp, "\nset ylabel ", ylabel);
	fputs("\nset key outside right top vertical Left reverse samplen 3 "
	      "spacing 1.2\n"
	      "set grid lt 1 lc rgb '#cccccc' lw 0.8\n"
	      "set border 3 lw 1.2\n"
	      "set tics nomirror\n",
	      gp);
}

void page_key_below(struct page *page, const char *xlabel, unsigned columns)
{
	/* An empty line: gnuplot leaves no room between label and key. */
	page_text(page->gp, "set xlabel ", xlabel);
	fprintf(page->gp,
		".\"\\n \"\n"
		"set key outside bottom center horizontal Left reverse "
		"font ',13' maxcols %u\n",
		columns);
}

/* The last part of a path, cut in the middle when long. */
static void short_name(const char *path, char *buf, size_t size)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash && slash[1] ? slash + 1 : path;
	size_t length = strlen(name);

	if (length < 36)
		snprintf(buf, size, "%s", name);
	else
		snprintf(buf, size, "%.16s...%s", name, name + length - 16);
}

char *page_title(const struct plotter *plotter,
		 const struct report_block *block, const char *what, char *buf,
		 size_t size)
{
	const struct report_cell *cell = block->cell;
	const json_t *trace = json_array_get(
		json_object_get(plotter->root, "traces"), cell->trace);
	char name[64];

	short_name(tree_string(trace, "path", "-"), name, sizeof(name));
	if (block->fixed && block->count > 1)
		snprintf(buf, size, "%s: %s (%s, %s %s)", cell->machine, what,
			 name, block->kind == BLOCK_TX ? "receive" : "transmit",
			 block->fixed);
	else
		snprintf(buf, size, "%s: %s (%s)", cell->machine, what, name);
	return buf;
}

void page_line_style(FILE *gp, size_t index)
{
	static const int marks[] = { 4, 6, 8, 2, 10, 12, 1, 5, 7, 9, 11, 13 };
	size_t count = sizeof(marks) / sizeof(marks[0]);

	fprintf(gp, "lc rgb '%s' dt %zu pt %d ps 1.2 lw 2.5",
		palette[index % PALETTE], index % 5 + 1, marks[index % count]);
}

void page_fill_style(FILE *gp, size_t index)
{
	fprintf(gp, "fs solid 1.0 border lc rgb '#000000' lc rgb '%s' lw 0.8",
		fills[index % FILLS]);
}
