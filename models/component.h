/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers of components: the second key of event order, and the streams of
 * random draws.  Each adapter has a block of its own.
 */
#ifndef MODELS_COMPONENT_H
#define MODELS_COMPONENT_H

enum component {
	COMP_CORE = 0, /* + core, up to 64 */
	COMP_HAL_WORKER = 64,
	COMP_IOMMU_QUEUE,
	COMP_IOMMU_TIMER,
	COMP_RX_ARRIVAL,
	COMP_WARMUP,
	COMP_HAL_NEIGHBOUR,
	COMP_LIFECYCLE,
	COMP_ADAPTER = 128 /* + adapter * COMP_ADAPTER_SIZE */
};

#define COMP_ADAPTER_SIZE 256

/* Within an adapter's block; per-queue ones add the queue, up to 16. */
enum adapter_component {
	COMP_PCIE_UP,
	COMP_PCIE_DOWN,
	COMP_PCIE_READ,
	COMP_WIRE_TX,
	COMP_RX_DATA,
	COMP_PCIE_WRITE,
	COMP_ENGINE,
	COMP_SLAVE,
	COMP_REGISTER,
	COMP_RX_SLAVE,
	COMP_TX_DOORBELL = 16,
	COMP_RX_DOORBELL = 32,
	COMP_TX_WRITE_BACK = 48,
	COMP_RX_WRITE_BACK = 64,
	COMP_MODERATION = 80,
	COMP_MSI = 96,
	COMP_DPC = 112,
	COMP_HOLD = 128,
	COMP_GROWTH = 144,
	COMP_SHRINK = 160,
	COMP_RETURN = 176
};

#define QUEUES_MAX   16
#define CORES_MAX    64
#define ADAPTERS_MAX 4

/* Streams of random draws, see core/rng.h: another number, other draws. */
enum draw_stream {
	DRAW_TX_HEADERS = 1,
	DRAW_TX_PAYLOAD,
	DRAW_RX_BUFFERS = 4,
	DRAW_DPC_SENDS = 7,
	DRAW_DPC_DELAY,
	DRAW_HOLD,
	DRAW_MODERATION_PHASE,
	DRAW_IOTLB,
	DRAW_PROBE,
	DRAW_WALK,
	DRAW_HAL_NEIGHBOUR = 512,
	DRAW_COMMON_BUFFER,
	DRAW_CONTIGUOUS,
	DRAW_READ_LATENCY = 4096 /* + component of the adapter */
};

#endif
