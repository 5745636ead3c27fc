#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir pub
. "$(dirname "$0")/lib/cli.sh"

weir 3 pub c --id me -m 1
err_has 'without a store the next step is said' 'weir create --store'
weir 0 create --max-bytes 16M
weir 3 pub c --id me -m 1
err_has 'without the channel' '^weir pub: c: .*\(ENOENT\)$'
err_has 'the next step is said' "make the channel with: weir channel create --store $WEIR_STORE c\$"
weir 2 pub c -m 1
err_has 'an id is needed' '\-\-id ID is needed'

echo '{"type":"object","properties":{"v":{"maximum":10}}}' >"$T/s.json"
weir 0 channel create c --schema "$T/s.json" --max-record 4k
weir 0 pub c --id me -m '{"v":1}'
out_is 'it prints nothing' ''
err_is_empty 'and says nothing'
weir 0 get c
out_is '-m is published' '{"v":1}'
weir 4 pub c --id me -m '{"v":11}'
err_has 'a record that breaks the schema' '^weir pub: c: /v: maximum: .*10.*\(WEIR_ESCHEMA\)$'
weir 4 pub c --id me -m '{"v":'
err_has '-m that is no JSON' '^weir pub: c: line 1, column [0-9]+: .*\(WEIR_EJSON\)$'
weir 4 pub c --id me -m ''
weir 0 get c
out_is 'nothing of that was published' '{"v":1}'

# lines; what is refused does not end it
awk 'BEGIN { printf "{\"s\":\""; for (i = 0; i < 5000; i++) printf "x"; print "\"}" }' >"$T/over"
{
	printf '{"v":2}\n\n  \n{"v":12}\r\n{"v":3}\r\nnonsense\n'
	cat "$T/over"
	printf '{"v":4} {"v":5}\n{"v":6,"v":7}\n{"v":"\377"}\n{"v":5}'
} >"$T/in"
weir 4 pub c --id me <"$T/in"
err_has 'which line, where, why' '^weir pub: c: line 4: /v: maximum: '
err_has 'no JSON' '^weir pub: c: line 6, column 2: .*\(WEIR_EJSON\)$'
err_has 'too large' '^weir pub: c: line 7: .*4096.*\(EMSGSIZE\)$'
err_has 'two values' '^weir pub: c: line 8, column 9: '
err_has 'a duplicate key' '^weir pub: c: line 9, column 8: .*two members named "v"'
err_has 'broken UTF-8' '^weir pub: c: line 10, column [0-9]+: '
err_has 'the sum' '^weir pub: c: 6 of 9 records refused$'
weir 0 sub c --from oldest --timeout 0
out_is 'the others are there, in order' '{"v":1}
{"v":2}
{"v":3}
{"v":5}'

# a line far longer than any record is passed over, not kept
weir 0 channel create small --max-record 64
{
	echo 1
	awk 'BEGIN { for (i = 0; i < 300000; i++) printf "          "; print "2" }'
	echo 3
} >"$T/in"
weir 4 pub small --id me <"$T/in"
err_has 'an endless line' '^weir pub: small: line 2: .*\(EMSGSIZE\)$'
weir 0 sub small --from oldest --timeout 0
out_is 'and the next is published' '1
3'

case ${FLAVOUR:-release} in
release | debug)
	LAST='pub <endless line'
	(
		ulimit -v 100000
		head -c 200000000 /dev/zero | tr '\0' ' ' |
			"$WEIR" pub small --id me >"$T/out" 2>"$T/err"
	)
	check 'also one that does not fit into memory' [ $? = 4 ]
	err_has 'and it is named' '^weir pub: small: line 1: .*\(EMSGSIZE\)$'
	;;
esac

# long records
weir 0 channel create large --max-record 1M --lane 4M --max-producers 2
awk 'BEGIN { printf "\""; for (i = 0; i < 100000; i++) printf "0123456789"; print "\"" }' >"$T/long"
weir 0 pub large --id me <"$T/long"
weir 0 get large
check 'a long record goes through' cmp -s "$T/long" "$T/out"

# msgpack: {"v":1}, 0xc1, {"v":99}, {"v":2}, cut
weir_in '\201\241v\001\301\201\241v\143\201\241v\002\201\241' 4 \
	pub c --id me --format msgpack
