/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The link and NICs on it in closed form against the tables that the published
 * model's own program makes.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/csv_in.h"
#include "models/bus/analytic.h"
#include "models/nic/pattern.h"
#include "tests/validate/validate.h"

static const char *text(const struct csv_in *csv, const char *column)
{
	return csv_in_text(csv, csv_in_column(csv, column));
}

static double number(const struct csv_in *csv, const char *column)
{
	return strtod(text(csv, column), NULL);
}

/* "gen3", "x8"; sizes as far as the table has them. */
static struct link row_link(const struct csv_in *csv)
{
	struct link link = { .generation = 3,
			     .lanes = 8,
			     .mps = 256,
			     .mrrs = 512,
			     .rcb = 64,
			     .wide = true };

	if (csv_in_column(csv, "gen") >= 0) {
		link.generation =
			(unsigned)strtoul(text(csv, "gen") + 3, NULL, 10);
		link.lanes =
			(unsigned)strtoul(text(csv, "lanes") + 1, NULL, 10);
		link.mps = (uint32_t)number(csv, "mps_B");
	}
	if (csv_in_column(csv, "mrrs_B") >= 0)
		link.mrrs = (uint32_t)number(csv, "mrrs_B");
	if (csv_in_column(csv, "addr_bits") >= 0) {
		link.wide = number(csv, "addr_bits") > 32;
		link.ecrc = number(csv, "ecrc") > 0;
	}
	return link;
}

/* Worst so far, against the cell of @column; an empty cell is not judged. */
static void judge(const struct csv_in *csv, const char *column, uint64_t bps,
		  double *worst)
{
	double cell = number(csv, column);

	if (*text(csv, column))
		*worst = fmax(*worst, 100 * fabs((double)bps / 1e9 / cell - 1));
}

static void judge_link(const struct csv_in *csv, double *worst)
{
	struct link link = row_link(csv);

	judge(csv, "raw_gbps", link_raw_bps(&link), worst);
	judge(csv, "tlp_gbps", link_tlp_bps(&link), worst);
}

static void judge_memory(const struct csv_in *csv, double *worst)
{
	struct link link = row_link(csv);
	uint64_t bytes = (uint64_t)number(csv, "size_B");
	bool lines = csv_in_column(csv, "cpl_split") >= 0 &&
		     strcmp(text(csv, "cpl_split"), "rcb64") == 0;
	uint32_t size = lines ? 64 : link.mps;

	judge(csv, "wr_gbps", analytic_write_bps(&link, bytes), worst);
	judge(csv, "rd_gbps", analytic_read_bps(&link, bytes, size), worst);
	judge(csv, "duplex_gbps_per_dir",
	      analytic_duplex_bps(&link, bytes, size), worst);
}

/* The tables write underlines where our names have hyphens. */
static const struct nic_pattern *row_pattern(const struct csv_in *csv)
{
	char name[32], *c;
	const struct nic_pattern *pattern;

	snprintf(name, sizeof(name), "%s", text(csv, "nic"));
	for (c = name; *c; c++)
		if (*c == '_')
			*c = '-';
	pattern = nic_pattern_find(name);
	BUG_ON(!pattern);
	return pattern;
}

static void judge_nic(const struct csv_in *csv, double *worst)
{
	struct link link = row_link(csv);
	struct nic_traffic traffic = { .link = &link,
				       .pattern = row_pattern(csv),
				       .completion = link.mps };
	uint32_t frame = (uint32_t)number(csv, "frame_B");

	judge(csv, "tx_gbps", nic_capacity_bps(&traffic, NIC_TX, frame), worst);
	judge(csv, "rx_gbps_fixed", nic_capacity_bps(&traffic, NIC_RX, frame),
	      worst);
	judge(csv, "bidir_gbps_fixed",
	      nic_capacity_bps(&traffic, NIC_BOTH, frame), worst);
}

/* Bytes by which the crossover is off; 3 % of it are as good as 2 bytes. */
static void judge_crossover(const struct csv_in *csv, double *worst)
{
	struct link link = row_link(csv);
	struct nic_traffic traffic = { .link = &link,
				       .pattern = row_pattern(csv),
				       .completion = link.mps };
	const char *direction = text(csv, "direction");
	enum nic_flow flow = *direction == 't'	 ? NIC_TX
			     : *direction == 'r' ? NIC_RX
						 : NIC_BOTH;
	double cell = number(csv, "min_frame_fixed_B"); /* empty: none, 0 */
	double ours = nic_crossover_bytes(
		&traffic, flow, (uint64_t)(number(csv, "eth_gbps") * 1e9));

	*worst = fmax(*worst, fabs(ours - cell) / fmax(1, cell * .03 / 2));
}

static const struct {
	const char *table, *figure, *unit;
	double limit;
	void (*judge)(const struct csv_in *csv, double *worst);
} forms[] = {
	{ "model_link_bw", "closed_form.link", "%", .1, judge_link },
	{ "model_mem_bw", "closed_form.streams", "%", .5, judge_memory },
	{ "model_hdr_variants", "closed_form.headers", "%", .5, judge_memory },
	{ "model_nic_throughput", "closed_form.nic", "%", 1, judge_nic },
	{ "nic_crossovers", "closed_form.crossovers", "B", 2, judge_crossover },
};

int validate_closed_forms(struct validation *v, struct err *err)
{
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		char path[VALIDATION_PATH_MAX];
		struct csv_in *csv = csv_in_open(
			validation_path(v, forms[i].table, path, sizeof(path)),
			err);
		struct figure *f;
		int more = 0;

		if (!csv)
			return -1;
		f = figure(&v->figures, forms[i].limit, forms[i].unit, "%s",
			   forms[i].figure);
		while ((more = csv_in_next(csv, err)) > 0)
			forms[i].judge(csv, &f->value);
		csv_in_close(csv);
		if (more < 0)
			return -1;
	}
	return 0;
}
