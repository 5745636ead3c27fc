#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir create
. "$(dirname "$0")/lib/cli.sh"

weir 0 create --max-bytes 4M --max-channels 8
out_is 'it prints nothing' ''
err_is_empty 'and says nothing'
check 'the store is a file' [ -f "$SHM/weir.$WEIR_STORE" ]
check 'that others cannot read' [ "$(stat -c %a "$SHM/weir.$WEIR_STORE")" = 600 ]
weir 0 create
weir 0 create --max-bytes 4M -v
err_has '-v says that it exists' 'exists'
weir 1 create --max-channels 9
err_has 'a size that differs is named' 'max_channels 8, not 9.*WEIR_ECONFIG'
weir 1 create --max-bytes 64M
err_has 'so is the largest size' 'max_bytes'
weir 1 create --mode 0660
err_has 'and the mode' 'mode 0600, not 0660'
weir 0 destroy

# from a file
mkdir "$T/conf" "$T/conf/schemas"
echo '{"type":"object","required":["label"]}' >"$T/conf/schemas/metric.json"
cat >"$T/conf/weir.json" <<'END'
{
  "store": { "max_bytes": "8M", "max_participants": 16, "mode": "0640" },
  "channels": {
    "metric-data": { "schema": "schemas/metric.json", "capacity": 1024 },
    "orders of the day": { "schema": {"type": ["object", "null"]},
      "overflow": "block", "producers": "exclusive", "max_record": 512 },
    "ünï": { "lane_bytes": "128k", "stamps": "off", "orphans": "evict",
      "max_producers": 3, "max_consumers": 5 }
  }
}
END
weir 0 create --config "$T/conf/weir.json" -v
err_has 'the channels are made' '^weir create: metric-data: made'
check 'the mode is as asked' [ "$(stat -c %a "$SHM/weir.$WEIR_STORE")" = 640 ]
weir 0 create --config "$T/conf/weir.json" -v
err_has 'again: they exist' '^weir create: metric-data: exists'
weir 0 info --json metric-data
out_has 'capacity' '"capacity":1024'
out_has 'the schema of a file' '"schema":\{"type":"object","required":\["label"\]\}'
weir 0 info --json 'orders of the day'
out_has 'overflow, producers' '"overflow":"block","producers":"exclusive"'
out_has 'max_record' '"max_record":512'
out_has 'the schema that stands there' '"schema":\{"type":\["object","null"\]\}'
weir 0 info --json 'ünï'
out_has 'lane_bytes' '"lane_bytes":131072'
out_has 'max_producers, max_consumers' '"max_producers":3,"max_consumers":5'
out_has 'stamps, orphans' '"stamps":"off","orphans":"evict"'
out_has_not 'no schema' '"schema"'

# msgpack that is longer than the text
cat >"$T/conf/long.json" <<'END'
{"channels": {"doubles": {"schema": {"enum": [1.1,1.2,1.3,1.4,1.5,1.6,1.7,1.8]}}}}
END
weir 0 create --config "$T/conf/long.json"
weir 0 info --json doubles
out_has 'a schema of doubles' '"schema":\{"enum":\[1\.1,1\.2,1\.3,'
weir 0 channel rm doubles

# a schema that only looks different is the same
echo '{ "required" : [ "label" ], "type" : "object" }' >"$T/conf/schemas/metric.json"
weir 0 create --config "$T/conf/weir.json"

# what differs is named, and the rest stays
sed -i 's/1024/2048/' "$T/conf/weir.json"
weir 1 create --config "$T/conf/weir.json"
err_has 'the channel and the field are named' '^weir create: metric-data: .*capacity.*\(WEIR_ECONFIG\)$'
sed -i 's/2048/1024/' "$T/conf/weir.json"
echo '{"type":"object"}' >"$T/conf/schemas/metric.json"
weir 1 create --config "$T/conf/weir.json"
err_has 'a schema that differs is named' '^weir create: metric-data: .*schema.*\(WEIR_ECONFIG\)$'
weir 0 destroy

