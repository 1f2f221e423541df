/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Link-layer headers other than Ethernet's: where the packet begins and ends
 * inside a record, what it carries, and what the header says of direction.
 */
#ifndef TRACES_LINK_LAYER_H
#define TRACES_LINK_LAYER_H

#include "traces/decode.h"

#define ETHERTYPE_IPV4 0x0800u
#define ETHERTYPE_IPV6 0x86ddu

struct link_layer {
	uint64_t src_mac, dst_mac; /* 0: not in the header */
	uint32_t header;	   /* bytes before the packet */
	uint32_t tail;		   /* bytes after it: FCS, MIC */
	uint32_t ethertype;	   /* 0: none of ours */
	uint8_t hint;
	bool group; /* the header says broadcast or multicast */
};

/* @link comes zeroed. @packet is not Ethernet. */
enum decode_result link_layer_strip(const struct packet *packet,
				    struct link_layer *link);
bool link_layer_known(int dlt);

static inline uint64_t load_mac(const uint8_t *p)
{
	return (uint64_t)load_be16(p) << 32 | load_be32(p + 2);
}

#endif
