#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Output that cannot be written, by any verb that prints
. "$(dirname "$0")/lib/cli.sh"

weir 0 create
weir 0 channel create c
seq 1 3 >"$T/in"
weir 0 pub c --id a <"$T/in"

# A pipe that nobody reads any more, on descriptor 7.
mkfifo "$T/pipe"
exec 8<>"$T/pipe" 7>"$T/pipe" 8>&-

for verb in ls 'ls --json' 'info c' 'top -1 -d 0.01' 'get c' dump 'sub c -n 1' help 'help ls' \
	version; do
	LAST="$verb >/dev/full"
	"$WEIR" $verb >/dev/full 2>"$T/err"
	check "$verb: a full disk" [ $? = 1 ]
	err_has 'is said' '^weir [a-z]+: cannot write the output: .*\(ENOSPC\)$'
	LAST="$verb >&-"
	"$WEIR" $verb >&- 2>"$T/err"
	check "$verb: no standard output" [ $? = 1 ]
	LAST="$verb, nobody reads"
	("$WEIR" $verb >&7 2>"$T/err") 2>/dev/null
	check "$verb: a closed pipe" [ $? = 141 ]
	err_is_empty 'ends it in silence'
	LAST="$verb, nobody reads, SIGPIPE ignored"
	(
		trap '' PIPE
		"$WEIR" $verb >&7 2>"$T/err"
	)
	check "$verb: where SIGPIPE is ignored" [ $? = 1 ]
done

# verbs that print nothing need nowhere to print
for verb in 'channel create d' 'pub c --id a -m 4' 'channel rm d' create; do
	LAST="$verb >/dev/full"
	"$WEIR" $verb >/dev/full 2>"$T/err"
	check "$verb: prints nothing" [ $? = 0 ]
done
LAST='ls, and nowhere to complain'
"$WEIR" ls >/dev/full 2>/dev/full
check 'nowhere to complain' [ $? = 1 ]
LAST='pub, and nowhere to complain'
"$WEIR" pub c --id a -m '{' 2>/dev/full
check 'a bad record, and nowhere to complain' [ $? = 4 ]

# A signal while the pipe is full: descriptor 8 is read by nobody who is slow.
weir 0 channel create long --lane 1M --max-producers 1 --capacity 65536
seq 1 15000 >"$T/in"
weir 0 pub long --id a <"$T/in"
is_stuck() {
	read -r _ _ state _ <"/proc/$1/stat" && [ "$state" = S ] &&
		[ "$(cut -d' ' -f1 "/proc/$1/syscall" 2>/dev/null)" = 1 ]
}
exec 8<>"$T/pipe"
LAST='sub, a full pipe, SIGTERM'
"$WEIR" sub long --from oldest >&8 2>"$T/err" &
p=$!
pids="$pids $p"
if [ -r "/proc/$p/syscall" ] && [ "$(uname -m)" = x86_64 ]; then
	until_true is_stuck "$p"
else
	sleep 1
fi
kill -TERM "$p"
ended "$p"
check 'a signal ends what cannot write' [ "$rc" = 1 ]
err_is_empty 'in silence'

weir 0 get c
out_is 'the store is as before' 4
weir 0 destroy
finish
