#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# weir top: in a terminal (of tmux), and as a table.
. "$(dirname "$0")/lib/cli.sh"

VERB="top -d 0.1"
. "$(dirname "$0")/lib/terminal.sh"

# names_are WANT: the channels on the screen, from the top
names_are() {
	look
	[ "$(awk '$1 ~ /^(busy|large|slow|quiet)$/ { printf "%s ", $1 }' "$T/out")" = "$1 " ]
}
order() { check "$1" poll names_are "$2"; }

# ---- somebody to look at

weir 0 create
for c in busy large slow quiet; do
	weir 0 channel create $c --capacity 64
done
weir 0 channel create 日本語の名前はとても長いので切られる
stream() { # CHANNEL ID PAUSE TEXT
	while printf '%s\n' "$4"; do sleep "$3"; done |
		"$WEIR" pub "$1" -i "$2" >/dev/null 2>&1 &
	pids="$pids $!"
}
many=$(printf '%01000d' 0 | tr 0 x)
stream busy 'load' 0.01 '{"label":"load","list":[1,{"deep":null}],"esc":"\u001b[31mred"}'
stream large 'large' 0.1 "\"$many\""
weir 0 pub slow -i once -m 0
start "$T/slow" sub slow --id sleeper
sleeper=$started
until_true [ -s "$T/slow" ]
kill -STOP "$sleeper"
for i in 1 2 3 4 5; do echo $i; done | "$WEIR" pub slow -i once
weir 0 pub quiet -i one -m '{}'

# ---- once

weir 0 top -1 -d 0.3
out_has 'a table' '^CHANNEL +REC/S  BYTES/S  FILL  LAG  BEHIND  LOST  PRO  CON +AGE$'
out_has 'with rates' '^busy +[0-9.]+ +[0-9.]+ k?B +[0-9]+% +0 +0% +0 +1 +0 +[0-9.]+ [mun]?s$'
out_has 'with lags' '^slow +0 +0 B +9% +5 +8% +0 +0 +1 '
check 'columns are aligned' [ "$(awk '/^[a-zC]/ { print length($0) }' "$T/out" | sort -u | wc -l)" = 1 ]
err_is_empty 'nothing is said'
weir 0 top -d 0.1
out_has 'no terminal: a table as well' '^CHANNEL +REC/S'
weir 0 top -1 -d 0.1 --sort name
check 'sorted by name' [ "$(awk '/^[a-z]/ { printf "%s ", $1 }' "$T/out")" = 'busy large quiet slow ' ]
weir 0 top -1 -d 0.1 --sort lag
check 'sorted by lag' [ "$(awk 'NR == 2 { print $1 }' "$T/out")" = slow ]
weir 0 top --json -d 0.1 -s name
check 'an object for each' lines_are "$T/out" 5
out_has 'its keys' '^\{"channel":"busy","damaged":false,"window_ns":[0-9]+,"records":[1-9][0-9]*,"bytes":[1-9][0-9]*,"refused":0,"lost":0,"newest_seq":[0-9]+,"kept":[0-9]+,"capacity":64,"lag":0,"producers_alive":1,"consumers_alive":0,"newest":"20[^"]+Z"\}$'
out_has 'a lag' '^\{"channel":"slow",.*"newest_seq":6,"kept":6,"capacity":64,"lag":5,'
out_has 'nothing new' '^\{"channel":"quiet",.*"records":0,"bytes":0,'
weir 2 top -d 0
err_has 'an interval of nothing' 'interval: above 0'
weir 2 top --sort size
err_has 'the words are named' 'rate\|bytes'
weir 2 top busy
weir 3 top --store "$WEIR_STORE-none"
err_has 'no such store' "^weir top: $WEIR_STORE-none: no such store in "
in_terminal "TERM=none \"\$WEIR\" top"
sees 'an unknown terminal is named, and what to do' '^weir top: the terminal "none" .*is not known; once, plain: weir top'
in_terminal "TERM=dumb \"\$WEIR\" top; echo code=\$?"
sees 'one without a full screen' '^weir top: the terminal "dumb" .*has no full screen'
sees 'it failed' '^code=1'

# ---- on a screen of 80x24

