#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Torture: the n-th allocation, open, read, write ... of every command fails.
#
#	tests/torture.sh BUILD [FAULTS [CASE [KIND]]]	(TAP on stdout)
#
# Each command is run once without a fault, which counts its calls, and then
# once for every fault: with FAULTS (default 1) so many of each kind, evenly
# spread; with "all" one for every way that leads to an allocation and one for
# every other call; with "calls" one for every allocation too.  CASE and KIND
# are shell patterns.  WRAP: a program to run dmasim under.
#
# After a fault, the exit status is 0 and all that was printed and written is
# as without it; or it is 2 or 3, stderr says what failed, and every file is as
# without the fault, as before, or not there.  No temporary file is left.  A
# sweep may also mark the points that could not be run, with status 1.
#
# Functions are called by name, and counts and words split on purpose:
# shellcheck disable=SC2317,SC2086,SC2128
set -euo pipefail
export LC_ALL=C TZ=UTC

build=$(realpath "$1")
faults=${2:-1}
only=${3:-*}
kinds=${4:-*}
src=$(cd "$(dirname "$0")/.." && pwd)
dmasim=${DMASIM:-$build/dmasim}
if grep -qaE '__(asan|tsan)_init' "$dmasim"; then
	echo "ok 1 - torture # SKIP sanitizers replace the allocator themselves"
	exit 0
fi
[ -e "$build/torture.so" ] || {
	echo "not ok 1 - no $build/torture.so: make torture"
	exit 1
}

# KIND HOW: what is injected.  With +, everything of the kind fails from the
# n-th call on, as when memory or the disk has run out.
faults_of='
memory ENOMEM
memory ENOMEM +
open EMFILE
read EIO
read EINTR
read short
write ENOSPC
write ENOSPC +
write EINTR
write short
sync EIO
close EIO
rename EIO
mkdir ENOSPC
unlink EIO
stat EIO
list EIO
thread EAGAIN
spawn EAGAIN
'

