#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir get; and numbers, which travel exactly
. "$(dirname "$0")/lib/cli.sh"

weir 0 create --max-bytes 8M
weir 0 channel create c
weir 1 get c
out_is 'no value, nothing printed' ''
err_has 'no value, and it is said' '^weir get: c: no value \(ENOENT\)$'
weir 3 get nothing
err_has 'no channel is something else' 'make the channel with: '

weir 0 pub c --id one -m '"first"'
weir 0 pub c --id two -m '"second"'
weir 0 get c
out_is 'the newest value' '"second"'
err_is_empty 'and nothing is said'
weir 0 get c --producer one
out_is 'that of one producer' '"first"'
weir 1 get c --producer three
err_has 'of nobody' '^weir get: c: no value of three'
weir 0 get c --json
out_has 'as JSON' '^\{"channel":"c","seq":2,"time":"20[^"]*Z","producer":"two","kind":"data","lost":0,"current":true,"value":"second"\}$'
weir 0 clear c --id two
weir 0 get c
out_is 'a value that was cleared gives way to the older one' '"first"'
weir 0 clear c --id one
weir 1 get c

# numbers, and everything else, in and out
same() {
	weir 0 pub c --id n -m "$1"
	weir 0 get c
	out_is "unchanged: $1" "$1"
}
becomes() {
	weir 0 pub c --id n -m "$1"
	weir 0 get c
	out_is "$1 is $2" "$2"
}
for n in 0 1 -1 127 128 255 256 65535 65536 4294967295 4294967296 \
	-32 -33 -128 -129 -32768 -32769 -2147483648 -2147483649 \
	9007199254740992 9007199254740993 -9007199254740993 \
	9223372036854775807 9223372036854775808 -9223372036854775808 \
	18446744073709551614 18446744073709551615 \
	0.1 1.5 -0.0 3.141592653589793 1e308 5e-324 2.2250738585072014e-308 \
	1.7976931348623157e308 -1.7976931348623157e308 \
	true false null '""' '[]' '{}' '[1,[2,{"a":null}]]' \
	'"\"\\\b\f\n\r\t\u0000\u001f\u007f"' '"äöü€😀"'; do
	same "$n"
done
becomes 1e+308 1e308
becomes 0.10 0.1
becomes 1.0 1.0
becomes 1E2 100.0
becomes -0 -0.0
becomes 123456789012345678901234567890.0 1.2345678901234568e29
becomes ' { "a" : [ 1 , 2 ] } ' '{"a":[1,2]}'
becomes '"\u0041\ud83d\ude00\/"' '"A😀/"'
becomes '"\u0085\u009b"' '"\u0085\u009b"'
for n in 18446744073709551616 -9223372036854775809 1e309 -1e400 01 +1 .5 1. 0x10 \
	NaN Infinity '"\ud800"' "'a'" '[1,]' '{"a":1,}' '// 1'; do
	weir 4 pub c --id n -m "$n"
done
weir 0 get c
out_is 'none of these became a value' '"\u0085\u009b"'

# what JSON lacks
mp() {
	weir_in "$1" 0 pub c --id n --format msgpack
	weir 0 get c
	out_is "msgpack $1" "$2"
}
mp '\313\177\370\000\000\000\000\000\000' '{"$float":"NaN"}'
mp '\313\377\360\000\000\000\000\000\000' '{"$float":"-Infinity"}'
mp '\312\077\300\000\000' 1.5
mp '\326\377\000\000\000\001' '{"$time":"1970-01-01T00:00:01Z"}'
mp '\324\005\001' '{"$ext":[5,"AQ=="]}'
mp '\317\377\377\377\377\377\377\377\377' 18446744073709551615

LAST='get >/dev/full'
"$WEIR" get c >/dev/full 2>"$T/err"
check 'a full disk is noticed' [ $? = 1 ]
cp "$SHM/weir.$WEIR_STORE" "$T/copy"
weir 0 get c --store "$T/copy"
out_is 'from a copy of the file' 18446744073709551615

# what is no id, and no name
weir 2 get c --producer ''
err_has 'the option is named' '^weir get: c: --producer: an id is 1 to 128 bytes'
weir 2 get ''
err_has 'what is empty can be seen' "^weir get: '': a channel's name is "
finish
