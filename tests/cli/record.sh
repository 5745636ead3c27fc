#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir record: what gets into the file, how it ends, what it says is lost.
# What is in a file is seen by replaying it into a store of its own.
. "$(dirname "$0")/lib/cli.sh"

second=weir-test-$$-2

# in_file FILE: its records, as weir sub prints them, are in $T/out
in_file() {
	"$WEIR" destroy --store "$second" 2>/dev/null
	"$WEIR" create --store "$second" --max-bytes 64M
	weir 0 replay "$1" --speed 0 --store "$second"
	err_is_empty 'the file is whole'
	"$WEIR" ls --json --store "$second" | sed 's/^{"channel":"\([^"]*\)".*/\1/' |
		sort >"$T/names"
	while read -r name; do
		"$WEIR" sub "$name" --store "$second" --from oldest --timeout 0 --json
	done <"$T/names" >"$T/out" 2>/dev/null
}

# is_begun FILE: has a recorder come so far that it sees what is published now?
is_begun() { [ -s "$1" ]; }

weir 2 record
err_has 'where to must be said' '^weir record: where to\?  -o FILE$'
weir 3 record -o "$T/a"
err_has 'without a store the next step is said' 'weir create --store'
check 'and nothing is made' [ ! -e "$T/a" ]
weir 0 create --max-bytes 64M
weir 3 record -o "$T/a" none
err_has 'a name must be there' '^weir record: none: no such channel \(ENOENT\)$'
err_has 'and the next step is said' 'weir channel create --store'
check 'nothing is made' [ ! -e "$T/a" ]

echo '{"type":"object","required":["a"]}' >"$T/s.json"
weir 0 channel create c --schema "$T/s.json" --capacity 1024 --lane 256k
weir 0 channel create plain --stamps off
weir 0 channel create only --producers exclusive --inline 240
weir 0 channel create held --overflow block
printf '{"a":%s}\n' 1 '[2,3.5,null,"\\u00e4"]' '{"b":true}' >"$T/in"
weir 0 pub c --id one <"$T/in"
weir 0 pub c --id 'two 2' -m '{"a":-5}'
weir 0 pub c --id one -m '{"a":18446744073709551615}'
weir 0 clear c --id 'two 2'
weir 0 pub plain --id p -m '"no time"'
weir 0 pub only --id x -m 1
weir 0 pub only --id y -m 2
weir 0 pub held --id h -m '[]'
for c in c held only plain; do
	"$WEIR" sub $c --from oldest --timeout 0 --json
done >"$T/published" 2>/dev/null

# equal_but_times FILE FILE: the same records in the same order
equal_but_times() {
	for f; do
		sed 's/"time":[^,]*,//' "$f" >"$f.untimed"
	done
	cmp -s "$1.untimed" "$2.untimed"
}

# what is there, out and in again
for how in 'msgpack zstd' 'msgpack none' 'json zstd' 'json none'; do
	set -- $how
	weir 0 record -o "$T/$1-$2" --payload $1 --compression $2 \
		--from oldest --duration 0
	out_is 'it prints nothing' ''
	err_has 'and says how much it was' "^weir record: $T/$1-$2: 10 records, [0-9.]+ k?B\$"
	check 'for nobody else' [ "$(stat -c %a "$T/$1-$2")" = 600 ]
	in_file "$T/$1-$2"
	check "$1, $2: all comes back" equal_but_times "$T/published" "$T/out"
	for c in c held only plain; do
		for s in "$WEIR_STORE" "$second"; do
			"$WEIR" info $c --json --store $s |
				grep -o '"config":{[^}]*}\|"required":\["a"\]' |
				tr '\n' ' '
			echo
		done >"$T/configs"
		check "$c is made as it was" [ "$(uniq "$T/configs" | wc -l)" = 1 ]
	done
done

# across channels, in the order of their time stamps
for i in 1 2 3; do
	weir 0 pub held --id h -m "\"$i a\""
	weir 0 pub only --id x -m "\"$i c\""
