# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What holds for every command of `dmasim --help`, one row a command:
#
#	option	an unknown option is a usage error, said on stderr alone
#	word	so is one argument too many, or one that is missing
#	input	an input that is not there, and one that is none: 2
#	data	stdout is not empty, and -q silences stderr without changing it
#	full	standard output on a full disk: 3
#	pipe	standard output that is closed: 3
#	exists	-o refuses a file that exists, and leaves it alone
#	force	--force replaces it, with what stdout would have got
#	left	nothing is left behind by what failed
#
# "-" stands where a command has no such option or input.

traffic=gen:constant,rate=1Gbps,frames=100
run_short=(-m xge-64bit --replicates 2)
few=(--tx ndis6-copy --rx common-copy)

# COMMAND's arguments for a short run, INPUT where its input stands, into good.
arguments() {
	input=$traffic
	case $1 in
	compare) good=("${run_short[@]}" --capacity-frames 0 INPUT) ;;
	run) good=("${run_short[@]}" INPUT) ;;
	breakeven) good=("${run_short[@]}" --frames 100 --sizes "64B,128B"
		--capture-frames 100 INPUT) ;;
	ndr) good=("${run_short[@]}" "${few[@]}" --resolution 20% INPUT) ;;
	size) good=(-m xge-64bit --replicates 1 "${few[@]}" INPUT) ;;
	explain) good=(-m xge-64bit --frame 8 INPUT) ;;
	sensitivity) good=("${run_short[@]}" --trajectories 0
		--param host.clock INPUT) ;;
	sweep) good=(--axis "nic.tx_ring=64,128" INPUT) ;;
	merge)
		input=part.csv
		good=(INPUT)
		;;
	calibrate)
		input=copies.csv
		good=(--from INPUT)
		;;
	probe) input='' good=(--count 1000) ;;
	report)
		input=result.json
		good=(--ascii INPUT)
		;;
	diff)
		input=result.json
		good=(--all INPUT result.json)
		;;
	"trace gen") input='' good=("constant,frames=100") ;;
	"trace convert")
		input=few.pcap
		good=(INPUT)
		;;
	trace*) good=(INPUT) ;;
	params | presets | strategies | metrics | routines) input='' good=() ;;
	completion) input='' good=(bash) ;;
	*) return 1 ;;
	esac
}

# ARGUMENTS of the command, with another INPUT, into out and err.
with() {
	local words=("${good[@]/#INPUT/$1}")
	shift
	status=0
	# shellcheck disable=SC2086 # "trace stat" is two words
	"$DMASIM" $command "${words[@]}" "$@" >../out 2>../err || status=$?
}
# The same, on this standard output.
bare() {
	# shellcheck disable=SC2086 # "trace stat" is two words
	"$DMASIM" $command "${good[@]/#INPUT/$input}" 2>../err
}
says() { [ "$status" = "$1" ] && [ "$(wc -l <../err)" = 1 ] && [ ! -s ../out ]; }
has() { grep -q -- "$1" ../help; }
cell() {
	local verdict=ok
	"check_$1" || verdict="FAILED"
	[ -z "$skipped" ] || verdict=-
	skipped=''
	printf ' %-6s' "$verdict"
	[ $verdict = FAILED ] || return
	printf '%s: %s: status %s, stderr: %s\n' "$command" "$1" "$status" \
		"$(head -3 ../err)" >>../failures
}
skip() { skipped=1; }

check_option() {
	with "$input" --nonesuch
	says 64
}
check_word() {
	case ${usage#*OPTION...]} in
	*[[]*...*) skip ;; # any number will do
	*...*) good=() ;; # one at least
	*) good=(one two three) ;;
	esac
	with ''
	arguments "$command"
	says 64
}
check_input() {
	[ -n "$input" ] || { skip; return; }
	with none.file
	says 2 || return
	with text.csv
	says 2 || return
	with .
	says 2
}
check_data() {
	with "$input"
	cp ../out ../data
	[ $status = 0 ] && [ -s ../out ] || return
	with "$input" -q
	[ $status = 0 ] && [ ! -s ../err ] && cmp -s ../out ../data
}
check_full() {
	status=0
	bare >/dev/full || status=$?
	[ $status = 3 ] && grep -q 'No space left' ../err
}
check_pipe() {
	{
		sleep 0.1 # the reader has gone
		bare
		echo $? >../status
	} | :
	status=$(cat ../status)
	[ "$status" = 3 ] && ! grep -q 'Broken pipe' ../err
}
check_exists() {
	has --output=FILE || { skip; return; }
	with "$input" -o text.csv
	says 64 && cmp -s text.csv ../text
}
check_force() {
	has 'instead of to stdout' || { skip; return; }
	with "$input" -q -o text.csv --force
	[ $status = 0 ] && [ ! -s ../err ] && cmp -s text.csv ../data
	local same=$?
	cp ../text text.csv
	return $same
}
check_left() { diff <(ls -A) ../files >/dev/null; }

mkdir dir
cd dir || exit
seq 3 >text.csv
cp text.csv ../text
"$DMASIM" run -q $traffic --format json -o result.json
"$DMASIM" sweep -q --axis nic.tx_ring=64,128 $traffic --format csv >part.csv
"$DMASIM" trace gen -q constant,frames=100 -o few.pcap
cp "$SRC/tests/calibration/memcpy_measured.csv" copies.csv
ls -A >../files

skipped=''
columns=(option word input data full pipe exists force left)
printf '%-14s' command
printf ' %-6s' "${columns[@]}"
echo
while read -r command; do
	printf '%-14s' "$command"
	# shellcheck disable=SC2086 # "trace stat" is two words
	"$DMASIM" $command --help >../help
	usage=$(head -1 ../help)
	arguments "$command" || {
		echo "has no row in this test"
		continue
	}
	for column in "${columns[@]}"; do
		cell "$column"
	done
	echo
done < <("$DMASIM" --help | awk '/^Commands:/ { on = 1; next } /^$/ { on = 0 }
	on { print $1 }' | while read -r command; do
	[ "$command" != trace ] || {
		"$DMASIM" trace --help | awk '/^  [a-z]+  / { print "trace " $1 }'
		continue
	}
	echo "$command"
done)
cat ../failures 2>/dev/null
