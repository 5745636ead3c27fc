#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir dump; and what it makes of damaged stores
. "$(dirname "$0")/lib/cli.sh"

weir 3 dump
weir 0 create --max-bytes 1M --max-channels 8 --max-participants 4
weir 0 dump
check 'the version comes first' [ "$(head -n 1 "$T/out")" = 'weir dump 1' ]
out_has 'the store' "^store name=\"$WEIR_STORE\" format=[0-9]+ "

echo '{"type":"object"}' >"$T/s.json"
weir 0 channel create c --schema "$T/s.json" --capacity 8 --max-record 256
weir 0 channel create x --producers exclusive --capacity 4 --max-record 512
printf '{"a":1}\n{"b":"two\\u0007"}\n{"c":[3]}\n' >"$T/in"
weir 0 pub c --id one <"$T/in"
weir 0 pub c --id 'second one' -m '{"d":4}'
weir 0 clear c --id one
seq 1 9 | "$WEIR" pub x --id ex
weir 0 dump
out_has 'participants' '^participant place=0 life=gone pid=[0-9]+ '
out_has 'channels' '^channel channel="c" idx=[0-9]+ overflow=overwrite producers=shared capacity=8 '
out_has 'schemas' '^  schema channel="c" schema=\{"type":"object"\}$'
out_has 'lanes' '^  lane channel="c" lane=0 id="one" life=gone .* has_value=no records='
out_has 'another lane' '^  lane channel="c" lane=1 id="second one" .* has_value=yes '
out_has 'rings' '^  ring channel="c" block_offset=[0-9]+ tail='
out_has 'slots' '^  slot channel="c" idx=[0-9]+ state=record seq=2 lane=0 position='
out_has 'slots with the record inside' '^  slot channel="x" .* inline=yes'
out_has 'records' '^  record channel="c" seq=1 time=20[^ ]*Z producer="one" kind=data .* value=\{"a":1\}$'
out_has 'control characters are escaped' 'value=\{"b":"two\\u0007"\}$'
check 'one record of a channel is the current one' \
	[ "$(grep -c '^  record channel="c" .*current=yes' "$T/out")" = 1 ]
out_has 'which is the newest that was not cleared' '^  record channel="c" seq=4 .*current=yes'
out_has_not 'nothing was lost' ' lost='
out_has 'clears' '^  record channel="c" seq=5 .* producer="one" kind=clear '
out_has 'the other channel' '^  record channel="x" seq=9 .* value=9$'
out_has_not 'nothing is damaged' '^ *damage '

weir 0 dump --json
check 'as JSON: "type" is the first key' sh -c "! grep -v '^{\"type\":\"' '$T/out'"
check 'as JSON: the version comes first' sh -c "head -n 1 '$T/out' | grep -q '^{\"type\":\"dump\",\"version\":1,'"
out_has 'as JSON: a record' '^\{"type":"record","channel":"c","seq":1,.*"lost":0,"current":false,"value":\{"a":1\}\}$'
out_has 'as JSON: the current one' '"seq":4,.*"current":true,"value":\{"d":4\}\}$'
for type in store participant channel schema lane ring slot record; do
	out_has "as JSON: $type" "^\\{\"type\":\"$type\","
done
if command -v python3 >/dev/null; then
	check 'as JSON: each line is JSON' python3 -c '
import json, sys
for line in open(sys.argv[1]): json.loads(line)' "$T/out"
fi

# live, with somebody on it
start "$T/sub" sub c --id reader
until_true [ -s "$T/sub" ]
weir 0 dump
out_has 'consumers' '^  consumer channel="c" place=0 id="reader" life=alive pid=[0-9]+ gating=no '
out_has 'who lives' '^participant .* life=alive '

# a copy, while it lives and after
cp "$SHM/weir.$WEIR_STORE" "$T/copy"
weir 0 dump --store "$T/copy"
out_has 'a copy says that it is one' '^store .* copy=yes'
out_has 'and nobody knows who lives' '^participant .* life=unknown '
out_has 'its records are there' '^  record channel="c" seq=1 .* value=\{"a":1\}$'
check 'the copy is not written to' cmp -s "$SHM/weir.$WEIR_STORE" "$T/copy"
kill "$started"
ended "$started"

# not stores at all
: >"$T/empty"
weir 3 dump --store "$T/empty"
head -c 100000 /dev/zero >"$T/zero"
weir 3 dump --store "$T/zero"
err_has 'no store' 'WEIR_ENOTSTORE'
for n in 1 100 4095 4096 50000; do
	head -c $n "$T/copy" >"$T/short"
	weir 3 dump --store "$T/short"
	check 'a short copy is refused with its own error, and named once' \
		grep -Eq "^weir dump: $T/short (is|has) .*WEIR_E(TRUNC|NOTSTORE)" "$T/err"
done

# one bad record is named and passed over.  Its bytes are found by what is
# in it; the length of the string is made to reach past the end.
at=$(LC_ALL=C grep -obUa 'two' "$T/copy" | head -n 1 | cut -d: -f1)
cp "$T/copy" "$T/bad"
printf '\377' | dd of="$T/bad" bs=1 seek=$((at - 1)) conv=notrunc 2>/dev/null
weir 1 dump --store "$T/bad"
out_has 'the bad record is named' '^  damage channel="c" part="record 2" .* code=WEIR_E'
out_has 'the one before it is there' '^  record channel="c" seq=1 .* value=\{"a":1\}$'
out_has 'and the one behind it' '^  record channel="c" seq=3 .* value=\{"c":\[3\]\}$'
err_has 'and it is said' "^weir dump: $T/bad: 1 part is damaged \\(WEIR_ECORRUPT\\)\$"
"$WEIR" dump --store "$T/bad" >"$T/both" 2>&1
check 'at the end' sh -c "tail -n 1 '$T/both' | grep -q '^weir dump: '"

