# SPDX-License-Identifier: BSD-2-Clause
#
# The only makefile.  `make help` lists what it can do.
#
# The folder decides what a file becomes, so adding a file needs no edit:
#
#   lib/**/*.c               the library, $(B)/libweir.a and .so
#   tools/*.c, tools/*/*.c   the command, $(B)/weir (without tools/demo)
#   tools/demo/*/*.c, *.cpp  one program each, $(B)/demo/NAME, linked with
#   tools/demo/common/*.c      these
#   tests/unit/test_*.c      one program each, $(B)/tests/unit/test_NAME
#   tests/proc/test_*.c      the same
#   tests/fault/fault_*.c    the same
#   tests/soak/soak_*.c      the same; `make soak` runs soak_crowd for longer
#   tests/fuzz/fuzz_*.c      one replay program each; `make fuzz` fuzzes them
#   tests/models/*.cpp       one model program each
#   tests/cli/*.sh           one test each, run as they are; so are
#   tests/lint/*.sh            these
#   bench/bench_*.c          one program each, $(B)/bench/bench_NAME
#   bench/report/*.c         $(B)/bench/report, which makes their report
#   bench/peers/*.c, *.cpp   $(B)/bench/bench_peers, without those peers whose
#                              library is not there
#
# Other .c files in those folders, and tests/support/*.c, are linked into
# every program of the folder that needs them.

# ---- `make deps` with other goals: first that, then each in a make of its
# own, because this make has looked for compilers before they were there.
WEIR_ALL_DEPS   := deps deps-arm64 deps-bench
WEIR_DEPS       := $(filter $(WEIR_ALL_DEPS),$(MAKECMDGOALS))
WEIR_AFTER_DEPS := $(filter-out $(WEIR_ALL_DEPS),$(MAKECMDGOALS))
ifneq ($(and $(WEIR_DEPS),$(WEIR_AFTER_DEPS)),)
.NOTPARALLEL:
.PHONY: $(WEIR_DEPS) $(WEIR_AFTER_DEPS)
$(WEIR_DEPS):
	@$(MAKE) --no-print-directory $@
$(WEIR_AFTER_DEPS): $(WEIR_DEPS)
	+@$(MAKE) --no-print-directory $@
else

FLAVOUR ?= release
B       ?= build/$(FLAVOUR)
V       ?= 0
WERROR  ?= 0

PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DATADIR    ?= $(PREFIX)/share
MANDIR     ?= $(DATADIR)/man

ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin CXX),default)
CXX := g++
endif
PKG_CONFIG ?= pkg-config
FUZZ_CC    ?= clang

VERSION := $(shell awk '/define WEIR_VERSION_(MAJOR|MINOR|PATCH)/ \
	{ v = v s $$3; s = "." } END { print v }' include/weir/version.h)
SONAME  := libweir.so.$(firstword $(subst ., ,$(VERSION)))
SOFILE  := libweir.so.$(VERSION)

# What `make deps` installs.  clang is used where it is there (warnings,
# `make fuzz`) and is too large to ask of everybody.
DEPS := gcc g++ libc6-dev pkg-config libck-dev libmsgpack-dev libpcre2-dev \
	libidn2-dev libunistring-dev libzstd-dev zlib1g-dev libncurses-dev libmd4c-dev \
	libcunit1-dev relacy-dev systemtap-sdt-dev tmux mandoc dpkg-dev

DEPS_arm64 := gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
DEPS_bench := libzmq3-dev libnng-dev libqb-dev libboost-dev

# ---- flags: one block per flavour, nothing else differs ---------------------

FLAGS_release := -O2 -g
FLAGS_debug   := -O0 -g3
FLAGS_asan    := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
		 -fno-sanitize-recover=all
FLAGS_tsan    := -O1 -g -fno-omit-frame-pointer -fsanitize=thread -DWI_TSAN
# made by `make fuzz` only
FLAGS_fuzz    := -O1 -g -fno-omit-frame-pointer \
		 -fsanitize=fuzzer-no-link,address,undefined \
		 -fno-sanitize-recover=all
ifeq ($(origin FLAGS_$(FLAVOUR)),undefined)
$(error FLAVOUR must be release, debug, asan or tsan, not "$(FLAVOUR)")
endif

