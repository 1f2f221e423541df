# SPDX-License-Identifier: Apache-2.0
# dmasim: build, test, install. `make help` lists the targets.
O ?= build
CC ?= gcc
CFLAGS ?= -O2 -g
STD := -std=gnu11 -ffp-contract=off -fno-math-errno -I. -pthread
WARN := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla -Wwrite-strings -Wundef
ALL_CFLAGS = $(STD) $(WARN) $(CFLAGS) -MMD -MP
LIBS := -lpcap -larchive -ljansson -linih -lmd -ljemalloc -pthread

FOLDERS := core traces models reports cmd
srcs = $(sort $(wildcard $(1)/*.c $(1)/*/*.c))
objs = $(patsubst %.c,$(O)/%.o,$(call srcs,$(1)))
ALL_OBJS := $(foreach f,$(FOLDERS),$(call objs,$(f)))

all: $(O)/dmasim

$(O)/dmasim: $(call objs,cmd) $(foreach f,reports models traces core,$(O)/lib$(f).a)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

define archive
$(O)/lib$(1).a: $(call objs,$(1))
	rm -f $$@ && $(AR) rcs $$@ $$^
endef
$(foreach f,core traces models reports,$(eval $(call archive,$(f))))

$(O)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

UNIT := $(patsubst tests/unit/%.c,$(O)/unit/%,$(sort $(wildcard tests/unit/*.c)))
$(O)/unit/%: $(O)/tests/unit/%.o $(foreach f,reports models traces core,$(O)/lib$(f).a)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(LIBS)

clean:
	rm -rf $(O)

.PHONY: all clean
-include $(ALL_OBJS:.o=.d)
