#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What is killed, cut or written twice is never lost when it was finished, and
# never read as good when it was not.
#
#	tests/kills.sh DMASIM [KILLS [POINTS]]	(TAP on stdout)
#
# Runs a study of POINTS (a multiple of 4; 60) with -j1, with -j2, in three
# shards that are merged, and whole and in shards with KILLS (8) kill -9 at
# random moments, each followed by a resumption; all directories must be equal.
# Kills commands that write one file or directory KILLS times; cuts results at
# KILLS places; lets two writers loose on one name.  SEED picks the moments.
set -euo pipefail
export LC_ALL=C

dmasim=$(realpath "$1")
kills=${2:-8}
points=${3:-60}
seed=${SEED:-$$}
RANDOM=$seed
echo "# SEED=$seed"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
number=0
status=0

traffic=gen:poisson,rate=200kpps,size=300,frames=300
# shellcheck disable=SC2054 # commas are the sweep's
study=(sweep -q --axis "nic.tx_ring=64..$((16 * points))/64"
	--axis traffic.speed=1,2 --axis tx=ndis6-sg,ndis6-copy "$traffic")
sweep() { "$dmasim" "${study[@]}" "$@"; }

# Whether all was well (0), and what; file "why" tells why not.
check() {
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
		head -5 why | sed 's/^/# /'
		status=1
	fi
}

# The directory is that of the study that was left alone.
check_study() {
	local wrong=0
	diff -r whole "$1" >why 2>&1 || wrong=1
	check $wrong "$2"
}

millis() { echo $(($(date +%s%N) / 1000000)); }
# Sets $length: how long a command takes.
measure() {
	local start
	start=$(millis)
	"$@"
	length=$(($(millis) - start))
}

# Kill a command within the time it would take.  False when it had ended.
killed() {
	local pid at=$((RANDOM % (length + 1)))
	"$@" >/dev/null 2>&1 &
	pid=$!
	sleep "$((at / 1000)).$(printf '%03d' $((at % 1000)))"
	kill -9 $pid 2>/dev/null || :
	! wait $pid 2>/dev/null
}

# --- studies ---

