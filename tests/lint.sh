#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Rules of the house that a compiler does not hold; `make lint` runs this after
# compiling everything with gcc and clang under -Werror.
#
#	tests/lint.sh BUILD [CHECK...]
#
# Prints what breaks a rule and the longest function and file; exits 1 when
# anything broke one.  A CHECK is the name of a lint_* function below.
#
# Checks are called by name, and lists of files (no spaces) split on purpose:
# shellcheck disable=SC2317,SC2046,SC2086,SC2016
set -u
export LC_ALL=C

build=$(realpath "$1")
shift
cd "$(dirname "$0")/.." || exit 1
jobs=${JOBS:-$(nproc)}

# What git would commit, so that untracked scratch is seen too.
files() {
	git ls-files -co --exclude-standard -- "$@" | sort -u |
		while read -r f; do
			[ -f "$f" ] && printf '%s\n' "$f"
		done
}
c_files() { files '*.c' '*.h'; }
scripts() { files '*.sh' .ci/run; }

# Print what stdin holds, under a title; true when it is empty.
none() {
	local lines
	lines=$(head -60)
	[ -z "$lines" ] && return 0
	printf '%s:\n' "$1"
	printf '%s\n' "$lines" | sed 's/^/    /'
	return 1
}

lint_format() {
	c_files | xargs -P "$jobs" -n 8 clang-format --dry-run -Werror 2>&1 |
		grep -E 'error:|warning:' | head -20 |
		none "run clang-format -i"
}

lint_headers() {
	files '*.h' | xargs -P "$jobs" -I{} sh -c '
		printf "#include \"%s\"\nextern int used;\n" "$1" | "$2" -std=gnu11 -I. -Wall \
			-Wextra -Wpedantic -Wundef -DHAVE_JEMALLOC=1 \
			-fsyntax-only -Werror -x c - 2>&1 |
			sed "s,^,$1: ,"' _ {} "${CC:-gcc}" |
		none "a header does not compile alone"
}

lint_cppcheck() {
	cppcheck -q -j "$jobs" --std=c11 --enable=warning,portability \
		--inline-suppr --suppress=missingIncludeSystem \
		--suppressions-list=tests/cppcheck.txt \
		--include=/usr/include/jansson.h \
		-I. -DHAVE_JEMALLOC=1 core traces models reports cmd 2>&1 |
		grep -E ': (error|warning|portability):' | none cppcheck
}

lint_shellcheck() {
	scripts | xargs shellcheck -s bash -x -f gcc 2>&1 | none shellcheck
}

# core <- {traces, models, reports} <- cmd
lint_dependencies() {
	{
		deny core 'traces|models|reports|cmd|tests|bench'
		deny traces 'models|reports|cmd|tests|bench'
		deny models 'traces|reports|cmd|tests|bench'
		deny reports 'traces|models|cmd|tests|bench'
		deny cmd 'tests|bench'
		grep -nE '^#include "\.' $(c_files)
	} | none "core <- {traces, models, reports} <- cmd, by paths from the root"
}
deny() {
	local list
	list=$(files "$1/*.c" "$1/*.h")
	[ -z "$list" ] || grep -HnE "^#include [\"<]($2)/" $list
}

