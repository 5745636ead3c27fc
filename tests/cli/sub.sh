#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir sub
. "$(dirname "$0")/lib/cli.sh"

weir 3 sub c
err_has 'without a store the next step is said' 'weir create --store'
weir 0 create --max-bytes 8M
weir 3 sub c
err_has 'without the channel the next step is said' 'weir channel create --store'
weir 0 channel create c

weir 5 sub c --timeout 0
out_is 'nothing came' ''
weir 5 sub c --timeout 0.1 -n 1
printf '1\n2\n' >"$T/in"
weir 0 pub c --id a <"$T/in"
weir 0 pub c --id b -m 3

# where to begin
weir 0 sub c -n 1
out_is 'the current value' 3
weir 0 sub c --timeout 0
out_is 'and no more is there' 3
weir 0 sub c --timeout 0 --from oldest
out_is 'what is kept' '1
2
3'
weir 0 sub c --timeout 0 --from each
check 'the value of each producer' [ "$(sort "$T/out" | tr '\n' ' ')" = '2 3 ' ]
weir 5 sub c --timeout 0 --from new
weir 0 sub c --timeout 0 --from 2
out_is 'from a seq' '2
3'
weir 0 sub c -n 2 --from oldest
out_is 'so many' '1
2'
weir 5 sub c -n 4 --timeout 0.1 --from oldest
check 'too few in the time: what came is printed' lines_are "$T/out" 3

# envelopes
weir 0 sub c --json -n 3 --from oldest
check 'as JSON: the seqs' [ "$(json_field seq | tr '\n' ' ')" = '1 2 3 ' ]
out_has 'as JSON: all keys' '^\{"channel":"c","seq":1,"time":"20[0-9T:.-]*Z","producer":"a","kind":"data","lost":0,"current":false,"value":1\}$'
weir 0 clear c --id b
weir 0 sub c --json --from 4 -n 1
out_has 'as JSON: a clear' '"seq":4,.*"producer":"b","kind":"clear",.*"current_seq":2\}$'
weir 5 sub c --from 4 -n 1 --timeout 0.1
out_is 'without: a clear prints nothing' ''
err_has 'and is said' '^weir sub: c: b cleared its value, seq 4$'

# following
start "$T/f1" sub c --from new
sleep 0.3
for i in 5 6 7; do weir 0 pub c --id a -m $i; done
until_true lines_are "$T/f1" 3
check 'what comes is printed at once' [ "$(tr '\n' ' ' <"$T/f1")" = '5 6 7 ' ]
kill "$started"
ended "$started"
check 'without -n a signal is a good end' [ "$rc" = 0 ]
# Ctrl-C; a shell like this one starts what is in the background without it
env --default-signal=INT "$WEIR" sub c >"$T/int" 2>"$T/int.err" &
pids="$pids $!"
until_true [ -s "$T/int" ]
kill -INT $!
ended $!
check 'so is Ctrl-C' [ "$rc" = 0 ]
check 'in silence' [ ! -s "$T/int.err" ]
start "$T/f2" sub c --from new -n 2
sleep 0.3
kill -TERM "$started"
ended "$started"
check 'with -n it is none' [ "$rc" = 143 ]
start "$T/f3" sub c --id follower
until_true [ -s "$T/f3" ]
weir 0 ls
out_has 'with --id it is a consumer' '1\. follower \(consumer\)'
weir 1 sub c --id follower -n 1
err_has 'one id, one consumer' 'follower.*\(WEIR_EINUSE\)$'
kill -9 "$started"
ended "$started" 2>/dev/null
weir 0 sub c --id follower -n 1
weir 0 ls
out_has 'and gone at its end' '^  Consumers: 0$'

