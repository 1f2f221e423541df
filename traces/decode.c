/* SPDX-License-Identifier: Apache-2.0 */
#include "traces/decode.h"

#include <pcap/pcap.h>
#include <stdio.h>

#include "core/frame.h"
#include "core/rng.h"
#include "traces/link_layer.h"

#define ETHERNET_HEADER	    14u
#define TAGS_MAX	    8
#define IPV6_EXTENSIONS_MAX 8

#define PROTO_ICMP    1
#define PROTO_TCP     6
#define PROTO_UDP     17
#define PROTO_DCCP    33
#define PROTO_ICMPV6  58
#define PROTO_SCTP    132
#define PROTO_UDPLITE 136

#define IPV4_MAPPED (UINT64_C(0xffff) << 32)

/* What is left of a record: captured bytes at p, original length. */
struct rest {
	const uint8_t *p;
	uint32_t captured, original;
};

static void advance(struct rest *rest, uint32_t n)
{
	uint32_t seen = n < rest->captured ? n : rest->captured;

	rest->p += seen;
	rest->captured -= seen;
	rest->original -= n < rest->original ? n : rest->original;
}

static uint64_t rotate16(uint64_t v)
{
	return v << 16 | v >> 48;
}

/* Symmetric: the lesser end goes first. */
static inline uint32_t flow_hash(const struct address *a,
				 const struct address *b, uint32_t ports,
				 uint32_t protocol)
{
	uint64_t x = rotate16(a->low) ^ ports >> 16 ^
		     a->high * UINT64_C(0x9e3779b97f4a7c15);
	uint64_t y = rotate16(b->low) ^ (ports & 0xffff) ^
		     b->high * UINT64_C(0x9e3779b97f4a7c15);
	uint64_t low = x < y ? x : y, high = x < y ? y : x;

	low = low * UINT64_C(0xc2b2ae3d27d4eb4f) +
	      rotate16(high * UINT64_C(0x165667b19e3779f9)) + protocol;
	return (uint32_t)(mix64(low) >> 32);
}

static bool ip_group(const struct decoded *out)
{
	if (out->dst.high == 0 && out->dst.low >> 32 == 0xffff)
		return (uint32_t)out->dst.low >> 28 == 0xe ||
		       (uint32_t)out->dst.low == 0xffffffffu;
	return out->dst.high >> 56 == 0xff;
}

/* @payload: bytes of the IP packet after its own headers. */
static uint32_t transport(const struct rest *rest, uint32_t protocol,
			  uint32_t payload, struct decoded *out)
{
	uint32_t header;

	switch (protocol) {
	case PROTO_TCP:
		header = rest->captured > 12 ? (rest->p[12] >> 4) * 4u : 20;
		if (header < 20)
			header = 20;
		out->flags |= FRAME_TCP;
		if (payload <= header)
			out->flags |= FRAME_ACK_ONLY;
		return header;
	case PROTO_UDP:
	case PROTO_UDPLITE:
	case PROTO_ICMP:
	case PROTO_ICMPV6:
		return 8;
	case PROTO_DCCP:
	case PROTO_SCTP:
		return 12;
	default:
		return 0;
	}
}

static bool has_ports(uint32_t protocol)
{
	return protocol == PROTO_TCP || protocol == PROTO_UDP ||
	       protocol == PROTO_SCTP || protocol == PROTO_UDPLITE ||
	       protocol == PROTO_DCCP;
}

/* Flow and header of what follows an IP header of @before bytes. */
static void finish_ip(const struct rest *rest, uint32_t protocol,
		      uint32_t payload, bool fragment, bool later_fragment,
		      uint32_t before, struct decoded *out)
{
	uint32_t ports = 0;

	if (!fragment && rest->captured >= 4 && has_ports(protocol))
		ports = load_be32(rest->p);
	if (!later_fragment)
		before += transport(rest, protocol, payload, out);
	out->has_ip = true;
	out->ports = protocol == PROTO_TCP || protocol == PROTO_UDP ? ports : 0;
	out->flow = flow_hash(&out->src, &out->dst, ports, protocol);
	out->header_bytes = (uint16_t)(out->header_bytes + before);
}

static void decode_ipv4(struct rest *rest, struct decoded *out)
{
	const uint8_t *p = rest->p;
	uint32_t header, total, fragment, protocol;

	if (rest->captured < 20 || p[0] >> 4 != 4 || (p[0] & 15) < 5) {
		out->header_bytes = (uint16_t)(out->header_bytes + 20);
		return;
	}
	header = (p[0] & 15) * 4u;
	total = load_be16(p + 2);
	/* Segmentation offload may leave it zero in a host's capture. */
	if (total < header)
		total = rest->original;
	else
		out->trailer = (int32_t)(rest->original - total);
	fragment = load_be16(p + 6) & 0x3fff;
	protocol = p[9];
	out->src.low = IPV4_MAPPED | load_be32(p + 12);
	out->dst.low = IPV4_MAPPED | load_be32(p + 16);
	advance(rest, header);
	finish_ip(rest, protocol, total - header, fragment != 0,
		  (fragment & 0x1fff) != 0, header, out);
}

static uint32_t extension_bytes(uint32_t type, const uint8_t *p)
{
	if (type == 44)
		return 8;
	return type == 51 ? (p[1] + 2u) * 4 : (p[1] + 1u) * 8;
}

static bool is_extension(uint32_t type)
{
	return type == 0 || type == 43 || type == 44 || type == 51 ||
	       type == 60;
}