WARN_both := -Wall -Wextra -Wpedantic -Wshadow -Wpointer-arith -Wcast-align \
	     -Wwrite-strings -Wundef -Wvla
WARN_c    := $(WARN_both) -Wconversion -Wstrict-prototypes \
	     -Wmissing-prototypes -Werror=implicit-function-declaration
WARN_cxx  := -Wall -Wextra
ifeq ($(WERROR),1)
WERROR_FLAG := -Werror
endif

# The 16-byte compare-and-swap is an instruction only if we say so.
MACHINE := $(shell $(CC) -dumpmachine 2>/dev/null)
ARCH_FLAGS := $(if $(filter x86_64%,$(MACHINE)),-mcx16)

# Only the platform layer may ask the system for more than POSIX.  Tools and
# benches see only include/: if they need more, the API lacks it.
defines = $(strip $(if $(filter lib/platform/%,$1),-D_GNU_SOURCE,\
	  $(if $(filter lib/%,$1),-D_POSIX_C_SOURCE=200809L,-D_GNU_SOURCE)))
INC_lib   := -Iinclude -Ilib
INC_tools := -Iinclude
INC_bench := -Iinclude
INC_tests := -Iinclude -Ilib -Itests
includes  = $(INC_$(firstword $(subst /, ,$1)))

ALL_CFLAGS   = -std=c11 $(WARN_c) $(WERROR_FLAG) $(ARCH_FLAGS) -fPIC \
	       -fvisibility=hidden $(FLAGS_$(FLAVOUR)) $(CPPFLAGS) $(CFLAGS)
ALL_CXXFLAGS = -std=c++11 $(WARN_cxx) $(WERROR_FLAG) -O2 $(CPPFLAGS) \
	       $(CXXFLAGS)
ALL_LDFLAGS  = $(filter -fsanitize=%,$(FLAGS_$(FLAVOUR))) $(LDFLAGS)

# Asked once, when a recipe first needs the answer.
lazy = $(eval $1 := $2)$($1)
PCRE2_LIBS   = $(call lazy,PCRE2_LIBS,$(shell $(PKG_CONFIG) --libs libpcre2-8))
IDN2_LIBS    = $(call lazy,IDN2_LIBS,$(shell $(PKG_CONFIG) --libs libidn2))
ZSTD_LIBS    = $(call lazy,ZSTD_LIBS,$(shell $(PKG_CONFIG) --libs libzstd))
ZLIB_LIBS    = $(call lazy,ZLIB_LIBS,$(shell $(PKG_CONFIG) --libs zlib))
MD4C_LIBS    = $(call lazy,MD4C_LIBS,$(shell $(PKG_CONFIG) --libs md4c))
CURSES_LIBS  = $(call lazy,CURSES_LIBS,$(shell $(PKG_CONFIG) --libs ncursesw))
CUNIT_LIBS   = $(call lazy,CUNIT_LIBS,$(shell $(PKG_CONFIG) --libs cunit))
MSGPACK_LIBS = $(call lazy,MSGPACK_LIBS,$(shell $(PKG_CONFIG) --libs msgpack \
	       2>/dev/null || $(PKG_CONFIG) --libs msgpack-c))

LIBS_tool  = $(LIBS_lib) $(ZSTD_LIBS) $(ZLIB_LIBS)
LIBS_lib   = $(PCRE2_LIBS) $(IDN2_LIBS) -lpthread
LIBS_tests = $(LIBS_lib) $(CUNIT_LIBS) $(MSGPACK_LIBS) -lm
LIBS_bench = $(LIBS_lib) $(MSGPACK_LIBS) -lm

# ---- what there is -----------------------------------------------------------

LIB_SRC   := $(sort $(shell find lib -name '*.c'))
TOOL_SRC  := $(sort $(filter-out tools/demo/%,\
	     $(wildcard tools/*.c tools/*/*.c)))