# the same with each byte of the head before it
lost=
for d in $(seq 5 36); do
	cp "$T/copy" "$T/bad"
	printf '\377' | dd of="$T/bad" bs=1 seek=$((at - d)) conv=notrunc 2>/dev/null
	run dump --store "$T/bad"
	[ "$rc" -le 1 ] && grep -q '^  record channel="c" seq=1 ' "$T/out" &&
		grep -q '^  record channel="c" seq=3 ' "$T/out" || lost="$lost $d"
done
check 'a damaged head costs no other record' [ -z "$lost" ]

# fields that others rely on: what doctor finds, dump names, and who stands in
# a damaged place is not told as a fact
weir 0 create --store "$WEIR_STORE-f" --max-bytes 4M
weir 0 channel create f --store "$WEIR_STORE-f"
weir 0 pub f --id p -m 1 --store "$WEIR_STORE-f"
cp "$SHM/weir.$WEIR_STORE-f" "$T/bad"
head -c 4000 /dev/zero | tr '\0' '\245' |
	dd of="$T/bad" bs=1 seek=90000 conv=notrunc 2>/dev/null
weir 1 doctor --store "$T/bad"
found=$(grep -c '^problem damage: ' "$T/out")
check 'doctor finds places' grep -q ': place 0: its owner has a place' "$T/out"
weir 1 dump --store "$T/bad"
check 'dump names as many' [ "$(grep -c '^  damage ' "$T/out")" = "$found" ]
out_has 'what and where' '^  damage channel="f" part="place 0" offset=[0-9]+ reason="its owner has a place that does not exist" code=WEIR_ECORRUPT$'
out_has 'of the place only that' '^  consumer channel="f" place=0 damaged=yes$'
out_has 'the others as they are' '^  lane channel="f" lane=0 id="p" '
out_has 'and the record' '^  record channel="f" seq=1 .* value=1$'
err_has 'and how many' ": $found parts are damaged \\(WEIR_ECORRUPT\\)\$"
weir 1 dump --json --store "$T/bad"
out_has 'as JSON' '^\{"type":"consumer","channel":"f","place":0,"damaged":true\}$'
# more than are told: nobody behind those is vouched for
weir 0 channel create many --max-consumers 40 --store "$WEIR_STORE-f"
at=$("$WEIR" dump --store "$WEIR_STORE-f" |
	sed -n 's/.*"many" block_offset=\([0-9]*\) .*/\1/p')
cp "$SHM/weir.$WEIR_STORE-f" "$T/bad"
head -c 20000 /dev/zero | tr '\0' '\245' |
	dd of="$T/bad" bs=1 seek=$((at + 1024)) conv=notrunc 2>/dev/null
weir 1 dump --store "$T/bad"
out_has 'there are more' '^  damage channel="many" part="places" reason="and [0-9]+ more"'
out_has_not 'no place is a fact' '^  consumer channel="many" .*life='

# damaged anywhere: an answer, never a signal.  The seed is fixed; the bytes
# hit what is used, most of them among the first pages.
len=$(stat -c %s "$T/copy")
rounds=${WEIR_DUMP_ROUNDS:-120}
[ "${FLAVOUR:-release}" = release ] || rounds=$((rounds / 3))
LC_ALL=C awk -v n="$rounds" -v len="$len" 'BEGIN {
	srand(20240229)
	for (i = 0; i < n; i++) {
		line = ""
		m = 1 + int(rand() * 8)
		for (j = 0; j < m; j++) {
			top = rand() < 0.5 ? 32768 : len
			line = line int(rand() * top) ":" int(rand() * 256) " "
		}
		print line
	}
}' >"$T/hits"
worst=0 seen=
while read -r hits; do
	cp "$T/copy" "$T/bad"
	for h in $hits; do
		printf "\\$(printf %03o "${h#*:}")" |
			dd of="$T/bad" bs=1 seek="${h%:*}" conv=notrunc 2>/dev/null
	done
	for verb in 'dump' 'dump --json' 'ls' 'info c' 'get c' \
		'sub c --from oldest' 'sub x --from oldest --json'; do
		run $verb --store "$T/bad"
		case $rc in
		[0-5]) ;;
		*) not_ok "damaged: $verb" "exit code $rc after: $hits"; worst=$rc ;;
		esac
		case " $seen " in *" $rc "*) ;; *) seen="$seen $rc" ;; esac
	done
done <"$T/hits"
check 'no damage ends a verb otherwise than with an exit code of ours' [ "$worst" = 0 ]
check 'some of it was noticed' [ "$seen" != ' 0' ]

LAST='dump >/dev/full'
"$WEIR" dump >/dev/full 2>"$T/err"
check 'a full disk is noticed' [ $? = 1 ]
"$WEIR" dump 2>"$T/err" | head -n 1 >"$T/out"
out_is 'a closed pipe ends it' 'weir dump 1'
err_is_empty 'in silence'

# bytes
weir 0 create --max-bytes 8M --store "$WEIR_STORE"hex
WEIR_STORE="$WEIR_STORE"hex
weir 0 channel create c
echo '{"title":"0123456789"}' | weir 0 pub c -i one
weir 0 dump --hex
out_has 'bytes as hexdump shows them' '^    00000000  81 a5 74 69 74 6c 65 aa  30 31 32 33 34 35 36 37  \|\.\.title\.01234567\|$'
out_has 'the last line too' '^    00000010  38 39 {43}  \|89\|$'
weir 0 dump --hex --json
out_has 'as JSON' '"hex":"81a57469746c65aa30313233343536373839"'
weir 0 dump
out_has_not 'only when asked' '^    0000'
weir 0 destroy

finish
