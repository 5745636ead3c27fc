#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh - the demo: starts and stops its programs, and watches that all of
# it went as it should.  `make demo` builds them and starts this.
#
# Four producers and five consumers, each a process, in a store of their
# own.  About ten seconds.  Exit code 0 if nothing went wrong.

: "${B:?run.sh: B is not set; start it through make demo}"
: "${WEIR:?run.sh: WEIR is not set; start it through make demo}"
here=$(cd "$(dirname "$0")" && pwd) || exit 1
unset WEIR_DIR WEIR_OWNER
WEIR_STORE=demo-$$
export WEIR_STORE
tmp=$(mktemp -d "${TMPDIR:-/tmp}/weir-demo-XXXXXX") || exit 1
export DEMO_REPORT="$tmp/report"
running= input=/dev/null

cleanup() {
	trap '' INT TERM HUP PIPE
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

# start PROGRAM ARGUMENTS...: in the background; its process is $started
start() {
	program=$1
	shift
	"$B/demo/$program" "$@" <"$input" 3>&- &
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

# has_value CHANNEL: is there a current value?
has_value() { "$WEIR" get "$1" >/dev/null 2>&1; }

say "a store with four channels, each with its schema"
"$WEIR" create --config "$here/channels.json" || fail "cannot create the store"

say "four consumers: they may come before anybody has published"
start show_metric "$WEIR_STORE" && metric_panel=$started
start show_table "$WEIR_STORE" && table_panel=$started
start show_chart "$WEIR_STORE" && chart_panel=$started
start show_text "$WEIR_STORE" && text_panel=$started
for id in metric table chart paragraph; do
	until_true listed "$id-panel (consumer)"
done

say "four producers: a poller, a table, a stream behind a socket, a form"
mkfifo "$tmp/form" || fail "cannot make a fifo"
exec 3<>"$tmp/form"
start metrics "$WEIR_STORE" && metrics=$started
start processes "$WEIR_STORE" && processes=$started
input=$tmp/form
start form "$WEIR_STORE" && form=$started
input=/dev/null
start stream "$WEIR_STORE" "$tmp/port" && stream=$started
until_true [ -s "$tmp/port" ]
read -r port <"$tmp/port"
start sensor "$port" && sensor=$started
sleep 1
echo "Hello: this line came from standard input, through the form." >&3
sleep 2.5

say "the poller is killed (SIGKILL)"
kill -9 "$metrics" || fail "the poller is gone already"
ended "$metrics" 137
until_true listed "system-metrics-service (producer, gone)"
"$WEIR" get metric-data --producer system-metrics-service >"$tmp/value" ||
	fail "its value is gone"
say "weir ls shows it as gone; its value is still there:"
say "$(cat "$tmp/value")"
say "it is started again, and gets its id back at once"
start metrics "$WEIR_STORE" && metrics=$started
until_true listed "system-metrics-service (producer)"
sleep 1.2

say "a consumer of all channels comes late"
for channel in metric-data table-data chart-data paragraph-content; do
	until_true has_value "$channel"
done
start overview "$WEIR_STORE" && overview=$started
until_true listed "overview (consumer)"
sleep 1

say "the form is given a line without a title, which the schema forbids"
echo ": text without a title" >&3
sleep 1
echo "Still here: a refused record harms nobody." >&3
sleep 2

say "weir ls"
"$WEIR" ls || fail "weir ls"

say "the end: producers withdraw their values, consumers read what is left"
stop "$sensor"
ended "$stream" 0 # by itself, as its socket was closed
stop "$metrics" "$processes" "$form"
stop "$metric_panel" "$table_panel" "$chart_panel" "$text_panel" "$overview"

say "summary"
"$B/demo/tally" "$WEIR_STORE" "$DEMO_REPORT" 8 1 || fail "the sums are off"
