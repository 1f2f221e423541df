#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Soak: random studies over all captures, for a long time.
#
#	tests/soak.sh DMASIM SECONDS [SEED]	(make soak TIME=3600)
#
# Each round draws a capture, a machine, strategies, a parameter, options of
# traffic and now and then a fault, runs them, runs the same again with another
# number of threads, and compares results and frames byte by byte; every fifth
# round is a sweep, cut into shards and joined against the whole.  An exit
# status of a crash or of a sanitizer, a check that failed, a difference, or a
# largest resident size more than twice that of the first round of the same
# capture and machine fails.  The last lines are a summary; a failed round
# prints the command that shows it.
#
# Captures: those of ../shared, damaged ones too, where there are any, the
# bundled one, and generated ones.
set -euo pipefail
export LC_ALL=C TZ=UTC

dmasim=$(realpath "$1")
seconds=$2
seed=${3:-1}
cd "$(dirname "$0")/.."
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
RANDOM=$seed

captures=(examples/office.pcap.xz "gen:imix,rate=2Gbps,frames=20000"
	"gen:poisson,rate=1Mpps,size=60,frames=20000"
	"gen:onoff,rate=5Gbps,size=1514,frames=20000")
for path in ../shared/captures/{,bad/}*{cap*,.dmp*}; do
	[ -f "$path" ] && captures+=("$path")
done
# Names in a table of the program.
names() {
	"$dmasim" "$1" --format json | jq -r ".[] | select($2) | .name"
}
mapfile -t machines < <(names presets '.kind == "machine"')
mapfile -t tx < <(names strategies '.direction == "tx"')
mapfile -t rx < <(names strategies '.direction == "rx"')
# shellcheck disable=SC2034 # by name, in one_of
options=("" "--speed 2x" "--speed 10x" "--loop 2" "--skip 7" "--window 64KiB"
	"--filter tcp" "--replicates 2" "--direction tx" "--direction rx"
	"--from 1ms" "--sample-flows 1/4" "--rate 3Gbps" "--rate 500kpps")
# shellcheck disable=SC2034
settings=("" "nic.tx_ring=32" "nic.rx_ring=64" "hal.pool=48" "host.cores=4"
	"iommu.mode=strict" "nic.moderation=0" "nic.lso=no" "traffic.mtu=9000B"
	"run.warmup=1ms" "layout.mdl=fragments")
mapfile -t faults < <("$dmasim" run --help |
	sed -n '/^Kinds of --inject/,$ s/^  \([a-z_]*\)  .*/\1/p')
[ ${#machines[@]} -gt 0 ] && [ ${#tx[@]} -gt 0 ] && [ ${#rx[@]} -gt 0 ] &&
	[ ${#faults[@]} -gt 0 ]

one_of() {
	local -n from=$1
	REPLY=${from[RANDOM % ${#from[@]}]}
}

rounds=0 failed=0 refused=0 largest=0
declare -A first_size

fail() {
	failed=$((failed + 1))
	printf 'FAILED %s: dmasim %s\n' "$1" "$2"
	tail -5 "$tmp/said" | sed 's/^/    /'
}

# Run into $tmp/$1; sets status and size (KiB).
run() {
	local out=$1
	shift
	status=0
	command time -q -f %M -o "$tmp/size" timeout -s KILL 600 "$dmasim" "$@" \
		>"$tmp/$out" 2>"$tmp/said" || status=$?
	size=$(tail -1 "$tmp/size")
}

check_size() {
	local key=$1
	[ "$status" -le 1 ] || return 0
	[ "$size" -gt "$largest" ] && largest=$size
	if [ -z "${first_size[$key]:-}" ]; then
		first_size[$key]=$size
	elif [ "$size" -gt $((2 * first_size[$key])) ]; then
		fail "$size KiB, ${first_size[$key]} in the first" "$command"
	fi
}

# A deadlock is a result, and a failed check of the books is a defect.
only_deadlocks() {
	jq -e '[.runs[] | select(.deadlock == null) | .checks[]?, {ok: true} |
		select(.ok | not) | .name] - ["warm-up"] == []' "$1" >/dev/null
}

sound() {
	! grep -q Sanitizer "$tmp/said" || return 1
	case $status in
	0) ;;
	1) only_deadlocks "$tmp/a" ;;
	2 | 64) refused=$((refused + 1)) ;; # an input or a combination
	*) false ;;
	esac
}

same_frames() {
	local files=("$tmp"/frames.*)

	[ ! -e "${files[0]}" ] || cmp -s "$tmp/frames.a" "$tmp/frames.b"
}

round() {
	local args=(run -q --format json --limit 20000 --seed "$RANDOM")
	local capture machine before=0
	one_of machines && machine=$REPLY && args+=(-m "$machine")
	one_of tx && args+=(--tx "$REPLY")
	one_of rx && args+=(--rx "$REPLY")
	# shellcheck disable=SC2206 # words of one line
	one_of options && args+=($REPLY)
	one_of settings && args+=(${REPLY:+--set "$REPLY"})
	[ $((RANDOM % 4)) != 0 ] || { one_of faults && args+=(--inject "$REPLY"); }
	one_of captures && capture=$REPLY && args+=("$capture")
	command="${args[*]}"
	rm -f "$tmp"/frames.*
	run a "${args[@]}" -j 1 --frames "$tmp/frames.a"
	before=$status
	sound || { fail "status $status" "$command"; return; }
	check_size "$capture $machine"
	run b "${args[@]}" -j 3 --frames "$tmp/frames.b"
	if [ "$status" != "$before" ] || ! cmp -s "$tmp/a" "$tmp/b" ||
		! same_frames; then
		fail "-j 1 and -j 3 differ" "$command"
	fi
}

study() {
	local args capture
	one_of machines
	args=(sweep -q --yes --limit 3000 -m "$REPLY" --axis
		"nic.tx_ring=64,128,256,512")
	one_of captures && capture=$REPLY && args+=("$capture")
	command="${args[*]}"
	rm -rf "$tmp"/{whole,one,two,both}
	run a "${args[@]}" -o "$tmp/whole"
	sound || { fail "status $status" "$command"; return; }
	[ "$status" = 0 ] || return 0
	run a "${args[@]}" --shard 1/2 -j 1 -o "$tmp/one"
	run a "${args[@]}" --shard 2/2 -j 2 -o "$tmp/two"
	run a merge -q "$tmp/one" "$tmp/two" -o "$tmp/both"
	cmp -s "$tmp/whole/results.csv" "$tmp/both/results.csv" ||
		fail "shards and whole differ" "$command"
}

SECONDS=0
while [ $SECONDS -lt "$seconds" ]; do
	rounds=$((rounds + 1))
	if [ $((rounds % 5)) = 0 ]; then study; else round; fi
done
echo "soak: $rounds rounds in $SECONDS s, seed $seed, ${#captures[@]}" \
	"captures, ${#machines[@]} machines, $refused refused inputs"
echo "soak: largest resident size $((largest / 1024)) MiB, $failed failed"
[ $failed = 0 ]