static void decode_ipv6(struct rest *rest, struct decoded *out)
{
	const uint8_t *p = rest->p;
	uint32_t payload, next, before = 40;
	bool fragment = false, later = false;

	if (rest->captured < 40 || p[0] >> 4 != 6) {
		out->header_bytes = (uint16_t)(out->header_bytes + 40);
		return;
	}
	payload = load_be16(p + 4);
	if (payload)
		out->trailer = (int32_t)(rest->original - 40 - payload);
	else /* RFC 2675, or segmentation offload */
		payload = rest->original > 40 ? rest->original - 40 : 0;
	next = p[6];
	out->src.high = load_be64(p + 8);
	out->src.low = load_be64(p + 16);
	out->dst.high = load_be64(p + 24);
	out->dst.low = load_be64(p + 32);
	advance(rest, 40);
	for (int i = 0; i < IPV6_EXTENSIONS_MAX && is_extension(next) &&
			rest->captured >= 8 && !later;
	     i++) {
		uint32_t size = extension_bytes(next, rest->p);

		if (next == 44) {
			fragment = (load_be16(rest->p + 2) & 0xfff9) != 0;
			later = (load_be16(rest->p + 2) & 0xfff8) != 0;
		}
		next = rest->p[0];
		before += size;
		payload -= size < payload ? size : payload;
		advance(rest, size);
	}
	finish_ip(rest, next, payload, fragment, later, before, out);
}

static bool is_tag(uint32_t ethertype)
{
	/* IEEE 802.1Q, 802.1ad and the older stacked types */
	return ethertype == 0x8100 || ethertype == 0x88a8 ||
	       ethertype == 0x9100 || ethertype == 0x9200;
}

/* Without IP the MACs make the flow. */
static __attribute__((noinline)) void flow_of_macs(struct decoded *out,
						   uint32_t ethertype)
{
	struct address a = { 0, out->src_mac }, b = { 0, out->dst_mac };

	out->flow = flow_hash(&a, &b, 0, ethertype & 0xff);
}

static void decode_network(struct rest *rest, uint32_t ethertype,
			   struct decoded *out)
{
	for (int i = 0; i < TAGS_MAX && is_tag(ethertype); i++) {
		out->tag_bytes = (uint16_t)(out->tag_bytes + 4);
		out->header_bytes = (uint16_t)(out->header_bytes + 4);
		ethertype = rest->captured >= 4 ? load_be16(rest->p + 2) : 0;
		advance(rest, 4);
	}
	if (ethertype == ETHERTYPE_IPV4)
		decode_ipv4(rest, out);
	else if (ethertype == ETHERTYPE_IPV6)
		decode_ipv6(rest, out);
	if (!out->has_ip)
		flow_of_macs(out, ethertype);
}

static void clear(struct decoded *out)
{
	out->src = (struct address){ 0, 0 };
	out->dst = (struct address){ 0, 0 };
	out->src_mac = 0;
	out->dst_mac = 0;
	out->trailer = -1;
	out->header_bytes = ETHERNET_HEADER;
	out->tag_bytes = 0;
	out->flags = 0;
	out->has_ip = false;
}

static void decode_ethernet(const struct packet *packet, struct rest *rest,
			    struct decoded *out)
{
	const uint8_t *p = packet->data;
	uint32_t ethertype = 0;

	if (packet->captured >= ETHERNET_HEADER) {
		out->dst_mac = load_mac(p);
		out->src_mac = load_mac(p + 6);
		ethertype = load_be16(p + 12);
	}
	out->bytes = packet->original;
	out->ethernet = true;
	out->hint = packet->hint;
	advance(rest, ETHERNET_HEADER);
	decode_network(rest, ethertype, out);
}

static enum decode_result decode_other(const struct packet *packet,
				       struct rest *rest, struct decoded *out)
{
	struct link_layer link = { .hint = packet->hint };
	enum decode_result result = link_layer_strip(packet, &link);

	if (result != DECODE_OK)
		return result;
	out->src_mac = link.src_mac;
	out->dst_mac = link.dst_mac;
	out->ethernet = false;
	out->hint = link.hint;
	rest->original -=
		link.tail < rest->original ? link.tail : rest->original;
	if (rest->captured > rest->original)
		rest->captured = rest->original;
	advance(rest, link.header);
	out->bytes = ETHERNET_HEADER + rest->original;
	decode_network(rest, link.ethertype, out);
	if (link.group)
		out->flags |= FRAME_MULTICAST;
	return DECODE_OK;
}

enum decode_result decode_packet(const struct packet *packet,
				 struct decoded *out)
{
	struct rest rest = { packet->data, packet->captured, packet->original };

	if (rest.captured > rest.original)
		rest.captured = rest.original;
	clear(out);
	if (__builtin_expect(packet->dlt == DLT_EN10MB, 1)) {
		decode_ethernet(packet, &rest, out);
	} else {
		enum decode_result result = decode_other(packet, &rest, out);

		if (result != DECODE_OK)
			return result;
	}
	if (out->dst_mac ? (out->dst_mac >> 40 & 1) != 0
			 : out->has_ip && ip_group(out))
		out->flags |= FRAME_MULTICAST;
	if (out->header_bytes > out->bytes)
		out->header_bytes = (uint16_t)out->bytes;
	return DECODE_OK;
}

bool decode_supports(int dlt)
{
	return dlt == DLT_EN10MB || link_layer_known(dlt);
}

char *decode_link_name(int dlt, char buf[DECODE_LINK_NAME_MAX])
{
	const char *name = pcap_datalink_val_to_name(dlt);
	const char *what = pcap_datalink_val_to_description(dlt);

	if (name && what)
		snprintf(buf, DECODE_LINK_NAME_MAX, "%s (%s)", name, what);
	else
		snprintf(buf, DECODE_LINK_NAME_MAX, "%d (unknown)", dlt);
	return buf;
}
