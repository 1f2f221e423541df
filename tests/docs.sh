#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Run the examples of a text: each must succeed.
#
#	tests/docs.sh BUILD FILE...	(TAP on stdout)
#	tests/docs.sh --list FILE...	(those that have an example)
#
# FILE is a *.md file, a manual page (*.in), or "help": all that --help and
# `dmasim help TOPIC` show.  An example is
#	- a line "$ dmasim ..." of a code block, or `.Dl $ dmasim ...`;
#	- a whole block (```sh, or .Bd -literal) that has a line "dmasim ...";
#	- a line "  dmasim ..." that help prints.
# A block that cannot run here is marked in the line before it, `<!-- not run:
# WHY -->` or `.\" not run: WHY`, and is skipped.  The example of a page about a
# configuration file must be read without an error.
#
# An example runs in a directory that holds what it names and does not make:
# captures (*.pcap, *.pcapng, *.pcap.xz) are the beginning of the bundled one,
# other files with a path those of the project, results (*.json) of a run on
# that beginning, shards (part1) of rings.ini, tables measurements of
# tests/calibration; CAPTURE and the like in help stand for such names.  What
# measures or searches for long does so for a moment.
set -euo pipefail
export LC_ALL=C

examples() {
	case $1 in
	help) help_examples ;;
	*.in) awk -v first='^\\.Bd -literal' -v last='^\\.Ed' "$blocks" "$1" |
		sed 's/\\(dq/"/g; s/\\(aq/'"'"'/g; s/\\e/\\/g; s/\\-/-/g' ;;
	*) awk -v first='^```' -v last='^```$' "$blocks" "$1" ;;
	esac
}
# Examples, each with a form feed behind it.
# shellcheck disable=SC2016 # awk's variables
blocks='
	function end() {
		if (runs || skipped)
			printf "%s\f", skipped ? "# SKIP " skipped : block
		on = runs = 0
		block = skipped = ""
	}
	/not run: / { why = $0; sub(/.*not run: /, "", why); sub(/ -->/, "", why)
		next }
	sub(/^(\.Dl +)? *\$ dmasim /, "dmasim ") { printf "%s\f", $0; next }
	on && $0 ~ last { end(); next }
	!on && $0 ~ first { on = 1; other = /^```[^s]/; skipped = why; why = ""; next }
	on { block = block $0 "\n"; if (!other && /^(build\/)?dmasim /) runs = 1 }
	{ why = "" }'

help_examples() {
	local command topic
	{
		"$build/dmasim" --help
		for command in $(help_names Commands); do
			"$build/dmasim" "$command" --help
		done
		for command in $("$build/dmasim" trace --help |
			awk '/^  [a-z]+  / { print $1 }'); do
			"$build/dmasim" trace "$command" --help
		done
		for topic in $(help_names Topics); do
			"$build/dmasim" help "$topic"
		done
	} | sed -n 's/^ \{2,4\}\(dmasim \)/\1/p' |
		sed 's/KEY=FIRST\.\.LAST.xFACTOR/nic.tx_ring=64,128/
			s/ NAME KEY$/ xge-64bit nic.tx_ring/; s/--frame N/--frame 8/
			s/CAPTURE/office.pcap.xz/; s/-o DIR/-o study/' |
		awk '!seen[$0]++ { printf "%s\f", $0 }'
}
help_names() {
	"$build/dmasim" --help | awk -v part="$1:" '
		$0 == part { on = 1; next } /^$/ { on = 0 } on { print $1 }'
}

# Give the current directory what an example names.
furnish() {
	local text=$1 word
	for word in $text; do
		word=${word%;}
		case $word in
		'>~/'*)
			word=${word#*/}
			mkdir -p "${word%/*}"
			continue
			;;
		/* | -* | *\"* | *\'* | *://*) continue ;;
		*/*) mkdir -p "${word%/*}" ;;
		esac
		if [[ $word == */* && $word != *.pcap* && -f $root/$word ]]; then
			cp "$root/$word" "$word"
			continue
		fi
		case $word in
		long.pcap) "$real" trace gen -q --force constant,rate=1pps,frames=1200 \
			-o "$word" ;;
		*.pcap | *.pcapng | *.pcap.?z) cp "$tmp/base.pcap" "$word" ;;
		*.json) cp "$tmp/base.json" "$word" ;;
		rings.ini) cp "$tmp/rings.ini" . ;;
		examples/*.conf) cp "$root/$word" "$word" ;;
		*.conf | *.ini) printf '[nic]\ntx_ring = 128\n' >"$word" ;;
		part[12]) cp -r "$tmp/$word" . ;;
		*part\*) cp -r "$tmp"/part[12] "${word%part*}./" ;;
		part\*.csv) for k in 1 2; do
			cp "$tmp/part$k/results.csv" "part$k.csv"
		done ;;
		measured.csv) if [[ $text == *--price* ]]; then
			printf 'parameter,value,interval\niommu.map,310ns,20ns\n'
		else
			cat "$tmp/frames.csv"
		fi >"$word" ;;
		simulated.csv) cp "$tmp/frames.csv" "$word" ;;
		copies.csv) cp "$tables/memcpy_measured.csv" "$word" ;;
		*.layout.csv) cp "$root/examples/layout/office.layout.csv" "$word" ;;
		lat*.csv) cp "$tables/dma_lat_vs_size.csv" "$word" ;;
		bandwidth.csv | bw.csv) cp "$tables/dma_bw_vs_size.csv" "$word" ;;
		esac
	done
	# What an example writes is not there yet.
	while read -r word; do
		case $word in
		/* | *'$'* | '~'*) ;;
		*) rm -rf "$word" ;;
		esac
	done < <(grep -oE -e "$written *[^ ]+" <<<"$text" | sed -E "s/^$written *//")
}

written='(-o|>|--timeline|--frames|--annotate|--save-direction|--report)'

if [ "$1" = --list ]; then
	shift
	for file in "$@"; do
		[ "$file" != help ] && [ -z "$(examples "$file")" ] ||
			echo "$file"
	done
	exit
fi
build=$(realpath "$1")
shift
cd "$(dirname "$0")/.."
root=$PWD
tables=$root/tests/calibration
failed=0
number=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

limit=2000
[ "$1" != help ] || limit=200
real=$build/dmasim
"$real" trace convert examples/office.pcap.xz --limit $limit -q \
	-o "$tmp/base.pcap"
"$real" run "$tmp/base.pcap" -q --format json -o "$tmp/base.json" \
	--frames "$tmp/frames.csv"
cat >"$tmp/rings.ini" <<'END'
[study]
captures = gen:poisson,rate=100kpps,size=300,frames=100
machines = gbe-32bit
[axes]
nic.tx_ring = 64..512 x 2
END
for k in 1 2; do
	"$real" sweep -q --study "$tmp/rings.ini" --shard $k/2 -o "$tmp/part$k"
done
mkdir "$tmp/bin"
cat >"$tmp/bin/dmasim" <<END
#!/bin/sh
case " \$* " in
" calibrate "*" --from "*) ;;
" calibrate "*) set -- "\$@" --time 100ms --l1 32KiB --l2 256KiB --llc 1MiB \\
	--dram 4MiB ;;
" sensitivity "*" --trajectories "*) ;;
" sensitivity "*) set -- "\$@" --trajectories 1 --replicates 2 ;;
" breakeven "*" --sizes "*) ;;
" breakeven "*) set -- "\$@" --sizes 64B,1514B --frames 200 \\
	--replicates 2 ;;
" compare "*" --capacity-frames "*) ;;
" compare "*) set -- "\$@" --capacity-frames 200 ;;
" ndr "*" --whatif "*) set -- "\$@" --tx ndis6-copy --resolution 20% ;;
" run gen:"*" --limit "*) ;;
" run gen:"*) set -- "\$@" --limit 1000 ;;
esac
exec "$real" "\$@"
END
chmod +x "$tmp/bin/dmasim"
export PATH=$tmp/bin:$PATH

for file in "$@"; do
	while IFS= read -r -d $'\f' text; do
		number=$((number + 1))
		title="$file: $(head -1 <<<"$text")"
		if [[ $text == '# SKIP '* ]]; then
			echo "ok $number - $file: a block $text"
			continue
		fi
		text=${text//build\/dmasim/dmasim}
		rm -rf "$tmp/cwd"
		mkdir "$tmp/cwd"
		cd "$tmp/cwd"
		furnish "$text"
		if HOME=$tmp/cwd timeout "${DEADLINE:-120}" \
			bash -e -o pipefail -c "$text" \
			>"$tmp/out" 2>&1 </dev/null; then
			echo "ok $number - $title"
		else
			echo "not ok $number - $title"
			tail -5 "$tmp/out" | sed 's/^/# /'
			failed=1
		fi
		cd "$root"
	done < <(examples "$file")
	[[ $file == *.conf.5.in ]] || continue
	number=$((number + 1))
	sed -n '/^\.Bd -literal/,/^\.Ed/{/^\.[BE]d/!p}' "$file" >"$tmp/conf"
	if dmasim params -c "$tmp/conf" >/dev/null 2>"$tmp/out"; then
		echo "ok $number - $file: its example is read"
	else
		echo "not ok $number - $file: its example is read"
		sed 's/^/# /' "$tmp/out"
		failed=1
	fi
done
exit $failed
