#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The programs under tools/demo, each by itself: it registers before it has
# anything to say, publishes, and on SIGTERM withdraws and closes.
. "$(dirname "$0")/lib/cli.sh"

demo=$B/demo
config=$HERE/../../tools/demo/channels.json
text=$HERE/../../tools/demo/job/text.txt
weir 0 create --config "$config"

launch() {
	LAST="(demo/$*)"
	program=$1
	shift
	"$demo/$program" "$@" >"$T/$program" 2>&1 &
	started=$!
	pids="$pids $started"
}
registered() { "$WEIR" info "$1" | grep -q "$2.*alive"; }
has_value() { "$WEIR" get "$1" --producer "$2" >"$T/value" 2>/dev/null; }

# works CHANNEL ID: it has registered, and publishes
works() {
	until_true registered "$1" "$2"
	until_true has_value "$1" "$2"
	ok "$2 publishes on $1"
}

# leaves CHANNEL ID: told to end, it clears and closes
leaves() {
	kill -TERM "$started"
	ended "$started"
	check "$2 ends well when told to" [ "$rc" = 0 ]
	check 'its value is withdrawn' sh -c '! "$WEIR" get "$1" --producer "$2" >/dev/null 2>&1' - "$1" "$2"
	weir 0 doctor
	out_has_not 'and it has closed' '^problem'
}

for program in metrics processes stream sensor form welcome limit gauge overview show_text tally ask; do
	check "$program without arguments says so" sh -c '"$1" >/dev/null 2>&1; [ $? = 2 ]' - "$demo/$program"
done

# polling
launch metrics "$WEIR_STORE"
works metric-data system-metrics-service
check 'figures as the schema wants them' grep -q '^{"label":' "$T/value"
until_true sh -c '[ $("$WEIR" sub metric-data --from oldest --timeout 0 | wc -l) -ge 4 ]'
ok 'again and again'
leaves metric-data system-metrics-service

# the same in C++
launch gauge "$WEIR_STORE"
works metric-data load-gauge
leaves metric-data load-gauge
LAST='(demo/gauge no-such-store)'
"$demo/gauge" "$WEIR_STORE-none" >"$T/out" 2>&1
check 'C++: what fails is said' [ $? = 1 ]
out_has 'and why' 'none'

# on request
launch processes "$WEIR_STORE" "$T/socket"
until_true registered table-data process-table-service
until_true [ -S "$T/socket" ]
check 'registered before it has a value' sh -c '! "$WEIR" get table-data >/dev/null 2>&1'
"$demo/ask" "$T/socket" 3 >"$T/out"
check 'who asks is answered' [ $? = 0 ]
out_has 'with the seq' 'ask \| 3: seq 1$'
works table-data process-table-service
weir 0 get table-data --field /rows/2
out_has 'three rows' '^\['
weir 0 get table-data --field /rows/3
out_is 'and no fourth' null
"$demo/ask" "$T/socket" nonsense >"$T/out"
check 'a wrong question is refused' [ $? = 1 ]
out_has 'with the reason' 'a number from 1 to 50'
check 'for its user alone' [ "$(stat -c %a "$T/socket")" = 700 ]
leaves table-data process-table-service
check 'its socket is gone' [ ! -e "$T/socket" ]

# a stream
launch stream "$WEIR_STORE" "$T/port"
stream=$started
until_true registered chart-data sensor-gateway
until_true [ -s "$T/port" ]
launch sensor "$(cat "$T/port")"
until_true has_value chart-data sensor-gateway
ok 'readings arrive'
kill "$started"
ended "$started"
ended "$stream"
check 'it ends with its source' [ "$rc" = 0 ]
check 'and withdraws' sh -c '! "$WEIR" get chart-data >/dev/null 2>&1'
launch stream "$WEIR_STORE" "$T/port"
until_true registered chart-data sensor-gateway
leaves chart-data sensor-gateway

# a form
mkfifo "$T/form"
"$demo/form" "$WEIR_STORE" <"$T/form" >"$T/form.out" 2>&1 &
started=$!
pids="$pids $started"
exec 9>"$T/form"
echo 'Title: and text' >&9
works paragraph-content form-service
check 'what was typed' grep -q '"title":"Title","content":"and text"' "$T/value"
echo ': no title' >&9
until_true grep -q 'keyword: *minLength' "$T/form.out"
weir 0 get paragraph-content --field /title
out_is 'what is refused changes nothing' '"Title"'
leaves paragraph-content form-service
exec 9>&-

# a fixed value
launch welcome "$WEIR_STORE"
works paragraph-content welcome-text

# an event loop, while a fact holds
launch limit "$WEIR_STORE" load 10
limit=$started
until_true registered paragraph-content limit-service
figure() {
	weir 0 pub metric-data --id "${2:-meter}" -m "{\"label\":\"load\",\"value\":$1,\"change\":0,\"changeType\":\"neutral\"}"
}
figure 5
figure 11
until_true has_value paragraph-content limit-service
check 'over the limit' grep -q 'load is 11.0, over 10.0' "$T/value"
figure 9
until_true sh -c '! "$WEIR" get paragraph-content --producer limit-service >/dev/null 2>&1'
ok 'and no more'
weir 0 get paragraph-content --field /title
out_is 'then the value before is current again' '"Welcome"'
figure 12
until_true has_value paragraph-content limit-service
started=$limit
leaves paragraph-content limit-service
started=$(echo "$pids" | awk '{ print $(NF - 1) }')
leaves paragraph-content welcome-text

# a job
"$demo/summarise" 1 'A "title"' <"$text" >"$T/out" 2>"$T/err"
check 'a job knows nothing of weir' grep -q '^{"title":"A \\"title\\"","content":"[^"]*\."}$' "$T/out"
err_has 'and says how far it is' '^progress 0\.70 choosing'
"$demo/summarise" 1 T </dev/null >/dev/null 2>&1
check 'without text it fails' [ $? = 1 ]
weir 0 job run --id s -- "$demo/summarise" 1 Summary <"$text"
weir 0 bridge --job s --to paragraph-content -n 1 --keep
weir 0 get paragraph-content --field /title
out_is 'run and bridged' '"Summary"'
weir 0 clear paragraph-content --orphans

# displays
launch show_text "$WEIR_STORE"
until_true registered paragraph-content paragraph-panel
weir 0 pub paragraph-content --id x -m '{"title":"T\u001b[2J","content":"c"}'
until_true grep -q '## T?' "$T/show_text"
ok 'a display shows it, without control characters'
kill -TERM "$started"
ended "$started"
check 'and ends when told to' [ "$rc" = 0 ]
finish