in_terminal "sh \$T/go"
sees 'the heads' '^CHANNEL +REC/S +BYTES/S FILL +LAG BEHIND +LOST  PRO  CON     AGE$'
check 'another screen, no cursor' poll terminal_is '1 0'
sees 'a title' "^weir top: $WEIR_STORE\$"
sees 'figures of the store' '^5 channels, [0-9.]+ .B of [0-9.]+ .B, [0-9]+ participants; [0-9.]+k? records/s, '
sees 'rates, and bars' '^busy +[0-9.]+ +[0-9.]+ k?B \[\|*\] +0 \[ +\] +0 +1 +0 +[0-9.]+ [mun]?s$'
sees 'the lag of the slowest' '^slow +0 +0 B \[\| +\] +5 \[\| +\] +0 +0 +1 +[0-9.]+ '
sees 'a long name is cut by columns' '^日本語の名前はとて… +0 '
sees 'keys' '^q quit  Enter open '
check 'it is full' [ "$(tail -n 1 "$T/out" | cut -c1-6)" = 'q quit' ]
order 'sorted by rate' 'busy large quiet slow'
keys b
order 'by bytes' 'large busy quiet slow'
keys b
order 'reversed' 'quiet slow busy large'
keys l
order 'by lag' 'slow busy large quiet'
keys n
order 'by name' 'busy large quiet slow'
keys n
order 'and back' 'slow quiet large busy'
keys n x r
order 'by rate again' 'busy large quiet slow'
keys '?'
sees 'help' '^sort:  r rate  b bytes'
sees 'all of it' 'q: quit'
keys '?'
sees_not 'and no help' '^sort:'

# a filter
keys /
sees 'a prompt' '^/_'
say 'QU'
order 'as it is typed' 'quiet'
keys BSpace BSpace
say '日'
sees_not 'of other characters' '^busy'
check 'also found' like '^日本語'
keys Enter
sees 'it says so' '^filter: 日 '
keys Escape
order 'Esc ends it' 'busy large quiet slow'
keys /
say 'nothing like this'
sees 'none at all' '^no channel whose name contains that'
keys Escape
order 'all are back' 'busy large quiet slow'

# pause
keys p
sees 'paused' 'PAUSED$'
look
cp "$T/out" "$T/paused"
weir 0 pub quiet -i two -m '{}'
keys C-l Down Up
weir 0 top -1 -d 0.3
sees 'and still is' 'PAUSED$'
check 'nothing moves' cmp -s "$T/paused" "$T/out"
keys p
sees_not 'it goes on' 'PAUSED'

