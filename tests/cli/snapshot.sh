#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir snapshot: a copy that every verb reads, and nothing half made.
. "$(dirname "$0")/lib/cli.sh"

weir 3 snapshot -o "$T/copy"
err_has 'without a store' 'no such store'
weir 0 create --max-bytes 64M
weir 0 channel create c
weir 0 channel create quiet --producers exclusive
printf '%s\n' '{"a":1}' '{"a":2}' '{"a":3}' | weir 0 pub c -i one
echo '"x"' | weir 0 pub quiet -i two

weir 2 snapshot
err_has 'without a file' 'FILE'
weir 0 snapshot -o "$T/copy"
out_is 'silent' ''
err_is_empty 'in both'
check 'it is sparse' [ "$(du -k "$T/copy" | cut -f1)" -lt 8000 ]
check 'and as long as the store' [ "$(stat -c %s "$T/copy")" = "$(stat -c %s "$SHM/weir.$WEIR_STORE")" ]
check 'for nobody else' [ "$(stat -c %a "$T/copy")" = 600 ]

weir 1 snapshot -o "$T/copy"
err_has 'a file that is there stays' "$T/copy: .*EEXIST"
weir 0 snapshot -f -o "$T/copy"
check 'unless it is to be replaced' [ "$(ls "$T" | grep -c '^copy')" = 1 ]
weir 1 snapshot -o "$T/none/copy"
err_has 'no such folder' "$T/none/copy: .*ENOENT"
check 'nothing is left of what failed' [ ! -e "$T/none" ]

# each verb that looks, once the store has gone
weir 0 dump --json
grep '"type":"record"' "$T/out" >"$T/records"
weir 0 destroy
for verb in ls 'ls -l' 'info c' metrics dump doctor; do
	weir 0 $verb --store "$T/copy"
	out_has "$verb reads it" .
done
weir 0 get c --store "$T/copy"
out_is 'get' '{"a":3}'
weir 0 sub c --from oldest -n 3 --store "$T/copy"
check 'sub' lines_are "$T/out" 3
weir 0 dump --json --store "$T/copy"
grep '"type":"record"' "$T/out" >"$T/records.copy"
check 'the records are the same' cmp -s "$T/records" "$T/records.copy"
weir 0 snapshot -o "$T/again" --store "$T/copy"
check 'a copy of a copy is one' cmp -s "$T/copy" "$T/again"

# a damaged ring is copied as it is
weir 0 create
weir 0 channel create c
printf '%s\n' 1 2 3 | weir 0 pub c -i one
weir 0 dump --json
block=$(sed -n 's/.*"block_offset":\([0-9]*\).*/\1/p' "$T/out")
printf '\377\377\377' | dd of="$SHM/weir.$WEIR_STORE" bs=1 conv=notrunc \
	seek=$((block + 256)) 2>/dev/null # its tail
weir 1 dump
weir 0 snapshot -o "$T/damaged"
cp "$SHM/weir.$WEIR_STORE" "$T/by-cp"
check 'to the byte' cmp -s "$T/damaged" "$T/by-cp"
weir 1 dump --store "$T/damaged"

# not enough room: nothing there
ulimit -f 100
weir 1 snapshot -o "$T/big"
err_has 'a limit is named' 'EFBIG'
check 'nothing is left of it' [ "$(ls "$T" | grep -c '^big')" = 0 ]
finish
