#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir bench: figures, whatever they are, and nothing left behind.
. "$(dirname "$0")/lib/cli.sh"

left() { ls "$SHM" | grep -c '^\.\{0,1\}weir\.bench-'; }
before=$(left)

weir 0 bench -t 0.5
out_has 'round trips' '^ROUND TRIPS +MEDIAN +99% +LONGEST +/ BARE$'
out_has 'one that sleeps' '^round trip 64 B, sleeping, shared +[0-9.]+ [num]?s +[0-9.]+ [num]?s +[0-9.]+ [num]?s +[0-9.]+$'
out_has 'streams' '^stream 1 KB, exclusive +[0-9.e+-]+ M/s +[0-9.]+ [kMG]?B/s$'
check 'one screen' [ "$(wc -l <"$T/out")" -le 24 ]
check 'of 80 columns' [ "$(awk 'length($0) > 80' "$T/out" | wc -l)" = 0 ]
err_is_empty 'in silence'
check 'no store is left' [ "$(left)" = "$before" ]
weir 0 bench -t 0.5 --json
out_has 'as JSON' '^\{"figure":"bare futex, sleeping","trips":[1-9][0-9]*,"median_ns":[0-9]+,"p99_ns":[0-9]+,"max_ns":[0-9]+,"floor_ns":[0-9]+\}$'
out_has 'streams as JSON' '^\{"figure":"stream 64 B, shared","records":[1-9][0-9]*,"took_ns":[1-9][0-9]*\}$'

if command -v taskset >/dev/null; then
	LAST='bench, on one processor'
	taskset -c "$(taskset -cp $$ | sed 's/.*: //; s/[,-].*//')" \
		"$WEIR" bench -t 0.5 >"$T/out" 2>"$T/err"
	check 'works' [ $? = 0 ]
	err_has 'and says so' 'one processor'
	out_has_not 'nobody polls there' 'polling'
fi

weir 2 bench -t 0
err_has 'no time' 'time'
weir 3 bench -t 0.5 --dir "$T/none"
err_has 'no such folder' "$T/none"

start "$T/long" bench -t 60
there() { [ "$(left)" != "$before" ]; }
until_true there
kill -TERM "$started"
ended "$started"
LAST='bench, and SIGTERM'
check 'a signal ends it' [ "$rc" = 143 ]
check 'and no store is left' [ "$(left)" = "$before" ]
finish