DEMO_AID  := $(sort $(wildcard tools/demo/common/*.c))
DEMO_SRC  := $(sort $(filter-out $(DEMO_AID),\
	     $(wildcard tools/demo/*/*.c tools/demo/*/*.cpp)))
BENCH_SRC := $(sort $(wildcard bench/bench_*.c))
REPORT_SRC := $(sort $(wildcard bench/report/*.c))
PEER_SRC  := $(sort $(wildcard bench/peers/*.c bench/peers/*.cpp))
UNIT_SRC  := $(sort $(wildcard tests/unit/test_*.c))
PROC_SRC  := $(sort $(wildcard tests/proc/test_*.c))
FAULT_SRC := $(sort $(wildcard tests/fault/fault_*.c))
SOAK_SRC  := $(sort $(wildcard tests/soak/soak_*.c))
FUZZ_SRC  := $(sort $(wildcard tests/fuzz/fuzz_*.c))
SUITE_SRC := tests/conformance/suite.c
MODEL_SRC := $(sort $(wildcard tests/models/*.cpp))
CLI_TESTS := $(sort $(wildcard tests/cli/*.sh))
LINT_TESTS := $(sort $(wildcard tests/lint/*.sh tests/abi/*.sh))

BENCH_AID := $(filter-out $(BENCH_SRC),$(wildcard bench/*.c))
FUZZ_TOOL := tools/mcap_read.c tools/canvas.c tools/text.c tools/out.c \
	     tools/talk.c tools/progress.c tools/clock.c tools/pretty.c \
	     $(wildcard tools/widget*.c)
FUZZ_AID  := $(filter-out $(FUZZ_SRC),$(wildcard tests/fuzz/*.c))
TEST_AID  := $(filter-out $(UNIT_SRC) $(PROC_SRC) $(FAULT_SRC) $(SOAK_SRC),\
	     $(wildcard tests/support/*.c tests/unit/*.c tests/proc/*.c \
	     tests/fault/*.c tests/soak/*.c)) tests/fuzz/naive.c

obj  = $(addprefix $(B)/obj/,$(addsuffix .o,$(basename $1)))
prog = $(addprefix $(B)/,$(basename $1))

ALL_SRC   := $(LIB_SRC) $(TOOL_SRC) $(DEMO_SRC) $(DEMO_AID) \
	     $(BENCH_SRC) $(BENCH_AID) $(REPORT_SRC) $(PEER_SRC) $(UNIT_SRC) $(PROC_SRC) $(FAULT_SRC) $(SOAK_SRC) \
	     $(FUZZ_SRC) $(FUZZ_AID) $(SUITE_SRC) $(TEST_AID)
DEMOS     := $(addprefix $(B)/demo/,$(basename $(notdir $(DEMO_SRC))))
BENCHES   := $(call prog,$(BENCH_SRC))
PEERS     := $(B)/bench/bench_peers
REPORT    := $(B)/bench/report
UNITS     := $(call prog,$(UNIT_SRC))
PROCS     := $(call prog,$(PROC_SRC))
FAULTS    := $(call prog,$(FAULT_SRC))
SOAKS     := $(call prog,$(SOAK_SRC))
FUZZES    := $(call prog,$(FUZZ_SRC))
MODELS    := $(call prog,$(MODEL_SRC))
WEIR      := $(if $(TOOL_SRC),$(B)/weir)
SHLIB     := $(B)/$(SOFILE) $(B)/$(SONAME) $(B)/libweir.so

# Which tests a flavour runs.  TSan sees races between threads of one process
# and nothing else, at ten times the price: it gets the programs that make
# threads, or say in their name that they do (through a helper).  Single
# stepping through asan's checks costs minutes and finds nothing that the
# release build does not.
C_TESTS     := $(UNITS) $(PROCS) $(FAULTS) $(SOAKS) $(FUZZES)
NOT_asan    := $(B)/tests/fault/fault_kill%
RUN_release := $(C_TESTS) $(CLI_TESTS)
RUN_debug   := $(C_TESTS) $(CLI_TESTS)
RUN_asan    := $(filter-out $(NOT_asan),$(C_TESTS)) $(CLI_TESTS)
RUN_tsan    := $(call prog,$(sort $(shell grep -ls pthread_create /dev/null \
	       $(UNIT_SRC) $(PROC_SRC) $(FAULT_SRC)) \
	       $(wildcard tests/*/test_*threads*.c tests/*/fault_*threads*.c)))
RUN         := $(sort $(RUN_$(FLAVOUR)))

# ---- how things are made -----------------------------------------------------

Q := $(if $(filter 1,$(V)),,@)
say = @$(if $(filter 1,$(V)),:,printf '  %-5s %s\n' '$1' '$2')

.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
.PHONY: FORCE manuals completions deb all lib tools tests test lint models check check-arm64 torture \
	soak fuzz bench conformance interop interop-update demo install \
	uninstall deps deps-arm64 deps-bench clean help abi-update

all: lib tools

lib: $(B)/libweir.a $(SHLIB)
tools: $(WEIR)
tests: $(C_TESTS) $(WEIR) $(DEMOS)

# Other flags than last time: make everything again.
$(B)/flags: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS)' | cmp -s - $@ || \
		echo '$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS)' > $@

$(B)/obj/%.o: %.c $(B)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(call includes,$<) $(call defines,$<) $(ALL_CFLAGS) \
		-MMD -MP -c -o $@ $<

$(B)/obj/%.o: %.cpp $(B)/flags
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CXX) $(call includes,$<) $(ALL_CXXFLAGS) -MMD -MP -c -o $@ $<

$(B)/libweir.a: $(call obj,$(LIB_SRC))
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

# clang's sanitizers leave their symbols open in a shared library
COMMA := ,
ZDEFS := $(if $(filter release debug,$(FLAVOUR)),-Wl$(COMMA)-z$(COMMA)defs)
$(B)/$(SOFILE): $(call obj,$(LIB_SRC)) lib/libweir.map
	$(call say,LD,$@)
	$(Q)$(CC) -shared -Wl,-soname,$(SONAME) \
		-Wl,--version-script=lib/libweir.map $(ZDEFS) \
		-o $@ $(filter %.o,$^) $(ALL_LDFLAGS) $(LIBS_lib)
$(B)/$(SONAME) $(B)/libweir.so: $(B)/$(SOFILE)
	$(Q)ln -sf $(SOFILE) $@

# $(call link,LIBRARIES)
define link
$(call say,LD,$@)
$(Q)mkdir -p $(@D)
$(Q)$(CC) -o $@ $(filter %.o %.a,$^) $(ALL_LDFLAGS) $1
endef

$(B)/weir: $(call obj,$(TOOL_SRC)) $(B)/libweir.a
	$(call link,$(LIBS_tool) $(CURSES_LIBS) $(MD4C_LIBS))
define demo_rule
$(B)/demo/$(basename $(notdir $1)): $(call obj,$1)
$(if $(filter %.cpp,$1),\
$(B)/demo/$(basename $(notdir $1)): LIBS_cxx := -lstdc++)
endef
$(foreach f,$(DEMO_SRC),$(eval $(call demo_rule,$f)))
$(DEMOS): $(call obj,$(DEMO_AID)) $(B)/libweir.a
	$(call link,$(LIBS_lib) $(LIBS_cxx))
$(BENCHES): $(B)/%: $(B)/obj/%.o $(call obj,$(BENCH_AID)) $(B)/libweir.a
	$(call link,$(LIBS_bench))
$(REPORT): $(call obj,$(REPORT_SRC)) $(B)/libweir.a
	$(call link,$(LIBS_lib) -lm)
$(FUZZES): $(B)/%: $(B)/obj/%.o $(call obj,$(FUZZ_AID) $(FUZZ_TOOL)) \
		$(B)/libweir.a
	$(call link,$(LIBS_tool) $(MD4C_LIBS) -lm)

# A peer that has a line here is built if a program that includes this header
# links with this library; tried when somebody wants bench_peers.
NEEDS_peer_zeromq := zmq.h -lzmq
NEEDS_peer_nng    := nng/nng.h -lnng
NEEDS_peer_libqb  := qb/qbrb.h -lqb
NEEDS_peer_boost  := boost/interprocess/interprocess_fwd.hpp -lstdc++
needs      = $(NEEDS_$(basename $(notdir $1)))
peer_try   = $(if $(call needs,$1),$(shell mkdir -p $(B)/obj && \
	     echo 'int main(void) { return 0; }' | \
	     $(if $(filter %.cpp,$1),$(CXX) -x c++,$(CC) -x c) $(CPPFLAGS) \
	     -include $(firstword $(call needs,$1)) -o $(B)/obj/try - $(LDFLAGS) \
	     $(filter -l%,$(call needs,$1)) 2>/dev/null && echo yes),yes)
PEERS_HERE = $(call lazy,PEERS_HERE,$(foreach f,$(PEER_SRC),$(if \
	     $(call peer_try,$f),$f)))
LIBS_peers = $(foreach f,$(PEERS_HERE),$(filter -l%,$(call needs,$f)))

.SECONDEXPANSION:
$(PEERS): $$(call obj,$$(PEERS_HERE)) $(call obj,$(BENCH_AID)) $(B)/libweir.a
	$(call link,$(LIBS_bench) $(LIBS_peers) -lrt)

# An archive, so that a program takes what it uses, and main() only if it
# has none.
$(B)/tests/libsupport.a: $(call obj,$(TEST_AID))
	$(Q)mkdir -p $(@D)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^
$(UNITS) $(PROCS) $(FAULTS) $(SOAKS): $(B)/%: $(B)/obj/%.o $(B)/tests/libsupport.a \
		$(B)/libweir.a
	$(call link,$(LIBS_tests))

$(MODELS): $(B)/%: %.cpp
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CXX) $(ALL_CXXFLAGS) -MMD -MP -MF $@.d -o $@ $<

-include $(patsubst %.o,%.d,$(call obj,$(ALL_SRC))) $(addsuffix .d,$(MODELS))

# ---- running -----------------------------------------------------------------

# What a test script may use.
ENV = B='$(abspath $(B))' FLAVOUR='$(FLAVOUR)' CC='$(CC)' CXX='$(CXX)' \
      PKG_CONFIG='$(PKG_CONFIG)' VERSION='$(VERSION)' V='$(V)' \
      WEIR='$(abspath $(B))/weir' MAKE='$(MAKE)'
RUNNER = $(ENV) tests/support/run.sh

test: $(filter $(B)/%,$(RUN)) $(if $(filter %.sh,$(RUN)),\
		$(WEIR) $(DEMOS) $(REPORT))
	$(Q)$(RUNNER) $(FLAVOUR) $(RUN)

# A model runs the protocol as it is, which must be clean, and once for each
# weakened variant that it lists, which must be caught.
each_variant = for m in $(MODELS); do \
		echo "$$m$1"; \
		$$m --list | sed "s|^\([^[:blank:]]*\).*|$$m$1 --weak \1|"; \
	done
models: $(MODELS)
	$(Q)$(call each_variant) | $(RUNNER) -t 120 models -

# The official test suite of JSON Schema; SUITE=DIRECTORY takes another copy.
SUITE ?=
$(B)/tests/conformance/suite: $(call obj,$(SUITE_SRC)) $(B)/libweir.a
	$(call link,$(LIBS_lib))
conformance: $(B)/tests/conformance/suite
	+$(Q)SUITE='$(SUITE)' $(RUNNER) -t 120 conformance \
		tests/conformance/run.sh

# What Zod says, asked anew, and what the library of MCAP makes of our files;
# needs Node, npm and a network.
interop: $(WEIR)
	$(Q)$(RUNNER) -t 600 interop tests/zod/interop.sh tests/mcap/interop.sh
interop-update:
	$(Q)$(ENV) tests/zod/interop.sh update

lint: manuals completions all
	+$(Q)$(RUNNER) -t 300 lint $(LINT_TESTS)

check:
	+$(Q)$(ENV) tests/support/check.sh

# The same programs, everything instead of a sample, hours for each; what they
# have tried, and how often somebody was killed or stood still.
torture: $(PROCS) $(FAULTS) $(SOAKS) $(MODELS) $(WEIR)
	$(Q){ printf '%s\n' $(FAULTS) $(PROCS) $(SOAKS); \
		$(call each_variant, --torture); } | \
		WEIR_TORTURE=1 $(RUNNER) -n -t 14400 torture -; rc=$$?; \
	cat $(B)/log/torture/*.log | awk '/ points by kill, / \
		{ k += $$3; f += $$7; x += $$10 } END { print "torture: " \
		k + 0 " points by kill, " f + 0 " by freeze, " x + 0 \
		" failures" }'; exit $$rc

# Everybody at once, killed, frozen and ended at random.
MINUTES ?= 1
SEED    ?= $(shell od -An -N4 -tu4 /dev/urandom)
soak: $(B)/tests/soak/soak_crowd $(WEIR)
	$(Q)WEIR_SOAK_SECONDS=$$(($(MINUTES) * 60)) $< --seed $(strip $(SEED))

# libFuzzer, FUZZ_SECONDS for each parser; what it learns stays in
# build/fuzz/corpus, what it breaks in build/fuzz/crash.
FUZZ_SECONDS ?= 30
FUZZ_LINK := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(FUZZ_SRC))
fuzz:
	+$(Q)$(MAKE) --no-print-directory FLAVOUR=fuzz CC=$(FUZZ_CC) \
		B=build/fuzz fuzz-run
.PHONY: fuzz-run
fuzz-run: $(FUZZ_LINK)
	$(Q)FUZZ_SECONDS=$(FUZZ_SECONDS) tests/support/fuzz.sh $(B) $^

# What replays a corpus brings a main of its own; the rest helps here, too.
FUZZ_HELP := $(patsubst %.c,$(B)/obj/%.o,\
	     $(filter-out tests/fuzz/replay.c,$(FUZZ_AID)) $(FUZZ_TOOL))
$(FUZZ_LINK): $(B)/fuzz/%: $(B)/obj/tests/fuzz/%.o $(FUZZ_HELP) $(B)/libweir.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -fsanitize=fuzzer,address,undefined -o $@ $^ $(LDFLAGS) \
		$(LIBS_tool) $(MD4C_LIBS) -lm

# On aarch64: all of it built here by a cross compiler, warnings being errors,
# and the tests of units, processes and parsers run by qemu-user, which emulates
# the instructions but reorders nothing.  What it does not emulate is skipped;
# tests/fault needs ptrace and seccomp throughout.
ARM64      := build/arm64
ARM64_ROOT := $(ARM64)/root
ARM64_LIBS := $(ARM64_ROOT)/usr/lib/aarch64-linux-gnu
ARM64_BASE := $(ARM64_ROOT)/lib/aarch64-linux-gnu
ARM64_USE  := libck-dev libpcre2-dev libpcre2-8-0 libidn2-dev libidn2-0 \
	      libunistring-dev libunistring2 libcunit1-dev libcunit1 \
	      libmsgpack-dev libmsgpackc2 libzstd-dev libzstd1 zlib1g-dev \
	      zlib1g libncurses-dev libncursesw6 libtinfo6 libmd4c-dev libmd4c0
ARM64_CC   ?= aarch64-linux-gnu-gcc
ARM64_CXX  ?= aarch64-linux-gnu-g++
ARM64_RUN  ?= qemu-aarch64 -L /usr/aarch64-linux-gnu \
	      -E LD_LIBRARY_PATH=$(abspath $(ARM64_LIBS)):$(abspath $(ARM64_BASE))
check-arm64:
	+$(Q)$(MAKE) --no-print-directory FLAVOUR=release B=$(ARM64) WERROR=1 \
		CC=$(ARM64_CC) CXX=$(ARM64_CXX) CPPFLAGS='-isystem $(ARM64_ROOT)/usr/include' \
		LDFLAGS='-L$(ARM64_LIBS) -L$(ARM64_BASE) -Wl,-rpath-link,$(ARM64_LIBS):$(ARM64_BASE)' \
		all tests benches arm64-run
.PHONY: arm64-run
arm64-run: $(UNITS) $(PROCS) $(FUZZES)
	$(Q)WEIR_EMULATOR='$(ARM64_RUN)' $(RUNNER) -t 900 arm64 $^

# BENCH="latency throughput" chooses; the report is in build/bench.
BENCH ?= $(patsubst bench/bench_%.c,%,$(BENCH_SRC)) peers
bench: benches
	$(Q)B='$(B)' CC='$(CC)' bench/run.sh $(BENCH)

.PHONY: demos benches
demos: all $(DEMOS)
benches: $(BENCHES) $(PEERS) $(REPORT)
demo: demos
	$(Q)$(ENV) tools/demo/run.sh

abi-update: lib
	$(Q)$(ENV) tests/abi/symbols.sh update

# ---- installing --------------------------------------------------------------

# One list for both ways: source, mode, where to.
HEADERS := $(wildcard include/weir.h) $(sort $(wildcard include/weir/*.h))
MANUALS := $(wildcard tools/*.1 include/*.3 lib/format/*.5 lib/*.7)
# A page is found under each of its names: weir-sub.1 also as weir-get.1.
NAMES_awk = FNR == 1 { n = split(FILENAME, part, "."); on = 0 } \
	/^[.]Sh/ { on = $$2 == "NAME" } \
	on && /^[.]Nm/ { print FILENAME, $$2 "." part[n] }
MAN_PAGES := $(filter-out $(MANUALS),$(shell \
	awk '$(NAMES_awk)' $(MANUALS)))
SCHEMAS := $(wildcard tools/demo/schemas/*.json)
TRACERS := $(wildcard tools/*.bt)
item = $1:$2:$3/$(notdir $1)
INSTALLED := \
	$(foreach f,$(HEADERS),$(call item,$f,644,$(INCLUDEDIR)$(patsubst \
		include%/,%,$(dir $f)))) \
	$(call item,$(B)/libweir.a,644,$(LIBDIR)) \
	$(call item,$(B)/$(SOFILE),755,$(LIBDIR)) \
	$(foreach f,$(WEIR),$(call item,$f,755,$(BINDIR))) \
	$(foreach f,$(MAN_PAGES),$(call item,$(B)/man/$f,644,$(MANDIR)/man$(patsubst \
		.%,%,$(suffix $f)))) \
	$(call item,$(B)/completion/weir,644,$(DATADIR)/bash-completion/completions) \
	$(call item,$(B)/completion/_weir,644,$(DATADIR)/zsh/site-functions) \
	$(foreach f,$(SCHEMAS),$(call item,$f,644,$(DATADIR)/weir/schemas)) \
	$(foreach f,$(TRACERS),$(call item,$f,644,$(DATADIR)/weir)) \
	$(call item,LICENSE,644,$(DATADIR)/doc/weir)
LINKS := $(SONAME) libweir.so
PC    := $(LIBDIR)/pkgconfig/weir.pc

# Folders that install had to make, so that uninstall can take them away.
MADE  := $(B)/made-folders

# Options and verbs are put in from the tables of the command, which has to run
# for that; one that is built for another machine runs by RUN_WEIR.
RUN_WEIR ?= $(WEIR)
manuals: $(B)/man/made
$(B)/man/made: $(WEIR) $(MANUALS) tools/manual.awk
	$(call say,MAN,$(@D))
	$(Q)rm -rf $(@D)
	$(Q)mkdir -p $(@D)
	$(Q)for f in $(MANUALS); do \
		awk -v run='$(RUN_WEIR) help --mdoc ' \
			-f tools/manual.awk $$f > $(@D)/$${f##*/} || exit 1; \
	done
	$(Q)cd $(@D) && awk '$(NAMES_awk)' *.[1-8] | \
		while read -r page name; do \
			[ -e $$name ] || ln -s $$page $$name || exit 1; \
		done
	$(Q)touch $@
completions: $(B)/completion/weir $(B)/completion/_weir
$(B)/completion/%: $(WEIR)
	$(Q)mkdir -p $(@D)
	$(Q)$(RUN_WEIR) completion $(if $(filter _%,$(@F)),zsh,bash) > $@

install: all manuals completions
	$(Q)for i in $(INSTALLED) $(PC); do \
		d="$(DESTDIR)$${i##*:}"; \
		while d=$$(dirname "$$d"); [ ! -d "$$d" ]; do \
			echo "$$d"; \
		done; \
	done | sort -u >> $(MADE)
	$(Q)for i in $(INSTALLED); do \
		from=$${i%%:*} to=$${i##*:} mode=$${i#*:}; mode=$${mode%%:*}; \
		install -D -m $$mode "$$from" "$(DESTDIR)$$to" || exit 1; \
	done
	$(Q)for l in $(LINKS); do \
		ln -sf $(SOFILE) "$(DESTDIR)$(LIBDIR)/$$l" || exit 1; \
	done
	$(Q)mkdir -p "$(DESTDIR)$(dir $(PC))"
	$(Q)sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' \
		-e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' -e 's|@VERSION@|$(VERSION)|' \
		lib/libweir.pc.in > "$(DESTDIR)$(PC)"

deb: all
	$(Q)$(ENV) tools/deb.sh

uninstall:
	$(Q)for i in $(INSTALLED); do rm -f "$(DESTDIR)$${i##*:}"; done
	$(Q)for l in $(LINKS); do rm -f "$(DESTDIR)$(LIBDIR)/$$l"; done
	$(Q)rm -f "$(DESTDIR)$(PC)"
	$(Q)for d in $(INCLUDEDIR)/weir $(DATADIR)/weir/schemas \
		$(DATADIR)/weir $(DATADIR)/doc/weir; do \
		rmdir "$(DESTDIR)$$d" 2>/dev/null || :; \
	done
	$(Q)[ ! -f $(MADE) ] || { sort -ru $(MADE) | while IFS= read -r d; do \
		rmdir "$$d" 2>/dev/null || [ ! -d "$$d" ] || echo "$$d"; \
	done > $(MADE).left && mv $(MADE).left $(MADE); }

deps:
	$(Q)missing=; \
	for p in $(DEPS); do \
		s=$$(dpkg-query -W -f='$${db:Status-Status}' $$p 2>/dev/null); \
		[ "$$s" = installed ] || missing="$$missing $$p"; \
	done; \
	[ -n "$$missing" ] || exit 0; \
	get="env DEBIAN_FRONTEND=noninteractive apt-get"; \
	do="$$get install -y --no-install-recommends$$missing"; \
	echo "installing:$$missing"; \
	if ! command -v apt-get >/dev/null; then \
		echo "deps: no apt-get here; install what is called" \
			"$$missing on Debian" >&2; exit 1; \
	elif [ "$$(id -u)" = 0 ]; then \
		$$get update -q && $$do -q; \
	elif command -v sudo >/dev/null; then \
		sudo $$get update -q && sudo $$do -q; \
	else \
		echo "deps: not root, and no sudo; as root:" >&2; \
		echo "  apt-get update && apt-get install" \
			"--no-install-recommends$$missing" >&2; \
		exit 1; \
	fi

deps-arm64:
	+@$(MAKE) --no-print-directory deps DEPS='$(DEPS) $(DEPS_arm64)'
	$(Q)tests/support/arm64.sh $(ARM64_ROOT) $(ARM64_USE)

# What bench_peers can be built with.
deps-bench:
	+@$(MAKE) --no-print-directory deps DEPS='$(DEPS) $(DEPS_bench)'

clean:
	$(Q)rm -rf build

help:
	@echo 'make             weir, libweir.a, libweir.so in build/release'
	@echo 'make lib         the libraries'
	@echo 'make tools       the command'
	@echo 'make tests       the test programs; make test runs them'
	@echo 'make lint        layers, headers alone, symbols, README, install'
	@echo 'make models      the models of the protocol'
	@echo 'make conformance the official JSON Schema test suite'
	@echo 'make check       all of that, also with asan and tsan'
	@echo 'make interop     what Zod says to the schemas it exports, what the'
	@echo '                 library of MCAP reads in our files (Node, npm);'
	@echo '                 make interop-update keeps it'
	@echo 'make torture     every kill point and every model, for hours'
	@echo 'make soak        everybody at once, killed and frozen at random;'
	@echo '                 MINUTES=1 SEED='
	@echo 'make check-arm64 cross-built, and run by qemu-user'
	@echo 'make fuzz        libFuzzer, FUZZ_SECONDS=30 each (clang)'
	@echo 'make bench       the figures and a report of them in build/bench;'
	@echo '                 BENCH="latency throughput" QUICK=1'
	@echo 'make demo        the demo, about ten seconds'
	@echo 'make install     PREFIX=/usr/local DESTDIR=; make uninstall'
	@echo 'make deps        install what is missing (Debian); deps-arm64;'
	@echo '                 deps-bench: also what the peers of bench are'
	@echo 'make deb         a Debian package'
	@echo 'make abi-update  write the list of exported symbols anew'
	@echo 'make clean       remove build/'
	@echo
	@echo 'FLAVOUR=release|debug|asan|tsan  B=build directory  V=1 commands'
	@echo 'WERROR=1 warnings are errors  CC= CFLAGS= LDFLAGS= as usual'

endif