# a file that is wrong: nothing is made
wrong() {
	printf '%s' "$2" >"$T/conf/bad.json"
	weir "$1" create --config "$T/conf/bad.json"
	err_has "named: $3" "$3"
	check 'and nothing was made' [ ! -e "$SHM/weir.$WEIR_STORE" ]
}
wrong 2 '[]' 'an object is needed'
wrong 2 '{"store":{"max_bites":1}}' 'store: max_bites: no such field'
wrong 2 '{"store":{"max_bytes":-1}}' 'store: max_bytes: a number is needed'
wrong 2 '{"store":{"max_bytes":"1x"}}' 'store: max_bytes: '
wrong 2 '{"store":{"mode":"rw"}}' 'store: mode: '
wrong 2 '{"chanels":{}}' 'chanels: no such field'
wrong 2 '{"channels":[]}' 'channels: an object is needed'
wrong 2 '{"channels":{"a":{}, "a":{}}}' 'two members named "a"'
wrong 2 '{"channels":{"a/b":{}}}' 'channel a/b: '
wrong 2 '{"channels":{"a":{"capcity":1}}}' 'channel a: capcity: no such field'
wrong 2 '{"channels":{"a":{"capacity":0}}}' 'channel a: capacity: '
wrong 2 '{"channels":{"a":{"capacity":99999999}}}' 'channel a: .*capacity'
wrong 2 '{"channels":{"a":{"overflow":"maybe"}}}' 'channel a: overflow: it is one of overwrite\|block'
wrong 2 '{"channels":{"a":{"stamps":true}}}' 'channel a: stamps: a string is needed, one of on\|off'
wrong 2 '{"store":{"mode":660}}' 'store: mode: a string is needed, as "0660"'
wrong 2 '{"channels":{"a":{}}' 'line 1, column [0-9]*: .*WEIR_EJSON'
wrong 4 '{"channels":{"ok":{},"a":{"schema":{"type":"objekt"}}}}' 'channel a: schema: .*WEIR_EBADSCHEMA'
wrong 1 '{"channels":{"a":{"schema":"none.json"}}}' 'none.json: .*ENOENT'
weir 1 create --config "$T/none.json"
err_has 'a file that is not there' 'none.json: .*ENOENT'

# sizes outside their range
weir 2 create --max-bytes 12
err_has 'what it is, and what it may be' "^weir create: $WEIR_STORE: max_bytes is 12: 1 MiB"
weir 2 create --max-channels 4097
err_has 'what it is' 'max_channels is 4097: '
weir 2 create --max-participants 1
err_has 'what it is' 'max_participants is 1: '
weir 2 create --mode 0444
err_has 'what it is' 'mode is 0444: '

# names and places
weir 2 create --store .hidden
err_has 'a name outside the rule' 'WEIR_ENAME'
weir 2 ls --store=
err_has 'none' "^weir ls: '': a store's name .* a path, with a /, can only be opened read-only \(WEIR_ENAME\)$"
weir 2 create --store /tmp/x
err_has 'a path is no name' '^weir create: /tmp/x: '
mkdir "$T/shm"
weir 0 create --dir "$T/shm" --max-bytes 1M
check 'another folder' [ -f "$T/shm/weir.$WEIR_STORE" ]
weir 3 ls
export WEIR_DIR="$T/shm"
weir 0 ls
weir 0 destroy
unset WEIR_DIR
check 'and it is empty again' [ -z "$(ls "$T/shm")" ]
weir 3 create --dir "$T/nowhere"

# two at once end up in one
"$WEIR" create -c "$T/conf/weir.json" 2>"$T/err1" &
a=$!
"$WEIR" create -c "$T/conf/weir.json" 2>"$T/err2" &
b=$!
wait $a
check 'two that create at once: the first' [ $? = 0 ]
wait $b
check 'two that create at once: the second' [ $? = 0 ]
weir 0 ls
check 'one store with all channels' [ "$(grep -c '^Channel: ' "$T/out")" = 3 ]
finish