# lost records
weir 0 channel create few --capacity 4
seq 1 50 >"$T/in"
weir 0 pub few --id a <"$T/in"
weir 0 sub few --from 1 --timeout 0
err_has 'what is lost is said' '^weir sub: few: [0-9]+ records lost before seq [0-9]+$'
first=$(head -n 1 "$T/out")
err_has 'exactly' "^weir sub: few: $((first - 1)) records lost before seq $first\$"
weir 0 sub few --from $((first - 1)) --timeout 0
err_has 'one is one' ' 1 record lost before seq '
check 'up to the end' [ "$(tail -n 1 "$T/out")" = 50 ]
weir 6 sub few --from 1 --timeout 0 --strict
weir 0 sub few --timeout 0 --strict
weir 0 sub few --from 1 --json -n 1
check 'and counted' [ "$(json_field lost)" = $((first - 1)) ]

# gates
weir 2 sub c --gate -n 1
err_has 'no gate in an overwrite channel' '^weir sub: c: --gate needs a channel with overflow=block; c overwrites \(EINVAL\)$'
weir 0 channel create b --overflow block
weir 0 pub b --id a -m 1
weir 0 sub b --gate -n 1
out_is 'a gate without an id' 1
weir 2 sub b --gate --store "$SHM/weir.$WEIR_STORE"

# whoever reads goes away
LAST='sub | head'

weir 0 channel create long --lane 1M --max-producers 1 \
	--capacity 65536
seq 1 15000 | "$WEIR" pub long --id a
weir 0 sub long --from oldest --timeout 0
check 'all that is there' lines_are "$T/out" 15000
"$WEIR" sub long --from oldest 2>"$T/err" | head -n 1 >"$T/out"
out_is 'a closed pipe ends it' 1
err_is_empty 'in silence'
"$WEIR" sub c 2>"$T/err" | head -n 1 >"$T/out"
check 'also on a quiet channel' lines_are "$T/out" 1
(
	trap '' PIPE
	"$WEIR" sub long --from oldest 2>"$T/err"
	echo $? >"$T/code"
) | head -n 1 >"$T/out"
until_true [ -s "$T/code" ]
check 'where SIGPIPE is ignored, too' [ "$(cat "$T/code")" = 1 ]
LAST='sub >/dev/full'
"$WEIR" sub c -n 1 >/dev/full 2>"$T/err"
check 'a full disk is noticed' [ $? = 1 ]
err_has 'and said' 'cannot write the output: .*ENOSPC'
"$WEIR" sub c >/dev/full 2>"$T/err"
check 'also while following' [ $? = 1 ]
"$WEIR" sub c -n 1 >&- 2>"$T/err"
check 'and a closed standard output' [ $? = 1 ]

# nobody who reads, on a quiet channel and in the middle: the place is given
# back
weir 0 channel create pipe --lane 512k --max-record 2k --max-producers 2
for last in 9 200; do
	seq -f '"%01000g"' 1 $last | "$WEIR" pub pipe --id p$last
	{
		"$WEIR" sub pipe --from oldest --id me
		echo $? >"$T/rc"
	} | head -n 1 | grep -o '0*1"$' | tr -d '0"' >"$T/out"
	out_is 'what was read' 1
	check 'it ends by SIGPIPE' [ "$(cat "$T/rc")" = 141 ]
	run doctor
	out_has_not 'nobody is said to be killed' '^problem .*-killed'
done

# the end of a store
start "$T/f4" sub c
until_true [ -s "$T/f4" ]
cp "$SHM/weir.$WEIR_STORE" "$T/copy"
weir 0 destroy
ended "$started"
check 'a destroyed store ends it' [ "$rc" = 3 ]
check 'and that is said' grep -q "^weir sub: $WEIR_STORE: .*(WEIR_ERETIRED)\$" "$T/f4.err"
weir 0 sub c --from oldest --store "$T/copy"
out_is 'a copy is read to its end' '1
2
3
5
6
7'
weir 5 sub c --from oldest -n 50 --store "$T/copy"
weir 2 sub c --id x --store "$T/copy"
finish
