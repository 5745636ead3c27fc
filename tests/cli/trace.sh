#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir trace: who published, who has read, who lags, what was lost.
. "$(dirname "$0")/lib/cli.sh"

file=$SHM/weir.$WEIR_STORE

weir 3 trace
err_has 'without a store the next step is said' 'weir create --store'
weir 0 create --max-bytes 8M
weir 3 trace none
err_has 'without the channel the next step is said' 'weir channel create --store'
weir 2 trace -n 0
weir 2 trace --producer
weir 0 trace --history
out_is 'nothing is there' ''

# ---- history
weir 0 channel create c --capacity 8
weir 0 channel create other
weir 0 channel create plain --stamps off
weir 0 pub c -i ann -m '{"a":1}'
weir 0 pub other -i bob -m 12
weir_in '1\n{\n2\n' 4 pub c -i bob
weir 0 pub plain -i ann -m 5
weir 0 clear c --id bob
cksum <"$file" >"$T/sum"

weir 0 trace --history
cp "$T/out" "$T/history"
at='[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}  '
out_has 'the day stands above' '^-- 20[0-9-]+ UTC$'
out_has 'a record' "^${at}c          #1  published by ann, 4 bytes\$"
out_has 'columns are as wide as the names' "^${at}other      #1  published by bob, 1 byte\$"
out_has 'a clear, and what is current then' "^${at}c          #4  cleared by bob, #1 is current\$"
out_has 'without time stamps there is no time' '^-                plain      #1  published by ann, 1 byte$'
out_has 'how it stands at the end, and what was refused' "^${at}c          #4  producer bob, gone, 2 records, 1 refused\$"
check 'by time' [ "$(sed -n 's/.* published by \([a-z]*\).*/\1/p' "$T/out" | tr '\n' ' ')" = 'ann ann bob bob bob ' ]
check 'one event a line' lines_are "$T/out" 11
out_has_not 'no values' '"a"'
cksum <"$file" | cmp -s - "$T/sum"
check 'it writes nothing' [ $? = 0 ]
weir 0 trace --history -v c
out_has 'values if asked for' 'published by ann, 4 bytes: \{"a":1\}$'
out_has_not 'only that channel' 'other|plain'
weir 0 trace --history 'o*' 'pl?in'
check 'patterns' [ "$(awk '$3 ~ /^#/ { print $2 }' "$T/out" | sort -u | tr '\n' ' ')" = 'other plain ' ]
weir 0 trace --history 'x*'
out_is 'a pattern that fits nothing' ''
weir 0 trace --history -n 2 c
check 'so many lines, and the day' lines_are "$T/out" 3
weir 0 trace --history --producer bob
check 'one producer' [ "$(grep -c bob "$T/out") $(grep -c ann "$T/out")" = '6 0' ]

weir 0 trace --history --json -v c
out_has 'JSON: a record' '^\{"time":"20[0-9T:.-]+Z","channel":"c","event":"published","seq":1,"producer":"ann","bytes":4,"value":\{"a":1\}\}$'
out_has 'JSON: a clear' '"event":"cleared","seq":4,"producer":"bob","bytes":0,"current_seq":1\}$'
out_has 'JSON: a producer' '"event":"standing","seq":4,"producer":"bob","pid":0,"life":"gone","published":2,"refused":1\}$'
weir 0 trace --history --json plain
out_has 'JSON: no time' '^\{"time":null,"channel":"plain","event":"published"'

# ---- where a record came from: the part that a bridge writes
weir 0 pub other -i bridge -m '"bridged"'
at_text=$(grep -abo bridged "$file" | head -n 1 | cut -d: -f1)
head=$((at_text - 1 - 32)) # of the record; the text has one byte before it
printf '\003' | dd of="$file" bs=1 seek=$((head + 13)) conv=notrunc status=none
printf '\253\0\0\0\0\0\0\0\021\0\0\0\0\0\0\0' |
	dd of="$file" bs=1 seek=$((head + 32 + 8 + 8)) conv=notrunc status=none
weir 0 trace --history other
out_has 'a bridged record leads back' '#2  published by bridge, 8 bytes, from a channel that is gone \(171\) #17$'
weir 0 trace --history --json other
out_has 'JSON: also' '"producer":"bridge","bytes":8,"origin_channel":171,"origin_seq":17,"origin":null\}$'

# ---- a copy is read to its end; on a dead store what is kept comes first
cp --sparse=always "$file" "$T/copy"
weir 0 trace --store "$T/copy" c
out_has 'a copy: what is kept' '#1  published by ann, 4 bytes$'
start "$T/dead" trace c
until_true grep -q 'producer bob, gone' "$T/dead"
check 'a dead store: what is kept' grep -q '#1  published by ann, 4 bytes$' "$T/dead"
weir 0 pub c -i ann -m 7
until_true grep -q '#5  published by ann' "$T/dead"
ok 'and what comes'
kill "$started"
ended "$started"
check 'a signal is a good end' [ "$rc" = 0 ]
check 'in silence' [ ! -s "$T/dead.err" ]

