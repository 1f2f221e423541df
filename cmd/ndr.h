/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim ndr, between its files: ndr.c has the command line and the searches,
 * ndr_whatif.c the virtual speed-ups, ndr_out.c text, JSON and CSV.
 *
 * In words of RFC 2544: the *throughput* is the highest rate at which a
 * *trial*, a replay of the capture at that rate, has no *loss*.  A trial fails
 * by a dropped frame, and by a backlog that grows.  It is found by bisection,
 * until the lowest rate that failed is not more than the *resolution* above it.
 */
#ifndef CMD_NDR_H
#define CMD_NDR_H

#include "cmd/capacity.h"
#include "cmd/question.h"
#include "cmd/slo.h"

#define NDR_RESOURCES_MAX 48
#define NDR_WHATIFS_MAX	  128

struct ndr_load {
	char name[TRIAL_NAME_MAX];
	double utilisation; /* of the time from first to last frame */
	uint64_t wait_ps;
};

/* One thing 10 % cheaper or larger. */
struct ndr_whatif {
	char subject[96]; /* routine, or resource */
	const char *key;
	char from[UNITS_TEXT_MAX], to[UNITS_TEXT_MAX];
	double gain;  /* of the throughput, a share; +- half the resolution */
	bool matters; /* false: not a figure of the trial changes */
	bool done;
};

struct ndr_row {
	struct question_row of; /* if it cannot run: nothing else is set */
	bool done;		/* false: interrupted before */
	struct capacity loss_free, within_slo;
	uint64_t lower_failing_bps; /* below loss_free, did not hold; 0: none */
	/* At the throughput, replicate 0. */
	struct ndr_load loads[NDR_RESOURCES_MAX];
	size_t load_count, bottleneck;
	uint64_t tx_p50_ps, tx_p99_ps, rx_p50_ps, rx_p99_ps;

	struct capacity fine; /* the same at the resolution of what-ifs */
	struct ndr_whatif *whatifs;
	size_t whatif_count;
};

struct ndr {
	struct question ask;
	struct slo slo;
	uint32_t resolution_ppm;
	uint64_t frames;
	bool whatif;
	uint64_t rate_bps;    /* of the capture */
	struct ndr_row *rows; /* as in the question */
};

/* Throughput of @row, with the bound of @slo if it is not NULL. */
int ndr_search(const struct ndr *study, const struct ndr_row *row,
	       const struct slo *slo, uint32_t resolution_ppm,
	       uint64_t start_bps, const struct config *cfg,
	       struct capacity *out, struct err *err);
struct trial ndr_trial(const struct ndr *study, const struct ndr_row *row,
		       const struct config *cfg);

/* Everything 10 % cheaper or larger in turn, for every row. */
int ndr_whatifs(struct ndr *study, struct err *err);
int ndr_write(const struct ndr *study, struct err *err);

#endif
