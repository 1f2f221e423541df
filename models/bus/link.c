/* SPDX-License-Identifier: Apache-2.0 */
#include "models/bus/link.h"

#include "core/err.h"
#include "core/param.h"
#include "core/sim_time.h"

#define FRAMING_BYTES 8u /* framing, sequence number, LCRC */
#define ECRC_BYTES    4u
#define MESSAGE_BYTES 4u
#define BOUNDARY      4096u

#define DLLP_SYMBOLS	  8u /* an ACK or an UpdateFC */
#define SKIP_SYMBOLS	  4u
#define SKIP_INTERVAL	  1538u
#define TLP_EXTRA_SYMBOLS 28u /* in the tables of the ACK limit */

void link_init(struct link *link, const struct config *cfg)
{
	*link = (struct link){
		.generation = (unsigned)config_u64(cfg, "pcie.generation"),
		.lanes = (unsigned)config_u64(cfg, "pcie.lanes"),
		.mps = (uint32_t)config_u64(cfg, "pcie.mps"),
		.mrrs = (uint32_t)config_u64(cfg, "pcie.mrrs"),
		.rcb = 64u << config_choice(cfg, "pcie.rcb"),
		.wide = config_u64(cfg, "nic.dma_width") > 32,
		.ecrc = config_bool(cfg, "pcie.ecrc"),
	};
}

int link_check(const struct config *cfg, struct err *err)
{
	static const char *const powers[] = { "pcie.lanes", "pcie.mps",
					      "pcie.mrrs", "pcie.completion" };
	size_t i;

	for (i = 0; i < sizeof(powers) / sizeof(powers[0]); i++) {
		uint64_t value = config_u64(cfg, powers[i]);

		if (!value || value & (value - 1))
			return err_set(err, ERR_USAGE,
				       "%s must be a power of two", powers[i]);
	}
	return 0;
}

struct link_bytes link_bytes_add(struct link_bytes a, struct link_bytes b)
{
	return (struct link_bytes){
		.up = a.up + b.up,
		.down = a.down + b.down,
	};
}

uint64_t link_raw_bps(const struct link *link)
{
	static const uint64_t lane_mtps[] = { 2500, 5000, 8000, 16000, 32000 };
	uint64_t symbols;

	BUG_ON(link->generation < 1 || link->generation > 5 || !link->lanes);
	symbols = lane_mtps[link->generation - 1] * 1000000 * link->lanes;
	if (link->generation <= 2)
		return symbols / 10 * 8;
	return mul_div_u64(symbols, 128, 130);
}

/* AckFactor of those tables: how many largest TLPs one ACK may cover. */
static uint32_t ack_factor_tenths(uint32_t mps, unsigned lanes)
{
	if (mps <= 256)
		return lanes <= 4 ? 14 : lanes <= 8 ? 25 : 30;
	return lanes <= 8 ? 10 : 20;
}

uint32_t link_ack_limit(const struct link *link)
{
	static const uint32_t internal_delay[] = { 19, 70, 115, 115, 115 };
	uint32_t symbols = link->mps + TLP_EXTRA_SYMBOLS;

	BUG_ON(link->generation < 1 || link->generation > 5 || !link->lanes);
	symbols *= ack_factor_tenths(link->mps, link->lanes);
	return symbols / (10 * link->lanes) +
	       internal_delay[link->generation - 1];
}

/* Both limits are counted from the same tables. */
uint32_t link_fc_interval(const struct link *link)
{
	return link_ack_limit(link);
}

uint64_t link_tlp_bps(const struct link *link)
{
	uint64_t ack = link_ack_limit(link), fc = link_fc_interval(link);
	uint64_t of = ack * fc * SKIP_INTERVAL;
	uint64_t lost = (ack + fc) * DLLP_SYMBOLS * SKIP_INTERVAL +
			ack * fc * SKIP_SYMBOLS;

	return mul_div_u64(link_raw_bps(link), of - lost, of);
}

static uint32_t ecrc_bytes(const struct link *link)
{
	return link->ecrc ? ECRC_BYTES : 0;
}

