/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/plot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports/gnuplot.h"
#include "reports/plot_axes.h"
#include "reports/plot_kinds.h"

static plot_kind *const kinds[] = { plot_latency, plot_stages, plot_registers,
				    plot_cycles, plot_capacity };
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

const char *plot_side(const struct report_block *block, const char *what,
		      char *buf, size_t size)
{
	static const char *const sides[] = { "tx", "rx", "pairs" };

	snprintf(buf, size, "%s_%s", what, sides[block->kind]);
	return buf;
}

static int write_cell(struct plotter *plotter, const struct report_cell *cell,
		      struct err *err)
{
	struct report_blocks blocks;
	int failed = 0;

	if (report_blocks_init(&blocks, cell, err) < 0)
		return -1;
	for (size_t i = 0; i < KINDS; i++)
		for (size_t j = 0; j < blocks.count && !failed; j++)
			failed = kinds[i](plotter, &blocks.block[j], err);
	report_blocks_clear(&blocks);
	return failed;
}

static int write_pages(struct plotter *plotter, struct err *err)
{
	struct report_cells cells;
	int failed;

	if (report_cells_init(&cells, plotter->root, err) < 0)
		return -1;
	failed = plot_axes(plotter, &cells, err);
	for (size_t i = 0; i < cells.count && !failed; i++)
		if (!cells.cells[i].axes)
			failed = write_cell(plotter, &cells.cells[i], err);
	report_cells_clear(&cells);
	return failed;
}

static int write_and_run(struct plotter *plotter, FILE *out, struct err *err)
{
	if (write_pages(plotter, err) < 0)
		return -1;
	if (!plotter->count)
		return 0;
	return gnuplot_run(plotter, out, err);
}

int plot_draw(const struct document *doc, const char *dir, size_t *cut,
	      struct err *err)
{
	struct plotter plotter = { .dir = dir, .root = document_tree(doc) };
	int failed = write_and_run(&plotter, NULL, err);

	free(plotter.names);
	if (cut)
		*cut = plotter.cut;
	return failed ? -1 : (int)plotter.count;
}

static void remove_pages(const struct plotter *plotter)
{
	static const char *const suffixes[] = { "gp", "dat" };
	char path[2 * PAGE_NAME_MAX];

	for (size_t i = 0; i < plotter->count; i++)
		for (size_t j = 0; j < 2; j++) {
			snprintf(path, sizeof(path), "%s/%s.%s", plotter->dir,
				 plotter->names[i], suffixes[j]);
			unlink(path);
		}
	rmdir(plotter->dir);
}

int plot_ascii(const struct document *doc, FILE *out, size_t *cut,
	       struct err *err)
{
	char dir[] = "/tmp/dmasim-plots-XXXXXX";
	struct plotter plotter = { .dir = dir, .root = document_tree(doc) };
	int failed;

	if (!mkdtemp(dir))
		return err_set(err, ERR_IO, "cannot make '%s': %s", dir,
			       strerror(errno));
	failed = write_and_run(&plotter, out, err);
	remove_pages(&plotter);
	free(plotter.names);
	if (cut)
		*cut = plotter.cut;
	return failed ? -1 : (int)plotter.count;
}
