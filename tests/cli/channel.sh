#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir channel create, weir channel rm
. "$(dirname "$0")/lib/cli.sh"

weir 3 channel create c
err_has 'without a store' "^weir channel create: $WEIR_STORE: .*\\(ENOENT\\)\$"
err_has 'the next step is said' "make the store with: weir create --store $WEIR_STORE\$"
weir 0 create --max-bytes 8M

weir 0 channel create c
err_is_empty 'it says nothing'
weir 0 channel create c
weir 0 info --json c
out_has 'defaults are filled in' '"overflow":"overwrite","producers":"shared","capacity":256'

echo '{"type":"number"}' >"$T/s.json"
weir 0 channel create full --schema "$T/s.json" --capacity 100 --lane 64k \
	--overflow block --producers exclusive --max-record 1k --max-consumers 4 \
	--inline 112 --stamps off --orphans evict
weir 0 info --json full
out_has 'as asked' '"overflow":"block","producers":"exclusive","capacity":128,'
out_has 'and the rest' '"max_record":1024,.*"max_consumers":4,"inline_bytes":112,"stamps":"off","orphans":"evict"'
out_has 'with its schema' '"schema":\{"type":"number"\}'
weir 0 channel create full
weir 0 channel create full --capacity 128 --schema "$T/s.json"
weir 1 channel create full --overflow overwrite
err_has 'what differs is named' '^weir channel create: full: .*overflow.*\(WEIR_ECONFIG\)$'
weir_in '{ "type":"number" }' 0 channel create full --schema -

weir 4 channel create bad --schema /dev/null
err_has 'a schema that is no JSON' 'WEIR_EJSON'
weir_in '{"minimum":"3"}' 4 channel create bad --schema -
err_has 'a schema that is none' '#/minimum.*WEIR_EBADSCHEMA'
weir 1 channel create bad --schema "$T/none"
weir 2 channel create 'a/b'
err_has 'a name outside the rule' 'WEIR_ENAME'
weir 2 channel create ''
weir 2 channel create "$(printf 'a\033[31mb\302\233')"
err_has 'it is named without its control characters' 'a\\x1b\[31mb\\xc2\\x9b: '
weir 2 channel create bad --capacity 16777217
err_has 'an absurd size is named' 'capacity.*EINVAL'
weir 2 channel create bad --max-record 1G
weir 1 channel create bad --lane 64M
err_has 'no space: the numbers' '[0-9].*ENOSPC'
weir 3 info bad
err_has 'nothing was made, and the next step is said' \
	"make the channel with: weir channel create --store $WEIR_STORE bad\$"
weir 3 info 'a b'
err_has 'also for a shell' "channel create --store $WEIR_STORE 'a b'\$"

weir 0 channel rm full
weir 3 channel rm full
err_has 'it is gone' '^weir channel rm: full: no such channel \(ENOENT\)$'
weir 3 info full
weir 0 info c
weir 0 channel create full

# formats
echo '{"format":"ipv4"}' >"$T/ip.json"
weir 0 channel create --schema "$T/ip.json" --formats on ip
weir 0 info --json ip
out_has 'formats are checked if asked for' '"formats":"on"'
weir 4 pub ip --id p -m '"1.2.3"'
err_has 'and the message says which' 'format: expected the format "ipv4"'
weir 4 pub ip --id p --errors 3 -m '"1.2.3"'
err_has 'or all of them' '^\{"valid":false,"errors":\[\{"keywordLocation":"/format"'
weir 0 pub ip --id p -m '"1.2.3.4"'
weir 1 channel create --schema "$T/ip.json" --formats off ip
err_has 'another wish is an error' 'formats on, asked for off.*WEIR_ECONFIG'
echo '{"format":"ip"}' >"$T/ip.json"
weir 0 channel create --schema "$T/ip.json" --formats on odd
err_has 'one that nobody knows is named' '^weir channel create: odd: .* ask for nothing: "ip"$'
weir 0 channel create --schema "$T/ip.json" plain
err_is_empty 'where they are annotations it is not'

# who reads is told
start "$T/sub" sub full
until_true sh -c "grep -q 'sub' /proc/$started/cmdline 2>/dev/null"
sleep 0.3
weir 0 channel rm full
ended "$started"
check 'a reader ends with 3' [ "$rc" = 3 ]
check 'and says why' grep -q 'WEIR_EREMOVED' "$T/sub.err"
finish