sweep -j 1 -o whole
ls whole/points/*.json >files
[ "$(wc -l <files)" = "$points" ] || echo "$(wc -l <files) points" >why
check $(($(wc -l <files) != points)) "$points points"
measure sweep -j 2 -o two
whole_length=$length
check_study two "-j2: the bytes of -j1"
for k in 1 2 3; do
	measure sweep -j 2 --shard $k/3 -o part$k
done
shard_length=$length
"$dmasim" merge part1 part2 part3 -o joined
check_study joined "three shards, merged"

# Until KILLS hit; what was done is done again from the start.
kill_study() {
	local dir=$1 hits=0
	shift
	while [ $hits -lt "$kills" ]; do
		if killed "$dmasim" "${study[@]}" -j 2 -o "$dir" "$@"; then
			hits=$((hits + 1))
		else
			sweep -j 2 -o "$dir" "$@"
			rm -rf "$dir.done"
			mv "$dir" "$dir.done"
		fi
	done
	sweep -j 2 -o "$dir" "$@"
}
length=$whole_length
kill_study again
check_study again "$kills kills, then resumed"
if [ -e again.done ]; then
	check_study again.done "done after kills"
fi
length=$shard_length
for k in 1 2 3; do
	kill_study shard$k --shard $k/3
done
"$dmasim" merge shard1 shard2 shard3 -o shards
check_study shards "$kills kills of each of three shards, merged"

# --- commands that write one file or directory ---

# NAME, then a command that writes NAME: whole, or not there.
kill_command() {
	local what="$2: $kills kills" name=$1 wrong=0 hits=0 there=0
	shift
	measure "$dmasim" "$@"
	rm -rf keep
	mv "$name" keep
	: >why
	while [ $hits -lt "$kills" ]; do
		hits=$((hits + 1))
		killed "$dmasim" "$@" || :
		if [ -f "$name" ]; then
			there=$((there + 1))
			cmp "$name" keep >>why 2>&1 || wrong=1
		elif [ -d "$name" ]; then
			compare_whole "$name" || wrong=1
		fi
		# gnuplot may still draw.
		until rm -rf "$name" "$name".tmp.* 2>/dev/null; do
			sleep 0.1
		done
	done
	"$dmasim" "$@" >/dev/null
	diff -r --exclude='*.png' --exclude='*.svg' "$name" keep >>why 2>&1 ||
		wrong=1
	rm -rf "$name"
	check $wrong "$what, $there came too late"
}
# What a directory holds of dmasim's is whole; gnuplot's pictures are not its.
compare_whole() {
	local file
	while read -r file; do
		cmp "$1/$file" "keep/$file" >>why 2>&1 || return 1
	done < <(cd "$1" && find . -name '*.json' -o -name '*.csv' -o \
		-name '*.html')
}
one="-q -j 2 -m gbe-32bit --limit 200"
# shellcheck disable=SC2086 # several words
{
	kill_command out.json run $one --format json -o out.json $traffic
	kill_command out.csv compare $one --format csv --capacity-frames 0 \
		-o out.csv $traffic
	"$dmasim" run $one --format json -o run.json $traffic
}
kill_command joined.csv merge part1 part2 part3 -o joined.csv
kill_command a.pcap trace gen -q poisson,rate=1Gbps,frames=20000 -o a.pcap
if [ -n "$(command -v gnuplot)" ]; then
	kill_command web report -q -o web run.json
fi

# --- files that are cut ---

# TITLE, FILE, then a command that must refuse what is left of it.
cut_file() {
	local title=$1 file=$2 size at n wrong=0 got
	shift 2
	cp "$file" uncut
	size=$(stat -c %s uncut)
	: >why
	for ((n = 0; n < kills; n++)); do
		# The last byte is the newline.
		at=$((RANDOM * 32768 % (size - 1) + RANDOM % 32768))
		at=$((at % (size - 1)))
		head -c $at uncut >"$file"
		got=0
		"$dmasim" "$@" >/dev/null 2>said || got=$?
		if [ $got != 2 ] || ! grep -q '^dmasim: .' said; then
			echo "cut at $at of $size: status $got" >>why
			wrong=1
		fi
	done
	cp uncut "$file"
	check $wrong "$title, cut at $kills places, is refused"
}
cut_file "a result" run.json diff run.json run.json
cut_file "a result" run.json report -q --ascii run.json
"$dmasim" "${study[@]}" --shard 1/3 >part1.csv
"$dmasim" "${study[@]}" --shard 1/3 --format json >part1.json
cut_file "CSV of a shard" part1.csv merge part1.csv part2 part3
cut_file "JSON of a shard" part1.json merge --format json part1.json part2 part3
cut_file "a shard's own CSV" part1/results.csv merge part1/results.csv part2 part3

mapfile -t files <files
for ((n = 0; n < kills; n++)); do
	file=${files[RANDOM % points]}
	size=$(stat -c %s "$file")
	truncate -s $((RANDOM % size)) "again/${file#whole/}"
done
sweep -j 2 -o again
check_study again "points cut at $kills places are computed again"

# --- two writers ---

sweep -j 1 -o both >first 2>&1 & one=$!
sweep -j 1 -o both >second 2>&1 & other=$!
got=0 other_got=0
wait $one || got=$?
wait $other || other_got=$?
cat first second >why
case $got/$other_got in
0/0 | 0/3 | 3/0) check 0 "two sweeps on a directory: $got and $other_got" ;;
*) check 1 "two sweeps on a directory: $got and $other_got" ;;
esac
sweep -j 2 -o both
check_study both "and the directory is whole"
for ((n = 0; n < kills; n++)); do
	rm -f twice.pcap
	for writer in 1 2; do
		"$dmasim" trace gen -q constant,frames=2000,seed=$n \
			-o twice.pcap 2>>why && echo $writer >>won &
	done
	wait
	"$dmasim" trace gen -q constant,frames=2000,seed=$n -o expected.pcap \
		--force
	cmp twice.pcap expected.pcap >>torn 2>&1 || :
done
{
	cat torn
	[ "$(wc -l <won)" = "$kills" ] || echo "$(wc -l <won) of $kills won"
} >why
check "$(grep -c . why || :)" "two writers of a file: one wins, $kills times"
echo "1..$number"
exit $status
