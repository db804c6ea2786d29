# SPDX-License-Identifier: GPL-2.0
# dmatrace: `make help` is the contents page.

# A file for each CPU at a time, unless -j says otherwise; makes that this one runs share them.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc) --no-print-directory
endif

OUTPUT  ?= .output
# of the BPF objects: the same whatever the program around them is built for
BPF_OUTPUT ?= $(OUTPUT)
PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/sbin
MANDIR  ?= $(PREFIX)/share/man

CROSS_COMPILE ?=
SYSROOT ?=
ifneq ($(origin CC),environment)
ifneq ($(origin CC),command line)
CC      := $(CROSS_COMPILE)gcc
endif
endif
CLANG   ?= clang
STRIP   ?= llvm-strip
BPFTOOL ?= $(or $(shell command -v bpftool),/usr/sbin/bpftool)
PKG_CONFIG ?= pkg-config
PACKAGES   := libbpf json-c smartcols sqlite3 yaml-0.1 libmicrohttpd gsl libseccomp

# Architecture of the target, as bpf_tracing.h names it
MACHINE := $(shell $(CC) -dumpmachine | cut -d- -f1)
BPF_ARCH := $(patsubst x86_64,x86,$(patsubst aarch64,arm64,$(MACHINE)))
TRIPLET := $(shell $(CC) -print-multiarch)

ifneq ($(SYSROOT),)
SYSROOT_FLAGS := --sysroot=$(SYSROOT)
export PKG_CONFIG_SYSROOT_DIR := $(SYSROOT)
export PKG_CONFIG_LIBDIR := $(SYSROOT)/usr/lib/$(TRIPLET)/pkgconfig:$(SYSROOT)/usr/share/pkgconfig
endif

CFLAGS   ?= -O2 -g
SANITIZE := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all
WARNINGS := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wvla -Wno-missing-field-initializers \
	    -Wformat -Wformat-security

# What makes errors of a program that root runs harder to exploit; not with sanitizers, which see
# more.  Before CFLAGS and LDFLAGS, which can take back each of them; HARDENING= LINK_HARDENING=
# take back all.  Where there is no optimising, glibc cannot check sizes.
ifeq ($(findstring -fsanitize,$(CFLAGS)),)
HARDENING := -fPIE -fstack-protector-strong -fstack-clash-protection \
	     $(if $(filter x86,$(BPF_ARCH)),-fcf-protection) \
	     $(if $(filter arm64,$(BPF_ARCH)),-mbranch-protection=standard) \
	     $(if $(findstring _FORTIFY_SOURCE,$(CFLAGS)),,$(if $(filter-out -O0,$(filter -O%,\
	     $(CFLAGS))),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2))
LINK_HARDENING := -pie -Wl,-z,relro,-z,now,-z,noexecstack
# 'ulimit -s 64' has room for a frame of this size, and those around it
FRAMES := -Wframe-larger-than=24576
endif

VERSION  := $(shell git describe --always --dirty 2>/dev/null || echo unknown)
ALL_CFLAGS = $(WARNINGS) -std=gnu11 -D_GNU_SOURCE -DVERSION='"$(VERSION)"' \
	     -iquote src -iquote . -I$(BPF_OUTPUT) $(SYSROOT_FLAGS) $(HARDENING) $(CFLAGS) $(shell $(PKG_CONFIG) --cflags $(PACKAGES))
ALL_LDFLAGS = $(LINK_HARDENING) $(LDFLAGS)
ALL_LIBS   = $(shell $(PKG_CONFIG) --libs $(PACKAGES)) -lelf -lz -lm -lpthread

# -idirafter: the asm/ headers of the build machine, found only when nothing else has them
BPF_CFLAGS := -g -O2 -fno-strict-aliasing -mcpu=v3 -target bpf -D__TARGET_ARCH_$(BPF_ARCH) \
	      -DARCH_FILE='"arch/$(BPF_ARCH).h"' -Wall -Wextra \
	      -Wno-unused-parameter -idirafter /usr/include/$(shell gcc -print-multiarch)

