/* SPDX-License-Identifier: Apache-2.0 */
#include "traces/link_layer.h"

#include <pcap/dlt.h>

/* tcpdump.org/linktypes: LINKTYPE_LINUX_SLL, "packet type" */
#define SLL_BROADCAST 1
#define SLL_MULTICAST 2
#define SLL_OTHERHOST 3
#define SLL_OUTGOING  4

/* IEEE 802.11-2016 9.2.4.1 */
#define WLAN_MANAGEMENT 0
#define WLAN_DATA	2
#define WLAN_TO_DS	0x01
#define WLAN_FROM_DS	0x02
#define WLAN_PROTECTED	0x40
#define WLAN_ORDER	0x80
#define WLAN_NO_DATA	0x4 /* subtype bit */
#define WLAN_QOS	0x8 /* subtype bit */

#define CCMP_HEADER 8
#define CCMP_MIC    8
#define LLC_SNAP    8

static uint32_t ethertype_of_version(const uint8_t *p, uint32_t left)
{
	if (!left)
		return 0;
	if (p[0] >> 4 == 4)
		return ETHERTYPE_IPV4;
	return p[0] >> 4 == 6 ? ETHERTYPE_IPV6 : 0;
}

static void say_packet_type(struct link_layer *link, unsigned type)
{
	link->group = type == SLL_BROADCAST || type == SLL_MULTICAST;
	if (type == SLL_OUTGOING)
		link->hint = HINT_TX;
	else if (type == SLL_OTHERHOST)
		link->hint = HINT_OTHER;
	else
		link->hint = HINT_RX;
}

static void strip_sll(const struct packet *packet, struct link_layer *link)
{
	const uint8_t *p = packet->data;

	link->header = 16;
	if (packet->captured < 16)
		return;
	say_packet_type(link, load_be16(p));
	if (load_be16(p + 4) == 6)
		link->src_mac = load_mac(p + 6);
	link->ethertype = load_be16(p + 14);
}

static void strip_sll2(const struct packet *packet, struct link_layer *link)
{
	const uint8_t *p = packet->data;

	link->header = 20;
	if (packet->captured < 20)
		return;
	say_packet_type(link, p[10]);
	if (p[11] == 6)
		link->src_mac = load_mac(p + 12);
	link->ethertype = load_be16(p);
}

/* RFC 1661 2: a protocol of one byte is odd; RFC 1662 3.1: ff 03 may lead. */
static void strip_ppp(const struct packet *packet, struct link_layer *link)
{
	const uint8_t *p = packet->data;
	uint32_t at = 0, protocol;

	if (packet->dlt == DLT_PPP_PPPD && packet->captured > 0) {
		link->hint = p[0] ? HINT_TX : HINT_RX;
		at = 1;
	}
	if (packet->captured >= at + 2 && p[at] == 0xff && p[at + 1] == 0x03)
		at += 2;
	link->header = at + 2;
	if (packet->captured < at + 2)
		return;
	protocol = load_be16(p + at);
	if (p[at] & 1) {
		protocol = p[at];
		link->header = at + 1;
	}
	if (protocol == 0x21)
		link->ethertype = ETHERTYPE_IPV4;
	else if (protocol == 0x57)
		link->ethertype = ETHERTYPE_IPV6;
}

static uint32_t load_le16(const uint8_t *p)
{
	return (uint32_t)p[1] << 8 | p[0];
}

/* radiotap.org: whether the 802.11 frame ends with its FCS. */
static bool radiotap_has_fcs(const uint8_t *p, uint32_t left, uint32_t length)
{
	uint32_t present, at = 8;

	if (length < 8 || left < length)
		return false;
	present = load_le16(p + 4);
	if (!(present & 2))
		return false;
	for (uint32_t word = 4; p[word + 3] & 0x80 && at + 4 <= length;) {
		word += 4;
		at += 4;
	}
	if (present & 1) /* TSFT comes first, aligned to 8 */
		at = ((at + 7) & ~7u) + 8;
	return at < length && p[at] & 0x10;
}

static void wlan_addresses(const uint8_t *p, uint32_t left, unsigned type,
			   unsigned flags, struct link_layer *link)
{
	bool to = type == WLAN_DATA && flags & WLAN_TO_DS;
	bool from = type == WLAN_DATA && flags & WLAN_FROM_DS;

	if (left < 24 || (to && from && left < 30))
		return;
	link->dst_mac = load_mac(p + (to ? 16 : 4));
	if (from)
		link->src_mac = load_mac(p + (to ? 24 : 16));
	else
		link->src_mac = load_mac(p + 10);
}