# What a case starts from, in the order they are made.
make_inputs() {
	local one='-q -j1 -m gbe-32bit --limit 16' k
	mkdir bin before
	# Draws nothing, soon.
	cat >bin/gnuplot <<-'END'
		#!/bin/sh
		for file; do
			case $file in
			*.gp)
				echo drawn >"${file%.gp}.png"
				echo '<svg viewBox="0 0 9 9"></svg>' >"${file%.gp}.svg"
				;;
			*plots.pdf*) echo drawn >plots.pdf ;;
			esac
		done
	END
	chmod +x bin/gnuplot
	"$dmasim" trace gen -q poisson,rate=1Gbps,size=700,frames=16 -o a.pcap
	# shellcheck disable=SC2086 # several words
	{
		"$dmasim" run $one --annotate a.pcapng --frames frames.csv \
			--format json -o run.json a.pcap
		"$dmasim" run $one -s cost.sg_build=2000 --format json \
			-o other.json a.pcap
		"$dmasim" breakeven -q -j1 -m gbe-32bit --frames 100 \
			--capture-frames 100 --replicates 2 --sizes 64B,1514B \
			--format json -o breakeven.json a.pcap
		for k in 1 2; do
			# Under the name that the cases use.
			mkdir -p ../parts/$k
			(cd ../parts/$k && "$dmasim" sweep $one \
				--axis nic.tx_ring=64,128 --shard $k/2 \
				-o ../../in/part$k ../../in/a.pcap)
			"$dmasim" sweep $one --axis nic.tx_ring=64,128 \
				--shard $k/2 a.pcap >part$k.csv
			"$dmasim" sweep $one --axis nic.tx_ring=64,128 \
				--shard $k/2 --format json a.pcap >part$k.json
		done
	}
	cp -r part1 before/study
	rm before/study/results.*
	cp before/study/points/*.json before/study/points/x.json.tmp.1.0
	printf 'include = b.ini\n[nic]\ntx_ring = 64\n' >a.ini
	printf '[traffic]\nlocal = 10.0.0.0/8\n[machine]\npreset = gbe-32bit\n' \
		>b.ini
	printf 'cost.sg_build,100ns,10ns\n' >prices.csv
	"$dmasim" calibrate -q --time 100ms --l1 32KiB --l2 256KiB --llc 1MiB \
		--dram 4MiB --clock 3GHz --format csv >copies.csv
}

# NAME, what lies in the directory at first (- nothing), the command; files of
# make_inputs are at ../../in.
cases() {
	local q='-q -j1 -m gbe-32bit'
	cat <<-END
		run - run $q ../../in/a.pcap
		run_json - run $q --replicates 2 --format json -o out.json ../../in/a.pcap
		run_xz - run -q -j1 --limit 9 --format csv -o out.csv $src/examples/office.pcap.xz
		run_config - run -q -j1 -c ../../in/a.ini --tx ndis6-copy --filter udp ../../in/a.pcapng
		run_views - run $q --timeline t.json --frames f.csv --annotate a.pcapng ../../in/a.pcap
		run_threads - run -q -j2 -m xge-strict --replicates 2 --format csv ../../in/a.pcap
		run_merge - run $q ../../in/a.pcap ../../in/a.pcapng
		compare - compare $q --capacity-frames 0 --limit 9 ../../in/a.pcap
		compare_capacity - compare $q --tx ndis6-copy,null --rx sg --limit 9 ../../in/a.pcap
		compare_report - compare $q --tx ndis6-sg,ndis6-copy --rx copybreak --capacity-frames 0 --report plots --limit 9 ../../in/a.pcap
		sweep_csv - sweep $q --axis nic.tx_ring=64,128 --axis tx=ndis6-sg,ndis6-copy ../../in/a.pcap
		sweep - sweep $q --axis nic.tx_ring=64,128 --limit 9 -o study ../../in/a.pcap
		sweep_resumed study sweep $q --limit 16 --axis nic.tx_ring=64,128 -o study ../../in/a.pcap
		sweep_small - sweep $q --memory 1KiB --axis nic.tx_ring=64,128 ../../in/a.pcap
		merge - merge ../../in/part1 ../../in/part2 -o joined
		merge_csv - merge ../../in/part1.csv ../../in/part2.csv -o joined.csv
		merge_json - merge ../../in/part1.json ../../in/part2.json --format json -o joined.json
		breakeven - breakeven $q --frames 100 --capture-frames 100 --replicates 2 --sizes 64B,1514B --price ../../in/prices.csv --report plots ../../in/a.pcap
		ndr - ndr $q --tx ndis6-copy --resolution 10% --format json -o ndr.json ../../in/a.pcap
		size - size $q --tx ndis6-copy --rx sg --replicates 1 --format csv -o size.csv ../../in/a.pcap
		sensitivity - sensitivity $q --tx ndis6-sg,ndis6-copy --replicates 2 --trajectories 2 --param cost.dpc --param nic.tx_ring --format json -o s.json ../../in/a.pcap
		probe - probe -j1 -m hsw-3g3 --count 20 --op rd,wr --format json -o probe.json
		explain - explain $q --frame 3 ../../in/a.pcap
		trace_stat - trace stat -q --format json --save-direction d.txt ../../in/a.pcap
		trace_gen - trace gen -q imix,rate=1Gbps,frames=20 -o a.pcap
		trace_convert - trace convert -q ../../in/a.pcapng -o a.pcap
		trace_stdout - trace convert -q ../../in/a.pcap
		report - report -q -o web --pdf ../../in/run.json ../../in/breakeven.json
		report_ascii - report -q --ascii ../../in/run.json
		diff - diff -q --format json -o d.json ../../in/run.json ../../in/run.json
		diff_frames - diff -q ../../in/frames.csv ../../in/frames.csv
		calibrate - calibrate -q --from ../../in/copies.csv --clock 3GHz -o host.ini
		params - params
		params_json - params --format json -o p.json
		presets - presets xge-strict
		strategies - strategies
		metrics - metrics --format json
		routines - routines
		show_config - run -c ../../in/a.ini --show-config
		completion - completion bash
		help - help run
	END
}

# Run the command of this case in w with a fault; what it says goes to out and
# err.  Sets $status, and $said to what is in err.
run_with() {
	local left=(w/*) lines

	if [ ${#left[@]} != 0 ] || [ ! -d w ]; then
		rm -rf w
		mkdir w
	fi
	[ "$start" = - ] || cp -r "../in/before/$start" w
	status=0
	(
		cd w
		PATH=$tmp/in/bin:$PATH
		export TORTURE=$1 TORTURE_COUNT=../count
		[ -z "${2:-}" ] || export TORTURE_PATHS=1
		LD_PRELOAD=$build/torture.so exec timeout -s KILL \
			"${DEADLINE:-60}" ${WRAP:-} "$dmasim" "${command[@]}" \
			>../out 2>../err
	) || status=$?
	mapfile lines <err
	printf -v said %s $'\n' "${lines[@]}"
}

finding() {
	findings=$((findings + 1))
	[ $findings -gt 40 ] && return
	echo "# $1: $2, status $status: dmasim ${command[*]}"
	head -3 err | cut -c 1-300 | sed 's/^/#     /'
}

# Files are as without the fault, as before it, or not there.
judge_files() {
	local file name
	for file in w/**; do
		[ -f "$file" ] || continue
		name=${file#w/}
		if cmp -s "$file" "whole/$name" || [ "${name##*/}" = .lock ] ||
			cmp -s "$file" "../in/before/$name"; then
			continue
		fi
		case $name in
		*.tmp.*) [[ $1 == unlink* ]] || finding "$1" "$name is left" ;;
		*) finding "$1" "$name is not whole" ;;
		esac
	done
}

