#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Two cautions of the sources, in numbers: lists of scatter/gather on an Arm
# board whose caches devices do not see, and a card of 24 bits, for which map
# registers are scarce.
#
#	examples/arm-noncoherent.sh [DMASIM] [CAPTURE]
#
# First the board with coherent caches and without: every line of a mapped
# buffer is written back or invalidated, a common buffer is read uncached.
# Then the ISA card: three pages of four are out of its reach, so what maps
# copies too, and queues for 64 registers.
set -euo pipefail

dmasim=${1:-build/dmasim}
capture=${2:-examples/office.pcap.xz}

for coherent in yes no; do
	echo "host.coherent=$coherent"
	"$dmasim" compare "$capture" -q -m arm-noncoherent --limit 5000 \
		-s host.coherent=$coherent \
		--tx ndis6-sg,ndis6-copy,wdm-sg,wdf-sg,linux-map \
		--rx common-copy,copybreak,sg,linux-page-pool
done
"$dmasim" compare "$capture" -q -m ce-isa --limit 4000 --rate 1Mbps \
	--tx ndis4-slave,ndis5-mapreg,ndis6-copy --rx common-copy,sg
