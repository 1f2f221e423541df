# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Emphasis is for terminals, and can be refused.
gen=gen:poisson,rate=50kpps,size=700,frames=500
compare="$DMASIM compare -q -m xge-strict --capacity-frames 0 $gen"
escapes() { grep -c $'\033\\[1m'; }

on_terminal() { env -u NO_COLOR "$@" script -qec "$compare" /dev/null; }

echo "terminal: $(on_terminal TERM=xterm | escapes) lines with emphasis"
echo "dumb: $(on_terminal TERM=dumb | escapes)"
echo "NO_COLOR: $(on_terminal TERM=xterm NO_COLOR=1 | escapes)"
echo "empty NO_COLOR: $(on_terminal TERM=xterm NO_COLOR= | escapes)"
echo "pipe: $(TERM=xterm $compare | escapes)"
echo "file: $(TERM=xterm script -qec "$compare -o file" /dev/null | escapes)" \
	"$(escapes <file)"
# Nothing but emphasis differs.
on_terminal TERM=xterm | sed 's/\x1b\[[0-9;]*m//g; s/\r$//' >terminal
$compare >plain
cmp plain terminal
