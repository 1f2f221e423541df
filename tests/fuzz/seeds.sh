#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Inputs to begin with, too many or too large to keep: made by the program
# itself, taken from the texts of this tree, and from ../shared/captures if it
# is there.
#
#	tests/fuzz/seeds.sh BUILD TARGET DIR
#
# BUILD holds dmasim.  DIR gets the corpus of the target too; it is there when
# all is in it.
set -euo pipefail
export LC_ALL=C

dmasim=$(realpath "$1")/dmasim
target=$2
rm -rf "$3.new"
mkdir -p "$3.new"
dir=$(realpath "$3.new")
made=$(realpath "$3")
cd "$(dirname "$0")/../.."
captures=${DMASIM_CAPTURES:-../shared/captures}

# Standard input as one more seed, named after what it holds.
seed() {
	cat >"$dir/.seed"
	mv "$dir/.seed" "$dir/seed-$(cksum <"$dir/.seed" | cut -d' ' -f1)"
}

# Each argument as a seed.
texts() {
	local text
	for text in "$@"; do
		printf %s "$text" | seed
	done
}

small_captures() {
	local spec file
	for spec in constant,frames=8 imix,frames=20,tx=30%,proto=tcp \
		poisson,size=64,rate=1Mpps,frames=8 \
		onoff,size=9000,rate=10Gbps,frames=6; do
		"$dmasim" trace gen "$spec" --snaplen 96B 2>/dev/null | seed
	done
	[ -d "$captures" ] || return 0
	find "$captures" -type f ! -name '*.md' | sort | while read -r file; do
		case $file in
		*.gz | *.bz2 | *.xz) "$1" <"$file" ;;
		*) head -c 6000 "$file" ;;
		esac >"$dir/${file##*/}"
	done
}

# What a compressed capture holds, its beginning.
unpacked() {
	local file=$dir/.packed
	cat >"$file"
	case $(head -c 2 "$file" | od -An -tx1 | tr -d ' ') in
	1f8b) gzip -dc "$file" ;;
	425a) bzip2 -dc "$file" ;;
	*) xz -dc "$file" ;;
	esac 2>/dev/null | head -c 6000 || true
	rm "$file"
}

seeds_capture() { small_captures unpacked; }

seeds_stream() {
	local sample
	sample=$("$dmasim" trace gen imix,frames=40 --snaplen 60B | base64 -w0)
	for tool in gzip bzip2 xz "xz --format=lzma" "zstd -q" "lz4 -q"; do
		command -v "${tool%% *}" >/dev/null || continue
		base64 -d <<<"$sample" | $tool -c | seed
		base64 -d <<<"$sample" | $tool -c | $tool -c | seed
		head -c 3000000 /dev/zero | $tool -c | head -c 20000 | seed
	done
}

# Every preset with every strategy some time; numbers from a fixed series.
seeds_machine() {
	awk 'BEGIN {
		for (i = 0; i < 150; i++) {
			line = sprintf("%02x%02x%02x%02x%02x", i % 23, i % 19,
				i % 17, (i * 37) % 64, i)
			for (k = 0; k < 24 + 6 * (10 + i % 60); k++) {
				x = (x * 1103515245 + 12345) % 2147483648
				v = int(x / 65536) % 256
				# frames of moderate gaps and lengths
				if (k >= 24 && k % 6 == 0) v = v % 24
				if (k >= 24 && k % 6 == 2) v = v % 6
				line = line sprintf("%02x", v)
			}
			print line
		}
	}' | while read -r line; do
		xxd -r -p <<<"$line" >"$dir/machine-${line:0:10}"
	done
}

