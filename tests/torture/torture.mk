# SPDX-License-Identifier: Apache-2.0
# Torture and kills: see docs/reliability.md.
#
#	make torture			every way to an allocation, every call
#	make torture T='run*' FAULTS=50	a sample of some commands
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

kills: all ## kill studies, commands and writers, 50 times and more
	@tests/install-deps.sh build test
	@tests/kills.sh $(O)/dmasim 50 200

.PHONY: torture kills
