/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* memmem() */
#include "reports/html_svg.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "reports/html_text.h"
#include "reports/tree.h"

/* A piece of the input, not terminated. */
struct slice {
	const char *at;
	size_t length;
};

struct filter {
	FILE *out;
	const char *prefix;
};

static bool is(const struct slice *slice, const char *text)
{
	return slice->length == strlen(text) &&
	       memcmp(slice->at, text, slice->length) == 0;
}

static bool is_among(const struct slice *slice, const char *const *names)
{
	for (; *names; names++)
		if (is(slice, *names))
			return true;
	return false;
}

/* What gnuplot's svg terminal draws with. */
static const char *const elements[] = { "g",	    "path",	"rect",
					"circle",   "use",	"text",
					"tspan",    "defs",	"polygon",
					"polyline", "line",	"pattern",
					"ellipse",  "clipPath", NULL };

/* Left out with what is in them; gnuplot's filters are for boxed texts. */
static const char *const unseen[] = { "title", "desc", "filter", NULL };

static const char *const attributes[] = { "d",
					  "id",
					  "x",
					  "y",
					  "width",
					  "height",
					  "cx",
					  "cy",
					  "r",
					  "rx",
					  "ry",
					  "x1",
					  "x2",
					  "y1",
					  "y2",
					  "points",
					  "transform",
					  "fill",
					  "fill-opacity",
					  "stroke",
					  "stroke-width",
					  "stroke-dasharray",
					  "stroke-linecap",
					  "stroke-linejoin",
					  "stroke-opacity",
					  "color",
					  "font-size",
					  "font-style",
					  "font-weight",
					  "text-anchor",
					  "dominant-baseline",
					  "patternUnits",
					  "clip-path",
					  NULL };

/* What holds unsaid; said for every line of every picture it is long. */
static const char *const defaults[] = { "butt", "miter", NULL };

static const char *skip_blanks(const char *p)
{
	while (isspace((unsigned char)*p))
		p++;
	return p;
}

/* Letters of a name, "xlink:href" too. */
static struct slice name_at(const char *p)
{
	struct slice name = { p, 0 };

	while (isalnum((unsigned char)p[name.length]) ||
	       (p[name.length] && strchr(":-_", p[name.length])))
		name.length++;
	return name;
}

/*
 * Reads ` name = "value"`; the end of it, or NULL at no attribute.
 */
static const char *attribute_at(const char *p, struct slice *name,
				struct slice *value)
{
	const char *end;
	char quote;

	*name = name_at(p);
	p = skip_blanks(p + name->length);
	if (!name->length || *p != '=')
		return NULL;
	p = skip_blanks(p + 1);
	quote = *p;
	if (quote != '"' && quote != '\'')
		return NULL;
	end = strchr(p + 1, quote);
	if (!end)
		return NULL;
	*value = (struct slice){ p + 1, (size_t)(end - p - 1) };
	return end + 1;
}

/* Numbers and keywords: runs of blanks made one, nothing that ends a value. */
static void put_value(FILE *out, const struct slice *value)
{
	const char *p = value->at, *end = p + value->length;
	bool blank = false, first = true;

	for (; p < end; p++) {
		if (isspace((unsigned char)*p)) {
			blank = true;
			continue;
		}
		if (blank && !first)
			fputc(' ', out);
		blank = first = false;
		fputc(strchr("\"'<>&\\", *p) || !isprint((unsigned char)*p)
			      ? '_'
			      : *p,
		      out);
	}
}

static void put_attribute(const struct filter *filter, const struct slice *name,
			  const struct slice *value)
{
	static const char link[] = "url(#";
	bool reference = is(name, "xlink:href") || is(name, "href");
	struct slice rest = *value;

	if (reference
		    ? value->length < 2 || value->at[0] != '#'
		    : !is_among(name, attributes) || is_among(value, defaults))
		return;
	fprintf(filter->out, " %.*s=\"", reference ? 4 : (int)name->length,
		reference ? "href" : name->at);
	if (reference) {
		fprintf(filter->out, "#%s", filter->prefix);
		rest = (struct slice){ value->at + 1, value->length - 1 };
	} else if (is(name, "id")) {
		fputs(filter->prefix, filter->out);
	} else if (memmem(value->at, value->length, "url(", 4)) {
		if (value->length <= sizeof(link) - 1 ||
		    memcmp(value->at, link, sizeof(link) - 1) != 0) {
			rest = (struct slice){ "none", 4 };
		} else {
			fprintf(filter->out, "%s%s", link, filter->prefix);
			rest.at += sizeof(link) - 1;
			rest.length -= sizeof(link) - 1;
		}
	}
	put_value(filter->out, &rest);
	fputc('"', filter->out);
}