SOURCES := $(wildcard src/*.c src/*/*.c)
OBJECTS := $(SOURCES:src/%.c=$(OUTPUT)/%.o)
# The BPF objects: what each of them is compiled with.  A run has one, by what the kernel and the
# command can use: libbpf and verifiers take their time over what is not.  Sessions apart, because
# libbpf refuses all programs of an object that calls a kernel function with another prototype than
# the kernel's, and the two that sessions need had others before fsession came.
VARIANT_dmatrace :=
VARIANT_extra := -DWITH_EXTRAS
VARIANT_session := -DSESSIONS
VARIANT_session_extra := -DSESSIONS -DWITH_EXTRAS
VARIANT_counts := -DWITHOUT_LATENCY
VARIANT_counts_extra := -DWITHOUT_LATENCY -DWITH_EXTRAS
VARIANTS := dmatrace extra session session_extra counts counts_extra
SKELETONS := $(VARIANTS:%=$(BPF_OUTPUT)/%.skel.h)
FUZZERS := $(patsubst tests/fuzz/%.c,$(OUTPUT)/%,$(wildcard tests/fuzz/fuzz_*.c))
UNITS   := $(patsubst tests/unit/%.c,$(OUTPUT)/unit/%,$(wildcard tests/unit/test_*.c))
STATIC  := $(SOURCES:src/%.c=$(OUTPUT)/static/%.ok) $(OUTPUT)/static/cppcheck.ok
FOLDERS := $(sort $(dir $(OBJECTS) $(STATIC)))
GOLDEN  := $(filter $(OUTPUT)/unit/test_report% $(OUTPUT)/unit/test_check,$(UNITS))

ifeq ($(V),1)
Q :=
msg =
else ifneq ($(findstring s,$(firstword -$(MAKEFLAGS))),)
Q := @
msg =
else
Q := @
msg = @printf '  %-8s %s\n' '$(1)' '$(notdir $(2))';
endif

.DELETE_ON_ERROR:
.SECONDARY:
# gcc 12 takes for lost what is stored at an index it does not know, or in a tree of tsearch(): of
# leaks clang says more, and check-asan.  It takes reallocarray() for a deallocator of another kind.
ANALYZER := -O1 -fanalyzer -Wno-analyzer-malloc-leak -Wno-analyzer-mismatching-deallocation \
	-fdiagnostics-path-format=none
# What libbpf is given it may keep, unlike a function of the system.  With all its nodes clang takes
# three times as long.
TIDY := --quiet --warnings-as-errors='*' --extra-arg=--no-system-header-prefix=bpf/ \
	$(foreach arg,-analyzer-config max-nodes=40000,--extra-arg=-Xclang --extra-arg=$(arg))
# It knows no macro of libbpf's that declares a variable.  No two threads read one directory, or
# have the time of day told.
CPPCHECK := --quiet --enable=warning,performance,portability --error-exitcode=1 --inline-suppr \
	--std=c11 --library=posix,gnu --suppress=missingInclude \
	--suppress=gmtimeCalled --suppress=readdirCalled \
	--template='{file}:{line}: {message} ({id})' '-DLIBBPF_OPTS(type, name, ...)=struct type name'

.PHONY: all help demo golden check check-unit check-asan units check-lint static check-fuzz \
	fuzzers check-vm bench install uninstall clean vmlinux deps

all: $(OUTPUT)/dmatrace dmatrace	## build ./dmatrace (the default)

dmatrace: $(OUTPUT)/dmatrace
	$(Q)ln -sf $< $@

help:	## this list
	@sed -n 's/^\([a-z-]*\):.*##\s*/\1\t/p' Makefile | expand -t 14
	@echo 'Variables: V=1 CC CFLAGS CROSS_COMPILE SYSROOT OUTPUT DESTDIR PREFIX DMATRACE_CACHE'
	@echo '           LDFLAGS HARDENING LINK_HARDENING'

demo:	## install what is missing, build, and show a report from real drivers in a small VM
	$(Q)+tests/demo.sh

check:	## install what is missing, build, and run every test: units, lints, then the VM matrix
	$(Q)+tests/check.sh

check-unit: all $(UNITS)	## unit and golden tests: no root, seconds
	$(Q)tests/unit/run.sh $(UNITS) $(wildcard tests/unit/test_*.sh)

golden: all $(GOLDEN)	## accept what is printed now as expected; the diff is the review
	$(Q)tests/unit/test_golden.sh --update
	$(Q)GOLDEN_UPDATE=1 tests/unit/run.sh $(GOLDEN)

check-asan: $(SKELETONS)	## unit tests once more, under AddressSanitizer and UBSan
	$(Q)$(MAKE) OUTPUT=$(OUTPUT)/asan BPF_OUTPUT=$(OUTPUT) CFLAGS='$(SANITIZE)' units
	$(Q)DMATRACE=$(OUTPUT)/asan/dmatrace tests/unit/run.sh \
		$(UNITS:$(OUTPUT)/%=$(OUTPUT)/asan/%) $(wildcard tests/unit/test_*.sh)

units: $(OUTPUT)/dmatrace $(UNITS)

