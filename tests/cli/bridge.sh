#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir bridge, and where its records came from
. "$(dirname "$0")/lib/cli.sh"

weir 2 bridge --job j
err_has 'both are needed' '\-\-job ID and --to CHANNEL are needed'
weir 2 bridge --to text
weir 3 bridge --job j --to text
err_has 'a store is needed' 'weir create --store'
weir 0 create --max-bytes 16M
weir 3 bridge --job j --to text --from other
err_has 'a channel of updates that is named' 'other.*\(ENOENT\)$'
weir 3 bridge --job j --to text
err_has 'and the target must be there' '^weir bridge: job-updates to text: no channel text.*\(ENOENT\)$'
weir 0 info job-updates
echo '{"required":["title"],"properties":{"title":{"type":"string"}}}' >"$T/s.json"
weir 0 channel create text --schema "$T/s.json"

say() {
	weir 0 pub job-updates --id "${2:-j}" -m "$1"
}
done_='{"jobId":"j","status":"completed","result":'

# a job that has completed
say "$done_{\"title\":\"early\"}}"
weir 0 bridge --job j --to text -n 1 --keep
weir 0 get text
out_is 'is bridged at once' '{"title":"early"}'
weir 5 bridge --job j --to text --timeout 0
err_is_empty 'not twice'
weir 1 get text
weir 0 bridge --job j --to text -n 1 --keep --timeout 20
weir 0 get text
out_is 'after it was withdrawn it is, again' '{"title":"early"}'
weir 0 clear text --orphans

# one that completes
start "$T/b" bridge --job j2 --to text
until_true sh -c '"$WEIR" info text | grep -q job-j2-to-text'
say '{"jobId":"j2","status":"running"}' j2
say "$(echo "$done_" | sed 's/"j"/"j2"/')\"{\\\"title\\\":\\\"as text\\\"}\"}" j2
until_true sh -c '"$WEIR" get text >/dev/null 2>&1'
weir 0 get text --json
out_has 'its result, under the id of the bridge' '"producer":"job-j2-to-text".*"value":\{"title":"as text"\}'
origin=$(json_field origin_channel)
check 'with the id of the channel it came from' [ -n "$origin" ]
weir 0 info job-updates --json
check 'which is in info' [ "$(json_field channel_id)" = "$origin" ]
weir 0 trace --history text
out_has 'trace joins the two' 'published by job-j2-to-text, .* from job-updates #3$'
weir 0 trace --history --json text
out_has 'also as JSON' '"origin_channel":[0-9]+,"origin_seq":3,"origin":"job-updates"\}$'
weir 1 bridge --job j2 --to text
err_has 'one bridge for a job and a channel' 'job-j2-to-text.*\(WEIR_EINUSE\)$'
kill "$started"
ended "$started"
check 'a signal is a good end' [ "$rc" = 0 ]
check 'in silence' [ ! -s "$T/b.err" ]
weir 1 get text
err_has 'what was bridged is withdrawn' 'no value'

# killed: the value stays, as an orphan
start "$T/b" bridge --job j2 --to text
until_true sh -c '"$WEIR" get text >/dev/null 2>&1'
kill -9 "$started"
ended "$started" 2>/dev/null
weir 0 get text
out_is 'its value stays' '{"title":"as text"}'
weir 1 doctor
out_has 'as an orphan' 'value-orphaned.*job-j2-to-text'
start "$T/b" bridge --job j2 --to text
until_true sh -c '"$WEIR" info text | grep -q "job-j2-to-text.*alive"'
kill "$started"
ended "$started"
weir 1 get text
err_has 'the next bridge takes it over, and withdraws it' 'no value'

# fields
weir 0 channel create any
weir 0 bridge --job j --to any -n 1 --keep --set /title='"Summary"' --set /content=@/result --set /meta/by=@/jobId --set /meta/n=7 --set '/a~1b={"x":[1]}'
weir 0 get any
out_is 'a record of fields' '{"title":"Summary","content":{"title":"early"},"meta":{"by":"j","n":7},"a/b":{"x":[1]}}'
weir 0 clear any --orphans
weir 0 bridge --job j --to any -n 1 --keep --set /ab=1 --set /a/b=2 --set /a/c=3
weir 0 get any
out_is 'names that begin alike' '{"ab":1,"a":{"b":2,"c":3}}'
weir 2 bridge --job j --to any --set =1
weir 0 channel create tiny --max-record 64
weir 4 bridge --job j --to tiny --timeout 0 --set /a="\"$(printf '%070d' 1)\""
err_has 'too long' 'longer than the target takes \(EMSGSIZE\)$'
weir 2 bridge --job j --to any --set title=1
err_has 'no pointer' '^weir bridge: --set title=1: a field is a JSON Pointer'
weir 2 bridge --job j --to any --set /title
weir 2 bridge --job j --to any --set /title=Summary
err_has 'no JSON' 'text in "quotes", as in /title='
weir 2 bridge --job j --to any --set /title=@result
weir 2 bridge --job j --to any --set /a=1 --set /a/b=2
err_has 'one in the other' '^weir bridge: --set /a/b=2: /a is set already$'
weir 2 bridge --job j --to any --set /a=1 --set /a=2
slashes() { head -c "$1" /dev/zero | tr '\0' /; }
weir 2 bridge --job j --to any --set "$(slashes 100000)=1"
err_has 'too deep' '^weir bridge: --set: a field with more than 128 steps'
weir 2 bridge --job j --to any --set "$(slashes 129)=1"
weir 5 bridge --job j --to any --timeout 0 --keep --set "$(slashes 128)=1"
weir 5 bridge --job j --to any --timeout 0 --set /a=1 --set /ab=2

