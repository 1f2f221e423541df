/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PCIe link between host and adapter.
 *
 * Each direction is a server in time whose rate is the raw lane rate less ACK,
 * flow-control and skip overhead; a TLP occupies header and payload.  Upstream
 * carries the device's writes, its read requests and interrupts; downstream
 * carries completions and the host's register writes.
 *
 * A read is cut at MRRS and 4 KiB.  Each request takes a tag, crosses
 * upstream, waits for memory, and only then asks for the downstream link: what
 * really goes first goes first.  Requests without a tag wait in turn.
 *
 *	pcie_read(pcie, &(struct pcie_read_args){ elements, n, latency, done,
 *			frame, 0 });
 *
 * Writes are posted: pcie_write() calls back when the data is visible.
 *
 * Invariants: (1) tags in use <= tags; (2) completions of one request arrive
 * in order; (3) posted writes become visible in the order of the calls.
 *
 * Source: PCIe specification, PB-model.  Limits: no credits; completions
 * are cut by one size (pcie.completion); one request's completions are
 * contiguous on the link.
 */
#ifndef MODELS_BUS_PCIE_H
#define MODELS_BUS_PCIE_H

#include "core/param.h"
#include "core/pool.h"
#include "core/server.h"
#include "models/stats.h"

struct sg_element {
	uint64_t address; /* logical */
	uint32_t bytes;
};

struct pcie_op;

struct pcie {
	struct kernel *kernel;
	struct stats *stats;
	unsigned component; /* of the adapter's block */
	struct server up, down;
	struct byte_clock up_clock, down_clock;
	uint32_t mps, mrrs, completion;
	unsigned completion_bits; /* if it is a power of two, else 0 */
	uint32_t header_write, header_read; /* by address width */
	uint32_t tags, tags_free;
	sim_time write_latency, mmio_latency;
	struct pool ops, requests;
	struct pcie_op *head, *tail; /* reads with requests to issue */
	uint64_t reads;		     /* numbers their events */
	uint64_t tag_wait_ps;
};

struct pcie_read_args {
	const struct sg_element *elements; /* valid until done */
	uint32_t count;
	sim_time latency; /* of memory, root complex and device */
	void (*done)(void *ctx, uint64_t arg);
	void *ctx;
	uint64_t arg;
};

/* Bits per second left for TLPs: raw x (1 - 8/ack - 8/fc - 4/1538). */
uint64_t pcie_tlp_bps(unsigned generation, unsigned lanes, uint32_t mps);

int pcie_init(struct pcie *pcie, struct kernel *kernel, struct stats *stats,
	      unsigned component, const struct config *cfg, struct err *err);
void pcie_clear(struct pcie *pcie);

void pcie_read(struct pcie *pcie, const struct pcie_read_args *args);
/* @key orders the call-back; see event_key(). */
void pcie_write(struct pcie *pcie, uint32_t bytes, uint64_t key,
		void (*done)(void *ctx, uint64_t arg), void *ctx, uint64_t arg);
/* Payload, then its 16-byte descriptor right behind: one posted chain. */
void pcie_write_with_descriptor(struct pcie *pcie, uint32_t bytes, uint64_t key,
				void (*done)(void *ctx, uint64_t arg),
				void *ctx, uint64_t arg);
/* A message-signalled interrupt. */
void pcie_message(struct pcie *pcie, uint64_t key,
		  void (*done)(void *ctx, uint64_t arg), void *ctx,
		  uint64_t arg);
/* A 4-byte posted register write by the host. */
void pcie_mmio_write(struct pcie *pcie, uint64_t key,
		     void (*done)(void *ctx, uint64_t arg), void *ctx,
		     uint64_t arg);

#endif
