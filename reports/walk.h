/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One walk over results: it writes the scripts and data of their plots and the
 * outline that tables and plots have their places in.  Everything a report
 * shows comes from here; pictures, pages and characters are made of it
 * afterwards (reports/report_set.h).
 *
 * A kind of study is a file outline_KIND.c and a row of study_kinds[]; a kind
 * of plot a file plot_KIND.c and a row of plot_rows[].
 */
#ifndef REPORTS_WALK_H
#define REPORTS_WALK_H

#include <jansson.h>

#include "reports/outline.h"
#include "reports/plot_page.h"
#include "reports/rows.h"
#include "reports/summary.h"

struct walk {
	struct plotter plotter;
	struct outline outline;
};

/* The plots written since there were @from become figures. */
void walk_figures(struct walk *walk, size_t from, const char *reading);

/* Results of run, compare and sweep. */
int walk_document(struct walk *walk, const json_t *root, struct err *err);
/* Parts of it: a machine's comparison, a sweep, what it was made of. */
int walk_cell(struct walk *walk, const struct report_cell *cell,
	      struct err *err);
/* The table of every point. */
void walk_sweep_table(struct walk *walk, const struct report_cells *cells);
int walk_sweep(struct walk *walk, const struct report_cells *cells,
	       struct err *err);
void walk_notes(struct walk *walk, const json_t *root, const char *machine);
void walk_trouble(struct walk *walk, const struct report_cells *cells);
void walk_origin(struct walk *walk, const json_t *root);

/* A figure of a row, "1310 ±0.3" with @interval, marked when it is the best of
 * @block. */
void walk_aggregate(struct walk *walk, const struct report_row *row,
		    const struct report_block *block,
		    const struct compared *compared, bool interval);

/* The parameters of @config, folded: value, unit, origin, source. */
void walk_config(struct walk *walk, const char *caption, const json_t *config);
/* Version, trace and seed of a study that is no document. */
void walk_study_origin(struct walk *walk, const json_t *root);
/*
 * Its configurations: an object by machine, or an array of {"machine",
 * "config"}.
 */
void walk_study_configs(struct walk *walk, const json_t *machines);
/* "office.pcap.xz" of a path. */
const char *walk_file_name(const char *path);
/* A number of the unit as people read it, "-" when absent. */
void walk_number(struct walk *walk, const json_t *object, const char *key,
		 const char *unit);

struct study_kind {
	const char *name; /* the command's */
	const char *key;  /* of the schema's number in the result */
	unsigned schema;
	const char *list; /* an array there must be */
	int (*walk)(struct walk *walk, const json_t *root, struct err *err);
};
extern const struct study_kind study_kinds[]; /* ends with a NULL name */

int walk_breakeven(struct walk *walk, const json_t *root, struct err *err);
int walk_ndr(struct walk *walk, const json_t *root, struct err *err);
int walk_size(struct walk *walk, const json_t *root, struct err *err);
int walk_sensitivity(struct walk *walk, const json_t *root, struct err *err);

#endif
