/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measured against simulated, as data and scripts for gnuplot:
 *
 *	for f in *.gp; do gnuplot $f; done
 */
#include <errno.h>
#include <string.h>

#include "tests/validate/hosts.h"

struct curve {
	const char *title;
	struct pick pick;
};

struct plot {
	const char *name, *title, *x, *y;
	const char *key; /* where the titles stand */
	bool log_x, by_window;
	struct curve curves[5]; /* a NULL title ends them */
};

static const struct plot plots[] = {
	{ .name = "bandwidth",
	  .title = "bandwidth over size",
	  .x = "transfer, bytes",
	  .y = "Gb/s",
	  .key = "bottom right",
	  .curves = { { "read", { .table = BW_SIZE, .op = PROBE_RD } },
		      { "write", { .table = BW_SIZE, .op = PROBE_WR } } } },
	{ .name = "latency",
	  .title = "mean latency over size",
	  .x = "transfer, bytes",
	  .y = "ns",
	  .key = "bottom right",
	  .curves = { { "read", { .table = LAT_SIZE, .op = PROBE_RD } },
		      { "write, then read",
			{ .table = LAT_SIZE, .op = PROBE_WRRD } } } },
	{ .name = "iotlb",
	  .title = "reads behind an IOMMU with 4 KiB pages",
	  .x = "window, bytes",
	  .y = "Gb/s",
	  .key = "bottom left",
	  .log_x = true,
	  .by_window = true,
	  .curves = { { "64 B",
			{ .table = BW_WINDOW,
			  .op = PROBE_RD,
			  .iommu = DMA_IOMMU_4K,
			  .size = 64 } },
		      { "128 B",
			{ .table = BW_WINDOW,
			  .op = PROBE_RD,
			  .iommu = DMA_IOMMU_4K,
			  .size = 128 } },
		      { "256 B",
			{ .table = BW_WINDOW,
			  .op = PROBE_RD,
			  .iommu = DMA_IOMMU_4K,
			  .size = 256 } },
		      { "512 B",
			{ .table = BW_WINDOW,
			  .op = PROBE_RD,
			  .iommu = DMA_IOMMU_4K,
			  .size = 512 } } } },
	{ .name = "iotlb_latency",
	  .title = "64 B reads behind an IOMMU with 4 KiB pages",
	  .x = "window, bytes",
	  .y = "ns",
	  .key = "top left",
	  .log_x = true,
	  .by_window = true,
	  .curves = { { "IOMMU off",
			{ .table = LAT_WINDOW, .op = PROBE_RD, .size = 64 } },
		      { "strict",
			{ .table = LAT_WINDOW,
			  .op = PROBE_RD,
			  .iommu = DMA_IOMMU_4K,
			  .size = 64 } } } },
};

static FILE *open_in(const char *directory, const char *name,
		     const char *suffix, struct err *err)
{
	char path[VALIDATION_PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.%s", directory, name, suffix);
	file = fopen(path, "w");
	if (!file)
		err_set(err, ERR_IO, "cannot write '%s': %s", path,
			strerror(errno));
	return file;
}

/* A block per curve and host: x, measured, model. */
static void print_data(const struct plot *plot, const struct host *hosts,
		       FILE *data)
{
	const struct curve *curve;
	unsigned i;

	for (i = 0; i < HOSTS; i++)
		for (curve = plot->curves; curve->title; curve++) {
			const struct dma_samples *all = &hosts[i].samples;
			const struct dma_sample *s =
				pick_one(all, &curve->pick);

			for (; s; s = pick_next(all, &curve->pick, s + 1))
				fprintf(data, "%lu %.6g %.6g\n",
					plot->by_window
						? (unsigned long)s->window
						: (unsigned long)s->size,
					s->value, s->model);
			fputs("\n\n", data);
		}
}

static void print_curves(const struct plot *plot, unsigned host, FILE *script)
{
	unsigned count = 0, i;

	while (plot->curves[count].title)
		count++;
	fprintf(script, "set title '%s'\nplot", host_names[host]);
	for (i = 0; i < count; i++)
		fprintf(script,
			"%s '%s.dat' index %u using 1:2 with points pt 7 ps "
			".4 lc %u title '%s'"
			", '' index %u using 1:3 with lines lw 1.2 lc %u "
			"notitle",
			i ? "," : "", plot->name, host * count + i, i + 1,
			plot->curves[i].title, host * count + i, i + 1);
	fputs("\n", script);
}

static void print_script(const struct plot *plot, FILE *script)
{
	unsigned i;

	fprintf(script,
		"set terminal svg size 900,360 font 'sans,11'\n"
		"set output 'validate_%s.svg'\n"
		"set multiplot layout 1,%d title '%s: points measured, lines "
		"simulated'\n"
		"set xlabel '%s'\nset ylabel '%s'\nset grid\n"
		"set key %s\n",
		plot->name, HOSTS, plot->title, plot->x, plot->y, plot->key);
	if (plot->log_x)
		fputs("set logscale x 2\nset format x '2^{%L}'\n", script);
	for (i = 0; i < HOSTS; i++)
		print_curves(plot, i, script);
}

int plot_hosts(const struct validation *v, const struct host hosts[HOSTS],
	       struct err *err)
{
	size_t i;

	for (i = 0; i < sizeof(plots) / sizeof(plots[0]); i++) {
		FILE *data = open_in(v->plots, plots[i].name, "dat", err);
		FILE *script = open_in(v->plots, plots[i].name, "gp", err);

		if (data && script) {
			print_data(&plots[i], hosts, data);
			print_script(&plots[i], script);
		}
		if (data)
			fclose(data);
		if (script)
			fclose(script);
		if (!data || !script)
			return -1;
	}
	return 0;
}
