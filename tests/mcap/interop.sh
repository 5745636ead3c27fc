#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# interop.sh - what the library of MCAP reads in files of weir record, and
# whether weir replay publishes what that library has written; `make interop`.
#
# npm puts what is needed into build/mcap, nothing into the tree.

. "$(dirname "$0")/../cli/lib/cli.sh"
: "${B:?interop.sh: B is not set; start it through make}"
packages='@mcap/core@2.2.2 @mcap/support@1.1.0'
room=${B%/*}/mcap

. "$(dirname "$0")/../support/npm.sh"
# Node looks for packages beside the file that asks for them.
cp "$(dirname "$0")"/*.mjs "$room" || exit 1

# Two channels, three producers, a clear, and more than one chunk.
weir 0 create --max-bytes 32M
cat >"$T/schema.json" <<'END'
{"type":"object","required":["n"],"properties":{"n":{"type":"integer"}}}
END
weir 0 channel create numbers --schema "$T/schema.json" --capacity 4096 \
	--lane 1M
weir 0 channel create words
seq -f '{"n":%g}' 1 1000 >"$T/in"
weir 0 pub numbers --id even <"$T/in"
seq -f '{"n":%g,"text":"and so on"}' 1 500 >"$T/in"
weir 0 pub numbers --id odd <"$T/in"
weir 0 pub words --id 'a b' -m '"word"'
weir 0 clear words --id 'a b'
weir 0 sub numbers --from oldest --timeout 0 --json
cp "$T/out" "$T/numbers"

for how in 'msgpack zstd' 'msgpack none' 'json zstd' 'json none'; do
	set -- $how
	weir 0 record -o "$T/$1.$2" --payload "$1" --compression "$2" \
		--from oldest --duration 0 --chunk-size 8k
	LAST="record, as $how"
	check "as $how: the library reads it" \
		node "$room/read.mjs" "$T/$1.$2" "$1" "$2" "$T/schema.json" "$T/numbers"
done

for how in chunks plain zstd; do
	check "$how: the library writes" node "$room/write.mjs" "$T/other.$how" "$how"
	weir 0 replay "$T/other.$how" --speed 0
	err_is_empty 'and nothing is said'
	weir 0 sub imu.data --from oldest --timeout 0
	out_is 'its messages are published' '{"x":1}
{"x":2}
{"x":3}'
	weir 0 sub packed --from oldest --timeout 0 --json
	out_has 'msgpack, too' '"producer":"weir-replay",.*"value":\[1,2\]\}$'
	weir 0 info imu.data
	out_has 'with their schema' '"x":\{"type":"number"\}'
	weir 0 channel rm imu.data
	weir 0 channel rm packed
done
finish
