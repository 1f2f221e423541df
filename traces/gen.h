/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Traffic without a capture.
 *
 *	gen:poisson,rate=1Mpps,size=64,frames=100000
 *	gen:imix,rate=5Gbps,tx=30%,flows=64,seed=7
 *	gen:onoff,rate=10Gbps,on=50us,off=450us,size=1514
 *	gen:constant,rate=1Mpps/2Mpps/4Mpps,size=60:7/590:4/1514:1
 *
 * The first word is the kind of arrivals, the rest is KEY=VALUE in any order:
 *
 *	constant   equal gaps (at a bit rate: in proportion to the sizes)
 *	poisson    exponential gaps of the same mean
 *	onoff      constant while on, silent while off, in turn
 *	imix       constant, with the sizes of the simple IMIX below
 *
 *	rate=R     frames or L2 bits without FCS per second, while on; several
 *		   by '/' follow each other for equal numbers of frames (1Mpps)
 *	size=S	   L2 bytes without FCS, as everywhere; several by '/' are drawn
 *		   with weights S:W; "imix" is 60:7/590:4/1514:1, that is 7 of
 *		   64, 4 of 594 and 1 of 1518 bytes with FCS (60)
 *	fcs=yes	   the sizes given include the 4 bytes of the FCS (no)
 *	frames=N   how many (10000)
 *	tx=P	   share that is sent, the rest is received (50%)
 *	flows=N	   conversations, drawn with equal chances (16)
 *	proto=P	   udp or tcp (udp)
 *	on=T off=T (100us, 900us)
 *	seed=N	   other draws (1)
 *
 * The local host is 02:00:00:00:00:01, 10.0.0.1; flow K's peer is
 * 10.1.0.0 + K.  A frame decodes as what it would be in a capture, so a
 * generated trace that was written and read again has the same flows.
 *
 * Limits: sizes from the headers' 42 (udp) or 54 (tcp) bytes to 65,549; at
 * most 64 sizes, 64 rates and 65,536 flows.
 */
#ifndef TRACES_GEN_H
#define TRACES_GEN_H

#include <stdbool.h>

#include "core/frame.h"

#define GEN_LIST_MAX   64
#define GEN_FLOWS_MAX  65536
#define GEN_HEADER_MAX 54

enum gen_kind { GEN_CONSTANT, GEN_POISSON, GEN_ONOFF, GEN_IMIX };

struct gen_spec {
	enum gen_kind kind;
	unsigned rate_count, size_count;
	struct {
		uint64_t value;
		bool is_pps; /* else bits per second */
	} rates[GEN_LIST_MAX];
	struct {
		uint32_t bytes;
		uint64_t weight;
	} sizes[GEN_LIST_MAX];
	uint64_t weights; /* sum */
	uint64_t frames, tx_ppm, flows, seed;
	bool tcp;
	uint64_t on_ps, off_ps;
};

/* ERR_USAGE quotes the word that is wrong. @text starts with "gen:". */
int gen_parse(struct gen_spec *spec, const char *text, struct err *err);

/*
 * The headers of a frame of @bytes bytes of flow @flow (from 0): Ethernet,
 * IPv4 and UDP or TCP with an IP checksum. Returns their length.
 */
uint32_t gen_headers(const struct gen_spec *spec, uint32_t flow,
		     enum frame_direction direction, uint32_t bytes,
		     uint8_t out[GEN_HEADER_MAX]);
/* The flow, from 0, of the generated frame with record number @number. */
uint32_t gen_flow_of(const struct gen_spec *spec, uint64_t number);

#endif
