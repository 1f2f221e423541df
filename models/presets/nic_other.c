/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Machines with other cards.  "recalled": from the driver or specification
 * named, not looked up again.
 */
#include "models/presets/presets.h"

const struct preset preset_cge_100 = {
	.name = "cge-100",
	.kind = "machine",
	.summary =
		"100 GbE NIC: PCIe gen4 x16, 256 tags, four queues and cores",
	.parent = &preset_hsw_3g3,
	.values =
		(const struct preset_value[]){
			{ "host.cores", "4", "design" },
			{ "nic.wire", "100Gbps", "design" },
			{ "nic.dma_width", "64", "mlx5" },
			{ "nic.queues", "4", "design: one per core" },
			{ "nic.tx_ring", "1024", "mlx5: 1024" },
			{ "nic.rx_ring", "1024", "mlx5: 1024" },
			{ "nic.sg_elements", "30", "driver survey" },
			{ "nic.lso", "yes", "mlx5" },
			{ "hal.max_mapping", "64KiB", "NetKVM: 65536" },
			{ "nic.fetch_max", "64", "assumed" },
			{ "nic.desc_cache", "256", "assumed" },
			{ "nic.prefetch", "128", "assumed" },
			{ "nic.fetches", "8", "assumed" },
			{ "nic.tx_write_back", "8", "assumed" },
			{ "nic.rx_tail_batch", "16", "assumed: as ixgbe" },
			{ "nic.dma_reads", "128", "assumed" },
			{ "nic.tx_fifo", "512KiB", "assumed" },
			{ "nic.rx_fifo", "2MiB", "assumed" },
			{ "nic.moderation", "16us", "mlx5: 32 frames, 16 us" },
			{ "nic.moderation_frames", "32",
			  "mlx5: 32 frames, 16 us" },
			{ "pcie.generation", "4", "design" },
			{ "pcie.lanes", "16", "design" },
			{ "pcie.mps", "256B", "PB-model: servers" },
			{ "pcie.tags", "256", "PCIe: extended tags" },
			{ NULL, NULL, NULL },
		},
};

/*
 * The device is software in the host: no link, no tags.  The widest link there
 * is stands for its memory port; a notification is an exit of the guest.
 */
const struct preset preset_virtio = {
	.name = "virtio",
	.kind = "machine",
	.summary = "virtio-like NIC: software behind shared memory, exits",
	.parent = &preset_hsw_3g3,
	.values =
		(const struct preset_value[]){
			{ "nic.wire", "10Gbps", "design" },
			{ "nic.dma_width", "64", "virtio" },
			{ "nic.tx_ring", "1024", "NetKVM: 1024" },
			{ "nic.rx_ring", "256", "NetKVM: 256" },
			{ "nic.descriptors", "indirect", "NetKVM" },
			{ "nic.sg_elements", "256", "NetKVM: 256, indirect" },
			{ "nic.lso", "yes", "NetKVM" },
			{ "hal.max_mapping", "64KiB", "NetKVM: 65536" },
			{ "nic.fetch_max", "64", "assumed" },
			{ "nic.desc_cache", "1024", "assumed: reads the ring" },
			{ "nic.prefetch", "64", "assumed" },
			{ "nic.fetches", "8", "assumed" },
			{ "nic.completion", "head", "virtio: used index" },
			{ "nic.tx_write_back", "1", "virtio: used index" },
			{ "nic.rx_tail_batch", "65", "NetKVM: 256 / 4 + 1" },
			{ "nic.dma_reads", "64", "assumed" },
			{ "nic.tx_fifo", "256KiB", "assumed" },
			{ "nic.rx_fifo", "1MiB", "assumed" },
			{ "nic.suppress", "yes", "virtio: event index" },
			{ "nic.moderation_mode", "none", "virtio" },
			{ "nic.dma_latency", "0", "no device" },
			{ "cost.mmio_write", "4000",
			  "assumed: an exit, 1.2 us" },
			{ "host.mmio_write", "2us",
			  "assumed: the back end wakes up" },
			{ "host.dma_read_warm", "80ns",
			  "assumed: a copy by another core" },
			{ "host.dma_read_cold", "150ns",
			  "assumed: a copy by another core" },
			{ "host.dma_write", "80ns",
			  "assumed: a copy by another core" },
			{ "host.read_credits", "65536", "no root complex" },
			{ "host.write_credits", "65536", "no root complex" },
			{ "pcie.generation", "5", "no link: the widest" },
			{ "pcie.lanes", "16", "no link: the widest" },
			{ "pcie.mps", "4096B", "no link: the largest" },
			{ "pcie.mrrs", "4096B", "no link: the largest" },
			{ "pcie.completion", "4096B", "no link: the largest" },
			{ "pcie.line_request", "0B", "no link" },
			{ "pcie.completion_interval", "0", "no link" },
			{ "pcie.tags", "1024", "no link: the most" },
			{ NULL, NULL, NULL },
		},
};

