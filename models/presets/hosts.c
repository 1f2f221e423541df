/* SPDX-License-Identifier: Apache-2.0 */
#include "models/presets/presets.h"

/* Every price of this host is a default: see models/params.c. */
const struct preset preset_hsw_3g3 = {
	.name = "hsw-3g3",
	.kind = "host",
	.summary = "two Haswell cores at 3.3 GHz, 15 MiB LLC, 8 GiB",
	.values =
		(const struct preset_value[]){
			{ "host.clock", "3.3GHz",
			  "PB-data hsw-2620v3 turbo class" },
			{ "host.cores", "2", "design" },
			{ "host.llc", "15MiB", "PB-data hsw-2620v3" },
			{ "host.ddio", "10%", "PB-data" },
			{ "pcie.tags", "32", "PB-data: extended tags off" },
			{ "host.ram", "8GiB", "driver survey" },
			{ NULL, NULL, NULL },
		},
};

/* The device of the published measurements: the same in every host. */
const struct preset preset_nfp6000 = {
	.name = "nfp6000",
	.kind = "device",
	.summary = "DMA engine of the NFP6000 at 1.2 GHz, gen3 x8",
	.values =
		(const struct preset_value[]){
			{ "nic.dma_issue", "21.1ns",
			  "PB-data: 64 B writes stop at 47.4 M/s" },
			{ "nic.dma_chunk", "128B", "PB-data: writes of 129 B" },
			{ "nic.dma_chunk_time", "17ns",
			  "PB-data: writes of 129 and 257 B" },
			{ "nic.write_gap", "4.5ns",
			  "PB-data: writes of 256 B" },
			{ "nic.dma_latency", "48ns",
			  "PB-data: read latency less 32 tags / rate" },
			{ "nic.dma_store", "54Gbps",
			  "PB-data: read latency against size" },
			{ NULL, NULL, NULL },
		},
};

#define FITTED "PB-data, fitted: dmasim calibrate --from"

const struct preset preset_hsw_2620v3 = {
	.name = "hsw-2620v3",
	.kind = "host",
	.summary = "Xeon E5-2620 v3 (Haswell), as measured with an NFP6000",
	.parent = &preset_nfp6000,
	.values =
		(const struct preset_value[]){
			{ "pcie.generation", "3", "PB-data" },
			{ "pcie.lanes", "8", "PB-data" },
			{ "pcie.mps", "256B", "PB-data" },
			{ "pcie.mrrs", "512B", "PB-data" },
			{ "pcie.rcb", "64B", "PB-data" },
			{ "pcie.tags", "32", "PB-data: extended tags off" },
			{ "host.llc", "15MiB", "PB-data" },
			{ "pcie.completion_interval", "10.8ns",
			  "PB-data: reads of 65 to 257 B" },
			{ "host.dma_read_warm", "487ns", FITTED },
			{ "host.dma_read_cold", "535ns", FITTED },
			{ "host.dma_write", "182ns", FITTED },
			{ "host.ddio", "9.3%", FITTED },
			{ "iommu.iotlb_reserved", "8", FITTED },
			{ "iommu.walk", "226ns", FITTED },
			{ "iommu.walks", "5", FITTED },
			{ "iommu.walk_jitter", "40ns",
			  "PB-data: reads that miss lose more than writes" },
			{ "host.read_return", "0", "PB-data" },
			{ NULL, NULL, NULL },
		},
};

const struct preset preset_ib_2620v2 = {
	.name = "ib-2620v2",
	.kind = "host",
	.summary = "two Xeon E5-2620 v2 (Ivy Bridge), as measured with an "
		   "NFP6000",
	.parent = &preset_nfp6000,
	.values =
		(const struct preset_value[]){
			{ "pcie.generation", "3", "PB-data" },
			{ "pcie.lanes", "8", "PB-data" },
			{ "pcie.mps", "256B", "PB-data" },
			{ "pcie.mrrs", "512B", "PB-data" },
			{ "pcie.rcb", "64B", "PB-data" },
			{ "pcie.tags", "32", "PB-data: extended tags off" },
			{ "host.llc", "15MiB", "PB-data" },
			{ "pcie.completion_interval", "10.8ns",
			  "PB-data: reads of 65 to 257 B" },
			{ "host.dma_read_warm", "495ns", FITTED },
			{ "host.dma_read_cold", "548ns", FITTED },
			{ "host.dma_write", "179ns", FITTED },
			{ "host.ddio", "9.3%", FITTED },
			{ "host.numa_delta", "59ns", FITTED },
			{ "iommu.iotlb_reserved", "3", FITTED },
			{ "iommu.walk", "301ns", FITTED },
			{ "iommu.walks", "6", FITTED },
			{ "iommu.walk_jitter", "40ns",
			  "PB-data: reads that miss lose more than writes" },
			{ "host.read_return", "0", "PB-data" },
			{ NULL, NULL, NULL },
		},
};
