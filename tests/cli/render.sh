#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# --format, --field, -F and --where of weir sub and weir get
. "$(dirname "$0")/lib/cli.sh"

weir 0 create --max-bytes 8M
weir 0 channel create c
cat >"$T/in" <<'END'
{"label":"Temp","value":21.5,"at":{"room":["hall",1]}}
{"label":"Load","value":7,"tag":null}
{"label":"a\tb\u001b[2J\"","value":100}
"text"
[1,2]
END
weir 0 pub c --id 's 1' <"$T/in"

# values
all="sub c --timeout 0 --from oldest"
weir 0 $all --format value
out_is 'value is what comes without' '{"label":"Temp","value":21.5,"at":{"room":["hall",1]}}
{"label":"Load","value":7,"tag":null}
{"label":"a\tb\u001b[2J\"","value":100}
"text"
[1,2]'
weir 0 $all --field /value
out_is 'a field; null where there is none' '21.5
7
100
null
null'
weir 0 $all --field /value --field /label -n 2
out_is 'two' '21.5	"Temp"
7	"Load"'
weir 0 $all --field /at/room/0 -n 1
out_is 'one deep inside' '"hall"'
weir 0 $all --field '' -n 1
out_is 'all of it' '{"label":"Temp","value":21.5,"at":{"room":["hall",1]}}'
weir 2 $all --field value
err_has 'what is no pointer' '^weir sub: --field value: a JSON Pointer is wanted'

# raw
weir 0 $all --format raw --field /label
printf 'Temp\nLoad\na\tb\033[2J"\nnull\nnull\n' >"$T/want"
check 'raw: text as it is' cmp -s "$T/want" "$T/out"
weir 0 get c --format raw
out_is 'raw: what is no text as JSON' '[1,2]'

# msgpack
weir 0 $all --format msgpack
check 'msgpack: can be published again' sh -c '"$WEIR" channel create d && "$WEIR" pub d --id x --format msgpack <"$1" 2>/dev/null' - "$T/out"
weir 0 $all
mv "$T/out" "$T/c"
weir 0 sub d --timeout 0 --from oldest
check 'and is the same' cmp -s "$T/c" "$T/out"
weir 0 $all --format msgpack --field /value -n 2
check 'of a field' [ "$(od -An -tx1 "$T/out" | tr -d ' \n')" = ca41ac000007 ]

# objects
weir 0 get c --format json
mv "$T/out" "$T/json"
weir 0 get c --json
check '--json is --format json' cmp -s "$T/json" "$T/out"
weir 0 $all --json --field /label --field /tag -n 2
out_has 'fields in an object' '"seq":1,.*"current":false,"fields":\{"/label":"Temp"\}\}$'
out_has 'a null is there' '"seq":2,.*"fields":\{"/label":"Load","/tag":null\}\}$'
weir 2 $all --json --format table
err_has 'only one format' '--json is --format json'
weir 2 $all --format xml
err_has 'those that are' 'value.*json.*table.*msgpack.*raw'

# tables
weir 0 $all --format table --field /label --field /value -n 3
check 'a table: a head' [ "$(head -n 1 "$T/out" | tr -s ' ')" = 'TIME CHANNEL PRODUCER SEQ /label /value' ]
out_has 'text left, numbers right' '^20[0-9T:-]*\.[0-9]{3}Z  c        s 1         1  "Temp" +21\.5$'
out_has 'as wide as what is in it' '^20.*Z  c        s 1         3  "a\\tb\\u001b\[2J\\""     100$'
weir 0 $all --format table
out_has 'a table of values' '^20.* 4  "text"$'
weir 0 clear c --id 's 1'
weir 0 $all --format table
out_has 'with clears' '^20.* 6  cleared$'
weir 0 $all --format table --field /label --field /value
out_has 'what is not there' ' 5  -  *-$'

# templates
weir 0 $all -F '%c|%p|%s|%k|%l|%j|%%' --where '/label == "Load"'
out_is 'a template' 'c|s 1|2|data|0|{"label":"Load","value":7,"tag":null}|%'
weir 0 $all -F '%s\t%f\\\n' --field /label -n 1
printf '1\t"Temp"\\\n\n' >"$T/want"
check 'with escapes' cmp -s "$T/want" "$T/out"
weir 0 $all -F '%T %t' -n 1
out_has 'and times' '^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]{18}Z [0-9]{19}$'
weir 0 $all -F '%s %k %j'
out_has 'clears, if it tells them apart' '^6 clear null$'
weir 0 $all -F '%%k %s'
out_has_not 'and not otherwise' '^%k 6'
err_has 'they are said' "^weir sub: c: s 1 cleared its value, seq 6\$"
weir 2 $all -F '%x'
err_has 'what is no letter' '^weir sub: -F %x: behind % comes one of '
weir 2 $all -F '50%'
weir 2 $all -F '\q'
err_has 'what is no escape' 'comes n, t or'
weir 2 $all -F '%s' --json
weir 2 get c -F '%s' --format raw

