#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir pub: files, again and again, so many a second, and how far it is
. "$(dirname "$0")/lib/cli.sh"

weir 0 create --max-bytes 16M
weir 0 channel create c --capacity 1024
all() {
	"$WEIR" sub c --from oldest --timeout 0 | tr '\n' ' '
}

# files
printf '1\n\n2\n' >"$T/two"
weir 0 pub c --id me --file "$T/two"
check 'a file' [ "$(all)" = '1 2 ' ]
printf '\003\004' >"$T/mp"
weir 0 pub c --id me --file "$T/mp" --format msgpack
check 'of msgpack' [ "$(all)" = '1 2 3 4 ' ]
echo 5 >"$T/in"
weir 0 pub c --id me --file - <"$T/in"
check '- is standard input' [ "$(all)" = '1 2 3 4 5 ' ]
weir 1 pub c --id me --file "$T/none"
err_has 'no file' "^weir pub: $T/none: .*\(ENOENT\)\$"
weir 1 pub c --id me --file "$T"
err_has 'no file, but a folder' '\(EISDIR\)$'
weir 2 pub c --id me --file "$T/two" -m 1
err_has 'one input' 'one of them'
printf '1\nnonsense\n' >"$T/bad"
weir 4 pub c --id me --file "$T/bad"
err_has 'a bad line is named' '^weir pub: c: line 2, column 2: '

# again and again
weir 0 channel rm c
weir 0 channel create c --capacity 1024
weir 0 pub c --id me -m 7 --repeat 3
check 'a message' [ "$(all)" = '7 7 7 ' ]
weir 0 pub c --id me --file "$T/two" --repeat 2
check 'a file' [ "$(all)" = '7 7 7 1 2 1 2 ' ]
weir 0 pub c --id me --repeat 2 <"$T/two"
check 'standard input, if it is a file' [ "$(all)" = '7 7 7 1 2 1 2 1 2 1 2 ' ]
LAST='pub --repeat 2 < a pipe'
# shellcheck disable=SC2002
cat "$T/two" | "$WEIR" pub c --id me --repeat 2 2>"$T/err"
check 'and otherwise not' [ $? = 2 ]
err_has 'which is said' 'standard input cannot be read more than once'
weir 4 pub c --id me --file "$T/bad" --repeat 3
err_has 'refused each time' '^weir pub: c: 3 of 6 records refused$'
weir 4 pub c --id me -m nonsense --repeat 3
check 'a message that is refused only once' lines_are "$T/err" 1
weir 0 pub c --id me --file /dev/null --loop
: >"$T/empty"
weir 0 pub c --id me --file "$T/empty" --loop

# until a signal comes
for how in "-m 1" "--file $T/two"; do
	# shellcheck disable=SC2086
	start "$T/f" pub c --id endless $how --loop
	until_true sh -c '"$WEIR" get c --producer endless >/dev/null 2>&1'
	kill "$started"
	ended "$started"
	check "endless, $how: a signal is a good end" [ "$rc" = 0 ]
	check 'in silence' [ ! -s "$T/f.err" ]
	weir 0 clear c --id endless
done
start "$T/f" pub c --id endless -m 1 --repeat 1000000000
until_true sh -c '"$WEIR" get c --producer endless >/dev/null 2>&1'
kill "$started"
ended "$started"
check 'otherwise it is none' [ "$rc" = 143 ]
start "$T/f" pub c --id endless --file "$T/bad" --loop --rate 50
until_true [ -s "$T/f.err" ]
kill "$started"
ended "$started"
check 'what was refused is told at the end' [ "$rc" = 4 ]
check 'in a sum' sh -c 'tail -n 1 "$1" | grep -q "of .* records refused"' - "$T/f.err"

# so many a second: the time stamps tell
weir 0 channel rm c
weir 0 channel create c --capacity 1024
weir 0 pub c --id me -m 1 --repeat 21 --rate 50
"$WEIR" sub c --from oldest --timeout 0 -F %t >"$T/out"
check 'all of them' lines_are "$T/out" 21
check 'not sooner than asked for' [ $(($(tail -n 1 "$T/out") - $(head -n 1 "$T/out"))) -ge 399000000 ]
start "$T/f" pub c --id slow --file "$T/two" --rate 0.001
until_true sh -c '"$WEIR" get c --producer slow >/dev/null 2>&1'
kill "$started"
ended "$started"
check 'a long pause can be ended' [ "$rc" = 143 ]
weir 0 get c --producer slow
out_is 'after the first' 1
weir 2 pub c --id me -m 1 --rate -1
weir 2 pub c --id me -m 1 --repeat 0

# how far it is, on a terminal and nowhere else
"$WEIR" pub c --id far -m 1 --repeat 130 --rate 100 2>"$T/err"
err_is_empty 'nothing without a terminal'
if has_pty; then
	script -qefc "'$WEIR' pub c --id far -m 1 --repeat 130 --rate 100" /dev/null </dev/null >"$T/out"
	out_has 'on a terminal' '[0-9]+ records, 0 refused, [0-9.]+ a second'
	check 'and then it is gone' [ "$(tail -c 4 "$T/out" | od -An -c | tr -d ' ')" = '\r033[K' ]
	script -qefc "'$WEIR' pub c --id far --file '$T/bad' --repeat 70 --rate 100" /dev/null </dev/null >"$T/out"
	check 'what is said begins a line' sh -c "! LC_ALL=C grep -a 'weir pub:' '$T/out' | grep -aq 'second.*weir pub' || LC_ALL=C grep -aq \"second.*\$(printf '\\033')\\[K.*weir pub\" '$T/out'"
fi
finish
