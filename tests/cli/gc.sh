#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir gc
. "$(dirname "$0")/lib/cli.sh"

lock=$SHM/weir.$WEIR_STORE.0123456789abcdef.lock

weir 3 gc
weir 3 gc --dry-run
weir 0 create --max-bytes 8M
weir 2 gc extra
weir 2 gc --store "$SHM/weir.$WEIR_STORE"
weir 0 gc
out_is 'nothing to do' 'gave back: nothing'
weir 0 gc --dry-run
out_is 'nothing it would do' 'would give back: nothing'
weir 0 gc -n --store "$SHM/weir.$WEIR_STORE"

# killed: a consumer, a producer with a value, one without, and the holder of
# a channel that was removed
weir 0 channel create c
weir 0 channel create gone
mkfifo "$T/one" "$T/two"
"$WEIR" pub c --id with <"$T/one" &
with=$!
"$WEIR" pub c --id without <"$T/two" &
without=$!
exec 8>"$T/one" 9>"$T/two"
echo 1 >&8
start "$T/sub" sub c --id reader
reader=$started
start "$T/sub2" sub gone --id holder
holder=$started
pids="$pids $with $without"
is_there() { "$WEIR" info "$1" --json | grep -q "\"id\":\"$2\",\"life\":\"alive\""; }
until_true lines_are "$T/sub" 1
until_true is_there c without
until_true is_there gone holder
kill -STOP "$holder"
weir 0 channel rm gone
weir 0 gc --dry-run --json
check 'the living keep what was removed' [ "$(json_field channels_left)" = 1 ]
check 'and nothing else is left' [ "$(json_field participants)" = 0 ]
for p in $with $without $reader $holder; do
	kill -9 "$p"
	ended "$p"
done
exec 8>&- 9>&-
: >"$lock"
weir 0 gc --dry-run
cp "$T/out" "$T/would"
out_has 'what it would do' '^would give back:$'
out_has 'participants' '^  participants killed with channels open: 4$'
out_has 'producers' '^  places of killed producers without a value: 1$'
out_has 'consumers' '^  places of killed consumers: 1$'
out_has 'channels' '^  channels left half made, or removed: 1$'
out_has 'their bytes' '^  bytes of those: [0-9]{5,}$'
out_has 'lock files' '^  lock files of no store: 1$'
out_has 'values stay' '^  values of killed producers, which weir clear withdraws: 1$'
check 'and does not' [ -e "$lock" ]
weir 0 gc
sed 's/^would give back:/gave back:/; s/^would leave:/left:/' "$T/would" >"$T/want"
check 'it does what it would' cmp "$T/want" "$T/out"
err_is_empty 'and says no more'
check 'the lock file is gone' [ ! -e "$lock" ]
weir 0 gc --json
check 'nothing is left to do' [ "$(json_field participants)$(json_field producers)$(json_field consumers)$(json_field channels)$(json_field lock_files)" = 00000 ]
check 'but for the value' [ "$(json_field values_left)" = 1 ]
check 'one object' lines_are "$T/out" 1
weir 0 get c
out_is 'which is there' 1
weir 0 clear c --orphans
weir 0 gc
out_is 'and then nothing' 'gave back: nothing'

# memory that is nobody's
dd if=/dev/zero of="$SHM/weir.$WEIR_STORE" bs=4096 seek=2000 count=3 conv=notrunc 2>/dev/null
weir 0 gc -n
out_has 'stray memory' '^  bytes in no channel: 12288$'
weir 0 gc
out_has 'is given back' '^  bytes in no channel: 12288$'
weir 0 gc
out_is 'once' 'gave back: nothing'
finish