const struct preset preset_bcm_30bit = {
	.name = "bcm-30bit",
	.kind = "machine",
	.summary = "b44-like NIC that reaches 1 GiB, one buffer a frame",
	.parent = &preset_hsw_3g3,
	.values =
		(const struct preset_value[]){
			{ "nic.wire", "100Mbps", "b44, recalled" },
			{ "nic.dma_width", "30", "b44: 30 bits" },
			{ "nic.tx_ring", "512", "b44: 512" },
			{ "nic.rx_ring", "512", "b44: 512" },
			{ "rx.buffers", "200", "b44: 200 pending" },
			{ "rx.buffer", "1566B", "b44: 1536 and 30" },
			{ "nic.sg_elements", "1", "b44, recalled: no SG" },
			{ "nic.fetch_max", "1", "assumed" },
			{ "nic.desc_cache", "16", "assumed" },
			{ "nic.prefetch", "4", "assumed" },
			{ "nic.completion", "register",
			  "b44, recalled: status register" },
			{ "nic.rx_tail_batch", "1", "assumed" },
			{ "nic.dma_reads", "1", "assumed" },
			{ "nic.tx_fifo", "4KiB", "assumed" },
			{ "nic.rx_fifo", "8KiB", "assumed" },
			{ "nic.moderation_mode", "none", "assumed" },
			{ "nic.isr_reads", "1", "b44, recalled: cause read" },
			{ "pcie.generation", "1", "assumed, for PCI" },
			{ "pcie.lanes", "1", "assumed, for PCI" },
			{ "pcie.mps", "128B", "PB-model: desktop chips" },
			{ "hal.pool", "16", "ReactOS HAL: 16 pages at first" },
			{ "hal.pool_cap", "64", "ReactOS HAL: 64 slots" },
			{ "hal.pool_growth", "16", "ReactOS HAL" },
			{ NULL, NULL, NULL },
		},
};

const struct preset preset_simple_fifo = {
	.name = "simple-fifo",
	.kind = "machine",
	.summary =
		"a card without rings: one frame at a time, told by registers",
	.parent = &preset_hsw_3g3,
	.values =
		(const struct preset_value[]){
			{ "nic.wire", "100Mbps", "design" },
			{ "nic.dma_width", "32", "design" },
			{ "nic.descriptors", "device", "design" },
			{ "nic.element_writes", "2",
			  "assumed: address and length" },
			{ "nic.tx_frames", "1", "design" },
			{ "nic.tx_ring", "32", "design" },
			{ "nic.rx_ring", "32", "design" },
			{ "nic.sg_elements", "16", "driver survey" },
			{ "nic.dma_reads", "1", "design" },
			{ "nic.tx_fifo", "2KiB", "design" },
			{ "nic.rx_fifo", "8KiB", "design" },
			{ "nic.moderation_mode", "none", "design" },
			{ "nic.isr_reads", "1", "e1000: cause read" },
			{ "pcie.generation", "1", "design" },
			{ "pcie.lanes", "1", "design" },
			{ "pcie.mps", "128B", "PB-model: desktop chips" },
			{ NULL, NULL, NULL },
		},
};
