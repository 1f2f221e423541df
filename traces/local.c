/* SPDX-License-Identifier: Apache-2.0 */
#include "traces/local.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define IPV4_MAPPED (UINT64_C(0xffff) << 32)

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Six pairs of hexadecimal digits with ':' or '-' between. */
static bool parse_mac(const char *text, uint64_t *mac)
{
	*mac = 0;
	for (int i = 0; i < 6; i++) {
		int high = hex_digit(text[0]);
		int low = high < 0 ? -1 : hex_digit(text[1]);

		if (low < 0)
			return false;
		*mac = *mac << 8 | (unsigned)(high << 4 | low);
		text += 2;
		if (i < 5 && *text != ':' && *text != '-')
			return false;
		text += i < 5;
	}
	return !*text;
}

static bool parse_prefix(const char *text, unsigned max, unsigned *prefix)
{
	*prefix = 0;
	if (!*text || strlen(text) > 3)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		*prefix = *prefix * 10 + (unsigned)(*text - '0');
	}
	return *prefix <= max;
}

static uint64_t mask_of(unsigned bits)
{
	if (bits >= 64)
		return UINT64_MAX;
	return bits ? UINT64_MAX << (64 - bits) : 0;
}

/* An address, or an address and "/bits". */
static bool parse_ip(char *text, struct local_entry *entry)
{
	char *slash = strchr(text, '/');
	uint8_t raw[16];
	unsigned bits = 128;
	bool v4;

	if (slash)
		*slash = '\0';
	v4 = inet_pton(AF_INET, text, raw) == 1;
	if (!v4 && inet_pton(AF_INET6, text, raw) != 1)
		return false;
	if (slash && !parse_prefix(slash + 1, v4 ? 32 : 128, &bits))
		return false;
	if (v4) {
		bits = slash ? bits + 96 : 128;
		entry->address.high = 0;
		entry->address.low = IPV4_MAPPED | load_be32(raw);
	} else {
		entry->address.high = load_be64(raw);
		entry->address.low = load_be64(raw + 8);
	}
	entry->mask.high = mask_of(bits);
	entry->mask.low = bits > 64 ? mask_of(bits - 64) : 0;
	entry->address.high &= entry->mask.high;
	entry->address.low &= entry->mask.low;
	return true;
}

static int parse_more(struct local_set *set, const char *text, struct err *err)
{
	for (;;) {
		struct local_entry *entry = &set->entries[set->count];
		size_t len = strcspn(text, ",");
		char word[64] = "";

		if (set->count == LOCAL_MAX)
			return err_set(err, ERR_USAGE,
				       "traffic.local: more than %d addresses; "
				       "use a CIDR block",
				       LOCAL_MAX);
		*entry = (struct local_entry){ 0 };
		if (len < sizeof(word))
			memcpy(word, text, len);
		entry->is_mac = parse_mac(word, &entry->address.low);
		if (entry->is_mac)
			entry->mask.low = UINT64_MAX;
		else if (!parse_ip(word, entry))
			return err_set(err, ERR_USAGE,
				       "traffic.local: '%.*s' is no MAC, "
				       "address or CIDR, such as "
				       "00:1b:21:0a:0b:0c, 10.0.0.1 or "
				       "fe80::/10",
				       (int)(len < 80 ? len : 80), text);
		set->count++;
		if (!text[len])
			return 0;
		text += len + 1;
	}
}

int local_parse(struct local_set *set, const char *text, struct err *err)
{
	set->count = 0;
	return parse_more(set, text, err);
}

/* Without comment and blanks. */
static const char *bare(char *line)
{
	char *to = line, *from = line;

	for (; *from && !strchr("#\r\n", *from); from++)
		if (*from != ' ' && *from != '\t')
			*to++ = *from;
	*to = '\0';
	return line;
}

int local_read(struct local_set *set, const char *path, struct err *err)
{
	FILE *file = fopen(path, "re");
	unsigned before = set->count, number = 0;
	char line[1024];
	int rc = 0;

	if (!file)
		return err_set(err, ERR_INPUT, "cannot open '%s': %s", path,
			       strerror(errno));
	while (!rc && fgets(line, sizeof(line), file)) {
		bool whole =
			strlen(line) + 1 < sizeof(line) || strchr(line, '\n');
		const char *text = bare(line);

		number++;
		if (!whole)
			rc = err_set(
				err, ERR_INPUT,
				"'%s', line %u: longer than %zu characters",
				path, number, sizeof(line) - 2);
		else if (*text && parse_more(set, text, err) < 0) {
			err->kind = ERR_INPUT;
			rc = err_wrap(err, "'%s', line %u", path, number);
		}
	}
	if (!rc && ferror(file))
		rc = err_set(err, ERR_INPUT, "cannot read '%s': %s", path,
			     strerror(errno));
	fclose(file);
	if (!rc && set->count == before)
		return err_set(err, ERR_INPUT,
			       "'%s' holds no address; write one a line, or "
			       "let trace stat --save-direction write it",
			       path);
	return rc;
}

static unsigned prefix_of(const struct local_entry *entry)
{
	return (unsigned)(__builtin_popcountll(entry->mask.high) +
			  __builtin_popcountll(entry->mask.low));
}

void local_write(const struct local_set *set, FILE *out)
{
	char text[LOCAL_TEXT_MAX];

	for (unsigned i = 0; i < set->count; i++) {
		const struct local_entry *entry = &set->entries[i];
		unsigned bits = prefix_of(entry);

		local_text(entry->is_mac, entry->address, text);
		if (entry->is_mac || bits == 128)
			fprintf(out, "%s\n", text);
		else
			fprintf(out, "%s/%u\n", text,
				strchr(text, ':') ? bits : bits - 96);
	}
}

void local_add(struct local_set *set, bool is_mac, struct address address)
{
	if (set->count == LOCAL_MAX)
		return;
	set->entries[set->count++] = (struct local_entry){
		.is_mac = is_mac,
		.address = address,
		.mask = { UINT64_MAX, UINT64_MAX },
	};
}

static bool matches(const struct local_set *set, uint64_t mac, bool has_ip,
		    const struct address *ip)
{
	for (unsigned i = 0; i < set->count; i++) {
		const struct local_entry *e = &set->entries[i];

		if (e->is_mac) {
			if (mac == e->address.low)
				return true;
		} else if (has_ip &&
			   (ip->high & e->mask.high) == e->address.high &&
			   (ip->low & e->mask.low) == e->address.low) {
			return true;
		}
	}
	return false;
}

bool local_has_source(const struct local_set *set,
		      const struct decoded *decoded)
{
	return matches(set, decoded->src_mac, decoded->has_ip, &decoded->src);
}

bool local_has_target(const struct local_set *set,
		      const struct decoded *decoded)
{
	return matches(set, decoded->dst_mac, decoded->has_ip, &decoded->dst);
}

static void store_be64(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> (56 - 8 * i));
}

char *local_text(bool is_mac, struct address address, char buf[LOCAL_TEXT_MAX])
{
	uint8_t raw[16];

	store_be64(raw, address.high);
	store_be64(raw + 8, address.low);
	if (is_mac)
		snprintf(buf, LOCAL_TEXT_MAX, "%02x:%02x:%02x:%02x:%02x:%02x",
			 raw[10], raw[11], raw[12], raw[13], raw[14], raw[15]);
	else if (!address.high && address.low >> 32 == 0xffff)
		inet_ntop(AF_INET, raw + 12, buf, LOCAL_TEXT_MAX);
	else
		inet_ntop(AF_INET6, raw, buf, LOCAL_TEXT_MAX);
	return buf;
}