lint_lengths() {
	local table
	table=$(c_files | ctags -L - --languages=C --kinds-C=f --fields=+ne \
		-f - -n 2>/dev/null | awk -F'\t' '
		{
			line = end = 0
			for (i = 3; i <= NF; i++) {
				if ($i ~ /^[0-9]+;"$/) line = $i + 0
				if ($i ~ /^end:/) end = substr($i, 5)
			}
			if (end)
				print end - line + 1, $2 ":" line, $1
		}' | sort -rn)
	echo "longest function: $(head -1 <<<"$table")"
	echo "longest file: $(c_files | grep -v _tables | xargs wc -l |
		grep -v ' total$' | sort -rn | awk 'NR == 1 { print $1, $2 }')"
	echo "functions over 40 lines: $(awk '$1 > 40' <<<"$table" | wc -l) of" \
		"$(wc -l <<<"$table")"
	{
		awk '$1 > 100' <<<"$table"
		c_files | xargs wc -l | awk '$1 > 800 && $2 != "total"'
	} | none "functions over 100 lines, files over 800"
}

lint_spdx() {
	files '*.c' '*.h' '*.cc' '*.cpp' '*.sh' '*.py' '*.mk' '*.in' Makefile \
		.ci/run | while read -r f; do
		head -2 "$f" | grep -q 'SPDX-License-Identifier: ' || echo "$f"
	done | none "no SPDX line at the top"
}

# Words C code does not use: calls that overflow, that a shell reads, that a
# locale or the time of day changes, and unfinished work.
lint_words() {
	local calls='strcpy|strcat|strncpy|strncat|stpcpy|sprintf|vsprintf'
	calls+='|strtok|strtok_r|atoi|atol|atoll|atof|gets|scanf|sscanf|fscanf'
	calls+='|rand|srand|random|drand48|system|popen|alloca|setlocale'
	calls+='|localtime|ctime|asctime|tmpnam|mktemp|tempnam'
	{
		grep -HnE "(^|[^[:alnum:]_>.])($calls)[[:space:]]*\(" $(c_files) |
			grep -vE ':[0-9]+:[[:space:]]*(/?\*)' |
			grep -vE '^tests/.*[^[:alnum:]_](sscanf|popen|system)'
		grep -HnwE 'TODO|FIXME|XXX|HACK' $(c_files; scripts) |
			grep -v '^tests/lint.sh:'
		# A name for a function's type hides nothing; others do.
		grep -HnE '^[[:space:]]*typedef ' $(c_files) |
			grep -vE '^core/sim_time.h:.*sim_time;|[a-z_]+\('
		# What is preloaded has no main() to begin in.
		grep -HnE '__attribute__.*constructor' $(c_files) |
			grep -v '^tests/torture/shim.c:'
	} | none "banned here"
}

# The order of events never rests on floating point from a library.
lint_libm() {
	grep -HnE '#include <math\.h>' $(files 'core/*' 'models/*' 'traces/*') |
		none "no libm below reports/"
}

# Objects hold no writable data: two simulations can run side by side.  Except
# what a signal sets, whether text goes to a terminal, and what exit() has to
# know: that the program returned, and files that are not finished.
lint_globals() {
	find "$build/gcc" -name '*.o' -not -path '*/tests/*' \
		-not -path '*/bench/*' -not -path '*/cmd/interrupted.o' \
		-not -path '*/cmd/snapshot.o' -not -path '*/cmd/main.o' \
		-not -path '*/reports/style.o' \
		-not -path '*/core/outfile.o' -print0 |
		sort -z | xargs -0 objdump -t 2>/dev/null | awk '
		/file format/ { object = $1 }
		$0 ~ /\.(data|bss|tbss|tdata|init_array)([. \t])/ &&
		$0 !~ /\.data\.rel\.ro/ && $0 !~ / d / { print object, $NF }' |
		sed "s,^$build/gcc/,," | none "writable globals"
}

# Paths of somebody's machine.
lint_paths() {
	git ls-files -co --exclude-standard | grep -v '\.\(png\|svg\|xz\|gz\)$' |
		while read -r f; do
			[ -f "$f" ] && grep -HnE \
				'(^|[^[:alnum:]_.$})])/(work|home|root|Users)/' "$f"
		done | grep -v '^tests/lint.sh:' | none "a path of one machine"
}

lint_man() {
	local pages
	pages=$(find "$build/man" -name '*.[1-8]' 2>/dev/null | sort)
	[ -n "$pages" ] || { echo "no manual pages in $build/man"; return 1; }
	mandoc -T lint -W warning $pages 2>&1 | none "mandoc"
}

# Every command has a page; every parameter, metric, preset and strategy that
# a text names exists.
lint_docs() {
	local names
	names=$(mktemp)
	{
		"$build/dmasim" params --format json | jq -r '.. | .key? // empty'
		"$build/dmasim" metrics --format json | jq -r '.. | .name? // empty'
	} | sort -u >"$names"
	{
		"$build/dmasim" --help | awk '/^$/ { on = 0 }
			on { print $1 } /^Commands:/ { on = 1 }' |
			while read -r command; do
				[ -f "man/dmasim-$command.1.in" ] ||
					echo "no page: man/dmasim-$command.1.in"
			done
		files '*.md' 'man/*.in' | while read -r f; do
			grep -noE '`[a-z]+\.[a-z_0-9]+`' "$f" | tr -d '`' |
				while IFS=: read -r line name; do
					case $name in
					*.md | *.c | *.h | *.sh | *.in | *.csv | *.gp | *.conf)
						continue ;;
					esac
					grep -qxF -- "$name" "$names" ||
						echo "$f:$line: unknown name $name"
				done
		done
	} | none "docs out of step with the tables"
	local status=$?
	rm -f "$names"
	return $status
}

