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
printf '1\n2\n3\n' >"$T/three"
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
weir 2 pub c --id me -m 1 --repeat 3 --loop
err_has 'an end, or none' 'one of them'
(
	read -r _
	"$WEIR" pub c --id me --repeat 2
) <"$T/three"
"$WEIR" sub c --from oldest --timeout 0 >"$T/all"
check 'from where it was found, not from the beginning of the file' \
	[ "$(tail -n 4 "$T/all" | tr '\n' ' ')" = '2 3 2 3 ' ]
echo nonsense >"$T/worse"
weir 4 pub c --id me --file "$T/worse" --loop
err_has 'what is all refused is not tried again' '^weir pub: c: 1 of 1 records refused$'
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
mkfifo "$T/fifo"
start "$T/f" pub c --id early --file "$T/fifo"
until_true sh -c '"$WEIR" ls | grep -q early'
kill "$started"
ended "$started"
check 'also while nobody has opened the pipe it is to read' [ "$rc" = 143 ]
check 'in silence' [ ! -s "$T/f.err" ]
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
for r in 0.001 1e-12 1e-300; do
	start "$T/f" pub c --id "slow $r" --file "$T/two" --rate $r
	until_true sh -c '"$WEIR" get c --producer "slow $1" >/dev/null 2>&1' - $r
	sleep 0.1
	kill "$started"
	ended "$started"
	check "$r: a long pause can be ended" [ "$rc" = 143 ]
	weir 0 get c --producer "slow $r"
	out_is 'after the first' 1
done
weir 2 pub c --id me -m 1 --rate -1
weir 2 pub c --id me -m 1 --repeat 0

# how far it is, on a terminal and nowhere else
"$WEIR" pub c --id far -m 1 --repeat 130 --rate 100 2>"$T/err"
err_is_empty 'nothing without a terminal'
if has_pty; then
	{
		echo 1
		sleep 1.2
		echo 2
		sleep 0.2
	} | script -qefc "'$WEIR' pub c --id typed" /dev/null >"$T/out"
	typed=$("$WEIR" get c --producer typed)
	check 'what is typed is published' [ "$typed" = 2 ]
	check 'and no line is put where it is typed' sh -c '! grep -q records "$1"' - "$T/out"
	script -qefc "'$WEIR' pub c --id far -m 1 --repeat 130 --rate 100" /dev/null </dev/null >"$T/out"
	out_has 'on a terminal' '[0-9]+ records, 0 refused, [0-9.]+ a second'
	check 'and then it is gone' [ "$(tail -c 4 "$T/out" | od -An -c | tr -d ' ')" = '\r033[K' ]
	script -qefc "'$WEIR' pub c --id far --file '$T/bad' --repeat 70 --rate 100" /dev/null </dev/null >"$T/out"
	check 'what is said begins a line' sh -c "! LC_ALL=C grep -a 'weir pub:' '$T/out' | grep -aq 'second.*weir pub' || LC_ALL=C grep -aq \"second.*\$(printf '\\033')\\[K.*weir pub\" '$T/out'"
fi
finish
