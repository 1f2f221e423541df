/* SPDX-License-Identifier: Apache-2.0 */
#include "models/machine.h"
#include "models/presets/presets.h"

const struct preset preset_gbe_32bit = {
	.name = "gbe-32bit",
	.kind = "machine",
	.summary = "gigabit NIC that reaches 4 GiB, in a host with 8 GiB",
	.parent = &preset_hsw_3g3,
	.values =
		(const struct preset_value[]){
			{ "nic.wire", "1Gbps", "design" },
			{ "nic.dma_width", "32", "WDK map registers" },
			{ "nic.tx_ring", "256", "e1000: 256" },
			{ "nic.rx_ring", "256", "e1000: 256" },
			{ "nic.sg_elements", "16", "driver survey" },
			{ "nic.moderation", "50us",
			  "design; e1000e 4000-20000 irq/s" },
			{ "nic.fetch_max", "8", "assumed: 8254x class" },
			{ "nic.desc_cache", "64", "8254x: 64 descriptors" },
			{ "nic.prefetch", "8", "e1000e: PTHRESH 8" },
			{ "nic.tx_write_back", "1",
			  "e1000: one per descriptor" },
			{ "nic.tx_fifo", "16KiB", "8254x: 16 of 64 KiB" },
			{ "nic.rx_fifo", "48KiB", "8254x: 48 of 64 KiB" },
			{ "nic.dma_reads", "4", "assumed" },
			{ "nic.isr_reads", "1", "e1000: cause read" },
			{ "pcie.generation", "1", "design" },
			{ "pcie.lanes", "1", "design" },
			{ "pcie.mps", "128B", "design" },
			{ "hal.personality", "legacy",
			  "ReactOS HAL: 16 registers that grow to 64" },
			{ "hal.background", "16", "design" },
			{ NULL, NULL, NULL },
		},
};

const struct preset preset_xge_64bit = {
	.name = "xge-64bit",
	.kind = "machine",
	.summary = "10 GbE NIC that reaches all of memory, IOMMU off",
	.parent = &preset_hsw_3g3,
	.values =
		(const struct preset_value[]){
			{ "nic.wire", "10Gbps", "design" },
			{ "nic.dma_width", "64", "design" },
			{ "nic.tx_ring", "512", "ixgbe" },
			{ "nic.rx_ring", "512", "ixgbe" },
			{ "nic.fetch_max", "40", "82599 by PB-model" },
			{ "nic.tx_write_back", "8", "82599 by PB-model" },
			{ "nic.moderation", "20us", "design" },
			{ "pcie.generation", "2", "design" },
			{ "pcie.lanes", "8", "design" },
			{ "pcie.mps", "256B", "design" },
			{ "iommu.mode", "off", "design" },
			{ NULL, NULL, NULL },
		},
};

const struct preset preset_xge_strict = {
	.name = "xge-strict",
	.kind = "machine",
	.summary = "xge-64bit behind an IOMMU in strict mode",
	.parent = &preset_xge_64bit,
	.values =
		(const struct preset_value[]){
			{ "iommu.mode", "strict", "design" },
			{ NULL, NULL, NULL },
		},
};

const struct preset preset_xge_deferred = {
	.name = "xge-deferred",
	.kind = "machine",
	.summary = "xge-64bit behind an IOMMU that invalidates in batches",
	.parent = &preset_xge_64bit,
	.values =
		(const struct preset_value[]){
			{ "iommu.mode", "deferred", "design" },
			{ NULL, NULL, NULL },
		},
};

const struct preset preset_xge_cvm = {
	.name = "xge-cvm",
	.kind = "machine",
	.summary = "xge-64bit of a confidential VM: 64 MiB of bounce slots",
	.parent = &preset_xge_64bit,
	.values =
		(const struct preset_value[]){
			{ "hal.personality", "swiotlb", "Linux: 64 MiB" },
			{ "hal.force_bounce", "yes", "swiotlb=force" },
			{ NULL, NULL, NULL },
		},
};

/* Every preset, in the order of listings. */
/* clang-format off */
const struct preset *const preset_registry[] = {
	&preset_hsw_3g3,
	&preset_nfp6000,
	&preset_hsw_2620v3,
	&preset_ib_2620v2,
	&preset_gbe_32bit,
	&preset_xge_64bit,
	&preset_xge_strict,
	&preset_xge_deferred,
	&preset_xge_cvm,
	&preset_gbe_82540,
	&preset_gbe_82574,
	&preset_xge_82599,
	&preset_xge_82599_pmd,
	&preset_xlge_40,
	&preset_cge_100,
	&preset_virtio,
	&preset_bcm_30bit,
	&preset_simple_fifo,
	&preset_arm_noncoherent,
	&preset_ce_isa,
	NULL,
};
/* clang-format on */
