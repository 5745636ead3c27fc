#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir job run: what becomes of a command
. "$(dirname "$0")/lib/cli.sh"

weir 2 job run
weir 3 job run -- true
err_has 'a store is needed' 'weir create --store'
weir 0 create --max-bytes 32M
history() {
	"$WEIR" sub job-updates --from oldest --timeout 0 -F "%f" --field /status \
		--producer "$1" | tr -d '"' | tr '\n' ' '
}
field() {
	"$WEIR" get job-updates --producer "$1" --field "$2" --format raw
}

# what it says
weir 0 job run --id j1 --type text -- sh -c 'echo "progress 0 begun" >&2
	echo other >&2; printf "progress 0.25\n" >&2; echo "progress 1 done" >&2
	echo " {\"title\" : \"x\"} "'
out_is 'it prints nothing' ''
check 'what else stands on standard error goes on' [ "$(cat "$T/err")" = other ]
check 'queued, running, progress, completed' [ "$(history j1)" = 'queued running progress progress progress completed ' ]
weir 0 get job-updates --producer j1 --field /result
out_is 'JSON becomes the result' '{"title":"x"}'
check 'with a type' [ "$(field j1 /type)" = text ]
check 'and times' sh -c 'echo "$1 $2" | grep -Eq "^20[0-9T:.-]*Z 20[0-9T:.-]*Z$"' - "$(field j1 /startedAt)" "$(field j1 /finishedAt)"
weir 0 sub job-updates --from oldest --timeout 0 --where '/progress == 0.25' --field /status --field /message
out_is 'progress without a message' '"progress"	null'
weir 0 sub job-updates --from oldest --timeout 0 --where '/progress == 0' --field /message
out_is 'and with one' '"begun"'

