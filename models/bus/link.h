/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arithmetic of a PCIe link, without time: its rates, how transfers are cut
 * into TLPs, and what those occupy on the wire.
 *
 * Upstream is device to host.  Every TLP costs 8 bytes of framing, sequence
 * number and LCRC besides its header; header sizes here include them.
 *
 *	struct link link = { .generation = 3, .lanes = 8, .mps = 256,
 *			     .mrrs = 512, .rcb = 64, .wide = true };
 *	struct link_bytes cost = link_read(&link, address, 1514, 256);
 *
 * Rates round down to a bit per second, everything else is exact.  Payload
 * counts in bytes: it is not padded to doublewords.
 *
 * Invariants: (1) no TLP crosses 4 KiB; (2) no write carries more than MPS,
 * no request asks for more than MRRS; (3) completions end at multiples of RCB,
 * the last of a request excepted, and none carries more than MPS.
 *
 * Source: PCI Express Base Specification (header formats, data return for
 * reads, ACK transmission latency limit); PB-model.
 */
#ifndef MODELS_BUS_LINK_H
#define MODELS_BUS_LINK_H

#include <stdbool.h>
#include <stdint.h>

struct config;
struct err;

struct link {
	unsigned generation; /* 1 to 5 */
	unsigned lanes;	     /* 1 to 16 */
	uint32_t mps, mrrs;  /* bytes, 128 to 4096 */
	uint32_t rcb;	     /* read completion boundary, 64 or 128 bytes */
	bool wide;	     /* 64-bit addresses */
	bool ecrc;	     /* end-to-end CRC on every TLP */
};

/* What something occupies in each direction. */
struct link_bytes {
	uint64_t up, down;
};

struct link_bytes link_bytes_add(struct link_bytes a, struct link_bytes b);

/* From pcie.generation, lanes, mps, mrrs, rcb, ecrc and nic.dma_width. */
void link_init(struct link *link, const struct config *cfg);
/* ERR_USAGE for what no single parameter's range can say: powers of two. */
int link_check(const struct config *cfg, struct err *err);

/* --- rates, of each direction --- */

/* Bits per second, line coding removed. */
uint64_t link_raw_bps(const struct link *link);
/* The longest wait for an ACK or a flow-control update, symbol times. */
uint32_t link_ack_limit(const struct link *link);
uint32_t link_fc_interval(const struct link *link);
/* Left for TLPs: raw x (1 - 8 / ack limit - 8 / fc interval - 4 / 1538). */
uint64_t link_tlp_bps(const struct link *link);

/* --- bytes of a TLP besides its payload --- */

uint32_t link_write_header(const struct link *link);
uint32_t link_request_header(const struct link *link);
uint32_t link_completion_header(const struct link *link);

/* --- cutting; addresses are bus addresses --- */

/* TLPs of a write. */
uint64_t link_write_tlps(const struct link *link, uint64_t address,
			 uint64_t bytes);
/* Read requests of a transfer, and what the first of them asks for. */
uint64_t link_read_requests(const struct link *link, uint64_t address,
			    uint64_t bytes);
uint32_t link_request_bytes(const struct link *link, uint64_t address,
			    uint64_t bytes);
/*
 * Bytes of the first completion of a request, or of what is left of one:
 * up to the next multiple of RCB if @address is not at one, else @size,
 * which is taken down to a multiple of RCB, and at most MPS.
 */
uint32_t link_completion_bytes(const struct link *link, uint64_t address,
			       uint32_t bytes, uint32_t size);
/* Completions of one request, and of all requests of a transfer. */
uint32_t link_completions(const struct link *link, uint64_t address,
			  uint32_t bytes, uint32_t size);
uint64_t link_read_completions(const struct link *link, uint64_t address,
			       uint64_t bytes, uint32_t size);

/* --- what the device does --- */

struct link_bytes link_write(const struct link *link, uint64_t address,
			     uint64_t bytes);
/* With completions of at most @size bytes, see link_completion_bytes(). */
struct link_bytes link_read(const struct link *link, uint64_t address,
			    uint64_t bytes, uint32_t size);
/* A message-signalled interrupt: a write of 4 bytes. */
struct link_bytes link_message(const struct link *link);

/* --- what the host does: registers of @bytes --- */

struct link_bytes link_register_write(const struct link *link, uint32_t bytes);
struct link_bytes link_register_read(const struct link *link, uint32_t bytes);

#endif