/* A tag whose name ends at @p, up to its '>'; NULL when it is torn. */
static const char *tag_rest(const struct filter *filter, const char *p)
{
	struct slice name, value;

	for (;;) {
		p = skip_blanks(p);
		if (*p == '>') {
			fputc('>', filter->out);
			return p + 1;
		}
		if (p[0] == '/' && p[1] == '>') {
			fputs("/>", filter->out);
			return p + 2;
		}
		p = attribute_at(p, &name, &value);
		if (!p)
			return NULL;
		put_attribute(filter, &name, &value);
	}
}

static const char *past(const char *p, const char *mark)
{
	const char *found = strstr(p, mark);

	return found ? found + strlen(mark) : NULL;
}

/* Skip an element with what is in it: it holds no other of its name. */
static const char *skip_element(const char *p, const struct slice *name)
{
	char end[32];

	snprintf(end, sizeof(end), "</%.*s>", (int)name->length, name->at);
	return past(p, end);
}

/* The tag at @p, which is "<". */
static const char *tag(const struct filter *filter, const char *p)
{
	bool closes = p[1] == '/';
	struct slice name = name_at(p + 1 + closes);

	if (p[1] == '?')
		return past(p, "?>");
	if (p[1] == '!')
		return past(p, ">");
	if (!closes && is_among(&name, unseen))
		return skip_element(p, &name);
	/* The root is our own, so that it fits the page. */
	if (is(&name, "svg"))
		return past(p, ">");
	if (!is_among(&name, elements))
		return NULL;
	fprintf(filter->out, "<%s%.*s", closes ? "/" : "", (int)name.length,
		name.at);
	return tag_rest(filter, name.at + name.length);
}

/* "&lt;", "&#60;": as gnuplot writes them. */
static bool is_entity(const char *p)
{
	const char *end = strpbrk(p + 1, ";&< ");

	return end && *end == ';' && end - p > 1 && end - p < 8;
}

static void put_text(FILE *out, const char *p, const char *end)
{
	while (p < end) {
		size_t length = utf8_length(p);

		if (*p == '&' && !is_entity(p))
			fputs("&amp;", out);
		else if (*p == '>')
			fputs("&gt;", out);
		else if (*p == '\n' || *p == '\t')
			fputc(*p, out);
		else if (utf8_is_control(p, length))
			fputs("\xef\xbf\xbd", out);
		else
			fwrite(p, 1, length, out);
		p += length ? length : 1;
	}
}

static bool is_blank(const char *p, const char *end)
{
	while (p < end && isspace((unsigned char)*p))
		p++;
	return p == end;
}

static const char *body(const struct filter *filter, const char *p)
{
	while (p && *p) {
		const char *end = strchr(p, '<');

		if (!end)
			end = p + strlen(p);
		if (is_blank(p, end))
			fputs(end > p ? "\n" : "", filter->out);
		else
			put_text(filter->out, p, end);
		p = *end ? tag(filter, end) : end;
	}
	return p;
}

int html_svg(FILE *out, const char *svg, const char *prefix, const char *label,
	     const char *what, struct err *err)
{
	struct filter filter = { out, prefix };
	const char *box = strstr(svg, "viewBox=");
	struct slice name, value;

	if (!box || !attribute_at(box, &name, &value) || !strstr(box, "</svg>"))
		return err_set(err, ERR_IO, "'%s' is no whole picture", what);
	fputs("<svg role=\"img\"", out);
	html_attribute(out, "aria-label", label);
	fputs(" viewBox=\"", out);
	put_value(out, &value);
	fputs("\">", out);
	if (!body(&filter, svg))
		return err_set(err, ERR_IO,
			       "'%s' holds what gnuplot does not draw", what);
	fputs("</svg>\n", out);
	return 0;
}
