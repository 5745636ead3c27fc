#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir hz, bw, delay: what they say of a stream whose records are counted.
. "$(dirname "$0")/lib/cli.sh"

weir 0 create
weir 0 channel create c
weir 0 channel create plain --stamps off

# a record every so often, until the test ends
stream() {
	while echo '{"a":"0123456789"}'; do sleep 0.02; done |
		"$WEIR" pub "$1" -i stream >/dev/null 2>&1 &
	pids="$pids $!"
}
stream c
stream plain

weir 0 hz c -n 2 -w 0.3
check 'a line for each window' lines_are "$T/out" 2
out_has 'rate, intervals, losses' '^[0-9.e+]+ records/s, every [0-9.]+ [mun]?s \.\. [0-9.]+ [mun]?s \.\. [0-9.]+ [mun]?s \(99%\) \.\. [0-9.]+ [mun]?s, 0 lost$'
weir 0 bw c -n 1 -w 0.5
out_has 'bytes, sizes' '^[0-9.]+ k?B/s, 14 \.\. 14 \.\. 14 bytes a record, 0 lost$'
weir 0 delay c -n 1 -w 0.5
out_has 'delays' '^[0-9.e+]+ records/s, here after [0-9.]+ [mun]?s \.\. .* \(99%\) \.\. [0-9.]+ [mun]?s, 0 lost$'
weir 0 hz plain -n 1 -w 0.5
out_has 'where there are no time stamps it says so' 'records/s, no time stamps, 0 lost$'

weir 0 hz c -n 1 -w 0.5 --json
out_has 'as JSON' '^\{"channel":"c","window_ns":[0-9]+,"records":[1-9][0-9]*,"lost":0,"interval_min_ns":[0-9]+,"interval_median_ns":[0-9]+,"interval_p99_ns":[0-9]+,"interval_max_ns":[0-9]+\}$'
weir 0 delay plain -n 1 -w 0.5 --json
out_has 'what is not there is null' '"delay_min_ns":null,"delay_median_ns":null,"delay_p99_ns":null,"delay_max_ns":null\}$'
weir 0 bw c -n 1 -w 0.5 --json
out_has 'bytes as JSON' '"lost":0,"bytes":[1-9][0-9]*,"record_min_bytes":14,"record_max_bytes":14\}$'

weir 2 hz c -w 0
err_has 'a window of nothing' 'window'
weir 2 hz
weir 3 hz none
err_has 'a channel that is not there' 'none'
"$WEIR" hz c -w 0.2 >"$T/out" 2>"$T/err" &
p=$!
sleep 0.5
kill -TERM $p
wait $p
rc=$?
LAST='hz, and SIGTERM'
check 'a signal ends it, as one that was not caught' [ $rc = 143 ]
err_is_empty 'in silence'
kill $pids 2>/dev/null
finish
