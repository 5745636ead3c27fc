#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir ls
. "$(dirname "$0")/lib/cli.sh"

weir 3 ls
err_has 'without a store' "^weir ls: $WEIR_STORE: no such store in $SHM \\(ENOENT\\)\$"
err_has 'the next step is said' "weir create --store $WEIR_STORE\$"
weir 3 ls --dir "$T/nowhere"
err_has 'without the directory' "^weir ls: $T/nowhere: no such directory \\(ENOENT\\)\$"
weir 0 create --max-bytes 8M
weir 0 ls
out_is 'an empty store' ''
weir 0 ls --json
out_is 'an empty store as JSON' ''

weir 0 channel create paragraph-content
weir 0 channel create 'two words'
weir 0 ls
out_is 'channels without anybody' 'Channel: paragraph-content
  Producers: 0
  Consumers: 0
Channel: two words
  Producers: 0
  Consumers: 0'

# somebody
mkfifo "$T/feed"
"$WEIR" pub paragraph-content --id summary-service <"$T/feed" 2>"$T/err" &
pids="$pids $!"
exec 9>"$T/feed"
echo '{"title":"t"}' >&9
start "$T/sub" sub paragraph-content --id web-ui
until_true [ -s "$T/sub" ]
weir 0 ls
out_is 'producers and consumers by id' 'Channel: paragraph-content
  Producers: 1
    1. summary-service (producer)
  Consumers: 1
    1. web-ui (consumer)
Channel: two words
  Producers: 0
  Consumers: 0'
weir 0 ls --json
check 'an object for each channel' lines_are "$T/out" 2
out_has 'as JSON: the producer' '"channel":"paragraph-content",.*"producers":\[\{"lane":0,"id":"summary-service","life":"alive","pid":[0-9]+,"has_value":true,"records":1,'
out_has 'as JSON: the consumer' '"consumers":\[\{"place":0,"id":"web-ui","life":"alive",.*"cursor":2,"lag":0,'
out_has 'as JSON: nobody' '"channel":"two words",.*"producers":\[\],"consumers":\[\]'
start "$T/look" sub paragraph-content
until_true [ -s "$T/look" ]
weir 0 ls
out_has 'observers are counted nowhere' '^  Consumers: 1$'

# the producer is killed; its value stays
kill -9 "${pids##* }" 2>/dev/null
for p in $pids; do kill -9 "$p" 2>/dev/null; wait "$p" 2>/dev/null; done
exec 9>&-
pids=
weir 0 ls
out_is 'whoever is gone' 'Channel: paragraph-content
  Producers: 0
  Gone, value kept: 1
    1. summary-service (producer, gone)
  Consumers: 0
Channel: two words
  Producers: 0
  Consumers: 0'

# looking writes nothing: a copy, read-only, and the same bytes after it
before=$(cksum <"$SHM/weir.$WEIR_STORE")
weir 0 ls
weir 0 ls --json
weir 0 info paragraph-content
weir 0 get paragraph-content
weir 0 dump
check 'looking writes nothing' [ "$before" = "$(cksum <"$SHM/weir.$WEIR_STORE")" ]
cp "$SHM/weir.$WEIR_STORE" "$T/copy"
chmod 400 "$T/copy"
weir 0 ls --store "$T/copy"
out_has 'a copy is listed too' '^Channel: paragraph-content$'

# files that are no stores
printf 'no store' >"$SHM/weir.$WEIR_STORE-x"
weir 3 ls --store "$WEIR_STORE-x"
err_has 'another file' 'WEIR_E(NOTSTORE|TRUNC)'
rm "$SHM/weir.$WEIR_STORE-x"
ln -s "$SHM/weir.$WEIR_STORE" "$SHM/weir.$WEIR_STORE-x"
weir 3 ls --store "$WEIR_STORE-x"
err_has 'a symlink' 'WEIR_EUNSAFE'
rm "$SHM/weir.$WEIR_STORE-x"
weir 3 ls --store "$T"
err_has 'a path is said once' "^weir ls: $T is no regular file \\(WEIR_EUNSAFE\\)\$"
weir 3 ls --store "$T/nothing"
err_has 'a path that is not there' "^weir ls: $T/nothing: no such file \\(ENOENT\\)\$"
weir 3 ls --store nothing --dir "$T"
err_has 'a store that is not there, and where' "^weir ls: nothing: no such store in $T \\("

# a file in this folder, without the "/" that makes a path of it
cd "$T" || exit 1
cp "$SHM/weir.$WEIR_STORE" "$WEIR_STORE-y"
weir 3 ls --store "$WEIR_STORE-y"
err_has 'how it is written' "write: --store ./$WEIR_STORE-y\$"
weir 0 ls --store "./$WEIR_STORE-y"
weir 3 pub --store "$WEIR_STORE-y" --id a -m 1 c
err_has 'who writes needs a store' "make the store with: weir create --store $WEIR_STORE-y\$"
weir 2 ls --store 'a b'

# a line for each
weir 0 channel create quiet --stamps off
echo '{"title":"12"}' | weir 0 pub quiet --id q
weir 0 ls -l
out_has 'the heads' '^CHANNEL +PRODUCERS  KEPT  CONSUMERS  RECORDS +BYTES  REFUSED  LAG  LOST +MEMORY +AGE$'
out_has 'figures' '^paragraph-content +0 +1 +0 +1 +9 B +0 +0 +0 +[0-9]+ kB +[0-9.]+ (m|u|n)?s$'
out_has 'nothing yet' '^two words +0 +0 +0 +0 +0 B +0 +0 +0 +[0-9]+ kB +-$'
out_has 'without time stamps there is no age' '^quiet .* -$'
check 'columns are aligned' [ "$(awk '{print length($0)}' "$T/out" | sort -u | wc -l)" = 1 ]
weir 0 ls --json
out_has 'when the newest came, as JSON' '"channel":"paragraph-content",.*"newest":"20[^"]+Z"'
out_has 'unknown' '"channel":"quiet",.*"newest":null'

# again and again
start "$T/watched" ls -lw -i 0.05
three() { [ "$(grep -c '^CHANNEL' "$T/watched")" -ge 3 ]; }
until_true three
kill -TERM "$started"
ended "$started"
LAST='ls -lw, and SIGTERM'
check 'until a signal comes' [ "$rc" = 143 ]
check 'no escape sequences in a file' [ "$(tr -d '[:print:]\n' <"$T/watched" | wc -c)" = 0 ]
weir 2 ls --watch -i 0
err_has 'an interval of nothing' 'interval'

finish