judge() {
	case $status in
	0)
		harmless=$((harmless + 1))
		if ! cmp -s out out.whole; then
			finding "$1" "status 0, other output"
		elif ! diff -r --exclude=.lock --exclude='*.tmp.*' w \
			whole >differs 2>&1; then
			finding "$1" "status 0, $(head -1 differs)"
		fi
		judge_files "$1"
		;;
	2 | 3)
		[[ $said == *$'\ndmasim: '* ]] || finding "$1" "no message"
		# "Success" is what no call has failed with.
		[[ $said != *Success* ]] || finding "$1" "message without a cause"
		judge_files "$1"
		;;
	1)
		# Points that could not be run say so, and are run again.
		if ! grep -rq failed out w || [[ $command != sweep ]]; then
			finding "$1" "says a check failed"
		fi
		;;
	137) finding "$1" "hangs" ;;
	*) finding "$1" "dies or says something else" ;;
	esac
	[[ ! $said =~ Sanitizer|==[0-9]+==\ .*(lost|Invalid) ]] ||
		finding "$1" "sanitizer"
}

# One kind of fault on this case.
torment() {
	local kind=$1 how=$2 on=${3:-} paths='' count n step=1 allowed
	[ "$kind" = memory ] && [ "$faults" != calls ] && paths=1
	count=$(sed -n "s/^$kind //p" "counts$paths")
	allowed=$count
	case $faults in
	all | calls) ;;
	*) [ "$count" -gt "$faults" ] && allowed=$faults ;;
	esac
	for ((n = 0; n < allowed; n++)); do
		step=$((1 + (2 * n + 1) * count / (2 * allowed)))
		run_with "$kind:$how:$step$on" $paths
		injected=$((injected + 1))
		judge "$kind:$how:$step$on${paths:+ by path}"
	done
}

run_case() {
	local name=$1 start command rest
	local status said findings=0 injected=0 harmless=0 kind how on
	shopt -s globstar dotglob nullglob
	read -r _ start rest < <(cases | grep "^$name ")
	read -ra command <<<"$rest"
	mkdir "$name"
	cd "$name"
	run_with memory:ENOMEM:0
	mv w whole
	mv out out.whole
	mv count counts || :
	run_with memory:ENOMEM:0 1
	mv count counts1 || :
	if [ "$status" != 0 ] || [ ! -s counts1 ]; then
		finding "no fault" "fails"
	else
		while read -r kind how on; do
			# shellcheck disable=SC2053 # a pattern is meant
			[[ -n $kind && $kind == $kinds ]] || continue
			# argp asserts that it has memory for help.
			[[ $name/$kind != help/memory ]] || continue
			torment "$kind" "$how" "$on"
		done <<<"$faults_of"
	fi
	echo "$([ $findings = 0 ] || echo "not ")ok - $name: $injected" \
		"faults, $harmless harmless, $findings findings"
	cd ..
	rm -rf "$name"
}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir in
(cd in && make_inputs)
export tmp build src dmasim faults kinds faults_of
export -f cases run_with finding judge_files judge torment run_case
cases | while read -r name _; do
	# shellcheck disable=SC2053
	if [[ $name == $only ]]; then
		echo "$name"
	fi
done | xargs -P "${JOBS:-$(nproc)}" -I{} bash -euc 'run_case {} >{}.tap 2>&1 ||
	echo "not ok - {}: the test itself fails" >>{}.tap'
status=0 number=0
for tap in *.tap; do
	number=$((number + 1))
	sed "s/^\(not \)\?ok - /\1ok $number - /" "$tap"
	grep -q '^not ok' "$tap" && status=1
done
echo "1..$number"
exit $status
