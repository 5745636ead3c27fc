#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir clear
. "$(dirname "$0")/lib/cli.sh"

weir 0 create --max-bytes 8M
weir 0 channel create c
weir 2 clear c
err_has 'what is needed is said' 'one of --id ID and --orphans'
weir 2 clear c --id a --orphans
err_has 'so is what is too much' 'not both; see'
weir 3 clear nothing --orphans

weir 1 clear c --id one
err_has 'nobody of that name' '^weir clear: c: one: no such producer$'
weir 0 pub c --id one -m 1
weir 0 pub c --id two -m 2
weir 0 pub c --id three -m 3
weir 0 clear c --id three
out_is 'it prints nothing' ''
weir 0 get c
out_is 'the older value is current again' 2
weir 1 clear c --id three
err_has 'there is nothing to clear' '^weir clear: c: three has no value$'
weir 1 get c --producer three

# the live are left alone
mkfifo "$T/feed"
"$WEIR" pub c --id live <"$T/feed" &
live=$!
pids="$pids $live"
exec 9>"$T/feed"
echo 4 >&9
until_true sh -c '"$WEIR" get c --producer live >/dev/null 2>&1'
weir 1 clear c --id live
err_has 'a live producer' "^weir clear: c: live is alive \\(pid $live\\).*\\(WEIR_EINUSE\\)\$"
start "$T/sub" sub c --json --from new
until_true sh -c "[ -e /proc/$started/exe ]"
sleep 0.3
weir 0 clear c --orphans
out_is 'it says how many' 'values withdrawn: 2'
weir 0 get c
out_is 'the live one has its value' 4
weir 1 get c --producer one
weir 1 get c --producer two
until_true lines_are "$T/sub" 2
check 'consumers are told' [ "$(grep -c '"kind":"clear"' "$T/sub")" = 2 ]
check 'in the name of each' grep -q '"producer":"one"' "$T/sub"
kill "$started"
ended "$started"
exec 9>&-
ended "$live"
weir 0 clear c --orphans
weir 1 get c
weir 0 clear c --orphans
out_is 'also none' 'values withdrawn: 0'
weir 2 clear c --orphans --store "$SHM/weir.$WEIR_STORE"
finish
