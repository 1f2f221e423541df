/* SPDX-License-Identifier: Apache-2.0 */
#include "traces/filter.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#define FILTER_LINKS_MAX 16
#define FILTER_SNAPLEN	 262144

struct filter {
	char *text;
	unsigned count;
	struct {
		int dlt;
		struct bpf_program program;
	} compiled[FILTER_LINKS_MAX];
};

struct filter *filter_new(const char *text, struct err *err)
{
	struct filter *filter = calloc(1, sizeof(*filter));

	if (filter)
		filter->text = strdup(text);
	if (!filter || !filter->text) {
		filter_free(filter);
		err_nomem(err, "a filter");
		return NULL;
	}
	return filter;
}

void filter_free(struct filter *filter)
{
	if (!filter)
		return;
	for (unsigned i = 0; i < filter->count; i++)
		pcap_freecode(&filter->compiled[i].program);
	free(filter->text);
	free(filter);
}

static int compile(struct filter *filter, int dlt, struct err *err)
{
	struct bpf_program *program;
	pcap_t *dead;
	int n;

	if (filter->count == FILTER_LINKS_MAX)
		return err_set(err, ERR_INPUT,
			       "traffic.filter: more than %d link types",
			       FILTER_LINKS_MAX);
	dead = pcap_open_dead(dlt, FILTER_SNAPLEN);
	if (!dead)
		return err_nomem(err, "a filter");
	program = &filter->compiled[filter->count].program;
	errno = 0;
	n = pcap_compile(dead, program, filter->text, 1, PCAP_NETMASK_UNKNOWN);
	if (n < 0 && errno == ENOMEM)
		err_nomem(err, "a filter");
	else if (n < 0)
		err_set(err, ERR_USAGE,
			"traffic.filter '%s': %s; see pcap-filter(7)",
			filter->text, pcap_geterr(dead));
	else
		filter->compiled[filter->count++].dlt = dlt;
	pcap_close(dead);
	return n < 0 ? -1 : 0;
}

int filter_match(struct filter *filter, const struct packet *packet,
		 struct err *err)
{
	struct pcap_pkthdr header = { .caplen = packet->captured,
				      .len = packet->original };

	for (unsigned i = 0; i < filter->count; i++) {
		if (filter->compiled[i].dlt == packet->dlt)
			return pcap_offline_filter(&filter->compiled[i].program,
						   &header, packet->data) != 0;
	}
	if (compile(filter, packet->dlt, err) < 0)
		return -1;
	return filter_match(filter, packet, err);
}
