/* SPDX-License-Identifier: Apache-2.0 */
/*
 * validate TABLES FIGURES [--record] [--points FILE] [--plots DIR]
 *	    [--set KEY=VALUE]...
 *
 * Compares the models with the tables in TABLES; exits 1 when a figure is
 * worse than FIGURES says.  --record writes FIGURES instead.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/validate/validate.h"

#define SETS_MAX 32

struct arguments {
	const char *tables, *figures, *points, *plots;
	const char *sets[SETS_MAX + 1];
	unsigned set_count;
	bool record;
};

static bool parse(struct arguments *arguments, int argc, char **argv)
{
	int i;

	if (argc < 3)
		return false;
	*arguments =
		(struct arguments){ .tables = argv[1], .figures = argv[2] };
	for (i = 3; i < argc; i++)
		if (strcmp(argv[i], "--record") == 0)
			arguments->record = true;
		else if (strcmp(argv[i], "--points") == 0 && i + 1 < argc)
			arguments->points = argv[++i];
		else if (strcmp(argv[i], "--plots") == 0 && i + 1 < argc)
			arguments->plots = argv[++i];
		else if (strcmp(argv[i], "--set") == 0 && i + 1 < argc &&
			 arguments->set_count < SETS_MAX)
			arguments->sets[arguments->set_count++] = argv[++i];
		else
			return false;
	return true;
}

char *validation_path(const struct validation *v, const char *name, char *path,
		      size_t size)
{
	snprintf(path, size, "%s/%s.csv", v->tables, name);
	return path;
}

static int validate(struct validation *v, struct err *err)
{
	if (validate_transfers(v, err) < 0 ||
	    validate_closed_forms(v, err) < 0 || validate_copies(v, err) < 0 ||
	    validate_mappings(v, err) < 0)
		return -1;
	return 0;
}

static int report(struct validation *v, const struct arguments *arguments,
		  struct err *err)
{
	unsigned bad;

	if (arguments->record &&
	    figures_save(&v->figures, arguments->figures, err) < 0)
		return -1;
	if (figures_load(&v->figures, arguments->figures, err) < 0)
		return -1;
	bad = figures_compare(&v->figures, stdout);
	printf("%u figures, %u worse than committed\n", v->figures.count, bad);
	return bad ? 1 : 0;
}

/* Figures come before the points they sum up. */
static int write_points(struct validation *v, const char *path,
			const char *points, struct err *err)
{
	FILE *file = path ? fopen(path, "w") : NULL;

	if (!path)
		return 0;
	if (!file)
		return err_set(err, ERR_IO, "cannot write '%s': %s", path,
			       strerror(errno));
	figures_markdown(&v->figures, file);
	fputs(points, file);
	if (fclose(file))
		return err_set(err, ERR_IO, "cannot write '%s': %s", path,
			       strerror(errno));
	return 0;
}

int main(int argc, char **argv)
{
	struct arguments arguments;
	struct validation v = { .figures.count = 0 };
	struct err err = ERR_INIT;
	char *points = NULL;
	size_t size;
	int result;

	if (!parse(&arguments, argc, argv)) {
		fprintf(stderr,
			"usage: %s TABLES FIGURES [--record] [--points FILE] "
			"[--plots DIR] [--set KEY=VALUE]...\n",
			argv[0]);
		return 64;
	}
	v.tables = arguments.tables;
	v.plots = arguments.plots;
	v.sets = arguments.sets;
	v.jobs = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	v.points = open_memstream(&points, &size);
	BUG_ON(!v.points);
	result = validate(&v, &err);
	fclose(v.points);
	if (result == 0)
		result = write_points(&v, arguments.points, points, &err);
	if (result == 0)
		result = report(&v, &arguments, &err);
	free(points);
	if (result < 0)
		fprintf(stderr, "validate: %s\n", err.text);
	return result < 0 ? (int)err.kind : result;
}
