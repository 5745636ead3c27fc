#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir destroy
. "$(dirname "$0")/lib/cli.sh"

weir 3 destroy
err_has 'there is none' "^weir destroy: $WEIR_STORE: .*\\(ENOENT\\)\$"
weir 0 create --max-bytes 4M
weir 0 channel create c
weir 0 pub c --id a -m 1
weir 2 destroy --store "$SHM/weir.$WEIR_STORE"
weir 2 destroy --store 'a b'
weir 2 destroy extra
weir 0 get c
out_is 'it is still there' 1

start "$T/sub" sub c --id s
until_true [ -s "$T/sub" ]
mkfifo "$T/feed"
"$WEIR" pub c --id live <"$T/feed" 2>"$T/pub.err" &
pub=$!
pids="$pids $pub"
exec 9>"$T/feed"
echo 2 >&9
until_true lines_are "$T/sub" 2
weir 0 destroy
out_is 'it prints nothing' ''
err_is_empty 'and says nothing'
check 'no file is left' [ -z "$(ls "$SHM" | grep "^weir.$WEIR_STORE")" ]
ended "$started"
check 'a consumer is told' [ "$rc" = 3 ]
echo 3 >&9
exec 9>&-
ended "$pub"
check 'so is a producer' [ "$rc" = 3 ]
check 'and says why' grep -q 'line 2: .*(WEIR_ERETIRED)$' "$T/pub.err"
weir 3 ls
weir 0 create --max-bytes 4M
weir 0 ls
out_is 'a new one is empty' ''

# a copy is a file, and no store
mkdir "$T/dir"
weir 0 create --dir "$T/dir" --max-bytes 4M --store c
cp "$T/dir/weir.c" "$T/copy"
weir 0 destroy --dir "$T/dir" --store c
mv "$T/copy" "$T/dir/weir.c"
weir 3 destroy --dir "$T/dir" --store c
err_has 'a copy: what to do' "$T/dir/weir.c is a copy of a store: rm it \\(WEIR_ECOPY\\)\$"

# what is not ours is left alone
printf 'somebody else' >"$SHM/weir.$WEIR_STORE-x"
run destroy --store "$WEIR_STORE-x"
check 'another file is refused' [ "$rc" = 3 ]
check 'and stays' [ -e "$SHM/weir.$WEIR_STORE-x" ]
finish