seeds_ini() {
	local file
	for file in examples/*.ini tests/cli/*.ini; do
		[ ! -f "$file" ] || seed <"$file"
	done
	printf '[machine]\npreset = gbe-32bit\n[nic]\ntx_ring = 512 ; more\n' |
		seed
	printf '[strategy ndis6-hybrid]\ncopy_threshold = 512B\n[host]\n' | seed
	printf '\357\273\277[iommu]\nmode=strict\n# text\n[run]\ninject = ' | seed
	printf 'include = 0\n[axes]\nnic.tx_ring = 64,128\n' | seed
	"$dmasim" params --format json | jq -r '.. | objects |
		select(.key? and .default?) | "\(.key) = \(.default)"' |
		split -l 12 --filter 'printf "[]\n"; cat' - | head -c 6000 |
		seed || true
}

seeds_axes() {
	texts nic.tx_ring=64,128,512 nic.tx_ring=64..512/64 \
		nic.tx_ring=64..512/x2 cost.sg_build=100..2000/n5 \
		hal.latency=100ns..2us/log5 tx=ndis6-sg,ndis6-copy seed=1..9/1 \
		host.coherent=yes,no iommu.mode=off,strict \
		$'machine=gbe-32bit,xge-64bit\nrx=all' \
		$'[axes]\nnic.tx_ring = 64..4096/x2\n[host]\ncores = 1,2,4\n'
}

seeds_constraint() {
	texts 'nic.tx_ring >= 2 * nic.fetch_threshold' \
		'tx = "ndis6-sg" or cost.sg_build < 2us and not nic.lso = "yes"' \
		'(nic.rx_ring + nic.tx_ring) % 64 = 0' 'seed != "7"' \
		'host.dma_write / 2.5 > 100ns - 1ps' '((((1 < 2))))' \
		'18446744073709551615 * 18446744073709551615 * 9 > 0' \
		'not not 1 / 0 = 30%'
}

seeds_study() {
	texts $'[study]\ncaptures = a, gen:imix\nmachines = gbe-32bit\n' \
		$'[study]\ntx = ndis6-sg, ndis6-copy\nzip = nic.tx_ring, nic.rx_ring\n[nic]\ntx_ring = 64..512 step 64\nrx_ring = 64..512/x2\n[set]\nhost.clock = 2GHz\n' \
		$'[study]\nreplicates = 3\nseed = 1\nconstraint = seed = "1"\nmerge = yes\n[axes]\ntraffic.speed = 1..8 x 2\n'
}

# CSV as an object a line.
json_lines() {
	jq -Rnc '[inputs / ","] | .[0] as $names | .[1:][] |
		[$names, .] | transpose | map(select(.[1] != "") |
		{ key: .[0], value: (.[1] | if test("[+]")
			then . / "+" | map(tonumber? // .)
			else tonumber? // . end) }) | from_entries'
}

seeds_sidecar() {
	local office=$dir/.office
	"$dmasim" trace gen imix,frames=20,tx=50% -o "$office" --force -q
	for args in "-m xge-64bit" "-m gbe-32bit --set layout.mdl=fragments"; do
		# shellcheck disable=SC2086
		"$dmasim" trace layout -q $args "$office" >"$dir/.csv"
		json_lines <"$dir/.csv" | seed
		seed <"$dir/.csv"
	done
	rm "$office" "$dir/.csv"
}

seeds_direction() {
	local office=$dir/.office
	"$dmasim" trace gen constant,frames=20 -o "$office" --force -q
	"$dmasim" trace stat -q --save-direction "$dir/seed-saved" "$office" \
		>/dev/null 2>&1 || true
	rm "$office"
	texts $'10.0.0.1\n' $'# text\n02:00:00:00:00:01\t4 peers\n::1\n'
}

seeds_merge() {
	local axis="--axis nic.tx_ring=64 --tx null --rx null"
	for format in json csv; do
		# shellcheck disable=SC2086
		"$dmasim" sweep -q $axis --format $format \
			gen:constant,frames=4 2>/dev/null | seed
	done
	seeds_result
}

seeds_units() {
	texts 0 256 10us 64KiB 25Gbps 30% 0.3 2.5x 1.2Mpps 3.3GHz 640h \
		18446744073709551615 0.000001 99.9999999999h 4.0000000000000 \
		abcdefgh
}

seeds_price() {
	texts $'parameter,value,interval\ncost.sg_build,912,45\n' \
		$'[cost]\nsg_put = 388, 30\n' $'iommu.invalidate,700ns,80ns\n' \
		$'# text\n[hal]\ncost.sg_build=18446744073709551615,1 ; x\n'
}

seeds_csv() {
	local file
	for file in tests/calibration/*.csv; do
		{ head -1 "$file"; sed 1d "$file" | awk 'NR % 40 == 1'; } |
			{ head -c 3000; cat >/dev/null; } | seed
	done
	texts $'a,b\n"x ""y""",1e3\n' \
		$'residency,serialised,bytes,ns_median\nl1,1,64,3\nl2,0,9,1e300\n'
}

seeds_gen() {
	texts constant poisson,rate=1Mpps,size=64,frames=100 \
		imix,rate=5Gbps,tx=30%,flows=64,seed=7 \
		onoff,rate=10Gbps,on=50us,off=450us,size=1514 \
		constant,rate=1Mpps/2Mpps/4Mpps,size=60:7/590:4/1514:1 \
		poisson,fcs=yes,proto=tcp,flows=65536,size=65549
}

seeds_local() {
	texts 00:1b:21:0a:0b:0c,10.0.0.0/8,fe80::/10 ::1 255.255.255.255/32 \
		::ffff:1.2.3.4/96 02-00-00-00-00-01 0.0.0.0/0 ::/0
}

# Small results, whole, and one cut off.
seeds_result() {
	local json=$dir/.json
	for args in "run --tx ndis6-sg" "run --replicates 3" \
		"compare -m gbe-32bit,xge-strict --capacity-frames 0"; do
		# shellcheck disable=SC2086
		"$dmasim" $args -q --format json gen:imix,frames=6 >"$json" ||
			true
		jq -c 'def few: to_entries[:2] | from_entries;
			.config = {} | .runs |= (.[:4] | map(
			if .metrics then .metrics |= with_entries(select(.key |
				test("latency_ps|cycles_per|frames$"))) |
				.routines |= few | .series |= few |
				.stages |= map_values(few) else . end))' \
			"$json" | seed
		head -c 9000 "$json" | seed
	done
	rm "$json"
}

# A table, or a result, alone, and two apart by "--"; a digit for the format.
seeds_diff() {
	local parts=$dir/.parts machine
	mkdir "$parts"
	for machine in gbe-32bit xge-64bit; do
		"$dmasim" run -q -m $machine --frames "$parts/$machine" \
			gen:imix,frames=9 >/dev/null
	done
	(cd "$parts" && sed '1s/^/0/' gbe-32bit) | seed
	(cd "$parts" && sed '1s/^/1/' gbe-32bit && echo -- &&
		cat xge-64bit) | seed
	texts $'2number,latency_ns\n1,912.5\n2,3\n--\nframe,latency\n1,1us\n'
	dir=$parts seeds_result
	find "$parts" -name 'seed-*' -size -20k | while read -r file; do
		{ echo 1 && cat "$file" && echo -- && cat "$file"; } | seed
	done
	rm -r "$parts"
}

# The examples of the manual, on traffic of few frames.
seeds_argv() {
	grep -rhoE '^(\.Dl )? *(\$ )?dmasim .*' README.md docs man/*.in |
		sed -E 's/^(\.Dl )? *(\$ )?dmasim //; s/ *[|>#].*//;
			s/[^ ]*\.p?cap(ng)?(\.[a-z0-9]+)?/gen:imix,frames=9/g' |
		sort -u | while read -r line; do
		printf %s "$line" | tr -s ' ' '\n' \
			>"$dir/argv-$(cksum <<<"$line" | cut -d' ' -f1)"
	done
}

"seeds_$target"
# A target's own corpus comes last: it has what was once found.
[ ! -d "tests/fuzz/corpus/$target" ] ||
	find "tests/fuzz/corpus/$target" -type f -exec cp -t "$dir" {} +
mv "$dir" "$made"
