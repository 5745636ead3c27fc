#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir info
. "$(dirname "$0")/lib/cli.sh"

weir 0 create --max-bytes 8M
printf '{\n\t"type": "object",\n\t"description": "a\\u0007b"\n}\n' >"$T/s.json"
weir 0 channel create c --schema "$T/s.json" --capacity 64
weir 0 channel create plain
weir 0 info plain
out_has 'no schema' '^  Schema: none'
out_has 'no records' '^  Records: none yet$'
out_has 'no value' '^  Current value: none$'
out_has 'nobody' '^  Producers: 0$'

weir_in '{"a":1}\n{"a":2}\n5\n{"a":3}\n' 4 pub c --id one
weir 0 info c
out_has 'the name' '^Channel: c$'
out_has 'the configuration' '^  Overflow: overwrite$'
out_has 'capacity' '^  Capacity: 64 records'
out_has 'the schema as it was given' '^    	"type": "object",$'
out_has 'seqs' '^  Records: newest seq 3 \([0-9.]+ [mun]?s ago\), oldest kept 1$'
out_has 'who was there' '^    1\. one \(producer, gone.*3 records, .* 1 refused, last seq 3, has a value$'
out_has 'the value' '^    \{"a":3\}$'

weir 0 info --json c
check 'as JSON: one object' lines_are "$T/out" 1
out_has 'as JSON: figures' '"newest_seq":3,"oldest_seq":1,'
out_has 'as JSON: the schema is a value' '"schema":\{"type":"object","description":"a\\u0007b"\}'
out_has 'as JSON: the current value' '"current":\{"seq":3,"time":"20[0-9-]+T[0-9:.]+Z","producer":"one","kind":"data",.*"value":\{"a":3\}\}'

weir 0 pub plain --id two -m 1
weir 0 info plain
out_has 'one byte' '^    1\. two .*: 1 record, 1 byte, 0 refused,'
weir 0 channel create solo --producers exclusive
weir 0 info solo
out_has 'one is one' '^  Producers at once: exclusive, 1 lane of '
weir 3 info nothing
weir 2 info ''
weir 3 info --store "$WEIR_STORE-none" c
finish