# What a command takes, as --help has it, stands in its page or among the
# shared options of dmasim(1), and what a page offers is taken.
lint_options() {
	local tmp shared=man/dmasim.1.in command page
	tmp=$(mktemp -d)
	offered $shared >"$tmp/shared"
	{
		while read -r command; do
			page=man/dmasim-$command.1.in
			taken "$command" | sort -u >"$tmp/taken"
			cat "$tmp/taken" >>"$tmp/all"
			mentioned "$page" | sort -u "$tmp/shared" - |
				comm -23 "$tmp/taken" - |
				sed "s,^,$page: $command takes ,"
			offered "$page" | comm -23 - "$tmp/taken" |
				sed "s,^,$page: $command does not take ,"
		done < <(commands_of_help)
		sort -u "$tmp/all" | comm -23 "$tmp/shared" - |
			sed "s,^,$shared: no command takes ,"
	} | none "options in --help and in manual pages"
	local status=$?
	rm -rf "$tmp"
	return $status
}
commands_of_help() {
	"$build/dmasim" --help |
		awk '/^Commands:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }'
}
# "trace" takes what "trace stat" and so on do.
taken() {
	{
		"$build/dmasim" "$1" --help
		[ "$1" != trace ] || "$build/dmasim" trace --help |
			awk '/^  [a-z]+  / { print $1 }' |
			xargs -I{} "$build/dmasim" trace {} --help
	} | grep -oE '^ +(-[a-z], +)?--[a-z-]+' | grep -oE -e '--[a-z-]+'
}
mentioned() {
	grep -oE 'Fl [\\]?-[a-z-]+' "$1" | sed 's/^Fl [\\]*/-/' | sort -u
}
offered() {
	grep -E '^\.(It|Op).* Fl ' "$1" | grep -oE 'Fl [\\]?-[a-z-]+' |
		sed 's/^Fl [\\]*/-/' | sort -u
}

# Each page of docs/ and each manual page is listed where a reader looks.
lint_index() {
	local page name
	{
		for page in $(files 'docs/*.md' | grep -v README.md); do
			case $page in
			docs/decisions/*) name=${page#docs/decisions/}
				grep -qF "($name)" docs/decisions/README.md ;;
			*) name=${page#docs/}
				grep -qF "($name)" docs/README.md ;;
			esac || echo "docs/README.md does not list $page"
		done
		for page in $(files 'man/*.in'); do
			name=$(basename "$page" .in)
			grep -qF "${name%.*}(${name##*.})" docs/README.md ||
				echo "docs/README.md does not list $name"
		done
	} | none "pages nobody finds"
}

# Rules of DMA on Windows, the code that carries them, the tests.
lint_coverage() {
	tests/coverage.sh "$build" | none "docs/coverage/rules.tsv"
}

# The file that docs/adding-a-strategy.md prints compiles.
lint_walk() {
	awk '/^```c$/ && !seen++ { on = 1; next } /^```$/ { on = 0 } on' \
		docs/adding-a-strategy.md |
		"${CC:-gcc}" -std=gnu11 -I. -Wall -Wextra -Wconversion -Werror \
			-fsyntax-only -x c - 2>&1 | none "docs/adding-a-strategy.md"
}

checks=("$@")
if [ ${#checks[@]} = 0 ]; then
	mapfile -t checks < <(compgen -A function lint_ | sed 's/^lint_//')
fi
failed=0
for check in "${checks[@]}"; do
	"lint_$check" || {
		echo "lint: $check failed"
		failed=1
	}
done
[ $failed = 1 ] || echo "lint: clean (${checks[*]})"
exit $failed
