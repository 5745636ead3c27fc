# SPDX-License-Identifier: BSD-2-Clause
#
# cli.sh - for the tests of the command; sourced.
#
#     . "$(dirname "$0")/lib/cli.sh"
#     weir 0 create                     run, expect exit code 0
#     out_is 'the store is empty' ''
#     finish
#
# Each `weir` is a test, and so is each of the checks after it.  $T is a
# folder of the test's own; the store is $WEIR_STORE, and at the end every
# store of this test is gone.

: "${WEIR:?cli.sh: WEIR is not set; start it through make test}"
NAME=$(basename "$0" .sh)
HERE=$(cd "$(dirname "$0")" && pwd)
T=$(mktemp -d "${TMPDIR:-/tmp}/weir-cli-XXXXXX") || exit 1
unset WEIR_DIR WEIR_OWNER
WEIR_STORE=weir-test-$$-1
export WEIR_STORE
SHM=/dev/shm
# so that what a sanitizer finds is not taken for an exit code of ours
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}exitcode=99"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:+$UBSAN_OPTIONS:}exitcode=99"

tests=0 failures=0 pids=
LAST=

cleanup() {
	for p in $pids; do kill -9 "$p" 2>/dev/null; done
	rm -f "$SHM/weir.weir-test-$$-"*
	rm -rf "$T"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

ok() {
	tests=$((tests + 1))
	printf 'ok - %s\n' "$1"
}

not_ok() {
	tests=$((tests + 1))
	failures=$((failures + 1))
	printf 'not ok - %s\n' "$1"
	printf '    after: weir %s\n' "$LAST"
	[ $# -lt 2 ] || printf '%s\n' "$2" | sed 's/^/    /'
	sed 's/^/    stdout: /' "$T/out" 2>/dev/null | head -n 20
	sed 's/^/    stderr: /' "$T/err" 2>/dev/null | head -n 20
}

# check WHAT COMMAND...: a test of anything
check() {
	what=$1
	shift
	if "$@"; then ok "$what"; else not_ok "$what" "failed: $*"; fi
}

# run ARGUMENTS...: the command; leaves $T/out, $T/err and $rc.  What it
# reads is the standard input of run.
run() {
	LAST=$*
	"$WEIR" "$@" >"$T/out" 2>"$T/err"
	rc=$?
}

# weir CODE ARGUMENTS...: run, expect this exit code
weir() {
	want=$1
	shift
	run "$@"
	if [ "$rc" = "$want" ]; then
		ok "exit $want: weir $*"
	else
		not_ok "exit $want: weir $*" "exit code $rc"
	fi
}

# weir_in TEXT CODE ARGUMENTS...: with this, as printf takes it, as input
weir_in() {
	printf -- "$1" >"$T/in"
	shift
	weir "$@" <"$T/in"
}

out_is() {
	printf '%s' "${2:+$2
}" >"$T/want"
	if cmp -s "$T/want" "$T/out"; then
		ok "$1"
	else
		not_ok "$1" "expected: $2"
	fi
}

# out_has WHAT REGEX, err_has WHAT REGEX: a line like that is there
out_has() {
	if grep -Eq -- "$2" "$T/out"; then ok "$1"; else not_ok "$1" "no line like: $2"; fi
}

out_has_not() {
	if grep -Eq -- "$2" "$T/out"; then not_ok "$1" "there is a line like: $2"; else ok "$1"; fi
}

err_has() {
	if grep -Eq -- "$2" "$T/err"; then ok "$1"; else not_ok "$1" "no line like: $2"; fi
}

err_is_empty() {
	if [ -s "$T/err" ]; then not_ok "$1" "something was said"; else ok "$1"; fi
}

# start FILE ARGUMENTS...: in the background, output in FILE and FILE.err;
# the process is $started
start() {
	file=$1
	shift
	"$WEIR" "$@" >"$file" 2>"$file.err" &
	started=$!
	pids="$pids $started"
	# a signal that comes while it is still a shell, which traps it, is lost
	until [ "$(cat "/proc/$started/comm" 2>/dev/null)" = weir ]; do sleep 0.01; done
}

# ended PID: wait for a background process; its exit code is in $rc
ended() {
	wait "$1"
	rc=$?
}

# until_true COMMAND...: poll until it holds; the runner's time limit is the
# only one
until_true() {
	until "$@"; do sleep 0.05; done
}

# lines_are FILE N: does it have N lines?
lines_are() {
	[ "$(wc -l <"$1")" = "$2" ]
}

# json_field KEY: all values of this key in $T/out, one a line
json_field() {
	grep -o "\"$1\":[^,}]*" "$T/out" | cut -d: -f2-
}

# has_pty: can a program here have a terminal?
has_pty() {
	script -qec true /dev/null </dev/null >/dev/null 2>&1
}

finish() {
	echo "# $NAME: $tests tests, $failures failed"
	[ "$failures" = 0 ] || exit 1
	exit 0
}