# other updates
say '{"jobId":"k","status":"progress","progress":0.5}' k
weir 5 bridge --job k --to any --timeout 0
weir 0 bridge --job k --to any -n 1 --keep --status progress --set /value=@/progress
weir 0 get any --producer job-k-to-any
out_is 'those with another status' '{"value":0.5}'
weir 0 channel create far
weir 0 pub far --id k -m '{"jobId":"k","status":"odd","result":1}'
weir 0 bridge --job k --to any --from far --status any -n 1 --keep
weir 0 get any --producer job-k-to-any
out_is 'from another channel' 1
weir 0 trace --history any
out_has 'which trace names' 'published by job-k-to-any, .* from far #1$'

# what cannot be bridged
say '{"jobId":"bad","status":"completed","result":{"title":1}}' bad
weir 4 bridge --job bad --to text --timeout 0
err_has 'what breaks the schema' '^weir bridge: bad: update [0-9]+ cannot be bridged: .*/title.*\(WEIR_ESCHEMA\)$'
say '{"jobId":"bad","status":"completed","result":"no JSON"}' bad
weir 4 bridge --job bad --to text --timeout 0
err_has 'what is no JSON' '\(WEIR_EJSON\)$'
weir 4 bridge --job bad --to text --timeout 0 --set /title=@/nothing
err_has 'what is not there' 'the update has no /nothing \(ENOENT\)$'
weir 2 bridge --job bad --to text --count 0
weir 2 bridge --job "$(printf '%0125d' 1)" --to text
err_has 'an id that is too long' 'up to 128 bytes'

# what could not be bridged is in the exit code, however it ends
for how in count signal; do
	start "$T/b" bridge --job "bad-$how" --to text $([ "$how" = signal ] || echo --count=1)
	until_true sh -c '"$WEIR" info text | grep -q "job-bad-$1-to-text.*alive"' - "$how"
	say "{\"jobId\":\"bad-$how\",\"status\":\"completed\",\"result\":{\"title\":1}}" "bad-$how"
	until_true grep -q WEIR_ESCHEMA "$T/b.err"
	if [ "$how" = signal ]; then
		kill "$started"
	else
		say "{\"jobId\":\"bad-$how\",\"status\":\"completed\",\"result\":{\"title\":\"\"}}" "bad-$how"
	fi
	ended "$started"
	check "ended by a $how" [ "$rc" = 4 ]
done
start "$T/b" bridge --job none --to text -n 1
until_true sh -c '"$WEIR" info text | grep -q "job-none-to-text.*alive"'
kill "$started"
ended "$started"
check 'with a number a signal is no good end' [ "$rc" = 143 ]

# the end of a channel, of either side
weir 0 channel create near
weir 0 channel create passing
for gone in near passing; do
	start "$T/b" bridge --job j2 --from near --to passing
	until_true sh -c '"$WEIR" info passing | grep -q "job-j2-to-passing.*alive"'
	weir 0 channel rm "$gone"
	# nobody is woken by that for a target: an update is
	[ "$gone" = near ] || weir 0 pub near --id j2 -m '{"jobId":"j2","status":"completed","result":1}'
	ended "$started"
	check "$gone removed ends it" [ "$rc" = 3 ]
	check 'which is said' grep -q '^weir bridge: near to passing: .*(WEIR_EREMOVED)$' "$T/b.err"
	[ "$gone" = passing ] || weir 0 channel create near
done

# the end of the store
start "$T/b" bridge --job j2 --to any
until_true sh -c '"$WEIR" info any | grep -q job-j2-to-any'
weir 0 destroy
ended "$started"
check 'a destroyed store ends it' [ "$rc" = 3 ]
check 'and that is said' grep -q 'WEIR_ERETIRED' "$T/b.err"
finish
