#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir replay: times, choices, refusals, damaged files.
. "$(dirname "$0")/lib/cli.sh"

# anew: an empty store
anew() {
	"$WEIR" destroy 2>/dev/null
	"$WEIR" create --max-bytes 64M
}

# values CHANNEL...: what was published, in a line
values() {
	"$WEIR" sub "$1" --from oldest --timeout 0 2>/dev/null | tr '\n' ' '
}

anew
weir 0 channel create a
weir 0 channel create b
weir 0 pub a --id one -m '"first"'
sleep 0.6
weir 0 pub b --id two -m '{"mark":"MARK"}'
weir 0 pub a --id one -m '"last"'
weir 0 record -o "$T/file" --from oldest --duration 0
weir 0 record -o "$T/json" --payload json --compression none --chunk-size 1 \
	--from oldest --duration 0

# errors
weir 1 replay "$T/none"
err_has 'no file' 'none: .*\(ENOENT\)$'
echo 'not that' >"$T/text"
weir 1 replay "$T/text"
err_has 'another file' '^weir replay: .*/text: not an MCAP file$'
: >"$T/empty"
weir 1 replay "$T/empty"
err_has 'an empty file' ': not an MCAP file$'
weir 1 replay "$T"
err_has 'a folder' ': .*\(EISDIR\)$'
weir 0 destroy
weir 3 replay "$T/file"
err_has 'without a store the next step is said' 'weir create --store'
weir 2 replay "$T/file" --speed fast
err_has 'speed is a number' '--speed: a number is needed'
weir 2 replay "$T/file" --speed -1
weir 2 replay "$T/file" --store "$T/file"

# times: it may take longer, never less
anew
before=$(date +%s%N)
weir 0 replay "$T/file"
took=$((($(date +%s%N) - before) / 1000000))
out_is 'it prints nothing' ''
err_is_empty 'and says nothing'
check 'it takes as long as it took' [ $took -ge 600 ]
before=$(date +%s%N)
weir 0 replay "$T/file" --speed 4
took=$((($(date +%s%N) - before) / 1000000))
check 'or a fourth of that' [ $took -ge 150 ]
weir 0 sub a --json --from oldest --timeout 0
out_has 'under the same id' '"seq":1,.*"producer":"one",.*"value":"first"\}$'
check 'in the same order' [ "$(values a)" = '"first" "last" "first" "last" ' ]

# some of it
anew
weir 0 replay "$T/file" --speed 0 --channel 'b*' --channel zzz
check 'what was chosen' [ "$(values b)" = '{"mark":"MARK"} ' ]
weir 3 get a
weir 0 replay "$T/file" --speed 0 --channel none

# again and again
anew
start "$T/f1" replay "$T/file" --speed 0 --loop
until_true sh -c "[ \$('$WEIR' sub a --timeout 0 --json 2>/dev/null | sed 's/.*\"seq\":\([0-9]*\).*/\1/;s/^\$/0/') -gt 20 ] 2>/dev/null"
kill "$started"
ended "$started"
check 'a signal ends it, which is a good end' [ "$rc" = 0 ]
check 'the values stay' [ "$("$WEIR" get b)" = '{"mark":"MARK"}' ]
weir 0 channel create long
weir 0 record -o "$T/nothing" --duration 0 long
weir 1 replay "$T/nothing" --loop
err_has 'nothing again and again is nothing' 'there is nothing to publish'
# once, and a signal in the middle: two records an hour apart, nearly
start "$T/f2" replay "$T/file" --speed 0.0001
until_true sh -c "'$WEIR' get a >/dev/null 2>&1"
kill "$started"
ended "$started"
check 'a signal in the middle is none' [ "$rc" = 143 ]
run doctor
out_has_not 'but the places are given back' '^problem .*-killed'

# refused
anew
echo '{"type":"string","maxLength":4}' >"$T/s.json"
weir 0 channel create a --schema "$T/s.json"
weir 4 replay "$T/file" --speed 0
err_has 'what a schema refuses is named' '^weir replay: a: one, sequence 1: .*\(WEIR_ESCHEMA\)$'
err_has 'and counted' '^weir replay: a: 1 of 2 records refused$'
check 'the others are published' [ "$(values a)$(values b)" = '"last" {"mark":"MARK"} ' ]
start "$T/f3" pub a --id one
anew
mkfifo "$T/fifo"
weir 0 channel create a
"$WEIR" pub a --id one <"$T/fifo" 2>/dev/null &
pids="$pids $!"
exec 5>"$T/fifo"
until_true sh -c "'$WEIR' info a --json | grep -q '\"id\":\"one\",\"life\":\"alive\"'"
weir 1 replay "$T/file" --speed 0
err_has 'whose id is taken is named' '^weir replay: a: .*one.*\(WEIR_EINUSE\)$'
err_has 'and counted' '^weir replay: a: 2 of 2 records refused$'
check 'the others are published' [ "$(values b)" = '{"mark":"MARK"} ' ]
exec 5>&-
anew
weir 0 channel create small --max-record 16
weir 0 pub small --id x -m 1
weir 0 record -o "$T/small" --from oldest --duration 0
"$WEIR" destroy
"$WEIR" create --max-bytes 1M
weir 0 channel create all --capacity 4096
weir 3 replay "$T/small" --speed 0 --dir /nowhere

# cut at any byte: what is before is there, nothing else happens
size=$(stat -c %s "$T/json")
cut=0 bad=
while [ $cut -lt "$size" ]; do
	head -c $cut "$T/json" >"$T/cut"
	anew
	run replay "$T/cut" --speed 0
	if [ "$rc" != 1 ] || ! grep -qE 'cut here|not an MCAP' "$T/err"; then
		bad="$bad $cut:$rc"
	fi
	cut=$((cut + 97))
done
check 'cut files' [ -z "$bad" ]
anew
head -c $((size - 1)) "$T/json" >"$T/cut"
weir 1 replay "$T/cut" --speed 0
check 'without the last byte all is there' [ "$(values a)$(values b)" = '"first" "last" {"mark":"MARK"} ' ]
{ head -c $((size - 100)) "$T/json"; head -c 5000 /dev/zero; } >"$T/cut"
weir 1 replay "$T/cut" --speed 0

# a damaged chunk: three there are, and the second has the mark
LAST='a damaged chunk'
at=$(grep -abo '"mark":"MARK"' "$T/json" | head -n 1 | cut -d: -f1)
cp "$T/json" "$T/damaged"
printf X | dd of="$T/damaged" bs=1 seek=$((at + 9)) conv=notrunc 2>/dev/null
anew
weir 1 replay "$T/damaged" --speed 0
err_has 'is named' '^weir replay: .*/damaged: byte [0-9]+: a damaged chunk: its CRC is another$'
check 'once' lines_are "$T/err" 1
check 'and passed over' [ "$(values a)$(values b)" = '"first" "last" ' ]
# what has no CRC of its own
at=$(grep -abo 'weir.producer' "$T/json" | head -n 1 | cut -d: -f1)
cp "$T/json" "$T/damaged"
printf Y | dd of="$T/damaged" bs=1 seek=$((at + 17)) conv=notrunc 2>/dev/null
anew
weir 1 replay "$T/damaged" --speed 0
err_has 'a changed definition is found at the end' 'byte [0-9]+: the CRC of all that is before it is another$'
finish