# results
weir 0 job run --id text -- printf 'two\nlines\n'
check 'text is text, without the last newline' [ "$(field text /result)" = "two
lines" ]
weir 0 job run --id none -- true
weir 0 get job-updates --producer none --field /result
out_is 'nothing is empty text' '""'
weir 0 job run --id bytes -- printf '\377\376'
weir 0 get job-updates --producer bytes --field /result
out_is 'what is no text is bytes' '{"$bin":"//4="}'
weir 0 job run --id large -- sh -c 'head -c 60000 /dev/zero | tr "\0" x'
check 'a long result' [ "$(field large /result | tr -d '\n' | wc -c)" = 60000 ]
weir 0 job run --id over -- sh -c 'head -c 5000000 /dev/zero | tr "\0" x'
err_has 'one that is too long is said' '^weir job run: over: its output, 5000000 bytes, does not fit into an update, which may have 65536$'
check 'and the job has failed' [ "$(field over /status)" = failed ]
check 'the reason is there' sh -c 'echo "$1" | grep -q "5000000 bytes"' - "$(field over /error)"

# failures
weir 7 job run --id f7 -- sh -c 'echo first >&2; printf "last \033[2J" >&2; exit 7'
check 'a failure' [ "$(field f7 /status)" = failed ]
check 'with the exit status and the end of standard error' [ "$(field f7 /error)" = 'exit status 7
first
last \x1b[2J' ]
weir 137 job run --id k9 -- sh -c 'kill -9 $$'
check 'killed by a signal' sh -c 'echo "$1" | grep -q "^killed by signal 9"' - "$(field k9 /error)"
weir 127 job run --id no -- /no/such/command
err_has 'what cannot be started is said' '^weir job run: /no/such/command: cannot be started: No such file'
check 'and known' [ "$(history no)" = 'queued failed ' ]
echo x >"$T/plain"
weir 126 job run --id noexec -- "$T/plain"
weir 1 job run --id long -- sh -c 'yes "a line of it" | head -c 100000 >&2; exit 1'
check 'only the end of what is long' [ "$(field long /error | wc -c)" -lt 2200 ]

# lines that are no progress
weir 0 job run --id lines -- sh -c 'for l in "progress" "progress x" "progress 1.5 much" "progress -1" " progress 0.5" "progress 0.5x"; do echo "$l" >&2; done; printf "progress 0.75 no newline" >&2'
check 'only what is' [ "$(history lines)" = 'queued running progress completed ' ]
check 'the others go on' lines_are "$T/err" 6
weir 0 job run --id long-line -- sh -c 'printf "progress 0.5 " >&2; head -c 5000 /dev/zero | tr "\0" y >&2; echo >&2; echo "progress 0.6 z" >&2'
check 'a line that is too long is none' [ "$(history long-line)" = 'queued running progress completed ' ]
weir 0 job run --id rest -- sh -c 'head -c 1024 /dev/zero | tr "\0" y >&2; echo "progress 0.5 end" >&2'
check 'nor is the end of one' [ "$(history rest)" = 'queued running completed ' ]
check 'all of which goes on' grep -q '^y*progress 0.5 end$' "$T/err"
weir 0 job run --id control -- sh -c 'printf "progress 0.5 a\033[2Jb\377\n" >&2; sleep 0.1'
weir 0 sub job-updates --from oldest --timeout 0 --producer control --where /message --field /message
out_is 'control characters do not get into messages' '"a\\x1b[2Jb\\xff"'

# processes
weir 0 job run --id leaves -- sh -c 'sleep 60 & echo $! >"$1"; echo done' - "$T/left"
check 'what it leaves behind is not waited for' [ "$(field leaves /status)" = completed ]
check 'nor killed' kill -0 "$(cat "$T/left")"
kill "$(cat "$T/left")"
weir 0 job run --id closes -- sh -c 'echo early; exec >&- 2>&-; sleep 0.2'
check 'one that closes its output early' [ "$(field closes /result)" = early ]
weir 0 job run -- sh -c 'echo a' x
weir 0 sub job-updates --from each --timeout 0 --where '/type == "sh"' -F %p
out_has 'without an id it has one all the same' '^sh-20[0-9]{6}T[0-9]{6}Z-[0-9]+$'
echo given >"$T/in"
weir 0 job run --id reads -- cat <"$T/in"
check 'it reads what we read' [ "$(field reads /result)" = given ]
weir 0 job run --id args -- printf '%s.' -n --id x
check 'options behind -- are the command'"'s" [ "$(field args /result)" = '-n.--id.x.' ]

cat >"$T/ignored.py" <<'EOF'
import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
signal.alarm(30)
os.execvp(sys.argv[1], sys.argv[1:])
EOF
if command -v python3 >/dev/null; then
	python3 "$T/ignored.py" "$WEIR" job run --id ignored -- sh -c 'exit 3'
	check 'started by who ignores SIGCHLD' [ "$?/$(field ignored /status)" = 3/failed ]
fi

# being told to end
started_job() {
	name=$1
	shift
	start "$T/f" job run --id "$name" "$@"
	until_true sh -c '"$WEIR" get job-updates --producer "$1" --field /status 2>/dev/null | grep -q progress' - "$name"
}
started_job term -- sh -c 'echo "progress 0.1" >&2; exec sleep 60'
kill -TERM "$started"
ended "$started"
check 'SIGTERM: it ends by that' [ "$rc" = 143 ]
check 'and the job is cancelled' [ "$(field term /status)" = cancelled ]
started_job tidy -- sh -c 'trap "echo tidied; exit 0" TERM; echo "progress 0.1" >&2; while :; do sleep 0.05; done'
kill -TERM "$started"
ended "$started"
check 'who ends well when told to has completed' [ "$rc/$(field tidy /status)/$(field tidy /result)" = 0/completed/tidied ]
started_job deaf --grace 0.2 -- sh -c 'trap "" TERM; echo $$ >"$1"; echo "progress 0.1" >&2; while :; do sleep 0.05; done' - "$T/pid"
kill -TERM "$started"
ended "$started"
check 'who does not listen is killed after a while' [ "$(field deaf /status)" = cancelled ]
check 'by SIGKILL' sh -c 'echo "$1" | grep -q "^killed by signal 9"' - "$(field deaf /error)"
check 'and is gone' sh -c '! kill -0 "$1" 2>/dev/null' - "$(cat "$T/pid")"

started_job hasty --grace 600 -- sh -c 'trap "" TERM; echo "progress 0.1" >&2; while :; do sleep 0.05; done'
weir 0 job cancel hasty
until_true sh -c 'grep -q "^ShdPnd:.*0000$" "/proc/$1/status"' - "$started"
check 'told once it is still there' kill -0 "$started"
weir 0 job cancel hasty
ended "$started"
check 'told twice it is killed at once' sh -c 'echo "$1" | grep -q "^killed by signal 9"' - "$(field hasty /error)"
check 'and cancelled' [ "$rc/$(field hasty /status)" = 137/cancelled ]
started_job code -- sh -c 'trap "exit 3" TERM; echo "progress 0.1" >&2; while :; do sleep 0.05; done'
kill -TERM "$started"
ended "$started"
check 'its exit code is ours, also then' [ "$rc/$(field code /status)" = 3/cancelled ]

# nobody reads standard error any more
mkfifo "$T/fifo"
"$WEIR" job run --id unread -- sh -c 'echo a >&2; until [ -e "$1" ]; do sleep 0.05; done; echo b >&2; echo "progress 0.5" >&2' - "$T/go" 2>"$T/fifo" &
unread=$!
head -n 1 <"$T/fifo" >"$T/head"
touch "$T/go"
wait "$unread"
check 'without a reader of standard error it goes on' [ "$?/$(field unread /status)" = 0/completed ]
check 'also the command' [ "$(history unread)" = 'queued running progress completed ' ]

# the runner is killed: so is the command
started_job orphan -- sh -c 'echo $$ >"$1"; echo "progress 0.1" >&2; exec sleep 60' - "$T/pid"
kill -9 "$started"
ended "$started" 2>/dev/null
until_true sh -c '! kill -0 "$1" 2>/dev/null' - "$(cat "$T/pid")"
ok 'its command ends with it'
check 'its last update is there' [ "$(field orphan /status)" = progress ]
weir 0 job ls
out_has 'and it is lost' '^orphan +sh +lost '

# one id, one job
started_job twice -- sh -c 'echo "progress 0.1" >&2; exec sleep 60'
weir 1 job run --id twice -- touch "$T/touched"
err_has 'an id that is in use' '\(WEIR_EINUSE\)$'
check 'and nothing was started' [ ! -e "$T/touched" ]
kill "$started"
ended "$started"
weir 0 job run --id twice -- true
check 'afterwards it may be used again' [ "$(field twice /status)" = completed ]
weir 2 job run --id "$(printf 'a\tb')" -- true

# without its store a job goes on
started_job alone -- sh -c 'echo "progress 0.1" >&2; sleep 0.5; touch "$1"; exit 5' - "$T/on"
weir 0 destroy
ended "$started"
check 'a store that goes does not end it' [ "$rc" = 5 ]
check 'it ran to its end' [ -e "$T/on" ]
check 'and that nobody knows is said once' sh -c 'grep -c WEIR_ERETIRED "$1" | grep -qx 1' - "$T/f.err"

# a channel of that name for something else
weir 0 create --max-bytes 16M
echo '{"type":"number"}' >"$T/s.json"
weir 0 channel create job-updates --schema "$T/s.json"
weir 4 job run --id x -- touch "$T/touched"
err_has 'a channel that takes no updates' '\(WEIR_ESCHEMA\)$'
check 'and nothing was started' [ ! -e "$T/touched" ]

# small updates
weir 0 channel rm job-updates
weir 0 channel create job-updates --max-record 256
weir 1 job run --id small -- sh -c 'yes | head -n 1000 >&2; exit 1'
check 'how it ended is said, if there is no room for more' [ "$(field small /error)" = 'exit status 1' ]

# many: those that have ended make room
weir 0 channel rm job-updates
for i in $(seq 1 40); do
	"$WEIR" job run --id many-$i -- true || not_ok "job $i"
done
weir 0 job ls
check 'the newest are there' [ "$(grep -c '^many-' "$T/out")" = 32 ]
out_has 'the last' '^many-40 '
finish
