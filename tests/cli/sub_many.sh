#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir sub of several channels, and of those that come and go
. "$(dirname "$0")/lib/cli.sh"

weir 0 create --max-bytes 8M
for c in room-1 room-2 hall; do weir 0 channel create $c; done
weir 0 pub room-1 --id a -m 1
weir 0 pub hall --id a -m 2
weir 0 pub room-2 --id b -m 3
weir 0 pub room-1 --id b -m 4

weir 0 sub room-1 room-2 --timeout 0 --from oldest
out_is 'in the order of their times' '1
3
4'
weir 0 sub 'room-*' --timeout 0 --from oldest -F '%c %s %j'
out_is 'a pattern' 'room-1 1 1
room-2 1 3
room-1 2 4'
weir 0 sub hall 'room-?' --timeout 0 -F '%c %j'
check 'the current value of each' [ "$(sort "$T/out" | tr '\n' ' ')" = 'hall 2 room-1 4 room-2 3 ' ]
weir 0 sub '*' --timeout 0 --from each -n 2
check 'no more than that' lines_are "$T/out" 2
weir 5 sub 'cellar-*' --timeout 0
out_is 'a pattern may be like nothing' ''
weir 3 sub room-1 cellar --timeout 0
err_has 'a name may not' '^weir sub: cellar: no such channel \(ENOENT\)$'
weir 2 sub
err_has 'something is needed' 'CHANNEL'

# of one producer
weir 0 sub 'room-*' --timeout 0 --from oldest --producer b
out_is 'of one producer' '3
4'
weir 5 sub 'room-*' --timeout 0 --from oldest --producer nobody

# what appears later
start "$T/f" sub 'room-*' -F '%c %j'
until_true lines_are "$T/f" 2
weir 0 channel create room-3
weir 0 pub room-3 --id c -m 5
until_true lines_are "$T/f" 3
check 'is followed' [ "$(tail -n 1 "$T/f")" = 'room-3 5' ]
weir 0 channel rm room-3
weir 0 channel create room-3
weir 0 pub room-3 --id c -m 6
until_true lines_are "$T/f" 4
check 'also when it is made anew' [ "$(tail -n 1 "$T/f")" = 'room-3 6' ]
kill "$started"
ended "$started"
check 'and a signal is a good end' [ "$rc" = 0 ]
check 'in silence' [ ! -s "$T/f.err" ]

# what was named, and goes
start "$T/f" sub room-1 'hall*'
until_true lines_are "$T/f" 2
weir 0 channel rm hall
sleep 0.3
check 'what a pattern was like may go' kill -0 "$started"
weir 0 channel rm room-1
ended "$started"
check 'what was named may not' [ "$rc" = 3 ]
check 'and that is said' grep -q '^weir sub: room-1: .*(WEIR_EREMOVED)$' "$T/f.err"

# as consumers
weir 0 channel create b1 --overflow block --capacity 8
weir 0 channel create b2 --overflow block --capacity 8
start "$T/f" sub b1 b2 --gate --from new -F '%c %j'
until_true sh -c '"$WEIR" ls | grep -c "(consumer" | grep -q 2'
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	echo $i
done >"$T/in"
weir 0 pub b1 --id p --timeout 20 <"$T/in"
weir 0 pub b2 --id p --timeout 20 <"$T/in"
until_true lines_are "$T/f" 24
check 'gates lose nothing' [ "$(grep -c b1 "$T/f")" = 12 ]
kill "$started"
ended "$started"
weir 0 ls
out_has 'and are gone at the end' '^  Consumers: 0$'

# a store that goes, while no channel is like that
start "$T/f" sub 'none*'
sleep 0.3
weir 0 destroy
ended "$started"
check 'ends it, too' [ "$rc" = 3 ]
check 'which is said' grep -q 'WEIR_ERETIRED' "$T/f.err"
finish
