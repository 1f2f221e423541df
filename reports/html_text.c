/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/html_text.h"

#include <stddef.h>

#include "reports/tree.h"

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\t':
	case '\n':
		return " ";
	default:
		return NULL;
	}
}

void html_text(FILE *out, const char *text)
{
	while (*text) {
		size_t length = utf8_length(text);
		const char *other = entity(*text);

		if (other)
			fputs(other, out);
		else if (utf8_is_control(text, length))
			fputs("\xef\xbf\xbd", out);
		else
			fwrite(text, 1, length, out);
		text += length ? length : 1;
	}
}

void html_attribute(FILE *out, const char *name, const char *text)
{
	fprintf(out, " %s=\"", name);
	html_text(out, text);
	fputc('"', out);
}