/* A request's header has three doublewords, four with a 64-bit address. */
static uint32_t address_header(const struct link *link)
{
	return FRAMING_BYTES + (link->wide ? 16 : 12) + ecrc_bytes(link);
}

uint32_t link_write_header(const struct link *link)
{
	return address_header(link);
}

uint32_t link_request_header(const struct link *link)
{
	return address_header(link);
}

uint32_t link_completion_header(const struct link *link)
{
	return FRAMING_BYTES + 12 + ecrc_bytes(link);
}

static uint64_t pieces(uint64_t bytes, uint64_t size)
{
	return bytes / size + (bytes % size != 0);
}

/* Pieces of at most @size, none across 4 KiB. */
static uint64_t cut(uint64_t address, uint64_t bytes, uint32_t size)
{
	uint64_t first = BOUNDARY - address % BOUNDARY;

	if (bytes <= first)
		return pieces(bytes, size);
	bytes -= first;
	return pieces(first, size) + bytes / BOUNDARY * pieces(BOUNDARY, size) +
	       pieces(bytes % BOUNDARY, size);
}

uint64_t link_write_tlps(const struct link *link, uint64_t address,
			 uint64_t bytes)
{
	return cut(address, bytes, link->mps);
}

uint64_t link_read_requests(const struct link *link, uint64_t address,
			    uint64_t bytes)
{
	return cut(address, bytes, link->mrrs);
}

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint32_t link_request_bytes(const struct link *link, uint64_t address,
			    uint64_t bytes)
{
	uint64_t to_boundary = BOUNDARY - address % BOUNDARY;

	return (uint32_t)min_u64(min_u64(bytes, link->mrrs), to_boundary);
}

/* Completions end at multiples of RCB, so that they carry whole ones. */
static uint32_t completion_size(const struct link *link, uint32_t size)
{
	size = (uint32_t)min_u64(size, link->mps) / link->rcb * link->rcb;
	return size ? size : link->rcb;
}

static uint32_t to_rcb(const struct link *link, uint64_t address)
{
	uint32_t past = (uint32_t)(address % link->rcb);

	return past ? link->rcb - past : 0;
}

uint32_t link_completion_bytes(const struct link *link, uint64_t address,
			       uint32_t bytes, uint32_t size)
{
	uint32_t first = to_rcb(link, address);

	if (!first)
		first = completion_size(link, size);
	return (uint32_t)min_u64(bytes, first);
}

uint32_t link_completions(const struct link *link, uint64_t address,
			  uint32_t bytes, uint32_t size)
{
	uint32_t first = to_rcb(link, address);

	size = completion_size(link, size);
	if (!first)
		return (uint32_t)pieces(bytes, size);
	if (bytes <= first)
		return bytes ? 1 : 0;
	return 1 + (uint32_t)pieces(bytes - first, size);
}

uint64_t link_read_completions(const struct link *link, uint64_t address,
			       uint64_t bytes, uint32_t size)
{
	uint64_t completions = 0;

	while (bytes) {
		uint32_t request = link_request_bytes(link, address, bytes);

		completions += link_completions(link, address, request, size);
		address += request;
		bytes -= request;
	}
	return completions;
}

struct link_bytes link_write(const struct link *link, uint64_t address,
			     uint64_t bytes)
{
	return (struct link_bytes){
		.up = bytes + link_write_tlps(link, address, bytes) *
				      link_write_header(link),
	};
}

struct link_bytes link_read(const struct link *link, uint64_t address,
			    uint64_t bytes, uint32_t size)
{
	return (struct link_bytes){
		.up = link_read_requests(link, address, bytes) *
		      link_request_header(link),
		.down = bytes +
			link_read_completions(link, address, bytes, size) *
				link_completion_header(link),
	};
}

struct link_bytes link_message(const struct link *link)
{
	return (struct link_bytes){
		.up = MESSAGE_BYTES + link_write_header(link),
	};
}

struct link_bytes link_register_write(const struct link *link, uint32_t bytes)
{
	return (struct link_bytes){
		.down = bytes + link_write_header(link),
	};
}

struct link_bytes link_register_read(const struct link *link, uint32_t bytes)
{
	return (struct link_bytes){
		.up = bytes + link_completion_header(link),
		.down = link_request_header(link),
	};
}
