/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From packet bytes to the little a frame record needs.
 *
 * Lengths are turned into those of the Ethernet frame that would carry the
 * same packet: a cooked, raw, NULL, PPP, FDDI or 802.11 header is taken off
 * and 14 bytes are put on (LLC/SNAP too goes where the frame's own type takes
 * its place).  What the snapshot length cut away is not needed: the usual
 * minimum stands in for a header that cannot be seen.
 *
 * Tunnels are not looked into: the outer addresses make the flow.  IPv4
 * fragments and IPv6 fragments of a packet share a flow without ports.
 */
#ifndef TRACES_DECODE_H
#define TRACES_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "traces/packet.h"

/*
 * Addresses as numbers, so that the lowest is the least.  IPv4 is mapped into
 * ::ffff:0:0/96.  A MAC of 0 is none.
 */
struct address {
	uint64_t high, low;
};

struct decoded {
	uint64_t src_mac, dst_mac;
	struct address src, dst; /* where has_ip */
	uint32_t bytes;		 /* as an Ethernet frame; with FCS if it had */
	uint32_t flow;		 /* equal in both directions */
	uint32_t ports; /* of TCP and UDP, source first; where has_ip */
	/* Bytes after the IP packet, -1 when that is unknown. */
	int32_t trailer;
	uint16_t header_bytes;
	uint16_t tag_bytes; /* VLAN tags */
	uint8_t flags;	    /* enum frame_flags, without FRAME_SUPER */
	uint8_t hint;	    /* enum packet_hint */
	bool has_ip;
	bool ethernet; /* bytes are as captured, FCS or padding included */
};

enum decode_result {
	DECODE_OK,
	DECODE_CONTROL, /* an 802.11 control frame never crosses DMA */
	DECODE_OTHER	/* the link type is none of ours */
};

bool decode_supports(int dlt);
enum decode_result decode_packet(const struct packet *packet,
				 struct decoded *out);

/* "EN10MB (Ethernet)" of any DLT_ value. Returns @buf. */
#define DECODE_LINK_NAME_MAX 80
char *decode_link_name(int dlt, char buf[DECODE_LINK_NAME_MAX]);

#endif