done
weir 0 record -o "$T/merged" --from oldest --duration 0 held only
in_file "$T/merged"
sed -n 's/.*"time":"\([^"]*\)".*"value":"\(.*\)"}$/\1 \2/p' "$T/out" | sort |
	cut -d' ' -f2- | tr '\n' ' ' >"$T/order"
check 'merged' [ "$(cat "$T/order")" = '1 a 1 c 2 a 2 c 3 a 3 c ' ]

# an existing file
weir 1 record -o "$T/json-none" --duration 0
err_has 'a file that is there stays' 'json-none: .*\(EEXIST\)$'
err_has 'and how to replace it is said' '--force'
weir 0 record -o "$T/json-none" --force --duration 0 c
weir 1 record -o "$T/none/x" --duration 0
err_has 'a folder that is not there' 'none/x: .*\(ENOENT\)$'
weir 2 record -o "$T/a" --chunk-size 1G
err_has 'a limit is named' '--chunk-size: up to 128M$'
weir 2 record -o "$T/a" --from yesterday
weir 2 record -o "$T/a" --compression lz4

# where to begin, which channels
weir 0 record -o "$T/each" --duration 0 c
in_file "$T/each"
check 'each: a value of each producer that has one' \
	[ "$(json_field value | tr '\n' ' ')" = '{"a":18446744073709551615 ' ]
weir 0 record -o "$T/new" --duration 0 --from new
err_has 'new: nothing' ': 0 records, '
weir 0 replay "$T/new" --store "$second"
weir 0 record -o "$T/some" --duration 0 --from oldest 'p*' '[h]eld'
in_file "$T/some"
check 'patterns' [ "$(tr '\n' ' ' <"$T/names")" = 'held plain ' ]
weir 0 record -o "$T/none" --duration 0 'z*'
err_has 'a pattern need not be there' ': 0 records, '

# so many, so long
weir 0 record -o "$T/three" --from oldest -n 3 c
err_has 'so many' ': 3 records, '
weir 5 record -o "$T/more" --from oldest -n 99 --duration 0.2 c
err_has 'too few in the time: what came is there' ': 6 records, '
in_file "$T/more"
check 'all of it' lines_are "$T/out" 6

# following, until a signal
start "$T/f1" record -o "$T/live" --from new
until_true is_begun "$T/live"
for i in 1 2 3; do weir 0 pub c --id one -m "{\"a\":$i}"; done
weir 0 channel create later
seq 1 20 >"$T/in"
weir 0 pub later --id l <"$T/in"
weir 0 channel rm plain
weir 0 channel create plain --capacity 16
weir 0 pub plain --id again -m '"again"'
kill "$started"
ended "$started"
check 'a signal is a good end' [ "$rc" = 0 ]
in_file "$T/live"
check 'what came is there, up to the last record' [ "$(json_field value | tr '\n' ' ')" = \
	'{"a":1 {"a":2 {"a":3 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 "again" ' ]
# Ctrl-C; a shell like this one starts what is in the background without it
env --default-signal=INT "$WEIR" record -o "$T/int" 2>"$T/int.err" &
pids="$pids $!"
until_true is_begun "$T/int"
kill -INT $!
ended $!
check 'so is Ctrl-C' [ "$rc" = 0 ]
in_file "$T/int"
start "$T/f2" record -o "$T/term" --from oldest -n 1000
until_true is_begun "$T/term"
kill "$started"
ended "$started"
check 'with -n it is none' [ "$rc" = 143 ]
in_file "$T/term"
check 'but the file is whole' [ -s "$T/out" ]

# killed: all but the last second or so
start "$T/f3" record -o "$T/killed" --from oldest c
until_true grep -aqs zstd "$T/killed" # a chunk is there
kill -9 "$started"
ended "$started" 2>/dev/null
"$WEIR" destroy --store "$second"
"$WEIR" create --store "$second" --max-bytes 64M
weir 1 replay "$T/killed" --store "$second" --speed 0
err_has 'that it is cut is said' "^weir replay: $T/killed: byte [0-9]+: the file is cut here\$"
weir 0 sub c --store "$second" --from oldest --timeout 0
check 'what was written is there' [ "$(head -n 1 "$T/out")" = '{"a":1}' ]

