/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/listing.h"

#include <string.h>

#define LABEL_WIDTH 12
#define LINE_WIDTH  79

static int write_json(const struct listing *listing,
		      const struct options *options, const char *name,
		      FILE *out, struct err *err)
{
	struct tree_builder builder = { 0 };
	json_t *root = listing->json(options, name, &builder, err);
	int result = 0;

	if (builder.failed)
		result = err_nomem(err, listing->spec.name);
	else if (!root)
		result = -1;
	else
		result = tree_dump(root, out, listing->spec.name, err);
	json_decref(root);
	return result;
}

static int write_listing(const struct listing *listing,
			 const struct options *options, struct err *err)
{
	const char *name = options->args.count ? options->args.items[0] : NULL;
	struct outfile out;
	int result;

	if (options_open(options, &out, err) < 0)
		return -1;
	if (options->format == FORMAT_JSON)
		result = write_json(listing, options, name, out.fp, err);
	else
		result = listing->text(options, name, out.fp, err);
	if (result == 0)
		return outfile_commit(&out, err);
	outfile_abort(&out);
	return -1;
}

int listing_run(const struct listing *listing, int argc, char **argv,
		struct err *err)
{
	struct options options;
	int result = options_parse(&options, &listing->spec, argc, argv, err);

	if (result != 0)
		return result < 0 ? -1 : 0;
	result = write_listing(listing, &options, err);
	options_clear(&options);
	return result;
}

bool listing_in_group(const char *key, const char *name)
{
	size_t length = strlen(name);

	return strncmp(key, name, length) == 0 && key[length] == '.';
}

bool listing_same_group(const char *a, const char *b)
{
	size_t length = strcspn(a, ".");

	return strncmp(a, b, length) == 0 && b[length] == '.';
}

void listing_field(FILE *out, const char *label, const char *text)
{
	int column = LABEL_WIDTH;
	size_t length;

	if (!text || !*text)
		return;
	fprintf(out, "%-*s", LABEL_WIDTH, label);
	for (; *text; text += length) {
		text += strspn(text, " ");
		length = strcspn(text, " ");
		if (column > LABEL_WIDTH &&
		    column + 1 + (int)length > LINE_WIDTH) {
			fprintf(out, "\n%*s", LABEL_WIDTH, "");
			column = LABEL_WIDTH;
		}
		if (column > LABEL_WIDTH) {
			fputc(' ', out);
			column++;
		}
		fprintf(out, "%.*s", (int)length, text);
		column += (int)length;
	}
	fputc('\n', out);
}
