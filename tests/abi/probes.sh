#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# probes.sh - the library has the USDT probes that weir-trace(1) lists, with as many
# arguments; each is a nop; a tracer finds in them what is meant; and the
# bpftrace scripts are read by bpftrace.  What is not installed is passed over.

cd "$(dirname "$0")/../.." || exit 1
: "${B:?probes.sh: B is not set; start it through make}"
: "${WEIR:?probes.sh: WEIR is not set; start it through make}"
lib=$(realpath "$B/libweir.so")
tests=0 failures=0 passed_over=

check() { # WHAT COMMAND...
	tests=$((tests + 1))
	if "${@:2}"; then return; fi
	failures=$((failures + 1))
	echo "not ok - $1"
}

# "NAME ARGUMENTS LOCATION", for each place
places() {
	LC_ALL=C readelf -n "$1" 2>/dev/null | awk '
		/Provider:/ { ours = $2 == "weir" }
		ours && /Name:/ { name = $2 }
		ours && /Location:/ { at = $2; sub(/,/, "", at) }
		ours && /Arguments:/ {
			print name, gsub(/@/, "@"), at
		}'
}

if [ -z "$(places "$lib")" ]; then
	if echo '#include <sys/sdt.h>' | ${CC:-gcc} -E - >/dev/null 2>&1; then
		echo "there is <sys/sdt.h>, and $lib has no probes"
		exit 1
	fi
	echo 'built without <sys/sdt.h>: no probes'
	exit 77
fi

# ---- the list in the manual is what there is
listed=$(awk '/^\.Sh / { in_it = $2 == "PROBES" }
	in_it && /^\.It Cm / { print $3, NF - 4 }' tools/weir-trace.1 | sort)
check 'the manual lists the probes, with their arguments' diff -u \
	<(echo "$listed") <(places "$lib" | cut -d' ' -f1,2 | sort -u)
check 'the command has them, too' diff -u \
	<(echo "$listed") <(places "$WEIR" | cut -d' ' -f1,2 | sort -u)

# ---- a nop each
code=$(objdump -d --no-show-raw-insn "$lib")
while read -r name _ at; do
	is_nop() {
		grep -Eq "^ *$(printf %x "$at"):[[:space:]]+nop[[:space:]]*$" \
			<<<"$code"
	}
	check "$name at $at is a nop" is_nop
done < <(places "$lib")

# ---- what is in them, by gdb
store=weir-test-$$-1
T=$(mktemp -d "${TMPDIR:-/tmp}/weir-probes-XXXXXX") || exit 1
trap 'rm -rf "$T"; rm -f /dev/shm/weir.$store*' EXIT

# look PROBE FORMAT ARGUMENTS...: of the first time that the command comes by
look() {
	local probe=$1 format=$2
	shift 2
	WEIR_STORE=$store timeout 30 gdb -nx -batch \
		-ex 'set debuginfod enabled off' \
		-ex "break -probe-stap weir:$probe" -ex run -ex "$format" \
		-ex kill --args "$WEIR" "$@" 2>/dev/null | sed -n "s/^saw //p"
}
text='(char *)$_probe_arg'
who="printf \"saw %s %s %d"
both="${text}0, ${text}1, \$_probe_arg2"

if ! timeout 30 gdb -nx -batch -ex run --args /bin/true 2>/dev/null |
	grep -q 'exited normally'; then
	passed_over="$passed_over gdb"
else
	WEIR_STORE=$store "$WEIR" create
	WEIR_STORE=$store "$WEIR" channel create ch --capacity 4 --max-record 8
	check 'publish' [ "$(look publish "$who %d\\n\", $both, \$_probe_arg3" \
		pub ch -i pete -m '"abc"')" = 'ch pete 1 4' ]
	check 'refuse' [ "$(look refuse "$who\\n\", $both" \
		pub ch -i pete -m '"much too long"')" = 'ch pete -90' ]
	# the first was committed before gdb ended it
	for i in 2 3 4 5 6 7 8 9; do
		WEIR_STORE=$store "$WEIR" pub ch -i pete -m $i
	done
	check 'deliver' [ "$(look deliver "$who %d\\n\", $both, \$_probe_arg3" \
		sub ch -i carl -n 1)" = 'ch carl 9 1' ]
	check 'lose' [ "$(look lose "$who %d\\n\", $both, \$_probe_arg3" \
		sub ch -i carl -n 1 -f 2)" = 'ch carl 2 4' ]
	check 'sleep' [ "$(look sleep "$who\\n\", $both" \
		sub ch -i carl -t 1 -f new)" = 'ch carl 10' ]
	check 'wake' [ "$(look wake "$who %d\\n\", $both, \$_probe_arg3" \
		sub ch -i carl -t 0.1 -f new)" = 'ch carl 10 -11' ]
fi

# ---- the scripts
if ! bpftrace -d -e 'BEGIN { exit(); }' >/dev/null 2>&1; then
	passed_over="$passed_over bpftrace"
else
	for f in tools/*.bt; do
		is_read() {
			bpftrace -d "$f" "$lib" >"$T/out" 2>&1 || {
				cat "$T/out"
				false
			}
		}
		check "$f is read by bpftrace" is_read
	done
fi

[ -z "$passed_over" ] || echo "not here, or not allowed:$passed_over"
echo "# probes: $tests tests, $failures failed"
[ "$failures" = 0 ]
