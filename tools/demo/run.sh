#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh - the demo: starts and stops its programs, and watches that all of
# it went as it should.  `make demo` builds them and starts this.
#
# Every kind of producer, a process each, in a store of their own, and one
# consumer that counts.  On a terminal the channels are on the screen meanwhile,
# otherwise they are printed now and then.  About fifteen seconds.  Exit code 0
# if nothing went wrong.

: "${B:?run.sh: B is not set; start it through make demo}"
: "${WEIR:?run.sh: WEIR is not set; start it through make demo}"
here=$(cd "$(dirname "$0")" && pwd) || exit 1
unset WEIR_DIR WEIR_OWNER
WEIR_STORE=demo-$$
export WEIR_STORE
tmp=$(mktemp -d "${TMPDIR:-/tmp}/weir-demo-XXXXXX") || exit 1
export DEMO_REPORT="$tmp/report"
running= input=/dev/null scene=
channels="paragraph-content metric-data table-data chart-data"

cleanup() {
	trap '' INT TERM HUP PIPE
	[ -z "$scene" ] || { kill "$scene" && wait "$scene"; } 2>/dev/null
	for p in $running; do kill -9 "$p" 2>/dev/null; done
	wait 2>/dev/null
	"$WEIR" destroy 2>/dev/null
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
trap 'exit 141' PIPE

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR-}" ] && [ "${TERM:-dumb}" != dumb ]; then
	bold=$(printf '\033[1m') plain=$(printf '\033[0m')
fi

fail() {
	echo "== demo failed: $*" >&2
	exit 1
}

say() { echo "$bold== $*$plain" || fail "cannot write the output"; }

# start COMMAND ARGUMENTS...: in the background; its process is $started
start() {
	"$@" <"$input" 3>&- &
	started=$!
	running="$running $started"
}

# ended PID CODE: wait for a process, which must exit with this code
ended() {
	wait "$1" 2>/dev/null
	code=$?
	rest=
	for p in $running; do [ "$p" = "$1" ] || rest="$rest $p"; done
	running=$rest
	[ "$code" = "$2" ] || fail "a program ended with $code instead of $2"
}

# stop PID...: ask to end, and wait until they have
stop() {
	kill -TERM "$@" || fail "a program has ended before it was asked to"
	for p; do ended "$p" 0; done
}

# until_true COMMAND...: wait until it holds, twenty seconds at most
until_true() {
	tries=400
	until "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || fail "waited in vain: $*"
		sleep 0.05
	done
}

# listed "ID (producer)": does `weir ls` show it as alive?
listed() {
	case $("$WEIR" ls) in *". $1"*) return 0 ;; esac
	return 1
}

# value_of CHANNEL ID: has it a value there?
value_of() { "$WEIR" get "$1" --producer "$2" >/dev/null 2>&1; }

# under_way JOB: has it said how far it is, or more?
under_way() {
	case $("$WEIR" job ls --json) in
	*'"job":"'"$1"'"'*'"status":"'[pcf]*) return 0 ;;
	esac
	return 1
}

# Where there is no screen.
frame() {
	[ -n "$has_screen" ] || "$WEIR" watch -1 $channels || fail "weir watch"
}