# conditions
where() {
	weir "$1" $all -F %s --where "$2"
	check "where $2: $3" [ "$(tr '\n' ' ' <"$T/out")" = "${3:+$3 }" ]
}
where 0 '/value > 10' '1 3'
where 0 '/value>=21.5' '1 3'
where 0 '/value < 21.5' '2'
where 0 '/value <= 7.0' '2'
where 0 '/value == 7.0' '2'
where 0 '/value = 7' '2'
where 0 '/value != 7' '1 3 4 5'
where 0 '/label == "Temp"' '1'
where 0 '/label > "Load"' '1 3'
where 0 '/label <= "Load"' '2'
where 0 '/tag' '2'
where 0 '/tag == null' '2'
where 0 '/tag != null' '1 3 4 5'
where 0 '/at/room/1 == 1' '1'
where 5 '/value > "a"' ''
where 5 '/value == true' ''
where 0 '  == "text"' '4'
where 2 'value > 1' ''
err_has 'a field begins with /' "^weir sub: --where 'value > 1': a field is a JSON Pointer"
where 2 '/value > ten' ''
err_has 'text is quoted' "in \"quotes\", as in '/value > 10'\$"
where 2 '/value > 1 2' ''
where 2 '/value ~ 1' ''
err_has 'what is no comparison' 'behind the field comes ==, !='
where 2 '/value > null' ''
where 2 '/value == [1]' ''
where 2 '/value >' ''
weir 0 channel create big
weir_in '{"n":9007199254740993}\n{"n":9007199254740992}\n{"n":18446744073709551615}\n{"n":-1}\n' 0 pub big --id a
weir 0 sub big --timeout 0 --from oldest -F %s --where '/n > 9007199254740992'
out_is 'integers are exact' '1
3'
weir 0 sub big --timeout 0 --from oldest -F %s --where '/n < 0'
out_is 'and have a sign' 4

# what is passed over counts nothing, and hides no losses
weir 0 sub big --timeout 0 --from oldest -n 1 --where '/n == -1'
out_is 'so many that fit' '{"n":-1}'
weir 0 channel create few --capacity 4
seq 1 50 >"$T/in"
weir 0 pub few --id a <"$T/in"
weir 0 sub few --from 1 --timeout 0 --json --where ' == 50'
first=$(sed -n 's/.*records lost before seq \([0-9]*\)$/\1/p' "$T/err")
check 'losses before what is passed over' [ "$(json_field lost)" = $((first - 1)) ]

# bytes are not for a terminal, nor are control characters
pty() {
	script -qefc "$1" /dev/null </dev/null >"$T/out" 2>&1
	rc=$?
}
if has_pty; then
	LAST='get in a terminal'
	weir 0 pub c --id y -m '"a\u001b[2Jb"'
	pty "$WEIR get c --format raw"
	out_has 'raw text in a terminal' '^a\\x1b\[2Jb'
	pty "$WEIR get c --format msgpack"
	check 'msgpack in a terminal' [ "$rc" = 2 ]
	out_has 'is refused' 'for a pipe or a file'
fi

# payloads that are no msgpack
weir_in '"odd-record"\n"good"\n' 0 pub big --id b
at=$(LC_ALL=C grep -obUa odd-record "$SHM/weir.$WEIR_STORE" | head -n 1 | cut -d: -f1)
printf '\301' | dd of="$SHM/weir.$WEIR_STORE" bs=1 seek=$((at - 1)) conv=notrunc status=none
weir 4 sub big -t 0 --from 5
out_is 'something stands there' 'null
"good"'
err_has 'and it is said' '^weir sub: big: record 5 cannot be read: .*\(WEIR_EMSGPACK\)$'
weir 4 sub big -t 0 --from 5 --format msgpack
check 'as msgpack it is left out' [ "$(od -An -tx1 "$T/out" | tr -d ' \n')" = a4676f6f64 ]
weir 4 sub big -t 0 --from 5 --where ' != 1'
out_is 'no condition holds' '"good"'
for f in '--format raw' '--format table' --json '-F %f' '--field /a'; do
	weir 4 sub big -t 0 --from 5 $f
done
LAST='get >/dev/full'
"$WEIR" get c --format table >/dev/full 2>"$T/err"
check 'a full disk is noticed' [ $? = 1 ]
finish