err_has 'a reserved byte' '^weir pub: c: value 2, byte 0: .*\(WEIR_EMSGPACK\)$'
err_has 'the schema holds' '^weir pub: c: value 3: /v: maximum: '
err_has 'a value that is cut' '^weir pub: c: value 5: .*\(WEIR_EMSGPACK\)$'
err_has 'the sum' '3 of 5 records refused'
weir 0 get c
out_is 'the good ones are there' '{"v":2}'
weir_in '\304\003abc' 4 pub c --id me --format msgpack
weir_in '\304\003abc' 0 pub small --id me --format msgpack
weir 0 get small
out_is 'bytes' '{"$bin":"YWJj"}'
weir 2 pub c --id me --format msgpack -m 1
weir 0 pub c --id me </dev/null

# an id is one producer's
mkfifo "$T/feed"
"$WEIR" pub c --id held <"$T/feed" 2>"$T/held" &
first=$!
pids="$pids $first"
exec 9>"$T/feed"
echo '{"v":7}' >&9
until_true sh -c '"$WEIR" get c --producer held >/dev/null 2>&1'
weir 1 pub c --id held -m '{}'
err_has 'a second is refused, the holder named' 'held.*\(WEIR_EINUSE\)$'
exec 9>&-
ended "$first"
check 'the first ends with its input' [ "$rc" = 0 ]
weir 0 pub c --id held -m '{}'
weir 2 pub c --id '' -m 1
weir 2 pub c --id "$(printf 'a\033b')" -m 1
check 'its control character is not repeated' sh -c "! LC_ALL=C grep -q '[^ -~]' '$T/err'"

# a block channel
weir 0 channel create b --overflow block --capacity 4
start "$T/gate" sub b --gate --id slow
until_true sh -c '"$WEIR" ls | grep -q slow'
kill -STOP "$started"
printf '1\n2\n3\n4\n5\n6\n7\n8\n9\n' >"$T/in"
weir 5 pub b --id me --timeout 0.2 <"$T/in"
err_has 'a time-out says so' '^weir pub: b: line [0-9]+: .*\(EAGAIN\)$'
err_has 'and where to look' '`weir info` shows which, `weir doctor` whether it is stopped'
kill -CONT "$started"
weir 0 pub b --id me <"$T/in"
until_true sh -c "tail -n 9 '$T/gate' | tr -d '\n' | grep -q '^123456789\$'"
ok 'a gating consumer loses nothing'
kill "$started"
ended "$started"
check 'and ends well when told to' [ "$rc" = 0 ]

# a signal, or nobody who reads: the place is given back
"$WEIR" channel create s
nothing_left() {
	weir 0 doctor
	out_has_not "$1: nobody is said to be killed" '^problem'
}
for sig in INT TERM HUP; do
	mkfifo "$T/fifo"
	# a background process of a shell ignores SIGINT
	env --default-signal=INT "$WEIR" pub s --id "on $sig" <"$T/fifo" &
	p=$!
	pids="$pids $p"
	exec 9>"$T/fifo"
	rm "$T/fifo"
	echo 1 >&9
	until_true sh -c "\"$WEIR\" get s --producer 'on $sig' >/dev/null 2>&1"
	kill -$sig "$p"
	ended "$p"
	exec 9>&-
	check "SIG$sig ends it as it ends others" [ "$(kill -l "$rc")" = $sig ]
	nothing_left "SIG$sig"
done
weir 0 clear s --orphans
start "$T/gate" sub b --gate --id slow
gate=$started
until_true sh -c '"$WEIR" ls | grep -q slow'
kill -STOP "$gate"
seq 1 100 >"$T/in"
env --default-signal=INT "$WEIR" pub b --id waits <"$T/in" 2>"$T/err" &
p=$!
pids="$pids $p"
until_true sh -c '"$WEIR" info b --json | grep -q "\"lag\":[4-9]"'
sleep 0.2
kill -TERM "$p"
ended "$p"
check 'SIGTERM while it waits for space' [ "$rc" = 143 ]
err_is_empty 'it says nothing'
kill -CONT "$gate"
kill "$gate"
ended "$gate"
nothing_left 'waiting'
weir 0 clear b --orphans

# a copy or a path is for looking
weir 2 pub c --id me -m 1 --store "$SHM/weir.$WEIR_STORE"
err_has 'a path is no name' 'a path can only be looked at'
finish