play() {
	say "a consumer of all channels, before anybody has published"
	start "$B/demo/overview" "$WEIR_STORE" && overview=$started
	until_true listed "overview (consumer)"
	frame

	say "producers where data originates: they register first"
	start "$B/demo/welcome" "$WEIR_STORE" && welcome=$started
	start "$B/demo/metrics" "$WEIR_STORE" && metrics=$started
	start "$B/demo/gauge" "$WEIR_STORE" && gauge=$started
	start "$B/demo/limit" "$WEIR_STORE" "CPU, %" 1000 && limit=$started
	start "$B/demo/processes" "$WEIR_STORE" "$tmp/socket" && processes=$started
	start "$B/demo/stream" "$WEIR_STORE" "$tmp/port" && stream=$started
	mkfifo "$tmp/form" || fail "cannot make a fifo"
	exec 3<>"$tmp/form"
	input=$tmp/form
	start "$B/demo/form" "$WEIR_STORE" && form=$started
	input=/dev/null
	until_true [ -s "$tmp/port" ]
	read -r port <"$tmp/port"
	start "$B/demo/sensor" "$port" && sensor=$started
	until_true [ -S "$tmp/socket" ]
	say "the table is published when somebody asks for it"
	"$B/demo/ask" "$tmp/socket" 5 || fail "the service does not answer"
	for who in "metric-data system-metrics-service" "metric-data load-gauge" \
		"table-data process-table-service" "chart-data sensor-gateway" \
		"paragraph-content welcome-text"; do
		# shellcheck disable=SC2086
		until_true value_of $who
	done
	sleep 1
	frame

	say "a job, and a bridge that makes a paragraph of its result"
	start "$WEIR" bridge --job summary --to paragraph-content && bridge=$started
	until_true listed "job-summary-to-paragraph-content (producer)"
	input=$here/job/text.txt
	start "$WEIR" job run --id summary --type text-summary -- \
		"$B/demo/summarise" 2 "What a weir is" 500 && job=$started
	input=/dev/null
	until_true under_way summary
	"$WEIR" job ls
	ended "$job" 0
	until_true value_of paragraph-content job-summary-to-paragraph-content
	frame
	"$WEIR" trace --history paragraph-content |
		grep 'from job-updates' || fail "trace does not join them"
	sleep 1

	say "the poller is killed (SIGKILL): its value stays, marked as an orphan"
	kill -9 "$metrics" || fail "the poller is gone already"
	ended "$metrics" 137
	until_true listed "system-metrics-service (producer, gone)"
	"$WEIR" get metric-data --producer system-metrics-service ||
		fail "its value is gone"
	say "it is started again, and gets its id back at once"
	start "$B/demo/metrics" "$WEIR_STORE" && metrics=$started
	until_true listed "system-metrics-service (producer)"

	say "the form is given a line, and one without a title, which the schema forbids"
	echo "Typed in: this line came from standard input, through the form." >&3
	until_true value_of paragraph-content form-service
	echo ": text without a title" >&3
	sleep 1
	"$B/demo/ask" "$tmp/socket" 7 || fail "the service does not answer"
	sleep 2
	frame

	say "weir ls"
	"$WEIR" ls -l || fail "weir ls"

	say "the end: producers withdraw their values and close"
	stop "$sensor"
	ended "$stream" 0 # by itself, as its socket was closed
	stop "$form" "$bridge" "$limit" "$gauge" "$metrics" "$processes" "$welcome"
	frame
	stop "$overview"

	say "summary"
	"$B/demo/tally" "$WEIR_STORE" "$DEMO_REPORT" 4 1 || fail "the sums are off"
}

"$WEIR" create --config "$here/channels.json" || fail "cannot create the store"
has_screen=
if [ -t 0 ] && [ -t 1 ] && [ "${TERM:-dumb}" != dumb ]; then
	has_screen=1
	# The scene ends the screen when it is over.
	(
		trap cleanup_scene EXIT
		cleanup_scene() {
			trap '' INT TERM HUP PIPE
			for p in $running; do kill -9 "$p" 2>/dev/null; done
			[ ! -s "$tmp/screen" ] || kill "$(cat "$tmp/screen")" 2>/dev/null
		}
		play
	) >"$tmp/log" 2>&1 &
	scene=$!
	{
		sh -c 'echo $$ >"$0"; exec "$@"' "$tmp/screen" \
			"$WEIR" watch $channels
		watched=$?
	} 2>"$tmp/watch" # also that it was ended
	wait "$scene"
	code=$?
	scene=
	case $watched in
	0 | 143) ;; # q, or by the scene
	*)
		cat "$tmp/watch" >&2
		fail "weir watch ended with $watched"
		;;
	esac
	sed -n '/== the poller/,$p' "$tmp/log"
	exit "$code"
fi
play
