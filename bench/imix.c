/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A long capture to replay: IMIX of two directions, cut at 128 bytes.
 *
 *	imix FRAMES PPS FILE
 *
 * Poisson arrivals at PPS over both directions; 7 frames of 60 bytes to 4 of
 * 590 to 1 of 1514 (without FCS); 64 conversations of 10.0.0.1, TCP and UDP in
 * turn.  The same arguments give the same bytes.
 */
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"

#define SNAPLEN	   128
#define FLOWS	   64
#define NS_PER_SEC UINT64_C(1000000000)

static uint32_t imix_bytes(uint64_t r)
{
	uint64_t share = rng_below(r, 12);

	return share < 7 ? 60 : share < 11 ? 590 : 1514;
}

static void put16(unsigned char *at, unsigned value)
{
	at[0] = (unsigned char)(value >> 8);
	at[1] = (unsigned char)value;
}

/* Headers of a frame of @bytes in conversation @flow, out or in. */
static void fill(unsigned char *data, uint32_t bytes, unsigned flow, bool out)
{
	static const unsigned char macs[2][6] = { { 2, 0, 0, 0, 0, 1 },
						  { 2, 0, 0, 0, 0, 2 } };
	unsigned char us[4] = { 10, 0, 0, 1 };
	unsigned char them[4] = { 10, 0, 1, (unsigned char)flow };
	bool tcp = flow % 2;

	memset(data, 0, SNAPLEN);
	memcpy(data, macs[out], 6);
	memcpy(data + 6, macs[!out], 6);
	put16(data + 12, 0x0800);
	data[14] = 0x45;
	put16(data + 16, bytes - 14);
	data[22] = 64;
	data[23] = tcp ? 6 : 17;
	memcpy(data + 26, out ? us : them, 4);
	memcpy(data + 30, out ? them : us, 4);
	put16(data + 34, out ? 443 : 40000 + flow);
	put16(data + 36, out ? 40000 + flow : 443);
	if (tcp) {
		data[46] = 5 << 4;
		data[47] = 0x10;
	} else {
		put16(data + 38, bytes - 34);
	}
}

static void write_frames(pcap_dumper_t *dump, uint64_t frames, uint64_t pps)
{
	struct rng_stream stream;
	uint64_t now_ps = 0, i;

	rng_stream_init(&stream, 1, 0, 0);
	for (i = 0; i < frames; i++) {
		unsigned char data[SNAPLEN];
		struct pcap_pkthdr header = { 0 };
		uint64_t r = rng_draw(&stream, i), now_ns = now_ps / 1000;

		header.len = imix_bytes(r);
		header.caplen = header.len < SNAPLEN ? header.len : SNAPLEN;
		header.ts.tv_sec = (time_t)(now_ns / NS_PER_SEC);
		header.ts.tv_usec = (suseconds_t)(now_ns % NS_PER_SEC);
		r = rng_again(r);
		fill(data, header.len, (unsigned)rng_below(r, FLOWS), r & 1);
		pcap_dump((unsigned char *)dump, &header, data);
		now_ps +=
			rng_exponential(rng_again(r), NS_PER_SEC * 1000 / pps);
	}
}

int main(int argc, char **argv)
{
	uint64_t frames = argc == 4 ? strtoull(argv[1], NULL, 10) : 0;
	uint64_t pps = argc == 4 ? strtoull(argv[2], NULL, 10) : 0;
	pcap_dumper_t *dump;
	pcap_t *pcap;

	if (!frames || !pps) {
		fprintf(stderr, "usage: imix FRAMES PPS FILE\n");
		return 64;
	}
	pcap = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, SNAPLEN,
						    PCAP_TSTAMP_PRECISION_NANO);
	dump = pcap ? pcap_dump_open(pcap, argv[3]) : NULL;
	if (!dump) {
		fprintf(stderr, "imix: cannot write '%s': %s\n", argv[3],
			pcap ? pcap_geterr(pcap) : "out of memory");
		return 3;
	}
	write_frames(dump, frames, pps);
	if (pcap_dump_flush(dump) < 0) {
		fprintf(stderr, "imix: '%s': disk full?\n", argv[3]);
		return 3;
	}
	pcap_dump_close(dump);
	pcap_close(pcap);
	return 0;
}