# a channel
keys Home Enter
sees 'opened: its name' "^weir top: $WEIR_STORE / busy\$"
sees 'its configuration' '^overwrite, shared producers, 64 records of at most '
sees 'its producers' '^load +alive +[0-9]+ +[0-9.]+k? +[0-9.]+ +[0-9.]+ k?B +0$'
sees 'its newest record' '^LAST RECORD: seq [0-9]+, age [0-9.]+ [mun]?s, by load, [0-9]+ bytes$'
sees 'in lines' '^  "label": "load",$'
sees 'indented' '^      "deep": null$'
sees 'control characters of values do not get there' '^  "esc": "\\u001b\[31mred"$'
check 'the colours are ours' [ "$(tm capture-pane -p -e | grep -c '\[31mred"')" = 1 ]
keys Escape
order 'and back' 'busy large quiet slow'
keys /
say quiet
keys Enter Enter
sees 'another: one that is gone' '^one +gone +0 +1 '
keys q
keys /
keys BSpace BSpace BSpace BSpace BSpace
say slow
keys Enter Enter
sees 'its consumer, where it reads, and its lag' '^sleeper +alive +[0-9]+ +2 +5 \[\| +\] +0$'
kill -9 "$sleeper"
wait "$sleeper" 2>/dev/null
sees 'killed' '^sleeper +killed +'
weir 0 channel rm slow
sees 'a channel that is gone' '^There is no such channel any more'
weir 0 channel create slow --capacity 64
weir 0 pub slow -i s -m 1
sees 'and is there again' '^overwrite, '
weir 0 clear slow --id s
sees 'a value that was withdrawn' '^its value is withdrawn'
weir 0 channel rm slow
keys q Escape
order 'all of them' 'busy large quiet'

# another size
resize 40 10
sees '40x10: what matters is there' '^CHANNEL +REC/S +LAG BEHIND$'
sees 'lines fit' '^busy +[0-9.]+ +0 \[ +\]$'
check 'the last is the last' [ "$(sed -n 10p "$T/out" | cut -c1-6)" = 'q quit' ]
keys '?' Enter
sees 'a channel, too' '^fill '
keys '?' q
for s in '20 3' '2 2' '3 1' '10 1' '300 50'; do
	# shellcheck disable=SC2086
	resize $s
	keys Enter
	sees "$s: opened" .
	keys Escape
	sees "$s: and closed" .
done
resize 1 1 # too small to show anything
keys Enter
resize 1 5
keys Escape
resize 80 24
sees 'back to 80x24' '^CHANNEL +REC/S +BYTES/S FILL +LAG BEHIND +LOST  PRO  CON     AGE$'
order 'nothing has been lost on the way' 'busy large quiet'

keys q
left 'q' 0

# ---- signals

in_terminal "sh \$T/go"
sees 'again' '^CHANNEL +REC/S'
keys C-c
left 'Ctrl-C' 130

pid_of() { tm display-message -p '#{pane_pid}' >/dev/null; pid=$(cat "$T/pid" 2>/dev/null); [ -n "$pid" ]; }
cat >"$T/go2" <<'END'
. "$T/modes"
modes >"$T/stty.before"
sh -c 'echo $$ >"$T/pid"; exec "$WEIR" top -d 0.1'
rc=$?
modes >"$T/stty.after"
echo "the exit code is $rc"
END
in_terminal "sh \$T/go2 2>/dev/null"
sees 'again' '^CHANNEL +REC/S'
check 'its process' pid_of
kill -TERM "$pid"
left 'SIGTERM' 143

# stopped: the shell has its terminal, and gives it back
in_terminal "sh -c 'echo \$\$ >\"\$T/pid\"; exec \"\$WEIR\" top -d 0.1'"
sees 'again' '^CHANNEL +REC/S'
keys C-z
sees 'stopped' 'Stopped|Suspended'
check 'with a cursor, on the screen before' poll terminal_is '0 1'
resize 60 12
keys C-l
say fg
keys Enter
sees 'continued' '^CHANNEL +REC/S'
check 'on its screen again' poll terminal_is '1 0'
sees 'in the new size' '^busy .*s$'
keys q
check 'and ended' poll terminal_is '0 1'
resize 80 24

# no terminal any more
tm new-session -d -s other "echo \$\$ >'$T/pid'; exec '$WEIR' top -d 0.1"
there() { tm capture-pane -p -t other | grep -q '^CHANNEL'; }
check 'another terminal' poll there
pid=$(cat "$T/pid")
tm kill-session -t other
gone() { ! kill -0 "$pid" 2>/dev/null; }
check 'when its terminal goes, it goes' poll gone

# nobody wants colours
coloured() { tm capture-pane -p -e | grep -q "$(printf '\033')\\[[0-9;]*3[0-7]"; }
plain() { ! coloured; }
weir 0 channel create slow --capacity 4
start "$T/slow" sub slow --id sleeper --from oldest
kill -STOP "$started"
for i in 1 2 3 4; do echo $i; done | "$WEIR" pub slow -i s
in_terminal "sh \$T/go"
sees 'again' '^slow '
check 'with colours' poll coloured
keys q
left 'with colours' 0
in_terminal "NO_COLOR=1 sh \$T/go"
sees 'again' '^slow '
check 'without them' plain
keys q
left 'without them' 0
kill -9 "$started"
wait "$started" 2>/dev/null

# ---- a copy, a damaged store, one that goes away

cp --sparse=always "$SHM/weir.$WEIR_STORE" "$T/copy"
chmod 400 "$T/copy"
before=$(cksum <"$T/copy")
weir 0 top -1 -d 0.1 --store "$T/copy"
check 'looking writes nothing' [ "$before" = "$(cksum <"$T/copy")" ]
out_has 'a copy' '^busy +0 +0 B '
in_terminal "sh \$T/go --store \$T/copy"
sees 'is said to be one' '^5 channels, .*, a copy; 0 records/s'
keys Enter
sees 'whose lives are unknown' '^[a-z]+ +(unknown|gone|alive) '
keys Escape q
left 'of a copy' 0

damage() { printf "$2" | dd of="$SHM/weir.$WEIR_STORE" bs=1 seek="$1" conv=notrunc status=none; }
weir 0 channel create broken
weir 0 dump
block=$(sed -n 's/^  ring channel="broken" .*block_offset=\([0-9]*\).*/\1/p' "$T/out")
offset=$(awk '$1 == "wi_shm_channel.slot_cnt" { print $2 }' tests/golden/layout.txt)
damage $((block + offset)) '\7\0\0\0'
weir 0 channel create named
weir 0 pub named -i ABCDEFGH -m 1
at=$(grep -abo ABCDEFGH "$SHM/weir.$WEIR_STORE" | head -n 1 | cut -d: -f1)
damage "$at" '\033]0;x\007y'
weir 1 top -1 -d 0.1
err_has 'what is damaged is named' '^weir top: broken: .*\(WEIR_ECORRUPT\)$'
out_has 'the others are there' '^busy '
out_has_not 'and it is not' '^broken'
weir 1 top --json -d 0.1
out_has 'as JSON' '^\{"channel":"broken","damaged":true\}$'
in_terminal "sh \$T/go"
sees 'on a screen' '^broken +damaged'
keys End Enter
sees 'it is not opened' '^that channel is damaged: '
keys /
say named
keys Enter Enter
sees 'control characters of ids do not get there' '^\\x1b\]0;x\\x07yH +gone'
keys q

weir 0 destroy
left 'a store that goes away' 3
check 'says so' like "^weir top: $WEIR_STORE: the store was destroyed \\(WEIR_ERETIRED\\)"
close_terminal
finish
