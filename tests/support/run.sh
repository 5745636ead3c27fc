#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh - run test programs, several at a time, and count.
#
#     run.sh [-n] [-t SECONDS] [-j JOBS] LABEL PROGRAM...
#     run.sh [-n] [-t SECONDS] [-j JOBS] LABEL -
#
# With "-" it reads one "PROGRAM ARGUMENT..." a line; with -n it shows also the
# lines that begin with "# ", in which programs tell what they have tried.
#
# A program passes with exit 0, is skipped with 77 (its last line of output
# says why), and has failed with anything else.  It counts as one test, or
# as what its last line of this form says:
#
#     # NAME: 12 tests, 345 asserts, 0 failed, 0 skipped
#
# Each runs in a process group of its own.  After SECONDS (60, with tsan 180,
# or $WEIR_TEST_SECONDS) the group is killed and the program has failed; it has
# also failed if it ends and leaves processes behind.  The run fails if a
# store of a test is left over that was not there before.  Logs are in $B/log/LABEL
# and are shown on failure, or always with V=1.
#
# The last line is "LABEL: N passed, N failed[, N skipped] (S s)"; with
# $WEIR_RESULTS the numbers are appended to that file for check.sh.

limit=${WEIR_TEST_SECONDS:-60}
# every access costs ten there; this is against what hangs, not what is slow
[ "${FLAVOUR:-}" != tsan ] || limit=${WEIR_TEST_SECONDS:-180}
jobs=$(nproc)
notes=0
while getopts nt:j: o; do
	case $o in
	n) notes=1 ;;
	t) limit=${WEIR_TEST_SECONDS:-$OPTARG} ;;
	j) jobs=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
label=${1:?usage: run.sh [-t SECONDS] [-j JOBS] LABEL PROGRAM...}
shift
if [ "${1:-}" = - ]; then
	mapfile -t programs
else
	programs=("$@")
fi
: "${B:?run.sh: B is not set; start it through make}"
ulimit -c 0
unset WEIR_STORE
export LC_ALL=C.UTF-8
shm=/dev/shm

# For another machine's programs: what runs them.
read -ra emulator <<<"${WEIR_EMULATOR:-}"

logs=$B/log/$label
rm -rf "$logs"
mkdir -p "$logs" || exit 1

export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=0:second_deadlock_stack=1}

# The sanitizers' shadow memory wants addresses where it expects them.
plain=()
case ${FLAVOUR:-} in
asan | tsan)
	if setarch -R true 2>/dev/null; then plain=(setarch -R); fi
	;;
esac