# ---- live
start "$T/sub" sub c -i display -f new
sub=$started
until_true sh -c "'$WEIR' info c --json | grep -q display"
start "$T/live" trace c other
trace=$started
until_true grep -q "consumer display (pid $sub), alive, .*, lag 0, 0 lost\$" "$T/live"
ok 'who is there is said first'
weir 0 pub c -i ann -m 8
until_true grep -q "#6  read by display (pid $sub), lag 0, within [0-9.]* [mun]*s\$" "$T/live"
check 'published comes before read' [ "$(sed -n 's/.*#6  \([a-z]*\) .*/\1/p' "$T/live" | tr '\n' ' ')" = 'published read ' ]
check 'what was before is not shown' [ "$(grep -c '#1  ' "$T/live")" = 0 ]
weir 0 clear c --id ann
until_true grep -q '#7  cleared by ann' "$T/live"
weir_in '{\n' 4 pub c -i ann
until_true grep -q '1 record of ann refused$' "$T/live"
ok 'what is refused is told'
kill -STOP "$sub"
weir 0 pub c -i ann -m 9
until_true grep -Eq "display \(pid $sub\) does not read on, lag 1 \([0-9.]+ [mun]?s\)\$" "$T/live"
ok 'who stands still is told'
for i in 1 2 3 4 5 6 7 8 9; do echo $i; done >"$T/nine"
"$WEIR" pub c -i ann <"$T/nine"
until_true grep -q '#17  published by ann' "$T/live"
kill -CONT "$sub"
until_true grep -q '#17  read by display' "$T/live"
check 'what a consumer lost is told' grep -Eq "[0-9]+ records? lost by display \(pid $sub\)\$" "$T/live"
# 8 to 17, in as many lines as there were looks between
check 'and with what it read that is all' [ "$(awk '
	/ lost by display / { sum += $3 }
	/ read by display / && substr($3, 2) + 0 > 7 {
		sum += match($0, /[0-9]+ records/) ? substr($0, RSTART) + 0 : 1
	}
	END { print sum }' "$T/live")" = 10 ]
kill -9 "$sub"
until_true grep -q "consumer display (pid $sub) was killed\$" "$T/live"
ok 'a death is told'
weir 0 sub other -i late -t 0
start "$T/sub" sub other -i late -f new
late=$started
until_true grep -q "consumer late (pid $late) joined, reads #3 next\$" "$T/live"
kill "$late"
until_true grep -q "consumer late (pid $late) left\$" "$T/live"
ok 'who comes and goes is told'
kill -STOP "$trace"
"$WEIR" pub c -i ann <"$T/nine"
"$WEIR" pub c -i ann <"$T/nine"
kill -CONT "$trace"
until_true grep -q '#35  published by ann' "$T/live"
check 'what is gone before it could be shown is told' grep -Eq '#18  [0-9]+ records from here on overwritten before it was shown$' "$T/live"
weir 0 channel rm other
until_true grep -q 'other *channel removed$' "$T/live"
weir 0 channel create other
until_true grep -q 'other *channel made$' "$T/live"
weir 0 pub other -i bob -m 1
until_true grep -q 'other *#1  published by bob, 1 byte$' "$T/live"
ok 'a channel that goes and comes is followed'
weir 0 destroy
ended "$trace"
check 'the end of the store is its end' [ "$rc" = 3 ]
check 'which is said' grep -q '^weir trace: .*WEIR_ERETIRED' "$T/live.err"

# ---- live, as JSON; one producer
weir 0 create --max-bytes 8M
weir 0 channel create c --capacity 8
start "$T/sub" sub c -i display -f new
sub=$started
until_true sh -c "'$WEIR' info c --json | grep -q display"
start "$T/json" trace --json
json=$started
start "$T/one" trace --producer ann -n 2
one=$started
until_true grep -q standing "$T/json"
until_true grep -q 'consumer display' "$T/one"
weir 0 pub c -i bob -m 1
weir 0 pub c -i ann -m 2
until_true grep -q '"event":"read","seq":2' "$T/json"
cp "$T/json" "$T/out"
out_has 'JSON: a consumer' "\"event\":\"standing\",\"consumer\":\"display\",\"pid\":$sub,\"cursor\":1,\"lag\":0,\"lag_ns\":null,\"life\":\"alive\",\"gating\":false,\"asleep\":(true|false),\"lost\":0,\"invalid\":0\\}\$"
out_has 'JSON: a reading' "\"event\":\"read\",\"seq\":2,\"records\":[12],\"consumer\":\"display\",\"pid\":$sub,\"lag\":0,\"lag_ns\":null,\"within_ns\":[0-9]+\\}\$"
ended "$one"
check '-n: so many lines are a good end' [ "$rc" = 0 ]
check 'one producer: not the others' [ "$(grep -c bob "$T/one") $(grep -c '#2  published by ann' "$T/one")" = '0 1' ]
kill "$json"
ended "$json"
check 'JSON: nothing else' [ -z "$(grep -v '^{"time":' "$T/json")" ]
start "$T/n" trace -n 99 c
until_true grep -q 'consumer display' "$T/n"
kill "$started"
ended "$started"
check 'with -n a signal is no good end' [ "$rc" = 143 ]

# ---- whoever reads us goes away, on a quiet store
mkfifo "$T/fifo"
"$WEIR" trace c >"$T/fifo" 2>"$T/err" &
quiet=$!
pids="$pids $quiet"
head -n 1 <"$T/fifo" >/dev/null
wait "$quiet"
rc=$?
LAST='trace | head'
check 'it ends as others do' [ "$rc" = 141 ]
err_is_empty 'in silence'
kill "$sub"
ended "$sub"

# ---- what must not reach a terminal
file=$SHM/weir.$WEIR_STORE
weir 0 pub c -i evilname -m '"a\u001b[2Jb"'
for at_id in $(grep -abo evilname "$file" | cut -d: -f1); do
	printf '\033[2J' | dd of="$file" bs=1 seek="$at_id" conv=notrunc status=none
done
weir 0 trace --history -v
esc=$(printf '\033')
out_has 'it was there' 'published by ann'
out_has_not 'no control characters' "$esc"
out_has 'those of a value are escaped' '"a\\u001b\[2Jb"'
weir 0 trace --history -v --json
out_has_not 'nor as JSON' "$esc"

finish
