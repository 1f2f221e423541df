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

#define IPV6_FRAGMENT 44

#define IPV4_MAPPED (UINT64_C(0xffff) << 32)

/*
 * What is left of a record: captured bytes at p, no more than the original
 * length; and what they are.
 */
struct rest {
	const uint8_t *p;
	uint32_t captured, original;
	uint32_t ethertype; /* 0: none of ours */
};

static void advance(struct rest *rest, uint32_t n)
{
	uint32_t seen = n < rest->captured ? n : rest->captured;

	rest->p += seen;
	rest->captured -= seen;
	rest->original -= n < rest->original ? n : rest->original;
}

/* What an IP header says. */
struct ip {
	struct address src, dst;
	uint32_t protocol;
	uint32_t header, payload; /* bytes: headers, and what they announce */
	bool fragment, later;	  /* a fragment; not the first */
};

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

static bool is_group(const struct address *ip)
{
	if (ip->high == 0 && ip->low >> 32 == 0xffff)
		return (uint32_t)ip->low >> 28 == 0xe ||
		       (uint32_t)ip->low == 0xffffffffu;
	return ip->high >> 56 == 0xff;
}

/* Bytes of the header after IP's own; of TCP, its flags of the frame. */
static uint32_t transport(const struct rest *rest, const struct ip *ip,
			  uint8_t *flags)
{
	uint32_t header;

	switch (ip->protocol) {
	case PROTO_TCP:
		header = rest->captured > 12 ? (rest->p[12] >> 4) * 4u : 20;
		if (header < 20)
			header = 20;
		*flags |= ip->payload <= header ? FRAME_TCP | FRAME_ACK_ONLY
						: FRAME_TCP;
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

/* The least that stands in for a header that cannot be seen. */
static void assume_header(struct decoded *out, uint32_t bytes)
{
	out->header_bytes = (uint16_t)(out->header_bytes + bytes);
}

/* What follows the IP header: the flow, and where the headers end. */
static void decode_payload(const struct rest *rest, const struct ip *ip,
			   struct decoded *out)
{
	uint32_t ports = 0, header = out->header_bytes + ip->header;

	if (!ip->fragment && rest->captured >= 4 && has_ports(ip->protocol))
		ports = load_be32(rest->p);
	if (!ip->later)
		header += transport(rest, ip, &out->flags);
	out->src = ip->src;
	out->dst = ip->dst;
	out->ports = ip->protocol == PROTO_TCP || ip->protocol == PROTO_UDP
			     ? ports
			     : 0;
	out->flow = flow_hash(&ip->src, &ip->dst, ports, ip->protocol);
	out->header_bytes = (uint16_t)header;
}

/* False: no header can be seen. */
static bool decode_ipv4(struct rest *rest, struct ip *ip, struct decoded *out)
{
	const uint8_t *p = rest->p;
	uint32_t total, fragment;

	if (rest->captured < 20 || p[0] >> 4 != 4 || (p[0] & 15) < 5) {
		assume_header(out, 20);
		return false;
	}
	ip->header = (p[0] & 15) * 4u;
	total = load_be16(p + 2);
	/* Segmentation offload may leave it zero in a host's capture. */
	if (total < ip->header)
		total = rest->original;
	else
		out->trailer = (int32_t)(rest->original - total);
	ip->payload = total - ip->header;
	fragment = load_be16(p + 6) & 0x3fff;
	ip->fragment = fragment != 0;
	ip->later = (fragment & 0x1fff) != 0;
	ip->protocol = p[9];
	ip->src = (struct address){ 0, IPV4_MAPPED | load_be32(p + 12) };
	ip->dst = (struct address){ 0, IPV4_MAPPED | load_be32(p + 16) };
	advance(rest, ip->header);
	return true;
}

static uint32_t extension_bytes(uint32_t type, const uint8_t *p)
{
	if (type == IPV6_FRAGMENT)
		return 8;
	return type == 51 ? (p[1] + 2u) * 4 : (p[1] + 1u) * 8;
}

static bool is_extension(uint32_t type)
{
	return type == 0 || type == 43 || type == IPV6_FRAGMENT || type == 51 ||
	       type == 60;
}

static void decode_extensions(struct rest *rest, struct ip *ip)
{
	for (int i = 0; i < IPV6_EXTENSIONS_MAX && is_extension(ip->protocol) &&
			rest->captured >= 8 && !ip->later;
	     i++) {
		uint32_t size = extension_bytes(ip->protocol, rest->p);

		if (ip->protocol == IPV6_FRAGMENT) {
			ip->fragment = (load_be16(rest->p + 2) & 0xfff9) != 0;
			ip->later = (load_be16(rest->p + 2) & 0xfff8) != 0;
		}
		ip->protocol = rest->p[0];
		ip->header += size;
		ip->payload -= size < ip->payload ? size : ip->payload;
		advance(rest, size);
	}
}

static bool decode_ipv6(struct rest *rest, struct ip *ip, struct decoded *out)
{
	const uint8_t *p = rest->p;

	if (rest->captured < 40 || p[0] >> 4 != 6) {
		assume_header(out, 40);
		return false;
	}
	ip->header = 40;
	ip->fragment = ip->later = false;
	ip->payload = load_be16(p + 4);
	if (ip->payload)
		out->trailer = (int32_t)(rest->original - 40 - ip->payload);
	else /* RFC 2675, or segmentation offload */
		ip->payload = rest->original - 40;
	ip->protocol = p[6];
	ip->src = (struct address){ load_be64(p + 8), load_be64(p + 16) };
	ip->dst = (struct address){ load_be64(p + 24), load_be64(p + 32) };
	advance(rest, 40);
	decode_extensions(rest, ip);
	return true;
}

static bool is_tag(uint32_t ethertype)
{
	/* IEEE 802.1Q, 802.1ad and the older stacked types */
	return ethertype == 0x8100 || ethertype == 0x88a8 ||
	       ethertype == 0x9100 || ethertype == 0x9200;
}

static void decode_tags(struct rest *rest, struct decoded *out)
{
	for (int i = 0; i < TAGS_MAX && is_tag(rest->ethertype); i++) {
		out->tag_bytes = (uint16_t)(out->tag_bytes + 4);
		rest->ethertype =
			rest->captured >= 4 ? load_be16(rest->p + 2) : 0;
		advance(rest, 4);
	}
	out->header_bytes = (uint16_t)(out->header_bytes + out->tag_bytes);
}

/* Without IP the MACs make the flow. */
static uint32_t flow_of_macs(const struct decoded *out, uint32_t ethertype)
{
	struct address a = { 0, out->src_mac }, b = { 0, out->dst_mac };

	return flow_hash(&a, &b, 0, ethertype & 0xff);
}

/* What the link layer carries. */
static void decode_network(struct rest *rest, struct decoded *out)
{
	struct ip ip = { .header = 0 };

	if (is_tag(rest->ethertype))
		decode_tags(rest, out);
	if (rest->ethertype == ETHERTYPE_IPV4)
		out->has_ip = decode_ipv4(rest, &ip, out);
	else if (rest->ethertype == ETHERTYPE_IPV6)
		out->has_ip = decode_ipv6(rest, &ip, out);
	if (out->has_ip)
		decode_payload(rest, &ip, out);
	else
		out->flow = flow_of_macs(out, rest->ethertype);
}

static struct rest decode_ethernet(const struct packet *packet,
				   struct decoded *out)
{
	struct rest rest = { packet->data, packet->captured, packet->original,
			     0 };

	if (rest.captured > rest.original)
		rest.captured = rest.original;
	out->src_mac = out->dst_mac = 0;
	out->hint = packet->hint;
	out->ethernet = true;
	out->bytes = packet->original;
	if (packet->captured >= ETHERNET_HEADER) {
		out->dst_mac = load_mac(packet->data);
		out->src_mac = load_mac(packet->data + 6);
		rest.ethertype = load_be16(packet->data + 12);
	}
	advance(&rest, ETHERNET_HEADER);
	return rest;
}

/* Apart, so that it costs Ethernet nothing. */
static __attribute__((noinline)) struct rest decode_other(
	const struct packet *packet, const struct link_layer *link,
	struct decoded *out)
{
	struct rest rest = { packet->data, packet->captured, packet->original,
			     link->ethertype };

	out->src_mac = link->src_mac;
	out->dst_mac = link->dst_mac;
	out->hint = link->hint;
	out->ethernet = false;
	if (link->group)
		out->flags |= FRAME_MULTICAST;
	rest.original -=
		link->tail < rest.original ? link->tail : rest.original;
	if (rest.captured > rest.original)
		rest.captured = rest.original;
	advance(&rest, link->header);
	out->bytes = ETHERNET_HEADER + rest.original;
	return rest;
}

enum decode_result decode_packet(const struct packet *packet,
				 struct decoded *out)
{
	struct rest rest;

	out->trailer = -1;
	out->header_bytes = ETHERNET_HEADER;
	out->tag_bytes = 0;
	out->flags = 0;
	out->has_ip = false;
	if (__builtin_expect(packet->dlt == DLT_EN10MB, 1)) {
		rest = decode_ethernet(packet, out);
	} else {
		struct link_layer link = { .hint = packet->hint };
		enum decode_result result = link_layer_strip(packet, &link);

		if (result != DECODE_OK)
			return result;
		rest = decode_other(packet, &link, out);
	}
	decode_network(&rest, out);
	if (out->dst_mac ? (out->dst_mac >> 40 & 1) != 0
			 : out->has_ip && is_group(&out->dst))
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