/* An unprotected data frame carries LLC/SNAP; a protected one hides it. */
static void wlan_payload(const uint8_t *p, uint32_t left, uint32_t header,
			 unsigned flags, struct link_layer *link)
{
	if (flags & WLAN_PROTECTED) {
		link->header += CCMP_HEADER + LLC_SNAP;
		link->tail += CCMP_MIC;
	} else if (left >= header + LLC_SNAP && p[header] == 0xaa &&
		   p[header + 1] == 0xaa) {
		link->ethertype = load_be16(p + header + 6);
		link->header += LLC_SNAP;
	}
}

static enum decode_result strip_wlan(const struct packet *packet,
				     struct link_layer *link)
{
	const uint8_t *p = packet->data;
	uint32_t left = packet->captured, start = 0, header = 24;
	unsigned type, subtype, flags;

	if (packet->dlt == DLT_IEEE802_11_RADIO) {
		if (left < 4)
			return DECODE_OK;
		start = load_le16(p + 2);
		link->tail = radiotap_has_fcs(p, left, start) ? 4 : 0;
	}
	link->header = start + header;
	if (left < start + 2)
		return DECODE_OK;
	p += start;
	left -= start;
	type = p[0] >> 2 & 3;
	subtype = p[0] >> 4;
	flags = p[1];
	if (type != WLAN_DATA && type != WLAN_MANAGEMENT)
		return DECODE_CONTROL;
	if (type == WLAN_DATA && subtype & WLAN_NO_DATA)
		return DECODE_CONTROL;
	if (type == WLAN_DATA && (flags & (WLAN_TO_DS | WLAN_FROM_DS)) ==
					 (WLAN_TO_DS | WLAN_FROM_DS))
		header += 6;
	if (type == WLAN_DATA && subtype & WLAN_QOS)
		header += 2;
	if (flags & WLAN_ORDER)
		header += 4;
	link->header = start + header;
	wlan_addresses(p, left, type, flags, link);
	if (type == WLAN_DATA)
		wlan_payload(p, left, header, flags, link);
	return DECODE_OK;
}

/* ANSI X3.139: frame control, destination, source; then LLC (and SNAP). */
static void strip_fddi(const struct packet *packet, struct link_layer *link)
{
	const uint8_t *p = packet->data;

	link->header = 13;
	if (packet->captured < 13)
		return;
	link->dst_mac = load_mac(p + 1);
	link->src_mac = load_mac(p + 7);
	if (packet->captured >= 21 && p[13] == 0xaa && p[14] == 0xaa) {
		link->ethertype = load_be16(p + 19);
		link->header = 21;
	}
}

bool link_layer_known(int dlt)
{
	switch (dlt) {
	case DLT_LINUX_SLL:
	case DLT_LINUX_SLL2:
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
	case DLT_NULL:
	case DLT_LOOP:
	case DLT_PPP:
	case DLT_PPP_SERIAL:
	case DLT_PPP_PPPD:
	case DLT_IEEE802_11:
	case DLT_IEEE802_11_RADIO:
	case DLT_FDDI:
		return true;
	default:
		return false;
	}
}

enum decode_result link_layer_strip(const struct packet *packet,
				    struct link_layer *link)
{
	uint32_t left = packet->captured;

	switch (packet->dlt) {
	case DLT_LINUX_SLL:
		strip_sll(packet, link);
		break;
	case DLT_LINUX_SLL2:
		strip_sll2(packet, link);
		break;
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
		link->ethertype = ethertype_of_version(packet->data, left);
		break;
	case DLT_NULL:
	case DLT_LOOP:
		link->header = 4;
		if (left > 4)
			link->ethertype = ethertype_of_version(packet->data + 4,
							       left - 4);
		break;
	case DLT_PPP:
	case DLT_PPP_SERIAL:
	case DLT_PPP_PPPD:
		strip_ppp(packet, link);
		break;
	case DLT_IEEE802_11:
	case DLT_IEEE802_11_RADIO:
		return strip_wlan(packet, link);
	case DLT_FDDI:
		strip_fddi(packet, link);
		break;
	default:
		return DECODE_OTHER;
	}
	return DECODE_OK;
}