check-lint: all	## layers, manual pages against options, style
	$(Q)+tests/lint/run.sh

static: $(STATIC)	## what gcc, clang-tidy and cppcheck say of src/, where it has changed

check-fuzz: all	## made-up bytes as recordings and policies, for a minute
	$(Q)+CLANG=$(CLANG) tests/fuzz/run.sh

fuzzers: $(FUZZERS)

check-vm: all	## VM matrix (ALL=1: every cell); one with KERNEL=6.12 ARCH=arm64 IOMMU=none CASE=...
	$(Q)tests/vm/run.sh

bench: all	## what tracing costs, in instructions, in a VM, and what recordings take
	$(Q)+tests/bench/run.sh

deps:	## install Debian packages needed to build and test
	$(Q)tests/deps.sh

$(sort $(FOLDERS) $(OUTPUT)/unit $(BPF_OUTPUT)):
	$(Q)mkdir -p $@

# clang leaves its labels, which nothing refers to; libbpf goes through all symbols for each program
$(BPF_OUTPUT)/%.bpf.o: bpf/dmatrace.bpf.c | $(BPF_OUTPUT)
	$(call msg,BPF,$@)
	$(Q)$(CLANG) $(BPF_CFLAGS) $(VARIANT_$*) -MMD -MP -MF $@.d -MT $@ -c $< -o $@
	$(Q)$(STRIP) -g --wildcard --strip-symbol='LBB*' $@

$(BPF_OUTPUT)/%.skel.h: $(BPF_OUTPUT)/%.bpf.o
	$(call msg,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf >$@

$(OUTPUT)/%.o: src/%.c | $(FOLDERS) $(SKELETONS)
	$(call msg,CC,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(FRAMES) -MMD -MP -c $< -o $@

$(OUTPUT)/dmatrace: $(OBJECTS)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $^ $(ALL_LIBS) -o $@

$(OUTPUT)/unit/%: tests/unit/%.c $(filter-out $(OUTPUT)/main.o,$(OBJECTS)) | $(OUTPUT)/unit
	$(call msg,UNIT,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -MF $@.d $(ALL_LDFLAGS) $(filter-out %.h,$^) $(ALL_LIBS) \
		-lcmocka -o $@

$(OUTPUT)/fuzz_%: tests/fuzz/fuzz_%.c $(filter-out $(OUTPUT)/main.o,$(OBJECTS))
	$(call msg,FUZZ,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer -MMD -MP -MF $@.d $(filter-out %.h,$^) \
		$(ALL_LIBS) -o $@

# The object is there to be as new as the headers.
$(OUTPUT)/static/%.ok: src/%.c $(OUTPUT)/%.o .clang-tidy | $(FOLDERS)
	$(call msg,STATIC,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(FRAMES) $(ANALYZER) -Werror -c $< -o /dev/null
	$(Q)clang-tidy $(TIDY) $< -- $(ALL_CFLAGS) 2>/dev/null
	$(Q)touch $@

$(OUTPUT)/static/cppcheck.ok: $(SOURCES) $(wildcard src/*/*.h) | $(FOLDERS)
	$(call msg,STATIC,$@)
	$(Q)cppcheck $(CPPCHECK) -Isrc src
	$(Q)touch $@

vmlinux: | $(FOLDERS)	## a full kernel header from the running kernel's BTF, for exploring
	$(Q)$(BPFTOOL) btf dump file /sys/kernel/btf/vmlinux format c >$(OUTPUT)/vmlinux.h
	@echo $(OUTPUT)/vmlinux.h

install: all	## into $(DESTDIR)$(PREFIX)
	install -D -m 755 $(OUTPUT)/dmatrace $(DESTDIR)$(BINDIR)/dmatrace
	install -d $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man7
	install -m 644 man/*.1 $(DESTDIR)$(MANDIR)/man1/
	install -m 644 man/*.5 $(DESTDIR)$(MANDIR)/man5/
	install -m 644 man/*.7 $(DESTDIR)$(MANDIR)/man7/

uninstall:	## take it out again
	rm -f $(DESTDIR)$(BINDIR)/dmatrace $(DESTDIR)$(MANDIR)/man1/dmatrace*.1 \
		$(DESTDIR)$(MANDIR)/man5/dmatrace*.5 $(DESTDIR)$(MANDIR)/man7/dmatrace*.7

clean:	## remove what was built
	rm -rf $(OUTPUT) dmatrace

-include $(OBJECTS:.o=.d) $(SKELETONS:.skel.h=.bpf.o.d) $(UNITS:=.d) $(FUZZERS:=.d)
