/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The least that reading a capture costs: libpcap's loop and two sums.
 *
 *	readloop CAPTURE
 *
 * Prints the frames, their original and captured bytes, and the CPU time.
 */
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

int main(int argc, char **argv)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	uint64_t frames = 0, bytes = 0, captured = 0;
	struct pcap_pkthdr *header;
	const unsigned char *data;
	struct timespec cpu;
	pcap_t *pcap;
	int got;

	if (argc != 2) {
		fprintf(stderr, "usage: readloop CAPTURE\n");
		return 64;
	}
	pcap = pcap_open_offline_with_tstamp_precision(
		argv[1], PCAP_TSTAMP_PRECISION_NANO, why);
	if (!pcap) {
		fprintf(stderr, "readloop: cannot read '%s': %s\n", argv[1],
			why);
		return 2;
	}
	while ((got = pcap_next_ex(pcap, &header, &data)) == 1) {
		frames++;
		bytes += header->len;
		captured += header->caplen;
	}
	if (got == PCAP_ERROR) {
		fprintf(stderr, "readloop: '%s': %s\n", argv[1],
			pcap_geterr(pcap));
		return 2;
	}
	pcap_close(pcap);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
	printf("%" PRIu64 " frames, %" PRIu64 " bytes, %" PRIu64
	       " captured, %.3f s of CPU\n",
	       frames, bytes, captured,
	       (double)cpu.tv_sec + (double)cpu.tv_nsec * 1e-9);
	return 0;
}
