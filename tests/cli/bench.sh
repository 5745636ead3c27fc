#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir bench: figures, whatever they are, and nothing left behind.
. "$(dirname "$0")/lib/cli.sh"

left() { ls "$SHM" | grep -c '^\.\{0,1\}weir\.bench-'; }
before=$(left)

weir 0 bench -t 0.5
out_has 'round trips' '^ROUND TRIPS +MEDIAN +99% +LONGEST +/ BARE$'
out_has 'one that sleeps' '^round trip 64 B, sleeping, shared +[0-9.]+ [num]?s +[0-9.]+ [num]?s +[0-9.]+ [num]?s +[0-9.]+$'
out_has 'streams' '^stream 1 KB, exclusive +[0-9.e+-]+ M/s +[0-9.]+ [kMG]?B/s +[0-9.]+$'
check 'one screen' [ "$(wc -l <"$T/out")" -le 24 ]
check 'of 80 columns' [ "$(awk 'length($0) > 80' "$T/out" | wc -l)" = 0 ]
out_has 'what they are measured against' '^bare ring 64 B +[0-9.e+-]+ M/s +[0-9.]+ [kMG]?B/s +1\.00$'
err_is_empty 'in silence'
check 'no store is left' [ "$(left)" = "$before" ]
weir 0 bench -t 0.5 --json
out_has 'as JSON' '^\{"figure":"bare futex, sleeping","trips":[1-9][0-9]*,"median_ns":[0-9]+,"p99_ns":[0-9]+,"max_ns":[0-9]+,"floor_ns":[0-9]+\}$'
out_has 'streams as JSON' '^\{"figure":"stream 64 B, shared","records":[1-9][0-9]*,"took_ns":[1-9][0-9]*,"records_per_s":[1-9][0-9]*,"floor_records_per_s":[1-9][0-9]*\}$'

if command -v taskset >/dev/null; then
	LAST='bench, on one processor'
	taskset -c "$(taskset -cp $$ | sed 's/.*: //; s/[,-].*//')" \
		"$WEIR" bench -t 0.5 >"$T/out" 2>"$T/err"
	check 'works' [ $? = 0 ]
	err_has 'and says so' 'one processor'
	out_has_not 'nobody polls there' 'polling'
	out_has 'streams take turns' '^stream 64 B, shared '
fi

weir 2 bench -t 0
err_has 'no time' 'time'
for cpus in 0 0,1x x,0 -1,0 0,99999; do
	weir 2 bench -t 0.5 -c "$cpus"
	err_has 'processors that are none' "^weir bench: --cpus: $cpus: "
done
cpu=$(sed -n 's/^Cpus_allowed_list:[^0-9]*\([0-9]*\).*/\1/p' /proc/self/status)
weir 0 bench -t 0.5 -c "$cpu,$cpu" --json
err_has 'the same one twice is one' 'one processor'
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

# a shell ignores SIGINT for what it starts in the background
if env --default-signal=INT true 2>/dev/null; then
	env --default-signal=INT "$WEIR" bench -t 60 >"$T/out" 2>"$T/err" &
	started=$!
	pids="$pids $started"
	until_true there
	kill -INT "$started"
	ended "$started"
	LAST='bench, and Ctrl-C'
	check 'ends it' [ "$rc" = 130 ]
	err_is_empty 'in silence'
	check 'and no store is left' [ "$(left)" = "$before" ]
fi

# one of the two processes is killed
children() { cat "/proc/$started/task/$started/children" 2>/dev/null; }
start "$T/long" bench -t 60
until_true there
if [ -r "/proc/$started/task/$started/children" ]; then
	has_children() { [ -n "$(children)" ]; }
	until_true has_children
	kill -KILL "$(children | cut -d' ' -f1)"
	ended "$started"
	LAST='bench, and a child is killed'
	check 'that is a failure' [ "$rc" = 1 ]
	cp "$T/long.err" "$T/err"
	err_has 'which is said' 'ended by signal 9$'
	check 'and no store is left' [ "$(left)" = "$before" ]
else
	kill -TERM "$started"
	ended "$started"
fi
finish
