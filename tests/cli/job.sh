#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir job ls, show, wait, cancel
. "$(dirname "$0")/lib/cli.sh"

weir 3 job ls
weir 0 create --max-bytes 32M
weir 3 job ls
err_has 'there are no jobs yet' 'job-updates: no such channel'
weir 0 job run --id done --type sum -- echo 7
weir 2 job run --id done --grace soon -- true
weir 3 job run --id bad -- sh -c 'echo "why not" >&2; exit 3' 2>/dev/null
start "$T/f" job run --id slow -- sh -c 'echo "progress 0.4 half way" >&2; exec sleep 60'
slow=$started
until_true sh -c '"$WEIR" job ls | grep -q "half way"'

# ls
weir 0 job ls
out_has 'a head' '^JOB +TYPE +STATUS +PROGRESS +AGE +MESSAGE$'
out_has 'one that has completed' '^done +sum +completed +100% '
out_has 'one that has failed' '^bad +sh +failed +- .* exit status 3$'
out_has 'one that is under way' '^slow +sh +progress +40% .* half way$'
check 'the oldest first' [ "$(awk 'NR > 1 { print $1 }' "$T/out" | tr '\n' ' ')" = 'done bad slow ' ]
weir 0 job ls --json
out_has 'as JSON' '^\{"job":"slow","type":"sh","status":"progress","progress":0\.4[0-9]*,"message":"half way","seq":[0-9]+,"time":"20[^"]*Z","life":"alive","pid":[0-9]+\}$'
out_has 'with nulls' '"job":"bad".*"progress":null'

# show
weir 0 job show done
out_has 'all of it, in lines' '^  "result": 7,?$'
weir 1 job show nobody
err_has 'no such job' '^weir job show: nobody: no such job \(ENOENT\)'
weir 2 job show

# wait
weir 0 job wait done
weir 1 job wait bad
err_has 'how it ended is said' '^weir job wait: bad: failed: exit status 3$'
weir 1 job wait done bad
weir 1 job wait nobody
weir 5 job wait slow --timeout 0.2
err_has 'the time is over' '^weir job wait: slow: the time is over$'
weir 5 job wait slow --timeout 0
start "$T/w" job wait done slow
waiter=$started
start "$T/w2" job wait slow
kill -TERM "$started"
ended "$started"
check 'a signal ends the waiting' [ "$rc" = 143 ]

# cancel
weir 0 job cancel slow
ended "$waiter"
check 'who waits is told' [ "$rc" = 1 ]
check 'what became of it' grep -q '^weir job wait: slow: cancelled' "$T/w.err"
ended "$slow"
check 'it was told to end' [ "$rc" = 143 ]
weir 1 job cancel slow
err_has 'what is over cannot be cancelled' '^weir job cancel: slow: it is over: cancelled$'
weir 1 job cancel nobody done
check 'each is named' lines_are "$T/err" 2

# lost
start "$T/f" job run --id lost -- sh -c 'echo "progress 0.9" >&2; exec sleep 60'
until_true sh -c '"$WEIR" job ls | grep -q "lost.*90%"'
start "$T/w" job wait lost
first=$(echo "$pids" | awk '{ print $(NF - 1) }')
kill -9 "$first"
ended "$started"
check 'whose runner is killed is lost' [ "$rc" = 1 ]
check 'and that is said' grep -q '^weir job wait: lost: lost' "$T/w.err"
weir 0 job ls
out_has 'in the list, too' '^lost +sh +lost +90%'
weir 0 job show lost
err_has 'and here' '^weir job show: lost: who ran it is gone: it is lost$'
weir 1 job cancel lost

# a copy
cp --sparse=always "$SHM/weir.$WEIR_STORE" "$T/copy"
weir 0 job ls --store "$T/copy"
out_has 'of a copy: what they said' '^lost +sh +progress +90%'
weir 0 job wait done --store "$T/copy"
weir 1 job cancel lost --store "$T/copy"
err_has 'there nobody can be told to end' 'who runs it cannot be told'

# who runs it is none of this store's
weir 0 pub job-updates --id other -m '{"jobId":"other","status":"running"}'
weir 0 job ls
out_has 'a producer that has closed without an end' '^other +lost'
finish
