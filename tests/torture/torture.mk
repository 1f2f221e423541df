# SPDX-License-Identifier: Apache-2.0
# Torture and kills: see docs/reliability.md.
#
#	make torture			every way to an allocation, every call
#	make torture T='run*' FAULTS=50	a sample of some commands
#	make torture-leaks		some of each, under valgrind
#	make kills			50 kills of a study of 200 points
#
# `make check` takes a few faults of each kind and a few kills.

TORTURE := $(O)/torture.so

$(TORTURE): tests/torture/shim.c
	@echo "  LINK  $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(STD) $(WARN) -O2 -g -fPIC -shared -o $@ $<

torture: all ## fail every allocation, read, write ... of every command in turn
	@tests/install-deps.sh build test
	+@$(PARALLEL) $(TORTURE)
	@tests/torture.sh $(O) $(or $(FAULTS),all) '$(or $(T),*)'

# The shim's own malloc must not be taken for the C library's.
MEMCHECK := valgrind -q --soname-synonyms=somalloc=nouserintercepts \
	--leak-check=full --errors-for-leak-kinds=definite

torture-leaks: ## FAULTS (2) of each kind under valgrind: nothing may be lost
	@tests/install-deps.sh build test gate
	+@$(PARALLEL) O=$(O)-valgrind CFLAGS="-O1 -g" MALLOC= all \
		$(O)-valgrind/torture.so
	@DMASIM_SANDBOX=off DEADLINE=300 WRAP="$(MEMCHECK)" \
		tests/torture.sh $(O)-valgrind $(or $(FAULTS),2) '$(or $(T),*)'

kills: all ## kill studies, commands and writers, 50 times and more
	@tests/install-deps.sh build test
	@tests/kills.sh $(O)/dmasim 50 200

.PHONY: torture torture-leaks kills