# lost records
weir 0 channel create few --capacity 4
start "$T/f4" record -o "$T/lossy" --compression none --strict
until_true is_begun "$T/lossy"
weir 0 pub few --id a -m 0
kill -STOP "$started"
seq 1 50 >"$T/in"
weir 0 pub few --id a <"$T/in"
weir 0 pub c --id one -m '{"a":7}'
kill -CONT "$started"
kill "$started"
ended "$started"
check 'with --strict it is a failure' [ "$rc" = 6 ]
cp "$T/f4.err" "$T/err"
err_has 'what is lost is said' '^weir record: few: [0-9]+ records lost$'
lost=$(sed -n 's/^weir record: few: \([0-9]*\) records lost$/\1/p' "$T/err")
check 'of no other channel' [ "$(grep -c lost "$T/err")" = 1 ]
"$WEIR" destroy --store "$second"
"$WEIR" create --store "$second" --max-bytes 64M
weir 0 channel create few --store "$second" # with room for all
weir 0 replay "$T/lossy" --speed 0 --store "$second"
weir 0 sub few --from oldest --timeout 0 --store "$second"
check 'exactly' lines_are "$T/out" $((51 - lost))
check 'and the file says so' grep -aq "lost.few.*$lost" "$T/lossy"

# what cannot be written
weir 1 record -o /dev/full --force --from oldest --duration 0
err_has 'a full disk is said' '^weir record: /dev/full: .*\(ENOSPC\)$'
err_has 'and what is there' '/dev/full: it ends without an index, after 0 records; '
(
	ulimit -f 16
	trap '' XFSZ
	"$WEIR" record -o "$T/limit" --compression none --chunk-size 1k \
		--from oldest --duration 0 later c few
	echo $? >"$T/rc"
	seq -f '"%02000g"' 1 20 | "$WEIR" pub later --id l
	"$WEIR" record -o "$T/limited" --compression none --chunk-size 1k \
		--from oldest --duration 0 2>"$T/err"
	echo $? >>"$T/rc"
) 2>/dev/null
LAST='record, and a limit of 16 KiB'
check 'it fails where it does not fit' [ "$(tr '\n' ' ' <"$T/rc")" = '0 1 ' ]
err_has 'a limit is named' 'limited: .*\(EFBIG\)$'
n=$(sed -n 's/.*it ends without an index, after \([0-9]*\) records; .*/\1/p' "$T/err")
"$WEIR" destroy --store "$second"
"$WEIR" create --store "$second" --max-bytes 64M
weir 1 replay "$T/limited" --store "$second" --speed 0
for c in $("$WEIR" ls --json --store "$second" | sed 's/^{"channel":"\([^"]*\)".*/\1/'); do
	"$WEIR" sub $c --store "$second" --from oldest --timeout 0 --json 2>/dev/null
done >"$T/out"
check 'what it said is there is' lines_are "$T/out" "$n"

# a copy, the end of the store
weir 0 snapshot -o "$T/copy"
weir 0 record -o "$T/of-copy" --store "$T/copy" --from oldest c
in_file "$T/of-copy"
check 'a copy is read to its end' [ "$(tail -n 1 "$T/out" | grep -c '"a":7')" = 1 ]
start "$T/f5" record -o "$T/last" --from oldest c
until_true is_begun "$T/last"
weir 0 destroy
ended "$started"
check 'a destroyed store ends it' [ "$rc" = 3 ]
check 'and that is said' grep -q '(WEIR_ERETIRED)$' "$T/f5.err"
in_file "$T/last"
check 'with all that was there' [ "$(tail -n 1 "$T/out" | grep -c '"a":7')" = 1 ]
finish