stop() {
	trap '' INT TERM HUP
	local f
	for f in "$logs"/*.pid; do
		[ -e "$f" ] && kill -9 -- "-$(<"$f")" 2>/dev/null
	done
	exit 130
}
trap stop INT TERM HUP

# Is anything alive in this process group?  Zombies are not.
alive_in() {
	kill -0 -- "-$1" 2>/dev/null || return 1
	local f stat
	for f in /proc/[0-9]*/stat; do
		{ stat=$(<"$f"); } 2>/dev/null || continue
		# after "(name)": state, parent, group
		set -- "$1" ${stat##*) }
		[ "$4" = "$1" ] && [ "$2" != Z ] && [ "$2" != X ] && return 0
	done
	return 1
}

# What the tests make, the demo among them, and is there; one a line.  What
# a user has there besides is none of our business.
stores() {
	find "$shm" -maxdepth 1 \( -name 'weir.weir-test-[0-9]*' \
		-o -name 'weir-test-*' -o -name 'weir.demo-[0-9]*' \) \
		-printf '%f\n' 2>/dev/null | LC_ALL=C sort
}

# Somebody else's, who is still at it: tests and the demo name their stores
# after their process, others have theirs mapped.
busy() {
	local pid=${1#*weir-test-}
	pid=${pid#weir.demo-}
	pid=${pid%%[!0-9]*}
	[ -n "$pid" ] && [ -d "/proc/$pid" ] && return 0
	grep -lqsF -- "$shm/$1" /proc/[0-9]*/maps
}

left_over() {
	local s
	comm -13 "$logs/stores.before" <(stores) | while read -r s; do
		busy "$s" || echo "$s"
	done
}

name_of() {
	local prog args
	read -r prog args <<<"$1"
	local n=${prog#"$PWD/"}
	n=${n#"${B#"$PWD/"}"/}
	n=${n#"$B"/}
	n=${n#tests/}
	n=${n%.sh}${args:+ $args}
	echo "$n"
}

# What a program's files in $logs begin with.
base_of() {
	local n=${1//\//-}
	echo "$logs/${n// /_}"
}

# One program.  Writes NAME.log, and NAME.sum: passed failed skipped.
one() {
	local prog name=$2 base=$3 log=$3.log
	local pid rc sum tests failed skipped took note= t0=${EPOCHREALTIME/./}

	read -ra prog <<<"$1"
	case ${prog[0]} in
	/* | ./*) ;;
	*) prog[0]=./${prog[0]} ;;
	esac
	timeout -k 5 "$limit" "${plain[@]}" "${emulator[@]}" "${prog[@]}" \
		</dev/null >"$log" 2>&1 &
	pid=$!
	echo "$pid" >"$base.pid"
	wait "$pid" 2>/dev/null
	rc=$?
	rm -f "$base.pid"
	if alive_in "$pid"; then
		sleep 0.3
		if alive_in "$pid"; then
			kill -9 -- "-$pid" 2>/dev/null
			note="left processes behind"
		fi
	fi
	took=$(((${EPOCHREALTIME/./} - t0) / 100000))
	[ "$took" -lt $((limit * 10)) ] || note="stopped after $limit s${note:+, $note}"
	took=$((took / 10)).$((took % 10))

	tests=1 failed=0 skipped=0
	sum=$(grep -E '^# .*: [0-9]+ tests?, ' "$log" | tail -n 1)
	if [[ $sum =~ :\ ([0-9]+)\ tests?, ]]; then
		tests=${BASH_REMATCH[1]}
		[[ $sum =~ ,\ ([0-9]+)\ failed ]] && failed=${BASH_REMATCH[1]}
		[[ $sum =~ ,\ ([0-9]+)\ skipped ]] && skipped=${BASH_REMATCH[1]}
	elif [ $rc = 77 ]; then
		skipped=1
	fi
	case $rc in
	0 | 1 | 77 | 124) ;;
	*) note="exit $rc${note:+, $note}" ;;
	esac
	if { [ $rc != 0 ] && [ $rc != 77 ]; } || [ -n "$note" ]; then
		[ "$failed" -gt 0 ] || failed=1
		[ "$tests" -ge $((failed + skipped)) ] ||
			tests=$((failed + skipped))
	fi
	echo $((tests - failed - skipped)) "$failed" "$skipped" >"$base.sum"

	if [ "$failed" -gt 0 ]; then
		{
			echo "FAIL  $name  $failed of $tests${note:+: $note}"
			tail -n 200 "$log" | sed 's/^/    | /'
		} >"$base.out"
		cat "$base.out" # in one piece, whatever else is printed now
	elif [ $rc = 77 ]; then
		echo "skip  $name  $(tail -n 2 "$log" | grep -v '^#' | tail -n 1)"
	else
		echo "ok    $name  $tests  ($took s)"
		[ $notes = 0 ] || grep '^# ' "$log" | sed 's/^#/    |/'
		if [ "$skipped" -gt 0 ] || [ "${V:-0}" = 1 ]; then
			if [ "${V:-0}" = 1 ]; then
				sed 's/^/    | /' "$log"
			else
				grep '^skipped: ' "$log" | sed 's/^/    | /'
			fi
		fi
	fi
}

stores >"$logs/stores.before"
began=$SECONDS
running=0
for prog in "${programs[@]}"; do
	name=$(name_of "$prog")
	if [ "$running" -ge "$jobs" ]; then
		wait -n
		running=$((running - 1))
	fi
	one "$prog" "$name" "$(base_of "$name")" &
	running=$((running + 1))
done
wait

passed=0 failed=0 skipped=0
for f in "$logs"/*.sum; do
	[ -e "$f" ] || continue
	read -r p x s <"$f"
	passed=$((passed + p)) failed=$((failed + x)) skipped=$((skipped + s))
done
for prog in "${programs[@]}"; do
	n=$(name_of "$prog")
	if [ ! -e "$(base_of "$n").sum" ]; then
		echo "FAIL  $n  did not run"
		failed=$((failed + 1))
	fi
done

# Another run beside this one takes its own away as it goes; what stays is
# left over.
left=$(left_over)
for _ in 1 2 3; do
	[ -n "$left" ] || break
	sleep 1
	left=$(LC_ALL=C comm -12 <(echo "$left") <(left_over))
done
if [ -n "$left" ]; then
	echo "FAIL  left over in $shm:" $left
	failed=$((failed + 1))
fi

echo "$label: $passed passed, $failed failed$(
	[ "$skipped" = 0 ] || echo ", $skipped skipped"
) ($((SECONDS - began)) s)"
if [ -n "${WEIR_RESULTS:-}" ]; then
	cat "$logs"/*.out 2>/dev/null | sed -n "s/^FAIL  /$label: /p" \
		>>"$WEIR_RESULTS.failed"
	[ -z "$left" ] || echo "$label: left over in $shm:" $left \
		>>"$WEIR_RESULTS.failed"
	echo "$label $passed $failed $skipped" >>"$WEIR_RESULTS"
fi
[ "$failed" = 0 ]
